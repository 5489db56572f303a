//! A new bib: never before Alma was asked once more for one with our mark, and never twice.

use super::{Hands, Wrote, crash_point, end, image_text, not_answered, withdraw};
use crate::model::intent::IntentState;
use crate::push::alma::Bib;
use crate::push::bib::{Suppress, bib_body, warnings};
use crate::push::bib_image::BibImage;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use crate::store::links::LinkChange;

pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    wanted: &BibImage,
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    // Between the plan and now another program, or a person, may have made one.
    if !hands.marked(&new.subject)?.is_empty() {
        withdraw(store, hands, id, "a bib with our mark has appeared")?;
        return Ok(Wrote::Moved);
    }
    store.intent_sent(id, hands.now())?;
    crash_point();
    let suppress = wanted.suppress.unwrap_or(Suppress::Suppressed);
    match hands.alma.create_bib(&bib_body(&wanted.record, None, suppress, &[])) {
        Ok(bib) => {
            let warnings = warnings(&bib.xml).unwrap_or_default().join("; ");
            done(store, hands, id, &bib, &warnings)?;
            Ok(Wrote::Done(Some(Box::new(bib))))
        }
        Err(error) => not_answered(store, hands, id, error),
    }
}

fn done(store: &mut Store, hands: &Hands<'_>, id: i64, bib: &Bib, reason: &str) -> Result<IntentState, Trouble> {
    let after = image_text(bib);
    let link = Some(LinkChange::Created(&bib.mms));
    let how = Ended { mms: Some(&bib.mms), after: after.as_deref(), reason, link, ..Ended::default() };
    end(store, hands, id, IntentState::Done, &how)
}

/// What became of it: Alma finds the bib by our mark, or does not, which is believed only when its index has had time.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let found = hands.marked(&intent.target.subject)?;
    match found.as_slice() {
        [bib] => done(store, hands, intent.id, bib, "found done"),
        [] => {
            if may_be_on_its_way(store, hands, intent)? {
                let reason = "Alma does not find it yet; push.index-lag says how long that may take";
                let how = Ended { reason, ..Ended::default() };
                return end(store, hands, intent.id, IntentState::Unknown, &how);
            }
            withdraw(store, hands, intent.id, "it did not arrive")
        }
        several => {
            let all: Vec<&str> = several.iter().map(|bib| bib.mms.as_str()).collect();
            withdraw(store, hands, intent.id, &format!("several bibs have our mark: {}", all.join(", ")))
        }
    }
}

/// Whether Alma may still make the bib, or have made it and not find it yet.
///
/// Its index begins to count when the answer was given up, which may be long after the sending: the call waits for its turn, and
/// for Alma. After a kill nobody knows how long it waited; then it is the longest that a call takes.
pub(super) fn may_be_on_its_way(store: &Store, hands: &Hands<'_>, intent: &Intent) -> Result<bool, Trouble> {
    let lag = hands.push.index_lag;
    if lag.is_zero() {
        return Ok(false);
    }
    Ok(match store.unanswered_since(intent.id)? {
        Some(given_up) => hands.now().since(given_up) < lag,
        None => hands.now().since(intent.times.1.unwrap_or(intent.times.0)) < lag + hands.alma.time_out(),
    })
}
