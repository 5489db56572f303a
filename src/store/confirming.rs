//! What Rosetta was seen to hold after a package was done.

use super::feeds::FeedId;
use super::journal::Journal;
use super::prepared::Packed;
use super::{Doing, Error, Store};
use crate::model::dc::ContentDigest;
use crate::model::event::Event;
use crate::model::time::Timestamp;
use rusqlite::params;

/// A package that is done, and what Rosetta shows of its IE since.
pub struct ToConfirm {
    pub package: i64,
    pub content: ContentDigest,
    pub shown: Packed,
    /// Whether this was shown after the package was settled, so that it tells what came of it.
    pub is_later: bool,
    /// The version of Rosetta's record that this is.
    pub version: String,
}

/// What a comparison told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    Confirmed,
    Diverged,
    /// Rosetta may not have shown it since.
    Open,
}

/// How many packages are done and not yet seen in Rosetta, and how many were seen to be something else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unconfirmed {
    pub packages: u64,
    pub diverged: u64,
    /// When the oldest of them was settled.
    pub oldest: Option<Timestamp>,
}

impl Store {
    /// Packages that are done and not yet confirmed, as far as Rosetta showed something new of their IEs since.
    pub fn to_confirm(&mut self, rosetta: FeedId, repository: &str) -> Result<Vec<ToConfirm>, Error> {
        let doing = "look for what is to be confirmed";
        // Only the last one that was done can be seen. Left to itself SQLite looks for `later` among all that are done: for each of
        // 50,000 packages through as many, which was not through after eight minutes.
        let superseded = "UPDATE packages INDEXED BY packages_to_confirm SET confirmed = 0, diverged = NULL
                          WHERE state = 'done' AND confirmed IS NULL AND EXISTS (SELECT 1 FROM packages AS later INDEXED BY packages_by_ie
                              WHERE later.ie = packages.ie AND later.id > packages.id AND later.state = 'done')";
        self.connection.prepare_cached(superseded).and_then(|mut s| s.execute([])).doing(doing)?;
        let sql = "SELECT packages.id, packages.content, records.body, records.metadata,
                       records.changed >= packages.settled OR stored.content IS NOT NULL
                           OR records.datestamp > strftime('%Y-%m-%dT%H:%M:%SZ', packages.settled / 1000, 'unixepoch'),
                       stored.content, records.datestamp || ' ' || hex(records.digest)
                   FROM packages INDEXED BY packages_to_confirm CROSS JOIN records ON records.feed = ?1 AND records.identifier = 'oai:' || ?2 || ':' || packages.ie
                   LEFT JOIN stored_records AS stored ON stored.ie = packages.ie AND stored.content IS NOT NULL
                   WHERE packages.state = 'done' AND packages.confirmed IS NULL AND records.body = 0 AND records.gone IS NULL
                       AND (stored.content IS NOT NULL
                           OR packages.compared IS NOT records.datestamp || ' ' || hex(records.digest))";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map(params![rosetta.0, repository], |row| {
            let stored: Option<Vec<u8>> = row.get(5)?;
            let shown = match stored {
                Some(stored) => Packed::text(stored),
                None => Packed::record(row.get(2)?, row.get(3)?),
            };
            Ok(ToConfirm {
                package: row.get(0)?,
                content: ContentDigest(row.get(1)?),
                shown,
                is_later: row.get(4)?,
                version: row.get(6)?,
            })
        });
        rows.and_then(Iterator::collect).doing(doing)
    }

    /// Notes what comparing found, and with which version of Rosetta's record, so that each is compared once.
    pub fn note_compared(&mut self, compared: &[(ToConfirm, Verdict)], now: Timestamp) -> Result<(), Error> {
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            let sql = "UPDATE packages SET compared = ?2, confirmed = CASE WHEN ?3 = 'confirmed' THEN ?4 END,
                           diverged = CASE WHEN ?3 = 'diverged' THEN ?4 WHEN ?3 = 'open' THEN diverged END
                       WHERE id = ?1";
            let mut statement = transaction.prepare_cached(sql).doing("note what was confirmed")?;
            for (one, verdict) in compared {
                let (verdict, event) = match verdict {
                    Verdict::Confirmed => ("confirmed", Some(Event::Confirmed)),
                    Verdict::Diverged => ("diverged", Some(Event::Diverged)),
                    Verdict::Open => ("open", None),
                };
                if let Some(event) = event {
                    journal.append(&journal.known(one.package)?.entry(event))?;
                }
                let values = params![one.package, one.version, verdict, now.millis()];
                statement.execute(values).doing("note what was confirmed")?;
            }
            Ok(())
        })
    }

    pub fn unconfirmed(&self) -> Result<Unconfirmed, Error> {
        let sql = "SELECT count(*), count(diverged), min(settled) FROM packages INDEXED BY packages_to_confirm WHERE state = 'done' AND confirmed IS NULL";
        let mut statement = self.connection.prepare_cached(sql).doing("count what is to be confirmed")?;
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Unconfirmed {
                packages: row.get::<_, i64>(0)? as u64,
                diverged: row.get::<_, i64>(1)? as u64,
                oldest: row.get::<_, Option<i64>>(2)?.map(super::time),
            })
        };
        statement.query_row([], read).doing("count what is to be confirmed")
    }
}
