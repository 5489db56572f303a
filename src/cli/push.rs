//! `push`: ArchivesSpace → Alma, and everything that is asked or decided about it.

mod decide;
mod explain;
mod list;
mod pull;
mod shelf;
mod status;

pub(super) use decide::{decide, decides_about_resources, undo};

use super::noted::Noted;
use super::progress::Progress;
use super::run::{Force, Origin};
use super::stop::Stop;
use super::{Target, now, print, print_json};
use crate::failure::{Advise as _, Failure, Kind, stated};
use crate::model::decision::Verb;
use crate::profile::{self, PushProfile};
use crate::push::gather::Wanted;
use crate::push::marc_repairs::{Switch, all_repairs};
use crate::push::report::PushReport;
use crate::push::resource_uri::ResourceUri;
use crate::push::run::{Wish, run as run_push};
use crate::push::watch::{News, Watch};
use crate::steps::Go;
use crate::store::{Lock, Store};
use clap::{Args, Subcommand};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct PushArgs {
    #[command(subcommand)]
    verb: Option<PushVerb>,
    #[command(flatten)]
    run: Option<RunArgs>,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// The path of a profile, or the bare name of a file in profiles/; one that is called like a verb goes by its path
    profile: String,
    /// Only these resources: /repositories/2/resources/1, its OAI identifier, or 2/1. They are planned whatever is known of them
    #[arg(value_name = "RESOURCE")]
    resources: Vec<String>,
    /// Gather and plan, but write nothing to Alma or ArchivesSpace
    #[arg(long)]
    dry_run: bool,
    /// Plan every resource again, to find what was changed in Alma since
    #[arg(long)]
    all: bool,
    /// Ask ArchivesSpace for every resource again
    #[arg(long)]
    full: bool,
    /// Compare all identifiers now, to find resources that vanished
    #[arg(long)]
    reconcile: bool,
    /// The other way: fill fields of ArchivesSpace from Alma, as [push.pull] names them; nothing is pushed
    #[arg(long, conflicts_with = "all")]
    pull: bool,
    /// Write although a limit of the profile is passed
    #[arg(long, requires = "reason")]
    force: bool,
    /// Why the limit does not count this time; kept in the journal
    #[arg(long, alias = "why", requires = "force")]
    reason: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    // Not flattened from `Origin`: clap would take a group in a group for no arguments at all.
    #[arg(long, hide = true)]
    started_by: Option<String>,
    #[arg(long, hide = true)]
    note: Option<String>,
}

#[derive(Debug, Subcommand)]
enum PushVerb {
    /// Show where the push stands
    #[command(after_help = "Example:\n  cartouche push status archives --json")]
    Status {
        #[command(flatten)]
        target: Target,
    },
    /// Tell everything about one resource and its bib
    ///
    /// Both records, how the bib was found, what repairs did, what is wrong with the record, what a push would change field by
    /// field, and what was done before. Asks Alma, and writes nothing.
    #[command(after_help = "Example:\n  cartouche push explain archives /repositories/2/resources/1")]
    Explain {
        #[command(flatten)]
        target: Target,
        /// A resource: /repositories/2/resources/1, its OAI identifier, or 2/1
        resource: String,
    },
    /// List resources by what became of them, or what was written
    #[command(after_help = "Examples:\n  cartouche push list archives held\n  cartouche push list archives done --csv")]
    List(list::ListArgs),
    /// Let what is held be written
    ///
    /// The decision speaks of exactly what is held now. A bib without our 035 is adopted by it.
    #[command(
        after_help = "Example:\n  cartouche push approve archives /repositories/2/resources/1 --reason \"the same papers\""
    )]
    Approve(decide::DecideArgs),
    /// Ask for a holding at a place of the profile where the bib has none
    ///
    /// The next run makes it. `push explain` lists the places that are unused.
    #[command(after_help = "Example:\n  cartouche push add-holding archives 2/1 \"SPEC maps\" --reason \"three maps\"")]
    AddHolding(shelf::HoldingArgs),
    /// Ask for such a holding no more
    ///
    /// What was made of the wish is deleted, if it still is as it was made and nothing hangs on it; else the wish stays, too.
    #[command(
        after_help = "Example:\n  cartouche push drop-holding archives 2/1 \"SPEC maps\" --reason \"no maps after all\""
    )]
    DropHolding(shelf::HoldingArgs),
    /// Keep what is held from being written
    #[command(after_help = "Example:\n  cartouche push reject archives 2/1 --reason \"another collection\"")]
    Reject(decide::DecideArgs),
    /// Take back what was written, as long as it stands
    ///
    /// A bib gets back what it held before. A bib that was made is deleted if nothing hangs on it, and its MMS ID is taken
    /// out of ArchivesSpace.
    #[command(
        after_help = "Examples:\n  cartouche push undo archives 12 --reason \"wrong rules\"\n  cartouche push undo archives 2/1"
    )]
    Undo(decide::UndoArgs),
    /// List what is put right in ArchivesSpace's MARC, and how a profile switches it
    #[command(after_help = "Example:\n  cartouche push repairs")]
    Repairs {
        /// Print one JSON object
        #[arg(long)]
        json: bool,
    },
}

pub fn run(args: PushArgs) -> Result<u8, Failure> {
    match (args.verb, args.run) {
        (Some(PushVerb::Status { target }), _) => status::run(&target),
        (Some(PushVerb::Explain { target, resource }), _) => explain::run(&target, &resource),
        (Some(PushVerb::List(args)), _) => list::run(&args),
        (Some(PushVerb::Approve(args)), _) => decide::run(args, Verb::Approve),
        (Some(PushVerb::AddHolding(args)), _) => shelf::add(args),
        (Some(PushVerb::DropHolding(args)), _) => shelf::drop(args),
        (Some(PushVerb::Reject(args)), _) => decide::run(args, Verb::Reject),
        (Some(PushVerb::Undo(args)), _) => decide::run_undo(args),
        (Some(PushVerb::Repairs { json }), _) => repairs(json),
        (None, Some(args)) => push(args),
        (None, None) => {
            Err(stated(Kind::Configuration, "no profile is named", "`cartouche push --help` shows examples"))
        }
    }
}

fn push(args: RunArgs) -> Result<u8, Failure> {
    let only = args.resources.iter().map(|text| ResourceUri::parse(text)).collect::<Result<Vec<_>, _>>()?;
    let wanted = Wanted { only, full: args.full, compare: args.reconcile };
    let force = Force { force: args.force, reason: args.reason }.reason();
    let wish = Wish { dry_run: args.dry_run, all: args.all || args.full, wanted, force };
    let stop = Stop::listen();
    let origin = Origin { started_by: args.started_by, note: args.note };
    let profile = profile::load_push(&args.profile)?;
    let _lock = Lock::take(&profile.state)?;
    let mut store = Store::open(&profile.state)?;
    let asked = Asked { profile: &profile, wish: &wish, origin: &origin, stop: &stop };
    let shown = (args.profile.as_str(), args.json);
    if args.pull {
        return pull::run(&mut store, asked, shown);
    }
    let command = if wish.dry_run { "push --dry-run" } else { "push" };
    let told = |report: &PushReport| (report.exit_code(), report.json());
    let report = recorded(&mut store, asked, command, told, |store, run, watch| {
        run_push(store, &profile, &wish, run, &now, watch)
    })?;
    print_both(shown, report.json(), |profile| report.text(profile), report.stopped.as_ref());
    Ok(report.exit_code())
}

/// What a command is to do, who asked for it, and who may stop it.
#[derive(Clone, Copy)]
struct Asked<'a> {
    profile: &'a PushProfile,
    wish: &'a Wish,
    origin: &'a Origin,
    stop: &'a Stop,
}

/// The report on stdout, as JSON or for people, and what ended the run early on stderr.
fn print_both((profile, as_json): (&str, bool), json: Value, text: impl Fn(&str) -> String, stopped: Option<&Failure>) {
    if as_json {
        print_json(&json);
    } else {
        print(&text(profile));
    }
    if let Some(failure) = stopped {
        eprintln!("{failure}");
    }
}

/// Does the work and writes into the log of runs how it went, failures too. `told`: the exit code, and the report.
fn recorded<R>(
    store: &mut Store,
    asked: Asked<'_>,
    command: &str,
    told: impl Fn(&R) -> (u8, Value),
    work: impl FnOnce(&mut Store, i64, &Watch<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    for warning in &asked.profile.warnings {
        eprintln!("warning: {warning}");
    }
    store.act_as(&asked.origin.actor());
    let run = store.begin_run(command, now())?;
    let kept = |summary: Value| {
        let mut fields = asked.origin.noted(asked.wish.dry_run);
        fields.extend(summary.as_object().cloned().unwrap_or_default());
        Value::Object(fields).to_string()
    };
    match watched(store, asked, run, work) {
        Ok(report) => {
            let (code, report_json) = told(&report);
            store.end_run(run, code, &kept(summary(report_json)), now())?;
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

/// Does the work while the terminal shows it, and a signal may stop it.
fn watched<R>(
    store: &mut Store,
    asked: Asked<'_>,
    run: i64,
    work: impl FnOnce(&mut Store, i64, &Watch<'_>) -> Result<R, Failure>,
) -> Result<R, Failure> {
    let (progress, is_said) = (Progress::new(), AtomicBool::new(false));
    let noted = Noted::new(store, run, asked.origin.noted(asked.wish.dry_run))?;
    let hear = |news| {
        let (name, done, of) = match news {
            News::Gathered { done, of } => ("gather", done, of),
            News::Exported { done, of } => ("MARC", done, of),
            News::Pushed { done, of } => ("push", done, of),
        };
        progress.count(name, done, of);
        if !(noted.hear_count(name, done, Some(of)) | asked.stop.is_asked()) {
            return Go::On;
        }
        if !is_said.swap(true, Ordering::SeqCst) {
            progress.say("stopping after what is in hand; a second signal ends it at once");
        }
        Go::Stop
    };
    work(store, run, &Watch::new(&hear))
}

/// The report without a line for each resource.
fn summary(mut json: Value) -> Value {
    if let Some(fields) = json.as_object_mut() {
        fields.remove("resources");
    }
    json
}

fn repairs(as_json: bool) -> Result<u8, Failure> {
    let switched = |switch: Switch| match switch {
        Switch::On => "on",
        Switch::Off => "off",
        Switch::Always => "always",
    };
    if as_json {
        let all: Vec<_> = all_repairs()
            .iter()
            .map(|it| json!({"repair": it.name, "fault": it.fault, "default": switched(it.switch), "documentation": it.documentation}))
            .collect();
        print_json(&json!({"repairs": all}));
    } else {
        let cells: Vec<Vec<String>> = all_repairs()
            .iter()
            .map(|it| vec![it.name.to_owned(), switched(it.switch).to_owned(), it.documentation.to_owned()])
            .collect();
        print(&super::table::table(&["repair", "default", "what it does"], &cells));
    }
    Ok(crate::failure::exit::DONE)
}
