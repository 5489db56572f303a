//! The journal: what was done, by whom, and whether all of it is still there.

use super::list;
use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::store::Store;
use crate::store::journal::{Fault, JournalLine};
use crate::store::outcomes::Slice;
use crate::web::ahead::{self, Proven};
use crate::web::html::frame::{self, token};
use crate::web::html::moment;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::{Shown, brief};
use crate::web::serve::Response;
use crate::web::visit::{Visit, query, see_other, value};
use maud::{Markup, html};

/// The entries, newest first.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let above = html! { (proof(visit)) (controls(visit)) };
    let head = list::Head { title: "Audit", file: "audit", total: None, above, has_filter: true };
    visit.desk().with_store(|store| {
        let read = |after: Option<&str>, limit| read(store, visit.asked("ie"), after, limit);
        list::answer(visit, &head, read, |lines| table(visit, lines))
    })
}

/// The entries after a place in the list, newest first; of one IE if given.
pub fn read(
    store: &Store,
    ie: Option<&str>,
    after: Option<&str>,
    limit: usize,
) -> Result<Slice<JournalLine, String>, Failure> {
    let before = after.and_then(|after| after.parse().ok()).unwrap_or(i64::MAX);
    Ok(list::cut(store.journal_before(ie, before, limit + 1)?, limit, |line| line.id.to_string()))
}

/// Has the journal proven, at once or by the thread that works ahead.
pub fn prove(visit: &Visit<'_>) -> Result<Response, Failure> {
    let form = visit.form();
    let head = match value(&form, "head").map(Fixity::parse).transpose() {
        Ok(head) => head,
        Err(why) => return Ok(frame::refusal(visit, 400, "Nothing was proven", &why.to_string())),
    };
    ask(visit, head)?;
    Ok(see_other(&visit.path("audit")))
}

/// Asks for a proof, and makes it where no thread does.
pub fn ask(visit: &Visit<'_>, head: Option<Fixity>) -> Result<(), Failure> {
    let desk = visit.desk();
    desk.ready.ask_for_proof(head);
    if !desk.ready.is_made_ahead() {
        ahead::prove(desk, visit.now)?;
    }
    Ok(())
}

fn proof(visit: &Visit<'_>) -> Markup {
    let (proven, is_asked) = visit.desk().ready.proven();
    html! {
        p { "Every entry carries the digest of the one before; nothing is ever changed or taken out." }
        @if is_asked { p.note role="status" { "The journal is being proven. Look again in a moment." } }
        @if let Some(proven) = proven { (told(visit, &proven)) }
        details.decide {
            summary { "Prove the journal" }
            form.stacked method="post" action=(visit.path("audit")) {
                (token(visit))
                label { "A head that was noted before, if there is one" input name="head" maxlength="64" spellcheck="false"; }
                div.buttons { button { "Prove" } }
            }
        }
    }
}

fn told(visit: &Visit<'_>, proven: &Proven) -> Markup {
    let proof = &proven.proof;
    let class = if proven.is_whole() { "note good" } else { "note bad" };
    html! {
        section class=(class) {
            h2 { @if proven.is_whole() { "The journal is whole" } @else { "The journal is broken" } }
            p { (proof.entries) " entries and " (proof.packages) " packages, proven " (moment::ago(proven.at, visit.now)) "."
                @if proof.older > 0 { " " (proof.older) " packages are older than the journal." } }
            @if let Some(head) = proof.head { p { "Head: " code { (head) } ". Note it outside of this machine: an end that was cut off shows only against that." } }
            @if let Some(head) = proven.head { p {
                "The noted head " code { (head) } " "
                @match proof.noted {
                    Some(entry) => { "is entry " (entry) "." }
                    None => strong { "is not in the journal: its end was cut off, or it is another journal." }
                }
            } }
            @if !proof.faults.is_empty() { ul { @for Fault { entry, what, .. } in &proof.faults {
                li { @if let Some(entry) = entry { "Entry " (entry) ": " } (brief(what, 600)) }
            } } }
        }
    }
}

fn controls(visit: &Visit<'_>) -> Markup {
    html! {
        form.filters role="search" aria-label="Filter entries" {
            label { "IE" input name="ie" value=(visit.asked("ie").unwrap_or_default()) placeholder="IE1234"; }
            div.buttons { button { "Filter" } a href=(visit.request.path) { "All" } a href=(list::file_link(visit)) { "CSV" } }
        }
    }
}

fn table(visit: &Visit<'_>, lines: &[JournalLine]) -> Table {
    Table {
        caption: "Entries of the journal, newest first".to_owned(),
        headings: vec!["entry", "at", "who", "event", "IE", "run", "Alma record", "detail", "program", "digest"],
        rows: lines.iter().map(|line| row(visit, line)).collect(),
    }
}

fn row(visit: &Visit<'_>, line: &JournalLine) -> Vec<Cell> {
    let subject = line.about.subject.as_str();
    let link = match line.about.ie() {
        Some(ie) => html! { a.ie href=(visit.path(&format!("ie/{ie}"))) { (Shown(ie)) } },
        // A resource of the push has no page of its own.
        None => html! { (Shown(subject)) },
    };
    let run = line.by.run.map(|run| run.to_string()).unwrap_or_default();
    let of_run = format!("{}{}", visit.path("packages"), query([("run", run.as_str())].into_iter()));
    let digest = line.digests.own.to_string();
    let start = digest.get(..12).unwrap_or(&digest);
    vec![
        Cell::text(line.id.to_string()),
        Cell::new(moment::time(line.at), line.at.to_string()),
        Cell::text(line.by.who.as_str()),
        Cell::new(html! { span.badge { (Shown(&line.event)) } }, line.event.as_str()),
        Cell::new(link, subject),
        Cell::new(html! { @if !run.is_empty() { a href=(of_run) { (run) } } }, run.as_str()),
        Cell::record(&line.origin.alma_identifier),
        Cell::text(line.detail.as_str()),
        Cell::text(line.by.program.as_str()),
        Cell::new(html! { code title=(digest) { (start) "…" } }, digest.as_str()),
    ]
}
