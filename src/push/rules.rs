//! By which rules a resource becomes a bib: everything of a profile that decides what is written, checked.

use super::bib_merge::LeaderRule;
use super::marc_repairs::RepairSettings;
use super::resource::Sets;
use super::shelf::rules::{HoldingRules, ItemRules};
use super::tag_rules::TagRules;
use crate::model::fixity::Fixity;
use crate::profile::Review;

/// A number of the planning itself: whoever changes what is made of the same input raises it.
const VERSION: u32 = 2;

/// What decides about bibs.
#[derive(Debug, Clone)]
pub struct PushRules {
    /// What our own 035 begins with, in parentheses.
    pub mark: String,
    pub tags: TagRules,
    pub leader: LeaderRule,
    pub repairs: RepairSettings,
    pub review: Review,
    pub linking: Linking,
    /// Holdings of bibs; nothing of them is asked or written without.
    pub holdings: Option<HoldingRules>,
    /// Items of boxes, which stand in those holdings.
    pub items: Option<ItemRules>,
}

/// Which resources have bibs, and what becomes of those that have none, or one that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Linking {
    /// Resources of these levels of description only; `None`: of all.
    pub sets: Option<Sets>,
    /// Resources that the public may not see get no new bib; one that they have is suppressed.
    pub published_only: bool,
    /// A resource whose MMS ID Alma does not know gets a new bib.
    pub create_when_unknown: bool,
    /// The MMS ID goes into its field in ArchivesSpace.
    pub write_back: bool,
}

impl PushRules {
    /// Whether boxes decide about anything, so that they have to be gathered.
    pub fn asks_boxes(&self) -> bool {
        self.items.is_some() || self.holdings.as_ref().is_some_and(HoldingRules::asks_boxes)
    }

    /// Names everything that decides about a plan: when it is another one, everything is planned again.
    pub fn fingerprint(&self) -> Fixity {
        Fixity::of(format!("{VERSION} {self:?}").as_bytes())
    }
}
