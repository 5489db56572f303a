//! The barcode of an item onto its box, or off it: one field of a whole record, never over another's change.

use super::save_record::{self, Edit, Record};
use super::{Hands, Wrote, end, withdraw};
use crate::model::intent::IntentState;
use crate::push::shelf::boxes;
use crate::push::top_container::{TopContainer, set_barcode};
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::containers::GatheredBox;
use crate::store::intents::{Ended, Intent, NewIntent};
use serde_json::Value;

/// Why the barcode is not changed after all.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error("the box has the barcode `{0}`, which somebody has put there since")]
    Taken(String),
    #[error("what ArchivesSpace answers is no top container: {0}")]
    NotABox(String),
}

/// The barcode of a box, as an intent keeps it; empty for a box that has none.
pub(in crate::push) fn barcode_text(container: &TopContainer) -> String {
    container.barcode.as_deref().map(str::trim).unwrap_or_default().to_owned()
}

/// Puts the intent's body onto the box; an empty one takes the barcode off. `known` is the box as it was gathered.
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
        keep: &|store: &mut Store, json: Value| {
            let container = read(json).map_err(|error| Trouble::Record(error.to_string()))?;
            keep(store, container)
        },
    };
    save_record::send(store, hands, new, edit)
}

fn read(json: Value) -> Result<TopContainer, Refusal> {
    TopContainer::read(json).map_err(|error| Refusal::NotABox(error.to_string()))
}

/// Whether there is anything to save: the box may say it already, and what somebody else put there stays.
fn change(new: &NewIntent, json: &mut Value) -> Result<bool, Refusal> {
    let held = barcode_text(&read(json.clone())?);
    if held == new.body {
        return Ok(false);
    }
    if held != new.before.as_deref().unwrap_or_default() {
        return Err(Refusal::Taken(held));
    }
    set_barcode(json, Some(new.body.as_str()).filter(|barcode| !barcode.is_empty()));
    Ok(true)
}

/// Keeps what was saved. Alma says the barcode already, and nothing has to be pushed for it; whatever else somebody changed of the box
/// meanwhile is a change still to be pushed, so that the digest is that of what was gathered, with the barcode and nothing else.
fn keep(store: &mut Store, container: TopContainer) -> Result<(), Trouble> {
    let Some(known) = store.box_kept(&container.uri)? else { return Ok(()) };
    let mut digest = known.digest;
    if boxes::digest(&known.container) == known.digest {
        let mut json = known.container.json;
        set_barcode(&mut json, container.barcode.as_deref());
        digest = boxes::digest(&read(json).map_err(|error| Trouble::Record(error.to_string()))?);
    }
    Ok(store.keep_pulled_barcode(&GatheredBox { digest, container })?)
}

/// What became of it: the box has the barcode, or it has not, and then it was never saved.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let Some(uri) = &intent.target.spot.container else {
        return withdraw(store, hands, intent.id, "it names no box");
    };
    let Some(container) = hands.aspace.top_container(uri)? else {
        return withdraw(store, hands, intent.id, "the box is not there any more");
    };
    if barcode_text(&container) != store.intent_images(intent.id)?.body {
        return withdraw(store, hands, intent.id, "it did not arrive");
    }
    keep(store, container)?;
    end(store, hands, intent.id, IntentState::Done, &Ended { reason: "found done", ..Ended::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixity::Fixity;
    use crate::model::intent::IntentKind;
    use crate::push::resource_uri::ResourceUri;
    use crate::store::intents::Part;
    use serde_json::json;

    #[test]
    fn what_somebody_put_there_in_this_moment_stays() {
        let check = |(before, body): (&str, &str), held: Value, expected: Option<bool>| {
            let new = NewIntent {
                subject: ResourceUri::new(2, 17),
                kind: IntentKind::WriteBarcode,
                mms: None,
                before: Some(before.to_owned()),
                body: body.to_owned(),
                made_by: Fixity::of(b""),
                undoes: None,
                part: Part::Record,
            };
            let mut json = json!({"uri": "/repositories/2/top_containers/1", "lock_version": 3, "barcode": held});
            let was = json.clone();
            let changed = change(&new, &mut json);
            assert_eq!(changed.as_ref().ok().copied(), expected, "{was}: {changed:?}");
            match expected {
                Some(true) => assert_eq!(json.get("barcode").and_then(Value::as_str).unwrap_or_default(), body),
                Some(false) | None => assert_eq!(json, was),
            }
        };
        check(("", "b1"), Value::Null, Some(true));
        check(("", "b1"), json!("b1"), Some(false));
        check(("", "b1"), json!("a1"), None);
        check(("a1", "b1"), json!("a1"), Some(true));
        check(("b1", ""), json!("b1"), Some(true));
        check(("b1", ""), json!("c1"), None);
    }
}
