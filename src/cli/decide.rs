//! `approve`, `reject`, `retry`: what a person decides about held and failed packages.

use super::{Target, now, print, print_json, who};
use crate::failure::{Failure, exit};
use crate::model::decision::Verb;
use crate::profile;
use crate::steps::review::{self, Author, Decided, Selection};
use crate::store::Store;
use clap::Args;
use serde_json::json;

#[derive(Debug, Args)]
pub struct DecideArgs {
    #[command(flatten)]
    target: Target,
    /// IE PIDs, or names as `list held` shows them: IE1234-3fa9c2d1 is refused once it says something else
    ids: Vec<String>,
    /// All of them
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Those held for this reason, or in this state: error, lost, diverged
    #[arg(long)]
    code: Option<String>,
    /// Those of this Alma record, by its OAI identifier
    #[arg(long)]
    alma: Option<String>,
    /// Why; kept with the decision
    #[arg(long, alias = "why", default_value = "")]
    reason: String,
}

pub fn run(args: DecideArgs, verb: Verb) -> Result<u8, Failure> {
    if verb != Verb::Retry && super::push::decides_about_resources(&args.ids) {
        let selection = crate::push::review::Selection { ids: args.ids, all: false, code: args.code };
        return super::push::decide(&args.target, verb, selection, args.reason);
    }
    let profile = profile::load(&args.target.profile)?;
    let mut store = Store::open_existing(&profile.state)?;
    let author = Author { who: who::user(), why: args.reason };
    store.act_as(&author.who);
    let selection = Selection { ids: args.ids, all: args.all, code: args.code, alma: args.alma };
    let decided = match verb {
        Verb::Approve | Verb::Reject => review::decide(&mut store, verb, &selection, &author, now())?,
        Verb::Retry => review::retry(&mut store, &selection, &author, now())?,
        Verb::Undo => unreachable!("undo is a command of its own"),
    };
    tell(&decided, (verb, &author.who), args.target.json, &then(verb, &sends(&args.target.profile)));
    Ok(if decided.refused.is_empty() { exit::DONE } else { exit::NEEDS_A_PERSON })
}

/// What follows from a decision, behind its count: who approves learns which command writes it.
pub(super) fn then(verb: Verb, writes: &str) -> String {
    match verb {
        Verb::Approve | Verb::Retry => format!("; {writes}"),
        Verb::Reject | Verb::Undo => String::new(),
    }
}

/// What was decided by whom, and what was refused and why. `next` follows if anything was decided.
pub(super) fn tell(decided: &Decided, (verb, who): (Verb, &str), json: bool, next: &str) {
    if json {
        let refused: Vec<_> = decided.refused.iter().map(|(id, why)| json!({"id": id, "because": why})).collect();
        print_json(&json!({"verb": verb.as_str(), "done": decided.done, "refused": refused, "who": who}));
        return;
    }
    for (id, why) in &decided.refused {
        eprintln!("refused: {id}: {}", why.replace(char::is_control, " "));
    }
    let next = if decided.done.is_empty() { "" } else { next };
    let refused = match decided.refused.len() {
        0 => String::new(),
        refused => format!(", {refused} refused"),
    };
    print(&format!("{} {}{refused}{next}\n", decided.done.len(), verb.done()));
}

/// What becomes of packages that may go now.
pub(super) fn sends(profile: &str) -> String {
    format!("`cartouche stage {profile}` or the next run sends them")
}
