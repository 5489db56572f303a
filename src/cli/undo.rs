//! `undo`: brings before-images back.

use super::{Target, decide, now, who};
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::decision::Verb;
use crate::model::id::IePid;
use crate::model::time::Timestamp;
use crate::profile;
use crate::steps::review::Author;
use crate::steps::{self, undo};
use crate::store::Store;
use crate::store::restorations::Which;
use clap::Args;

#[derive(Debug, Args)]
pub struct UndoArgs {
    #[command(flatten)]
    target: Target,
    /// Numbers of runs, as `list runs` shows them, or IE PIDs
    what: Vec<String>,
    /// All packages staged since this instant: 2026-11-22 or 2026-11-22T01:02:03Z
    #[arg(long)]
    since: Option<String>,
    /// Why; kept with the decision
    #[arg(long, alias = "why", default_value = "")]
    reason: String,
}

pub fn run(args: UndoArgs) -> Result<u8, Failure> {
    if args.since.is_none() && super::push::decides_about_resources(&args.what) {
        return super::push::undo(&args.target, &args.what, args.reason);
    }
    let which = which(&args)?;
    let profile = profile::load(&args.target.profile)?;
    let mut store = Store::open_existing(&profile.state)?;
    let feeds = steps::feeds(&store, &profile.round_trip)?;
    let repository = steps::repository(&store, &profile.round_trip)?;
    let author = Author { who: who::user(), why: args.reason };
    store.act_as(&author.who);
    let decided = undo::undo(&mut store, feeds, repository.as_str(), &which, &author, now())?;
    undo::judge(&mut store, &profile.round_trip, feeds, repository.as_str())?;
    let next = format!("; {}", decide::sends(&args.target.profile));
    decide::tell(&decided, (Verb::Undo, &author.who), args.target.json, &next);
    Ok(if decided.refused.is_empty() { exit::DONE } else { exit::NEEDS_A_PERSON })
}

fn which(args: &UndoArgs) -> Result<Vec<Which>, Failure> {
    let wrong = |message: String| stated(Kind::Configuration, message, "`cartouche undo --help` shows examples");
    let mut which = Vec::new();
    for word in &args.what {
        which.push(match (word.parse::<i64>(), IePid::parse(word)) {
            (Ok(run), _) => Which::Run(run),
            (Err(_), Ok(ie)) => Which::Ie(ie),
            (Err(_), Err(_)) => return Err(wrong(format!("`{word}` is neither the number of a run nor an IE PID"))),
        });
    }
    if let Some(since) = &args.since {
        let instant = Timestamp::parse(since).ok_or_else(|| wrong(format!("--since `{since}` is not a date")))?;
        which.push(Which::Since(instant));
    }
    if which.is_empty() { Err(wrong("nothing is named".to_owned())) } else { Ok(which) }
}
