//! Which repairs are done, and how.

use super::table::{Repair, Switch, all_repairs};
use crate::failure::{Advise, Kind};
use crate::push::template::Template;
use std::collections::BTreeMap;

/// The repairs of a profile. The default does what the table says, with no mark and no template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepairSettings {
    /// What differs from the table; `switch` writes it.
    pub switched: BTreeMap<Repair, bool>,
    /// The prefix of our own 035, with its parentheses; `own-mark` needs it.
    pub mark_prefix: Option<String>,
    /// What 099 says; without it ArchivesSpace's own, identifiers joined by periods.
    pub call_number: Option<Template>,
    /// What stands before bulk dates in 245 $g.
    pub bulk_word: String,
    pub notes: NoteSettings,
    /// What 856 $3 says of the link to the finding aid.
    pub finding_aid_label: String,
    /// What ArchivesSpace calls a vocabulary → MARC's code for it, `lcsh` for LCSH; beyond those that are known.
    pub subject_sources: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoteSettings {
    pub paragraphs: Paragraphs,
    pub shelf_location: ShelfLocation,
    pub private: PrivateNotes,
    pub limit: LengthLimit,
}

/// What becomes of the paragraphs of one note.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paragraphs {
    /// One field, with blanks for the line breaks.
    Join,
    /// A field for each.
    Split,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfLocation {
    Drop,
    /// Into this field and subfield: 982 $c at Princeton.
    MoveTo {
        tag: String,
        code: char,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrivateNotes {
    /// First indicator 0: Alma does not show such 541, 561 and 583 to the public.
    Mark,
    Drop,
}

/// How long a field may be, as `DataField::bytes` counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LengthLimit {
    pub bytes: usize,
    pub over: Over,
}

/// What becomes of a field that is longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Over {
    /// It becomes several; a field that is no note is held.
    Split,
    Hold,
}

impl Default for RepairSettings {
    fn default() -> Self {
        RepairSettings {
            switched: BTreeMap::new(),
            mark_prefix: None,
            call_number: None,
            bulk_word: "bulk".to_owned(),
            notes: NoteSettings::default(),
            finding_aid_label: "Finding aid".to_owned(),
            subject_sources: BTreeMap::new(),
        }
    }
}

impl Default for NoteSettings {
    /// The limit is where Princeton cuts: ISO 2709 ends at 9,999 bytes, and Alma measures more than we see.
    fn default() -> Self {
        NoteSettings {
            paragraphs: Paragraphs::Join,
            shelf_location: ShelfLocation::Drop,
            private: PrivateNotes::Mark,
            limit: LengthLimit { bytes: 7999, over: Over::Split },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnknownRepair {
    #[error("there is no repair `{0}`")]
    Unknown(String),
    #[error("the repair `{0}` cannot be switched off")]
    Always(&'static str),
}

impl Advise for UnknownRepair {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        let names: Vec<&str> = all_repairs().iter().map(|info| info.name).collect();
        Some(format!("the repairs are {}", names.join(", ")))
    }
}

impl RepairSettings {
    /// Switches a repair, by the name that a profile gives it.
    pub fn switch(&mut self, name: &str, on: bool) -> Result<(), UnknownRepair> {
        let found = all_repairs().iter().find(|info| info.name == name);
        let info = found.ok_or_else(|| UnknownRepair::Unknown(name.to_owned()))?;
        if info.switch == Switch::Always && !on {
            return Err(UnknownRepair::Always(info.name));
        }
        self.switched.insert(info.repair, on);
        Ok(())
    }

    pub fn is_on(&self, repair: Repair) -> bool {
        let by_default = match repair.info().switch {
            Switch::On | Switch::Always => true,
            Switch::Off => false,
        };
        self.switched.get(&repair).copied().unwrap_or(by_default)
    }
}
