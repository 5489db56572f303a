//! A small document as a tree that knows where each of its texts stands: an updateMD file, a SOAP message.

use super::{Elements, Error, Piece, is_blank};
use std::borrow::Cow;

pub(crate) struct Node<'x> {
    pub local: &'x str,
    pub namespace: Cow<'x, str>,
    /// Where the start tag begins, in bytes of the file.
    pub offset: usize,
    /// The element's own text, CDATA sections and references joined.
    pub text: String,
    /// For each piece of the text: its first byte in the text, and where the piece begins in the file.
    pub pieces: Vec<(usize, usize)>,
    pub has_cdata: bool,
    /// Text other than white space that is not in a CDATA section.
    pub has_plain_text: bool,
    pub children: Vec<Node<'x>>,
}

impl<'x> Node<'x> {
    pub fn children_named<'n>(&'n self, name: &'n str) -> impl Iterator<Item = &'n Node<'x>> {
        self.children.iter().filter(move |child| child.local == name)
    }

    fn add_text(&mut self, text: &str, is_cdata: bool, offset: usize) {
        self.has_cdata |= is_cdata;
        self.has_plain_text |= !is_cdata && !is_blank(text);
        self.pieces.push((self.text.len(), offset));
        self.text.push_str(text);
    }
}

pub(crate) fn outline(xml: &str) -> Result<Node<'_>, Error> {
    let mut elements = Elements::new(xml)?;
    let mut open: Vec<Node> = Vec::new();
    let mut root = None;
    while let Some(piece) = elements.next()? {
        let offset = elements.offset();
        let mut add = |text: &str, is_cdata: bool| {
            if let Some(current) = open.last_mut() {
                current.add_text(text, is_cdata, offset);
            }
        };
        match piece {
            Piece::Text(text) => add(&text, false),
            Piece::Character(character) => add(character.encode_utf8(&mut [0; 4]), false),
            Piece::Cdata(text) => add(&text, true),
            Piece::Start(start) => open.push(Node {
                local: start.local,
                namespace: start.namespace,
                offset,
                text: String::new(),
                pieces: Vec::new(),
                has_cdata: false,
                has_plain_text: false,
                children: Vec::new(),
            }),
            Piece::End => match (open.pop(), open.last_mut()) {
                (Some(closed), Some(parent)) => parent.children.push(closed),
                (closed, None) => root = closed,
                (None, Some(_)) => {}
            },
        }
    }
    Ok(root.expect("a document that ends without an error has a root element"))
}
