//! Where every profile stands, and what most needs a person.

use crate::failure::Failure;
use crate::model::time::Timestamp;
use crate::web::glance::{FeedLine, Glance, PushGlance, TripGlance};
use crate::web::html::text::Shown;
use crate::web::html::{chart, frame, moment};
use crate::web::serve::Response;
use crate::web::site::Desk;
use crate::web::visit::{Visit, path};
use maud::{Markup, html};
use std::sync::Arc;

/// Things that the top of the page names.
const MOST: usize = 3;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let desks = visit.site.desks.iter().filter(|desk| visit.person.roles.contains_key(desk.name()));
    let seen: Vec<(&Desk, Result<Arc<Glance>, Failure>)> = desks.map(|desk| (desk, desk.glance(visit.now))).collect();
    let mut needs: Vec<Need> = seen.iter().flat_map(|(desk, glance)| needs(desk.name(), glance, visit.now)).collect();
    needs.sort_by_key(|need| need.rank);
    let body = html! {
        h1 { "Overview" }
        section.needs aria-labelledby="needs" {
            h2 id="needs" { "What needs a person" }
            @if needs.is_empty() { p.empty { "Nothing. Everything is where it should be." } }
            ol { @for need in needs.iter().take(MOST) {
                li { a href=(need.to) { strong { (need.what) } } " " span.quiet { (Shown(&need.profile)) } br; (need.why) }
            } }
            @if needs.len() > MOST { p.quiet { (needs.len() - MOST) " more below." } }
        }
        @for (desk, glance) in &seen {
            section.desk aria-labelledby=(format!("desk-{}", desk.name())) {
                h2 id=(format!("desk-{}", desk.name())) { a href=(path(desk.name(), desk.front())) { (Shown(desk.name())) } }
                @match glance {
                    Ok(glance) => (standing(desk.name(), glance, visit.now)),
                    Err(failure) => { p.note.bad { (Shown(&failure.message())) } @if let Some(hint) = failure.hint() { p { (Shown(hint)) } } }
                }
            }
        }
    };
    Ok(frame::page(visit, "Overview", body))
}

/// Something that waits for a person; the lowest rank most.
struct Need {
    rank: u8,
    profile: String,
    what: String,
    why: &'static str,
    to: String,
}

fn needs(profile: &str, glance: &Result<Arc<Glance>, Failure>, now: Timestamp) -> Vec<Need> {
    let need = |rank, what: String, why, below: &str| Need {
        rank,
        profile: profile.to_owned(),
        what,
        why,
        to: path(profile, below),
    };
    let glance = match glance {
        Ok(glance) => glance,
        Err(_) => {
            return vec![need(0, "The store cannot be read".to_owned(), "The section below says why.", "run")];
        }
    };
    let mut needs = Vec::new();
    if let Some(trip) = &glance.trip {
        needs.extend(needs_of_trip(trip).into_iter().map(|(rank, what, why, below)| need(rank, what, why, below)));
    }
    if let Some(push) = &glance.push {
        needs.extend(needs_of_push(push).into_iter().map(|(rank, what, why, below)| need(rank, what, why, below)));
    }
    if let Some(run) = glance.last_run.as_ref().filter(|run| matches!(run.exit_code, Some(1 | 2))) {
        needs.push(need(2, format!("Run {} failed", run.id), "The log of runs says why.", "runs"));
    }
    if glance.next_run.is_some_and(|next| now.since(next) > std::time::Duration::from_secs(6 * 3600)) {
        needs.push(need(2, "A run is overdue".to_owned(), "Judged by the runs before; does cron work?", "runs"));
    }
    needs
}

/// Rank, what, why, and the page below the profile.
type Told = (u8, String, &'static str, &'static str);

fn needs_of_push(push: &PushGlance) -> Vec<Told> {
    let counted = [
        (
            4,
            push.of("waiting"),
            "resources not known",
            "Nobody knows yet what became of a writing; the next push looks.",
            "resources?outcome=waiting",
        ),
        (5, push.of("failed"), "resources failed", "The next push tries again.", "resources?outcome=failed"),
        (
            7,
            push.of("held"),
            "resources held",
            "A person has to look before their bibs are written.",
            "resources?outcome=held",
        ),
        (
            7,
            push.open_shelf,
            "holdings and items open",
            "Held, failed or not known; the pages of their resources say why.",
            "resources?outcome=open-shelf",
        ),
        (
            7,
            push.open_pull,
            "values and barcodes not brought from Alma",
            "Held, failed or not known; the pages of their resources say why.",
            "resources?outcome=unpulled",
        ),
        (
            9,
            push.of("gone"),
            "resources gone",
            "ArchivesSpace does not show them any more; their bibs stay.",
            "resources?outcome=gone",
        ),
    ];
    told(&counted)
}

fn told(counted: &[(u8, u64, &str, &'static str, &'static str)]) -> Vec<Told> {
    let counted = counted.iter().filter(|(_, count, ..)| *count > 0);
    counted.map(|(rank, count, word, why, below)| (*rank, format!("{count} {word}"), *why, *below)).collect()
}

fn needs_of_trip(trip: &TripGlance) -> Vec<Told> {
    let stock = &trip.stock;
    let unreadable = stock.outcomes.skipped.get("quarantined").copied().unwrap_or_default();
    let diverged = if stock.sees_what_is_stored { stock.unconfirmed.diverged } else { 0 };
    let counted = [
        (
            1,
            stock.lost,
            "lost",
            "Neither in the folder nor in done nor in error; nothing else is sent for these IEs.",
            "packages?fate=lost",
        ),
        (
            3,
            stock.standing_errors,
            "in error",
            "Rosetta refused them; find its reason, then retry.",
            "packages?fate=error",
        ),
        (
            4,
            stock.late,
            "late",
            "They have been in the folder for too long: does Rosetta's job run?",
            "packages?fate=late",
        ),
        (
            5,
            stock.missing_windows,
            "windows missing",
            "A server could not deliver them; what they hold is not known.",
            "windows",
        ),
        (6, stock.conflicts(), "conflicts", "Several Alma records claim one IE; none of them is written.", "conflicts"),
        (7, stock.outcomes.held, "held", "A person has to look before they are written.", "held"),
        (8, stock.quarantined.max(unreadable), "in quarantine", "These records could not be read.", "quarantine"),
        (9, diverged, "diverged", "Done, and Rosetta shows something else.", "packages?fate=diverged"),
    ];
    told(&counted)
}

fn standing(profile: &str, glance: &Glance, now: Timestamp) -> Markup {
    html! {
        @if let Some(trip) = &glance.trip { (packages(profile, trip)) }
        @if let Some(push) = &glance.push { (resources(profile, push)) }
        (facts(profile, glance, now))
        @if let Some(trip) = &glance.trip { div.charts { (chart::days(&trip.days, now)) (chart::ages(&trip.in_flight, now)) } }
    }
}

fn tile(profile: &str, (count, name): (u64, &str), below: &str, is_bad: bool) -> Markup {
    html! { a.tile.bad[is_bad && count > 0] href=(path(profile, below)) { strong { (count) } span { (name) } } }
}

fn resources(profile: &str, push: &PushGlance) -> Markup {
    let tile = |name: &str, outcome: &str, is_bad| {
        tile(profile, (push.of(outcome), name), &format!("resources?outcome={outcome}"), is_bad)
    };
    html! {
        div.tiles role="group" aria-label="Resources of ArchivesSpace" {
            (tile("resources done", "done", false))
            (tile("unchanged", "unchanged", false))
            (tile("resources held", "held", true))
            (tile("failed", "failed", true))
            (tile("not known yet", "waiting", true))
            (tile("skipped", "skipped", false))
            (tile("gone", "gone", false))
            (tile("not planned", "not-planned", false))
        }
    }
}

fn packages(profile: &str, trip: &TripGlance) -> Markup {
    let stock = &trip.stock;
    let tile = |count: u64, name: &str, below: &str, is_bad| tile(profile, (count, name), below, is_bad);
    html! {
        div.tiles {
            (tile(stock.in_flight, "in flight", "packages?fate=staged", false))
            (tile(stock.waiting, "waiting", "waiting", false))
            (tile(stock.outcomes.held, "held", "held", true))
            (tile(stock.late, "late", "packages?fate=late", true))
            (tile(stock.standing_errors, "in error", "packages?fate=error", true))
            (tile(stock.lost, "lost", "packages?fate=lost", true))
            (tile(stock.conflicts(), "conflicts", "conflicts", true))
            (tile(stock.outcomes.skipped.get("no-match").copied().unwrap_or_default(), "unmatched", "unmatched", false))
        }
    }
}

fn facts(profile: &str, glance: &Glance, now: Timestamp) -> Markup {
    html! {
        dl.facts {
            dt { "Last run" }
            dd { @match &glance.last_run {
                Some(run) => {
                    a href=(path(profile, "runs")) { (run.id) " (" (run.command) ")" } ", " (moment::time(run.started))
                    @match (run.ended, run.exit_code) {
                        (Some(_), Some(code)) => { ", exit code " (code) }
                        _ => ", under way or broken off"
                    }
                }
                None => span.quiet { "none yet" }
            } }
            dt { "Next run" }
            dd { @match glance.next_run {
                Some(next) => { "expected about " (moment::time(next)) @if next < now { " (overdue)" } }
                None => span.quiet { "as cron says; too few runs to tell" }
            } }
            @if let Some(trip) = &glance.trip {
                @for feed in &trip.feeds { dt { (feed.name) } dd { (feed_words(feed, now)) } }
                dt { "To confirm" }
                dd {
                    (trip.stock.unconfirmed.packages) " done and not yet seen in Rosetta"
                    @if let Some(oldest) = trip.stock.unconfirmed.oldest { ", the oldest " (moment::ago(oldest, now)) }
                }
            }
        }
    }
}

fn feed_words(feed: &FeedLine, now: Timestamp) -> Markup {
    html! {
        (feed.records) " records, "
        @match (feed.completed, feed.is_complete) {
            (Some(at), true) => { "complete " (moment::ago(at, now)) }
            (Some(_), false) => strong { "a newer list is incomplete" }
            (None, _) => strong { "never harvested to its end" }
        }
    }
}
