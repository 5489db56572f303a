//! What fields of a resource hold, as an intent keeps it: one JSON object, a path and its value each.

use crate::push::mms_field::{FieldError, MmsField};
use serde_json::Value;
use std::collections::BTreeMap;

/// Paths of fields with what they hold; `None` where they hold nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FieldImage(BTreeMap<String, Option<String>>);

/// A kept text that holds no fields.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotFields {
    #[error("what is kept of fields cannot be read: {0}")]
    NotAnObject(String),
    #[error("what is kept of fields names `{0}`, which is none")]
    NotAField(String),
    #[error(transparent)]
    Field(#[from] FieldError),
}

impl FieldImage {
    pub fn of(field: &MmsField, value: Option<&str>) -> Self {
        FieldImage(BTreeMap::from([(field.to_string(), value.map(str::to_owned))]))
    }

    pub fn add(&mut self, field: &MmsField, value: Option<&str>) {
        self.0.insert(field.to_string(), value.map(str::to_owned));
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn get(&self, field: &MmsField) -> Option<Option<&str>> {
        self.0.get(&field.to_string()).map(Option::as_deref)
    }

    /// Whether each field of another image is one of this one, with the same value.
    pub fn has_all_of(&self, other: &FieldImage) -> bool {
        other.0.iter().all(|(path, value)| self.0.get(path) == Some(value))
    }

    /// What a resource holds in the fields of this image.
    pub fn held_by(&self, resource: &Value) -> Result<Self, NotFields> {
        let mut held = FieldImage::default();
        for (field, _) in self.fields()? {
            held.add(&field, field.read(resource)?.as_deref());
        }
        Ok(held)
    }

    /// Writes the values into a resource, and changes nothing else of it.
    pub fn write_into(&self, resource: &mut Value) -> Result<(), NotFields> {
        for (field, value) in self.fields()? {
            field.write(resource, value)?;
        }
        Ok(())
    }

    fn fields(&self) -> Result<Vec<(MmsField, Option<&str>)>, NotFields> {
        let parsed = |path: &String| MmsField::parse(path).map_err(|_| NotFields::NotAField(path.clone()));
        self.0.iter().map(|(path, value)| Ok((parsed(path)?, value.as_deref()))).collect()
    }

    pub fn text(&self) -> String {
        serde_json::json!(self.0).to_string()
    }

    pub fn read(text: &str) -> Result<Self, NotFields> {
        serde_json::from_str(text).map(FieldImage).map_err(|error| NotFields::NotAnObject(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_image_is_read_back_from_its_text_and_written_alone() {
        let field = |text: &str| MmsField::parse(text).unwrap();
        let mut image = FieldImage::of(&field("user_defined.text_1"), Some("two\nlines \"quoted\""));
        image.add(&field("external_ids[source=oclc]"), None);
        assert_eq!(FieldImage::read(&image.text()), Ok(image.clone()));
        let mut resource = json!({"title": "Papers", "external_ids": [{"external_id": "1", "source": "oclc"}]});
        let before = image.held_by(&resource).unwrap();
        image.write_into(&mut resource).unwrap();
        assert_eq!(resource["user_defined"]["text_1"], "two\nlines \"quoted\"");
        assert_eq!(resource["external_ids"], json!([]));
        before.write_into(&mut resource).unwrap();
        assert_eq!(before.held_by(&resource), Ok(before.clone()), "and back");
        assert_eq!(resource["title"], "Papers");
        assert!(FieldImage::read("9912").is_err());
    }
}
