//! Records that could not be read.

use crate::failure::Failure;
use crate::store::lists::QuarantineLine;
use crate::web::html::table::{CSV_ROWS, Cell, Table};
use crate::web::html::{frame, moment};
use crate::web::serve::Response;
use crate::web::visit::Visit;
use maud::html;

/// Rows on the page; the CSV has all.
const ROWS: usize = 200;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit.desk().with_store(|store| {
        let limit = if visit.wants_csv() { CSV_ROWS } else { ROWS };
        let lines = store.quarantined(limit + 1)?;
        let is_cut = lines.len() > limit;
        let table = table(&lines[..lines.len().min(limit)]);
        if visit.wants_csv() {
            return Ok(table.csv(&format!("{}-quarantine", visit.desk().name()), is_cut));
        }
        let body = html! {
            h1 { "Quarantine" }
            p { "These records could not be read, so nothing is written from them; the IEs that they cite stay claimed. "
                "Whoever runs the server mends the record, and the readable version releases it." }
            p { a href="?format=csv" { "CSV" } @if is_cut { " · the first " (ROWS) " are shown, the CSV has all" } }
            (table.html())
        };
        Ok(frame::page(visit, "Quarantine", body))
    })
}

fn table(lines: &[QuarantineLine]) -> Table {
    let row = |line: &QuarantineLine| {
        vec![
            Cell::text(&line.side),
            Cell::text(line.identifier.as_deref().unwrap_or("(none)")),
            Cell::text(&line.datestamp),
            Cell::new(moment::time(line.seen), line.seen.to_string()),
            Cell::text(&line.reason),
            Cell::text(&line.page),
        ]
    };
    Table {
        caption: "Records in quarantine".to_owned(),
        headings: vec!["feed", "identifier", "datestamp", "seen", "reason", "page"],
        rows: lines.iter().map(row).collect(),
    }
}
