//! Saving a whole record: what is left out is gone, and only who has the newest `lock_version` may.

use super::Aspace;
use super::asked::Asked;
use super::lists::not_found;
use super::records::Records;
use super::refusal::{Refusal, json as answer};
use crate::model::time::Granularity;
use crate::web::serve::Response;
use serde_json::{Map, Value, json};

/// What ArchivesSpace itself keeps, whatever is sent.
const OWN: [&str; 17] = [
    "uri",
    "create_time",
    "created_by",
    "jsonmodel_type",
    "suppressed",
    "repository",
    "tree",
    "collection",
    "series",
    "active_restrictions",
    "restricted",
    "is_linked_to_published_record",
    "long_display_string",
    "linked_events",
    "deaccessions",
    "related_accessions",
    "created_for_collection",
];
const REQUIRED: &str = "Property is required but was missing";

pub(super) fn save(aspace: &mut Aspace, body: &[u8], asked: &Asked) -> Result<Response, Refusal> {
    let uri = asked.uri();
    let stored = aspace.records.get(&uri).ok_or_else(|| not_found(&asked.segments))?.clone();
    let unread = |message: String| Refusal::of_field(&kind_of(&uri), &message);
    let sent: Value = serde_json::from_slice(body).map_err(|error| unread(format!("no JSON: {error}")))?;
    let Value::Object(mut sent) = sent else { return Err(unread("no object".to_owned())) };
    check(&aspace.records, &uri, &sent)?;
    let lock_version = sent.get("lock_version").and_then(Value::as_u64).ok_or_else(Refusal::no_lock_version)?;
    if stored["suppressed"] == json!(true) {
        return Err(Refusal::suppressed());
    }
    if stored["lock_version"] != json!(lock_version) {
        return Err(Refusal::stale());
    }
    let now = asked.now.at(Granularity::Second);
    sent.iter_mut().for_each(|(_, member)| rebuild(member, &now, &asked.user));
    sent.retain(|name, value| !OWN.contains(&name.as_str()) && !value.is_null());
    for name in OWN {
        if let Some(kept) = stored.get(name) {
            sent.insert(name.to_owned(), kept.clone());
        }
    }
    sent.insert("lock_version".to_owned(), json!(lock_version + 1));
    sent.insert("last_modified_by".to_owned(), json!(asked.user));
    for name in ["system_mtime", "user_mtime"] {
        sent.insert(name.to_owned(), json!(now));
    }
    if kind_of(&uri) == "top_containers" {
        sent.insert("display_string".to_owned(), json!(display_string(&sent)));
        // A box that is saved touches what it holds parts of.
        let collections = stored["collection"].as_array().cloned().unwrap_or_default();
        for collection in collections.iter().filter_map(|one| one["ref"].as_str()) {
            aspace.records.touch(collection, asked.now);
        }
    }
    aspace.records.add(Value::Object(sent));
    aspace.index.catch_up(&aspace.records);
    let number: u64 = uri.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    Ok(answer(
        200,
        &json!({
            "status": "Updated", "id": number, "lock_version": lock_version + 1, "stale": true, "uri": uri, "warnings": [],
        }),
    ))
}

fn kind_of(uri: &str) -> String {
    uri.split('/').nth(3).unwrap_or_default().to_owned()
}

/// Nested records are made anew, and what was told in full is not kept.
fn rebuild(value: &mut Value, now: &str, user: &str) {
    match value {
        Value::Object(members) => {
            members.remove("_resolved");
            members.values_mut().for_each(|member| rebuild(member, now, user));
            if members.contains_key("jsonmodel_type") && members.contains_key("create_time") {
                for (name, value) in [
                    ("lock_version", json!(0)),
                    ("created_by", json!(user)),
                    ("last_modified_by", json!(user)),
                    ("create_time", json!(now)),
                    ("system_mtime", json!(now)),
                    ("user_mtime", json!(now)),
                ] {
                    members.insert(name.to_owned(), value);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| rebuild(one, now, user)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check(records: &Records, uri: &str, sent: &Map<String, Value>) -> Result<(), Refusal> {
    let mut wrong = Vec::new();
    if kind_of(uri) == "resources" {
        check_resource(sent, &mut wrong);
    } else {
        check_container(records, uri, sent, &mut wrong);
    }
    if wrong.is_empty() { Ok(()) } else { Err(Refusal::of_fields(wrong)) }
}

fn is_blank(sent: &Map<String, Value>, name: &str) -> bool {
    sent.get(name).and_then(Value::as_str).is_none_or(|text| text.trim().is_empty())
}

fn check_resource(sent: &Map<String, Value>, wrong: &mut Vec<(String, String)>) {
    for name in ["title", "id_0", "level", "finding_aid_language", "finding_aid_script"] {
        if is_blank(sent, name) {
            wrong.push((name.to_owned(), REQUIRED.to_owned()));
        }
    }
    for name in ["extents", "lang_materials", "dates"] {
        if sent.get(name).and_then(Value::as_array).is_none_or(Vec::is_empty) {
            wrong.push((name.to_owned(), "At least 1 item(s) is required".to_owned()));
        }
    }
    let no_fields = Map::new();
    let fields = sent.get("user_defined").and_then(Value::as_object).unwrap_or(&no_fields);
    for (name, value) in fields.iter().filter(|(name, _)| name.starts_with("string_")) {
        match value.as_str() {
            Some(text) if text.chars().count() > 255 => {
                wrong.push((format!("user_defined/{name}"), "Must be 255 characters or fewer".to_owned()));
            }
            Some(_) => {}
            None => wrong.push((format!("user_defined/{name}"), "Must be a String".to_owned())),
        }
    }
    let known = |field: &str| {
        let is_column = ["boolean_", "integer_", "real_", "string_", "text_", "enum_", "date_"]
            .iter()
            .any(|kind| field.starts_with(kind));
        let own = [
            "lock_version",
            "created_by",
            "last_modified_by",
            "create_time",
            "system_mtime",
            "user_mtime",
            "jsonmodel_type",
            "repository",
        ];
        is_column || own.contains(&field)
    };
    let unknown = fields.keys().filter(|field| !known(field));
    wrong.extend(unknown.map(|field| (format!("user_defined/{field}"), "Unknown property".to_owned())));
}

fn check_container(records: &Records, uri: &str, sent: &Map<String, Value>, wrong: &mut Vec<(String, String)>) {
    if is_blank(sent, "indicator") {
        wrong.push(("indicator".to_owned(), REQUIRED.to_owned()));
    }
    let Some(barcode) = sent.get("barcode").filter(|barcode| !barcode.is_null()) else { return };
    let folder = &uri[..uri.rfind('/').map_or(0, |at| at + 1)];
    let mut others = records.within(folder).filter(|(_, other)| other["uri"] != json!(uri));
    if others.any(|(_, other)| other.get("barcode") == Some(barcode)) {
        wrong.push(("barcode".to_owned(), "A barcode must be unique within a repository".to_owned()));
    }
}

/// `Box 7: [DC2]`.
fn display_string(sent: &Map<String, Value>) -> String {
    let text = |name: &str| sent.get(name).and_then(Value::as_str).unwrap_or_default();
    let kind = text("type");
    let kind = kind.chars().take(1).flat_map(char::to_uppercase).chain(kind.chars().skip(1)).collect::<String>();
    match text("barcode") {
        "" => format!("{kind} {}", text("indicator")).trim().to_owned(),
        barcode => format!("{kind} {}: [{barcode}]", text("indicator")).trim().to_owned(),
    }
}
