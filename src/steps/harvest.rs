//! Servers → store: one feed, page by page, so that a crash loses no page and an unproven list moves no checkpoint.

use super::{News, Tell};
use crate::failure::{Failure, Kind, stated};
use crate::http::{Client, Options, redacted};
use crate::model::id::RepositoryIdentifier;
use crate::model::record::Datestamp;
use crate::model::time::{Granularity, Timestamp};
use crate::oai::facts::Identity;
use crate::oai::listing::{self, Listing, Repository};
use crate::oai::page::Page;
use crate::oai::request::{Selection, Verb};
use crate::profile::Feed;
use crate::staging::crash_point;
use crate::store::Store;
use crate::store::feeds::{FeedId, Side, Window};
use crate::store::records::Progress;

/// How the harvest of one feed went.
#[derive(Debug)]
pub struct FeedReport {
    pub pages: u64,
    pub records: u64,
    pub deleted: u64,
    pub quarantined: u64,
    pub from: Option<String>,
    pub until: Option<String>,
    /// Why the list is incomplete; `None` when it was proven complete.
    pub incomplete: Option<Failure>,
}

impl FeedReport {
    pub fn is_complete(&self) -> bool {
        self.incomplete.is_none()
    }

    fn of(window: &Window, incomplete: Option<Failure>) -> Self {
        FeedReport {
            pages: window.pages,
            records: window.records,
            deleted: window.deleted,
            quarantined: window.quarantined,
            from: window.from.clone(),
            until: None,
            incomplete,
        }
    }
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
            let window = store.window(id)?.unwrap_or_default();
            return Ok(FeedReport::of(&window, Some(error.into())));
        }
    };
    // Only now, when the server answers: a night without it must not cost the checkpoint.
    if full {
        store.forget_progress(id)?;
    }
    if side == Side::Rosetta {
        note_repository(store, &identity)?;
    }
    let (window, resumed) = match store.window(id)? {
        Some(window) if window.token.is_some() => (window, true),
        // The token died or never came: the same window again, from its first page.
        Some(window) => (Window { from: window.from, ..Window::default() }, false),
        None => (Window { from: next_from(store, id, feed, identity.granularity())?, ..Window::default() }, false),
    };
    let task = Task { id, side, feed, repository: &repository, now, tell };
    let report = task.follow(store, window, resumed);
    tell(News::HarvestEnded { side: side.as_str() });
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

fn next_from(store: &Store, id: FeedId, feed: &Feed, granularity: Granularity) -> Result<Option<String>, Failure> {
    let checkpoint = store.checkpoint(id)?;
    Ok(checkpoint.map(|checkpoint| checkpoint.minus(feed.harvest.overlap).at(granularity)))
}

struct Task<'a> {
    id: FeedId,
    side: Side,
    feed: &'a Feed,
    repository: &'a Repository<'a>,
    now: Timestamp,
    tell: Tell<'a>,
}

impl Task<'_> {
    fn follow(&self, store: &mut Store, mut window: Window, resumed: bool) -> Result<FeedReport, Failure> {
        let mut listing = match &window.token {
            Some(token) => self.repository.resume(Verb::ListRecords, token),
            None => self.start(&window),
        };
        let mut fresh = !resumed;
        loop {
            let url = redacted(listing.next_url().unwrap_or_default());
            let page = match listing.next_page() {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(FeedReport::of(&window, None)),
                // A token of an earlier run has died in the meantime: the window begins again.
                Err(error) if error.token_is_dead() && !fresh => {
                    window = Window { from: window.from.take(), ..Window::default() };
                    listing = self.start(&window);
                    fresh = true;
                    continue;
                }
                Err(error) => return self.broken(store, window, error),
            };
            fresh = true;
            count(&mut window, &page);
            if window.token.is_none() && window.nameless == 0 {
                store.store_page(self.id, &page, &url, Progress::Complete(checkpoint(&window)), self.now)?;
            } else {
                store.store_page(self.id, &page, &url, Progress::Open(&window), self.now)?;
            }
            crash_point("page");
            self.tell_of(&window, &page);
            if window.token.is_none() && window.nameless > 0 {
                return Ok(FeedReport::of(&window, Some(nameless(&window))));
            }
        }
    }

    fn start(&self, window: &Window) -> Listing<'_> {
        let selection = Selection {
            metadata_prefix: Some(self.feed.metadata_prefix.clone()),
            set: self.feed.set.clone(),
            from: window.from.clone(),
            until: None,
        };
        self.repository.list(Verb::ListRecords, &selection)
    }

    /// Keeps the window; its token too, unless the server disowned it.
    fn broken(&self, store: &mut Store, mut window: Window, error: listing::Error) -> Result<FeedReport, Failure> {
        if error.token_is_dead() {
            window.token = None;
        }
        store.save_window(self.id, &window)?;
        Ok(FeedReport::of(&window, Some(error.into())))
    }

    fn tell_of(&self, window: &Window, page: &Page) {
        (self.tell)(News::Harvested {
            side: self.side.as_str(),
            pages: window.pages,
            records: window.records,
            complete_list_size: page.token.as_ref().and_then(|token| token.complete_list_size),
        });
    }
}

fn count(window: &mut Window, page: &Page) {
    window.pages += 1;
    window.first_response = window.first_response.or(page.response_date);
    window.records += page.records.len() as u64;
    window.deleted += page.records.iter().filter(|record| record.body.is_deleted()).count() as u64;
    window.quarantined += page.quarantined.len() as u64;
    window.nameless += page.quarantined.iter().filter(|record| record.identifier.is_none()).count() as u64;
    let dates = page.records.iter().map(|record| &record.datestamp);
    let highest = dates.chain(page.quarantined.iter().filter_map(|record| record.datestamp.as_ref()));
    window.highest = highest.filter_map(Datestamp::instant).chain(window.highest).max();
    window.token = page.token.as_ref().map(|token| token.text.clone());
}

/// Where the next window starts, before the overlap is taken off: by the server's clock, never ours, and never later
/// than the newest record seen, for a record may become visible after its datestamp.
fn checkpoint(window: &Window) -> Option<Timestamp> {
    match (window.first_response, window.highest) {
        (Some(response), Some(highest)) => Some(response.min(highest)),
        (None, Some(highest)) => Some(highest),
        // An empty list says nothing about when the next record may be stamped.
        (_, None) => None,
    }
}

fn nameless(window: &Window) -> Failure {
    stated(
        Kind::Failed,
        format!(
            "{} records could not be read and have no identifier, so the list cannot be called complete",
            window.nameless
        ),
        "`cartouche list PROFILE quarantine` shows them; the server has to repair them",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(response: Option<&str>, highest: Option<&str>, expected: Option<&str>) {
        let parse = |text: Option<&str>| text.map(|text| Timestamp::parse(text).unwrap());
        let window = Window { first_response: parse(response), highest: parse(highest), ..Window::default() };
        assert_eq!(checkpoint(&window), parse(expected));
    }

    #[test]
    fn the_next_window_starts_at_the_smaller_of_the_servers_time_and_the_newest_record() {
        check(Some("2026-11-22T01:00:00Z"), Some("2026-11-21"), Some("2026-11-21"));
        check(Some("2026-11-22T01:00:00Z"), Some("2030-01-01"), Some("2026-11-22T01:00:00Z"));
        check(None, Some("2026-11-21"), Some("2026-11-21"));
        check(Some("2026-11-22T01:00:00Z"), None, None);
    }
}
