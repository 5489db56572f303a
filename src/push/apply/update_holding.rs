//! A holding replaced whole: it was read a moment ago, and what was read is what the plan was made from.

use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::alma::{Holding, HoldingId};
use crate::push::bib::Suppress;
use crate::push::holding::holding_body;
use crate::push::holding_image::HoldingImage;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};

pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    (mms, holding, wanted): (&MmsId, &HoldingId, &HoldingImage),
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    let body = holding_body(&wanted.record, wanted.suppress.unwrap_or(Suppress::Published));
    match hands.alma.update_holding(mms, holding, &body) {
        Ok(stored) => {
            done(store, hands, id, &stored, "")?;
            Ok(Wrote::Done(None))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn done(store: &mut Store, hands: &Hands<'_>, id: i64, stored: &Holding, reason: &str) -> Result<IntentState, Trouble> {
    let after = HoldingImage::of(stored).ok().map(|image| image.text());
    end(store, hands, id, IntentState::Done, &Ended { after: after.as_deref(), reason, ..Ended::default() })
}

/// What became of it: the holding says what was sent, or what it said before, or what somebody else wrote since.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let (Some(mms), Some(id)) = (&intent.target.mms, &intent.target.spot.holding) else {
        return withdraw(store, hands, intent.id, "it names no holding");
    };
    let Some(holding) = hands.alma.holding(mms, id)? else {
        return withdraw(store, hands, intent.id, "the holding is not in Alma any more");
    };
    let images = store.intent_images(intent.id)?;
    let now = HoldingImage::of(&holding).ok();
    let says = |text: &str| {
        let kept = HoldingImage::read(text).ok();
        now.as_ref().zip(kept).is_some_and(|(now, kept)| now.says_the_same_as(&kept))
    };
    if says(&images.body) {
        return done(store, hands, intent.id, &holding, "found done");
    }
    let is_as_before = images.before.as_deref().is_some_and(says);
    let why = if is_as_before {
        "it did not arrive"
    } else {
        "the holding says neither what was sent nor what it said before"
    };
    withdraw(store, hands, intent.id, why)
}
