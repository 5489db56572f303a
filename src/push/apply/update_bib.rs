//! A bib replaced whole: only while it is what the plan was made from.

use super::{Hands, Wrote, crash_point, end, image_text, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::alma::Bib;
use crate::push::bib::{Suppress, bib_body, read_bib, warnings};
use crate::push::bib_image::BibImage;
use crate::push::own_mark::Owner;
use crate::push::resource_uri::ResourceUri;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use crate::store::links::LinkChange;

/// Writes `wanted` into a bib that must still be what `planned` was.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    (mms, planned, wanted): (&MmsId, &BibImage, &BibImage),
) -> Result<Wrote, Trouble> {
    let Some(fresh) = hands.alma.bib(mms)? else { return Ok(Wrote::Moved) };
    let is_as_planned = BibImage::of(&fresh).is_ok_and(|image| image.is_same_state_as(planned));
    if !is_as_planned {
        return Ok(Wrote::Moved);
    }
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    let suppress = wanted.suppress.unwrap_or(Suppress::Suppressed);
    let settings = read_bib(&fresh.xml).map(|read| read.settings).unwrap_or_default();
    let body = bib_body(&wanted.record, Some(mms), suppress, &settings);
    match hands.alma.update_bib(mms, &body) {
        Ok(stored) => done(store, hands, (id, new), stored),
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn done(store: &mut Store, hands: &Hands<'_>, (id, new): (i64, &NewIntent), stored: Bib) -> Result<Wrote, Trouble> {
    let warnings = warnings(&stored.xml).unwrap_or_default().join("; ");
    let after = image_text(&stored);
    let adopts = new.undoes.is_none() && had_no_mark(hands, &new.subject, new.before.as_deref())?;
    let link = adopts.then_some(LinkChange::Adopted(&stored.mms));
    let how = Ended { mms: Some(&stored.mms), after: after.as_deref(), reason: &warnings, link, ..Ended::default() };
    end(store, hands, id, IntentState::Done, &how)?;
    Ok(Wrote::Done(Some(Box::new(stored))))
}

/// What became of it: the bib says what was sent, or what it said before, or what somebody else wrote since.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let Some(mms) = &intent.target.mms else {
        return withdraw(store, hands, intent.id, "it names no bib");
    };
    let Some(bib) = hands.alma.bib(mms)? else {
        return withdraw(store, hands, intent.id, "the bib is not in Alma any more");
    };
    let images = store.intent_images(intent.id)?;
    let now = BibImage::of(&bib).ok();
    let says = |text: &str| {
        let kept = BibImage::read(text).ok();
        now.as_ref().zip(kept).is_some_and(|(now, kept)| now.says_the_same_as(&kept))
    };
    let after = image_text(&bib);
    if says(&images.body) {
        let adopts = intent.undoes.is_none() && had_no_mark(hands, &intent.target.subject, images.before.as_deref())?;
        let link = adopts.then_some(LinkChange::Adopted(mms));
        let how = Ended { after: after.as_deref(), reason: "found done", link, ..Ended::default() };
        return end(store, hands, intent.id, IntentState::Done, &how);
    }
    if images.before.as_deref().is_some_and(says) {
        return withdraw(store, hands, intent.id, "it did not arrive");
    }
    // Alma may have stored it a little differently. What is there now is kept, so that it can be taken back all the same.
    let reason = "the bib says neither what was sent nor what it said before";
    let how = Ended { after: after.as_deref(), reason, ..Ended::default() };
    end(store, hands, intent.id, IntentState::Withdrawn, &how)
}

/// Whether a bib had nobody's mark before it was written: then a person has said that it is the one.
pub(in crate::push) fn had_no_mark(
    hands: &Hands<'_>,
    subject: &ResourceUri,
    before: Option<&str>,
) -> Result<bool, Trouble> {
    let mark = hands.mark(subject)?;
    let before = before.and_then(|before| BibImage::read(before).ok());
    Ok(before.is_some_and(|before| mark.owner(&before.record) == Owner::Nobody))
}
