//! What is pulled, and what happens where ArchivesSpace says something else: `[push.pull]`, checked.

use super::source::Source;
use crate::model::fixity::Fixity;
use crate::push::mms_field::MmsField;

/// A number of the planning itself: whoever changes what is made of the same input raises it.
const VERSION: u32 = 1;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRules {
    pub fields: Vec<FieldRule>,
    /// Barcodes of items go onto their boxes; what happens to a box that has another one. `None`: nothing is asked of items.
    pub barcodes: Option<Existing>,
}

/// One field of a resource, and what of a bib goes into it. No two rules fill one field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldRule {
    pub from: Source,
    pub to: MmsField,
    pub existing: Existing,
    /// What stands between several values; without it several are a question for a person.
    pub join: Option<String>,
}

/// What happens where ArchivesSpace says something else than Alma.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// ArchivesSpace's word stays.
    Keep,
    /// Alma's word takes its place.
    Replace,
    /// A person decides.
    Hold,
}

impl PullRules {
    /// Whether the MMS ID itself is asked for: only then a bib is looked for by our own 035.
    pub fn asks_mms_id(&self) -> bool {
        self.fields.iter().any(|rule| rule.from == Source::MmsId)
    }

    /// Names everything that decides about a pull; it stands in what is written.
    pub fn fingerprint(&self) -> Fixity {
        Fixity::of(format!("pull {VERSION} {self:?}").as_bytes())
    }
}
