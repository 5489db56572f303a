//! What a pull did, for people and as JSON.

use super::fate::{BoxFate, FieldFate, PullFate};
use super::plan::Draft;
use crate::failure::{Failure, exit};
use crate::push::gather::GatherReport;
use crate::push::report::Calls;
use crate::push::resumed::Resumed;
use crate::push::shelf::fate::End;
use crate::report::line;
use crate::store::resources::Arrived;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A run of `push --pull`.
#[derive(Debug, Default)]
pub struct PullReport {
    pub run: i64,
    pub profile: String,
    pub dry_run: bool,
    pub resumed: Resumed,
    pub gathered: GatherReport,
    /// Boxes that came, where their barcodes are pulled.
    pub boxes: Option<Arrived>,
    pub fates: Vec<PullFate>,
    pub calls: Calls,
    /// What ended the run before all was done.
    pub stopped: Option<Failure>,
}

impl PullReport {
    fn fields(&self) -> impl Iterator<Item = &FieldFate> {
        self.fates.iter().flat_map(|fate| &fate.fields)
    }

    fn barcodes(&self) -> impl Iterator<Item = &BoxFate> {
        self.fates.iter().flat_map(|fate| &fate.boxes)
    }

    fn needs_a_person(&self) -> bool {
        let gathered = &self.gathered;
        let is_missing = !gathered.gone.is_empty() || !gathered.refused.is_empty() || !gathered.failed.is_empty();
        let is_open = self.fates.iter().flat_map(PullFate::ends).any(End::is_open);
        is_open || is_missing || self.resumed.waiting > 0
    }

    pub fn exit_code(&self) -> u8 {
        match &self.stopped {
            Some(failure) => failure.kind().exit_code(),
            None if self.needs_a_person() => exit::NEEDS_A_PERSON,
            None => exit::DONE,
        }
    }

    /// The contract of `push --pull --json`.
    pub fn json(&self) -> Value {
        let arrived = |came: Arrived| json!({"new": came.new, "changed": came.changed, "same": came.same});
        let gathered = &self.gathered;
        let gone: Vec<String> = gathered.gone.iter().map(ToString::to_string).collect();
        let refused: Vec<Value> =
            gathered.refused.iter().map(|(number, why)| json!({"repository": number, "because": why})).collect();
        let failed: Vec<Value> =
            gathered.failed.iter().map(|(uri, _, why)| json!({"resource": uri.to_string(), "because": why})).collect();
        json!({
            "run": self.run, "profile": self.profile, "dry-run": self.dry_run,
            "resumed": self.resumed.json(),
            "gathered": {"repositories": gathered.repositories, "new": gathered.arrived.new,
                         "changed": gathered.arrived.changed, "same": gathered.arrived.same, "gone": gone,
                         "refused": refused, "failed": failed, "boxes": self.boxes.map(arrived)},
            "outcomes": counts(self.fates.iter().map(|fate| &fate.end)),
            "fields": counts(self.fields().map(|fate| &fate.end)),
            "barcodes": counts(self.barcodes().map(|fate| &fate.end)),
            "resources": self.fates.iter().map(fate_json).collect::<Vec<Value>>(),
            "calls": {"archivesspace": self.calls.archivesspace, "alma": self.calls.alma, "remaining": self.calls.remaining},
            "stopped": self.stopped.as_ref().map(Failure::message),
        })
    }

    pub fn text(&self, profile: &str) -> String {
        let mut text = String::new();
        self.resumed.tell(&mut text);
        line(&mut text, "resources", &in_a_row(&counts(self.fates.iter().map(|fate| &fate.end))));
        let would = if self.dry_run { "would be" } else { "fields" };
        line(&mut text, would, &in_a_row(&counts(self.fields().map(|fate| &fate.end))));
        if self.boxes.is_some() {
            line(&mut text, "barcodes", &in_a_row(&counts(self.barcodes().map(|fate| &fate.end))));
        }
        for (repository, why) in &self.gathered.refused {
            line(&mut text, "refused", &printable(&format!("repository {repository}: {why}")));
        }
        for (uri, _, why) in &self.gathered.failed {
            line(&mut text, "failed", &printable(&format!("{uri}: {why}")));
        }
        for fate in &self.fates {
            lines_of(fate, self.dry_run, &mut text);
        }
        if self.fates.iter().flat_map(PullFate::ends).any(|end| end.outcome == "held") && !self.dry_run {
            line(&mut text, "held", &format!("`cartouche push list {profile} held` shows what can be approved"));
        }
        text
    }
}

/// What of a resource somebody should see: what is open, and in a dry run what would be written.
fn lines_of(fate: &PullFate, dry_run: bool, text: &mut String) {
    tell(fate, text, |end| end.is_open() || (dry_run && end.outcome == "write"));
}

/// Everything of a resource, for who asks about this one.
pub fn all_lines_of(fate: &PullFate, text: &mut String) {
    tell(fate, text, |_| true);
}

fn tell(fate: &PullFate, text: &mut String, is_told: impl Fn(&End) -> bool) {
    let mut told = |of: String, end: &End, draft: Option<&Draft>| {
        if !is_told(end) {
            return;
        }
        let words = match draft.filter(|_| end.outcome == "write") {
            Some(draft) => format!("`{}` → `{}`", draft.before.as_deref().unwrap_or_default(), draft.value),
            None => end.detail.clone(),
        };
        line(text, end.outcome, &printable(&format!("{of}: {words}")));
    };
    told(fate.uri.to_string(), &fate.end, None);
    for field in &fate.fields {
        told(format!("{} {}", fate.uri, field.field), &field.end, field.draft.as_ref());
    }
    for one in &fate.boxes {
        told(format!("{} {}", fate.uri, one.label), &one.end, one.draft.as_ref());
    }
}

fn printable(text: &str) -> String {
    text.replace(char::is_control, " ")
}

pub fn fate_json(fate: &PullFate) -> Value {
    let with_end = |mut told: Value, end: &End, draft: Option<&Draft>| {
        told["outcome"] = json!(end.outcome);
        told["code"] = json!(end.code);
        told["detail"] = json!(end.detail);
        told["before"] = json!(draft.and_then(|draft| draft.before.as_deref()));
        told["value"] = json!(draft.map(|draft| draft.value.as_str()));
        told
    };
    let field = |it: &FieldFate| with_end(json!({"field": it.field, "from": it.from}), &it.end, it.draft.as_ref());
    let barcode = |it: &BoxFate| {
        let item = it.item.as_ref().map(ToString::to_string);
        let of = json!({"container": it.container.to_string(), "label": it.label, "item": item});
        with_end(of, &it.end, it.draft.as_ref())
    };
    json!({"resource": fate.uri.to_string(), "mms": fate.mms.as_ref().map(ToString::to_string),
           "outcome": fate.end.outcome, "code": fate.end.code, "detail": fate.end.detail,
           "fields": fate.fields.iter().map(field).collect::<Vec<_>>(),
           "barcodes": fate.boxes.iter().map(barcode).collect::<Vec<_>>()})
}

fn counts<'a>(ends: impl Iterator<Item = &'a End>) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    ends.for_each(|end| *counts.entry(end.outcome).or_default() += 1);
    counts
}

fn in_a_row(counts: &BTreeMap<&'static str, u64>) -> String {
    if counts.is_empty() {
        return "none".to_owned();
    }
    counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}
