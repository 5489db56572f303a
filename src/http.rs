//! The one HTTP client: time-outs, retry with back-off, rate limit, size limit, redaction.

mod body;
mod call;
mod wording;

pub use call::{Call, Method, pause_before};
pub use wording::{excerpt_of, redacted};

use crate::failure::{Advise, Kind};
use body::unpacked;
use reqwest::blocking::RequestBuilder;
use reqwest::redirect::Policy;
use std::io::Read;
use std::sync::{Arc, Mutex, Once, PoisonError};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};
use wording::charset;

/// No page of a sane server is larger, and no bomb may be.
const MAX_BODY: u64 = 512 * 1024 * 1024;
/// A server that asks for a longer pause than this wants to be asked another day.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(3600);
const FIRST_PAUSE: Duration = Duration::from_millis(250);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// How a client behaves.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// For one whole request, answer included.
    pub time_out: Duration,
    /// Further attempts after the first.
    pub retries: u32,
    pub requests_per_second: Option<f64>,
}

/// Whether and when a request is worth repeating.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    Never,
    /// After our own back-off.
    Later,
    /// After the time that the server named.
    After(Duration),
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot reach {url}")]
    Unreachable { url: String, attempts: u32, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("{url} answers HTTP {status}{}", said(.excerpt))]
    Status { url: String, status: u16, excerpt: String, retry: Retry, attempts: u32 },
    #[error("the answer of {url} is larger than {limit} bytes")]
    TooLarge { url: String, limit: u64 },
    #[error("`{url}` is not a URL that can be asked")]
    BadUrl { url: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("cannot set up the HTTP client")]
    Setup { source: reqwest::Error },
}

fn said(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") }
}

impl Error {
    pub fn retry(&self) -> Retry {
        match self {
            Error::Unreachable { .. } => Retry::Later,
            Error::Status { retry, .. } => *retry,
            Error::TooLarge { .. } | Error::BadUrl { .. } | Error::Setup { .. } => Retry::Never,
        }
    }

    /// Whether the server may have done what it was asked for although no usable answer came.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            // Without a connection nothing was sent; a time-out or a cut answer says nothing of what the server did.
            Error::Unreachable { source, .. } => {
                !source.downcast_ref::<reqwest::Error>().is_some_and(reqwest::Error::is_connect)
            }
            // 500 and 502 to 504 come from a server that broke down over the request, or from a proxy that lost sight of it.
            Error::Status { status, .. } => *status >= 500,
            Error::TooLarge { .. } => true,
            Error::BadUrl { .. } | Error::Setup { .. } => false,
        }
    }
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::BadUrl { .. } => Kind::Configuration,
            // 401, 403, 404: the server says that we ask wrongly, not that it is unwell.
            Error::Status { status: 401 | 403 | 404 | 410, .. } => Kind::Configuration,
            Error::Status { .. } | Error::Unreachable { .. } | Error::TooLarge { .. } | Error::Setup { .. } => {
                Kind::Failed
            }
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Unreachable { attempts, .. } => Some(format!(
                "{attempts} attempts were made; is the server up, and may this machine reach it (firewall, proxy, VPN)?"
            )),
            Error::Status { status: 401 | 403, .. } => {
                Some("ask the server's administrator to allow this machine's IP address".to_owned())
            }
            Error::Status { status: 404 | 410, .. } => {
                Some("check base-url: the path does not exist on the server".to_owned())
            }
            Error::Status { attempts, .. } => {
                Some(format!("{attempts} attempts were made; try again later, or raise retries"))
            }
            Error::Setup { .. } => {
                Some("are the system's CA certificates installed (Debian: ca-certificates)?".to_owned())
            }
            Error::TooLarge { .. } | Error::BadUrl { .. } => None,
        }
    }
}

/// A request with a body, by which SOAP asks for everything.
pub struct Post<'a> {
    pub url: &'a str,
    pub content_type: &'a str,
    pub body: String,
    /// For HTTP Basic authentication; neither is ever shown.
    pub user: &'a str,
    pub password: &'a str,
    /// It changes something: asked again only when it certainly did not arrive. What to do otherwise is the caller's to know.
    pub changes: bool,
}

/// How a request may be repeated, and what its status 500 means.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manner {
    Get,
    Post { changes: bool },
}

/// An answer of any status that is not worth repeating.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    /// The charset that the Content-Type header named.
    pub charset: Option<String>,
    pub body: Vec<u8>,
    pub attempts: u32,
    /// From the question to the last byte.
    pub took: Duration,
    /// Names in lower case; what is not text is left out.
    headers: Vec<(String, String)>,
}

impl Answer {
    /// A header of the answer, by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// When the server says that it is, in milliseconds since 1970.
    pub fn date(&self) -> Option<i64> {
        let date = httpdate::parse_http_date(self.header("date")?.trim()).ok()?;
        Some(date.duration_since(SystemTime::UNIX_EPOCH).ok()?.as_millis() as i64)
    }
}

/// A client; its clones share connections, the rate limit, and the pauses that a server asked for.
#[derive(Clone)]
pub struct Client {
    inner: reqwest::blocking::Client,
    options: Options,
    hurried: bool,
    clock: Arc<Mutex<Clock>>,
}

/// When the next request may be made.
#[derive(Default)]
struct Clock {
    next_slot: Option<Instant>,
    /// Retry-After, told to one thread, binds all.
    closed_until: Option<Instant>,
}

impl Client {
    pub fn new(options: Options) -> Result<Self, Error> {
        Client::built(options, Policy::default)
    }

    /// A client that hands redirections out as answers: what carries a key in a header must not be led to another host.
    pub fn without_redirects(options: Options) -> Result<Self, Error> {
        Client::built(options, Policy::none)
    }

    fn built(options: Options, redirects: fn() -> Policy) -> Result<Self, Error> {
        static PROVIDER: Once = Once::new();
        PROVIDER.call_once(|| {
            // Fails only when another part of the program has installed one, which serves as well.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        let builder = || {
            reqwest::blocking::Client::builder()
                .user_agent(concat!("cartouche/", env!("CARGO_PKG_VERSION")))
                .timeout(options.time_out)
                .connect_timeout(options.time_out.min(Duration::from_secs(30)))
                .pool_max_idle_per_host(10)
                .redirect(redirects())
                // Alma's load balancer keeps a list on one host by cookies.
                .cookie_store(true)
        };
        // Without any CA certificate on the machine, plain http must still work (the demo, an intranet).
        let inner = builder()
            .build()
            .or_else(|_| builder().tls_certs_only([]).build())
            .map_err(|source| Error::Setup { source })?;
        Ok(Client { inner, options, hurried: false, clock: Arc::default() })
    }

    /// The same client, less patient: for questions that are expected to fail.
    pub fn hurried(&self) -> Self {
        let options = Options { retries: self.options.retries.min(1), ..self.options };
        Client { options, hurried: true, ..self.clone() }
    }

    /// How often an answer that was spoilt on its way is worth asking for.
    pub fn page_attempts(&self) -> u32 {
        if self.hurried { 2 } else { 3 }
    }

    /// GETs a URL, again after passing faults. Statuses that no repetition would change come back as answers.
    pub fn get(&self, url: &str) -> Result<Answer, Error> {
        self.ask(url, Manner::Get, || self.inner.get(url))
    }

    /// POSTs a body, again after passing faults where that cannot do harm. A SOAP fault, which has status 500, is an answer.
    pub fn post(&self, post: &Post<'_>) -> Result<Answer, Error> {
        self.ask(post.url, Manner::Post { changes: post.changes }, || {
            let request = self.inner.post(post.url).basic_auth(post.user, Some(post.password));
            request.header("Content-Type", post.content_type).body(post.body.clone())
        })
    }

    fn ask(&self, url: &str, manner: Manner, request: impl Fn() -> RequestBuilder) -> Result<Answer, Error> {
        let mut attempts = 0;
        loop {
            self.wait_for_slot();
            attempts += 1;
            let begun = Instant::now();
            let error = match self.once(url, manner, request(), attempts) {
                Ok(answer) => {
                    let (status, bytes, took) = (answer.status, answer.body.len(), begun.elapsed());
                    tracing::info!(url = redacted(url), status, bytes, ?took, "asked");
                    return Ok(Answer { took, ..answer });
                }
                Err(error) => error,
            };
            if manner == (Manner::Post { changes: true }) && error.may_have_arrived() {
                return Err(error);
            }
            let pause = match error.retry() {
                Retry::Never => return Err(error),
                Retry::After(pause) if pause > MAX_RETRY_AFTER => return Err(error),
                Retry::After(pause) => {
                    self.clock().closed_until = Some(Instant::now() + pause);
                    pause
                }
                Retry::Later => back_off(attempts),
            };
            if attempts > self.options.retries {
                return Err(error);
            }
            tracing::info!(url = redacted(url), attempt = attempts, pause = ?pause, "asking again: {error}");
            sleep(pause);
        }
    }

    fn once(&self, url: &str, manner: Manner, request: RequestBuilder, attempts: u32) -> Result<Answer, Error> {
        let answer = Answer { attempts, ..self.receive(url, request, attempts)? };
        let is_fault = || memchr::memmem::find(&answer.body, b"Fault").is_some();
        let is_soap_fault = answer.status == 500 && manner != Manner::Get && is_fault();
        match answer.status {
            429 | 500 | 502..=504 if !is_soap_fault => Err(Error::Status {
                url: redacted(url),
                status: answer.status,
                excerpt: excerpt_of(&answer.body),
                retry: answer.header("retry-after").and_then(retry_after).map_or(Retry::Later, Retry::After),
                attempts,
            }),
            _ => Ok(answer),
        }
    }

    /// Sends a request and reads its answer whole, whatever the status.
    fn receive(&self, url: &str, request: RequestBuilder, attempts: u32) -> Result<Answer, Error> {
        let unreachable = |source: reqwest::Error| {
            let bad = source.is_builder();
            let source = Box::new(source.without_url());
            if bad {
                Error::BadUrl { url: redacted(url), source }
            } else {
                Error::Unreachable { url: redacted(url), attempts, source }
            }
        };
        let cut =
            |source: std::io::Error| Error::Unreachable { url: redacted(url), attempts, source: Box::new(source) };
        let response = request.header("Accept-Encoding", "gzip").send().map_err(unreachable)?;
        let status = response.status().as_u16();
        let text = |(name, value): (&reqwest::header::HeaderName, &reqwest::header::HeaderValue)| {
            Some((name.as_str().to_owned(), value.to_str().ok()?.to_owned()))
        };
        let headers: Vec<(String, String)> = response.headers().iter().filter_map(text).collect();
        let length = response.content_length().unwrap_or(0).min(1 << 20) as usize;
        let mut answer =
            Answer { status, charset: None, body: Vec::with_capacity(length), attempts, took: Duration::ZERO, headers };
        answer.charset = answer.header("content-type").and_then(charset);
        response.take(MAX_BODY + 1).read_to_end(&mut answer.body).map_err(cut)?;
        let is_deflated =
            answer.header("content-encoding").is_some_and(|name| name.trim().eq_ignore_ascii_case("deflate"));
        answer.body = unpacked(answer.body, is_deflated, MAX_BODY).map_err(cut)?;
        if answer.body.len() as u64 > MAX_BODY {
            return Err(Error::TooLarge { url: redacted(url), limit: MAX_BODY });
        }
        Ok(answer)
    }

    fn clock(&self) -> std::sync::MutexGuard<'_, Clock> {
        self.clock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Spaces requests evenly; several threads share one clock.
    fn wait_for_slot(&self) {
        let now = Instant::now();
        let slot = {
            let mut clock = self.clock();
            let open = clock.closed_until.map_or(now, |until| until.max(now));
            match self.options.requests_per_second {
                None => open,
                Some(rate) => {
                    let slot = clock.next_slot.map_or(open, |next| next.max(open));
                    clock.next_slot = Some(slot + Duration::from_secs_f64(1.0 / rate));
                    slot
                }
            }
        };
        sleep(slot.saturating_duration_since(now));
    }
}

/// Makes an answer whose status nobody can use into an error.
pub fn refuse_status(url: &str, answer: &Answer) -> Error {
    Error::Status {
        url: redacted(url),
        status: answer.status,
        excerpt: excerpt_of(&answer.body),
        retry: Retry::Never,
        attempts: answer.attempts,
    }
}

/// Doubles from a quarter of a second to half a minute, with a random half so that clients do not march in step.
fn back_off(attempts: u32) -> Duration {
    let full = FIRST_PAUSE.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(LONGEST_PAUSE);
    full.mul_f64(0.5 + fastrand::f64() / 2.0)
}

/// Reads both forms of Retry-After: seconds, or a date.
fn retry_after(value: &str) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(SystemTime::now()).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms() {
        assert_eq!(retry_after(" 7 "), Some(Duration::from_secs(7)));
        let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(90));
        let pause = retry_after(&soon).unwrap();
        assert!((85..=90).contains(&pause.as_secs()), "{pause:?}");
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        assert_eq!(retry_after("soon"), None);
    }

    #[test]
    fn the_pause_grows_and_is_bounded() {
        assert!(back_off(1) <= FIRST_PAUSE);
        assert!(back_off(5) >= FIRST_PAUSE * 8);
        assert!(back_off(40) <= LONGEST_PAUSE);
    }
}
