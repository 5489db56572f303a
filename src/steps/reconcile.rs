//! What a feed shows against what is held of it: records that vanished without a tombstone, and records that came in
//! behind the checkpoint.
//!
//! Alma's deletions are transient and ArchivesSpace unpublishes without a word, so no incremental harvest can see them.

use super::harvest::{FeedReport, client_for, source_of};
use crate::failure::{Failure, Kind, stated};
use crate::model::fingerprint::{Fingerprint, FingerprintSet};
use crate::model::record::Record;
use crate::model::time::Timestamp;
use crate::model::window::{Span, Window, WindowState};
use crate::oai::harvest::{Keeper, Order, harvest};
use crate::oai::listing::Repository;
use crate::oai::page::Page;
use crate::oai::request::{Selection, Verb};
use crate::profile::Feed;
use crate::store::Store;
use crate::store::feeds::{FeedId, Side};
use crate::store::pages::ReadyPage;
use std::sync::{Mutex, PoisonError};

/// So many records that are not held are fetched one by one; more of them are a matter for a full harvest.
const FETCHED: usize = 2000;

/// Compares one feed with its records in the store, after a harvest that was complete.
pub fn reconcile(
    store: &mut Store,
    side: Side,
    feed: &Feed,
    report: &mut FeedReport,
    now: Timestamp,
) -> Result<(), Failure> {
    let id = store.feed(side, &source_of(feed))?;
    let client = client_for(feed)?;
    let repository = Repository { client: &client, base_url: &feed.base_url };
    let order = Order {
        repository,
        verb: Verb::ListIdentifiers,
        selection: Selection {
            metadata_prefix: Some(feed.metadata_prefix.clone()),
            set: feed.set.clone(),
            ..Selection::default()
        },
        span: Span::WHOLE,
        side_by_side: 1,
        may_drop_dates: true,
    };
    let shown = Shown { feed: id, looker: Mutex::new(store.another()?), seen: Mutex::default() };
    let whole = vec![Window::new(1, Span::WHOLE, WindowState::Open)];
    let ended = harvest(&order, whole, None, &shown)?;
    let is_whole = ended.windows.iter().all(|window| matches!(window.state, WindowState::Done | WindowState::Split));
    if let Some(error) = ended.broken {
        report.incomplete = Some(error.into());
        return Ok(());
    }
    let seen = shown.seen.into_inner().unwrap_or_else(PoisonError::into_inner);
    if is_whole {
        mark(store, id, feed, &seen, report, now)?;
    } else {
        report.missing.push("part of the list of identifiers, so nothing is called gone".to_owned());
    }
    fetch(store, id, &repository, feed, seen.not_held, report, now)
}

/// Marks what vanished, unless that is so much that the list itself must be doubted.
fn mark(
    store: &mut Store,
    id: FeedId,
    feed: &Feed,
    seen: &Seen,
    report: &mut FeedReport,
    now: Timestamp,
) -> Result<(), Failure> {
    let (mut gone, mut live) = (Vec::new(), 0u64);
    store.each_live_record(id, |record, identifier| {
        live += 1;
        if !seen.identifiers.contains(&Fingerprint::of(identifier)) {
            gone.push(record);
        }
    })?;
    let share = gone.len() as f64 * 100.0 / live.max(1) as f64;
    if share > feed.harvest.max_shrink {
        report.alarm = Some(format!(
            "{} of {live} records are no longer shown ({share:.0}%), and harvest.max-shrink is {}%: none of them is called gone",
            gone.len(),
            feed.harvest.max_shrink
        ));
        return Ok(());
    }
    store.mark_gone(id, &gone, now)?;
    report.gone = gone.len() as u64;
    Ok(())
}

/// Fetches what the feed shows and the store does not hold: a load whose datestamps lie behind the checkpoint.
fn fetch(
    store: &mut Store,
    id: FeedId,
    repository: &Repository<'_>,
    feed: &Feed,
    headers: Vec<Record>,
    report: &mut FeedReport,
    now: Timestamp,
) -> Result<(), Failure> {
    if headers.len() > FETCHED {
        report.incomplete = Some(stated(
            Kind::Failed,
            format!("{} records that the feed shows are not held", headers.len()),
            "`cartouche harvest PROFILE --full` gets them",
        ));
        return Ok(());
    }
    let window = Window::new(0, Span::WHOLE, WindowState::Done);
    for header in headers {
        let page = if header.body.is_deleted() {
            Page { records: vec![header], ..Page::default() }
        } else {
            repository.record(header.identifier.as_str(), &feed.metadata_prefix)?
        };
        report.fetched += page.records.len() as u64;
        store.store_apart(id, &ReadyPage::new(page, "GetRecord", &window, false), now)?;
    }
    Ok(())
}

#[derive(Default)]
struct Seen {
    identifiers: FingerprintSet,
    not_held: Vec<Record>,
}

/// Keeps identifiers only.
struct Shown {
    feed: FeedId,
    looker: Mutex<Store>,
    seen: Mutex<Seen>,
}

impl Keeper for Shown {
    fn page(&self, _window: &Window, page: Page, _url: &str) -> Result<u64, Failure> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let mut fresh = 0;
        for header in page.records {
            let is_held = self.holds(&header)?;
            if !header.body.is_deleted() {
                fresh += u64::from(seen.identifiers.insert(Fingerprint::of(header.identifier.canonical())));
            }
            if !is_held {
                seen.not_held.push(header);
            }
        }
        Ok(fresh)
    }

    fn windows(&self, _windows: &[Window]) -> Result<(), Failure> {
        Ok(())
    }

    fn holds(&self, header: &Record) -> Result<bool, Failure> {
        let looker = self.looker.lock().unwrap_or_else(PoisonError::into_inner);
        // A tombstone of what never was here is nothing to hold.
        let unknown = header.body.is_deleted() && !looker.knows(self.feed, &header.identifier)?;
        Ok(unknown || looker.holds(self.feed, &header.identifier, &header.datestamp)?)
    }
}
