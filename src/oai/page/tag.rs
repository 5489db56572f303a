//! Finds tags in a text that is not well-formed.

use super::characters::ENDS_A_NAME;
use super::cursor::same;
use super::namespaces::{Address, address};
use memchr::{memchr, memchr2, memmem};
use quick_xml::events::BytesStart;

/// A tag as it stands in a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag<'a> {
    pub start: usize,
    /// Behind its `>`.
    pub end: usize,
    pub kind: Kind,
    /// With its prefix.
    pub name: &'a str,
    /// What stands between the name and the end.
    attributes: &'a str,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Empty,
}

impl<'a> Tag<'a> {
    /// The tag that begins at this `<`, if one does.
    pub fn at(text: &'a str, start: usize) -> Option<Self> {
        let bytes = text.as_bytes();
        if bytes.get(start) != Some(&b'<') {
            return None;
        }
        let is_close = bytes.get(start + 1) == Some(&b'/');
        let name_start = start + 1 + usize::from(is_close);
        let length = bytes.get(name_start..)?.iter().position(|b| ENDS_A_NAME[usize::from(*b)])?;
        let name = &text[name_start..name_start + length];
        if length == 0 || matches!(name.as_bytes()[0], b'!' | b'?') {
            return None;
        }
        let end = end_of_tag(bytes, name_start + length)?;
        let inside = &text[name_start + length..end - 1];
        let (kind, attributes) = match inside.strip_suffix('/') {
            _ if is_close => (Kind::Close, ""),
            Some(attributes) => (Kind::Empty, attributes),
            None => (Kind::Open, inside),
        };
        Some(Tag { start, end, kind, name, attributes })
    }

    pub fn local(&self) -> &'a str {
        self.name.split_once(':').map_or(self.name, |(_, local)| local)
    }

    pub fn prefix(&self) -> &'a str {
        self.name.split_once(':').map_or("", |(prefix, _)| prefix)
    }

    /// The tag for a reader of XML.
    pub fn event(&self) -> BytesStart<'a> {
        BytesStart::from_content(format!("{}{}", self.name, self.attributes), self.name.len())
    }

    /// What the tag says of the namespace of its own element, if it says anything.
    pub fn own_address(&self) -> Option<Address> {
        if !self.attributes.contains("xmlns") {
            return None;
        }
        let mut scope = Vec::new();
        super::cursor::bind(&self.event(), 0, &mut scope);
        let own = scope.iter().rev().find(|binding| same(&binding.prefix, self.prefix()));
        own.map(|binding| address(&binding.uri))
    }

    /// The tag with the right address for its own prefix.
    pub fn readdressed(&self) -> String {
        let event = self.event();
        let own = if self.prefix().is_empty() { "xmlns".to_owned() } else { format!("xmlns:{}", self.prefix()) };
        let mut text = format!("<{} {own}=\"{}\"", self.name, crate::oai::NAMESPACE);
        for attribute in event.attributes().with_checks(false).flatten() {
            if attribute.key.0 != own {
                let quote = if attribute.value.contains('"') { '\'' } else { '"' };
                text.push_str(&format!(" {}={quote}{}{quote}", attribute.key.0, attribute.value));
            }
        }
        text.push_str(if self.kind == Kind::Empty { "/>" } else { ">" });
        text
    }
}

/// Goes to the end of a tag past quoted values, but not into the next tag.
pub(super) fn end_of_tag(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += bytes.get(at..)?.iter().position(|b| matches!(b, b'>' | b'<' | b'"' | b'\''))?;
        match bytes[at] {
            b'>' => return Some(at + 1),
            b'<' => return None,
            quote => {
                at += 1 + memchr2(quote, b'<', &bytes[at + 1..])?;
                if bytes[at] == b'<' {
                    return None;
                }
                at += 1;
            }
        }
    }
}

/// Looks for the ends of comments and the like, each text only once.
#[derive(Debug, Default)]
pub(super) struct Ends {
    /// For each kind of end, where the next one is known to stand.
    known: [Option<usize>; 3],
}

impl Ends {
    /// Where the comment, CDATA section or instruction that begins here ends; `None` when none begins here or it never ends.
    pub fn of(&mut self, text: &str, at: usize) -> Option<usize> {
        let rest = &text[at..];
        let (kind, open, close) = match rest.as_bytes().get(1)? {
            b'!' if rest.starts_with("<!--") => (0, 4, "-->"),
            b'!' if rest.starts_with("<![CDATA[") => (1, 9, "]]>"),
            b'?' => (2, 2, "?>"),
            _ => return None,
        };
        let from = (at + open).min(text.len());
        let end = match self.known[kind] {
            Some(end) if end >= from => end,
            Some(_) | None => {
                memmem::find(&text.as_bytes()[from..], close.as_bytes()).map_or(usize::MAX, |end| from + end)
            }
        };
        self.known[kind] = Some(end);
        (end != usize::MAX).then(|| end + close.len())
    }
}

/// The places of `<`, from one place on.
pub(super) fn brackets(text: &str, from: usize) -> impl Iterator<Item = usize> + '_ {
    let mut at = from;
    std::iter::from_fn(move || {
        let found = at + memchr(b'<', text.as_bytes().get(at..)?)?;
        at = found + 1;
        Some(found)
    })
}
