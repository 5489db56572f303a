//! `link`: Rosetta → Alma for IEs that no bib names, and everything that is asked or decided about it.

mod decide;
mod explain;
mod list;
mod status;

use super::progress::Progress;
use super::stop::Stop;
use super::{Target, now, print, print_json, who};
use crate::failure::{Advise as _, Failure, Kind, stated};
use crate::link::report::LinkReport;
use crate::link::run::{Wish, run as run_link};
use crate::model::decision::Verb;
use crate::model::id::{IePid, InvalidId};
use crate::profile::{self, LinkProfile};
use crate::push::watch::{News, Watch};
use crate::steps::Go;
use crate::store::{Lock, Store};
use clap::{Args, Subcommand};
use serde_json::json;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub struct LinkArgs {
    #[command(subcommand)]
    verb: Option<LinkVerb>,
    #[command(flatten)]
    run: Option<RunArgs>,
}

#[derive(Debug, Args)]
pub struct RunArgs {
    /// The path of a profile, or the bare name of a file in profiles/; one that is called like a verb goes by its path
    profile: String,
    /// Only these IEs, whatever is known of them; an IE that a bib names is left alone
    #[arg(value_name = "IE")]
    ies: Vec<String>,
    /// Look and plan, but write nothing to Alma
    #[arg(long)]
    dry_run: bool,
    /// Look again at every IE without a bib, to find what was changed in Alma since
    #[arg(long)]
    all: bool,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum LinkVerb {
    /// Show where linking stands
    #[command(after_help = "Example:\n  cartouche link status vangogh --json")]
    Status {
        #[command(flatten)]
        target: Target,
    },
    /// Tell everything about one IE and its bib
    ///
    /// What Alma has for it, how that was found, what a run would do, and what was done before. Asks Alma, and writes nothing.
    #[command(after_help = "Example:\n  cartouche link explain vangogh IE1234")]
    Explain {
        #[command(flatten)]
        target: Target,
        /// An IE PID
        ie: String,
    },
    /// List IEs by what became of them, or what was written
    #[command(after_help = "Examples:\n  cartouche link list vangogh held\n  cartouche link list vangogh done --csv")]
    List(list::ListArgs),
    /// Let what is held be written
    ///
    /// The decision speaks of exactly what is held now.
    #[command(after_help = "Example:\n  cartouche link approve vangogh IE1234 --reason \"the same issue\"")]
    Approve(decide::DecideArgs),
    /// Keep what is held from being written
    #[command(after_help = "Example:\n  cartouche link reject vangogh IE1234 --reason \"another edition\"")]
    Reject(decide::DecideArgs),
    /// Take back what was written, as long as it stands
    ///
    /// A representation that was made is deleted; then the bib, if it was made, too, and nothing else hangs on it.
    #[command(
        after_help = "Examples:\n  cartouche link undo vangogh 12 --reason \"wrong library\"\n  cartouche link undo vangogh IE1234"
    )]
    Undo(decide::UndoArgs),
}

pub fn run(args: LinkArgs) -> Result<u8, Failure> {
    match (args.verb, args.run) {
        (Some(LinkVerb::Status { target }), _) => status::run(&target),
        (Some(LinkVerb::Explain { target, ie }), _) => explain::run(&target, &ie),
        (Some(LinkVerb::List(args)), _) => list::run(&args),
        (Some(LinkVerb::Approve(args)), _) => decide::run(args, Verb::Approve),
        (Some(LinkVerb::Reject(args)), _) => decide::run(args, Verb::Reject),
        (Some(LinkVerb::Undo(args)), _) => decide::undo(&args),
        (None, Some(args)) => link(&args),
        (None, None) => {
            Err(stated(Kind::Configuration, "no profile is named", "`cartouche link --help` shows examples"))
        }
    }
}

fn named(error: InvalidId) -> Failure {
    stated(Kind::Configuration, error.to_string(), "`cartouche link --help` shows examples")
}

fn link(args: &RunArgs) -> Result<u8, Failure> {
    let only = args.ies.iter().map(|text| IePid::parse(text)).collect::<Result<Vec<_>, _>>().map_err(named)?;
    let wish = Wish { dry_run: args.dry_run, all: args.all, only };
    let stop = Stop::listen();
    let profile = profile::load_link(&args.profile)?;
    let _lock = Lock::take(&profile.profile.state)?;
    let mut store = Store::open_existing(&profile.profile.state)?;
    let report = recorded(&mut store, &profile, &wish, &stop)?;
    if args.json {
        print_json(&report.json());
    } else {
        print(&report.text(&args.profile));
    }
    if let Some(failure) = &report.stopped {
        eprintln!("{failure}");
    }
    Ok(report.exit_code())
}

/// Runs it and writes into the log of runs how it went, failures too.
fn recorded(store: &mut Store, profile: &LinkProfile, wish: &Wish, stop: &Stop) -> Result<LinkReport, Failure> {
    for warning in &profile.profile.warnings {
        eprintln!("warning: {warning}");
    }
    store.act_as(&who::user());
    let run = store.begin_run(if wish.dry_run { "link --dry-run" } else { "link" }, now())?;
    match watched(store, profile, wish, run, stop) {
        Ok(report) => {
            let mut summary = report.json();
            // Without a line for each IE.
            summary.as_object_mut().map(|fields| fields.remove("links"));
            store.end_run(run, report.exit_code(), &summary.to_string(), now())?;
            Ok(report)
        }
        Err(failure) => {
            let summary = json!({"run": run, "error": failure.to_string()}).to_string();
            // The failure itself is what must be told, even when the store cannot note it any more.
            if let Err(error) = store.end_run(run, failure.kind().exit_code(), &summary, now()) {
                tracing::warn!("{error}: {:?}", error.hint());
            }
            Err(failure)
        }
    }
}

/// Runs it while the terminal shows it, and a signal may stop it.
fn watched(
    store: &mut Store,
    profile: &LinkProfile,
    wish: &Wish,
    run: i64,
    stop: &Stop,
) -> Result<LinkReport, Failure> {
    let (progress, is_said) = (Progress::new(), AtomicBool::new(false));
    let hear = |news| {
        match news {
            News::Pushed { done, of } => progress.count("link", done, of),
            News::Gathered { .. } | News::Exported { .. } => {}
        }
        if !stop.is_asked() {
            return Go::On;
        }
        if !is_said.swap(true, Ordering::SeqCst) {
            progress.say("stopping after what is in hand; a second signal ends it at once");
        }
        Go::Stop
    };
    run_link(store, profile, wish, run, &now, &Watch::new(&hear))
}
