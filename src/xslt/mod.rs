//! The stylesheet engine: XSLT 1.0 by libxslt, behind `compile` and `apply`.
//!
//! A stylesheet comes from an administrator, a record from anybody's server, so neither is trusted: a transform reads its
//! record and its own stylesheet, writes nothing but its result, and ends within its [`Limits`]. One [`Stylesheet`] is
//! shared by all threads; each thread compiles its own [`Worker`] from it, because libxslt's compiled form cannot be shared.
//!
//! Quirks are noted where they are met; they were seen with libxslt 1.1.35 and libxml2 2.9.14 (Debian 12).

mod budget;
mod error;
mod ffi;
mod loader;
mod report;
#[cfg(test)]
mod tests;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use error::{Error, TransformError, TransformErrorKind};
pub use worker::{Output, Worker, with_worker};

use loader::{Part, Shelf};
use worker::Fresh;

/// Where a stylesheet's text comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// A file; it may include other files below its own folder.
    File(PathBuf),
    /// A stylesheet that is part of the program; it may include nothing.
    Embedded {
        /// What errors call it.
        name: &'static str,
        /// The stylesheet.
        text: &'static str,
        /// What it includes, by the path that its `href` gives.
        parts: &'static [(&'static str, &'static str)],
    },
}

/// How much one transform may use; independent of the clock, so that a record fails always or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// How deeply templates may call each other. A thread with a small stack may stop earlier.
    pub template_depth: u32,
    /// Instructions of XSLT, and steps of XPath. A step may allocate 64 bytes on average, kept or not.
    pub operations: u64,
    /// Bytes that libxml2 and libxslt may hold for one record, over what the compiled stylesheet holds. The same limit
    /// is in force while the stylesheet is compiled.
    pub memory: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { template_depth: 1000, operations: 10_000_000, memory: 64 * 1024 * 1024 }
    }
}

/// A checked stylesheet: its text and limits, from which each thread compiles a [`Worker`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stylesheet(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    id: u64,
    name: String,
    parts: Arc<Vec<Part>>,
    limits: Limits,
    warnings: Vec<String>,
}

/// Reads a stylesheet with all that it includes, and compiles it once, so that its errors show before the first record.
pub fn compile(source: &Source, limits: Limits) -> Result<Stylesheet, Error> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (name, parts, folder) = open(source)?;
    let Fresh { parts, warnings, .. } = worker::compile(Shelf::new(Arc::new(parts), folder), limits)?;
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(Stylesheet(Arc::new(Checked { id, name, parts, limits, warnings })))
}

fn open(source: &Source) -> Result<(String, Vec<Part>, Option<PathBuf>), Error> {
    match source {
        Source::Embedded { name, text, parts } => {
            let whole = std::iter::once((*name, *text)).chain(parts.iter().copied());
            let part = |(name, text): (&str, &str)| Part {
                uri: loader::uri_of_embedded(name),
                bytes: text.as_bytes().to_vec(),
            };
            Ok(((*name).to_owned(), whole.map(part).collect(), None))
        }
        Source::File(path) => {
            let real = path.canonicalize().map_err(|source| Error::Read { path: path.clone(), source })?;
            let main = Part { uri: loader::uri_of(&real), bytes: loader::read_regular(&real)? };
            let folder = real.parent().map(ToOwned::to_owned);
            Ok((path.display().to_string(), vec![main], folder))
        }
    }
}

impl Stylesheet {
    /// The path as it was given, or the embedded stylesheet's name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The bytes of the stylesheet and of each file that it includes, in the order of loading: what a digest is made of.
    pub fn sources(&self) -> impl Iterator<Item = &[u8]> {
        self.0.parts.iter().map(|part| part.bytes.as_slice())
    }

    /// What libxslt remarked while compiling, without refusing the stylesheet.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// Compiles the stylesheet for the calling thread.
    pub fn worker(&self) -> Result<Worker, Error> {
        Worker::new(self)
    }

    fn id(&self) -> u64 {
        self.0.id
    }

    fn limits(&self) -> Limits {
        self.0.limits
    }

    fn parts(&self) -> &Arc<Vec<Part>> {
        &self.0.parts
    }
}
