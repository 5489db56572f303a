//! The order of the push: look what an earlier run left, gather, plan and write.

use super::apply::{self, Clock, Hands, write_file};
use super::bib_image::BibImage;
use super::chain::{self, Fate, Known};
use super::gather::{Wanted, gather};
use super::intended::intent_of;
use super::plan::{Found, Plan, SkipReason, Subject, plan};
use super::report::{Calls, PushReport};
use super::resource_uri::ResourceUri;
use super::side_by_side::side_by_side;
use super::trouble::Trouble;
use super::{alma, aspace};
use crate::failure::{Failure, Kind, stated};
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::profile::{Output, PushProfile};
use crate::store::Store;
use std::collections::HashMap;
use std::path::Path;

/// What a run is asked to do.
#[derive(Debug, Clone, Default)]
pub struct Wish {
    pub dry_run: bool,
    /// Plan all resources again, whatever is known of their bibs.
    pub all: bool,
    pub wanted: Wanted,
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
    })
}

/// One run. What ends it early is in the report, with everything that was done before.
pub fn run(
    store: &mut Store,
    profile: &PushProfile,
    wish: &Wish,
    run: i64,
    clock: Clock<'_>,
) -> Result<PushReport, Failure> {
    let hands = hands(profile, run, clock)?;
    let name = profile.name.clone();
    let mut report = PushReport { run, profile: name, dry_run: wish.dry_run, ..PushReport::default() };
    let ended = work(store, profile, &hands, wish, &mut report);
    report.stopped = report.stopped.take().or(ended.err());
    report.fates.sort_by_key(|fate| fate.uri);
    report.calls = Calls {
        archivesspace: hands.aspace.calls().into_iter().map(|(call, count)| (call.as_str(), count)).collect(),
        alma: hands.alma.calls().into_iter().map(|(call, count)| (call.as_str(), count)).collect(),
        remaining: hands.alma.remaining(),
    };
    Ok(report)
}

fn work(
    store: &mut Store,
    profile: &PushProfile,
    hands: &Hands<'_>,
    wish: &Wish,
    report: &mut PushReport,
) -> Result<(), Failure> {
    if !wish.dry_run {
        report.resumed = apply::resume(store, hands)?;
    }
    let now = (hands.clock)();
    report.gathered =
        gather(store, &hands.aspace, (&profile.archivesspace, profile.push.gathering), &wish.wanted, now)?;
    let due = due(store, hands, wish)?;
    match &profile.push.output {
        Output::Api => through_api(store, hands, &due, wish.dry_run, report),
        Output::File(folder) => into_file(store, hands, (&due, folder), wish.dry_run, report),
    }
}

/// What has to be planned; resources that were named are planned whatever is known of them.
fn due(store: &Store, hands: &Hands<'_>, wish: &Wish) -> Result<Vec<ResourceUri>, Failure> {
    let only = &wish.wanted.only;
    let mut due = store.due(&hands.made_by, wish.all || !only.is_empty())?;
    due.retain(|uri| only.is_empty() || only.contains(uri));
    if let Some(missing) = only.iter().find(|uri| !due.contains(uri)) {
        let hint = "is it in one of archivesspace.repositories, and may the user see it?";
        return Err(stated(Kind::Failed, format!("ArchivesSpace shows no resource {missing}"), hint));
    }
    Ok(due)
}

fn through_api(
    store: &mut Store,
    hands: &Hands<'_>,
    due: &[ResourceUri],
    dry_run: bool,
    report: &mut PushReport,
) -> Result<(), Failure> {
    // A hundred bibs are read in one call, and no more than that grow old while they wait.
    for chunk in due.chunks(alma::MOST_AT_ONCE) {
        let mut wanted = Vec::new();
        for uri in chunk {
            if let Some(Ok(known)) = Known::read(store, hands, uri)? {
                wanted.extend(known.candidate().ok().flatten());
            }
        }
        let bibs: HashMap<MmsId, alma::Bib> =
            hands.alma.bibs(&wanted)?.into_iter().map(|bib| (bib.mms.clone(), bib)).collect();
        let threads = if dry_run { 2 } else { hands.alma.writers() as usize };
        let (fates, failure) =
            side_by_side(store, threads, chunk, |store, uri| match chain::one(store, hands, uri, &bibs, dry_run) {
                Ok(fate) => Ok(fate),
                Err(Trouble::Record(why)) => chain::failed(store, hands, uri, why, dry_run).map(Some),
                Err(Trouble::Ends(failure)) => Err(failure),
            });
        report.fates.extend(fates.into_iter().flatten());
        if let Some(failure) = failure {
            return Err(failure);
        }
    }
    Ok(())
}

/// Everything that differs from what the last file said goes into one new file.
fn into_file(
    store: &mut Store,
    hands: &Hands<'_>,
    (due, folder): (&[ResourceUri], &Path),
    dry_run: bool,
    report: &mut PushReport,
) -> Result<(), Failure> {
    let name = format!("{}_{}.xml", report.profile, (hands.clock)().compact());
    let mut new = Vec::new();
    let mut waiting = Vec::new();
    for uri in due {
        let known = match Known::read(store, hands, uri)? {
            None => continue,
            Some(Ok(known)) => known,
            Some(Err(why)) => {
                report.fates.push(Fate { outcome: "failed", detail: why, ..Fate::of(uri) });
                continue;
            }
        };
        let planned = plan(alone(&known), &Found::Nothing, &hands.push.rules)?;
        let intent = intent_of(uri, &planned, hands.made_by).map(|intent| crate::store::intents::NewIntent {
            kind: IntentKind::WriteFile,
            file: Some(name.clone()),
            ..intent
        });
        let mut fate = chain::foretold(uri, &planned);
        if let (Plan::Create { .. }, Some(intent)) = (&planned, intent) {
            let before = store.last_done(&intent.target())?;
            if before.is_some_and(|before| before.digests.0 == intent.digest()) {
                let why = SkipReason::WrittenBefore;
                fate = Fate { outcome: "skipped", code: why.code().to_owned(), detail: why.to_string(), ..fate };
            } else {
                new.push(intent);
            }
        }
        waiting.push((known, fate));
    }
    if !new.is_empty() && !dry_run {
        write_file::send(store, hands, folder, (&name, &new))?;
    }
    for (known, mut fate) in waiting {
        if !dry_run {
            if fate.outcome == "create" {
                fate = Fate { outcome: "created", detail: name.clone(), ..fate };
            }
            chain::note(store, hands, &known, &fate)?;
        }
        report.fates.push(fate);
    }
    Ok(())
}

/// A resource of which nothing is asked in Alma: the import profile matches it there.
fn alone(known: &Known) -> Subject<'_> {
    let none: Option<&BibImage> = None;
    Subject {
        resource: &known.resource,
        marc: &known.marc,
        malformed: &known.malformed,
        field_error: None,
        rivals: &[],
        base: none,
        adopted: None,
    }
}
