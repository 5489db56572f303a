//! What keeps a record out of the staging folder until a person has looked.

use super::vocabulary::known;
use crate::model::dc::{Dc, Field, XsiType};
use crate::model::outcome::Hold;
use crate::xml::is_xml_character;

/// Everything about a new record that must not reach Rosetta unseen; `current` is what Rosetta shows.
///
/// `max_value_bytes` is the longest value that this Rosetta stores, 0 for any: before 9.0 one column took 4,000 bytes.
pub fn holds(dc: &Dc, current: Option<&Dc>, max_value_bytes: usize) -> Vec<Hold> {
    let mut holds = Vec::new();
    if dc.is_empty() {
        holds.push(Hold::Empty);
    } else if dc.title().is_none() && current.is_some_and(|current| current.title().is_some()) {
        holds.push(Hold::TitleLost);
    }
    for hold in dc.fields.iter().flat_map(|field| holds_of_field(field, max_value_bytes)) {
        // Fifty subjects with one mistake are one thing to look at.
        if !holds.contains(&hold) {
            holds.push(hold);
        }
    }
    holds
}

pub(crate) fn holds_of_field(field: &Field, max_value_bytes: usize) -> Vec<Hold> {
    let mut holds = Vec::new();
    let texts = [&field.value].into_iter().chain(&field.lang).chain(field.attributes.iter().map(|it| &it.value));
    if let Some(character) = texts.flat_map(|text| text.chars()).find(|character| !is_xml_character(*character)) {
        holds.push(Hold::ControlCharacter { field: field.key().to_string(), character });
    }
    if let Some(XsiType::Undeclared(text)) = &field.xsi_type {
        holds.push(Hold::UndeclaredPrefix { field: name(field), text: text.clone() });
    }
    if let Err(meant) = known(&field.vocabulary, &field.element) {
        holds.push(Hold::UnknownElement { element: name(field), meant });
    }
    let bytes = field.value.len();
    if max_value_bytes > 0 && bytes > max_value_bytes {
        holds.push(Hold::TooLong { field: field.key().to_string(), bytes, limit: max_value_bytes });
    }
    holds
}

/// The element alone, without its xsi:type and language.
fn name(field: &Field) -> String {
    Field { xsi_type: None, lang: None, attributes: Vec::new(), value: String::new(), ..field.clone() }
        .key()
        .to_string()
}
