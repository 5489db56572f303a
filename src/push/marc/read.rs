//! Reads MARCXML of any dress: ArchivesSpace's exports and OAI answers, Alma's bodies, MARCXML carried in JSON.

use super::{DataField, Field, MarcRecord, Subfield};
use crate::failure::Advise;
use crate::marc::Role;
use crate::xml::{self, Elements, Piece, Start, Text};
use std::mem;

/// What was read, and what of it a `MarcRecord` cannot hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    pub record: MarcRecord,
    pub malformed: Vec<Malformed>,
}

/// A part of the XML that is not in the record that was read from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    #[error("an indicator of {tag} is `{text}`, which is not one character")]
    Indicator { tag: String, text: String },
    #[error("the element <{0}> is not MARC")]
    ForeignElement(String),
    #[error("text where MARC has none: {0}")]
    StrayText(String),
    #[error("a second leader: {0}")]
    SecondLeader(String),
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error("the MARCXML cannot be read")]
    Xml(#[from] xml::Error),
    #[error("no MARC record in the XML")]
    NoRecord,
    #[error("more than one MARC record in the XML")]
    SeveralRecords,
    /// Written back, such a record would lose what was not read.
    #[error("the MARC record holds what MARC has no place for: {0}")]
    NotWhole(Malformed),
}

impl Advise for Error {
    fn hint(&self) -> Option<String> {
        match self {
            Error::Xml(_) => None,
            Error::NoRecord => Some("a bib that is Dublin Core or MODS in Alma cannot be merged with MARC".to_owned()),
            Error::SeveralRecords => Some("ask for one record at a time".to_owned()),
            Error::NotWhole(_) => {
                Some("open the record in its own system and save it there, then try again".to_owned())
            }
        }
    }
}

impl Reading {
    /// The record, when nothing of it was left behind: only such a one may be written back to where it came from.
    pub fn whole(self) -> Result<MarcRecord, Error> {
        match self.malformed.into_iter().next() {
            Some(malformed) => Err(Error::NotWhole(malformed)),
            None => Ok(self.record),
        }
    }
}

/// Reads the one record in the XML, at any depth, by the namespace of its elements and never by their prefix.
///
/// ArchivesSpace declares the prefix `marc:` and does not use it, and older versions have `xsi:schemaLocation` the wrong way
/// round; Alma sends no namespace; in JSON the text begins with `encoding="UTF-16"` although it is decoded. A missing
/// indicator is a blank one (today's plugin writes none in its holdings).
pub fn read(xml: &str) -> Result<Reading, Error> {
    let mut elements = Elements::new(xml)?;
    let mut reader = Reader::default();
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Start(start) => reader.start(&start, &elements)?,
            Piece::Text(text) | Piece::Cdata(text) => reader.text.push(text),
            Piece::Character(character) => reader.text.push_character(character),
            Piece::End => reader.end(),
        }
    }
    if reader.had_record { Ok(reader.reading) } else { Err(Error::NoRecord) }
}

#[derive(Default)]
struct Reader<'x> {
    reading: Reading,
    had_record: bool,
    had_leader: bool,
    open: Vec<Role>,
    /// The tag of an open controlfield or the code of an open subfield.
    label: String,
    /// Inside a datafield, the field until it ends.
    datafield: Option<DataField>,
    text: Text<'x>,
}

impl<'x> Reader<'x> {
    fn start(&mut self, start: &Start<'x>, elements: &Elements<'x>) -> Result<(), Error> {
        self.stray_text();
        let attribute = |name: &str| {
            let found = elements.attributes().iter().find(|a| a.prefix.is_empty() && a.local == name);
            found.map(|attribute| attribute.value.clone().into_owned())
        };
        let role = Role::of(start).among(&self.open);
        match role {
            Role::Record if self.had_record => return Err(Error::SeveralRecords),
            Role::Record => self.had_record = true,
            Role::Leader => {}
            Role::Controlfield => self.label = attribute("tag").unwrap_or_default(),
            Role::Subfield => self.label = attribute("code").unwrap_or_default(),
            Role::Datafield => {
                let tag = attribute("tag").unwrap_or_default();
                let ind1 = self.indicator(&tag, attribute("ind1"));
                let ind2 = self.indicator(&tag, attribute("ind2"));
                self.datafield = Some(DataField { tag, ind1, ind2, subfields: Vec::new() });
            }
            Role::Other if self.is_inside() => {
                self.reading.malformed.push(Malformed::ForeignElement(start.local.to_owned()));
            }
            Role::Other => {}
        }
        self.open.push(role);
        Ok(())
    }

    fn is_inside(&self) -> bool {
        self.open.contains(&Role::Record)
    }

    fn indicator(&mut self, tag: &str, text: Option<String>) -> char {
        let Some(text) = text else { return ' ' };
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(indicator), None) => indicator,
            (None, _) | (Some(_), Some(_)) => {
                self.reading.malformed.push(Malformed::Indicator { tag: tag.to_owned(), text });
                ' '
            }
        }
    }

    fn end(&mut self) {
        let role = self.open.last().copied();
        match role {
            Some(Role::Leader) => self.end_leader(),
            Some(Role::Controlfield) => {
                let (tag, value) = (mem::take(&mut self.label), mem::take(&mut self.text).into_string());
                self.reading.record.fields.push(Field::Control { tag, value });
            }
            Some(Role::Subfield) => {
                let (code, value) = (mem::take(&mut self.label), mem::take(&mut self.text).into_string());
                let field = self.datafield.as_mut().expect("a subfield is one only inside of a datafield");
                field.subfields.push(Subfield { code, value });
            }
            Some(Role::Datafield) => {
                self.stray_text();
                let field = self.datafield.take().expect("a datafield that ends has begun");
                self.reading.record.fields.push(Field::Data(field));
            }
            Some(Role::Record | Role::Other) | None => self.stray_text(),
        }
        self.open.pop();
    }

    fn end_leader(&mut self) {
        let leader = mem::take(&mut self.text).into_string();
        if mem::replace(&mut self.had_leader, true) {
            self.reading.malformed.push(Malformed::SecondLeader(leader));
        } else {
            self.reading.record.leader = leader;
        }
    }

    fn stray_text(&mut self) {
        let text = mem::take(&mut self.text);
        if self.is_inside() && !xml::is_blank(text.as_str()) {
            self.reading.malformed.push(Malformed::StrayText(xml::trim(text.as_str()).to_owned()));
        }
    }
}
