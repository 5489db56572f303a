//! The pure middle: from what the servers said to one outcome for each pair of an Alma record and an IE.
//!
//! Nothing here reads a file, a clock or a socket. A reader thread brings records from the store, rayon's threads
//! decide them, the caller's thread writes the outcomes: memory holds a few chunks, whatever the store holds.

mod fate;
mod risk;

pub use fate::{compared, decide};
pub(crate) use risk::{policy_holds, similarity};

use super::matching::{self, Rules};
use super::merging;
use super::transform::Transform;
use super::{Go, News, Tell};
use crate::dc_xml;
use crate::failure::Failure;
use crate::model::id::{IePid, MmsId};
use crate::model::outcome::{Evidence, Hold, Outcome, Package, Skip};
use crate::model::time::Timestamp;
use crate::profile::Review;
use crate::store::feeds::FeedId;
use crate::store::prepared::{Gist, Look, OutcomeRow, StaleRecord, skipped};
use crate::store::records::StoredBody;
use crate::store::{self, Store};
use rayon::prelude::*;
use std::sync::mpsc::sync_channel;

/// Raise it when the middle decides otherwise than before for the same inputs: every record is then decided anew.
const VERSION: u32 = 3;
/// Records between two commits.
const CHUNK: usize = 512;

/// Everything that decides fates, beside the records themselves.
pub struct Middle {
    pub transform: Transform,
    pub rules: Rules,
    /// `None`: what Alma says replaces what Rosetta holds.
    pub merge: Option<merging::Rules>,
    pub max_value_bytes: usize,
    pub review: Review,
    pub require_in_rosetta: bool,
    pub hold_several_ies: bool,
}

impl Middle {
    /// Changes whenever an unchanged record might get another outcome.
    pub fn fingerprint(&self) -> String {
        let places: Vec<&str> = self.rules.places.iter().map(|place| place.as_str()).collect();
        let mut map: Vec<String> = self
            .rules
            .mms_map
            .iter()
            .map(|(mms, ies)| format!("{mms}={}", ies.iter().map(IePid::as_str).collect::<Vec<_>>().join(",")))
            .collect();
        map.sort();
        format!(
            "{VERSION}|{}|{}|{}|{:?}|{}|{}|{:?}|{}|{}|{:?}",
            self.transform.digest(),
            self.rules.repository,
            places.join(","),
            self.rules.delivery_host,
            map.join(";"),
            self.max_value_bytes,
            self.review,
            self.require_in_rosetta,
            self.hold_several_ies,
            self.merge.as_ref().map(merging::Rules::fingerprint)
        )
    }
}

/// Brings every outcome up to date; costs what changed since the last time.
pub fn prepare(
    store: &mut Store,
    middle: &Middle,
    feeds: Feeds,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<(), Failure> {
    // Another set is another feed: what followed from the old one must not be staged.
    let fingerprint = format!("{}|{}|{}", feeds.rosetta.0, feeds.alma.0, middle.fingerprint());
    store.note_middle(feeds.alma, &fingerprint)?;
    store.spread_staleness(feeds.rosetta, feeds.alma)?;
    let total = store.count_stale(feeds.alma)?;
    if total == 0 {
        return Ok(());
    }
    let reader = store.another()?;
    pipeline(
        reader,
        |reader, after| reader.stale_records(feeds.alma, after, CHUNK),
        |record| record.id,
        |record| Ok(look(&record, middle)),
        |looks| store.save_looks(feeds.alma, &looks, now).map(|()| tell(News::Prepared { done: 0, of: total })),
    )?;
    let total = total.max(store.count_stale(feeds.alma)?);
    let mut done = total - store.count_stale(feeds.alma)?;
    if tell(News::Prepared { done, of: total }) == Go::Stop {
        return Ok(());
    }
    let reader = store.another()?;
    let repository = middle.rules.repository.as_str();
    pipeline(
        reader,
        |reader, after| reader.work(feeds.rosetta, feeds.alma, repository, middle.merge.is_some(), after, CHUNK),
        |work| work.id,
        |work| {
            decide(middle, &work)
                .map(|outcomes| (work.id, outcomes.iter().map(|outcome| row(work.id, outcome)).collect()))
        },
        |decided: Vec<(i64, Vec<OutcomeRow>)>| {
            store.save_outcomes(feeds.alma, &decided, now)?;
            done += decided.len() as u64;
            Ok(tell(News::Prepared { done: done.min(total), of: total }))
        },
    )
}

/// The two feeds of a profile in the store.
#[derive(Debug, Clone, Copy)]
pub struct Feeds {
    pub rosetta: FeedId,
    pub alma: FeedId,
}

/// Reader thread → rayon → the caller's thread, in chunks; each works while the others do. Ends early when saving says so.
fn pipeline<I: Send, O: Send>(
    mut reader: Store,
    read: impl Fn(&mut Store, i64) -> Result<Vec<I>, store::Error> + Send,
    id: impl Fn(&I) -> i64 + Send,
    decide: impl Fn(I) -> Result<O, Failure> + Sync + Send,
    mut save: impl FnMut(Vec<O>) -> Result<Go, store::Error>,
) -> Result<(), Failure> {
    std::thread::scope(|scope| {
        let (to_decide, chunks) = sync_channel::<Result<Vec<I>, store::Error>>(2);
        let (to_save, decided) = sync_channel::<Result<Vec<O>, Failure>>(2);
        scope.spawn(move || {
            let mut after = i64::MIN;
            loop {
                let chunk = read(&mut reader, after);
                let end = match &chunk {
                    Ok(chunk) => chunk.last().map(&id).map(|last| after = last).is_none(),
                    Err(_) => true,
                };
                // The other side is gone only when saving failed, and then says so itself.
                if to_decide.send(chunk).is_err() || end {
                    return;
                }
            }
        });
        let decide = &decide;
        scope.spawn(move || {
            for chunk in chunks {
                let outcomes =
                    chunk.map_err(Failure::from).and_then(|chunk| chunk.into_par_iter().map(decide).collect());
                let failed = outcomes.is_err();
                if to_save.send(outcomes).is_err() || failed {
                    return;
                }
            }
        });
        for outcomes in decided {
            let outcomes = outcomes?;
            if !outcomes.is_empty() && save(outcomes)? == Go::Stop {
                return Ok(());
            }
        }
        Ok(())
    })
}

/// Which IEs a record names, or why none can follow from it.
fn look(record: &StaleRecord, middle: &Middle) -> Look {
    let mms = record.identifier.mms_id();
    let (found, suppressed) = match record.body.open() {
        Ok(body) => {
            let found = evidence(&body, mms.as_ref(), &middle.rules);
            let suppressed =
                if found == Err(Skip::Suppressed) { named_by(&body, mms.as_ref(), &middle.rules) } else { Vec::new() };
            (found, suppressed)
        }
        Err(error) => (Err(Skip::Quarantined(error.to_string())), Vec::new()),
    };
    Look { record: record.id, found, suppressed }
}

/// The IEs that a suppressed record would describe.
fn named_by(body: &StoredBody, mms: Option<&MmsId>, rules: &Rules) -> Vec<IePid> {
    let StoredBody::Metadata(metadata) = body else { return Vec::new() };
    let looked = matching::look(metadata, mms, rules);
    looked.map(|looked| looked.evidence.into_iter().map(|evidence| evidence.ie).collect()).unwrap_or_default()
}

/// The pure part of looking, which `explain` shares.
pub fn evidence(body: &StoredBody, mms: Option<&MmsId>, rules: &Rules) -> Result<Vec<Evidence>, Skip> {
    let found = evidence_in(body, mms, rules);
    if matches!(body, StoredBody::Gone(_)) { found.map_err(|_| Skip::Gone) } else { found }
}

fn evidence_in(body: &StoredBody, mms: Option<&MmsId>, rules: &Rules) -> Result<Vec<Evidence>, Skip> {
    let metadata = match body {
        StoredBody::Deleted => return Err(Skip::Deleted),
        StoredBody::Absent => return Err(Skip::NoMetadata),
        // A record that vanished without a word keeps its claims: no other record may be written because of that.
        StoredBody::Gone(metadata) => metadata,
        StoredBody::Metadata(metadata) => metadata,
        StoredBody::Quarantined(bytes) => return claims_of_unreadable(bytes, QUARANTINED, rules),
    };
    let looked = match matching::look(metadata, mms, rules) {
        Ok(looked) => looked,
        Err(error) => return claims_of_unreadable(metadata, &error.to_string(), rules),
    };
    if looked.suppressed {
        return Err(Skip::Suppressed);
    }
    if looked.evidence.is_empty() { Err(Skip::NoMatch) } else { Ok(looked.evidence) }
}

/// Nothing is written from a record that cannot be read, but what it claims must keep others from writing.
fn claims_of_unreadable(bytes: &str, why: &str, rules: &Rules) -> Result<Vec<Evidence>, Skip> {
    let evidence = matching::scan_unreadable(bytes.as_bytes(), rules);
    if evidence.is_empty() { Err(Skip::Quarantined(why.to_owned())) } else { Ok(evidence) }
}

const QUARANTINED: &str = "the server's last version of the record cannot be read";

fn row(record: i64, outcome: &Outcome) -> OutcomeRow {
    match outcome {
        Outcome::Skipped(ie, skip) => skipped(record, ie.as_ref().map_or("", IePid::as_str), skip),
        Outcome::Unchanged(ie) => OutcomeRow {
            record,
            ie: ie.as_str().to_owned(),
            kind: "unchanged",
            code: String::new(),
            detail: String::new(),
            digest: None,
            content: None,
            alma: None,
            shown: None,
            gist: None,
        },
        Outcome::Package(package) => written(record, package, "package", String::new(), String::new()),
        Outcome::Held(package, holds) => {
            let code = holds.first().map(|hold| hold.code().to_owned()).unwrap_or_default();
            let detail = holds.iter().map(Hold::detail).collect::<Vec<_>>().join("; ");
            written(record, package, "held", code, detail)
        }
    }
}

fn written(record: i64, package: &Package, kind: &'static str, code: String, detail: String) -> OutcomeRow {
    OutcomeRow {
        record,
        ie: package.ie.as_str().to_owned(),
        kind,
        code,
        detail,
        digest: Some(package.dc.digest()),
        content: Some(dc_xml::write_record(&package.dc)),
        alma: package.alma.as_ref().map(dc_xml::write_record),
        shown: package.shown,
        gist: Some(gist(package)),
    }
}

/// Titles longer than this are cut in lists.
pub(crate) const TITLE: usize = 300;

fn gist(package: &Package) -> Gist {
    let title = package.dc.title().unwrap_or_default().chars().take(TITLE).collect();
    Gist { title, fields: package.changed.join(" ") }
}
