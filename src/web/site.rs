//! What the staff page serves: profiles with their stores, and who may.

use super::access::{self, Access};
use super::ahead::Ready;
use super::glance::{Glance, Watch};
use super::html::csv::AT_THE_SAME_TIME;
use super::origin::Hosts;
use super::places::Places;
use super::under_way::Runs;
use crate::failure::{Failure, Kind, stated};
use crate::model::id::RepositoryIdentifier;
use crate::model::time::Timestamp;
use crate::profile::{self, Profile, PushProfile, Served};
use crate::steps;
use crate::steps::explain::Explainer;
use crate::steps::mms_map::MmsMap;
use crate::steps::prepare::{Feeds, Middle};
use crate::store::Store;
use crate::store::coverage::Kept;
use crate::store::titles::{Progress, Titles};
use std::net::SocketAddr;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Connections that wait for the next request.
const POOL: usize = 4;

/// Everything that answers need beside the request and the time.
pub struct Site {
    pub desks: Vec<Desk>,
    pub access: Arc<Access>,
    pub hosts: Hosts,
    pub runs: Arc<Runs>,
    /// Whose turn it is to try a stylesheet: one at a time, for it may take all that its limits allow.
    pub trial: Mutex<()>,
    /// Files that are made or sent.
    pub files: Places,
}

/// One profile on the page; a copy is the same desk.
#[derive(Clone)]
pub struct Desk(Arc<Things>);

/// What lies on a desk.
pub struct Things {
    /// As it was when the server started; who may use the page follows from it.
    pub started_with: Served,
    /// Whether it pushes from ArchivesSpace to Alma, beside a round trip or without one.
    pub has_push: bool,
    pool: Mutex<Vec<Store>>,
    watch: Mutex<Option<Watch>>,
    mms_map: MmsMap,
    /// What a thread of the server makes ready, where there is one.
    pub ready: Ready,
}

impl Site {
    /// Refuses to serve where anybody could decide.
    pub fn new(
        profiles: impl IntoIterator<Item: Into<Served>>,
        listen: SocketAddr,
        user: &str,
    ) -> Result<Self, Failure> {
        let profiles: Vec<Served> = profiles.into_iter().map(Into::into).collect();
        if let Some(why) = access::refusal(&profiles, listen) {
            let hint = "name accounts under [serve] (`cartouche user add` makes them) or a trusted proxy, or listen on 127.0.0.1";
            return Err(stated(Kind::Configuration, why, hint));
        }
        for (at, profile) in profiles.iter().enumerate() {
            if profiles[..at].iter().any(|other| other.name == profile.name) {
                let message = format!("two profiles have the name `{}`", profile.name);
                return Err(stated(
                    Kind::Configuration,
                    message,
                    "the page tells them apart by the names of their files",
                ));
            }
        }
        let urls = profiles.iter().filter_map(|profile| profile.serve.public_url.as_deref());
        let hosts = Hosts::new(listen, urls);
        let access = Arc::new(Access::new(&profiles, user)?);
        let desk = |profile: Served| {
            let name = profile.path.to_string_lossy();
            let has_push = profile::has_push(&name).is_ok_and(|has| has != profile::Has::RoundTripOnly);
            Desk(Arc::new(Things {
                has_push,
                started_with: profile,
                pool: Mutex::default(),
                watch: Mutex::default(),
                mms_map: MmsMap::default(),
                ready: Ready::default(),
            }))
        };
        Ok(Site {
            desks: profiles.into_iter().map(desk).collect(),
            access,
            hosts,
            runs: Arc::default(),
            trial: Mutex::default(),
            files: Places::new(AT_THE_SAME_TIME),
        })
    }

    pub fn desk(&self, name: &str) -> Option<&Desk> {
        self.desks.iter().find(|desk| desk.name() == name)
    }
}

impl Deref for Desk {
    type Target = Things;

    fn deref(&self) -> &Things {
        &self.0
    }
}

impl Desk {
    pub fn name(&self) -> &str {
        &self.started_with.name
    }

    /// Whether it has a round trip between Rosetta and Alma, and not the push alone.
    pub fn has_trip(&self) -> bool {
        self.started_with.round_trip.is_some()
    }

    /// The page that somebody begins with.
    pub fn front(&self) -> &'static str {
        if self.has_trip() { "packages" } else { "resources" }
    }

    /// The profile as it is now: a changed stylesheet or rule shows at once.
    pub fn profile(&self) -> Result<Profile, Failure> {
        let profile = profile::load(&self.started_with.path.to_string_lossy())?;
        self.must_be_its(&profile.state)?;
        Ok(profile)
    }

    /// What the profile says of the push, as it is now.
    pub fn push_profile(&self) -> Result<PushProfile, Failure> {
        let profile = profile::load_push(&self.started_with.path.to_string_lossy())?;
        self.must_be_its(&profile.state)?;
        Ok(profile)
    }

    /// After how long a package is late.
    pub fn settle_within(&self) -> Duration {
        self.started_with.round_trip.as_ref().map(|trip| trip.staging.settle_within).unwrap_or_default()
    }

    /// Whether the profile fills fields of ArchivesSpace from Alma, as it is now.
    pub fn has_pull(&self) -> bool {
        self.has_push && self.push_profile().is_ok_and(|profile| profile.push.pull.is_some())
    }

    /// Its file, once it is known to be in order.
    pub fn file(&self) -> Result<PathBuf, Failure> {
        if self.has_trip() { Ok(self.profile()?.path) } else { Ok(self.push_profile()?.path) }
    }

    /// A profile has to have the store that the page shows.
    fn must_be_its(&self, state: &Path) -> Result<(), Failure> {
        if state == self.started_with.state {
            return Ok(());
        }
        let message = format!("the profile `{}` names another store since the page was started", self.name());
        Err(stated(Kind::Configuration, message, "start `cartouche serve` again"))
    }

    /// Lends a connection to the store.
    pub fn with_store<T>(&self, work: impl FnOnce(&mut Store) -> Result<T, Failure>) -> Result<T, Failure> {
        let pooled = self.pool.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut store = match pooled {
            Some(store) => store,
            None => Store::open_existing(&self.started_with.state)?,
        };
        let done = work(&mut store);
        // A connection that failed may be spoilt.
        if done.is_ok() {
            let mut pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
            if pool.len() < POOL {
                pool.push(store);
            }
        }
        done
    }

    /// Lends a connection with what of the profile every question about records needs.
    pub fn with_trip<T>(&self, work: impl FnOnce(&mut Store, &Trip<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let profile = self.profile()?;
        self.with_store(|store| {
            let feeds = steps::feeds(store, &profile.round_trip)?;
            let repository = steps::repository(store, &profile.round_trip)?;
            work(store, &Trip { profile, feeds, repository, mms_map: &self.mms_map })
        })
    }

    /// How things stand, perhaps a few seconds ago.
    pub fn glance(&self, now: Timestamp) -> Result<Arc<Glance>, Failure> {
        match self.ready.glance() {
            Some(glance) => Ok(glance),
            None => self.look(now),
        }
    }

    /// Counts how things stand, unless that was done just now.
    pub fn look(&self, now: Timestamp) -> Result<Arc<Glance>, Failure> {
        self.watch()?.as_mut().expect("it was just made").glance(&self.0, now)
    }

    /// The coverage as it was counted last. Without a thread that counts ahead it is counted now, when the store has changed;
    /// with one, `None` says that it is being counted for the first time.
    pub fn coverage(&self, now: Timestamp) -> Result<Option<Kept>, Failure> {
        if !self.ready.is_made_ahead() {
            self.count_coverage(now)?;
        }
        Ok(Kept::open(&self.started_with.state))
    }

    /// Counts the coverage, unless the store is as it was then.
    pub fn count_coverage(&self, now: Timestamp) -> Result<(), Failure> {
        self.with_trip(|store, trip| {
            let version = self.version()?;
            if self.ready.covers() != Some(version) || Kept::open(store.path()).is_none() {
                store.keep_coverage(trip.feeds.rosetta, trip.feeds.alma, now)?;
                self.ready.note_covered(version);
            }
            Ok(())
        })
    }

    /// The index of titles, and how far it is; without a thread that works ahead it is brought up to date now. `None`: nothing
    /// was indexed yet.
    pub fn titles(&self) -> Result<Option<(Titles, Progress)>, Failure> {
        if !self.ready.is_made_ahead() {
            self.index_titles()?;
        }
        let Some(titles) = Titles::existing(&self.started_with.state) else { return Ok(None) };
        let progress = self.with_store(|store| Ok(titles.progress(store)?))?;
        Ok(Some((titles, progress)))
    }

    fn index_titles(&self) -> Result<(), Failure> {
        let version = self.version()?;
        let is_there = Titles::existing(&self.started_with.state).is_some();
        if !is_there || self.ready.titles_are_of() != Some(version) {
            let mut titles = Titles::open(&self.started_with.state)?;
            while self.title_step(&mut titles)? {}
            self.ready.note_titled(version);
        }
        Ok(())
    }

    /// Brings the next records into the index of titles; answers whether the pass goes on.
    pub fn title_step(&self, titles: &mut Titles) -> Result<bool, Failure> {
        self.with_trip(|store, trip| {
            Ok(titles.step(store, [trip.feeds.rosetta, trip.feeds.alma], steps::titles::of)?)
        })
    }

    /// A number that differs when anybody has written into the store.
    pub fn version(&self) -> Result<i64, Failure> {
        self.watch()?.as_ref().expect("it was just made").version()
    }

    fn watch(&self) -> Result<MutexGuard<'_, Option<Watch>>, Failure> {
        let mut watch = self.watch.lock().unwrap_or_else(PoisonError::into_inner);
        if watch.is_none() {
            *watch = Some(Watch::new(Store::open_existing(&self.started_with.state)?));
        }
        Ok(watch)
    }

    /// What was counted is counted again: something was decided here.
    pub fn has_changed(&self) {
        if let Some(watch) = self.watch.lock().unwrap_or_else(PoisonError::into_inner).as_mut() {
            watch.forget();
        }
    }
}

/// A profile, and what it names in the store.
pub struct Trip<'d> {
    pub profile: Profile,
    pub feeds: Feeds,
    pub repository: RepositoryIdentifier,
    mms_map: &'d MmsMap,
}

impl Trip<'_> {
    pub fn explainer<'s>(&self, store: &'s mut Store) -> Result<Explainer<'s>, Failure> {
        Ok(Explainer { store, feeds: self.feeds, repository: self.repository.clone(), middle: self.middle()? })
    }

    /// What decides about records, with the profile's own stylesheet.
    pub fn middle(&self) -> Result<Middle, Failure> {
        steps::middle_with(&self.profile.round_trip, &self.repository, self.mms_map)
    }
}
