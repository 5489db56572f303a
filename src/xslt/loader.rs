//! Which texts a stylesheet may consist of: itself, and regular files below the real folder that it lies in.
//!
//! libxslt has no other way to a file or a server than `load`. While a stylesheet is compiled for the first time, the parts
//! that it includes are read and kept; later compiles (one a thread) and `document('')` get the kept text.

use std::cell::RefCell;
use std::ffi::{CStr, OsStr, OsString, c_char, c_int};
use std::fs;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::Error;
use super::ffi;

/// One file of a stylesheet.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub uri: String,
    pub bytes: Vec<u8>,
}

/// What one compile or apply may read.
pub(super) struct Shelf {
    pub parts: Arc<Vec<Part>>,
    /// The folder that new parts may come from; none when all are known.
    pub folder: Option<PathBuf>,
    /// Why something was refused: libxslt only learns that it was.
    pub refused: Option<Error>,
    loads: usize,
}

/// A stylesheet that includes a part twice, which includes the next one twice, grows like a billion laughs.
const MOST_LOADS: usize = 1000;
const LARGEST_PART: u64 = 32 * 1024 * 1024;
/// The scheme of stylesheets that are part of the program; nothing can be relative to it.
const EMBEDDED: &str = "embedded:/";

thread_local! {
    static SHELF: RefCell<Option<Shelf>> = const { RefCell::new(None) };
}

impl Shelf {
    pub(super) fn new(parts: Arc<Vec<Part>>, folder: Option<PathBuf>) -> Shelf {
        Shelf { parts, folder, refused: None, loads: 0 }
    }

    fn find(&self, uri: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.uri == uri)
    }

    fn include(&mut self, uri: &str, from: &str) -> Option<ffi::Text> {
        self.part(uri, from).map(ffi::Text::of)
    }

    /// A part that is included from another; what refused it stays on the shelf.
    pub(super) fn part(&mut self, uri: &str, from: &str) -> Option<&[u8]> {
        self.loads += 1;
        if self.loads > MOST_LOADS {
            let message = format!("more than {MOST_LOADS} included files");
            return self.refuse(Error::Compile { file: shown(from), line: None, message });
        }
        if self.find(uri).is_none() {
            match self.read(uri, from) {
                Ok(bytes) => Arc::make_mut(&mut self.parts).push(Part { uri: uri.to_owned(), bytes }),
                Err(cause) => return self.refuse(cause),
            }
        }
        self.find(uri).map(|part| part.bytes.as_slice())
    }

    fn read(&self, uri: &str, from: &str) -> Result<Vec<u8>, Error> {
        let outside = || Error::Include { file: shown(from), included: shown(uri) };
        let folder = self.folder.as_deref().ok_or_else(outside)?;
        let path = path_of(uri).ok_or_else(outside)?;
        let real = path.canonicalize().map_err(|source| Error::Read { path: path.clone(), source })?;
        if !real.starts_with(folder) {
            return Err(outside());
        }
        read_regular(&real)
    }

    fn refuse<T>(&mut self, cause: Error) -> Option<T> {
        self.refused.get_or_insert(cause);
        None
    }
}

/// Reads a stylesheet's file; a pipe or a device is refused, since it may never end.
pub(super) fn read_regular(path: &Path) -> Result<Vec<u8>, Error> {
    let refuse = |why: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, why));
    let read = || match fs::metadata(path)? {
        it if !it.is_file() => refuse("this is not a regular file"),
        it if it.len() > LARGEST_PART => refuse("this is too large for a stylesheet"),
        _ => fs::read(path),
    };
    read().map_err(|source| Error::Read { path: path.to_owned(), source })
}

/// Runs `work` with the shelf in reach of libxslt, and gives it back.
pub(super) fn with_shelf<R>(shelf: Shelf, work: impl FnOnce() -> R) -> (R, Shelf) {
    SHELF.set(Some(shelf));
    let result = work();
    let shelf = SHELF.take().expect("only this function takes the shelf away");
    (result, shelf)
}

/// The URI by which libxslt knows a file; percent-encoded, or its own URI functions would give up at a space.
pub(super) fn uri_of(path: &Path) -> String {
    let mut uri = String::from("file://");
    for byte in path.as_os_str().as_bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => uri.push(char::from(*byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The URI of a stylesheet that is part of the program.
pub(super) fn uri_of_embedded(name: &str) -> String {
    uri_of(Path::new(name)).replacen("file://", EMBEDDED, 1)
}

fn path_of(uri: &str) -> Option<PathBuf> {
    let encoded = uri.strip_prefix("file://").filter(|it| it.starts_with('/'))?;
    Some(PathBuf::from(decode(encoded)))
}

/// A part's URI as people write it: a path, or the name of an embedded stylesheet.
pub(super) fn shown(uri: &str) -> String {
    let encoded = uri.strip_prefix("file://").or_else(|| uri.strip_prefix(EMBEDDED));
    encoded.map_or_else(|| uri.to_owned(), |it| decode(it).to_string_lossy().into_owned())
}

fn decode(encoded: &str) -> OsString {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|it| std::str::from_utf8(it).ok());
        match hex.and_then(|it| u8::from_str_radix(it, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => (bytes.push(byte), rest = &tail[2..]).1,
            None => (bytes.push(*first), rest = tail).1,
        }
    }
    OsString::from_vec(bytes)
}

/// # Safety
/// The pointer must be null or a C string that lives while the result is used.
unsafe fn text_at<'a>(pointer: *const c_char) -> &'a str {
    if pointer.is_null() {
        return "";
    }
    // SAFETY: the caller's promise. libxml2's strings are UTF-8; one that is not names nothing that we know.
    unsafe { CStr::from_ptr(pointer) }.to_str().unwrap_or("")
}

fn on_shelf<R>(refused: R, decide: impl FnOnce(&mut Shelf) -> R) -> R {
    SHELF.with_borrow_mut(|shelf| shelf.as_mut().map_or(refused, decide))
}

pub(super) unsafe extern "C" fn load(
    uri: *const c_char,
    from: *const c_char,
    as_document: c_int,
    text: *mut ffi::Text,
) -> c_int {
    // SAFETY: libxslt's strings live for the length of this call.
    let (uri, from) = unsafe { (text_at(uri), text_at(from)) };
    let found = on_shelf(None, |shelf| match as_document {
        0 => shelf.include(uri, from),
        _ => shelf.find(uri).map(|part| ffi::Text::of(&part.bytes)),
    });
    let Some(found) = found else { return 0 };
    // SAFETY: the shim passes a place for it. The bytes stay where they are until the shelf is taken down.
    unsafe { *text = found };
    1
}

/// `document()` may read the stylesheet's own parts, so that `document('')` works: libxslt asks by path for a file and by
/// URI for everything else.
pub(super) unsafe extern "C" fn may_read(value: *const c_char) -> c_int {
    // SAFETY: as in `load`.
    let value = unsafe { text_at(value) };
    let own = |part: &Part| match path_of(&part.uri) {
        Some(path) => path.as_os_str() == OsStr::new(value),
        None => part.uri == value,
    };
    on_shelf(0, |shelf| c_int::from(shelf.parts.iter().any(own)))
}

/// libxslt runs XSLT 1.x only: it warns at 2.0 and then leaves out instructions that it does not know.
pub(super) unsafe extern "C" fn accept(
    uri: *const c_char,
    namespace: *const c_char,
    name: *const c_char,
    version: *const c_char,
) -> c_int {
    // SAFETY: as in `load`.
    let (uri, namespace, name) = unsafe { (text_at(uri), text_at(namespace), text_at(name)) };
    // SAFETY: as in `load`.
    let version = (!version.is_null()).then(|| unsafe { text_at(version) }.trim());
    let is_sheet = namespace == XSLT_NAMESPACE && matches!(name, "stylesheet" | "transform");
    let number = version.map(|it| it.parse::<f64>().unwrap_or(f64::NAN));
    let cause = match number {
        Some(number) if (1.0..2.0).contains(&number) => return 1,
        Some(_) => Error::Version { file: shown(uri), version: version.unwrap_or_default().to_owned() },
        None if is_sheet => return 1, // libxslt takes it for 1.0, with a warning
        None => Error::NotAStylesheet { file: shown(uri), root: name.to_owned() },
    };
    on_shelf(0, |shelf| {
        shelf.refused.get_or_insert(cause);
        0
    })
}

const XSLT_NAMESPACE: &str = "http://www.w3.org/1999/XSL/Transform";

/// Called instead of opening an external entity or DTD; libxml2 then goes on without it, so the refusal must be kept.
pub(super) unsafe extern "C" fn external(uri: *const c_char) {
    // SAFETY: as in `load`.
    let entity = unsafe { text_at(uri) }.to_owned();
    on_shelf((), |shelf| {
        let file = shelf.parts.last().map(|part| shown(&part.uri)).unwrap_or_default();
        shelf.refused.get_or_insert(Error::ExternalEntity { file, entity });
    });
}
