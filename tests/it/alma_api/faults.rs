//! What is repeated when an answer fails, and what is left to be looked for.

use super::{World, body, changed, holding, make, mms, record, world};
use crate::support::listener::Listener;
use cartouche::failure::{Advise, Kind};
use cartouche::push::alma::{Call, Client, Error};
use cartouche::push::bib::Suppress;
use cartouche::push::item::item_body;
use cartouche::sandbox::alma_rest::{ApiMood, READ_ONLY_KEY};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::time::Duration;

fn create(client: &Client) -> Error {
    client.create_bib(&body(&record("T", "1"), Suppress::Published)).unwrap_err()
}

fn found(world: &World) -> usize {
    world.client("").bibs_by_other_id("(ASPACE-X)/repositories/2/resources/1").unwrap().len()
}

#[test]
fn what_creates_is_sent_once_when_nobody_knows_whether_it_arrived() {
    let after = Duration::from_millis(900);
    let arrived = [ApiMood::HtmlAfter, ApiMood::ErrorAfter, ApiMood::StallAfter(after)];
    let lost = [ApiMood::ErrorBefore, ApiMood::BadGateway, ApiMood::StallBefore(after), ApiMood::Html];
    for (moods, bibs) in [(&arrived[..], 1), (&lost[..], 0)] {
        for mood in moods {
            let world = world();
            world.sandbox.set_api_mood(*mood);
            let client = world.client("retries = 3\ntime-out = \"300ms\"");
            let error = create(&client);
            assert!(matches!(error, Error::UnknownOutcome { .. }) && error.may_have_arrived(), "{mood:?}: {error:?}");
            assert_eq!(client.calls()[&Call::CreateBib], 1, "{mood:?}");
            std::thread::sleep(Duration::from_millis(700));
            world.sandbox.set_api_mood(ApiMood::Fair);
            assert_eq!(found(&world), bibs, "{mood:?}");
        }
    }
}

#[test]
fn what_certainly_did_not_arrive_is_known_not_to_have() {
    let world = world();
    let nowhere = world.api_at("http://127.0.0.1:9", "");
    let error = create(&Client::new(&nowhere).unwrap());
    assert!(matches!(error, Error::Http { .. }) && !error.may_have_arrived(), "{error:?}");
    let refused =
        world.client("").create_bib(&body(&record("T", "1").replace("245", "246"), Suppress::Published)).unwrap_err();
    assert!(matches!(refused, Error::Refused { .. }), "{refused:?}");
}

#[test]
fn questions_and_what_is_the_same_when_sent_twice_are_repeated() {
    let world = world();
    let client = world.client("retries = 2\nstale-version-check = false");
    let bib = make(&client, "T", "1");
    world.sandbox.set_api_mood_once(ApiMood::BadGateway, 0);
    assert!(client.bib(&bib.mms).unwrap().is_some());
    assert_eq!(client.calls()[&Call::ReadBib], 2);
    world.sandbox.set_api_mood_once(ApiMood::ErrorAfter, 0);
    client.update_bib(&bib.mms, &changed(&bib, "", "")).unwrap();
    assert_eq!(client.calls()[&Call::UpdateBib], 2);
    let made = client.create_holding(&bib.mms, &holding("maps")).unwrap();
    world.sandbox.set_api_mood_once(ApiMood::HtmlAfter, 0);
    let error = client.update_holding(&bib.mms, &made.id, &holding("vault"));
    assert!(matches!(error, Err(Error::UnknownOutcome { .. })), "a page with status 200 does not pass: {error:?}");
    world.sandbox.set_api_mood(ApiMood::ErrorBefore);
    let Err(Error::Refused { source, .. }) = client.bib(&bib.mms) else { panic!("answered") };
    assert_eq!((source.code.as_str(), client.calls()[&Call::ReadBib]), ("GENERAL_ERROR", 5));
}

#[test]
fn a_whole_holding_or_item_is_not_sent_again_over_what_somebody_may_have_saved_since() {
    let world = world();
    let client = world.client("retries = 3");
    let bib = make(&client, "T", "1");
    let made = client.create_holding(&bib.mms, &holding("maps")).unwrap();
    world.sandbox.set_api_mood_once(ApiMood::ErrorAfter, 0);
    let error = client.update_holding(&bib.mms, &made.id, &holding("vault")).unwrap_err();
    assert!(error.may_have_arrived(), "{error:?}");
    let item = client.create_item(&bib.mms, &made.id, &item_body(made.id.as_str(), &[])).unwrap();
    world.sandbox.set_api_mood_once(ApiMood::ErrorAfter, 0);
    let error = client.update_item(&item.key, &item.xml).unwrap_err();
    assert!(error.may_have_arrived(), "{error:?}");
    assert_eq!((client.calls()[&Call::UpdateHolding], client.calls()[&Call::UpdateItem]), (1, 1));
}

#[test]
fn a_checked_update_is_not_repeated_for_it_would_be_refused_as_stale() {
    let world = world();
    let client = world.client("retries = 3");
    let bib = make(&client, "T", "1");
    world.sandbox.set_api_mood_once(ApiMood::ErrorAfter, 0);
    let error = client.update_bib(&bib.mms, &changed(&bib, ">T<", ">U<")).unwrap_err();
    assert!(error.may_have_arrived(), "{error:?}");
    assert_eq!(client.calls()[&Call::UpdateBib], 1);
    assert!(client.bib(&bib.mms).unwrap().unwrap().xml.contains(">U<"));
}

#[test]
fn a_sign_in_page_and_a_wrong_key_are_matters_of_configuration() {
    let world = world();
    world.sandbox.set_api_mood(ApiMood::Html);
    let error = world.client("retries = 3").bib(&mms("99")).unwrap_err();
    assert!(error.concerns_all() && error.hint().unwrap().contains("sign-in page"), "{error:?}");
    assert_eq!(world.ends().len(), 1);
    world.sandbox.set_api_mood(ApiMood::Fair);
    for (key, call_works) in [("l7xxwrong", false), (READ_ONLY_KEY, true)] {
        std::fs::write(world.folder.path().join("key"), key).unwrap();
        let client = world.client("retries = 3");
        assert_eq!(client.bib(&mms("99")).is_ok(), call_works, "{key}");
        let error = create(&client);
        assert_eq!((error.kind(), error.may_have_arrived()), (Kind::Configuration, false), "{error:?}");
        assert!(error.hint().unwrap().contains("read and write Bibs"), "{error:?}");
        assert_eq!(client.calls()[&Call::CreateBib], 1);
    }
    std::fs::remove_file(world.folder.path().join("key")).unwrap();
    let api = world.api_at("http://127.0.0.1:9", "");
    assert!(matches!(Client::new(&api), Err(Error::Key { .. })));
}

#[test]
fn a_wrong_path_is_not_taken_for_a_record_that_is_not_there() {
    let world = world();
    let base_url = format!("{}/nowhere", world.sandbox.alma_api_base_url());
    let client = Client::new(&world.api_at(&base_url, "")).unwrap();
    let error = client.bib(&mms("99")).unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration, "{error:?}");
    assert!(client.bibs_by_other_id("x").is_err());
}

/// Answers everything with a redirection to a place, and remembers the paths.
fn redirecting_to(location: String) -> (String, std::sync::mpsc::Receiver<String>) {
    let socket = TcpListener::bind("127.0.0.1:0").unwrap();
    let base_url = format!("http://{}", socket.local_addr().unwrap());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for stream in socket.incoming() {
            let (mut stream, mut buffer) = (stream.unwrap(), [0; 4096]);
            let read = stream.read(&mut buffer).unwrap();
            let head = String::from_utf8_lossy(&buffer[..read]).into_owned();
            let _ = tell.send(head.lines().next().unwrap_or_default().to_owned());
            let answer =
                format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).unwrap();
        }
    });
    (base_url, told)
}

#[test]
fn a_redirection_is_followed_on_our_own_host_only_and_only_to_an_item() {
    let world = world();
    let (elsewhere, heard_elsewhere) = redirecting_to("http://127.0.0.1:9/".to_owned());
    let item = format!("{elsewhere}/almaws/v1/bibs/9911/holdings/2211/items/2311?apikey=x");
    let (base_url, heard) = redirecting_to(item);
    let client = Client::new(&world.api_at(&base_url, "")).unwrap();
    // The item itself is redirected, too, which no item is.
    assert!(client.item_by_barcode("1").is_err());
    assert_eq!(heard.recv().unwrap(), "GET /almaws/v1/items?item_barcode=1 HTTP/1.1");
    assert_eq!(heard.recv().unwrap(), "GET /almaws/v1/bibs/9911/holdings/2211/items/2311 HTTP/1.1");
    assert!(heard_elsewhere.try_recv().is_err(), "the key went to another host");
    let (base_url, _heard) = redirecting_to(format!("{elsewhere}/login?to=/bibs/"));
    let client = Client::new(&world.api_at(&base_url, "")).unwrap();
    let error = client.item_by_barcode("1").unwrap_err();
    assert!(matches!(error, Error::Unreadable { .. }), "{error:?}");
    assert!(heard_elsewhere.try_recv().is_err());
}

#[test]
fn options_are_sent_as_the_profile_says_and_never_against_alma_s_rules() {
    let world = world();
    let mut listener = Listener::before(&world.sandbox.alma_api_base_url());
    // A body has no line end, so that the next request begins in its line.
    let lines = |text: String| -> Vec<String> {
        let requests = text.lines().filter_map(|line| line.strip_suffix(" HTTP/1.1"));
        requests.map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect()
    };
    let client = |listener: &Listener, keys: &str| Client::new(&world.api_at(listener.base_url(), keys)).unwrap();
    let bib = make(&client(&listener, ""), "T", "1");
    client(&listener, "").update_bib(&bib.mms, &changed(&bib, "", "")).unwrap();
    let sent = listener.sent();
    assert!(sent.to_lowercase().contains("content-type: application/xml;charset=utf-8"), "{sent}");
    let sent = lines(sent);
    assert_eq!(sent[0], "/almaws/v1/bibs?validate=true&check_match=false&override_warning=true");
    let update = "validate=true&check_match=false&override_warning=true&override_lock=false&stale_version_check=true";
    assert_eq!(sent[1], format!("/almaws/v1/bibs/{}?{update}", bib.mms));
}
