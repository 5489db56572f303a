//! What the stand-in keeps of an IE beside its record: version, working copy, source metadata, who committed.

use super::super::rosetta::Entity;
use crate::model::dc::Dc;
use crate::model::time::{Granularity, Timestamp};

/// A source MD record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SourceMd {
    pub(super) mid: String,
    pub(super) sub_type: String,
    pub(super) content: String,
}

/// What an update would make of an IE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Draft {
    pub(super) dc: Dc,
    pub(super) sources: Vec<SourceMd>,
}

/// The archival package of an IE, as far as the services show it.
#[derive(Debug, Default)]
pub(in super::super) struct Aip {
    /// Versions after the first.
    pub(in super::super) changes: u64,
    /// How often updateMD took something for this IE, identical records included.
    pub(in super::super) taken: u64,
    /// How often getIE was answered.
    pub(in super::super) told: u64,
    committed: Option<(String, Timestamp)>,
    pub(super) sources: Vec<SourceMd>,
    /// Given without commit; the IE stays locked until it is committed or rolled back.
    draft: Option<Draft>,
}

impl Entity {
    /// What the holder of the lock sees: the working copy if there is one.
    pub(super) fn working_copy(&self) -> Option<Draft> {
        let dc = self.dc.clone()?;
        Some(self.aip.draft.clone().unwrap_or_else(|| Draft { dc, sources: self.aip.sources.clone() }))
    }

    /// Keeps an update as the working copy, under a lock.
    pub(super) fn keep(&mut self, draft: Draft, by: &str) {
        self.aip.draft = Some(draft);
        self.locked_by = Some(by.to_owned());
    }

    /// Makes the working copy the IE, unless it says the same, and unlocks.
    pub(super) fn commit(&mut self, by: &str, now: Timestamp) {
        self.locked_by = None;
        let (Some(draft), Some(dc)) = (self.aip.draft.take(), &mut self.dc) else { return };
        if dc.says_the_same_as(&draft.dc) && self.aip.sources == draft.sources {
            return;
        }
        *dc = draft.dc;
        self.aip.sources = draft.sources;
        self.was_changed(by, now);
    }

    pub(super) fn roll_back(&mut self) {
        self.aip.draft = None;
        self.locked_by = None;
    }

    /// A new version: by whom and when.
    pub(in super::super) fn was_changed(&mut self, by: &str, now: Timestamp) {
        self.aip.changes += 1;
        self.aip.committed = Some((by.to_owned(), now));
        self.datestamp = now;
        self.modified_by = Some(by.to_owned());
    }

    /// IeStatusInfo, in the order of its elements; what is not known is left out.
    pub(super) fn status(&self) -> Vec<(&'static str, String)> {
        let mut told = Vec::new();
        if let Some((by, at)) = &self.aip.committed {
            told.push(("committedBy", by.clone()));
            told.push(("committedOn", at.at(Granularity::Second)));
        }
        told.push(("iePid", self.pid().to_owned()));
        told.extend(self.locked_by.clone().map(|by| ("lockedBy", by)));
        told.push(("version", (self.aip.changes + 1).to_string()));
        told
    }
}
