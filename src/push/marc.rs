//! The MARC record as the push edits it: all that a server sent, in its order, the broken parts too.

mod read;
mod tag_pattern;
mod write;

pub use read::{Error, Malformed, Reading, read};
pub use tag_pattern::{InvalidPattern, TagPattern};
pub use write::{Namespace, collection, record};

use std::fmt;

/// A bibliographic or holdings record. Nothing is trimmed; tags and codes are kept even where MARC has no such ones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MarcRecord {
    /// 24 characters, when it is right; empty where the record had none.
    pub leader: String,
    pub fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field {
    Control { tag: String, value: String },
    Data(DataField),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DataField {
    pub tag: String,
    pub ind1: char,
    pub ind2: char,
    pub subfields: Vec<Subfield>,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Subfield {
    /// One character, when it is right. ArchivesSpace writes `code=""` for the second term of some subjects.
    pub code: String,
    pub value: String,
}

impl Subfield {
    pub fn new(code: &str, value: impl Into<String>) -> Self {
        Subfield { code: code.to_owned(), value: value.into() }
    }
}

impl DataField {
    /// A field from its two indicators (`"10"`; a missing one is blank) and its subfields.
    pub fn new(tag: &str, indicators: &str, subfields: &[(&str, &str)]) -> Self {
        let mut indicators = indicators.chars();
        let mut indicator = || indicators.next().unwrap_or(' ');
        DataField {
            tag: tag.to_owned(),
            ind1: indicator(),
            ind2: indicator(),
            subfields: subfields.iter().map(|(code, value)| Subfield::new(code, *value)).collect(),
        }
    }

    /// The values of the subfields with this code.
    pub fn values(&self, code: &str) -> impl Iterator<Item = &str> {
        self.subfields.iter().filter(move |subfield| subfield.code == code).map(|subfield| subfield.value.as_str())
    }

    pub fn first(&self, code: &str) -> Option<&str> {
        self.values(code).next()
    }

    pub fn has(&self, code: &str) -> bool {
        self.first(code).is_some()
    }

    /// Tag, indicators, and each subfield with its delimiter, as ISO 2709 counts them; Alma has its limit in these bytes.
    pub fn bytes(&self) -> usize {
        2 + self.subfields.iter().map(|subfield| 1 + subfield.code.len() + subfield.value.len()).sum::<usize>() + 1
    }
}

impl Field {
    pub fn control(tag: &str, value: impl Into<String>) -> Self {
        Field::Control { tag: tag.to_owned(), value: value.into() }
    }

    pub fn tag(&self) -> &str {
        match self {
            Field::Control { tag, .. } => tag,
            Field::Data(field) => &field.tag,
        }
    }

    pub fn data(&self) -> Option<&DataField> {
        match self {
            Field::Control { .. } => None,
            Field::Data(field) => Some(field),
        }
    }
}

impl MarcRecord {
    /// The fields with this tag, of either kind.
    pub fn fields_with<'r>(&'r self, tag: &'r str) -> impl Iterator<Item = &'r Field> {
        self.fields.iter().filter(move |field| field.tag() == tag)
    }

    /// The data fields with this tag.
    pub fn data<'r>(&'r self, tag: &'r str) -> impl Iterator<Item = &'r DataField> {
        self.fields_with(tag).filter_map(Field::data)
    }

    /// All data fields, to be edited.
    pub fn data_mut(&mut self) -> impl Iterator<Item = &mut DataField> {
        self.fields.iter_mut().filter_map(|field| match field {
            Field::Control { .. } => None,
            Field::Data(field) => Some(field),
        })
    }

    /// The value of the first control field with this tag.
    pub fn control(&self, tag: &str) -> Option<&str> {
        self.fields.iter().find_map(|field| match field {
            Field::Control { tag: other, value } if other == tag => Some(value.as_str()),
            Field::Control { .. } | Field::Data(_) => None,
        })
    }

    /// Gives the first control field with this tag another value; adds the field where there is none.
    pub fn set_control(&mut self, tag: &str, value: impl Into<String>) {
        let found = self.fields.iter_mut().find_map(|field| match field {
            Field::Control { tag: other, value } if other == tag => Some(value),
            Field::Control { .. } | Field::Data(_) => None,
        });
        match found {
            Some(present) => *present = value.into(),
            None => self.fields.push(Field::control(tag, value)),
        }
    }

    /// Numeric order; fields of one tag keep theirs.
    pub fn sort(&mut self) {
        self.fields.sort_by(|one, other| one.tag().cmp(other.tag()));
    }

    /// Whether both hold the same fields, in whatever order, and the same leader but for the lengths in it.
    ///
    /// ArchivesSpace sorts its fields by tag with a sort that is not stable, so that fields of one tag change places between
    /// exports; Alma counts the lengths in the leader anew.
    pub fn says_the_same_as(&self, other: &MarcRecord) -> bool {
        let sorted = |record: &MarcRecord| {
            let mut fields = record.fields.clone();
            fields.sort();
            (leader_without_lengths(&record.leader), fields)
        };
        sorted(self) == sorted(other)
    }
}

/// The leader with blanks for what a system counts itself: record length (00-04) and base address (12-16).
fn leader_without_lengths(leader: &str) -> String {
    leader.chars().enumerate().map(|(at, c)| if matches!(at, 0..5 | 12..17) { ' ' } else { c }).collect()
}

/// The character positions `at..` of a fixed field replaced; `None` when the field is too short for that.
pub fn with_positions(fixed: &str, at: usize, with: &str) -> Option<String> {
    let mut characters: Vec<char> = fixed.chars().collect();
    let new: Vec<char> = with.chars().collect();
    characters.get_mut(at..at + new.len())?.copy_from_slice(&new);
    Some(characters.into_iter().collect())
}

/// The character positions of a fixed field; `None` when it is too short.
pub fn positions(fixed: &str, range: std::ops::Range<usize>) -> Option<String> {
    let characters: Vec<char> = fixed.chars().collect();
    Some(characters.get(range)?.iter().collect())
}

/// As librarians write it: `245 10 $a Sunset : $b a view`, with `#` for a blank indicator.
impl fmt::Display for DataField {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |indicator: char| if indicator == ' ' { '#' } else { indicator };
        write!(out, "{} {}{}", self.tag, shown(self.ind1), shown(self.ind2))?;
        self.subfields.iter().try_for_each(|subfield| write!(out, " ${} {}", subfield.code, subfield.value))
    }
}

impl fmt::Display for Field {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Field::Control { tag, value } => write!(out, "{tag} {value}"),
            Field::Data(field) => field.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests;
