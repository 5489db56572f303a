//! One thread's compiled copy of a stylesheet, and how it is applied.

use std::cell::RefCell;
use std::ffi::{CString, c_char, c_int, c_ulong};
use std::ptr::{self, NonNull};
use std::sync::Arc;

use super::budget::{self, Trip};
use super::error::{Error, TransformError, TransformErrorKind};
use super::loader::{self, Part, Shelf};
use super::report::{self, Said};
use super::{Limits, Parameter, Stylesheet, ffi};

/// A stylesheet made ready for one thread; it cannot leave it. What Saxon runs is compiled in Saxon's worker process.
///
/// libxslt 1.1.35 writes into a compiled stylesheet while it runs (cached XPath functions and templates), so two threads
/// must never share one.
pub struct Worker {
    sheet: Stylesheet,
    compiled: Option<Compiled>,
}

/// The result of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// The result as `xsl:output` wants it, in the encoding that it names (in UTF-8, if Saxon made it). A stylesheet that
    /// made nothing leaves nothing, or an XML declaration.
    pub bytes: Vec<u8>,
    /// What the stylesheet said by `xsl:message`, in order.
    pub messages: Vec<String>,
}

impl Worker {
    pub(super) fn new(sheet: &Stylesheet) -> Result<Worker, Error> {
        let compiled = if sheet.saxon().is_some() { None } else { Some(recompile(sheet)?) };
        Ok(Worker { sheet: sheet.clone(), compiled })
    }

    /// Transforms one record: a complete XML document without a DOCTYPE.
    ///
    /// Parameters are strings, never XPath; those that the stylesheet does not declare are ignored.
    pub fn apply(&mut self, record: &[u8], parameters: &[(&str, &str)]) -> Result<Output, TransformError> {
        if let Some(saxon) = self.sheet.saxon() {
            return saxon.apply(record, checked(parameters)?);
        }
        let limits = self.sheet.limits();
        if record.len() > limits.memory.min(c_int::MAX as usize) {
            return Err(TransformError::read(ffi::FAILED, Some(Trip::Memory), Said::default()));
        }
        let parameters = Parameters::new(parameters)?;
        let compiled = self.compiled()?.sheet;
        let task = ffi::Task {
            record: ffi::Text::of(record),
            parameters: parameters.pointers.as_ptr(),
            depth: c_int::try_from(limits.template_depth).unwrap_or(c_int::MAX),
            operations: c_ulong::try_from(limits.operations).unwrap_or(c_ulong::MAX),
        };
        let shelf = Shelf::new(self.sheet.parts().clone(), None);
        let mut output = Received(ffi::Output::empty());
        // SAFETY: the sheet belongs to this thread, and the task's pointers outlive the call.
        let run = || unsafe { ffi::cx_apply(compiled.as_ptr(), &task, &mut output.0) };
        let ((status, tripped), said) = listen_within(limits, shelf, run).0;
        if tripped == Some(Trip::Memory) {
            self.compiled = None; // what ran out of memory may be half made
        }
        // libxml2 may report an error and still return bytes, which nobody should package.
        if status != ffi::DONE || tripped.is_some() || said.has_errors() {
            return Err(TransformError::read(status, tripped, said));
        }
        Ok(Output { bytes: output.to_vec(), messages: said.messages })
    }

    fn compiled(&mut self) -> Result<&Compiled, TransformError> {
        if self.compiled.is_none() {
            let again = recompile(&self.sheet);
            let failed = |cause: Error| TransformError::new(TransformErrorKind::Failed, cause.to_string());
            self.compiled = Some(again.map_err(failed)?);
        }
        Ok(self.compiled.as_ref().expect("it was just made"))
    }
}

type Heard = (c_int, Option<Trip>);

fn listen_within(limits: Limits, shelf: Shelf, run: impl FnOnce() -> c_int) -> ((Heard, Said), Shelf) {
    let budgeted = || budget::within(limits.memory, limits.operations, run);
    loader::with_shelf(shelf, || report::listen(budgeted))
}

fn recompile(sheet: &Stylesheet) -> Result<Compiled, Error> {
    compile(Shelf::new(sheet.parts().clone(), None), sheet.limits()).map(|it| it.compiled)
}

/// What a compile gives: the compiled stylesheet, the parts that it was found to consist of, and remarks.
pub(super) struct Fresh {
    compiled: Compiled,
    pub parts: Arc<Vec<Part>>,
    pub warnings: Vec<String>,
}

/// Compiles the first part on the shelf.
pub(super) fn compile(shelf: Shelf, limits: Limits) -> Result<Fresh, Error> {
    ffi::start();
    let parts = shelf.parts.clone();
    let main = &parts[0];
    let file = loader::shown(&main.uri);
    if main.bytes.len() > limits.memory.min(c_int::MAX as usize) {
        return Err(Error::TooLarge { file, limit: limits.memory });
    }
    let text = ffi::Text::of(&main.bytes);
    let uri = CString::new(main.uri.as_str()).expect("a URI has its NULs encoded");
    let mut sheet = ptr::null_mut();
    // SAFETY: the text and the URI outlive the call.
    let run = || unsafe { ffi::cx_compile(&text, uri.as_ptr(), &mut sheet) };
    let (((status, tripped), said), shelf) = listen_within(limits, shelf, run);
    let compiled = NonNull::new(sheet).map(|sheet| Compiled { sheet });
    if let Some(refused) = shelf.refused {
        return Err(refused);
    }
    if tripped.is_some() {
        return Err(Error::TooLarge { file, limit: limits.memory });
    }
    match compiled {
        Some(compiled) if said.not_well_formed().is_none() => {
            let warnings = said.problems.into_iter().map(|it| it.text).collect();
            Ok(Fresh { compiled, parts: shelf.parts, warnings })
        }
        _ => Err(explain(status, file, &said)),
    }
}

fn explain(status: c_int, main: String, said: &Said) -> Error {
    if let Some(problem) = said.not_well_formed().cloned() {
        let file = problem.file.unwrap_or(main);
        return Error::NotWellFormed { file, line: problem.line, message: problem.text };
    }
    if status == ffi::ENCODING {
        let message = "xsl:output asks for an encoding that is not known here".to_owned();
        return Error::Compile { file: main, line: None, message };
    }
    match said.main_problem() {
        Some(problem) => {
            Error::Compile { file: problem.file.unwrap_or(main), line: problem.line, message: problem.text }
        }
        None => Error::Compile { file: main, line: None, message: "libxslt gives no reason".to_owned() },
    }
}

/// Owns what the shim compiled. Not `Send`, because of the pointer.
pub(super) struct Compiled {
    sheet: NonNull<ffi::Sheet>,
}

impl Drop for Compiled {
    fn drop(&mut self) {
        // SAFETY: made by `cx_compile` on this thread, and freed once.
        unsafe { ffi::cx_free_sheet(self.sheet.as_ptr()) };
    }
}

struct Received(ffi::Output);

impl Received {
    fn to_vec(&self) -> Vec<u8> {
        // SAFETY: the shim gives null or so many bytes.
        unsafe { ffi::Text { bytes: self.0.bytes.cast(), length: self.0.length.max(0) as usize }.bytes() }.to_vec()
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        // SAFETY: null or libxml2's own memory, freed once.
        unsafe { ffi::cx_free_output(&mut self.0) };
    }
}

/// Names and values in the shape that libxslt wants, and the strings behind it.
struct Parameters {
    pointers: Vec<*const c_char>,
    _strings: Vec<CString>,
}

impl Parameters {
    fn new(given: &[(&str, &str)]) -> Result<Parameters, TransformError> {
        let texts = checked(given)?.iter().flat_map(|(name, value)| [*name, *value]);
        let strings: Vec<CString> = texts.map(|text| CString::new(text).expect("XML allows no NUL")).collect();
        let pointers = strings.iter().map(|it| it.as_ptr()).chain([ptr::null()]).collect();
        Ok(Parameters { pointers, _strings: strings })
    }
}

/// The parameters, if XML can hold them: an engine would write what it cannot into the result, which nobody could parse.
fn checked<'a>(given: &'a [Parameter<'a>]) -> Result<&'a [Parameter<'a>], TransformError> {
    for (name, value) in given {
        if !name.chars().chain(value.chars()).all(is_xml) {
            let message = format!("parameter {name:?} holds a character that XML does not allow");
            return Err(TransformError::new(TransformErrorKind::Parameter, message));
        }
    }
    Ok(given)
}

fn is_xml(character: char) -> bool {
    !matches!(character, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

/// A thread seldom works for more profiles than this at the same time.
const KEPT: usize = 4;

thread_local! {
    static WORKERS: RefCell<Vec<(u64, Worker)>> = const { RefCell::new(Vec::new()) };
}

/// Lends this thread's worker for a stylesheet, compiled at the first call on each thread and kept for the next ones.
///
/// Meant for rayon, whose closures do not know which thread they run on.
pub fn with_worker<R>(sheet: &Stylesheet, work: impl FnOnce(&mut Worker) -> R) -> Result<R, Error> {
    if sheet.saxon().is_some() {
        return Ok(work(&mut sheet.worker()?)); // nothing to keep: the process is everybody's
    }
    // Taken out while it works, so that `work` may itself call `with_worker`, and a panic costs no more than this worker.
    let kept = WORKERS.with_borrow_mut(|workers| {
        let found = workers.iter().position(|(id, _)| *id == sheet.id());
        found.map(|at| workers.remove(at).1)
    });
    let mut worker = kept.map_or_else(|| sheet.worker(), Ok)?;
    let result = work(&mut worker);
    WORKERS.with_borrow_mut(|workers| {
        workers.truncate(KEPT - 1);
        workers.insert(0, (sheet.id(), worker));
    });
    Ok(result)
}
