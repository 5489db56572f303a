//! ArchivesSpace's REST API: resources and top containers are read whole and written back whole, and never over another's change.
//!
//! Facts about its endpoints are those of ArchivesSpace 2.7 to 4.2 (its source, and answers recorded from 2.7.1 and 3.4.1).

mod calls;
mod error;
mod lists;
mod login;
mod oai_marc;
mod refusal;
mod repository;
mod wire;

pub use calls::Call;
pub use error::{Error, NotArchivesSpace};
pub use oai_marc::{OaiResource, OaiResourceError, Provider, Told, read_oai_resource};
pub use refusal::{AspaceError, Class};
pub use repository::Repository;

use super::resource::Resource;
use super::resource_uri::{ContainerUri, ResourceUri};
use super::top_container::{Location, TopContainer};
use crate::model::time::Timestamp;
use crate::profile::ArchivesSpace;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use wire::{Ask, Wire, path};

/// ArchivesSpace gives no more records a call than this (`max_page_size`), whatever was asked for.
pub const MOST_AT_ONCE: usize = 250;
/// Resources come with agents, subjects and repository: with more of them an answer takes minutes.
const RESOURCES_AT_ONCE: usize = 25;
/// So often a record is read anew because somebody else saved it.
const SAVES: u32 = 5;
/// What is told in full within a resource, because its MARC shows it.
const WITH_RESOURCE: [(&str, &str); 4] = [
    ("resolve[]", "linked_agents"),
    ("resolve[]", "subjects"),
    ("resolve[]", "repository"),
    ("resolve[]", "repository::agent_representation"),
];
const WITH_CONTAINER: [(&str, &str); 2] = [("resolve[]", "container_locations"), ("resolve[]", "container_profile")];

/// Asks one ArchivesSpace. Its clones share connections, the rate, the session and the counters.
#[derive(Clone)]
pub struct Client {
    wire: Arc<Wire>,
}

/// What ArchivesSpace says of a record that it has saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    pub lock_version: u64,
    /// Its remarks, which are no errors.
    pub warnings: Vec<String>,
}

impl Client {
    /// Reads the password, and asks nothing yet: the first call logs in.
    pub fn new(aspace: &ArchivesSpace) -> Result<Self, Error> {
        Ok(Client { wire: Arc::new(Wire::new(aspace)?) })
    }

    /// ArchivesSpace's own time, as its last answer told it; none when no answer did.
    pub fn clock(&self) -> Option<Timestamp> {
        self.wire.clock()
    }

    /// Begins a session, if there is none: from then on ArchivesSpace's time is known.
    pub fn log_in(&self) -> Result<(), Error> {
        self.wire.begin()
    }

    /// Every request sent so far, attempts included.
    pub fn calls(&self) -> BTreeMap<Call, u64> {
        self.wire.counter().so_far()
    }

    /// `ArchivesSpace (v3.4.1)`.
    pub fn version(&self) -> Result<String, Error> {
        let ask = Ask::get(Call::Version, "", path(&["version"], &[]));
        lists::text(&ask, &self.wire.ask(&ask)?)
    }

    /// The repositories that the user may see.
    pub fn repositories(&self) -> Result<Vec<Repository>, Error> {
        let ask = Ask::get(Call::ListRepositories, "", path(&["repositories"], &[]));
        self.read(&ask, |json| lists::members(json, Repository::read))
    }

    /// The numbers of a repository's resources, those only that were saved at `modified_since` or later (by `system_mtime`).
    pub fn resource_ids(&self, repository: u64, since: Option<Timestamp>) -> Result<Vec<ResourceUri>, Error> {
        let repository_id = repository.to_string();
        let since = since.map(seconds);
        let mut query = vec![("all_ids", "true")];
        query.extend(since.as_deref().map(|since| ("modified_since", since)));
        let of = format!("of repository {repository}");
        let ask = Ask::get(Call::ListResources, of, path(&["repositories", &repository_id, "resources"], &query));
        let ids =
            self.read(&ask, |json| lists::members(json, |id| id.as_u64().ok_or("a number that is none".into())))?;
        Ok(ids.into_iter().map(|id| ResourceUri::new(repository, id)).collect())
    }

    /// Resources with their agents, subjects and repository, 25 a call and each asked for once. Those that ArchivesSpace does
    /// not have, or does not show to this user, are missing; the order is ArchivesSpace's.
    pub fn resources(&self, wanted: &[ResourceUri]) -> Result<Vec<Resource>, Error> {
        let mut by_repository: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
        for uri in wanted {
            let numbers = by_repository.entry(uri.repository()).or_default();
            if !numbers.contains(&uri.number()) {
                numbers.push(uri.number());
            }
        }
        let mut resources = Vec::new();
        for (repository, numbers) in by_repository {
            for chunk in numbers.chunks(RESOURCES_AT_ONCE) {
                resources.extend(self.resources_of(repository, chunk)?);
            }
        }
        Ok(resources)
    }

    fn resources_of(&self, repository: u64, numbers: &[u64]) -> Result<Vec<Resource>, Error> {
        let ids: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let (repository, ids) = (repository.to_string(), ids.join(","));
        let mut query = vec![("id_set", ids.as_str())];
        query.extend(WITH_RESOURCE);
        let of = format!("{} of repository {repository}", numbers.len());
        let ask = Ask::get(Call::ReadResources, of, path(&["repositories", &repository, "resources"], &query));
        self.read(&ask, |json| lists::members(json, |record| Resource::read(record).map_err(|error| error.to_string())))
    }

    /// A resource with its agents, subjects and repository; none when there is no such resource.
    pub fn resource(&self, uri: &ResourceUri) -> Result<Option<Resource>, Error> {
        let ask = Ask::get(Call::ReadResource, uri.to_string(), wire::of_uri(&uri.to_string(), &WITH_RESOURCE));
        let json = self.found(&ask)?;
        json.map(|json| Resource::read(json).map_err(|error| ask.unreadable(error.to_string()))).transpose()
    }

    /// The MARCXML of a resource as its exporter makes it, without what is unpublished; faults and all.
    pub fn marcxml(&self, uri: &ResourceUri) -> Result<Option<String>, Error> {
        let (repository, file) = (uri.repository().to_string(), format!("{}.xml", uri.number()));
        let segments = ["repositories", &repository, "resources", "marc21", &file];
        let query = [("include_unpublished_marc", "false")];
        let ask =
            Ask { accept: "application/xml", ..Ask::get(Call::ReadMarc, uri.to_string(), path(&segments, &query)) };
        self.answer(&ask)?.map(|answer| lists::text(&ask, &answer)).transpose()
    }

    /// Saves a whole resource with the `lock_version` that it was read with. `Error::Conflict`: somebody has saved it since.
    ///
    /// After `UnknownOutcome` read it again: a record that arrived has another `lock_version`, and a second sending would only
    /// meet it as a conflict.
    pub fn save(&self, uri: &ResourceUri, record: &Value) -> Result<Saved, Error> {
        self.post(Call::SaveResource, &uri.to_string(), record)
    }

    pub fn save_container(&self, uri: &ContainerUri, record: &Value) -> Result<Saved, Error> {
        self.post(Call::SaveContainer, &uri.to_string(), record)
    }

    /// Reads a resource, changes it and saves it whole, again on what somebody else has saved in between.
    ///
    /// `change` says whether there is anything to save: what already is as it should be costs no save. `None`: there is
    /// nothing to save. An unknown outcome is looked into: the record is read again, and `change` finds its work done or not.
    pub fn change_resource<E>(
        &self,
        uri: &ResourceUri,
        change: impl Fn(&mut Value) -> Result<bool, E>,
    ) -> Result<Option<Saved>, ChangeError<E>> {
        let read = || Ok(self.resource(uri)?.map(|resource| resource.json));
        self.change(&uri.to_string(), read, change, |record| self.save(uri, record))
    }

    /// As `change_resource`, for a top container.
    pub fn change_container<E>(
        &self,
        uri: &ContainerUri,
        change: impl Fn(&mut Value) -> Result<bool, E>,
    ) -> Result<Option<Saved>, ChangeError<E>> {
        let read = || Ok(self.top_container(uri)?.map(|container| container.json));
        self.change(&uri.to_string(), read, change, |record| self.save_container(uri, record))
    }

    fn change<E>(
        &self,
        what: &str,
        read: impl Fn() -> Result<Option<Value>, Error>,
        change: impl Fn(&mut Value) -> Result<bool, E>,
        save: impl Fn(&Value) -> Result<Saved, Error>,
    ) -> Result<Option<Saved>, ChangeError<E>> {
        let mut saves = 0;
        loop {
            let mut record = read()?.ok_or_else(|| ChangeError::Gone(what.to_owned()))?;
            if !change(&mut record).map_err(ChangeError::Change)? {
                return Ok(None);
            }
            saves += 1;
            match save(&record) {
                Ok(saved) => return Ok(Some(saved)),
                Err(error) if saves < SAVES && (error.is_conflict() || error.may_have_arrived()) => {
                    tracing::info!(what, "read again before it is saved: {error}");
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// All top containers of a repository with their locations and profiles, 250 a call; each says what it holds parts of.
    /// Only those that were saved at `since` or later, if it is given.
    pub fn top_containers(&self, repository: u64, since: Option<Timestamp>) -> Result<Vec<TopContainer>, Error> {
        lists::all_pages(&self.wire, repository, since.map(seconds).as_deref(), &WITH_CONTAINER)
    }

    /// The names of all top containers of a repository, in one call.
    pub fn container_ids(&self, repository: u64) -> Result<Vec<ContainerUri>, Error> {
        let (of, number) = (format!("of repository {repository}, names only"), repository.to_string());
        let segments = ["repositories", &number, "top_containers"];
        let ask = Ask::get(Call::ListContainers, of, path(&segments, &[("all_ids", "true")]));
        let ids =
            self.read(&ask, |json| lists::members(json, |id| id.as_u64().ok_or("a number that is none".into())))?;
        Ok(ids.into_iter().map(|id| ContainerUri::new(repository, id)).collect())
    }

    /// The top containers that hold parts of a resource.
    ///
    /// Found by ArchivesSpace's index, read from its database. `resources/:id/top_containers` walks the whole tree, names
    /// published parts only, twice, and times out at a few thousand (UCLA, 2024): it is not asked. What the index has not seen
    /// yet is missing: where that matters, `top_containers` asks the database alone.
    pub fn top_containers_of(&self, uri: &ResourceUri) -> Result<Vec<TopContainer>, Error> {
        let repository = uri.repository();
        let Some(found) = lists::found_by_index(&self.wire, uri)? else {
            let all = self.top_containers(repository, None)?;
            return Ok(all.into_iter().filter(|container| container.holds_part_of(uri)).collect());
        };
        let containers = lists::by_numbers(&self.wire, repository, &found, &WITH_CONTAINER)?;
        Ok(containers.into_iter().filter(|container| container.holds_part_of(uri)).collect())
    }

    pub fn top_container(&self, uri: &ContainerUri) -> Result<Option<TopContainer>, Error> {
        let ask = Ask::get(Call::ReadContainer, uri.to_string(), wire::of_uri(&uri.to_string(), &WITH_CONTAINER));
        let json = self.found(&ask)?;
        json.map(|json| TopContainer::read(json).map_err(|error| ask.unreadable(error.to_string()))).transpose()
    }

    /// A location by its URI, `/locations/15`.
    pub fn location(&self, uri: &str) -> Result<Option<Location>, Error> {
        let segments: Vec<&str> = uri.split('/').filter(|part| !part.is_empty()).collect();
        let ask = Ask::get(Call::ReadLocation, uri, path(&segments, &[]));
        Ok(self.found(&ask)?.map(|json| Location::read(&json)))
    }

    fn post(&self, call: Call, uri: &str, record: &Value) -> Result<Saved, Error> {
        let body = record.to_string();
        let ask = Ask::post(call, uri, wire::of_uri(uri, &[]), &body);
        let answer = self.wire.ask(&ask)?;
        let unknown = |source| Error::UnknownOutcome { doing: ask.doing(), source: Box::new(source) };
        let json = lists::json(&ask, &answer).map_err(unknown)?;
        let lock_version = json.get("lock_version").and_then(Value::as_u64);
        let lock_version = lock_version.ok_or_else(|| unknown(ask.unreadable("it has no `lock_version`")))?;
        let warnings = json.get("warnings").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let warning = |one: &Value| one.as_str().map_or_else(|| one.to_string(), str::to_owned);
        Ok(Saved { lock_version, warnings: warnings.iter().map(warning).collect() })
    }

    fn read<T>(&self, ask: &Ask<'_>, reader: impl Fn(Value) -> Result<T, String>) -> Result<T, Error> {
        let json = lists::json(ask, &self.wire.ask(ask)?)?;
        reader(json).map_err(|why| ask.unreadable(why))
    }

    fn found(&self, ask: &Ask<'_>) -> Result<Option<Value>, Error> {
        self.answer(ask)?.map(|answer| lists::json(ask, &answer)).transpose()
    }

    /// The answer to a question, none when what was asked for is not there.
    fn answer(&self, ask: &Ask<'_>) -> Result<Option<crate::http::Answer>, Error> {
        match self.wire.ask(ask) {
            Ok(answer) => Ok(Some(answer)),
            Err(Error::Refused { source, .. }) if source.class() == Class::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Why a record was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError<E> {
    #[error(transparent)]
    Aspace(#[from] Error),
    #[error("{0} is not there any more")]
    Gone(String),
    #[error(transparent)]
    Change(E),
}

/// As `modified_since` takes it.
fn seconds(instant: Timestamp) -> String {
    instant.millis().div_euclid(1000).max(0).to_string()
}
