//! The records, each under its URI, and what is done to them behind our back.

use crate::model::time::{Granularity, Timestamp};
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug)]
pub(super) struct Records {
    /// By kind and number: lists are in the order of numbers.
    all: BTreeMap<(String, u64), Value>,
    /// What was really deleted, and when.
    pub(super) deleted: Vec<(String, Timestamp)>,
}

impl Records {
    pub(super) fn new(records: Vec<Value>) -> Self {
        let keyed = records.into_iter().filter_map(|record| Some((key(record.get("uri")?.as_str()?)?, record)));
        Records { all: keyed.collect(), deleted: Vec::new() }
    }

    pub(super) fn get(&self, uri: &str) -> Option<&Value> {
        self.all.get(&key(uri)?)
    }

    pub(super) fn get_mut(&mut self, uri: &str) -> Option<&mut Value> {
        self.all.get_mut(&key(uri)?)
    }

    /// All of a folder, `/repositories/2/resources/`, in the order of their numbers.
    pub(super) fn within<'r>(&'r self, folder: &'r str) -> impl Iterator<Item = (u64, &'r Value)> {
        let records = self.all.range((folder.to_owned(), 0)..);
        records.take_while(move |((found, _), _)| found == folder).map(|((_, number), record)| (*number, record))
    }

    /// All resources of all repositories.
    pub(super) fn resources(&self) -> impl Iterator<Item = &Value> {
        let is_resource = |folder: &String| folder.ends_with("/resources/");
        self.all.iter().filter(move |((folder, _), _)| is_resource(folder)).map(|(_, record)| record)
    }

    pub(super) fn containers(&self) -> impl Iterator<Item = &Value> {
        let is_container = |folder: &String| folder.ends_with("/top_containers/");
        self.all.iter().filter(move |((folder, _), _)| is_container(folder)).map(|(_, record)| record)
    }

    /// A system job comes by: nothing is changed but the time.
    pub(super) fn touch(&mut self, uri: &str, now: Timestamp) -> bool {
        let found = self.get_mut(uri);
        found.map(|record| record["system_mtime"] = json!(now.at(Granularity::Second))).is_some()
    }

    /// Somebody else saves the record.
    pub(super) fn change(&mut self, uri: &str, now: Timestamp, change: impl FnOnce(&mut Value)) -> bool {
        let Some(record) = self.get_mut(uri) else { return false };
        change(record);
        let lock_version = record["lock_version"].as_u64().unwrap_or_default() + 1;
        let now = now.at(Granularity::Second);
        record["lock_version"] = json!(lock_version);
        record["system_mtime"] = json!(now);
        record["user_mtime"] = json!(now);
        record["last_modified_by"] = json!("archivist");
        true
    }

    /// Somebody else saves the record as it is.
    pub(super) fn touch_by_colleague(&mut self, uri: &str, now: Timestamp) {
        self.change(uri, now, |_| {});
    }

    pub(super) fn delete(&mut self, uri: &str, now: Timestamp) -> bool {
        let deleted = key(uri).and_then(|key| self.all.remove(&key)).is_some();
        if deleted {
            self.deleted.push((uri.to_owned(), now));
        }
        deleted
    }

    pub(super) fn add(&mut self, record: Value) {
        if let Some(key) = record.get("uri").and_then(Value::as_str).and_then(key) {
            self.all.insert(key, record);
        }
    }
}

fn key(uri: &str) -> Option<(String, u64)> {
    let (folder, number) = uri.rsplit_once('/')?;
    Some((format!("{folder}/"), number.parse().ok()?))
}

/// When a record was changed last by anybody.
pub(super) fn system_mtime(record: &Value) -> Timestamp {
    let text = record.get("system_mtime").and_then(Value::as_str).unwrap_or_default();
    // Locations have `2022-04-03 21:32:51`, without T and Z.
    let read = Timestamp::parse(text).or_else(|| Timestamp::parse(&(text.replacen(' ', "T", 1) + "Z")));
    read.unwrap_or_else(|| Timestamp::from_millis(0).expect("1970 is an instant"))
}
