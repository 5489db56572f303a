//! Summaries of a run, for people and for programs.

pub mod objects;

use crate::failure::{Failure, Kind, exit};
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::profile::{Current, Profile, RoundTrip};
use crate::steps::apply::Applied;
use crate::steps::confirm::Confirmed;
use crate::steps::harvest::FeedReport;
use crate::steps::prepare::Feeds;
use crate::steps::settle::Settled;
use crate::store::Store;
use crate::store::confirming::Unconfirmed;
use crate::store::lists::OutcomeCounts;
use serde_json::{Map, Value, json};
use std::fmt::Write;

/// How both harvests went.
#[derive(Debug)]
pub struct FeedsReport {
    pub rosetta: FeedReport,
    pub alma: FeedReport,
}

impl FeedsReport {
    pub fn are_complete(&self) -> bool {
        self.rosetta.is_complete() && self.alma.is_complete()
    }

    /// Why nothing may be staged although the lists are complete.
    pub fn alarm(&self) -> Option<&str> {
        self.both().into_iter().find_map(|(_, feed)| feed.alarm.as_deref())
    }

    fn both(&self) -> [(&'static str, &FeedReport); 2] {
        [("rosetta", &self.rosetta), ("alma", &self.alma)]
    }
}

/// Why nothing was staged although the lists were complete.
#[derive(Debug)]
pub enum Trouble {
    /// Nothing was staged.
    Limit(String),
    /// Staged all the same, and why.
    Forced { limit: String, reason: String },
}

/// What a run did, and how things stand after it.
#[derive(Debug)]
pub struct RunReport {
    pub run: i64,
    pub profile: String,
    pub feeds: Option<FeedsReport>,
    pub settled: Option<Settled>,
    pub confirmed: Confirmed,
    pub trouble: Option<Trouble>,
    pub staged: u64,
    pub applied: Option<Applied>,
    /// Somebody asked it to stop; the next run does what is left.
    pub is_stopped_early: bool,
    pub stock: Stock,
}

/// How things stand.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stock {
    pub outcomes: OutcomeCounts,
    pub waiting: u64,
    pub in_flight: u64,
    pub late: u64,
    pub lost: u64,
    /// Errors that nothing has followed yet.
    pub standing_errors: u64,
    pub quarantined: u64,
    /// Windows that a server could not deliver.
    pub missing_windows: u64,
    pub unconfirmed: Unconfirmed,
    /// Whether what is compared is what Rosetta stores, so that a difference is one.
    pub sees_what_is_stored: bool,
}

impl Stock {
    pub fn take(store: &Store, round_trip: &RoundTrip, feeds: Feeds, now: Timestamp) -> Result<Self, Failure> {
        let (back_waiting, back_held) = store.count_restorations()?;
        let mut outcomes = store.outcome_counts()?;
        outcomes.held += back_held;
        Ok(Stock {
            outcomes,
            waiting: store.count_waiting()? + back_waiting,
            in_flight: store.count_packages(PackageState::Planned)? + store.count_packages(PackageState::Staged)?,
            late: store.count_late(now.minus(round_trip.staging.settle_within))?,
            lost: store.count_packages(PackageState::Lost)?,
            standing_errors: store.count_standing_errors()?,
            quarantined: store.count_quarantined(&[feeds.rosetta, feeds.alma])?,
            missing_windows: store.count_missing_windows(&[feeds.rosetta, feeds.alma])?,
            unconfirmed: store.unconfirmed()?,
            sees_what_is_stored: round_trip.merge.is_some() || round_trip.current == Current::Soap,
        })
    }

    pub fn conflicts(&self) -> u64 {
        self.outcomes.skipped.get("conflict").copied().unwrap_or_default()
    }

    /// What waits for a person, in words; empty when nothing does.
    pub fn needs(&self) -> Vec<String> {
        let unreadable = self.outcomes.skipped.get("quarantined").copied().unwrap_or_default();
        // A publishing stylesheet may make the feed differ from what is stored for ever.
        let diverged = if self.sees_what_is_stored { self.unconfirmed.diverged } else { 0 };
        let all = [
            (self.outcomes.held, "held", "held"),
            (self.conflicts(), "conflicts", "conflicts"),
            (self.quarantined.max(unreadable), "in quarantine", "quarantine"),
            (self.missing_windows, "windows missing", "windows"),
            (self.standing_errors, "in error", "packages --state error"),
            (self.late, "late", "packages --state staged"),
            (self.lost, "lost", "packages --state lost"),
            (diverged, "diverged", "diverged"),
        ];
        all.iter()
            .filter(|(n, ..)| *n > 0)
            .map(|(n, what, list)| format!("{n} {what} (cartouche list PROFILE {list})"))
            .collect()
    }

    pub fn json(&self) -> Map<String, Value> {
        let mut fields = Map::new();
        let outcomes = &self.outcomes;
        fields.insert(
            "outcomes".to_owned(),
            json!({"package": outcomes.package, "unchanged": outcomes.unchanged, "held": outcomes.held, "skipped": outcomes.skipped}),
        );
        fields.insert("waiting".to_owned(), json!(self.waiting));
        fields.insert("in-flight".to_owned(), json!(self.in_flight));
        fields.insert("quarantined".to_owned(), json!(self.quarantined));
        let Unconfirmed { packages, diverged, oldest } = self.unconfirmed;
        let oldest = oldest.map(|at| at.to_string());
        fields.insert("unconfirmed".to_owned(), json!({"packages": packages, "diverged": diverged, "oldest": oldest}));
        fields
    }
}

impl RunReport {
    pub fn new(run: i64, profile: &Profile) -> Self {
        RunReport {
            run,
            profile: profile.name.clone(),
            feeds: None,
            settled: None,
            confirmed: Confirmed::default(),
            trouble: None,
            staged: 0,
            applied: None,
            is_stopped_early: false,
            stock: Stock::default(),
        }
    }

    pub fn take_stock(
        &mut self,
        store: &Store,
        round_trip: &RoundTrip,
        feeds: Feeds,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.stock = Stock::take(store, round_trip, feeds, now)?;
        Ok(())
    }

    /// Whether a limit kept everything from being staged.
    pub fn is_stopped(&self) -> bool {
        match &self.trouble {
            Some(Trouble::Limit(_)) => true,
            Some(Trouble::Forced { .. }) | None => false,
        }
    }

    pub fn exit_code(&self) -> u8 {
        let feeds = self.feeds.iter().flat_map(FeedsReport::both).filter_map(|(_, feed)| feed.incomplete.as_ref());
        let failures = feeds.chain(self.applied.iter().filter_map(|applied| applied.stopped.as_ref()));
        let mut code = if self.is_stopped_early { exit::FAILED } else { exit::DONE };
        for failure in failures {
            code = if failure.kind() == Kind::Configuration { exit::CONFIGURATION } else { code.max(exit::FAILED) };
        }
        let needs_a_person = self.is_stopped() || !self.needs().is_empty();
        match code {
            exit::DONE if needs_a_person => exit::NEEDS_A_PERSON,
            other => other,
        }
    }

    /// What waits for a person, in words, in the store and in the folder.
    fn needs(&self) -> Vec<String> {
        let mut needs = self.stock.needs();
        needs.extend(self.applied.iter().flat_map(Applied::needs));
        needs
    }

    /// The object that `--json` prints: a contract, fields may be added, never renamed.
    pub fn json(&self) -> Value {
        let mut fields = Map::new();
        fields.insert("run".to_owned(), json!(self.run));
        fields.insert("profile".to_owned(), json!(self.profile));
        if let Some(feeds) = &self.feeds {
            let feeds: Map<String, Value> =
                feeds.both().into_iter().map(|(name, feed)| (name.to_owned(), feed_json(feed))).collect();
            fields.insert("feeds".to_owned(), Value::Object(feeds));
        }
        fields.extend(self.stock.json());
        fields.insert("staged".to_owned(), json!(self.staged));
        let settled = self.settled.unwrap_or_default();
        fields.insert(
            "settled".to_owned(),
            json!({"done": settled.done, "error": settled.error, "late": self.stock.late, "lost": self.stock.lost}),
        );
        match &self.trouble {
            Some(Trouble::Limit(message)) => drop(fields.insert("limit".to_owned(), json!(message))),
            Some(Trouble::Forced { limit, reason }) => {
                fields.insert("forced".to_owned(), json!({"limit": limit, "reason": reason}));
            }
            None => {}
        }
        if let Some(applied) = &self.applied {
            fields.insert("applied".to_owned(), applied_json(applied));
        }
        if self.is_stopped_early {
            fields.insert("stopped".to_owned(), json!(true));
        }
        fields.insert("exit-code".to_owned(), json!(self.exit_code()));
        Value::Object(fields)
    }

    /// The summary for people; `profile` is what they typed, so that what they are told to type works.
    pub fn text(&self, profile: &str) -> String {
        let mut text = String::new();
        for (name, feed) in self.feeds.iter().flat_map(FeedsReport::both) {
            line(&mut text, name, &feed_text(feed));
        }
        if let Some(settled) = self.settled {
            line(&mut text, "settled", &format!("{} done, {} error", settled.done, settled.error));
        }
        if self.confirmed != Confirmed::default() {
            let Confirmed { confirmed, diverged } = self.confirmed;
            line(&mut text, "seen", &format!("{confirmed} confirmed in Rosetta, {diverged} diverged"));
        }
        line(&mut text, "outcomes", &outcomes_text(&self.stock.outcomes));
        line(
            &mut text,
            "staged",
            &format!("{} now, {} waiting, {} in flight", self.staged, self.stock.waiting, self.stock.in_flight),
        );
        match &self.trouble {
            Some(Trouble::Limit(message)) => {
                let message = message.replace("PROFILE", profile);
                line(&mut text, "limit", &format!("{message}; nothing was staged. --force --reason … passes it once"));
            }
            Some(Trouble::Forced { limit, reason }) => {
                line(&mut text, "forced", &format!("{}: {reason}", limit.replace("PROFILE", profile)));
            }
            None => {}
        }
        if let Some(applied) = &self.applied {
            push_applied(&mut text, applied);
        }
        if self.is_stopped_early {
            line(&mut text, "stopped", "as somebody asked; what is done is kept, the next run goes on from here");
        }
        for need in self.needs() {
            line(&mut text, "to do", &need.replace("PROFILE", profile));
        }
        text
    }

    /// Why the run is not a success, to be printed on stderr.
    pub fn failures(&self) -> Vec<String> {
        let feeds = self.feeds.iter().flat_map(FeedsReport::both);
        let of_feeds = feeds.filter_map(|(name, feed)| {
            feed.incomplete.as_ref().map(|failure| format!("{name}'s list is incomplete\n{failure}"))
        });
        let stopped = self.applied.iter().filter_map(|applied| applied.stopped.as_ref());
        of_feeds
            .chain(stopped.map(|failure| format!("applying stopped, the files stay where they are\n{failure}")))
            .collect()
    }
}

pub fn line(text: &mut String, label: &str, value: &str) {
    writeln!(text, "{label:>10}  {value}").expect("writing to a String cannot fail");
}

pub fn outcomes_text(outcomes: &OutcomeCounts) -> String {
    let mut text = format!("{} package, {} unchanged, {} held", outcomes.package, outcomes.unchanged, outcomes.held);
    write!(text, ", {} skipped", outcomes.all_skipped()).expect("writing to a String cannot fail");
    if !outcomes.skipped.is_empty() {
        let parts: Vec<String> = outcomes.skipped.iter().map(|(code, n)| format!("{n} {code}")).collect();
        write!(text, " ({})", parts.join(", ")).expect("writing to a String cannot fail");
    }
    text
}

fn feed_text(feed: &FeedReport) -> String {
    let state = if feed.is_complete() { "" } else { "INCOMPLETE: " };
    let since = feed.from.as_ref().map(|from| format!(" since {from}")).unwrap_or_default();
    let mut text = format!("{state}{} records{since}, {} deleted, {} pages", feed.records, feed.deleted, feed.pages);
    if feed.quarantined > 0 {
        text += &format!(", {} in quarantine", feed.quarantined);
    }
    for (repair, count) in &feed.repaired {
        text += &format!(", {count} repaired ({})", repair.as_str());
    }
    if feed.gone > 0 {
        text += &format!(", {} gone without a tombstone", feed.gone);
    }
    if feed.fetched > 0 {
        text += &format!(", {} found behind the checkpoint", feed.fetched);
    }
    if let Some(announced) = feed.announced {
        text += &format!("; the server announced {announced}");
    }
    for missing in &feed.missing {
        text += &format!("; MISSING {missing}");
    }
    text
}

/// Files that a summary for people names one by one.
const NAMED_FILES: usize = 10;

fn push_applied(text: &mut String, applied: &Applied) {
    let (done, error, locked, waiting) = (applied.done, applied.error, applied.locked, applied.waiting);
    line(text, "applied", &format!("{done} done, {error} error, {locked} locked, {waiting} waiting"));
    for file in applied.files.iter().take(NAMED_FILES) {
        line(text, file.state, &format!("{}: {}", file.name, file.reason));
    }
    if applied.files.len() > NAMED_FILES {
        line(text, "", &format!("and {} more; --json names all", applied.files.len() - NAMED_FILES));
    }
}

fn applied_json(applied: &Applied) -> Value {
    let files: Vec<Value> = applied
        .files
        .iter()
        .map(|file| {
            json!({"file": file.name, "ie": file.ie, "state": file.state, "reason": file.reason, "attempts": file.attempts,
                   "overdue": file.overdue, "due": file.due.map(|due| due.to_string())})
        })
        .collect();
    let mut fields = json!({"done": applied.done, "error": applied.error, "locked": applied.locked,
                            "waiting": applied.waiting, "files": files});
    if let (Some(failure), Value::Object(fields)) = (&applied.stopped, &mut fields) {
        fields.insert("stopped".to_owned(), json!(failure.to_string()));
    }
    fields
}

fn feed_json(feed: &FeedReport) -> Value {
    let repaired: Map<String, Value> =
        feed.repaired.iter().map(|(repair, count)| (repair.as_str().to_owned(), json!(count))).collect();
    let mut fields = json!({
        "complete": feed.is_complete(), "pages": feed.pages, "records": feed.records, "deleted": feed.deleted,
        "quarantined": feed.quarantined, "from": feed.from, "until": feed.until, "state": feed.state(),
        "windows": feed.windows, "repaired": repaired, "missing": feed.missing, "announced": feed.announced,
        "gone": feed.gone, "fetched": feed.fetched,
    });
    if let (Some(failure), Value::Object(fields)) = (&feed.incomplete, &mut fields) {
        fields.insert("error".to_owned(), json!(failure.to_string()));
    }
    fields
}
