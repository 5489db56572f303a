//! Writes the `dc:record` that Rosetta stores.

use super::XML;
use crate::model::dc::{DC, DCTERMS, Dc, Field, XSI, XsiType};

/// Writes a record, one field a line, without an XML declaration: it goes into the CDATA of an updateMD file.
///
/// The three namespaces are always declared: arkumu.nrw and hbz found that Rosetta wants xsi even where nothing uses it.
/// Values are written exactly. A character that XML cannot hold, and an xsi:type with an undeclared prefix, are written
/// as they are: `packaging::holds` keeps such records away from the folder.
pub fn write_record(dc: &Dc) -> String {
    let namespaces = Namespaces::of(dc);
    let mut out = String::with_capacity(256 + dc.fields.iter().map(|field| field.value.len() + 64).sum::<usize>());
    out.push_str("<dc:record");
    for (prefix, uri) in [("dc", DC), ("dcterms", DCTERMS), ("xsi", XSI)].into_iter().chain(namespaces.declared()) {
        push_attribute(&mut out, "xmlns", prefix, uri);
    }
    out.push_str(">\n");
    for field in &dc.fields {
        push_field(&mut out, field, &namespaces);
    }
    out.push_str("</dc:record>");
    out
}

/// The namespaces of a record beyond the usual ones, each with a prefix of our making.
struct Namespaces<'a>(Vec<(String, &'a str)>);

impl<'a> Namespaces<'a> {
    fn of(dc: &'a Dc) -> Self {
        let mut namespaces = Namespaces(Vec::new());
        for field in &dc.fields {
            namespaces.add(field.vocabulary.uri(), dc);
            if let Some(XsiType::Name(vocabulary, _)) = &field.xsi_type {
                namespaces.add(vocabulary.uri(), dc);
            }
            for attribute in &field.attributes {
                namespaces.add(&attribute.namespace, dc);
            }
        }
        namespaces
    }

    fn add(&mut self, uri: &'a str, dc: &Dc) {
        if self.prefix(uri).is_some() {
            return;
        }
        // An undeclared `ns1:x` must not come to mean something because we chose the same prefix.
        let is_taken = |prefix: &str| {
            dc.fields.iter().any(|field| match &field.xsi_type {
                Some(XsiType::Undeclared(text)) => text.split(':').next() == Some(prefix),
                Some(XsiType::Name(..)) | None => false,
            })
        };
        let mut number = self.0.len() + 1;
        let free = |prefix: &String| !is_taken(prefix) && self.0.iter().all(|(other, _)| other != prefix);
        let prefix = loop {
            let prefix = format!("ns{number}");
            if free(&prefix) {
                break prefix;
            }
            number += 1;
        };
        self.0.push((prefix, uri));
    }

    /// `Some("")` for no namespace, `None` for one that has no prefix yet.
    fn prefix(&self, uri: &str) -> Option<&str> {
        match uri {
            "" => Some(""),
            DC => Some("dc"),
            DCTERMS => Some("dcterms"),
            XSI => Some("xsi"),
            XML => Some("xml"),
            other => self.0.iter().find(|(_, uri)| *uri == other).map(|(prefix, _)| prefix.as_str()),
        }
    }

    fn declared(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(prefix, uri)| (prefix.as_str(), *uri))
    }

    /// The name with its prefix: `dc:title`.
    fn name(&self, uri: &str, local: &str) -> String {
        match self.prefix(uri).unwrap_or_default() {
            "" => local.to_owned(),
            prefix => format!("{prefix}:{local}"),
        }
    }
}

fn push_field(out: &mut String, field: &Field, namespaces: &Namespaces) {
    let name = namespaces.name(field.vocabulary.uri(), &field.element);
    out.push_str("  <");
    out.push_str(&name);
    match &field.xsi_type {
        Some(XsiType::Name(vocabulary, name)) => {
            push_attribute(out, "xsi", "type", &namespaces.name(vocabulary.uri(), name));
        }
        Some(XsiType::Undeclared(text)) => push_attribute(out, "xsi", "type", text),
        None => {}
    }
    if let Some(lang) = &field.lang {
        push_attribute(out, "xml", "lang", lang);
    }
    for attribute in &field.attributes {
        let prefix = namespaces.prefix(&attribute.namespace).unwrap_or_default();
        push_attribute(out, prefix, &attribute.name, &attribute.value);
    }
    if field.value.is_empty() {
        out.push_str("/>\n");
        return;
    }
    out.push('>');
    push_escaped(out, &field.value, text_escape);
    out.push_str("</");
    out.push_str(&name);
    out.push_str(">\n");
}

fn push_attribute(out: &mut String, prefix: &str, local: &str, value: &str) {
    out.push(' ');
    if !prefix.is_empty() {
        out.push_str(prefix);
        out.push(':');
    }
    out.push_str(local);
    out.push_str("=\"");
    push_escaped(out, value, attribute_escape);
    out.push('"');
}

/// A carriage return would be read back as a line feed.
fn text_escape(byte: u8) -> Option<&'static str> {
    match byte {
        b'&' => Some("&amp;"),
        b'<' => Some("&lt;"),
        b'>' => Some("&gt;"),
        b'\r' => Some("&#13;"),
        _ => None,
    }
}

/// Tabs and line feeds of an attribute would be read back as spaces.
fn attribute_escape(byte: u8) -> Option<&'static str> {
    match byte {
        b'"' => Some("&quot;"),
        b'\t' => Some("&#9;"),
        b'\n' => Some("&#10;"),
        other => text_escape(other),
    }
}

fn push_escaped(out: &mut String, text: &str, escape: fn(u8) -> Option<&'static str>) {
    let mut from = 0;
    for (at, byte) in text.bytes().enumerate() {
        if let Some(escaped) = escape(byte) {
            out.push_str(&text[from..at]);
            out.push_str(escaped);
            from = at + 1;
        }
    }
    out.push_str(&text[from..]);
}
