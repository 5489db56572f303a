//! How things stand in one profile, counted once and shown until the store has changed.

use super::site::Things;
use crate::failure::{Failure, Kind, stated};
use crate::model::time::Timestamp;
use crate::profile::RoundTrip;
use crate::report::Stock;
use crate::steps;
use crate::store::Store;
use crate::store::charts::DayCount;
use crate::store::runs::Run;
use crate::web::html::chart::DAYS;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// While a run writes, everything is counted no oftener than this: a million outcomes take a tenth of a second.
const PAUSE: Duration = Duration::from_secs(5);
/// Without any change, too: packages become late by the clock.
const OLDEST: Duration = Duration::from_secs(60);
/// Runs from which the time of the next one is guessed.
const RUNS: usize = 30;

/// How things stood at an instant.
pub struct Glance {
    pub taken: Timestamp,
    /// Of the round trip, where the profile has one.
    pub trip: Option<TripGlance>,
    /// Of the push, where it has that.
    pub push: Option<PushGlance>,
    pub last_run: Option<Run>,
    /// When a run may be expected, judged by those before; `None`: they came too irregularly, or too few.
    pub next_run: Option<Timestamp>,
}

/// Packages and feeds.
pub struct TripGlance {
    pub stock: Stock,
    /// Rosetta's feed, then Alma's.
    pub feeds: [FeedLine; 2],
    pub days: Vec<DayCount>,
    pub in_flight: Vec<Timestamp>,
}

/// Resources of ArchivesSpace, by what became of them.
pub struct PushGlance {
    /// Outcome → number; those that were not planned yet are `not-planned`.
    pub resources: BTreeMap<String, u64>,
    /// What is held, failed or unknown of holdings and items.
    pub open_shelf: u64,
    /// What the last pull could not bring.
    pub open_pull: u64,
}

impl PushGlance {
    pub fn of(&self, outcome: &str) -> u64 {
        self.resources.get(outcome).copied().unwrap_or_default()
    }
}

impl Glance {
    /// # Errors
    /// The profile has no round trip.
    pub fn trip(&self) -> Result<&TripGlance, Failure> {
        let missing = || stated(Kind::Configuration, "this profile has no round trip", "it has the push alone");
        self.trip.as_ref().ok_or_else(missing)
    }
}

/// What is known of a feed.
pub struct FeedLine {
    pub name: &'static str,
    pub records: u64,
    /// When it was last harvested to its end.
    pub completed: Option<Timestamp>,
    /// Whether a newer list is unfinished.
    pub is_complete: bool,
}

/// A connection that notices changes, and what was counted last.
pub struct Watch {
    store: Store,
    last: Option<(i64, Arc<Glance>)>,
}

impl Watch {
    pub fn new(store: Store) -> Self {
        Watch { store, last: None }
    }

    pub fn glance(&mut self, of: &Things, now: Timestamp) -> Result<Arc<Glance>, Failure> {
        let version = self.store.version()?;
        if let Some((seen, glance)) = &self.last {
            let age = now.since(glance.taken);
            if age < OLDEST && (*seen == version || age < PAUSE) && now >= glance.taken {
                return Ok(Arc::clone(glance));
            }
        }
        let glance = Arc::new(take(&self.store, of, now)?);
        self.last = Some((version, Arc::clone(&glance)));
        Ok(glance)
    }

    pub fn version(&self) -> Result<i64, Failure> {
        Ok(self.store.version()?)
    }

    /// Forgets what was counted, after a decision was made here.
    pub fn forget(&mut self) {
        self.last = None;
    }
}

fn take(store: &Store, of: &Things, now: Timestamp) -> Result<Glance, Failure> {
    let runs = store.runs(RUNS)?;
    let trip = of.started_with.round_trip.as_ref().map(|round_trip| trip(store, round_trip, now)).transpose()?;
    // Where both rivers run, it is the round trip that cron is known by.
    let command = if trip.is_some() { "run" } else { "push" };
    Ok(Glance {
        taken: now,
        trip,
        push: of.has_push.then(|| push(store)).transpose()?,
        next_run: expected(&runs, command),
        last_run: runs.into_iter().next(),
    })
}

fn trip(store: &Store, round_trip: &RoundTrip, now: Timestamp) -> Result<TripGlance, Failure> {
    let feeds = steps::feeds(store, round_trip)?;
    let line = |name, feed| -> Result<FeedLine, Failure> {
        let (records, completed) = (store.count_records(feed)?, store.completed(feed)?);
        Ok(FeedLine { name, records, completed, is_complete: store.is_complete(feed)? })
    };
    Ok(TripGlance {
        stock: Stock::take(store, round_trip, feeds, now)?,
        feeds: [line("Rosetta", feeds.rosetta)?, line("Alma", feeds.alma)?],
        days: store.packages_by_day(now.minus(Duration::from_secs(86_400 * DAYS as u64)))?,
        in_flight: store.staged_since()?,
    })
}

fn push(store: &Store) -> Result<PushGlance, Failure> {
    let mut resources: BTreeMap<String, u64> = BTreeMap::new();
    for ((outcome, _), count) in store.resource_counts()? {
        let outcome = if outcome.is_empty() { "not-planned".to_owned() } else { outcome };
        *resources.entry(outcome).or_default() += count;
    }
    let shelf = [store.place_counts()?, store.box_counts()?];
    let open = |outcome: &str| matches!(outcome, "held" | "failed" | "waiting");
    let open_shelf = shelf.iter().flatten().filter(|((outcome, _), _)| open(outcome)).map(|(_, count)| count).sum();
    let open_pull = store.pull_ends(None, None, usize::MAX >> 1)?.len() as u64;
    Ok(PushGlance { resources, open_shelf, open_pull })
}

/// The last run of a command and the usual time between two of them. Cron decides; nothing here knows its table.
fn expected(runs: &[Run], command: &str) -> Option<Timestamp> {
    let starts: Vec<Timestamp> = runs.iter().filter(|run| run.command == command).map(|run| run.started).collect();
    let mut gaps: Vec<Duration> = starts.windows(2).map(|two| two[0].since(two[1])).collect();
    gaps.sort_unstable();
    let usual = *gaps.get(gaps.len() / 2)?;
    (gaps.len() >= 3 && usual >= Duration::from_secs(60)).then(|| starts[0].plus(usual))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_run_is_expected_after_the_usual_time() {
        let run = |day: u32, command: &str| Run {
            id: i64::from(day),
            command: command.to_owned(),
            started: Timestamp::parse(&format!("2026-11-{day:02}T01:15:00Z")).unwrap(),
            ended: None,
            exit_code: None,
            summary: None,
        };
        let nightly: Vec<Run> = [22, 21, 20, 18].map(|day| run(day, "run")).into();
        assert_eq!(expected(&nightly, "run"), Timestamp::parse("2026-11-23T01:15:00Z"));
        assert_eq!(expected(&nightly[..3], "run"), None);
        assert_eq!(expected(&[], "run"), None);
    }
}
