//! Approve, reject, retry and undo: about one thing, or about all that passes a filter and was counted before.

use super::{answer, body, problem};
use crate::failure::{Failure, Kind};
use crate::model::decision::Verb;
use crate::model::id::IePid;
use crate::steps::review::Decided;
use crate::web::pages::bulk::{self, Unlike};
use crate::web::pages::decide::{LONGEST_REASON, decide_one, moved_on};
use crate::web::serve::Response;
use crate::web::visit::Visit;
use serde_json::{Value, json};

/// Names that a preview tells.
const SHOWN: usize = 100;

/// What a verb and a filter mean now: how much, and a fingerprint of exactly that.
pub fn preview(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(verb) = visit.asked("verb").and_then(Verb::parse) else { return Ok(no_verb()) };
    let meant = match visit.desk().with_trip(|store, trip| bulk::meant(visit, store, trip, verb))? {
        Ok(meant) => meant,
        Err(why) => return Ok(problem(400, "Nothing can be decided so", &why)),
    };
    let names: Vec<&String> = meant.names.iter().take(SHOWN).collect();
    Ok(answer(
        200,
        &json!({"verb": verb.as_str(), "count": meant.names.len(), "fingerprint": meant.fingerprint(), "names": names,
                "left-out": meant.left_out, "is-cut": meant.is_cut}),
    ))
}

/// About one thing: `{"verb", "id", "reason"}`, and of retry and undo also the `package` that was looked at.
pub fn one(visit: &Visit<'_>) -> Result<Response, Failure> {
    let body = match body(visit) {
        Ok(body) => body,
        Err(problem) => return Ok(problem),
    };
    let Some(verb) = body["verb"].as_str().and_then(Verb::parse) else { return Ok(no_verb()) };
    let Some(id) = body["id"].as_str().map(str::trim).filter(|id| !id.is_empty()) else {
        return Ok(problem(400, "Nothing was decided", "give `id`: an IE PID, or the name of what is held"));
    };
    let Some(why) = reason(&body) else { return Ok(no_reason()) };
    let package = body["package"].as_str();
    if matches!(verb, Verb::Retry | Verb::Undo) && package.is_none() && IePid::parse(id).is_ok() {
        let why = "give `package`: the name of the latest package of the IE, as it was looked at";
        return Ok(problem(400, "Nothing was decided", why));
    }
    if let Some(why) = moved_on(visit, id, package)? {
        return Ok(problem(409, "Nothing was decided", &why));
    }
    match decide_one(visit, verb, id, why) {
        Err(failure) if failure.kind() == Kind::Configuration => {
            Ok(problem(400, "Nothing was decided", &failure.message()))
        }
        decided => Ok(told(verb, &decided?)),
    }
}

/// About all that passes the filter of the address, as a preview counted it: `{"reason", "count", "fingerprint"}`.
pub fn all(visit: &Visit<'_>) -> Result<Response, Failure> {
    let body = match body(visit) {
        Ok(body) => body,
        Err(problem) => return Ok(problem),
    };
    let Some(verb) = visit.asked("verb").and_then(Verb::parse) else { return Ok(no_verb()) };
    let Some(why) = reason(&body) else { return Ok(no_reason()) };
    let (Some(count), Some(fingerprint)) = (body["count"].as_u64(), body["fingerprint"].as_str()) else {
        return Ok(problem(400, "Nothing was decided", "give `count` and `fingerprint` as a preview has told them"));
    };
    Ok(match bulk::decide_meant(visit, verb, why, fingerprint, Some(count))? {
        Ok(decided) => told(verb, &decided),
        Err(Unlike(why)) => problem(409, "Nothing was decided", &why),
    })
}

fn no_verb() -> Response {
    problem(400, "Nothing was decided", "give `verb`: approve, reject, retry or undo")
}

fn no_reason() -> Response {
    let why = format!("give `reason`, of at most {LONGEST_REASON} characters: it is kept with the decision");
    problem(400, "Nothing was decided", &why)
}

fn reason(body: &Value) -> Option<&str> {
    let why = body["reason"].as_str()?.trim();
    (!why.is_empty() && why.chars().count() <= LONGEST_REASON).then_some(why)
}

fn told(verb: Verb, decided: &Decided) -> Response {
    let refused: Vec<Value> = decided.refused.iter().map(|(id, why)| json!({"id": id, "why": why})).collect();
    let status = if decided.done.is_empty() { 409 } else { 200 };
    answer(status, &json!({"verb": verb.as_str(), "done": decided.done, "refused": refused}))
}
