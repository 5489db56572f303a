//! What became of an IE: its packages as far as they decide its fate, and what persons decided about it.

use super::prepared::Packed;
use super::{Doing, Error, Store};
use crate::model::dc::ContentDigest;
use crate::model::decision::Decision;
use crate::model::state::PackageState;
use rusqlite::OptionalExtension;

/// What was done about an IE before.
#[derive(Default)]
pub struct History {
    /// What Rosetta took from us last.
    pub last_applied: Option<Applied>,
    /// The latest package that was not withdrawn.
    pub latest: Option<Latest>,
    /// Newest first.
    pub decisions: Vec<Decision>,
    /// What Rosetta's web services said of the IE in this run; it counts more than what its feed shows.
    pub stored: Option<Stored>,
}

/// A package that is done.
pub struct Applied {
    pub package: i64,
    pub content: ContentDigest,
    /// The file and what Alma alone said then, where they are wanted for merging.
    pub texts: Option<(Packed, Option<Packed>)>,
}

/// A package that may hold back what comes after it.
pub struct Latest {
    pub package: i64,
    pub state: PackageState,
    pub content: ContentDigest,
    pub name: String,
}

/// An answer of Rosetta's web services.
pub enum Stored {
    Record {
        record: Packed,
        /// Empty when nobody holds a lock.
        locked_by: String,
    },
    /// Why it could not be had.
    Problem(String),
}

/// What of a history is worth a question: most stores have no decisions, and only merging needs texts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    texts: bool,
    decisions: bool,
    stored: bool,
}

impl Store {
    pub(super) fn wanted(&self, texts: bool) -> Result<Wanted, Error> {
        Ok(Wanted { texts, decisions: self.has_decisions()?, stored: self.has_stored_records()? })
    }

    pub(super) fn history(&self, ie: &str, wanted: Wanted) -> Result<History, Error> {
        let doing = "read the IE's packages";
        let sql =
            "SELECT id, state, content, name FROM packages WHERE ie = ?1 AND state <> 'withdrawn' ORDER BY id DESC";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([ie]).doing(doing)?;
        let mut history = History::default();
        while let Some(row) = rows.next().doing(doing)? {
            let state: String = row.get(1).doing(doing)?;
            let state =
                PackageState::parse(&state).ok_or_else(|| Error::Damaged { what: format!("the state `{state}`") })?;
            let (package, content) = (row.get(0).doing(doing)?, ContentDigest(row.get(2).doing(doing)?));
            if history.latest.is_none() {
                history.latest = Some(Latest { package, state, content, name: row.get(3).doing(doing)? });
            }
            if state == PackageState::Done {
                let texts = if wanted.texts { Some(self.texts_to_merge(package)?) } else { None };
                history.last_applied = Some(Applied { package, content, texts });
                break;
            }
        }
        if wanted.decisions {
            history.decisions = self.decisions_of(ie)?;
        }
        if wanted.stored {
            history.stored = self.stored_record(ie)?;
        }
        Ok(history)
    }

    fn texts_to_merge(&self, package: i64) -> Result<(Packed, Option<Packed>), Error> {
        let doing = "read the base of a merge";
        let sql = "SELECT bytes, alma FROM packages WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let texts = |row: &rusqlite::Row<'_>| {
            Ok((Packed::text(row.get(0)?), row.get::<_, Option<Vec<u8>>>(1)?.map(Packed::text)))
        };
        statement.query_row([package], texts).doing(doing)
    }

    fn has_stored_records(&self) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM stored_records)";
        let mut statement = self.connection.prepare_cached(sql).doing("look for stored records")?;
        statement.query_row([], |row| row.get(0)).doing("look for stored records")
    }

    fn stored_record(&self, ie: &str) -> Result<Option<Stored>, Error> {
        let doing = "read a stored record";
        let sql = "SELECT content, problem, locked_by FROM stored_records WHERE ie = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let read = |row: &rusqlite::Row<'_>| {
            let content: Option<Vec<u8>> = row.get(0)?;
            Ok(match content {
                Some(content) => Stored::Record { record: Packed::text(content), locked_by: row.get(2)? },
                None => Stored::Problem(row.get(1)?),
            })
        };
        statement.query_row([ie], read).optional().doing(doing)
    }
}
