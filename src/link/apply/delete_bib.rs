//! A bib deleted that this program made: when a person takes it back, or no representation could be made at it; and only while
//! nothing hangs on it.

use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::link_intents::{LinkEnded, LinkIntent, NewLinkIntent};

pub(in crate::link) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewLinkIntent,
    mms: &MmsId,
) -> Result<Wrote, Trouble> {
    let id = store.plan_link(new, hands.run, hands.now())?;
    crash_point();
    store.link_sent(id, hands.now())?;
    crash_point();
    match hands.alma.delete_bib(mms) {
        Ok(()) => {
            end(store, hands, id, IntentState::Done, &LinkEnded::default())?;
            Ok(Wrote::Done(mms.clone(), String::new()))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

/// What became of it: the bib is there, or it is not.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<IntentState, Trouble> {
    let bib = match &intent.about.mms {
        Some(mms) => hands.alma.bib(mms)?,
        None => None,
    };
    if bib.is_some() {
        return withdraw(store, hands, intent.id, "the bib is still there");
    }
    end(store, hands, intent.id, IntentState::Done, &LinkEnded { reason: "found done", ..LinkEnded::default() })
}
