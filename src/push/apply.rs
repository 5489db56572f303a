//! Writes what was planned: intent, act, record. One file a kind of intent; each can send, and look what became of a sending.
//!
//! The order in each file: what is to be written is committed, *sent* is committed, the call goes out, its answer is
//! committed. Whoever finds an intent that was sent, and has no end, looks into the other system before doing anything.

pub(super) mod create_bib;
pub(super) mod create_holding;
pub(super) mod create_item;
pub(super) mod delete_bib;
pub(super) mod delete_holding;
pub(super) mod delete_item;
mod save_record;
pub(super) mod update_bib;
pub(super) mod update_holding;
pub(super) mod update_item;
pub(super) mod write_barcode;
pub(super) mod write_fields;
pub(super) mod write_file;
pub(super) mod write_ils_ids;
pub(super) mod write_mms_id;

use super::alma::{self, Bib};
use super::aspace;
use super::bib_image::BibImage;
use super::mms_field::MmsField;
use super::own_mark::{OwnMark, Owner};
use super::resource_uri::{ContainerUri, ResourceUri};
use super::resumed::Resumed;
use super::trouble::Trouble;
use super::undo;
use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::model::intent::{IntentKind, IntentState};
use crate::model::time::Timestamp;
use crate::profile::Push;
use crate::store::Store;
use crate::store::intents::{Ended, Intent};
use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What asks for the time: an intent's age is that of its sending, not of its run.
pub type Clock<'a> = &'a (dyn Fn() -> Timestamp + Sync);

/// Both systems, and by what rules they are written to.
pub struct Hands<'a> {
    pub alma: alma::Client,
    pub aspace: aspace::Client,
    pub push: &'a Push,
    pub field: &'a MmsField,
    pub made_by: Fixity,
    pub run: i64,
    pub clock: Clock<'a>,
    /// Repositories in which ArchivesSpace let nothing of a kind be saved.
    pub denied: Mutex<BTreeSet<(u64, Savable)>>,
}

/// What ArchivesSpace lets somebody save or not: its permissions name each kind by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Savable {
    Resources,
    Containers,
}

/// How one writing ended, for the resource that it belongs to.
#[derive(Debug, Clone)]
pub(super) enum Wrote {
    /// It is done; the bib as Alma has it now.
    Done(Option<Box<Bib>>),
    /// It is done, as a look showed; what the bib is now has to be asked.
    FoundDone,
    /// The other system has moved on since it was planned: nothing was written, and it is planned again.
    Moved,
    /// It failed, and the next run tries again.
    Failed(String),
    /// It is not known yet what became of it; the next run looks.
    Waiting(String),
}

impl Hands<'_> {
    fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// No bib is made whose MMS ID could not be written: its resource would have one that archivists do not see.
    pub(super) fn may_save(&self, uri: &ResourceUri) -> bool {
        self.is_allowed((uri.repository(), Savable::Resources))
    }

    /// The same for a box: where one is refused, the others are, too.
    pub(super) fn may_save_box(&self, uri: &ContainerUri) -> bool {
        self.is_allowed((uri.repository(), Savable::Containers))
    }

    fn is_allowed(&self, what: (u64, Savable)) -> bool {
        !self.denied.lock().unwrap_or_else(PoisonError::into_inner).contains(&what)
    }

    fn may_not_save(&self, what: (u64, Savable)) {
        self.denied.lock().unwrap_or_else(PoisonError::into_inner).insert(what);
    }

    pub(super) fn mark(&self, uri: &ResourceUri) -> Result<OwnMark, Trouble> {
        Ok(OwnMark::new(&self.push.rules.mark, &uri.to_string())?)
    }

    /// The bibs that have our own 035 of a resource. Alma normalizes what it searches: each is looked into.
    pub(super) fn marked(&self, uri: &ResourceUri) -> Result<Vec<Bib>, Trouble> {
        let mark = self.mark(uri)?;
        let mut found = self.alma.bibs_by_other_id(&mark.value())?;
        found.retain(|bib| {
            // What cannot be read whole is kept: it may be ours, and a second bib is worse than a question.
            BibImage::of(bib).map_or(true, |BibImage { record, .. }| match mark.owner(&record) {
                Owner::Ours => true,
                Owner::Other(_) => record.fields_with("035").any(|field| mark.is(field)),
                Owner::Nobody => false,
            })
        });
        Ok(found)
    }
}

/// Looks what became of everything that an earlier run began and did not end.
pub fn resume(store: &mut Store, hands: &Hands<'_>) -> Result<Resumed, Failure> {
    let mut resumed = Resumed::default();
    for intent in store.begun_intents()? {
        let state = match look(store, hands, &intent) {
            Ok(state) => state,
            // One that cannot be looked into keeps its own resource waiting, and no other.
            Err(Trouble::Record(why)) => {
                tracing::warn!(intent = intent.id, why, "not known what became of it");
                IntentState::Unknown
            }
            Err(Trouble::Ends(failure)) => return Err(failure),
        };
        resumed.count(state);
        store.plan_again(&intent.target.subject)?;
    }
    for original in store.half_undone()? {
        undo::finish(store, hands, original)?;
    }
    Ok(resumed)
}

/// The state in which an intent without an end is left after a look.
fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    if intent.state == IntentState::Planned && intent.target.kind != IntentKind::WriteFile {
        return withdraw(store, hands, intent.id, "the run ended before it was sent");
    }
    match intent.target.kind {
        IntentKind::CreateBib => create_bib::look(store, hands, intent),
        IntentKind::UpdateBib => update_bib::look(store, hands, intent),
        IntentKind::DeleteBib => delete_bib::look(store, hands, intent),
        IntentKind::WriteMmsId => write_mms_id::look(store, hands, intent),
        IntentKind::WriteFile => write_file::look(store, hands, intent),
        IntentKind::CreateHolding => create_holding::look(store, hands, intent),
        IntentKind::UpdateHolding => update_holding::look(store, hands, intent),
        IntentKind::DeleteHolding => delete_holding::look(store, hands, intent),
        IntentKind::CreateItem => create_item::look(store, hands, intent),
        IntentKind::UpdateItem => update_item::look(store, hands, intent),
        IntentKind::DeleteItem => delete_item::look(store, hands, intent),
        IntentKind::WriteIlsIds => write_ils_ids::look(store, hands, intent),
        IntentKind::WriteFields => write_fields::look(store, hands, intent),
        IntentKind::WriteBarcode => write_barcode::look(store, hands, intent),
    }
}

fn withdraw(store: &mut Store, hands: &Hands<'_>, id: i64, why: &str) -> Result<IntentState, Trouble> {
    end(store, hands, id, IntentState::Withdrawn, &Ended { reason: why, ..Ended::default() })
}

/// Notes an end, and is a place where a test may kill the program before and after.
fn end(
    store: &mut Store,
    hands: &Hands<'_>,
    id: i64,
    state: IntentState,
    how: &Ended<'_>,
) -> Result<IntentState, Trouble> {
    crash_point();
    store.intent_ended(id, state, how, hands.now())?;
    crash_point();
    Ok(state)
}

/// What a bib holds, as it is kept; nothing of one that is not MARC.
fn image_text(bib: &Bib) -> Option<String> {
    BibImage::of(bib).ok().map(|image| image.text())
}

/// What follows from an error of Alma's for its intent. Nothing was done, or it is looked at once what was.
fn not_answered(store: &mut Store, hands: &Hands<'_>, id: i64, error: alma::Error) -> Result<Wrote, Trouble> {
    let why = told(&error);
    if error.may_have_arrived() {
        crash_point();
        store.intent_unanswered(id, &why, hands.now())?;
        crash_point();
        return look_again(store, hands, id, why);
    }
    if error.ends_the_day() || error.concerns_all() {
        withdraw(store, hands, id, &why)?;
        return Err(Trouble::Ends(error.into()));
    }
    match error.refusal().map(alma::AlmaError::class) {
        Some(alma::Class::Stale) => {
            withdraw(store, hands, id, &why)?;
            Ok(Wrote::Moved)
        }
        Some(_) | None => {
            end(store, hands, id, IntentState::Failed, &Ended { reason: &why, ..Ended::default() })?;
            Ok(Wrote::Failed(why))
        }
    }
}

fn look_again(store: &mut Store, hands: &Hands<'_>, id: i64, why: String) -> Result<Wrote, Trouble> {
    let Some(intent) = store.intent(id)? else { return Ok(Wrote::Waiting(why)) };
    Ok(match look(store, hands, &intent)? {
        IntentState::Done => Wrote::FoundDone,
        IntentState::Sent | IntentState::Unknown => Wrote::Waiting(why),
        IntentState::Held
        | IntentState::Planned
        | IntentState::Failed
        | IntentState::Rejected
        | IntentState::Withdrawn
        | IntentState::Undone => Wrote::Failed(why),
    })
}

/// An error with its causes, in a line.
pub(crate) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        text += &format!(": {source}");
        cause = source.source();
    }
    text
}

/// Where a test may kill the program: before and after everything that another system or the store is told.
fn crash_point() {
    crate::staging::crash_point("push");
}
