//! What ArchivesSpace says when it refuses: `{"error": "a text"}`, `{"error": {"field": ["texts"]}}`, with a code where a session is gone.

use crate::failure::{Advise, Kind};
use serde_json::Value;

/// ArchivesSpace's refusal of one call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("ArchivesSpace answers HTTP {status}: {}", said(self))]
pub struct AspaceError {
    pub status: u16,
    /// `SESSION_GONE` or `SESSION_EXPIRED`; other refusals have none.
    pub code: Option<String>,
    pub message: String,
    /// Fields of the record, or parameters, each with what is wrong with it.
    pub fields: Vec<(String, Vec<String>)>,
}

fn said(error: &AspaceError) -> String {
    let fields = error.fields.iter().map(|(name, texts)| format!("{name}: {}", texts.join(", ")));
    let own = Some(error.message.clone()).filter(|message| !message.is_empty());
    let said: Vec<String> = own.into_iter().chain(fields).collect();
    if said.is_empty() { "no reason is given".to_owned() } else { said.join("; ") }
}

/// What follows from a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// The session ended, was dropped by a restart, or was never there.
    Session,
    /// The user may not do this. It is also what a request without a session is told.
    Denied,
    NotFound,
    /// Somebody has saved the record since it was read.
    Conflict,
    /// The record is suppressed, and cannot be saved.
    ReadOnly,
    /// The record itself, or a parameter.
    Record,
    /// ArchivesSpace's own trouble; it may pass.
    Trouble,
    Other,
}

impl AspaceError {
    pub fn class(&self) -> Class {
        match self.status {
            412 => Class::Session,
            401 | 403 => Class::Denied,
            404 => Class::NotFound,
            409 if self.says("suppressed") || self.says("read only") || self.says("read-only") => Class::ReadOnly,
            // "You must provide a lock_version in your request": the record in hand is not what was read.
            409 if self.says("lock_version") => Class::Record,
            409 => Class::Conflict,
            400..=499 => Class::Record,
            500..=599 => Class::Trouble,
            _ => Class::Other,
        }
    }

    fn says(&self, words: &str) -> bool {
        said(self).to_lowercase().contains(words)
    }
}

impl Advise for AspaceError {
    fn kind(&self) -> Kind {
        match self.class() {
            Class::Session | Class::Denied => Kind::Configuration,
            Class::NotFound | Class::Conflict | Class::ReadOnly | Class::Record => Kind::NeedsAPerson,
            Class::Trouble | Class::Other => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self.class() {
            Class::Session => {
                "sessions end as soon as they begin: does a load balancer spread them over several backends?"
            }
            Class::Denied => {
                "give the user of [archivesspace] the right to view the repository, and to update resources and top containers"
            }
            Class::NotFound => "it may have been deleted, merged or moved to another repository",
            Class::Conflict => "somebody saved it in the meantime: read it again and decide anew",
            Class::ReadOnly => "unsuppress it in ArchivesSpace, or leave it out",
            Class::Record => "the message names what ArchivesSpace does not take; it is the same with the next attempt",
            Class::Trouble => "try again later; the backend's log tells more",
            Class::Other => return None,
        };
        Some(hint.to_owned())
    }
}

/// So much of a message is kept: one of status 500 is a whole backtrace.
const MOST: usize = 500;

/// Reads a refusal; none for a page of somebody else's.
pub(super) fn read(status: u16, body: &[u8]) -> Option<AspaceError> {
    let document: Value = serde_json::from_slice(body).ok()?;
    let code = document.get("code").and_then(Value::as_str).map(str::to_owned);
    let mut refusal = AspaceError { status, code, message: String::new(), fields: Vec::new() };
    match document.get("error")? {
        // "No session found for 3f8a…": the session, which nobody may learn.
        Value::String(text) if status == 412 => {
            refusal.message = text.split(" for ").next().unwrap_or_default().to_owned();
        }
        Value::String(text) => refusal.message = shortened(text),
        Value::Object(fields) => {
            refusal.fields = fields.iter().map(|(name, texts)| (name.clone(), list(texts))).collect()
        }
        // ASpace's own test server and some plugins send lists.
        other @ Value::Array(_) => refusal.message = shortened(&list(other).join(", ")),
        Value::Null | Value::Bool(_) | Value::Number(_) => return None,
    }
    Some(refusal)
}

fn list(texts: &Value) -> Vec<String> {
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match texts {
        Value::Array(texts) => texts.iter().map(text).collect(),
        one => vec![text(one)],
    }
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Texts as recorded, or as ArchivesSpace's exceptions write them (backend/app/lib/exceptions.rb).
    fn check(status: u16, body: &str, class: Class, message: &str) {
        let refusal = read(status, body.as_bytes()).unwrap();
        assert_eq!((refusal.class(), refusal.to_string()), (class, message.to_owned()), "{body}");
    }

    #[test]
    fn every_recorded_shape_is_read_and_classed() {
        let changed = "The record you tried to update has been modified since you fetched it.";
        check(403, r#"{"error":"Login failed"}"#, Class::Denied, "ArchivesSpace answers HTTP 403: Login failed");
        check(403, r#"{"error":"Access denied"}"#, Class::Denied, "ArchivesSpace answers HTTP 403: Access denied");
        let gone = r#"{"code":"SESSION_GONE","error":"No session found for x"}"#;
        check(412, gone, Class::Session, "ArchivesSpace answers HTTP 412: No session found");
        assert_eq!(read(412, gone.as_bytes()).unwrap().code.as_deref(), Some("SESSION_GONE"));
        check(
            404,
            "{\"error\":\"ArchivalObject not found\"}\n",
            Class::NotFound,
            "ArchivesSpace answers HTTP 404: ArchivalObject not found",
        );
        check(
            409,
            &format!("{{\"error\":\"{changed}\"}}"),
            Class::Conflict,
            &format!("ArchivesSpace answers HTTP 409: {changed}"),
        );
        let missing = "You must provide a lock_version in your request";
        check(
            409,
            &format!("{{\"error\":\"{missing}\"}}"),
            Class::Record,
            &format!("ArchivesSpace answers HTTP 409: {missing}"),
        );
        let suppressed = "Can't update an object that has been suppressed";
        check(
            409,
            &format!("{{\"error\":\"{suppressed}\"}}"),
            Class::ReadOnly,
            &format!("ArchivesSpace answers HTTP 409: {suppressed}"),
        );
        let fields = r#"{"error":{"title":["Property is required but was missing"],"extents":["At least 1 item(s) is required"]}}"#;
        check(
            400,
            fields,
            Class::Record,
            "ArchivesSpace answers HTTP 400: extents: At least 1 item(s) is required; title: Property is required but was missing",
        );
        check(
            400,
            r#"{"error":{"db_error":"Database integrity"}}"#,
            Class::Record,
            "ArchivesSpace answers HTTP 400: db_error: Database integrity",
        );
        check(500, r#"{"error":{}}"#, Class::Trouble, "ArchivesSpace answers HTTP 500: no reason is given");
    }

    #[test]
    fn a_backtrace_is_cut_and_a_page_is_no_refusal() {
        let long = format!("{{\"error\":\"undefined method:\\n {}\"}}", "/archivesspace/x.rb:1 ".repeat(200));
        let refusal = read(500, long.as_bytes()).unwrap();
        assert!(refusal.message.chars().count() == MOST + 1 && !refusal.message.contains('\n'));
        for page in ["", "<html>", "{}", "[]", "{\"error\": null}", "{\"errors\": \"x\"}", "null"] {
            assert_eq!(read(500, page.as_bytes()), None, "{page}");
        }
    }
}
