//! Serves HTTP from background threads: the door to axum and tokio, and the only async code.

mod events;

pub use events::{Event, Events};

use super::places::Place;
use crate::failure::Advise;
use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::IntoResponse as _;
use futures_util::stream::unfold;
use std::io;
use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

/// How long somebody may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);

/// How long open requests may take to end once the server is told to stop.
const PATIENCE: Duration = Duration::from_secs(5);

/// Bytes of a long body that are handed on at once.
const PIECE: usize = 64 << 10;

/// The time between two events of a stream, and how often in a row there may be none before something is sent all the same.
const PACE: Duration = Duration::from_secs(1);
const HEARTBEAT: u32 = 15;

/// A request, read whole.
#[derive(Debug, Clone, Default)]
pub struct Request {
    pub method: String,
    /// As sent, still percent-encoded, without the query.
    pub path: String,
    /// What follows the `?`, still encoded.
    pub query: String,
    /// Names in lower case; a value that is not text is empty, for a second one beside it must not look like the only one.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Who is at the other end of the connection; a proxy, when there is one.
    pub peer: Option<IpAddr>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A response, written whole; or, when it has events, bit by bit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub status: u16,
    pub content_type: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Sent instead of the body for as long as there are any and somebody listens.
    pub events: Option<Events>,
    /// What it takes of the machine until all of it is sent.
    pub place: Option<Place>,
}

impl Response {
    pub fn new(status: u16, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        Response {
            status,
            content_type: content_type.to_owned(),
            headers: Vec::new(),
            body: body.into(),
            events: None,
            place: None,
        }
    }
}

/// Computes the response to a request; may block.
pub type Respond = dyn Fn(Request) -> Response + Send + Sync;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot start the threads of the HTTP server")]
    Runtime(#[source] io::Error),
    #[error("cannot listen on {address}")]
    Listen { address: String, source: io::Error },
}

impl Advise for Error {
    fn hint(&self) -> Option<String> {
        match self {
            Error::Runtime(_) => None,
            Error::Listen { .. } => Some("another program may hold the port; choose another one".to_owned()),
        }
    }
}

/// A running server; it stops when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    running: Option<Running>,
}

#[derive(Debug)]
struct Running {
    runtime: Runtime,
    stop: oneshot::Sender<()>,
    stopped: oneshot::Receiver<()>,
    /// Streams look at it, for they would never end by themselves.
    closing: Arc<AtomicBool>,
}

impl Server {
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Accepts nothing more, lets open requests end and frees the port.
    pub fn stop(&mut self) {
        if let Some(Running { runtime, stop, stopped, closing }) = self.running.take() {
            closing.store(true, Ordering::SeqCst);
            let _ = stop.send(());
            runtime.block_on(async {
                let _ = tokio::time::timeout(PATIENCE, stopped).await;
            });
            runtime.shutdown_background();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Binds an address; port 0 lets the system choose.
pub fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    TcpListener::bind(address).map_err(|source| Error::Listen { address: address.to_string(), source })
}

/// Serves until the returned server is stopped or dropped; longer bodies than `longest` bytes are not read.
pub fn serve(listener: TcpListener, longest: usize, respond: Arc<Respond>) -> Result<Server, Error> {
    let failed = |source| Error::Listen { address: "the given socket".to_owned(), source };
    let address = listener.local_addr().map_err(failed)?;
    listener.set_nonblocking(true).map_err(failed)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("http")
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    let listener = {
        let _inside = runtime.enter();
        tokio::net::TcpListener::from_std(listener).map_err(failed)?
    };
    let closing = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&closing);
    let router =
        Router::new().fallback(move |request| answer(Arc::clone(&respond), request, longest, Arc::clone(&seen)));
    let (stop, told_to_stop) = oneshot::channel::<()>();
    let (report, stopped) = oneshot::channel::<()>();
    runtime.spawn(async move {
        let until_told = async {
            let _ = told_to_stop.await;
        };
        // axum's accept loop waits out errors of accept itself; it ends only when told to.
        let _ = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
            .with_graceful_shutdown(until_told)
            .await;
        let _ = report.send(());
    });
    Ok(Server { address, running: Some(Running { runtime, stop, stopped, closing }) })
}

async fn answer(
    respond: Arc<Respond>,
    request: axum::extract::Request,
    longest: usize,
    closing: Arc<AtomicBool>,
) -> axum::response::Response {
    let (parts, body) = request.into_parts();
    let body = match tokio::time::timeout(BODY_TIME, to_bytes(body, longest)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => {
            let why = format!("the body is longer than {} KiB, or was cut short\n", longest >> 10);
            return (StatusCode::PAYLOAD_TOO_LARGE, why).into_response();
        }
        Err(_) => return (StatusCode::REQUEST_TIMEOUT, "the body took too long\n").into_response(),
    };
    let request = read(&parts, &body);
    match tokio::task::spawn_blocking(move || respond(request)).await {
        Ok(response) => write(response, closing),
        Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "the request could not be answered\n").into_response(),
    }
}

fn read(parts: &Parts, body: &Bytes) -> Request {
    let text =
        |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.to_str().unwrap_or_default().to_owned());
    Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        headers: parts.headers.iter().map(text).collect(),
        body: body.to_vec(),
        peer: parts.extensions.get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_canonical()),
    }
}

fn write(response: Response, closing: Arc<AtomicBool>) -> axum::response::Response {
    let mut headers = HeaderMap::new();
    let all = std::iter::once((header::CONTENT_TYPE.as_str(), response.content_type.as_str()))
        .chain(response.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    for (name, value) in all {
        match (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            (Ok(name), Ok(value)) => {
                headers.append(name, value);
            }
            // A line break in a value would forge headers; such a response is a fault of ours.
            _ => return (StatusCode::INTERNAL_SERVER_ERROR, "a header cannot be sent\n").into_response(),
        }
    }
    let status = StatusCode::from_u16(response.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = match (response.events, response.place) {
        (Some(events), _) => stream(events, closing),
        (None, Some(place)) => in_pieces(Bytes::from(response.body), place),
        (None, None) => Body::from(response.body),
    };
    (status, headers, body).into_response()
}

/// A body that holds its place until somebody has taken all of it, or has gone away.
fn in_pieces(body: Bytes, place: Place) -> Body {
    Body::from_stream(unfold((body, place), |(mut rest, place)| async move {
        let piece = rest.split_to(PIECE.min(rest.len()));
        (!piece.is_empty()).then(|| (Ok::<_, io::Error>(piece), (rest, place)))
    }))
}

/// Asks for the next event once a second, on a thread that may block, until there is none or the server stops. A browser
/// that has gone away is noticed when something is sent: so something is, now and then.
fn stream(events: Events, closing: Arc<AtomicBool>) -> Body {
    let is_first = true;
    Body::from_stream(unfold((events, is_first), move |(events, mut is_first)| {
        let closing = Arc::clone(&closing);
        async move {
            for silence in 0.. {
                if !is_first {
                    tokio::time::sleep(PACE).await;
                }
                is_first = false;
                let source = events.clone();
                let next = tokio::task::spawn_blocking(move || source.next()).await;
                let text = match next {
                    Ok(Event::Data(name, text)) => events::written(name, &text),
                    Ok(Event::Silence) if silence < HEARTBEAT => String::new(),
                    Ok(Event::Silence) => ": still here\n\n".to_owned(),
                    Ok(Event::End) | Err(_) => return None,
                };
                if closing.load(Ordering::SeqCst) {
                    return None;
                }
                if !text.is_empty() {
                    return Some((Ok::<_, io::Error>(Bytes::from(text)), (events, is_first)));
                }
            }
            None
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    fn echo() -> Server {
        let listener = listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let respond = |request: Request| {
            assert_ne!(request.path, "/panic");
            let text = format!(
                "{} {} {} {:?} {}",
                request.method,
                request.path,
                request.query,
                request.header("X-Test"),
                request.body.len()
            );
            let mut response = Response::new(200, "text/plain", text);
            let value = if request.path == "/forge" { "a\r\nb: c" } else { "yes" };
            response.headers.push(("x-answer".to_owned(), value.to_owned()));
            response
        };
        serve(listener, 2048, Arc::new(respond)).unwrap()
    }

    fn ask(address: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn a_request_arrives_whole_and_its_response_goes_back() {
        let server = echo();
        let head = "Host: x\r\nConnection: close\r\nX-Test: 1\r\nContent-Length: 3\r\n\r\nabc";
        let answer = ask(server.address(), &format!("POST /a%20b?c=d%2B HTTP/1.1\r\n{head}"));
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.contains("content-type: text/plain\r\n") && answer.contains("x-answer: yes\r\n"), "{answer}");
        assert!(answer.ends_with("POST /a%20b c=d%2B Some(\"1\") 3"), "{answer}");
    }

    #[test]
    fn a_body_that_is_too_long_is_not_read_and_a_header_that_is_no_text_is_there() {
        let server = echo();
        let head = "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2049\r\n\r\n";
        let answer = ask(server.address(), &format!("{head}{}", "x".repeat(2049)));
        assert!(answer.starts_with("HTTP/1.1 413") && answer.contains("longer than 2 KiB"), "{answer}");
        let head = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Test: \u{e9}\r\nX-Test: two\r\n\r\n";
        let answer = ask(server.address(), head);
        assert!(answer.ends_with("Some(\"\") 0"), "{answer}");
    }

    #[test]
    fn a_panic_and_a_forged_header_are_answered_with_500() {
        let server = echo();
        for path in ["/panic", "/forge"] {
            let answer = ask(server.address(), &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
            assert!(answer.starts_with("HTTP/1.1 500"), "{answer}");
        }
    }

    #[test]
    fn a_stopped_server_frees_its_port() {
        let mut server = echo();
        let address = server.address();
        let _idle = TcpStream::connect(address).unwrap();
        server.stop();
        server.stop();
        assert!(listen(address).is_ok() || TcpStream::connect(address).is_err());
    }
}
