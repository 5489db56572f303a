//! The way back of holdings, items and what Alma calls a box: only while the other system still holds what was written.

use super::{back, said};

use crate::failure::Failure;
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::push::alma::{HoldingId, Item, ItemKey, ItemPid};
use crate::push::apply::{Hands, delete_holding, delete_item, update_holding, update_item, write_ils_ids};
use crate::push::holding_image::HoldingImage;
use crate::push::item::{changed_elements, read_item};
use crate::push::resource_uri::ContainerUri;
use crate::push::shelf::item_values::ItemValues;
use crate::push::trouble::Trouble;
use crate::steps::review::Author;
use crate::store::Store;
use crate::store::intents::Intent;

type Answer = Result<Result<(), String>, Trouble>;

const LATER: &str = "a later write to it was done: undo that one first";

/// An item goes before its numbers leave the box: where it stays, they stay.
pub(super) fn items_before_their_numbers(intents: &mut Vec<Intent>) {
    let is = |intent: &Intent, kind| intent.target.kind == kind;
    let of = |intent: &Intent| intent.target.spot.item.clone();
    for at in (0..intents.len()).rev() {
        let is_its_item = |other: &Intent| is(other, IntentKind::CreateItem) && of(other) == of(&intents[at]);
        let item = intents.iter().position(is_its_item).filter(|item| *item > at);
        if let (true, Some(item)) = (is(&intents[at], IntentKind::WriteIlsIds), item) {
            let numbers = intents.remove(at);
            intents.insert(item, numbers);
        }
    }
}

/// Whether an intent has put the numbers of one of these items into a box.
pub(super) fn names_one_of(intent: &Intent, items: &[ItemPid]) -> bool {
    let item = intent.target.spot.item.as_ref();
    intent.target.kind == IntentKind::WriteIlsIds && item.is_some_and(|item| items.contains(item))
}

/// With a holding goes the wish for it: else the next change in ArchivesSpace would bring it back. Whether nothing wants it any more,
/// so that its resource need not rest.
pub(super) fn forget_wish(
    store: &mut Store,
    hands: &Hands<'_>,
    intent: &Intent,
    author: &Author,
) -> Result<bool, Failure> {
    let (IntentKind::CreateHolding, Some(place)) = (intent.target.kind, &intent.target.spot.place) else {
        return Ok(false);
    };
    let uri = &intent.target.subject;
    store.forget_place(uri, place)?;
    store.forget_wish(uri, place, &author.why, (hands.clock)())?;
    let boxes = store.boxes_of(uri)?;
    Ok(hands.push.rules.holdings.as_ref().is_none_or(|rules| !rules.wanted(&boxes, &[]).contains(place)))
}

/// Takes one intent back, or says why not.
pub(super) fn take_back(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Answer {
    let spot = &intent.target.spot;
    match (intent.target.kind, &intent.target.mms, &spot.holding, &spot.container) {
        (IntentKind::CreateHolding, Some(mms), Some(id), _) => unmake_holding(store, hands, intent, (mms, id)),
        (IntentKind::UpdateHolding, Some(mms), Some(id), _) => restore_holding(store, hands, intent, (mms, id)),
        (IntentKind::CreateItem, ..) => match update_item::key_of(intent) {
            Some(key) => unmake_item(store, hands, intent, &key),
            None => unnamed(),
        },
        (IntentKind::UpdateItem, ..) => match update_item::key_of(intent) {
            Some(key) => restore_item(store, hands, intent, &key),
            None => unnamed(),
        },
        (IntentKind::WriteIlsIds, _, _, Some(uri)) => restore_ids(store, hands, intent, uri),
        (IntentKind::DeleteHolding | IntentKind::DeleteItem, ..) => {
            Ok(Err("what was deleted is gone with its number".to_owned()))
        }
        (
            IntentKind::CreateHolding
            | IntentKind::UpdateHolding
            | IntentKind::WriteIlsIds
            | IntentKind::CreateBib
            | IntentKind::UpdateBib
            | IntentKind::DeleteBib
            | IntentKind::WriteMmsId
            | IntentKind::WriteFields
            | IntentKind::WriteBarcode
            | IntentKind::WriteFile,
            ..,
        ) => unnamed(),
    }
}

fn unnamed() -> Answer {
    Ok(Err("it names nothing that could be taken back".to_owned()))
}

/// The holding, if it still is what the intent left behind and nothing was written to it since.
fn holding(
    store: &mut Store,
    hands: &Hands<'_>,
    intent: &Intent,
    (mms, id): (&MmsId, &HoldingId),
) -> Result<Result<HoldingImage, String>, Trouble> {
    if store.last_write_to_holding(id)?.is_some_and(|last| last != intent.id) {
        return Ok(Err(LATER.to_owned()));
    }
    let Some(holding) = hands.alma.holding(mms, id)? else {
        return Ok(Err("the holding is not in Alma any more".to_owned()));
    };
    let now = match HoldingImage::of(&holding) {
        Ok(now) => now,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let images = store.intent_images(intent.id)?;
    let left = HoldingImage::read(images.after.as_deref().unwrap_or(&images.body));
    if left.is_ok_and(|left| left.says_the_same_as(&now)) {
        Ok(Ok(now))
    } else {
        Ok(Err("Alma's holding is no longer the one that was written".to_owned()))
    }
}

fn unmake_holding(store: &mut Store, hands: &Hands<'_>, intent: &Intent, at: (&MmsId, &HoldingId)) -> Answer {
    let now = match holding(store, hands, intent, at)? {
        Ok(now) => now,
        Err(why) => return Ok(Err(why)),
    };
    let Some(bib) = hands.alma.bib(at.0)? else { return Ok(Err("the bib is not in Alma any more".to_owned())) };
    if !hands.alma.items_of(&bib, Some(at.1))?.is_empty() {
        return Ok(Err("the holding has items".to_owned()));
    }
    let new = back(hands, intent, (IntentKind::DeleteHolding, now.text(), String::new()));
    Ok(said(delete_holding::send(store, hands, &new, at)?))
}

fn restore_holding(store: &mut Store, hands: &Hands<'_>, intent: &Intent, at: (&MmsId, &HoldingId)) -> Answer {
    let now = match holding(store, hands, intent, at)? {
        Ok(now) => now,
        Err(why) => return Ok(Err(why)),
    };
    let before = store.intent_images(intent.id)?.before;
    let Some(before) = before.and_then(|before| HoldingImage::read(&before).ok()) else {
        return Ok(Err("what the holding held before is not known".to_owned()));
    };
    let wanted = HoldingImage { suppress: before.suppress.or(now.suppress), record: before.over(&now.record) };
    let new = back(hands, intent, (IntentKind::UpdateHolding, now.text(), wanted.text()));
    Ok(said(update_holding::send(store, hands, &new, (at.0, at.1, &wanted))?))
}

/// The item and what was written into it, if all of that still stands there and nothing was written since.
fn item(
    store: &mut Store,
    hands: &Hands<'_>,
    intent: &Intent,
    key: &ItemKey,
) -> Result<Result<(Item, ItemValues), String>, Trouble> {
    if store.last_write_to_item(&key.pid)?.is_some_and(|last| last != intent.id) {
        return Ok(Err(LATER.to_owned()));
    }
    let Some(item) = hands.alma.item(key)? else { return Ok(Err("the item is not in Alma any more".to_owned())) };
    let written = match ItemValues::read(&store.intent_images(intent.id)?.body) {
        Ok(written) => written,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let there = ItemValues::in_item(&item.xml, &written);
    if there.as_ref() != Ok(&written) {
        return Ok(Err("Alma's item no longer says what was written".to_owned()));
    }
    Ok(Ok((item, written)))
}

fn unmake_item(store: &mut Store, hands: &Hands<'_>, intent: &Intent, key: &ItemKey) -> Answer {
    let (item, written) = match item(store, hands, intent, key)? {
        Ok(present) => present,
        Err(why) => return Ok(Err(why)),
    };
    let is_at_rest = read_item(&item.xml).is_ok_and(|it| it.is_in_place && it.process.is_none() && !it.is_requested);
    if !is_at_rest {
        return Ok(Err("the item is lent, on its way or requested".to_owned()));
    }
    // With the item would go whatever staff have written into it since.
    let made = store.intent_images(intent.id)?.after;
    match made.map(|made| changed_elements(&made, &item.xml)).transpose() {
        Ok(None) => {}
        Ok(Some(changed)) if changed.is_empty() => {}
        Ok(Some(changed)) => {
            return Ok(Err(format!("staff have changed {} of the item since it was made", changed.join(", "))));
        }
        Err(error) => return Ok(Err(error.to_string())),
    }
    let new = back(hands, intent, (IntentKind::DeleteItem, written.text(), String::new()));
    Ok(said(delete_item::send(store, hands, &new, key)?))
}

fn restore_item(store: &mut Store, hands: &Hands<'_>, intent: &Intent, key: &ItemKey) -> Answer {
    let written = match item(store, hands, intent, key)? {
        Ok((_, written)) => written,
        Err(why) => return Ok(Err(why)),
    };
    let before = store.intent_images(intent.id)?.before.unwrap_or_default();
    let Ok(before) = ItemValues::read(&before) else {
        return Ok(Err("what the item held before is not known".to_owned()));
    };
    let new = back(hands, intent, (IntentKind::UpdateItem, written.text(), before.text()));
    Ok(said(update_item::send(store, hands, &new, (key, &written, &before))?))
}

/// What stood in the box before, as long as it says what was written.
fn restore_ids(store: &mut Store, hands: &Hands<'_>, intent: &Intent, uri: &ContainerUri) -> Answer {
    let Some(container) = hands.aspace.top_container(uri)? else {
        return Ok(Err("the box is not in ArchivesSpace any more".to_owned()));
    };
    let images = store.intent_images(intent.id)?;
    if write_ils_ids::ids_text(&container.in_alma) != images.body {
        return Ok(Err("the box no longer says what was written".to_owned()));
    }
    let new = back(hands, intent, (IntentKind::WriteIlsIds, images.body, images.before.unwrap_or_default()));
    Ok(said(write_ils_ids::send(store, hands, &new, &container)?))
}
