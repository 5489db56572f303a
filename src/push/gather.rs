//! ArchivesSpace → store: which resources changed, and what they say now.
//!
//! A repository in which nothing is new costs one call. Whatever ends this in between, the next run goes on: resources are
//! kept as they come, their MARC is asked for as long as it is missing, and the clock of a repository moves when all of
//! its list is kept.

use super::aspace::{self, Client};
use super::content_digest::content_digest;
use super::resource::Resource;
use super::resource_uri::ResourceUri;
use super::side_by_side::side_by_side;
use crate::failure::Failure;
use crate::model::time::Timestamp;
use crate::profile::{ArchivesSpace, Gathering};
use crate::store::Store;
use crate::store::resources::{Arrived, Gathered};
use std::collections::HashSet;

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
}

/// Gathers. `now` is our clock, used where ArchivesSpace does not tell its own.
pub fn gather(
    store: &mut Store,
    client: &Client,
    (aspace, gathering): (&ArchivesSpace, Gathering),
    wanted: &Wanted,
    now: Timestamp,
) -> Result<GatherReport, Failure> {
    let mut report = GatherReport::default();
    if wanted.only.is_empty() {
        for repository in repositories(client, aspace)? {
            gather_repository(store, client, (aspace, gathering), (repository, wanted), now, &mut report)?;
        }
    } else {
        keep(store, client, aspace, &wanted.only, now, &mut report)?;
    }
    report.exports = fetch_marc(store, client, &wanted.only)?;
    Ok(report)
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

fn gather_repository(
    store: &mut Store,
    client: &Client,
    (aspace, gathering): (&ArchivesSpace, Gathering),
    (repository, wanted): (u64, &Wanted),
    now: Timestamp,
    report: &mut GatherReport,
) -> Result<(), Failure> {
    let (since, compared) = store.gathered(repository)?;
    let since = since.filter(|_| !wanted.full);
    let is_time = compared.is_none_or(|compared| now.since(compared) >= gathering.compare_every);
    let compares = since.is_none() || wanted.compare || is_time;
    // The server's time is asked before the list: what is saved while the list is made has a later one.
    let begun = client.clock();
    let changed = client.resource_ids(repository, since)?;
    let all = match since {
        None => Some(changed.clone()),
        Some(_) if compares => Some(client.resource_ids(repository, None)?),
        Some(_) => None,
    };
    let asked_at = begun.or_else(|| client.clock()).unwrap_or(now);
    let chosen: Vec<ResourceUri> = changed.into_iter().filter(|uri| aspace.chosen.has(uri)).collect();
    keep(store, client, aspace, &chosen, now, report)?;
    if let Some(all) = &all {
        let shown: HashSet<ResourceUri> = all.iter().copied().collect();
        report.gone.extend(store.compare_resources(repository, &shown, now)?);
    }
    // What is saved now may become visible only when its transaction ends, with the time at which it began.
    store.set_gathered(repository, asked_at.minus(gathering.overlap), all.map(|_| now))?;
    report.repositories += 1;
    Ok(())
}

/// Asks for resources and keeps what came, some at a time.
fn keep(
    store: &mut Store,
    client: &Client,
    aspace: &ArchivesSpace,
    uris: &[ResourceUri],
    now: Timestamp,
    report: &mut GatherReport,
) -> Result<(), Failure> {
    for chunk in uris.chunks(AT_ONCE) {
        let resources = client.resources(chunk)?;
        let gathered: Vec<Gathered> = resources.into_iter().map(|resource| gathered(aspace, resource)).collect();
        let arrived = store.keep_resources(&gathered, now)?;
        report.arrived.new += arrived.new;
        report.arrived.changed += arrived.changed;
        report.arrived.same += arrived.same;
    }
    Ok(())
}

fn gathered(aspace: &ArchivesSpace, resource: Resource) -> Gathered {
    let field = &aspace.mms_id_field;
    let digest = content_digest(&resource.json, &[field]);
    let mms = field.read(&resource.json).ok().flatten().unwrap_or_default();
    Gathered { resource, digest, mms }
}

/// Asks for the MARC of every resource that has none for what it says now.
fn fetch_marc(store: &mut Store, client: &Client, only: &[ResourceUri]) -> Result<u64, Failure> {
    let mut missing = store.without_marc()?;
    missing.retain(|(uri, _)| only.is_empty() || only.contains(uri));
    let (fetched, failure) = side_by_side(store, EXPORTS_AT_ONCE, &missing, |store, (uri, digest)| {
        // One that was deleted a moment ago has none; the next comparison says so.
        let Some(marc) = client.marcxml(uri)? else { return Ok(0) };
        store.keep_marc(uri, digest, &marc)?;
        Ok(1)
    });
    match failure {
        Some(failure) => Err(failure),
        None => Ok(fetched.into_iter().sum()),
    }
}
