//! The journal for those who read it.

use super::super::{Doing, Error, Store};
use crate::model::fixity::Fixity;
use crate::model::time::Timestamp;
use rusqlite::{Row, params};

/// An entry as it stands in the journal; its texts are shown as they are, whatever somebody made of them.
#[derive(Debug, Clone)]
pub struct JournalLine {
    pub id: i64,
    pub at: Timestamp,
    pub by: By,
    pub event: String,
    pub about: About,
    pub origin: MadeFrom,
    pub detail: String,
    pub digests: Digests,
}

/// Who did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct By {
    pub who: String,
    /// Name and version.
    pub program: String,
    pub run: Option<i64>,
}

/// What it was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// An IE PID, the URI of a resource, or nothing when it concerns the whole store.
    pub subject: String,
    /// Of the package, or of the resource's intent.
    pub number: Option<i64>,
}

impl About {
    /// Whether it is about a resource of the push, and not about an IE.
    pub fn is_resource(&self) -> bool {
        self.subject.starts_with('/')
    }

    pub fn ie(&self) -> Option<&str> {
        Some(self.subject.as_str()).filter(|subject| !subject.is_empty() && !self.is_resource())
    }

    pub fn package(&self) -> Option<i64> {
        self.number.filter(|_| !self.is_resource())
    }

    pub fn resource(&self) -> Option<&str> {
        Some(self.subject.as_str()).filter(|_| self.is_resource())
    }

    pub fn intent(&self) -> Option<i64> {
        self.number.filter(|_| self.is_resource())
    }
}

/// From what it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeFrom {
    pub alma_identifier: String,
    pub alma_datestamp: String,
    pub stylesheet: String,
}

/// What Rosetta showed and what was written, and the two links of the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digests {
    pub before: Option<Fixity>,
    pub after: Option<Fixity>,
    pub previous: Fixity,
    pub own: Fixity,
}

const LINE: &str =
    "SELECT id, at, who, program, run, event, ie, package, alma_identifier, alma_datestamp, stylesheet, detail,
                        before_digest, after_digest, previous, digest FROM journal";

impl Store {
    /// The latest entries, newest first.
    pub fn journal(&self, limit: usize) -> Result<Vec<JournalLine>, Error> {
        let mut statement =
            self.connection.prepare_cached(&format!("{LINE} ORDER BY id DESC LIMIT ?1")).doing("read the journal")?;
        let lines = statement.query_map([limit as i64], line).and_then(Iterator::collect);
        lines.doing("read the journal")
    }

    /// The entries before a number, newest first; of one IE if given.
    pub fn journal_before(&self, ie: Option<&str>, before: i64, limit: usize) -> Result<Vec<JournalLine>, Error> {
        let of_ie = if ie.is_some() { "ie = ?1" } else { "?1 IS NULL" };
        let sql = format!("{LINE} WHERE {of_ie} AND id < ?2 ORDER BY id DESC LIMIT ?3");
        let mut statement = self.connection.prepare_cached(&sql).doing("read the journal")?;
        let lines = statement.query_map(params![ie, before, limit as i64], line).and_then(Iterator::collect);
        lines.doing("read the journal")
    }

    /// The first entries about an IE or a resource, by its name, oldest first.
    pub fn journal_of(&self, subject: &str, limit: usize) -> Result<Vec<JournalLine>, Error> {
        let sql = format!("{LINE} WHERE ie = ?1 ORDER BY id LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql).doing("read the journal")?;
        let lines = statement.query_map(params![subject, limit as i64], line).and_then(Iterator::collect);
        lines.doing("read the journal")
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<JournalLine> {
    Ok(JournalLine {
        id: row.get(0)?,
        at: super::super::time(row.get(1)?),
        by: By { who: row.get(2)?, program: row.get(3)?, run: row.get(4)? },
        event: row.get(5)?,
        about: About { subject: row.get(6)?, number: row.get(7)? },
        origin: MadeFrom { alma_identifier: row.get(8)?, alma_datestamp: row.get(9)?, stylesheet: row.get(10)? },
        detail: row.get(11)?,
        digests: Digests {
            before: row.get::<_, Option<_>>(12)?.map(Fixity),
            after: row.get::<_, Option<_>>(13)?.map(Fixity),
            previous: Fixity(row.get(14)?),
            own: Fixity(row.get(15)?),
        },
    })
}
