//! Where each record of a list begins and ends when some of them are spoilt.
//!
//! The tags that name records are paired as brackets are. A record whose pair holds no other is clear. Where a pair holds
//! the beginning of another, either metadata quotes a record, or an end tag is spoilt: reading it tells which.

use super::namespaces::Address;
use super::tag::{Ends, Kind, Tag, brackets};
use std::ops::Range;

/// A record of a list, whole or spoilt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Item {
    pub range: Range<usize>,
    /// How well its end is known.
    pub end: End,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Clear,
    /// Its end tag was not found: the next record or the end of the list ends it.
    Missing,
    /// Other records may stand in it.
    Unclear,
}

/// The names, with their prefix, that tags have in this list.
pub(super) struct Names {
    pub item: String,
    pub header: String,
    pub metadata: String,
    pub token: String,
}

/// How often a record that seems to hold another may turn out unreadable before nobody asks any more.
const MAX_DOUBTS: u32 = 64;
/// A header stands this close to the tag of its record, in bytes.
const NEAR: usize = 4096;

/// Finds the items in `content`; `is_readable` tells whether a range can be read as one item just as it stands.
pub(super) fn items(
    text: &str,
    content: Range<usize>,
    names: &Names,
    mut is_readable: impl FnMut(Range<usize>) -> bool,
) -> Vec<Item> {
    let marks = marks(text, &content, names);
    let closes = pairs(&marks);
    let starts = starts_after(&marks);
    let (mut found, mut at, mut doubts) = (Vec::new(), content.start, 0);
    for (index, mark) in marks.iter().enumerate() {
        let tag = mark.tag;
        if tag.start < at || !mark.may_open() {
            continue;
        }
        let next = starts[index];
        let close = closes[index].map(|index| marks[index].tag.end);
        let (to, end) = match (close, next) {
            _ if tag.kind == Kind::Empty => (tag.end, End::Clear),
            (Some(close), Some(next)) if next < close => {
                let is_quoting = doubts < MAX_DOUBTS && is_readable(tag.start..close);
                doubts += u32::from(!is_quoting);
                match is_quoting {
                    true => (close, End::Clear),
                    false if has_whole_metadata(&text[tag.start..next], names) => (next, End::Missing),
                    false => (close, End::Unclear),
                }
            }
            (Some(close), _) => (close, End::Clear),
            (None, Some(next)) => (next, End::Missing),
            (None, None) => (token_after(text, tag.end..content.end, names), End::Missing),
        };
        found.push(Item { range: tag.start..to, end });
        at = to;
    }
    found
}

/// A tag that names an item.
struct Mark<'a> {
    tag: Tag<'a>,
    /// What it says of its namespace.
    address: Option<Address>,
    /// A header follows, as it does in OAI-PMH.
    is_led: bool,
}

impl Mark<'_> {
    /// Whether an item of the list may begin here when none is open.
    fn may_open(&self) -> bool {
        self.tag.kind != Kind::Close && self.address != Some(Address::Foreign)
    }

    /// Whether an item of the list begins here even where the one before has no end. A `<record xmlns="">` does not:
    /// the metadata of State Library Victoria's Rosetta (2021) is full of them.
    fn is_start(&self) -> bool {
        self.tag.kind == Kind::Open && self.is_led && matches!(self.address, None | Some(Address::Right))
    }
}

fn mark<'a>(text: &'a str, at: usize, names: &Names) -> Option<Mark<'a>> {
    // Most tags are others.
    let after = at + 1 + usize::from(text.as_bytes().get(at + 1) == Some(&b'/'));
    if !text.as_bytes()[after..].starts_with(names.item.as_bytes()) {
        return None;
    }
    let tag = Tag::at(text, at).filter(|tag| tag.name == names.item)?;
    let is_led = names.item == names.header || leads(text, tag.end, &names.header);
    Some(Mark { tag, address: tag.own_address(), is_led })
}

/// Whether the next element is this one.
fn leads(text: &str, from: usize, name: &str) -> bool {
    let near = (from + NEAR..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let text = &text[..near];
    let (mut at, mut ends) = (from, Ends::default());
    for _ in 0..8 {
        at += text[at..].len() - text[at..].trim_start().len();
        match ends.of(text, at) {
            Some(end) => at = end,
            None => break,
        }
    }
    Tag::at(text, at).is_some_and(|tag| tag.name == name && tag.kind != Kind::Close)
}

/// The tags that name items. Comments and CDATA are passed over, unless an item begins in them: then their beginning may
/// be the fault.
fn marks<'a>(text: &'a str, content: &Range<usize>, names: &Names) -> Vec<Mark<'a>> {
    let (mut found, mut at, mut ends, mut next_start) = (Vec::new(), content.start, Ends::default(), 0);
    while let Some(bracket) = brackets(text, at).next().filter(|bracket| *bracket < content.end) {
        at = bracket + 1;
        if let Some(end) = ends.of(text, bracket).filter(|end| *end <= content.end) {
            if next_start < bracket {
                let start =
                    brackets(text, bracket).find(|at| mark(text, *at, names).is_some_and(|mark| mark.is_start()));
                next_start = start.unwrap_or(usize::MAX);
            }
            if next_start >= end {
                at = end;
            }
        } else if let Some(mark) = mark(text, bracket, names) {
            at = mark.tag.end;
            found.push(mark);
        }
    }
    found
}

/// For each mark that opens an item, the index of the one that closes it.
fn pairs(marks: &[Mark<'_>]) -> Vec<Option<usize>> {
    let (mut closes, mut open) = (vec![None; marks.len()], Vec::new());
    for (index, mark) in marks.iter().enumerate() {
        match mark.tag.kind {
            Kind::Open => open.push(index),
            Kind::Close => {
                if let Some(begin) = open.pop() {
                    closes[begin] = Some(index);
                }
            }
            Kind::Empty => {}
        }
    }
    closes
}

/// For each mark, where the next item begins.
fn starts_after(marks: &[Mark<'_>]) -> Vec<Option<usize>> {
    let mut next = None;
    let mut starts = Vec::with_capacity(marks.len());
    for mark in marks.iter().rev() {
        starts.push(next);
        next = if mark.is_start() { Some(mark.tag.start) } else { next };
    }
    starts.reverse();
    starts
}

/// Whether metadata begins and ends here, so that what follows cannot stand inside of it.
fn has_whole_metadata(text: &str, names: &Names) -> bool {
    let tags = brackets(text, 0).filter_map(|at| Tag::at(text, at)).filter(|tag| tag.name == names.metadata);
    let (mut opened, mut closed) = (0, 0);
    for tag in tags {
        match tag.kind {
            Kind::Open => opened += 1,
            Kind::Close => closed += 1,
            Kind::Empty => {}
        }
    }
    opened > 0 && opened == closed
}

/// Where the resumption token begins, or the end.
fn token_after(text: &str, range: Range<usize>, names: &Names) -> usize {
    let token = |at: &usize| Tag::at(text, *at).is_some_and(|tag| tag.name == names.token && tag.kind != Kind::Close);
    brackets(text, range.start).take_while(|at| *at < range.end).filter(token).last().unwrap_or(range.end)
}
