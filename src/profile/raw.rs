//! A profile as written: TOML, every key known, nothing resolved.
//!
//! Each struct denies unknown fields and none is flattened: serde's `flatten` would turn the check off silently.

mod link;
mod pull;
mod push;
mod shelf;

pub use link::{RawFind, RawLink, RawNames};
pub use pull::{RawExisting, RawPull, RawPulledField};
pub use push::{RawLeader, RawNotes, RawOutput, RawOver, RawParagraphs, RawPrivate, RawPush, RawTags};
pub use shelf::{RawHoldings, RawItems, RawShared, RawWithoutBarcode};

use crate::model::time::parse_span;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// A duration with its unit, as in `"15min"`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Span(pub Duration);

impl TryFrom<String> for Span {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        parse_span(&text).map(Span)
    }
}

/// An amount of memory with its unit, as in `"512MB"`: a thousand thousands, or `"512MiB"`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Size(pub usize);

impl TryFrom<String> for Size {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let unit = match text[digits..].trim() {
            "kB" => 1000,
            "MB" => 1_000_000,
            "GB" => 1_000_000_000,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return Err(format!("`{text}` is not a size: write \"512MB\" or \"2GiB\"")),
        };
        let size = text[..digits].parse::<usize>().ok().and_then(|number| number.checked_mul(unit));
        size.map(Size).ok_or_else(|| format!("`{text}` is not a size: write a whole number before the unit"))
    }
}

/// A share of a whole, as in `"20%"`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct Percent(pub f64);

impl TryFrom<String> for Percent {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = text.trim().strip_suffix('%').and_then(|digits| digits.trim().parse::<f64>().ok());
        match number {
            Some(share) if (0.0..=100.0).contains(&share) => Ok(Percent(share)),
            Some(_) | None => Err(format!("`{text}` is not a share: write \"20%\", from 0% to 100%")),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawProfile {
    pub rosetta: Option<RawRosetta>,
    pub alma: Option<RawAlma>,
    #[serde(default)]
    pub harvest: RawHarvest,
    #[serde(default)]
    pub r#match: RawMatch,
    #[serde(default)]
    pub transform: RawTransform,
    #[serde(default)]
    pub merge: RawMerge,
    #[serde(default)]
    pub review: RawReview,
    pub staging: Option<RawStaging>,
    #[serde(default)]
    pub limits: RawLimits,
    #[serde(default)]
    pub state: RawState,
    pub archivesspace: Option<RawArchivesSpace>,
    #[serde(default)]
    pub push: RawPush,
    pub link: Option<RawLink>,
    #[serde(default)]
    pub serve: RawServe,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawRosetta {
    pub repository_identifier: Option<String>,
    pub delivery_host: Option<String>,
    pub feed: Option<RawFeed>,
    pub soap: Option<RawSoap>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawAlma {
    pub feed: Option<RawFeed>,
    pub api: Option<RawAlmaApi>,
}

/// A feed; its own harvest keys, directly or in a table `harvest`, win over the profile's.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawFeed {
    pub base_url: String,
    pub metadata_prefix: String,
    pub set: Option<String>,
    pub overlap: Option<Span>,
    pub time_out: Option<Span>,
    pub retries: Option<u32>,
    pub requests_per_second: Option<f64>,
    pub windows: Option<u32>,
    pub max_shrink: Option<Percent>,
    #[serde(default)]
    pub harvest: RawHarvest,
}

#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawHarvest {
    pub overlap: Option<Span>,
    pub time_out: Option<Span>,
    pub retries: Option<u32>,
    pub requests_per_second: Option<f64>,
    pub windows: Option<u32>,
    pub max_shrink: Option<Percent>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawMatch {
    pub fields: Option<Vec<String>>,
    pub require_in_rosetta: Option<bool>,
    pub several_ies: Option<RawSeveralIes>,
    pub mms_map: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawSeveralIes {
    All,
    Hold,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawTransform {
    pub stylesheet: Option<PathBuf>,
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
    pub engine: Option<RawEngine>,
    pub saxon: Option<PathBuf>,
    pub time_limit: Option<Span>,
    pub memory_limit: Option<Size>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawEngine {
    Auto,
    Libxslt,
    Saxon,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawMerge {
    pub policy: Option<RawPolicy>,
    pub current: Option<RawCurrent>,
    #[serde(default)]
    pub rosetta_owns: Vec<String>,
    #[serde(default)]
    pub alma_owns: Vec<String>,
    #[serde(default)]
    pub union: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawPolicy {
    Replace,
    Merge,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawCurrent {
    Feed,
    Soap,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawReview {
    pub hold: Option<RawHold>,
    pub title_similarity: Option<Percent>,
    #[serde(default)]
    pub require: Vec<String>,
    pub max_fields: Option<usize>,
    pub max_ies: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawHold {
    Nothing,
    Risky,
    Everything,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawStaging {
    pub folder: PathBuf,
    pub job_name: Option<String>,
    pub settle_within: Option<Span>,
    pub max_in_flight: Option<usize>,
    pub settled_by: Option<RawSettledBy>,
    pub done: Option<String>,
    pub error: Option<String>,
    pub incoming: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawSettledBy {
    Rosetta,
    Cartouche,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawLimits {
    pub max_skips: Option<Percent>,
    pub max_changed: Option<Percent>,
    pub max_value_bytes: Option<usize>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawState {
    pub path: Option<PathBuf>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawSoap {
    pub base_url: String,
    pub user: String,
    pub institution: String,
    pub password_env: Option<String>,
    pub password_file: Option<PathBuf>,
    pub requests_per_second: Option<f64>,
    pub time_out: Option<Span>,
    pub retries: Option<u32>,
    pub try_again: Option<Span>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawArchivesSpace {
    pub base_url: String,
    pub user: String,
    pub password_env: Option<String>,
    pub password_file: Option<PathBuf>,
    pub repositories: Option<Vec<u64>>,
    pub resources: Option<Vec<String>>,
    pub sets: Option<Vec<String>>,
    pub sponsors: Option<Vec<String>>,
    pub published_only: Option<bool>,
    pub mms_id_field: Option<String>,
    pub requests_per_second: Option<f64>,
    pub time_out: Option<Span>,
    pub retries: Option<u32>,
    pub feed: Option<RawFeed>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawAlmaApi {
    pub base_url: String,
    pub key_env: Option<String>,
    pub key_file: Option<PathBuf>,
    pub requests_per_second: Option<f64>,
    pub writers: Option<u32>,
    pub daily_floor: Option<u64>,
    pub time_out: Option<Span>,
    pub retries: Option<u32>,
    pub validate: Option<bool>,
    pub override_warning: Option<bool>,
    pub override_lock: Option<bool>,
    pub stale_version_check: Option<bool>,
    pub check_match: Option<bool>,
    pub mark: Option<String>,
    pub keep_tags: Option<Vec<String>>,
    #[serde(default)]
    pub locations: Vec<RawLocation>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawLocation {
    pub library: String,
    pub location: String,
    pub label: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawServe {
    #[serde(default)]
    pub accounts: Vec<RawAccount>,
    pub accounts_file: Option<PathBuf>,
    pub public_url: Option<String>,
    pub proxy_user_header: Option<String>,
    pub proxy_role: Option<RawRole>,
    #[serde(default)]
    pub proxy_deciders: Vec<String>,
    #[serde(default)]
    pub trusted_proxy: Vec<String>,
    pub rosetta_link: Option<String>,
    pub alma_link: Option<String>,
}

/// What an accounts-file holds.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawAccounts {
    #[serde(default)]
    pub accounts: Vec<RawAccount>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawAccount {
    pub name: String,
    pub role: RawRole,
    pub password_hash: String,
}

/// A hash is not shown either: who has it can try passwords against it.
impl std::fmt::Debug for RawAccount {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("RawAccount").field("name", &self.name).field("role", &self.role).finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawRole {
    View,
    Decide,
}
