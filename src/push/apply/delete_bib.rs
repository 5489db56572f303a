//! A bib deleted that this program made: only when a person takes it back, and only while nothing hangs on it.

use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use crate::store::links::LinkChange;

pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    mms: &MmsId,
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match hands.alma.delete_bib(mms) {
        Ok(()) => {
            end(store, hands, id, IntentState::Done, &Ended { link: Some(LinkChange::Gone), ..Ended::default() })?;
            Ok(Wrote::Done(None))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

/// What became of it: the bib is there, or it is not.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let bib = match &intent.target.mms {
        Some(mms) => hands.alma.bib(mms)?,
        None => None,
    };
    if bib.is_some() {
        return withdraw(store, hands, intent.id, "the bib is still there");
    }
    let how = Ended { reason: "found done", link: Some(LinkChange::Gone), ..Ended::default() };
    end(store, hands, intent.id, IntentState::Done, &how)
}
