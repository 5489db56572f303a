//! From the bytes of an answer to a page: records, what could not be read, and the way on.
//!
//! The hot path of a harvest: one pass over the bytes, one copy of each record's metadata.

mod characters;
mod cursor;
mod decode;
mod draft;
mod entities;
mod glimpse;
mod header;
mod items;
mod manner;
mod mend;
mod metadata;
mod namespaces;
mod outline;
mod pieces;
mod rescue;
mod salvage;
mod sent;
mod tag;
#[cfg(test)]
mod tests;

use crate::failure::{Advise, Kind};
use crate::model::id::OaiIdentifier;
use crate::model::record::{Datestamp, Record};
use crate::model::repair::Repairs;
use crate::model::time::Timestamp;
pub(super) use cursor::{Cursor, Step};
pub use glimpse::glimpse_token;
use manner::Manner;
use quick_xml::events::BytesStart;
pub(super) use salvage::whole;
use std::borrow::Cow;

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

/// A record that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quarantined {
    pub identifier: Option<OaiIdentifier>,
    pub datestamp: Option<Datestamp>,
    /// As text: identifiers are looked for in it.
    pub text: String,
    /// Its bytes as sent, where they are others than those of the text.
    pub sent: Option<Vec<u8>>,
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

impl Quarantined {
    /// Its bytes as sent; none of what a server never delivered.
    pub fn bytes(&self) -> &[u8] {
        self.sent.as_deref().unwrap_or(self.text.as_bytes())
    }
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

/// Reads an answer whose list element (`ListRecords`, `ListIdentifiers` or `GetRecord`) is `expected`, as it was sent.
pub fn read(bytes: &[u8], expected: &'static str) -> Result<Page, Error> {
    document(bytes, Manner::strict(expected)).map(|(page, _)| page)
}

/// Reads an answer as it came over HTTP, packed or not, in any encoding, and puts right what can be put right.
///
/// `charset` is what the Content-Type header named. A clean answer is read once, as `read` does it.
pub fn read_answer(bytes: &[u8], charset: Option<&str>, expected: &'static str) -> Result<Page, Error> {
    salvage::answer(bytes, charset, expected)
}

/// What a piece of an answer says, for people to look at: in whatever encoding, and with marks for what is in none.
pub fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    decode::decode(bytes, None).map_or_else(|_| String::from_utf8_lossy(bytes), |decoded| decoded.text)
}

const TOKEN: &str = "resumptionToken";

/// One pass over a well-formed answer; also gives what stands behind its root.
fn document<'a>(bytes: &'a [u8], manner: Manner<'_>) -> Result<(Page, &'a str), Error> {
    let mut page = Page::default();
    let mut seen = false;
    let mut response_date = None;
    let rest = envelope(bytes, manner.expected, &mut response_date, |cursor, child| {
        // Some servers write the way on behind the list instead of into it.
        if cursor.oai_name(child) == Some(TOKEN) {
            page.token = resumption_token(cursor, child)?.or(page.token.take());
            return Ok(());
        }
        seen = true;
        list(cursor, manner, &mut page)
    })?;
    page.response_date = response_date;
    if seen { Ok((page, rest)) } else { Err(Error::NoList { expected: manner.expected }) }
}

/// Walks the `OAI-PMH` element: notes responseDate, collects errors, hands the expected child to `inside`.
///
/// Gives back what stands behind the root.
pub(super) fn envelope<'a>(
    bytes: &'a [u8],
    expected: &'static str,
    response_date: &mut Option<Timestamp>,
    mut inside: impl FnMut(&mut Cursor<'a>, &BytesStart<'a>) -> Result<(), Error>,
) -> Result<&'a str, Error> {
    let mut cursor = Cursor::open(bytes)?;
    let mut errors = Vec::new();
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some("responseDate") => *response_date = Timestamp::parse(&cursor.text()?),
            Some("error") => {
                let code = cursor::attribute(&child, "code").unwrap_or_default();
                errors.push(OaiError { code, message: cursor.text()?.trim().to_owned() });
            }
            Some(name) if name == expected => inside(&mut cursor, &child)?,
            Some(TOKEN) if matches!(expected, "ListRecords" | "ListIdentifiers") => inside(&mut cursor, &child)?,
            Some(_) | None => cursor.skip()?,
        }
    }
    if errors.is_empty() { Ok(cursor.rest()) } else { Err(Error::Oai { errors, response_date: *response_date }) }
}

fn list(cursor: &mut Cursor<'_>, manner: Manner<'_>, page: &mut Page) -> Result<(), Error> {
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some("record") => draft::one(cursor, &child, manner, page)?,
            Some("header") if manner.headers_alone() => draft::one(cursor, &child, manner, page)?,
            // An empty token beside a full one does not end the list.
            Some("resumptionToken") => page.token = resumption_token(cursor, &child)?.or(page.token.take()),
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

/// A blank token ends the list as a missing one does: Rosetta ends with an empty one, Alma with none.
fn resumption_token(cursor: &mut Cursor<'_>, tag: &BytesStart<'_>) -> Result<Option<Token>, Error> {
    let complete_list_size = cursor::attribute(tag, "completeListSize").and_then(|size| size.trim().parse().ok());
    let text = cursor.text()?;
    let text = text.trim();
    Ok((!text.is_empty()).then(|| Token { text: text.to_owned(), complete_list_size }))
}
