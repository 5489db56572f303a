//! Stylesheets of version 2.0 and 3.0: Saxon in a worker process, which is killed and started again as needed.
//!
//! Saxon knows no limit of steps or of memory, so a process is the only thing that can be stopped. When it dies, the
//! records that it had in hand are tried once more, each alone; the one that it dies of again is the one that is given up.

mod find;
mod frame;
mod lanes;
mod process;

use super::error::{Error, TransformError, TransformErrorKind as Kind};
use super::loader::{self, Part, Shelf};
use super::worker::Output;
use super::{Parameter, SaxonTerms};
use find::Launch;
use frame::Frame;
use lanes::Lanes;
use process::{Death, Process, Started};
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A worker has this long to start, and at least this long to compile.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many records in a row that Saxon dies of are no matter of the records.
const MOST_GIVEN_UP: u32 = 10;

/// A stylesheet that Saxon has compiled, and the worker that has it.
pub(super) struct Saxon {
    launch: Launch,
    terms: SaxonTerms,
    parts: Arc<Vec<Part>>,
    product: String,
    lanes: Lanes,
    running: Mutex<Option<Arc<Process>>>,
    next: AtomicU32,
    given_up: AtomicU32,
}

/// What compiling gives: the engine, and what it remarked.
pub(super) struct Compiled {
    pub saxon: Saxon,
    pub parts: Arc<Vec<Part>>,
    pub warnings: Vec<String>,
}

/// Finds Saxon and compiles the first part on the shelf. `version` is what its `version` attribute says, if that decided.
pub(super) fn compile(shelf: Shelf, terms: &SaxonTerms, version: Option<String>) -> Result<Compiled, Error> {
    let file = loader::shown(&shelf.parts[0].uri);
    let mut first = None;
    for launch in find::ways(terms) {
        match process::start(&launch, PATIENCE) {
            Ok(started) => return compile_by(launch, started, shelf, terms),
            Err(death) if launch.jar.is_none() && terms.at.is_none() && says_no_saxonche(&death) => {}
            Err(death) => {
                first = first.or(Some(Error::SaxonFailed { place: launch.place(), reason: death.to_string() }))
            }
        }
    }
    Err(first.unwrap_or(Error::NoSaxon { file, version }))
}

/// A Python without saxonche is as good as none.
fn says_no_saxonche(death: &Death) -> bool {
    matches!(death, Death::Ended(how) if how.contains("No module named 'saxonche'"))
}

fn compile_by(launch: Launch, started: Started, shelf: Shelf, terms: &SaxonTerms) -> Result<Compiled, Error> {
    let product = started.hello.text(0);
    let lanes = Lanes::new(started.hello.text(1).parse().unwrap_or(1));
    let (warnings, shelf) = load(&started, shelf, terms, &launch)?;
    let parts = shelf.parts;
    let saxon = Saxon {
        launch,
        terms: terms.clone(),
        parts: parts.clone(),
        product,
        lanes,
        running: Mutex::new(Some(Arc::new(started.process))),
        next: AtomicU32::new(1),
        given_up: AtomicU32::new(0),
    };
    Ok(Compiled { saxon, parts, warnings })
}

/// Has the worker compile what is on the shelf, and hands it the parts that it asks for.
fn load(
    started: &Started,
    mut shelf: Shelf,
    terms: &SaxonTerms,
    launch: &Launch,
) -> Result<(Vec<String>, Shelf), Error> {
    let main = &shelf.parts[0];
    let file = loader::shown(&main.uri);
    started.process.say(&Frame::new(b'C', 0).with(main.uri.as_bytes()).with(&main.bytes));
    loop {
        let heard = started.process.hear(&started.conversation, terms.time.max(PATIENCE));
        let answer = heard.map_err(|death| match death {
            Death::MemoryLimit => Error::TooLarge { file: file.clone(), limit: terms.memory },
            Death::TimeLimit | Death::Ended(_) => {
                Error::SaxonFailed { place: launch.place(), reason: format!("at {file}: {death}") }
            }
        })?;
        match answer.kind {
            b'L' => {
                let part = shelf.part(&answer.text(0), &answer.text(1));
                started.process.say(&part.map_or(Frame::new(b'N', 0), |bytes| Frame::new(b'P', 0).with(bytes)));
            }
            b'K' => return Ok((answer.texts_from(0), shelf)),
            b'R' => return Err(shelf.refused.take().unwrap_or_else(|| refusal(&answer, file))),
            other => {
                let reason = format!("it answers a stylesheet with {other}");
                return Err(Error::SaxonFailed { place: launch.place(), reason });
            }
        }
    }
}

fn refusal(answer: &Frame, main: String) -> Error {
    let file = Some(loader::shown(&answer.text(1))).filter(|file| !file.is_empty()).unwrap_or(main);
    let (line, message) = (answer.text(2).parse().ok(), answer.text(3));
    match answer.text(0).as_str() {
        "syntax" => Error::NotWellFormed { file, line, message },
        "entity" => Error::ExternalEntity { file, entity: message },
        _ => Error::Compile { file, line, message },
    }
}

/// What became of a record in the worker.
enum Fate {
    Answered(Frame),
    Died(Death),
    /// There is no worker to be had.
    Lost(String),
}

impl Saxon {
    /// What runs the stylesheet, with its version.
    pub(super) fn product(&self) -> &str {
        &self.product
    }

    pub(super) fn place(&self) -> String {
        self.launch.place()
    }

    pub(super) fn apply(&self, record: &[u8], parameters: &[Parameter]) -> Result<Output, TransformError> {
        let mut request = Frame::new(b'A', self.next.fetch_add(1, Ordering::Relaxed)).with(record);
        for (name, value) in parameters {
            request = request.with(name.as_bytes()).with(value.as_bytes());
        }
        let first = {
            let _lane = self.lanes.one();
            self.attempt(&request)
        };
        let second = match first {
            Fate::Died(_) => {
                let _lane = self.lanes.alone();
                self.attempt(&request)
            }
            Fate::Answered(_) | Fate::Lost(_) => first,
        };
        match second {
            Fate::Answered(answer) => {
                self.given_up.store(0, Ordering::Relaxed);
                read(answer)
            }
            Fate::Died(death) => Err(self.give_up(death)),
            Fate::Lost(why) => Err(TransformError::new(Kind::EngineLost, why)),
        }
    }

    fn give_up(&self, death: Death) -> TransformError {
        if self.given_up.fetch_add(1, Ordering::Relaxed) + 1 >= MOST_GIVEN_UP {
            let words = format!("Saxon died of {MOST_GIVEN_UP} records in a row; the last time {death}");
            return TransformError::new(Kind::EngineLost, words);
        }
        match death {
            Death::TimeLimit => {
                let words = format!("the stylesheet takes longer than {:?} for this record", self.terms.time);
                TransformError::new(Kind::TimeLimit, words)
            }
            Death::MemoryLimit => TransformError::memory(),
            Death::Ended(how) => {
                TransformError::new(Kind::Crashed, format!("Saxon died twice with this record in hand: {how}"))
            }
        }
    }

    fn attempt(&self, request: &Frame) -> Fate {
        let process = match self.process() {
            Ok(process) => process,
            Err(cause) => return Fate::Lost(cause.to_string()),
        };
        match process.ask(request, self.terms.time) {
            Ok(answer) => Fate::Answered(answer),
            Err(death) => {
                let mut running = self.running();
                if running.as_ref().is_some_and(|it| Arc::ptr_eq(it, &process)) {
                    *running = None;
                }
                Fate::Died(death)
            }
        }
    }

    /// The worker; a new one when the last one died, with the same texts.
    fn process(&self) -> Result<Arc<Process>, Error> {
        let mut running = self.running();
        if let Some(process) = &*running {
            return Ok(process.clone());
        }
        let lost = |death: Death| Error::SaxonFailed { place: self.place(), reason: death.to_string() };
        let started = process::start(&self.launch, PATIENCE).map_err(lost)?;
        load(&started, Shelf::new(self.parts.clone(), None), &self.terms, &self.launch)?;
        let process = Arc::new(started.process);
        *running = Some(process.clone());
        Ok(process)
    }

    fn running(&self) -> MutexGuard<'_, Option<Arc<Process>>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The process id of the worker, for tests that kill it.
    #[cfg(test)]
    pub(super) fn pid(&self) -> u32 {
        self.running().as_ref().expect("it runs").id()
    }
}

fn read(mut answer: Frame) -> Result<Output, TransformError> {
    if answer.kind == b'D' && !answer.fields.is_empty() {
        let messages = answer.texts_from(1);
        return Ok(Output { bytes: answer.fields.swap_remove(0), messages });
    }
    let (words, messages) = (answer.text(3), answer.texts_from(4));
    let (kind, message) = match answer.text(0).as_str() {
        "syntax" => (Kind::NotWellFormed, format!("the record is not well-formed XML: {words}")),
        "doctype" => (Kind::Doctype, "the record has a DOCTYPE".to_owned()),
        "parameter" => (Kind::Parameter, format!("a parameter cannot be set: {words}")),
        "terminated" => {
            let last = messages.last().map_or("", String::as_str);
            (Kind::Terminated, format!("the stylesheet gave up: {last}"))
        }
        "depth" => (Kind::DepthLimit, "the stylesheet's templates call each other too deeply".to_owned()),
        _ => (Kind::Failed, words),
    };
    let file = Some(loader::shown(&answer.text(1))).filter(|file| !file.is_empty() && kind == Kind::Failed);
    let line = answer.text(2).parse().ok().filter(|_| matches!(kind, Kind::Failed | Kind::NotWellFormed));
    Err(TransformError { kind, message, file, line, messages })
}

impl fmt::Display for Death {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Death::TimeLimit => f.write_str("it took too long"),
            Death::MemoryLimit => f.write_str("it took too much memory"),
            Death::Ended(how) => f.write_str(how),
        }
    }
}

impl fmt::Debug for Saxon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.product, self.place())
    }
}
