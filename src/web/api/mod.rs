//! The page for programs: the same reads and decisions as JSON. `src/web/openapi.json` describes every path.

mod decisions;
mod ie;
mod objects;
mod reads;
mod resources;
pub mod session;
mod standing;

use super::routes::{Page, Route};
use super::serve::{Request, Response};
use super::visit::Visit;
use crate::failure::{Failure, Kind};
use crate::profile::Role;
use crate::store::outcomes::Slice;
use serde_json::{Value, json};

/// Where all of it lies.
pub const ROOT: &str = "/api/v1/";
/// What the server says of all of it.
const DESCRIPTION: &str = include_str!("../openapi.json");

/// Rows of an answer, unless another number is asked for.
const ROWS: usize = 50;
/// And the most that may be asked for.
const MOST_ROWS: usize = 1_000;

const fn get(pattern: &'static str, page: Page) -> Route {
    Route { method: "GET", pattern, needs: Role::View, page }
}

const fn post(pattern: &'static str, needs: Role, page: Page) -> Route {
    Route { method: "POST", pattern, needs, page }
}

/// Every operation for somebody who is known. Those that make somebody known stand in `respond.rs`.
pub const ROUTES: &[Route] = &[
    get("/api/v1/session", session::page),
    get("/api/v1/profiles", standing::profiles),
    get("/api/v1/search", reads::search_everywhere),
    get("/api/v1/profiles/{profile}", standing::profile),
    get("/api/v1/profiles/{profile}/packages", reads::packages),
    get("/api/v1/profiles/{profile}/held", reads::held),
    get("/api/v1/profiles/{profile}/waiting", reads::waiting),
    get("/api/v1/profiles/{profile}/skipped", reads::skipped),
    get("/api/v1/profiles/{profile}/unmatched", reads::unmatched),
    get("/api/v1/profiles/{profile}/conflicts", reads::conflicts),
    get("/api/v1/profiles/{profile}/deleted", reads::deleted),
    get("/api/v1/profiles/{profile}/coverage", reads::coverage),
    get("/api/v1/profiles/{profile}/without-alma", reads::without_alma),
    get("/api/v1/profiles/{profile}/without-ie", reads::without_ie),
    get("/api/v1/profiles/{profile}/claimed-twice", reads::claimed_twice),
    get("/api/v1/profiles/{profile}/quarantine", reads::quarantine),
    get("/api/v1/profiles/{profile}/quarantine/{number}", reads::quarantined),
    get("/api/v1/profiles/{profile}/runs", reads::runs),
    get("/api/v1/profiles/{profile}/windows", reads::windows),
    get("/api/v1/profiles/{profile}/audit", reads::audit),
    get("/api/v1/profiles/{profile}/audit/proof", reads::proof),
    post("/api/v1/profiles/{profile}/audit/proof", Role::View, reads::prove),
    get("/api/v1/profiles/{profile}/search", reads::search),
    get("/api/v1/profiles/{profile}/records", ie::record),
    get("/api/v1/profiles/{profile}/ies/{ie}", ie::page),
    get("/api/v1/profiles/{profile}/ies/{ie}/xml/{which}", ie::xml),
    get("/api/v1/profiles/{profile}/resources", resources::page),
    get("/api/v1/profiles/{profile}/resources/{repository}/{number}", resources::one),
    post("/api/v1/profiles/{profile}/resources/{repository}/{number}/decisions", Role::Decide, resources::decide),
    get("/api/v1/profiles/{profile}/decisions", decisions::preview),
    post("/api/v1/profiles/{profile}/decisions", Role::Decide, decisions::one),
    post("/api/v1/profiles/{profile}/decisions/all", Role::Decide, decisions::all),
];

/// Whether a request is a program's.
pub fn is_for_programs(request: &Request) -> bool {
    request.path.starts_with("/api/")
}

/// The description itself, which is no secret.
pub fn description() -> Response {
    Response::new(200, "application/json", DESCRIPTION)
}

fn answer(status: u16, value: &Value) -> Response {
    Response::new(status, "application/json", value.to_string())
}

/// What went wrong, as RFC 9457 has it.
pub fn problem(status: u16, title: &str, why: &str) -> Response {
    let value = json!({"type": "about:blank", "status": status, "title": title, "detail": why});
    Response::new(status, "application/problem+json", value.to_string())
}

/// A failure without its causes, which may quote a profile.
pub fn failed(failure: &Failure) -> Response {
    let unknown = failure.kind() == Kind::Failed && failure.message().starts_with("nothing is known of");
    let (status, title) = if unknown { (404, "Not known") } else { (500, "Failed") };
    let mut value = json!({"type": "about:blank", "status": status, "title": title, "detail": failure.message()});
    if let (Some(hint), Value::Object(fields)) = (failure.hint(), &mut value) {
        fields.insert("hint".to_owned(), json!(hint));
    }
    Response::new(status, "application/problem+json", value.to_string())
}

/// The body of a request, which must be a JSON object and must say that it is one.
fn body(visit: &Visit<'_>) -> Result<Value, Response> {
    object(visit.request)
}

fn object(request: &Request) -> Result<Value, Response> {
    let kind = request.header("content-type").and_then(|kind| kind.split(';').next()).unwrap_or_default();
    if !kind.trim().eq_ignore_ascii_case("application/json") {
        return Err(problem(415, "Unsupported", "send the body as application/json"));
    }
    match serde_json::from_slice(&request.body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err(problem(400, "Not understood", "the body is no JSON object")),
        Err(error) => Err(problem(400, "Not understood", &format!("the body is no JSON: {error}"))),
    }
}

/// A list: its rows, and where it goes on. A list may go on although it gave fewer rows than asked for, or none: a search looks
/// only so far at a time.
fn list<T>(
    visit: &Visit<'_>,
    read: impl FnOnce(Option<&str>, usize) -> Result<Slice<T, String>, Failure>,
    object: impl Fn(&T) -> Value,
) -> Result<Response, Failure> {
    let limit = match limit(visit) {
        Ok(limit) => limit,
        Err(problem) => return Ok(problem),
    };
    Ok(answer(200, &rows(&read(visit.asked("after"), limit)?, object)))
}

fn rows<T>(slice: &Slice<T, String>, object: impl Fn(&T) -> Value) -> Value {
    json!({"items": slice.items.iter().map(object).collect::<Vec<_>>(), "next": slice.next})
}

/// How many rows are asked for.
fn limit(visit: &Visit<'_>) -> Result<usize, Response> {
    match visit.asked("limit").map(str::parse::<usize>) {
        None => Ok(ROWS),
        Some(Ok(limit @ 1..=MOST_ROWS)) => Ok(limit),
        Some(_) => Err(problem(400, "Not understood", &format!("`limit` is a number from 1 to {MOST_ROWS}"))),
    }
}
