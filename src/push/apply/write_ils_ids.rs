//! What Alma calls a box into its record, or out of it: two fields of a whole record, never over another's change.

use super::save_record::{self, Edit, Record};
use super::{Hands, Wrote, end, withdraw};
use crate::model::intent::IntentState;
use crate::push::top_container::{InAlma, TopContainer, set_in_alma};
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use serde_json::{Value, json};

/// Why the fields are not changed after all.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the box names the holding and item `{0}`, which somebody has put there since")]
    Taken(String),
    #[error("what is kept of its numbers cannot be read: {0}")]
    NotNumbers(String),
    #[error("what ArchivesSpace answers is no top container: {0}")]
    NotABox(String),
}

/// `["22…","23…"]`, as an intent keeps it; empty for a box that Alma does not know. Any text may stand there: sites keep numbers of
/// older systems in these fields.
pub(in crate::push) fn ids_text(in_alma: &InAlma) -> String {
    match (&in_alma.holding, &in_alma.item) {
        (None, None) => String::new(),
        (holding, item) => json!([holding, item]).to_string(),
    }
}

fn ids_read(text: &str) -> Option<(Option<String>, Option<String>)> {
    if text.is_empty() { Some((None, None)) } else { serde_json::from_str(text).ok() }
}

/// Puts the intent's body into the fields. `known` is the box as it was gathered.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    known: &TopContainer,
) -> Result<Wrote, Trouble> {
    let edit = Edit {
        record: Record::Container(&known.uri),
        known: known.json.clone(),
        change: &|json: &mut Value| change(new, json),
        keep: &|store: &mut Store, json: Value| Ok(store.keep_box_written_back(&known.uri, &json.to_string())?),
    };
    save_record::send(store, hands, new, edit)
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
    let (holding, item) = ids_read(&new.body).ok_or_else(|| Refusal::NotNumbers(new.body.clone()))?;
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
        for (holding, item) in [(None, None), (Some("22"), Some("23")), (None, Some("-")), (Some("old shelf 7"), None)]
        {
            let (holding, item) = (holding.map(str::to_owned), item.map(str::to_owned));
            let text = ids_text(&InAlma { holding: holding.clone(), item: item.clone(), exported: None });
            assert_eq!(ids_read(&text), Some((holding, item)), "{text}");
        }
        assert_eq!(ids_read("22 23"), None, "nothing is emptied because of what cannot be read");
    }
}
