//! `push status`: where the push stands, from the store alone.

use crate::cli::{Target, print, print_json};
use crate::failure::{Failure, exit};
use crate::profile;
use crate::report::line;
use crate::store::Store;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub fn run(target: &Target) -> Result<u8, Failure> {
    let profile = profile::load_push(&target.profile)?;
    let store = Store::open_existing(&profile.state)?;
    let resources = store.resource_counts()?;
    let (holdings, boxes) = (store.place_counts()?, store.box_counts()?);
    let (writes, unpulled) = (store.intent_counts()?, unpulled(&store)?);
    let last = store.runs(200)?.into_iter().find(|run| run.command.starts_with("push"));
    if target.json {
        let last = last.map(|run| {
            json!({"run": run.id, "command": run.command, "started": run.started.to_string(),
                   "ended": run.ended.map(|at| at.to_string()), "exit-code": run.exit_code})
        });
        print_json(&json!({"profile": profile.name, "resources": nested(&resources, "not-planned"),
                           "holdings": nested(&holdings, ""), "items": nested(&boxes, "not-planned"),
                           "unpulled": nested(&unpulled, ""),
                           "writes": nested(&writes, ""), "last-run": last}));
        return Ok(exit::DONE);
    }
    let mut text = String::new();
    for ((outcome, code), count) in &resources {
        let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
        line(&mut text, if outcome.is_empty() { "not planned" } else { outcome }, &format!("{count}{code}"));
    }
    for (what, counts) in [("holdings", &holdings), ("items", &boxes), ("pull", &unpulled)] {
        for ((outcome, code), count) in counts {
            let told = format!("{count} {} {code}", if outcome.is_empty() { "not planned" } else { outcome });
            line(&mut text, what, told.trim());
        }
    }
    let open = |state: &str| writes.iter().filter(|((s, _), _)| s == state).map(|(_, count)| count).sum::<u64>();
    let begun = open("planned") + open("sent") + open("unknown");
    if begun > 0 {
        line(&mut text, "begun", &format!("{begun} writes have no known end; the next run looks what became of them"));
    }
    if let Some(run) = last {
        let ended = run.exit_code.map_or("did not end".to_owned(), |code| format!("ended with {code}"));
        line(&mut text, "last run", &format!("{} ({}), {ended}", run.id, run.started));
    }
    print(&text);
    Ok(exit::DONE)
}

/// What the last pull left open: outcome and code → number.
fn unpulled(store: &Store) -> Result<BTreeMap<(String, String), u64>, Failure> {
    let mut counts = BTreeMap::new();
    for line in store.pull_ends(None, None, usize::MAX >> 1)? {
        *counts.entry((line.outcome, line.code)).or_default() += 1;
    }
    Ok(counts)
}

/// Outcome → code → number; what has no code is its number under "".
fn nested(counts: &BTreeMap<(String, String), u64>, unnamed: &str) -> Value {
    let mut outer: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for ((outcome, code), count) in counts {
        let outcome = if outcome.is_empty() { unnamed } else { outcome };
        outer.entry(outcome).or_default().insert(code.clone(), json!(count));
    }
    json!(outer)
}
