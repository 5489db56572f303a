//! The order of the push: look what an earlier run left, gather, plan and write.

use super::apply::{self, Clock, Hands};
use super::chain::{self, Fate, Known};
use super::gather::{Asking, Wanted, gather, must_be_chosen};
use super::into_file::into_file;
use super::limits::Extent;
use super::plan::SkipReason;
use super::report::{Calls, PushReport};
use super::resource_uri::ResourceUri;
use super::shelf::boxes::gather_boxes;
use super::shelf::locations;
use super::side_by_side::side_by_side;
use super::trouble::Trouble;
use super::watch::{News, Watch};
use super::{alma, aspace};
use crate::failure::{Failure, Kind, stated};
use crate::model::id::MmsId;
use crate::profile::{Output, PushProfile};
use crate::store::Store;
use std::collections::HashMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

/// After so many resources in a row that failed by themselves it is not the resources that fail.
const PATIENCE: u32 = 5;

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub dry_run: bool,
    /// Plan all resources again, whatever is known of their bibs.
    pub all: bool,
    pub wanted: Wanted,
    /// Why a limit of the profile does not count this time, and who says so.
    pub force: Option<String>,
}

/// Both systems as a profile describes them; nothing is asked yet.
pub fn hands<'a>(profile: &'a PushProfile, run: i64, clock: Clock<'a>) -> Result<Hands<'a>, Failure> {
    Ok(Hands {
        alma: alma::Client::new(&profile.alma_api)?,
        aspace: aspace::Client::new(&profile.archivesspace)?,
        push: &profile.push,
        field: &profile.archivesspace.mms_id_field,
        made_by: profile.push.rules.fingerprint(),
        run,
        clock,
        denied: Mutex::default(),
    })
}

/// One run. What ends it early is in the report, with everything that was done before.
pub fn run(
    store: &mut Store,
    profile: &PushProfile,
    wish: &Wish,
    run: i64,
    clock: Clock<'_>,
    watch: &Watch<'_>,
) -> Result<PushReport, Failure> {
    let hands = hands(profile, run, clock)?;
    let name = profile.name.clone();
    let mut report = PushReport { run, profile: name, dry_run: wish.dry_run, ..PushReport::default() };
    let ended = work(store, (profile, &hands), wish, watch, &mut report);
    report.stopped = ended.err().or_else(|| watch.is_stopped().then(was_stopped));
    report.fates.sort_by_key(|fate| fate.uri);
    report.calls = Calls::of(&hands);
    Ok(report)
}

pub(super) fn was_stopped() -> Failure {
    stated(Kind::Failed, "the run was stopped", "what is done is done; the next run goes on from there")
}

fn work(
    store: &mut Store,
    (profile, hands): (&PushProfile, &Hands<'_>),
    wish: &Wish,
    watch: &Watch<'_>,
    report: &mut PushReport,
) -> Result<(), Failure> {
    must_be_chosen(&profile.archivesspace, &wish.wanted.only)?;
    if !wish.dry_run {
        report.resumed = apply::resume(store, hands)?;
    }
    let (aspace, gathering) = (&profile.archivesspace, profile.push.gathering);
    let (client, wanted, now) = (&hands.aspace, &wish.wanted, (hands.clock)());
    let asking = Asking { client, aspace, gathering, wanted, watch, made_by: hands.made_by, now };
    report.gathered = gather(store, asking)?;
    for (uri, code, why) in &report.gathered.failed {
        let fate = Fate { code: (*code).to_owned(), detail: why.clone(), ..Fate::of(uri) };
        if !wish.dry_run {
            chain::note_failed(store, hands, &fate)?;
        }
        report.fates.push(fate);
    }
    if watch.is_stopped() {
        return Ok(());
    }
    if hands.push.rules.asks_boxes() {
        let boxes = gather_boxes(store, asking)?;
        report.gathered.refused.extend(boxes.refused);
        report.boxes = Some(boxes.arrived);
    }
    let due = due(store, (profile, hands), wish, &report.fates)?;
    match &profile.push.output {
        Output::Api => through_api(store, hands, &due, (wish, watch), report),
        Output::File(folder) => into_file(store, hands, (&due, folder), wish, report),
    }
}

/// Whether a run may do as much as that. Whoever names resources has seen them, and a dry run only tells.
///
/// # Errors
/// A limit is passed, and nobody says that it does not count this time.
pub(super) fn may_do(
    store: &mut Store,
    hands: &Hands<'_>,
    wish: &Wish,
    extent: Extent,
    report: &mut PushReport,
) -> Result<(), Failure> {
    let Some(limit) = hands.push.limits.passed(extent).filter(|_| wish.wanted.only.is_empty()) else { return Ok(()) };
    match &wish.force {
        Some(reason) => {
            if !wish.dry_run {
                store.note_forced(&limit, reason, (hands.clock)())?;
            }
            report.forced = Some((limit, reason.clone()));
            Ok(())
        }
        None => {
            let hint = "nothing was written: `--dry-run` shows what would be, and --force --reason \"…\" lets it be written once";
            Err(stated(Kind::NeedsAPerson, limit, hint))
        }
    }
}

/// Looks how much would be done where it could be more than the profile allows: only then is Alma asked more than a run needs.
fn keep_limits(
    store: &mut Store,
    hands: &Hands<'_>,
    due: &[ResourceUri],
    (wish, watch): (&Wish, &Watch<'_>),
    report: &mut PushReport,
) -> Result<(), Failure> {
    if wish.dry_run || !hands.push.limits.is_any() || !wish.wanted.only.is_empty() {
        return Ok(());
    }
    let described = store.described()?;
    if hands.push.limits.passed(Extent::at_most(due, &described)).is_none() {
        return Ok(());
    }
    let mut fates = Vec::new();
    work_through(store, hands, due, (true, watch), &mut fates)?;
    if watch.is_stopped() {
        return Ok(());
    }
    may_do(store, hands, wish, Extent::foretold(&fates, &described), report)
}

/// What has to be planned; resources that were named are planned whatever is known of them. What the profile does not choose any
/// more is not asked for, and what is kept of it says nothing of today; nor does what has just failed to be read.
fn due(
    store: &Store,
    (profile, hands): (&PushProfile, &Hands<'_>),
    wish: &Wish,
    failed: &[Fate],
) -> Result<Vec<ResourceUri>, Failure> {
    let only = &wish.wanted.only;
    let has_failed = |uri: &ResourceUri| failed.iter().any(|fate| fate.uri == *uri);
    let mut due = store.due(&hands.made_by, wish.all || !only.is_empty())?;
    due.retain(|uri| profile.archivesspace.chosen.has(uri) && !has_failed(uri));
    due.retain(|uri| only.is_empty() || only.contains(uri));
    for missing in only.iter().filter(|uri| !due.contains(uri) && !has_failed(uri)) {
        // Its MARC was not asked for, because nothing would follow from it.
        if store.planned(missing)?.is_some_and(|planned| planned.code == SkipReason::NotInSet.code()) {
            continue;
        }
        let hint = "is it in one of archivesspace.repositories, and may the user see it?";
        return Err(stated(Kind::Failed, format!("ArchivesSpace shows no resource {missing}"), hint));
    }
    Ok(due)
}

fn through_api(
    store: &mut Store,
    hands: &Hands<'_>,
    due: &[ResourceUri],
    (wish, watch): (&Wish, &Watch<'_>),
    report: &mut PushReport,
) -> Result<(), Failure> {
    if let (Some(rules), false) = (&hands.push.rules.holdings, due.is_empty()) {
        locations::check(&hands.alma, &rules.offered)?;
    }
    keep_limits(store, hands, due, (wish, watch), report)?;
    if watch.is_stopped() {
        return Ok(());
    }
    work_through(store, hands, due, (wish.dry_run, watch), &mut report.fates)?;
    if wish.dry_run && hands.push.limits.is_any() && !watch.is_stopped() {
        let extent = Extent::foretold(&report.fates, &store.described()?);
        may_do(store, hands, wish, extent, report)?;
    }
    Ok(())
}

/// Plans all and, unless it is a dry run, writes what follows; side by side, within chunks whose bibs are read in one call.
fn work_through(
    store: &mut Store,
    hands: &Hands<'_>,
    due: &[ResourceUri],
    (dry_run, watch): (bool, &Watch<'_>),
    told: &mut Vec<Fate>,
) -> Result<(), Failure> {
    let threads = if dry_run { 2 } else { hands.alma.writers() as usize };
    let (in_a_row, of) = (AtomicU32::new(0), due.len() as u64);
    // A hundred bibs are read in one call, and no more than that grow old while they wait.
    for (number, chunk) in due.chunks(alma::MOST_AT_ONCE).enumerate() {
        let mut wanted = Vec::new();
        for uri in chunk {
            if let Some(Ok(known)) = Known::read(store, hands, uri)? {
                wanted.extend(known.candidate().ok().flatten());
            }
        }
        let bibs: HashMap<MmsId, alma::Bib> =
            hands.alma.bibs(&wanted)?.into_iter().map(|bib| (bib.mms.clone(), bib)).collect();
        let before = (number * alma::MOST_AT_ONCE) as u64;
        let go = |done| !watch.tell(News::Pushed { done: before + done, of });
        let (fates, failure) = side_by_side(store, threads, chunk, &go, |store, uri| {
            match chain::one(store, hands, uri, &bibs, dry_run) {
                Ok(fate) => {
                    in_a_row.store(0, Ordering::Relaxed);
                    Ok(fate)
                }
                Err(Trouble::Record(why)) if in_a_row.fetch_add(1, Ordering::Relaxed) >= PATIENCE => {
                    let what = format!("{} resources in a row failed, the last of them {uri}: {why}", PATIENCE + 1);
                    Err(stated(Kind::Failed, what, "it may be Alma or ArchivesSpace; the next run goes on"))
                }
                Err(Trouble::Record(why)) => chain::failed(store, hands, uri, why, dry_run).map(Some),
                Err(Trouble::Ends(failure)) => Err(failure),
            }
        });
        told.extend(fates.into_iter().flatten());
        if let Some(failure) = failure {
            return Err(failure);
        }
        if watch.is_stopped() {
            return Ok(());
        }
    }
    Ok(())
}
