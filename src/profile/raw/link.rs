//! `[link]` as written.

use super::Span;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawLink {
    pub repository: Option<String>,
    pub library: Option<String>,
    pub usage_type: Option<String>,
    pub create: Option<bool>,
    pub suppress: Option<bool>,
    pub collection: Option<String>,
    pub sets: Option<Vec<String>>,
    pub stylesheet: Option<PathBuf>,
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    pub index_lag: Option<Span>,
    #[serde(default)]
    pub find: Vec<RawFind>,
}

/// One way to find the bib of an IE.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawFind {
    pub field: String,
    pub begins: Option<String>,
    pub prefix: Option<String>,
    pub names: Option<RawNames>,
}

/// What an identifier of an IE is in Alma.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawNames {
    OtherSystemId,
    MmsId,
}
