//! A bib replaced whole: only while it is what the plan was made from.

use super::{Hands, Wrote, crash_point, end, image_text, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::alma::Bib;
use crate::push::bib::{Suppress, bib_body, read_bib, warnings};
use crate::push::bib_image::BibImage;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};

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
        Ok(stored) => done(store, hands, id, stored),
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn done(store: &mut Store, hands: &Hands<'_>, id: i64, stored: Bib) -> Result<Wrote, Trouble> {
    let warnings = warnings(&stored.xml).unwrap_or_default().join("; ");
    let after = image_text(&stored);
    let how = Ended { mms: Some(&stored.mms), after: after.as_deref(), reason: &warnings };
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
    if says(&images.body) {
        let after = image_text(&bib);
        let how = Ended { after: after.as_deref(), reason: "found done", ..Ended::default() };
        return end(store, hands, intent.id, IntentState::Done, &how);
    }
    let is_as_before = images.before.as_deref().is_some_and(says);
    let why =
        if is_as_before { "it did not arrive" } else { "the bib says neither what was sent nor what it said before" };
    withdraw(store, hands, intent.id, why)
}
