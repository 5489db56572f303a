//! Servers → store: one feed, window by window, so that a crash loses no page and an unproven list moves no checkpoint.

mod keeper;

use super::{Go, News, Tell};
use crate::failure::{Failure, Kind, stated};
use crate::http::{Client, Options};
use crate::model::id::RepositoryIdentifier;
use crate::model::repair::Repair;
use crate::model::time::Timestamp;
use crate::model::window::{Evidence, Span, Tally, Window, WindowState};
use crate::oai::facts::Identity;
use crate::oai::harvest::{Ended, Keeper as _, Order, plan};
use crate::oai::listing::Repository;
use crate::oai::request::{Selection, Verb};
use crate::profile::Feed;
use crate::store::Store;
use crate::store::feeds::{FeedId, Side};
use crate::store::ledger::List;
use keeper::{StoreKeeper, WAITING};

/// How the harvest of one feed went.
#[derive(Debug, Default)]
pub struct FeedReport {
    pub pages: u64,
    pub records: u64,
    pub deleted: u64,
    pub quarantined: u64,
    pub from: Option<String>,
    pub until: Option<String>,
    pub windows: u64,
    /// Records that had to be repaired, by kind of repair.
    pub repaired: Vec<(Repair, u64)>,
    /// Windows that the server could not deliver, and why.
    pub missing: Vec<String>,
    /// What the server announced, when it is more than what came.
    pub announced: Option<u64>,
    /// Records that vanished without a tombstone, found by this run.
    pub gone: u64,
    /// Records that a reconciliation found and fetched.
    pub fetched: u64,
    /// A list that looks like none that is right: nothing is staged from it.
    pub alarm: Option<String>,
    /// Why the list is incomplete; `None` when it was proven complete, but for what is known to be missing.
    pub incomplete: Option<Failure>,
}

impl FeedReport {
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_none()
    }

    /// The state in one word, for programs.
    pub fn state(&self) -> &'static str {
        match (&self.incomplete, self.missing.is_empty() && self.quarantined == 0, self.repaired.is_empty()) {
            (Some(_), ..) => "failed",
            (None, false, _) => "partial",
            (None, true, false) => "complete with repairs",
            (None, true, true) => "complete",
        }
    }

    fn of(span: &Span, brought: &Tally, windows: &[Window], incomplete: Option<Failure>) -> Self {
        let missing = windows.iter().filter(|window| window.state == WindowState::Missing);
        let announced: u64 = unsplit(windows).filter_map(|window| window.evidence.announced).sum();
        FeedReport {
            pages: brought.pages,
            records: brought.distinct,
            deleted: brought.deleted,
            quarantined: brought.quarantined,
            from: span.from.map(|from| from.to_string()),
            until: None,
            windows: unsplit(windows).count() as u64,
            repaired: brought.repairs().collect(),
            missing: missing.map(|window| format!("{}: {}", window.span.say(), window.problem)).collect(),
            announced: (announced > brought.distinct + brought.quarantined).then_some(announced),
            gone: 0,
            fetched: 0,
            alarm: None,
            incomplete,
        }
    }
}

fn unsplit(windows: &[Window]) -> impl Iterator<Item = &Window> {
    windows.iter().filter(|window| window.state != WindowState::Split)
}

/// The name under which the store keeps a feed: what decides which records it shows.
pub fn source_of(feed: &Feed) -> String {
    format!("{} {} {}", feed.base_url, feed.metadata_prefix, feed.set.as_deref().unwrap_or(""))
}

pub fn client_for(feed: &Feed) -> Result<Client, Failure> {
    let harvest = &feed.harvest;
    let options = Options {
        time_out: harvest.time_out,
        retries: harvest.retries,
        requests_per_second: harvest.requests_per_second,
    };
    Ok(Client::new(options)?)
}

/// The fact of the store that holds what Rosetta said of itself.
pub const REPOSITORY_IDENTIFIER: &str = "rosetta.repository-identifier";

/// Harvests one feed. An incomplete list is a report, not an error: what was got is kept.
pub fn harvest(
    store: &mut Store,
    side: Side,
    feed: &Feed,
    full: bool,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<FeedReport, Failure> {
    let id = store.feed(side, &source_of(feed))?;
    let client = client_for(feed)?;
    let repository = Repository { client: &client, base_url: &feed.base_url };
    let identity = match repository.identify() {
        Ok(identity) => identity,
        Err(error) => {
            let list = store.open_list(id)?;
            let windows = list.map_or(Ok(Vec::new()), |list| store.windows_of(&list))?;
            let span = list.map_or(Span::WHOLE, |list| list.span);
            return Ok(FeedReport::of(&span, &so_far(&windows), &windows, Some(error.into())));
        }
    };
    // Only now, when the server answers: a night without it must not cost the checkpoint.
    if full {
        store.forget_progress(id)?;
    }
    if side == Side::Rosetta {
        note_repository(store, &identity)?;
    }
    let (list, windows) = take_up(store, id, feed, &identity, now)?;
    let order = Order {
        repository,
        verb: Verb::ListRecords,
        selection: Selection {
            metadata_prefix: Some(feed.metadata_prefix.clone()),
            set: feed.set.clone(),
            ..Selection::default()
        },
        span: list.span,
        side_by_side: feed.harvest.windows as usize,
        may_drop_dates: true,
    };
    let task = Task { id, side, feed, list, now, tell };
    let report = task.follow(store, &order, windows, identity);
    let (Go::On | Go::Stop) = tell(News::HarvestEnded { side: side.as_str() });
    report
}

fn note_repository(store: &Store, identity: &Identity) -> Result<(), Failure> {
    let Some(text) = identity.repository_identifier.as_deref() else { return Ok(()) };
    // A strange one is not stored; the profile must then give it, and `prepare` says so.
    if let Ok(repository) = RepositoryIdentifier::parse(text) {
        store.set_meta(REPOSITORY_IDENTIFIER, repository.as_str())?;
    }
    Ok(())
}

/// The list that an earlier run left unfinished, or a new one.
fn take_up(
    store: &mut Store,
    id: FeedId,
    feed: &Feed,
    identity: &Identity,
    now: Timestamp,
) -> Result<(List, Vec<Window>), Failure> {
    let list = match store.open_list(id)? {
        Some(list) => list,
        None => {
            let checkpoint = store.checkpoint(id)?;
            let from = checkpoint.map(|checkpoint| checkpoint.minus(feed.harvest.overlap));
            let span = Span::since(from);
            let first = store.next_window_number(id)?;
            store.begin_list(id, span, &plan(span, feed.harvest.windows as usize, identity, first), now)?
        }
    };
    let mut windows = store.windows_of(&list)?;
    for window in &mut windows {
        let is_nameless = window.state == WindowState::Done && window.tally.nameless > 0;
        // What begins again is counted again.
        if is_nameless || (window.state == WindowState::Open && window.token.is_none()) {
            window.state = WindowState::Open;
            window.tally = Tally::default();
            window.evidence = Evidence::default();
        }
    }
    Ok((list, windows))
}

fn so_far(windows: &[Window]) -> Tally {
    let mut tally = Tally::default();
    windows.iter().for_each(|window| tally.add(&window.tally));
    tally
}

struct Task<'a> {
    id: FeedId,
    side: Side,
    feed: &'a Feed,
    list: List,
    now: Timestamp,
    tell: Tell<'a>,
}

impl Task<'_> {
    fn follow(
        &self,
        store: &mut Store,
        order: &Order<'_>,
        windows: Vec<Window>,
        identity: Identity,
    ) -> Result<FeedReport, Failure> {
        let looker = store.another()?;
        let (ended, brought) = std::thread::scope(|scope| {
            let (messages, received) = std::sync::mpsc::sync_channel(WAITING);
            let writer =
                scope.spawn(move || keeper::write(store, self.id, &self.list, &received, self.now).map(|()| store));
            let keeper = StoreKeeper::new(self.side, self.id, looker, messages, &windows, self.tell)?;
            let ended = crate::oai::harvest::harvest(order, windows, Some(identity), &keeper);
            let (brought, is_asked_to_stop) = (keeper.brought(), keeper.is_asked_to_stop());
            drop(keeper);
            // Why the writer ended is the cause of whatever else went wrong.
            let store = writer.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            ended.map(|ended| ((store, ended, is_asked_to_stop), brought))
        })?;
        let (store, ended, is_asked_to_stop) = ended;
        self.conclude(store, ended, &brought, is_asked_to_stop)
    }

    fn conclude(
        &self,
        store: &mut Store,
        ended: Ended,
        brought: &Tally,
        is_asked_to_stop: bool,
    ) -> Result<FeedReport, Failure> {
        let Ended { windows, broken } = ended;
        let nameless: u64 = unsplit(&windows).map(|window| window.tally.nameless).sum();
        let unfinished = windows.iter().any(|window| window.state.is_unfinished());
        let incomplete = match broken {
            Some(error) => Some(error.into()),
            None if unfinished && is_asked_to_stop => {
                Some(stated(Kind::Failed, "stopped before the list was over", "the next run goes on with it"))
            }
            None if unfinished => Some(stated(Kind::Failed, "windows of the list are unfinished", "run it again")),
            None if nameless > 0 => Some(no_names(nameless)),
            None => None,
        };
        let mut report = FeedReport::of(&self.list.span, brought, &windows, incomplete);
        if report.is_complete() {
            store.end_list(self.id, &self.list, checkpoint(&windows), self.now)?;
            report.alarm = self.shrunk(brought);
        }
        Ok(report)
    }

    /// A whole list that is much shorter than what was held before is no news but an accident: a set that was emptied,
    /// a publishing profile that was changed.
    fn shrunk(&self, brought: &Tally) -> Option<String> {
        let before = self.list.held_before;
        let live = brought.distinct.saturating_sub(brought.deleted);
        if self.list.span.from.is_some() || before == 0 {
            return None;
        }
        let lost = before.saturating_sub(live) as f64 * 100.0 / before as f64;
        (lost > self.feed.harvest.max_shrink).then(|| {
            format!(
                "the whole list of {} shows {live} records where {before} were known: {lost:.0}% fewer, and harvest.max-shrink is {}%",
                self.side.as_str(),
                self.feed.harvest.max_shrink
            )
        })
    }
}

/// Where the next list starts, before the overlap is taken off: by the server's clock, never ours, and never later
/// than the newest record seen, for a record may become visible after its datestamp.
fn checkpoint(windows: &[Window]) -> Option<Timestamp> {
    let response = windows.iter().filter_map(|window| window.evidence.first_response).min();
    let highest = windows.iter().filter_map(|window| window.evidence.highest).max();
    match (response, highest) {
        (Some(response), Some(highest)) => Some(response.min(highest)),
        (None, Some(highest)) => Some(highest),
        // An empty list says nothing about when the next record may be stamped.
        (_, None) => None,
    }
}

fn no_names(nameless: u64) -> Failure {
    stated(
        Kind::Failed,
        format!("{nameless} records could not be read and have no identifier, so the list cannot be called complete"),
        "`cartouche list PROFILE quarantine` shows them; the server has to repair them",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(response: Option<&str>, highest: Option<&str>, expected: Option<&str>) {
        let parse = |text: Option<&str>| text.map(|text| Timestamp::parse(text).unwrap());
        let mut window = Window::new(1, Span::WHOLE, WindowState::Done);
        window.evidence.first_response = parse(response);
        window.evidence.highest = parse(highest);
        assert_eq!(checkpoint(&[window]), parse(expected));
    }

    #[test]
    fn the_next_window_starts_at_the_smaller_of_the_servers_time_and_the_newest_record() {
        check(Some("2026-11-22T01:00:00Z"), Some("2026-11-21"), Some("2026-11-21"));
        check(Some("2026-11-22T01:00:00Z"), Some("2030-01-01"), Some("2026-11-22T01:00:00Z"));
        check(None, Some("2026-11-21"), Some("2026-11-21"));
        check(Some("2026-11-22T01:00:00Z"), None, None);
    }
}
