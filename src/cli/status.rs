//! `status`: where things stand, from the store alone.

use super::{Target, now, print, print_json};
use crate::failure::{Failure, exit};
use crate::model::time::say_span;
use crate::profile;
use crate::report::{Stock, line, outcomes_text};
use crate::steps;
use crate::store::Store;
use crate::store::confirming::Unconfirmed;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Files of the folder that are named one by one.
const NAMED_FILES: usize = 10;

pub fn run(target: &Target) -> Result<u8, Failure> {
    let profile = profile::load(&target.profile)?;
    let store = Store::open_existing(&profile.state)?;
    let now = now();
    let feeds = steps::feeds(&store, &profile.round_trip)?;
    let stock = Stock::take(&store, &profile.round_trip, feeds, now)?;
    let last = store.runs(1)?.into_iter().next();
    let sides = [("rosetta", feeds.rosetta), ("alma", feeds.alma)];
    let in_folder: BTreeMap<_, _> = store.submissions()?.into_iter().collect();
    if target.json {
        let mut fields = stock.json();
        let files = in_folder.iter().map(|(name, file)| {
            json!({"file": name, "ie": file.ie, "state": file.state.as_str(), "reason": file.reason,
                   "attempts": file.attempts, "due": file.due.to_string()})
        });
        fields.insert("applying".to_owned(), files.collect());
        fields.insert("profile".to_owned(), json!(profile.name));
        fields.insert("late".to_owned(), json!(stock.late));
        fields.insert("lost".to_owned(), json!(stock.lost));
        fields.insert("error".to_owned(), json!(stock.standing_errors));
        let mut records = serde_json::Map::new();
        for (name, feed) in sides {
            let state = json!({
                "records": store.count_records(feed)?,
                "complete": store.is_complete(feed)?,
                "completed": store.completed(feed)?.map(|at| at.to_string()),
            });
            records.insert(name.to_owned(), state);
        }
        fields.insert("feeds".to_owned(), Value::Object(records));
        let last = last.map(|run| {
            json!({"run": run.id, "command": run.command, "started": run.started.to_string(),
                   "ended": run.ended.map(|at| at.to_string()), "exit-code": run.exit_code})
        });
        fields.insert("last-run".to_owned(), json!(last));
        print_json(&Value::Object(fields));
    } else {
        let mut text = String::new();
        for (name, feed) in sides {
            let open = store.open_list(feed)?.map(|list| store.windows_of(&list)).transpose()?;
            let pages = open.map(|windows| windows.iter().map(|window| window.tally.pages).sum::<u64>());
            let completed = match (store.completed(feed)?, pages) {
                (Some(at), None) => format!("complete {} ago", say_span(now.since(at))),
                (Some(_), Some(pages)) => format!("INCOMPLETE: {pages} pages of a newer list so far"),
                (None, Some(pages)) => format!("INCOMPLETE: {pages} pages so far"),
                (None, None) => "never harvested".to_owned(),
            };
            line(&mut text, name, &format!("{} records, {completed}", store.count_records(feed)?));
        }
        line(&mut text, "outcomes", &outcomes_text(&stock.outcomes));
        line(&mut text, "packages", &format!("{} in flight, {} waiting", stock.in_flight, stock.waiting));
        let Unconfirmed { packages, diverged, oldest } = stock.unconfirmed;
        if let Some(oldest) = oldest {
            let age = say_span(now.since(oldest));
            line(
                &mut text,
                "to confirm",
                &format!("{packages} done and not yet seen in Rosetta, the oldest {age} ago; {diverged} diverged"),
            );
        }
        for (name, file) in in_folder.iter().take(NAMED_FILES) {
            line(
                &mut text,
                file.state.as_str(),
                &format!("{name}: {}", file.reason.lines().next().unwrap_or_default()),
            );
        }
        if let Some(run) = last {
            let ended = match (run.ended, run.exit_code) {
                (Some(ended), Some(code)) => format!("took {}, exit code {code}", say_span(ended.since(run.started))),
                _ => "did not end, or is running now".to_owned(),
            };
            line(&mut text, "last run", &format!("{} ({}) at {}, {ended}", run.id, run.command, run.started));
        }
        for need in stock.needs() {
            line(&mut text, "to do", &need.replace("PROFILE", &target.profile));
        }
        print(&text);
    }
    Ok(if stock.needs().is_empty() { exit::DONE } else { exit::NEEDS_A_PERSON })
}
