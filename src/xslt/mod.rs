//! The stylesheet engines behind `compile` and `apply`: libxslt for XSLT 1.0, Saxon for 2.0 and 3.0.
//!
//! A stylesheet comes from an administrator, a record from anybody's server, so neither is trusted: a transform reads its
//! record and its own stylesheet, writes nothing but its result, and ends within its [`Limits`], or those of [`SaxonTerms`].
//! One [`Stylesheet`] is shared by all threads; each thread has its own [`Worker`] of it, because libxslt's compiled form
//! cannot be shared. Saxon is a process beside the program, which all workers of a stylesheet ask.
//!
//! Quirks are noted where they are met; they were seen with libxslt 1.1.35 and libxml2 2.9.14 (Debian 12).

mod budget;
mod error;
mod ffi;
mod loader;
mod report;
mod saxon;
#[cfg(test)]
mod tests;
mod worker;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use error::{Error, TransformError, TransformErrorKind};
pub use worker::{Output, Worker, with_worker};

use loader::{Part, Shelf};
use saxon::Saxon;

/// A stylesheet parameter: its name, and its value as a string.
type Parameter<'a> = (&'a str, &'a str);

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
    /// A text that stands in for another stylesheet, and may include what that one may: nothing for the first time from
    /// elsewhere. Nothing of it is written anywhere.
    Tried {
        /// The stylesheet.
        text: String,
        /// What it would replace.
        instead_of: Box<Source>,
    },
}

/// Which engine runs a stylesheet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Engine {
    /// libxslt for version 1.0 and 1.1, Saxon when the stylesheet or a part of it says 2.0 or 3.0.
    #[default]
    Auto,
    /// libxslt or nothing.
    Libxslt,
    /// Saxon, also for version 1.0: it then runs as XSLT 2.0 in its backwards compatible mode.
    Saxon,
}

/// How stylesheets are run.
#[derive(Clone, Debug, Default)]
pub struct Terms {
    /// Which engine.
    pub engine: Engine,
    /// What bounds libxslt.
    pub limits: Limits,
    /// What bounds Saxon.
    pub saxon: SaxonTerms,
}

/// Where Saxon is, and what bounds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaxonTerms {
    /// Saxon's jar, or a Python that has saxonche; otherwise Debian's libsaxonhe-java, or else `python3` with saxonche.
    pub at: Option<PathBuf>,
    /// How long a record may take, by the clock. It has a second try, alone.
    pub time: Duration,
    /// Bytes for all records that Saxon works on at once: Java's heap, or what Python's process takes more than at its start.
    pub memory: usize,
}

impl Default for SaxonTerms {
    fn default() -> SaxonTerms {
        SaxonTerms { at: None, time: Duration::from_secs(60), memory: 1024 * 1024 * 1024 }
    }
}

/// How much one transform by libxslt may use; independent of the clock, so that a record fails always or never.
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

/// A checked stylesheet: its text and limits, from which each thread makes a [`Worker`]. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Stylesheet(Arc<Checked>);

#[derive(Debug)]
struct Checked {
    id: u64,
    name: String,
    parts: Arc<Vec<Part>>,
    limits: Limits,
    warnings: Vec<String>,
    saxon: Option<Saxon>,
}

/// Reads a stylesheet with all that it includes, and compiles it once, so that its errors show before the first record.
pub fn compile(source: &Source, limits: Limits) -> Result<Stylesheet, Error> {
    compile_by(source, &Terms { limits, ..Terms::default() })
}

/// The same by the engine that the terms ask for.
pub fn compile_by(source: &Source, terms: &Terms) -> Result<Stylesheet, Error> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let (name, parts, folder) = open(source)?;
    let parts = Arc::new(parts);
    let shelf = || Shelf::new(parts.clone(), folder.clone());
    let by_libxslt = || worker::compile(shelf(), terms.limits).map(|it| (it.parts, it.warnings, None));
    let by_saxon =
        |version| saxon::compile(shelf(), &terms.saxon, version).map(|it| (it.parts, it.warnings, Some(it.saxon)));
    let (parts, warnings, saxon) = match terms.engine {
        Engine::Saxon => by_saxon(None)?,
        Engine::Libxslt => by_libxslt()?,
        Engine::Auto => match by_libxslt() {
            Err(Error::Version { version, .. }) if is_saxons(&version) => by_saxon(Some(version))?,
            other => other?,
        },
    };
    let id = NEXT.fetch_add(1, Ordering::Relaxed);
    Ok(Stylesheet(Arc::new(Checked { id, name, parts, limits: terms.limits, warnings, saxon })))
}

/// Whether Saxon knows the version; a later one it would take for 3.0, and leave out what is new.
fn is_saxons(version: &str) -> bool {
    version.parse::<f64>().is_ok_and(|version| (2.0..=3.0).contains(&version))
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
        Source::Tried { text, instead_of } => {
            let (name, mut parts, folder) = open(instead_of)?;
            parts[0].bytes = text.as_bytes().to_vec();
            Ok((name, parts, folder))
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

    /// What runs the stylesheet, with its version: what a digest is made of, too.
    pub fn engine(&self) -> String {
        self.saxon().map_or_else(|| format!("libxslt {}", ffi::version()), |saxon| saxon.product().to_owned())
    }

    /// Where the engine is, when it is not a part of the program.
    pub fn engine_place(&self) -> Option<String> {
        self.saxon().map(Saxon::place)
    }

    /// What the engine remarked while compiling, without refusing the stylesheet.
    pub fn warnings(&self) -> &[String] {
        &self.0.warnings
    }

    /// Makes the stylesheet ready for the calling thread.
    pub fn worker(&self) -> Result<Worker, Error> {
        Worker::new(self)
    }

    fn id(&self) -> u64 {
        self.0.id
    }

    fn saxon(&self) -> Option<&Saxon> {
        self.0.saxon.as_ref()
    }

    fn limits(&self) -> Limits {
        self.0.limits
    }

    fn parts(&self) -> &Arc<Vec<Part>> {
        &self.0.parts
    }
}
