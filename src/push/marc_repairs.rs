//! What ArchivesSpace's MARC gets wrong, put right by named repairs that a profile switches, each change told.

mod agents;
mod dates;
mod fixed_fields;
mod length;
mod links;
mod names_of_places;
mod note_text;
mod notes;
mod numbers;
mod punctuation;
mod settings;
mod subjects;
mod table;
mod title;

pub use settings::{
    LengthLimit, NoteSettings, Over, Paragraphs, PrivateNotes, RepairSettings, ShelfLocation, UnknownRepair,
};
pub use table::{Repair, RepairInfo, Switch, all_repairs};

use super::marc::{Field, MarcRecord};
use super::source_facts::SourceFacts;
use std::fmt;

/// What a repair did to one field, or why it did nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairNote {
    pub repair: Repair,
    /// The field's tag, `LDR` for the leader.
    pub tag: String,
    pub did: Did,
}

/// Fields as librarians write them: `245 10 $a Title`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Did {
    Changed {
        before: String,
        after: String,
    },
    Added(String),
    Dropped(String),
    /// It was not told what it needs: this fact of ArchivesSpace, in words.
    Lacks(&'static str),
    /// It must not repair this, and the record must not be sent: why.
    Holds(String),
}

/// Repairs a record that ArchivesSpace exported, in the order of `all_repairs`.
///
/// The notes are taken from the record before and after each repair, so that none can change a thing without saying so.
/// Repairing twice is repairing once: a record that needs nothing is left as it is.
pub fn apply(record: &mut MarcRecord, settings: &RepairSettings, facts: &SourceFacts) -> Vec<RepairNote> {
    let mut notes = Vec::new();
    for info in all_repairs().iter().filter(|info| settings.is_on(info.repair)) {
        let before = record.clone();
        let mut job = Job { settings, facts, said: Vec::new() };
        (info.action)(record, &mut job);
        notes.extend(changes(&before, record).into_iter().chain(job.said).map(|(tag, did)| RepairNote {
            repair: info.repair,
            tag,
            did,
        }));
    }
    notes
}

/// Why the record must not be sent as it is: what a repair refused to do, and that nobody said which notes may be shown.
pub fn reasons_to_hold(notes: &[RepairNote]) -> impl Iterator<Item = &RepairNote> {
    notes.iter().filter(|note| match note.did {
        Did::Holds(_) => true,
        Did::Lacks(_) => note.repair == Repair::UnpublishedNotes,
        Did::Changed { .. } | Did::Added(_) | Did::Dropped(_) => false,
    })
}

/// In a line, for terminal and page.
impl fmt::Display for Did {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Did::Changed { before, after } => write!(out, "{before} → {after}"),
            Did::Added(field) => write!(out, "added: {field}"),
            Did::Dropped(field) => write!(out, "dropped: {field}"),
            Did::Lacks(what) => write!(out, "ArchivesSpace did not say {what}"),
            Did::Holds(why) => out.write_str(why),
        }
    }
}

/// What a repair works with.
struct Job<'a> {
    settings: &'a RepairSettings,
    facts: &'a SourceFacts,
    said: Vec<(String, Did)>,
}

impl Job<'_> {
    fn lacks(&mut self, tag: &str, what: &'static str) {
        self.said.push((tag.to_owned(), Did::Lacks(what)));
    }

    fn holds(&mut self, tag: &str, why: String) {
        self.said.push((tag.to_owned(), Did::Holds(why)));
    }
}

/// What differs, each field once; the fields of one tag that are gone and those that are new are paired in their order.
fn changes(before: &MarcRecord, after: &MarcRecord) -> Vec<(String, Did)> {
    let mut changes = Vec::new();
    if before.leader != after.leader {
        let did = Did::Changed { before: before.leader.clone(), after: after.leader.clone() };
        changes.push(("LDR".to_owned(), did));
    }
    let mut gone: Vec<&Field> = before.fields.iter().collect();
    let mut new: Vec<&Field> = Vec::new();
    for field in &after.fields {
        match gone.iter().position(|other| *other == field) {
            Some(at) => _ = gone.remove(at),
            None => new.push(field),
        }
    }
    for field in gone {
        let partner = new.iter().position(|other| other.tag() == field.tag());
        let did = match partner.map(|at| new.remove(at)) {
            Some(after) => Did::Changed { before: field.to_string(), after: after.to_string() },
            None => Did::Dropped(field.to_string()),
        };
        changes.push((field.tag().to_owned(), did));
    }
    changes.extend(new.into_iter().map(|field| (field.tag().to_owned(), Did::Added(field.to_string()))));
    changes
}

#[cfg(test)]
mod tests;
