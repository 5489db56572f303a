//! The way back: a representation that was made is deleted, then the bib if it was made, too, and nothing else hangs on it.

use super::apply::{Hands, Wrote, delete_bib, delete_representation, resume};
use super::run::hands;
use crate::failure::Failure;
use crate::model::id::{IePid, MmsId, OaiIdentifier};
use crate::model::intent::IntentState;
use crate::model::link_kind::LinkKind;
use crate::profile::LinkProfile;
use crate::push::alma::RepresentationId;
use crate::push::apply::Clock;
use crate::push::bib_image::BibImage;
use crate::push::trouble::Trouble;
use crate::push::undone::{self, Undone};
use crate::steps::review::{Author, Decided};
use crate::store::Store;
use crate::store::link_intents::{LinkEnded, LinkIntent, NewLinkIntent};

/// What is to be taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// Everything that a run wrote.
    Run(i64),
    /// Everything that stands for an IE.
    Ie(IePid),
}

/// Takes back in a run of its own, whose lock the caller holds; what an earlier run left open is looked after first.
pub fn in_a_run(
    store: &mut Store,
    profile: &LinkProfile,
    which: &[Which],
    author: &Author,
    clock: Clock<'_>,
) -> Result<Undone, Failure> {
    undone::in_a_run(store, "link undo", clock, |store, run| {
        let hands = hands(store, profile, run, clock)?;
        resume(store, &hands)?;
        Ok(undo(store, &hands, which, author))
    })
}

/// Takes back, newest first. These IEs are not linked again until Rosetta says something else of them, or somebody names them.
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
        let intents = chosen(store, which)?;
        if intents.is_empty() {
            let name = match which {
                Which::Run(run) => format!("run {run}"),
                Which::Ie(ie) => ie.to_string(),
            };
            decided.refused.push((name, "nothing of it was done that is not taken back already".to_owned()));
        }
        // All of it is asked for before any of it is done: a run that ends what this one began takes back the whole.
        for intent in &intents {
            store.note_link_undo(intent, &author.why, hands.now())?;
        }
        for intent in &intents {
            asked(store, hands, intent, author, decided)?;
        }
    }
    Ok(())
}

fn asked(
    store: &mut Store,
    hands: &Hands<'_>,
    intent: &LinkIntent,
    author: &Author,
    decided: &mut Decided,
) -> Result<(), Failure> {
    let name = format!("{} ({})", intent.about.ie, intent.about.kind);
    // A person's wish stands until its end is known: the next run looks, and goes on with it.
    let waits = |begun: &LinkIntent| format!("{}; the next run looks, and goes on with it", begun.why.1);
    if let Some(begun) = store.begun_link_of(&intent.about.ie)? {
        decided.refused.push((name, waits(&begun)));
        return Ok(());
    }
    match one(store, hands, intent) {
        Ok(Ok(())) => {
            note(store, hands, intent, author)?;
            decided.done.push(name);
        }
        Ok(Err(why)) | Err(Trouble::Record(why)) => match store.begun_link_of(&intent.about.ie)? {
            Some(begun) => decided.refused.push((name, waits(&begun))),
            None => {
                store.forget_link_undo(intent)?;
                decided.refused.push((name, why));
            }
        },
        Err(Trouble::Ends(failure)) => return Err(failure),
    }
    Ok(())
}

/// What was made and stands, newest first.
fn chosen(store: &Store, which: &Which) -> Result<Vec<LinkIntent>, Failure> {
    let mut all = match which {
        Which::Run(run) => store.link_intents_of_run(*run)?,
        Which::Ie(ie) => store.link_intents_of(ie)?.into_iter().rev().collect(),
    };
    all.retain(|intent| intent.state == IntentState::Done && intent.undoes.is_none() && is_making(intent));
    Ok(all)
}

fn is_making(intent: &LinkIntent) -> bool {
    match intent.about.kind {
        LinkKind::CreateBib | LinkKind::CreateRepresentation => true,
        LinkKind::DeleteBib | LinkKind::DeleteRepresentation => false,
    }
}

/// Takes one intent back, or says why not.
fn one(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<Result<(), String>, Trouble> {
    let Some(mms) = &intent.about.mms else { return Ok(Err("it names no bib".to_owned())) };
    match intent.about.kind {
        LinkKind::CreateRepresentation => representation(store, hands, intent, mms),
        LinkKind::CreateBib => bib(store, hands, intent, mms),
        LinkKind::DeleteBib | LinkKind::DeleteRepresentation => {
            Ok(Err("what was deleted is gone with its number".to_owned()))
        }
    }
}

fn representation(
    store: &mut Store,
    hands: &Hands<'_>,
    intent: &LinkIntent,
    mms: &MmsId,
) -> Result<Result<(), String>, Trouble> {
    let Ok(number) = RepresentationId::parse(&intent.about.representation) else {
        return Ok(Err("the number of its representation is not known".to_owned()));
    };
    let Some(now) = hands.alma.representation(mms, &number)? else {
        return Ok(Err(format!("the bib {mms} has no representation {number} any more")));
    };
    let ie = &intent.about.ie;
    let identifier = OaiIdentifier::of_ie(&hands.repository, ie);
    let is_ours = now.originating_record_id.as_deref() == Some(identifier.as_str())
        && now.linking_parameter_1.as_deref() == Some(ie.as_str());
    if !is_ours {
        return Ok(Err(format!("the representation {number} does not point at {ie} any more")));
    }
    let body = store.link_images(intent.id)?.body;
    let new = NewLinkIntent {
        representation: Some(number.to_string()),
        ..back(hands, intent, LinkKind::DeleteRepresentation, body)
    };
    Ok(said(delete_representation::send(store, hands, &new, (mms, &number))?))
}

fn bib(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent, mms: &MmsId) -> Result<Result<(), String>, Trouble> {
    let Some(bib) = hands.alma.bib(mms)? else { return Ok(Err("the bib is not in Alma any more".to_owned())) };
    let now = match BibImage::of(&bib) {
        Ok(now) => now,
        Err(error) => return Ok(Err(error.to_string())),
    };
    let images = store.link_images(intent.id)?;
    let read = |text: Option<&str>| text.and_then(|text| BibImage::read(text).ok());
    let is_as_left = read(images.after.as_deref()).is_some_and(|left| left.says_the_same_as(&now));
    if !is_as_left {
        return Ok(Err("Alma's record is no longer the one that was made".to_owned()));
    }
    // Found with our number after an answer was lost: it is ours only if it is what was sent.
    let sent = images.body.split_once("</bib>\n").map(|(bib, _)| format!("{bib}</bib>"));
    if intent.why.1 == "found done" && !read(sent.as_deref()).is_some_and(|sent| sent.says_the_same_as(&now)) {
        return Ok(Err("it is not certain that this program made it".to_owned()));
    }
    if !hands.alma.holdings_of(&bib)?.is_empty() {
        return Ok(Err("the bib has holdings".to_owned()));
    }
    if !hands.alma.representations_of(&bib, None)?.is_empty() {
        return Ok(Err("the bib has representations".to_owned()));
    }
    let new = back(hands, intent, LinkKind::DeleteBib, now.text());
    Ok(said(delete_bib::send(store, hands, &new, mms)?))
}

/// The bib that was made for an IE is taken away again by the run that made it.
pub(super) fn take_back_bib(
    store: &mut Store,
    hands: &Hands<'_>,
    ie: &IePid,
    mms: &MmsId,
    why: &str,
) -> Result<Result<(), String>, Trouble> {
    let made = store.made_bib_of(ie)?.filter(|made| made.about.mms.as_ref() == Some(mms));
    let Some(made) = made else { return Ok(Err("it was not made by this program".to_owned())) };
    let taken = match bib(store, hands, &made, mms) {
        Ok(taken) => taken,
        Err(Trouble::Record(why)) => Err(why),
        Err(Trouble::Ends(failure)) => return Err(Trouble::Ends(failure)),
    };
    if taken.is_ok() {
        let how = LinkEnded { reason: why, ..LinkEnded::default() };
        store.link_ended(made.id, IntentState::Undone, &how, hands.now())?;
    }
    Ok(taken)
}

/// Ends what a run began to take back before it was killed: first what Alma has done already, then the rest that was asked for.
pub(super) fn finish(store: &mut Store, hands: &Hands<'_>) -> Result<(), Failure> {
    for intent in store.half_undone_links()? {
        match author(store, &intent)? {
            Some(author) => note(store, hands, &intent, &author)?,
            // Nobody asked: its representation was refused.
            None => {
                let how = LinkEnded { reason: "its representation was refused", ..LinkEnded::default() };
                store.link_ended(intent.id, IntentState::Undone, &how, hands.now())?;
            }
        }
    }
    for intent in store.links_to_undo()? {
        let Some(author) = author(store, &intent)? else { continue };
        asked(store, hands, &intent, &author, &mut Decided::default())?;
    }
    Ok(())
}

fn author(store: &Store, intent: &LinkIntent) -> Result<Option<Author>, Failure> {
    Ok(store.link_undo_of(intent.id)?.map(|asked| Author { who: asked.who, why: asked.why }))
}

fn back(hands: &Hands<'_>, intent: &LinkIntent, kind: LinkKind, body: String) -> NewLinkIntent {
    NewLinkIntent {
        ie: intent.about.ie.clone(),
        kind,
        mms: intent.about.mms.clone(),
        representation: None,
        body,
        made_by: hands.made_by,
        undoes: Some(intent.id),
    }
}

fn said(wrote: Wrote) -> Result<(), String> {
    match wrote {
        Wrote::Done(..) => Ok(()),
        Wrote::Failed(why) | Wrote::Waiting(why) => Err(why),
    }
}

/// The intent is undone, and its IE rests until Rosetta says something else of it.
fn note(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent, author: &Author) -> Result<(), Failure> {
    let now = hands.now();
    // The name stands in the reason, too: a run that ends what another began writes the journal in its own name.
    let why = if author.why.is_empty() { String::new() } else { format!(": {}", author.why) };
    let reason = format!("asked for by {}{why}", author.who);
    let how = LinkEnded { reason: &reason, ..LinkEnded::default() };
    store.link_ended(intent.id, IntentState::Undone, &how, now)?;
    let words = format!("taken back by {} on {now}{why}", author.who);
    Ok(store.note_link_undone(&intent.about.ie, &words, now)?)
}
