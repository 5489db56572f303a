//! The key stands in a header, and nowhere else: not in a URL, an error, a log line or a message.

use super::{World, body, make, mms, record, world};
use crate::support::listener::Listener;
use cartouche::failure::{Advise, Failure};
use cartouche::push::alma::{Client, Error};
use cartouche::push::bib::Suppress;
use cartouche::sandbox::alma_rest::{ApiMood, KEY};
use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Everything that a failure may show: to people, to programmers, and as advice.
fn shown<E: Advise>(error: E) -> String {
    let debug = format!("{error:?} {:?}", error.hint());
    format!("{debug} {}", Failure::from(error))
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn everything_that_can_go_wrong(world: &World, base_url: &str) -> String {
    let mut said = String::new();
    let api = world.api_at(base_url, "retries = 1\ntime-out = \"200ms\"");
    said.push_str(&format!("{api:?}"));
    let client = Client::new(&api).unwrap();
    make(&client, "T", "1");
    let moods = [
        ApiMood::Html,
        ApiMood::BadGateway,
        ApiMood::ErrorAfter,
        ApiMood::StallBefore(Duration::from_millis(400)),
        ApiMood::Daily,
    ];
    for mood in moods {
        world.sandbox.set_api_mood(mood);
        said.push_str(&shown(client.create_bib(&body(&record("T", "2"), Suppress::Published)).unwrap_err()));
        if let Err(error) = client.bib(&mms("99")) {
            said.push_str(&shown(error));
        }
    }
    world.sandbox.set_api_mood(ApiMood::Fair);
    let nowhere = Client::new(&world.api_at("http://127.0.0.1:9", "")).unwrap();
    said.push_str(&shown(nowhere.bib(&mms("99")).unwrap_err()));
    // A file that holds the key and a second line would break the header.
    std::fs::write(world.folder.path().join("key"), format!("{KEY}\nsecond line")).unwrap();
    let broken = Client::new(&world.api_at(base_url, "")).unwrap();
    let error = broken.bib(&mms("99")).unwrap_err();
    assert!(matches!(error, Error::Http { .. }), "{error:?}");
    said.push_str(&shown(error));
    said
}

#[test]
fn the_key_is_in_a_header_and_nowhere_else() {
    let world = world();
    let mut listener = Listener::before(&world.sandbox.alma_api_base_url());
    let log = Log::default();
    let to_log = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || to_log.clone()).finish();
    // While there is one subscriber only, a line that another test's thread meets first would be taken for one that nobody
    // wants, for ever; with two the others are asked as well.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let said = tracing::subscriber::with_default(subscriber, || {
        tracing::callsite::rebuild_interest_cache();
        everything_that_can_go_wrong(&world, listener.base_url())
    });
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/almaws/v1/bibs"), "nothing was logged: {logged}");
    let secret = KEY.trim_start_matches("l7xx");
    for (what, text) in [("an error", &said), ("the log", &logged)] {
        assert!(!text.contains(secret), "the key is in {what}");
    }
    let sent = listener.sent();
    let with_key: Vec<&str> = sent.lines().filter(|line| line.contains(secret)).collect();
    assert!(with_key.len() > 5, "{with_key:?}");
    assert!(with_key.iter().all(|line| *line == format!("authorization: apikey {KEY}")), "{with_key:?}");
}
