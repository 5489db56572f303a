//! `run`, `harvest`, `stage`, `apply`, `settle`: the steps, under the lock.

use super::noted::Noted;
use super::progress::Progress;
use super::stop::Stop;
use super::{Target, complain, now, print, print_json, who};
use crate::failure::{Advise, Failure, Kind, stated};
use crate::profile::{self, Profile, SettledBy};
use crate::report::RunReport;
use crate::steps::{self, Go, Wish};
use crate::store::{Lock, Store};
use clap::Args;
use serde_json::{Map, Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

/// A limit passed with open eyes.
#[derive(Debug, Args)]
pub struct Force {
    /// Stage although a limit of the profile is passed
    #[arg(long, requires = "reason")]
    pub force: bool,
    /// Why the limit does not count this time; kept in the log of runs
    #[arg(long, alias = "why", requires = "force")]
    pub reason: Option<String>,
}

impl Force {
    pub fn reason(self) -> Option<String> {
        self.reason.filter(|_| self.force).map(|reason| format!("{} ({})", reason.trim(), who::user()))
    }
}

/// Who had a run started, where that is not the account that it runs under: the staff page says so.
#[derive(Debug, Default, Args)]
pub struct Origin {
    #[arg(long, hide = true)]
    pub started_by: Option<String>,
    #[arg(long, hide = true)]
    pub note: Option<String>,
}

impl Origin {
    fn who(&self) -> String {
        self.started_by.clone().unwrap_or_else(who::user)
    }

    /// In whose name the journal is kept. Anybody at a terminal can say `--started-by`: the account stands beside it.
    pub fn actor(&self) -> String {
        match &self.started_by {
            Some(name) => format!("{name} (as {})", who::user()),
            None => who::user(),
        }
    }

    /// What the log of runs keeps of it.
    fn fields(&self, wish: &Wish) -> Map<String, Value> {
        self.noted(wish.prepare && !wish.stage)
    }

    /// The same of any run.
    pub fn noted(&self, is_dry: bool) -> Map<String, Value> {
        let mut fields = Map::from_iter([("started-by".to_owned(), json!(self.who()))]);
        if let Some(note) = &self.note {
            fields.insert("note".to_owned(), json!(note));
        }
        if is_dry {
            fields.insert("dry-run".to_owned(), json!(true));
        }
        fields
    }
}

pub fn run(target: &Target, dry_run: bool, force: Force, origin: Origin) -> Result<u8, Failure> {
    let force = force.reason();
    let (stage, apply) = (!dry_run, !dry_run);
    let wish = Wish { settle: true, harvest: true, prepare: true, stage, apply, force, ..Wish::default() };
    perform(target, "run", wish, &origin)
}

pub fn harvest(target: &Target, full: bool, reconcile: bool) -> Result<u8, Failure> {
    perform(target, "harvest", Wish { harvest: true, full, reconcile, ..Wish::default() }, &Origin::default())
}

pub fn stage(target: &Target, dry_run: bool, force: Force) -> Result<u8, Failure> {
    let wish = Wish { prepare: true, stage: !dry_run, force: force.reason(), ..Wish::default() };
    perform(target, "stage", wish, &Origin::default())
}

pub fn apply(target: &Target) -> Result<u8, Failure> {
    if profile::load(&target.profile)?.round_trip.staging.settled_by == SettledBy::Rosetta {
        return Err(stated(
            Kind::Configuration,
            "this profile leaves the folder to Rosetta's Update Metadata Job: staging.settled-by is \"rosetta\"",
            "two jobs on one folder would apply files twice; for \"cartouche\", switch Rosetta's off first",
        ));
    }
    perform(target, "apply", Wish { apply: true, ..Wish::default() }, &Origin::default())
}

pub fn settle(target: &Target) -> Result<u8, Failure> {
    perform(target, "settle", Wish { settle: true, ..Wish::default() }, &Origin::default())
}

fn perform(target: &Target, command: &str, wish: Wish, origin: &Origin) -> Result<u8, Failure> {
    let stop = Stop::listen();
    let profile = profile::load(&target.profile)?;
    let _lock = Lock::take(&profile.state)?;
    let mut store = Store::open(&profile.state)?;
    let report = recorded(&mut store, &profile, Beginning { command, wish, origin, stop: &stop })?;
    if target.json {
        print_json(&report.json());
    } else {
        print(&report.text(&target.profile));
    }
    for failure in report.failures() {
        complain(&failure);
    }
    Ok(report.exit_code())
}

/// What is run, for whom, and who may stop it.
pub struct Beginning<'a> {
    pub command: &'a str,
    pub wish: Wish,
    pub origin: &'a Origin,
    pub stop: &'a Stop,
}

/// Runs the steps and writes into the log of runs how it went, failures too.
pub fn recorded(store: &mut Store, profile: &Profile, beginning: Beginning<'_>) -> Result<RunReport, Failure> {
    for warning in &profile.warnings {
        complain(&format!("warning: {warning}"));
    }
    let Beginning { command, wish, origin, stop } = beginning;
    store.act_as(&origin.actor());
    let run = store.begin_run(command, now())?;
    let result = watched(store, profile, &wish, run, origin, stop);
    let kept = |summary: Value| {
        let mut fields = origin.fields(&wish);
        fields.extend(summary.as_object().cloned().unwrap_or_default());
        Value::Object(fields).to_string()
    };
    match result {
        Ok(report) => {
            store.end_run(run, report.exit_code(), &kept(report.json()), now())?;
            Ok(report)
        }
        Err(failure) => {
            let summary = kept(json!({"run": run, "error": failure.to_string()}));
            // The failure itself is what must be told, even when the store cannot note it any more.
            if let Err(error) = store.end_run(run, failure.kind().exit_code(), &summary, now()) {
                tracing::warn!("{error}: {:?}", error.hint());
            }
            Err(failure)
        }
    }
}

/// Runs the steps while the terminal shows them, the store notes them, and both may stop them.
fn watched(
    store: &mut Store,
    profile: &Profile,
    wish: &Wish,
    run: i64,
    origin: &Origin,
    stop: &Stop,
) -> Result<RunReport, Failure> {
    let (progress, noted) = (Progress::new(), Noted::new(store, run, origin.fields(wish))?);
    let is_said = AtomicBool::new(false);
    let tell = |news| {
        let is_asked = noted.hear(&news) | stop.is_asked();
        progress.tell(news);
        if !is_asked {
            return Go::On;
        }
        if !is_said.swap(true, Ordering::SeqCst) {
            progress.say("stopping after what is in hand; a second signal ends it at once");
        }
        Go::Stop
    };
    steps::run(store, profile, wish, run, now(), &tell)
}
