//! One call of ArchivesSpace's API from its path to its answer: the session, what is repeated, and what must not be.

use super::calls::Call;
use super::error::{Error, NotArchivesSpace};
use super::login::{Session, Token};
use super::refusal::{self, AspaceError, Class};
use crate::http::{self, Answer, Method, pause_before};
use crate::model::time::Timestamp;
use crate::profile::ArchivesSpace;
use crate::profile::secret::Secret;
use crate::push::call_counter::Counter;
use crate::web::form;
use serde_json::Value;
use std::sync::{Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

const JSON: &str = "application/json";
/// No proxy's Retry-After is obeyed for longer than this in the middle of a run.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

/// The line to one ArchivesSpace.
pub(super) struct Wire {
    http: http::Client,
    base_url: String,
    user: String,
    password: Secret,
    session: Session,
    retries: u32,
    counter: Counter<Call>,
    /// What its last answer said of the time.
    clock: Mutex<Option<Timestamp>>,
}

/// A call, as it is about to be sent.
pub(super) struct Ask<'a> {
    pub(super) call: Call,
    /// What is asked for, in words: `/repositories/2/resources/1`.
    pub(super) of: String,
    /// Behind the base URL, with the query.
    pub(super) path: String,
    /// What is saved; a question has none.
    pub(super) body: Option<&'a str>,
    pub(super) accept: &'static str,
}

impl<'a> Ask<'a> {
    pub(super) fn get(call: Call, of: impl Into<String>, path: String) -> Ask<'static> {
        Ask { call, of: of.into(), path, body: None, accept: JSON }
    }

    pub(super) fn post(call: Call, of: impl Into<String>, path: String, body: &'a str) -> Self {
        Ask { call, of: of.into(), path, body: Some(body), accept: JSON }
    }

    /// The thing in one line, for messages.
    pub(super) fn doing(&self) -> String {
        if self.of.is_empty() { self.call.to_string() } else { format!("{} {}", self.call, self.of) }
    }

    pub(super) fn unreadable(&self, why: impl Into<String>) -> Error {
        Error::Unreadable { doing: self.doing(), why: why.into() }
    }

    fn changes(&self) -> bool {
        self.body.is_some()
    }
}

/// A path with its query, both encoded. An empty part would make `//`, which ArchivesSpace 4 refuses.
pub(super) fn path(segments: &[&str], query: &[(&str, &str)]) -> String {
    let mut path = String::new();
    for segment in segments.iter().filter(|segment| !segment.is_empty()) {
        path.push('/');
        path.push_str(&form::encode(segment));
    }
    for (at, (name, value)) in query.iter().enumerate() {
        path.push(if at == 0 { '?' } else { '&' });
        path.push_str(&format!("{}={}", form::encode(name), form::encode(value)));
    }
    path
}

/// The path of a record by its URI.
pub(super) fn of_uri(uri: &str, query: &[(&str, &str)]) -> String {
    path(&uri.split('/').collect::<Vec<_>>(), query)
}

/// One attempt's end, if it is not an answer.
enum Setback {
    Unreachable(http::Error),
    /// A page of somebody else's.
    Foreign(NotArchivesSpace, Option<Duration>),
    Refusal(AspaceError),
}

impl Setback {
    /// Whether ArchivesSpace may have done what it was asked for.
    fn may_have_arrived(&self) -> bool {
        match self {
            Setback::Unreachable(error) => error.may_have_arrived(),
            // A page with status 200 comes from somebody between us and a backend that may have done its work.
            Setback::Foreign(page, _) => page.status >= 500 || page.status < 300,
            // Everything is one transaction, which an exception rolls back; but not what a proxy makes of a late answer.
            Setback::Refusal(refusal) => refusal.status >= 500,
        }
    }

    fn may_pass(&self) -> bool {
        match self {
            Setback::Unreachable(error) => error.retry() != http::Retry::Never,
            Setback::Foreign(page, _) => page.status == 429 || page.status >= 500,
            Setback::Refusal(refusal) => refusal.class() == Class::Trouble,
        }
    }

    /// Before attempt number `attempt`; as long as a proxy asks for.
    fn pause(&self, attempt: u32) -> Duration {
        match self {
            Setback::Foreign(_, Some(named)) => (*named).min(LONGEST_PAUSE),
            Setback::Foreign(_, None) | Setback::Unreachable(_) | Setback::Refusal(_) => pause_before(attempt),
        }
    }

    fn into_error(self, doing: String) -> Error {
        match self {
            Setback::Unreachable(source) => Error::Http { doing, source },
            Setback::Foreign(source, _) => Error::NotArchivesSpace { doing, source },
            Setback::Refusal(source) if source.class() == Class::Conflict => Error::Conflict { doing, source },
            Setback::Refusal(source) => Error::Refused { doing, source },
        }
    }
}

impl Wire {
    pub(super) fn new(aspace: &ArchivesSpace) -> Result<Self, Error> {
        let options = http::Options {
            time_out: aspace.pace.time_out,
            // Whether a call is repeated depends on what it changes, which only this room knows.
            retries: 0,
            requests_per_second: aspace.pace.requests_per_second,
        };
        Ok(Wire {
            http: http::Client::without_redirects(options).map_err(|source| Error::Setup { source })?,
            base_url: aspace.base_url.clone(),
            user: aspace.user.clone(),
            password: aspace.password.read().map_err(|source| Error::Password { source })?,
            session: Session::default(),
            retries: aspace.pace.retries,
            counter: Counter::default(),
            clock: Mutex::default(),
        })
    }

    /// The server's time, as its last answer told it; to the second.
    pub(super) fn clock(&self) -> Option<Timestamp> {
        *self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a session where there is none.
    pub(super) fn begin(&self) -> Result<(), Error> {
        self.session.token(|| self.log_in()).map(drop)
    }

    pub(super) fn counter(&self) -> &Counter<Call> {
        &self.counter
    }

    /// The answer to a call, with a status of 200 to 299.
    ///
    /// A session that is gone (412), or was never there (403), is begun anew, once. A question is repeated after a fault that may
    /// pass; a save only when it certainly did not arrive. What else may have arrived is `UnknownOutcome`.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Error> {
        let (mut attempts, mut is_new_session) = (0, false);
        loop {
            let token = self.session.token(|| self.log_in())?;
            let setback = match self.once(ask, &token) {
                Ok(answer) => return Ok(answer),
                Err(setback) => setback,
            };
            let is_refused = matches!(&setback, Setback::Refusal(refusal) if matches!(refusal.class(), Class::Session | Class::Denied));
            if is_refused && !is_new_session {
                is_new_session = true;
                self.session.forget(&token);
                continue;
            }
            let has_arrived = ask.changes() && setback.may_have_arrived();
            if has_arrived || !setback.may_pass() || attempts >= self.retries {
                let error = setback.into_error(ask.doing());
                return Err(match has_arrived {
                    true => Error::UnknownOutcome { doing: ask.doing(), source: Box::new(error) },
                    false => error,
                });
            }
            attempts += 1;
            let pause = setback.pause(attempts);
            tracing::info!(doing = ask.doing(), attempt = attempts, ?pause, "asking ArchivesSpace again");
            sleep(pause);
        }
    }

    fn once(&self, ask: &Ask<'_>, token: &Token) -> Result<Answer, Setback> {
        self.counter.count(ask.call);
        let method = if ask.changes() { Method::Post } else { Method::Get };
        let headers = [("x-archivesspace-session", token.0.as_str()), ("accept", ask.accept)];
        self.send(method, &ask.path, &headers, ask.body.map(|text| ("application/json;charset=UTF-8", text)))
    }

    /// Gets a session. The password goes as a form, never in the URL, which ArchivesSpace's own log would show.
    fn log_in(&self) -> Result<Token, Error> {
        let ask = Ask::get(Call::LogIn, format!("as {}", self.user), path(&["users", &self.user, "login"], &[]));
        // Without `expiring=false`, which would leave a session behind for a week: an hour without a call is begun anew.
        let form = format!("password={}", form::encode(self.password.exposed()));
        let body = Some(("application/x-www-form-urlencoded", form.as_str()));
        let mut attempts = 0;
        let answer = loop {
            self.counter.count(ask.call);
            match self.send(Method::Post, &ask.path, &[("accept", JSON)], body) {
                Ok(answer) => break answer,
                // A session more does no harm.
                Err(setback) if setback.may_pass() && attempts < self.retries => {
                    attempts += 1;
                    sleep(setback.pause(attempts));
                }
                Err(Setback::Refusal(source)) if source.class() != Class::Trouble => {
                    return Err(Error::Login { user: self.user.clone(), source });
                }
                Err(setback) => return Err(setback.into_error(ask.doing())),
            }
        };
        let told: Option<Value> = serde_json::from_slice(&answer.body).ok();
        let session = told.and_then(|told| Some(told.get("session")?.as_str()?.to_owned()));
        session.map(Token).ok_or_else(|| ask.unreadable("it names no session"))
    }

    fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        body: Option<(&'static str, &str)>,
    ) -> Result<Answer, Setback> {
        let url = format!("{}{path}", self.base_url);
        let answer = self.http.call(&http::Call { method, url: &url, headers, body }).map_err(Setback::Unreachable)?;
        if let Some(date) = answer.date().and_then(Timestamp::from_millis) {
            *self.clock.lock().unwrap_or_else(PoisonError::into_inner) = Some(date);
        }
        weigh(method, &url, answer)
    }
}

/// Tells an answer from a refusal and from a page of somebody else's.
fn weigh(method: Method, url: &str, answer: Answer) -> Result<Answer, Setback> {
    if !(200..300).contains(&answer.status)
        && let Some(refusal) = refusal::read(answer.status, &answer.body)
    {
        return Err(Setback::Refusal(refusal));
    }
    let why = match answer.status {
        200..=299 if !is_page(&answer.body) => return Ok(answer),
        200..=299 => "a page for people".to_owned(),
        300..=399 => format!("a redirection to {}", http::redacted(answer.header("location").unwrap_or("nowhere"))),
        _ => "no error document".to_owned(),
    };
    let retry_after = answer.header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    let page = NotArchivesSpace {
        method: method.as_str(),
        url: http::redacted(url),
        status: answer.status,
        why,
        excerpt: http::excerpt_of(&answer.body),
    };
    Err(Setback::Foreign(page, retry_after))
}

/// Whether a body is HTML, or nothing at all.
fn is_page(body: &[u8]) -> bool {
    let start =
        String::from_utf8_lossy(&body[..body.len().min(300)]).trim_start_matches('\u{FEFF}').trim().to_lowercase();
    start.is_empty() || start.starts_with("<!doctype") || start.starts_with("<html")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_has_an_empty_part_and_none_becomes_another() {
        assert_eq!(path(&["", "repositories", "", "2"], &[]), "/repositories/2");
        assert_eq!(
            of_uri("/repositories/2/resources/1", &[("resolve[]", "a::b")]),
            "/repositories/2/resources/1?resolve%5B%5D=a%3A%3Ab"
        );
        assert_eq!(path(&["users", "a/../b?c", "login"], &[]), "/users/a%2F..%2Fb%3Fc/login");
    }

    #[test]
    fn a_page_is_told_from_a_record() {
        for page in ["", " ", "<!DOCTYPE html><html>", "\u{FEFF}<HTML lang=x>"] {
            assert!(is_page(page.as_bytes()), "{page}");
        }
        for record in ["{}", "[1,2]", "ArchivesSpace (v3.4.1)", "<?xml version=\"1.0\"?><collection/>"] {
            assert!(!is_page(record.as_bytes()), "{record}");
        }
    }
}
