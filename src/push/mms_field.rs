//! The field of a resource that holds the MMS ID: `user_defined.string_2`, `external_ids[source=alma]`; read and written alone.

use crate::failure::{Advise, Kind};
use serde_json::{Map, Value, json};
use std::fmt;

/// Where in a resource a value is kept that comes from Alma.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MmsField {
    /// `user_defined.string_2`: a member of `user_defined`.
    UserDefined(String),
    /// `external_ids[source=alma]`: the `external_id` of the one entry with this source.
    ExternalId { source: String },
    /// `ead_id`: a text of the resource itself.
    Own(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no field that can hold a value of Alma's")]
pub struct InvalidField(String);

impl Advise for InvalidField {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some(
            "write user_defined.string_1 to string_4, user_defined.integer_1 to integer_3, user_defined.text_1 to text_5, \
             external_ids[source=alma], ead_id, ead_location or repository_processing_note"
                .to_owned(),
        )
    }
}

/// Why a field cannot be read or written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    #[error("{field} holds several values: {}", .values.join(", "))]
    Several { field: String, values: Vec<String> },
    #[error("{field} holds something else than a text or a number")]
    NotText { field: String },
    #[error("{field} takes {most} characters at most, and `{value}` is longer")]
    TooLong { field: String, most: usize, value: String },
    #[error("{field} takes digits only, not `{value}`")]
    NotAnInteger { field: String, value: String },
    #[error("what {field} belongs to is not a record")]
    NotARecord { field: String },
}

/// Texts of a resource that no exporter takes for anything else; a title must never be overwritten by a number.
const OWN: [&str; 3] = ["ead_id", "ead_location", "repository_processing_note"];
/// Of `user_defined`, with their greatest number.
const USER_DEFINED: [(&str, u32); 3] = [("string_", 4), ("integer_", 3), ("text_", 5)];

impl MmsField {
    pub fn parse(text: &str) -> Result<Self, InvalidField> {
        let text = text.trim();
        let invalid = || InvalidField(text.to_owned());
        if let Some(name) = text.strip_prefix("user_defined.") {
            let is_known = USER_DEFINED.iter().any(|(kind, most)| {
                name.strip_prefix(kind).is_some_and(|digit| (1..=*most).any(|number| number.to_string() == digit))
            });
            return if is_known { Ok(MmsField::UserDefined(name.to_owned())) } else { Err(invalid()) };
        }
        if let Some(source) = text.strip_prefix("external_ids[source=").and_then(|rest| rest.strip_suffix(']')) {
            let is_plain = !source.is_empty() && !source.contains(['[', ']']) && source.trim() == source;
            return if is_plain { Ok(MmsField::ExternalId { source: source.to_owned() }) } else { Err(invalid()) };
        }
        if OWN.contains(&text) { Ok(MmsField::Own(text.to_owned())) } else { Err(invalid()) }
    }

    /// What the field holds, without outer blanks; `None` when it is missing, null or blank.
    pub fn read(&self, resource: &Value) -> Result<Option<String>, FieldError> {
        match self {
            MmsField::UserDefined(name) => self.text(resource.get("user_defined").and_then(|fields| fields.get(name))),
            MmsField::Own(name) => self.text(resource.get(name)),
            MmsField::ExternalId { source } => {
                let mut values = Vec::new();
                for entry in entries(resource).iter().filter(|entry| is_of(entry, source)) {
                    values.extend(self.text(entry.get("external_id"))?);
                }
                values.dedup();
                match values.len() {
                    0 | 1 => Ok(values.pop()),
                    _ => Err(FieldError::Several { field: self.to_string(), values }),
                }
            }
        }
    }

    /// Puts a value into the field, or takes it away, and changes nothing else of the record.
    pub fn write(&self, resource: &mut Value, value: Option<&str>) -> Result<(), FieldError> {
        if let Some(value) = value {
            self.fits(value)?;
        }
        let not_a_record = || FieldError::NotARecord { field: self.to_string() };
        let members = resource.as_object_mut().ok_or_else(not_a_record)?;
        match self {
            MmsField::Own(name) => set(members, name, value),
            MmsField::UserDefined(name) => {
                if value.is_none() && !members.get("user_defined").is_some_and(Value::is_object) {
                    return Ok(());
                }
                let fields = members.entry("user_defined").or_insert_with(|| json!({}));
                // A server that writes null for "nothing there" was not seen, but costs nothing.
                if fields.is_null() {
                    *fields = json!({});
                }
                set(fields.as_object_mut().ok_or_else(not_a_record)?, name, value);
            }
            MmsField::ExternalId { source } => self.write_external_id(members, source, value)?,
        }
        Ok(())
    }

    fn write_external_id(
        &self,
        members: &mut Map<String, Value>,
        source: &str,
        value: Option<&str>,
    ) -> Result<(), FieldError> {
        if value.is_none() && !members.get("external_ids").is_some_and(Value::is_array) {
            return Ok(());
        }
        let list = members.entry("external_ids").or_insert_with(|| json!([]));
        let list = list.as_array_mut().ok_or_else(|| FieldError::NotARecord { field: self.to_string() })?;
        let Some(value) = value else {
            list.retain(|entry| !is_of(entry, source));
            return Ok(());
        };
        let mut of_source = list.iter_mut().filter(|entry| is_of(entry, source));
        match (of_source.next(), of_source.next()) {
            (Some(one), None) => one["external_id"] = json!(value),
            (None, _) => list.push(json!({ "external_id": value, "source": source })),
            (Some(_), Some(_)) => {
                let ids = list.iter().filter(|entry| is_of(entry, source));
                let values = ids.map(|entry| entry["external_id"].as_str().unwrap_or_default().to_owned()).collect();
                return Err(FieldError::Several { field: self.to_string(), values });
            }
        }
        Ok(())
    }

    fn text(&self, value: Option<&Value>) -> Result<Option<String>, FieldError> {
        match value {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.trim().to_owned()).filter(|text| !text.is_empty())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(_) | Value::Array(_) | Value::Object(_)) => {
                Err(FieldError::NotText { field: self.to_string() })
            }
        }
    }

    /// The lengths are those of ArchivesSpace's schemas (2026); it would refuse with status 400.
    fn fits(&self, value: &str) -> Result<(), FieldError> {
        let is_user_defined = |kind: &str| matches!(self, MmsField::UserDefined(name) if name.starts_with(kind));
        let most = if is_user_defined("text_") { 65_000 } else { 255 };
        let (field, value) = (self.to_string(), value.to_owned());
        if value.chars().count() > most {
            return Err(FieldError::TooLong { field, most, value });
        }
        if is_user_defined("integer_") && (value.is_empty() || !value.bytes().all(|byte| byte.is_ascii_digit())) {
            return Err(FieldError::NotAnInteger { field, value });
        }
        Ok(())
    }
}

impl fmt::Display for MmsField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MmsField::UserDefined(name) => write!(out, "user_defined.{name}"),
            MmsField::ExternalId { source } => write!(out, "external_ids[source={source}]"),
            MmsField::Own(name) => out.write_str(name),
        }
    }
}

fn set(members: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    match value {
        // Integers of user_defined are texts in ArchivesSpace's schema (user_defined.rb); what was a number stays one.
        Some(text) => {
            let was_number = members.get(name).is_some_and(Value::is_number);
            let number = was_number.then(|| text.parse::<u64>().ok()).flatten();
            // 007 would be read back as 7, and written again each night.
            let number = number.filter(|number| number.to_string() == text);
            members.insert(name.to_owned(), number.map_or_else(|| json!(text), |number| json!(number)));
        }
        None => {
            members.remove(name);
        }
    }
}

fn entries(resource: &Value) -> &[Value] {
    resource.get("external_ids").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn is_of(entry: &Value, source: &str) -> bool {
    entry.get("source").and_then(Value::as_str) == Some(source)
}

#[cfg(test)]
mod tests;
