//! What stands under which path: the providers, and the controls for tests from outside.

use super::alma::BibChange;
use super::soap::{self, SoapMood};
use super::{World, alma_rest, aspace, held, rosetta};
use crate::dc_xml;
use crate::model::dc::Dc;
use crate::model::id::IePid;
use crate::oai::provider::{self, Query, Repository};
use crate::web::form;
use crate::web::serve::{Request, Response};
use std::path::Path;
use std::thread;

pub(super) fn rosetta(world: &World, request: Request) -> Response {
    if request.path == rosetta::PATH {
        thread::sleep(world.latency);
        return feed(&*held(&world.rosetta), world, &request);
    }
    if request.path == soap::PATH {
        return soap::respond(world, &request);
    }
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    match (request.method.as_str(), &path[..]) {
        ("POST", ["sandbox", "update-job", "run"]) => run_update_job(world, &request),
        ("GET", ["sandbox", "ie", pid]) => on_ie(pid, |pid| {
            let rosetta = held(&world.rosetta);
            rosetta.dc(pid).map(|dc| Response::new(200, "application/xml", dc_xml::write_record(dc)))
        }),
        ("POST", ["sandbox", "ie", pid, "record"]) => match edited(&request.body) {
            Some(dc) => on_ie(pid, |pid| {
                let edited = held(&world.rosetta).update(pid, dc.clone(), "curator", world.now());
                edited.ok().map(|_| plain(200, &format!("{pid} is edited")))
            }),
            None => plain(400, "the body must be a dc:record"),
        },
        ("POST", ["sandbox", "ie", pid, "lock"]) => on_ie(pid, |pid| set_lock(world, pid, Some("sandbox"))),
        ("POST", ["sandbox", "ie", pid, "unlock"]) => on_ie(pid, |pid| set_lock(world, pid, None)),
        ("POST", ["sandbox", "soap", "mood"]) => match SoapMood::parse(&String::from_utf8_lossy(&request.body)) {
            Some(mood) => {
                *held(&world.soap) = mood;
                plain(200, "so be it")
            }
            None => plain(
                400,
                "the body must be fair, html, error-500, html-after-commit, stall-after-commit 5s, stall-instead 5s or fault NAME",
            ),
        },
        _ => not_found(&request.path),
    }
}

pub(super) fn alma(world: &World, request: Request) -> Response {
    if request.path == held(&world.alma).path() {
        thread::sleep(world.latency);
        return feed(&*held(&world.alma), world, &request);
    }
    if request.path.strip_prefix(alma_rest::ROOT).is_some_and(|rest| rest.starts_with('/')) {
        return alma_rest::respond(world, &request);
    }
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    if let ["sandbox", "alma-api", control @ ..] = &path[..] {
        return alma_rest::control(world, &request, control);
    }
    let change = match (request.method.as_str(), &path[..]) {
        ("POST", ["sandbox", "alma", "bib", _, "title"]) => match String::from_utf8(request.body) {
            Ok(title) if super::alma::is_legal(&title) => BibChange::Title(title),
            _ => return plain(400, "the body must be a title in UTF-8"),
        },
        ("POST", ["sandbox", "alma", "bib", _, "delete"]) => BibChange::Deleted,
        ("POST", ["sandbox", "alma", "bib", _, "republish"]) => BibChange::Republished,
        _ => return not_found(&request.path),
    };
    let mms = path[3];
    if held(&world.alma).edit(mms, &change, world.now()) {
        plain(200, &format!("{mms} is published"))
    } else {
        plain(404, &format!("{mms} is not in the sandbox, or has no title to change"))
    }
}

pub(super) fn aspace(world: &World, request: Request) -> Response {
    if request.path == aspace::OAI_PATH {
        thread::sleep(world.latency);
        return aspace::feed(world, &request);
    }
    let path: Vec<&str> = request.path.trim_matches('/').split('/').collect();
    if let ["sandbox", "aspace", control @ ..] = &path[..] {
        return aspace::control(world, &request, control);
    }
    aspace::respond(world, &request)
}

fn edited(body: &[u8]) -> Option<Dc> {
    let read = dc_xml::read_record(std::str::from_utf8(body).ok()?).ok()?;
    read.misfits.is_empty().then_some(read.dc)
}

/// OAI-PMH by GET, and by POST of a form.
fn feed(repository: &dyn Repository, world: &World, request: &Request) -> Response {
    let mut query = form::pairs(&request.query);
    match request.method.as_str() {
        "GET" | "HEAD" => {}
        "POST" => query.extend(form::pairs(&String::from_utf8_lossy(&request.body))),
        _ => return plain(405, "OAI-PMH is asked by GET or POST"),
    }
    let answer = provider::respond(repository, &Query(query), world.now());
    Response::new(200, "text/xml;charset=UTF-8", answer)
}

fn run_update_job(world: &World, request: &Request) -> Response {
    let folder = form::pairs(&request.query).into_iter().find(|(name, _)| name == "folder").map(|(_, value)| value);
    match world.run_update_job(folder.as_deref().map(Path::new)) {
        Ok(report) => match serde_json::to_vec(&report) {
            Ok(json) => Response::new(200, "application/json", json),
            Err(error) => plain(500, &error.to_string()),
        },
        Err(error @ super::Error::NoFolder) => plain(409, &error.to_string()),
        Err(error) => plain(500, &error.to_string()),
    }
}

fn on_ie(pid: &str, act: impl Fn(&IePid) -> Option<Response>) -> Response {
    let answer = IePid::parse(pid).ok().and_then(|pid| act(&pid));
    answer.unwrap_or_else(|| plain(404, &format!("{pid} is not in the sandbox")))
}

fn set_lock(world: &World, pid: &IePid, by: Option<&str>) -> Option<Response> {
    let word = if by.is_some() { "locked" } else { "unlocked" };
    held(&world.rosetta).set_lock(pid, by).then(|| plain(200, &format!("{pid} is {word}")))
}

fn plain(status: u16, text: &str) -> Response {
    Response::new(status, "text/plain;charset=UTF-8", format!("{text}\n"))
}

fn not_found(path: &str) -> Response {
    plain(404, &format!("there is nothing at {path}"))
}
