//! The way back: what a bib held before is written again, a bib that was made is deleted, the field in ArchivesSpace gets
//! back what it held. Only while the other system still holds what was written.

mod pull;
mod shelf;

use super::alma::Bib;
use super::apply::{Clock, Hands, Wrote, delete_bib, resume, update_bib, write_mms_id};
use super::bib_image::BibImage;
use super::own_mark::Owner;
use super::resource_uri::ResourceUri;
use super::run::hands;
use super::trouble::Trouble;
use super::undone::{self, Undone};
use crate::failure::Failure;
use crate::model::id::MmsId;
use crate::model::intent::{IntentKind, IntentState};
use crate::profile::PushProfile;
use crate::steps::review::{Author, Decided};
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent, Part};
use crate::store::links::LinkChange;
use crate::store::resources::MadeFrom;

/// What is to be taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Everything that a run wrote.
    Run(i64),
    /// What was written last for a resource.
    Resource(ResourceUri),
    /// One intent.
    Intent(i64),
}

/// Takes back in a run of its own, whose lock the caller holds; what an earlier run left open is looked after first.
pub fn in_a_run(
    store: &mut Store,
    profile: &PushProfile,
    which: &[Which],
    author: &Author,
    clock: Clock<'_>,
) -> Result<Undone, Failure> {
    undone::in_a_run(store, "push undo", clock, |store, run| {
        let hands = hands(profile, run, clock)?;
        resume(store, &hands)?;
        Ok(undo(store, &hands, which, author))
    })
}

/// Takes back, newest first. What ArchivesSpace says of these resources is not written again until it says something else.
///
/// What ends it early comes with what was done until then.
pub fn undo(store: &mut Store, hands: &Hands<'_>, which: &[Which], author: &Author) -> (Decided, Option<Failure>) {
    let mut decided = Decided::default();
    let ended = undo_each(store, hands, which, author, &mut decided);
    (decided, ended.err())
}

fn undo_each(
    store: &mut Store,
    hands: &Hands<'_>,
    which: &[Which],
    author: &Author,
    decided: &mut Decided,
) -> Result<(), Failure> {
    for which in which {
        let intents = chosen(store, *which)?;
        if intents.is_empty() {
            let name = match which {
                Which::Run(run) => format!("run {run}"),
                Which::Resource(uri) => uri.to_string(),
                Which::Intent(id) => format!("#{id}"),
            };
            decided.refused.push((name, "nothing of it was done that is not taken back already".to_owned()));
        }
        let mut kept = Vec::new();
        for intent in intents {
            let name = format!("{} ({})", intent.target.subject, intent.target.kind);
            if shelf::names_one_of(&intent, &kept) {
                decided.refused.push((name, "its item stays".to_owned()));
                continue;
            }
            store.note_undo(&intent, &author.why, (hands.clock)())?;
            let taken_back = one(store, hands, &intent);
            if !matches!(taken_back, Ok(Ok(()))) && intent.target.kind == IntentKind::CreateItem {
                kept.extend(intent.target.spot.item.clone());
            }
            match taken_back {
                Ok(Ok(())) => {
                    note(store, hands, &intent, author)?;
                    decided.done.push(name);
                }
                Ok(Err(why)) | Err(Trouble::Record(why)) => decided.refused.push((name, why)),
                Err(Trouble::Ends(failure)) => return Err(failure),
            }
        }
    }
    Ok(())
}

/// What would be taken back: what was done and stands, newest first. With a bib that was made, its MMS ID in ArchivesSpace goes by itself.
pub fn chosen(store: &mut Store, which: Which) -> Result<Vec<Intent>, Failure> {
    let all = match which {
        Which::Run(run) => store.intents_of_run(run)?,
        Which::Resource(uri) => store.intents_of(&uri)?.into_iter().rev().collect(),
        Which::Intent(id) => store.intent(id)?.into_iter().collect(),
    };
    let mut intents = Vec::new();
    for intent in all {
        if stands(store, &intent)? {
            intents.push(intent);
        }
    }
    if let Which::Resource(_) = which {
        let follows = |kind| matches!(kind, IntentKind::WriteMmsId | IntentKind::WriteIlsIds);
        let first = intents.iter().find(|intent| !follows(intent.target.kind)).or(intents.first());
        let last = first.map(|intent| (intent.id, intent.run));
        // What one run wrote belongs together: items stand in holdings, and holdings at the bib.
        intents.retain(|intent| last.is_some_and(|(id, run)| intent.id == id || (run.is_some() && intent.run == run)));
    }
    let made: Vec<ResourceUri> = intents
        .iter()
        .filter(|intent| intent.target.kind == IntentKind::CreateBib)
        .map(|intent| intent.target.subject)
        .collect();
    intents.retain(|intent| intent.target.kind != IntentKind::WriteMmsId || !made.contains(&intent.target.subject));
    shelf::items_before_their_numbers(&mut intents);
    Ok(intents)
}

/// Whether something was done and is not taken back; or may have been done, and it is known what the bib was before and after.
fn stands(store: &mut Store, intent: &Intent) -> Result<bool, Failure> {
    if intent.undoes.is_some() {
        return Ok(false);
    }
    let was_sent = intent.times.1.is_some() && intent.target.kind == IntentKind::UpdateBib;
    Ok(match intent.state {
        IntentState::Done => true,
        IntentState::Withdrawn if was_sent => store.intent_images(intent.id)?.after.is_some(),
        IntentState::Withdrawn
        | IntentState::Held
        | IntentState::Planned
        | IntentState::Sent
        | IntentState::Unknown
        | IntentState::Failed
        | IntentState::Rejected
        | IntentState::Undone => false,
    })
}

/// Takes one intent back, or says why not.
fn one(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<Result<(), String>, Trouble> {
    match (intent.target.kind, &intent.target.mms) {
        (IntentKind::WriteFields | IntentKind::WriteBarcode, _) => pull::take_back(store, hands, intent),
        (IntentKind::UpdateBib, Some(mms)) => restore(store, hands, intent, mms),
        (IntentKind::CreateBib, Some(mms)) => delete(store, hands, intent, mms),
        (IntentKind::WriteMmsId, Some(mms)) => empty_field(store, hands, intent, mms),
        (IntentKind::WriteFile, _) => {
            Ok(Err("a file that an import profile has taken cannot be called back".to_owned()))
        }
        (IntentKind::DeleteBib, _) => Ok(Err("a bib that was deleted is gone with its number".to_owned())),
        (IntentKind::UpdateBib | IntentKind::CreateBib | IntentKind::WriteMmsId, None) => {
            Ok(Err("it names no bib".to_owned()))
        }
        (
            IntentKind::CreateHolding
            | IntentKind::UpdateHolding
            | IntentKind::DeleteHolding
            | IntentKind::CreateItem
            | IntentKind::UpdateItem
            | IntentKind::DeleteItem
            | IntentKind::WriteIlsIds,
            _,
        ) => shelf::take_back(store, hands, intent),
    }
}

fn restore(store: &mut Store, hands: &Hands<'_>, intent: &Intent, mms: &MmsId) -> Result<Result<(), String>, Trouble> {
    let now = match present(store, hands, intent, mms)? {
        Ok((_, now)) => now,
        Err(why) => return Ok(Err(why)),
    };
    let before = store.intent_images(intent.id)?.before;
    let Some(before) = before.and_then(|before| BibImage::read(&before).ok()) else {
        return Ok(Err("what the bib held before is not known".to_owned()));
    };
    let suppress = before.suppress.or(now.suppress);
    let wanted = BibImage { suppress, record: before.over(&now.record) };
    let new = back(hands, intent, (IntentKind::UpdateBib, now.text(), wanted.text()));
    Ok(said(update_bib::send(store, hands, &new, (mms, &now, &wanted))?))
}

fn delete(store: &mut Store, hands: &Hands<'_>, intent: &Intent, mms: &MmsId) -> Result<Result<(), String>, Trouble> {
    let (bib, now) = match present(store, hands, intent, mms)? {
        Ok(present) => present,
        Err(why) => return Ok(Err(why)),
    };
    if hands.mark(&intent.target.subject)?.owner(&now.record) != Owner::Ours {
        return Ok(Err("the bib has our mark no more".to_owned()));
    }
    if !hands.alma.holdings_of(&bib)?.is_empty() {
        return Ok(Err("the bib has holdings".to_owned()));
    }
    if !hands.alma.representations_of(&bib, None)?.is_empty() {
        return Ok(Err("the bib has representations".to_owned()));
    }
    let new = back(hands, intent, (IntentKind::DeleteBib, now.text(), String::new()));
    if let Err(why) = said(delete_bib::send(store, hands, &new, mms)?) {
        return Ok(Err(why));
    }
    empty_its_field(store, hands, intent, mms)?;
    Ok(Ok(()))
}

/// With a bib that is gone goes its MMS ID. Where the field cannot be emptied the bib is gone all the same, and the next plan
/// says that the field names one that is not there.
fn empty_its_field(store: &mut Store, hands: &Hands<'_>, intent: &Intent, mms: &MmsId) -> Result<(), Failure> {
    let written = store.intents_of(&intent.target.subject)?;
    let is_its_field = |other: &&Intent| {
        other.target.kind == IntentKind::WriteMmsId && other.state == IntentState::Done && other.undoes.is_none()
    };
    let Some(field) = written.iter().rev().find(is_its_field) else { return Ok(()) };
    let emptied = match empty_field(store, hands, field, mms) {
        Ok(emptied) => emptied,
        Err(Trouble::Record(why)) => Err(why),
        Err(Trouble::Ends(failure)) => return Err(failure),
    };
    if emptied.is_ok() {
        let how = Ended { reason: "the bib was taken back", ..Ended::default() };
        store.intent_ended(field.id, IntentState::Undone, &how, (hands.clock)())?;
    }
    Ok(())
}

/// Ends what a run began to take back before it was killed: the other system has done its part.
pub(super) fn finish(store: &mut Store, hands: &Hands<'_>, original: i64) -> Result<(), Failure> {
    let Some(intent) = store.intent(original)? else { return Ok(()) };
    if let (IntentKind::CreateBib, Some(mms)) = (intent.target.kind, &intent.target.mms) {
        empty_its_field(store, hands, &intent, mms)?;
    }
    let asked = store.undo_of(original)?.map(|asked| Author { who: asked.who, why: asked.why });
    let nobody = || Author { who: "a run that did not end".to_owned(), why: String::new() };
    note(store, hands, &intent, &asked.unwrap_or_else(nobody))
}

fn empty_field(
    store: &mut Store,
    hands: &Hands<'_>,
    intent: &Intent,
    mms: &MmsId,
) -> Result<Result<(), String>, Trouble> {
    let Some(resource) = hands.aspace.resource(&intent.target.subject)? else {
        return Ok(Err("the resource is not in ArchivesSpace any more".to_owned()));
    };
    let held = hands.field.read(&resource.json).ok().flatten();
    if held.as_deref() != Some(mms.as_str()) {
        return Ok(Err("its field holds the MMS ID no more".to_owned()));
    }
    // A number that Alma does not have may have stood there before: what it was is the archivists' to judge.
    let before = store.intent_images(intent.id)?.before.unwrap_or_default();
    let new = back(hands, intent, (IntentKind::WriteMmsId, mms.to_string(), before));
    Ok(said(write_mms_id::send(store, hands, &new, resource)?))
}

/// The bib, if it still is what the intent left behind and nothing was written to it since.
fn present(
    store: &mut Store,
    hands: &Hands<'_>,
    intent: &Intent,
    mms: &MmsId,
) -> Result<Result<(Bib, BibImage), String>, Trouble> {
    if store.last_write_to(mms)?.is_some_and(|last| last != intent.id) {
        return Ok(Err("a later write to this bib was done: undo that one first".to_owned()));
    }
    let Some(bib) = hands.alma.bib(mms)? else { return Ok(Err("the bib is not in Alma any more".to_owned())) };
    let now = match BibImage::of(&bib) {
        Ok(now) => now,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let images = store.intent_images(intent.id)?;
    let is_as_left = match images.after.as_deref().map(BibImage::read) {
        Some(Ok(after)) => after.says_the_same_as(&now),
        Some(Err(_)) | None => BibImage::read(&images.body).is_ok_and(|body| body.says_the_same_as(&now)),
    };
    if is_as_left {
        Ok(Ok((bib, now)))
    } else {
        Ok(Err("Alma's record is no longer the one that was written".to_owned()))
    }
}

pub(super) fn back(
    hands: &Hands<'_>,
    intent: &Intent,
    (kind, before, body): (IntentKind, String, String),
) -> NewIntent {
    NewIntent {
        subject: intent.target.subject,
        kind,
        mms: intent.target.mms.clone(),
        before: Some(before),
        body,
        made_by: hands.made_by,
        undoes: Some(intent.id),
        part: Part::of(&intent.target.spot),
    }
}

pub(super) fn said(wrote: Wrote) -> Result<(), String> {
    match wrote {
        Wrote::Done(_) | Wrote::FoundDone => Ok(()),
        Wrote::Moved => Err("it was changed in this moment".to_owned()),
        Wrote::Failed(why) | Wrote::Waiting(why) => Err(why),
    }
}

/// The intent is undone, and its resource rests until ArchivesSpace says something else of it.
fn note(store: &mut Store, hands: &Hands<'_>, intent: &Intent, author: &Author) -> Result<(), Failure> {
    let now = (hands.clock)();
    // The name stands in the reason, too: a run that ends what another began writes the journal in its own name.
    let asked = format!("asked for by {}", author.who);
    let reason = if author.why.is_empty() { asked } else { format!("{asked}: {}", author.why) };
    // A bib that was adopted to be written is nobody's again.
    let before = store.intent_images(intent.id)?.before;
    let is_update = intent.target.kind == IntentKind::UpdateBib;
    let was_adopted = is_update && update_bib::had_no_mark(hands, &intent.target.subject, before.as_deref())?;
    // Before its end is noted: whoever is killed here comes back to it.
    let is_wanted_no_more = shelf::forget_wish(store, hands, intent, author)?;
    let how = Ended { reason: &reason, link: was_adopted.then_some(LinkChange::Gone), ..Ended::default() };
    store.intent_ended(intent.id, IntentState::Undone, &how, now)?;
    // What was pulled says nothing of what is pushed.
    if matches!(intent.target.kind, IntentKind::WriteFields | IntentKind::WriteBarcode) {
        return Ok(());
    }
    let uri = &intent.target.subject;
    if is_wanted_no_more {
        return Ok(());
    }
    let Some(stored) = store.resource(uri)? else { return Ok(()) };
    let mms = serde_json::from_str(&stored.json).ok().and_then(|json| hands.field.read(&json).ok().flatten());
    let why = if author.why.is_empty() { String::new() } else { format!(": {}", author.why) };
    let words = format!("taken back by {} on {now}{why}", author.who);
    let mms = mms.unwrap_or_default();
    let from = MadeFrom { digest: stored.digest, mms: &mms, rules: hands.made_by };
    Ok(store.note_outcome(uri, from, ("skipped", "undone", &words), now)?)
}
