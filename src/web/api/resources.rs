//! Resources of ArchivesSpace and what was written for them, for programs.

use super::{answer, body, list, problem};
use crate::failure::{Failure, Kind};
use crate::model::decision::Verb;
use crate::model::intent::IntentState;
use crate::push::plan::Reason;
use crate::report::objects::{given, time};
use crate::store::containers::BoxLine;
use crate::store::intents::Intent;
use crate::store::pull_ends::PullLine;
use crate::store::resources::ResourceLine;
use crate::store::shelves::PlaceLine;
use crate::web::pages::{decide, resource, resources};
use crate::web::serve::Response;
use crate::web::visit::Visit;
use serde_json::{Value, json};

/// Places, boxes and fields that are told of one resource.
const MOST: usize = 10_000;

pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    let filter = resources::filter(visit);
    visit.desk().with_store(|store| list(visit, |after, limit| resources::read(store, &filter, after, limit), object))
}

/// One resource with everything that was written or held for it. Neither ArchivesSpace nor Alma is asked.
pub fn one(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(uri) = resource::named(visit) else { return Ok(unknown()) };
    let (line, writes, shelf, unpulled) = visit.desk().with_store(|store| {
        let shelf = (store.place_lines(Some(&uri), MOST)?, store.box_lines(Some(&uri), MOST)?);
        let unpulled = store.pull_ends(Some(&uri), None, MOST)?;
        Ok((store.resource_line(&uri.to_string())?, store.intents_of(&uri)?, shelf, unpulled))
    })?;
    let Some(line) = line else { return Ok(unknown()) };
    let mut value = object(&line);
    value["writes"] = writes.iter().map(write).collect();
    value["holdings"] = shelf.0.iter().map(holding).collect();
    value["boxes"] = shelf.1.iter().map(a_box).collect();
    value["unpulled"] = unpulled.iter().map(not_pulled).collect();
    Ok(answer(200, &value))
}

/// Approves or rejects what is held: `{"verb", "id", "reason"}`, with the number as `id`.
pub fn decide(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(uri) = resource::named(visit) else { return Ok(unknown()) };
    let body = match body(visit) {
        Ok(body) => body,
        Err(problem) => return Ok(problem),
    };
    let nothing = |why: &str| Ok(problem(400, "Nothing was decided", why));
    let verb = body["verb"].as_str().and_then(Verb::parse);
    let Some(verb @ (Verb::Approve | Verb::Reject)) = verb else { return nothing("give `verb`: approve or reject") };
    let why = body["reason"].as_str().map(str::trim).unwrap_or_default();
    if why.is_empty() || why.chars().count() > decide::LONGEST_REASON {
        return nothing("give `reason`: it is kept with the decision");
    }
    let Some(id) = body["id"].as_i64() else { return nothing("give `id`: the number under which it is held") };
    let decided = match resource::judge(visit, &uri, verb, &format!("#{id}"), why) {
        Err(failure) if failure.kind() == Kind::Configuration => return nothing(&failure.message()),
        decided => decided?,
    };
    visit.desk().has_changed();
    let refused: Vec<Value> = decided.refused.iter().map(|(id, why)| json!({"id": id, "why": why})).collect();
    let status = if decided.done.is_empty() { 409 } else { 200 };
    Ok(answer(status, &json!({"verb": verb.as_str(), "done": decided.done, "refused": refused})))
}

fn unknown() -> Response {
    problem(404, "Not known", "no push has seen this resource yet")
}

fn object(line: &ResourceLine) -> Value {
    let planned = line.planned.as_ref();
    json!({"resource": line.uri.to_string(), "title": given(&line.title), "mms": given(&line.mms),
           "outcome": planned.and_then(|planned| given(&planned.outcome)),
           "code": planned.and_then(|planned| given(&planned.code)),
           "detail": planned.and_then(|planned| given(&planned.detail)), "planned": time(planned.map(|planned| planned.at))})
}

fn holding(line: &PlaceLine) -> Value {
    json!({"place": line.place, "holding": given(&line.holding), "outcome": line.outcome, "code": given(&line.code),
           "detail": given(&line.detail)})
}

fn a_box(line: &BoxLine) -> Value {
    let ([barcode, holding, item], [outcome, code, detail]) = (&line.numbers, &line.end);
    json!({"container": line.uri.to_string(), "label": line.label, "barcode": given(barcode), "holding": given(holding),
           "item": given(item), "process": given(&line.process), "outcome": given(outcome), "code": given(code),
           "detail": given(detail)})
}

fn not_pulled(line: &PullLine) -> Value {
    json!({"part": given(&line.part), "label": given(&line.label), "outcome": line.outcome, "code": given(&line.code),
           "detail": given(&line.detail), "planned": line.at.to_string()})
}

fn write(intent: &Intent) -> Value {
    let (codes, words) = &intent.why;
    let is_held = intent.state == IntentState::Held;
    json!({"id": intent.id, "run": intent.run, "kind": intent.target.kind.as_str(), "target": intent.target.name,
           "state": intent.state.as_str(), "mms": intent.target.mms.as_ref().map(|mms| mms.as_str()),
           "code": given(codes), "detail": given(words), "planned": intent.times.0.to_string(),
           "sent": time(intent.times.1), "ended": time(intent.times.2), "undoes": intent.undoes,
           "can-be-approved": is_held && codes.split_whitespace().all(Reason::code_can_be_approved)})
}
