//! ArchivesSpace → store: which resources changed, and what they say now.
//!
//! A repository in which nothing is new costs one call. Whatever ends this in between, the next run goes on: resources are
//! kept as they come, their MARC is asked for as long as it is missing, and the clock of a repository moves when all of
//! its list is kept.

mod moved;

pub use moved::Moved;

use super::apply::told;
use super::aspace::{self, Client, Provider};
use super::content_digest::content_digest;
use super::plan::SkipReason;
use super::resource::Resource;
use super::resource_uri::ResourceUri;
use super::side_by_side::side_by_side;
use super::trouble::Trouble;
use super::watch::{News, Watch};
use crate::failure::{Failure, Kind, stated};
use crate::model::fixity::Fixity;
use crate::model::time::Timestamp;
use crate::profile::{ArchivesSpace, Gathering};
use crate::store::Store;
use crate::store::resources::{Arrived, Gathered, MadeFrom};
use serde_json::Value;
use std::collections::HashSet;
use std::sync::atomic::{AtomicU32, Ordering};

/// After so many failures in a row it is ArchivesSpace that fails, and not one of its records.
const PATIENCE: u32 = 3;
/// So many resources are kept at once, and asked for in one call.
const AT_ONCE: usize = 25;
/// ArchivesSpace makes MARC on one processor; more at once make each of them slower.
const EXPORTS_AT_ONCE: usize = 3;

/// What is to be gathered.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// These resources alone, whenever they changed.
    pub only: Vec<ResourceUri>,
    /// All resources, as if none was known.
    pub full: bool,
    /// Find what vanished now, and not only when it is time for it.
    pub compare: bool,
}

/// What came.
#[derive(Debug, Clone, Default)]
pub struct GatherReport {
    pub repositories: u64,
    pub arrived: Arrived,
    /// MARC records fetched.
    pub exports: u64,
    /// Resources that ArchivesSpace does not show any more.
    pub gone: Vec<ResourceUri>,
    /// Resources that could not be read, or have no MARC: a code, and why. The next run asks for them again.
    pub failed: Vec<(ResourceUri, &'static str, String)>,
    /// Repositories that could not be asked.
    pub refused: Vec<(u64, String)>,
}

/// Whom to ask, for what, and who may stop it.
#[derive(Clone, Copy)]
pub struct Asking<'a> {
    pub client: &'a Client,
    pub aspace: &'a ArchivesSpace,
    pub gathering: Gathering,
    pub wanted: &'a Wanted,
    pub watch: &'a Watch<'a>,
    /// The rules of the plan that follows.
    pub made_by: Fixity,
    /// Our clock.
    pub now: Timestamp,
}

/// Gathers.
pub fn gather(store: &mut Store, asking: Asking<'_>) -> Result<GatherReport, Failure> {
    let mut report = gather_records(store, asking)?;
    not_shown(store, asking, &mut report)?;
    report.exports = fetch_marc(store, asking, &mut report.failed)?;
    Ok(report)
}

/// Resources that the profile names and ArchivesSpace has never shown: a slip in the profile, or a right that is missing. Nothing
/// would ever come of them, and nobody would know.
fn not_shown(store: &Store, asking: Asking<'_>, report: &mut GatherReport) -> Result<(), Failure> {
    let Some(named) = asking.aspace.chosen.resources.as_ref().filter(|_| asking.wanted.only.is_empty()) else {
        return Ok(());
    };
    for uri in named.iter().filter(|uri| asking.aspace.chosen.has(uri)) {
        let is_told = report.failed.iter().any(|(failed, ..)| failed == uri)
            || report.refused.iter().any(|(repository, _)| *repository == uri.repository());
        if !is_told && !asking.watch.is_stopped() && !store.has_resource(uri)? {
            let why = "archivesspace.resources names it, and ArchivesSpace does not show it".to_owned();
            report.failed.push((*uri, "not-shown", why));
        }
    }
    Ok(())
}

/// As `gather`, without the MARC of what came: whoever needs that asks for it later.
pub fn gather_records(store: &mut Store, asking: Asking<'_>) -> Result<GatherReport, Failure> {
    let mut report = GatherReport::default();
    field_moved(store, asking.aspace)?;
    let only = &asking.wanted.only;
    if only.is_empty() {
        every_repository(store, asking, &mut report)?;
    } else {
        keep(store, asking, only, &mut report)?;
    }
    Ok(report)
}

/// Where the MMS ID, or what comes from Alma, is kept in other fields than before, what is kept of resources is read again: these
/// fields belong to us, and do not count as a change of theirs.
fn field_moved(store: &mut Store, aspace: &ArchivesSpace) -> Result<(), Failure> {
    const FACT: &str = "push-mms-id-field";
    let field = aspace.ours().iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let before = store.meta(FACT)?;
    if before.as_ref() == Some(&field) {
        return Ok(());
    }
    if before.is_some() {
        for line in store.resource_lines(None, usize::MAX >> 1)? {
            let Some(stored) = store.resource(&line.uri)? else { continue };
            // What cannot be read is told when it is planned.
            let Ok(json) = serde_json::from_str(&stored.json) else { continue };
            let mms = aspace.mms_id_field.read(&json).ok().flatten().unwrap_or_default();
            store.keep_field(&line.uri, &content_digest(&json, &aspace.ours()), &mms)?;
        }
    }
    Ok(store.set_meta(FACT, &field)?)
}

/// One repository after the other; one that the user may not see keeps nobody from the others.
fn every_repository(store: &mut Store, asking: Asking<'_>, report: &mut GatherReport) -> Result<(), Failure> {
    // Its time is known before the first list: what is saved while that is made has a later one.
    asking.client.log_in()?;
    let moved = Moved::of(store, "push-resources-of", &asking.aspace.chosen)?;
    let mut refusal = None;
    for repository in repositories(asking.client, asking.aspace)? {
        if asking.watch.is_stopped() {
            return Ok(());
        }
        match listed(store, asking, (repository, moved.is_moved()))? {
            Ok(list) => gather_repository(store, asking, (repository, list), report)?,
            Err(error) if error.concerns_all() => return Err(error.into()),
            Err(error) => {
                report.refused.push((repository, told(&error)));
                refusal.get_or_insert(error);
            }
        }
    }
    match refusal {
        // Nothing was shown at all: that is no trouble of a repository's.
        Some(error) if report.repositories == 0 => Err(error.into()),
        Some(_) => Ok(()),
        None if asking.watch.is_stopped() => Ok(()),
        None => moved.note(store),
    }
}

/// The repositories of the profile. Only when it names neither them nor resources ArchivesSpace is asked.
fn repositories(client: &Client, aspace: &ArchivesSpace) -> Result<Vec<u64>, aspace::Error> {
    let chosen = &aspace.chosen;
    let mut repositories = match (&chosen.repositories, &chosen.resources) {
        (Some(repositories), _) => repositories.clone(),
        (None, Some(resources)) => resources.iter().map(ResourceUri::repository).collect(),
        (None, None) => client.repositories()?.into_iter().map(|repository| repository.number).collect(),
    };
    repositories.retain(|repository| chosen.has_repository(*repository));
    repositories.sort_unstable();
    repositories.dedup();
    Ok(repositories)
}

/// What a repository was asked, before anything of it is kept.
struct Listed {
    changed: Vec<ResourceUri>,
    /// All that it shows, when it was time for that.
    all: Option<Vec<ResourceUri>>,
    /// From when on the next run asks.
    next: Timestamp,
}

fn listed(
    store: &Store,
    asking: Asking<'_>,
    (repository, takes_in): (u64, bool),
) -> Result<Result<Listed, aspace::Error>, Failure> {
    let Asking { client, gathering, wanted, now, .. } = asking;
    let (since, compared) = store.gathered(repository)?;
    let since = since.filter(|_| !wanted.full);
    let is_time = compared.is_none_or(|compared| now.since(compared) >= gathering.compare_every);
    let compares = since.is_none() || wanted.compare || is_time || takes_in;
    // Whichever clock is behind: a Date that a proxy sets ahead would hide what is saved until then.
    let begun = client.clock().map_or(now, |theirs| theirs.min(now));
    let ask = || {
        let changed = client.resource_ids(repository, since)?;
        let all = match since {
            None => Some(changed.clone()),
            Some(_) if compares => Some(client.resource_ids(repository, None)?),
            Some(_) => None,
        };
        // What is saved now may become visible only when its transaction ends, with the time at which it began.
        Ok(Listed { changed, all, next: begun.minus(gathering.overlap) })
    };
    Ok(ask())
}

fn gather_repository(
    store: &mut Store,
    asking: Asking<'_>,
    (repository, list): (u64, Listed),
    report: &mut GatherReport,
) -> Result<(), Failure> {
    let mut wanted = list.changed;
    // What failed before is asked for whenever it was saved.
    wanted.extend(store.unread(repository)?);
    if let Some(all) = &list.all {
        let shown: HashSet<ResourceUri> = all.iter().copied().collect();
        let (gone, back) = store.compare_resources(repository, &shown, asking.now)?;
        report.gone.extend(gone);
        wanted.extend(back);
    }
    let mut seen = HashSet::new();
    wanted.retain(|uri| asking.aspace.chosen.has(uri) && seen.insert(*uri));
    keep(store, asking, &wanted, report)?;
    if asking.watch.is_stopped() {
        return Ok(());
    }
    store.set_gathered(repository, list.next, list.all.map(|_| asking.now))?;
    report.repositories += 1;
    Ok(())
}

/// Asks for resources and keeps what came, some at a time.
fn keep(store: &mut Store, asking: Asking<'_>, uris: &[ResourceUri], report: &mut GatherReport) -> Result<(), Failure> {
    for (number, chunk) in uris.chunks(AT_ONCE).enumerate() {
        let resources = match asking.client.resources(chunk) {
            Ok(resources) => resources,
            Err(error) if error.may_be_one_record_s() => one_by_one(store, asking, chunk, &mut report.failed)?,
            Err(error) => return Err(error.into()),
        };
        let gathered: Vec<Gathered> = resources.into_iter().map(|resource| gathered(asking.aspace, resource)).collect();
        let arrived = store.keep_resources(&gathered, asking.now)?;
        report.arrived.new += arrived.new;
        report.arrived.changed += arrived.changed;
        report.arrived.same += arrived.same;
        store.forget_unread(chunk.iter().filter(|uri| !report.failed.iter().any(|(failed, ..)| failed == *uri)))?;
        let done = uris.len().min((number + 1) * AT_ONCE) as u64;
        if asking.watch.tell(News::Gathered { done, of: uris.len() as u64 }) {
            return Ok(());
        }
    }
    Ok(())
}

/// One resource that ArchivesSpace cannot give must not hide the others.
fn one_by_one(
    store: &mut Store,
    asking: Asking<'_>,
    uris: &[ResourceUri],
    failed: &mut Vec<(ResourceUri, &'static str, String)>,
) -> Result<Vec<Resource>, Failure> {
    let (mut resources, mut in_a_row) = (Vec::new(), 0);
    for uri in uris {
        match asking.client.resource(uri) {
            Ok(resource) => {
                in_a_row = 0;
                resources.extend(resource);
            }
            Err(error) if error.may_be_one_record_s() && in_a_row < PATIENCE => {
                in_a_row += 1;
                let why = told(&error);
                store.note_unread(uri, &why, asking.now)?;
                failed.push((*uri, "unread", why));
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(resources)
}

fn gathered(aspace: &ArchivesSpace, resource: Resource) -> Gathered {
    let field = &aspace.mms_id_field;
    let digest = content_digest(&resource.json, &aspace.ours());
    let mms = field.read(&resource.json).ok().flatten().unwrap_or_default();
    Gathered { resource, digest, mms }
}

/// Asks for the MARC of every resource that has none for what it says now.
fn fetch_marc(
    store: &mut Store,
    asking: Asking<'_>,
    failed: &mut Vec<(ResourceUri, &'static str, String)>,
) -> Result<u64, Failure> {
    let only = &asking.wanted.only;
    let mut missing = store.without_marc(&asking.made_by)?;
    missing.retain(|(uri, _)| asking.aspace.chosen.has(uri) && (only.is_empty() || only.contains(uri)));
    let missing = without_those_of_other_sets(store, asking, missing)?;
    let (in_a_row, of) = (AtomicU32::new(0), missing.len() as u64);
    let provider = asking.aspace.feed.as_ref().map(Provider::new).transpose()?;
    let go = |done| !asking.watch.tell(News::Exported { done, of });
    let (fetched, failure) =
        side_by_side(store, EXPORTS_AT_ONCE, &missing, &go, |store, (uri, digest)| {
            match marc_of(asking.client, provider.as_ref(), uri) {
                Ok(Some(marc)) => {
                    in_a_row.store(0, Ordering::Relaxed);
                    store.keep_marc(uri, digest, &marc)?;
                    Ok(None)
                }
                Ok(None) => Ok(Some((*uri, "no-marc", "ArchivesSpace has no MARC of it".to_owned()))),
                Err(Trouble::Record(why)) if in_a_row.fetch_add(1, Ordering::Relaxed) < PATIENCE => {
                    Ok(Some((*uri, "no-marc", why)))
                }
                Err(trouble) => Err(trouble.into()),
            }
        });
    let exports = fetched.iter().filter(|end| end.is_none()).count() as u64;
    failed.extend(fetched.into_iter().flatten());
    match failure {
        Some(failure) => Err(failure),
        None => Ok(exports),
    }
}

/// Where sets are chosen, no MARC is asked for of what is in none of them: that is all that a plan would say.
fn without_those_of_other_sets(
    store: &mut Store,
    asking: Asking<'_>,
    missing: Vec<(ResourceUri, Fixity)>,
) -> Result<Vec<(ResourceUri, Fixity)>, Failure> {
    let Some(sets) = &asking.aspace.chosen.sets else { return Ok(missing) };
    let mut wanted = Vec::new();
    for (uri, digest) in missing {
        let stored = store.resource(&uri)?;
        let json: Option<Value> = stored.and_then(|stored| serde_json::from_str(&stored.json).ok());
        match json.filter(|json| !sets.has(json)) {
            None => wanted.push((uri, digest)),
            Some(json) => {
                let mms = asking.aspace.mms_id_field.read(&json).ok().flatten().unwrap_or_default();
                let from = MadeFrom { digest, mms: &mms, rules: asking.made_by };
                let why = SkipReason::NotInSet;
                store.note_outcome(&uri, from, ("skipped", why.code(), &why.to_string()), asking.now)?;
            }
        }
    }
    Ok(wanted)
}

/// From the provider, where the profile names one and it shows the resource; else from the export, which needs no publication.
fn marc_of(client: &Client, provider: Option<&Provider<'_>>, uri: &ResourceUri) -> Result<Option<String>, Trouble> {
    let shown = provider.map(|provider| provider.marc(uri)).transpose();
    match shown.map_err(|error| Trouble::Record(told(&error)))?.flatten() {
        Some(marc) => Ok(Some(marc)),
        None => client.marcxml(uri).map_err(|error| match error.may_be_one_record_s() {
            true => Trouble::Record(told(&error)),
            false => Trouble::Ends(error.into()),
        }),
    }
}

/// Refuses by its name what was asked for and is not the profile's to push.
pub fn must_be_chosen(aspace: &ArchivesSpace, only: &[ResourceUri]) -> Result<(), Failure> {
    match only.iter().find(|uri| !aspace.chosen.has(uri)) {
        Some(uri) => {
            let hint = "archivesspace.repositories and archivesspace.resources say which resources are pushed";
            Err(stated(Kind::Configuration, format!("the profile does not choose {uri}"), hint))
        }
        None => Ok(()),
    }
}
