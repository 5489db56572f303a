//! An index of the words of all titles, in a file beside the store.
//!
//! It is a cache: filled by whoever serves the page, in small steps, so that a harvest pays nothing for it; what it holds is
//! looked up in the store again before it is shown, and it may be deleted at any time. A step compares a stretch of the
//! store's records with what was noted of them, and reads those that differ. A pass is all stretches, from the first record
//! to the last; it goes on where it was left, even by a kill.

use super::feeds::FeedId;
use super::outcomes::Slice;
use super::records::StoredBody;
use super::{Doing, Error, Store, beside};
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior, params};
use std::collections::HashMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Another number when the tables change: a file of another layout is made anew.
const LAYOUT: i64 = 1;
/// Records of one step: about a tenth of a second when all of them are new.
const STRETCH: usize = 2_000;

const TABLES: &str = "
    CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
    -- What was noted of each record: its instant of change and its kind, and the last part of its identifier.
    CREATE TABLE entries (record INTEGER PRIMARY KEY, stamp INTEGER NOT NULL, local TEXT NOT NULL) STRICT;
    CREATE INDEX entries_by_local ON entries (local);
    CREATE VIRTUAL TABLE words USING fts5 (title, content = '', contentless_delete = 1, prefix = '2 3',
        tokenize = 'unicode61 remove_diacritics 2');";

/// The index.
pub struct Titles {
    path: PathBuf,
    connection: Connection,
    /// Tells whether the file was deleted, or another one lies in its place.
    inode: u64,
}

/// How far the index has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Whether every record was looked at once.
    pub is_complete: bool,
    pub done: u64,
    pub of: u64,
}

impl Titles {
    /// Opens the index beside a store, or makes an empty one. One that cannot be read is made anew.
    pub fn open(state: &Path) -> Result<Self, Error> {
        let path = beside(state, ".titles");
        match Self::open_at(&path) {
            Err(error) if is_spoilt(&error) => {
                remove(&path)?;
                Self::open_at(&path)
            }
            opened => opened,
        }
    }

    fn open_at(path: &Path) -> Result<Self, Error> {
        let doing = "open the index of titles";
        let mut connection = Connection::open(path).doing(doing)?;
        configure(&connection).doing(doing)?;
        let layout =
            |connection: &Connection| connection.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0));
        match layout(&connection).doing(doing)? {
            LAYOUT => {}
            0 => {
                let make = connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(doing)?;
                // Another process may have been faster.
                if layout(&make).doing(doing)? == 0 {
                    make.execute_batch(TABLES).doing(doing)?;
                    make.pragma_update(None, "user_version", LAYOUT).doing(doing)?;
                }
                make.commit().doing(doing)?;
            }
            _ => {
                drop(connection);
                remove(path)?;
                return Self::open_at(path);
            }
        }
        let inode = inode(path).ok_or_else(|| Error::Missing { path: path.to_owned() })?;
        Ok(Titles { path: path.to_owned(), connection, inode })
    }

    /// The index beside a store as it is; `None` when there is none that can be read.
    pub fn existing(state: &Path) -> Option<Self> {
        let path = beside(state, ".titles");
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).ok()?;
        connection.busy_timeout(Duration::from_secs(5)).ok()?;
        let layout: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0)).ok()?;
        let inode = inode(&path)?;
        (layout == LAYOUT).then_some(Titles { path, connection, inode })
    }

    /// Whether the file is still the one that was opened.
    pub fn is_in_place(&self) -> bool {
        inode(&self.path) == Some(self.inode)
    }

    /// Deletes the file if it is spoilt, so that it is made anew; for whoever has met an error.
    pub fn discard_if_spoilt(self) -> Result<(), Error> {
        let Titles { path, connection, .. } = self;
        let looks =
            connection.execute_batch("INSERT INTO words (words) VALUES ('integrity-check'); PRAGMA quick_check(1);");
        let found = looks.doing("look at the index of titles");
        drop(connection);
        match found {
            Err(error) if is_spoilt(&error) => remove(&path),
            Ok(()) | Err(_) => Ok(()),
        }
    }

    pub fn progress(&self, store: &Store) -> Result<Progress, Error> {
        let doing = "ask how far the index of titles is";
        let last: i64 = store
            .connection
            .query_row("SELECT coalesce(max(id), 0) FROM records", [], |row| row.get(0))
            .doing(doing)?;
        let is_complete = self.fact("complete").doing(doing)?.is_some();
        let position = self.fact("position").doing(doing)?.and_then(|text| text.parse().ok()).unwrap_or(0);
        Ok(Progress { is_complete, done: if is_complete { last as u64 } else { position }, of: last as u64 })
    }

    fn fact(&self, name: &str) -> rusqlite::Result<Option<String>> {
        let sql = "SELECT value FROM facts WHERE name = ?1";
        self.connection.prepare_cached(sql)?.query_row([name], |row| row.get(0)).optional()
    }

    /// Numbers of the records whose identifier ends with `:local`, as far as they were looked at.
    pub fn by_local(&self, local: &str, limit: usize) -> Result<Vec<i64>, Error> {
        let sql = "SELECT record FROM entries WHERE local = ?1 ORDER BY record LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("look for an identifier")?;
        let rows = statement.query_map(params![local, limit as i64], |row| row.get(0));
        rows.and_then(Iterator::collect).doing("look for an identifier")
    }

    /// Numbers of the records whose titles hold all these words, or words that begin so, newest records first.
    pub fn find(&self, words: &str, before: i64, limit: usize) -> Result<Slice<i64, i64>, Error> {
        let doing = "look for words";
        let Some(wanted) = expression(words) else { return Ok(Slice { items: Vec::new(), next: None }) };
        let sql = "SELECT rowid FROM words WHERE words MATCH ?1 AND rowid < ?2 ORDER BY rowid DESC LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map(params![wanted, before, limit as i64 + 1], |row| row.get(0));
        let mut items: Vec<i64> = rows.and_then(Iterator::collect).doing(doing)?;
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().copied().filter(|_| has_more);
        Ok(Slice { items, next })
    }

    /// Brings the next stretch of records into the index; answers whether the pass goes on.
    pub fn step(
        &mut self,
        store: &mut Store,
        feeds: [FeedId; 2],
        title_of: impl Fn(&StoredBody) -> Option<String>,
    ) -> Result<bool, Error> {
        let doing = "bring titles into the index";
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate).doing(doing)?;
        let after = begin(&transaction, feeds).doing(doing)?;
        let stretch = store.stretch(feeds, after)?;
        let last = stretch.last.unwrap_or(i64::MAX);
        let mut known = noted(&transaction, after, last).doing(doing)?;
        for record in stretch.records {
            if known.remove(&record.id) == Some(record.stamp) {
                continue;
            }
            let body = store.record_by_id(record.id)?.map(|stored| stored.body);
            let title = body.as_ref().and_then(&title_of);
            write(&transaction, &record, title.as_deref()).doing(doing)?;
        }
        // What is left belongs to no record of the profile's feeds any more.
        for record in known.into_keys() {
            transaction.execute("DELETE FROM words WHERE rowid = ?1", [record]).doing(doing)?;
            transaction.execute("DELETE FROM entries WHERE record = ?1", [record]).doing(doing)?;
        }
        note(&transaction, stretch.last).doing(doing)?;
        transaction.commit().doing(doing)?;
        Ok(stretch.last.is_some())
    }
}

/// A record as it must be noted.
struct Noted {
    id: i64,
    stamp: i64,
    local: String,
}

/// Some records in the order of their numbers.
struct Stretch {
    records: Vec<Noted>,
    /// The last number that was looked at; `None` at the end of all records.
    last: Option<i64>,
}

impl Store {
    fn stretch(&self, feeds: [FeedId; 2], after: i64) -> Result<Stretch, Error> {
        let doing = "walk through records";
        // Three bits for the kind; deleted and vanished records have none of their own in `changed`.
        let sql = "SELECT id, feed, identifier, changed * 8 + CASE WHEN gone IS NULL THEN body ELSE 4 END FROM records NOT INDEXED
                   WHERE id > ?1 ORDER BY id LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![after, STRETCH as i64]).doing(doing)?;
        let (mut records, mut seen, mut last) = (Vec::new(), 0, None);
        while let Some(row) = rows.next().doing(doing)? {
            let (id, feed): (i64, i64) = (row.get(0).doing(doing)?, row.get(1).doing(doing)?);
            (seen, last) = (seen + 1, Some(id));
            if feeds.contains(&FeedId(feed)) {
                let identifier = row.get_ref(2).doing(doing)?;
                let local = identifier.as_str().unwrap_or_default().rsplit(':').next().unwrap_or_default().to_owned();
                records.push(Noted { id, stamp: row.get(3).doing(doing)?, local });
            }
        }
        Ok(Stretch { records, last: last.filter(|_| seen == STRETCH) })
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(30))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "NORMAL")
}

/// Where the pass stands; everything is forgotten when the profile reads other feeds by now.
fn begin(transaction: &Transaction<'_>, feeds: [FeedId; 2]) -> rusqlite::Result<i64> {
    let feeds = format!("{} {}", feeds[0].0, feeds[1].0);
    let fact = |name: &str| -> rusqlite::Result<Option<String>> {
        transaction.query_row("SELECT value FROM facts WHERE name = ?1", [name], |row| row.get(0)).optional()
    };
    if fact("feeds")?.as_deref() != Some(&feeds) {
        transaction.execute_batch(
            "DELETE FROM facts; DELETE FROM entries; INSERT INTO words (words) VALUES ('delete-all');",
        )?;
        transaction.execute("INSERT INTO facts (name, value) VALUES ('feeds', ?1)", [feeds])?;
    }
    Ok(fact("position")?.and_then(|position| position.parse().ok()).unwrap_or(0))
}

/// What was noted of the records behind one number and up to another.
fn noted(transaction: &Transaction<'_>, after: i64, last: i64) -> rusqlite::Result<HashMap<i64, i64>> {
    let sql = "SELECT record, stamp FROM entries WHERE record > ?1 AND record <= ?2";
    let mut statement = transaction.prepare_cached(sql)?;
    statement.query_map([after, last], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

fn write(transaction: &Transaction<'_>, record: &Noted, title: Option<&str>) -> rusqlite::Result<()> {
    let sql = match title {
        Some(_) => "INSERT OR REPLACE INTO words (rowid, title) VALUES (?1, ?2)",
        None => "DELETE FROM words WHERE rowid = ?1 AND ?2 IS NULL",
    };
    transaction.prepare_cached(sql)?.execute(params![record.id, title])?;
    let sql = "INSERT OR REPLACE INTO entries (record, stamp, local) VALUES (?1, ?2, ?3)";
    transaction.prepare_cached(sql)?.execute(params![record.id, record.stamp, record.local]).map(|_| ())
}

/// Notes how far the pass has come, or that it is through.
fn note(transaction: &Transaction<'_>, last: Option<i64>) -> rusqlite::Result<()> {
    let (name, value) = match last {
        Some(last) => ("position", last.to_string()),
        None => ("complete", "1".to_owned()),
    };
    transaction.execute("DELETE FROM facts WHERE name = 'position'", [])?;
    transaction.execute("INSERT OR REPLACE INTO facts (name, value) VALUES (?1, ?2)", [name, &value]).map(|_| ())
}

/// Words as FTS5 asks for them, or `None` when there are none. Each is quoted: what people type is no query language.
/// A single letter stands for itself; as the beginning of a word it would mean a good part of everything.
fn expression(words: &str) -> Option<String> {
    let is_word = |word: &&str| word.chars().any(char::is_alphanumeric);
    let quoted = |word: &str| {
        let is_long = word.chars().filter(|c| c.is_alphanumeric()).count() > 1;
        format!("\"{}\"{}", word.replace(['"', '\0'], " "), if is_long { " *" } else { "" })
    };
    let parts: Vec<String> = words.split_whitespace().filter(is_word).map(quoted).collect();
    (!parts.is_empty()).then(|| parts.join(" AND "))
}

fn is_spoilt(error: &Error) -> bool {
    let Error::Sql { source, .. } = error else { return false };
    matches!(source.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

fn inode(path: &Path) -> Option<u64> {
    std::fs::metadata(path).ok().map(|found| found.ino())
}

fn remove(path: &Path) -> Result<(), Error> {
    for ending in ["", "-wal", "-shm"] {
        let path = beside(path, ending);
        match std::fs::remove_file(&path) {
            Err(source) if source.kind() != std::io::ErrorKind::NotFound => return Err(Error::Beside { path, source }),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(titles: &[&str]) -> (tempfile::TempDir, Titles) {
        let folder = tempfile::tempdir().unwrap();
        let mut titles_ = Titles::open(&folder.path().join("x.db")).unwrap();
        let transaction = titles_.connection.transaction().unwrap();
        for (at, title) in titles.iter().enumerate() {
            let record = Noted { id: at as i64 + 1, stamp: 0, local: String::new() };
            write(&transaction, &record, Some(title)).unwrap();
        }
        transaction.commit().unwrap();
        (folder, titles_)
    }

    #[test]
    fn words_are_found_whatever_their_case_and_diacritics() {
        let (_folder, titles) = index(&["Die Brücke über den Fluß", "Το γεφύρι", "Bridge (The)", "Brückenbau"]);
        let finds = |words: &str| titles.find(words, i64::MAX, 10).unwrap().items;
        assert_eq!(finds("BRUCKE"), [4, 1]);
        assert_eq!(finds("bru\u{308}cke fluß"), [1]);
        assert_eq!(finds("ΓΕΦΎΡΙ"), [2]);
        assert_eq!(finds("the (bridge"), [3]);
        assert_eq!(finds("b"), [] as [i64; 0]);
        assert_eq!(finds("OR NOT"), [] as [i64; 0]);
        assert_eq!(finds("\"* - ()"), [] as [i64; 0]);
        let first = titles.find("br", i64::MAX, 2).unwrap();
        assert_eq!((first.items, first.next), (vec![4, 3], Some(3)));
        assert_eq!(titles.find("br", 3, 2).unwrap().items, [1]);
    }

    #[test]
    fn a_file_that_is_no_index_is_made_anew() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("x.db");
        std::fs::write(
            folder.path().join("x.db.titles"),
            "no database at all, and longer than its header is".repeat(9),
        )
        .unwrap();
        let titles = Titles::open(&state).unwrap();
        assert!(titles.is_in_place() && titles.find("x", i64::MAX, 1).unwrap().items.is_empty());
        std::fs::remove_file(folder.path().join("x.db.titles")).unwrap();
        assert!(!titles.is_in_place() && Titles::existing(&state).is_none());
    }

    proptest! {
        #[test]
        fn whatever_somebody_types_is_no_query_language(words in any::<String>(), other in "[-\"*:^(){}+, a-zA-Z0-9]{0,30}") {
            thread_local! { static INDEX: (tempfile::TempDir, Titles) = index(&["a title of no importance"]); }
            for words in [words, other] {
                let found = INDEX.with(|(_, titles)| titles.find(&words, i64::MAX, 10));
                prop_assert!(found.is_ok(), "{:?}: {:?}", words, found.err());
            }
        }
    }
}
