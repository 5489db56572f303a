//! What a server said of one item.

use super::id::OaiIdentifier;
use super::repair::Repairs;
use super::time::Timestamp;

/// A datestamp as the server wrote it; servers write days, seconds, fractions and offsets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datestamp {
    text: String,
    instant: Option<Timestamp>,
}

impl Datestamp {
    pub fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        Datestamp { instant: Timestamp::parse(&text), text }
    }

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this is the same date or a later one; dates that cannot be read are compared by their text.
    pub fn is_no_older_than(&self, other: &Datestamp) -> bool {
        match (self.instant(), other.instant()) {
            (Some(mine), Some(others)) => mine >= others,
            (_, _) => self == other,
        }
    }

    /// The instant meant; `None` when it cannot be read as a date.
    pub fn instant(&self) -> Option<Timestamp> {
        self.instant
    }
}

/// The header of a record: all that ListIdentifiers shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    pub identifier: OaiIdentifier,
    pub datestamp: Datestamp,
    pub sets: Vec<String>,
    pub deleted: bool,
}

/// One record of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub identifier: OaiIdentifier,
    pub datestamp: Datestamp,
    pub sets: Vec<String>,
    pub body: Body,
    /// What had to be put right before it could be read.
    pub repairs: Repairs,
}

/// What a record carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// The child of `<metadata>`, as sent, with the namespaces of its envelope declared so that it parses alone.
    Metadata(String),
    /// The header said `status="deleted"`, whatever stood beside it.
    Deleted,
    /// A record that is not deleted and has no metadata (Alma sends such).
    Absent,
}

impl Body {
    pub fn is_deleted(&self) -> bool {
        matches!(self, Body::Deleted)
    }
}
