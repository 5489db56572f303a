//! The only SQL: what the servers said, and what became of our packages.

pub mod charts;
mod compress;
pub mod confirming;
pub mod containers;
pub mod coverage;
pub mod decisions;
pub mod feeds;
pub mod history;
pub mod ie_links;
pub mod intents;
pub mod journal;
pub mod ledger;
pub mod link_intents;
pub mod link_verdicts;
pub mod links;
pub mod lists;
pub mod outcomes;
pub mod packages;
mod packed;
pub mod pages;
pub mod prepared;
pub mod pull_ends;
pub mod pulls;
pub mod quarantine;
pub mod records;
pub mod resource_pages;
pub mod resources;
pub mod restorations;
pub mod runs;
pub mod sent;
pub mod shelves;
pub mod stored_records;
pub mod submissions;
pub mod titles;
pub mod vanished;
pub mod verdicts;

use crate::failure::{Advise, Kind};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Numbered migrations, each applied in one transaction together with its number.
const MIGRATIONS: [&str; 11] = [
    include_str!("migrations/0001_foundation.sql"),
    include_str!("migrations/0002_ledger.sql"),
    include_str!("migrations/0003_review.sql"),
    include_str!("migrations/0004_submissions.sql"),
    include_str!("migrations/0005_journal.sql"),
    include_str!("migrations/0006_page.sql"),
    include_str!("migrations/0007_speed.sql"),
    include_str!("migrations/0008_push.sql"),
    include_str!("migrations/0009_shelf.sql"),
    include_str!("migrations/0010_link.sql"),
    include_str!("migrations/0011_pull.sql"),
];

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot open the store {path}")]
    Open { path: PathBuf, source: rusqlite::Error },
    #[error("cannot make the folder of the store {path}")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("cannot write {path} beside the store")]
    Beside { path: PathBuf, source: std::io::Error },
    #[error("the store {path} has schema {found}; this program knows {known}")]
    Newer { path: PathBuf, found: usize, known: usize },
    #[error("the store {path} does not exist")]
    Missing { path: PathBuf },
    #[error("another run of this profile holds the lock {path}")]
    Locked { path: PathBuf },
    #[error("cannot lock {path}")]
    Lock { path: PathBuf, source: std::io::Error },
    #[error("the store failed to {doing}")]
    Sql { doing: &'static str, source: rusqlite::Error },
    /// One target is written by one intent at a time.
    #[error("{target} is being written for {by}, and it is not known yet what became of that")]
    Taken { target: String, by: String },
    #[error("the store holds {what}, which this program cannot read")]
    Damaged { what: String },
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Locked { .. } => Kind::Locked,
            Error::Missing { .. } => Kind::Configuration,
            Error::Open { .. }
            | Error::Folder { .. }
            | Error::Beside { .. }
            | Error::Newer { .. }
            | Error::Lock { .. }
            | Error::Sql { .. }
            | Error::Taken { .. }
            | Error::Damaged { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Locked { .. } => Some("wait for it to end; the lock goes with its process".to_owned()),
            Error::Newer { .. } => Some("update cartouche: a newer version has written this store".to_owned()),
            Error::Missing { .. } => {
                Some("`cartouche run` or `cartouche push` makes it; is state.path of the profile right?".to_owned())
            }
            Error::Open { .. } | Error::Folder { .. } => {
                Some("state.path must lie on a local disk, not on NFS".to_owned())
            }
            Error::Sql { .. } | Error::Beside { .. } => Some("is the disk full?".to_owned()),
            Error::Lock { .. } => None,
            Error::Taken { .. } => Some("the next run looks what became of it".to_owned()),
            Error::Damaged { .. } => {
                Some("bring back a copy of the store; the folder still knows what was staged".to_owned())
            }
        }
    }
}

/// Names what was tried when SQL fails.
trait Doing<T> {
    fn doing(self, doing: &'static str) -> Result<T, Error>;
}

impl<T> Doing<T> for Result<T, rusqlite::Error> {
    fn doing(self, doing: &'static str) -> Result<T, Error> {
        self.map_err(|source| Error::Sql { doing, source })
    }
}

/// A connection to the store of one profile.
pub struct Store {
    path: PathBuf,
    connection: Connection,
    codec: compress::Codec,
    /// In whose name the journal is written.
    actor: journal::Actor,
}

impl Store {
    /// Opens or makes the store and brings its schema up to date.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| Error::Folder { path: path.to_owned(), source })?;
        }
        let mut connection = Connection::open(path).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        configure(&connection).map_err(|source| Error::Open { path: path.to_owned(), source })?;
        migrate(&mut connection, path)?;
        Ok(Store { path: path.to_owned(), connection, codec: compress::Codec::new(), actor: journal::Actor::default() })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A further connection to the same store, for another thread.
    pub fn another(&self) -> Result<Self, Error> {
        Ok(Store { actor: self.actor.clone(), ..Self::open(&self.path)? })
    }

    /// Says once, before anything is written, in whose name the journal is kept.
    pub fn act_as(&mut self, who: &str) {
        self.actor.who = who.to_owned();
    }

    /// Never waits for another connection that writes: what it has to say is not worth it.
    pub fn impatient(self) -> Result<Self, Error> {
        self.connection.busy_timeout(Duration::ZERO).doing("ask not to wait")?;
        Ok(self)
    }

    /// Opens a store that must exist, for the commands that only look.
    pub fn open_existing(path: &Path) -> Result<Self, Error> {
        match std::fs::metadata(path) {
            Ok(_) => Self::open(path),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(Error::Missing { path: path.to_owned() }),
            Err(source) => Err(Error::Folder { path: path.to_owned(), source }),
        }
    }

    pub fn meta(&self, key: &str) -> Result<Option<String>, Error> {
        self.connection
            .query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0))
            .optional()
            .doing("read a fact")
    }

    pub fn set_meta(&self, key: &str, value: &str) -> Result<(), Error> {
        let sql =
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        self.connection.execute(sql, params![key, value]).doing("write a fact").map(|_| ())
    }

    /// Two threads of this program take turns here, which costs less than SQLite's polling for its lock.
    fn transaction<T>(
        &mut self,
        work: impl FnOnce(&rusqlite::Transaction<'_>, &mut compress::Codec) -> Result<T, Error>,
    ) -> Result<T, Error> {
        static TURN: Mutex<()> = Mutex::new(());
        // A thread that panicked in its turn has rolled back; the next one may go on.
        let _turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).doing("begin a transaction")?;
        let done = work(&transaction, &mut self.codec)?;
        transaction.commit().doing("commit a transaction")?;
        Ok(done)
    }

    /// What is committed from here on survives a power cut: for intents, which come before acts.
    pub fn durable(&self) -> Result<(), Error> {
        self.connection.pragma_update(None, "synchronous", "FULL").doing("ask for durable commits")
    }
}

fn configure(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(Duration::from_secs(120))?;
    // Counts only before the first table is made: a record's metadata should not spill onto further pages.
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    // A page lost to a power cut is asked for again: its token went with it.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.pragma_update(None, "cache_size", -32_000)?;
    connection.pragma_update(None, "foreign_keys", "OFF")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4000)?;
    connection.set_prepared_statement_cache_capacity(64);
    // Partial indexes make SQLite plan a statement anew for each value that it is given; a tenth of the work was that.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), Error> {
    let version = |connection: &Connection| -> rusqlite::Result<i64> {
        connection.query_row("PRAGMA user_version", [], |row| row.get(0))
    };
    let found = version(connection).map_err(|source| Error::Open { path: path.to_owned(), source })? as usize;
    if found > MIGRATIONS.len() {
        return Err(Error::Newer { path: path.to_owned(), found, known: MIGRATIONS.len() });
    }
    for (at, sql) in MIGRATIONS.iter().enumerate().skip(found) {
        let transaction =
            connection.transaction_with_behavior(TransactionBehavior::Exclusive).doing("begin a migration")?;
        // Another connection may have been faster.
        if version(&transaction).doing("read the schema number")? as usize > at {
            continue;
        }
        transaction.execute_batch(sql).doing("apply a migration")?;
        transaction.pragma_update(None, "user_version", (at + 1) as i64).doing("number a migration")?;
        transaction.commit().doing("commit a migration")?;
    }
    Ok(())
}

/// Held while a run works on a profile; the system drops it with the process, however that ends.
pub struct Lock {
    _file: File,
}

/// The path of a file that lies beside a store and is called after it.
fn beside(store: &Path, ending: &str) -> PathBuf {
    let mut path = store.as_os_str().to_owned();
    path.push(ending);
    PathBuf::from(path)
}

impl Lock {
    pub fn take(store: &Path) -> Result<Self, Error> {
        let path = beside(store, ".lock");
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|source| Error::Folder { path: path.clone(), source })?;
        }
        let open = File::options().create(true).truncate(false).read(true).write(true).open(&path);
        let file = open.map_err(|source| Error::Lock { path: path.clone(), source })?;
        match file.try_lock() {
            Ok(()) => Ok(Lock { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Error::Locked { path }),
            Err(TryLockError::Error(source)) => Err(Error::Lock { path, source }),
        }
    }

    /// Whether a run holds the lock, without touching it: to try it would turn away a run that begins right then. `None`
    /// where the system does not tell.
    pub fn is_held(store: &Path) -> Option<bool> {
        use std::os::unix::fs::MetadataExt as _;
        let file = match std::fs::metadata(beside(store, ".lock")) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Some(false),
            Err(_) => return None,
        };
        let ours = format!(":{}", file.ino());
        let locks = std::fs::read_to_string("/proc/locks").ok()?;
        // `7: FLOCK  ADVISORY  WRITE 4711 fe:01:1055011 0 EOF`; the device differs from stat's where folders are stacked.
        Some(locks.lines().any(|line| {
            let fields: Vec<&str> = line.split_whitespace().collect();
            fields.get(1) == Some(&"FLOCK") && fields.get(5).is_some_and(|place| place.ends_with(&ours))
        }))
    }
}

/// Instants were written by us from valid ones; anything else shows as the beginning of time.
fn time(millis: i64) -> crate::model::time::Timestamp {
    crate::model::time::Timestamp::from_millis(millis)
        .unwrap_or_else(|| crate::model::time::Timestamp::from_utc(chrono::DateTime::UNIX_EPOCH))
}
