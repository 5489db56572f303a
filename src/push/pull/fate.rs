//! What became of the fields and boxes of one resource in a pull.

use super::plan::{Draft, Step};
use super::reason::PullReason;
use crate::model::id::MmsId;
use crate::push::alma::ItemPid;
use crate::push::apply::Wrote;
use crate::push::resource_uri::{ContainerUri, ResourceUri};
use crate::push::shelf::fate::End;

/// A resource, with everything that was pulled for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullFate {
    pub uri: ResourceUri,
    pub mms: Option<MmsId>,
    /// `read` where its bib was; else `held`, `skipped`, `failed` or `waiting`.
    pub end: End,
    pub fields: Vec<FieldFate>,
    pub boxes: Vec<BoxFate>,
}

/// `written`, `unchanged`, `kept`, `held`, `skipped`, `failed` or `waiting`; `write` in a dry run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldFate {
    pub field: String,
    /// As the profile writes it: `oclc`, `520$a`.
    pub from: String,
    pub end: End,
    pub draft: Option<Draft>,
}

/// As `FieldFate`, of the barcode of a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxFate {
    pub container: ContainerUri,
    /// What stands on the box.
    pub label: String,
    pub item: Option<ItemPid>,
    pub end: End,
    pub draft: Option<Draft>,
}

impl PullFate {
    pub fn of(uri: &ResourceUri, end: End) -> Self {
        PullFate { uri: *uri, mms: None, end, fields: Vec::new(), boxes: Vec::new() }
    }

    /// Everything that ended, the resource itself among it.
    pub fn ends(&self) -> impl Iterator<Item = &End> {
        let parts = self.fields.iter().map(|it| &it.end).chain(self.boxes.iter().map(|it| &it.end));
        std::iter::once(&self.end).chain(parts)
    }
}

/// What a step comes to before anything is written.
pub(super) fn foretold(step: &Step) -> (End, Option<Draft>) {
    match step {
        Step::Nothing => (End::because("unchanged", "nothing-in-alma", ""), None),
        Step::Unchanged => (End::of("unchanged"), None),
        Step::Kept { held, value } => {
            let told = format!("ArchivesSpace has `{held}`, Alma has `{value}`");
            (End::because("kept", "", told), None)
        }
        Step::Write(draft) => (End::of("write"), Some(draft.clone())),
        Step::Held { reasons, draft } => {
            let codes: Vec<&str> = reasons.iter().map(PullReason::code).collect();
            let words: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            (End::because("held", &codes.join(" "), words.join("; ")), draft.clone())
        }
        Step::Rejected(words) => (End::because("skipped", "rejected", words.as_str()), None),
        Step::TakenBack => {
            let told = "it was taken back, and both systems say what they said then";
            (End::because("skipped", "taken-back", told), None)
        }
    }
}

/// What a writing came to.
pub(super) fn written(wrote: Wrote) -> End {
    match wrote {
        Wrote::Done(_) | Wrote::FoundDone => End::of("written"),
        Wrote::Moved => End::because("waiting", "moved", "it was changed in this moment"),
        Wrote::Failed(why) => End::because("failed", "", why),
        Wrote::Waiting(why) => End::because("waiting", "unknown", why),
    }
}
