//! Validating: can Rosetta's Update Metadata Job take this file, and if not, in which line is the trouble.

use crate::dc_xml::read_record_at;
use crate::model::dc::Dc;
use crate::model::id::IePid;
use crate::steps::packaging::{NAMESPACE, PartKind, holds_of_field};
use crate::xml;
use crate::xml::outline::{Node, outline};
use std::str;

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The line of the file, from 1, also for what stands inside the CDATA.
    pub line: usize,
    pub message: String,
    pub severity: Severity,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Rosetta's job would refuse the file, or store something else than what it says.
    Error,
    /// It may work, but is not as Rosetta's documents and known files have it.
    Warning,
}

/// The kinds of source MD that the SDK's documentation lists; sites add `OTHER:…` kinds in a code table.
const SOURCE_SUB_TYPES: [&str; 11] =
    ["marc", "dc", "mods", "text_md", "image_niso", "video_md", "audio_md", "copyrights", "rights", "other", "ead"];

/// Looks at the bytes of an updateMD file. The findings are in the order of their lines; none means that all is well.
///
/// `max_value_bytes` is the longest value that this Rosetta stores, 0 for any.
pub fn validate(bytes: &[u8], max_value_bytes: usize) -> Vec<Finding> {
    let text = match str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => {
            let at = error.valid_up_to();
            let message = format!("not UTF-8 from byte {at} of the file");
            return vec![Finding { line: line_of(bytes, at), message, severity: Severity::Error }];
        }
    };
    let mut report = Report { text, max_value_bytes, findings: Vec::new() };
    report.check_encoding();
    match outline(text) {
        Ok(root) => report.check_root(&root),
        Err(error) => report.error(error.offset, error.fault.to_string()),
    }
    report.findings.sort_by_key(|finding| finding.line);
    report.findings
}

fn line_of(bytes: &[u8], offset: usize) -> usize {
    1 + bytes.iter().take(offset).filter(|byte| **byte == b'\n').count()
}

struct Report<'t> {
    text: &'t str,
    max_value_bytes: usize,
    findings: Vec<Finding>,
}

impl Report<'_> {
    fn error(&mut self, offset: usize, message: impl Into<String>) {
        self.add(line_of(self.text.as_bytes(), offset), Severity::Error, message.into());
    }

    fn warning(&mut self, offset: usize, message: impl Into<String>) {
        self.add(line_of(self.text.as_bytes(), offset), Severity::Warning, message.into());
    }

    fn add(&mut self, line: usize, severity: Severity, message: String) {
        self.findings.push(Finding { line, message, severity });
    }

    /// Java's readers take a byte order mark for a character and believe what the declaration says.
    fn check_encoding(&mut self) {
        if self.text.starts_with('\u{FEFF}') {
            self.warning(0, "the file begins with a byte order mark");
        }
        let Some(encoding) = declared_encoding(self.text) else { return };
        if encoding.eq_ignore_ascii_case("utf-8") {
            return;
        }
        let message = format!("the file is UTF-8 and declares the encoding {encoding}");
        if self.text.is_ascii() { self.warning(0, message) } else { self.error(0, message) }
    }

    fn check_root(&mut self, root: &Node) {
        if let Err((at, message)) = second_opinion(self.text) {
            self.error(at, message);
        }
        if root.local != "updateMD" {
            return self.error(root.offset, format!("the root element is {}, not updateMD", root.local));
        }
        if root.namespace != NAMESPACE {
            self.warning(root.offset, format!("the namespace is `{}`, not `{NAMESPACE}`", root.namespace));
        }
        self.check_children(root, &["PID", "metadata"], root);
        self.check_pid(root);
        if root.children_named("metadata").next().is_none() {
            self.error(root.offset, "no metadata element");
        }
        let mut descriptive = 0;
        for metadata in root.children_named("metadata") {
            if self.check_metadata(metadata, root) {
                descriptive += 1;
            }
            if descriptive > 1 {
                self.error(
                    metadata.offset,
                    "another descriptive dc record: an IE has one, and this file decides on two",
                );
            }
        }
    }

    /// What stands in an element that is neither of the names it may have nor in the namespace of the root.
    fn check_children(&mut self, parent: &Node, names: &[&str], root: &Node) {
        if parent.has_plain_text || parent.has_cdata {
            self.warning(parent.offset, format!("text in {} beside its elements", parent.local));
        }
        for child in &parent.children {
            if !names.contains(&child.local) {
                self.warning(child.offset, format!("the element {} has no meaning in {}", child.local, parent.local));
            }
            if child.namespace != root.namespace {
                let message = format!("{} is in the namespace `{}`, unlike updateMD", child.local, child.namespace);
                self.warning(child.offset, message);
            }
        }
    }

    fn check_pid(&mut self, root: &Node) {
        let Some(pid) = self.only(root, "PID") else { return };
        if let Err(error) = IePid::parse(xml::trim(&pid.text)) {
            self.error(pid.offset, format!("PID {error}"));
        }
        self.check_blanks(pid);
    }

    fn check_blanks(&mut self, node: &Node) {
        if xml::trim(&node.text).len() != node.text.len() {
            self.warning(node.offset, format!("blanks around the text of {}", node.local));
        }
    }

    /// The one child with this name; it is an error when there is none or another.
    fn only<'n, 'x>(&mut self, parent: &'n Node<'x>, name: &'n str) -> Option<&'n Node<'x>> {
        let mut found = parent.children_named(name);
        let first = found.next();
        if first.is_none() {
            self.error(parent.offset, format!("{name} is missing"));
        }
        if let Some(second) = found.next() {
            self.error(second.offset, format!("a second {name}"));
        }
        first
    }

    /// Whether the part is the descriptive dc record.
    fn check_metadata(&mut self, metadata: &Node, root: &Node) -> bool {
        self.check_children(metadata, &["mid", "type", "subType", "subtype", "content"], root);
        let kind = self.check_type(metadata);
        let sub_type = self.check_sub_type(metadata, kind);
        if kind == Some(PartKind::Source) && metadata.children_named("mid").all(|mid| xml::trim(&mid.text).is_empty()) {
            self.warning(metadata.offset, "source MD without mid: it is added, and replaces nothing");
        }
        let is_dc = kind == Some(PartKind::Descriptive) && sub_type == Some("dc");
        if let Some(content) = self.only(metadata, "content") {
            self.check_content(content, is_dc);
        }
        is_dc
    }

    fn check_type(&mut self, metadata: &Node) -> Option<PartKind> {
        let node = self.only(metadata, "type")?;
        self.check_blanks(node);
        let kind = PartKind::parse(xml::trim(&node.text));
        if kind.is_none() {
            self.error(node.offset, format!("the type is `{}`, neither descriptive nor source", xml::trim(&node.text)));
        }
        kind
    }

    fn check_sub_type<'n>(&mut self, metadata: &'n Node, kind: Option<PartKind>) -> Option<&'n str> {
        // Ex Libris' page on the job has the word in lower case; its SOAP description and every known file do not.
        let lower = metadata.children_named("subtype").next();
        if let Some(lower) = lower {
            self.warning(lower.offset, "subtype in lower case: known files have subType");
        }
        let node = match (metadata.children_named("subType").next(), lower) {
            (None, Some(lower)) => lower,
            (_, _) => self.only(metadata, "subType")?,
        };
        self.check_blanks(node);
        let sub_type = xml::trim(&node.text);
        match kind {
            Some(PartKind::Descriptive) if sub_type != "dc" => {
                self.error(node.offset, format!("descriptive MD has the subType dc, not `{sub_type}`"));
            }
            Some(PartKind::Source) if !is_source_sub_type(sub_type) => {
                self.warning(node.offset, format!("`{sub_type}` is not a subType of source MD that Rosetta documents"));
            }
            Some(PartKind::Descriptive | PartKind::Source) | None => {}
        }
        Some(sub_type)
    }

    fn check_content(&mut self, content: &Node, is_dc: bool) {
        if !content.children.is_empty() {
            return self.error(content.offset, "the content holds elements instead of a record in CDATA");
        }
        let inner = Inner::of(content);
        if inner.xml.is_empty() {
            return self.error(content.offset, "the content is empty");
        }
        if !content.has_cdata {
            self.warning(content.offset, "the content is not in CDATA");
        } else if content.has_plain_text {
            self.warning(content.offset, "text beside the CDATA of the content");
        }
        if inner.xml.starts_with("<?xml") {
            self.add_inside(&inner, 0, Severity::Error, "an XML declaration inside the content".to_owned());
        }
        let agreed = if is_dc { self.check_record(&inner) } else { true };
        if let (true, Err((at, message))) = (agreed, second_opinion(inner.xml)) {
            self.add_inside(&inner, at, Severity::Error, message);
        }
    }

    /// Whether the record could be read.
    fn check_record(&mut self, inner: &Inner) -> bool {
        let (fields, misfits) = match read_record_at(inner.xml) {
            Ok(read) => read,
            Err(error) => {
                self.add_inside(inner, error.offset, Severity::Error, format!("in the record: {}", error.fault));
                return false;
            }
        };
        for (at, misfit) in misfits {
            self.add_inside(inner, at, Severity::Error, misfit);
        }
        for (at, field) in &fields {
            for hold in holds_of_field(field, self.max_value_bytes) {
                self.add_inside(inner, *at, Severity::Error, hold.detail());
            }
        }
        let dc = Dc { fields: fields.into_iter().map(|(_, field)| field).collect() };
        if dc.is_empty() {
            self.add_inside(inner, 0, Severity::Error, "the record is empty".to_owned());
        } else if dc.title().is_none() {
            self.add_inside(inner, 0, Severity::Warning, "the record has no title".to_owned());
        }
        true
    }

    fn add_inside(&mut self, inner: &Inner, at: usize, severity: Severity, message: String) {
        self.add(inner.line(self.text, at), severity, message);
    }
}

/// The record inside a content, and the way back to the lines of the file.
struct Inner<'n> {
    content: &'n Node<'n>,
    xml: &'n str,
    /// Blanks of the content before the record.
    skipped: usize,
}

impl<'n> Inner<'n> {
    fn of(content: &'n Node<'n>) -> Self {
        let skipped = content.text.len() - content.text.trim_start_matches(xml::is_space).len();
        Inner { content, xml: xml::trim(&content.text), skipped }
    }

    fn line(&self, file: &str, at: usize) -> usize {
        let at = (at + self.skipped).min(self.content.text.len());
        let next = self.content.pieces.partition_point(|(start, _)| *start <= at);
        let (start, offset) = next.checked_sub(1).map_or((0, self.content.offset), |piece| self.content.pieces[piece]);
        line_of(file.as_bytes(), offset) + line_of(&self.content.text.as_bytes()[start..], at - start) - 1
    }
}

fn is_source_sub_type(sub_type: &str) -> bool {
    SOURCE_SUB_TYPES.contains(&sub_type) || sub_type.strip_prefix("OTHER:").is_some_and(|kind| !kind.is_empty())
}

/// Asks another parser than the one that reads our feeds: what both take, Rosetta's takes too.
fn second_opinion(xml: &str) -> Result<(), (usize, String)> {
    let content = xml.strip_prefix('\u{FEFF}').unwrap_or(xml);
    match xot::Xot::new().parse(content) {
        Ok(_) => Ok(()),
        Err(error) => Err((error.span().start + xml.len() - content.len(), format!("not well-formed XML: {error}"))),
    }
}

/// The encoding in the XML declaration, when there is one.
fn declared_encoding(text: &str) -> Option<&str> {
    let declaration = text.trim_start_matches('\u{FEFF}').strip_prefix("<?xml")?.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value[1..].split(quote).next()
}

#[cfg(test)]
mod tests;
