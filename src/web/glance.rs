//! How things stand in one profile, counted once and shown until the store has changed.

use crate::failure::Failure;
use crate::model::time::Timestamp;
use crate::profile::RoundTrip;
use crate::report::Stock;
use crate::steps;
use crate::store::Store;
use crate::store::charts::DayCount;
use crate::store::runs::Run;
use crate::web::html::chart::DAYS;
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
    pub stock: Stock,
    /// Rosetta's feed, then Alma's.
    pub feeds: [FeedLine; 2],
    pub last_run: Option<Run>,
    /// When a run may be expected, judged by those before; `None`: they came too irregularly, or too few.
    pub next_run: Option<Timestamp>,
    pub days: Vec<DayCount>,
    pub in_flight: Vec<Timestamp>,
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

    pub fn glance(&mut self, round_trip: &RoundTrip, now: Timestamp) -> Result<Arc<Glance>, Failure> {
        let version = self.store.version()?;
        if let Some((seen, glance)) = &self.last {
            let age = now.since(glance.taken);
            if age < OLDEST && (*seen == version || age < PAUSE) && now >= glance.taken {
                return Ok(Arc::clone(glance));
            }
        }
        let glance = Arc::new(take(&self.store, round_trip, now)?);
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

fn take(store: &Store, round_trip: &RoundTrip, now: Timestamp) -> Result<Glance, Failure> {
    let feeds = steps::feeds(store, round_trip)?;
    let line = |name, feed| -> Result<FeedLine, Failure> {
        let (records, completed) = (store.count_records(feed)?, store.completed(feed)?);
        Ok(FeedLine { name, records, completed, is_complete: store.is_complete(feed)? })
    };
    let runs = store.runs(RUNS)?;
    Ok(Glance {
        taken: now,
        stock: Stock::take(store, round_trip, feeds, now)?,
        feeds: [line("Rosetta", feeds.rosetta)?, line("Alma", feeds.alma)?],
        next_run: expected(&runs),
        last_run: runs.into_iter().next(),
        days: store.packages_by_day(now.minus(Duration::from_secs(86_400 * DAYS as u64)))?,
        in_flight: store.staged_since()?,
    })
}

/// The last `run` and the usual time between two of them. Cron decides; nothing here knows its table.
fn expected(runs: &[Run]) -> Option<Timestamp> {
    let starts: Vec<Timestamp> = runs.iter().filter(|run| run.command == "run").map(|run| run.started).collect();
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
        assert_eq!(expected(&nightly), Timestamp::parse("2026-11-23T01:15:00Z"));
        assert_eq!(expected(&nightly[..3]), None);
        assert_eq!(expected(&[]), None);
    }
}
