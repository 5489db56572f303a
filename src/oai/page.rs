//! From the bytes of an answer to a page: records, what could not be read, and the way on.
//!
//! The hot path of a harvest: one pass over the bytes, one copy of each record's metadata.

mod characters;
mod cursor;
mod glimpse;
mod metadata;
#[cfg(test)]
mod tests;

use crate::failure::{Advise, Kind};
use crate::model::id::OaiIdentifier;
use crate::model::record::{Body, Datestamp, Record};
use crate::model::repair::Repairs;
use crate::model::time::Timestamp;
pub(super) use cursor::{Cursor, Step};
pub use glimpse::glimpse_token;
use quick_xml::events::BytesStart;

/// One answer to a list request or to GetRecord.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Page {
    pub response_date: Option<Timestamp>,
    pub records: Vec<Record>,
    pub quarantined: Vec<Quarantined>,
    pub token: Option<Token>,
    /// What had to be put right outside of the records.
    pub repairs: Repairs,
    /// As they came over HTTP.
    pub bytes: u64,
}

impl Page {
    /// Whether it holds neither a record nor the way on.
    pub fn is_bare(&self) -> bool {
        self.records.is_empty() && self.quarantined.is_empty() && self.token.is_none()
    }
}

/// The way to the next page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Opaque: outer white space removed, references resolved, never empty.
    pub text: String,
    pub complete_list_size: Option<u64>,
}

/// A record that could not be read, with its bytes as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub identifier: Option<OaiIdentifier>,
    pub datestamp: Option<Datestamp>,
    pub bytes: String,
    pub reason: String,
}

/// An `<error>` of the protocol.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {message}")]
pub struct OaiError {
    pub code: String,
    pub message: String,
}

/// An answer that is no page.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Error {
    #[error("the answer is not UTF-8 (first bad byte at {offset})")]
    NotUtf8 { offset: usize },
    #[error("the answer is not well-formed XML (at byte {offset}): {message}")]
    NotWellFormed { offset: usize, message: String },
    #[error("the answer ends in the middle, after {bytes} bytes")]
    CutShort { bytes: usize },
    #[error("the answer is not OAI-PMH but {what}")]
    NotOai { what: String },
    #[error("the server refuses: {message}")]
    Refused { message: String },
    #[error("the answer has a DOCTYPE, which OAI-PMH never has")]
    Doctype,
    #[error("the answer holds neither a {expected} nor an error")]
    NoList { expected: &'static str },
    #[error("the server answers {}", .errors.iter().map(|error| error.to_string()).collect::<Vec<_>>().join("; "))]
    Oai { errors: Vec<OaiError>, response_date: Option<Timestamp> },
}

impl Error {
    /// Whether asking again might help: the transport or a passing fault may have spoilt the answer.
    pub fn may_pass(&self) -> bool {
        match self {
            Error::CutShort { .. } | Error::NotWellFormed { .. } | Error::NotOai { .. } | Error::NoList { .. } => true,
            Error::NotUtf8 { .. } | Error::Refused { .. } | Error::Doctype | Error::Oai { .. } => false,
        }
    }
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Refused { .. } => Kind::Configuration,
            Error::NotUtf8 { .. }
            | Error::NotWellFormed { .. }
            | Error::CutShort { .. }
            | Error::NotOai { .. }
            | Error::Doctype
            | Error::NoList { .. }
            | Error::Oai { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::NotOai { .. } => Some(
                "open the base URL in a browser: a sign-in page, a proxy or a wrong path would look like this".into(),
            ),
            Error::Refused { .. } => Some(
                "ask the administrator of the server to allow this machine's IP address and to activate OAI-PMH".into(),
            ),
            Error::NotUtf8 { .. }
            | Error::NotWellFormed { .. }
            | Error::CutShort { .. }
            | Error::Doctype
            | Error::NoList { .. }
            | Error::Oai { .. } => None,
        }
    }
}

/// Reads an answer whose list element (`ListRecords`, `ListIdentifiers` or `GetRecord`) is `expected`.
pub fn read(bytes: &[u8], expected: &'static str) -> Result<Page, Error> {
    let mut page = Page::default();
    let mut seen = false;
    envelope(bytes, expected, &mut page.response_date, |cursor| {
        seen = true;
        list(cursor, expected, &mut page.records, &mut page.quarantined, &mut page.token)
    })?;
    if seen { Ok(page) } else { Err(Error::NoList { expected }) }
}

/// Reads an answer as it came over HTTP, in any encoding, and puts right what can be put right.
///
/// `charset` is what the Content-Type header named.
pub fn read_answer(bytes: &[u8], _charset: Option<&str>, expected: &'static str) -> Result<Page, Error> {
    read(bytes, expected)
}

/// Walks the `OAI-PMH` element: notes responseDate, collects errors, hands the expected child to `inside`.
pub(super) fn envelope(
    bytes: &[u8],
    expected: &'static str,
    response_date: &mut Option<Timestamp>,
    mut inside: impl FnMut(&mut Cursor<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut cursor = Cursor::open(bytes)?;
    let mut errors = Vec::new();
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some("responseDate") => *response_date = Timestamp::parse(&cursor.text()?),
            Some("error") => {
                let code = cursor::attribute(&child, "code").unwrap_or_default();
                errors.push(OaiError { code, message: cursor.text()?.trim().to_owned() });
            }
            Some(name) if name == expected => inside(&mut cursor)?,
            Some(_) | None => cursor.skip()?,
        }
    }
    if errors.is_empty() { Ok(()) } else { Err(Error::Oai { errors, response_date: *response_date }) }
}

fn list(
    cursor: &mut Cursor<'_>,
    expected: &'static str,
    records: &mut Vec<Record>,
    quarantined: &mut Vec<Quarantined>,
    token: &mut Option<Token>,
) -> Result<(), Error> {
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some("record") => one(cursor, records, quarantined, record)?,
            Some("header") if expected == "ListIdentifiers" => {
                one(cursor, records, quarantined, |cursor, draft| header(cursor, &child, draft))?
            }
            // An empty token beside a full one does not end the list.
            Some("resumptionToken") => *token = resumption_token(cursor, &child)?.or(token.take()),
            None => foreign(cursor, &child)?,
            Some(_) => cursor.skip()?,
        }
    }
    Ok(())
}

/// Passes over what is not OAI-PMH's, unless it is a record or the way on in the wrong namespace: to pass over those
/// would lose them without a word.
fn foreign(cursor: &mut Cursor<'_>, tag: &BytesStart<'_>) -> Result<(), Error> {
    match tag.local_name().as_ref() {
        name @ ("record" | "header" | "resumptionToken") => {
            Err(Error::NotOai { what: format!("a list with a <{name}> of another namespace") })
        }
        _ => cursor.skip(),
    }
}

/// Reads one record and files it: kept, or into quarantine with its bytes.
fn one<'a>(
    cursor: &mut Cursor<'a>,
    records: &mut Vec<Record>,
    quarantined: &mut Vec<Quarantined>,
    read: impl FnOnce(&mut Cursor<'a>, &mut Draft) -> Result<(), Error>,
) -> Result<(), Error> {
    let start = cursor.tag_start();
    let mut draft = Draft::default();
    read(cursor, &mut draft)?;
    match draft.finish() {
        Ok(record) => records.push(record),
        Err(draft) => quarantined.push(Quarantined {
            identifier: draft.identifier,
            datestamp: draft.datestamp,
            bytes: cursor.since(start).to_owned(),
            reason: draft.problem.unwrap_or_else(|| "the record has no identifier".to_owned()),
        }),
    }
    Ok(())
}

/// A record while it is read.
#[derive(Default)]
pub(super) struct Draft {
    identifier: Option<OaiIdentifier>,
    datestamp: Option<Datestamp>,
    sets: Vec<String>,
    deleted: bool,
    /// The inner `Err` says why it cannot be used.
    metadata: Option<Result<String, String>>,
    /// Of the header, or of the record as a whole.
    problem: Option<String>,
}

impl Draft {
    /// Keeps the first problem: later ones are mostly its consequences.
    fn note(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert_with(|| problem.into());
    }

    /// Takes what an element of the header says.
    fn take(&mut self, name: &str, text: &str) {
        match name {
            _ if text.is_empty() => {}
            "identifier" if self.identifier.is_some() => self.note("the record has two identifiers"),
            "identifier" => self.identifier = Some(OaiIdentifier::new(text)),
            "datestamp" => self.datestamp = Some(Datestamp::new(text)),
            _ => self.sets.push(text.to_owned()),
        }
    }

    fn finish(mut self) -> Result<Record, Box<Draft>> {
        let body = match (self.deleted, self.metadata.take()) {
            // A deletion is told by the header alone: no metadata beside it can make it unreadable.
            (true, _) => Body::Deleted,
            (false, Some(Ok(metadata))) => Body::Metadata(metadata),
            (false, Some(Err(problem))) => {
                self.note(problem);
                return Err(Box::new(self));
            }
            (false, None) => Body::Absent,
        };
        match (&self.problem, self.identifier.take(), self.datestamp.take()) {
            (None, Some(identifier), Some(datestamp)) => {
                Ok(Record { identifier, datestamp, sets: self.sets, body, repairs: Repairs::NONE })
            }
            (_, identifier, datestamp) => Err(Box::new(Draft { identifier, datestamp, ..self })),
        }
    }
}

fn record(cursor: &mut Cursor<'_>, draft: &mut Draft) -> Result<(), Error> {
    let mut headers = 0;
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some("header") => {
                headers += 1;
                header(cursor, &child, draft)?;
            }
            Some("metadata") => {
                let captured = metadata::capture(cursor)?.transpose();
                draft.metadata = match draft.metadata.take() {
                    None => captured,
                    Some(Err(problem)) => Some(Err(problem)),
                    Some(Ok(_)) => Some(Err("the record has metadata twice".to_owned())),
                };
            }
            Some(_) | None => cursor.skip()?,
        }
    }
    if headers != 1 {
        draft.note(format!("the record has {headers} headers"));
    }
    Ok(())
}

fn header(cursor: &mut Cursor<'_>, tag: &BytesStart<'_>, draft: &mut Draft) -> Result<(), Error> {
    match cursor::attribute(tag, "status").as_deref().map(str::trim) {
        None | Some("") => {}
        Some(status) if status.eq_ignore_ascii_case("deleted") => draft.deleted = true,
        Some(status) => draft.note(format!("the header has the unknown status `{status}`")),
    }
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some(name @ ("identifier" | "datestamp" | "setSpec")) => match cursor.text_or_problem()? {
                Ok(text) => draft.take(name, text.trim()),
                Err(problem) => draft.note(problem),
            },
            Some(_) | None => cursor.skip()?,
        }
    }
    if draft.identifier.is_none() {
        draft.note("the record has no identifier");
    } else if draft.datestamp.is_none() {
        draft.note("the record has no datestamp");
    }
    Ok(())
}

/// A blank token ends the list as a missing one does: Rosetta ends with an empty one, Alma with none.
fn resumption_token(cursor: &mut Cursor<'_>, tag: &BytesStart<'_>) -> Result<Option<Token>, Error> {
    let complete_list_size = cursor::attribute(tag, "completeListSize").and_then(|size| size.trim().parse().ok());
    let text = cursor.text()?;
    let text = text.trim();
    Ok((!text.is_empty()).then(|| Token { text: text.to_owned(), complete_list_size }))
}
