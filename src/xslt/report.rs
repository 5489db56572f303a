//! What libxslt and libxml2 said during one call, in order; nothing of it reaches stderr.

use std::cell::RefCell;
use std::ffi::{CStr, c_int};

use super::ffi;
use super::loader;

/// One complaint.
#[derive(Clone, Debug)]
pub(super) struct Problem {
    pub origin: Origin,
    pub warning: bool,
    pub file: Option<String>,
    pub line: Option<u32>,
    pub text: String,
}

/// Who complained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Xslt,
    Parser,
    XPath,
    Other,
}

/// Everything that was said.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub problems: Vec<Problem>,
    pub messages: Vec<String>,
}

/// A stylesheet in a loop may say the same thing a million times; only the first ones help.
const MOST_PROBLEMS: usize = 50;
const MOST_MESSAGES: usize = 1000;

/// `XML_ERR_WARNING`: all that is less than an error.
const WARNING: c_int = 1;
/// `XML_WAR_UNDECLARED_ENTITY`: only a warning when there is an external DTD, which is never read here, so that the text
/// behind the entity would be lost without a word.
const UNDECLARED_ENTITY: c_int = 27;

thread_local! {
    static SAID: RefCell<Said> = const { RefCell::new(Said { problems: Vec::new(), messages: Vec::new() }) };
}

/// Runs `work` and returns what was said meanwhile.
pub(super) fn listen<R>(work: impl FnOnce() -> R) -> (R, Said) {
    SAID.with_borrow_mut(|said| *said = Said::default());
    let result = work();
    (result, SAID.take())
}

pub(super) unsafe extern "C" fn receive(report: *const ffi::Report) {
    // SAFETY: the shim passes a report whose strings live for the length of this call.
    let (report, text) = unsafe { (&*report, String::from_utf8_lossy((*report).text.bytes())) };
    // `try_with`: a thread that ends frees its stylesheets, perhaps after this variable is gone.
    let _ = SAID.try_with(|said| {
        let mut said = said.borrow_mut();
        if report.origin != ffi::MESSAGE {
            if said.problems.len() < MOST_PROBLEMS {
                let problem = read(report, &text);
                said.problems.push(problem);
            }
        } else if said.messages.len() < MOST_MESSAGES {
            said.messages.push(text.trim_end().to_owned());
        }
    });
}

fn read(report: &ffi::Report, text: &str) -> Problem {
    let file = (!report.file.is_null()).then(|| {
        // SAFETY: as in `receive`; C strings end in a NUL.
        let uri = unsafe { CStr::from_ptr(report.file) };
        loader::shown(&uri.to_string_lossy())
    });
    Problem {
        origin: match report.origin {
            ffi::XSLT => Origin::Xslt,
            ffi::PARSER => Origin::Parser,
            ffi::XPATH => Origin::XPath,
            _ => Origin::Other,
        },
        warning: report.level <= WARNING && report.code != UNDECLARED_ENTITY,
        file,
        line: u32::try_from(report.line).ok().filter(|line| *line > 0),
        // libxml2 2.9 advises its programmer, who is not the reader.
        text: text.trim().replace(" use XML_PARSE_HUGE option", ""),
    }
}

impl Said {
    /// Whether anything worse than a warning was said.
    pub(super) fn has_errors(&self) -> bool {
        self.problems.iter().any(|it| !it.warning)
    }

    /// Whether libxslt stopped templates, or XPath its operators, that were nested too deeply.
    pub(super) fn recursed(&self) -> bool {
        let deep =
            |text: &str| text.contains("infinite template recursion") || text.contains("Recursion limit exceeded");
        self.problems.iter().any(|it| deep(&it.text))
    }

    /// The first error of the XML parser.
    pub(super) fn not_well_formed(&self) -> Option<&Problem> {
        self.problems.iter().find(|it| it.origin == Origin::Parser && !it.warning)
    }

    /// The complaint that explains a failure best: libxslt's first with a line, with XPath's own words where it has them.
    pub(super) fn main_problem(&self) -> Option<Problem> {
        let errors = || self.problems.iter().filter(|it| !it.warning);
        let placed = errors().find(|it| it.origin == Origin::Xslt && it.line.is_some());
        let mut main = placed.or_else(|| errors().next())?.clone();
        let details: Vec<&str> = self.problems.iter().filter_map(Problem::detail).take(2).collect();
        if main.origin == Origin::Xslt && !details.is_empty() {
            main.text = format!("{} ({})", main.text, details.join(": "));
        }
        Some(main)
    }
}

impl Problem {
    /// What XPath says beside libxslt's complaint, without the name of its C function.
    fn detail(&self) -> Option<&str> {
        let text = match self.origin {
            Origin::XPath => self.text.as_str(),
            Origin::Other if self.text.ends_with("not found") || self.text.contains("undefined prefix") => &self.text,
            Origin::Other | Origin::Parser | Origin::Xslt => return None,
        };
        Some(text.split_once(": ").filter(|(name, _)| name.starts_with("xml")).map_or(text, |(_, rest)| rest))
    }
}
