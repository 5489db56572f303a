//! A representation deleted that this program made: only when a person takes it back.

use super::{Hands, Wrote, crash_point, end, not_answered, withdraw};
use crate::model::id::MmsId;
use crate::model::intent::IntentState;
use crate::push::alma::RepresentationId;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::link_intents::{LinkEnded, LinkIntent, NewLinkIntent};

pub(in crate::link) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewLinkIntent,
    (mms, number): (&MmsId, &RepresentationId),
) -> Result<Wrote, Trouble> {
    let id = store.plan_link(new, hands.run, hands.now())?;
    crash_point();
    store.link_sent(id, hands.now())?;
    crash_point();
    match hands.alma.delete_representation(mms, number) {
        Ok(()) => {
            end(store, hands, id, IntentState::Done, &LinkEnded::default())?;
            Ok(Wrote::Done(mms.clone(), number.to_string()))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

/// What became of it: the representation is there, or it is not.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<IntentState, Trouble> {
    let about = &intent.about;
    let there = match (&about.mms, RepresentationId::parse(&about.representation)) {
        (Some(mms), Ok(number)) => hands.alma.representation(mms, &number)?.is_some(),
        (None, _) | (_, Err(_)) => false,
    };
    if there {
        return withdraw(store, hands, intent.id, "the representation is still there");
    }
    end(store, hands, intent.id, IntentState::Done, &LinkEnded { reason: "found done", ..LinkEnded::default() })
}
