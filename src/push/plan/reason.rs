//! Why a person must look first, and why nothing follows from a resource: every reason by name.

use super::Subject;
use crate::model::id::MmsId;
use crate::push::bib::Bib;
use crate::push::in_words::Coded;
use crate::push::own_mark::Owner;
use crate::push::pull::reason::PullReason;
use crate::push::shelf::reason::ShelfReason;
use std::fmt;

/// Why something is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The bib has no mark of ours: approving adopts it.
    NotOurs(MmsId),
    /// The bib has the mark of other resources.
    OthersMark(Vec<String>),
    /// Other resources claim the same bib.
    SharedMms {
        mms: MmsId,
        others: Vec<String>,
    },
    /// More than one bib has our mark.
    SeveralBibs(Vec<MmsId>),
    /// The field, or the link, names a bib that Alma does not have. Approving makes a new one.
    UnknownMms(MmsId),
    /// The bib is a copy of one in a zone (`NZ`, `CZ`), where it would have to be changed.
    Linked {
        zone: String,
        mms: String,
    },
    /// The bib's record cannot be merged with MARC.
    NotMarc(String),
    /// The field for the MMS ID cannot be read.
    Field(String),
    /// ArchivesSpace's export holds what is no MARC.
    Malformed(String),
    /// A repair refused to do what would have been wrong, or was not told what it needs.
    Repair(String),
    /// Alma would refuse the record, or lose a part of it.
    Invalid(String),
    /// Fields of Alma would be gone that this program did not write.
    Loses(Vec<String>),
    TitleChanged {
        percent: u8,
    },
    /// More fields would change than the profile lets pass.
    ManyFields {
        count: usize,
        most: usize,
    },
    /// The profile wants every change to be seen.
    EveryChange,
}

impl Coded for Reason {
    fn code(&self) -> &'static str {
        match self {
            Reason::NotOurs(_) => "not-ours",
            Reason::OthersMark(_) => "others-mark",
            Reason::SharedMms { .. } => "shared-mms-id",
            Reason::SeveralBibs(_) => "several-bibs",
            Reason::UnknownMms(_) => "unknown-mms-id",
            Reason::Linked { .. } => "linked",
            Reason::NotMarc(_) => "not-marc",
            Reason::Field(_) => "mms-id-field",
            Reason::Malformed(_) => "malformed",
            Reason::Repair(_) => "repair",
            Reason::Invalid(_) => "invalid",
            Reason::Loses(_) => "loses-fields",
            Reason::TitleChanged { .. } => "title-changed",
            Reason::ManyFields { .. } => "many-fields",
            Reason::EveryChange => "every-change",
        }
    }
}

impl Reason {
    /// Whether a person may let it pass. A conflict is mended in its system, never approved.
    pub fn can_be_approved(&self) -> bool {
        match self {
            Reason::NotOurs(_) | Reason::UnknownMms(_) => true,
            Reason::Loses(_) | Reason::TitleChanged { .. } | Reason::ManyFields { .. } | Reason::EveryChange => true,
            Reason::OthersMark(_) | Reason::SharedMms { .. } | Reason::SeveralBibs(_) => false,
            Reason::Linked { .. } | Reason::NotMarc(_) | Reason::Field(_) => false,
            Reason::Malformed(_) | Reason::Repair(_) | Reason::Invalid(_) => false,
        }
    }

    /// The same for what was stored, of holdings and items, too.
    pub fn code_can_be_approved(code: &str) -> bool {
        ["not-ours", "unknown-mms-id", "loses-fields", "title-changed", "many-fields", "every-change"].contains(&code)
            || ShelfReason::code_can_be_approved(code)
            || PullReason::code_can_be_approved(code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::NotOurs(mms) => {
                write!(out, "the bib {mms} has no 035 of ours; approve it to adopt the bib")
            }
            Reason::OthersMark(marks) => write!(out, "the bib belongs to another resource: {}", marks.join(", ")),
            Reason::SharedMms { mms, others } => write!(out, "{} claims the bib {mms}, too", others.join(", ")),
            Reason::SeveralBibs(all) => {
                let all: Vec<&str> = all.iter().map(MmsId::as_str).collect();
                write!(out, "several bibs have our 035: {}", all.join(", "))
            }
            Reason::UnknownMms(mms) => {
                write!(out, "Alma does not have the bib {mms}, which described it so far; approve it to make a new one")
            }
            Reason::Linked { zone, mms } => write!(out, "the bib is linked to {mms} in the {zone}"),
            Reason::NotMarc(why) | Reason::Field(why) => out.write_str(why),
            Reason::Malformed(what) => write!(out, "ArchivesSpace's export is no whole MARC: {what}"),
            Reason::Repair(what) | Reason::Invalid(what) => out.write_str(what),
            Reason::Loses(fields) => write!(out, "Alma would lose: {}", fields.join(" | ")),
            Reason::TitleChanged { percent } => write!(out, "the title has {percent} % in common with Alma's"),
            Reason::ManyFields { count, most } => {
                write!(out, "{count} fields would change; review.max-fields is {most}")
            }
            Reason::EveryChange => out.write_str("review.hold is \"everything\""),
        }
    }
}

/// Why nothing follows from a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// The public may not see it, and it has no bib.
    Unpublished,
    /// A person decided so, in words.
    Rejected(String),
    /// It was taken back, and says what it said then.
    Undone(String),
    /// The same record lies in a file for the import profile already.
    WrittenBefore,
    /// It is in none of the sets that the profile chooses.
    NotInSet,
}

impl SkipReason {
    pub fn code(&self) -> &'static str {
        match self {
            SkipReason::Unpublished => "unpublished",
            SkipReason::Rejected(_) => "rejected",
            SkipReason::Undone(_) => "undone",
            SkipReason::WrittenBefore => "written-before",
            SkipReason::NotInSet => "not-in-set",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::Unpublished => out.write_str("it is not published, and has no bib"),
            SkipReason::Rejected(words) | SkipReason::Undone(words) => out.write_str(words),
            SkipReason::WrittenBefore => out.write_str("a file with this record was written before"),
            SkipReason::NotInSet => out.write_str("it is in none of archivesspace.sets and archivesspace.sponsors"),
        }
    }
}

/// What speaks against writing into a bib, whatever would be written.
pub(super) fn of_bib(subject: Subject<'_>, bib: &Bib, owner: Owner) -> Vec<Reason> {
    let mut reasons = Vec::new();
    match owner {
        Owner::Ours => {}
        Owner::Other(marks) => reasons.push(Reason::OthersMark(marks)),
        Owner::Nobody if subject.adopted == Some(&bib.mms_id) => {}
        Owner::Nobody => reasons.push(Reason::NotOurs(bib.mms_id.clone())),
    }
    if !subject.rivals.is_empty() {
        reasons.push(Reason::SharedMms { mms: bib.mms_id.clone(), others: subject.rivals.to_vec() });
    }
    let linked = bib.linked.clone().map(|(zone, mms)| Reason::Linked { zone, mms });
    reasons.extend(linked);
    reasons
}
