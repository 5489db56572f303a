//! What is done to the stand-in of ArchivesSpace from outside: moods, an archivist's hand, and a look at what was called.

use super::mood::AspaceMood;
use crate::sandbox::{Error, Sandbox, World, held};
use crate::web::serve::{Request, Response};
use serde_json::{Value, json};

/// One call of the API as it ended; no password and no session is in it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct AspaceCall {
    pub method: String,
    /// With the query, decoded.
    pub path: String,
    pub status: u16,
}

impl Sandbox {
    /// What [archivesspace] is given as `base-url`; the user is [`super::USER`], the password [`super::PASSWORD`].
    pub fn aspace_base_url(&self) -> String {
        format!("http://{}/api", self.aspace_address())
    }

    /// Of its OAI-PMH provider.
    pub fn aspace_oai_base_url(&self) -> String {
        format!("http://{}{}", self.aspace_address(), super::OAI_PATH)
    }

    /// Lets the API misbehave until it is told to be fair again.
    pub fn set_aspace_mood(&self, mood: AspaceMood) {
        held(&self.world.aspace).mood.set(mood, None);
    }

    /// Lets one call meet a mood: the one after `calls_before` others; what concerns saves only counts saves only.
    pub fn set_aspace_mood_once(&self, mood: AspaceMood, calls_before: u64) {
        held(&self.world.aspace).mood.set(mood, Some(calls_before));
    }

    /// Ends all sessions: `expired` after an hour without a call, and otherwise because the backend was started anew.
    pub fn end_aspace_sessions(&self, expired: bool) {
        let mut aspace = held(&self.world.aspace);
        if expired { aspace.sessions.expire() } else { aspace.sessions.forget() }
    }

    /// Every call of the API since the start, in their order.
    pub fn aspace_calls(&self) -> Vec<AspaceCall> {
        held(&self.world.aspace).calls.clone()
    }

    /// A record as it is stored.
    pub fn aspace_record(&self, uri: &str) -> Option<Value> {
        held(&self.world.aspace).records.get(uri).cloned()
    }

    /// An archivist changes and saves a record.
    pub fn change_aspace(&self, uri: &str, change: impl FnOnce(&mut Value)) -> Result<(), Error> {
        let aspace = &mut *held(&self.world.aspace);
        let changed = aspace.records.change(uri, self.world.now(), change);
        aspace.index.catch_up(&aspace.records);
        if changed { Ok(()) } else { Err(Error::NoSuchRecord(uri.to_owned())) }
    }

    /// A system job moves `system_mtime`, and nothing else.
    pub fn touch_aspace(&self, uri: &str) -> Result<(), Error> {
        let touched = held(&self.world.aspace).records.touch(uri, self.world.now());
        if touched { Ok(()) } else { Err(Error::NoSuchRecord(uri.to_owned())) }
    }

    /// A record is really deleted: the provider shows a tombstone.
    pub fn delete_aspace(&self, uri: &str) -> Result<(), Error> {
        let aspace = &mut *held(&self.world.aspace);
        let deleted = aspace.records.delete(uri, self.world.now());
        aspace.index.catch_up(&aspace.records);
        if deleted { Ok(()) } else { Err(Error::NoSuchRecord(uri.to_owned())) }
    }

    /// An archivist makes a record, which names itself by its `uri`.
    pub fn add_aspace(&self, record: Value) {
        let aspace = &mut *held(&self.world.aspace);
        aspace.records.add(record);
        aspace.index.catch_up(&aspace.records);
    }

    /// The export of a resource ends in an exception, until it does not any more.
    pub fn break_aspace_export(&self, uri: &str, is_broken: bool) {
        let exports = &mut held(&self.world.aspace).faults.exports;
        _ = if is_broken { exports.insert(uri.to_owned()) } else { exports.remove(uri) };
    }

    /// Every answer that should hold a resource ends in an exception, until it does not any more.
    pub fn break_aspace_answers(&self, uri: &str, is_broken: bool) {
        let answers = &mut held(&self.world.aspace).faults.answers;
        _ = if is_broken { answers.insert(uri.to_owned()) } else { answers.remove(uri) };
    }

    /// The user may not see a repository.
    pub fn hide_aspace_repository(&self, number: u64) {
        held(&self.world.aspace).faults.hidden.insert(number);
    }

    /// A proxy's clock goes ahead: its answers have such a Date.
    pub fn set_aspace_date_ahead(&self, ahead: std::time::Duration) {
        held(&self.world.aspace).faults.ahead = ahead;
    }

    /// Whether the index follows what is saved, and how many rows a search gives at most.
    pub fn set_aspace_index(&self, follows: bool, most: usize) {
        let aspace = &mut *held(&self.world.aspace);
        aspace.index.stands_still = !follows;
        aspace.index.most = most;
        aspace.index.catch_up(&aspace.records);
    }

    /// Whether the provider writes identifiers as before 4.0 (`oai:archivesspace//…`), and whether a page of hidden records ends
    /// its lists early.
    pub fn set_aspace_oai(&self, old_identifiers: bool, hidden_page: bool) {
        held(&self.world.aspace).oai = super::oai::OaiManner { old_identifiers, hidden_page };
    }
}

/// Paths below `/sandbox/aspace/`.
pub(in crate::sandbox) fn respond(world: &World, request: &Request, path: &[&str]) -> Response {
    let said = String::from_utf8_lossy(&request.body).trim().to_owned();
    let done = |done: bool| if done { plain(200, "so be it") } else { plain(404, "there is no such record") };
    let now = world.now();
    let aspace = &mut *held(&world.aspace);
    match (request.method.as_str(), path) {
        ("GET", ["calls"]) => {
            let lines = aspace.calls.iter().filter_map(|call| serde_json::to_string(call).ok());
            Response::new(200, "application/x-ndjson", lines.map(|line| line + "\n").collect::<String>())
        }
        ("POST", ["calls", "forget"]) => {
            aspace.calls.clear();
            plain(200, "forgotten")
        }
        ("POST", ["mood"]) => match mood_of(&said) {
            Some((mood, calls_before)) => {
                aspace.mood.set(mood, calls_before);
                plain(200, "so be it")
            }
            None => plain(
                400,
                "the body must be fair, conflict, session-ends, html, bad-gateway, error-before, error-after, html-after, stall-before 5s, \
                 stall-after 5s or slow 1s; `@3 ` before it lets the third call from now meet it, and no other",
            ),
        },
        ("POST", ["sessions", "expire"]) => {
            aspace.sessions.expire();
            plain(200, "so be it")
        }
        ("POST", ["repositories", number, kind, record, "title"]) => {
            let uri = format!("/repositories/{number}/{kind}/{record}");
            done(aspace.records.change(&uri, now, |record| record["title"] = json!(said)))
        }
        ("POST", ["repositories", number, kind, record, "touch"]) => {
            done(aspace.records.touch(&format!("/repositories/{number}/{kind}/{record}"), now))
        }
        _ => plain(404, &format!("there is nothing at {}", request.path)),
    }
}

/// `@3 error-after`: the third call from now.
fn mood_of(text: &str) -> Option<(AspaceMood, Option<u64>)> {
    match text.strip_prefix('@').map(|rest| rest.split_once(' ')) {
        None => Some((AspaceMood::parse(text)?, None)),
        Some(Some((number, mood))) => {
            let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
            Some((AspaceMood::parse(mood)?, Some(number - 1)))
        }
        Some(None) => None,
    }
}

fn plain(status: u16, text: &str) -> Response {
    Response::new(status, "text/plain;charset=UTF-8", format!("{text}\n"))
}
