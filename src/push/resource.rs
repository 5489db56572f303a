//! A resource of ArchivesSpace: what the push reads of it, and the whole record, which goes back whole.

use super::resource_uri::ResourceUri;
use super::source_facts::Identity;
use serde_json::Value;

/// JSON that is no record of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{of}: {why}")]
pub struct NotARecord {
    pub(super) of: String,
    pub(super) why: &'static str,
}

/// A resource as REST gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct Resource {
    pub uri: ResourceUri,
    pub identity: Identity,
    pub visibility: Visibility,
    /// With which it was read; a record that goes back with another one is refused with status 409.
    pub lock_version: u64,
    pub changed: Changed,
    /// Everything: what is left out when the record goes back is set to null.
    pub json: Value,
}

/// Whether the public may see it. Both are asked: a suppressed resource keeps its `publish`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visibility {
    pub publish: bool,
    pub suppressed: bool,
}

impl Visibility {
    pub fn is_public(self) -> bool {
        self.publish && !self.suppressed
    }
}

/// When it was changed, as ArchivesSpace writes it: `2022-04-28T21:28:13Z`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// By anybody, system jobs included; `modified_since` and OAI-PMH go by it.
    pub system: Option<String>,
    /// By a person.
    pub user: Option<String>,
}

impl Resource {
    /// Refuses what has no URI of a resource and no `lock_version`: without either it could not go back.
    pub fn read(json: Value) -> Result<Self, NotARecord> {
        let named = json.get("uri").and_then(Value::as_str).unwrap_or_default().to_owned();
        let not = |why| NotARecord { of: named.clone(), why };
        let uri = ResourceUri::parse(&named).map_err(|_| not("its `uri` names no resource"))?;
        let lock_version =
            json.get("lock_version").and_then(Value::as_u64).ok_or_else(|| not("it has no `lock_version`"))?;
        let publish = json.get("publish").and_then(Value::as_bool).ok_or_else(|| not("it has no `publish`"))?;
        let suppressed = json.get("suppressed").and_then(Value::as_bool).unwrap_or(false);
        Ok(Resource {
            uri,
            identity: identity(uri, &json),
            visibility: Visibility { publish, suppressed },
            lock_version,
            changed: Changed { system: text(&json, "system_mtime"), user: text(&json, "user_mtime") },
            json,
        })
    }

    pub fn title(&self) -> &str {
        self.identity.title.as_deref().unwrap_or_default()
    }
}

fn identity(uri: ResourceUri, json: &Value) -> Identity {
    Identity {
        uri: Some(uri.to_string()),
        ids: ["id_0", "id_1", "id_2", "id_3"].map(|name| text(json, name).unwrap_or_default()),
        ead_id: text(json, "ead_id"),
        title: text(json, "title"),
        created: text(json, "create_time"),
        description_rules: text(json, "finding_aid_description_rules"),
        finding_aid: text(json, "ead_location"),
    }
}

/// Resources as the sets of ArchivesSpace's OAI-PMH provider choose them: by level of description, and, where a site has made such a
/// set, by the finding aid's sponsor. (Its third kind of set is a list of repositories.) What the record says is looked at, and not what
/// the provider lists: it leaves out what is not public, and since 4.2 may end a list early (ANW-794).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sets {
    pub levels: Option<Vec<String>>,
    pub sponsors: Option<Vec<String>>,
}

impl Sets {
    pub fn has(&self, json: &Value) -> bool {
        let is_one_of = |name: &str, wanted: &Option<Vec<String>>| {
            let held = json.get(name).and_then(Value::as_str).map(str::trim);
            wanted.as_ref().is_none_or(|wanted| held.is_some_and(|held| wanted.iter().any(|one| one == held)))
        };
        is_one_of("level", &self.levels) && is_one_of("finding_aid_sponsor", &self.sponsors)
    }
}

/// A member that is a text and not blank.
pub(super) fn text(json: &Value, name: &str) -> Option<String> {
    json.get(name).and_then(Value::as_str).filter(|text| !text.trim().is_empty()).map(str::to_owned)
}
