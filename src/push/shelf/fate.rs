//! What became of the holdings and items of one resource in a run.

use super::place::Place;
use super::reason::ShelfReason;
use crate::push::alma::{HoldingId, ItemPid};
use crate::push::in_words::in_words;
use crate::push::resource_uri::ContainerUri;

/// How something ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// `created`, `updated`, `unchanged`, `held`, `skipped`, `failed` or `waiting`; `create` and `update` in a dry run.
    pub outcome: &'static str,
    /// Why, as codes separated by blanks.
    pub code: String,
    pub detail: String,
}

impl End {
    pub fn of(outcome: &'static str) -> Self {
        End { outcome, code: String::new(), detail: String::new() }
    }

    pub fn because(outcome: &'static str, code: &str, detail: impl Into<String>) -> Self {
        End { outcome, code: code.to_owned(), detail: detail.into() }
    }

    pub fn held(reasons: &[ShelfReason]) -> Self {
        let (code, detail) = in_words(reasons);
        End { outcome: "held", code, detail }
    }

    /// What was written counts as done from now on.
    pub fn stored(&self) -> &'static str {
        match self.outcome {
            "created" | "updated" => "done",
            other => other,
        }
    }

    /// Whether it has to be looked at again, by the next run or by a person.
    pub fn is_open(&self) -> bool {
        matches!(self.outcome, "held" | "failed" | "waiting")
    }
}

/// What became of a place of one bib.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingFate {
    pub place: Place,
    /// Alma's number, as soon as there is one.
    pub holding: Option<HoldingId>,
    pub end: End,
}

/// What became of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ItemFate {
    pub container: ContainerUri,
    /// What stands on the box.
    pub label: String,
    pub holding: Option<HoldingId>,
    pub item: Option<ItemPid>,
    /// What Alma is doing with it: `LOAN`, `TRANSIT`, `requested`; empty for one that is in its place.
    pub process: String,
    /// What Alma calls it went into ArchivesSpace in this run.
    pub written_back: bool,
    pub end: End,
}

/// Everything of a shelf.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShelfFate {
    pub holdings: Vec<HoldingFate>,
    pub items: Vec<ItemFate>,
    /// Items of the bib that belong to no box: they are told, and nothing else.
    pub without_box: Vec<ItemPid>,
    /// Places of the profile at which the bib has no holding: what a person may choose from. Only where that was asked.
    pub offered: Vec<Place>,
    /// Why the shelf could not be looked at.
    pub failed: Option<String>,
}

impl ShelfFate {
    pub fn is_open(&self) -> bool {
        self.failed.is_some() || self.ends().any(End::is_open)
    }

    /// Whether anything of it waits for a person.
    pub fn is_held(&self) -> bool {
        self.ends().any(|end| end.outcome == "held")
    }

    fn ends(&self) -> impl Iterator<Item = &End> {
        self.holdings.iter().map(|it| &it.end).chain(self.items.iter().map(|it| &it.end))
    }
}
