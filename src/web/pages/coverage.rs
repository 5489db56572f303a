//! What both systems have in common, and what one of them lacks.

use super::held::place_in;
use super::{list, way_out};
use crate::failure::Failure;
use crate::store::Store;
use crate::store::coverage::{Claimed, Counts, Deleted, Kept, Unused, Wanted};
use crate::store::outcomes::Slice;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::html::{csv, frame, moment};
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::{Visit, query};
use maud::{Markup, html};

/// Sets that the page shows; the file has all.
const SETS: usize = 200;

/// The counts of each set.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(kept) = visit.desk().coverage(visit.now)? else { return Ok(not_yet(visit, "Coverage")) };
    let coverage = kept.coverage()?;
    let mut rows: Vec<(&str, &Counts)> = coverage.sets.iter().map(|(set, counts)| (set.as_str(), counts)).collect();
    let (all, is_cut) = (rows.len(), rows.len() > SETS);
    if visit.wants_csv() {
        let name = format!("{}-coverage", visit.desk().name());
        return Ok(csv::of_table(&visit.site.files, &name, &counts(visit, &rows, &coverage.total)));
    }
    rows.truncate(SETS);
    let body = html! {
        h1 { "Coverage" }
        (age(visit, &kept))
        p { "An IE is without an Alma record when no record that is there names it; an Alma record is without an IE when it names none "
            "that Rosetta shows. A record of several sets counts in each of them, and once in all." }
        p {
            a href=(visit.path("without-alma")) { "IEs without an Alma record" } " · "
            a href=(visit.path("without-ie")) { "Alma records without an IE" } " · "
            a href=(visit.path("claimed-twice")) { "IEs claimed twice" } " · "
            a href=(list::file_link(visit)) { "CSV" }
        }
        (counts(visit, &rows, &coverage.total).html())
        @if is_cut { p.note { (all - SETS) " more sets; the CSV has all." } }
    };
    Ok(frame::page(visit, "Coverage", body))
}

fn not_yet(visit: &Visit<'_>, title: &str) -> Response {
    frame::page(
        visit,
        title,
        html! { h1 { (title) } p.note role="status" { "It is being counted for the first time. Look again in a minute." } },
    )
}

/// When it was counted, and whether that was all.
fn age(visit: &Visit<'_>, kept: &Kept) -> Markup {
    html! {
        p.quiet { "Counted " (moment::ago(kept.taken, visit.now)) "." }
        @if !kept.is_prepared { p.note { "Some records were not looked at yet; the next run does it." } }
    }
}

fn counts(visit: &Visit<'_>, sets: &[(&str, &Counts)], total: &Counts) -> Table {
    let row = |name: Cell, set: Option<&str>, counts: &Counts| {
        let number = |count: u64, list: &str| match set {
            // Records of no set cannot be picked by one.
            Some("") => Cell::text(count.to_string()),
            Some(_) | None if count == 0 => Cell::text("0"),
            set => {
                let to = format!("{}{}", visit.path(list), query([("set", set.unwrap_or_default())].into_iter()));
                Cell::new(html! { a href=(to) { (count) } }, count.to_string())
            }
        };
        vec![
            name,
            Cell::text(counts.ies.to_string()),
            number(counts.ies_without_alma, "without-alma"),
            Cell::text(counts.alma.to_string()),
            number(counts.alma_without_ie, "without-ie"),
            match set {
                None => number(counts.claimed_twice, "claimed-twice"),
                Some(_) => Cell::text(counts.claimed_twice.to_string()),
            },
        ]
    };
    let name = |set: &str| match set {
        "" => Cell::new(html! { span.quiet { "no set" } }, "(no set)"),
        set => Cell::text(set),
    };
    let all = row(Cell::new(html! { strong { "all" } }, "(all)"), None, total);
    Table {
        caption: "By set".to_owned(),
        headings: vec!["set", "IEs", "without Alma record", "Alma records", "without IE", "IEs claimed twice"],
        rows: std::iter::once(all).chain(sets.iter().map(|(set, counts)| row(name(set), Some(set), counts))).collect(),
    }
}

/// IEs that no Alma record describes.
pub fn without_alma(visit: &Visit<'_>) -> Result<Response, Failure> {
    let way_out =
        "Is the record suppressed, out of the set, or does it lack the citation? Some IEs have no bib at all.";
    kept_list(visit, "IEs without an Alma record", "without-alma", way_out, read_without_alma, |lines| Table {
        caption: "IEs without an Alma record, in the order of their numbers".to_owned(),
        headings: vec!["IE", "sets"],
        rows: lines.iter().map(|(ie, sets)| vec![ie_cell(visit, ie, "ie"), Cell::text(sets.as_str())]).collect(),
    })
}

/// Alma records that name no IE which Rosetta shows.
pub fn without_ie(visit: &Visit<'_>) -> Result<Response, Failure> {
    let way_out = "Many of them are no digital objects; where one is, Alma has to name its IE.";
    kept_list(visit, "Alma records without an IE", "without-ie", way_out, read_without_ie, |lines| Table {
        caption: "Alma records without an IE".to_owned(),
        headings: vec!["Alma record", "names in vain", "reason", "way out", "sets"],
        rows: lines.iter().map(|line| without_ie_row(visit, line)).collect(),
    })
}

fn without_ie_row(visit: &Visit<'_>, line: &Unused) -> Vec<Cell> {
    let reason = html! { @if !line.code.is_empty() { span.badge { (line.code) } } @else { "not looked at yet" } };
    vec![
        record_cell(visit, &line.identifier),
        ie_cell(visit, &line.ie, "ie"),
        Cell::new(reason, line.code.as_str()),
        Cell::text(way_out::of(&line.code)),
        Cell::text(line.sets.as_str()),
    ]
}

/// IEs that several Alma records name.
pub fn claimed_twice(visit: &Visit<'_>) -> Result<Response, Failure> {
    let way_out = "None of them is written as long as that is so: take the wrong citation out of Alma.";
    let read = |kept: &Kept, _: Option<&str>, after: i64, limit| Ok(kept.claimed_twice(after, limit)?);
    kept_list(visit, "IEs claimed twice", "claimed-twice", way_out, read, |lines: &[Claimed]| Table {
        caption: "IEs that several Alma records name".to_owned(),
        headings: vec!["IE", "Alma record", "place", "text", "gone"],
        rows: lines
            .iter()
            .map(|line| {
                vec![
                    ie_cell(visit, &line.ie, "conflicts"),
                    record_cell(visit, &line.identifier),
                    Cell::text(line.place.as_str()),
                    Cell::text(line.text.as_str()),
                    Cell::text(if line.has_gone { "gone from the feed, and still in the way" } else { "" }),
                ]
            })
            .collect(),
    })
}

pub fn read_without_alma(
    kept: &Kept,
    set: Option<&str>,
    after: i64,
    limit: usize,
) -> Result<Slice<(String, String), i64>, Failure> {
    Ok(kept.without_alma(after, Wanted { set, limit })?)
}

pub fn read_without_ie(
    kept: &Kept,
    set: Option<&str>,
    after: i64,
    limit: usize,
) -> Result<Slice<Unused, i64>, Failure> {
    Ok(kept.without_ie(after, Wanted { set, limit })?)
}

fn kept_list<T>(
    visit: &Visit<'_>,
    title: &str,
    file: &str,
    way_out: &str,
    read: impl Fn(&Kept, Option<&str>, i64, usize) -> Result<Slice<T, i64>, Failure>,
    table: impl Fn(&[T]) -> Table,
) -> Result<Response, Failure> {
    let Some(kept) = visit.desk().coverage(visit.now)? else { return Ok(not_yet(visit, title)) };
    let set = visit.asked("set");
    let above = html! {
        (age(visit, &kept))
        p { (way_out) " " a href=(visit.path("coverage")) { "All sets" } @if let Some(set) = set { ", now " strong { (Shown(set)) } } }
    };
    let head = list::Head { title, file, total: None, above, has_filter: false };
    let read = |after: Option<&str>, limit| {
        let slice = read(&kept, set, after.and_then(|after| after.parse().ok()).unwrap_or(0), limit)?;
        Ok(Slice { items: slice.items, next: slice.next.map(|next| next.to_string()) })
    };
    list::answer(visit, &head, read, table)
}

/// Alma records that were deleted, suppressed, or left the feed.
pub fn deleted(visit: &Visit<'_>) -> Result<Response, Failure> {
    let above = html! {
        p { "What Alma deleted or suppressed or no longer shows, and the IEs that it named. Nothing in Rosetta is ever changed for that: "
            "decide there, by hand." }
    };
    let head = list::Head { title: "Deleted in Alma", file: "deleted", total: None, above, has_filter: false };
    visit.desk().with_trip(|store, trip| {
        let read = |after: Option<&str>, limit| read_deleted(store, trip, visit.asked("set"), after, limit);
        list::answer(visit, &head, read, |lines| Table {
            caption: "Records that are no longer there".to_owned(),
            headings: vec!["Alma record", "reason", "IE", "Alma datestamp", "seen"],
            rows: lines.iter().map(|line| deleted_row(visit, line)).collect(),
        })
    })
}

pub fn read_deleted(
    store: &Store,
    trip: &Trip,
    set: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Slice<Deleted, String>, Failure> {
    let after = after.and_then(place_in);
    let lines = store.deleted_page(trip.feeds.alma, after.as_ref(), Wanted { set, limit: limit + 1 })?;
    Ok(list::cut(lines, limit, |line| format!("{}~{}~{}", line.code, line.record, line.ie)))
}

fn deleted_row(visit: &Visit<'_>, line: &Deleted) -> Vec<Cell> {
    vec![
        record_cell(visit, &line.identifier),
        Cell::new(html! { span.badge { (line.code) } }, line.code.as_str()),
        ie_cell(visit, &line.ie, "ie"),
        Cell::text(line.datestamp.as_str()),
        Cell::new(moment::time(line.seen), line.seen.to_string()),
    ]
}

fn ie_cell(visit: &Visit<'_>, ie: &str, below: &str) -> Cell {
    Cell::new(html! { @if !ie.is_empty() { a.ie href=(visit.path(&format!("{below}/{ie}"))) { (Shown(ie)) } } }, ie)
}

fn record_cell(visit: &Visit<'_>, identifier: &str) -> Cell {
    let to = format!("{}{}", visit.path("record"), query([("id", identifier)].into_iter()));
    Cell::new(html! { a href=(to) { (brief(identifier, 300)) } }, identifier)
}
