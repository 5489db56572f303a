//! One call of Alma's API from its path to its answer: the key, the quota, what is repeated, and what must not be.

use super::calls::Call;
use super::error::{Error, NotAlma};
use super::quota::{AtFloor, Gate, Quota};
use super::refusal::{self, AlmaError, Class};
use crate::http::{self, Answer, Method, pause_before};
use crate::profile::AlmaApi;
use crate::profile::secret::Secret;
use crate::push::call_counter::Counter;
use crate::web::form;
use std::thread::sleep;
use std::time::Duration;

/// So often a call is put off because the second is full. Other programs of the institution count, too, but they stop.
const PATIENCE_PER_SECOND: u32 = 30;
/// Alma's second; a shorter pause would meet the same one.
const LEAST_PAUSE: Duration = Duration::from_millis(500);
/// No gateway's Retry-After is obeyed for longer than this in the middle of a run.
const LONGEST_PAUSE: Duration = Duration::from_secs(120);

pub(super) const XML: &str = "application/xml";
pub(super) const JSON: &str = "application/json";

/// The line to one institution's Alma.
pub(super) struct Wire {
    http: http::Client,
    base_url: String,
    authorization: Authorization,
    retries: u32,
    quota: Quota,
    writers: Gate,
    counter: Counter<Call>,
}

/// `apikey KEY`, which nothing shows.
struct Authorization(String);

/// A call, as it is about to be sent.
pub(super) struct Ask<'a> {
    pub(super) call: Call,
    pub(super) method: Method,
    /// What is asked for, in words: `bib 9911`.
    pub(super) of: String,
    /// Behind the base URL, with the query.
    pub(super) path: String,
    pub(super) body: Option<&'a str>,
    pub(super) accept: &'static str,
    /// Sent twice, it has the same end as sent once.
    pub(super) idempotent: bool,
}

impl Ask<'_> {
    pub(super) fn get(call: Call, of: impl Into<String>, path: String) -> Ask<'static> {
        Ask { call, method: Method::Get, of: of.into(), path, body: None, accept: XML, idempotent: true }
    }

    /// The thing in one line, for messages.
    pub(super) fn doing(&self) -> String {
        if self.of.is_empty() { self.call.to_string() } else { format!("{} {}", self.call, self.of) }
    }

    fn changes(&self) -> bool {
        self.method != Method::Get
    }

    /// Whether an answer without a body says all there is to say.
    fn needs_no_body(&self) -> bool {
        matches!(
            self.call,
            Call::DeleteBib
                | Call::DeleteHolding
                | Call::DeleteItem
                | Call::DeleteRepresentation
                | Call::AddToCollection
        )
    }
}

/// A path with its query, both encoded.
pub(super) fn path(segments: &[&str], query: &[(&str, &str)]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        path.push_str(&form::encode(segment));
    }
    for (at, (name, value)) in query.iter().enumerate() {
        path.push(if at == 0 { '?' } else { '&' });
        path.push_str(&format!("{name}={}", form::encode(value)));
    }
    path
}

/// One attempt's end, if it is not an answer.
enum Setback {
    Unreachable(http::Error),
    /// A page of somebody else's.
    Foreign(NotAlma),
    Refusal(AlmaError, Option<Duration>),
}

impl Setback {
    /// Whether Alma may have done what was asked for.
    fn may_have_arrived(&self) -> bool {
        match self {
            Setback::Unreachable(error) => error.may_have_arrived(),
            // A page with status 200 comes from somebody between us and an Alma that may have done its work.
            Setback::Foreign(page) => page.status >= 500 || page.status < 400,
            // "An error has occurred while processing": with which status, it does not say how far it went.
            Setback::Refusal(refusal, _) => refusal.status >= 500 || refusal.class() == Class::General,
        }
    }

    fn may_pass(&self) -> bool {
        match self {
            Setback::Unreachable(error) => error.retry() != http::Retry::Never,
            Setback::Foreign(page) => page.status == 429 || page.status >= 500,
            Setback::Refusal(refusal, _) => refusal.class() == Class::General,
        }
    }

    /// Whether the gateway turned the call away for the number of calls in this second.
    fn is_put_off(&self) -> bool {
        match self {
            Setback::Refusal(refusal, _) => refusal.class() == Class::PerSecond,
            Setback::Foreign(page) => page.status == 429,
            Setback::Unreachable(_) => false,
        }
    }

    fn into_error(self, doing: String) -> Error {
        match self {
            Setback::Unreachable(source) => Error::Http { doing, source },
            Setback::Foreign(source) => Error::NotAlma { doing, source },
            Setback::Refusal(source, _) if source.class() == Class::Daily => Error::DailyLimit { doing, source },
            Setback::Refusal(source, _) => Error::Refused { doing, source },
        }
    }
}

impl Wire {
    pub(super) fn new(api: &AlmaApi) -> Result<Self, Error> {
        let options = http::Options {
            time_out: api.pace.time_out,
            // Whether a call is repeated depends on what Alma says, which only this room reads.
            retries: 0,
            requests_per_second: Some(api.pace.requests_per_second),
        };
        let key: Secret = api.key.read().map_err(|source| Error::Key { source })?;
        Ok(Wire {
            http: http::Client::without_redirects(options).map_err(|source| Error::Setup { source })?,
            base_url: api.base_url.clone(),
            authorization: Authorization(format!("apikey {}", key.exposed().trim())),
            retries: api.pace.retries,
            quota: Quota::new(api.pace.daily_floor),
            writers: Gate::new(api.pace.writers),
            counter: Counter::default(),
        })
    }

    pub(super) fn counter(&self) -> &Counter<Call> {
        &self.counter
    }

    pub(super) fn remaining(&self) -> Option<u64> {
        self.quota.remaining()
    }

    /// The answer to a call: a status of 200 to 399, from Alma.
    ///
    /// Repeated where that can do no harm: when Alma says that the second is full, always; after a fault that may pass,
    /// only what is idempotent. What else may have arrived is `UnknownOutcome`.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Error> {
        let _inside = ask.changes().then(|| self.writers.enter());
        let (mut attempts, mut put_off) = (0, 0);
        // Once one attempt may have arrived, no later refusal speaks for it.
        let mut arrived = false;
        loop {
            let unless_arrived = |error, arrived| match arrived {
                true => Error::UnknownOutcome { doing: ask.doing(), source: Box::new(error) },
                false => error,
            };
            let setback = match self.once(ask).map_err(|error| unless_arrived(error, arrived))? {
                Ok(answer) => return Ok(answer),
                Err(setback) => setback,
            };
            let may_repeat = ask.idempotent || !setback.may_have_arrived();
            arrived |= ask.changes() && setback.may_have_arrived();
            if setback.is_put_off() && put_off < PATIENCE_PER_SECOND {
                put_off += 1;
                self.http.pause_all(pause_of(&setback, put_off));
            } else if setback.may_pass() && may_repeat && attempts < self.retries {
                attempts += 1;
                let pause = pause_before(attempts);
                tracing::info!(doing = ask.doing(), attempt = attempts, ?pause, "asking Alma again");
                sleep(pause);
            } else {
                return Err(unless_arrived(setback.into_error(ask.doing()), arrived));
            }
        }
    }

    /// One attempt. The outer error is the quota's, which says nothing of this call.
    fn once(&self, ask: &Ask<'_>) -> Result<Result<Answer, Setback>, Error> {
        let floor = |AtFloor { remaining }| Error::DailyFloor { remaining, floor: self.quota.floor() };
        self.quota.begin().map_err(floor)?;
        self.counter.count(ask.call);
        let url = format!("{}{}", self.base_url, ask.path);
        let answer = self.http.call(&http::Call {
            method: ask.method,
            url: &url,
            headers: &[("authorization", &self.authorization.0), ("accept", ask.accept)],
            // Alma once took bytes of Latin-1 for granted where no charset was named (Rosetta's own plugin, 2017).
            body: ask.body.map(|text| ("application/xml;charset=UTF-8", text)),
        });
        self.quota.end(answer.as_ref().ok().and_then(|answer| answer.header("x-exl-api-remaining")));
        Ok(match answer {
            Ok(answer) => weigh(ask, &url, answer),
            Err(error) => Err(Setback::Unreachable(error)),
        })
    }
}

/// Tells an answer from a refusal and from a page of somebody else's.
fn weigh(ask: &Ask<'_>, url: &str, answer: Answer) -> Result<Answer, Setback> {
    let retry_after = answer.header("retry-after").and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
    // A record of status 200 is not searched for a refusal, unless it may be one.
    let may_refuse = answer.status >= 300 || memchr::memmem::find(&answer.body, b"errorList").is_some();
    if let Some(refusal) = may_refuse.then(|| refusal::read(answer.status, &answer.body)).flatten() {
        return Err(Setback::Refusal(refusal, retry_after));
    }
    let why = match answer.status {
        200..=299 if answer.body.is_empty() && ask.needs_no_body() => return Ok(answer),
        200..=299 if !is_page(&answer.body) => return Ok(answer),
        // Of everything else a redirection is a sign-in page's, whatever it leads to.
        300..=399 if ask.call == Call::FindItem && answer.header("location").is_some() => return Ok(answer),
        200..=299 => "a page for people",
        300..=399 => "a redirection",
        _ => "no error document",
    };
    Err(Setback::Foreign(NotAlma {
        method: ask.method.as_str(),
        url: http::redacted(url),
        status: answer.status,
        why: why.to_owned(),
        excerpt: http::excerpt_of(&answer.body),
    }))
}

/// Whether a body is HTML, or nothing at all.
fn is_page(body: &[u8]) -> bool {
    let start =
        String::from_utf8_lossy(&body[..body.len().min(300)]).trim_start_matches('\u{FEFF}').trim().to_lowercase();
    start.is_empty() || start.starts_with("<!doctype") || start.starts_with("<html") || !start.starts_with(['<', '{'])
}

fn pause_of(setback: &Setback, put_off: u32) -> Duration {
    let named = match setback {
        Setback::Refusal(_, named) => *named,
        Setback::Unreachable(_) | Setback::Foreign(_) => None,
    };
    named.map_or_else(|| pause_before(put_off) + LEAST_PAUSE, |named| named.max(LEAST_PAUSE)).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_into_a_path_cannot_become_another_path_or_query() {
        let asked = path(&["bibs", "99/../x?a"], &[("other_system_id", "(A)/repositories/2&b=c"), ("q", "é")]);
        assert_eq!(asked, "/bibs/99%2F..%2Fx%3Fa?other_system_id=%28A%29%2Frepositories%2F2%26b%3Dc&q=%C3%A9");
    }

    #[test]
    fn a_page_is_told_from_a_record() {
        for page in ["", " ", "<!DOCTYPE html><html>", "\u{FEFF}<HTML lang=x>", "OK"] {
            assert!(is_page(page.as_bytes()), "{page}");
        }
        for record in ["<?xml version=\"1.0\"?><bib/>", "{\"bib\":[]}", "<holdings total_record_count=\"0\"/>"] {
            assert!(!is_page(record.as_bytes()), "{record}");
        }
    }
}
