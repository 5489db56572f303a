//! What persons decide about what `link` holds. A decision is written down; the next run acts on it.

use super::plan::Reason;
use crate::failure::{Failure, Kind, stated};
use crate::model::decision::Verb;
use crate::model::id::IePid;
use crate::model::intent::IntentState;
use crate::model::time::Timestamp;
use crate::push::review::{MOVED_ON, Selection, mend_it, no_approval_helps};
use crate::steps::review::{Author, Decided};
use crate::store::Store;
use crate::store::link_intents::LinkIntent;

/// Approves or rejects.
pub fn decide(
    store: &mut Store,
    verb: Verb,
    selection: &Selection,
    author: &Author,
    now: Timestamp,
) -> Result<Decided, Failure> {
    selection.must_select("IEs")?;
    let mut decided = Decided::default();
    for intent in select(store, verb, selection, &mut decided)? {
        let name = intent.about.ie.to_string();
        if let Some(why) = no_approval_helps(verb, &intent.why, Reason::code_can_be_approved) {
            decided.refused.push((name, why));
        } else if store.judge_link(&intent, verb, &author.why, now)? {
            decided.done.push(name);
        } else {
            decided.refused.push((name, MOVED_ON.to_owned()));
        }
    }
    Ok(decided)
}

fn select(store: &Store, verb: Verb, selection: &Selection, decided: &mut Decided) -> Result<Vec<LinkIntent>, Failure> {
    let held = store.link_intents_in(Some(IntentState::Held), usize::MAX >> 1)?;
    let has_code = |intent: &&LinkIntent| selection.has_code(&intent.why.0);
    if selection.ids.is_empty() {
        return Ok(held.iter().filter(has_code).cloned().collect());
    }
    let mut selected = Vec::new();
    for id in &selection.ids {
        let found: Vec<LinkIntent> = match (id.trim_start_matches('#').parse::<i64>(), IePid::parse(id)) {
            (Ok(number), _) => held.iter().filter(|intent| intent.id == number).cloned().collect(),
            (Err(_), Ok(ie)) => of_ie(store, verb, &held, &ie)?,
            (Err(_), Err(error)) => {
                let hint = "`cartouche link list PROFILE held` shows what to type";
                return Err(stated(Kind::Configuration, error.to_string(), hint));
            }
        };
        if found.is_empty() {
            decided.refused.push((id.clone(), nothing(store, id)?));
        }
        selected.extend(found.into_iter().filter(|intent| has_code(&intent)));
    }
    Ok(selected)
}

/// What is held for an IE; to approve, also what was rejected last, for people change their minds.
fn of_ie(store: &Store, verb: Verb, held: &[LinkIntent], ie: &IePid) -> Result<Vec<LinkIntent>, Failure> {
    let of_ie: Vec<LinkIntent> = held.iter().filter(|intent| intent.about.ie == *ie).cloned().collect();
    if !of_ie.is_empty() || verb != Verb::Approve {
        return Ok(of_ie);
    }
    let last = store.link_intents_of(ie)?.pop();
    Ok(last.filter(|intent| intent.state == IntentState::Rejected).into_iter().collect())
}

/// Why nothing can be decided about an IE.
fn nothing(store: &Store, id: &str) -> Result<String, Failure> {
    let link = IePid::parse(id).ok().map(|ie| store.ie_link(&ie)).transpose()?.flatten();
    let held = link.filter(|link| link.outcome == "held");
    Ok(held.map_or("nothing is held for it".to_owned(), |link| mend_it(&link.why.0, &link.why.1)))
}
