//! Where each record of a list begins and ends when some of them are spoilt.
//!
//! The tags that name records are paired as brackets are. A record whose pair holds no other is clear. Where a pair holds
//! the beginning of another, either metadata quotes a record, or an end tag is spoilt: reading it tells which.

use super::namespaces::Address;
use super::tag::{Ends, Kind, Tag, brackets};
use std::collections::HashMap;
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
    let list = Marks::of(text, content, names);
    let (mut found, mut at, mut doubts) = (Vec::new(), list.content.start, 0);
    // How many metadata were open where the last item ended, or a record whose beginning is spoilt.
    let mut open_before = 0;
    // And how many where it began.
    let mut open_at_start = 0;
    for (index, mark) in list.marks.iter().enumerate() {
        let tag = mark.tag;
        if list.is_surplus[index] && tag.start >= at {
            open_before = mark.open;
        }
        if tag.start < at || !mark.may_open() {
            continue;
        }
        // What a record without beginning quotes must not come out as a record.
        let is_doubtful = mark.open > open_before.min(open_at_start) || !text[at..tag.start].trim_start().is_empty();
        if is_doubtful && !list.is_followed_well[index] {
            continue;
        }
        let (next, close) = (list.next_start[index], list.closes[index]);
        let (to, end) = match (close.map(|close| list.marks[close].tag.end), next) {
            _ if tag.kind == Kind::Empty => (tag.end, End::Clear),
            (Some(close), Some(next)) if list.marks[next].tag.start < close => {
                let is_quoting = doubts < MAX_DOUBTS && is_readable(tag.start..close);
                doubts += u32::from(!is_quoting);
                match is_quoting {
                    true => (close, End::Clear),
                    false if list.is_whole_metadata_between(index, next) && list.is_followed_well[next] => {
                        (list.marks[next].tag.start, End::Missing)
                    }
                    false => (close, End::Unclear),
                }
            }
            (Some(close), _) => (close, End::Clear),
            (None, _) => match list.start_after(index) {
                Some(next) => (list.marks[next].tag.start, End::Missing),
                None => (token_after(text, tag.end..list.content.end, names), End::Missing),
            },
        };
        found.push(Item { range: tag.start..to, end });
        at = to;
        open_at_start = mark.open;
        let following = list.marks.partition_point(|mark| mark.tag.end < to);
        open_before = list.marks.get(following).map_or(0, |mark| mark.open);
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
    /// How many tags of metadata have opened before, and how many of them are not closed.
    opened: i32,
    open: i32,
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
    Some(Mark { tag, address: tag.own_address(), is_led, opened: 0, open: 0 })
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

/// All tags that name items, and how they belong together.
struct Marks<'a> {
    text: &'a str,
    content: Range<usize>,
    names: &'a Names,
    marks: Vec<Mark<'a>>,
    /// For each mark that opens an item, the one that closes it.
    closes: Vec<Option<usize>>,
    /// For each mark whether it closes nothing.
    is_surplus: Vec<bool>,
    /// For each mark the next where an item begins.
    next_start: Vec<Option<usize>>,
    /// Where items begin, by the number of metadata that are open there.
    starts: HashMap<i32, Vec<usize>>,
    is_followed_well: Vec<bool>,
}

impl<'a> Marks<'a> {
    fn of(text: &'a str, content: Range<usize>, names: &'a Names) -> Self {
        let marks = marks(text, &content, names);
        let (mut closes, mut is_surplus, mut open) = (vec![None; marks.len()], vec![false; marks.len()], Vec::new());
        let mut starts: HashMap<i32, Vec<usize>> = HashMap::new();
        for (index, mark) in marks.iter().enumerate() {
            match mark.tag.kind {
                Kind::Open => open.push(index),
                Kind::Close => match open.pop() {
                    Some(begin) => closes[begin] = Some(index),
                    None => is_surplus[index] = true,
                },
                Kind::Empty => {}
            }
            if mark.is_start() {
                starts.entry(mark.open).or_default().push(index);
            }
        }
        let mut next_start = vec![None; marks.len()];
        for index in (1..marks.len()).rev() {
            next_start[index - 1] = if marks[index].is_start() { Some(index) } else { next_start[index] };
        }
        let is_followed_well = vec![true; marks.len()];
        let mut marks = Marks { text, content, names, marks, closes, is_surplus, next_start, starts, is_followed_well };
        marks.follow();
        marks
    }

    /// Whether metadata begins and ends between two marks, so that the second cannot stand inside of it.
    fn is_whole_metadata_between(&self, one: usize, other: usize) -> bool {
        let (one, other) = (&self.marks[one], &self.marks[other]);
        one.open == other.open && one.opened < other.opened
    }

    /// Where the next item of the list begins when this one has no end. What it quotes stands inside of its metadata.
    fn start_after(&self, index: usize) -> Option<usize> {
        let outside = self.starts.get(&self.marks[index].open).map_or(&[][..], Vec::as_slice);
        let mut outside = outside[outside.partition_point(|start| *start <= index)..].iter().copied();
        // The end of the metadata may be lost as well.
        outside.find(|at| self.is_followed_well[*at]).or_else(|| {
            let mut start = self.next_start[index];
            while let Some(at) = start.filter(|at| !self.is_followed_well[*at]) {
                start = self.next_start[at];
            }
            start
        })
    }

    /// For each mark whether the items that begin there, one behind the other, are followed by what may stand in a list.
    /// Those that metadata quotes are followed by the end of something.
    fn follow(&mut self) {
        for index in (0..self.marks.len()).rev() {
            let Some(close) = self.closes[index] else { continue };
            let at = self.marks[close].tag.end;
            let at = at + (self.text[at..].len() - self.text[at..].trim_start().len());
            let following = self.marks.get(close + 1).filter(|mark| mark.tag.start == at);
            self.is_followed_well[index] = match following {
                Some(mark) if mark.tag.kind == Kind::Open => self.is_followed_well[close + 1],
                Some(mark) => mark.tag.kind == Kind::Empty,
                None if at >= self.content.end => true,
                None if self.text[at..].starts_with("</") => false,
                None => Tag::at(self.text, at).is_none_or(|tag| tag.name == self.names.token),
            };
        }
    }
}

/// The tags that name items. Comments and CDATA are passed over, unless an item begins in them: then their beginning may
/// be the fault.
fn marks<'a>(text: &'a str, content: &Range<usize>, names: &Names) -> Vec<Mark<'a>> {
    let (mut found, mut at, mut ends, mut next_start) = (Vec::new(), content.start, Ends::default(), 0);
    let (mut opened, mut open) = (0, 0);
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
            found.push(Mark { opened, open, ..mark });
        } else {
            match metadata(text, bracket, names) {
                Some(Kind::Open) => (opened, open) = (opened + 1, open + 1),
                // One too many closes nothing.
                Some(Kind::Close) => open = (open - 1).max(0),
                Some(Kind::Empty) | None => {}
            }
        }
    }
    found
}

fn metadata(text: &str, at: usize, names: &Names) -> Option<Kind> {
    let after = at + 1 + usize::from(text.as_bytes().get(at + 1) == Some(&b'/'));
    let may_be = text.as_bytes()[after..].starts_with(names.metadata.as_bytes());
    may_be.then(|| Tag::at(text, at))?.filter(|tag| tag.name == names.metadata).map(|tag| tag.kind)
}

/// Where the resumption token begins, or the end.
fn token_after(text: &str, range: Range<usize>, names: &Names) -> usize {
    let token = |at: &usize| Tag::at(text, *at).is_some_and(|tag| tag.name == names.token && tag.kind != Kind::Close);
    brackets(text, range.start).take_while(|at| *at < range.end).filter(token).last().unwrap_or(range.end)
}
