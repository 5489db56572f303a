//! `link list`: IEs by what became of them, and what was written.

use crate::cli::rows::{Form, Rows};
use crate::cli::runs;
use crate::failure::{Failure, exit};
use crate::link::plan::Reason;
use crate::model::intent::IntentState;
use crate::model::time::Timestamp;
use crate::profile;
use crate::store::Store;
use crate::store::ie_links::IeLink;
use crate::store::link_intents::LinkIntent;
use clap::{Args, ValueEnum};
use serde_json::{Value, json};

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
    /// Every IE that was looked at
    Ies,
    /// What waits for a person, and why
    Held,
    /// IEs that a representation points at
    Done,
    /// IEs that failed; the next run tries again
    Failed,
    /// IEs of which nobody knows yet what became of a writing; the next run looks
    Waiting,
    /// IEs from which nothing follows, and why
    Skipped,
    /// Everything that was written or is about to be, newest first
    Writes,
    /// What was done when, newest first
    Runs,
}

pub fn run(args: &ListArgs) -> Result<u8, Failure> {
    let profile = profile::load_link(&args.profile)?;
    let store = Store::open_existing(&profile.profile.state)?;
    let outcome = match args.what {
        What::Writes => {
            writes(&store.link_intents_in(None, args.limit)?).print("writes", &args.form, args.limit);
            return Ok(exit::DONE);
        }
        What::Runs => {
            runs::of(&store, Some("link"), args.limit)?.print("runs", &args.form, args.limit);
            return Ok(exit::DONE);
        }
        What::Held => return held(&store, args),
        What::Ies => None,
        What::Done => Some("done"),
        What::Failed => Some("failed"),
        What::Waiting => Some("waiting"),
        What::Skipped => Some("skipped"),
    };
    rows(&store.ie_links(outcome, args.limit)?).print(outcome.unwrap_or("ies"), &args.form, args.limit);
    Ok(exit::DONE)
}

fn rows(lines: &[IeLink]) -> Rows {
    Rows {
        headings: &["IE", "MMS ID", "representation", "how", "outcome", "code", "title", "detail"],
        cells: lines
            .iter()
            .map(|it| {
                let (code, detail) = it.why.clone();
                let [mms, representation, how] = [&it.mms, &it.representation, &it.how].map(Clone::clone);
                vec![it.ie.to_string(), mms, representation, how, it.outcome.clone(), code, it.title.clone(), detail]
            })
            .collect(),
        json: lines.iter().map(link_json).collect(),
    }
}

pub fn link_json(it: &IeLink) -> Value {
    json!({"ie": it.ie.to_string(), "title": it.title, "mms": it.mms, "representation": it.representation, "how": it.how,
           "outcome": it.outcome, "code": it.why.0, "detail": it.why.1, "planned": it.at.to_string()})
}

/// What is held, with the number under which it can be decided about.
fn held(store: &Store, args: &ListArgs) -> Result<u8, Failure> {
    let lines = store.ie_links(Some("held"), args.limit)?;
    let intents = store.link_intents_in(Some(IntentState::Held), usize::MAX >> 1)?;
    let number = |line: &IeLink| intents.iter().find(|intent| intent.about.ie == line.ie).map(|it| it.id);
    let mut rows = rows(&lines);
    rows.headings = &["number", "IE", "MMS ID", "representation", "how", "outcome", "code", "title", "detail"];
    for (at, line) in lines.iter().enumerate() {
        let number = number(line);
        rows.cells[at].insert(0, number.map(|number| format!("#{number}")).unwrap_or_default());
        let approvable = number.is_some() && line.why.0.split_whitespace().all(Reason::code_can_be_approved);
        rows.json[at]["intent"] = json!(number);
        rows.json[at]["can-be-approved"] = json!(approvable);
    }
    rows.print("held", &args.form, args.limit);
    Ok(exit::DONE)
}

fn writes(intents: &[LinkIntent]) -> Rows {
    Rows {
        headings: &["number", "run", "planned", "IE", "kind", "MMS ID", "representation", "state", "detail"],
        cells: intents
            .iter()
            .map(|it| {
                let about = &it.about;
                vec![
                    format!("#{}", it.id),
                    it.run.map(|run| run.to_string()).unwrap_or_default(),
                    it.times.0.to_string(),
                    about.ie.to_string(),
                    about.kind.to_string(),
                    about.mms.as_ref().map(ToString::to_string).unwrap_or_default(),
                    about.representation.clone(),
                    it.state.to_string(),
                    it.why.1.clone(),
                ]
            })
            .collect(),
        json: intents.iter().map(write_json).collect(),
    }
}

pub fn write_json(it: &LinkIntent) -> Value {
    let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
    let about = &it.about;
    json!({"intent": it.id, "run": it.run, "ie": about.ie.to_string(), "kind": about.kind.as_str(), "target": about.target,
           "mms": about.mms.as_ref().map(ToString::to_string), "representation": about.representation,
           "state": it.state.as_str(), "code": it.why.0, "reason": it.why.1, "undoes": it.undoes,
           "planned": it.times.0.to_string(), "sent": instant(it.times.1), "ended": instant(it.times.2)})
}
