//! What waits: for a person, or for room in the folder.

use super::list;
use super::packages::{FIELDS, ROWS};
use super::way_out;
use crate::failure::Failure;
use crate::model::decision::held_id;
use crate::model::outcome::Hold;
use crate::steps::review;
use crate::store::Store;
use crate::store::outcomes::{OutcomeFilter, OutcomeItem, Place, Slice};
use crate::web::html::moment;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::Visit;
use maud::{Markup, html};

/// What is held for a person.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    list(visit, "held", "Held")
}

/// What may be staged and is not in the folder yet.
pub fn waiting(visit: &Visit<'_>) -> Result<Response, Failure> {
    list(visit, "package", "Waiting")
}

/// The filter that the address holds.
pub fn filter(visit: &Visit<'_>, kind: &str) -> OutcomeFilter {
    let given = |name| visit.asked(name).map(str::to_owned);
    OutcomeFilter { kind: kind.to_owned(), code: given("code"), field: given("field"), words: given("q") }
}

/// A place in a list as it stands in the address.
pub fn place_in(after: &str) -> Option<Place> {
    let mut parts = after.splitn(3, '~');
    let (code, record, ie) = (parts.next()?, parts.next()?.parse().ok()?, parts.next()?);
    Some(Place { code: code.to_owned(), record, ie: ie.to_owned() })
}

pub fn place_out(place: &Place) -> String {
    format!("{}~{}~{}", place.code, place.record, place.ie)
}

fn list(visit: &Visit<'_>, kind: &str, title: &str) -> Result<Response, Failure> {
    let filter = filter(visit, kind);
    let total = count(visit, &filter)?;
    visit.desk().with_trip(|store, trip| {
        let is_held = kind == "held";
        let back = if is_held {
            ways_back(visit, store)?
        } else {
            html! {}
        };
        let above = html! {
            (back)
            (controls(visit, kind))
            @if is_held && total > 0 { (bulk(visit)) }
        };
        let head = list::Head { title, file: kind, total: Some(total), above, has_filter: true };
        let read = |after: Option<&str>, limit| read_with_age(store, trip, &filter, after, limit);
        list::answer(visit, &head, read, |lines| table(visit, title, lines))
    })
}

/// How many outcomes of a kind and a code there are, as far as that was counted last.
pub fn count(visit: &Visit<'_>, filter: &OutcomeFilter) -> Result<u64, Failure> {
    let glance = visit.desk().glance(visit.now)?;
    let counts = &glance.trip()?.stock.outcomes;
    let skipped = |code: &String| counts.skipped.get(code).copied().unwrap_or_default();
    Ok(match (filter.kind.as_str(), &filter.code) {
        ("skipped", Some(code)) => skipped(code),
        ("skipped", None) => counts.all_skipped(),
        ("held", _) => counts.held,
        _ => counts.package,
    })
}

/// The outcomes after a place in the list, by reason.
pub fn read(
    store: &Store,
    filter: &OutcomeFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<Slice<OutcomeItem, String>, Failure> {
    let slice = store.outcome_page(filter, &after.and_then(place_in).unwrap_or_default(), limit)?;
    Ok(Slice { items: slice.items, next: slice.next.as_ref().map(place_out) })
}

/// The same, each with whether Alma or Rosetta has moved on since.
pub fn read_with_age(
    store: &Store,
    trip: &Trip<'_>,
    filter: &OutcomeFilter,
    after: Option<&str>,
    limit: usize,
) -> Result<Slice<(OutcomeItem, bool), String>, Failure> {
    let slice = read(store, filter, after, limit)?;
    let mut items = Vec::with_capacity(slice.items.len());
    for item in slice.items {
        let moved_on =
            store.has_moved_on(trip.feeds.alma, trip.feeds.rosetta, trip.repository.as_str(), &item.place)?;
        items.push((item, moved_on));
    }
    Ok(Slice { items, next: slice.next })
}

/// Ways back that are held; there are few of them, and each is decided about at its IE.
fn ways_back(visit: &Visit<'_>, store: &Store) -> Result<Markup, Failure> {
    let back = store.held_restorations(None)?;
    Ok(html! {
        @if !back.is_empty() && visit.asked("after").is_none() {
            section.note {
                h2 { "Ways back that wait" }
                ul { @for line in back.iter().take(ROWS) {
                    li { a href=(visit.path(&format!("ie/{}", line.ie))) { (line.ie) } " " (Shown(&line.alma)) ": " (brief(&line.detail, 300)) }
                } }
                @if back.len() > ROWS { p { (back.len() - ROWS) " more: `cartouche list " (visit.desk().name()) " held` shows all." } }
            }
        }
    })
}

fn controls(visit: &Visit<'_>, kind: &str) -> Markup {
    let given = |name| visit.asked(name).unwrap_or_default();
    html! {
        form.filters role="search" aria-label="Filter" {
            label { "Text" input name="q" value=(given("q")) placeholder="title, IE, MMS ID, reason"; }
            @if kind != "package" { label { "Reason" input name="code" value=(given("code")) list="codes" placeholder="title-changed"; } }
            label { "Field changed" input name="field" value=(given("field")) placeholder="dc:title" list="fields"; }
            div.buttons { button { "Filter" } a href=(visit.request.path) { "All" } a href=(list::file_link(visit)) { "CSV" } }
            datalist id="fields" { @for field in FIELDS { option value=(field) {} } }
            datalist id="codes" { @for code in APPROVABLE { option value=(code) {} } }
        }
    }
}

/// Reasons about which a person can decide.
const APPROVABLE: [&str; 9] = [
    "title-lost",
    "several-ies",
    "every-change",
    "field-removed",
    "value-removed",
    "title-changed",
    "required-emptied",
    "many-fields",
    "merge-conflict",
];

fn bulk(visit: &Visit<'_>) -> Markup {
    let link = |verb: &str| format!("{}{}", visit.path("bulk"), visit.query_with(&[("verb", verb), ("after", "")]));
    html! {
        @if visit.may_decide() {
            p.bulk { a.button href=(link("approve")) { "Approve all of these…" } a.button href=(link("reject")) { "Reject all of these…" } }
        }
    }
}

fn table(visit: &Visit<'_>, title: &str, lines: &[(OutcomeItem, bool)]) -> Table {
    Table {
        caption: format!("{title}, by reason"),
        headings: vec!["IE", "title", "changed", "why", "way out", "prepared", "Alma record", "name"],
        rows: lines.iter().map(|(item, moved_on)| row(visit, item, *moved_on)).collect(),
    }
}

fn row(visit: &Visit<'_>, item: &OutcomeItem, moved_on: bool) -> Vec<Cell> {
    let ie = item.place.ie.as_str();
    let code = item.place.code.as_str();
    let link = html! { a.ie href=(visit.path(&format!("ie/{ie}"))) { (Shown(ie)) } };
    let why = html! {
        @if !code.is_empty() { span.badge { (code) } " " (brief(&item.detail, 400)) }
        @if moved_on { " " span.badge.moved { "moved on" } }
    };
    let name = name(item).unwrap_or_default();
    let way_out = match moved_on {
        true => "The next run prepares it anew.",
        false => way_out::of(code),
    };
    vec![
        Cell::new(link, ie),
        Cell::title(&item.title),
        Cell::text(item.fields.as_str()),
        Cell::new(why, format!("{code}: {}", item.detail)),
        Cell::text(way_out),
        Cell::new(moment::time(item.prepared), item.prepared.to_string()),
        Cell::record(&item.alma),
        Cell::text(&name),
    ]
}

/// The name by which an outcome is decided about; `None` for one that writes nothing.
pub fn name(item: &OutcomeItem) -> Option<String> {
    Some(held_id(&item.ie()?, item.content?, item.shown))
}

/// Names by which held outcomes can be decided about in one go; for approving, only those that an approval helps.
pub fn names(items: &[OutcomeItem], approves: bool) -> Vec<String> {
    let can = |item: &&OutcomeItem| !approves || Hold::code_can_be_approved(&item.place.code);
    items.iter().filter(can).filter_map(name).collect()
}

/// Whether what is held brings a before-image back, and is not what Alma says.
pub fn is_way_back(line: &crate::store::decisions::HeldLine) -> bool {
    line.alma.starts_with("undo of ")
}

/// What is held for one IE, with forms to decide about it. `is_as_prepared` tells whether the page shows what is held: nobody
/// shall decide about what they do not see.
pub fn forms(
    visit: &Visit<'_>,
    lines: &[crate::store::decisions::HeldLine],
    is_as_prepared: impl Fn(&crate::store::decisions::HeldLine) -> Option<bool>,
) -> Markup {
    html! {
        @for line in lines {
            @let is_other = !line.is_stale && !is_way_back(line) && is_as_prepared(line) == Some(false);
            @let (name, can) = (review::name(line), Hold::code_can_be_approved(&line.code));
            section.note.decide {
                h2 { "Held: " span.badge { (line.code) } }
                p { (brief(&line.detail, 1500)) }
                @if line.is_stale {
                    p { strong { "Alma or Rosetta has moved on since." } " The next run prepares it anew; then it can be decided about." }
                } @else if is_other {
                    p { strong { "The profile or its stylesheet has changed since this was prepared." } " What is shown below is what it would be now. The next run prepares it anew; then it can be decided about." }
                } @else if !can && line.code != "failed-before" {
                    p { (way_out::of(&line.code)) " No approval helps." }
                }
                @if visit.may_decide() && !line.is_stale && !is_other {
                    (super::decide::form(visit, &name, if can { &[("approve", "Approve"), ("reject", "Reject")] } else { &[("reject", "Reject")] }))
                }
            }
        }
    }
}
