//! The elements of an item: which there are, which are codes, and which every answer has.

/// How an element is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Code,
    Flag,
}

/// When an element is in an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    Always,
    /// As `null` in JSON, and in XML only with a value.
    InJson,
    WithValue,
}

/// `item_data` in the order of recorded answers; the last ones are only in the schema.
pub(super) const ITEM_DATA: &[(&str, Kind, Shown)] = {
    use Kind::{Code, Flag, Text};
    use Shown::{Always, InJson, WithValue};
    &[
        ("pid", Text, Always),
        ("barcode", Text, Always),
        ("creation_date", Text, Always),
        ("modification_date", Text, Always),
        ("base_status", Code, Always),
        ("awaiting_reshelving", Flag, Always),
        ("reshelving_time", Text, WithValue),
        ("physical_material_type", Code, Always),
        ("policy", Code, Always),
        ("provenance", Code, Always),
        ("po_line", Text, Always),
        ("issue_date", Text, WithValue),
        ("is_magnetic", Flag, Always),
        ("arrival_date", Text, WithValue),
        ("expected_arrival_date", Text, WithValue),
        ("year_of_issue", Text, Always),
        ("enumeration_a", Text, Always),
        ("enumeration_b", Text, Always),
        ("enumeration_c", Text, Always),
        ("enumeration_d", Text, Always),
        ("enumeration_e", Text, Always),
        ("enumeration_f", Text, Always),
        ("enumeration_g", Text, Always),
        ("enumeration_h", Text, Always),
        ("chronology_i", Text, Always),
        ("chronology_j", Text, Always),
        ("chronology_k", Text, Always),
        ("chronology_l", Text, Always),
        ("chronology_m", Text, Always),
        ("break_indicator", Code, WithValue),
        ("pattern_type", Code, WithValue),
        ("linking_number", Text, WithValue),
        ("type_of_unit", Text, WithValue),
        ("description", Text, Always),
        ("replacement_cost", Text, WithValue),
        ("receiving_operator", Text, Always),
        ("process_type", Code, Always),
        ("work_order_type", Code, WithValue),
        ("work_order_at", Code, WithValue),
        ("inventory_number", Text, Always),
        ("inventory_date", Text, WithValue),
        ("inventory_price", Text, Always),
        ("receive_number", Text, WithValue),
        ("weeding_number", Text, WithValue),
        ("weeding_date", Text, WithValue),
        ("library", Code, Always),
        ("location", Code, Always),
        ("alternative_call_number", Text, Always),
        ("alternative_call_number_type", Code, Always),
        ("alt_number_source", Text, WithValue),
        ("storage_location_id", Text, Always),
        ("pages", Text, Always),
        ("pieces", Text, Always),
        ("public_note", Text, Always),
        ("fulfillment_note", Text, Always),
        ("due_date", Text, WithValue),
        ("due_date_policy", Text, WithValue),
        ("internal_note_1", Text, Always),
        ("internal_note_2", Text, Always),
        ("internal_note_3", Text, Always),
        ("statistics_note_1", Text, Always),
        ("statistics_note_2", Text, Always),
        ("statistics_note_3", Text, Always),
        ("requested", Flag, Always),
        ("edition", Text, InJson),
        ("imprint", Text, InJson),
        ("language", Text, InJson),
        ("library_details", Text, WithValue),
        ("parsed_alt_call_number", Text, WithValue),
        ("parsed_call_number", Text, WithValue),
        ("parsed_issue_level_description", Text, WithValue),
        ("title_abcnph", Text, WithValue),
        ("physical_condition", Code, Always),
        ("committed_to_retain", Code, WithValue),
        ("retention_reason", Code, WithValue),
        ("retention_note", Text, WithValue),
    ]
};

/// What Alma makes itself, whatever is sent.
pub(super) const MADE_BY_ALMA: &[&str] = &[
    "pid",
    "creation_date",
    "modification_date",
    "process_type",
    "library",
    "location",
    "requested",
    "awaiting_reshelving",
    "edition",
    "imprint",
    "language",
    "library_details",
    "parsed_alt_call_number",
    "parsed_call_number",
    "parsed_issue_level_description",
    "title_abcnph",
];

pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    ITEM_DATA.iter().map(|(name, ..)| *name)
}

/// What some codes mean; others are shown without a meaning.
pub(super) fn meaning(name: &str, code: &str) -> Option<&'static str> {
    Some(match (name, code) {
        ("base_status", "1") => "Item in place",
        ("base_status", "0") => "Item not in place",
        ("physical_material_type", "BOOK") => "Book",
        ("physical_material_type", "BOX") => "Box",
        ("physical_material_type", "MANUSCRIPT") => "Manuscript",
        ("process_type", "LOAN") => "Loan",
        ("process_type", "TRANSIT") => "Transit",
        ("call_number_type", "0") => "Library of Congress classification",
        ("call_number_type", "8") => "Other scheme",
        _ => return None,
    })
}
