//! The MMS ID into its field of the resource, or out of it: one field of a whole record, never over another's change.

use super::save_record::{self, Edit, Record};
use super::{Hands, Wrote, end, withdraw};
use crate::model::intent::IntentState;
use crate::push::mms_field::FieldError;
use crate::push::resource::Resource;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, Intent, NewIntent};
use serde_json::Value;

/// Why the field is not changed after all.
#[derive(Debug, thiserror::Error)]
enum Refusal {
    #[error(transparent)]
    Field(#[from] FieldError),
    #[error("the field holds {0}, which somebody has put there since")]
    Taken(String),
}

/// Puts the intent's body into the field; an empty one empties it. `known` is the resource as it was gathered.
pub(in crate::push) fn send(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    known: Resource,
) -> Result<Wrote, Trouble> {
    let edit = Edit {
        record: Record::Resource(&new.subject),
        known: known.json,
        change: &|json: &mut Value| change(hands, new, json),
        keep: &|store: &mut Store, json: Value| {
            Ok(store.keep_written_back(&new.subject, &json.to_string(), &new.body)?)
        },
    };
    save_record::send(store, hands, new, edit)
}

/// Whether there is anything to save: the field may have it already, and what somebody else put there stays.
fn change(hands: &Hands<'_>, new: &NewIntent, json: &mut Value) -> Result<bool, Refusal> {
    let wanted = Some(new.body.as_str()).filter(|mms| !mms.is_empty());
    let held = hands.field.read(json)?;
    if held.as_deref() == wanted {
        return Ok(false);
    }
    let expected = new.before.as_deref().filter(|before| !before.is_empty());
    match held {
        Some(other) if Some(other.as_str()) != expected => Err(Refusal::Taken(other)),
        Some(_) | None => {
            hands.field.write(json, wanted)?;
            Ok(true)
        }
    }
}

/// What became of it: the field has it, or it has not, and then it was never saved.
pub(super) fn look(store: &mut Store, hands: &Hands<'_>, intent: &Intent) -> Result<IntentState, Trouble> {
    let subject = intent.target.subject;
    let Some(resource) = hands.aspace.resource(&subject)? else {
        return withdraw(store, hands, intent.id, "the resource is not there any more");
    };
    let wanted = store.intent_images(intent.id)?.body;
    let held = hands.field.read(&resource.json).ok().flatten().unwrap_or_default();
    if held != wanted {
        return withdraw(store, hands, intent.id, "it did not arrive");
    }
    store.keep_written_back(&subject, &resource.json.to_string(), &held)?;
    end(store, hands, intent.id, IntentState::Done, &Ended { reason: "found done", ..Ended::default() })
}
