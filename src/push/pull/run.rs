//! The order of a pull: look what an earlier run left, gather, read the bibs a hundred at a time, plan and write.

use super::act::{Pulling, one, release};
use super::fate::PullFate;
use super::report::PullReport;
use super::rules::PullRules;
use super::subject::Subject;
use crate::failure::{Failure, Kind, stated};
use crate::model::id::MmsId;
use crate::profile::PushProfile;
use crate::push::alma::{Bib, MOST_AT_ONCE};
use crate::push::apply::{self, Clock, Hands};
use crate::push::gather::{Asking, gather_records, must_be_chosen};
use crate::push::report::Calls;
use crate::push::resource_uri::ResourceUri;
use crate::push::run::{Wish, hands, was_stopped};
use crate::push::shelf::boxes::gather_boxes;
use crate::push::shelf::fate::End;
use crate::push::side_by_side::side_by_side;
use crate::push::trouble::Trouble;
use crate::push::watch::{News, Watch};
use crate::store::Store;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};

/// After so many resources in a row that failed by themselves it is not the resources that fail.
const PATIENCE: u32 = 5;

/// One pull. What ends it early is in the report, with everything that was done before.
pub fn pull(
    store: &mut Store,
    profile: &PushProfile,
    wish: &Wish,
    run: i64,
    clock: Clock<'_>,
    watch: &Watch<'_>,
) -> Result<PullReport, Failure> {
    let Some(rules) = &profile.push.pull else {
        let hint =
            "[push.pull] says which fields of ArchivesSpace are filled from Alma; profiles/reference.toml explains it";
        return Err(stated(Kind::Configuration, "this profile pulls nothing", hint));
    };
    let hands = hands(profile, run, clock)?;
    let pulling = Pulling { hands: &hands, rules, dry_run: wish.dry_run };
    let name = profile.name.clone();
    let mut report = PullReport { run, profile: name, dry_run: wish.dry_run, ..PullReport::default() };
    let ended = work(store, profile, pulling, (wish, watch), &mut report);
    report.stopped = ended.err().or_else(|| watch.is_stopped().then(was_stopped));
    report.fates.sort_by_key(|fate| fate.uri);
    report.calls = Calls::of(&hands);
    Ok(report)
}

/// What a pull would do for one resource now, as both systems stand: `push explain` tells it, and writes nothing.
pub fn foretold(
    store: &mut Store,
    hands: &Hands<'_>,
    rules: &PullRules,
    (uri, bib): (&ResourceUri, Option<&Bib>),
) -> Result<PullFate, Trouble> {
    let pulling = Pulling { hands, rules, dry_run: true };
    let bibs = bib.map(|bib| (bib.mms.clone(), bib.clone())).into_iter().collect();
    match Subject::read(store, hands, uri)? {
        Ok(subject) => one(store, pulling, &subject, &bibs),
        Err(end) => Ok(PullFate::of(uri, end)),
    }
}

fn work(
    store: &mut Store,
    profile: &PushProfile,
    pulling: Pulling<'_>,
    (wish, watch): (&Wish, &Watch<'_>),
    report: &mut PullReport,
) -> Result<(), Failure> {
    let (hands, aspace) = (pulling.hands, &profile.archivesspace);
    must_be_chosen(aspace, &wish.wanted.only)?;
    if !wish.dry_run {
        report.resumed = apply::resume(store, hands)?;
    }
    let (client, wanted, now) = (&hands.aspace, &wish.wanted, (hands.clock)());
    let gathering = profile.push.gathering;
    let asking = Asking { client, aspace, gathering, wanted, watch, made_by: hands.made_by, now };
    // Nothing of a pull needs ArchivesSpace's MARC: the next push asks for what it misses.
    report.gathered = gather_records(store, asking)?;
    if watch.is_stopped() {
        return Ok(());
    }
    if pulling.rules.barcodes.is_some() {
        let boxes = gather_boxes(store, asking)?;
        report.gathered.refused.extend(boxes.refused);
        report.boxes = Some(boxes.arrived);
    }
    if !wish.dry_run {
        forget(store, profile)?;
    }
    let due = due(store, profile, wish, report)?;
    for (number, chunk) in due.chunks(MOST_AT_ONCE).enumerate() {
        let before = (number * MOST_AT_ONCE) as u64;
        let go = |done| !watch.tell(News::Pushed { done: before + done, of: due.len() as u64 });
        some(store, pulling, (chunk, &go), report)?;
        if watch.is_stopped() {
            return Ok(());
        }
    }
    Ok(())
}

/// What is not there any more, or not chosen any more, waits for nobody.
fn forget(store: &mut Store, profile: &PushProfile) -> Result<(), Failure> {
    store.release_pulled_of_gone()?;
    store.forget_pull_ends_of_gone()?;
    let mut waiting = store.with_pull_held()?;
    waiting.extend(store.pull_ends(None, None, usize::MAX >> 1)?.into_iter().map(|line| line.uri));
    for uri in waiting.into_iter().filter(|uri| !profile.archivesspace.chosen.has(uri)) {
        store.release_pulled(&uri, &[])?;
        store.forget_pull_ends(&uri)?;
    }
    Ok(())
}

/// All resources of the profile: nothing tells which bibs were changed in Alma, and a hundred of them cost one call.
fn due(store: &Store, profile: &PushProfile, wish: &Wish, report: &PullReport) -> Result<Vec<ResourceUri>, Failure> {
    let only = &wish.wanted.only;
    let has_failed = |uri: &ResourceUri| report.gathered.failed.iter().any(|(failed, ..)| failed == uri);
    let mut due = store.resources_shown()?;
    due.retain(|uri| profile.archivesspace.chosen.has(uri) && !has_failed(uri));
    due.retain(|uri| only.is_empty() || only.contains(uri));
    match only.iter().find(|uri| !due.contains(uri) && !has_failed(uri)) {
        Some(missing) => {
            let hint = "is it in one of archivesspace.repositories, and may the user see it?";
            Err(stated(Kind::Failed, format!("ArchivesSpace shows no resource {missing}"), hint))
        }
        None => Ok(due),
    }
}

/// As many resources as one call reads bibs for.
fn some(
    store: &mut Store,
    pulling: Pulling<'_>,
    (uris, go): (&[ResourceUri], &(dyn Fn(u64) -> bool + Sync)),
    report: &mut PullReport,
) -> Result<(), Failure> {
    let (before, mut subjects) = (report.fates.len(), Vec::new());
    for uri in uris {
        match Subject::read(store, pulling.hands, uri)? {
            Ok(subject) => subjects.push(subject),
            Err(end) => {
                if end.outcome == "skipped" {
                    release(store, pulling, uri, &[])?;
                }
                report.fates.push(PullFate::of(uri, end));
            }
        }
    }
    let wanted: Vec<MmsId> = subjects.iter().filter_map(|subject| subject.named.clone()).collect();
    let alma = &pulling.hands.alma;
    let bibs: HashMap<MmsId, Bib> = alma.bibs(&wanted)?.into_iter().map(|bib| (bib.mms.clone(), bib)).collect();
    let threads = if pulling.dry_run { 2 } else { alma.writers() as usize };
    let in_a_row = AtomicU32::new(0);
    let (fates, failure) = side_by_side(store, threads, &subjects, go, |store, subject| {
        let uri = &subject.resource.uri;
        match one(store, pulling, subject, &bibs) {
            Ok(fate) => {
                in_a_row.store(0, Ordering::Relaxed);
                Ok(fate)
            }
            Err(Trouble::Record(why)) if in_a_row.fetch_add(1, Ordering::Relaxed) >= PATIENCE => {
                let what = format!("{} resources in a row failed, the last of them {uri}: {why}", PATIENCE + 1);
                Err(stated(Kind::Failed, what, "it may be Alma or ArchivesSpace; the next run goes on"))
            }
            Err(Trouble::Record(why)) => Ok(PullFate::of(uri, End::because("failed", "", why))),
            Err(Trouble::Ends(failure)) => Err(failure),
        }
    });
    report.fates.extend(fates);
    if !pulling.dry_run {
        store.note_pull_ends(&report.fates[before..], (pulling.hands.clock)())?;
    }
    failure.map_or(Ok(()), Err)
}
