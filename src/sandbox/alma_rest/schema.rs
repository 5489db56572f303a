//! The structure of what is sent, checked as Alma's schemas have it (rest_bib.xsd, rest_holding.xsd, rest_item.xsd).
//!
//! Two liberties: `<record>` may be in no namespace, as Alma itself sends it, and a holding needs no `holding_id`, which the
//! schema wants and every client leaves out.

use crate::xml::tree::Element;

/// Elements of `bib`, in the order of the schema.
const BIB: &[&str] = &[
    "mms_id",
    "record_format",
    "linked_record_id",
    "title",
    "author",
    "issn",
    "isbn",
    "complete_edition",
    "network_numbers",
    "place_of_publication",
    "date_of_publication",
    "publisher_const",
    "holdings",
    "created_by",
    "created_date",
    "last_modified_by",
    "last_modified_date",
    "suppress_from_publishing",
    "suppress_from_external_search",
    "suppress_from_metadoor",
    "rank",
    "enrichment_source",
    "enrichment_workflow",
    "sync_with_oclc",
    "sync_with_libraries_australia",
    "originating_system",
    "originating_system_id",
    "cataloging_level",
    "brief_level",
    "record",
    "warnings",
    "requests",
];

const HOLDING: &[&str] = &[
    "holding_id",
    "created_by",
    "created_date",
    "last_modified_by",
    "last_modified_date",
    "originating_system",
    "originating_system_id",
    "suppress_from_publishing",
    "calculated_suppress_from_publishing",
    "record",
];

const ITEM: &[&str] = &["bib_data", "holding_data", "item_data", "additional_info"];

const HOLDING_DATA: &[&str] = &[
    "holding_id",
    "holding_suppress_from_publishing",
    "calculated_suppress_from_publishing",
    "permanent_call_number_type",
    "permanent_call_number",
    "call_number_type",
    "call_number",
    "accession_number",
    "copy_id",
    "in_temp_location",
    "temp_library",
    "temp_location",
    "temp_call_number_type",
    "temp_call_number",
    "temp_call_number_source",
    "temp_policy",
    "due_back_date",
];

const DATES: &[&str] = &[
    "created_date",
    "last_modified_date",
    "creation_date",
    "modification_date",
    "issue_date",
    "arrival_date",
    "expected_arrival_date",
    "inventory_date",
    "weeding_date",
    "due_back_date",
];

const FLAGS: &[&str] = &["in_temp_location", "awaiting_reshelving", "is_magnetic", "requested"];

pub(super) fn bib(root: &Element<'_>) -> Result<(), String> {
    named(root, "bib")?;
    in_order(root, BIB)
}

pub(super) fn holding(root: &Element<'_>) -> Result<(), String> {
    named(root, "holding")?;
    in_order(root, HOLDING)
}

pub(super) fn item(root: &Element<'_>) -> Result<(), String> {
    named(root, "item")?;
    in_any_order(root, ITEM.iter().copied())?;
    let holding_data = root.child("holding_data").ok_or("holding_data is missing")?;
    let item_data = root.child("item_data").ok_or("item_data is missing")?;
    in_any_order(holding_data, HOLDING_DATA.iter().copied())?;
    holding_data.child("holding_id").ok_or("holding_id is missing")?;
    in_any_order(item_data, super::item_data::names())
}

fn named(root: &Element<'_>, name: &str) -> Result<(), String> {
    if root.local == name { Ok(()) } else { Err(format!("the root is {}, not {name}", root.local)) }
}

/// Each at most once, and none before another that the schema has before it.
fn in_order(root: &Element<'_>, names: &[&str]) -> Result<(), String> {
    let mut last = None;
    for child in &root.children {
        let at = names.iter().position(|name| *name == child.local);
        let at = at.ok_or_else(|| format!("{} is not expected in {}", child.local, root.local))?;
        if last.is_some_and(|last| at <= last) {
            return Err(format!("{} is not expected here in {}", child.local, root.local));
        }
        last = Some(at);
        value(child)?;
    }
    Ok(())
}

fn in_any_order<'n>(root: &Element<'_>, names: impl Iterator<Item = &'n str> + Clone) -> Result<(), String> {
    for (at, child) in root.children.iter().enumerate() {
        if !names.clone().any(|name| name == child.local) {
            return Err(format!("{} is not expected in {}", child.local, root.local));
        }
        if root.children[..at].iter().any(|other| other.local == child.local) {
            return Err(format!("{} stands twice in {}", child.local, root.local));
        }
        value(child)?;
    }
    Ok(())
}

/// The types that are not just text.
fn value(element: &Element<'_>) -> Result<(), String> {
    let text = element.text.trim();
    let fits = if DATES.contains(&element.local) {
        is_date(text)
    } else if FLAGS.contains(&element.local) {
        matches!(text, "true" | "false" | "0" | "1")
    } else if element.local == "requests" {
        text.parse::<i32>().is_ok()
    } else {
        true
    };
    if fits { Ok(()) } else { Err(format!("`{text}` is not a value of {}", element.local)) }
}

/// `xs:date`: a day, with or without a zone.
fn is_date(text: &str) -> bool {
    let Some((day, zone)) = text.split_at_checked(10) else { return false };
    let parts: Vec<&str> = day.split('-').collect();
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    let number = |at: usize| parts[at].parse::<u32>().ok().filter(|_| parts[at].bytes().all(|b| b.is_ascii_digit()));
    let is_zone = zone.is_empty() || zone == "Z" || (zone.len() == 6 && zone.starts_with(['+', '-']));
    lengths == [4, 2, 2]
        && number(0).is_some()
        && number(1).is_some_and(|month| (1..=12).contains(&month))
        && number(2).is_some_and(|day| (1..=31).contains(&day))
        && is_zone
}
