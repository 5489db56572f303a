//! A top container of ArchivesSpace: a box, what Alma calls it, and the whole record, which goes back whole.

use super::resource::{NotARecord, text};
use super::resource_uri::{ContainerUri, ResourceUri};
use serde_json::{Value, json};

/// A top container as REST gives it.
#[derive(Debug, Clone, PartialEq)]
pub struct TopContainer {
    pub uri: ContainerUri,
    pub label: Label,
    /// One of a kind within a repository only.
    pub barcode: Option<String>,
    pub in_alma: InAlma,
    /// What it holds parts of. More than one makes it a shared box.
    pub collections: Vec<Collection>,
    pub places: Vec<Place>,
    pub lock_version: u64,
    /// Everything: what is left out when the record goes back is set to null.
    pub json: Value,
}

/// What stands on the box.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Label {
    /// `box`, `Box`, `folder`: a value of a list that each site edits.
    pub kind: Option<String>,
    pub indicator: String,
    /// `Box 1: [Barcode: DC2]`, made by ArchivesSpace.
    pub display: Option<String>,
}

/// What ArchivesSpace keeps for an integrated library system.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InAlma {
    /// `ils_holding_id`.
    pub holding: Option<String>,
    /// `ils_item_id`.
    pub item: Option<String>,
    /// `exported_to_ils`.
    pub exported: Option<String>,
}

/// One of `collection[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collection {
    /// A resource, or an accession, which is none.
    pub uri: String,
    pub identifier: Option<String>,
    pub title: Option<String>,
}

/// One of `container_locations[]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// `/locations/15`.
    pub uri: String,
    /// `current` or `previous`.
    pub status: String,
    /// Of the location, where it was resolved.
    pub location: Option<Location>,
}

/// A location. Sites keep Alma's location code in its classification or barcode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Location {
    pub uri: String,
    pub title: Option<String>,
    pub building: Option<String>,
    pub classification: Option<String>,
    pub barcode: Option<String>,
}

impl TopContainer {
    pub fn read(json: Value) -> Result<Self, NotARecord> {
        let named = json.get("uri").and_then(Value::as_str).unwrap_or_default().to_owned();
        let not = |why| NotARecord { of: named.clone(), why };
        let uri = ContainerUri::parse(&named).map_err(|_| not("its `uri` names no top container"))?;
        let lock_version =
            json.get("lock_version").and_then(Value::as_u64).ok_or_else(|| not("it has no `lock_version`"))?;
        let list = |name: &str| json.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        Ok(TopContainer {
            uri,
            label: Label {
                kind: text(&json, "type"),
                indicator: text(&json, "indicator").unwrap_or_default(),
                display: text(&json, "display_string"),
            },
            barcode: text(&json, "barcode"),
            in_alma: InAlma {
                holding: text(&json, "ils_holding_id"),
                item: text(&json, "ils_item_id"),
                exported: text(&json, "exported_to_ils"),
            },
            collections: list("collection").iter().filter_map(Collection::read).collect(),
            places: list("container_locations").iter().filter_map(Place::read).collect(),
            lock_version,
            json,
        })
    }

    /// Whether it holds parts of more than one collection.
    pub fn is_shared(&self) -> bool {
        self.collections.len() > 1
    }

    /// The resources that it holds parts of; accessions are none.
    pub fn resources(&self) -> impl Iterator<Item = ResourceUri> + '_ {
        self.collections.iter().filter_map(|one| ResourceUri::parse(&one.uri).ok())
    }

    pub fn holds_part_of(&self, resource: &ResourceUri) -> bool {
        self.resources().any(|one| one == *resource)
    }

    pub fn is_restricted(&self) -> bool {
        self.json.get("restricted").and_then(Value::as_bool).unwrap_or(false)
    }

    /// Where it stands now.
    pub fn current_place(&self) -> Option<&Place> {
        self.places.iter().find(|place| place.status == "current")
    }

    /// `/container_profiles/1`.
    pub fn profile_uri(&self) -> Option<&str> {
        self.json.get("container_profile")?.get("ref")?.as_str()
    }

    /// The name of its profile, where it was resolved: `Legal Document Box`.
    pub fn profile_name(&self) -> Option<&str> {
        self.json.get("container_profile")?.get("_resolved")?.get("name")?.as_str()
    }
}

impl Collection {
    fn read(json: &Value) -> Option<Self> {
        let uri = text(json, "ref")?;
        Some(Collection { uri, identifier: text(json, "identifier"), title: text(json, "display_string") })
    }
}

impl Place {
    fn read(json: &Value) -> Option<Self> {
        let location = json.get("_resolved").map(Location::read);
        Some(Place { uri: text(json, "ref")?, status: text(json, "status").unwrap_or_default(), location })
    }
}

impl Location {
    pub fn read(json: &Value) -> Self {
        Location {
            uri: text(json, "uri").unwrap_or_default(),
            title: text(json, "title"),
            building: text(json, "building"),
            classification: text(json, "classification"),
            barcode: text(json, "barcode"),
        }
    }
}

/// Writes what Alma calls a box into the whole record, and nothing else; `None` takes a value away.
pub fn set_in_alma(container: &mut Value, in_alma: &InAlma) {
    set(container, "ils_holding_id", in_alma.holding.as_deref());
    set(container, "ils_item_id", in_alma.item.as_deref());
    set(container, "exported_to_ils", in_alma.exported.as_deref());
}

/// Writes a barcode into the whole record, and nothing else; `None` takes it away.
pub fn set_barcode(container: &mut Value, barcode: Option<&str>) {
    set(container, "barcode", barcode);
}

fn set(container: &mut Value, name: &str, value: Option<&str>) {
    let Some(members) = container.as_object_mut() else { return };
    match value {
        Some(text) => members.insert(name.to_owned(), json!(text)),
        None => members.remove(name),
    };
}
