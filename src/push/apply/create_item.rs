//! A new item for a box that no item of the bib is.

use super::create_bib::may_be_on_its_way;
use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::alma::{HoldingId, Item};
use crate::push::item::{ItemField, item_body};
use crate::push::shelf::item_values::ItemValues;
use crate::push::shelf::place::Spot;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};

/// Makes it. Of a box without a barcode the intent's `before` names the items that the bib had: what appears beside them may be ours.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    (mms, holding, values): (&MmsId, &HoldingId, &ItemValues),
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match hands.alma.create_item(mms, holding, &item_body(holding.as_str(), &values.pairs())) {
        Ok(item) => {
            done(store, hands, id, &item, "")?;
            Ok(Wrote::Done(None))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn done(store: &mut Store, hands: &Hands<'_>, id: i64, item: &Item, reason: &str) -> Result<IntentState, Trouble> {
    let spot = Spot { holding: Some(item.key.holding.clone()), item: Some(item.key.pid.clone()), ..Spot::default() };
    let how = Ended { after: Some(&item.xml), reason, spot: Some(&spot), ..Ended::default() };
    end(store, hands, id, IntentState::Done, &how)
}

/// What became of it: there is an item that says everything that was sent, found by its barcode, or, where it has none, one that was
/// not there before. None is believed only when an answer that never came can no more be under way.
///
/// An item with the barcode that says something else was made by somebody meanwhile: it is not ours to change or to delete.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let (Some(mms), Some(holding)) = (&intent.target.mms, &intent.target.spot.holding) else {
        return withdraw(store, hands, intent.id, "it names no holding");
    };
    let images = store.intent_images(intent.id)?;
    let values = ItemValues::read(&images.body)?;
    let found = match values.get(ItemField::Barcode) {
        Some(barcode) => hands.alma.item_by_barcode(barcode)?.into_iter().collect(),
        None => appeared(store, hands, (mms, holding), &values, &images.before.unwrap_or_default())?,
    };
    match found.as_slice() {
        [item] if item.key.mms == *mms && says(item, &values) => done(store, hands, intent.id, item, "found done"),
        [item] => {
            let why = format!(
                "its barcode is on the item {} of the bib {}, which says something else than what was sent",
                item.key.pid, item.key.mms
            );
            withdraw(store, hands, intent.id, &why)
        }
        [] if may_be_on_its_way(store, hands, intent)? => {
            let how = Ended { reason: "Alma does not show it yet; it may still be under way", ..Ended::default() };
            end(store, hands, intent.id, IntentState::Unknown, &how)
        }
        [] => withdraw(store, hands, intent.id, "it did not arrive"),
        several => {
            let all: Vec<&str> = several.iter().map(|item| item.key.pid.as_str()).collect();
            withdraw(store, hands, intent.id, &format!("several items have appeared: {}", all.join(", ")))
        }
    }
}

/// Items of a holding that were not there before, that this program did not make for another box meanwhile, and that say everything
/// that was sent.
fn appeared(
    store: &Store,
    hands: &Hands<'_>,
    (mms, holding): (&MmsId, &HoldingId),
    values: &ItemValues,
    before: &str,
) -> Result<Vec<Item>, Trouble> {
    let Some(bib) = hands.alma.bib(mms)? else { return Ok(Vec::new()) };
    let mut appeared = Vec::new();
    for item in hands.alma.items_of(&bib, Some(holding))? {
        let is_new = !before.split_whitespace().any(|known| known == item.key.pid.as_str());
        if is_new && says(&item, values) && store.last_write_to_item(&item.key.pid)?.is_none() {
            appeared.push(item);
        }
    }
    Ok(appeared)
}

fn says(item: &Item, values: &ItemValues) -> bool {
    ItemValues::in_item(&item.xml, values).is_ok_and(|there| there == *values)
}
