//! One request of a REST service: any method, headers that nobody sees, and every status as an answer.

use super::{Answer, Client, Error, redacted};
use reqwest::header::HeaderValue;
use std::time::{Duration, Instant};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

/// A request whose answers only the service's own room can weigh: it is sent once.
pub struct Call<'a> {
    pub method: Method,
    pub url: &'a str,
    /// Names and values; the values are marked as secret, so that no log of the client's shows them.
    pub headers: &'a [(&'static str, &'a str)],
    /// Content type and text; sent as UTF-8.
    pub body: Option<(&'static str, &'a str)>,
}

impl Client {
    /// Waits for its turn, sends once, and answers with any status.
    pub fn call(&self, call: &Call<'_>) -> Result<Answer, Error> {
        self.wait_for_slot();
        let begun = Instant::now();
        let mut request = match call.method {
            Method::Get => self.inner.get(call.url),
            Method::Post => self.inner.post(call.url),
            Method::Put => self.inner.put(call.url),
            Method::Delete => self.inner.delete(call.url),
        };
        for (name, value) in call.headers {
            let mut value = HeaderValue::from_str(value)
                .map_err(|source| Error::BadUrl { url: redacted(call.url), source: Box::new(source) })?;
            value.set_sensitive(true);
            request = request.header(*name, value);
        }
        if let Some((content_type, text)) = call.body {
            request = request.header("Content-Type", content_type).body(text.to_owned());
        }
        let answer = self.receive(call.url, request, 1)?;
        let (method, status, bytes, took) = (call.method.as_str(), answer.status, answer.body.len(), begun.elapsed());
        tracing::info!(method, url = redacted(call.url), status, bytes, ?took, "called");
        Ok(Answer { took, ..answer })
    }

    /// Lets nobody who shares this client send anything for a while.
    pub fn pause_all(&self, pause: Duration) {
        let until = Instant::now() + pause;
        let mut clock = self.clock();
        clock.closed_until = Some(clock.closed_until.map_or(until, |open| open.max(until)));
    }
}

/// The growing, uneven pause before another attempt, the first of which is number 1.
pub fn pause_before(attempt: u32) -> Duration {
    super::back_off(attempt)
}
