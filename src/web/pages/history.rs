//! What was done about an IE: packages and decisions, newest first.

use super::decide;
use super::packages::badge;
use crate::model::decision::Decision;
use crate::model::event::Event;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::store::journal::JournalLine;
use crate::store::packages::PackageRow;
use crate::web::html::moment::time;
use crate::web::html::text::{Shown, brief};
use crate::web::visit::Visit;
use maud::{Markup, html};

/// Things that are told; an IE that changes every night has more.
const MOST: usize = 100;

/// Entries of the journal that are asked who did what.
pub const ENTRIES: usize = 1_000;

/// `journal` has the entries about the IE, which know for whom a run did something.
pub fn html(visit: &Visit<'_>, packages: &[PackageRow], decisions: &[Decision], journal: &[JournalLine]) -> Markup {
    let mut events: Vec<(Timestamp, Markup)> =
        packages.iter().flat_map(|package| events_of(visit, package, journal)).collect();
    events.extend(decisions.iter().map(|decision| (decision.at, words(decision))));
    // What happened at the same instant stays in its order, the later one first.
    events.reverse();
    events.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    html! {
        @if events.is_empty() { p.empty { "Nothing was ever sent, and nobody decided about it." } }
        ol.history { @for (at, what) in events.iter().take(MOST) { li { span.when { (time(*at)) } span { (what) } } } }
        @if events.len() > MOST { p.quiet { (events.len() - MOST) " earlier events." } }
    }
}

/// Who was behind something that became of a package.
fn by(journal: &[JournalLine], package: &PackageRow, event: Event) -> Markup {
    let is_meant = |line: &&JournalLine| line.about.package() == Some(package.id) && line.event == event.as_str();
    let who = journal.iter().rfind(is_meant).map(|line| line.by.who.as_str()).filter(|who| !who.is_empty());
    html! { @if let Some(who) = who { ", by " (Shown(who)) } }
}

fn events_of(visit: &Visit<'_>, package: &PackageRow, journal: &[JournalLine]) -> Vec<(Timestamp, Markup)> {
    let file = html! { (Shown(&package.name)) };
    let raw = html! { a href=(format!("{}?package={}", visit.path(&format!("ie/{}/xml/package", package.ie)), package.id)) { "file" } " " a href=(format!("{}?package={}", visit.path(&format!("ie/{}/xml/before", package.ie)), package.id)) { "before" } };
    let mut events = vec![(
        package.planned,
        html! { "Planned in run " a href=(format!("{}?run={}", visit.path("packages"), package.run)) { (package.run) } ": " (file) " (" (raw) ")" (by(journal, package, Event::Planned)) },
    )];
    if let Some(staged) = package.staged {
        events.push((staged, html! { "Put into the folder" (by(journal, package, Event::Staged)) }));
    }
    if let Some(settled) = package.settled {
        events.push((settled, html! { (badge(package)) " " (settled_words(package.state)) @if !package.reason.is_empty() { ": " (brief(&package.reason, 600)) } }));
    }
    if let Some(confirmed) = package.confirmed {
        events.push((confirmed, html! { "Seen in Rosetta: confirmed" }));
    }
    if let Some(diverged) = package.diverged {
        events.push((diverged, html! { "Rosetta shows something else: diverged" }));
    }
    events
}

fn settled_words(state: PackageState) -> &'static str {
    match state {
        PackageState::Done => "Rosetta took it",
        PackageState::Error => "Rosetta refused it",
        PackageState::Withdrawn => "withdrawn",
        PackageState::Lost => "found nowhere",
        PackageState::Planned | PackageState::Staged => "on its way",
    }
}

fn words(decision: &Decision) -> Markup {
    html! {
        strong { (decision.verb.done()) } " by " (Shown(&decision.who))
        @if !decision.why.is_empty() { ": " (brief(&decision.why, 600)) }
    }
}

/// The package that counts: the last one that went anywhere.
pub fn latest(packages: &[PackageRow]) -> Option<&PackageRow> {
    packages.iter().rev().find(|package| package.state != PackageState::Withdrawn)
}

/// Forms about the latest package: send it again, or take it back.
pub fn forms(visit: &Visit<'_>, packages: &[PackageRow]) -> Markup {
    let Some(package) = latest(packages).filter(|_| visit.may_decide()) else { return html! {} };
    let (can_retry, can_undo) = match package.state {
        PackageState::Error | PackageState::Lost => (true, false),
        PackageState::Done => (package.diverged.is_some(), true),
        PackageState::Planned | PackageState::Staged | PackageState::Withdrawn => (false, false),
    };
    html! {
        @if can_retry {
            details.decide { summary { "Retry: send the same content again" } (decide::form_about(visit, &package.ie, Some(&package.name), &[("retry", "Retry")])) }
        }
        @if can_undo {
            details.decide { summary { "Take back what " (Shown(&package.name)) " wrote" } (decide::form_about(visit, &package.ie, Some(&package.name), &[("undo", "Take back")])) }
        }
    }
}
