//! Cuts a record's metadata out of a page so that it parses alone.
//!
//! quick-xml reads the envelope; what lies inside `<metadata>` is nine tenths of a page and only has to be proven
//! well-formed and cut out, so it is scanned here in one pass, without an event for each piece.

mod prefixes;

use super::Error;
use super::characters::{
    TagName, begins_a_name, begins_a_tag, control_character, forbidden, is_name, no_character, stands_for_a_character,
};
use super::cursor::{Binding, Cursor, MAX_DEPTH, same};
use super::tag::end_of_tag;
use memchr::{memchr, memchr3, memmem};

/// No name of a character is longer, its `;` included.
pub(super) const MAX_REFERENCE: usize = 40;
/// More attributes, or more namespaces in scope, than any metadata has: each is compared with all others.
const MAX_ATTRIBUTES: usize = 256;
const MAX_BINDINGS: usize = 2000;

/// Reads the content of `<metadata>`, up to its end tag, and returns its only child as sent; `None` when there is none.
///
/// What the envelope declared and the child uses is declared again on the child. A fault that makes only this record
/// unreadable comes back as the inner `Err`; the page goes on. A fault that leaves it unclear where the record ends
/// makes the page unreadable.
pub(super) fn capture(cursor: &mut Cursor<'_>) -> Result<Result<Option<String>, String>, Error> {
    let text = cursor.whole();
    let start = cursor.position();
    if text[..start].ends_with("/>") {
        cursor.skip()?;
        return Ok(Ok(None));
    }
    let floor = cursor.depth;
    let mut scan = Scan {
        text,
        at: start,
        floor,
        depth: floor,
        open: Vec::new(),
        envelope: cursor.scope.len(),
        is_legal: cursor.is_legal,
        scope: &mut cursor.scope,
        used: Vec::new(),
        redeclared: Vec::new(),
        root: None,
        end: start,
        problem: None,
    };
    scan.content()?;
    let (end_tag, outcome) = (scan.at, scan.conclude());
    cursor.scope.truncate(cursor.scope.iter().take_while(|binding| binding.depth <= floor).count());
    cursor.jump_to(end_tag);
    cursor.skip()?;
    Ok(outcome)
}

struct Scan<'a, 's> {
    text: &'a str,
    at: usize,
    floor: usize,
    depth: usize,
    /// The names of the open elements, as ranges of the text.
    open: Vec<&'a str>,
    /// Whether no character of the whole text is forbidden.
    is_legal: bool,
    /// How many bindings of the scope belong to the envelope.
    envelope: usize,
    scope: &'s mut Vec<Binding<'a>>,
    /// Indexes of the envelope's bindings that the metadata uses.
    used: Vec<usize>,
    /// And of those that its root declares itself.
    redeclared: Vec<usize>,
    /// Where the child's tag begins, and the end of its name.
    root: Option<(usize, usize)>,
    /// Where the child ended.
    end: usize,
    problem: Option<String>,
}

impl<'a> Scan<'a, '_> {
    fn note(&mut self, problem: impl Into<String>) {
        self.problem.get_or_insert_with(|| problem.into());
    }

    fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    fn cut_short(&self) -> Error {
        Error::CutShort { bytes: self.text.len() }
    }

    fn malformed(&self, message: impl Into<String>) -> Error {
        Error::NotWellFormed { offset: self.at, message: message.into() }
    }

    /// Scans to the end tag of `<metadata>` and stops before it.
    fn content(&mut self) -> Result<(), Error> {
        loop {
            let from = self.at;
            self.at = self.text_run()?;
            if self.depth == self.floor && !self.text[from..self.at].trim().is_empty() {
                self.note("metadata holds bare text");
            }
            match self.bytes().get(self.at + 1) {
                Some(b'/') => {
                    if self.depth == self.floor {
                        return Ok(());
                    }
                    self.end_tag()?;
                }
                Some(b'!') => self.declaration()?,
                Some(b'?') => self.instruction()?,
                Some(byte) if begins_a_name(*byte) => self.start_tag()?,
                Some(_) => return Err(self.malformed("`<` begins no tag")),
                None => return Err(self.cut_short()),
            }
        }
    }

    /// Goes over a text to the next tag, in one pass when it holds neither a reference nor a bracket, as most do.
    fn text_run(&mut self) -> Result<usize, Error> {
        let rest = &self.bytes()[self.at..];
        let first = memchr3(b'<', b'&', b']', rest).ok_or_else(|| self.cut_short())?;
        if rest[first] == b'<' {
            return Ok(self.at + first);
        }
        let end = self.at + first + memchr(b'<', &rest[first..]).ok_or_else(|| self.cut_short())?;
        let run = &self.text[self.at..end];
        if memchr(b']', run.as_bytes()).is_some() && run.contains("]]>") {
            self.note("`]]>` stands in a text");
        }
        self.references(run);
        Ok(end)
    }

    fn references(&mut self, text: &str) {
        let mut rest = text;
        while let Some(at) = memchr(b'&', rest.as_bytes()) {
            rest = &rest[at + 1..];
            // No longer name is looked for: a text of nothing but `&` would be gone through for each of them.
            let name = memchr(b';', &rest.as_bytes()[..rest.len().min(MAX_REFERENCE)]).map(|end| &rest[..end]);
            match name {
                Some(name) if stands_for_a_character(name) => {}
                Some(name) => self.note(no_character(name)),
                None => self.note("a bare `&` stands in a text"),
            }
        }
    }

    fn end_tag(&mut self) -> Result<(), Error> {
        if let Some(open) = self.open.last() {
            let after = self.at + 2 + open.len();
            let bytes = self.bytes();
            if bytes.get(after) == Some(&b'>') && bytes[self.at + 2..after].iter().eq(open.as_bytes()) {
                self.open.pop();
                self.at = after + 1;
                self.close();
                return Ok(());
            }
        }
        let end = self.at + memchr(b'>', &self.bytes()[self.at..]).ok_or_else(|| self.cut_short())?;
        let mut name = &self.text[self.at + 2..end];
        if name.as_bytes().last().is_some_and(u8::is_ascii_whitespace) {
            name = name.trim_ascii_end();
        }
        match self.open.pop() {
            Some(open) if same(open, name) => {}
            Some(open) => return Err(self.malformed(format!("</{name}> closes <{open}>"))),
            None => return Err(self.malformed(format!("</{name}> closes nothing"))),
        }
        self.at = end + 1;
        self.close();
        Ok(())
    }

    fn close(&mut self) {
        while self.scope.last().is_some_and(|binding| binding.depth == self.depth) {
            self.scope.pop();
        }
        self.depth -= 1;
        if self.depth == self.floor && self.end < self.at {
            self.end = self.at;
        }
    }

    fn start_tag(&mut self) -> Result<(), Error> {
        let begin = self.at;
        let rest = &self.bytes()[begin + 1..];
        let tag_name = TagName::at_start_of(rest).ok_or_else(|| self.cut_short())?;
        let name_end = begin + 1 + tag_name.length;
        let name = &self.text[begin + 1..name_end];
        if !tag_name.is_plain && !is_name(name) {
            self.note(format!("<{name}> is no name of an element"));
        }
        if self.depth == self.floor {
            if self.root.is_some() {
                self.note("metadata holds more than one element");
            }
            self.root.get_or_insert((begin, name_end));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.note("elements are nested too deep");
        }
        self.at = name_end;
        let is_empty = if self.bytes().get(name_end) == Some(&b'>') {
            self.at += 1;
            false
        } else {
            self.attributes(name)?
        };
        match tag_name.colon {
            Some(colon) => self.prefix(&name[..colon]),
            None => self.default(),
        }
        if is_empty {
            self.close();
        } else {
            self.open.push(name);
        }
        Ok(())
    }

    /// Reads the attributes of a tag to its end; answers whether the element is empty.
    fn attributes(&mut self, element: &'a str) -> Result<bool, Error> {
        let begin = self.at;
        let mut names: Vec<&'a str> = Vec::new();
        loop {
            let rest = &self.bytes()[self.at..];
            let blanks = rest.iter().position(|b| !b.is_ascii_whitespace()).ok_or_else(|| self.cut_short())?;
            self.at += blanks;
            let fault = match (rest[blanks], rest.get(blanks + 1)) {
                (b'>', _) | (b'/', Some(b'>')) => {
                    let is_empty = rest[blanks] == b'/';
                    self.at += 1 + usize::from(is_empty);
                    self.prefixes(&names);
                    return Ok(is_empty);
                }
                (b'/', None) => return Err(self.cut_short()),
                _ if blanks == 0 => "they are not separated",
                _ => match self.attribute(element)? {
                    Ok(_) if names.len() >= MAX_ATTRIBUTES => "there are too many",
                    Ok(name) if names.contains(&name) => "one stands there twice",
                    Ok(name) => {
                        names.push(name);
                        continue;
                    }
                    Err(fault) => fault,
                },
            };
            self.note(format!("the attributes of <{element}> cannot be read: {fault}"));
            return self.leave_tag(begin);
        }
    }

    /// Goes to the end of a tag whose attributes nobody can read, past quoted values.
    fn leave_tag(&mut self, begin: usize) -> Result<bool, Error> {
        let end = end_of_tag(self.bytes(), begin);
        let unclear = || match memchr(b'>', &self.bytes()[begin..]) {
            Some(_) => self.malformed("a tag has no end"),
            None => self.cut_short(),
        };
        self.at = end.ok_or_else(unclear)?;
        Ok(self.text[begin..self.at - 1].ends_with('/'))
    }

    /// Reads one attribute; the inner `Err` says why it is none.
    fn attribute(&mut self, element: &str) -> Result<Result<&'a str, &'static str>, Error> {
        let rest = &self.text[self.at..];
        let equals = memchr3(b'=', b'>', b'<', rest.as_bytes()).ok_or_else(|| self.cut_short())?;
        let name = rest[..equals].trim_ascii_end();
        if rest.as_bytes()[equals] != b'=' || name.is_empty() || name.bytes().any(|b| b.is_ascii_whitespace()) {
            return Ok(Err("one has no value"));
        }
        if !is_name(name) {
            return Ok(Err("one has a name that is none"));
        }
        let value = rest[equals + 1..].trim_ascii_start();
        let quote = match value.as_bytes().first() {
            Some(quote @ (b'"' | b'\'')) => *quote,
            Some(_) => return Ok(Err("a value is not quoted")),
            None => return Err(self.cut_short()),
        };
        let length = memchr(quote, &value.as_bytes()[1..]).ok_or_else(|| self.cut_short())?;
        let content = &value[1..=length];
        self.at = self.text.len() - value.len() + length + 2;
        if let Some(at) = memchr(b'<', content.as_bytes()) {
            let problem = format!("the attributes of <{element}> hold a bare <");
            // A missing quotation mark makes a value of all up to the next one, which another record may hold.
            if content.as_bytes()[at..].windows(2).any(|two| two[0] == b'<' && begins_a_tag(two[1])) {
                return Err(self.malformed(problem));
            }
            self.note(problem);
        }
        self.references(content);
        if let Some(rest) = name.strip_prefix("xmlns") {
            match rest.strip_prefix(':') {
                Some(prefix) => self.declare(prefix, content),
                None if rest.is_empty() => self.declare("", content),
                None => {}
            }
        }
        Ok(Ok(name))
    }

    /// Comments and CDATA; anything else that begins so has no place inside an element.
    fn declaration(&mut self) -> Result<(), Error> {
        let rest = &self.text[self.at..];
        let (open, close) = if rest.starts_with("<!--") {
            ("<!--", "-->")
        } else if rest.starts_with("<![CDATA[") {
            if self.depth == self.floor {
                self.note("metadata holds bare text");
            }
            ("<![CDATA[", "]]>")
        } else if "<!--".starts_with(rest) || "<![CDATA[".starts_with(rest) {
            return Err(self.cut_short());
        } else if rest.starts_with("<!DOCTYPE") {
            return Err(Error::Doctype);
        } else {
            return Err(self.malformed("`<!` begins neither a comment nor CDATA"));
        };
        let body = &rest.as_bytes()[open.len()..];
        let end = memmem::find(body, close.as_bytes()).ok_or_else(|| self.cut_short())?;
        self.at += open.len() + end + close.len();
        let holds = |text: &str| memmem::find(&body[..end], text.as_bytes()).is_some();
        // One that holds the beginning of another may have lost its end, and run on into the next record.
        if holds(open) && (close == "-->" || holds("header")) {
            return Err(self.malformed(format!("`{open}` stands inside of another")));
        }
        if close == "-->" && (holds("--") || body[..end].ends_with(b"-")) {
            self.note("a comment holds `--`");
        }
        Ok(())
    }

    fn instruction(&mut self) -> Result<(), Error> {
        let rest = &self.text[self.at..];
        let end = 2 + memmem::find(&rest.as_bytes()[2..], b"?>").ok_or_else(|| self.cut_short())?;
        let target = rest[2..end].split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
        if target.eq_ignore_ascii_case("xml") {
            self.note("an XML declaration stands inside the metadata");
        } else if !is_name(target) {
            self.note("an instruction has no target");
        } else if memmem::find(&rest.as_bytes()[..end], b"header").is_some() {
            // It may have lost its end, and run on into the next record.
            return Err(self.malformed("an instruction holds a header"));
        }
        self.at += end + 2;
        Ok(())
    }

    /// Judges what was found, while the bindings of the envelope are still in scope.
    fn conclude(&mut self) -> Result<Option<String>, String> {
        let Some((start, name_end)) = self.root else {
            return self.problem.take().map_or(Ok(None), Err);
        };
        if let Some(problem) = self.problem.take() {
            return Err(problem);
        }
        let metadata = self.declared(&self.text[start..self.end], name_end - start);
        let forbidden_byte = if self.is_legal { None } else { control_character(&metadata) };
        match forbidden_byte {
            None => Ok(Some(metadata)),
            Some(byte) => Err(forbidden(byte)),
        }
    }
}
