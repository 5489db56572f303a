//! `link explain`: one IE and its bib, for people and as JSON.

use super::list::{link_json, write_json};
use super::named;
use crate::cli::table::printable;
use crate::cli::{Target, now, print, print_json};
use crate::failure::{Failure, exit};
use crate::link::explain::{Told, explain};
use crate::link::plan::{Found, Plan, Write};
use crate::model::id::IePid;
use crate::profile;
use crate::push::in_words::Coded;
use crate::push::marc::{Namespace, record};
use crate::report::line;
use crate::store::Store;
use serde_json::{Value, json};

pub fn run(target: &Target, ie: &str) -> Result<u8, Failure> {
    let ie = IePid::parse(ie).map_err(named)?;
    let profile = profile::load_link(&target.profile)?;
    let mut store = Store::open_existing(&profile.profile.state)?;
    let told = explain(&mut store, &profile, &now, &ie)?;
    if target.json {
        print_json(&object(&told));
    } else {
        print(&text(&told));
    }
    Ok(exit::DONE)
}

/// What a run would do, as outcome and in words.
fn plan_words(told: &Told) -> (&'static str, String) {
    let Some((plan, _)) = &told.plan else {
        return ("skipped", "an Alma record names it already".to_owned());
    };
    match plan {
        Plan::Linked { mms, representation, .. } => {
            ("unchanged", format!("the representation {representation} of the bib {mms} points at it"))
        }
        Plan::Do(Write::Point { mms, .. }) => ("link", format!("a representation at the bib {mms}")),
        Plan::Do(Write::Make { .. }) => ("create", "a new bib, and a representation at it".to_owned()),
        Plan::Skip(why) => ("skipped", why.to_string()),
        Plan::Held { reasons, .. } => {
            let all: Vec<String> = reasons.iter().map(|reason| format!("{}: {reason}", reason.code())).collect();
            ("held", all.join("; "))
        }
    }
}

fn evidence(told: &Told) -> String {
    match told.plan.as_ref().and_then(|(_, found)| found.as_ref()) {
        None => "Alma was not asked".to_owned(),
        Some(Found::Nothing) => "Alma has no bib for it".to_owned(),
        Some(Found::Bib(bib, how)) => format!("bib {}: {}", bib.mms, how.words()),
        Some(Found::Several(all)) => {
            let each: Vec<String> = all.iter().map(|(mms, how)| format!("{mms} ({})", how.words())).collect();
            format!("{} bibs: {}", all.len(), each.join("; "))
        }
    }
}

/// The record of a bib that would be made.
fn new_bib(told: &Told) -> Option<&crate::push::bib_image::BibImage> {
    match told.plan.as_ref().map(|(plan, _)| plan)? {
        Plan::Do(Write::Make { image, .. }) | Plan::Held { write: Some(Write::Make { image, .. }), .. } => Some(image),
        Plan::Linked { .. } | Plan::Do(Write::Point { .. }) | Plan::Held { .. } | Plan::Skip(_) => None,
    }
}

fn text(told: &Told) -> String {
    let mut text = format!("{}\n", told.ie);
    line(&mut text, "title", &printable(&told.title));
    line(&mut text, "identifier", told.identifier.as_str());
    for (place, value) in &told.named {
        line(&mut text, "named in", &printable(&format!("{place} of an Alma record: {value}")));
    }
    line(&mut text, "Alma", &printable(&evidence(told)));
    let (kind, words) = plan_words(told);
    line(&mut text, "now", &printable(&format!("{kind}: {words}")));
    if let Some(link) = &told.link {
        let code = if link.why.0.is_empty() { String::new() } else { format!(" ({})", link.why.0) };
        line(&mut text, "last run", &format!("{}{code} on {}", link.outcome, link.at));
    }
    for field in new_bib(told).iter().flat_map(|image| &image.record.fields) {
        text.push_str(&printable(&format!("  + {field}")));
        text.push('\n');
    }
    for verdict in &told.verdicts {
        line(&mut text, "decision", &printable(&verdict.words()));
    }
    for intent in &told.history {
        let words = format!("#{} {} {} {}", intent.id, intent.about.kind, intent.state, intent.why.1);
        line(&mut text, "write", &printable(&format!("{} {}", intent.times.0, words.trim())));
    }
    text
}

fn object(told: &Told) -> Value {
    let (kind, words) = plan_words(told);
    let bib = told.plan.as_ref().and_then(|(_, found)| match found {
        Some(Found::Bib(bib, _)) => Some(bib),
        Some(Found::Nothing | Found::Several(_)) | None => None,
    });
    let named: Vec<Value> = told.named.iter().map(|(place, text)| json!({"place": place, "text": text})).collect();
    json!({"ie": told.ie.to_string(), "identifier": told.identifier.as_str(), "title": told.title, "named": named,
           "outcome": kind, "detail": words, "evidence": evidence(told), "mms": bib.map(|bib| bib.mms.to_string()),
           "alma": bib.map(|bib| bib.xml.clone()),
           "new-bib": new_bib(told).map(|image| record(&image.record, Namespace::Marc21)),
           "last": told.link.as_ref().map(link_json),
           "decisions": told.verdicts.iter().map(|verdict| verdict.words()).collect::<Vec<_>>(),
           "writes": told.history.iter().map(write_json).collect::<Vec<_>>()})
}
