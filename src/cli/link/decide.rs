//! `link approve`, `link reject`, `link undo`.

use crate::cli::decide::{self, then};
use crate::cli::{Target, now, who};
use crate::failure::{Failure, Kind, exit, stated};
use crate::link::review;
use crate::link::undo::{self, Which};
use crate::model::decision::Verb;
use crate::model::id::IePid;
use crate::profile;
use crate::push::review::Selection;
use crate::steps::review::{Author, Decided};
use crate::store::{Lock, Store};
use clap::Args;

#[derive(Debug, Args)]
pub struct DecideArgs {
    #[command(flatten)]
    target: Target,
    /// IE PIDs, or numbers as `link list held` shows them
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
    /// Numbers of runs, as `link list runs` shows them, or IE PIDs
    #[arg(required = true)]
    what: Vec<String>,
    /// Why; kept with the decision
    #[arg(long, alias = "why", default_value = "")]
    reason: String,
}

pub fn run(args: DecideArgs, verb: Verb) -> Result<u8, Failure> {
    let profile = profile::load_link(&args.target.profile)?;
    let mut store = Store::open_existing(&profile.profile.state)?;
    let author = Author { who: who::user(), why: args.reason };
    store.act_as(&author.who);
    let selection = Selection { ids: args.ids, all: args.all, code: args.code };
    let decided = review::decide(&mut store, verb, &selection, &author, now())?;
    tell(&decided, verb, &args.target, &author.who);
    Ok(if decided.refused.is_empty() { exit::DONE } else { exit::NEEDS_A_PERSON })
}

/// Asks Alma and writes to it, so that it takes the lock of a run.
pub fn undo(args: &UndoArgs) -> Result<u8, Failure> {
    let which = args.what.iter().map(|word| which(word)).collect::<Result<Vec<_>, _>>()?;
    let profile = profile::load_link(&args.target.profile)?;
    let _lock = Lock::take(&profile.profile.state)?;
    let mut store = Store::open_existing(&profile.profile.state)?;
    let author = Author { who: who::user(), why: args.reason.clone() };
    store.act_as(&author.who);
    let undone = undo::in_a_run(&mut store, &profile, &which, &author, &now)?;
    tell(&undone.decided, Verb::Undo, &args.target, &author.who);
    if let Some(failure) = &undone.stopped {
        eprintln!("{failure}");
    }
    Ok(undone.exit_code())
}

fn which(word: &str) -> Result<Which, Failure> {
    match (word.parse::<i64>(), IePid::parse(word)) {
        (Ok(run), _) => Ok(Which::Run(run)),
        (Err(_), Ok(ie)) => Ok(Which::Ie(ie)),
        (Err(_), Err(_)) => Err(stated(
            Kind::Configuration,
            format!("`{word}` is neither the number of a run nor an IE PID"),
            "`cartouche link undo --help` shows examples",
        )),
    }
}

fn tell(decided: &Decided, verb: Verb, target: &Target, who: &str) {
    let next = then(verb, &format!("`cartouche link {}` writes them", target.profile));
    decide::tell(decided, (verb, who), target.json, &next);
}
