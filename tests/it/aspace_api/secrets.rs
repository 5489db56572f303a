//! The password stands in the body of a login, the session in a header, and neither anywhere else.

use super::{World, quilts, world};
use crate::support::listener::Listener;
use crate::support::log::{logged, shown};
use cartouche::push::aspace::Client;
use cartouche::sandbox::aspace::{AspaceMood, PASSWORD, USER};
use serde_json::json;
use std::time::Duration;

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
    let (said, logged) = logged(|| everything_that_can_go_wrong(&world, listener.base_url()));
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
