//! A new bib for an IE: Alma was asked for one with the IE's identifier just before, and whoever has no answer asks again.

use super::{Hands, Wrote, crash_point, end, not_answered, not_found, withdraw};
use crate::link::find::marked;
use crate::model::id::OaiIdentifier;
use crate::model::intent::IntentState;
use crate::push::alma::Bib;
use crate::push::bib::{Suppress, bib_body, warnings};
use crate::push::bib_image::BibImage;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::link_intents::{LinkEnded, LinkIntent, NewLinkIntent};

pub(in crate::link) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewLinkIntent,
    wanted: &BibImage,
) -> Result<Wrote, Trouble> {
    let id = store.plan_link(new, hands.run, hands.now())?;
    crash_point();
    store.link_sent(id, hands.now())?;
    crash_point();
    let suppress = wanted.suppress.unwrap_or(Suppress::Suppressed);
    match hands.alma.create_bib(&bib_body(&wanted.record, None, suppress, &[])) {
        Ok(bib) => {
            let warnings = warnings(&bib.xml).unwrap_or_default().join("; ");
            done(store, hands, id, &bib, &warnings)?;
            Ok(Wrote::Done(bib.mms, String::new()))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn done(store: &mut Store, hands: &Hands<'_>, id: i64, bib: &Bib, reason: &str) -> Result<IntentState, Trouble> {
    let after = BibImage::of(bib).ok().map(|image| image.text());
    let how = LinkEnded { mms: Some(&bib.mms), after: after.as_deref(), reason, ..LinkEnded::default() };
    end(store, hands, id, IntentState::Done, &how)
}

/// What became of it: Alma finds the bib by the IE's identifier, or does not, which is believed only when its index has had time.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &LinkIntent) -> Result<IntentState, Trouble> {
    let identifier = OaiIdentifier::of_ie(&hands.repository, &intent.about.ie);
    let found = marked(hands, identifier.as_str())?;
    match found.as_slice() {
        [bib] => done(store, hands, intent.id, bib, "found done"),
        [] => not_found(store, hands, intent),
        several => {
            let all: Vec<&str> = several.iter().map(|bib| bib.mms.as_str()).collect();
            withdraw(store, hands, intent.id, &format!("several bibs have its identifier: {}", all.join(", ")))
        }
    }
}
