//! Cuts a record's metadata out of a page so that it parses alone.

use super::Error;
use super::cursor::{Cursor, MAX_DEPTH, bind, resolve};
use quick_xml::events::{BytesStart, Event};
use std::collections::BTreeSet;

/// Reads to the end of `<metadata>` and returns its only child as sent, `None` when there is none.
///
/// What the envelope declared and the child uses is declared again on the child. A fault that makes only this record
/// unreadable comes back as the inner `Err`; the page goes on.
pub(super) fn capture(cursor: &mut Cursor<'_>) -> Result<Result<Option<String>, String>, Error> {
    let envelope = cursor.scope.len();
    let floor = cursor.depth;
    let mut walk = Walk { envelope, used: BTreeSet::new(), problem: None };
    let mut found: Option<(usize, usize)> = None;
    let mut end = 0;
    loop {
        match cursor.event()? {
            Event::Start(tag) => {
                if cursor.depth == floor {
                    if found.is_some() {
                        walk.note("metadata holds more than one element");
                    }
                    found.get_or_insert((cursor.tag_start(), tag.name().0.len()));
                }
                cursor.depth += 1;
                bind(&tag, cursor.depth, &mut cursor.scope);
                walk.tag(cursor, &tag);
            }
            Event::End(_) if cursor.depth == floor => break,
            Event::End(_) => {
                cursor.leave();
                if cursor.depth == floor && end == 0 {
                    end = cursor.since(0).len();
                }
            }
            Event::Text(text) if cursor.depth == floor && !text.trim().is_empty() => {
                walk.note("metadata holds bare text")
            }
            Event::CData(_) if cursor.depth == floor => walk.note("metadata holds bare text"),
            Event::GeneralRef(reference) => {
                if resolve(&reference).is_none() {
                    walk.note(format!("the reference &{}; stands for no character", &*reference));
                }
            }
            Event::Text(_) | Event::CData(_) | Event::Comment(_) | Event::PI(_) => {}
            Event::Decl(_) => walk.note("an XML declaration stands inside the metadata"),
            Event::DocType(_) => return Err(Error::Doctype),
            Event::Eof => return Err(cursor.cut_short()),
            Event::Empty(_) => unreachable!("empty elements are expanded"),
        }
    }
    let outcome = conclude(cursor, walk, found, end);
    cursor.leave();
    Ok(outcome)
}

/// Judges what the walk found, while the bindings of `<metadata>` are still in scope.
fn conclude(
    cursor: &Cursor<'_>,
    mut walk: Walk,
    found: Option<(usize, usize)>,
    end: usize,
) -> Result<Option<String>, String> {
    let Some((start, name_length)) = found else {
        return walk.problem.map_or(Ok(None), Err);
    };
    let slice = &cursor.since(0)[start..end];
    if let Some(offset) = control_character(slice) {
        walk.note(format!("a control character (0x{:02X}), which XML does not allow", slice.as_bytes()[offset]));
    }
    match walk.problem {
        Some(problem) => Err(problem),
        None => Ok(Some(declare(cursor, slice, name_length, &mut walk.used))),
    }
}

struct Walk {
    /// How many bindings of the scope belong to the envelope.
    envelope: usize,
    /// Indexes of the envelope's bindings that the metadata uses.
    used: BTreeSet<usize>,
    problem: Option<String>,
}

impl Walk {
    fn note(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert_with(|| problem.into());
    }

    fn tag(&mut self, cursor: &Cursor<'_>, tag: &BytesStart<'_>) {
        if cursor.depth > MAX_DEPTH {
            self.note("elements are nested too deep");
            return;
        }
        let name = tag.name().0;
        match name.split_once(':') {
            Some((prefix, _)) => self.prefix(cursor, prefix),
            None => self.default(cursor),
        }
        if tag.attributes_raw().is_empty() {
            return;
        }
        for attribute in tag.attributes() {
            match attribute {
                Ok(attribute) => match attribute.key.0.split_once(':') {
                    Some(("xmlns" | "xml", _)) | None => {}
                    Some((prefix, _)) => self.prefix(cursor, prefix),
                },
                Err(error) => self.note(format!("the attributes of <{name}> cannot be read: {error}")),
            }
        }
    }

    fn prefix(&mut self, cursor: &Cursor<'_>, prefix: &str) {
        match cursor.scope.iter().rposition(|binding| binding.prefix == prefix) {
            Some(at) if at < self.envelope => {
                self.used.insert(at);
            }
            Some(_) => {}
            None if prefix == "xml" => {}
            None => self.note(format!("the prefix `{prefix}` is not declared")),
        }
    }

    fn default(&mut self, cursor: &Cursor<'_>) {
        if let Some(at) = cursor.scope.iter().rposition(|binding| binding.prefix.is_empty())
            && at < self.envelope
        {
            self.used.insert(at);
        }
    }
}

/// Copies the slice and adds the envelope's declarations that it needs to its first tag.
fn declare(cursor: &Cursor<'_>, slice: &str, name_length: usize, used: &mut BTreeSet<usize>) -> String {
    // xsi:type="dcterms:URI" names a prefix inside a value: any mention counts as use.
    for (at, binding) in cursor.scope.iter().enumerate() {
        let mention =
            !binding.prefix.is_empty() && !used.contains(&at) && slice.contains(&format!("{}:", binding.prefix));
        let shadowed = cursor.scope[at + 1..].iter().any(|later| later.prefix == binding.prefix);
        if mention && !shadowed {
            used.insert(at);
        }
    }
    if used.is_empty() {
        return slice.to_owned();
    }
    let (head, tail) = slice.split_at(1 + name_length);
    let first_tag = &tail[..tail.find('>').unwrap_or(tail.len())];
    let mut text = String::with_capacity(slice.len() + used.len() * 80);
    text.push_str(head);
    for at in used.iter() {
        let binding = &cursor.scope[*at];
        let name = if binding.prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", binding.prefix) };
        if !declares(first_tag, &name) {
            text.push_str(&format!(" {name}=\"{}\"", quick_xml::escape::escape(binding.uri.as_str())));
        }
    }
    text.push_str(tail);
    text
}

fn declares(tag: &str, name: &str) -> bool {
    tag.split_ascii_whitespace()
        .any(|piece| piece.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')))
}

/// The place of the first character that XML 1.0 forbids even unescaped, by its first byte.
fn control_character(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let suspicious = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    if bytes.iter().any(suspicious) {
        return bytes.iter().position(suspicious);
    }
    memchr::memmem::find(bytes, "\u{FFFE}".as_bytes()).or_else(|| memchr::memmem::find(bytes, "\u{FFFF}".as_bytes()))
}
