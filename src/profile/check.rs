//! From a profile as written to one that can be run: resolves paths, fills in defaults, refuses contradictions.

use super::raw::{
    Percent, RawCurrent, RawEngine, RawFeed, RawHarvest, RawHold, RawMatch, RawMerge, RawPolicy, RawProfile, RawReview,
    RawSettledBy, RawSeveralIes, RawStaging, RawTransform,
};
use super::{
    AlmaApi, ArchivesSpace, Current, Error, Feed, Harvest, Has, HoldPolicy, Limits, Matching, Profile, PushProfile,
    Review, Risks, RoundTrip, SettledBy, Staging, Transform, alma_api, archivesspace, push, serve, soap,
};
use crate::model::field_name::FieldName;
use crate::model::id::RepositoryIdentifier;
use crate::model::outcome::Place;
use crate::steps::merging::{Owner, Rules};
use crate::xslt::{Engine, SaxonTerms};
use std::path::{Path, PathBuf};

/// Rosetta before 9.0 keeps a DC value in a column of this many bytes.
const DEFAULT_MAX_VALUE_BYTES: usize = 4000;
/// Titles that share fewer of their pairs of letters are hardly the same.
const DEFAULT_TITLE_SIMILARITY: f64 = 0.4;

/// Java's heap with less does not hold Saxon itself.
const LEAST_SAXON_MEMORY: usize = 64_000_000;

pub(super) struct Checker<'a> {
    pub(super) path: &'a Path,
}

pub(super) fn check(path: &Path, mut raw: RawProfile) -> Result<Profile, Error> {
    let checker = Checker { path };
    let has = push::has_push(&raw);
    let (name, state, mut warnings) = (checker.name(), checker.state(&raw), Vec::new());
    let (archivesspace, alma_api) = checker.push(&mut raw, &mut warnings)?;
    let serve = serve::check(&checker, std::mem::take(&mut raw.serve))?;
    if has == Has::PushOnly {
        let message = "missing: this profile has the push only; `cartouche push` and its verbs, `serve`, `check` and `audit` take it, and no \
                       other command has anything to do with it";
        return checker.refuse("rosetta.feed", message);
    }
    let of_push = push::standard_hold(&raw.review);
    let review = checker.review(std::mem::take(&mut raw.review))?;
    let written = std::mem::take(&mut raw.push);
    match (&archivesspace, &alma_api) {
        // Not kept: whoever pushes loads the profile for it. But what is wrong with it is said by `check`, too.
        (Some(aspace), Some(alma)) if alma.mark.is_some() => {
            push::check(
                &checker,
                written,
                aspace,
                alma,
                Review { hold: of_push.unwrap_or(review.hold), ..review.clone() },
            )?;
        }
        (None, _) | (_, None) if written.is_something() => {
            return checker.refuse("push", "needs [archivesspace] and [alma.api]: from where to where?");
        }
        (None | Some(_), None | Some(_)) => {}
    }
    let round_trip = checker.round_trip(raw, &name, review, &mut warnings)?;
    Ok(Profile { name, path: path.to_owned(), state, round_trip, alma_api, archivesspace, serve, warnings })
}

/// What the push needs; the tables of the round trip may be there or not, and are checked where the round trip is.
pub(super) fn check_push(path: &Path, mut raw: RawProfile) -> Result<PushProfile, Error> {
    let checker = Checker { path };
    let (name, state, mut warnings) = (checker.name(), checker.state(&raw), Vec::new());
    let (archivesspace, alma_api) = checker.push(&mut raw, &mut warnings)?;
    let Some(mut archivesspace) = archivesspace else {
        return checker.refuse("archivesspace", "missing: which ArchivesSpace is pushed?");
    };
    let Some(alma_api) = alma_api else {
        return checker.refuse("alma.api", "missing: which Alma is it pushed to?");
    };
    let serve = serve::check(&checker, std::mem::take(&mut raw.serve))?;
    // With a round trip in the same profile they are that one's.
    if raw.staging.is_none() {
        warnings.extend(push::without_meaning(&raw.review, &raw.limits));
    }
    let of_push = push::standard_hold(&raw.review);
    let review = checker.review(raw.review)?;
    let review = Review { hold: of_push.unwrap_or(review.hold), ..review };
    let push = push::check(&checker, raw.push, &archivesspace, &alma_api, review)?;
    let pulled = push.pull.iter().flat_map(|pull| &pull.fields);
    archivesspace.pulled = pulled.map(|rule| rule.to.clone()).collect();
    Ok(PushProfile { name, path: path.to_owned(), state, archivesspace, alma_api, push, serve, warnings })
}

impl Checker<'_> {
    fn name(&self) -> String {
        self.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default()
    }

    fn state(&self, raw: &RawProfile) -> PathBuf {
        match &raw.state.path {
            Some(state) => self.resolve(state),
            None => self.resolve(Path::new(&format!("{}.db", self.name()))),
        }
    }

    fn push(
        &self,
        raw: &mut RawProfile,
        warnings: &mut Vec<String>,
    ) -> Result<(Option<ArchivesSpace>, Option<AlmaApi>), Error> {
        let alma_api = raw.alma.as_mut().and_then(|alma| alma.api.take());
        let alma_api = alma_api.map(|api| alma_api::check(self, api, warnings)).transpose()?;
        let archivesspace = raw.archivesspace.take();
        let archivesspace = archivesspace.map(|aspace| archivesspace::check(self, aspace, &raw.harvest, warnings));
        Ok((archivesspace.transpose()?, alma_api))
    }

    pub(super) fn refuse<T>(&self, key: &'static str, message: impl Into<String>) -> Result<T, Error> {
        Err(Error::Value { path: self.path.to_owned(), key, message: message.into() })
    }

    pub(super) fn resolve(&self, path: &Path) -> PathBuf {
        let folder = self.path.parent().unwrap_or(Path::new(""));
        folder.join(path)
    }

    /// For a program that is started in another folder.
    fn absolute(&self, path: &Path) -> PathBuf {
        let path = self.resolve(path);
        std::path::absolute(&path).unwrap_or(path)
    }

    fn round_trip(
        &self,
        raw: RawProfile,
        name: &str,
        review: Review,
        warnings: &mut Vec<String>,
    ) -> Result<RoundTrip, Error> {
        let has_soap = raw.rosetta.as_ref().is_some_and(|rosetta| rosetta.soap.is_some());
        let merge = self.merge(&raw.merge)?;
        let current = match raw.merge.current {
            None | Some(RawCurrent::Feed) => Current::Feed,
            Some(RawCurrent::Soap) if !has_soap => {
                return self
                    .refuse("merge.current", "\"soap\" needs the table [rosetta.soap]: where is Rosetta asked?");
            }
            Some(RawCurrent::Soap) => Current::Soap,
        };
        let Some(rosetta) = raw.rosetta else {
            return self.refuse("rosetta.feed", "missing: where is Rosetta's OAI-PMH feed?");
        };
        let Some(rosetta_feed) = rosetta.feed else {
            return self.refuse("rosetta.feed", "missing: where is Rosetta's OAI-PMH feed?");
        };
        let Some(alma_feed) = raw.alma.and_then(|alma| alma.feed) else {
            return self.refuse("alma.feed", "missing: where is Alma's OAI-PMH feed?");
        };
        let Some(staging) = raw.staging else {
            return self.refuse("staging", "missing: which folder does Rosetta's Update Metadata Job read?");
        };
        let repository = match rosetta.repository_identifier.as_deref().map(RepositoryIdentifier::parse) {
            None => None,
            Some(Ok(repository)) => Some(repository),
            Some(Err(error)) => return self.refuse("rosetta.repository-identifier", error.to_string()),
        };
        let soap = rosetta.soap.map(|soap| soap::check(self, soap, warnings)).transpose()?;
        let rosetta_feed = self.feed("rosetta.feed.base-url", rosetta_feed, &raw.harvest)?;
        let alma_feed = self.feed("alma.feed.base-url", alma_feed, &raw.harvest)?;
        let transform = self.transform(raw.transform)?;
        self.stylesheet_for(&transform.stylesheet, &alma_feed)?;
        let delivery_host = rosetta.delivery_host.or_else(|| host_of(&rosetta_feed.base_url).map(str::to_owned));
        Ok(RoundTrip {
            repository,
            rosetta: rosetta_feed,
            soap,
            alma: alma_feed,
            matching: self.matching(raw.r#match, delivery_host)?,
            transform,
            merge,
            current,
            review,
            staging: self.staging(staging, name, has_soap)?,
            limits: Limits {
                max_skips: raw.limits.max_skips.map(|Percent(share)| share),
                max_changed: raw.limits.max_changed.map(|Percent(share)| share),
                max_value_bytes: raw.limits.max_value_bytes.unwrap_or(DEFAULT_MAX_VALUE_BYTES),
            },
        })
    }

    /// Running `replace` for somebody who asked for `merge` would destroy what they meant to keep.
    fn merge(&self, raw: &RawMerge) -> Result<Option<Rules>, Error> {
        let named = [
            ("merge.rosetta-owns", &raw.rosetta_owns, Owner::Rosetta),
            ("merge.alma-owns", &raw.alma_owns, Owner::Alma),
            ("merge.union", &raw.union, Owner::Union),
        ];
        if raw.policy != Some(RawPolicy::Merge) {
            return match named.iter().find(|(_, names, _)| !names.is_empty()) {
                Some((key, ..)) => {
                    self.refuse(key, "means nothing under policy \"replace\": set merge.policy = \"merge\"")
                }
                None => Ok(None),
            };
        }
        let mut rules: Vec<(FieldName, Owner)> = Vec::new();
        for (key, names, owner) in named {
            for name in self.field_names(key, names)? {
                if let Some((_, other)) = rules.iter().find(|(known, other)| *known == name && *other != owner) {
                    return self.refuse(key, format!("`{name}` has another owner, too ({other:?})"));
                }
                rules.push((name, owner));
            }
        }
        Ok(Some(Rules::new(rules)))
    }

    fn field_names(&self, key: &'static str, names: &[String]) -> Result<Vec<FieldName>, Error> {
        names.iter().map(|name| FieldName::parse(name).or_else(|error| self.refuse(key, error.to_string()))).collect()
    }

    fn review(&self, raw: RawReview) -> Result<Review, Error> {
        let hold = match raw.hold {
            None | Some(RawHold::Nothing) => HoldPolicy::Nothing,
            Some(RawHold::Everything) => HoldPolicy::Everything,
            Some(RawHold::Risky) => HoldPolicy::Risky,
        };
        let require = self.field_names("review.require", &raw.require)?;
        let title_similarity = raw.title_similarity.map_or(DEFAULT_TITLE_SIMILARITY, |Percent(share)| share / 100.0);
        let risks = Risks { title_similarity, require, max_fields: raw.max_fields, max_ies: raw.max_ies };
        Ok(Review { hold, risks })
    }

    pub(super) fn feed(&self, key: &'static str, raw: RawFeed, general: &RawHarvest) -> Result<Feed, Error> {
        let base_url = raw.base_url.trim();
        match host_of(base_url) {
            None => {
                return self.refuse(
                    key,
                    format!("`{base_url}` is not a URL: it must begin with http:// or https:// and a host"),
                );
            }
            Some(host) if host.contains('@') => {
                return self.refuse(key, "holds a user name or password: secrets do not belong into a profile");
            }
            Some(_) => {}
        }
        let own = &raw.harvest;
        let standard = Harvest::default();
        let rate = raw.requests_per_second.or(own.requests_per_second).or(general.requests_per_second);
        if rate.is_some_and(|rate| !rate.is_finite() || rate < 0.0) {
            return self.refuse("harvest.requests-per-second", "must be a number above 0, or 0 for no limit");
        }
        let windows = raw.windows.or(own.windows).or(general.windows).unwrap_or(standard.windows);
        if !(1..=64).contains(&windows) {
            return self.refuse("harvest.windows", "must be a number from 1 to 64");
        }
        let max_shrink = raw.max_shrink.or(own.max_shrink).or(general.max_shrink).map(|share| share.0);
        let span =
            |direct: Option<super::raw::Span>, own: Option<super::raw::Span>, general: Option<super::raw::Span>| {
                direct.or(own).or(general).map(|span| span.0)
            };
        Ok(Feed {
            base_url: base_url.to_owned(),
            metadata_prefix: raw.metadata_prefix.clone(),
            set: raw.set.clone(),
            harvest: Harvest {
                overlap: span(raw.overlap, own.overlap, general.overlap).unwrap_or(standard.overlap),
                time_out: span(raw.time_out, own.time_out, general.time_out).unwrap_or(standard.time_out),
                retries: raw.retries.or(own.retries).or(general.retries).unwrap_or(standard.retries),
                requests_per_second: rate.filter(|rate| *rate > 0.0),
                windows,
                max_shrink: max_shrink.unwrap_or(standard.max_shrink),
            },
        })
    }

    fn stylesheet_for(&self, stylesheet: &Option<PathBuf>, alma: &Feed) -> Result<(), Error> {
        let has_builtin = matches!(alma.metadata_prefix.as_str(), "oai_dc" | "oai_qdc" | "marc21");
        if stylesheet.is_none() && !has_builtin {
            return self.refuse(
                "transform.stylesheet",
                format!("missing, and there is no built-in stylesheet for metadata prefix `{}`", alma.metadata_prefix),
            );
        }
        Ok(())
    }

    fn transform(&self, raw: RawTransform) -> Result<Transform, Error> {
        let standard = SaxonTerms::default();
        let engine = match raw.engine {
            None | Some(RawEngine::Auto) => Engine::Auto,
            Some(RawEngine::Libxslt) => Engine::Libxslt,
            Some(RawEngine::Saxon) => Engine::Saxon,
        };
        let time = raw.time_limit.map_or(standard.time, |span| span.0);
        if time.is_zero() {
            return self.refuse("transform.time-limit", "must be longer than nothing");
        }
        let memory = raw.memory_limit.map_or(standard.memory, |size| size.0);
        if memory < LEAST_SAXON_MEMORY {
            return self.refuse("transform.memory-limit", "must be 64MB or more, or Saxon does not start");
        }
        Ok(Transform {
            stylesheet: raw.stylesheet.map(|path| self.resolve(&path)),
            parameters: raw.parameters,
            engine,
            saxon: SaxonTerms { at: raw.saxon.map(|path| self.absolute(&path)), time, memory },
        })
    }

    fn matching(&self, raw: RawMatch, delivery_host: Option<String>) -> Result<Matching, Error> {
        let mut places = Vec::new();
        for field in raw.fields.unwrap_or_else(|| vec!["dc:identifier".to_owned(), "035".to_owned()]) {
            match Place::parse(&field) {
                Some(Place::Unreadable) | None => {
                    return self.refuse(
                        "match.fields",
                        format!("`{field}` is no place to look: use dc:identifier, 035, AVD, delivery-link or mms-map"),
                    );
                }
                Some(place) if places.contains(&place) => {}
                Some(place) => places.push(place),
            }
        }
        if places.is_empty() {
            return self.refuse("match.fields", "is empty, so nothing would ever match");
        }
        if places.contains(&Place::MmsMap) && raw.mms_map.is_none() {
            return self
                .refuse("match.mms-map", "missing: `mms-map` in match.fields needs a file of MMS IDs and IE PIDs");
        }
        Ok(Matching {
            places,
            require_in_rosetta: raw.require_in_rosetta.unwrap_or(true),
            hold_several_ies: raw.several_ies == Some(RawSeveralIes::Hold),
            delivery_host,
            mms_map: raw.mms_map.map(|path| self.resolve(&path)),
        })
    }

    fn staging(&self, raw: RawStaging, name: &str, has_soap: bool) -> Result<Staging, Error> {
        let settled_by = match raw.settled_by {
            None | Some(RawSettledBy::Rosetta) => SettledBy::Rosetta,
            Some(RawSettledBy::Cartouche) if has_soap => SettledBy::Cartouche,
            Some(RawSettledBy::Cartouche) => {
                return self.refuse(
                    "staging.settled-by",
                    "\"cartouche\" needs the table [rosetta.soap]: where is Rosetta asked?",
                );
            }
        };
        let job_name = raw.job_name.unwrap_or_else(|| name.to_owned());
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ' ');
        if job_name.is_empty() || job_name.starts_with('.') || !job_name.chars().all(plain) {
            return self.refuse(
                "staging.job-name",
                format!("`{job_name}` cannot begin a file name: use letters, digits, - and _"),
            );
        }
        let names = [
            ("staging.done", raw.done.unwrap_or_else(|| "done".to_owned())),
            ("staging.error", raw.error.unwrap_or_else(|| "error".to_owned())),
            ("staging.incoming", raw.incoming.unwrap_or_else(|| ".incoming".to_owned())),
        ];
        for (key, value) in &names {
            if value.is_empty() || value.contains('/') || matches!(value.as_str(), "." | "..") {
                return self.refuse(key, format!("`{value}` is not the name of a folder inside the staging folder"));
            }
        }
        let [(_, done), (_, error), (_, incoming)] = names;
        Ok(Staging {
            folder: self.resolve(&raw.folder),
            job_name,
            settle_within: raw.settle_within.map_or(std::time::Duration::from_secs(2 * 86_400), |span| span.0),
            max_in_flight: raw.max_in_flight.unwrap_or(5000),
            settled_by,
            done,
            error,
            incoming,
        })
    }
}

/// The authority of an http(s) URL, without a port; `None` for anything else.
pub(super) fn host_of(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("http://").or_else(|| url.strip_prefix("https://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        Some(_) | None => authority,
    };
    (!host.is_empty()).then_some(host)
}
