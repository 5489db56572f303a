//! The ledger of what was asked of both feeds.

use crate::failure::Failure;
use crate::model::window::WindowState;
use crate::store::ledger::LedgerLine;
use crate::web::html::table::{CSV_ROWS, Cell, Table};
use crate::web::html::{frame, text};
use crate::web::serve::Response;
use crate::web::visit::Visit;
use maud::html;

/// Rows on the page; the CSV has all.
const ROWS: usize = 200;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit.desk().with_trip(|store, trip| {
        let limit = if visit.wants_csv() { CSV_ROWS } else { ROWS };
        let lines = store.ledger(&[trip.feeds.rosetta, trip.feeds.alma], limit + 1)?;
        let is_cut = lines.len() > limit;
        let table = table(&lines[..lines.len().min(limit)]);
        if visit.wants_csv() {
            return Ok(table.csv(&format!("{}-windows", visit.desk().name()), is_cut));
        }
        let body = html! {
            h1 { "Windows" }
            p { "What was asked of both feeds, and what came. A window that is missing is asked for again by every harvest." }
            p { a href="?format=csv" { "CSV" } @if is_cut { " · the newest " (ROWS) " are shown, the CSV has all" } }
            (table.html())
        };
        Ok(frame::page(visit, "Windows", body))
    })
}

fn table(lines: &[LedgerLine]) -> Table {
    Table {
        caption: "Windows of lists, newest first".to_owned(),
        headings: vec!["feed", "list", "window", "state", "pages", "records", "announced", "attempts", "problem"],
        rows: lines.iter().map(row).collect(),
    }
}

fn row(line: &LedgerLine) -> Vec<Cell> {
    let window = &line.window;
    let announced = window.evidence.announced.map(|announced| announced.to_string()).unwrap_or_default();
    let state = window.state.as_str();
    let badge = html! { span.badge.error[window.state == WindowState::Missing] { (text::Shown(state)) } };
    vec![
        Cell::text(&line.side),
        Cell::text(&line.list.to_string()),
        Cell::text(&window.span.say()),
        Cell::new(badge, state),
        Cell::text(&window.tally.pages.to_string()),
        Cell::text(&window.tally.records.to_string()),
        Cell::text(&announced),
        Cell::text(&window.attempts.to_string()),
        Cell::text(&window.problem),
    ]
}
