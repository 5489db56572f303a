//! `resolve[]`: records told in full where they are referred to.

use super::records::Records;
use serde_json::Value;

/// Tells the references of each named property in full, `repository::agent_representation` those of what was told, too.
pub(super) fn resolved<'p>(records: &Records, record: &Value, properties: impl Iterator<Item = &'p str>) -> Value {
    let mut record = record.clone();
    for property in properties {
        let path: Vec<&str> = property.split("::").collect();
        tell(records, &mut record, &path);
    }
    record
}

fn tell(records: &Records, value: &mut Value, path: &[&str]) {
    let Some((property, rest)) = path.split_first() else { return };
    match value {
        Value::Object(members) => {
            for (name, member) in members.iter_mut().filter(|(name, _)| *name != "_resolved") {
                if name == property {
                    references(member).into_iter().for_each(|link| tell_one(records, link, rest));
                } else {
                    tell(records, member, path);
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|one| tell(records, one, path)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// One reference, or a list of them.
fn references(member: &mut Value) -> Vec<&mut Value> {
    match member {
        Value::Array(list) => list.iter_mut().collect(),
        one => vec![one],
    }
}

fn tell_one(records: &Records, link: &mut Value, rest: &[&str]) {
    if link.get("_resolved").is_none() {
        let found = link.get("ref").and_then(Value::as_str).and_then(|uri| records.get(uri));
        let Some(found) = found.cloned() else { return };
        link["_resolved"] = found;
    }
    tell(records, &mut link["_resolved"], rest);
}
