//! What was staged and what became of it: filters in the address, page by page.

use super::list;
use crate::failure::Failure;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::store::Store;
use crate::store::outcomes::Slice;
use crate::store::packages::PackageRow;
use crate::store::sent::{Fate, SentFilter, SentItem};
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::Shown;
use crate::web::html::{frame, moment};
use crate::web::serve::Response;
use crate::web::visit::Visit;
use maud::{Markup, html};
use std::time::Duration;

/// Rows on a page.
pub const ROWS: usize = 50;

/// What the filter offers, in the words of the manual.
const FATES: [&str; 8] = ["planned", "staged", "late", "done", "diverged", "error", "lost", "withdrawn"];

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let settle_within = visit.desk().settle_within();
    let filter = match filter(visit, settle_within) {
        Ok(filter) => filter,
        Err(why) => return Ok(frame::refusal(visit, 400, "This filter cannot be used", &why)),
    };
    let above = html! { (controls(visit)) (bulk(visit, &filter)) };
    let head = list::Head { title: "Packages", file: "packages", total: None, above, has_filter: true };
    visit.desk().with_store(|store| {
        list::answer(visit, &head, |after, limit| read(store, &filter, after, limit), |items| table(visit, items))
    })
}

/// The packages after a place in the list, newest first.
pub fn read(
    store: &Store,
    filter: &SentFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<Slice<SentItem, String>, Failure> {
    let slice = store.sent_page(filter, after.and_then(|after| after.parse().ok()), limit)?;
    Ok(Slice { items: slice.items, next: slice.next.map(|next| next.to_string()) })
}

/// Everything that passes a filter, and whether there is more than `limit`.
pub fn all(store: &Store, filter: &SentFilter, limit: usize) -> Result<(Vec<SentItem>, bool), Failure> {
    let (mut items, mut before) = (Vec::new(), None);
    loop {
        let slice = store.sent_page(filter, before, (limit - items.len()).min(1000))?;
        items.extend(slice.items);
        match slice.next {
            None => return Ok((items, false)),
            Some(_) if items.len() >= limit => return Ok((items, true)),
            Some(next) => before = Some(next),
        }
    }
}

/// The filter that the address holds.
pub fn filter(visit: &Visit<'_>, settle_within: Duration) -> Result<SentFilter, String> {
    let fate = match visit.asked("fate") {
        None => None,
        Some("late") => Some(Fate::Late(visit.now.minus(settle_within))),
        Some("diverged") => Some(Fate::Diverged),
        Some(word) => match PackageState::parse(word) {
            Some(state) => Some(Fate::State(state)),
            None => return Err(format!("`{word}` is no fate of a package: use {}", FATES.join(", "))),
        },
    };
    let run = visit.asked("run").map(|run| run.parse().map_err(|_| format!("`{run}` is no number of a run")));
    let day = |name: &str| match visit.asked(name) {
        None => Ok(None),
        Some(text) => Timestamp::parse(text).map(Some).ok_or_else(|| format!("`{text}` is no date: write 2026-11-22")),
    };
    let until = day("until")?.map(|until| {
        // A day is meant whole.
        let is_day = visit.asked("until").is_some_and(|text| text.len() == "2026-11-22".len());
        until.plus(Duration::from_secs(if is_day { 86_400 } else { 0 }))
    });
    Ok(SentFilter {
        fate,
        run: run.transpose()?,
        since: day("since")?,
        until,
        field: visit.asked("field").map(str::to_owned),
        words: visit.asked("q").map(str::to_owned),
    })
}

fn controls(visit: &Visit<'_>) -> Markup {
    let given = |name| visit.asked(name).unwrap_or_default();
    html! {
        form.filters role="search" aria-label="Filter packages" {
            label { "Text" input name="q" value=(given("q")) placeholder="title, IE, MMS ID"; }
            label { "Fate" select name="fate" {
                option value="" { "any" }
                @for fate in FATES { option value=(fate) selected[given("fate") == fate] { (fate) } }
            } }
            label { "Field changed" input name="field" value=(given("field")) placeholder="dc:title" list="fields"; }
            label { "Run" input name="run" value=(given("run")) inputmode="numeric" size="5"; }
            label { "From" input name="since" type="date" value=(given("since")); }
            label { "To" input name="until" type="date" value=(given("until")); }
            div.buttons { button { "Filter" } a href=(visit.request.path) { "All" } a href=(list::file_link(visit)) { "CSV" } }
            datalist id="fields" { @for field in FIELDS { option value=(field) {} } }
        }
    }
}

/// Fields that are most often asked for; any other may be typed.
pub const FIELDS: [&str; 8] = [
    "dc:title",
    "dc:creator",
    "dc:contributor",
    "dc:date",
    "dc:subject",
    "dc:description",
    "dc:identifier",
    "dc:rights",
];

/// Ways to decide about everything that passes the filter.
fn bulk(visit: &Visit<'_>, filter: &SentFilter) -> Markup {
    let has_failed =
        matches!(filter.fate, Some(Fate::State(PackageState::Error | PackageState::Lost) | Fate::Diverged));
    let only_run =
        SentFilter { run: filter.run, ..SentFilter::default() } == SentFilter { fate: None, ..filter.clone() };
    let is_done = matches!(filter.fate, None | Some(Fate::State(PackageState::Done)));
    let link = |verb: &str| format!("{}{}", visit.path("bulk"), visit.query_with(&[("verb", verb), ("after", "")]));
    html! {
        @if visit.may_decide() && (has_failed || (filter.run.is_some() && only_run && is_done)) {
            p.bulk {
                @if has_failed { a.button href=(link("retry")) { "Retry all of these…" } }
                @else { a.button href=(link("undo")) { "Take back this whole run…" } }
            }
        }
    }
}

fn table(visit: &Visit<'_>, items: &[SentItem]) -> Table {
    Table {
        caption: "Packages, newest first".to_owned(),
        headings: vec!["IE", "title", "fate", "changed", "run", "staged", "settled", "Alma record", "reason"],
        rows: items.iter().map(|item| row(visit, item)).collect(),
    }
}

fn row(visit: &Visit<'_>, item: &SentItem) -> Vec<Cell> {
    let SentItem { package, title, fields } = item;
    let ie = html! { a.ie href=(visit.path(&format!("ie/{}", package.ie))) { (Shown(&package.ie)) } };
    let run = html! { a href=(format!("{}?run={}", visit.path("packages"), package.run)) { (package.run) } };
    let instant =
        |at: Option<Timestamp>| Cell::new(moment::some_time(at), at.map(|at| at.to_string()).unwrap_or_default());
    vec![
        Cell::new(ie, package.ie.as_str()),
        Cell::title(title),
        Cell::new(badge(package), fate(package)),
        Cell::text(fields),
        Cell::new(run, package.run.to_string()),
        instant(package.staged),
        instant(package.settled),
        Cell::record(&package.alma_identifier),
        Cell::text(package.reason.as_str()),
    ]
}

/// The state in a word; `done` says more once Rosetta was looked at.
fn fate(package: &PackageRow) -> &'static str {
    match package.state {
        PackageState::Done if package.diverged.is_some() => "diverged",
        PackageState::Done if package.confirmed.is_some() => "confirmed",
        PackageState::Done => "done",
        PackageState::Planned => "planned",
        PackageState::Staged => "staged",
        PackageState::Error => "error",
        PackageState::Lost => "lost",
        PackageState::Withdrawn => "withdrawn",
    }
}

/// The state as a badge; the word says what the colour says.
pub fn badge(package: &PackageRow) -> Markup {
    html! { span class=(format!("badge {}", fate(package))) { (fate(package)) @if package.restores.is_some() { " (undo)" } } }
}

/// Ways to the first and to the next page. A short page may have a next one: a search looks only so far at a time.
pub fn pager(visit: &Visit<'_>, shown: usize, is_later: bool, next: Option<String>) -> Markup {
    html! {
        nav.pager aria-label="Pages" {
            @if is_later { a rel="first" href=(format!("{}{}", visit.request.path, visit.query_with(&[("after", "")]))) { "To the beginning" } }
            span.quiet { (shown) " shown" }
            @if let Some(next) = next {
                a rel="next" href=(format!("{}{next}", visit.request.path)) { @if shown < ROWS { "Search on" } @else { "Next page" } }
            }
        }
    }
}
