//! Writes what was planned: intent, act, record. One file a kind of intent; each can send, and look what became of a sending.

pub(super) mod create_bib;
pub(super) mod create_representation;
pub(super) mod delete_bib;
pub(super) mod delete_representation;

use super::describe::Describer;
use super::undo;
use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::model::id::{IePid, MmsId, RepositoryIdentifier};
use crate::model::intent::IntentState;
use crate::model::link_kind::LinkKind;
use crate::model::time::Timestamp;
use crate::profile::Link;
use crate::push::alma;
use crate::push::apply::{Clock, told};
use crate::push::resumed::Resumed;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::link_intents::{LinkEnded, LinkIntent};
use std::collections::HashMap;
use std::sync::Mutex;

/// Alma, and by what rules it is written to.
pub struct Hands<'a> {
    pub alma: alma::Client,
    pub link: &'a Link,
    pub describer: Describer,
    pub repository: RepositoryIdentifier,
    pub made_by: Fixity,
    pub run: i64,
    pub clock: Clock<'a>,
    /// The bibs that were found in this run, and for which IE first.
    pub taken: Mutex<HashMap<MmsId, IePid>>,
}

/// How one writing ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Wrote {
    /// The bib, and the number of the representation where it is one.
    Done(MmsId, String),
    /// It certainly did not happen, and the next run tries again.
    Failed(String),
    /// It is not known yet what became of it; the next run looks.
    Waiting(String),
}

impl Hands<'_> {
    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }
}

/// Looks what became of everything that an earlier run began and did not end, and ends what was being taken back.
pub fn resume(store: &mut Store, hands: &Hands<'_>) -> Result<Resumed, Failure> {
    let mut resumed = Resumed::default();
    for intent in store.begun_links()? {
        let state = match look(store, hands, &intent) {
            Ok(state) => state,
            // One that cannot be looked into keeps its own IE waiting, and no other.
            Err(Trouble::Record(why)) => {
                tracing::warn!(intent = intent.id, why, "not known what became of it");
                IntentState::Unknown
            }
            Err(Trouble::Ends(failure)) => return Err(failure),
        };
        resumed.count(state);
        store.plan_link_again(&intent.about.ie)?;
    }
    undo::finish(store, hands)?;
    Ok(resumed)
}

/// The state in which an intent without an end is left after a look.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<IntentState, Trouble> {
    if intent.state == IntentState::Planned {
        return withdraw(store, hands, intent.id, "the run ended before it was sent");
    }
    match intent.about.kind {
        LinkKind::CreateBib => create_bib::look(store, hands, intent),
        LinkKind::CreateRepresentation => create_representation::look(store, hands, intent),
        LinkKind::DeleteRepresentation => delete_representation::look(store, hands, intent),
        LinkKind::DeleteBib => delete_bib::look(store, hands, intent),
    }
}

fn withdraw(store: &mut Store, hands: &Hands<'_>, id: i64, why: &str) -> Result<IntentState, Trouble> {
    end(store, hands, id, IntentState::Withdrawn, &LinkEnded { reason: why, ..LinkEnded::default() })
}

/// Notes an end, and is a place where a test may kill the program before and after.
fn end(
    store: &mut Store,
    hands: &Hands<'_>,
    id: i64,
    state: IntentState,
    how: &LinkEnded<'_>,
) -> Result<IntentState, Trouble> {
    crash_point();
    store.link_ended(id, state, how, hands.now())?;
    crash_point();
    Ok(state)
}

/// What follows from an error of Alma's for its intent. Nothing was done, or it is looked at once what was.
fn not_answered(store: &mut Store, hands: &Hands<'_>, id: i64, error: alma::Error) -> Result<Wrote, Trouble> {
    let why = told(&error);
    if error.may_have_arrived() {
        crash_point();
        store.link_unanswered(id, &why, hands.now())?;
        crash_point();
        return look_again(store, hands, id, why);
    }
    if error.ends_the_day() || error.concerns_all() {
        withdraw(store, hands, id, &why)?;
        return Err(Trouble::Ends(error.into()));
    }
    end(store, hands, id, IntentState::Failed, &LinkEnded { reason: &why, ..LinkEnded::default() })?;
    Ok(Wrote::Failed(why))
}

fn look_again(store: &mut Store, hands: &Hands<'_>, id: i64, why: String) -> Result<Wrote, Trouble> {
    let Some(intent) = store.link_intent(id)? else { return Ok(Wrote::Waiting(why)) };
    let state = look(store, hands, &intent)?;
    let now = store.link_intent(id)?.map(|intent| intent.about);
    Ok(match (state, now.and_then(|about| Some((about.mms?, about.representation)))) {
        (IntentState::Done, Some((mms, representation))) => Wrote::Done(mms, representation),
        (IntentState::Done | IntentState::Sent | IntentState::Unknown, _) => Wrote::Waiting(why),
        (
            IntentState::Held
            | IntentState::Planned
            | IntentState::Failed
            | IntentState::Rejected
            | IntentState::Withdrawn
            | IntentState::Undone,
            _,
        ) => Wrote::Failed(why),
    })
}

/// Whether Alma may still do what was sent, or have done it and not show it yet.
///
/// Its index begins to count when the answer was given up. After a kill nobody knows how long it waited; then it is the longest
/// that a call takes.
fn may_be_on_its_way(store: &Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<bool, Trouble> {
    let lag = hands.link.index_lag;
    if lag.is_zero() {
        return Ok(false);
    }
    Ok(match store.link_unanswered_since(intent.id)? {
        Some(given_up) => hands.now().since(given_up) < lag,
        None => hands.now().since(intent.times.1.unwrap_or(intent.times.0)) < lag + hands.alma.time_out(),
    })
}

/// What was not found is not believed to be missing as long as it may be on its way.
fn not_found(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<IntentState, Trouble> {
    if may_be_on_its_way(store, hands, intent)? {
        let reason = "Alma does not show it yet; link.index-lag says how long that may take";
        return end(store, hands, intent.id, IntentState::Unknown, &LinkEnded { reason, ..LinkEnded::default() });
    }
    withdraw(store, hands, intent.id, "it did not arrive")
}

/// Where a test may kill the program: before and after everything that Alma or the store is told.
fn crash_point() {
    crate::staging::crash_point("link");
}
