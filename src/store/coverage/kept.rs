//! The coverage as it was at one moment, in a file beside the store: counting takes seconds, and a page has none.
//!
//! The file is a cache. It is written anew as a whole and moved into its place, and may be deleted at any time.

use super::super::feeds::FeedId;
use super::super::outcomes::Slice;
use super::super::{Doing, Error, Store, beside};
use super::{Claimed, Counts, Coverage, Survey, Unused, Wanted};
use crate::model::time::Timestamp;
use rusqlite::{Connection, OpenFlags, Row, params};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Another number when the tables change: a file of another layout is not read.
const LAYOUT: i64 = 1;
/// Lines that one page looks at when it wants those of one set.
const LOOKS: i64 = 20_000;

const TABLES: &str = "
    CREATE TABLE taken (at INTEGER NOT NULL, is_prepared INTEGER NOT NULL) STRICT;
    -- The total is the line without a set.
    CREATE TABLE counts (sets TEXT, ies INTEGER NOT NULL, ies_without_alma INTEGER NOT NULL, alma INTEGER NOT NULL,
                         alma_without_ie INTEGER NOT NULL, claimed_twice INTEGER NOT NULL) STRICT;
    CREATE TABLE without_alma (n INTEGER PRIMARY KEY, ie TEXT NOT NULL, sets TEXT NOT NULL) STRICT;
    CREATE TABLE without_ie (n INTEGER PRIMARY KEY, identifier TEXT NOT NULL, sets TEXT NOT NULL, code TEXT NOT NULL,
                             ie TEXT NOT NULL) STRICT;
    CREATE TABLE claimed_twice (n INTEGER PRIMARY KEY, ie TEXT NOT NULL, identifier TEXT NOT NULL, place TEXT NOT NULL,
                                text TEXT NOT NULL, has_gone INTEGER NOT NULL) STRICT;";

/// The lists that are kept.
pub struct Kept {
    connection: Connection,
    /// When they were true.
    pub taken: Timestamp,
    /// Whether all records had been looked at by then.
    pub is_prepared: bool,
}

fn path(state: &Path) -> PathBuf {
    beside(state, ".coverage")
}

impl Store {
    /// Surveys the store and keeps what was found in place of what was kept before. Takes seconds for a million records.
    pub fn keep_coverage(&self, rosetta: FeedId, alma: FeedId, now: Timestamp) -> Result<(), Error> {
        let doing = "keep the coverage";
        // Two that count at once must not write into one file.
        static TURN: Mutex<()> = Mutex::new(());
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = beside(&self.path, &format!(".coverage.{}", std::process::id()));
        let remove = || std::fs::remove_file(&fresh);
        let _ = remove();
        let connection = Connection::open(&fresh).doing(doing)?;
        connection.pragma_update(None, "journal_mode", "OFF").doing(doing)?;
        connection.pragma_update(None, "synchronous", "OFF").doing(doing)?;
        let written = self.write_coverage(&connection, rosetta, alma, now);
        drop(connection);
        let moved = written.and_then(|()| {
            std::fs::rename(&fresh, path(&self.path)).map_err(|source| Error::Beside { path: fresh.clone(), source })
        });
        if moved.is_err() {
            let _ = remove();
        }
        moved
    }

    fn write_coverage(&self, to: &Connection, rosetta: FeedId, alma: FeedId, now: Timestamp) -> Result<(), Error> {
        let doing = "keep the coverage";
        // Everything as it was at one moment, whatever a run writes meanwhile.
        let moment = self.connection.unchecked_transaction().doing(doing)?;
        let is_prepared = self.is_prepared(alma)?;
        let survey = self.survey(rosetta, alma)?;
        let write = to.unchecked_transaction().doing(doing)?;
        write.execute_batch(TABLES).doing(doing)?;
        write.pragma_update(None, "user_version", LAYOUT).doing(doing)?;
        write.execute("INSERT INTO taken VALUES (?1, ?2)", params![now.millis(), is_prepared]).doing(doing)?;
        write_counts(&write, &survey.coverage()).doing(doing)?;
        self.write_lists(&write, &survey, alma)?;
        write.commit().doing(doing)?;
        moment.commit().doing(doing)
    }

    fn write_lists(&self, write: &Connection, survey: &Survey, alma: FeedId) -> Result<(), Error> {
        let doing = "keep the coverage";
        let mut insert = write.prepare("INSERT INTO without_alma (ie, sets) VALUES (?1, ?2)").doing(doing)?;
        for (ie, sets) in survey.bare() {
            insert.execute([ie, sets]).doing(doing)?;
        }
        let sql = "INSERT INTO without_ie (identifier, sets, code, ie) VALUES (?1, ?2, ?3, ?4)";
        let mut insert = write.prepare(sql).doing(doing)?;
        self.each_without_ie(alma, survey, |line| {
            insert.execute([line.identifier, line.sets, line.code, line.ie]).doing(doing).map(|_| true)
        })?;
        let sql = "INSERT INTO claimed_twice (ie, identifier, place, text, has_gone) VALUES (?1, ?2, ?3, ?4, ?5)";
        let mut insert = write.prepare(sql).doing(doing)?;
        for line in self.claimed_twice(alma, survey, Wanted { set: None, limit: usize::MAX })? {
            let Claimed { ie, identifier, place, text, has_gone } = line;
            insert.execute(params![ie, identifier, place, text, has_gone]).doing(doing)?;
        }
        Ok(())
    }
}

fn write_counts(write: &Connection, coverage: &Coverage) -> rusqlite::Result<()> {
    let sets = coverage.sets.iter().map(|(set, counts)| (Some(set.as_str()), counts));
    let mut insert = write.prepare("INSERT INTO counts VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
    for (set, counts) in sets.chain(std::iter::once((None, &coverage.total))) {
        let Counts { ies, ies_without_alma, alma, alma_without_ie, claimed_twice } = *counts;
        let [ies, bare, alma, idle, twice] =
            [ies, ies_without_alma, alma, alma_without_ie, claimed_twice].map(|count| count as i64);
        insert.execute(params![set, ies, bare, alma, idle, twice])?;
    }
    Ok(())
}

impl Kept {
    /// What is kept beside a store; `None` when nothing is, or nothing that this program can read.
    pub fn open(state: &Path) -> Option<Kept> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path(state), flags).ok()?;
        let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).ok()?;
        if layout != LAYOUT {
            return None;
        }
        let read = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        let (at, is_prepared) = connection.query_row("SELECT at, is_prepared FROM taken", [], read).ok()?;
        Some(Kept { connection, taken: super::super::time(at), is_prepared })
    }

    pub fn coverage(&self) -> Result<Coverage, Error> {
        let doing = "read the coverage";
        let sql = "SELECT sets, ies, ies_without_alma, alma, alma_without_ie, claimed_twice FROM counts";
        let mut statement = self.connection.prepare(sql).doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let mut coverage = Coverage::default();
        while let Some(row) = rows.next().doing(doing)? {
            let count = |at: usize| row.get::<_, i64>(at).map(|count| count as u64).doing(doing);
            let counts = Counts {
                ies: count(1)?,
                ies_without_alma: count(2)?,
                alma: count(3)?,
                alma_without_ie: count(4)?,
                claimed_twice: count(5)?,
            };
            match row.get(0).doing(doing)? {
                Some(set) => drop(coverage.sets.insert(set, counts)),
                None => coverage.total = counts,
            }
        }
        Ok(coverage)
    }

    /// IEs that no Alma record describes with their sets, in the order of their numbers, after a line.
    pub fn without_alma(&self, after: i64, wanted: Wanted<'_>) -> Result<Slice<(String, String), i64>, Error> {
        self.page("n, sets, ie", "without_alma", after, wanted, |row| Ok((row.get(2)?, row.get(1)?)))
    }

    /// Alma records without an IE, a line for each IE that they name in vain, after a line.
    pub fn without_ie(&self, after: i64, wanted: Wanted<'_>) -> Result<Slice<Unused, i64>, Error> {
        self.page("n, sets, identifier, code, ie", "without_ie", after, wanted, |row| {
            Ok(Unused { sets: row.get(1)?, identifier: row.get(2)?, code: row.get(3)?, ie: row.get(4)? })
        })
    }

    /// IEs that several records name, a line for each of the records, after a line. Its records have sets of their own, so
    /// that it is asked for as a whole only.
    pub fn claimed_twice(&self, after: i64, limit: usize) -> Result<Slice<Claimed, i64>, Error> {
        let columns = "n, '', ie, identifier, place, text, has_gone";
        self.page(columns, "claimed_twice", after, Wanted { set: None, limit }, |row| {
            let (ie, identifier, place) = (row.get(2)?, row.get(3)?, row.get(4)?);
            Ok(Claimed { ie, identifier, place, text: row.get(5)?, has_gone: row.get(6)? })
        })
    }

    /// The first two columns are the line's number and its sets.
    fn page<T>(
        &self,
        columns: &str,
        table: &str,
        after: i64,
        wanted: Wanted<'_>,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Slice<T, i64>, Error> {
        let doing = "read the coverage";
        let sql = format!("SELECT {columns} FROM {table} WHERE n > ?1 ORDER BY n");
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut rows = statement.query([after]).doing(doing)?;
        let (mut items, mut last) = (Vec::new(), after);
        while let Some(row) = rows.next().doing(doing)? {
            if items.len() == wanted.limit || last - after == LOOKS {
                return Ok(Slice { items, next: Some(last) });
            }
            last = row.get(0).doing(doing)?;
            let sets = row.get_ref(1).doing(doing)?;
            if wanted.takes(sets.as_str().unwrap_or_default()) {
                items.push(read(row).doing(doing)?);
            }
        }
        Ok(Slice { items, next: None })
    }
}
