//! `link status`: where linking stands, from the store alone.

use crate::cli::{Target, print, print_json};
use crate::failure::{Failure, exit};
use crate::profile;
use crate::report::line;
use crate::steps;
use crate::store::Store;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

pub fn run(target: &Target) -> Result<u8, Failure> {
    let profile = profile::load_link(&target.profile)?;
    let store = Store::open_existing(&profile.profile.state)?;
    let feeds = steps::feeds(&store, &profile.profile.round_trip)?;
    let unlinked = store.unlinked_ies(feeds.rosetta, feeds.alma)?;
    let (ies, writes, seen) = (store.ie_link_counts()?, store.link_intent_counts()?, store.links_seen()?);
    let last = store.runs(200)?.into_iter().find(|run| run.command.starts_with("link"));
    if target.json {
        let last = last.map(|run| {
            json!({"run": run.id, "command": run.command, "started": run.started.to_string(),
                   "ended": run.ended.map(|at| at.to_string()), "exit-code": run.exit_code})
        });
        print_json(&json!({"profile": profile.profile.name, "without-bib": unlinked.ies.len(),
                           "named-by-hidden": unlinked.named_by_hidden, "ies": nested(&ies), "matched": seen,
                           "writes": nested(&writes), "last-run": last}));
        return Ok(exit::DONE);
    }
    let mut text = String::new();
    line(&mut text, "IEs", &format!("{} that no Alma record names", unlinked.ies.len()));
    for ((outcome, code), count) in &ies {
        let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
        line(&mut text, outcome, &format!("{count}{code}"));
    }
    line(&mut text, "matched", &format!("{seen} of those that are done are named in Alma's feed by now"));
    let is_begun = |state: &str| matches!(state, "planned" | "sent" | "unknown");
    let begun: u64 = writes.iter().filter(|((state, _), _)| is_begun(state)).map(|(_, count)| count).sum();
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

/// First word → second word → number.
fn nested(counts: &BTreeMap<(String, String), u64>) -> Value {
    let mut outer: BTreeMap<&str, Map<String, Value>> = BTreeMap::new();
    for ((first, second), count) in counts {
        outer.entry(first).or_default().insert(second.clone(), json!(count));
    }
    json!(outer)
}
