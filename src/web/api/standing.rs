//! How things stand, for each profile.

use super::{answer, objects};
use crate::failure::Failure;
use crate::profile::Role;
use crate::web::glance::{Glance, PushGlance, TripGlance};
use crate::web::serve::Response;
use crate::web::site::Desk;
use crate::web::visit::Visit;
use serde_json::{Map, Value, json};

/// All profiles that the person may see. One whose store cannot be read has a problem in the place of its standing.
pub fn profiles(visit: &Visit<'_>) -> Result<Response, Failure> {
    let desks = visit.site.desks.iter().filter(|desk| visit.person.roles.contains_key(desk.name()));
    let profiles = desks.map(|desk| match desk.glance(visit.now) {
        Ok(glance) => described(visit, desk, Some(&glance), None),
        Err(failure) => described(visit, desk, None, Some(failure.message())),
    });
    Ok(answer(200, &json!({"profiles": profiles.collect::<Vec<_>>()})))
}

pub fn profile(visit: &Visit<'_>) -> Result<Response, Failure> {
    let glance = visit.desk().glance(visit.now)?;
    Ok(answer(200, &described(visit, visit.desk(), Some(&glance), None)))
}

fn described(visit: &Visit<'_>, desk: &Desk, glance: Option<&Glance>, problem: Option<String>) -> Value {
    let role = if visit.person.may(desk.name(), Role::Decide) { "decide" } else { "view" };
    let standing = glance.and_then(|glance| Some(standing(glance, glance.trip.as_ref()?)));
    let push = glance.and_then(|glance| Some(pushed(glance, glance.push.as_ref()?)));
    json!({"name": desk.name(), "role": role, "problem": problem, "standing": standing, "push": push})
}

fn pushed(glance: &Glance, push: &PushGlance) -> Value {
    json!({"taken": glance.taken.to_string(), "resources": push.resources, "open-holdings-and-items": push.open_shelf, "unpulled": push.open_pull,
           "last-run": glance.last_run.as_ref().map(objects::run)})
}

fn standing(glance: &Glance, trip: &TripGlance) -> Value {
    let stock = &trip.stock;
    let outcomes = &stock.outcomes;
    let feeds: Map<String, Value> = trip
        .feeds
        .iter()
        .map(|feed| {
            let value = json!({"records": feed.records, "complete": feed.is_complete, "completed": objects::time(feed.completed)});
            (feed.name.to_lowercase(), value)
        })
        .collect();
    let days = trip.days.iter().map(|day| {
        let begun = crate::model::time::Timestamp::from_millis(day.day * 86_400_000);
        let date = begun.map(|begun| begun.at(crate::model::time::Granularity::Day));
        json!({"day": date, "state": day.state.as_str(), "packages": day.packages})
    });
    json!({
        "taken": glance.taken.to_string(),
        "outcomes": {"package": outcomes.package, "unchanged": outcomes.unchanged, "held": outcomes.held, "skipped": outcomes.skipped},
        "waiting": stock.waiting, "in-flight": stock.in_flight, "late": stock.late, "lost": stock.lost,
        "error": stock.standing_errors, "quarantined": stock.quarantined, "missing-windows": stock.missing_windows,
        "unconfirmed": {"packages": stock.unconfirmed.packages, "diverged": stock.unconfirmed.diverged,
                        "oldest": objects::time(stock.unconfirmed.oldest)},
        "feeds": feeds,
        "last-run": glance.last_run.as_ref().map(objects::run),
        "next-run": objects::time(glance.next_run),
        "days": days.collect::<Vec<_>>(),
    })
}
