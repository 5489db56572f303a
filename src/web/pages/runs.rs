//! What was done when.

use super::list;
use crate::failure::Failure;
use crate::failure::exit;
use crate::model::time::say_span;
use crate::store::Store;
use crate::store::outcomes::Slice;
use crate::store::runs::Run;
use crate::web::html::moment;
use crate::web::html::table::{Cell, Table};
use crate::web::serve::Response;
use crate::web::site::Desk;
use crate::web::visit::{Visit, path};
use maud::{Markup, html};
use serde_json::Value;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let head = list::Head { title: "Runs", file: "runs", total: None, above: html! {}, has_filter: false };
    visit.desk().with_store(|store| {
        list::answer(visit, &head, |after, limit| read(store, after, limit), |runs| table(visit, runs))
    })
}

/// The runs after a place in the list, newest first.
pub fn read(store: &Store, after: Option<&str>, limit: usize) -> Result<Slice<Run, String>, Failure> {
    let before = after.and_then(|after| after.parse().ok()).unwrap_or(i64::MAX);
    Ok(list::cut(store.runs_before(before, limit + 1)?, limit, |run| run.id.to_string()))
}

fn table(visit: &Visit<'_>, runs: &[Run]) -> Table {
    Table {
        caption: "Runs, newest first".to_owned(),
        headings: vec!["run", "command", "started by", "started", "took", "how it ended", "outcomes"],
        rows: runs.iter().map(|run| row(visit, run)).collect(),
    }
}

fn row(visit: &Visit<'_>, run: &Run) -> Vec<Cell> {
    let took = run.ended.map(|ended| say_span(ended.since(run.started))).unwrap_or_default();
    let summary = summary(run);
    let dry = if summary["dry-run"].as_bool() == Some(true) { " (dry)" } else { "" };
    vec![
        Cell::new(number(visit.desk(), run), run.id.to_string()),
        Cell::text(format!("{}{dry}", run.command)),
        Cell::text(summary["started-by"].as_str().unwrap_or_default()),
        Cell::new(moment::time(run.started), run.started.to_string()),
        Cell::text(&took),
        Cell::text(ended(run)),
        Cell::text(outcomes(&summary)),
    ]
}

/// The number of a run, which leads to its packages where it has any.
pub fn number(desk: &Desk, run: &Run) -> Markup {
    let has_packages = desk.has_trip() && !run.command.starts_with("push") && !run.command.starts_with("link");
    html! {
        @if has_packages { a href=(format!("{}?run={}", path(desk.name(), "packages"), run.id)) { (run.id) } } @else { (run.id) }
    }
}

/// How a run ended, in words.
pub fn ended(run: &Run) -> String {
    let summary = summary(run);
    let by = summary["stopped-by"].as_str().map(|who| format!(" (stopped by {who})")).unwrap_or_default();
    format!("{}{by}", ending(run, &summary))
}

fn summary(run: &Run) -> Value {
    run.summary.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null)
}

fn ending<'s>(run: &Run, summary: &'s Value) -> &'s str {
    let said = |name: &str| summary[name].as_str();
    match run.exit_code {
        None => "under way, or broken off",
        Some(exit::DONE) => "done",
        Some(exit::NEEDS_A_PERSON) => said("limit").or(said("stopped")).unwrap_or("done; something needs a person"),
        Some(exit::CONFIGURATION) => said("error").unwrap_or("the configuration is wrong"),
        Some(_) if summary["stopped"].as_bool() == Some(true) => "stopped; the next run goes on from there",
        Some(_) => said("error").or(said("stopped")).unwrap_or("failed, or a list is incomplete"),
    }
}

fn outcomes(summary: &Value) -> String {
    let number = |pointer: &str| summary.pointer(pointer).and_then(Value::as_u64);
    let parts = [
        ("staged", number("/staged")),
        ("done", number("/settled/done")),
        ("error", number("/settled/error")),
        ("held", number("/outcomes/held")),
    ];
    let told = parts.iter().filter_map(|(name, count)| Some(format!("{} {name}", count.as_ref()?)));
    told.collect::<Vec<_>>().join(", ")
}
