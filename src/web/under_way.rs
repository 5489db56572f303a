//! Runs as the page sees them: what is under way, whoever started it, and how this server starts one.
//!
//! A run is a process of its own, and notes in the store how far it has come. So a page that breaks down breaks no run, and
//! one that cron started shows like any other.

use super::site::Desk;
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::time::Timestamp;
use crate::process::{Running, start_on_its_own};
use crate::push::resource_uri::ResourceUri;
use crate::store::Lock;
use crate::store::runs::Run;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

/// Streams that are open at once; whoever comes later has a page that loads itself again.
const MOST_WATCHERS: usize = 40;
/// The program that runs, even when somebody has put a new version in its place by now.
const OURSELVES: &str = "/proc/self/exe";

/// The runs that this server has started, at most one a profile.
pub struct Runs {
    /// What is started with `run PROFILE`.
    pub program: PathBuf,
    started: Mutex<BTreeMap<String, Started>>,
    watchers: Arc<()>,
}

struct Started {
    child: Running,
    at: Timestamp,
    /// Why it ended, once it has.
    ended: Option<i32>,
}

/// What a run is to do.
pub enum Work {
    RoundTrip {
        is_dry: bool,
    },
    /// The push from ArchivesSpace; without a resource, of all of them.
    Push {
        is_dry: bool,
        resource: Option<ResourceUri>,
    },
    /// The other way: fields of ArchivesSpace from Alma.
    Pull {
        is_dry: bool,
    },
}

/// How a profile's runs stand.
pub enum Standing {
    /// `is_ours`: this server started it, and can end it at once.
    UnderWay { run: Run, is_stopping: bool, is_ours: bool },
    /// Started, and not yet noted in the log of runs.
    Beginning,
    /// `refused`: why what was started here last never began.
    Nothing { last: Option<Run>, refused: Option<&'static str> },
}

impl Default for Runs {
    fn default() -> Self {
        Runs { program: OURSELVES.into(), started: Mutex::default(), watchers: Arc::default() }
    }
}

impl Runs {
    /// Starts a run in the name of a person. Whether it really begins is decided by its lock.
    pub fn start(
        &self,
        desk: &Desk,
        (who, note): (&str, Option<&str>),
        work: Work,
        now: Timestamp,
    ) -> Result<(), Failure> {
        // A profile that cannot be read says so here, and not in a process that nobody hears.
        let file = desk.file()?;
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Started { ended: None, .. }) = started.get_mut(desk.name()).map(Started::look) {
            return Err(under_way());
        }
        if Lock::is_held(&desk.started_with.state) == Some(true) {
            return Err(under_way());
        }
        // One word each: a name that begins with a hyphen is no option then.
        let (command, way, is_dry, resource) = match work {
            Work::RoundTrip { is_dry } => ("run", None, is_dry, None),
            Work::Push { is_dry, resource } => ("push", None, is_dry, resource),
            Work::Pull { is_dry } => ("push", Some("--pull"), is_dry, None),
        };
        let mut arguments: Vec<PathBuf> = vec![command.into(), format!("--started-by={who}").into()];
        arguments.extend(note.map(|note| format!("--note={note}").into()));
        arguments.extend(way.map(PathBuf::from));
        arguments.extend(is_dry.then(|| "--dry-run".into()));
        arguments.extend(["--".into(), file]);
        arguments.extend(resource.map(|resource| resource.to_string().into()));
        let child = start_on_its_own(&self.program, &arguments).map_err(|error| {
            stated(Kind::Failed, format!("the run cannot be started: {error}"), "is the program still where it was?")
        })?;
        started.insert(desk.name().to_owned(), Started { child, at: now, ended: None });
        Ok(())
    }

    pub fn standing(&self, desk: &Desk) -> Result<Standing, Failure> {
        let state = &desk.started_with.state;
        let (ours, begun, ended) = {
            let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
            let started = started.get_mut(desk.name()).map(Started::look);
            started.map_or((false, None, None), |it| (it.ended.is_none(), Some(it.at), it.ended))
        };
        // Before the first run there is no store.
        let is_there = std::fs::metadata(state).is_ok();
        let (last, is_stopping) = match is_there {
            true => desk.with_store(|store| {
                let last = store.runs(1)?.into_iter().next();
                let is_stopping = last.as_ref().map_or(Ok(None), |run| store.stopped_by(run.id))?.is_some();
                Ok((last, is_stopping))
            })?,
            false => (None, false),
        };
        let is_after = |run: &Run| begun.is_none_or(|begun| run.started >= begun);
        match last {
            Some(run) if run.ended.is_none() && Lock::is_held(state) != Some(false) => {
                let is_ours = ours && is_after(&run);
                Ok(Standing::UnderWay { run, is_stopping, is_ours })
            }
            _ if ours => Ok(Standing::Beginning),
            last => {
                let refused = ended.filter(|_| !last.as_ref().is_some_and(is_after)).map(why);
                Ok(Standing::Nothing { last, refused })
            }
        }
    }

    /// Asks a run to stop; whoever started it, it looks once a second.
    pub fn ask_to_stop(&self, desk: &Desk, run: i64, who: &str) -> Result<(), Failure> {
        desk.with_store(|store| Ok(store.ask_to_stop(run, who)?))
    }

    /// Ends a run of this server where it stands. The next one heals what lies between.
    pub fn end_at_once(&self, desk: &Desk) {
        let mut started = self.started.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(Started { child, ended: None, .. }) = started.get_mut(desk.name()).map(Started::look) {
            // It may have ended by itself in the meantime.
            let _ = child.kill().and_then(|()| child.wait());
        }
    }

    /// A place among those who watch; given back when it is dropped.
    pub fn watch(&self) -> Option<Arc<()>> {
        (Arc::strong_count(&self.watchers) <= MOST_WATCHERS).then(|| Arc::clone(&self.watchers))
    }
}

impl Started {
    /// Takes note of an end, which also lets the system forget the process.
    fn look(&mut self) -> &mut Self {
        if self.ended.is_none()
            && let Ok(Some(status)) = self.child.try_wait()
        {
            self.ended = Some(status.code().unwrap_or(-1));
        }
        self
    }
}

fn under_way() -> Failure {
    stated(Kind::Locked, "a run of this profile is under way", "wait for its end, or stop it")
}

/// Why a run ended before it was noted.
fn why(code: i32) -> &'static str {
    match u8::try_from(code) {
        Ok(exit::LOCKED) => "Another run was faster and holds the lock.",
        Ok(exit::CONFIGURATION) => "The profile is wrong: `cartouche check` says where.",
        _ => "It ended before it began; the server's log says why.",
    }
}
