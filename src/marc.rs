//! Reads the MARCXML that Alma publishes, as a list of fields, without an opinion on their order.

use crate::xml::{self, Elements, Piece, Start, Text};
use memchr::memmem::Finder;
use std::mem;
use std::sync::LazyLock;

pub const MARC21: &str = "http://www.loc.gov/MARC21/slim";

/// A bibliographic record as sent. Blanks in the leader and in 00X fields have a meaning and stay.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Marc {
    pub leader: String,
    /// Tag and value; Alma has been seen to send them out of order.
    pub controlfields: Vec<(String, String)>,
    pub datafields: Vec<Datafield>,
    /// In words, everything of the record that the lists above do not hold.
    pub problems: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Datafield {
    pub tag: String,
    pub ind1: char,
    pub ind2: char,
    pub subfields: Vec<(char, String)>,
}

impl Datafield {
    /// The values of the subfields with this code.
    pub fn values(&self, code: char) -> impl Iterator<Item = &str> {
        self.subfields.iter().filter(move |(other, _)| *other == code).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Xml(#[from] xml::Error),
    #[error("no MARC record in the XML")]
    NoRecord,
    /// One harvested record describes one bib; with two, nobody knows which one is meant.
    #[error("more than one MARC record in the XML")]
    SeveralRecords,
}

impl Marc {
    /// The fields with this tag.
    pub fn fields(&self, tag: &str) -> impl Iterator<Item = &Datafield> {
        self.datafields.iter().filter(move |field| field.tag == tag)
    }

    /// Alma publishes a suppressed bib as a normal record with leader/05 `d` when the publishing profile includes such
    /// (Duke and Emory test for it).
    pub fn suppressed(&self) -> bool {
        self.leader.chars().nth(5) == Some('d')
    }

    /// 245 $a and $b, for people to recognise the record by.
    pub fn title(&self) -> Option<String> {
        let field = self.fields("245").next()?;
        let parts = field.subfields.iter().filter(|(code, _)| matches!(code, 'a' | 'b'));
        let title = parts.map(|(_, value)| value.trim()).collect::<Vec<_>>().join(" ");
        let title = title.trim_end_matches([' ', '/', ':', ';', '=', ',']);
        if title.is_empty() { None } else { Some(title.to_owned()) }
    }
}

/// Whether the XML holds a MARC record rather than Dublin Core. Reads no further than to the first element that tells.
pub fn is_marc(xml: &str) -> bool {
    static NAMES: LazyLock<[Finder; 3]> = LazyLock::new(|| ["datafield", "controlfield", "leader"].map(Finder::new));
    if !NAMES.iter().any(|name| name.find(xml.as_bytes()).is_some()) {
        return false;
    }
    let Ok(mut elements) = Elements::new(xml) else { return false };
    while let Ok(Some(piece)) = elements.next() {
        match piece {
            Piece::Start(start) if start.namespace.starts_with("http://purl.org/dc/") => return false,
            Piece::Start(start) => match Role::of(&start) {
                Role::Leader | Role::Controlfield | Role::Datafield => return true,
                Role::Record | Role::Subfield | Role::Other => {}
            },
            Piece::Text(_) | Piece::Cdata(_) | Piece::Character(_) | Piece::End => {}
        }
    }
    false
}

/// What an element is to MARC: its namespace is that of MARC21 or none, whatever its prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Record,
    Leader,
    Controlfield,
    Datafield,
    Subfield,
    Other,
}

impl Role {
    pub(crate) fn of(start: &Start) -> Self {
        if !(start.namespace == MARC21 || start.namespace.is_empty()) {
            return Role::Other;
        }
        match start.local {
            "record" => Role::Record,
            "leader" => Role::Leader,
            "controlfield" => Role::Controlfield,
            "datafield" => Role::Datafield,
            "subfield" => Role::Subfield,
            _ => Role::Other,
        }
    }

    /// The role of an element where it stands: a leader outside of a record, or a datafield in another, is none.
    pub(crate) fn among(self, open: &[Role]) -> Self {
        let fits = match self {
            Role::Record => !open.contains(&Role::Record),
            Role::Leader | Role::Controlfield | Role::Datafield => open.last() == Some(&Role::Record),
            Role::Subfield => open.last() == Some(&Role::Datafield),
            Role::Other => true,
        };
        if fits { self } else { Role::Other }
    }
}

/// Reads the one record in the XML, wherever it stands: Alma puts it in the metadata, exports in a `collection`.
///
/// Broken parts are tolerated and told in `problems`: Alma's feeds hold datafields without a tag and broken indicators
/// (SLSP, December 2025).
pub fn read(xml: &str) -> Result<Marc, Error> {
    let mut elements = Elements::new(xml)?;
    let mut reading = Reading::default();
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Start(start) => reading.start(&start, &elements)?,
            Piece::Text(text) | Piece::Cdata(text) => reading.text.push(text),
            Piece::Character(character) => reading.text.push_character(character),
            Piece::End => reading.end(),
        }
    }
    if !reading.had_record {
        return Err(Error::NoRecord);
    }
    if reading.marc.leader.is_empty() {
        reading.marc.problems.push("no leader".to_owned());
    }
    Ok(reading.marc)
}

#[derive(Default)]
struct Reading<'x> {
    marc: Marc,
    had_record: bool,
    open: Vec<Role>,
    /// Inside a datafield, its name is here until it ends.
    datafield: Option<Datafield>,
    /// The tag of a controlfield or the code of a subfield.
    label: String,
    text: Text<'x>,
}

impl<'x> Reading<'x> {
    fn start(&mut self, start: &Start<'x>, elements: &Elements<'x>) -> Result<(), Error> {
        let role = Role::of(start).among(&self.open);
        let attribute = |name: &str| {
            let found = elements.attributes().iter().find(|attribute| attribute.local == name);
            found.map(|attribute| attribute.value.as_ref()).unwrap_or_default()
        };
        self.flush_stray_text();
        match role {
            Role::Record if self.had_record => return Err(Error::SeveralRecords),
            Role::Record => self.had_record = true,
            Role::Controlfield => attribute("tag").clone_into(&mut self.label),
            Role::Subfield => attribute("code").clone_into(&mut self.label),
            Role::Datafield => {
                let (ind1, ind2) = (self.indicator(attribute("ind1")), self.indicator(attribute("ind2")));
                self.datafield =
                    Some(Datafield { tag: attribute("tag").to_owned(), ind1, ind2, subfields: Vec::new() });
            }
            Role::Leader => {}
            Role::Other if self.open.contains(&Role::Record) => {
                self.marc.problems.push(format!("the element {} is not MARC", start.local));
            }
            Role::Other => {}
        }
        self.open.push(role);
        Ok(())
    }

    fn end(&mut self) {
        match self.open.pop() {
            Some(Role::Leader) if self.marc.leader.is_empty() => self.marc.leader = self.take_text(),
            Some(Role::Leader) => self.flush_stray_text(),
            Some(Role::Controlfield) => self.end_controlfield(),
            Some(Role::Subfield) => self.end_subfield(),
            Some(Role::Datafield) => self.end_datafield(),
            Some(Role::Record | Role::Other) | None => self.flush_stray_text(),
        }
    }

    fn end_controlfield(&mut self) {
        let (tag, value) = (mem::take(&mut self.label), self.take_text());
        if tag.is_empty() {
            self.marc.problems.push(format!("a controlfield without tag: {value}"));
        } else {
            self.marc.controlfields.push((tag, value));
        }
    }

    fn end_subfield(&mut self) {
        let value = self.take_text();
        let mut code = self.label.chars();
        match (code.next(), code.next(), &mut self.datafield) {
            (Some(code), None, Some(field)) => field.subfields.push((code, value)),
            (None, _, _) | (Some(_), Some(_), _) | (Some(_), None, None) => {
                self.marc.problems.push(format!("a subfield with the code `{}`: {value}", self.label));
            }
        }
    }

    fn end_datafield(&mut self) {
        self.flush_stray_text();
        let Some(field) = self.datafield.take() else { return };
        if field.tag.is_empty() {
            let subfields = field.subfields.iter().map(|(code, value)| format!(" ${code} {value}"));
            self.marc.problems.push(format!("a datafield without tag:{}", subfields.collect::<String>()));
        } else {
            self.marc.datafields.push(field);
        }
    }

    fn indicator(&mut self, text: &str) -> char {
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(indicator), None) => indicator,
            (first, _) => {
                self.marc.problems.push(format!("a broken indicator: `{text}`"));
                first.unwrap_or(' ')
            }
        }
    }

    fn take_text(&mut self) -> String {
        mem::take(&mut self.text).into_string()
    }

    /// Text that stands where MARC has none.
    fn flush_stray_text(&mut self) {
        let text = mem::take(&mut self.text);
        if self.had_record && !xml::is_blank(text.as_str()) {
            self.marc.problems.push(format!("stray text: {}", text.as_str().trim()));
        }
    }
}

#[cfg(test)]
mod tests;
