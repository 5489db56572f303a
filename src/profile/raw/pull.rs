//! `[push.pull]` as written.

use serde::Deserialize;

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawPull {
    pub mms_id: Option<String>,
    pub oclc: Option<String>,
    #[serde(default)]
    pub fields: Vec<RawPulledField>,
    pub existing: Option<RawExisting>,
    pub barcodes: Option<RawExisting>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RawPulledField {
    pub from: String,
    pub to: String,
    pub existing: Option<RawExisting>,
    pub join: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RawExisting {
    Keep,
    Replace,
    Hold,
}
