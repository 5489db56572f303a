//! A remote representation at a bib: the bib's representations were seen just before, and whoever has no answer looks again.

use super::{Hands, Wrote, crash_point, end, not_answered, not_found, withdraw};
use crate::link::plan::pointer_text;
use crate::model::id::{IePid, MmsId, OaiIdentifier};
use crate::model::intent::IntentState;
use crate::model::link_kind::LinkKind;
use crate::push::alma::{self, AlmaError, Class, RemoteRepresentation, Representation};
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::link_intents::{LinkEnded, LinkIntent, NewLinkIntent};

/// `collection` is where the bib may be put when Alma wants it in one: only ever a bib of our own.
pub(in crate::link) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    ie: &IePid,
    (mms, pointer): (&MmsId, &RemoteRepresentation),
    collection: Option<&str>,
) -> Result<Wrote, Trouble> {
    let new = NewLinkIntent {
        ie: ie.clone(),
        kind: LinkKind::CreateRepresentation,
        mms: Some(mms.clone()),
        representation: None,
        body: pointer_text(mms, pointer),
        made_by: hands.made_by,
        undoes: None,
    };
    let id = store.plan_link(&new, hands.run, hands.now())?;
    crash_point();
    store.link_sent(id, hands.now())?;
    crash_point();
    let mut answer = hands.alma.create_representation(mms, pointer);
    if let (Err(error), Some(collection)) = (&answer, collection)
        && wants_collection(error)
    {
        answer =
            hands.alma.add_to_collection(collection, mms).and_then(|()| hands.alma.create_representation(mms, pointer));
    }
    match answer {
        Ok(one) => {
            done(store, hands, id, &one, "")?;
            Ok(Wrote::Done(mms.clone(), one.id.to_string()))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn wants_collection(error: &alma::Error) -> bool {
    !error.may_have_arrived() && error.refusal().map(AlmaError::class) == Some(Class::NoCollection)
}

fn done(
    store: &mut Store,
    hands: &Hands<'_>,
    id: i64,
    one: &Representation,
    reason: &str,
) -> Result<IntentState, Trouble> {
    let number = one.id.to_string();
    let how = LinkEnded { representation: Some(&number), reason, ..LinkEnded::default() };
    end(store, hands, id, IntentState::Done, &how)
}

/// What became of it: the bib has a representation with the IE's identifier, or has none.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<IntentState, Trouble> {
    let identifier = OaiIdentifier::of_ie(&hands.repository, &intent.about.ie);
    let bib = match &intent.about.mms {
        Some(mms) => hands.alma.bib(mms)?,
        None => None,
    };
    let Some(bib) = bib else { return withdraw(store, hands, intent.id, "its bib is not in Alma any more") };
    let found = hands.alma.representations_of(&bib, Some(identifier.as_str()))?;
    match found.as_slice() {
        [one] => done(store, hands, intent.id, one, "found done"),
        [] => not_found(store, hands, intent),
        several => {
            let why = format!("{} representations of the bib have its identifier", several.len());
            withdraw(store, hands, intent.id, &why)
        }
    }
}
