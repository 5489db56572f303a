//! ArchivesSpace as the stand-in speaks it: its REST API with sessions and lock versions, and its OAI-PMH provider.
//!
//! The shapes are those of recorded answers (2.7.1 and 3.4.1); where none was recorded, of ArchivesSpace's source (4.2).

mod asked;
mod controls;
mod data;
mod exporter;
mod lists;
mod mood;
mod oai;
mod oai_token;
mod records;
mod refusal;
mod resolve;
mod save;
mod search;
mod sessions;

pub use controls::AspaceCall;
pub(super) use controls::respond as control;
pub use data::Error as DataError;
pub(super) use data::load;
pub use mood::AspaceMood;
pub(super) use oai::respond as feed;
pub use sessions::{PASSWORD, USER, VIEWER};

use super::{World, held};
use crate::web::form;
use crate::web::serve::{Request, Response};
use asked::Asked;
use mood::{Mood, Turn};
use oai::OaiManner;
use records::Records;
use refusal::Refusal;
use search::Index;
use serde_json::Value;
use sessions::Sessions;
use std::collections::BTreeSet;
use std::thread::sleep;
use std::time::Duration;

/// Where the provider answers.
pub(super) const OAI_PATH: &str = "/oai";

/// The stand-in's whole state.
#[derive(Debug)]
pub(super) struct Aspace {
    records: Records,
    index: Index,
    sessions: Sessions,
    mood: Mood,
    oai: OaiManner,
    faults: Faults,
    /// Every call and its end, in their order.
    calls: Vec<AspaceCall>,
}

/// What goes wrong with single records, and with the clock.
#[derive(Debug, Default)]
pub(super) struct Faults {
    /// Resources whose export ends in an exception.
    exports: BTreeSet<String>,
    /// Resources that no answer can hold: each that should ends in an exception.
    answers: BTreeSet<String>,
    /// Repositories that the user may not see.
    hidden: BTreeSet<u64>,
    /// So far the Date of answers is ahead.
    ahead: Duration,
}

impl Aspace {
    pub(super) fn new(records: Vec<Value>) -> Self {
        let records = Records::new(records);
        let index = Index::of(&records);
        Aspace {
            records,
            index,
            sessions: Sessions::default(),
            mood: Mood::default(),
            oai: OaiManner::default(),
            faults: Faults::default(),
            calls: Vec::new(),
        }
    }
}

/// Answers a call of the API, and writes it down.
pub(super) fn respond(world: &World, request: &Request) -> Response {
    let mut query = form::pairs(&request.query);
    let mut response = answer(world, request, &query);
    let ahead = held(&world.aspace).faults.ahead;
    if !ahead.is_zero() {
        response
            .headers
            .push(("date".to_owned(), world.now().plus(ahead).utc().format("%a, %d %b %Y %H:%M:%S GMT").to_string()));
    }
    // The password may stand in the query, as ArchivesSnake sends it.
    query.retain(|(name, _)| name != "password");
    let query: Vec<String> = query.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    let path = if query.is_empty() { request.path.clone() } else { format!("{}?{}", request.path, query.join("&")) };
    held(&world.aspace).calls.push(AspaceCall { method: request.method.clone(), path, status: response.status });
    response
}

fn answer(world: &World, request: &Request, query: &[(String, String)]) -> Response {
    // Jetty's own answer since ArchivesSpace 4, before any of its code is asked.
    if request.path.contains("//") {
        return refusal::page(400, "Ambiguous URI empty segment");
    }
    let segments: Vec<String> = request.path.trim_matches('/').split('/').map(form::decode).collect();
    // Public installations have the API below a path of their own.
    let segments = match &segments[..] {
        [staff, api, rest @ ..] if staff == "staff" && api == "api" => rest.to_vec(),
        [api, rest @ ..] if api == "api" => rest.to_vec(),
        all => all.to_vec(),
    };
    let asked = Asked {
        method: request.method.clone(),
        segments,
        query: query.to_vec(),
        user: String::new(),
        now: world.now(),
    };
    match gate(world, request, asked) {
        Ok(asked) => in_the_mood(world, request, &asked),
        Err(response) => response,
    }
}

/// What is answered without a session, and who has one.
fn gate(world: &World, request: &Request, mut asked: Asked) -> Result<Asked, Response> {
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    let mut aspace = held(&world.aspace);
    match (asked.method.as_str(), &segments[..]) {
        ("GET", ["version"]) => Err(Response::new(200, "text/html;charset=utf-8", "ArchivesSpace (v4.2.1)")),
        ("POST", ["users", user, "login"]) => {
            let body = String::from_utf8_lossy(&request.body);
            let given = asked.query.iter().cloned().chain(form::pairs(&body));
            let password = given.into_iter().find(|(name, _)| name == "password").map(|(_, value)| value);
            Err(aspace.sessions.log_in(user, password.as_deref(), asked.now))
        }
        ("POST", ["logout"]) => {
            aspace.sessions.log_out(request.header("x-archivesspace-session"));
            Err(refusal::json(200, &serde_json::json!({"status": "session_logged_out"})))
        }
        _ => {
            let user = aspace.sessions.user_of(request.header("x-archivesspace-session"));
            asked.user = user.map_err(|refusal| refusal.respond())?;
            Ok(asked)
        }
    }
}

fn in_the_mood(world: &World, request: &Request, asked: &Asked) -> Response {
    let turn = held(&world.aspace).mood.turn(request.method != "GET");
    match turn {
        Turn::Work => work(world, request, asked),
        Turn::Late(span) => {
            sleep(span);
            work(world, request, asked)
        }
        Turn::Instead(span, response) => {
            sleep(span);
            response
        }
        Turn::After(span, instead) => {
            let response = work(world, request, asked);
            sleep(span);
            instead.unwrap_or(response)
        }
        Turn::Colleague => {
            held(&world.aspace).records.touch_by_colleague(&asked.uri(), asked.now);
            work(world, request, asked)
        }
        Turn::SessionEnds => {
            held(&world.aspace).sessions.expire();
            let refused = held(&world.aspace).sessions.user_of(request.header("x-archivesspace-session"));
            refused.err().map_or_else(|| work(world, request, asked), |refusal| refusal.respond())
        }
    }
}

fn work(world: &World, request: &Request, asked: &Asked) -> Response {
    let aspace = &mut *held(&world.aspace);
    route(aspace, request, asked).unwrap_or_else(|refusal| refusal.respond())
}

fn route(aspace: &mut Aspace, request: &Request, asked: &Asked) -> Result<Response, Refusal> {
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    if let Some(fault) = fault_of(aspace, asked, &segments) {
        return Ok(fault);
    }
    let is_list = |kind: &str| matches!(kind, "resources" | "top_containers");
    match (asked.method.as_str(), &segments[..]) {
        ("GET", ["repositories"]) => Ok(lists::whole(&aspace.records, "/repositories/")),
        ("GET", ["repositories", number, "resources", "marc21", file]) => exporter::marc21(aspace, number, file),
        ("GET", ["repositories", _, "resources", _, "top_containers"]) => search::of_resource(aspace, asked),
        ("GET", ["repositories", number, "top_containers", "search"]) => search::search(aspace, number, asked),
        ("GET", ["repositories", number, kind]) if is_list(kind) => {
            let folder = format!("/repositories/{number}/{kind}/");
            lists::list(&aspace.records, &folder, asked)
        }
        ("GET", ["locations" | "container_profiles" | "subjects"]) => {
            lists::list(&aspace.records, &format!("{}/", asked.uri()), asked)
        }
        ("GET", _) => lists::one(&aspace.records, asked),
        ("POST", ["repositories", _, "resources" | "top_containers", _]) => {
            if asked.user == VIEWER {
                return Err(Refusal::denied());
            }
            save::save(aspace, &request.body, asked)
        }
        _ => Err(Refusal::no_such_path()),
    }
}

/// The answer in the place of one that a fault prevents.
fn fault_of(aspace: &Aspace, asked: &Asked, segments: &[&str]) -> Option<Response> {
    let faults = &aspace.faults;
    let ["repositories", repository, "resources", rest @ ..] = segments else { return None };
    if repository.parse().is_ok_and(|number| faults.hidden.contains(&number)) {
        return Some(Refusal::denied().respond());
    }
    let uri = |number: &str| format!("/repositories/{repository}/resources/{number}");
    let is_broken = match rest {
        ["marc21", file] => faults.exports.contains(&uri(file.trim_end_matches(".xml"))),
        [number] => asked.method == "GET" && faults.answers.contains(&uri(number)),
        [] => {
            let ids = asked.query.iter().find(|(name, _)| name == "id_set").map(|(_, ids)| ids.as_str());
            ids.is_some_and(|ids| ids.split(',').any(|number| faults.answers.contains(&uri(number))))
        }
        [..] => false,
    };
    is_broken.then(refusal::trouble)
}
