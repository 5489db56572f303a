//! Items: the body of a new one, and Alma's own XML with a few values changed.

mod edit;

pub use edit::changed_item;

use super::alma_xml;
use crate::failure::Advise;
use crate::xml::{self, push_element};
use std::collections::{BTreeMap, BTreeSet};

/// A value of an item that the push writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ItemField {
    Barcode,
    Description,
    PhysicalMaterialType,
    Policy,
    EnumerationA,
    EnumerationB,
    ChronologyI,
    PublicNote,
    FulfillmentNote,
    InternalNote1,
    InternalNote2,
    InternalNote3,
    StorageLocationId,
}

impl ItemField {
    pub const ALL: [ItemField; 13] = [
        ItemField::Barcode,
        ItemField::Description,
        ItemField::PhysicalMaterialType,
        ItemField::Policy,
        ItemField::EnumerationA,
        ItemField::EnumerationB,
        ItemField::ChronologyI,
        ItemField::PublicNote,
        ItemField::FulfillmentNote,
        ItemField::InternalNote1,
        ItemField::InternalNote2,
        ItemField::InternalNote3,
        ItemField::StorageLocationId,
    ];

    pub fn parse(element: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.element() == element)
    }

    /// The element inside of `item_data`.
    pub fn element(self) -> &'static str {
        match self {
            ItemField::Barcode => "barcode",
            ItemField::Description => "description",
            ItemField::PhysicalMaterialType => "physical_material_type",
            ItemField::Policy => "policy",
            ItemField::EnumerationA => "enumeration_a",
            ItemField::EnumerationB => "enumeration_b",
            ItemField::ChronologyI => "chronology_i",
            ItemField::PublicNote => "public_note",
            ItemField::FulfillmentNote => "fulfillment_note",
            ItemField::InternalNote1 => "internal_note_1",
            ItemField::InternalNote2 => "internal_note_2",
            ItemField::InternalNote3 => "internal_note_3",
            ItemField::StorageLocationId => "storage_location_id",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("Alma's answer is not XML")]
    Xml(#[from] xml::Error),
    #[error("Alma's answer holds no item with an id")]
    NotAnItem,
    /// Nobody knows which one Alma would take.
    #[error("Alma's item holds <{0}> twice")]
    Twice(String),
}

impl Advise for Error {}

/// The body of a POST: only what is given; Alma fills the rest from the holding.
pub fn item_body(holding_id: &str, values: &[(ItemField, &str)]) -> String {
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<item><holding_data>");
    push_element(&mut body, "holding_id", holding_id);
    body += "</holding_data><item_data>";
    for (field, value) in values.iter().filter(|(_, value)| !value.is_empty()) {
        push_element(&mut body, field.element(), value);
    }
    body + "</item_data></item>\n"
}

/// What one `<item>` says, as far as it is matched with a top container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// Alma's number of the item.
    pub pid: String,
    pub holding_id: String,
    /// Codes of library and location.
    pub place: (String, String),
    pub barcode: Option<String>,
    pub description: Option<String>,
    /// Whether it is where it belongs: `base_status` 1.
    pub is_in_place: bool,
    /// Code of what is being done with it, such as `LOAN` or `TRANSIT`.
    pub process: Option<String>,
    pub is_requested: bool,
}

/// Reads one `<item>`.
pub fn read_item(text: &str) -> Result<Item, Error> {
    let leaves = alma_xml::leaves(text)?;
    let value = |path: &str| {
        let leaf = leaves.iter().find(|leaf| leaf.path.strip_prefix("item/") == Some(path))?;
        Some(leaf.value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let is = |path: &str| value(path).and_then(|text| alma_xml::truth(&text)).unwrap_or(false);
    let text_of = |path: &str| value(path).unwrap_or_default();
    Ok(Item {
        pid: value("item_data/pid").ok_or(Error::NotAnItem)?,
        holding_id: value("holding_data/holding_id").ok_or(Error::NotAnItem)?,
        place: (text_of("item_data/library"), text_of("item_data/location")),
        barcode: value("item_data/barcode"),
        description: value("item_data/description"),
        is_in_place: value("item_data/base_status").as_deref() == Some("1"),
        process: value("item_data/process_type"),
        is_requested: is("item_data/requested"),
    })
}

/// What an item is called by people: its description, its enumeration.
pub fn labels_of(text: &str) -> Result<Vec<String>, Error> {
    let names = ["item/item_data/description", "item/item_data/enumeration_a"];
    let leaves = alma_xml::leaves(text)?;
    let told = leaves.into_iter().filter(|leaf| names.contains(&leaf.path.as_str()));
    Ok(told.map(|leaf| leaf.value.trim().to_owned()).filter(|value| !value.is_empty()).collect())
}

/// What Alma makes or moves itself in an item, whoever works on it: its numbers and days, where it is and what is being done with it,
/// and what it repeats of holding and bib.
const ALMA_S_OWN: [&str; 24] = [
    "pid",
    "creation_date",
    "modification_date",
    "base_status",
    "process_type",
    "awaiting_reshelving",
    "reshelving_time",
    "requested",
    "due_date",
    "due_date_policy",
    "work_order_type",
    "work_order_at",
    "library",
    "location",
    "library_details",
    "edition",
    "imprint",
    "language",
    "title_abcnph",
    "parsed_call_number",
    "parsed_alt_call_number",
    "parsed_issue_level_description",
    "call_number",
    "call_number_type",
];

/// The elements of holding and item data in which two states of an item differ, without what is Alma's own.
pub fn changed_elements(before: &str, now: &str) -> Result<Vec<String>, Error> {
    let values = |text: &str| -> Result<BTreeMap<String, String>, Error> {
        let of_item = |path: &str| {
            let name = path.strip_prefix("item/item_data/").or_else(|| path.strip_prefix("item/holding_data/"))?;
            (!ALMA_S_OWN.contains(&name)).then(|| name.to_owned())
        };
        let leaves = alma_xml::leaves(text)?.into_iter();
        let told = leaves.filter_map(|leaf| Some((of_item(&leaf.path)?, leaf.value.trim().to_owned())));
        Ok(told.filter(|(_, value)| !value.is_empty()).collect())
    };
    let (before, now) = (values(before)?, values(now)?);
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    Ok(names.into_iter().filter(|name| before.get(*name) != now.get(*name)).cloned().collect())
}

/// The items of an `<items>` page, each as Alma wrote it: what `changed_item` takes.
pub fn items_of(text: &str) -> Result<Vec<&str>, Error> {
    Ok(alma_xml::parts(text, "item")?)
}

#[cfg(test)]
mod tests;
