//! `[push]` as written.

use super::{Percent, RawHoldings, RawItems, RawPull, Span};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawPush {
    pub output: Option<RawOutput>,
    pub folder: Option<PathBuf>,
    pub create_when_unknown: Option<bool>,
    pub write_back: Option<bool>,
    pub index_lag: Option<Span>,
    pub overlap: Option<Span>,
    pub compare_every: Option<Span>,
    pub max_changed: Option<Percent>,
    pub max_created: Option<u64>,
    pub leader: Option<RawLeader>,
    #[serde(default)]
    pub tags: RawTags,
    #[serde(default)]
    pub repairs: RawRepairs,
    #[serde(default)]
    pub notes: RawNotes,
    #[serde(default)]
    pub subject_sources: BTreeMap<String, String>,
    pub call_number: Option<String>,
    pub bulk_word: Option<String>,
    pub finding_aid_label: Option<String>,
    pub holdings: Option<RawHoldings>,
    pub items: Option<RawItems>,
    pub pull: Option<RawPull>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawOutput {
    Api,
    Marcxml,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawLeader {
    FromArchivesspace,
    FromAlma,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawTags {
    #[serde(default)]
    pub from_archivesspace: Vec<String>,
    #[serde(default)]
    pub keep_local: Vec<String>,
    #[serde(default)]
    pub union: Vec<String>,
    pub local: Option<Vec<String>>,
    pub local_subfield_5: Option<bool>,
    pub local_subfield_9: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawNotes {
    pub max_bytes: Option<usize>,
    pub over: Option<RawOver>,
    pub paragraphs: Option<RawParagraphs>,
    pub private: Option<RawPrivate>,
    pub shelf_location: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawOver {
    Split,
    Hold,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawParagraphs {
    Join,
    Split,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawPrivate {
    Mark,
    Drop,
}

/// Repairs by their names, which are checked where they are listed.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub struct RawRepairs(pub BTreeMap<String, bool>);
