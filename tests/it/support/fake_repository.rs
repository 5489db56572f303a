//! An OAI-PMH repository that does what it is told: raw sockets, so that every way of breaking off can be played.
//!
//! A closure answers each request; `Reply` says what is sent and how the sending goes wrong.

mod pages;

pub use pages::{Page, deleted, error, identify, oai_dc, record};

use cartouche::web::form;
use flate2::{Compression, write::GzEncoder};
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Path and query, not decoded.
    pub target: String,
    pub arguments: Vec<(String, String)>,
    /// How often the same was asked before.
    pub before: usize,
    pub at: Instant,
}

impl Asked {
    pub fn argument(&self, name: &str) -> Option<&str> {
        self.arguments.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    pub fn verb(&self) -> &str {
        self.argument("verb").unwrap_or_default()
    }

    pub fn token(&self) -> Option<&str> {
        self.argument("resumptionToken")
    }
}

/// An answer, and how it breaks off.
#[derive(Debug, Clone)]
pub struct Reply {
    status: u16,
    headers: Vec<String>,
    body: Vec<u8>,
    framing: Framing,
    end: End,
    /// Before the first byte.
    pause: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Framing {
    ContentLength,
    Chunked,
    /// HTTP/1.0: the end of the connection is the end of the body.
    Close,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum End {
    Whole,
    /// Closes in order after so many bytes of the body.
    Cut(usize),
    /// Resets the connection after so many bytes of the body.
    Reset(usize),
    /// Sends so many bytes of the body, then nothing for so long.
    Stall(usize, Duration),
}

/// Text of letters below U+0100, a byte each.
pub fn latin_1(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

impl Reply {
    pub fn new(body: impl Into<Vec<u8>>) -> Self {
        Reply {
            status: 200,
            headers: vec!["Content-Type: text/xml;charset=UTF-8".to_owned()],
            body: body.into(),
            framing: Framing::ContentLength,
            end: End::Whole,
            pause: Duration::ZERO,
        }
    }

    pub fn status(status: u16) -> Self {
        Reply { status, ..Reply::new("<html><body>Out of order</body></html>") }
    }

    pub fn with_status(self, status: u16) -> Self {
        Reply { status, ..self }
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push(format!("{name}: {value}"));
        self
    }

    /// In Latin-1, as the declaration then says and the header does not.
    pub fn in_latin_1(self) -> Self {
        let text = String::from_utf8(self.body).unwrap().replacen("UTF-8", "ISO-8859-1", 1);
        Reply { body: latin_1(&text), ..self }
    }

    pub fn gzip(mut self) -> Self {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(&self.body).unwrap();
        self.body = encoder.finish().unwrap();
        self.header("Content-Encoding", "gzip")
    }

    pub fn chunked(self) -> Self {
        Reply { framing: Framing::Chunked, ..self }
    }

    pub fn http_1_0(self) -> Self {
        Reply { framing: Framing::Close, ..self }
    }

    pub fn cut_in_the_middle(self) -> Self {
        let end = End::Cut(self.body.len() / 2);
        Reply { end, ..self }
    }

    pub fn reset_in_the_middle(self) -> Self {
        let end = End::Reset(self.body.len() / 2);
        Reply { end, ..self }
    }

    pub fn stalled_in_the_middle(self, span: Duration) -> Self {
        let end = End::Stall(self.body.len() / 2, span);
        Reply { end, ..self }
    }

    pub fn late(self, pause: Duration) -> Self {
        Reply { pause, ..self }
    }

    fn head(&self) -> String {
        let version = if self.framing == Framing::Close { "1.0" } else { "1.1" };
        let mut head = format!("HTTP/{version} {} Scripted\r\nConnection: close\r\n", self.status);
        for header in &self.headers {
            head += &format!("{header}\r\n");
        }
        match self.framing {
            Framing::ContentLength => head += &format!("Content-Length: {}\r\n", self.body.len()),
            Framing::Chunked => head += "Transfer-Encoding: chunked\r\n",
            Framing::Close => {}
        }
        head + "\r\n"
    }

    /// What is sent of the body, framed.
    fn framed(&self) -> Vec<u8> {
        let sent = match self.end {
            End::Whole => &self.body[..],
            End::Cut(length) | End::Reset(length) | End::Stall(length, _) => &self.body[..length],
        };
        if self.framing != Framing::Chunked {
            return sent.to_vec();
        }
        let mut framed = Vec::new();
        for chunk in sent.chunks(100) {
            framed.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
            framed.extend_from_slice(chunk);
            framed.extend_from_slice(b"\r\n");
        }
        if self.end == End::Whole {
            framed.extend_from_slice(b"0\r\n\r\n");
        }
        framed
    }

    /// Fails when the client goes away first, which is its good right.
    fn send(&self, mut reader: BufReader<TcpStream>) -> std::io::Result<()> {
        std::thread::sleep(self.pause);
        let resets = matches!(self.end, End::Reset(_));
        let mut line = String::new();
        while !resets && line != "\r\n" {
            line.clear();
            reader.read_line(&mut line)?;
        }
        let mut stream = reader.get_ref();
        stream.write_all(self.head().as_bytes())?;
        stream.write_all(&self.framed())?;
        match self.end {
            End::Stall(_, span) => std::thread::sleep(span),
            // The kernel resets a connection that is closed before all was read from it. What was sent must be on its
            // way first.
            End::Reset(_) => std::thread::sleep(Duration::from_millis(30)),
            End::Whole | End::Cut(_) => {}
        }
        Ok(())
    }
}

type Script = Arc<dyn Fn(&Asked) -> Reply + Send + Sync>;

#[derive(Default)]
struct State {
    script: Option<Script>,
    asked: Vec<Asked>,
}

/// Listens until the test's process ends.
pub struct FakeRepository {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

impl FakeRepository {
    /// Answers Identify by itself and everything else by the script.
    pub fn start(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let repository = FakeRepository::silent();
        repository.now(script);
        repository
    }

    /// Answers everything, Identify too, by the script.
    pub fn bare(script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let repository = FakeRepository::silent();
        repository.state.lock().unwrap().script = Some(Arc::new(script));
        repository
    }

    fn silent() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let state = Arc::clone(&shared);
                std::thread::spawn(move || answer(stream, &state));
            }
        });
        FakeRepository { address, state }
    }

    /// Behaves otherwise from now on.
    pub fn now(&self, script: impl Fn(&Asked) -> Reply + Send + Sync + 'static) {
        let script = move |asked: &Asked| if asked.verb() == "Identify" { identify("") } else { script(asked) };
        self.state.lock().unwrap().script = Some(Arc::new(script));
    }

    pub fn base_url(&self) -> String {
        format!("http://{}/oai/request", self.address)
    }

    /// Everything asked since the last call.
    pub fn taken(&self) -> Vec<Asked> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// The list requests since the last call, by what decides the answer: `from DATE`, `all` or the token.
    pub fn lists(&self) -> Vec<String> {
        let lists = self.taken().into_iter().filter(|asked| asked.verb().starts_with("List"));
        let named = lists.map(|asked| match (asked.token(), asked.argument("from")) {
            (Some(token), _) => token.to_owned(),
            (None, Some(from)) => format!("from {from}"),
            (None, None) => "all".to_owned(),
        });
        named.collect()
    }

    /// Waits until a list was asked for.
    pub fn wait_for_a_list(&self) {
        let begun = Instant::now();
        while !self.state.lock().unwrap().asked.iter().any(|asked| asked.verb().starts_with("List")) {
            assert!(begun.elapsed() < Duration::from_secs(20), "nobody asks for a list");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

fn answer(stream: TcpStream, state: &Mutex<State>) {
    // A client that goes away in the middle is no fault of the test.
    let mut reader = BufReader::with_capacity(1, stream);
    let mut line = String::new();
    if reader.read_line(&mut line).is_err() {
        return;
    }
    let Some(target) = line.split(' ').nth(1).map(str::to_owned) else { return };
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let arguments = form::pairs(query);
    let (script, asked) = {
        let mut state = state.lock().unwrap();
        let before = state.asked.iter().filter(|asked| asked.target == target).count();
        let asked = Asked { target, arguments, before, at: Instant::now() };
        state.asked.push(asked.clone());
        (state.script.clone().unwrap(), asked)
    };
    let _ = script(&asked).send(reader);
}
