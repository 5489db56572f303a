//! Some values of an item, in its whole record as Alma has it in this moment: whether it is lent or on its way goes back as it came.

use super::{Hands, Wrote, crash_point, end, not_answered, told, withdraw};
use crate::model::intent::IntentState;
use crate::push::alma::{Item, ItemKey};
use crate::push::item::changed_item;
use crate::push::shelf::item_values::ItemValues;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};

/// Writes `to` into an item that must still say `from`.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    (key, from, to): (&ItemKey, &ItemValues, &ItemValues),
) -> Result<Wrote, Trouble> {
    let Some(fresh) = hands.alma.item(key)? else { return Ok(Wrote::Moved) };
    if ItemValues::in_item(&fresh.xml, from).ok().as_ref() != Some(from) {
        return Ok(Wrote::Moved);
    }
    let body = match changed_item(&fresh.xml, &to.pairs()) {
        Ok(body) => body,
        Err(error) => return Err(Trouble::Record(told(&error))),
    };
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match hands.alma.update_item(key, &body) {
        Ok(stored) => {
            done(store, hands, id, &stored, "")?;
            Ok(Wrote::Done(None))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn done(store: &mut Store, hands: &Hands<'_>, id: i64, item: &Item, reason: &str) -> Result<IntentState, Trouble> {
    end(store, hands, id, IntentState::Done, &Ended { after: Some(&item.xml), reason, ..Ended::default() })
}

/// What became of it: the item says what was sent, or what it said before, or what somebody else wrote since.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let Some(key) = key_of(intent) else {
        return withdraw(store, hands, intent.id, "it names no item");
    };
    let Some(item) = hands.alma.item(&key)? else {
        return withdraw(store, hands, intent.id, "the item is not in Alma any more");
    };
    let images = store.intent_images(intent.id)?;
    let wanted = ItemValues::read(&images.body)?;
    if ItemValues::in_item(&item.xml, &wanted).is_ok_and(|there| there == wanted) {
        return done(store, hands, intent.id, &item, "found done");
    }
    withdraw(store, hands, intent.id, "the item does not say what was sent")
}

/// The item that an intent writes to.
pub(in crate::push) fn key_of(intent: &Intent) -> Option<ItemKey> {
    let spot = &intent.target.spot;
    Some(ItemKey { mms: intent.target.mms.clone()?, holding: spot.holding.clone()?, pid: spot.item.clone()? })
}
