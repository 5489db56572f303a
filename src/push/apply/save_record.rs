//! A few fields of a record of ArchivesSpace, saved whole: intent, act, record, and never over another's change.

use super::{Hands, Savable, Wrote, crash_point, end, told, withdraw};
use crate::model::intent::IntentState;
use crate::push::aspace::{ChangeError, Saved};
use crate::push::resource_uri::{ContainerUri, ResourceUri};
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{Ended, NewIntent};
use serde_json::Value;
use std::fmt;

/// Which record is saved.
#[derive(Debug, Clone, Copy)]
pub(super) enum Record<'a> {
    Resource(&'a ResourceUri),
    Container(&'a ContainerUri),
}

/// What is done to a record.
pub(super) struct Edit<'a, E> {
    pub record: Record<'a>,
    /// The record as it was gathered.
    pub known: Value,
    /// Whether there is anything to save: it may stand there already, and what somebody else put there stays.
    pub change: &'a dyn Fn(&mut Value) -> Result<bool, E>,
    /// Keeps what was saved, so that the next run finds nothing new.
    pub keep: &'a dyn Fn(&mut Store, Value) -> Result<(), Trouble>,
}

/// Does it, with the intent before and the end after.
pub(super) fn send<E>(
    store: &mut Store,
    hands: &Hands<'_>,
    new: &NewIntent,
    edit: Edit<'_, E>,
) -> Result<Wrote, Trouble>
where
    E: std::error::Error + 'static,
{
    let id = store.plan_intent(new, hands.run, hands.now())?;
    crash_point();
    store.intent_sent(id, hands.now())?;
    crash_point();
    match save(hands, &edit) {
        Ok((json, warnings)) => {
            crash_point();
            (edit.keep)(store, json)?;
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
                hands.may_not_save(edit.record.savable());
            }
            let why = told(&error);
            end(store, hands, id, IntentState::Failed, &Ended { reason: &why, ..Ended::default() })?;
            Ok(Wrote::Failed(why))
        }
    }
}

/// Saves the record as it is known, which costs one call; if somebody has saved it since, what they made of it.
fn save<E>(hands: &Hands<'_>, edit: &Edit<'_, E>) -> Result<(Value, Vec<String>), ChangeError<E>> {
    let mut json = edit.known.clone();
    if (edit.change)(&mut json).map_err(ChangeError::Change)? {
        match edit.record.save(hands, &json) {
            Ok(saved) => {
                json["lock_version"] = saved.lock_version.into();
                return Ok((json, saved.warnings));
            }
            Err(ChangeError::Aspace(error)) if error.is_conflict() || error.may_have_arrived() => {
                tracing::info!(record = %edit.record, "read again before it is saved: {error}");
            }
            Err(error) => return Err(error),
        }
    }
    let saved = edit.record.change(hands, edit.change)?;
    // What is there now is theirs with our field: it is read once, so that the next run finds nothing new.
    let json = edit.record.read(hands)?.ok_or_else(|| ChangeError::Gone(edit.record.to_string()))?;
    Ok((json, saved.map(|saved| saved.warnings).unwrap_or_default()))
}

impl Record<'_> {
    fn savable(self) -> (u64, Savable) {
        match self {
            Record::Resource(uri) => (uri.repository(), Savable::Resources),
            Record::Container(uri) => (uri.repository(), Savable::Containers),
        }
    }

    fn save<E>(self, hands: &Hands<'_>, json: &Value) -> Result<Saved, ChangeError<E>> {
        Ok(match self {
            Record::Resource(uri) => hands.aspace.save(uri, json)?,
            Record::Container(uri) => hands.aspace.save_container(uri, json)?,
        })
    }

    fn change<E>(
        self,
        hands: &Hands<'_>,
        change: impl Fn(&mut Value) -> Result<bool, E>,
    ) -> Result<Option<Saved>, ChangeError<E>> {
        match self {
            Record::Resource(uri) => hands.aspace.change_resource(uri, change),
            Record::Container(uri) => hands.aspace.change_container(uri, change),
        }
    }

    fn read<E>(self, hands: &Hands<'_>) -> Result<Option<Value>, ChangeError<E>> {
        Ok(match self {
            Record::Resource(uri) => hands.aspace.resource(uri)?.map(|resource| resource.json),
            Record::Container(uri) => hands.aspace.top_container(uri)?.map(|container| container.json),
        })
    }
}

impl fmt::Display for Record<'_> {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Record::Resource(uri) => uri.fmt(to),
            Record::Container(uri) => uri.fmt(to),
        }
    }
}
