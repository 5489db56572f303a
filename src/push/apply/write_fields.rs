//! Values of Alma's into fields of a resource, or out of them: a few fields of a whole record, never over another's change.

use super::save_record::{self, Edit, Record};
use super::{Hands, Wrote, end, withdraw};
use crate::model::intent::IntentState;
use crate::push::pull::image::{FieldImage, NotFields};
use crate::push::resource::Resource;
use crate::push::resource_uri::ResourceUri;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use serde_json::Value;

/// Why the fields are not changed after all.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Fields(#[from] NotFields),
    #[error("its fields hold {0}, which somebody has put there since")]
    Taken(String),
}

/// Puts the intent's body into the fields. `known` is the resource as it was gathered.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    known: Resource,
) -> Result<Wrote, Trouble> {
    let edit = Edit {
        record: Record::Resource(&new.subject),
        known: known.json,
        change: &|json: &mut Value| change(new, json),
        keep: &|store: &mut Store, json: Value| keep(store, hands, &new.subject, &json),
    };
    save_record::send(store, hands, new, edit)
}

/// Whether there is anything to save: the fields may say it already, and what somebody else put there stays.
fn change(new: &NewIntent, json: &mut Value) -> Result<bool, Refusal> {
    let wanted = FieldImage::read(&new.body)?;
    let held = wanted.held_by(json)?;
    if held == wanted {
        return Ok(false);
    }
    if Some(held.text()) != new.before {
        return Err(Refusal::Taken(held.text()));
    }
    wanted.write_into(json)?;
    Ok(true)
}

/// Keeps what was saved. What these fields hold is no change of the resource; the MMS ID among them is known from now on.
fn keep(store: &mut Store, hands: &Hands<'_>, uri: &ResourceUri, json: &Value) -> Result<(), Trouble> {
    let mms = hands.field.read(json).ok().flatten().unwrap_or_default();
    store.keep_written_back(uri, &json.to_string(), &mms)?;
    Ok(store.mms_is_that_of_the_link(uri)?)
}

/// What became of it: the fields have it, or they have not, and then it was never saved.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let subject = intent.target.subject;
    let Some(resource) = hands.aspace.resource(&subject)? else {
        return withdraw(store, hands, intent.id, "the resource is not there any more");
    };
    let wanted = FieldImage::read(&store.intent_images(intent.id)?.body);
    let is_there = wanted.is_ok_and(|wanted| wanted.held_by(&resource.json).is_ok_and(|held| held == wanted));
    if !is_there {
        return withdraw(store, hands, intent.id, "it did not arrive");
    }
    keep(store, hands, &subject, &resource.json)?;
    end(store, hands, intent.id, IntentState::Done, &Ended { reason: "found done", ..Ended::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixity::Fixity;
    use crate::model::intent::IntentKind;
    use crate::store::intents::Part;
    use serde_json::json;

    #[test]
    fn what_somebody_put_there_in_this_moment_stays() {
        let check = |held: Value, expected: Option<bool>| {
            let new = NewIntent {
                subject: ResourceUri::new(2, 17),
                kind: IntentKind::WriteFields,
                mms: None,
                before: Some(r#"{"user_defined.string_3":"1","user_defined.text_1":null}"#.to_owned()),
                body: r#"{"user_defined.string_3":"2","user_defined.text_1":"x"}"#.to_owned(),
                made_by: Fixity::of(b""),
                undoes: None,
                part: Part::Record,
            };
            let mut json = json!({"title": "Papers", "user_defined": held});
            let was = json.clone();
            let changed = change(&new, &mut json);
            assert_eq!(changed.as_ref().ok().copied(), expected, "{was}: {changed:?}");
            let wanted = json!({"title": "Papers", "user_defined": {"string_3": "2", "text_1": "x"}});
            assert_eq!(json, if expected == Some(true) { wanted } else { was });
        };
        check(json!({"string_3": "1"}), Some(true));
        check(json!({"string_3": "2", "text_1": "x"}), Some(false));
        check(json!({"string_3": "3"}), None);
        check(json!({"string_3": "1", "text_1": "y"}), None);
        check(json!({}), None);
    }
}
