//! Store → folder: intent, act, record.

use super::packaging;
use super::prepare::{Feeds, TITLE};
use super::{Go, News, Tell};
use crate::dc_xml;
use crate::failure::{Failure, Kind, stated};
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::staging::{Folder, crash_point, digest_of};
use crate::store::Store;
use crate::store::journal::Known;
use crate::store::packages::{Candidate, NewPackage};
use std::thread::ScopedJoinHandle;
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

/// Packages that are written down and not yet in the folder.
struct Batch {
    files: Vec<(String, String)>,
    planned: Vec<Known>,
    /// Files that the folder had room for, these among them.
    room: u64,
}

/// Files on their way into the folder.
type Delivery<'s> = ScopedJoinHandle<'s, Result<(), Failure>>;

/// Stages what may be staged, as far as there is room. Answers how many files were put into the folder.
///
/// While a batch of files becomes durable, the next one is chosen, built and written down.
pub fn stage(
    store: &mut Store,
    folder: &Folder,
    order: &Order<'_>,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<u64, Failure> {
    let waiting = store.count_waiting()?;
    let mut staged = 0;
    std::thread::scope(|scope| {
        let mut delivery: Option<(Delivery<'_>, Vec<Known>)> = None;
        let (mut of, mut goes_on) = (0, Go::On);
        loop {
            // What is planned goes into the folder, whoever asks to stop; nothing more is planned then.
            let next = if goes_on == Go::On { plan(store, order, now) } else { Ok(None) };
            if let Some((thread, planned)) = delivery.take() {
                join(thread)?;
                crash_point("delivered");
                store.mark_staged(&planned, now)?;
                crash_point("recorded");
                staged += planned.len() as u64;
                goes_on = tell(News::Staged { done: staged, of: staged.max(of) });
            }
            let Some(Batch { files, planned, room }) = next? else { return Ok(staged) };
            crash_point("planned");
            of = waiting.min(staged + room);
            delivery = Some((scope.spawn(move || deliver(folder, &files, (staged, of), tell)), planned));
        }
    })
}

fn join(thread: Delivery<'_>) -> Result<(), Failure> {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// The intent of the next batch, written down; `None` when nothing may be staged now.
fn plan(store: &mut Store, order: &Order<'_>, now: Timestamp) -> Result<Option<Batch>, Failure> {
    let in_flight = store.count_packages(PackageState::Planned)? + store.count_packages(PackageState::Staged)?;
    let room = order.max_in_flight.saturating_sub(in_flight as usize);
    let candidates = store.candidates(room.min(BATCH), order.only_asked.then_some(order.run))?;
    if candidates.is_empty() {
        return Ok(None);
    }
    let packages = packages(&candidates, order.job_name, name_instant(store, now)?)?;
    let planned = store.plan(&packages, order.feeds.rosetta.0, order.repository, order.run, order.stylesheet, now)?;
    let files = packages.into_iter().map(|package| (package.name, package.bytes)).collect();
    Ok(Some(Batch { files, planned, room: room as u64 }))
}

/// The act. So many files of this run are in the folder already, of so many.
fn deliver(
    folder: &Folder,
    files: &[(String, String)],
    (mut staged, of): (u64, u64),
    tell: Tell<'_>,
) -> Result<(), Failure> {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_bytes())).collect();
    folder.deliver(&files, || {
        staged += 1;
        if staged % 64 == 0 {
            // A batch becomes durable as a whole: who asks to stop is heard after it.
            let (Go::On | Go::Stop) = tell(News::Staged { done: staged, of });
        }
    })?;
    Ok(())
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
