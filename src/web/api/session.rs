//! Who asks: signing in and out as a program does, and the token that every decision must bring.

use super::{answer, object, problem};
use crate::failure::Failure;
use crate::model::time::{Timestamp, say_span};
use crate::profile::Role;
use crate::web::access::{Person, Refused};
use crate::web::pages::sign_in::with_cookie;
use crate::web::serve::{Request, Response};
use crate::web::site::Site;
use crate::web::visit::Visit;
use serde_json::{Map, Value, json};

/// Who asks, what they may, and their token.
pub fn page(visit: &Visit<'_>) -> Result<Response, Failure> {
    Ok(answer(200, &described(&visit.person)))
}

fn described(person: &Person) -> Value {
    let role = |role: &Role| match role {
        Role::View => "view",
        Role::Decide => "decide",
    };
    let profiles: Map<String, Value> =
        person.roles.iter().map(|(name, may)| (name.clone(), json!(role(may)))).collect();
    json!({"name": person.name, "profiles": profiles, "token": person.csrf, "signed-in": person.has_session})
}

/// Checks `{"name", "password"}`, within the same limits as the page's form.
pub fn enter(site: &Site, request: &Request, now: Timestamp) -> Response {
    let body = match object(request) {
        Ok(body) => body,
        Err(problem) => return problem,
    };
    let (Some(name), Some(password)) = (body["name"].as_str(), body["password"].as_str()) else {
        return problem(400, "Not understood", "give name and password as texts");
    };
    let id = match site.access.sign_in(request, name.trim(), password, now) {
        Ok(id) => id,
        Err(Refused::Wait(wait)) => {
            let why = format!("too many attempts: try again in {}", say_span(wait));
            let mut response = problem(429, "Too many attempts", &why);
            response.headers.push(("retry-after".to_owned(), wait.as_secs().max(1).to_string()));
            return response;
        }
        Err(Refused::Busy) => {
            let mut response = problem(503, "Busy", "too many sign in at this moment");
            response.headers.push(("retry-after".to_owned(), "5".to_owned()));
            return response;
        }
        Err(Refused::Wrong) => return problem(401, "Refused", "name and password do not belong together"),
        Err(Refused::Failed(error)) => return problem(500, "Failed", &error.to_string()),
    };
    match site.access.person_of(&id, now) {
        Some(person) => with_cookie(answer(201, &described(&person)), site, &id),
        None => problem(500, "Failed", "the session ended at once"),
    }
}

pub fn leave(site: &Site, request: &Request) -> Response {
    site.access.end(request);
    with_cookie(Response::new(204, "application/json", ""), site, "")
}
