//! `push approve`, `push reject`, `push undo`, and the same commands without `push` when a resource is named.

use crate::cli::decide::{self, then};
use crate::cli::{Target, now, who};
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::decision::Verb;
use crate::profile;
use crate::push::resource_uri::ResourceUri;
use crate::push::review::{self, Selection};
use crate::push::undo::{self, Which};
use crate::steps::review::{Author, Decided};
use crate::store::{Lock, Store};
use clap::Args;

#[derive(Debug, Args)]
pub struct DecideArgs {
    #[command(flatten)]
    target: Target,
    /// Resources, or numbers of intents as `push list held` shows them
    ids: Vec<String>,
    /// All that is held
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// What is held for this reason, among others
    #[arg(long)]
    code: Option<String>,
    /// Why; kept with the decision
    #[arg(long, alias = "why", default_value = "")]
    reason: String,
}

#[derive(Debug, Args)]
pub struct UndoArgs {
    #[command(flatten)]
    target: Target,
    /// Numbers of runs, as `list runs` shows them, or resources
    #[arg(required = true)]
    what: Vec<String>,
    /// Why; kept with the decision
    #[arg(long, alias = "why", default_value = "")]
    reason: String,
}

/// Whether ids of a command that knows IEs name resources of ArchivesSpace.
pub fn decides_about_resources(ids: &[String]) -> bool {
    !ids.is_empty() && ids.iter().all(|id| ResourceUri::parse(id).is_ok())
}

pub fn run(args: DecideArgs, verb: Verb) -> Result<u8, Failure> {
    decide(&args.target, verb, Selection { ids: args.ids, all: args.all, code: args.code }, args.reason)
}

pub fn run_undo(args: UndoArgs) -> Result<u8, Failure> {
    undo(&args.target, &args.what, args.reason)
}

pub fn decide(target: &Target, verb: Verb, selection: Selection, reason: String) -> Result<u8, Failure> {
    let profile = profile::load_push(&target.profile)?;
    let mut store = Store::open_existing(&profile.state)?;
    let author = Author { who: who::user(), why: reason };
    store.act_as(&author.who);
    let decided = review::decide(&mut store, verb, &selection, &author, now())?;
    tell(&decided, verb, target, &author.who);
    Ok(if decided.refused.is_empty() { exit::DONE } else { exit::NEEDS_A_PERSON })
}

/// Asks both systems and writes to them, so that it takes the lock of a run.
pub fn undo(target: &Target, what: &[String], reason: String) -> Result<u8, Failure> {
    let which = what.iter().map(|word| which(word)).collect::<Result<Vec<_>, _>>()?;
    let profile = profile::load_push(&target.profile)?;
    let _lock = Lock::take(&profile.state)?;
    let mut store = Store::open_existing(&profile.state)?;
    let author = Author { who: who::user(), why: reason };
    store.act_as(&author.who);
    let undone = undo::in_a_run(&mut store, &profile, &which, &author, &now)?;
    tell(&undone.decided, Verb::Undo, target, &author.who);
    if let Some(failure) = &undone.stopped {
        eprintln!("{failure}");
    }
    Ok(undone.exit_code())
}

fn which(word: &str) -> Result<Which, Failure> {
    match (word.parse::<i64>(), ResourceUri::parse(word)) {
        (Ok(run), _) => Ok(Which::Run(run)),
        (Err(_), Ok(uri)) => Ok(Which::Resource(uri)),
        (Err(_), Err(_)) => Err(stated(
            Kind::Configuration,
            format!("`{word}` is neither the number of a run nor a resource"),
            "`cartouche push undo --help` shows examples",
        )),
    }
}

fn tell(decided: &Decided, verb: Verb, target: &Target, who: &str) {
    let next = then(verb, &format!("`cartouche push {}` writes them", target.profile));
    decide::tell(decided, (verb, who), target.json, &next);
}
