//! XML as a stream of elements with resolved names and whole values, and nothing that is not well-formed.
//!
//! quick-xml leaves much to its user: it cuts a text at each reference, reaches the end of a cut file without complaint
//! while elements are open, and takes two roots, text around the root and characters that XML does not have.
//! All of that is settled here, once, for everything that reads a record.

mod escape;
mod name;
pub(crate) mod outline;
mod scope;
mod text;
pub(crate) mod tree;

pub use escape::{escaped, push_element};
pub use text::{Text, is_blank, is_space, is_xml_character, trim};

use crate::xml::name::{not_a_name, split_name};
use crate::xml::scope::Scope;
use crate::xml::text::{attribute_value, character, first_illegal};
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;
use quick_xml::reader::Reader;
use std::borrow::Cow;

/// No metadata record is nested deeper; more would only exhaust the stack of whoever walks the tree.
const MAX_DEPTH: usize = 256;

/// Why a text is not the XML that it should be, and where.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{fault} (byte {offset})")]
pub struct Error {
    /// Bytes from the start of the text.
    pub offset: usize,
    pub fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("not well-formed XML: {0}")]
    NotWellFormed(String),
    #[error("the prefix of `{0}` is not declared")]
    UndeclaredPrefix(String),
    #[error("a DOCTYPE is not accepted")]
    Doctype,
    #[error("the text ends inside <{0}>")]
    OpenAtEnd(String),
    #[error("the entity &{0}; is not defined")]
    UnknownEntity(String),
    #[error("&{0}; is not a character that XML 1.0 can hold")]
    IllegalReference(String),
    #[error("the character U+{:04X} is not allowed in XML 1.0", *.0 as u32)]
    IllegalCharacter(char),
    #[error("elements are nested deeper than {MAX_DEPTH}")]
    TooDeep,
}

/// One step through a document. The calls of `Elements::next` give, for each element:
/// `Start (Text | Cdata | Character | element)* End`.
#[derive(Debug, PartialEq)]
pub enum Piece<'x> {
    Start(Start<'x>),
    /// Part of a text; the next part follows after a reference, a comment or a CDATA section.
    Text(Cow<'x, str>),
    Cdata(Cow<'x, str>),
    /// A character or one of the five entities, from a reference.
    Character(char),
    End,
}

/// The name of an element; an empty prefix or namespace is none.
#[derive(Debug, Clone, PartialEq)]
pub struct Start<'x> {
    pub prefix: &'x str,
    pub local: &'x str,
    pub namespace: Cow<'x, str>,
}

/// An attribute that is not a namespace declaration, its value normalized as XML 1.0 says.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute<'x> {
    pub prefix: &'x str,
    pub local: &'x str,
    pub namespace: Cow<'x, str>,
    pub value: Cow<'x, str>,
}

/// Reads one document.
pub struct Elements<'x> {
    xml: &'x str,
    /// The length of a byte order mark, which counts in offsets but is not read.
    skipped: usize,
    reader: Reader<&'x [u8]>,
    scope: Scope<'x>,
    /// Names of the open elements as written.
    open: Vec<&'x str>,
    attributes: Vec<Attribute<'x>>,
    /// The last tag was `<a/>`: its end comes next.
    is_empty_tag: bool,
    had_root: bool,
    /// Nearly no document has a carriage return; then no text is searched for them.
    has_returns: bool,
    position: usize,
}

impl<'x> Elements<'x> {
    pub fn new(xml: &'x str) -> Result<Self, Error> {
        let content = xml.strip_prefix('\u{FEFF}').unwrap_or(xml);
        let skipped = xml.len() - content.len();
        if let Some((at, character)) = first_illegal(content) {
            return Err(Error { offset: at + skipped, fault: Fault::IllegalCharacter(character) });
        }
        Ok(Elements {
            xml: content,
            skipped,
            reader: Reader::from_str(content),
            scope: Scope::default(),
            open: Vec::with_capacity(8),
            attributes: Vec::new(),
            is_empty_tag: false,
            had_root: false,
            has_returns: memchr::memchr(b'\r', content.as_bytes()).is_some(),
            position: 0,
        })
    }

    /// Where the last piece begins, in bytes from the start of the text.
    pub fn offset(&self) -> usize {
        self.position + self.skipped
    }

    /// Where the last piece ends; the end of an empty tag `<a/>` ends where its start does.
    pub fn end(&self) -> usize {
        self.reader.buffer_position() as usize + self.skipped
    }

    /// How many elements are open; the root itself is at depth 1.
    pub fn depth(&self) -> usize {
        self.open.len()
    }

    /// The attributes of the last `Start`.
    pub fn attributes(&self) -> &[Attribute<'x>] {
        &self.attributes
    }

    /// The namespace that a prefix stands for here; the empty prefix stands for the default namespace, perhaps none.
    pub fn resolve(&self, prefix: &str) -> Option<&Cow<'x, str>> {
        self.scope.resolve(prefix)
    }

    /// The next piece, or `None` after the root element was closed and nothing but space, comments or PIs followed.
    #[allow(clippy::should_implement_trait)] // an Iterator would hide the error behind an Option
    pub fn next(&mut self) -> Result<Option<Piece<'x>>, Error> {
        loop {
            if self.is_empty_tag {
                self.is_empty_tag = false;
                return Ok(Some(self.leave()));
            }
            self.position = self.reader.buffer_position() as usize;
            // Matched in place: moving the event out of the result first costs a third of the whole reading.
            match self.reader.read_event() {
                Ok(Event::Start(tag)) => return self.enter(tag.name().0.len()),
                Ok(Event::Empty(tag)) => {
                    self.is_empty_tag = true;
                    return self.enter(tag.name().0.len());
                }
                Ok(Event::End(_)) => return Ok(Some(self.leave())),
                Ok(Event::Text(text)) if self.open.is_empty() => {
                    if !is_blank(&text) {
                        return Err(self.not_well_formed("text outside of the root element"));
                    }
                }
                Ok(Event::CData(_) | Event::GeneralRef(_)) if self.open.is_empty() => {
                    return Err(self.not_well_formed("text outside of the root element"));
                }
                Ok(Event::Text(_)) => return Ok(Some(Piece::Text(self.line_ends(self.slice("", ""))))),
                Ok(Event::CData(_)) => return Ok(Some(Piece::Cdata(self.line_ends(self.slice("<![CDATA[", "]]>"))))),
                Ok(Event::GeneralRef(_)) => {
                    let character = character(self.slice("&", ";")).map_err(|fault| self.error(fault))?;
                    return Ok(Some(Piece::Character(character)));
                }
                Ok(Event::Decl(_)) if self.position > 0 => {
                    return Err(self.not_well_formed("an XML declaration that is not at the start"));
                }
                Ok(Event::Decl(_) | Event::Comment(_) | Event::PI(_)) => {}
                Ok(Event::DocType(_)) => return Err(self.error(Fault::Doctype)),
                Ok(Event::Eof) => return self.end_of_text(),
                Err(error) => return Err(self.refused(&error)),
            }
        }
    }

    /// The last event as written, between what opens and closes it.
    ///
    /// quick-xml's events borrow from the event; the same bytes, taken from the text, live as long as the text.
    fn slice(&self, opening: &str, closing: &str) -> &'x str {
        let end = self.reader.buffer_position() as usize;
        &self.xml[self.position + opening.len()..end - closing.len()]
    }

    fn end_of_text(&self) -> Result<Option<Piece<'x>>, Error> {
        match self.open.last() {
            Some(name) => Err(self.error(Fault::OpenAtEnd((*name).to_owned()))),
            None if self.had_root => Ok(None),
            None => Err(self.not_well_formed("no element")),
        }
    }

    fn enter(&mut self, name_len: usize) -> Result<Option<Piece<'x>>, Error> {
        if self.open.is_empty() && self.had_root {
            return Err(self.not_well_formed("a second root element"));
        }
        if self.open.len() == MAX_DEPTH {
            return Err(self.error(Fault::TooDeep));
        }
        self.had_root = true;
        let tag = self.slice("<", if self.is_empty_tag { "/>" } else { ">" });
        let name = &tag[..name_len];
        self.open.push(name);
        self.attributes.clear();
        let Some((prefix, local)) = split_name(name) else { return Err(self.error(not_a_name(name))) };
        if tag.len() > name_len {
            self.read_attributes(tag, name_len).map_err(|fault| self.error(fault))?;
        }
        let Some(namespace) = self.scope.resolve(prefix) else {
            return Err(self.error(Fault::UndeclaredPrefix(name.to_owned())));
        };
        Ok(Some(Piece::Start(Start { prefix, local, namespace: namespace.clone() })))
    }

    fn read_attributes(&mut self, tag: &'x str, name_len: usize) -> Result<(), Fault> {
        let mut attributes = Attributes::new(tag, name_len);
        // Duplicates are looked for below, by namespace, without the set that quick-xml would allocate.
        attributes.with_checks(false);
        for attribute in attributes {
            let attribute = attribute.map_err(|error| Fault::NotWellFormed(error.to_string()))?;
            let Cow::Borrowed(raw) = attribute.value else {
                return Err(Fault::NotWellFormed("attribute value".to_owned()));
            };
            let value = attribute_value(raw)?;
            let (prefix, local) = split_name(attribute.key.0).ok_or_else(|| not_a_name(attribute.key.0))?;
            match (prefix, local) {
                ("", "xmlns") => self.scope.declare("", value, self.open.len())?,
                ("xmlns", declared) => self.scope.declare(declared, value, self.open.len())?,
                (_, _) => self.attributes.push(Attribute { prefix, local, namespace: Cow::Borrowed(""), value }),
            }
        }
        self.resolve_attributes()
    }

    /// After all declarations of the tag were seen. An attribute without a prefix is in no namespace.
    fn resolve_attributes(&mut self) -> Result<(), Fault> {
        for at in 0..self.attributes.len() {
            let (before, rest) = self.attributes.split_at_mut(at);
            let this = &mut rest[0];
            if !this.prefix.is_empty() {
                let Some(namespace) = self.scope.resolve(this.prefix) else {
                    return Err(Fault::UndeclaredPrefix(format!("{}:{}", this.prefix, this.local)));
                };
                this.namespace = namespace.clone();
            }
            if before.iter().any(|other| other.local == this.local && other.namespace == this.namespace) {
                return Err(Fault::NotWellFormed(format!("the attribute `{}` stands twice", this.local)));
            }
        }
        Ok(())
    }

    fn leave(&mut self) -> Piece<'x> {
        self.scope.forget(self.open.len());
        self.open.pop();
        Piece::End
    }

    /// CR LF and CR become LF, as every XML parser makes them.
    fn line_ends(&self, text: &'x str) -> Cow<'x, str> {
        if self.has_returns && text.contains('\r') {
            Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"))
        } else {
            Cow::Borrowed(text)
        }
    }

    fn error(&self, fault: Fault) -> Error {
        Error { offset: self.offset(), fault }
    }

    fn not_well_formed(&self, what: &str) -> Error {
        self.error(Fault::NotWellFormed(what.to_owned()))
    }

    fn refused(&self, error: &quick_xml::Error) -> Error {
        let what = match error {
            quick_xml::Error::Syntax(error) => error.to_string(),
            quick_xml::Error::IllFormed(error) => error.to_string(),
            other => other.to_string(),
        };
        Error { offset: self.reader.error_position() as usize + self.skipped, fault: Fault::NotWellFormed(what) }
    }
}

#[cfg(test)]
mod tests;
