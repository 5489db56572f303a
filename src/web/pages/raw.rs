//! Raw XML with colours, and single values in full: as much as a page takes, and then the next page.

use super::one::written;
use crate::dc_xml;
use crate::failure::Failure;
use crate::model::dc::Dc;
use crate::model::id::IePid;
use crate::steps::explain::{Explainer, Span, Told, sides};
use crate::steps::packaging;
use crate::store::records::{StoredBody, StoredRecord};
use crate::web::html::frame;
use crate::web::html::text::{Shown, parts};
use crate::web::html::xml::Coloured;
use crate::web::serve::Response;
use crate::web::visit::Visit;
use maud::{Markup, html};

/// The XML of one side: `rosetta`, `alma`, `package` or `before`.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some((ie, which)) = named(visit) else { return Ok(unknown(visit)) };
    let text = visit.desk().with_trip(|store, trip| xml(visit, &mut trip.explainer(store)?, &ie, &which))?;
    let Some(text) = text else {
        return Ok(frame::refusal(visit, 404, "Nothing there", "there is no such record, or it came without metadata"));
    };
    if visit.asked("format") == Some("plain") {
        return Ok(Response::new(200, "text/plain;charset=UTF-8", text));
    }
    let coloured = Coloured::new(&text);
    let part = part(visit).clamp(1, coloured.pages());
    let title = format!("{ie}: {}", words(&which));
    let body = html! {
        h1 { (title) }
        p { a href=(visit.path(&format!("ie/{ie}"))) { "Back to " (ie) } " · " a href=(visit.query_with(&[("format", "plain"), ("part", "")])) { "as plain text" } }
        (turn(visit, part, coloured.pages()))
        (coloured.page(part))
        (turn(visit, part, coloured.pages()))
    };
    Ok(frame::page(visit, &title, body))
}

/// One value in full.
pub fn value(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some((ie, side)) = named(visit) else { return Ok(unknown(visit)) };
    let number: Option<usize> = visit.parameters.get(2).and_then(|number| number.parse().ok());
    let field = visit.desk().with_trip(|store, trip| {
        let mut explainer = trip.explainer(store)?;
        let Some(told) = told(visit, &mut explainer, &ie)? else { return Ok(None) };
        let dc: Option<Dc> = match side.as_str() {
            "rosetta" => sides(&told).0,
            "alma" => explainer.said(&told),
            "new" => written(&told).cloned(),
            _ => None,
        };
        Ok(dc.zip(number).and_then(|(dc, number)| dc.fields.get(number).cloned()))
    })?;
    let Some(field) = field else {
        return Ok(frame::refusal(visit, 404, "Nothing there", "the record has moved on, or never had this value"));
    };
    let parts = parts(field.value.trim());
    let part = part(visit).clamp(1, parts.len());
    let name = field.key().to_string();
    let body = html! {
        h1 { (ie) ": " (Shown(&name)) }
        p { a href=(visit.path(&format!("ie/{ie}"))) { "Back to " (ie) } " · " (field.value.trim().chars().count()) " characters" }
        (turn(visit, part, parts.len()))
        p.whole { (Shown(parts[part - 1])) }
        (turn(visit, part, parts.len()))
    };
    Ok(frame::page(visit, &name, body))
}

/// The IE and the side that the path names.
pub fn named(visit: &Visit<'_>) -> Option<(IePid, String)> {
    let ie = IePid::parse(visit.parameters.first()?).ok()?;
    Some((ie, visit.parameters.get(1)?.clone()))
}

fn unknown(visit: &Visit<'_>) -> Response {
    frame::refusal(visit, 404, "Not found", "there is no such page")
}

fn words(which: &str) -> &'static str {
    match which {
        "rosetta" => "Rosetta's record",
        "alma" => "Alma's record",
        "package" => "the package",
        "before" => "the before-image",
        _ => "XML",
    }
}

pub fn part(visit: &Visit<'_>) -> usize {
    visit.asked("part").and_then(|part| part.parse().ok()).unwrap_or(1)
}

/// Records that claim one IE among which the one of the address is sought.
const CLAIMANTS: usize = 20;

/// What is told of the IE and the Alma record that the address names; of the first one otherwise.
fn told(visit: &Visit<'_>, explainer: &mut Explainer<'_>, ie: &IePid) -> Result<Option<Told>, Failure> {
    let record: Option<i64> = visit.asked("record").and_then(|record| record.parse().ok());
    let span = Span::first(if record.is_some() { CLAIMANTS } else { 1 });
    let told = explainer.explain(ie.as_str(), visit.desk().name(), span)?.told;
    let is_meant = |told: &Told| record.is_none() || told.alma.as_ref().map(|alma| alma.id) == record;
    Ok(told.into_iter().find(is_meant))
}

/// The XML of one side.
pub fn xml(
    visit: &Visit<'_>,
    explainer: &mut Explainer<'_>,
    ie: &IePid,
    which: &str,
) -> Result<Option<String>, Failure> {
    let packages = explainer.store.packages_of(ie)?;
    let named: Option<i64> = visit.asked("package").and_then(|id| id.parse().ok());
    // A package is shown only under its own IE.
    let package = match named {
        Some(id) => packages.iter().find(|package| package.id == id),
        None => packages.last(),
    };
    let stored = package.map(|package| explainer.store.package_texts(package.id)).transpose()?;
    Ok(match which {
        "rosetta" => told(visit, explainer, ie)?.and_then(|told| compared(&told)),
        "alma" => told(visit, explainer, ie)?.and_then(|told| body(told.alma.as_ref())),
        "before" => stored.and_then(|(_, before)| before),
        "package" => match (named, told(visit, explainer, ie)?.as_ref().and_then(written)) {
            // What would be written next says more than what was written last.
            (None, Some(new)) => Some(packaging::write(ie, new)),
            (Some(_), _) | (None, None) => stored.map(|(file, _)| file),
        },
        _ => None,
    })
}

/// Rosetta's record as it was compared. What the web services said is kept as its fields; the feed's record is kept as sent, and
/// shown where the two say the same.
fn compared(told: &Told) -> Option<String> {
    let feed = body(told.rosetta.as_ref());
    let of_feed = feed.as_deref().and_then(|text| dc_xml::read_anywhere(text).ok());
    match &told.compared {
        Some(dc) if of_feed.as_ref().is_none_or(|of_feed| of_feed.digest() != dc.digest()) => {
            Some(dc_xml::write_record(dc))
        }
        Some(_) | None => feed,
    }
}

fn body(record: Option<&StoredRecord>) -> Option<String> {
    match &record?.body {
        StoredBody::Metadata(text) | StoredBody::Quarantined(text) | StoredBody::Gone(text) => Some(text.clone()),
        StoredBody::Deleted | StoredBody::Absent => None,
    }
}

pub fn turn(visit: &Visit<'_>, part: usize, of: usize) -> Markup {
    let link = |part: usize| visit.query_with(&[("part", &part.to_string())]);
    html! {
        @if of > 1 { nav.pager aria-label="Parts" {
            @if part > 1 { a rel="prev" href=(link(part - 1)) { "Part before" } }
            span { "part " (part) " of " (of) }
            @if part < of { a rel="next" href=(link(part + 1)) { "Next part" } }
        } }
    }
}
