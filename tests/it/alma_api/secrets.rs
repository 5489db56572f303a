//! The key stands in a header, and nowhere else: not in a URL, an error, a log line or a message.

use super::{World, body, make, mms, record, world};
use crate::support::listener::Listener;
use crate::support::log::{logged, shown};
use cartouche::push::alma::{Client, Error};
use cartouche::push::bib::Suppress;
use cartouche::sandbox::alma_rest::{ApiMood, KEY};
use std::time::Duration;

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
    let (said, logged) = logged(|| everything_that_can_go_wrong(&world, listener.base_url()));
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
