//! The answer to the box that stands on every page.

use super::list;
use super::packages::{ROWS, pager};
use crate::failure::Failure;
use crate::model::id::IePid;
use crate::store::lists::OutcomeLine;
use crate::store::outcomes::Slice;
use crate::store::titles::Progress;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::html::{csv, frame};
use crate::web::search::{Found, Hit, OUTCOMES, find};
use crate::web::serve::Response;
use crate::web::site::Desk;
use crate::web::visit::{Visit, path, query, see_other};
use maud::{Markup, html};

/// Records of each profile where all are asked.
const EACH: usize = 15;
/// Longer questions are no words of a title.
const LONGEST: usize = 500;

/// In one profile. What is named by its identifier is shown at once.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(typed) = visit.asked("q") else { return Ok(nothing_asked(visit)) };
    if typed.len() > LONGEST || typed.contains('\0') {
        return Ok(frame::refusal(
            visit,
            400,
            "Not understood",
            "no title is found by so many words, or by a character that is none",
        ));
    }
    let desk = visit.desk();
    if !desk.has_trip() {
        return Ok(see_other(&format!("{}{}", visit.path("resources"), query([("q", typed)].into_iter()))));
    }
    if visit.wants_csv() {
        return csv::file(&visit.site.files, &format!("{}-search", desk.name()), |after: Option<String>, rows| {
            let Found { titled: Slice { items, next }, .. } = find(desk, typed, after.as_deref(), rows)?;
            Ok((table(desk.name(), "found", &items), next))
        });
    }
    if IePid::parse(typed).is_ok() {
        return Ok(see_other(&visit.path(&format!("ie/{typed}"))));
    }
    let after = visit.asked("after");
    let found = find(desk, typed, after, ROWS)?;
    if let [only] = &found.named[..] {
        return Ok(see_other(&record_path(desk.name(), only)));
    }
    let next = found.titled.next.as_ref().map(|next| visit.query_with(&[("after", next)]));
    let body = html! {
        h1 { "Found: " (brief(typed, 300)) }
        (state(found.progress))
        @if !found.named.is_empty() { (table(desk.name(), "By identifier", &found.named).html()) }
        @if !found.titled.items.is_empty() { p { a href=(list::file_link(visit)) { "CSV" } } }
        (titled(desk, &found))
        (pager(visit, found.titled.items.len(), after.is_some(), next))
    };
    Ok(frame::page(visit, "Found", body))
}

/// In all profiles that the person may see.
pub fn everywhere(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(typed) = visit.asked("q").filter(|typed| typed.len() <= LONGEST && !typed.contains('\0')) else {
        return Ok(nothing_asked(visit));
    };
    let desks: Vec<&Desk> =
        visit.site.desks.iter().filter(|desk| visit.person.roles.contains_key(desk.name())).collect();
    let question = query([("q", typed)].into_iter());
    if let [only] = desks[..] {
        return Ok(see_other(&format!("{}{question}", path(only.name(), "search"))));
    }
    let (desks, without_trip): (Vec<&Desk>, Vec<&Desk>) = desks.into_iter().partition(|desk| desk.has_trip());
    let found: Vec<(&Desk, Result<Found, Failure>)> =
        desks.into_iter().map(|desk| (desk, find(desk, typed, None, EACH))).collect();
    let body = html! {
        h1 { "Found: " (brief(typed, 300)) }
        @for (desk, found) in &found {
            section.desk {
                h2 { (Shown(desk.name())) }
                @match found {
                    Ok(found) => {
                        (state(found.progress))
                        @if !found.named.is_empty() { (table(desk.name(), "By identifier", &found.named).html()) }
                        (titled(desk, found))
                        @if found.titled.next.is_some() { p { a href=(format!("{}{question}", path(desk.name(), "search"))) { "All in " (Shown(desk.name())) } } }
                    }
                    Err(failure) => p.note.bad { (Shown(&failure.message())) }
                }
            }
        }
        @for desk in &without_trip {
            section.desk {
                h2 { (Shown(desk.name())) }
                p { a href=(format!("{}{question}", path(desk.name(), "resources"))) { "Resources of ArchivesSpace with these words" } }
            }
        }
    };
    Ok(frame::page(visit, "Found", body))
}

fn nothing_asked(visit: &Visit<'_>) -> Response {
    frame::refusal(visit, 400, "Nothing is asked", "give an IE PID, an MMS ID, an OAI identifier, or words of a title")
}

fn state(progress: Option<Progress>) -> Markup {
    html! {
        @match progress {
            Some(Progress { is_complete: true, .. }) => {}
            Some(Progress { done, of, .. }) => p.note role="status" { "The index of titles is still being built: " (done) " of " (of) " records. Identifiers are found already." },
            None => p.note role="status" { "The index of titles is still being built: nothing yet. Identifiers are found already." }
        }
    }
}

fn titled(desk: &Desk, found: &Found) -> Markup {
    html! {
        @if found.titled.items.is_empty() && !found.named.is_empty() {} @else {
            (table(desk.name(), "By words of the title, newest records first", &found.titled.items).html())
        }
    }
}

fn table(profile: &str, caption: &str, hits: &[Hit]) -> Table {
    Table {
        caption: caption.to_owned(),
        headings: vec!["feed", "title", "record", "IE", "fate"],
        rows: hits.iter().map(|hit| row(profile, hit)).collect(),
    }
}

fn row(profile: &str, hit: &Hit) -> Vec<Cell> {
    let identifier = hit.record.identifier.as_str();
    let link = html! { a href=(record_path(profile, hit)) title=(identifier) { (brief(hit.record.identifier.local_part(), 300)) } };
    let mut ies: Vec<&str> = hit.ie.iter().map(IePid::as_str).collect();
    if ies.is_empty() {
        ies = hit.outcomes.iter().take(OUTCOMES).map(|line| line.ie.as_str()).filter(|ie| !ie.is_empty()).collect();
    }
    let links =
        html! { @for ie in &ies { a.ie href=(path(profile, &format!("ie/{ie}"))) { (Shown(ie)) } " " } (more(hit)) };
    let fates: Vec<String> = hit.outcomes.iter().take(OUTCOMES).map(fate).collect();
    let standing = hit.standing();
    let badges = html! {
        @if !standing.is_empty() { span.badge.lost { (standing) } " " }
        @for (line, fate) in hit.outcomes.iter().zip(&fates) { span class=(format!("badge {}", line.kind)) { (fate) } " " }
    };
    let words = std::iter::once(standing.to_owned()).chain(fates.clone()).filter(|text| !text.is_empty());
    vec![
        Cell::text(hit.side.as_str()),
        Cell::title(hit.title.as_deref().unwrap_or_default()),
        Cell::new(link, identifier),
        Cell::new(links, ies.join(" ")),
        Cell::new(badges, words.collect::<Vec<_>>().join(", ")),
    ]
}

fn more(hit: &Hit) -> Markup {
    html! { @if hit.outcomes.len() > OUTCOMES { span.quiet { "and more" } } }
}

/// An outcome in a word or two.
pub fn fate(line: &OutcomeLine) -> String {
    if line.code.is_empty() { line.kind.clone() } else { format!("{}: {}", line.kind, line.code) }
}

/// The page that tells all about a record.
fn record_path(profile: &str, hit: &Hit) -> String {
    match &hit.ie {
        Some(ie) => path(profile, &format!("ie/{ie}")),
        None => {
            let id = [("id", hit.record.identifier.as_str())].into_iter();
            format!("{}{}", path(profile, "record"), query(id))
        }
    }
}
