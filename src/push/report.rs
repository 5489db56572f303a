//! What a run of the push did, for people and as JSON.

mod shelf;

pub use shelf::{lines_of, tell_of};

use super::apply::Hands;
use super::chain::Fate;
use super::gather::GatherReport;
use super::resumed::Resumed;
use super::shelf::fate::ShelfFate;
use crate::failure::{Failure, exit};
use crate::report::line;
use crate::store::resources::Arrived;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A run of the push.
#[derive(Debug, Default)]
pub struct PushReport {
    pub run: i64,
    pub profile: String,
    pub dry_run: bool,
    pub resumed: Resumed,
    pub gathered: GatherReport,
    /// Boxes that came, where the profile asks for them.
    pub boxes: Option<Arrived>,
    pub fates: Vec<Fate>,
    /// Calls of both systems, by what was asked.
    pub calls: Calls,
    /// A limit that was passed with open eyes, and why.
    pub forced: Option<(String, String)>,
    /// What ended the run before all was done.
    pub stopped: Option<Failure>,
}

/// Every request that was sent, attempts included.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Calls {
    pub archivesspace: BTreeMap<&'static str, u64>,
    pub alma: BTreeMap<&'static str, u64>,
    /// The institution's calls that are left of this day, as Alma told.
    pub remaining: Option<u64>,
}

impl Calls {
    pub fn of(hands: &Hands<'_>) -> Self {
        Calls {
            archivesspace: hands.aspace.calls().into_iter().map(|(call, count)| (call.as_str(), count)).collect(),
            alma: hands.alma.calls().into_iter().map(|(call, count)| (call.as_str(), count)).collect(),
            remaining: hands.alma.remaining(),
        }
    }
}

impl PushReport {
    pub fn outcomes(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for fate in &self.fates {
            *counts.entry(fate.outcome).or_default() += 1;
        }
        counts
    }

    fn written_back(&self) -> usize {
        self.fates.iter().filter(|fate| fate.written_back).count()
    }

    fn needs_a_person(&self) -> bool {
        let waits = |fate: &Fate| matches!(fate.outcome, "held" | "failed" | "waiting");
        let gathered = &self.gathered;
        let is_missing = !gathered.gone.is_empty() || !gathered.refused.is_empty();
        let open = self.fates.iter().filter_map(|fate| fate.shelf.as_ref()).any(ShelfFate::is_open);
        open || self.fates.iter().any(waits) || self.resumed.waiting > 0 || is_missing
    }

    pub fn exit_code(&self) -> u8 {
        match &self.stopped {
            Some(failure) => failure.kind().exit_code(),
            None if self.needs_a_person() => exit::NEEDS_A_PERSON,
            None => exit::DONE,
        }
    }

    /// The contract of `push --json`.
    pub fn json(&self) -> Value {
        let gone: Vec<String> = self.gathered.gone.iter().map(ToString::to_string).collect();
        let refused: Vec<Value> = self.gathered.refused.iter().map(refused_json).collect();
        let arrived = self.gathered.arrived;
        let resources: Vec<Value> = self.fates.iter().map(fate_json).collect();
        let mut told = json!({
            "run": self.run, "profile": self.profile, "dry-run": self.dry_run,
            "resumed": self.resumed.json(),
            "gathered": {"repositories": self.gathered.repositories, "new": arrived.new, "changed": arrived.changed,
                         "same": arrived.same, "marc": self.gathered.exports, "gone": gone, "refused": refused},
            "outcomes": self.outcomes(), "written-back": self.written_back(), "resources": resources,
            "calls": {"archivesspace": self.calls.archivesspace, "alma": self.calls.alma, "remaining": self.calls.remaining},
            "stopped": self.stopped.as_ref().map(Failure::message),
        });
        if let Some((limit, reason)) = &self.forced {
            told["forced"] = json!({"limit": limit, "reason": reason});
        }
        shelf::tell(self, &mut told);
        told
    }

    pub fn text(&self, profile: &str) -> String {
        let mut text = String::new();
        let arrived = self.gathered.arrived;
        self.resumed.tell(&mut text);
        let told = format!("{} new, {} changed, {} as before", arrived.new, arrived.changed, arrived.same);
        line(&mut text, "resources", &told);
        if !self.gathered.gone.is_empty() {
            let gone: Vec<String> = self.gathered.gone.iter().map(ToString::to_string).collect();
            line(&mut text, "gone", &format!("{}; their bibs stay", gone.join(", ")));
        }
        for (repository, why) in &self.gathered.refused {
            line(&mut text, "refused", &format!("repository {repository}: {}", why.replace(char::is_control, " ")));
        }
        if let Some((limit, reason)) = &self.forced {
            line(&mut text, "forced", &format!("{limit}: {}", reason.replace(char::is_control, " ")));
        }
        let outcomes: Vec<String> = self.outcomes().iter().map(|(name, count)| format!("{count} {name}")).collect();
        let outcomes = if outcomes.is_empty() { "nothing to do".to_owned() } else { outcomes.join(", ") };
        line(&mut text, if self.dry_run { "would be" } else { "bibs" }, &outcomes);
        if self.written_back() > 0 {
            line(&mut text, "MMS IDs", &format!("{} written into ArchivesSpace", self.written_back()));
        }
        shelf::lines(self, &mut text);
        for fate in self.fates.iter().filter(|fate| matches!(fate.outcome, "failed" | "waiting")) {
            line(&mut text, fate.outcome, &format!("{}: {}", fate.uri, fate.detail.replace(char::is_control, " ")));
        }
        let is_held = |fate: &Fate| fate.outcome == "held" || fate.shelf.as_ref().is_some_and(ShelfFate::is_held);
        if self.fates.iter().any(is_held) && !self.dry_run {
            line(&mut text, "held", &format!("`cartouche push list {profile} held` shows what and why"));
        }
        text
    }
}

fn refused_json((repository, why): &(u64, String)) -> Value {
    json!({"repository": repository, "because": why})
}

pub fn fate_json(fate: &Fate) -> Value {
    let mut told = json!({"resource": fate.uri.to_string(), "outcome": fate.outcome, "code": fate.code, "detail": fate.detail,
                          "mms": fate.mms.as_ref().map(ToString::to_string), "written-back": fate.written_back});
    if let Some(shelf) = &fate.shelf {
        tell_of(shelf, &mut told);
    }
    told
}
