//! What Alma holds of a resource at this moment, and what a push would make of it.

use super::resources::badge;
use super::shelf;
use crate::push::bib_merge::{Change, Kept, Source};
use crate::push::explain::Told;
use crate::push::marc_validation::Severity;
use crate::push::pull::fate::PullFate;
use crate::push::pull::plan::Draft;
use crate::push::shelf::fate::End;
use crate::web::html::text::{IN_PLACE, Shown, brief, marked, split};
use crate::web::html::words::{Stretch, compare};
use crate::web::visit::Visit;
use maud::{Markup, html};

/// What all fields together may take on the page.
const ROOM: usize = 60_000;
/// Repairs and findings that are told.
const NOTES: usize = 100;

pub fn html(visit: &Visit<'_>, told: &Told) -> Markup {
    let (kind, words) = told.verdict();
    html! {
        section.told role="status" {
            h2 { (badge(kind, "")) " " (brief(&words, 1500)) }
            dl.facts {
                dt { "Evidence" } dd { (brief(&told.evidence(), 1000)) }
                @if let Some(draft) = told.draft() {
                    dt { "In Alma" } dd { @if draft.suppress.as_str() == "true" { "suppressed" } @else { "published" } }
                }
            }
            (notes(told))
            @if !told.difference.is_empty() { (difference(&told.difference)) }
            @if let Some(shelf) = &told.shelf { (shelf::now(visit, shelf)) }
            @if let Some(pull) = &told.pull { (pulled(pull)) }
        }
    }
}

/// What a pull would bring from Alma.
fn pulled(fate: &PullFate) -> Markup {
    let line = |of: &str, end: &End, draft: Option<&Draft>| {
        html! { li {
            strong { (Shown(of)) } " " (badge(end.outcome, &end.code)) " "
            @if let Some(draft) = draft.filter(|_| end.outcome == "write") {
                @if let Some(before) = &draft.before { del { (brief(before, 400)) } " " }
                ins { (brief(&draft.value, 400)) }
            } @else { (brief(&end.detail, 600)) }
        } }
    };
    html! {
        h3 { "From Alma into ArchivesSpace" }
        @if fate.end.outcome != "read" { p { (badge(fate.end.outcome, &fate.end.code)) " " (brief(&fate.end.detail, 600)) } }
        ul {
            @for field in &fate.fields { (line(&field.field, &field.end, field.draft.as_ref())) }
            @for one in fate.boxes.iter().take(NOTES) { (line(&one.label, &one.end, one.draft.as_ref())) }
        }
        @if fate.boxes.len() > NOTES { p.quiet { (fate.boxes.len() - NOTES) " more boxes." } }
    }
}

fn notes(told: &Told) -> Markup {
    let Some(draft) = told.draft() else { return html! {} };
    html! {
        @if !draft.findings.is_empty() {
            h3 { "What is wrong with the record" }
            ul { @for finding in draft.findings.iter().take(NOTES) {
                li {
                    @if finding.severity == Severity::Error { span.badge.error { "error" } } @else { span.badge { "warning" } }
                    " " (Shown(&finding.place.to_string())) " " (brief(&finding.fault.to_string(), 400))
                }
            } }
        }
        @if !draft.repairs.is_empty() {
            h3 { "What was put right in ArchivesSpace's MARC" }
            ul { @for note in draft.repairs.iter().take(NOTES) {
                li { strong { (note.repair.info().name) } " " (Shown(&note.tag)) ": " (brief(&note.did.to_string(), 400)) }
            } }
            @if draft.repairs.len() > NOTES { p.quiet { (draft.repairs.len() - NOTES) " more." } }
        }
    }
}

fn difference(changes: &[Change]) -> Markup {
    let mut room = ROOM;
    let mut rows = Vec::new();
    for change in changes {
        if room == 0 {
            break;
        }
        let row = row(change);
        room = room.saturating_sub(row.0.len());
        rows.push(row);
    }
    let left = changes.len() - rows.len();
    html! {
        div.scroll tabindex="0" role="region" aria-label="Difference by field" {
            table.difference role="table" {
                caption { "Field by field" }
                thead { tr role="row" {
                    @for heading in ["Field", "In Alma", "Will be written", "From"] { th scope="col" role="columnheader" { (heading) } }
                } }
                tbody { @for row in &rows { (row) } }
            }
        }
        @if left > 0 { p.note { (left) " more fields: `cartouche push explain` shows them all." } }
    }
}

fn row(change: &Change) -> Markup {
    let (before, after) = (change.before.as_deref(), change.after.as_deref());
    let side = |text: Option<&str>, stretches: Vec<Stretch<'_>>, is_old: bool| {
        html! { @match text {
            None => span.quiet { "nothing" },
            Some(text) => div.value { bdi { @for (stretch, kept) in stretches {
                @if kept { (marked(stretch)) } @else if is_old { del { (marked(stretch)) } } @else { ins { (marked(stretch)) } }
            } } @let rest = split(text, IN_PLACE).1; @if !rest.is_empty() { " " span.more { "… " (rest.chars().count()) " more characters" } } }
        } }
    };
    let cut = |text: Option<&'_ str>| split(text.unwrap_or_default(), IN_PLACE).0.to_owned();
    let (old, new) = (cut(before), cut(after));
    let (old_parts, new_parts) = match change.kept {
        Kept::Changed => compare(&old, &new),
        Kept::Kept => (vec![(old.as_str(), true)], vec![(new.as_str(), true)]),
        Kept::Added | Kept::Removed => (vec![(old.as_str(), false)], vec![(new.as_str(), false)]),
    };
    html! {
        tr.changed[change.kept != Kept::Kept] role="row" {
            th scope="row" role="rowheader" { (marked(&change.tag)) }
            td role="cell" data-label="In Alma" { (side(before, old_parts, true)) }
            td role="cell" data-label="Will be written" { (side(after, new_parts, false)) }
            td role="cell" data-label="From" { @if let Some(source) = change.source { (from(source)) } }
        }
    }
}

fn from(source: Source) -> &'static str {
    match source {
        Source::ArchivesSpace => "ArchivesSpace",
        Source::Alma => "Alma",
        Source::Both => "both",
        Source::Mixed => "both, mixed",
        Source::Ours => "this program",
    }
}
