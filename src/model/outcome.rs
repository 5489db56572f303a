//! What becomes of a record: exactly one outcome for each pair of an Alma record and an IE.

use super::dc::{ContentDigest, Dc};
use super::id::IePid;
use std::fmt;

/// Where in an Alma record an IE was found, and the text that named it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    pub ie: IePid,
    pub place: Place,
    pub text: String,
}

/// A place that may cite an IE. The order is that of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Place {
    /// `dc:identifier` or `dcterms:identifier`, which Alma's remote digital enrichment fills.
    DcIdentifier,
    /// MARC 035 $a, which Alma's import profile fills.
    Marc035,
    /// A subfield of AVD, the digital availability field that a publishing profile adds.
    Avd,
    /// A delivery link with `dps_pid=IE…` on the configured host.
    DeliveryLink,
    /// A line of the site's own table of MMS IDs and IE PIDs.
    MmsMap,
    /// The raw bytes of a record that could not be read; enough to see a conflict, never to write.
    Unreadable,
}

impl Place {
    pub fn as_str(&self) -> &'static str {
        match self {
            Place::DcIdentifier => "dc:identifier",
            Place::Marc035 => "035",
            Place::Avd => "AVD",
            Place::DeliveryLink => "delivery-link",
            Place::MmsMap => "mms-map",
            Place::Unreadable => "unreadable",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "dc:identifier" => Place::DcIdentifier,
            "035" => Place::Marc035,
            "AVD" => Place::Avd,
            "delivery-link" => Place::DeliveryLink,
            "mms-map" => Place::MmsMap,
            "unreadable" => Place::Unreadable,
            _ => return None,
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// The fate of one pair of an Alma record and an IE.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The description differs from Rosetta's and may be written.
    Package(Package),
    /// Rosetta shows it already, or took it from us before.
    Unchanged(IePid),
    /// It differs, but a person has to look first; nothing is written.
    Held(Package, Vec<Hold>),
    /// Nothing can be written for this record, and why.
    Skipped(Option<IePid>, Skip),
}

/// A new descriptive MD record for one IE.
#[derive(Debug, Clone, PartialEq)]
pub struct Package {
    pub ie: IePid,
    pub dc: Dc,
    /// What Alma alone says, where merging made something else of it.
    pub alma: Option<Dc>,
    /// What Rosetta held when this was decided; `None`: nothing that is known.
    pub shown: Option<ContentDigest>,
    /// Names of the fields that would change, sorted.
    pub changed: Vec<String>,
}

/// Why nothing is written for a record. Each is a fact about the record, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// Alma says that the record is deleted; an IE is never touched for that.
    Deleted,
    /// leader/05 is `d`: suppressed in Alma.
    Suppressed,
    /// Alma's feed no longer shows the record, without a word; an IE is never touched for that.
    Gone,
    /// The record came without metadata.
    NoMetadata,
    /// The record could not be read and lies in quarantine.
    Quarantined(String),
    /// No place of the record names an IE of this repository.
    NoMatch,
    /// Other Alma records claim the same IE: their OAI identifiers.
    Conflict(Vec<String>),
    /// Rosetta's feed never showed the IE, or shows it as deleted.
    NotInRosetta,
    /// The stylesheet failed on the record.
    Transform(String),
    /// A person decided that this description must not be written: who, when and why.
    Rejected(String),
}

impl Skip {
    /// The name in `--json`, in the store and in `list`.
    pub fn code(&self) -> &'static str {
        match self {
            Skip::Deleted => "deleted",
            Skip::Suppressed => "suppressed",
            Skip::Gone => "gone",
            Skip::NoMetadata => "no-metadata",
            Skip::Quarantined(_) => "quarantined",
            Skip::NoMatch => "no-match",
            Skip::Conflict(_) => "conflict",
            Skip::NotInRosetta => "not-in-rosetta",
            Skip::Transform(_) => "transform",
            Skip::Rejected(_) => "rejected",
        }
    }

    /// The reason in a sentence for people.
    pub fn detail(&self) -> String {
        match self {
            Skip::Deleted => "deleted in Alma; Rosetta is never changed for that".to_owned(),
            Skip::Suppressed => "suppressed in Alma (leader/05 is d)".to_owned(),
            Skip::Gone => "Alma's feed no longer shows it; Rosetta is never changed for that".to_owned(),
            Skip::NoMetadata => "Alma sent no metadata".to_owned(),
            Skip::Quarantined(reason) => reason.clone(),
            Skip::NoMatch => "no field names an IE of this Rosetta".to_owned(),
            Skip::Conflict(others) => format!("also claimed by {}", others.join(", ")),
            Skip::NotInRosetta => "Rosetta's feed does not show this IE".to_owned(),
            Skip::Transform(message) => message.clone(),
            Skip::Rejected(words) => words.clone(),
        }
    }
}

/// Why a package waits for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hold {
    /// The transformed record has no value at all.
    Empty,
    /// Rosetta has a title, the new record would have none.
    TitleLost,
    /// A character that XML 1.0 cannot hold.
    ControlCharacter { field: String, character: char },
    /// An xsi:type with a prefix that nothing declares.
    UndeclaredPrefix { field: String, text: String },
    /// An element that neither DC nor DC terms define, often wrong case.
    UnknownElement { element: String, meant: Option<String> },
    /// A value longer than this Rosetta stores.
    TooLong { field: String, bytes: usize, limit: usize },
    /// The stylesheet's result is not a flat `dc:record`; writing it would drop what does not fit.
    NotFlat(String),
    /// What Rosetta shows of the IE cannot be read, so nothing can be compared or brought back.
    RosettaUnreadable(String),
    /// The bib describes several IEs and the profile says to look at these.
    SeveralIes(usize),
    /// The profile holds every change.
    EveryChange,
    /// A field that Rosetta has would vanish.
    FieldRemoved(String),
    /// So many values would go from a field without others coming for them.
    ValueRemoved { field: String, values: usize },
    /// The title would hardly be the same: how much of it stays.
    TitleChanged { percent: u8 },
    /// A field that the profile requires would lose its last value.
    RequiredEmptied(String),
    /// More fields would change than the profile lets pass.
    ManyFields { touched: usize, most: usize },
    /// Both sides changed a field since the last application, and differently.
    MergeConflict { field: String, applied: String, rosetta: String, alma: String },
    /// The same content ended in `error` or was lost before; it is not sent again by itself.
    FailedBefore(String),
    /// Somebody holds a lock on the IE in Rosetta.
    Locked(String),
}

impl Hold {
    pub fn code(&self) -> &'static str {
        match self {
            Hold::Empty => "empty",
            Hold::TitleLost => "title-lost",
            Hold::ControlCharacter { .. } => "control-character",
            Hold::UndeclaredPrefix { .. } => "undeclared-prefix",
            Hold::UnknownElement { .. } => "unknown-element",
            Hold::TooLong { .. } => "too-long",
            Hold::NotFlat(_) => "not-flat",
            Hold::RosettaUnreadable(_) => "rosetta-unreadable",
            Hold::SeveralIes(_) => "several-ies",
            Hold::EveryChange => "every-change",
            Hold::FieldRemoved(_) => "field-removed",
            Hold::ValueRemoved { .. } => "value-removed",
            Hold::TitleChanged { .. } => "title-changed",
            Hold::RequiredEmptied(_) => "required-emptied",
            Hold::ManyFields { .. } => "many-fields",
            Hold::MergeConflict { .. } => "merge-conflict",
            Hold::FailedBefore(_) => "failed-before",
            Hold::Locked(_) => "locked",
        }
    }

    pub fn detail(&self) -> String {
        match self {
            Hold::Empty => "the transformed record is empty".to_owned(),
            Hold::TitleLost => "Rosetta's record has a title, the new one has none".to_owned(),
            Hold::ControlCharacter { field, character } => {
                format!("{field} holds the character U+{:04X}, which XML cannot carry", *character as u32)
            }
            Hold::UndeclaredPrefix { field, text } => {
                format!("{field} has xsi:type=\"{text}\", whose prefix is not declared")
            }
            Hold::UnknownElement { element, meant: Some(meant) } => {
                format!("{element} is not a DC element; {meant} is")
            }
            Hold::UnknownElement { element, meant: None } => {
                format!("{element} is neither a DC nor a DC terms element")
            }
            Hold::TooLong { field, bytes, limit } => format!("{field} has {bytes} bytes, this Rosetta takes {limit}"),
            Hold::NotFlat(what) => format!("the stylesheet's result is not a flat dc:record: {what}"),
            Hold::RosettaUnreadable(why) => format!("what Rosetta shows of this IE cannot be read: {why}"),
            Hold::SeveralIes(count) => format!("the bib describes {count} IEs"),
            Hold::EveryChange => "the profile holds every change".to_owned(),
            Hold::FieldRemoved(field) => format!("{field} would vanish from Rosetta"),
            Hold::ValueRemoved { field, values: 1 } => format!("a value of {field} would vanish from Rosetta"),
            Hold::ValueRemoved { field, values } => format!("{values} values of {field} would vanish from Rosetta"),
            Hold::TitleChanged { percent } => format!("the title would be another one: {percent}% of it stays"),
            Hold::RequiredEmptied(field) => format!("{field} is required and would have no value left"),
            Hold::ManyFields { touched, most } => {
                format!("{touched} fields would change, and the profile lets {most} pass")
            }
            Hold::MergeConflict { field, applied, rosetta, alma } => format!(
                "{field} was changed on both sides: last applied {applied}, Rosetta now {rosetta}, Alma now {alma}"
            ),
            Hold::FailedBefore(what) => what.clone(),
            Hold::Locked(by) => format!("{by} holds a lock on the IE in Rosetta; each run asks again"),
        }
    }

    /// Whether a person's word is enough. What Rosetta could not take has to be mended, what failed has to be retried.
    pub fn can_be_approved(&self) -> bool {
        match self {
            Hold::TitleLost
            | Hold::SeveralIes(_)
            | Hold::EveryChange
            | Hold::FieldRemoved(_)
            | Hold::ValueRemoved { .. }
            | Hold::TitleChanged { .. }
            | Hold::RequiredEmptied(_)
            | Hold::ManyFields { .. }
            | Hold::MergeConflict { .. } => true,
            Hold::Empty
            | Hold::ControlCharacter { .. }
            | Hold::UndeclaredPrefix { .. }
            | Hold::UnknownElement { .. }
            | Hold::TooLong { .. }
            | Hold::NotFlat(_)
            | Hold::RosettaUnreadable(_)
            | Hold::FailedBefore(_)
            | Hold::Locked(_) => false,
        }
    }

    /// Whether a person's word is enough for what the store calls `code`.
    pub fn code_can_be_approved(code: &str) -> bool {
        let mended = [
            "locked",
            "empty",
            "control-character",
            "undeclared-prefix",
            "unknown-element",
            "too-long",
            "not-flat",
            "rosetta-unreadable",
        ];
        !mended.contains(&code) && code != "failed-before"
    }
}
