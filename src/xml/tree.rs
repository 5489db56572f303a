//! A small document as a tree of elements with attributes, each of which knows its own XML: what REST services send.

use super::{Elements, Error, Piece, trim};

/// An element; names without their prefixes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Element<'x> {
    pub local: &'x str,
    /// Local name and value.
    pub attributes: Vec<(&'x str, String)>,
    /// The element's own text, whatever its pieces.
    pub text: String,
    pub children: Vec<Element<'x>>,
    /// As it stands in the document, from its start tag to its end tag.
    pub xml: &'x str,
}

impl<'x> Element<'x> {
    pub fn child(&self, name: &str) -> Option<&Element<'x>> {
        self.children.iter().find(|child| child.local == name)
    }

    pub fn children_named<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Element<'x>> {
        self.children.iter().filter(move |child| child.local == name)
    }

    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(given, _)| *given == name).map(|(_, value)| value.as_str())
    }

    /// The text of a child without outer white space; none when the child is missing or empty.
    pub fn text_of(&self, name: &str) -> Option<&str> {
        Some(trim(&self.child(name)?.text)).filter(|text| !text.is_empty())
    }
}

/// Reads a whole document.
pub(crate) fn tree(xml: &str) -> Result<Element<'_>, Error> {
    let mut elements = Elements::new(xml)?;
    let mut open: Vec<(usize, Element<'_>)> = Vec::new();
    let mut root = None;
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Start(start) => {
                let attributes = elements.attributes().iter();
                let attributes = attributes.map(|it| (it.local, it.value.clone().into_owned())).collect();
                let element =
                    Element { local: start.local, attributes, text: String::new(), children: Vec::new(), xml: "" };
                open.push((elements.offset(), element));
            }
            Piece::Text(text) | Piece::Cdata(text) => add(&mut open, &text),
            Piece::Character(character) => add(&mut open, character.encode_utf8(&mut [0; 4])),
            Piece::End => {
                let Some((from, mut element)) = open.pop() else { continue };
                // The end of `<a/>` is where its start is; that of `<a></a>` is where `</a>` begins.
                let to = elements.offset();
                element.xml = &xml[from..to + xml[to..].find('>').map_or(0, |at| at + 1)];
                if to == from {
                    element.xml = &xml[from..from + end_of_tag(&xml[from..])];
                }
                match open.last_mut() {
                    Some((_, parent)) => parent.children.push(element),
                    None => root = Some(element),
                }
            }
        }
    }
    Ok(root.expect("a document that ends without an error has a root element"))
}

fn add(open: &mut [(usize, Element<'_>)], text: &str) {
    if let Some((_, current)) = open.last_mut() {
        current.text.push_str(text);
    }
}

/// The length of a tag; a `>` inside of an attribute's quotes does not end it.
fn end_of_tag(xml: &str) -> usize {
    let mut quote = None;
    for (at, byte) in xml.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return at + 1,
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            (None | Some(_), _) => {}
        }
    }
    xml.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_element_knows_its_own_xml_its_attributes_and_its_text() {
        let text = "<?xml version=\"1.0\"?>\n<bib link=\"a&gt;b\"><mms_id> 99&amp;1 </mms_id><holdings link='x>y'/><r:record \
                    xmlns:r=\"urn:r\"><leader>  a</leader></r:record></bib>\n";
        let bib = tree(text).unwrap();
        assert_eq!((bib.local, bib.attribute("link")), ("bib", Some("a>b")));
        assert_eq!(bib.text_of("mms_id"), Some("99&1"));
        assert_eq!(bib.child("holdings").unwrap().xml, "<holdings link='x>y'/>");
        let record = bib.child("record").unwrap();
        assert!(record.xml.starts_with("<r:record ") && record.xml.ends_with("</leader></r:record>"), "{}", record.xml);
        assert_eq!(record.child("leader").unwrap().text, "  a");
        assert_eq!((bib.text_of("holdings"), bib.text_of("title")), (None, None));
        assert_eq!(bib.children_named("record").count(), 1);
        assert_eq!(bib.xml, &text[22..text.len() - 1]);
    }
}
