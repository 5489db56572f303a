//! A digest of what a resource says, so that nothing is sent when only ArchivesSpace's bookkeeping moved.

use super::mms_field::MmsField;
use crate::model::fixity::Fixity;
use serde_json::Value;

/// Members that say nothing of the description, wherever they stand, each with the reason.
pub const IGNORED: &[(&str, &str)] = &[
    ("lock_version", "counts saves; nested records are made anew at each"),
    ("system_mtime", "moved by re-indexing, by upgrades and by changes of linked records"),
    ("user_mtime", "moved by a save that changed nothing"),
    ("create_time", "nested records are made anew at each save"),
    ("created_by", "as create_time"),
    ("last_modified_by", "who saved, not what"),
    ("is_linked_to_published_record", "of an agent or a subject: moved by other resources that link to it"),
    ("is_linked_to_record", "as is_linked_to_published_record"),
    ("linked_agent_roles", "as is_linked_to_published_record"),
    ("used_within_repositories", "as is_linked_to_published_record"),
    ("used_within_published_repositories", "as is_linked_to_published_record"),
    ("oai_is_disabled", "a setting of the repository"),
    ("oai_sets_available", "a setting of the repository"),
];

/// The SHA-256 of a record's content.
///
/// Members are taken in the order of their names; what is null or empty counts as missing, for each version of ArchivesSpace
/// adds lists that are empty. Fields that this program itself writes (`ours`: the MMS ID) do not count: else its own
/// write-back would send everything a second time. What was resolved (agents, subjects) counts, for the MARC shows it.
pub fn content_digest(record: &Value, ours: &[&MmsField]) -> Fixity {
    let mut without_ours = record.clone();
    for field in ours {
        // What cannot be taken away (a list that is none) stays and counts.
        let _ = field.write(&mut without_ours, None);
    }
    let mut text = String::new();
    write(&without_ours, &mut text);
    Fixity::of(text.as_bytes())
}

/// Writes a value in one form only; whether there was anything to write.
fn write(value: &Value, text: &mut String) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            *text += &value.to_string();
            true
        }
        Value::Array(list) => write_list(list, text),
        Value::Object(_) => write_members(value, text),
    }
}

/// An empty element keeps its place, so that what moves within a list is seen.
fn write_list(list: &[Value], text: &mut String) -> bool {
    let before = text.len();
    text.push('[');
    let mut is_something = false;
    for element in list {
        is_something |= write(element, text);
        text.push(',');
    }
    text.push(']');
    if !is_something {
        text.truncate(before);
    }
    is_something
}

fn write_members(record: &Value, text: &mut String) -> bool {
    let Some(members) = record.as_object() else { return false };
    let is_ignored = |name: &str| IGNORED.iter().any(|(ignored, _)| *ignored == name);
    let mut names: Vec<&String> = members.keys().filter(|name| !is_ignored(name)).collect();
    names.sort_unstable();
    let before = text.len();
    text.push('{');
    let mut is_something = false;
    for name in names {
        let at = text.len();
        *text += &Value::from(name.as_str()).to_string();
        text.push(':');
        if write(&members[name], text) {
            is_something = true;
            text.push(',');
        } else {
            text.truncate(at);
        }
    }
    text.push('}');
    if !is_something {
        text.truncate(before);
    }
    is_something
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record() -> Value {
        json!({
            "title": "Papers", "lock_version": 4, "system_mtime": "2022-04-28T21:28:13Z", "user_mtime": "x",
            "dates": [{"begin": "1968", "lock_version": 0, "create_time": "2022-04-28T21:28:14Z"}],
            "linked_agents": [{"ref": "/agents/people/6", "_resolved": {"title": "Kelly", "linked_agent_roles": ["creator"]}}],
            "user_defined": {"string_3": "1"}, "restrictions": false
        })
    }

    fn check(change: impl FnOnce(&mut Value), is_another: bool, what: &str) {
        let field = MmsField::parse("user_defined.string_2").unwrap();
        let mut changed = record();
        change(&mut changed);
        let digests = (content_digest(&record(), &[&field]), content_digest(&changed, &[&field]));
        assert_eq!(digests.0 != digests.1, is_another, "{what}");
    }

    #[test]
    fn bookkeeping_at_any_depth_changes_nothing() {
        check(|record| record["system_mtime"] = json!("2026-01-01T00:00:00Z"), false, "system_mtime");
        check(|record| record["dates"][0]["create_time"] = json!("2026"), false, "a date that was saved again");
        check(|record| record["lock_version"] = json!(5), false, "lock_version");
        check(
            |record| record["linked_agents"][0]["_resolved"]["linked_agent_roles"] = json!(["subject"]),
            false,
            "roles",
        );
        check(|record| record["new_list"] = json!([]), false, "a list that an upgrade added");
        check(|record| record["new_text"] = Value::Null, false, "null");
        check(|record| record["new_record"] = json!({"lock_version": 1}), false, "a record of bookkeeping only");
    }

    #[test]
    fn our_own_write_back_is_no_change_of_the_resource() {
        check(|record| record["user_defined"]["string_2"] = json!("9912"), false, "the MMS ID");
        check(|record| record["user_defined"]["string_3"] = json!("2"), true, "another user-defined field");
        let field = MmsField::parse("user_defined.string_2").unwrap();
        let (with, without) = (json!({"user_defined": {"string_2": "9", "lock_version": 1}}), json!({}));
        assert_eq!(content_digest(&with, &[&field]), content_digest(&without, &[]));
        assert_ne!(content_digest(&with, &[]), content_digest(&without, &[]));
    }

    #[test]
    fn what_the_catalogue_would_show_is_a_change() {
        check(|record| record["title"] = json!("papers"), true, "the title");
        check(|record| record["dates"] = json!([]), true, "a date is gone");
        check(|record| record["linked_agents"][0]["_resolved"]["title"] = json!("Kelly, S."), true, "an agent's name");
        check(|record| record["restrictions"] = json!(true), true, "false and true");
        check(|record| record["subjects"] = json!([{"ref": "/subjects/1"}]), true, "a subject");
    }

    #[test]
    fn the_form_of_the_json_is_no_content() {
        let first: Value = serde_json::from_str(r#"{"a": 1, "b": [1, "2"]}"#).unwrap();
        let second: Value = serde_json::from_str("{ \"b\" : [1,\"2\"], \"a\":1 }").unwrap();
        assert_eq!(content_digest(&first, &[]), content_digest(&second, &[]));
        for (left, right) in [
            (json!({"a": [1, 2]}), json!({"a": [2, 1]})),
            (json!({"a": ["1"]}), json!({"a": [1]})),
            (json!({"a": [[1], [2]]}), json!({"a": [[1, 2]]})),
            (json!({"a": {"b": 1}, "c": 2}), json!({"a": {"b": 1, "c": 2}})),
            (json!({"a": ["x,", "y"]}), json!({"a": ["x", ",y"]})),
        ] {
            assert_ne!(content_digest(&left, &[]), content_digest(&right, &[]), "{left} {right}");
        }
    }
}
