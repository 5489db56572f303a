//! The ledger of what was asked of both feeds.

use super::list;
use crate::failure::Failure;
use crate::model::window::WindowState;
use crate::store::Store;
use crate::store::ledger::LedgerLine;
use crate::store::outcomes::Slice;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text;
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::Visit;
use maud::html;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let above = html! {
        p { "What was asked of both feeds, and what came. A window that is missing is asked for again by every harvest." }
    };
    let head = list::Head { title: "Windows", file: "windows", total: None, above, has_filter: false };
    visit
        .desk()
        .with_trip(|store, trip| list::answer(visit, &head, |after, limit| read(store, trip, after, limit), table))
}

/// The windows after a place in the ledger, newest first.
pub fn read(
    store: &Store,
    trip: &Trip,
    after: Option<&str>,
    limit: usize,
) -> Result<Slice<LedgerLine, String>, Failure> {
    let place = |after: &str| {
        let (list, number) = after.split_once('~')?;
        Some((list.parse().ok()?, number.parse().ok()?))
    };
    let after = after.and_then(place).unwrap_or((i64::MAX, 0));
    let lines = store.ledger_after(&[trip.feeds.rosetta, trip.feeds.alma], after, limit + 1)?;
    Ok(list::cut(lines, limit, |line| format!("{}~{}", line.list, line.window.number)))
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
        Cell::text(line.side.as_str()),
        Cell::text(line.list.to_string()),
        Cell::text(window.span.say()),
        Cell::new(badge, state),
        Cell::text(window.tally.pages.to_string()),
        Cell::text(window.tally.records.to_string()),
        Cell::text(&announced),
        Cell::text(window.attempts.to_string()),
        Cell::text(window.problem.as_str()),
    ]
}
