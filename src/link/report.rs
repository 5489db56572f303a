//! What a run of `link` did, for people and as JSON.

use super::chain::Fate;
use crate::failure::{Failure, exit};
use crate::push::resumed::Resumed;
use crate::report::line;
use serde_json::{Value, json};
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub struct LinkReport {
    pub run: i64,
    pub profile: String,
    pub dry_run: bool,
    pub resumed: Resumed,
    /// IEs that Rosetta shows and no Alma record names.
    pub without_bib: u64,
    /// IEs that only a suppressed or vanished record names: they are left alone.
    pub named_by_hidden: u64,
    /// IEs that were looked at.
    pub due: u64,
    pub fates: Vec<Fate>,
    /// Every request that was sent, attempts included.
    pub calls: BTreeMap<&'static str, u64>,
    /// The institution's calls that are left of this day, as Alma told.
    pub remaining: Option<u64>,
    /// What ended the run before all was done.
    pub stopped: Option<Failure>,
}

impl LinkReport {
    pub fn outcomes(&self) -> BTreeMap<&'static str, u64> {
        let mut counts = BTreeMap::new();
        for fate in &self.fates {
            *counts.entry(fate.outcome).or_default() += 1;
        }
        counts
    }

    pub fn exit_code(&self) -> u8 {
        let waits = |fate: &Fate| matches!(fate.outcome, "held" | "failed" | "waiting");
        match &self.stopped {
            Some(failure) => failure.kind().exit_code(),
            None if self.fates.iter().any(waits) || self.resumed.waiting > 0 => exit::NEEDS_A_PERSON,
            None => exit::DONE,
        }
    }

    /// The contract of `link --json`.
    pub fn json(&self) -> Value {
        let links: Vec<Value> = self.fates.iter().map(fate_json).collect();
        json!({
            "run": self.run, "profile": self.profile, "dry-run": self.dry_run,
            "resumed": self.resumed.json(),
            "ies": {"without-bib": self.without_bib, "named-by-hidden": self.named_by_hidden, "looked-at": self.due},
            "outcomes": self.outcomes(), "links": links,
            "calls": {"alma": self.calls, "remaining": self.remaining},
            "stopped": self.stopped.as_ref().map(Failure::message),
        })
    }

    pub fn text(&self, profile: &str) -> String {
        let mut text = String::new();
        self.resumed.tell(&mut text);
        line(&mut text, "IEs", &format!("{} that no Alma record names, {} looked at", self.without_bib, self.due));
        if self.named_by_hidden > 0 {
            let told = format!("{} that only a suppressed or vanished record names: left alone", self.named_by_hidden);
            line(&mut text, "", &told);
        }
        let outcomes: Vec<String> = self.outcomes().iter().map(|(name, count)| format!("{count} {name}")).collect();
        let outcomes = if outcomes.is_empty() { "nothing to do".to_owned() } else { outcomes.join(", ") };
        line(&mut text, if self.dry_run { "would be" } else { "links" }, &outcomes);
        for fate in self.fates.iter().filter(|fate| matches!(fate.outcome, "failed" | "waiting")) {
            line(&mut text, fate.outcome, &format!("{}: {}", fate.ie, fate.detail.replace(char::is_control, " ")));
        }
        if self.fates.iter().any(|fate| fate.outcome == "held") && !self.dry_run {
            line(&mut text, "held", &format!("`cartouche link list {profile} held` shows what and why"));
        }
        text
    }
}

pub fn fate_json(fate: &Fate) -> Value {
    json!({"ie": fate.ie.to_string(), "outcome": fate.outcome, "code": fate.code, "detail": fate.detail,
           "mms": fate.mms.as_ref().map(ToString::to_string), "how": fate.how,
           "representation": Some(&fate.representation).filter(|number| !number.is_empty())})
}
