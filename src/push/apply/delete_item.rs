//! An item deleted that this program made: only when a person takes it back, and only while it is where it belongs.

use super::update_item::key_of;
use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::intent::IntentState;
use crate::push::alma::ItemKey;
use crate::push::shelf::place::Spot;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};

pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    key: &ItemKey,
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match hands.alma.delete_item(key) {
        Ok(()) => {
            forget(store, new.spot())?;
            end(store, hands, id, IntentState::Done, &Ended::default())?;
            Ok(Wrote::Done(None))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

/// What became of it: the item is there, or it is not.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let Some(key) = key_of(intent) else {
        return withdraw(store, hands, intent.id, "it names no item");
    };
    if hands.alma.item(&key)?.is_some() {
        return withdraw(store, hands, intent.id, "the item is still there");
    }
    forget(store, Some(&intent.target.spot))?;
    end(store, hands, intent.id, IntentState::Done, &Ended { reason: "found done", ..Ended::default() })
}

/// Its box has no item any more, and is matched anew.
fn forget(store: &Store, spot: Option<&Spot>) -> Result<(), Trouble> {
    match spot.and_then(|spot| spot.container.as_ref()) {
        Some(uri) => Ok(store.forget_item_of_box(uri)?),
        None => Ok(()),
    }
}
