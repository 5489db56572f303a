//! An IE that several Alma records claim: all of them side by side.

use super::one::{alma_link, not_known};
use crate::failure::Failure;
use crate::model::dc::Dc;
use crate::model::id::IePid;
use crate::steps::explain::{Told, sides};
use crate::web::html::frame;
use crate::web::html::text::{Shown, brief};
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::{Visit, query};
use maud::{Markup, html};

/// Records beside each other at once; further ones are named.
const BESIDE: usize = 6;
/// What all values together may take on the page.
const ROOM: usize = 50_000;
/// What one value may take.
const VALUE: usize = 500;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(ie) = visit.parameters.first().and_then(|ie| IePid::parse(ie).ok()) else {
        return Ok(frame::refusal(visit, 404, "Not found", "this is no IE PID: it is IE and digits, as in IE1234"));
    };
    visit.desk().with_trip(|store, trip| {
        let mut explainer = trip.explainer(store)?;
        let told = match explainer.explain(ie.as_str(), visit.desk().name()) {
            Ok(told) => told,
            Err(failure) => return not_known(visit, failure),
        };
        let claimants: Vec<(&Told, Option<Dc>)> =
            told.iter().filter(|told| told.alma.is_some()).map(|told| (told, explainer.said(told))).collect();
        let shown = told.first().and_then(|told| sides(told).0);
        let body = html! {
            h1 { (ie) ": " (claimants.len()) @if claimants.len() == 1 { " Alma record names it" } @else { " Alma records name it" } }
            p { @if claimants.len() > 1 { "None of them is written as long as that is so. Take the wrong citation out of Alma; the next run decides anew. " }
                a href=(visit.path(&format!("ie/{ie}"))) { "All about " (ie) } }
            (beside(visit, trip, shown.as_ref(), &claimants[..claimants.len().min(BESIDE)]))
            @if claimants.len() > BESIDE {
                h2 { "Further records" }
                ul { @for (told, _) in &claimants[BESIDE..] { li { (name(visit, told)) } } }
            }
        };
        Ok(frame::page(visit, "Conflict", body))
    })
}

fn beside(visit: &Visit<'_>, trip: &Trip, shown: Option<&Dc>, claimants: &[(&Told, Option<Dc>)]) -> Markup {
    let columns = std::iter::once(shown).chain(claimants.iter().map(|(_, said)| said.as_ref()));
    let columns: Vec<Option<&Dc>> = columns.collect();
    let mut room = ROOM;
    html! {
        div.scroll tabindex="0" role="region" aria-label="Claimants side by side" {
            table.beside role="table" {
                caption { "What each would write" }
                thead { tr role="row" {
                    th scope="col" role="columnheader" { "Field" }
                    th scope="col" role="columnheader" { "Rosetta now" }
                    @for (told, _) in claimants { th scope="col" role="columnheader" { (name(visit, told)) } }
                } }
                tbody {
                    tr role="row" {
                        th scope="row" role="rowheader" { "Evidence" }
                        td role="cell" data-label="Rosetta now" { span.quiet { "–" } }
                        @for (told, _) in claimants { td role="cell" data-label=(label(told)) { (evidence(trip, told)) } }
                    }
                    @for field in names(&columns) {
                        tr role="row" {
                            th scope="row" role="rowheader" { (Shown(&field)) }
                            @for (at, dc) in columns.iter().enumerate() {
                                @let label = at.checked_sub(1).map_or("Rosetta now", |at| label(claimants[at].0));
                                td role="cell" data-label=(label) { (values(*dc, &field, &mut room)) }
                            }
                        }
                    }
                }
            }
        }
        @if room == 0 { p.note { "Some values are left out here; the page of the IE has them all." } }
    }
}

fn label(told: &Told) -> &str {
    told.alma.as_ref().map_or("", |alma| alma.identifier.local_part())
}

fn name(visit: &Visit<'_>, told: &Told) -> Markup {
    let Some(alma) = &told.alma else { return html! {} };
    let to = format!("{}{}", visit.path("record"), query([("id", alma.identifier.as_str())].into_iter()));
    html! { a href=(to) { (brief(alma.identifier.local_part(), 200)) } }
}

fn evidence(trip: &Trip, told: &Told) -> Markup {
    html! {
        @if let Some((place, text)) = &told.evidence { (Shown(place)) ": " (brief(text, 300)) }
        @if let Some(alma) = &told.alma { (alma_link(trip, alma)) }
    }
}

fn names(columns: &[Option<&Dc>]) -> Vec<String> {
    let fields = columns.iter().flatten().flat_map(|dc| &dc.fields).filter(|field| !field.is_empty());
    let mut names: Vec<String> = fields.map(|field| field.key().to_string()).collect();
    names.sort();
    names.dedup();
    names
}

/// The values of one field, as long as there is room on the page.
fn values(dc: Option<&Dc>, name: &str, room: &mut usize) -> Markup {
    let fields = dc.map(|dc| dc.fields.as_slice()).unwrap_or_default();
    let own = fields.iter().filter(|field| !field.is_empty() && field.key().to_string() == name);
    let mut shown = Vec::new();
    for field in own {
        if *room == 0 {
            break;
        }
        let value = brief(field.value.trim(), VALUE);
        *room = room.saturating_sub(value.0.len() + 30);
        shown.push(value);
    }
    html! { @for value in &shown { div.value { (value) } } @if shown.is_empty() { span.quiet { "nothing" } } }
}
