//! The pipeline: each step is a function, and this is the order of the house.

pub mod apply;
pub mod confirm;
pub mod explain;
pub mod harvest;
pub mod matching;
pub mod merging;
pub mod mms_map;
pub mod packaging;
pub mod prepare;
pub mod reconcile;
pub mod review;
pub mod settle;
pub mod stage;
pub mod stored;
pub mod titles;
pub mod transform;
pub mod trial;
pub mod undo;
pub mod validate;

use crate::failure::{Failure, Kind, stated};
use crate::model::id::RepositoryIdentifier;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::profile::{Current, Profile, RoundTrip, SettledBy};
use crate::report::{FeedsReport, RunReport, Trouble};
use crate::staging::Folder;
use crate::store::Store;
use crate::store::feeds::Side;
use apply::Applied;
use harvest::{FeedReport, REPOSITORY_IDENTIFIER, source_of};
use matching::Rules;
use mms_map::MmsMap;
use prepare::{Feeds, Middle};
use std::sync::Arc;
use stored::Asked;
use transform::Transform;

/// What a step tells while it works; who listens decides whether anybody sees it.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// A step of the house begins: `settle`, `harvest`, `ask`, `prepare`, `stage`, `apply`.
    Begun {
        step: &'static str,
    },
    Harvested {
        side: &'static str,
        pages: u64,
        records: u64,
        complete_list_size: Option<u64>,
    },
    HarvestEnded {
        side: &'static str,
    },
    Asked {
        done: u64,
        of: u64,
    },
    Prepared {
        done: u64,
        of: u64,
    },
    Staged {
        done: u64,
        of: u64,
    },
    Applied {
        done: u64,
        of: u64,
    },
}

/// What the listener answers. Whoever hears `Stop` ends after the page, the chunk or the package in hand, and commits it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Go {
    On,
    Stop,
}

/// The listener of a step. Steps never print. Once it has answered `Stop` it answers nothing else.
pub type Tell<'a> = &'a (dyn Fn(News) -> Go + Sync);

/// What one run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub settle: bool,
    pub harvest: bool,
    /// Start each feed again from the beginning.
    pub full: bool,
    /// Look for records that vanished without a tombstone, after the harvest.
    pub reconcile: bool,
    pub prepare: bool,
    pub stage: bool,
    /// Why the limits of the profile do not count this time, and who says so.
    pub force: Option<String>,
    /// Be the update job, where the profile says so.
    pub apply: bool,
}

/// The order of the house: settle, harvest, prepare, stage; and apply and settle again, where no job of Rosetta's does it.
pub fn run(
    store: &mut Store,
    profile: &Profile,
    wish: &Wish,
    run: i64,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<RunReport, Failure> {
    let round_trip = &profile.round_trip;
    let mut report = RunReport::new(run, profile);
    // Each step asks before it begins; what comes after a stop is left to the next run.
    let goes_on = |step| tell(News::Begun { step }) == Go::On;
    if wish.settle && goes_on("settle") {
        report.settled = Some(settle::settle(store, &Folder::open(&round_trip.staging)?, now)?);
    }
    if wish.harvest && goes_on("harvest") {
        let mut feeds = harvest_both(store, round_trip, wish.full, now, tell)?;
        if wish.reconcile && feeds.are_complete() {
            reconcile::reconcile(store, Side::Rosetta, &round_trip.rosetta, &mut feeds.rosetta, now)?;
            reconcile::reconcile(store, Side::Alma, &round_trip.alma, &mut feeds.alma, now)?;
        }
        report.feeds = Some(feeds);
    }
    let asked = (round_trip.current == Current::Soap).then(|| Asked::of(round_trip, run)).transpose()?;
    if store.unconfirmed()?.packages > 0 && goes_on("ask") {
        if let Some(asked) = asked.as_ref().filter(|_| wish.harvest) {
            asked.about_done(store, tell)?;
        }
        let repository = repository(store, round_trip)?;
        report.confirmed = confirm::confirm(store, feeds(store, round_trip)?, repository.as_str(), now)?;
    }
    let complete = report.feeds.as_ref().is_none_or(FeedsReport::are_complete);
    let alarm = report.feeds.as_ref().and_then(FeedsReport::alarm);
    report.trouble = alarm.map(|alarm| Trouble::Limit(alarm.to_owned()));
    if wish.prepare && complete && report.trouble.is_none() && goes_on("prepare") {
        prepare_and_stage(store, round_trip, wish, asked.as_ref(), &mut report, now, tell)?;
    }
    if wish.apply && round_trip.staging.settled_by == SettledBy::Cartouche && goes_on("apply") {
        // What lies in the folder was decided earlier; no list has to be complete for it.
        let applied = apply::apply(store, round_trip, now, tell);
        report.applied =
            Some(applied.unwrap_or_else(|failure| Applied { stopped: Some(failure), ..Applied::default() }));
        let settled = settle::settle(store, &Folder::open(&round_trip.staging)?, now)?;
        report.settled = Some(report.settled.unwrap_or_default().and(settled));
    }
    report.is_stopped_early = !goes_on("end");
    report.take_stock(store, round_trip, feeds(store, round_trip)?, now)?;
    Ok(report)
}

fn prepare_and_stage(
    store: &mut Store,
    round_trip: &RoundTrip,
    wish: &Wish,
    asked: Option<&Asked>,
    report: &mut RunReport,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<(), Failure> {
    let feeds = feeds(store, round_trip)?;
    must_be_complete(store, feeds)?;
    let repository = repository(store, round_trip)?;
    let middle = middle(round_trip, &repository)?;
    prepare::prepare(store, &middle, feeds, now, tell)?;
    if let Some(asked) = asked {
        let in_flight = store.count_packages(PackageState::Planned)? + store.count_packages(PackageState::Staged)?;
        let room = round_trip.staging.max_in_flight.saturating_sub(in_flight as usize);
        // What was about to change may turn out to be unchanged, which leaves room for others.
        while tell(News::Begun { step: "ask" }) == Go::On && asked.about_changes(store, room, tell)? {
            prepare::prepare(store, &middle, feeds, now, tell)?;
        }
    }
    // Shares of what is half prepared say nothing, and nothing of it may be staged.
    if tell(News::Begun { step: "stage" }) == Go::Stop {
        return Ok(());
    }
    undo::judge(store, round_trip, feeds, repository.as_str())?;
    report.trouble = limit_passed(store, round_trip)?.map(|limit| match &wish.force {
        Some(reason) => Trouble::Forced { limit, reason: reason.clone() },
        None => Trouble::Limit(limit),
    });
    if !wish.stage || report.is_stopped() {
        return Ok(());
    }
    if let Some(Trouble::Forced { limit, reason }) = &report.trouble {
        store.note_forced(limit, reason, now)?;
    }
    let stylesheet = format!("{} {}", middle.transform.name(), middle.transform.digest());
    let order = stage::Order {
        job_name: &round_trip.staging.job_name,
        max_in_flight: round_trip.staging.max_in_flight,
        repository: repository.as_str(),
        stylesheet: &stylesheet,
        feeds,
        run: report.run,
        only_asked: asked.is_some(),
    };
    report.staged = stage::stage(store, &Folder::open(&round_trip.staging)?, &order, now, tell)?;
    Ok(())
}

/// Both feeds at once, each on its own thread with its own connection.
fn harvest_both(
    store: &Store,
    round_trip: &RoundTrip,
    full: bool,
    now: Timestamp,
    tell: Tell<'_>,
) -> Result<FeedsReport, Failure> {
    let path = store.path();
    std::thread::scope(|scope| {
        let harvest =
            |side, feed| scope.spawn(move || harvest::harvest(&mut Store::open(path)?, side, feed, full, now, tell));
        let rosetta = harvest(Side::Rosetta, &round_trip.rosetta);
        let alma = harvest(Side::Alma, &round_trip.alma);
        let end = |thread: std::thread::ScopedJoinHandle<'_, Result<FeedReport, Failure>>| {
            thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        };
        let (rosetta, alma) = (end(rosetta), end(alma));
        Ok(FeedsReport { rosetta: rosetta?, alma: alma? })
    })
}

pub fn feeds(store: &Store, round_trip: &RoundTrip) -> Result<Feeds, Failure> {
    Ok(Feeds {
        rosetta: store.feed(Side::Rosetta, &source_of(&round_trip.rosetta))?,
        alma: store.feed(Side::Alma, &source_of(&round_trip.alma))?,
    })
}

/// A conflict could hide in what an unfinished list has not shown.
fn must_be_complete(store: &Store, feeds: Feeds) -> Result<(), Failure> {
    for (name, feed) in [("Rosetta's", feeds.rosetta), ("Alma's", feeds.alma)] {
        if !store.is_complete(feed)? {
            return Err(stated(
                Kind::Failed,
                format!("{name} list is incomplete, so nothing is staged: a conflict could hide in what is missing"),
                "`cartouche harvest PROFILE` goes on with it",
            ));
        }
    }
    Ok(())
}

/// The repository identifier of the profile, or the one that Rosetta told.
pub fn repository(store: &Store, round_trip: &RoundTrip) -> Result<RepositoryIdentifier, Failure> {
    if let Some(repository) = &round_trip.repository {
        return Ok(repository.clone());
    }
    let told = store.meta(REPOSITORY_IDENTIFIER)?;
    told.and_then(|told| RepositoryIdentifier::parse(&told).ok()).ok_or_else(|| {
        stated(
            Kind::Configuration,
            "Rosetta's repository identifier is not known: Identify did not tell it",
            "set rosetta.repository-identifier: it is what stands between the two colons of oai:…:IE1234",
        )
    })
}

/// Compiles the stylesheet and gathers what decides fates.
pub fn middle(round_trip: &RoundTrip, repository: &RepositoryIdentifier) -> Result<Middle, Failure> {
    middle_with(round_trip, repository, &MmsMap::default())
}

/// The same with a table of MMS IDs that was read before and is read again when its file has changed.
pub fn middle_with(
    round_trip: &RoundTrip,
    repository: &RepositoryIdentifier,
    mms_map: &MmsMap,
) -> Result<Middle, Failure> {
    let mms_map = match &round_trip.matching.mms_map {
        Some(path) => mms_map.of(path)?,
        None => Arc::default(),
    };
    Ok(Middle {
        transform: Transform::load(round_trip, repository)?,
        rules: Rules {
            repository: repository.clone(),
            places: round_trip.matching.places.clone(),
            delivery_host: round_trip.matching.delivery_host.clone(),
            mms_map,
        },
        max_value_bytes: round_trip.limits.max_value_bytes,
        merge: round_trip.merge.clone(),
        review: round_trip.review.clone(),
        require_in_rosetta: round_trip.matching.require_in_rosetta,
        hold_several_ies: round_trip.matching.hold_several_ies,
    })
}

/// A share of skips or of changes beyond what the profile allows means that something is systematically wrong.
fn limit_passed(store: &Store, round_trip: &RoundTrip) -> Result<Option<String>, Failure> {
    let counts = store.outcome_counts()?;
    let share = |part: u64, whole: u64| if whole == 0 { 0.0 } else { part as f64 * 100.0 / whole as f64 };
    let skips = share(counts.all_skipped(), counts.total());
    if let Some(limit) = round_trip.limits.max_skips
        && skips > limit
    {
        return Ok(Some(format!(
            "{skips:.1}% of all outcomes are skips, limits.max-skips is {limit}% (cartouche list PROFILE skipped)"
        )));
    }
    let matched = counts.package + counts.unchanged + counts.held;
    let changed = share(store.count_waiting()?, matched);
    if let Some(limit) = round_trip.limits.max_changed
        && changed > limit
    {
        return Ok(Some(format!(
            "{changed:.1}% of the matched IEs would change, limits.max-changed is {limit}% (cartouche explain PROFILE IE)"
        )));
    }
    Ok(None)
}
