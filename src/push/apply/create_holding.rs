//! A new holding at a place where the bib's list, asked a moment ago, shows none.

use super::create_bib::may_be_on_its_way;
use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::alma::{Holding, HoldingId, Holdings};
use crate::push::bib::Suppress;
use crate::push::holding::holding_body;
use crate::push::holding_image::HoldingImage;
use crate::push::marc::with_positions;
use crate::push::shelf::holdings::at_place;
use crate::push::shelf::place::Spot;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};

/// Makes what `wanted` says at a place where the bib has none: what appears there is ours.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    (mms, wanted): (&MmsId, &HoldingImage),
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    let body = holding_body(&dated(hands, wanted).record, wanted.suppress.unwrap_or(Suppress::Published));
    match hands.alma.create_holding(mms, &body) {
        Ok(holding) => {
            done(store, hands, id, &holding, "")?;
            Ok(Wrote::Done(None))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

/// With the day on which it is entered, in 008/00-05.
fn dated(hands: &Hands<'_>, wanted: &HoldingImage) -> HoldingImage {
    let mut dated = wanted.clone();
    let today = hands.now().compact();
    let entered = dated.record.control("008").and_then(|fixed| with_positions(fixed, 0, today.get(2..8)?));
    if let Some(fixed) = entered {
        dated.record.set_control("008", fixed);
    }
    dated
}

fn done(
    store: &mut Store,
    hands: &Hands<'_>,
    id: i64,
    holding: &Holding,
    reason: &str,
) -> Result<IntentState, Trouble> {
    let after = HoldingImage::of(holding).ok().map(|image| image.text());
    let spot = Spot { holding: Some(holding.id.clone()), ..Spot::default() };
    let how = Ended { after: after.as_deref(), reason, spot: Some(&spot), ..Ended::default() };
    end(store, hands, id, IntentState::Done, &how)
}

/// What became of it: at its place is one holding that was not there before and has the 852 that was sent, or none, which is believed
/// only when an answer that never came can no more be under way. Two are a matter for a person: the next plan says so.
///
/// What somebody else made there meanwhile is not ours: it would be changed without a question, and deleted when ours is taken back.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let (Some(mms), Some(place)) = (&intent.target.mms, &intent.target.spot.place) else {
        return withdraw(store, hands, intent.id, "it names no bib or no place");
    };
    let Holdings::OfKnownBib(lines) = hands.alma.holdings(mms)? else {
        return withdraw(store, hands, intent.id, "the bib is not in Alma any more");
    };
    let images = store.intent_images(intent.id)?;
    let before = images.before.unwrap_or_default();
    let is_new = |id: &&HoldingId| !before.split_whitespace().any(|known| known == id.as_str());
    let wanted = HoldingImage::read(&images.body)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for id in at_place(&lines, place).map(|line| &line.id).filter(is_new) {
        match hands.alma.holding(mms, id)? {
            Some(holding) if says(&holding, &wanted) => ours.push(holding),
            Some(_) | None => theirs.push(id.as_str()),
        }
    }
    match ours.as_slice() {
        [one] => done(store, hands, intent.id, one, "found done"),
        [] if may_be_on_its_way(store, hands, intent)? => {
            let how = Ended { reason: "Alma does not show it yet; it may still be under way", ..Ended::default() };
            end(store, hands, intent.id, IntentState::Unknown, &how)
        }
        [] if theirs.is_empty() => withdraw(store, hands, intent.id, "it did not arrive"),
        [] => {
            let why = format!("it did not arrive; another holding was made there: {}", theirs.join(", "));
            withdraw(store, hands, intent.id, &why)
        }
        several => {
            let all: Vec<&str> = several.iter().map(|holding| holding.id.as_str()).collect();
            withdraw(store, hands, intent.id, &format!("several holdings have appeared: {}", all.join(", ")))
        }
    }
}

fn says(holding: &Holding, wanted: &HoldingImage) -> bool {
    HoldingImage::of(holding).is_ok_and(|image| image.has_places_of(wanted))
}
