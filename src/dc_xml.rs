//! Dublin Core as XML: what a feed shows, what a stylesheet made, and the `dc:record` that Rosetta takes.

mod record;
mod write;

pub use record::{RecordRead, read_record};
pub use write::write_record;

pub(crate) use record::{read_record_at, read_record_inside};

use crate::model::dc::{Attribute, DC, Dc, Field, Vocabulary, XSI, XsiType};
use crate::xml::{self, Elements, Piece, Start, Text};
use std::mem;

const XML: &str = "http://www.w3.org/XML/1998/namespace";

/// Reads what a feed shows: Dublin Core elements at any depth, and the texts of other vocabularies.
///
/// A feed's XML is what the site's publishing stylesheet makes. State Library Victoria's Rosetta (2021) puts the elements
/// in an extra `<record xmlns="">` inside `<oai_dc:dc>`, beside elements of its own namespace. Values stay as sent.
pub fn read_anywhere(xml: &str) -> Result<Dc, xml::Error> {
    let mut fields = Vec::with_capacity(16);
    walk(xml, |element, _| {
        if element.is_field_of_a_feed() {
            fields.push(element.take_field());
        }
    })?;
    Ok(Dc { fields })
}

/// An element with all that is its own: attributes and text, not its children.
pub(crate) struct Element<'x> {
    /// Where its start tag begins.
    pub offset: usize,
    /// The root is at depth 1.
    pub depth: usize,
    pub start: Start<'x>,
    pub text: Text<'x>,
    has_children: bool,
    /// Apart, because few elements have any and all elements are moved about.
    attributes: Option<Box<Attributes>>,
}

#[derive(Default)]
struct Attributes {
    xsi_type: Option<XsiType>,
    lang: Option<String>,
    others: Vec<Attribute>,
}

/// Visits each element at its end tag, with its parent; what the visitor takes out of it is moved, not copied.
pub(crate) fn walk<'x>(
    xml: &'x str,
    mut visit: impl FnMut(&mut Element<'x>, Option<&Element<'x>>),
) -> Result<(), xml::Error> {
    let mut elements = Elements::new(xml)?;
    let mut open: Vec<Element<'x>> = Vec::with_capacity(8);
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Start(start) => {
                if let Some(parent) = open.last_mut() {
                    parent.has_children = true;
                }
                open.push(Element::open(start, &elements));
            }
            Piece::Text(text) | Piece::Cdata(text) => {
                if let Some(element) = open.last_mut() {
                    // The line breaks between children are not worth a copy.
                    if !(element.has_children && xml::is_blank(&text)) {
                        element.text.push(text);
                    }
                }
            }
            Piece::Character(character) => {
                if let Some(element) = open.last_mut() {
                    element.text.push_character(character);
                }
            }
            Piece::End => {
                if let [parents @ .., element] = open.as_mut_slice() {
                    visit(element, parents.last());
                }
                open.pop();
            }
        }
    }
    Ok(())
}

impl<'x> Element<'x> {
    fn open(start: Start<'x>, elements: &Elements<'x>) -> Self {
        let attributes = match elements.attributes() {
            [] => None,
            [..] => Some(Box::new(Attributes::of(elements))),
        };
        let (offset, depth) = (elements.offset(), elements.depth());
        Element { offset, depth, start, text: Text::default(), has_children: false, attributes }
    }

    pub fn is_dc(&self) -> bool {
        is_dc(&self.start.namespace)
    }

    /// Rosetta's wrapper: `record` in the namespace of Dublin Core, which the standard does not have.
    fn is_dc_record(&self) -> bool {
        self.start.namespace == DC && self.start.local == "record"
    }

    /// Wrappers are not fields, whatever they are called; a DC element with text of its own is never dropped.
    fn is_field_of_a_feed(&self) -> bool {
        let has_text = !self.text.as_str().trim().is_empty();
        match (self.is_dc(), self.has_children) {
            (true, true) => has_text,
            (true, false) => has_text || !self.is_dc_record(),
            (false, false) => has_text,
            (false, true) => false,
        }
    }

    fn take_field(&mut self) -> Field {
        let Attributes { xsi_type, lang, others } = self.attributes.take().map(|boxed| *boxed).unwrap_or_default();
        Field {
            vocabulary: Vocabulary::of(&self.start.namespace),
            element: self.start.local.to_owned(),
            xsi_type,
            lang,
            attributes: others,
            value: mem::take(&mut self.text).into_string(),
        }
    }

    /// The name as `FieldKey` writes it: `dc:title`, `{uri}name`.
    fn name(&self) -> String {
        let (vocabulary, element) = (Vocabulary::of(&self.start.namespace), self.start.local.to_owned());
        let (xsi_type, lang, attributes, value) = (None, None, Vec::new(), String::new());
        Field { vocabulary, element, xsi_type, lang, attributes, value }.key().to_string()
    }
}

impl Attributes {
    fn of(elements: &Elements) -> Self {
        let mut sorted = Attributes::default();
        for attribute in elements.attributes() {
            match (attribute.namespace.as_ref(), attribute.local) {
                (XSI, "type") => sorted.xsi_type = Some(xsi_type(&attribute.value, elements)),
                (XML, "lang") => sorted.lang = Some(attribute.value.clone().into_owned()),
                // It tells a validator where schemas lie, and nothing about the record.
                (XSI, "schemaLocation") => {}
                (namespace, name) => sorted.others.push(Attribute {
                    namespace: namespace.to_owned(),
                    name: name.to_owned(),
                    value: attribute.value.clone().into_owned(),
                }),
            }
        }
        sorted
    }
}

fn is_dc(namespace: &str) -> bool {
    // Every namespace of Dublin Core begins so; the rest is asked only of those, without a copy of each foreign URI.
    namespace.starts_with("http://purl.org/dc/") && !matches!(Vocabulary::of(namespace), Vocabulary::Other(_))
}

/// Resolves the QName in an xsi:type.
///
/// Without a prefix the default namespace would apply, but the one in scope is nearly always that of the OAI-PMH envelope,
/// while Rosetta writes bare names (`PID` in SRU answers, `collection` at State Library Victoria) and means just these.
fn xsi_type(text: &str, elements: &Elements) -> XsiType {
    let text = text.trim();
    match text.split_once(':') {
        Some((prefix, name)) if !prefix.is_empty() => match elements.resolve(prefix) {
            Some(namespace) => XsiType::Name(Vocabulary::of(namespace), name.to_owned()),
            None => XsiType::Undeclared(text.to_owned()),
        },
        Some(_) => XsiType::Undeclared(text.to_owned()),
        None => {
            let default = elements.resolve("").map(|uri| uri.as_ref()).filter(|uri| is_dc(uri)).unwrap_or_default();
            XsiType::Name(Vocabulary::of(default), text.to_owned())
        }
    }
}

#[cfg(test)]
pub(crate) mod tests;
