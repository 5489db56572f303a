//! What Rosetta's web services said of IEs: kept until the IE changes, and asked for anew before anything is written.

use super::decisions::{make_stale, pid};
use super::{Doing, Error, Store};
use crate::model::id::IePid;
use rusqlite::params;

/// An answer about one IE.
pub struct StoredAnswer {
    pub ie: IePid,
    /// The dc:record, or why it could not be had.
    pub record: Result<String, String>,
    /// Empty when nobody holds a lock.
    pub locked_by: String,
    pub version: String,
}

/// Held packages that are asked about in one run: a person looks at few, and the rest can wait.
const HELD_AT_ONCE: usize = 1000;
/// Packages that are looked for in one run, when they are done and Rosetta's feed has not shown them.
const CONFIRMED_AT_ONCE: usize = 1000;

impl Store {
    /// IEs that are about to change and were not asked about in this run: as many packages as there is room for, ways
    /// back, and what is held without an answer, or because of one.
    pub fn ies_to_ask(&self, run: i64, room: usize) -> Result<Vec<IePid>, Error> {
        let packages = "SELECT ie FROM (SELECT ie FROM outcomes WHERE kind = 'package' AND code = '' AND NOT EXISTS
                            (SELECT 1 FROM packages WHERE packages.ie = outcomes.ie
                                AND (state = 'planned' OR state = 'staged' OR state = 'lost'))
                            ORDER BY record, ie LIMIT ?2) AS next
                        WHERE NOT EXISTS (SELECT 1 FROM stored_records WHERE stored_records.ie = next.ie AND run = ?1)";
        let held = "SELECT ie FROM outcomes WHERE kind = 'held' AND NOT EXISTS
                        (SELECT 1 FROM stored_records WHERE stored_records.ie = outcomes.ie
                            AND (run = ?1 OR locked_by = '' AND content IS NOT NULL))
                    UNION SELECT ie FROM restorations WHERE (state = 'package' OR state = 'held') AND NOT EXISTS
                        (SELECT 1 FROM stored_records WHERE stored_records.ie = restorations.ie AND run = ?1)
                    LIMIT ?2";
        let mut ies = self.ies(packages, run, room)?;
        ies.extend(self.ies(held, run, HELD_AT_ONCE)?);
        ies.sort();
        ies.dedup();
        Ok(ies)
    }

    /// IEs whose last package is done and was not seen in Rosetta, and which were not asked about since.
    pub fn ies_to_confirm(&self, run: i64) -> Result<Vec<IePid>, Error> {
        let sql =
            "SELECT ie FROM packages WHERE state = 'done' AND confirmed IS NULL AND diverged IS NULL AND NOT EXISTS
                       (SELECT 1 FROM stored_records WHERE stored_records.ie = packages.ie AND run = ?1)
                   ORDER BY settled LIMIT ?2";
        let mut ies = self.ies(sql, run, CONFIRMED_AT_ONCE)?;
        ies.sort();
        ies.dedup();
        Ok(ies)
    }

    fn ies(&self, sql: &str, run: i64, limit: usize) -> Result<Vec<IePid>, Error> {
        let doing = "look for IEs to ask about";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map(params![run, limit as i64], |row| row.get::<_, String>(0));
        let texts: Vec<String> = rows.and_then(Iterator::collect).doing(doing)?;
        texts.into_iter().map(pid).collect()
    }

    /// Keeps answers; what follows from them is decided anew.
    pub fn keep_stored(&mut self, run: i64, answers: &[StoredAnswer]) -> Result<(), Error> {
        self.transaction(|transaction, codec| {
            let sql = "INSERT INTO stored_records (ie, run, content, problem, locked_by, version) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                       ON CONFLICT (ie) DO UPDATE SET run = excluded.run, content = excluded.content,
                           problem = excluded.problem, locked_by = excluded.locked_by, version = excluded.version";
            let mut statement = transaction.prepare_cached(sql).doing("keep a stored record")?;
            for answer in answers {
                let (content, problem) = match &answer.record {
                    Ok(record) => (Some(codec.pack(record.as_bytes())), ""),
                    Err(problem) => (None, problem.as_str()),
                };
                let values = params![answer.ie.as_str(), run, content, problem, answer.locked_by, answer.version];
                statement.execute(values).doing("keep a stored record")?;
                make_stale(transaction, &answer.ie)?;
            }
            Ok(())
        })
    }
}
