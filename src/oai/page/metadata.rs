//! Cuts a record's metadata out of a page so that it parses alone.

use super::Error;
use super::cursor::{Cursor, MAX_DEPTH, bind, no_character, resolve};
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::collections::BTreeSet;

/// Reads to the end of `<metadata>` and returns its only child as sent, `None` when there is none.
///
/// What the envelope declared and the child uses is declared again on the child. A fault that makes only this record
/// unreadable comes back as the inner `Err`; the page goes on.
pub(super) fn capture(cursor: &mut Cursor<'_>) -> Result<Result<Option<String>, String>, Error> {
    let envelope = cursor.scope.len();
    let floor = cursor.depth;
    let mut walk = Walk { envelope, redeclared: Vec::new(), used: BTreeSet::new(), problem: None };
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
                if cursor.depth == floor + 1 {
                    walk.note_redeclared(cursor);
                }
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
            Event::GeneralRef(_) if cursor.depth == floor => walk.note("metadata holds bare text"),
            Event::GeneralRef(reference) => {
                if resolve(&reference).is_none() {
                    walk.note(no_character(&reference));
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
    walk: Walk,
    found: Option<(usize, usize)>,
    end: usize,
) -> Result<Option<String>, String> {
    let Some((start, name_length)) = found else {
        return walk.problem.map_or(Ok(None), Err);
    };
    if let Some(problem) = walk.problem {
        return Err(problem);
    }
    let metadata = declare(cursor, &cursor.since(0)[start..end], name_length, walk);
    match control_character(&metadata) {
        None => Ok(Some(metadata)),
        Some(offset) => {
            let byte = metadata.as_bytes()[offset];
            Err(format!("a control character (0x{byte:02X}), which XML does not allow"))
        }
    }
}

struct Walk {
    /// How many bindings of the scope belong to the envelope.
    envelope: usize,
    /// Indexes of the envelope's bindings whose prefix the metadata's first tag declares anew.
    redeclared: Vec<usize>,
    /// Indexes of the envelope's bindings that the metadata uses.
    used: BTreeSet<usize>,
    problem: Option<String>,
}

impl Walk {
    fn note(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert_with(|| problem.into());
    }

    /// Looks at the bindings of the metadata's first tag, which are the newest.
    fn note_redeclared(&mut self, cursor: &Cursor<'_>) {
        let (outer, own) = cursor.scope.split_at(self.envelope);
        let is_own = |prefix: &str| !prefix.is_empty() && own.iter().any(|binding| binding.prefix == prefix);
        self.redeclared = (0..outer.len()).filter(|at| is_own(&outer[*at].prefix)).collect();
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
                Ok(attribute) => {
                    match attribute.key.0.split_once(':') {
                        Some(("xmlns" | "xml", _)) | None => {}
                        Some((prefix, _)) => self.prefix(cursor, prefix),
                    }
                    if memchr::memchr2(b'<', b'&', attribute.value.as_bytes()).is_some() {
                        self.value(name, &attribute.value);
                    }
                }
                Err(error) => self.note(format!("the attributes of <{name}> cannot be read: {error}")),
            }
        }
    }

    fn prefix(&mut self, cursor: &Cursor<'_>, prefix: &str) {
        match cursor.scope.iter().rposition(|binding| binding.prefix == prefix) {
            Some(at) if cursor.scope[at].uri.is_empty() => self.note(format!("the prefix `{prefix}` is not declared")),
            Some(at) if at < self.envelope => {
                self.used.insert(at);
            }
            Some(_) => {}
            None if prefix == "xml" => {}
            None => self.note(format!("the prefix `{prefix}` is not declared")),
        }
    }

    /// Judges a value that holds markup: references have to resolve, `<` must not stand there.
    fn value(&mut self, name: &str, value: &str) {
        if value.contains('<') {
            self.note(format!("the attributes of <{name}> hold a bare <"));
        }
        for piece in value.split('&').skip(1) {
            match piece.split_once(';') {
                Some((reference, _)) if resolve(&BytesRef::new(reference)).is_some() => {}
                Some((reference, _)) => self.note(no_character(reference)),
                None => self.note(format!("the attributes of <{name}> hold a bare &")),
            }
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
fn declare(cursor: &Cursor<'_>, slice: &str, name_length: usize, mut walk: Walk) -> String {
    // xsi:type="dcterms:URI" names a prefix inside a value: any mention counts as use.
    for (at, binding) in cursor.scope.iter().enumerate() {
        let mention =
            !binding.prefix.is_empty() && !walk.used.contains(&at) && slice.contains(&format!("{}:", binding.prefix));
        let shadowed = cursor.scope[at + 1..].iter().any(|later| later.prefix == binding.prefix);
        if mention && !shadowed && !walk.redeclared.contains(&at) {
            walk.used.insert(at);
        }
    }
    if walk.used.is_empty() {
        return slice.to_owned();
    }
    let (head, tail) = slice.split_at(1 + name_length);
    let mut text = String::with_capacity(slice.len() + walk.used.len() * 80);
    text.push_str(head);
    for at in walk.used {
        let binding = &cursor.scope[at];
        let name = if binding.prefix.is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", binding.prefix) };
        text.push_str(&format!(" {name}=\"{}\"", quick_xml::escape::escape(binding.uri.as_str())));
    }
    text.push_str(tail);
    text
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
