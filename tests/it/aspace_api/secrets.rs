//! The password stands in the body of a login, the session in a header, and neither anywhere else.

use super::{World, quilts, world};
use crate::support::listener::Listener;
use cartouche::failure::{Advise, Failure};
use cartouche::push::aspace::Client;
use cartouche::sandbox::aspace::{AspaceMood, PASSWORD, USER};
use serde_json::json;
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
    let aspace = world.aspace_at(base_url, USER, "retries = 1\ntime-out = \"300ms\"");
    let mut said = format!("{aspace:?}");
    let client = Client::new(&aspace).unwrap();
    let record = client.resource(&quilts()).unwrap().unwrap().json;
    let moods = [
        AspaceMood::Html,
        AspaceMood::BadGateway,
        AspaceMood::ErrorAfter,
        AspaceMood::StallBefore(Duration::from_millis(500)),
    ];
    for mood in moods.into_iter().chain([AspaceMood::SessionEnds]) {
        world.sandbox.set_aspace_mood(mood);
        said.push_str(&shown(client.save(&quilts(), &record).unwrap_err()));
    }
    world.sandbox.set_aspace_mood(AspaceMood::Fair);
    let error = Client::new(&world.aspace_at(base_url, "stranger", "")).unwrap().resource(&quilts()).unwrap_err();
    said.push_str(&shown(error));
    said.push_str(&shown(client.save(&quilts(), &json!({})).unwrap_err()));
    said
}

#[test]
fn neither_password_nor_session_is_in_a_url_an_error_or_a_log() {
    let world = world();
    let mut listener = Listener::before(&world.sandbox.aspace_base_url());
    let log = Log::default();
    let to_log = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || to_log.clone()).finish();
    // With one subscriber only, a line that another test's thread meets first would be taken for one that nobody wants.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let said = tracing::subscriber::with_default(subscriber, || {
        tracing::callsite::rebuild_interest_cache();
        everything_that_can_go_wrong(&world, listener.base_url())
    });
    let logged = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(logged.contains("/repositories/2/resources/17"), "nothing was logged: {logged}");
    let sent = listener.sent();
    let tokens: Vec<&str> = sent.lines().filter_map(|line| line.strip_prefix("x-archivesspace-session: ")).collect();
    assert!(tokens.len() > 4, "{tokens:?}");
    let encoded = "rosetta%20%26%20stone";
    let first = PASSWORD.split(' ').next().unwrap();
    for (what, text) in [("an error", &said), ("the log", &logged)] {
        assert!(
            !text.contains(PASSWORD) && !text.contains(encoded) && !text.contains(&format!("password={first}")),
            "{what}"
        );
        // ArchivesSpace names the session when it says that there is none.
        let shown: Vec<&&str> = tokens.iter().filter(|token| text.contains(**token)).collect();
        assert!(shown.is_empty(), "a session is in {what}");
    }
    // A body has no line end, so that the next request begins in its line.
    let with_password: Vec<&str> = sent.lines().filter(|line| line.contains("password=")).collect();
    assert!(with_password.len() > 1, "{with_password:?}");
    for line in with_password {
        assert!(line.starts_with("password=") && line.matches("password=").count() == 1, "{line}");
    }
}
