//! `run`, `harvest`, `stage`, `apply`, `settle`: the steps, under the lock.

use super::progress::Progress;
use super::{Target, now, print, print_json, who};
use crate::failure::{Advise, Failure, Kind, stated};
use crate::profile::{self, Profile, SettledBy};
use crate::report::RunReport;
use crate::steps::{self, Wish};
use crate::store::{Lock, Store};
use clap::Args;

/// A limit passed with open eyes.
#[derive(Debug, Args)]
pub struct Force {
    /// Stage although a limit of the profile is passed
    #[arg(long, requires = "reason")]
    force: bool,
    /// Why the limit does not count this time; kept in the log of runs
    #[arg(long, alias = "why", requires = "force")]
    reason: Option<String>,
}

impl Force {
    fn reason(self) -> Option<String> {
        self.reason.filter(|_| self.force).map(|reason| format!("{} ({})", reason.trim(), who::user()))
    }
}

pub fn run(target: &Target, dry_run: bool, force: Force) -> Result<u8, Failure> {
    let force = force.reason();
    let (stage, apply) = (!dry_run, !dry_run);
    let wish = Wish { settle: true, harvest: true, prepare: true, stage, apply, force, ..Wish::default() };
    perform(target, "run", wish)
}

pub fn harvest(target: &Target, full: bool, reconcile: bool) -> Result<u8, Failure> {
    perform(target, "harvest", Wish { harvest: true, full, reconcile, ..Wish::default() })
}

pub fn stage(target: &Target, dry_run: bool, force: Force) -> Result<u8, Failure> {
    perform(target, "stage", Wish { prepare: true, stage: !dry_run, force: force.reason(), ..Wish::default() })
}

pub fn apply(target: &Target) -> Result<u8, Failure> {
    if profile::load(&target.profile)?.round_trip.staging.settled_by == SettledBy::Rosetta {
        return Err(stated(
            Kind::Configuration,
            "this profile leaves the folder to Rosetta's Update Metadata Job: staging.settled-by is \"rosetta\"",
            "two jobs on one folder would apply files twice; for \"cartouche\", switch Rosetta's off first",
        ));
    }
    perform(target, "apply", Wish { apply: true, ..Wish::default() })
}

pub fn settle(target: &Target) -> Result<u8, Failure> {
    perform(target, "settle", Wish { settle: true, ..Wish::default() })
}

fn perform(target: &Target, command: &str, wish: Wish) -> Result<u8, Failure> {
    let profile = profile::load(&target.profile)?;
    let _lock = Lock::take(&profile.state)?;
    let mut store = Store::open(&profile.state)?;
    let report = recorded(&mut store, &profile, command, wish)?;
    if target.json {
        print_json(&report.json());
    } else {
        print(&report.text(&target.profile));
    }
    for failure in report.failures() {
        eprintln!("{failure}");
    }
    Ok(report.exit_code())
}

/// Runs the steps and writes into the log of runs how it went, failures too.
pub fn recorded(store: &mut Store, profile: &Profile, command: &str, wish: Wish) -> Result<RunReport, Failure> {
    for warning in &profile.warnings {
        eprintln!("warning: {warning}");
    }
    store.act_as(&who::user());
    let run = store.begin_run(command, now())?;
    let progress = Progress::new();
    let result = steps::run(store, profile, &wish, run, now(), &|news| progress.tell(news));
    drop(progress);
    match result {
        Ok(report) => {
            store.end_run(run, report.exit_code(), &report.json().to_string(), now())?;
            Ok(report)
        }
        Err(failure) => {
            let summary = serde_json::json!({"run": run, "error": failure.to_string()}).to_string();
            // The failure itself is what must be told, even when the store cannot note it any more.
            if let Err(error) = store.end_run(run, failure.kind().exit_code(), &summary, now()) {
                tracing::warn!("{error}: {:?}", error.hint());
            }
            Err(failure)
        }
    }
}
