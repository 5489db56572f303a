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
    tell(&decided, verb, &args.target, &author.who);
    Ok(if decided.refused.is_empty() { exit::DONE } else { exit::NEEDS_A_PERSON })
}

pub(super) fn tell(decided: &Decided, verb: Verb, target: &Target, who: &str) {
    if target.json {
        let refused: Vec<_> = decided.refused.iter().map(|(id, why)| json!({"id": id, "because": why})).collect();
        print_json(&json!({"verb": verb.as_str(), "done": decided.done, "refused": refused, "who": who}));
        return;
    }
    for (id, why) in &decided.refused {
        eprintln!("refused: {id}: {why}");
    }
    let next = match (decided.done.is_empty(), verb) {
        (true, _) | (false, Verb::Reject) => String::new(),
        (false, Verb::Approve | Verb::Retry | Verb::Undo) => {
            format!("; `cartouche stage {}` or the next run sends them", target.profile)
        }
    };
    let refused = match decided.refused.len() {
        0 => String::new(),
        refused => format!(", {refused} refused"),
    };
    print(&format!("{} {}{refused}{next}\n", decided.done.len(), verb.done()));
}
