//! Alma's REST API as the stand-in speaks it: bibs, holdings, items, representations, libraries and locations.
//!
//! The shapes are those of recorded answers; where none was recorded the comment says so.

mod asked;
mod bibs;
mod catalogue;
mod controls;
mod gate;
mod holdings;
mod item_data;
mod items;
mod mood;
mod places;
mod refusal;
mod representations;
mod schema;
mod shape;

pub use controls::ApiCall;
pub(super) use controls::respond as control;
pub use gate::{ApiLimits, KEY, READ_ONLY_KEY};
pub use mood::ApiMood;
pub use representations::REPOSITORY;

use super::alma::Catalogued;
use super::{World, held};
use crate::web::form;
use crate::web::serve::{Request, Response};
use asked::{Asked, Done, Format, segments};
use catalogue::{Bib, Catalogue, Representation};
use gate::Gate;
use mood::{Answer, Mood, Turn};
use refusal::Refusal;
use std::thread::sleep;

/// Where the API begins.
pub(super) const ROOT: &str = "/almaws/v1";

/// The API's whole state.
#[derive(Debug, Default)]
pub(super) struct AlmaRest {
    catalogue: Catalogue,
    gate: Gate,
    mood: Mood,
    /// Every call and its end, in their order.
    calls: Vec<ApiCall>,
}

impl AlmaRest {
    /// Holds the bibs that the stand-in publishes, with their remote representations.
    pub(super) fn new<'d>(bibs: impl Iterator<Item = Catalogued<'d>>) -> Self {
        let mut api = AlmaRest::default();
        for Catalogued { mms, record, published, remote } in bibs {
            let representations = remote.into_iter().map(|(originating, label)| {
                let target = originating.rsplit(':').next().unwrap_or_default().to_owned();
                let data = [
                    ("library", "MAIN".to_owned()),
                    ("usage_type", "DERIVATIVE_COPY".to_owned()),
                    ("repository", REPOSITORY.to_owned()),
                    ("label", label),
                    ("linking_parameter_1", target),
                    ("originating_record_id", originating),
                ];
                let id = api.catalogue.number("32");
                Representation { id, is_remote: true, data: data.into_iter().collect(), created: published }
            });
            let representations = representations.collect();
            let bib = Bib {
                record: record.clone(),
                suppressed: record.suppressed(),
                created: published,
                modified: published,
                locked_by: None,
                holdings: Vec::new(),
                representations,
            };
            api.catalogue.bibs.insert(mms.as_str().to_owned(), bib);
        }
        api
    }
}

/// Answers a call below [`ROOT`], and writes it down.
pub(super) fn respond(world: &World, request: &Request) -> Response {
    let query = form::pairs(&request.query);
    let format = Format::of(request, &query);
    let mut response = answer(world, request, &query, format);
    let mut api = held(&world.api);
    let remaining = api.gate.remaining();
    response.headers.push(("x-exl-api-remaining".to_owned(), remaining.to_string()));
    let shown: Vec<String> =
        query.iter().filter(|(name, _)| name != "apikey").map(|(n, v)| format!("{n}={v}")).collect();
    let path = request.path.strip_prefix(ROOT).unwrap_or_default();
    let path = if shown.is_empty() { path.to_owned() } else { format!("{path}?{}", shown.join("&")) };
    api.calls.push(ApiCall { method: request.method.clone(), path, status: response.status });
    response
}

fn answer(world: &World, request: &Request, query: &[(String, String)], format: Format) -> Response {
    let turn = {
        let mut api = held(&world.api);
        let key = query.iter().find(|(name, _)| name == "apikey").map(|(_, value)| value.as_str());
        if let Err(refusal) = api.gate.pass(request, key, world.now()) {
            return refused(&api, &refusal, format);
        }
        api.mood.turn(request.method != "GET")
    };
    match turn {
        Turn::Work => work(world, request, query, format),
        Turn::Late(span) => {
            sleep(span);
            work(world, request, query, format)
        }
        Turn::Refuse(refusal) => refused(&held(&world.api), &refusal, format),
        Turn::Instead(span, page) => {
            sleep(span);
            page
        }
        Turn::After(span, instead) => {
            let response = work(world, request, query, format);
            sleep(span);
            match instead {
                None => response,
                Some(Answer::Page(page)) => page,
                Some(Answer::Refusal(refusal)) => refused(&held(&world.api), &refusal, format),
            }
        }
    }
}

fn refused(api: &AlmaRest, refusal: &Refusal, format: Format) -> Response {
    refusal.respond(format, api.calls.len() as u64 + 1)
}

fn work(world: &World, request: &Request, query: &[(String, String)], format: Format) -> Response {
    let segments = segments(request.path.strip_prefix(ROOT).unwrap_or_default());
    if segments.iter().any(String::is_empty) {
        return refusal::no_such_path(format);
    }
    let Ok(body) = String::from_utf8(request.body.clone()) else {
        return refused(&held(&world.api), &Refusal::new("402278", "Parse exception for input record."), format);
    };
    let asked = Asked {
        method: request.method.clone(),
        segments,
        query: query.to_vec(),
        body,
        body_is_json: request.header("content-type").is_some_and(|kind| kind.contains("json")),
        base_url: format!("http://{}{ROOT}", request.header("host").unwrap_or("127.0.0.1")),
        now: world.now(),
    };
    let mut api = held(&world.api);
    match route(&mut api.catalogue, &asked) {
        Ok(done) => told(done, format),
        Err(refusal) => refused(&api, &refusal, format),
    }
}

fn told(done: Done, format: Format) -> Response {
    match (done, format) {
        (Done::Told(root, shape), Format::Xml) => {
            Response::new(200, "application/xml;charset=UTF-8", shape.to_xml(root))
        }
        (Done::Told(_, shape), Format::Json) => {
            Response::new(200, "application/json;charset=UTF-8", shape.to_json().to_string())
        }
        (Done::Nothing, _) => Response::new(204, "application/xml;charset=UTF-8", ""),
        (Done::Elsewhere(location), _) => {
            let mut response = Response::new(302, "application/xml;charset=UTF-8", "");
            response.headers.push(("location".to_owned(), location));
            response
        }
    }
}

fn route(catalogue: &mut Catalogue, asked: &Asked) -> Result<Done, Refusal> {
    let segments: Vec<&str> = asked.segments.iter().map(String::as_str).collect();
    match (asked.method.as_str(), &segments[..]) {
        ("GET", ["bibs"]) => bibs::list(catalogue, asked),
        ("POST", ["bibs"]) => bibs::create(catalogue, asked),
        ("GET", ["bibs" | "conf", "test"]) => Ok(Done::Told("test", shape::Shape::text("OK"))),
        ("POST", ["bibs", "collections", id, "bibs"]) => representations::add_to_collection(catalogue, id, asked),
        ("GET", ["bibs", mms]) => bibs::read(catalogue, mms, asked),
        ("PUT", ["bibs", mms]) => bibs::update(catalogue, mms, asked),
        ("DELETE", ["bibs", mms]) => bibs::delete(catalogue, mms, asked),
        ("GET", ["bibs", mms, "holdings"]) => holdings::list(catalogue, mms, asked),
        ("POST", ["bibs", mms, "holdings"]) => holdings::create(catalogue, mms, asked),
        ("GET", ["bibs", mms, "holdings", id]) => holdings::read(catalogue, mms, id),
        ("PUT", ["bibs", mms, "holdings", id]) => holdings::update(catalogue, mms, id, asked),
        ("DELETE", ["bibs", mms, "holdings", id]) => holdings::delete(catalogue, mms, id, asked),
        ("GET", ["bibs", mms, "holdings", id, "items"]) => items::list(catalogue, mms, id, asked),
        ("POST", ["bibs", mms, "holdings", id, "items"]) => items::create(catalogue, mms, id, asked),
        ("GET", ["bibs", mms, "holdings", id, "items", pid]) => items::read(catalogue, mms, id, pid, asked),
        ("PUT", ["bibs", mms, "holdings", id, "items", pid]) => items::update(catalogue, mms, id, pid, asked),
        ("DELETE", ["bibs", mms, "holdings", id, "items", pid]) => items::delete(catalogue, mms, id, pid),
        ("GET", ["items"]) => items::find(catalogue, asked),
        ("GET", ["bibs", mms, "representations"]) => representations::list(catalogue, mms, asked),
        ("POST", ["bibs", mms, "representations"]) => representations::create(catalogue, mms, asked),
        ("GET", ["bibs", mms, "representations", id]) => representations::read(catalogue, mms, id, asked),
        ("DELETE", ["bibs", mms, "representations", id]) => representations::delete(catalogue, mms, id, asked),
        ("GET", ["conf", "libraries"]) => Ok(places::libraries(asked)),
        ("GET", ["conf", "libraries", code, "locations"]) => places::locations(code, asked),
        _ => Err(Refusal::new("NOT_FOUND", "").with_status(404)),
    }
}
