//! `[push.holdings]` and `[push.items]` as written.

use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawHoldings {
    #[serde(default)]
    pub every: Vec<String>,
    pub by: Option<String>,
    #[serde(default)]
    pub places: BTreeMap<String, String>,
    pub update: Option<bool>,
    pub ind1: Option<String>,
    pub ind2: Option<String>,
    pub subfields: Option<BTreeMap<String, String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawItems {
    pub fields: Option<BTreeMap<String, String>>,
    #[serde(default)]
    pub new: BTreeMap<String, String>,
    pub restricted_policy: Option<String>,
    pub without_barcode: Option<RawWithoutBarcode>,
    pub shared: Option<RawShared>,
    pub update: Option<bool>,
    pub write_back: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawWithoutBarcode {
    Create,
    Skip,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawShared {
    Report,
    First,
}
