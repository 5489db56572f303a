//! Records from which nothing follows, with the reason in words and the way out.

use super::held::{count, filter, read};
use super::{list, way_out};
use crate::failure::Failure;
use crate::store::outcomes::{OutcomeFilter, OutcomeItem};
use crate::web::html::moment;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::serve::Response;
use crate::web::visit::{Visit, query};
use maud::{Markup, html};

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    rows(visit, "Skipped", filter(visit, "skipped"))
}

/// Alma records that name no IE.
pub fn unmatched(visit: &Visit<'_>) -> Result<Response, Failure> {
    rows(visit, "Unmatched", with_code(visit, "no-match"))
}

/// IEs that several Alma records claim.
pub fn conflicts(visit: &Visit<'_>) -> Result<Response, Failure> {
    rows(visit, "Conflicts", with_code(visit, "conflict"))
}

/// The filter of the address among what was skipped for one reason.
pub fn with_code(visit: &Visit<'_>, code: &str) -> OutcomeFilter {
    OutcomeFilter { code: Some(code.to_owned()), ..filter(visit, "skipped") }
}

fn rows(visit: &Visit<'_>, title: &str, filter: OutcomeFilter) -> Result<Response, Failure> {
    let total = Some(count(visit, &filter)?);
    let above = controls(visit, title == "Skipped");
    let head = list::Head { title, file: &title.to_lowercase(), total, above, has_filter: true };
    visit.desk().with_store(|store| {
        let read = |after: Option<&str>, limit| read(store, &filter, after, limit);
        list::answer(visit, &head, read, |items| table(visit, title, items))
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
            div.buttons { button { "Filter" } a href=(visit.request.path) { "All" } a href=(list::file_link(visit)) { "CSV" } }
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
    let below = if code == "conflict" { "conflicts" } else { "ie" };
    let link = html! { @if !ie.is_empty() { a.ie href=(visit.path(&format!("{below}/{ie}"))) { (Shown(ie)) } } };
    let reason = html! { span.badge { (code) } " " (brief(&item.detail, 400)) };
    vec![
        Cell::new(record, item.alma.as_str()),
        Cell::new(link, ie),
        Cell::new(reason, format!("{code}: {}", item.detail)),
        Cell::text(way_out::of(code)),
        Cell::new(moment::time(item.prepared), item.prepared.to_string()),
    ]
}
