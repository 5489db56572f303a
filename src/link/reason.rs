//! Why an IE is held, or nothing follows from it.

use crate::model::id::MmsId;
use crate::push::in_words::Coded;
use std::fmt;

/// Something that a person must see first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// Several bibs may be the one.
    SeveralBibs(Vec<String>),
    /// The bib cannot be read whole.
    NotMarc(String),
    /// Several representations of the bib say that they are of this IE.
    SeveralRepresentations(usize),
    /// The representation with this IE's identifier points at something else.
    PointsElsewhere(String),
    /// The record for a new bib may not be sent.
    Invalid(String),
    /// The bib describes other IEs already.
    OtherIes(Vec<String>),
    /// Other IEs without a bib have the same identifier.
    Contested(Vec<String>),
    /// The bib's title is another one.
    TitleDiffers { percent: u8, title: String },
    /// A bib named this IE and was deleted in Alma.
    FormerBib(Vec<String>),
    /// It was linked, and the representation is not there any more.
    TakenAway(String),
    /// Records of Alma's feed lie in quarantine, and one of them may name it.
    Quarantine(u64),
    /// The profile wants to see everything.
    EveryLink,
}

impl Coded for Reason {
    fn code(&self) -> &'static str {
        match self {
            Reason::SeveralBibs(_) => "several-bibs",
            Reason::NotMarc(_) => "not-marc",
            Reason::SeveralRepresentations(_) => "several-representations",
            Reason::PointsElsewhere(_) => "points-elsewhere",
            Reason::Invalid(_) => "invalid",
            Reason::OtherIes(_) => "other-ies",
            Reason::Contested(_) => "contested",
            Reason::TitleDiffers { .. } => "title-differs",
            Reason::FormerBib(_) => "former-bib",
            Reason::TakenAway(_) => "taken-away",
            Reason::Quarantine(_) => "quarantine",
            Reason::EveryLink => "every-link",
        }
    }
}

impl Reason {
    /// Whether it is for a person to say that it shall be all the same. What has to be mended first stays held.
    pub fn can_be_approved(&self) -> bool {
        Self::code_can_be_approved(self.code())
    }

    pub fn code_can_be_approved(code: &str) -> bool {
        let decidable =
            ["other-ies", "contested", "title-differs", "former-bib", "taken-away", "quarantine", "every-link"];
        decidable.contains(&code)
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::SeveralBibs(all) => write!(out, "several bibs may be the one: {}", all.join("; ")),
            Reason::NotMarc(why) => write!(out, "{why}"),
            Reason::SeveralRepresentations(count) => {
                write!(out, "{count} representations of the bib have this IE's identifier")
            }
            Reason::PointsElsewhere(what) => write!(out, "{what}"),
            Reason::Invalid(what) => write!(out, "the record for a new bib may not be sent: {what}"),
            Reason::OtherIes(all) => write!(out, "the bib points at others already: {}", all.join(", ")),
            Reason::Contested(all) => write!(out, "the same identifier stands in {}", all.join(", ")),
            Reason::TitleDiffers { percent, title } => {
                write!(out, "the bib's title is another one ({percent}% alike): {title}")
            }
            Reason::FormerBib(all) => write!(out, "its bib was deleted in Alma: {}", all.join(", ")),
            Reason::TakenAway(what) => write!(out, "it was linked, and {what} is not in Alma any more"),
            Reason::Quarantine(count) => {
                write!(out, "{count} records of Alma's feed lie in quarantine, and one of them may name it")
            }
            Reason::EveryLink => write!(out, "the profile holds everything"),
        }
    }
}

/// Why nothing follows from an IE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipReason {
    /// No bib is found, and the profile makes none.
    NoBib,
    /// An Alma record names it.
    Named,
    /// Rosetta does not show it any more.
    Gone,
    /// The profile chooses other sets.
    NotInSet,
    /// A person decided so: in words.
    Rejected(String),
    /// A person took it back: in words.
    Undone(String),
}

impl SkipReason {
    pub fn code(&self) -> &'static str {
        match self {
            SkipReason::NoBib => "no-bib",
            SkipReason::Named => "named",
            SkipReason::Gone => "gone",
            SkipReason::NotInSet => "not-in-set",
            SkipReason::Rejected(_) => "rejected",
            SkipReason::Undone(_) => "undone",
        }
    }
}

impl fmt::Display for SkipReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SkipReason::NoBib => write!(out, "Alma has no bib for it, and link.create is false"),
            SkipReason::Named => write!(out, "an Alma record names it already"),
            SkipReason::Gone => write!(out, "Rosetta's feed does not show it"),
            SkipReason::NotInSet => write!(out, "it is in none of link.sets"),
            SkipReason::Rejected(words) | SkipReason::Undone(words) => out.write_str(words),
        }
    }
}

/// `bib 991 (…)`, for people.
pub(super) fn bib_in_words(mms: &MmsId, how: &super::plan::How) -> String {
    format!("{mms} ({})", how.words())
}
