//! Walks an answer element by element and knows which namespaces are in scope.

use super::Error;
use super::characters::{is_surely_legal, no_character, resolve};
use crate::oai::NAMESPACE;
use memchr::memchr;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::borrow::Cow;

/// A prefix (empty for the default namespace) bound to a URI by an element at some depth.
#[derive(Debug)]
pub(super) struct Binding<'a> {
    pub prefix: Cow<'a, str>,
    pub uri: Cow<'a, str>,
    pub depth: usize,
    is_oai: bool,
}

impl<'a> Binding<'a> {
    pub fn new(prefix: Cow<'a, str>, uri: Cow<'a, str>, depth: usize) -> Self {
        let is_oai = uri == NAMESPACE;
        Binding { prefix, uri, depth, is_oai }
    }

    /// The same for another reader.
    pub fn lent(&self) -> Binding<'_> {
        let (prefix, uri) = (Cow::Borrowed(&*self.prefix), Cow::Borrowed(&*self.uri));
        Binding { prefix, uri, depth: self.depth, is_oai: self.is_oai }
    }
}

/// Names are short: comparing them here costs less than the call of a function made for long texts, which the C
/// library makes dear for empty ones.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(|(a, b)| a == b)
}

/// A position in an answer. Children are taken one by one; each child must be read or skipped to its end.
pub struct Cursor<'a> {
    reader: Reader<&'a [u8]>,
    text: &'a str,
    pub(super) scope: Vec<Binding<'a>>,
    pub(super) depth: usize,
    tag_start: usize,
    /// Whether no character of the whole text is forbidden; `false` where that was not looked at.
    pub(super) is_legal: bool,
    /// A quotation mark is missing: all up to the next one, which another record may hold, was taken for a value.
    is_runaway: bool,
}

/// One move of a walk: into an element (its local name), out of one, or over a piece of text.
pub enum Step<'a> {
    In(String),
    Out,
    Text(Cow<'a, str>),
}

/// Nesting beyond this is no metadata; refused before anything could recurse over it.
pub(super) const MAX_DEPTH: usize = 1000;
/// How deep the list stands: in the root.
pub(super) const LIST_DEPTH: usize = 2;

impl<'a> Cursor<'a> {
    /// Opens an answer and enters its root element, which must be OAI-PMH's.
    pub fn open(bytes: &'a [u8]) -> Result<Self, Error> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = simdutf8::compat::from_utf8(bytes).map_err(|error| match error.error_len() {
            Some(_) => Error::NotUtf8 { offset: error.valid_up_to() },
            // The end of input in the middle of a character.
            None => Error::CutShort { bytes: bytes.len() },
        })?;
        let text = text.trim_start();
        let mut cursor = Cursor { is_legal: is_surely_legal(text), depth: 0, ..Cursor::within(text, Vec::new()) };
        let root = loop {
            match cursor.event()? {
                Event::Start(tag) => break tag,
                Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
                Event::DocType(doctype) if doctype.to_lowercase().contains("html") => {
                    return Err(Error::NotOai { what: "an HTML page".to_owned() });
                }
                Event::DocType(_) => return Err(Error::Doctype),
                Event::Text(text) if text.trim().is_empty() => {}
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => return Err(not_xml(text)),
                Event::End(_) | Event::Empty(_) | Event::Eof => return Err(not_xml(text)),
            }
        };
        cursor.enter(&root);
        match cursor.oai_name(&root) {
            Some("OAI-PMH") => Ok(cursor),
            Some(_) | None => Err(cursor.not_oai(&root)),
        }
    }

    /// Reads an item cut out of its list, in the scope of the list.
    pub(super) fn within(text: &'a str, scope: Vec<Binding<'a>>) -> Self {
        let (reader, depth) = (reader(text), LIST_DEPTH);
        Cursor { reader, text, scope, depth, tag_start: 0, is_legal: false, is_runaway: false }
    }

    /// What stands behind the last thing read.
    pub(super) fn rest(&self) -> &'a str {
        &self.text[self.position()..]
    }

    /// The next child element of the current one, entered; `None` when the current element has ended.
    pub fn next_child(&mut self) -> Result<Option<BytesStart<'a>>, Error> {
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    self.enter(&tag);
                    return Ok(Some(tag));
                }
                Event::End(_) => {
                    self.leave();
                    return Ok(None);
                }
                Event::Eof => return Err(self.cut_short()),
                Event::DocType(_) => return Err(Error::Doctype),
                // Between elements of the envelope no text means anything.
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {}
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Empty(_) => unreachable!("empty elements are expanded"),
            }
        }
    }

    /// The text of the current element, to its end.
    pub fn text(&mut self) -> Result<Cow<'a, str>, Error> {
        self.text_or_problem()?.map_err(|problem| self.malformed(problem))
    }

    /// The text of the current element, to its end. Text comes in pieces: `a&amp;b` is three of them. The inner `Err` is
    /// a fault of this element alone.
    pub fn text_or_problem(&mut self) -> Result<Result<Cow<'a, str>, String>, Error> {
        let mut text = Cow::Borrowed("");
        let mut problem = None;
        loop {
            match self.event()? {
                Event::Text(piece) => append(&mut text, piece.into_inner()),
                Event::CData(piece) => append(&mut text, piece.into_inner()),
                Event::GeneralRef(piece) => match resolve(&piece) {
                    Some(character) => text.to_mut().push(character),
                    None => problem = problem.or_else(|| Some(no_character(&piece))),
                },
                Event::Start(tag) => {
                    self.enter(&tag);
                    self.skip()?;
                }
                Event::End(_) => {
                    self.leave();
                    return Ok(problem.map_or(Ok(text), Err));
                }
                Event::Eof => return Err(self.cut_short()),
                Event::DocType(_) => return Err(Error::Doctype),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Empty(_) => unreachable!("empty elements are expanded"),
            }
        }
    }

    /// Passes over the rest of the current element.
    pub fn skip(&mut self) -> Result<(), Error> {
        let target = self.depth - 1;
        while self.depth > target {
            match self.event()? {
                Event::Start(tag) => self.enter(&tag),
                Event::End(_) => self.leave(),
                Event::Eof => return Err(self.cut_short()),
                Event::DocType(_) => return Err(Error::Doctype),
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) => {}
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Empty(_) => unreachable!("empty elements are expanded"),
            }
        }
        Ok(())
    }

    pub fn depth(&self) -> usize {
        self.depth
    }

    /// One move of a walk over elements of any kind.
    pub fn step(&mut self) -> Result<Step<'a>, Error> {
        loop {
            match self.event()? {
                Event::Start(tag) => {
                    self.enter(&tag);
                    return Ok(Step::In(tag.local_name().as_ref().to_owned()));
                }
                Event::End(_) => {
                    self.leave();
                    return Ok(Step::Out);
                }
                Event::Text(piece) => return Ok(Step::Text(piece.into_inner())),
                Event::CData(piece) => return Ok(Step::Text(piece.into_inner())),
                Event::GeneralRef(piece) => match resolve(&piece) {
                    Some(character) => return Ok(Step::Text(Cow::Owned(character.to_string()))),
                    None => return Err(self.malformed(no_character(&piece))),
                },
                Event::Eof => return Err(self.cut_short()),
                Event::DocType(_) => return Err(Error::Doctype),
                Event::Comment(_) | Event::PI(_) | Event::Decl(_) => {}
                Event::Empty(_) => unreachable!("empty elements are expanded"),
            }
        }
    }

    pub(super) fn event(&mut self) -> Result<Event<'a>, Error> {
        self.tag_start = self.position();
        if self.is_runaway {
            return Err(self.malformed("the attributes of a tag hold a bare <".to_owned()));
        }
        self.reader.read_event().map_err(|error| {
            let offset = self.position();
            // A tag or a comment that the end of input cut through is reported as a syntax error.
            let cut = matches!(&error, quick_xml::Error::Syntax(_)) && self.position() >= self.text.len();
            if cut { self.cut_short() } else { Error::NotWellFormed { offset, message: error.to_string() } }
        })
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.text.len() - self.reader.get_ref().len()
    }

    pub(super) fn whole(&self) -> &'a str {
        self.text
    }

    /// Goes on reading at a later place, which must lie inside the same element.
    pub(super) fn jump_to(&mut self, position: usize) {
        *self.reader.get_mut() = &self.text.as_bytes()[position..];
    }

    /// Where the tag of the element entered last begins.
    pub fn tag_start(&self) -> usize {
        self.tag_start
    }

    /// What was read since a position.
    pub fn since(&self, start: usize) -> &'a str {
        &self.text[start..self.position()]
    }

    pub(super) fn enter(&mut self, tag: &BytesStart<'a>) {
        self.depth += 1;
        if !tag.attributes_raw().is_empty() {
            bind(tag, self.depth, &mut self.scope);
            self.is_runaway |= memchr(b'<', tag.attributes_raw().as_bytes()).is_some();
        }
    }

    pub(super) fn leave(&mut self) {
        while self.scope.last().is_some_and(|binding| binding.depth == self.depth) {
            self.scope.pop();
        }
        self.depth -= 1;
    }

    /// The local name of an element of OAI-PMH; `None` when it belongs to something else.
    pub fn oai_name<'t>(&self, tag: &'t BytesStart<'_>) -> Option<&'t str> {
        let name = tag.name().0;
        let (prefix, local) = match name.bytes().position(|b| b == b':') {
            Some(colon) => (&name[..colon], &name[colon + 1..]),
            None => ("", name),
        };
        let binding = self.scope.iter().rev().find(|binding| same(&binding.prefix, prefix))?;
        binding.is_oai.then_some(local)
    }

    /// Whether an element without prefix is one of OAI-PMH here.
    pub(super) fn speaks_oai_without_prefix(&self) -> bool {
        self.scope.iter().rev().find(|binding| binding.prefix.is_empty()).is_some_and(|binding| binding.is_oai)
    }

    fn not_oai(&mut self, root: &BytesStart<'a>) -> Error {
        let name = root.name().0;
        if name.eq_ignore_ascii_case("html") {
            return Error::NotOai { what: "an HTML page".to_owned() };
        }
        // Alma answers so, with HTTP 200 or 403, to a machine that is not on its list of allowed addresses.
        if name == "error" {
            let mut words = Vec::new();
            while let Ok(Some(_)) = self.next_child() {
                match self.text() {
                    Ok(text) => words.push(text.trim().to_owned()),
                    Err(_) => break,
                }
            }
            return Error::Refused { message: words.join(" ") };
        }
        Error::NotOai { what: format!("a document whose root is <{name}>") }
    }

    pub(super) fn cut_short(&self) -> Error {
        Error::CutShort { bytes: self.text.len() }
    }

    fn malformed(&self, message: String) -> Error {
        Error::NotWellFormed { offset: self.position(), message }
    }
}

fn reader(text: &str) -> Reader<&[u8]> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().expand_empty_elements = true;
    // A comment without end runs on to that of another record, and holds its beginning.
    reader.config_mut().check_comments = true;
    reader
}

/// Alma answers some faults of its configuration in plain text.
fn not_xml(text: &str) -> Error {
    let start: String = text.chars().take(160).collect();
    let start = start.trim();
    if start.is_empty() {
        return Error::CutShort { bytes: text.len() };
    }
    let lower = start.to_lowercase();
    let alma = [
        "oai repository definition",
        "oai repository is not active",
        "problem with url",
        "the repository does not support sets",
        "the request is missing required arguments",
    ];
    if alma.iter().any(|words| lower.starts_with(words)) {
        return Error::Refused { message: start.to_owned() };
    }
    Error::NotOai { what: format!("text that begins with `{start}`") }
}

/// Adds the namespace declarations of a tag to the scope.
pub(super) fn bind<'a>(tag: &BytesStart<'a>, depth: usize, scope: &mut Vec<Binding<'a>>) {
    for attribute in tag.attributes().with_checks(false).flatten() {
        let prefix = match attribute.key.0 {
            "xmlns" => "",
            name => match name.strip_prefix("xmlns:") {
                Some(prefix) => prefix,
                None => continue,
            },
        };
        let uri = match attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0) {
            Ok(uri) => Cow::Owned(uri.into_owned()),
            // An unreadable URI binds the prefix to nothing that anybody knows.
            Err(_) => Cow::Borrowed(""),
        };
        scope.push(Binding::new(Cow::Owned(prefix.to_owned()), uri, depth));
    }
}

/// The value of an unprefixed attribute.
pub(super) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute = tag.attributes().with_checks(false).flatten().find(|attribute| attribute.key.0 == name)?;
    let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
    Some(value.map(Cow::into_owned).unwrap_or_else(|_| attribute.value.to_string()))
}

fn append<'a>(text: &mut Cow<'a, str>, piece: Cow<'a, str>) {
    if text.is_empty() { *text = piece } else { text.to_mut().push_str(&piece) }
}
