//! The shim as Rust sees it: `shim.h`, line by line, and the one call that starts the libraries.

use std::ffi::{c_char, c_int, c_ulong, c_void};
use std::ptr;
use std::sync::LazyLock;

use super::{budget, loader, report};

pub(super) const MESSAGE: c_int = 0;
pub(super) const XSLT: c_int = 1;
pub(super) const PARSER: c_int = 2;
pub(super) const XPATH: c_int = 3;

pub(super) const DONE: c_int = 0;
pub(super) const NOT_WELL_FORMED: c_int = 1;
pub(super) const DOCTYPE: c_int = 2;
pub(super) const FAILED: c_int = 3;
pub(super) const STOPPED: c_int = 4;
pub(super) const OPERATIONS: c_int = 5;
pub(super) const PARAMETERS: c_int = 6;
pub(super) const ENCODING: c_int = 7;

#[repr(C)]
#[derive(Clone, Copy)]
pub(super) struct Text {
    pub bytes: *const c_char,
    pub length: usize,
}

impl Text {
    pub(super) fn of(bytes: &[u8]) -> Text {
        Text { bytes: bytes.as_ptr().cast(), length: bytes.len() }
    }

    /// # Safety
    /// The pointer must be null, or good for `length` bytes while the result is used.
    pub(super) unsafe fn bytes<'a>(self) -> &'a [u8] {
        if self.bytes.is_null() {
            return &[];
        }
        // SAFETY: the caller's promise.
        unsafe { std::slice::from_raw_parts(self.bytes.cast(), self.length) }
    }
}

#[repr(C)]
pub(super) struct Report {
    pub origin: c_int,
    pub level: c_int,
    pub code: c_int,
    pub line: c_int,
    pub file: *const c_char,
    pub text: Text,
}

#[repr(C)]
struct Host {
    allocate: unsafe extern "C" fn(usize) -> *mut c_void,
    reallocate: unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void,
    release: unsafe extern "C" fn(*mut c_void),
    report: unsafe extern "C" fn(*const Report),
    load: unsafe extern "C" fn(*const c_char, *const c_char, c_int, *mut Text) -> c_int,
    accept: unsafe extern "C" fn(*const c_char, *const c_char, *const c_char, *const c_char) -> c_int,
    may_read: unsafe extern "C" fn(*const c_char) -> c_int,
    external: unsafe extern "C" fn(*const c_char),
}

/// A compiled stylesheet and its parser; only the shim looks inside.
#[repr(C)]
pub(super) struct Sheet {
    _private: [u8; 0],
}

#[repr(C)]
pub(super) struct Task {
    pub record: Text,
    pub parameters: *const *const c_char,
    pub depth: c_int,
    pub operations: c_ulong,
}

#[repr(C)]
pub(super) struct Output {
    pub bytes: *mut u8,
    pub length: c_int,
}

impl Output {
    pub(super) fn empty() -> Output {
        Output { bytes: ptr::null_mut(), length: 0 }
    }
}

unsafe extern "C" {
    fn cx_initialize(host: *const Host) -> c_int;
    pub(super) fn cx_compile(text: *const Text, uri: *const c_char, sheet: *mut *mut Sheet) -> c_int;
    pub(super) fn cx_free_sheet(sheet: *mut Sheet);
    pub(super) fn cx_apply(sheet: *mut Sheet, task: *const Task, output: *mut Output) -> c_int;
    pub(super) fn cx_free_output(output: *mut Output);
    pub(super) fn cx_stop();
    pub(super) fn cx_stack_floor() -> usize;
    /// libxslt's own variable: 10135 for 1.1.35, of the library that is linked when the program runs.
    static xsltLibxsltVersion: c_int;
}

/// libxslt's version, as 1.1.35.
pub(super) fn version() -> String {
    // SAFETY: a constant of the library.
    let number = unsafe { xsltLibxsltVersion };
    format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100)
}

static STARTED: LazyLock<()> = LazyLock::new(|| {
    let host = Host {
        allocate: budget::allocate,
        reallocate: budget::reallocate,
        release: budget::release,
        report: report::receive,
        load: loader::load,
        accept: loader::accept,
        may_read: loader::may_read,
        external: loader::external,
    };
    // SAFETY: called once, before any other call to libxml2; the functions live as long as the program.
    let ready = unsafe { cx_initialize(&host) };
    assert!(ready != 0, "libxslt cannot start: there is no memory for its tables");
});

/// Starts libxml2, libxslt and libexslt, once in the life of the program.
pub(super) fn start() {
    LazyLock::force(&STARTED);
}
