//! Changes values of an item in the XML that Alma sent, and not a byte beside them.

use super::{Error, ItemField};
use crate::xml::{Elements, Piece, Text, escaped};
use std::ops::Range;

/// Alma's XML of an item with some values changed, for a PUT.
///
/// A PUT must hold the whole item: one with the changed values alone is answered by status 500, and what it leaves out is
/// emptied (University of Illinois). So the text is kept as it came. An element that has the value already is not
/// touched; one that gets another loses its `desc`, which would describe the old one. An empty value empties the element.
pub fn changed_item(text: &str, changes: &[(ItemField, &str)]) -> Result<String, Error> {
    let found = outline(text)?;
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let mut added = String::new();
    for (field, value) in changes {
        let name = field.element();
        let mut elements = found.values.iter().filter(|element| element.local == name);
        match (elements.next(), elements.next()) {
            (_, Some(_)) => return Err(Error::Twice(name.to_owned())),
            (Some(element), None) if element.value == *value => {}
            (Some(element), None) => edits.push((element.range.clone(), leaf(&element.name, value))),
            (None, None) if value.is_empty() => {}
            (None, None) => added += &leaf(&format!("{}{name}", prefix(&found.name)), value),
        }
    }
    if !added.is_empty() {
        let inside = format!("{added}</{}>", found.name);
        edits.push(match found.is_empty_tag {
            true => (found.end.clone(), format!("<{}>{inside}", found.name)),
            false => (found.end.clone(), inside),
        });
    }
    edits.sort_by_key(|(range, _)| std::cmp::Reverse(range.start));
    let mut changed = text.to_owned();
    for (range, with) in edits {
        changed.replace_range(range, &with);
    }
    Ok(changed)
}

/// `item_data` and the elements in it.
struct ItemData {
    /// As written, with its prefix.
    name: String,
    is_empty_tag: bool,
    /// The end tag, or the whole of an empty one.
    end: Range<usize>,
    values: Vec<Element>,
}

struct Element {
    local: String,
    name: String,
    value: String,
    range: Range<usize>,
}

fn outline(text: &str) -> Result<ItemData, Error> {
    let mut elements = Elements::new(text)?;
    let mut data: Option<ItemData> = None;
    let (mut path, mut open): (Vec<String>, Option<(Element, Text)>) = (Vec::new(), None);
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Start(start) => {
                path.push(start.local.to_owned());
                let range = elements.offset()..elements.end();
                let tag = &text[range.clone()];
                let name = tag[1..].split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
                let name = name.unwrap_or_default().to_owned();
                if path == ["item", "item_data"] {
                    let is_empty_tag = tag.ends_with("/>");
                    data = Some(ItemData { name, is_empty_tag, end: range, values: Vec::new() });
                } else if path.len() == 3 && path[..2] == ["item", "item_data"] {
                    let element = Element { local: start.local.to_owned(), name, value: String::new(), range };
                    open = Some((element, Text::default()));
                }
            }
            Piece::Text(piece) | Piece::Cdata(piece) => _ = open.as_mut().map(|(_, text)| text.push(piece)),
            Piece::Character(character) => _ = open.as_mut().map(|(_, text)| text.push_character(character)),
            Piece::End => {
                match (path.len(), &mut data, open.take()) {
                    (3, Some(data), Some((element, value))) => {
                        let range = element.range.start..elements.end();
                        data.values.push(Element { value: value.into_string(), range, ..element });
                    }
                    (2, Some(data), _) if path[1] == "item_data" && !data.is_empty_tag => {
                        data.end = elements.offset()..elements.end();
                    }
                    (_, _, still_open) => open = still_open,
                }
                path.pop();
            }
        }
    }
    data.ok_or(Error::NotAnItem)
}

fn leaf(name: &str, value: &str) -> String {
    if value.is_empty() { format!("<{name}/>") } else { format!("<{name}>{}</{name}>", escaped(value)) }
}

fn prefix(name: &str) -> &str {
    name.find(':').map_or("", |at| &name[..=at])
}
