//! ArchivesSpace, described: `[archivesspace]`, checked.

use super::check::{Checker, host_of};
use super::raw::{RawArchivesSpace, RawFeed, RawHarvest};
use super::secret::SecretPlace;
use super::{Error, Feed};
use crate::http::redacted;
use crate::push::mms_field::MmsField;
use crate::push::resource::Sets;
use crate::push::resource_uri::ResourceUri;
use std::time::Duration;

/// The levels of description of a resource.
const LEVELS: [&str; 11] = [
    "class",
    "collection",
    "file",
    "fonds",
    "item",
    "otherlevel",
    "recordgrp",
    "series",
    "subfonds",
    "subgrp",
    "subseries",
];

/// How ArchivesSpace is asked, and which of its resources are pushed.
#[derive(Debug, Clone)]
pub struct ArchivesSpace {
    /// Of the backend, without a slash at its end: `https://aspace.example.org/api`.
    pub base_url: String,
    pub user: String,
    pub password: SecretPlace,
    pub pace: AspacePace,
    pub chosen: Chosen,
    /// Where a resource keeps the MMS ID of its bib.
    pub mms_id_field: MmsField,
    /// Its OAI-PMH provider, from which the MARC of what is public comes, in the place of the exports.
    pub feed: Option<Feed>,
    /// Fields that are filled from Alma, as `[push.pull]` names them.
    pub pulled: Vec<MmsField>,
}

impl ArchivesSpace {
    /// The fields of a resource that this program writes: what stands there is no change of the resource.
    pub fn ours(&self) -> Vec<&MmsField> {
        let pulled = self.pulled.iter().filter(|field| **field != self.mms_id_field);
        std::iter::once(&self.mms_id_field).chain(pulled).collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AspacePace {
    /// `None`: no limit.
    pub requests_per_second: Option<f64>,
    pub time_out: Duration,
    /// Further attempts of what only reads.
    pub retries: u32,
}

/// Which resources are pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    /// `None`: all that the user may see.
    pub repositories: Option<Vec<u64>>,
    /// `None`: all of these repositories.
    pub resources: Option<Vec<ResourceUri>>,
    /// As the sets of ArchivesSpace's own provider choose; `None`: all.
    pub sets: Option<Sets>,
    pub published_only: bool,
}

impl Chosen {
    /// Whether a repository has resources that may be pushed.
    pub fn has_repository(&self, repository: u64) -> bool {
        let of_resources = |list: &Vec<ResourceUri>| list.iter().any(|uri| uri.repository() == repository);
        self.repositories.as_ref().is_none_or(|list| list.contains(&repository))
            && self.resources.as_ref().is_none_or(of_resources)
    }

    /// Whether a resource is pushed, as far as its name tells.
    pub fn has(&self, uri: &ResourceUri) -> bool {
        let repositories = self.repositories.as_ref();
        repositories.is_none_or(|list| list.contains(&uri.repository()))
            && self.resources.as_ref().is_none_or(|list| list.contains(uri))
    }
}

/// Refuses what cannot be asked; warns of a password that would travel in the clear.
pub(super) fn check(
    checker: &Checker<'_>,
    raw: RawArchivesSpace,
    harvest: &RawHarvest,
    warnings: &mut Vec<String>,
) -> Result<ArchivesSpace, Error> {
    let user = raw.user.trim().to_owned();
    if user.is_empty() || user.contains(char::is_control) {
        return checker.refuse("archivesspace.user", "is no name of a user");
    }
    let password = match (&raw.password_env, &raw.password_file) {
        (Some(name), None) if !name.trim().is_empty() => SecretPlace::Environment(name.trim().to_owned()),
        (None, Some(path)) => SecretPlace::File(checker.resolve(path)),
        (Some(_), None) => return checker.refuse("archivesspace.password-env", "is empty"),
        (None, None) => return checker.refuse("archivesspace", "needs password-env or password-file"),
        (Some(_), Some(_)) => {
            return checker
                .refuse("archivesspace", "has password-env and password-file: which one holds the password?");
        }
    };
    let mms_id_field = match MmsField::parse(raw.mms_id_field.as_deref().unwrap_or("user_defined.string_2")) {
        Ok(field) => field,
        Err(error) => return checker.refuse("archivesspace.mms-id-field", error.to_string()),
    };
    Ok(ArchivesSpace {
        base_url: base_url(checker, &raw.base_url, warnings)?,
        user,
        password,
        pace: pace(checker, &raw)?,
        chosen: chosen(checker, &raw)?,
        mms_id_field,
        feed: raw.feed.map(|given| feed(checker, given, harvest)).transpose()?,
        pulled: Vec::new(),
    })
}

/// The provider gives the MARC of one resource after the other: lists and their sets are not asked for.
fn feed(checker: &Checker<'_>, raw: RawFeed, harvest: &RawHarvest) -> Result<Feed, Error> {
    let feed = checker.feed("archivesspace.feed.base-url", raw, harvest)?;
    if feed.metadata_prefix != "oai_marc" {
        return checker.refuse("archivesspace.feed.metadata-prefix", "must be \"oai_marc\": the push needs MARC");
    }
    if feed.set.is_some() {
        return checker
            .refuse("archivesspace.feed.set", "resources are asked for by their names: choose by archivesspace.sets");
    }
    Ok(feed)
}

/// The path is each site's own: `/api`, `/staff/api`, or none on port 8089.
fn base_url(checker: &Checker<'_>, written: &str, warnings: &mut Vec<String>) -> Result<String, Error> {
    const KEY: &str = "archivesspace.base-url";
    let url = written.trim().trim_end_matches('/');
    let host = match host_of(url) {
        None => {
            let shown = redacted(url);
            return checker
                .refuse(KEY, format!("`{shown}` is not a URL: it must begin with http:// or https:// and a host"));
        }
        Some(host) if host.contains('@') => {
            return checker.refuse(KEY, "holds a user name or password: secrets do not belong into a profile");
        }
        Some(_) if url.contains(['?', '#']) => return checker.refuse(KEY, "must end with the path: no `?`"),
        Some(host) => host,
    };
    // ArchivesSpace 4 answers such a path with "Ambiguous URI empty segment".
    if url.split_once("://").is_some_and(|(_, rest)| rest.contains("//")) {
        return checker.refuse(KEY, "has an empty part in its path: `//`");
    }
    if url.starts_with("http://") && !matches!(host, "127.0.0.1" | "localhost" | "[::1]") {
        warnings
            .push("archivesspace.base-url is http: the password is sent readable for everybody on the way".to_owned());
    }
    Ok(url.to_owned())
}

fn pace(checker: &Checker<'_>, raw: &RawArchivesSpace) -> Result<AspacePace, Error> {
    let rate = raw.requests_per_second.unwrap_or(0.0);
    if !rate.is_finite() || rate < 0.0 {
        return checker.refuse("archivesspace.requests-per-second", "must be a number above 0, or 0 for no limit");
    }
    // A resource with its agents and subjects was seen to take most of a minute (UCLA, 2024).
    let time_out = raw.time_out.map_or(Duration::from_secs(120), |span| span.0);
    if time_out.is_zero() {
        return checker.refuse("archivesspace.time-out", "must be longer than nothing");
    }
    let requests_per_second = Some(rate).filter(|rate| *rate > 0.0);
    Ok(AspacePace { requests_per_second, time_out, retries: raw.retries.unwrap_or(5) })
}

fn chosen(checker: &Checker<'_>, raw: &RawArchivesSpace) -> Result<Chosen, Error> {
    let repositories = raw.repositories.clone();
    if repositories.as_ref().is_some_and(Vec::is_empty) {
        return checker.refuse("archivesspace.repositories", "is empty: leave it out for all of them");
    }
    let named = raw.resources.as_ref().map(|list| list.iter().map(|text| ResourceUri::parse(text)).collect());
    let resources: Option<Vec<ResourceUri>> = match named.transpose() {
        Ok(resources) => resources,
        Err(error) => return checker.refuse("archivesspace.resources", error.to_string()),
    };
    if resources.as_ref().is_some_and(Vec::is_empty) {
        return checker.refuse("archivesspace.resources", "is empty: leave it out for all of them");
    }
    let (levels, sponsors) = (raw.sets.clone(), raw.sponsors.clone());
    if let Some(other) = levels.iter().flatten().find(|set| !LEVELS.contains(&set.as_str())) {
        let message = format!("`{other}` is no level of description: use {}", LEVELS.join(", "));
        return checker.refuse("archivesspace.sets", message);
    }
    for (key, list) in [("archivesspace.sets", &levels), ("archivesspace.sponsors", &sponsors)] {
        if list.as_ref().is_some_and(Vec::is_empty) {
            return checker.refuse(key, "is empty: leave it out for all of them");
        }
    }
    let sponsors = sponsors.map(|list| list.iter().map(|sponsor| sponsor.trim().to_owned()).collect());
    let sets = (levels.is_some() || sponsors.is_some()).then_some(Sets { levels, sponsors });
    let published_only = raw.published_only.unwrap_or(false);
    let chosen = Chosen { repositories, resources, sets, published_only };
    let outside = chosen.resources.iter().flatten().find(|uri| !chosen.has(uri));
    match outside {
        Some(uri) => {
            let message = format!("{uri} is in none of archivesspace.repositories");
            checker.refuse("archivesspace.resources", message)
        }
        None => Ok(chosen),
    }
}

#[cfg(test)]
mod tests;
