//! The staff page as a plain function: a request and the time go in, an answer comes out.

use super::access::Person;
use super::html::frame;
use super::pages::sign_in;
use super::routes;
use super::serve::{Request, Response};
use super::site::Site;
use super::visit::{Visit, see_other, value};
use super::{api, form, secret};
use crate::failure::Failure;
use crate::model::time::Timestamp;

/// The longest form; a reason and a selection are far shorter.
pub const FORM_LIMIT: usize = 1 << 20;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");
const ICON: &str = include_str!("icon.svg");

/// Nothing is loaded from elsewhere, nothing runs but the one script, nobody frames the page, and its address is told to nobody.
const HEADERS: [(&str, &str); 7] = [
    (
        "content-security-policy",
        "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=()"),
];

/// Answers one request.
pub fn respond(site: &Site, request: &Request, now: Timestamp) -> Response {
    let mut response = answer(site, request, now);
    let set = |response: &Response, name: &str| response.headers.iter().any(|(given, _)| given == name);
    for (name, value) in HEADERS {
        response.headers.push((name.to_owned(), value.to_owned()));
    }
    if !set(&response, "cache-control") {
        // What a page shows belongs to who is signed in, and is another a minute later.
        response.headers.push(("cache-control".to_owned(), "no-store".to_owned()));
    }
    if request.method == "HEAD" {
        response.body.clear();
        response.events = None;
    }
    response
}

fn answer(site: &Site, request: &Request, now: Timestamp) -> Response {
    if let Some(why) = site.hosts.refuse(request) {
        return refused(request, 403, "Refused", why);
    }
    if request.body.len() > FORM_LIMIT {
        return refused(request, 413, "Too long", "the form is longer than 1 MiB");
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("GET" | "HEAD", "/style.css") => return asset("text/css;charset=UTF-8", STYLE),
        ("GET" | "HEAD", "/script.js") => return asset("text/javascript;charset=UTF-8", SCRIPT),
        ("GET" | "HEAD", "/icon.svg") => return asset("image/svg+xml", ICON),
        ("GET" | "HEAD", "/sign-in") => return sign_in::page(site, request, now),
        ("POST", "/sign-in") => return sign_in::enter(site, request, now),
        ("GET" | "HEAD", "/api/v1/openapi.json") => return api::description(),
        ("POST", "/api/v1/session") => return api::session::enter(site, request, now),
        _ => {}
    }
    let Some(person) = site.access.person(request, now) else {
        return turned_away(site, request);
    };
    if !matches!(request.method.as_str(), "GET" | "HEAD") && !brings_its_token(&person, request) {
        let why = match api::is_for_programs(request) {
            true => "send the token of GET /api/v1/session as x-csrf-token",
            false => "the form is too old, or did not come from this page: open it again",
        };
        return refused(request, 403, "Refused", why);
    }
    match (request.method.as_str(), request.path.as_str()) {
        ("POST", "/sign-out") => return sign_in::leave(site, request),
        ("DELETE", "/api/v1/session") => return api::session::leave(site, request),
        _ => {}
    }
    visit(site, request, person, now)
}

fn visit(site: &Site, request: &Request, person: Person, now: Timestamp) -> Response {
    let found = match routes::find(&request.method, &request.path) {
        Ok(found) => found,
        Err(true) => return refused(request, 405, "Not allowed", "this page is not asked in this way"),
        Err(false) => return refused(request, 404, "Not found", "there is no such page"),
    };
    let desk = match &found.profile {
        None => None,
        // Whether a profile exists is nobody's business who must not see it.
        Some(name) => match site.desk(name).filter(|desk| person.roles.contains_key(desk.name())) {
            Some(desk) if person.may(desk.name(), found.route.needs) => Some(desk),
            Some(_) => {
                return refused(request, 403, "Refused", "you may look at this profile, and not decide about it");
            }
            None => return refused(request, 404, "Not found", "there is no such profile, or you may not see it"),
        },
    };
    let query = form::pairs(&request.query);
    let visit = Visit { site, desk, person, request, parameters: found.parameters, query, now };
    if found.route.is_of_trip() && desk.is_some_and(|desk| !desk.has_trip()) {
        let why = "this profile has no round trip: it brings descriptions of ArchivesSpace into Alma";
        return match api::is_for_programs(request) {
            true => api::problem(404, "Not found", why),
            false => frame::refusal(&visit, 404, "Not here", why),
        };
    }
    (found.route.page)(&visit).unwrap_or_else(|failure| failed(&visit, &failure))
}

/// Something that is not as it should be, told to people or to programs.
fn refused(request: &Request, status: u16, title: &str, why: &str) -> Response {
    if api::is_for_programs(request) { api::problem(status, title, why) } else { frame::bare(status, title, why) }
}

fn turned_away(site: &Site, request: &Request) -> Response {
    if api::is_for_programs(request) {
        let why = match site.access.has_accounts() {
            true => "sign in: POST name and password to /api/v1/session, and send its cookie",
            false => "the proxy in front of this server did not say who you are",
        };
        return api::problem(401, "Who are you?", why);
    }
    match (site.access.has_accounts(), request.method.as_str()) {
        (true, "GET" | "HEAD") => {
            let back = format!("{}?{}", request.path, request.query);
            see_other(&format!("/sign-in?to={}", form::encode(back.trim_end_matches('?'))))
        }
        (true, _) => frame::bare(403, "Refused", "you are signed out: sign in and open the form again"),
        (false, _) => frame::bare(403, "Refused", "the proxy in front of this page did not say who you are"),
    }
}

fn brings_its_token(person: &Person, request: &Request) -> bool {
    if api::is_for_programs(request) {
        // No other site can make a browser send this header.
        return request.header("x-csrf-token").is_some_and(|token| secret::same(token, &person.csrf));
    }
    let pairs = form::fields(request.header("content-type").unwrap_or_default(), &request.body);
    value(&pairs, "csrf").is_some_and(|token| secret::same(token, &person.csrf))
}

/// A failure is told without its causes, which may quote a profile.
fn failed(visit: &Visit<'_>, failure: &Failure) -> Response {
    if api::is_for_programs(visit.request) {
        return api::failed(failure);
    }
    let hint = failure.hint().unwrap_or("`cartouche check` and the server's log tell more");
    frame::failure(visit, &failure.message(), hint)
}

fn asset(content_type: &str, text: &str) -> Response {
    let mut response = Response::new(200, content_type, text);
    response.headers.push(("cache-control".to_owned(), "max-age=300".to_owned()));
    response
}
