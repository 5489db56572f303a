//! What can go wrong with a stylesheet, and with one record in it.

use std::fmt;
use std::io;
use std::path::PathBuf;

use super::budget::Trip;
use super::ffi;
use super::report::Said;

/// A stylesheet that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The stylesheet, or a file that it includes, cannot be read.
    #[error("cannot read stylesheet {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The stylesheet, or a file that it includes, is not XML.
    #[error("{}: not well-formed XML: {message}", place(file, *line))]
    NotWellFormed {
        /// The file.
        file: String,
        /// Where in it, when known.
        line: Option<u32>,
        /// The parser's words.
        message: String,
    },
    /// The file is XML, but not a stylesheet.
    #[error("{file} is not a stylesheet: its root element is {root}")]
    NotAStylesheet {
        /// The file.
        file: String,
        /// The local name of its root element.
        root: String,
    },
    /// The stylesheet, or a part of it, is written in another version of XSLT.
    #[error("{file} is an XSLT {version} stylesheet")]
    Version {
        /// The file that says so.
        file: String,
        /// What its `version` attribute says.
        version: String,
    },
    /// The stylesheet includes something from elsewhere than its own folder.
    #[error("{file} includes {included}, which lies outside the stylesheet's folder")]
    Include {
        /// The including file.
        file: String,
        /// The file or URI that it asks for.
        included: String,
    },
    /// The stylesheet's DTD refers to a file or a server.
    #[error("{file} refers to the external entity {entity}")]
    ExternalEntity {
        /// The file.
        file: String,
        /// The entity's system identifier.
        entity: String,
    },
    /// The stylesheet is not correct XSLT 1.0.
    #[error("{}: {message}", place(file, *line))]
    Compile {
        /// The file.
        file: String,
        /// Where in it, when known.
        line: Option<u32>,
        /// libxslt's words, and XPath's.
        message: String,
    },
    /// The stylesheet needs Saxon, which is not here.
    #[error("{file} {}needs Saxon, which is not found here", version.as_ref().map_or_else(String::new, |it| format!("is an XSLT {it} stylesheet and ")))]
    NoSaxon {
        /// The stylesheet.
        file: String,
        /// What its `version` attribute says, when that is why.
        version: Option<String>,
    },
    /// Saxon is here, but does not work.
    #[error("Saxon ({place}) does not work: {reason}")]
    SaxonFailed {
        /// Where it is.
        place: String,
        /// How its worker ended.
        reason: String,
    },
    /// Compiling takes more memory than the limits allow.
    #[error("{file} needs more than {limit} bytes of memory to compile")]
    TooLarge {
        /// The stylesheet.
        file: String,
        /// The memory limit.
        limit: usize,
    },
}

fn place(file: &str, line: Option<u32>) -> String {
    line.map_or_else(|| file.to_owned(), |line| format!("{file}, line {line}"))
}

impl Error {
    /// The line that is to blame, in the file that the message names.
    pub fn line(&self) -> Option<u32> {
        match self {
            Error::NotWellFormed { line, .. } | Error::Compile { line, .. } => *line,
            _ => None,
        }
    }

    /// What the reader can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Error::Version { .. } => "libxslt runs XSLT 1.0 only, and would leave out what it does not know; Saxon runs 2.0 and \
                3.0: leave transform.engine at \"auto\". Or write the stylesheet for version=\"1.0\": xsl:key and generate-id() \
                instead of xsl:for-each-group, str:tokenize() of EXSLT instead of tokenize()"
                .to_owned(),
            Error::NoSaxon { .. } => "apt-get install -y libsaxonhe-java default-jre-headless (or python3 -m venv DIR && \
                DIR/bin/pip install saxonche, and transform.saxon = \"DIR/bin/python\" in the profile)"
                .to_owned(),
            Error::SaxonFailed { .. } => "it needs Debian's libsaxonhe-java with a Java of version 11 or newer, or a Python with \
                saxonche; transform.saxon in the profile names another one, transform.memory-limit its memory"
                .to_owned(),
            Error::Include { included, .. } => {
                format!("put a copy of {included} beside the stylesheet, and include it by its name alone")
            }
            Error::ExternalEntity { .. } => "write the entity's text into the stylesheet".to_owned(),
            Error::NotAStylesheet { .. } => "the root element of a stylesheet is xsl:stylesheet, in the namespace \
                http://www.w3.org/1999/XSL/Transform"
                .to_owned(),
            Error::Compile { message, .. } if message.contains("Forbidden variable") => "XSLT 1.0 allows no variable and no \
                parameter in a match pattern: test it in the select of xsl:apply-templates, or by xsl:if inside the template; Saxon \
                allows it (transform.engine = \"saxon\")"
                .to_owned(),
            Error::TooLarge { .. } => "an entity of its DTD, or an included file, may be larger than meant".to_owned(),
            Error::Read { .. } | Error::NotWellFormed { .. } | Error::Compile { .. } => return None,
        })
    }
}

/// Why a record could not be transformed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransformErrorKind {
    /// The record is not well-formed XML.
    NotWellFormed,
    /// The record has a DOCTYPE, which no metadata record needs.
    Doctype,
    /// A parameter has a name that is not a QName, or a value that XML cannot hold.
    Parameter,
    /// The stylesheet gave up by `xsl:message terminate="yes"`.
    Terminated,
    /// The stylesheet did something that cannot be done, or may not be done here.
    Failed,
    /// More steps than the limits allow.
    OperationLimit,
    /// More memory than the limits allow.
    MemoryLimit,
    /// Templates that call each other without end.
    DepthLimit,
    /// Longer than the limits allow, twice; only Saxon is stopped by the clock.
    TimeLimit,
    /// Saxon's worker ended with the record in hand, twice.
    Crashed,
    /// Nothing is wrong with the record: there is no engine to be had any more.
    EngineLost,
}

/// A record that could not be transformed; the next one can be.
#[derive(Clone, Debug)]
pub struct TransformError {
    /// What sort of trouble it is.
    pub kind: TransformErrorKind,
    /// What happened, in words.
    pub message: String,
    /// The stylesheet's file, when the trouble has a place there.
    pub file: Option<String>,
    /// The line in that file, or in the record where `file` is `None`.
    pub line: Option<u32>,
    /// What the stylesheet said by `xsl:message` until then.
    pub messages: Vec<String>,
}

impl fmt::Display for TransformError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.file, self.line) {
            (Some(file), line) => write!(f, "{} ({})", self.message, place(file, line)),
            (None, Some(line)) => write!(f, "{} (line {line} of the record)", self.message),
            (None, None) => f.write_str(&self.message),
        }
    }
}

impl std::error::Error for TransformError {}

impl TransformError {
    /// What the reader can do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self.kind {
            TransformErrorKind::DepthLimit => "look for a template that calls itself without an end".to_owned(),
            TransformErrorKind::OperationLimit | TransformErrorKind::MemoryLimit | TransformErrorKind::TimeLimit => {
                "look for a loop that grows with the square of the record, or for a record that is far larger than others"
                    .to_owned()
            }
            TransformErrorKind::EngineLost => "nothing was decided for the records that it had in hand: they are tried again by the \
                next run; `cartouche check` says which Saxon is used, transform.memory-limit and transform.time-limit bound it"
                .to_owned(),
            TransformErrorKind::Failed if self.message.contains("refused") => "a stylesheet may read its record and \
                itself, and write nothing but its result"
                .to_owned(),
            _ => return None,
        })
    }

    pub(super) fn new(kind: TransformErrorKind, message: impl Into<String>) -> TransformError {
        TransformError { kind, message: message.into(), file: None, line: None, messages: Vec::new() }
    }

    pub(super) fn memory() -> TransformError {
        TransformError::explain(TransformErrorKind::MemoryLimit, Said::default())
    }

    /// Reads the shim's status, the budget and what was said as one error.
    pub(super) fn read(status: std::ffi::c_int, tripped: Option<Trip>, said: Said) -> TransformError {
        use TransformErrorKind as Kind;
        let kind = match (tripped, status) {
            (Some(Trip::Memory), _) => Kind::MemoryLimit,
            (Some(Trip::Stack), _) => Kind::DepthLimit,
            (Some(Trip::Volume), _) | (None, ffi::OPERATIONS) => Kind::OperationLimit,
            (None, ffi::NOT_WELL_FORMED) => Kind::NotWellFormed,
            (None, ffi::DOCTYPE) => Kind::Doctype,
            (None, ffi::PARAMETERS) => Kind::Parameter,
            (None, _) if said.recursed() => Kind::DepthLimit,
            (None, ffi::STOPPED) if !said.has_errors() => Kind::Terminated,
            (None, _) => Kind::Failed,
        };
        TransformError::explain(kind, said)
    }

    fn explain(kind: TransformErrorKind, said: Said) -> TransformError {
        use TransformErrorKind as Kind;
        let problem = match kind {
            Kind::NotWellFormed => said.not_well_formed().cloned(),
            Kind::Doctype | Kind::Terminated => None,
            _ => said.main_problem(),
        };
        let words = problem.as_ref().map_or("no reason given", |it| it.text.as_str());
        let message = match kind {
            Kind::NotWellFormed => format!("the record is not well-formed XML: {words}"),
            Kind::Doctype => "the record has a DOCTYPE".to_owned(),
            Kind::Parameter => format!("a parameter cannot be set: {words}"),
            Kind::Terminated => format!("the stylesheet gave up: {}", said.messages.last().map_or("", String::as_str)),
            Kind::Failed => words.to_owned(),
            Kind::OperationLimit => "the stylesheet takes too many steps for this record".to_owned(),
            Kind::MemoryLimit => "the stylesheet takes too much memory for this record".to_owned(),
            Kind::DepthLimit => "the stylesheet's templates call each other too deeply".to_owned(),
            Kind::TimeLimit | Kind::Crashed | Kind::EngineLost => words.to_owned(), // libxslt knows none of these
        };
        let (file, line) = problem.map_or((None, None), |it| (it.file, it.line));
        TransformError { kind, message, file, line, messages: said.messages }
    }
}
