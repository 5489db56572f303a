//! Takes the elements that are known out of a text that is not well-formed.

use super::mend::mend;
use super::namespaces::Address;
use super::tag::{Ends, Kind, Tag, brackets};
use crate::model::id::OaiIdentifier;
use crate::model::record::Datestamp;
use memchr::memmem;

/// Elements cut out of a text, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub text: String,
    /// Whether the namespace of one had to be put in its place.
    pub readdressed: bool,
}

impl Pieces {
    /// Adds the elements of these names and gives back all else, without comments and instructions.
    pub fn gather(&mut self, text: &str, names: &[&str]) -> String {
        let (mut rest, mut at, mut ends) = (String::new(), 0, Ends::default());
        let mut without_end: Vec<&str> = Vec::new();
        while let Some(bracket) = brackets(text, at).next() {
            rest.push_str(&text[at..bracket]);
            if let Some(end) = ends.of(text, bracket) {
                if text[bracket..].starts_with("<![") {
                    rest.push_str(&text[bracket..end]);
                }
                at = end;
                continue;
            }
            let tag = Tag::at(text, bracket).filter(|tag| tag.kind != Kind::Close && names.contains(&tag.name));
            match tag.filter(|tag| !without_end.contains(&tag.name)).map(|tag| (tag, end_of(text, &tag))) {
                Some((tag, Some(end))) => {
                    self.add(&tag, &text[tag.start..end]);
                    at = end;
                }
                other => {
                    without_end.extend(other.map(|(tag, _)| tag.name));
                    rest.push('<');
                    at = bracket + 1;
                }
            }
        }
        rest.push_str(&text[at..]);
        rest
    }

    fn add(&mut self, tag: &Tag<'_>, element: &str) {
        match tag.own_address() {
            Some(Address::Misspelt) => {
                self.readdressed = true;
                self.text.push_str(&tag.readdressed());
                self.text.push_str(&element[tag.end - tag.start..]);
            }
            Some(Address::Right | Address::Foreign) | None => self.text.push_str(element),
        }
    }
}

/// Where an element ends that has no other of its name in it.
fn end_of(text: &str, tag: &Tag<'_>) -> Option<usize> {
    if tag.kind == Kind::Empty {
        return Some(tag.end);
    }
    let close = tag.end + memmem::find(&text.as_bytes()[tag.end..], format!("</{}", tag.name).as_bytes())?;
    Tag::at(text, close).filter(|close| close.name == tag.name).map(|close| close.end)
}

/// What the header of a spoilt record says, when it has one header that says it once.
pub(super) fn made_out(record: &str, header: &str) -> (Option<OaiIdentifier>, Option<Datestamp>) {
    let tags = brackets(record, 0).filter_map(|at| Tag::at(record, at)).filter(|tag| tag.name == header);
    let mut headers = tags.filter(|tag| tag.kind == Kind::Open);
    let Some(only) = headers.next().filter(|_| headers.next().is_none()) else { return (None, None) };
    let inside = &record[only.end..];
    let inside = &inside[..inside.find(&format!("</{header}")).unwrap_or_default()];
    let prefix = header.strip_suffix("header").unwrap_or_default();
    let text = |local: &str| text_of(inside, &format!("{prefix}{local}"));
    (text("identifier").map(OaiIdentifier::new), text("datestamp").map(Datestamp::new))
}

/// The text of the only element of this name.
fn text_of(inside: &str, name: &str) -> Option<String> {
    let open = format!("<{name}>");
    let mut found = inside.match_indices(&open).map(|(at, open)| at + open.len());
    let start = found.next().filter(|_| found.next().is_none())?;
    let text = &inside[start..start + inside[start..].find('<')?];
    let is_closed = inside[start + text.len()..].starts_with(&format!("</{name}>"));
    let mended = mend(text, true);
    let text = mended.as_ref().map_or(text, |(text, _)| text);
    let text = quick_xml::escape::unescape(text).ok()?.trim().to_owned();
    (is_closed && !text.is_empty()).then_some(text)
}
