//! What Alma says when it refuses: the error document in every shape that was seen, and what its code means for us.
//!
//! Shapes: XML `web_service_result` with a namespace; JSON `errorList.error` as a list or as one object, bare or inside of
//! `web_service_result`; gateways answer in XML although JSON was asked for, in HTML, or not at all (recorded answers of
//! api-eu and of the University of Oslo, 2016 to 2023).

use crate::failure::{Advise, Kind};

use crate::xml::tree::{Element, tree};
use serde_json::Value;

/// Alma's refusal of one call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Alma answers {code} (HTTP {status}): {message}{}", tracked(.tracking_id))]
pub struct AlmaError {
    pub status: u16,
    /// Mostly a number; a gateway's are words. Empty where Alma gave none.
    pub code: String,
    /// All messages, when the document holds several errors.
    pub message: String,
    /// What Ex Libris' support asks for.
    pub tracking_id: Option<String>,
}

fn tracked(tracking_id: &Option<String>) -> String {
    tracking_id.as_ref().map_or(String::new(), |id| format!(" [tracking id {id}]"))
}

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The key, its rights, or the address from which it is used.
    Entitlement,
    /// Too many calls in this second: not processed, and worth repeating.
    PerSecond,
    /// The institution's calls of this day are used up.
    Daily,
    /// What was asked for is not there.
    NotFound,
    /// Somebody has written since the record was read.
    Stale,
    /// Somebody has the record open.
    Locked,
    /// The record itself, or what it names.
    Record,
    /// An option or a path: the next record would fare the same.
    Configuration,
    /// A bib must be in a collection before it can have a representation.
    NoCollection,
    /// Alma's own trouble; it may pass.
    General,
    Other,
}

impl AlmaError {
    /// By code first, for Alma sends most refusals with status 400; a code that nobody has described counts by its status.
    pub fn class(&self) -> Class {
        match self.code.as_str() {
            "UNAUTHORIZED" | "FORBIDDEN" | "INVALID_REQUEST" => Class::Entitlement,
            "PER_SECOND_THRESHOLD" => Class::PerSecond,
            "DAILY_THRESHOLD" => Class::Daily,
            // 401688 and 401689: items; 60213: holdings.
            "402203" | "402204" | "33007" | "401688" | "401689" | "60213" => Class::NotFound,
            "402209" | "402210" | "402278" | "402211" | "402212" | "33008" | "33009" | "4022032" | "4022033"
            | "401664" | "401690" | "40166410" | "40166411" | "60212" | "60214" | "402214" => Class::Record,
            // The normalization process, the cataloguing level, the zone, an option's value, JSON where only XML is taken.
            "4022030" | "4022031" | "4022040" | "40166452" | "40166453" | "40166454" | "402215" | "60105" => {
                Class::Configuration
            }
            "402260" => Class::NoCollection,
            "GENERAL_ERROR" | "402119" | "401652" => Class::General,
            _ if self.says("locked by") => Class::Locked,
            _ if self.says("stale") => Class::Stale,
            _ => self.class_of_status(),
        }
    }

    /// `401873` means "request failed", with the reason in words, and a representation that is not there.
    pub(super) fn says_it_is_not_there(&self) -> bool {
        self.code == "401873" && (self.says("not found") || self.says("not exist"))
    }

    fn says(&self, words: &str) -> bool {
        self.message.to_lowercase().contains(words)
    }

    fn class_of_status(&self) -> Class {
        match self.status {
            401 | 403 => Class::Entitlement,
            // Alma says 404 of paths, not of records.
            404 | 405 | 415 => Class::Configuration,
            // An unknown kind of 429 is taken for the one that passes.
            429 => Class::PerSecond,
            500..=599 => Class::General,
            400..=499 => Class::Record,
            _ => Class::Other,
        }
    }
}

impl Advise for AlmaError {
    fn kind(&self) -> Kind {
        match self.class() {
            Class::Entitlement | Class::Configuration | Class::NoCollection => Kind::Configuration,
            Class::Stale | Class::Locked | Class::Record | Class::NotFound => Kind::NeedsAPerson,
            Class::PerSecond | Class::Daily | Class::General | Class::Other => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self.class() {
            Class::Entitlement => {
                "is it the key of this institution and environment, may it read and write Bibs and read Configuration, and is \
                 this machine's IP address allowed (Ex Libris Developer Network, API keys)?"
            }
            Class::PerSecond => "other programs use the institution's calls, too: lower requests-per-second",
            Class::Daily => "the institution's calls of the day are used up; the next run goes on after midnight",
            Class::NotFound => "it may have been deleted or merged in Alma, or belong to another institution",
            Class::Stale => "somebody changed the record in the meantime: read it again and decide anew",
            Class::Locked => "somebody has the record open in Alma: the next run tries again",
            Class::Record => "the message names what Alma does not take; it is the same with the next attempt",
            Class::Configuration => "check the keys of [alma.api] and Alma's own settings",
            Class::NoCollection => "name a collection for the bibs: Alma wants one before it takes a representation",
            Class::General => "try again later; Ex Libris' support asks for the tracking id",
            Class::Other => return None,
        };
        Some(hint.to_owned())
    }
}

/// Reads an error document of any shape; none for a page of somebody else's.
pub(super) fn read(status: u16, body: &[u8]) -> Option<AlmaError> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim_start_matches('\u{FEFF}').trim();
    let parts = match text.as_bytes().first() {
        Some(b'{') => from_json(&serde_json::from_str(text).ok()?)?,
        Some(b'<') => from_xml(text)?,
        Some(_) | None => return None,
    };
    let (first, rest) = parts.split_first()?;
    let mut message = first.message.clone();
    for more in rest.iter().filter(|more| !more.message.is_empty()) {
        message = format!("{message}; {}", more.message);
    }
    let message = if message.is_empty() { "no reason is given".to_owned() } else { message };
    Some(AlmaError { status, code: first.code.clone(), message, tracking_id: first.tracking_id.clone() })
}

struct Part {
    code: String,
    message: String,
    tracking_id: Option<String>,
}

impl Part {
    fn new(told: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let (code, message) = (told("errorCode"), told("errorMessage"));
        if code.is_none() && message.is_none() {
            return None;
        }
        let tracking_id = told("trackingId").filter(|id| !id.is_empty() && id != "unknown");
        Some(Part { code: code.unwrap_or_default(), message: message.unwrap_or_default(), tracking_id })
    }
}

fn from_json(document: &Value) -> Option<Vec<Part>> {
    let result = document.get("web_service_result").unwrap_or(document);
    let list = result.get("errorList")?;
    let errors = match list.get("error").unwrap_or(list) {
        Value::Array(errors) => errors.clone(),
        one @ Value::Object(_) => vec![one.clone()],
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => return None,
    };
    let told = |error: &Value, name: &str| match error.get(name)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    Some(errors.iter().filter_map(|error| Part::new(|name| told(error, name))).collect())
}

fn from_xml(text: &str) -> Option<Vec<Part>> {
    let Ok(root) = tree(text) else { return from_broken_xml(text) };
    if !matches!(root.local, "web_service_result" | "errorList" | "errorsExist") {
        return None;
    }
    let list = root.child("errorList").unwrap_or(&root);
    let told = |error: &Element<'_>, name: &str| Some(error.child(name)?.text.trim().to_owned());
    Some(list.children_named("error").filter_map(|error| Part::new(|name| told(error, name))).collect())
}

/// A message that quotes a URL may hold a bare `&` (almapy mends the same).
fn from_broken_xml(text: &str) -> Option<Vec<Part>> {
    if !text.contains("<errorCode>") {
        return None;
    }
    let between = |name: &str| {
        let (_, rest) = text.split_once(&format!("<{name}>"))?;
        Some(rest.split_once(&format!("</{name}>"))?.0.trim().to_owned())
    };
    Part::new(between).map(|part| vec![part])
}

#[cfg(test)]
mod tests;
