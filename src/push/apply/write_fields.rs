//! Values of Alma's into fields of a resource, or out of them: a few fields of a whole record, never over another's change.

use super::{Hands, Wrote, crash_point, end, told, withdraw};
use crate::model::intent::IntentState;
use crate::push::aspace::ChangeError;
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
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match save(hands, new, known) {
        Ok((json, warnings)) => {
            crash_point();
            keep(store, hands, &new.subject, &json)?;
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
            if matches!(&error, ChangeError::Aspace(error) if error.is_denied()) {
                hands.may_not_save(&new.subject);
            }
            let why = told(&error);
            end(store, hands, id, IntentState::Failed, &Ended { reason: &why, ..Ended::default() })?;
            Ok(Wrote::Failed(why))
        }
    }
}

/// Saves the resource as it is known, which costs one call; if somebody has saved it since, what they made of it.
fn save(hands: &Hands<'_>, new: &NewIntent, known: Resource) -> Result<(Value, Vec<String>), ChangeError<Refusal>> {
    let change = |json: &mut Value| change(new, json);
    let mut json = known.json;
    if change(&mut json).map_err(ChangeError::Change)? {
        match hands.aspace.save(&new.subject, &json) {
            Ok(saved) => {
                json["lock_version"] = saved.lock_version.into();
                return Ok((json, saved.warnings));
            }
            Err(error) if error.is_conflict() || error.may_have_arrived() => {
                tracing::info!(resource = %new.subject, "read again before it is saved: {error}");
            }
            Err(error) => return Err(error.into()),
        }
    }
    let saved = hands.aspace.change_resource(&new.subject, change)?;
    // What is there now is theirs with our fields: it is read once, so that the next run finds nothing new.
    let gone = || ChangeError::Gone(new.subject.to_string());
    let json = hands.aspace.resource(&new.subject)?.ok_or_else(gone)?.json;
    Ok((json, saved.map(|saved| saved.warnings).unwrap_or_default()))
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
