//! The journal: what was done to an IE or a resource, by whom, when and from what. It only grows, and each entry carries the digest of the one
//! before, so that nothing in it can be changed, removed or put in between without being found.
//!
//! An entry is written in the transaction of the change that it tells of: there is no change without its entry, and no
//! entry without its change.
//!
//! **The digest of an entry** is the SHA-256 of its columns from `id` to `previous`, in the order of the table, one after
//! the other. A column is eight bytes, which are the length of what follows as a number, the most significant byte first;
//! then a text as UTF-8, a number in decimal digits, or a digest as its 32 bytes. NULL is eight bytes FF and nothing else.
//! `previous` is the digest of the entry before, and 32 zero bytes in the first one. README.md has the same as a script.

mod proof;
mod reading;

pub use proof::{Fault, Proof};
pub use reading::JournalLine;

use super::{Doing, Error};
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::model::id::IePid;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::push::resource_uri::ResourceUri;
use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{CachedStatement, OptionalExtension, Transaction, params_from_iter};

/// In whose name entries are written.
#[derive(Debug, Clone)]
pub(super) struct Actor {
    /// The account under which the program runs, as the command found it.
    pub who: String,
    /// The run that is under way.
    pub run: Option<i64>,
}

impl Default for Actor {
    fn default() -> Self {
        Actor { who: "unknown".to_owned(), run: None }
    }
}

/// From what a package was made.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Origin<'a> {
    pub alma_identifier: &'a str,
    /// As the server wrote it.
    pub alma_datestamp: &'a str,
    /// Name and digest.
    pub stylesheet: &'a str,
}

/// What something was done to, or decided about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    Store,
    Ie(&'a IePid),
    Resource(&'a ResourceUri),
}

impl Subject<'_> {
    /// As the column `ie` holds it: nothing for the whole store, the PID, or the URI, which begins with a slash.
    fn column(self) -> String {
        match self {
            Subject::Store => String::new(),
            Subject::Ie(ie) => ie.to_string(),
            Subject::Resource(uri) => uri.to_string(),
        }
    }
}

/// What happened, as it is handed to the journal, which adds who, when and in which run.
#[derive(Debug, Clone)]
pub struct Entry<'a> {
    pub event: Event,
    pub subject: Subject<'a>,
    /// Of the package; of a resource, of the intent.
    pub number: Option<i64>,
    pub origin: Origin<'a>,
    /// SHA-256 of what Rosetta showed of the IE when the package was made, or of what the target of an intent held.
    pub before: Option<Fixity>,
    /// SHA-256 of the file that went, or would go, into the staging folder, or of what an intent wrote.
    pub after: Option<Fixity>,
    /// A reason, the name of a file, a person's words.
    pub detail: &'a str,
}

/// The journal during one transaction: the last digest is read once and then carried along.
pub(super) struct Journal<'t> {
    transaction: &'t Transaction<'t>,
    insert: CachedStatement<'t>,
    by: &'t Actor,
    at: i64,
    last: i64,
    digest: Fixity,
    buffer: Vec<u8>,
}

pub(super) const PROGRAM: &str = concat!("cartouche ", env!("CARGO_PKG_VERSION"));
/// The fact that the migration left behind: the highest number of a package that is older than the journal.
pub(super) const BEFORE_JOURNAL: &str = "packages-before-journal";
/// What the first entry carries as the digest of the one before.
const NOTHING_BEFORE: Fixity = Fixity([0; 32]);

impl<'t> Journal<'t> {
    /// Goes on where the journal ends. The first entry ever says how many packages are older than it.
    pub fn open(transaction: &'t Transaction<'t>, by: &'t Actor, now: Timestamp) -> Result<Self, Error> {
        let sql = "SELECT id, digest FROM journal ORDER BY id DESC LIMIT 1";
        let last = transaction.query_row(sql, [], |row| Ok((row.get(0)?, Fixity(row.get(1)?))));
        let last = last.optional().doing("read the end of the journal")?;
        let (id, digest) = last.unwrap_or((0, NOTHING_BEFORE));
        let insert =
            "INSERT INTO journal (id, at, who, program, event, ie, package, run, alma_identifier, alma_datestamp,
                          stylesheet, before_digest, after_digest, detail, previous, digest)
                      VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)";
        let insert = transaction.prepare_cached(insert).doing("write into the journal")?;
        let buffer = Vec::with_capacity(1024);
        let mut journal = Journal { transaction, insert, by, at: now.millis(), last: id, digest, buffer };
        if last.is_none() {
            journal.begin()?;
        }
        Ok(journal)
    }

    fn begin(&mut self) -> Result<(), Error> {
        let sql = "SELECT count(*), max(id) FROM packages
                   WHERE id <= (SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1)";
        let counted = self.transaction.query_row(sql, [BEFORE_JOURNAL], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)));
        let (count, package) = counted.doing("begin the journal")?;
        let (subject, origin, before, after) = (Subject::Store, Origin::default(), None, None);
        let detail = &format!("{count} packages are older than the journal");
        self.append(&Entry { event: Event::Begun, subject, number: package, origin, before, after, detail })
    }

    pub fn append(&mut self, entry: &Entry<'_>) -> Result<(), Error> {
        let id = self.last + 1;
        let subject = entry.subject.column();
        let columns = [
            ValueRef::Integer(id),
            ValueRef::Integer(self.at),
            text(&self.by.who),
            text(PROGRAM),
            text(entry.event.as_str()),
            text(&subject),
            number(entry.number),
            number(self.by.run),
            text(entry.origin.alma_identifier),
            text(entry.origin.alma_datestamp),
            text(entry.origin.stylesheet),
            fixity(entry.before.as_ref()),
            fixity(entry.after.as_ref()),
            text(entry.detail),
            fixity(Some(&self.digest)),
        ];
        let digest = digest_of(columns, &mut self.buffer);
        let values = columns.into_iter().chain([fixity(Some(&digest))]).map(ToSqlOutput::Borrowed);
        self.insert.execute(params_from_iter(values)).doing("write into the journal")?;
        (self.last, self.digest) = (id, digest);
        Ok(())
    }

    /// What is known of a package before its state changes.
    pub fn known(&self, package: i64) -> Result<Known, Error> {
        let sql = "SELECT state, ie, alma_identifier, alma_datestamp, stylesheet, file_digest,
                       (SELECT before_digest FROM journal
                        WHERE journal.ie = packages.ie AND journal.package = packages.id AND event = 'planned')
                   FROM packages WHERE id = ?1";
        let mut statement = self.transaction.prepare_cached(sql).doing("look at a package")?;
        let known = statement.query_row([package], |row| {
            let (state, ie): (String, String) = (row.get(0)?, row.get(1)?);
            let known = |state, ie| -> rusqlite::Result<Known> {
                let (after, before) = (Some(Fixity(row.get(5)?)), row.get::<_, Option<_>>(6)?.map(Fixity));
                let origin = [row.get(2)?, row.get(3)?, row.get(4)?];
                Ok(Known { package, state, ie, origin, before, after })
            };
            match (PackageState::parse(&state), IePid::parse(&ie)) {
                (Some(state), Ok(ie)) => known(state, ie).map(Ok),
                (None, _) | (_, Err(_)) => Ok(Err(Error::Damaged { what: format!("a package `{state}` of `{ie}`") })),
            }
        });
        known.doing("look at a package")?
    }

    /// Notes that a package has come into another state.
    pub fn changed(&mut self, known: &Known, to: PackageState, detail: &str) -> Result<(), Error> {
        let event = Event::of_change(known.state, to);
        self.append(&Entry { detail, ..known.entry(event) })
    }
}

/// A package as it was before a change.
#[derive(Debug)]
pub struct Known {
    pub(super) package: i64,
    pub(super) state: PackageState,
    ie: IePid,
    origin: [String; 3],
    before: Option<Fixity>,
    after: Option<Fixity>,
}

impl Known {
    /// A package that is about to be put into the folder.
    pub(super) fn planned(package: i64, ie: &IePid, origin: Origin<'_>, before: Option<Fixity>, after: Fixity) -> Self {
        let origin = [origin.alma_identifier, origin.alma_datestamp, origin.stylesheet].map(str::to_owned);
        Known { package, state: PackageState::Planned, ie: ie.clone(), origin, before, after: Some(after) }
    }

    /// An entry about the package, with everything that its first entry said.
    pub(super) fn entry(&self, event: Event) -> Entry<'_> {
        let [alma_identifier, alma_datestamp, stylesheet] = &self.origin;
        let origin = Origin { alma_identifier, alma_datestamp, stylesheet };
        let (subject, number) = (Subject::Ie(&self.ie), Some(self.package));
        Entry { event, subject, number, origin, before: self.before, after: self.after, detail: "" }
    }
}

fn text(text: &str) -> ValueRef<'_> {
    ValueRef::Text(text.as_bytes())
}

fn number(number: Option<i64>) -> ValueRef<'static> {
    number.map_or(ValueRef::Null, ValueRef::Integer)
}

fn fixity(fixity: Option<&Fixity>) -> ValueRef<'_> {
    fixity.map_or(ValueRef::Null, |fixity| ValueRef::Blob(&fixity.0))
}

/// The digest of an entry, from its columns up to `previous`; the buffer is there to be used again.
fn digest_of<'c>(columns: impl IntoIterator<Item = ValueRef<'c>>, buffer: &mut Vec<u8>) -> Fixity {
    let push = |buffer: &mut Vec<u8>, bytes: &[u8]| {
        buffer.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
        buffer.extend_from_slice(bytes);
    };
    buffer.clear();
    for column in columns {
        match column {
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => push(buffer, bytes),
            ValueRef::Integer(number) => push(buffer, number.to_string().as_bytes()),
            // No column of the table can hold one.
            ValueRef::Real(number) => push(buffer, number.to_string().as_bytes()),
            ValueRef::Null => buffer.extend_from_slice(&[0xFF; 8]),
        }
    }
    Fixity::of(buffer)
}
