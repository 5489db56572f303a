//! A repository of ArchivesSpace.

use crate::push::resource::text;
use serde_json::Value;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    pub number: u64,
    /// `repo_code`, which people know it by.
    pub code: String,
    pub name: String,
    pub publish: bool,
}

impl Repository {
    pub(super) fn read(json: Value) -> Result<Self, String> {
        let uri = json.get("uri").and_then(Value::as_str).unwrap_or_default();
        let number = uri.strip_prefix("/repositories/").and_then(|number| number.parse().ok());
        Ok(Repository {
            number: number.ok_or_else(|| format!("`{uri}` names no repository"))?,
            code: text(&json, "repo_code").unwrap_or_default(),
            name: text(&json, "name").unwrap_or_default(),
            publish: json.get("publish").and_then(Value::as_bool).unwrap_or(false),
        })
    }
}
