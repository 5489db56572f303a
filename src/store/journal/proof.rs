//! Proves the journal: that its chain is whole, and that every package and every intent is in the state that it tells of.

mod intents;
mod links;

use super::super::{Doing, Error, Store};
use super::{BEFORE_JOURNAL, NOTHING_BEFORE, digest_of};
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::model::intent::IntentState;
use crate::model::state::PackageState;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, Row};
use std::collections::HashMap;

/// What a walk through the whole journal found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    pub entries: u64,
    /// The digest of the last entry: whoever notes it elsewhere can prove later that nothing was cut off since.
    pub head: Option<Fixity>,
    /// The entry whose digest is the one asked for.
    pub noted: Option<i64>,
    /// Packages whose state was compared with the journal.
    pub packages: u64,
    /// Intents of the push whose state was compared with the journal.
    pub intents: u64,
    /// Packages that are older than the journal and that nothing has happened to since.
    pub older: u64,
    /// The first of what is wrong, in the order of the journal, then of the packages.
    pub faults: Vec<Fault>,
}

/// Something that is not as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub entry: Option<i64>,
    pub package: Option<i64>,
    pub what: String,
}

/// More would not tell more.
const FAULTS_SHOWN: usize = 20;

impl Store {
    /// Walks through the journal and the packages as they are at one moment, whatever a run writes meanwhile.
    pub fn prove_journal(&self, noted: Option<&Fixity>) -> Result<Proof, Error> {
        let moment = self.connection.unchecked_transaction().doing("begin to verify")?;
        let mut walk = Walk::new(noted, older_than_journal(&moment)?);
        walk.through_journal(&moment)?;
        walk.through_packages(&moment)?;
        walk.through_intents(&moment)?;
        walk.through_links(&moment)?;
        Ok(walk.proof)
    }
}

fn older_than_journal(connection: &Connection) -> Result<i64, Error> {
    let sql = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = ?1";
    let highest = connection.query_row(sql, [BEFORE_JOURNAL], |row| row.get(0)).optional();
    Ok(highest.doing("read a fact")?.unwrap_or(0))
}

struct Walk<'a> {
    asked: Option<&'a Fixity>,
    /// The highest number of a package that is older than the journal.
    older: i64,
    /// The digest that the next entry must carry.
    previous: Fixity,
    last: i64,
    /// The state that each package was left in.
    states: HashMap<i64, PackageState>,
    /// The same of intents.
    intents: HashMap<i64, IntentState>,
    /// Of `link`: state, IE and digest as the last entry says.
    links: HashMap<i64, (IntentState, String, String)>,
    proof: Proof,
}

/// Where the columns of an entry end and those of its package begin.
const PREVIOUS: usize = 14;
const DIGEST: usize = 15;
/// Column of the journal, column of the package, and what to call them.
const SAME: [(usize, usize, &str); 5] = [
    (5, 17, "IE"),
    (8, 18, "Alma record"),
    (9, 19, "Alma datestamp"),
    (10, 20, "stylesheet"),
    (12, 21, "digest of the file"),
];

impl<'a> Walk<'a> {
    fn new(asked: Option<&'a Fixity>, older: i64) -> Self {
        let proof =
            Proof { entries: 0, head: None, noted: None, packages: 0, intents: 0, older: 0, faults: Vec::new() };
        let (states, intents, links) = (HashMap::new(), HashMap::new(), HashMap::new());
        Walk { asked, older, previous: NOTHING_BEFORE, last: 0, states, intents, links, proof }
    }

    fn through_journal(&mut self, connection: &Connection) -> Result<(), Error> {
        let sql = "SELECT journal.id, at, who, program, event, journal.ie, package, journal.run, journal.alma_identifier,
                       journal.alma_datestamp, journal.stylesheet, journal.before_digest, after_digest, detail, previous,
                       journal.digest,
                       packages.id, packages.ie, packages.alma_identifier, packages.alma_datestamp, packages.stylesheet,
                       packages.file_digest, intents.id, intents.subject, intents.digest
                   FROM journal LEFT JOIN packages ON packages.id = journal.package AND journal.ie NOT LIKE '/%'
                       LEFT JOIN intents ON intents.id = journal.package AND journal.ie LIKE '/%' ORDER BY journal.id";
        let doing = "walk through the journal";
        let mut statement = connection.prepare(sql).doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let mut buffer = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            self.entry(row, &mut buffer).doing(doing)?;
        }
        Ok(())
    }

    fn entry(&mut self, row: &Row<'_>, buffer: &mut Vec<u8>) -> rusqlite::Result<()> {
        let id: i64 = row.get(0)?;
        self.must_follow(id, row)?;
        let mut columns = [ValueRef::Null; DIGEST];
        for (at, column) in columns.iter_mut().enumerate() {
            *column = row.get_ref(at)?;
        }
        let (written, told) = (blob(row.get_ref(DIGEST)?), digest_of(columns, buffer));
        if written != told.0 {
            self.fault(Some(id), None, format!("what it says was changed: it gives the digest {told}, not its own"));
        }
        // What comes after is compared with what stands here, so that one change is not told as many.
        self.previous = Fixity(written.try_into().unwrap_or(told.0));
        (self.last, self.proof.head) = (id, Some(self.previous));
        self.proof.entries += 1;
        if self.asked == Some(&self.previous) {
            self.proof.noted = Some(id);
        }
        let event = Event::parse(&row.get_ref(4)?.as_bytes().map(String::from_utf8_lossy).unwrap_or_default());
        if (id == 1) != (event == Some(Event::Begun)) {
            self.fault(Some(id), None, "the journal begins with the entry `begun`, and has one of it".to_owned());
        }
        self.about_package(id, event, row)
    }

    fn must_follow(&mut self, id: i64, row: &Row<'_>) -> rusqlite::Result<()> {
        let (expected, what) = (self.last + 1, |missing: String| format!("{missing} removed before it"));
        if id == expected + 1 {
            self.fault(Some(id), None, what(format!("entry {expected} was")));
        } else if id > expected {
            self.fault(Some(id), None, what(format!("entries {expected} to {} were", id - 1)));
        } else if id < expected {
            self.fault(Some(id), None, "it has no place in the order of entries".to_owned());
        } else if blob(row.get_ref(PREVIOUS)?) != self.previous.0 {
            let what = format!("it carries another digest of entry {} than that has", self.last);
            self.fault(Some(id), None, what);
        }
        Ok(())
    }

    /// Compares an entry with the package that it is about.
    fn about_package(&mut self, id: i64, event: Option<Event>, row: &Row<'_>) -> rusqlite::Result<()> {
        let package: Option<i64> = row.get(6)?;
        let Some(package) = package.filter(|_| event != Some(Event::Begun)) else { return self.about_link(event, row) };
        if row.get_ref(5)?.as_bytes().is_ok_and(|subject| subject.starts_with(b"/")) {
            return self.about_intent(id, package, event, row);
        }
        if row.get_ref(16)? == ValueRef::Null {
            self.fault(Some(id), Some(package), format!("package {package} is not in the store"));
            return Ok(());
        }
        if let Some(state) = event.and_then(|event| event.state()) {
            self.states.insert(package, state);
        }
        for (ours, theirs, name) in SAME {
            let (ours, theirs) = (row.get_ref(ours)?, row.get_ref(theirs)?);
            if ours != theirs {
                let what = format!("its {name} is {}, that of package {package} is {}", shown(ours), shown(theirs));
                self.fault(Some(id), Some(package), what);
            }
        }
        Ok(())
    }

    fn through_packages(&mut self, connection: &Connection) -> Result<(), Error> {
        let doing = "compare packages with the journal";
        let mut statement = connection.prepare("SELECT id, ie, state FROM packages ORDER BY id").doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let (id, ie, state) =
                (row.get(0).doing(doing)?, row.get_ref(1).doing(doing)?, row.get_ref(2).doing(doing)?);
            self.package(id, ie, state);
        }
        Ok(())
    }

    fn package(&mut self, id: i64, ie: ValueRef<'_>, state: ValueRef<'_>) {
        self.proof.packages += 1;
        let found = shown(state);
        match self.states.get(&id) {
            Some(told) if told.as_str() == found => {}
            Some(told) => {
                let what = format!("package {id} of {} is {found}, its last entry says {told}", shown(ie));
                self.fault(None, Some(id), what);
            }
            None if id <= self.older => self.proof.older += 1,
            None => {
                let what = format!("package {id} of {} is {found}, and no entry tells of it", shown(ie));
                self.fault(None, Some(id), what);
            }
        }
    }

    fn fault(&mut self, entry: Option<i64>, package: Option<i64>, what: String) {
        if self.proof.faults.len() < FAULTS_SHOWN {
            self.proof.faults.push(Fault { entry, package, what });
        }
    }
}

fn blob(value: ValueRef<'_>) -> &[u8] {
    value.as_bytes().unwrap_or_default()
}

/// A value for people: digests as hexadecimal digits, texts as they are.
fn shown(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "nothing".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => bytes.iter().map(|byte| format!("{byte:02x}")).collect(),
    }
}
