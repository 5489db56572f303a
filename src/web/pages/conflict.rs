//! An IE that several Alma records claim: all of them side by side.

use super::one::{about_ie, alma_link};
use crate::failure::Failure;
use crate::model::dc::Dc;
use crate::model::id::OaiIdentifier;
use crate::steps::explain::{Answer, Span, Told, sides};
use crate::web::html::frame;
use crate::web::html::text::{Shown, brief};
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::{Visit, query};
use maud::{Markup, html};

/// Records beside each other at once; further ones are named.
const BESIDE: usize = 6;
/// Further ones that are named.
const NAMED: usize = 100;
/// What all values together may take on the page.
const ROOM: usize = 50_000;
/// What one value may take.
const VALUE: usize = 500;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    about_ie(visit, Span::first(BESIDE), |trip, explainer, ie, Answer { told, .. }| {
        let all: Vec<i64> = explainer.store.claims_on(ie)?.into_iter().map(|(record, ..)| record).collect();
        let claimants: Vec<(&Told, Option<Dc>)> =
            told.iter().filter(|told| told.alma.is_some()).map(|told| (told, explainer.said(told))).collect();
        let mut further = Vec::new();
        for record in all.iter().skip(BESIDE).take(NAMED) {
            further.extend(explainer.store.record_by_id(*record)?.map(|record| record.identifier));
        }
        let shown = told.first().and_then(|told| sides(told).0);
        let body = html! {
            h1 { (ie) ": " (all.len()) @if all.len() == 1 { " Alma record names it" } @else { " Alma records name it" } }
            p { @if all.len() > 1 { "None of them is written as long as that is so. Take the wrong citation out of Alma; the next run decides anew. " }
                a href=(visit.path(&format!("ie/{ie}"))) { "All about " (ie) } }
            (beside(visit, trip, shown.as_ref(), &claimants))
            @if !further.is_empty() {
                h2 { "Further records" }
                ul { @for identifier in &further { li { (link(visit, identifier)) } } }
                @if all.len() > BESIDE + NAMED { p { (all.len() - BESIDE - NAMED) " more: the list of IEs that are claimed twice has them all, as CSV too." } }
            }
        };
        Ok(frame::page(visit, "Conflict", body))
    })
}

fn beside(visit: &Visit<'_>, trip: &Trip<'_>, shown: Option<&Dc>, claimants: &[(&Told, Option<Dc>)]) -> Markup {
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
    told.alma.as_ref().map_or_else(|| html! {}, |alma| link(visit, &alma.identifier))
}

fn link(visit: &Visit<'_>, identifier: &OaiIdentifier) -> Markup {
    let to = format!("{}{}", visit.path("record"), query([("id", identifier.as_str())].into_iter()));
    html! { a href=(to) { (brief(identifier.local_part(), 200)) } }
}

fn evidence(trip: &Trip<'_>, told: &Told) -> Markup {
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
