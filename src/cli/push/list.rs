//! `push list`: resources by what became of them, and what was written.

use super::shelf;
use crate::cli::rows::{Form, Rows};
use crate::cli::runs;
use crate::failure::{Failure, exit};
use crate::model::intent::{IntentKind, IntentState};
use crate::profile::{self, PushProfile};
use crate::push::plan::Reason;
use crate::push::shelf::place::Spot;
use crate::store::Store;
use crate::store::intents::Intent;
use crate::store::resources::ResourceLine;
use clap::{Args, ValueEnum};
use serde_json::json;

#[derive(Debug, Args)]
pub struct ListArgs {
    /// The path of a profile, or the bare name of a file in profiles/
    profile: String,
    what: What,
    /// At most so many rows
    #[arg(long, default_value_t = 1000)]
    limit: usize,
    #[command(flatten)]
    form: Form,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum What {
    /// Every resource
    Resources,
    /// What waits for a person, and why
    Held,
    /// Resources whose bib was written when they were planned last
    Done,
    /// Resources whose bib said it already
    Unchanged,
    /// Resources that failed; the next run tries again
    Failed,
    /// Resources of which nobody knows yet what became of a writing; the next run looks
    Waiting,
    /// Resources from which nothing follows, and why
    Skipped,
    /// Resources that ArchivesSpace does not show any more; their bibs stay
    Gone,
    /// Holdings: one row a place of a resource's bib, and what became of it
    Holdings,
    /// Boxes with their items, and what became of each
    Items,
    /// What the last pull could not bring from Alma, and why
    Unpulled,
    /// Everything that was written or is about to be, newest first
    Writes,
    /// What was done when, newest first
    Runs,
}

pub fn run(args: &ListArgs) -> Result<u8, Failure> {
    let profile = profile::load_push(&args.profile)?;
    let store = Store::open_existing(&profile.state)?;
    let outcome = match args.what {
        What::Writes => {
            let intents = store.intents_in(None, args.limit)?;
            writes(&intents).print("writes", &args.form, args.limit);
            return Ok(exit::DONE);
        }
        What::Runs => {
            runs::of(&store, Some("push"), args.limit)?.print("runs", &args.form, args.limit);
            return Ok(exit::DONE);
        }
        What::Held => return held(&store, &profile, args),
        What::Holdings => {
            shelf::holdings(&store.place_lines(None, args.limit)?).print("holdings", &args.form, args.limit);
            return Ok(exit::DONE);
        }
        What::Items => {
            shelf::items(&store.box_lines(None, args.limit)?).print("items", &args.form, args.limit);
            return Ok(exit::DONE);
        }
        What::Unpulled => {
            shelf::unpulled(&store.pull_ends(None, None, args.limit)?).print("unpulled", &args.form, args.limit);
            return Ok(exit::DONE);
        }
        What::Resources => None,
        What::Done => Some("done"),
        What::Unchanged => Some("unchanged"),
        What::Failed => Some("failed"),
        What::Waiting => Some("waiting"),
        What::Skipped => Some("skipped"),
        What::Gone => Some("gone"),
    };
    rows(&store.resource_lines(outcome, args.limit)?).print(outcome.unwrap_or("resources"), &args.form, args.limit);
    Ok(exit::DONE)
}

fn rows(lines: &[ResourceLine]) -> Rows {
    let planned = |line: &ResourceLine| {
        line.planned.clone().map(|planned| (planned.at.to_string(), planned.outcome, planned.code, planned.detail))
    };
    Rows {
        headings: &["resource", "MMS ID", "outcome", "code", "title", "detail"],
        cells: lines
            .iter()
            .map(|line| {
                let (_, outcome, code, detail) = planned(line).unwrap_or_default();
                vec![line.uri.to_string(), line.mms.clone(), outcome, code, line.title.clone(), detail]
            })
            .collect(),
        json: lines
            .iter()
            .map(|line| {
                let (at, outcome, code, detail) = planned(line).unwrap_or_default();
                json!({"resource": line.uri.to_string(), "title": line.title, "mms": line.mms, "outcome": outcome, "code": code,
                       "detail": detail, "planned": (!at.is_empty()).then_some(at)})
            })
            .collect(),
    }
}

/// What is held, with the number under which it can be decided about.
fn held(store: &Store, profile: &PushProfile, args: &ListArgs) -> Result<u8, Failure> {
    let lines = store.resource_lines(Some("held"), args.limit)?;
    let intents = store.intents_in(Some(IntentState::Held), usize::MAX >> 1)?;
    let (of_bibs, of_shelves): (Vec<Intent>, Vec<Intent>) = intents
        .into_iter()
        .partition(|it| it.target.spot == Spot::default() && it.target.kind != IntentKind::WriteFields);
    let number = |line: &ResourceLine| of_bibs.iter().find(|intent| intent.target.subject == line.uri).map(|it| it.id);
    let mut rows = rows(&lines);
    rows.headings = &["number", "resource", "MMS ID", "outcome", "code", "title", "detail"];
    for (at, line) in lines.iter().enumerate() {
        let number = number(line);
        rows.cells[at].insert(0, number.map(|number| format!("#{number}")).unwrap_or_default());
        let codes = line.planned.as_ref().map(|planned| planned.code.as_str()).unwrap_or_default();
        let approvable = number.is_some() && codes.split_whitespace().all(Reason::code_can_be_approved);
        rows.json[at]["intent"] = json!(number);
        rows.json[at]["can-be-approved"] = json!(approvable);
    }
    shelf::held(&of_shelves, &mut rows);
    // What a person may approve has a number, and stands among the others.
    let mut unpulled = store.pull_ends(None, Some("held"), args.limit)?;
    unpulled.retain(|line| !line.code.split_whitespace().all(Reason::code_can_be_approved));
    shelf::held_unpulled(&unpulled, &mut rows);
    shelf::held_for_good(store, &profile.push.rules, &mut rows)?;
    rows.print("held", &args.form, args.limit);
    Ok(exit::DONE)
}

pub fn writes(intents: &[Intent]) -> Rows {
    Rows {
        headings: &["number", "run", "planned", "resource", "kind", "MMS ID", "state", "detail"],
        cells: intents
            .iter()
            .map(|it| {
                let mms = it.target.mms.as_ref().map(ToString::to_string).unwrap_or_default();
                vec![
                    format!("#{}", it.id),
                    it.run.map(|run| run.to_string()).unwrap_or_default(),
                    it.times.0.to_string(),
                    it.target.subject.to_string(),
                    it.target.kind.to_string(),
                    mms,
                    it.state.to_string(),
                    it.why.1.clone(),
                ]
            })
            .collect(),
        json: intents.iter().map(write_json).collect(),
    }
}

pub fn write_json(it: &Intent) -> serde_json::Value {
    let instant = |at: Option<crate::model::time::Timestamp>| at.map(|at| at.to_string());
    json!({"intent": it.id, "run": it.run, "resource": it.target.subject.to_string(), "kind": it.target.kind.as_str(),
           "target": it.target.name, "mms": it.target.mms.as_ref().map(ToString::to_string), "state": it.state.as_str(),
           "code": it.why.0, "reason": it.why.1, "undoes": it.undoes, "planned": it.times.0.to_string(),
           "sent": instant(it.times.1), "ended": instant(it.times.2)})
}
