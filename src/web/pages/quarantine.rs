//! Records that could not be read: their list, and each with its text.

use super::list;
use crate::failure::Failure;
use crate::oai::page::text_of;
use crate::store::Store;
use crate::store::outcomes::Slice;
use crate::store::quarantine::QuarantineLine;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::html::xml::Coloured;
use crate::web::html::{frame, moment};
use crate::web::serve::Response;
use crate::web::visit::{Visit, query};
use maud::{Markup, html};

/// What whoever runs the server can do.
const WAY_OUT: &str =
    "Whoever runs the server mends the record; the next harvest that brings a readable version releases it.";

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let above = html! {
        p { "These records could not be read, so nothing is written from them; the IEs that they cite stay claimed. " (WAY_OUT) }
    };
    let total = Some(visit.desk().glance(visit.now)?.trip()?.stock.quarantined);
    let head = list::Head { title: "Quarantine", file: "quarantine", total, above, has_filter: false };
    visit.desk().with_store(|store| {
        list::answer(visit, &head, |after, limit| read(store, after, limit), |lines| table(visit, lines))
    })
}

/// The records in quarantine after a place in the list.
pub fn read(store: &Store, after: Option<&str>, limit: usize) -> Result<Slice<QuarantineLine, String>, Failure> {
    let slice = store.quarantine_page(after.and_then(|after| after.parse().ok()).unwrap_or(0), limit)?;
    Ok(Slice { items: slice.items, next: slice.next.map(|next| next.to_string()) })
}

/// One record with its text as it was sent.
pub fn one(visit: &Visit<'_>) -> Result<Response, Failure> {
    let id = visit.parameters.first().and_then(|id| id.parse().ok());
    let found = id.map(|id| visit.desk().with_store(|store| Ok(store.quarantine_item(id)?))).transpose()?.flatten();
    let Some((line, bytes)) = found else {
        return Ok(frame::refusal(visit, 404, "Not found", "no record in quarantine has this number"));
    };
    let text = text_of(&bytes);
    if visit.asked("format") == Some("bytes") {
        let mut response = Response::new(200, "application/octet-stream", bytes);
        let name = format!("attachment; filename=\"{}-{}.xml\"", line.side, line.id);
        response.headers.push(("content-disposition".to_owned(), name));
        return Ok(response);
    }
    if visit.asked("format") == Some("plain") {
        return Ok(Response::new(200, "text/plain;charset=UTF-8", text.as_bytes()));
    }
    let coloured = Coloured::new(&text);
    let part = super::raw::part(visit).clamp(1, coloured.pages());
    let body = html! {
        h1 { "In quarantine: " @match &line.identifier {
            Some(identifier) => (brief(identifier, 300)),
            None => "a record without an identifier"
        } }
        p.note.bad { (brief(&line.reason, 1500)) }
        @match line.released {
            Some(released) => p.note.good { "A readable version came on " (moment::time(released)) "." },
            None => p { (WAY_OUT) }
        }
        (facts(visit, &line))
        h2 { "As it was sent" }
        @if text.is_empty() { p.empty { "The server did not deliver it." } } @else {
            p { a href=(visit.query_with(&[("format", "plain"), ("part", "")])) { "as plain text" } " · "
                a href=(visit.query_with(&[("format", "bytes"), ("part", "")])) { "its bytes" } }
            (super::raw::turn(visit, part, coloured.pages()))
            (coloured.page(part))
            (super::raw::turn(visit, part, coloured.pages()))
        }
    };
    Ok(frame::page(visit, "Quarantine", body))
}

fn facts(visit: &Visit<'_>, line: &QuarantineLine) -> Markup {
    let record = |id: &str| format!("{}{}", visit.path("record"), query([("id", id)].into_iter()));
    html! {
        dl.facts {
            dt { "Feed" } dd { (Shown(&line.side)) }
            dt { "Datestamp" } dd { @if line.datestamp.is_empty() { span.quiet { "none" } } @else { (brief(&line.datestamp, 100)) } }
            dt { "Seen" } dd { (moment::time(line.seen)) }
            dt { "Page" } dd { (brief(&line.page, 1500)) }
            @if let Some(identifier) = &line.identifier {
                dt { "Record" } dd { a href=(record(identifier)) { "what is known of it" } }
            }
        }
    }
}

fn table(visit: &Visit<'_>, lines: &[QuarantineLine]) -> Table {
    let row = |line: &QuarantineLine| {
        let identifier = line.identifier.as_deref().unwrap_or("(none)");
        let link = html! { a href=(visit.path(&format!("quarantine/{}", line.id))) { (brief(identifier, 300)) } };
        vec![
            Cell::text(line.side.as_str()),
            Cell::new(link, identifier),
            Cell::text(line.datestamp.as_str()),
            Cell::new(moment::time(line.seen), line.seen.to_string()),
            Cell::text(line.reason.as_str()),
            Cell::text(line.page.as_str()),
        ]
    };
    Table {
        caption: "Records in quarantine".to_owned(),
        headings: vec!["feed", "identifier", "datestamp", "seen", "reason", "page"],
        rows: lines.iter().map(row).collect(),
    }
}
