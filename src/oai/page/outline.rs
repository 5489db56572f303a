//! The rough shape of an answer that is not well-formed: where its root and its list begin and end.

use super::Error;
use super::namespaces::Address;
use super::tag::{Ends, Kind, Tag, brackets};
use memchr::{memchr, memmem};
use std::ops::Range;

#[derive(Debug)]
pub(super) struct Outline<'a> {
    pub text: &'a str,
    pub root: Tag<'a>,
    /// The end tag of the root.
    pub root_end: Range<usize>,
    pub list: Option<List<'a>>,
    /// A DOCTYPE stands before the root. Nothing that it may define is ever looked up.
    pub has_doctype: bool,
    /// Something stands before or after the document that has no place there.
    pub has_noise: bool,
}

#[derive(Debug)]
pub(super) struct List<'a> {
    pub tag: Tag<'a>,
    /// What stands between its tags.
    pub content: Range<usize>,
    /// Behind its end tag.
    pub end: usize,
}

impl<'a> Outline<'a> {
    /// Finds the document in a text; `None` when there is no root of OAI-PMH in it.
    pub fn of(text: &'a str, expected: &str) -> Result<Option<Self>, Error> {
        let Some(Preamble { root, has_doctype, mut has_noise }) = preamble(text)? else { return Ok(None) };
        if root.kind != Kind::Open || root.own_address() == Some(Address::Foreign) {
            return Ok(None);
        }
        let root_end = end_of_root(text, &root)?;
        has_noise |= !is_quiet(&text[root_end.end..]);
        let list = list(text, root.end..root_end.start, expected)?;
        Ok(Some(Outline { text, root, root_end, list, has_doctype, has_noise }))
    }

    /// The names of the elements of OAI-PMH have this before them in tags.
    pub fn named(&self, local: &str) -> String {
        let prefix = self.list.as_ref().map_or(self.root.prefix(), |list| list.tag.prefix());
        if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") }
    }

    /// Whether the address of OAI-PMH's namespace had to be put in its place.
    pub fn is_misspelt(&self) -> bool {
        let list = self.list.as_ref().is_some_and(|list| list.tag.own_address() == Some(Address::Misspelt));
        list || self.root.own_address() != Some(Address::Right)
    }
}

struct Preamble<'a> {
    root: Tag<'a>,
    has_doctype: bool,
    has_noise: bool,
}

/// Goes through what stands before the root: a declaration, comments, and what a server says by mistake.
fn preamble(text: &str) -> Result<Option<Preamble<'_>>, Error> {
    let html = || Error::NotOai { what: "an HTML page".to_owned() };
    let (mut at, mut ends, mut has_doctype, mut has_noise) = (0, Ends::default(), false, false);
    while let Some(bracket) = brackets(text, at).next() {
        has_noise |= !text[at..bracket].trim().is_empty();
        if let Some(end) = ends.of(text, bracket) {
            has_noise |= bracket > 0 && text[bracket..].starts_with("<?xml ");
            at = end;
        } else if text.as_bytes()[bracket..].get(..9).is_some_and(|start| start.eq_ignore_ascii_case(b"<!doctype")) {
            at = end_of_doctype(text, bracket).ok_or(Error::CutShort { bytes: text.len() })?;
            has_doctype = true;
            if text[bracket..at].get(9..).is_some_and(|rest| rest.trim().to_lowercase().starts_with("html")) {
                return Err(html());
            }
        } else {
            match Tag::at(text, bracket) {
                Some(tag) if tag.local() == "OAI-PMH" && tag.kind != Kind::Close => {
                    return Ok(Some(Preamble { root: tag, has_doctype, has_noise }));
                }
                Some(tag) if tag.local().eq_ignore_ascii_case("html") => return Err(html()),
                Some(_) | None => has_noise = true,
            }
            at = bracket + 1;
        }
    }
    Ok(None)
}

fn end_of_doctype(text: &str, start: usize) -> Option<usize> {
    let rest = &text.as_bytes()[start..];
    let first = memchr::memchr2(b'[', b'>', rest)?;
    if rest[first] == b'>' {
        return Some(start + first + 1);
    }
    let mut at = first;
    loop {
        at += 1 + memchr(b']', &rest[at + 1..])?;
        let after = at + 1 + rest[at + 1..].iter().take_while(|b| b.is_ascii_whitespace()).count();
        if rest.get(after) == Some(&b'>') {
            return Some(start + after + 1);
        }
    }
}

/// The last end tag of the root. Metadata may hold a whole answer of OAI-PMH, so beginnings and ends are counted: where
/// an end is missing the text was cut.
fn end_of_root(text: &str, root: &Tag<'_>) -> Result<Range<usize>, Error> {
    let cut = || Error::CutShort { bytes: text.len() };
    let (mut depth, mut last) = (0_usize, None::<Range<usize>>);
    for at in memmem::find_iter(&text.as_bytes()[root.start..], root.name.as_bytes()).map(|at| root.start + at) {
        let before = &text[..at];
        let start = at - if before.ends_with("</") { 2 } else { usize::from(before.ends_with('<')) };
        match Tag::at(text, start).filter(|tag| start < at && tag.name == root.name) {
            Some(Tag { kind: Kind::Open, .. }) if depth == 0 && last.is_some() => {
                return Err(Error::NotWellFormed { offset: start, message: "a second document begins".to_owned() });
            }
            Some(Tag { kind: Kind::Open, .. }) => depth += 1,
            Some(Tag { kind: Kind::Close, end, .. }) => {
                depth = depth.saturating_sub(1);
                last = Some(start..end);
            }
            Some(Tag { kind: Kind::Empty, .. }) | None => {}
        }
    }
    last.filter(|_| depth == 0).ok_or_else(cut)
}

fn list<'a>(text: &'a str, inside: Range<usize>, expected: &str) -> Result<Option<List<'a>>, Error> {
    let (mut at, mut ends) = (inside.start, Ends::default());
    while let Some(bracket) = brackets(text, at).next().filter(|bracket| *bracket < inside.end) {
        at = bracket + 1;
        if let Some(end) = ends.of(text, bracket).filter(|end| *end <= inside.end) {
            at = end;
        } else if let Some(tag) = Tag::at(text, bracket).filter(|tag| tag.local() == expected) {
            match (tag.kind, tag.own_address()) {
                (Kind::Close, _) | (_, Some(Address::Foreign)) => {}
                (Kind::Empty, _) => return Ok(Some(List { tag, content: tag.end..tag.end, end: tag.end })),
                (Kind::Open, _) => {
                    let end = end_of_list(text, tag.end..inside.end, tag.name);
                    let (content, end) = end.ok_or(Error::CutShort { bytes: text.len() })?;
                    return Ok(Some(List { tag, content: tag.end..content, end }));
                }
            }
        }
    }
    Ok(None)
}

/// Where the last end tag of this name begins and ends.
fn end_of_list(text: &str, inside: Range<usize>, name: &str) -> Option<(usize, usize)> {
    let mut to = inside.end;
    let end_tag = format!("</{name}");
    while let Some(found) = memmem::rfind(&text.as_bytes()[inside.start..to], end_tag.as_bytes()) {
        let start = inside.start + found;
        match Tag::at(text, start).filter(|tag| tag.name == name) {
            Some(tag) => return Some((start, tag.end)),
            None => to = start,
        }
    }
    None
}

/// Whether nothing stands here but blanks, comments and instructions.
pub(super) fn is_quiet(text: &str) -> bool {
    let (mut at, mut ends) = (0, Ends::default());
    loop {
        let rest = text[at..].trim_start();
        at = text.len() - rest.len();
        match ends.of(text, at) {
            _ if rest.is_empty() => return true,
            Some(end) if !rest.starts_with("<![") => at = end,
            Some(_) | None => return false,
        }
    }
}
