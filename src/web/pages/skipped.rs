//! Records from which nothing follows, with the reason in words and the way out.

use super::held::{filter, place_in, place_out};
use super::packages::{ROWS, pager};
use super::way_out;
use crate::failure::Failure;
use crate::store::outcomes::{OutcomeFilter, OutcomeItem};
use crate::web::html::table::{CSV_ROWS, Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::html::{frame, moment};
use crate::web::serve::Response;
use crate::web::visit::{Visit, query};
use maud::{Markup, html};

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    list(visit, "Skipped", filter(visit, "skipped"))
}

/// Alma records that name no IE.
pub fn unmatched(visit: &Visit<'_>) -> Result<Response, Failure> {
    list(visit, "Unmatched", OutcomeFilter { code: Some("no-match".to_owned()), ..filter(visit, "skipped") })
}

/// IEs that several Alma records claim.
pub fn conflicts(visit: &Visit<'_>) -> Result<Response, Failure> {
    list(visit, "Conflicts", OutcomeFilter { code: Some("conflict".to_owned()), ..filter(visit, "skipped") })
}

fn list(visit: &Visit<'_>, title: &str, filter: OutcomeFilter) -> Result<Response, Failure> {
    visit.desk().with_store(|store| {
        if visit.wants_csv() {
            let slice = store.outcomes_matching(&filter, CSV_ROWS)?;
            let name = format!("{}-{}", visit.desk().name(), title.to_lowercase());
            return Ok(table(visit, title, &slice.items).csv(&name, slice.next.is_some()));
        }
        let after = place_in(visit);
        let slice = store.outcome_page(&filter, &after.clone().unwrap_or_default(), ROWS)?;
        let total = store.count_outcomes("skipped", filter.code.as_deref())?;
        let next = slice.next.map(|place| visit.query_with(&[("after", &place_out(&place))]));
        let body = html! {
            h1 { (title) " " span.count { (total) } }
            (controls(visit, title == "Skipped"))
            (table(visit, title, &slice.items).html())
            (pager(visit, slice.items.len(), after.is_some(), next))
        };
        Ok(frame::page(visit, title, body))
    })
}

fn controls(visit: &Visit<'_>, has_codes: bool) -> Markup {
    let given = |name| visit.asked(name).unwrap_or_default();
    html! {
        form.filters role="search" aria-label="Filter" {
            label { "Text" input name="q" value=(given("q")) placeholder="IE, MMS ID, reason"; }
            @if has_codes { label { "Reason" select name="code" {
                option value="" { "any" }
                @for code in CODES { option value=(code) selected[given("code") == code] { (code) } }
            } } }
            div.buttons { button { "Filter" } a href=(visit.request.path) { "All" } a href=(visit.query_with(&[("format", "csv"), ("after", "")])) { "CSV" } }
        }
    }
}

const CODES: [&str; 10] = [
    "conflict",
    "quarantined",
    "no-match",
    "not-in-rosetta",
    "transform",
    "rejected",
    "deleted",
    "suppressed",
    "gone",
    "no-metadata",
];

fn table(visit: &Visit<'_>, title: &str, items: &[OutcomeItem]) -> Table {
    Table {
        caption: format!("{title}, by reason"),
        headings: vec!["Alma record", "IE", "reason", "way out", "prepared"],
        rows: items.iter().map(|item| row(visit, item)).collect(),
    }
}

fn row(visit: &Visit<'_>, item: &OutcomeItem) -> Vec<Cell> {
    let (ie, code) = (item.place.ie.as_str(), item.place.code.as_str());
    let record = format!("{}{}", visit.path("record"), query([("id", item.alma.as_str())].into_iter()));
    let record = html! { a href=(record) { (brief(&item.alma, 300)) } };
    let link = html! { @if !ie.is_empty() { a.ie href=(visit.path(&format!("ie/{ie}"))) { (Shown(ie)) } } };
    let reason = html! { span.badge { (code) } " " (brief(&item.detail, 400)) };
    vec![
        Cell::new(record, item.alma.as_str()),
        Cell::new(link, ie),
        Cell::new(reason, format!("{code}: {}", item.detail)),
        Cell::text(way_out::of(code)),
        Cell::new(moment::time(item.prepared), item.prepared.to_string()),
    ]
}
