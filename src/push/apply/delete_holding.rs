//! A holding deleted that this program made: only when a person takes it back, and only while no item is in it.

use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::alma::HoldingId;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};

pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    (mms, holding): (&MmsId, &HoldingId),
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match hands.alma.delete_holding(mms, holding) {
        Ok(()) => {
            end(store, hands, id, IntentState::Done, &Ended::default())?;
            Ok(Wrote::Done(None))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

/// What became of it: the holding is there, or it is not.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let (Some(mms), Some(id)) = (&intent.target.mms, &intent.target.spot.holding) else {
        return withdraw(store, hands, intent.id, "it names no holding");
    };
    if hands.alma.holding(mms, id)?.is_some() {
        return withdraw(store, hands, intent.id, "the holding is still there");
    }
    end(store, hands, intent.id, IntentState::Done, &Ended { reason: "found done", ..Ended::default() })
}
