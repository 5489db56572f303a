//! What Alma calls a box into its record, or out of it: two fields of a whole record, never over another's change.

use super::{Hands, Wrote, crash_point, end, told, withdraw};
use crate::model::intent::IntentState;
use crate::push::aspace::ChangeError;
use crate::push::top_container::{InAlma, TopContainer, set_in_alma};
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use serde_json::Value;

/// Why the fields are not changed after all.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the box names the holding and item `{0}`, which somebody has put there since")]
    Taken(String),
    #[error("what ArchivesSpace answers is no top container: {0}")]
    NotABox(String),
}

/// `22… 23…`, as an intent keeps it; empty for a box that Alma does not know.
pub(in crate::push) fn ids_text(in_alma: &InAlma) -> String {
    let text = |id: &Option<String>| id.clone().unwrap_or_else(|| "-".to_owned());
    match (&in_alma.holding, &in_alma.item) {
        (None, None) => String::new(),
        (holding, item) => format!("{} {}", text(holding), text(item)),
    }
}

fn ids_read(text: &str) -> (Option<String>, Option<String>) {
    let id = |id: &str| Some(id.to_owned()).filter(|id| id != "-" && !id.is_empty());
    let (holding, item) = text.split_once(' ').unwrap_or(("", ""));
    (id(holding), id(item))
}

/// Puts the intent's body into the fields. `known` is the box as it was gathered.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    known: &TopContainer,
) -> Result<Wrote, Trouble> {
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match save(hands, new, known) {
        Ok((json, warnings)) => {
            crash_point();
            store.keep_box_written_back(&known.uri, &json.to_string())?;
            end(store, hands, id, IntentState::Done, &Ended { reason: &warnings.join("; "), ..Ended::default() })?;
            Ok(Wrote::Done(None))
        }
        Err(ChangeError::Aspace(error)) if error.may_have_arrived() => {
            let why = told(&error);
            end(store, hands, id, IntentState::Unknown, &Ended { reason: &why, ..Ended::default() })?;
            Ok(Wrote::Waiting(why))
        }
        Err(ChangeError::Aspace(error)) if error.concerns_all() => {
            withdraw(store, hands, id, &error.to_string())?;
            Err(error.into())
        }
        Err(error) => {
            let why = told(&error);
            end(store, hands, id, IntentState::Failed, &Ended { reason: &why, ..Ended::default() })?;
            Ok(Wrote::Failed(why))
        }
    }
}

/// Saves the box as it is known, which costs one call; if somebody has saved it since, what they made of it.
fn save(
    hands: &Hands<'_>,
    new: &NewIntent,
    known: &TopContainer,
) -> Result<(Value, Vec<String>), ChangeError<Refusal>> {
    let change = |json: &mut Value| change(new, json);
    let mut json = known.json.clone();
    if change(&mut json).map_err(ChangeError::Change)? {
        match hands.aspace.save_container(&known.uri, &json) {
            Ok(saved) => {
                json["lock_version"] = saved.lock_version.into();
                return Ok((json, saved.warnings));
            }
            Err(error) if error.is_conflict() || error.may_have_arrived() => {
                tracing::info!(container = %known.uri, "read again before it is saved: {error}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let saved = hands.aspace.change_container(&known.uri, change)?;
    let gone = || ChangeError::Gone(known.uri.to_string());
    let json = hands.aspace.top_container(&known.uri)?.ok_or_else(gone)?.json;
    Ok((json, saved.map(|saved| saved.warnings).unwrap_or_default()))
}

/// Whether there is anything to save: the box may say it already, and what somebody else put there stays.
fn change(new: &NewIntent, json: &mut Value) -> Result<bool, Refusal> {
    let read = TopContainer::read(json.clone()).map_err(|error| Refusal::NotABox(error.to_string()))?;
    let held = ids_text(&read.in_alma);
    if held == new.body {
        return Ok(false);
    }
    if held != new.before.as_deref().unwrap_or_default() {
        return Err(Refusal::Taken(held));
    }
    let (holding, item) = ids_read(&new.body);
    set_in_alma(json, &InAlma { holding, item, ..read.in_alma });
    Ok(true)
}

/// What became of it: the box has the numbers, or it has not, and then it was never saved.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let Some(uri) = &intent.target.spot.container else {
        return withdraw(store, hands, intent.id, "it names no box");
    };
    let Some(container) = hands.aspace.top_container(uri)? else {
        return withdraw(store, hands, intent.id, "the box is not there any more");
    };
    let wanted = store.intent_images(intent.id)?.body;
    store.keep_box_written_back(uri, &container.json.to_string())?;
    if ids_text(&container.in_alma) != wanted {
        return withdraw(store, hands, intent.id, "it did not arrive");
    }
    end(store, hands, intent.id, IntentState::Done, &Ended { reason: "found done", ..Ended::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_back_from_what_is_kept() {
        for (holding, item) in [(None, None), (Some("22"), Some("23")), (None, Some("23")), (Some("22"), None)] {
            let (holding, item) = (holding.map(str::to_owned), item.map(str::to_owned));
            let text = ids_text(&InAlma { holding: holding.clone(), item: item.clone(), exported: None });
            assert_eq!(ids_read(&text), (holding, item), "{text}");
        }
    }
}
