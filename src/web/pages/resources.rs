//! Resources of ArchivesSpace, and what became of their bibs.

use super::list;
use crate::failure::Failure;
use crate::push::resource_uri::ResourceUri;
use crate::store::Store;
use crate::store::outcomes::Slice;
use crate::store::resource_pages::ResourceFilter;
use crate::store::resources::ResourceLine;
use crate::web::html::moment;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::Shown;
use crate::web::serve::Response;
use crate::web::visit::Visit;
use maud::{Markup, html};

/// What the filter offers.
pub const OUTCOMES: [&str; 10] =
    ["held", "failed", "waiting", "open-shelf", "unpulled", "done", "unchanged", "skipped", "gone", "not-planned"];

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let filter = filter(visit);
    let head =
        list::Head { title: "Resources", file: "resources", total: None, above: controls(visit), has_filter: true };
    visit.desk().with_store(|store| {
        list::answer(visit, &head, |after, limit| read(store, &filter, after, limit), |items| table(visit, items))
    })
}

/// The filter that the address holds.
pub fn filter(visit: &Visit<'_>) -> ResourceFilter {
    let given = |name| visit.asked(name).map(str::to_owned);
    ResourceFilter { outcome: given("outcome"), words: given("q") }
}

pub fn read(
    store: &Store,
    filter: &ResourceFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<Slice<ResourceLine, String>, Failure> {
    Ok(store.resource_page(filter, after, limit)?)
}

/// Where all about a resource stands.
pub fn place(visit: &Visit<'_>, uri: &ResourceUri) -> String {
    visit.path(&format!("resource/{}/{}", uri.repository(), uri.number()))
}

fn controls(visit: &Visit<'_>) -> Markup {
    let given = |name| visit.asked(name).unwrap_or_default();
    html! {
        form.filters role="search" aria-label="Filter" {
            label { "Text" input name="q" value=(given("q")) placeholder="title, resource, MMS ID"; }
            label { "Outcome"
                select name="outcome" {
                    option value="" { "any" }
                    @for outcome in OUTCOMES { option value=(outcome) selected[given("outcome") == outcome] { (outcome) } }
                }
            }
            div.buttons { button { "Filter" } a href=(visit.request.path) { "All" } a href=(list::file_link(visit)) { "CSV" } }
        }
    }
}

fn table(visit: &Visit<'_>, lines: &[ResourceLine]) -> Table {
    Table {
        caption: "Resources of ArchivesSpace and their bibs".to_owned(),
        headings: vec!["resource", "title", "outcome", "in words", "planned", "MMS ID"],
        rows: lines.iter().map(|line| row(visit, line)).collect(),
    }
}

fn row(visit: &Visit<'_>, line: &ResourceLine) -> Vec<Cell> {
    let short = format!("{}/{}", line.uri.repository(), line.uri.number());
    let link = html! { a.ie href=(place(visit, &line.uri)) title=(line.uri) { (short) } };
    let (standing, detail) = match &line.planned {
        None => (badge("not-planned", ""), ""),
        Some(planned) => (badge(&planned.outcome, &planned.code), planned.detail.as_str()),
    };
    let words = line.planned.as_ref().map(|planned| format!("{} {}", planned.outcome, planned.code));
    let at = line.planned.as_ref().map(|planned| planned.at);
    vec![
        Cell::new(link, line.uri.to_string()),
        Cell::title(&line.title),
        Cell::new(standing, words.unwrap_or_default().trim()),
        Cell::text(detail),
        Cell::new(moment::some_time(at), at.map(|at| at.to_string()).unwrap_or_default()),
        Cell::text(line.mms.as_str()),
    ]
}

pub fn badge(outcome: &str, code: &str) -> Markup {
    html! { span class=(format!("badge {outcome}")) { (Shown(outcome)) @if !code.is_empty() { ": " (Shown(code)) } } }
}
