//! From what somebody types to records: an IE PID, an MMS ID, an OAI identifier, or words of a title.

use super::site::{Desk, Trip};
use crate::failure::Failure;
use crate::model::id::{IePid, OaiIdentifier};
use crate::steps::titles;
use crate::store::Store;
use crate::store::lists::OutcomeLine;
use crate::store::outcomes::Slice;
use crate::store::records::{StoredBody, StoredRecord};
use crate::store::titles::Progress;

/// Records that an identifier alone can mean.
const DIRECT: usize = 50;
/// Outcomes that one line tells; a bib may have thousands.
pub const OUTCOMES: usize = 3;

/// What was found.
pub struct Found {
    /// Records that are named by their identifiers.
    pub named: Vec<Hit>,
    /// Records whose titles hold the words, newest first, and where it goes on.
    pub titled: Slice<Hit, String>,
    /// How far the index of titles has come; `None` as long as there is none.
    pub progress: Option<Progress>,
}

/// A record as a line of the answer.
pub struct Hit {
    /// `rosetta` or `alma`.
    pub side: String,
    pub record: StoredRecord,
    pub title: Option<String>,
    /// The IE that a record of Rosetta's is.
    pub ie: Option<IePid>,
    /// What follows from it, as it was decided last; the first of them, and one more when there are more.
    pub outcomes: Vec<OutcomeLine>,
}

impl Hit {
    /// Where it stands in its feed; nothing for a record that is simply there.
    pub fn standing(&self) -> &'static str {
        match &self.record.body {
            StoredBody::Metadata(_) => "",
            StoredBody::Deleted => "deleted",
            StoredBody::Absent => "without metadata",
            StoredBody::Quarantined(_) => "in quarantine",
            StoredBody::Gone(_) => "vanished from the feed",
        }
    }
}

/// Looks in the store of a profile. `after` is where a page of the answer goes on.
pub fn find(desk: &Desk, typed: &str, after: Option<&str>, limit: usize) -> Result<Found, Failure> {
    let typed = typed.trim();
    let index = desk.titles()?;
    desk.with_trip(|store, trip| {
        let mut numbers = if after.is_none() { named(store, trip, typed)? } else { Vec::new() };
        let mut slice = Slice { items: Vec::new(), next: None };
        if let Some((titles, _)) = &index {
            if after.is_none() && numbers.is_empty() && !typed.contains(char::is_whitespace) {
                numbers = titles.by_local(typed, DIRECT)?;
            }
            let before = after.and_then(|after| after.parse().ok()).unwrap_or(i64::MAX);
            let found = titles.find(typed, before, limit)?;
            slice = Slice { items: found.items, next: found.next.map(|next| next.to_string()) };
        }
        let titled = Slice { items: hits(store, trip, &slice.items)?, next: slice.next };
        Ok(Found { named: hits(store, trip, &numbers)?, titled, progress: index.map(|(_, progress)| progress) })
    })
}

/// Whether no record of the profile can be meant by a last part of an identifier: by the index, which spares a walk through all
/// identifiers. As long as it is not complete, nobody knows.
pub fn is_unknown(desk: &Desk, local: &str) -> Result<bool, Failure> {
    if local.contains(':') || IePid::parse(local).is_ok() {
        return Ok(false);
    }
    let Some((titles, progress)) = desk.titles()? else { return Ok(false) };
    if !progress.is_complete || !titles.by_local(local, 1)?.is_empty() {
        return Ok(false);
    }
    // What came since the index was brought up to date begins like all the others.
    desk.with_trip(|store, trip| Ok(store.record_by_common_beginning(trip.feeds.alma, local)?.is_none()))
}

/// The numbers of the records that an identifier means.
fn named(store: &mut Store, trip: &Trip, typed: &str) -> Result<Vec<i64>, Failure> {
    let mut found = Vec::new();
    if let Ok(ie) = IePid::parse(typed) {
        let identifier = OaiIdentifier::of_ie(&trip.repository, &ie);
        found.extend(store.record_by_identifier(trip.feeds.rosetta, &identifier)?.map(|record| record.id));
        found.extend(store.claims_on(&ie)?.into_iter().take(DIRECT).map(|(record, ..)| record));
    } else if typed.contains(':') {
        for feed in [trip.feeds.rosetta, trip.feeds.alma] {
            let identifier = OaiIdentifier::new(typed);
            let canonical = OaiIdentifier::new(identifier.canonical());
            found.extend(store.record_by_identifier(feed, &canonical)?.map(|record| record.id));
        }
    } else if !typed.is_empty() && typed.bytes().all(|byte| byte.is_ascii_digit()) {
        found.extend(store.record_by_common_beginning(trip.feeds.alma, typed)?.map(|record| record.id));
    }
    Ok(found)
}

fn hits(store: &mut Store, trip: &Trip, numbers: &[i64]) -> Result<Vec<Hit>, Failure> {
    let mut hits = Vec::with_capacity(numbers.len());
    for number in numbers {
        // Between looking into the index and into the store a record does not vanish: none ever does.
        let (Some(record), Some(side)) = (store.record_by_id(*number)?, store.side_of(*number)?) else { continue };
        let ie = if side == "rosetta" { record.identifier.ie_in(&trip.repository) } else { None };
        let outcomes = match &ie {
            Some(ie) => store.outcomes_about(ie, OUTCOMES + 1)?,
            None => store.first_outcomes(*number, OUTCOMES + 1)?,
        };
        hits.push(Hit { side, title: titles::of(&record.body), ie, outcomes, record });
    }
    Ok(hits)
}
