//! Store → folder: intent, act, record.

use super::packaging;
use super::prepare::{Feeds, TITLE};
use super::{News, Tell};
use crate::dc_xml;
use crate::failure::{Failure, Kind, stated};
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::staging::{Folder, crash_point, digest_of};
use crate::store::Store;
use crate::store::packages::{Candidate, NewPackage};
use std::time::Duration;

/// Files that become durable together.
const BATCH: usize = 2500;

/// What one staging needs to know beside the store.
pub struct Order<'a> {
    pub job_name: &'a str,
    pub max_in_flight: usize,
    pub repository: &'a str,
    /// Name and digest, kept with each package.
    pub stylesheet: &'a str,
    pub feeds: Feeds,
    pub run: i64,
    /// Whether Rosetta's web services must have been asked about an IE in this run.
    pub only_asked: bool,
}

/// Stages what may be staged, as far as there is room. Answers how many files were put into the folder.
pub fn stage(
    store: &mut Store,
    folder: &Folder,
    order: &Order<'_>,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<u64, Failure> {
    let mut staged = 0;
    let waiting = store.count_waiting()?;
    loop {
        let in_flight = store.count_packages(PackageState::Planned)? + store.count_packages(PackageState::Staged)?;
        let room = order.max_in_flight.saturating_sub(in_flight as usize);
        let candidates = store.candidates(room.min(BATCH), order.only_asked.then_some(order.run))?;
        if candidates.is_empty() {
            return Ok(staged);
        }
        let packages = packages(&candidates, order.job_name, name_instant(store, now)?)?;
        let ids = store.plan(&packages, order.feeds.rosetta.0, order.repository, order.run, order.stylesheet, now)?;
        crash_point("planned");
        let files: Vec<(&str, &[u8])> =
            packages.iter().map(|package| (package.name.as_str(), package.bytes.as_bytes())).collect();
        let before = staged;
        let of = waiting.min(before + room as u64);
        folder.deliver(&files, || {
            staged += 1;
            if staged % 64 == 0 {
                tell(News::Staged { done: staged, of });
            }
        })?;
        crash_point("delivered");
        store.mark_staged(&ids, now)?;
        crash_point("recorded");
        tell(News::Staged { done: staged, of: of.max(staged) });
    }
}

/// What file names say the time is: never before that of an earlier package, so that a clock which was set back neither
/// gives a name twice nor turns the order round.
fn name_instant(store: &Store, now: Timestamp) -> Result<Timestamp, Failure> {
    let latest = store.latest_name()?.and_then(|name| Timestamp::from_compact(name.rsplit('_').nth(1)?));
    Ok(latest.filter(|latest| *latest >= now).map_or(now, |latest| latest.plus(Duration::from_millis(1))))
}

/// Builds the files, on every core; the order stays.
fn packages<'a>(candidates: &'a [Candidate], job_name: &str, now: Timestamp) -> Result<Vec<NewPackage<'a>>, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let chunks = candidates.chunks(candidates.len().div_ceil(cores));
        let build = |chunk: &'a [Candidate]| -> Result<Vec<NewPackage<'a>>, Failure> {
            chunk.iter().map(|candidate| package(candidate, job_name, now)).collect()
        };
        let threads: Vec<_> = chunks.map(|chunk| scope.spawn(move || build(chunk))).collect();
        let mut packages = Vec::with_capacity(candidates.len());
        for thread in threads {
            packages.extend(thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(packages)
    })
}

/// `{job-name}_{timestamp}_{IE PID}.xml`: only the PID inside counts for Rosetta, the name is for people.
fn package<'a>(candidate: &'a Candidate, job_name: &str, now: Timestamp) -> Result<NewPackage<'a>, Failure> {
    let unreadable = |why: String| {
        stated(
            Kind::Failed,
            format!("the prepared record of {} cannot be read: {why}", candidate.ie),
            "run `cartouche run` again; if it stays, report it",
        )
    };
    let read = dc_xml::read_record(&candidate.content).map_err(|error| unreadable(error.to_string()))?;
    // The last gate before the folder: what is written is what was decided.
    if !read.misfits.is_empty() || read.dc.digest() != candidate.digest {
        return Err(unreadable("it is not what was decided".to_owned()));
    }
    let bytes = packaging::write(&candidate.ie, &read.dc);
    let name = format!("{job_name}_{}_{}.xml", now.compact(), candidate.ie);
    let file_digest = digest_of(bytes.as_bytes());
    let title = read.dc.title().unwrap_or_default().chars().take(TITLE).collect();
    Ok(NewPackage { candidate, name, bytes, file_digest, title })
}
