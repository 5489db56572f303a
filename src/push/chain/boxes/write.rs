//! One box's step carried out: its item, then what Alma calls it into ArchivesSpace.

use super::{Shelf, fate_of, foretold, holding_of, skipped};
use crate::model::decision::Verb;
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::profile::HoldPolicy;
use crate::push::alma::{HoldingId, Item, ItemKey, ItemPid};
use crate::push::apply::{Hands, Wrote, create_item, update_item, write_ils_ids};
use crate::push::chain::holdings::ended;
use crate::push::item::ItemField;
use crate::push::shelf::fate::{End, ItemFate};
use crate::push::shelf::item_values::ItemValues;
use crate::push::shelf::items::{ItemStep, SkipBox};
use crate::push::shelf::place::Spot;
use crate::push::shelf::reason::ShelfReason;
use crate::push::top_container::{InAlma, TopContainer};
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{NewIntent, Part};
use crate::store::verdicts::Verdict;

pub(super) fn carry_out(
    store: &mut Store,
    hands: &Hands<'_>,
    shelf: Shelf<'_>,
    (container, item): (&TopContainer, Option<&Item>),
    step: ItemStep,
) -> Result<ItemFate, Trouble> {
    let Some(bib) = shelf.stocked.bib else { return Ok(foretold(container, &step)) };
    // What was begun for this box and has no known end comes first; other boxes go on.
    if let Some(begun) = begun(store, container, item)? {
        return Ok(fate_of(container, End::because("waiting", "unknown", begun)));
    }
    let new = intent_of(hands, shelf, (container, item, &bib.mms), &step);
    let verdict = match &new {
        Some(new) => store.verdict(&new.target(), &new.digest(), new.before_digest().as_ref())?,
        None => None,
    };
    let step = judged(step, verdict.as_ref());
    if !shelf.stocked.writes() {
        return Ok(foretold(container, &step));
    }
    let mut fate = act(store, hands, shelf, (container, item, &bib.mms), step, new)?;
    if let Some(item) = item {
        (fate.holding, fate.item) = (Some(item.key.holding.clone()), Some(item.key.pid.clone()));
    }
    if matches!(fate.end.outcome, "created" | "updated" | "unchanged") && shelf.rules.0.write_back {
        write_back(store, hands, shelf, (container, &bib.mms), &mut fate)?;
    }
    Ok(fate)
}

fn begun(store: &Store, container: &TopContainer, item: Option<&Item>) -> Result<Option<String>, Trouble> {
    let uri = &container.uri;
    let mut targets = vec![format!("item of {uri}"), format!("ILS ids of {uri}")];
    targets.extend(item.map(|item| format!("item {}", item.key.pid)));
    for target in targets {
        if let Some(begun) = store.begun_at(&target)? {
            return Ok(Some(begun.why.1));
        }
    }
    Ok(None)
}

/// What a step would write; none for one that writes nothing.
fn intent_of(
    hands: &Hands<'_>,
    shelf: Shelf<'_>,
    (container, item, mms): (&TopContainer, Option<&Item>, &MmsId),
    step: &ItemStep,
) -> Option<NewIntent> {
    let (step, gone) = match step {
        ItemStep::Held { draft: Some(draft), reasons } => (draft.as_ref(), gone_of(reasons)),
        other => (other, None),
    };
    let (kind, before, body) = match step {
        ItemStep::Create(_, values) => (IntentKind::CreateItem, known(shelf.items, values, gone), values.text()),
        ItemStep::Update { from, to } => (IntentKind::UpdateItem, from.text(), to.text()),
        ItemStep::Unchanged | ItemStep::Held { .. } | ItemStep::Skip(_) => return None,
    };
    let key = item.map(|item| &item.key).filter(|_| kind == IntentKind::UpdateItem);
    let holding = key.map(|key| key.holding.clone()).or_else(|| holding_of(step).cloned());
    let (item, container) = (key.map(|key| key.pid.clone()), Some(container.uri));
    Some(NewIntent {
        subject: shelf.stocked.known.resource.uri,
        kind,
        mms: Some(mms.clone()),
        before: Some(before),
        body,
        made_by: hands.made_by,
        undoes: None,
        part: Part::Shelf(Spot { place: None, holding, item, container }),
    })
}

/// The item that is there no more, so that an approval speaks of this one and not of the next that goes.
fn gone_of(reasons: &[ShelfReason]) -> Option<&ItemPid> {
    reasons.iter().find_map(|reason| match reason {
        ShelfReason::ItemGone(pid) => Some(pid),
        _ => None,
    })
}

/// The items that are known, so that a new one is told from them. One with a barcode is told by that.
fn known(items: &[Item], values: &ItemValues, gone: Option<&ItemPid>) -> String {
    let has_barcode = values.get(ItemField::Barcode).is_some();
    let there = items.iter().map(|item| &item.key.pid).filter(|_| !has_barcode);
    there.chain(gone).map(ItemPid::as_str).collect::<Vec<_>>().join(" ")
}

/// The step after what a person decided about exactly this content over exactly that item.
fn judged(step: ItemStep, verdict: Option<&Verdict>) -> ItemStep {
    let Some(verdict) = verdict else { return step };
    match (verdict.verb, step) {
        (_, step @ (ItemStep::Unchanged | ItemStep::Skip(_))) => step,
        (Verb::Reject, _) => ItemStep::Skip(SkipBox::Rejected(verdict.words())),
        (Verb::Approve, ItemStep::Held { mut reasons, draft: Some(draft) }) => {
            reasons.retain(|reason| !reason.can_be_approved());
            if reasons.is_empty() { *draft } else { ItemStep::Held { reasons, draft: Some(draft) } }
        }
        (Verb::Approve | Verb::Retry | Verb::Undo, step) => step,
    }
}

fn act(
    store: &mut Store,
    hands: &Hands<'_>,
    shelf: Shelf<'_>,
    (container, item, mms): (&TopContainer, Option<&Item>, &MmsId),
    step: ItemStep,
    new: Option<NewIntent>,
) -> Result<ItemFate, Trouble> {
    release_others(store, (container, item), new.as_ref())?;
    match (step, new, item) {
        (ItemStep::Unchanged, ..) => Ok(fate_of(container, End::of("unchanged"))),
        (ItemStep::Skip(why), ..) => Ok(fate_of(container, skipped(&why))),
        (ItemStep::Held { reasons, .. }, new, _) => {
            let end = End::held(&reasons);
            if let Some(new) = &new {
                store.hold_intent(new, (&end.code, &end.detail), hands.run, (hands.clock)())?;
            }
            Ok(fate_of(container, end))
        }
        (ItemStep::Create(holding, values), Some(new), _) => {
            let wrote = create_item::send(store, hands, &new, (mms, &holding, &values))?;
            made(store, hands, shelf, (container, &holding, &values), (wrote, &new))
        }
        (ItemStep::Update { from, to }, Some(new), Some(item)) => {
            let wrote = update_item::send(store, hands, &new, (&item.key, &from, &to))?;
            let mut fate = fate_of(container, ended(wrote, "updated"));
            if let ("failed", Some(barcode)) = (fate.end.outcome, to.get(ItemField::Barcode)) {
                let is_another = |other: &Item| other.key.pid != item.key.pid;
                fate.end = elsewhere(hands, barcode, is_another)?.unwrap_or(fate.end);
            }
            Ok(fate)
        }
        // A step that writes has an intent, and one that changes an item has an item.
        (ItemStep::Create(..) | ItemStep::Update { .. }, ..) => Ok(fate_of(container, End::of("failed"))),
    }
}

/// What was held for the box, and is not what would be written now, must not be approved any more.
fn release_others(
    store: &mut Store,
    (container, item): (&TopContainer, Option<&Item>),
    new: Option<&NewIntent>,
) -> Result<(), Trouble> {
    let kept = new.map(NewIntent::target);
    let targets = [Some(format!("item of {}", container.uri)), item.map(|item| format!("item {}", item.key.pid))];
    for target in targets.into_iter().flatten().filter(|target| kept.as_ref() != Some(target)) {
        store.release_target(&target)?;
    }
    Ok(())
}

/// After a making: its number; or, where Alma refused it, whether its barcode is on another item.
fn made(
    store: &mut Store,
    hands: &Hands<'_>,
    shelf: Shelf<'_>,
    (container, holding, values): (&TopContainer, &HoldingId, &ItemValues),
    (wrote, new): (Wrote, &NewIntent),
) -> Result<ItemFate, Trouble> {
    let mut fate = fate_of(container, ended(wrote, "created"));
    match (fate.end.outcome, values.get(ItemField::Barcode)) {
        ("created", _) => {
            fate.holding = Some(holding.clone());
            fate.item = store.last_done(&new.target())?.and_then(|intent| intent.target.spot.item);
        }
        ("failed", Some(barcode)) => {
            let is_another = |other: &Item| !shelf.items.iter().any(|known| known.key.pid == other.key.pid);
            fate.end = elsewhere(hands, barcode, is_another)?.unwrap_or(fate.end);
        }
        (_, _) => {}
    }
    Ok(fate)
}

/// Alma refused a writing, and this may be why: the barcode is on another item of the institution.
fn elsewhere(hands: &Hands<'_>, barcode: &str, is_another: impl Fn(&Item) -> bool) -> Result<Option<End>, Trouble> {
    let other = hands.alma.item_by_barcode(barcode)?.filter(is_another);
    let reason =
        other.map(|Item { key: ItemKey { mms, pid, .. }, .. }| ShelfReason::BarcodeElsewhere { mms, item: pid });
    Ok(reason.map(|reason| End::held(&[reason])))
}

/// Puts holding and item into the record of the box where they are not.
fn write_back(
    store: &mut Store,
    hands: &Hands<'_>,
    shelf: Shelf<'_>,
    (container, mms): (&TopContainer, &MmsId),
    fate: &mut ItemFate,
) -> Result<(), Trouble> {
    let (Some(holding), Some(item)) = (&fate.holding, &fate.item) else { return Ok(()) };
    let wanted = InAlma {
        holding: Some(holding.to_string()),
        item: Some(item.to_string()),
        exported: container.in_alma.exported.clone(),
    };
    if wanted == container.in_alma {
        return Ok(store.release_target(&format!("ILS ids of {}", container.uri))?);
    }
    let new = NewIntent {
        subject: shelf.stocked.known.resource.uri,
        kind: IntentKind::WriteIlsIds,
        mms: Some(mms.clone()),
        before: Some(write_ils_ids::ids_text(&container.in_alma)),
        body: write_ils_ids::ids_text(&wanted),
        made_by: hands.made_by,
        undoes: None,
        part: Part::Shelf(Spot {
            place: None,
            holding: Some(holding.clone()),
            item: Some(item.clone()),
            container: Some(container.uri),
        }),
    };
    if !hands.may_save_box(&container.uri) {
        let why = "ArchivesSpace lets its user save no box of this repository";
        fate.end = End::because("failed", "denied", why);
        return Ok(());
    }
    if let Some(end) = taken_out(store, hands, &new, item)? {
        fate.end = end;
        return Ok(());
    }
    match write_ils_ids::send(store, hands, &new, container)? {
        Wrote::Done(_) | Wrote::FoundDone => fate.written_back = true,
        Wrote::Moved => fate.end = End::because("waiting", "write-back", ""),
        Wrote::Failed(why) => fate.end = End::because("failed", "write-back", why),
        Wrote::Waiting(why) => fate.end = End::because("waiting", "write-back", why),
    }
    Ok(())
}

/// Where these very numbers were put into the box before, and nobody has taken that back, an archivist has emptied the fields: perhaps
/// it is another box's item. That is asked before they are written again.
fn taken_out(store: &mut Store, hands: &Hands<'_>, new: &NewIntent, item: &ItemPid) -> Result<Option<End>, Trouble> {
    let was_written = store.last_done(&new.target())?.is_some_and(|last| last.digests.0 == new.digest());
    if !was_written || hands.push.rules.review.hold == HoldPolicy::Nothing {
        return Ok(None);
    }
    let verdict = store.verdict(&new.target(), &new.digest(), new.before_digest().as_ref())?;
    Ok(match verdict.as_ref().map(|verdict| verdict.verb) {
        Some(Verb::Approve) => None,
        Some(Verb::Reject) => verdict.map(|verdict| End::because("skipped", "rejected", verdict.words())),
        Some(Verb::Retry | Verb::Undo) | None => {
            let end = End::held(&[ShelfReason::NumbersRemoved(item.clone())]);
            store.hold_intent(new, (&end.code, &end.detail), hands.run, (hands.clock)())?;
            Some(end)
        }
    })
}
