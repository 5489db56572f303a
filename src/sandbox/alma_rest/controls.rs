//! What is done to the stand-in of Alma's API from outside: moods, limits, a colleague's hand, and a look at what was called.

use super::gate::ApiLimits;
use super::mood::ApiMood;
use super::representations;
use crate::model::id::MmsId;
use crate::sandbox::alma_formats;
use crate::sandbox::{Error, Sandbox, World, held};
use crate::web::serve::{Request, Response};
use std::time::Duration;

/// One call of the API as it ended; the key is not in it.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct ApiCall {
    pub method: String,
    /// Behind `/almaws/v1`, with the query, decoded.
    pub path: String,
    pub status: u16,
}

impl Sandbox {
    /// What [alma.api] is given as `base-url`; the key is [`super::KEY`].
    pub fn alma_api_base_url(&self) -> String {
        format!("http://{}{}", self.alma_address(), super::ROOT)
    }

    /// Lets the API misbehave until it is told to be fair again.
    pub fn set_api_mood(&self, mood: ApiMood) {
        held(&self.world.api).mood.set(mood, None);
    }

    /// Lets one call meet a mood: the one after `calls_before` others, whatever it asks for.
    pub fn set_api_mood_once(&self, mood: ApiMood, calls_before: u64) {
        held(&self.world.api).mood.set(mood, Some(calls_before));
    }

    pub fn set_api_limits(&self, limits: ApiLimits) {
        held(&self.world.api).gate.limits = limits;
    }

    /// Every call of the API since the start, in their order.
    pub fn api_calls(&self) -> Vec<ApiCall> {
        held(&self.world.api).calls.clone()
    }

    /// How many bibs Alma holds.
    pub fn api_bibs(&self) -> usize {
        held(&self.world.api).catalogue.bibs.len()
    }

    /// So long after it was made a bib is found by its 035.
    pub fn set_api_index_lag(&self, lag: Duration) {
        held(&self.world.api).catalogue.index_lag = lag;
    }

    /// Whether Alma finds a bib by its 035 without the prefix in parentheses, too.
    pub fn set_api_loose_search(&self, loose: bool) {
        held(&self.world.api).catalogue.searches_loosely = loose;
    }

    /// Alma cannot show this bib: every question that names it meets a general error.
    pub fn break_bib(&self, mms: &str) {
        held(&self.world.api).catalogue.broken.insert(mms.to_owned());
    }

    /// Alma's list shows this holding, and Alma does not find it when it is asked for alone.
    pub fn deny_holding(&self, id: &str, denied: bool) {
        let mut api = held(&self.world.api);
        if denied {
            api.catalogue.denied.insert(id.to_owned());
        } else {
            api.catalogue.denied.remove(id);
        }
    }

    /// A cataloguer gives a bib another title.
    pub fn catalogue_bib(&self, mms: &str, title: &str) -> Result<(), Error> {
        if edit(&self.world, mms, title) { Ok(()) } else { Err(Error::NoSuchRecord(mms.to_owned())) }
    }

    /// A cataloguer opens a bib in the metadata editor, or leaves it (`None`).
    pub fn lock_bib(&self, mms: &str, by: Option<&str>) -> Result<(), Error> {
        let mut api = held(&self.world.api);
        let bib = api.catalogue.bibs.get_mut(mms).ok_or_else(|| Error::NoSuchRecord(mms.to_owned()))?;
        bib.locked_by = by.map(str::to_owned);
        Ok(())
    }

    /// An item is lent, sent away or brought back: `LOAN`, `TRANSIT`, or nothing.
    pub fn set_item_process(&self, barcode: &str, process: &str) -> Result<(), Error> {
        if process_item(&self.world, barcode, process) { Ok(()) } else { Err(Error::NoSuchRecord(barcode.to_owned())) }
    }

    /// Alma's publishing profile runs: what was written over the API comes into the feed.
    pub fn publish(&self) -> usize {
        publish(&self.world)
    }

    /// Originating record ID and linking parameter 1 of each representation of a bib.
    pub fn representations(&self, mms: &str) -> Vec<(String, String)> {
        let api = held(&self.world.api);
        let all = api.catalogue.bib(mms).map(|bib| bib.representations.iter());
        let text = |one: &super::catalogue::Representation, name: &str| one.data.get(name).cloned().unwrap_or_default();
        all.into_iter()
            .flatten()
            .map(|it| (text(it, "originating_record_id"), text(it, "linking_parameter_1")))
            .collect()
    }

    /// Whether Alma wants a bib in a collection before it takes a representation.
    pub fn want_collection(&self, wanted: bool) {
        held(&self.world.api).catalogue.wants_collection = wanted;
    }
}

/// Whatever was written over the API since the last time comes into the feed; how many bibs that were.
fn publish(world: &World) -> usize {
    let now = world.now();
    let mut api = held(&world.api);
    let changed = std::mem::take(&mut api.catalogue.unpublished);
    let mut feed = held(&world.alma);
    for mms in changed.iter().filter_map(|mms| MmsId::parse(mms).ok()) {
        let what = api.catalogue.bib(mms.as_str()).map(|bib| {
            let mut record = bib.record.clone();
            // A suppressed bib is published with the status of a deleted one (Duke, 2026).
            if bib.suppressed && record.leader.is_char_boundary(5) && record.leader.is_char_boundary(6) {
                record.leader.replace_range(5..6, "d");
            }
            (record, bib.representations.iter().map(representations::published).collect())
        });
        feed.publish(&mms, what, now);
    }
    changed.len()
}

/// Paths below `/sandbox/alma-api/`.
pub(in crate::sandbox) fn respond(world: &World, request: &Request, path: &[&str]) -> Response {
    let said = String::from_utf8_lossy(&request.body).trim().to_owned();
    let done = |done: bool| if done { plain(200, "so be it") } else { plain(404, "there is no such record") };
    match (request.method.as_str(), path) {
        ("GET", ["calls"]) => {
            let api = held(&world.api);
            let lines = api.calls.iter().filter_map(|call| serde_json::to_string(call).ok());
            Response::new(200, "application/x-ndjson", lines.map(|line| line + "\n").collect::<String>())
        }
        ("POST", ["calls", "forget"]) => {
            held(&world.api).calls.clear();
            plain(200, "forgotten")
        }
        ("POST", ["mood"]) => match mood_of(&said) {
            Some((mood, calls_before)) => {
                held(&world.api).mood.set(mood, calls_before);
                plain(200, "so be it")
            }
            None => plain(
                400,
                "the body must be fair, html, bad-gateway, error-before, error-after, html-after, stall-before 5s, stall-after 5s, slow 1s, \
                 per-second, daily or sign-in; `@3 ` before it lets the third call from now meet it, and no other",
            ),
        },
        ("POST", ["limits"]) => match limits_of(&said) {
            Some(limits) => {
                held(&world.api).gate.limits = limits;
                plain(200, "so be it")
            }
            None => plain(400, "the body must be calls a second and calls a day, as in `25 300000`"),
        },
        ("POST", ["publish"]) => plain(200, &format!("{} published", publish(world))),
        ("POST", ["bib", mms, "title"]) if crate::sandbox::alma::is_legal(&said) => done(edit(world, mms, &said)),
        ("POST", ["item", barcode, "process"]) => done(process_item(world, barcode, &said)),
        _ => plain(404, &format!("there is nothing at {}", request.path)),
    }
}

/// `@3 error-after`: the third call from now.
fn mood_of(text: &str) -> Option<(ApiMood, Option<u64>)> {
    match text.strip_prefix('@').map(|rest| rest.split_once(' ')) {
        None => Some((ApiMood::parse(text)?, None)),
        Some(Some((number, mood))) => {
            let number: u64 = number.parse().ok().filter(|number| *number > 0)?;
            Some((ApiMood::parse(mood)?, Some(number - 1)))
        }
        Some(None) => None,
    }
}

fn limits_of(text: &str) -> Option<ApiLimits> {
    let (per_second, daily) = text.split_once(' ')?;
    Some(ApiLimits { per_second: per_second.parse().ok()?, daily: daily.trim().parse().ok()? })
}

fn edit(world: &World, mms: &str, title: &str) -> bool {
    let now = world.now();
    let mut api = held(&world.api);
    let Some(bib) = api.catalogue.bibs.get_mut(mms) else { return false };
    let mut record = bib.record.clone();
    alma_formats::set_title(&mut record, title);
    bib.save(record, mms, now);
    true
}

fn process_item(world: &World, barcode: &str, process: &str) -> bool {
    let mut api = held(&world.api);
    let items = api.catalogue.bibs.values_mut().flat_map(|bib| &mut bib.holdings).flat_map(|it| &mut it.items);
    let mut items = items.filter(|item| item.data.get("barcode").is_some_and(|given| given == barcode));
    let Some(item) = items.next() else { return false };
    match process {
        "" => item.data.remove("process_type"),
        process => item.data.insert("process_type", process.to_owned()),
    };
    item.data.insert("base_status", if process.is_empty() { "1" } else { "0" }.to_owned());
    true
}

fn plain(status: u16, text: &str) -> Response {
    Response::new(status, "text/plain;charset=UTF-8", format!("{text}\n"))
}
