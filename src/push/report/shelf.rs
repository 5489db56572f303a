//! What a run did to holdings and items, for people and as JSON.

use super::PushReport;
use crate::push::shelf::fate::{End, HoldingFate, ItemFate, ShelfFate};
use crate::report::line;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Adds the counts of a run, where its profile has holdings.
pub(super) fn tell(report: &PushReport, told: &mut Value) {
    if let Some(came) = report.boxes {
        told["gathered"]["boxes"] = json!({"new": came.new, "changed": came.changed, "same": came.same});
    }
    if shelves(report).next().is_some() {
        told["holdings"] = json!(counts(shelves(report).flat_map(|it| &it.holdings).map(|it| &it.end)));
        told["items"] = json!(counts(items(report).map(|it| &it.end)));
        told["items-written-back"] = json!(items(report).filter(|it| it.written_back).count());
    }
}

/// Adds the shelf of one resource.
pub fn tell_of(shelf: &ShelfFate, told: &mut Value) {
    told["holdings"] = shelf.holdings.iter().map(holding_json).collect();
    told["items"] = shelf.items.iter().map(item_json).collect();
    told["items-without-box"] = shelf.without_box.iter().map(ToString::to_string).collect();
    told["shelf-failed"] = json!(shelf.failed);
}

/// The shelf of one resource for people, a line for each place and box.
pub fn lines_of(shelf: &ShelfFate, text: &mut String) {
    let told = |end: &End| {
        format!("{} {} {}", end.outcome, end.code, end.detail).split_whitespace().collect::<Vec<_>>().join(" ")
    };
    for fate in &shelf.holdings {
        let id = fate.holding.as_ref().map(|id| format!(" {id}")).unwrap_or_default();
        line(text, "holding", &format!("{}{id}: {}", fate.place, told(&fate.end)));
    }
    for place in &shelf.offered {
        line(text, "unused", &format!("{place}: `cartouche push add-holding` asks for a holding there"));
    }
    for fate in &shelf.items {
        let pid = fate.item.as_ref().map(|pid| format!(" item {pid}")).unwrap_or_default();
        let process = if fate.process.is_empty() { String::new() } else { format!(" ({})", fate.process) };
        line(text, "box", &format!("{}{pid}{process}: {}", fate.label, told(&fate.end)));
    }
    for pid in &shelf.without_box {
        line(text, "no box", &format!("item {pid} stays as it is"));
    }
    if let Some(why) = &shelf.failed {
        line(text, "failed", why);
    }
}

fn holding_json(fate: &HoldingFate) -> Value {
    json!({"library": fate.place.library, "location": fate.place.location, "outcome": fate.end.outcome,
           "code": fate.end.code, "detail": fate.end.detail, "holding": fate.holding.as_ref().map(ToString::to_string)})
}

fn item_json(fate: &ItemFate) -> Value {
    json!({"container": fate.container.to_string(), "label": fate.label, "outcome": fate.end.outcome, "code": fate.end.code,
           "detail": fate.end.detail, "holding": fate.holding.as_ref().map(ToString::to_string),
           "item": fate.item.as_ref().map(ToString::to_string), "process": fate.process, "written-back": fate.written_back})
}

/// Lines for people: counts, what is lent, what has no box, and what failed.
pub(super) fn lines(report: &PushReport, text: &mut String) {
    let holdings = counts(shelves(report).flat_map(|it| &it.holdings).map(|it| &it.end));
    if !holdings.is_empty() {
        line(text, "holdings", &in_a_row(&holdings));
    }
    let of_boxes = counts(items(report).map(|it| &it.end));
    if !of_boxes.is_empty() {
        line(text, "items", &in_a_row(&of_boxes));
    }
    let written_back = items(report).filter(|it| it.written_back).count();
    if written_back > 0 {
        line(text, "boxes", &format!("{written_back} got their numbers in ArchivesSpace"));
    }
    let away = items(report).filter(|it| !it.process.is_empty()).count();
    if away > 0 {
        line(text, "away", &format!("{away} items are lent, on their way or requested"));
    }
    let elsewhere = items(report).filter(|it| it.end.code == "other-place").count();
    if elsewhere > 0 {
        line(text, "moved", &format!("{elsewhere} items stand elsewhere than their boxes; people move them in Alma"));
    }
    let without: usize = shelves(report).map(|it| it.without_box.len()).sum();
    if without > 0 {
        line(text, "no box", &format!("{without} items in Alma belong to no box; they stay as they are"));
    }
    for fate in &report.fates {
        let Some(shelf) = &fate.shelf else { continue };
        let holdings = shelf.holdings.iter().map(|it| (it.place.to_string(), &it.end));
        let ends = holdings.chain(shelf.items.iter().map(|it| (it.label.clone(), &it.end)));
        for (of, end) in ends.filter(|(_, end)| matches!(end.outcome, "failed" | "waiting")) {
            let told = format!("{} {of}: {}", fate.uri, end.detail).replace(char::is_control, " ");
            line(text, end.outcome, &told);
        }
        if let Some(why) = &shelf.failed {
            line(text, "failed", &format!("shelf of {}: {}", fate.uri, why.replace(char::is_control, " ")));
        }
    }
}

fn shelves(report: &PushReport) -> impl Iterator<Item = &ShelfFate> {
    report.fates.iter().filter_map(|fate| fate.shelf.as_ref())
}

fn items(report: &PushReport) -> impl Iterator<Item = &ItemFate> {
    shelves(report).flat_map(|shelf| &shelf.items)
}

fn counts<'a>(ends: impl Iterator<Item = &'a End>) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    ends.for_each(|end| *counts.entry(end.outcome).or_default() += 1);
    counts
}

fn in_a_row(counts: &BTreeMap<&'static str, u64>) -> String {
    counts.iter().map(|(name, count)| format!("{count} {name}")).collect::<Vec<_>>().join(", ")
}
