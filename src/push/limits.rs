//! How much one run may do to the catalogue: a rule, a mark or a mass edit that went wrong shows in the number of bibs that would
//! be written. More than that waits for a person.

use super::chain::Fate;
use super::resource_uri::ResourceUri;
use super::shelf::fate::{End, ShelfFate};
use std::collections::BTreeSet;

/// What a run may do without being asked. Without a number there is no end of it.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Limits {
    /// Of the resources that have a bib, in percent: those whose bib, holdings or items would become others.
    pub max_changed: Option<f64>,
    /// New bibs.
    pub max_created: Option<u64>,
}

/// How much it would be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Extent {
    pub changed: u64,
    pub created: u64,
    /// Resources that have a bib.
    pub of: u64,
}

impl Limits {
    pub fn is_any(self) -> bool {
        self != Limits::default()
    }

    /// The limit that is passed, in words.
    pub fn passed(self, extent: Extent) -> Option<String> {
        let Extent { changed, created, of } = extent;
        let share = if of == 0 { 0.0 } else { changed as f64 * 100.0 / of as f64 };
        if let Some(limit) = self.max_changed.filter(|limit| share > *limit) {
            return Some(format!(
                "{changed} of {of} bibs ({share:.1}%) would be changed, with their holdings and items, and push.max-changed is {limit}%"
            ));
        }
        let limit = self.max_created.filter(|limit| created > *limit)?;
        Some(format!("{created} new bibs would be made, and push.max-created is {limit}"))
    }
}

impl Extent {
    /// The most that could come of what is due: if that passes no limit, nobody has to look closer.
    pub fn at_most(due: &[ResourceUri], described: &BTreeSet<ResourceUri>) -> Self {
        let changed = due.iter().filter(|uri| described.contains(uri)).count();
        Extent { changed: changed as u64, created: (due.len() - changed) as u64, of: described.len() as u64 }
    }

    /// What a dry run foretells.
    pub fn foretold(fates: &[Fate], described: &BTreeSet<ResourceUri>) -> Self {
        let created = fates.iter().filter(|fate| fate.outcome == "create").count() as u64;
        let is_changed =
            |fate: &&Fate| fate.outcome == "update" || (fate.outcome != "create" && changes_shelf(fate.shelf.as_ref()));
        let changed = fates.iter().filter(is_changed).count() as u64;
        Extent { changed, created, of: described.len() as u64 }
    }
}

fn changes_shelf(shelf: Option<&ShelfFate>) -> bool {
    let is_write = |end: &End| matches!(end.outcome, "create" | "update");
    shelf.is_some_and(|shelf| {
        shelf.holdings.iter().any(|it| is_write(&it.end)) || shelf.items.iter().any(|it| is_write(&it.end))
    })
}
