//! How the stand-in refuses: with ArchivesSpace's own texts.

use crate::web::serve::Response;
use serde_json::{Value, json};

pub(super) struct Refusal {
    status: u16,
    body: Value,
}

impl Refusal {
    fn text(status: u16, text: &str) -> Self {
        Refusal { status, body: json!({ "error": text }) }
    }

    /// What a request without a session is told, and one without the right.
    pub(super) fn denied() -> Self {
        Refusal::text(403, "Access denied")
    }

    pub(super) fn login_failed() -> Self {
        Refusal::text(403, "Login failed")
    }

    pub(super) fn session_gone(token: &str) -> Self {
        Refusal { status: 412, body: json!({"code": "SESSION_GONE", "error": format!("No session found for {token}")}) }
    }

    pub(super) fn session_expired(token: &str) -> Self {
        Refusal {
            status: 412,
            body: json!({"code": "SESSION_EXPIRED", "error": format!("Session timed out for {token}")}),
        }
    }

    /// `what` is the name of ArchivesSpace's class: `Resource`, `TopContainer`.
    pub(super) fn not_found(what: &str) -> Self {
        Refusal::text(404, &format!("{what} not found"))
    }

    pub(super) fn no_such_path() -> Self {
        Refusal { status: 404, body: Value::Null }
    }

    pub(super) fn stale() -> Self {
        Refusal::text(409, "The record you tried to update has been modified since you fetched it.")
    }

    pub(super) fn no_lock_version() -> Self {
        Refusal::text(409, "You must provide a lock_version in your request")
    }

    pub(super) fn suppressed() -> Self {
        Refusal::text(409, "Can't update an object that has been suppressed")
    }

    pub(super) fn of_field(name: &str, message: &str) -> Self {
        Refusal { status: 400, body: json!({"error": {name: [message]}}) }
    }

    pub(super) fn of_fields(fields: Vec<(String, String)>) -> Self {
        let fields = fields.into_iter().map(|(name, message)| (name, json!([message])));
        Refusal { status: 400, body: json!({"error": Value::Object(fields.collect())}) }
    }

    pub(super) fn respond(self) -> Response {
        match self.body {
            // Sinatra's own page of a path that nobody has.
            Value::Null => page(404, "Not Found"),
            body => json(self.status, &body),
        }
    }
}

/// A JSON answer ends with a line end.
pub(super) fn json(status: u16, body: &Value) -> Response {
    Response::new(status, "application/json", format!("{body}\n"))
}

/// A page for people: of the server below, of a proxy, of a sign-in service.
pub(super) fn page(status: u16, text: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html><html><head><title>{text}</title></head><body><h2>HTTP ERROR {status} {text}</h2></body></html>\n"
    );
    Response::new(status, "text/html;charset=utf-8", page)
}

/// The form of an exception that nobody expected: a message and its backtrace in one text.
pub(super) fn trouble() -> Response {
    let text = "undefined method `[]' for nil:NilClass: /archivesspace/backend/app/model/mixins/relationships.rb:337:in `block'\n\
                /archivesspace/backend/app/lib/db.rb:51:in `open'";
    json(500, &json!({ "error": text }))
}
