//! Who may look, who may decide, and who is turned away.

use super::{Browser, held, site};
use crate::support::scenario::Scenario;
use cartouche::web::{Site, secret};

pub const PASSWORD: &str = "correct horse battery";

/// Anna decides, Ben looks.
pub fn with_accounts() -> Scenario {
    let mut scenario = held();
    let hash = secret::hash(PASSWORD).unwrap();
    let account =
        |name: &str, role: &str| format!("{{ name = \"{name}\", role = \"{role}\", password-hash = \"{hash}\" }}");
    let accounts = format!("[{}, {}]", account("anna", "decide"), account("ben", "view"));
    scenario.profile_says("serve.accounts", &accounts);
    scenario
}

fn sign_in<'b, 's>(browser: &'b mut Browser<'s>, name: &str, password: &str) -> &'b mut Browser<'s> {
    browser.get("/sign-in").post("/sign-in", &[("name", name), ("password", password), ("to", "/p/trip/held")])
}

#[test]
fn without_accounts_this_machine_decides_and_other_machines_are_not_served() {
    let mut scenario = held();
    let profile = scenario.profile();
    let refused = Site::new(vec![profile.clone()], "0.0.0.0:8642".parse().unwrap(), "x").err().unwrap();
    assert_eq!(refused.kind().exit_code(), 2, "{refused}");
    assert!(refused.to_string().contains("anybody could decide about trip"), "{refused}");
    assert!(Site::new(vec![profile.clone(), profile], "127.0.0.1:1".parse().unwrap(), "x").is_err(), "two of one name");
    let site = site(&mut scenario);
    Browser::new(&site).get("/").answers(200).shows("curator").hides("Sign out");
}

#[test]
fn a_page_behind_a_proxy_is_not_served_where_a_profile_asks_nobody_for_a_name() {
    let refused = |profiles| {
        let refused = Site::new(profiles, "127.0.0.1:8642".parse().unwrap(), "x").err().unwrap();
        assert_eq!(refused.kind().exit_code(), 2, "{refused}");
        assert!(refused.to_string().contains("reached through a proxy"), "{refused}");
    };
    let mut scenario = held();
    let mut open = scenario.profile();
    open.name = "open".to_owned();
    scenario.profile_says("serve.public-url", "\"https://c.example.org\"");
    refused(vec![scenario.profile()]);
    scenario.profile_says("serve.proxy-user-header", "\"X-Remote-User\"");
    scenario.profile_says("serve.trusted-proxy", "[\"127.0.0.1\"]");
    assert!(Site::new(vec![scenario.profile()], "127.0.0.1:8642".parse().unwrap(), "x").is_ok());
    refused(vec![scenario.profile(), open]);
}

#[test]
fn beside_a_profile_that_asks_nobody_one_can_still_sign_in() {
    let (mut scenario, mut other) = (with_accounts(), held());
    let mut open = other.profile();
    open.name = "open".to_owned();
    let site = Site::new(vec![scenario.profile(), open], "127.0.0.1:8642".parse().unwrap(), "curator").unwrap();
    let mut browser = Browser::new(&site);
    browser.get("/").answers(200).hides("/p/trip/").get("/sign-in").answers(200).shows("Password");
    sign_in(&mut browser, "anna", PASSWORD).answers(303).goes_to("/p/trip/held");
    browser.get("/p/trip/held").answers(200);
}

#[test]
fn somebody_signs_in_decides_and_signs_out() {
    let mut scenario = with_accounts();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/held?code=x").answers(303).goes_to("/sign-in?to=%2Fp%2Ftrip%2Fheld%3Fcode%3Dx");
    browser.get("/sign-in?to=%2Fp%2Ftrip%2Fheld").answers(200).hides("trip<").shows("value=\"/p/trip/held\"");
    sign_in(&mut browser, "anna", "wrong").answers(401).shows("do not belong together");
    sign_in(&mut browser, "nobody", PASSWORD).answers(401).shows("do not belong together");
    sign_in(&mut browser, "anna", PASSWORD).answers(303).goes_to("/p/trip/held");
    let cookie = browser.last.headers.iter().find(|(name, _)| name == "set-cookie").unwrap().1.clone();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict") && !cookie.contains("Secure"), "{cookie}");
    let id = browser.get("/p/trip/ie/IE7").shows("anna").shows("Approve").hidden("id").unwrap();
    browser.post("/p/trip/decide", &[("id", &id), ("verb", "reject"), ("reason", "no")]).answers(303);
    assert_eq!(scenario.store().decisions_of("IE7").unwrap()[0].who, "anna");
    browser.get("/").post("/sign-out", &[]).answers(303).goes_to("/sign-in");
    browser.get("/").answers(303);
}

#[test]
fn who_may_only_look_sees_no_form_and_decides_nothing() {
    let mut scenario = with_accounts();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    sign_in(&mut browser, "ben", PASSWORD).answers(303);
    browser.get("/p/trip/held").hides("Approve all").get("/p/trip/ie/IE7").answers(200).hides("value=\"approve\"");
    browser.post("/p/trip/decide", &[("id", "IE7"), ("verb", "approve"), ("reason", "x")]).answers(403);
    browser.get("/p/trip/bulk?verb=approve").answers(403).get("/").post("/p/trip/bulk?verb=approve", &[]).answers(403);
    assert!(scenario.store().decisions_of("IE7").unwrap().is_empty());
}

#[test]
fn a_form_without_its_own_token_is_refused() {
    let mut scenario = with_accounts();
    let site = site(&mut scenario);
    let (mut anna, mut other) = (Browser::new(&site), Browser::new(&site));
    sign_in(&mut anna, "anna", PASSWORD);
    sign_in(&mut other, "anna", PASSWORD);
    let foreign = other.get("/p/trip/ie/IE7").hidden("csrf").unwrap();
    let id = other.hidden("id").unwrap();
    let form = [("id", id.as_str()), ("verb", "approve"), ("reason", "x")];
    anna.post_bare("/p/trip/decide", &form).answers(403);
    for token in ["", "0", foreign.as_str()] {
        let mut with = form.to_vec();
        with.push(("csrf", token));
        anna.post_bare("/p/trip/decide", &with).answers(403).shows("did not come from this page");
    }
    for (name, value) in [("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")] {
        let mut browser = Browser::new(&site);
        sign_in(&mut browser, "anna", PASSWORD);
        browser
            .get("/p/trip/ie/IE7")
            .sends(name, value)
            .post("/p/trip/decide", &form)
            .answers(403)
            .shows("another site");
    }
    assert!(scenario.store().decisions_of("IE7").unwrap().is_empty());
    anna.get("/p/trip/ie/IE7").sends("origin", "null").sends("sec-fetch-site", "same-origin");
    anna.post("/p/trip/decide", &form).answers(303);
}

#[test]
fn a_form_to_sign_in_counts_in_the_browser_that_got_it_only() {
    let mut scenario = with_accounts();
    let site = site(&mut scenario);
    let (mut anna, mut other) = (Browser::new(&site), Browser::new(&site));
    let right = [("name", "anna"), ("password", PASSWORD)];
    anna.post_bare("/sign-in", &right).answers(403).shows("Password");
    let foreign = other.get("/sign-in").hidden("csrf").unwrap();
    let mut with = right.to_vec();
    with.push(("csrf", &foreign));
    anna.get("/sign-in").post_bare("/sign-in", &with).answers(403);
    anna.post("/sign-in", &right).answers(303);
}

#[test]
fn on_loopback_a_form_needs_its_token_and_a_rebound_name_gets_nothing() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.post_bare("/p/trip/decide", &[("id", "IE7"), ("verb", "approve"), ("reason", "x")]).answers(403);
    browser.sends("x-forwarded-for", "10.0.0.9").get("/p/trip/ie/IE7").answers(403).hides("Sunset");
    browser.headers.clear();
    browser.host = "rebound.example.org:8642".to_owned();
    browser.get("/p/trip/ie/IE7").answers(403).hides("Sunset");
}

#[test]
fn attempts_are_limited_by_name_and_by_address_and_a_session_ends() {
    let mut scenario = with_accounts();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    for _ in 0..5 {
        sign_in(&mut browser, "anna", "wrong").answers(401);
    }
    sign_in(&mut browser, "anna", PASSWORD).answers(429).shows("too many attempts");
    assert!(browser.last.headers.iter().any(|(name, _)| name == "retry-after"));
    let mut elsewhere = Browser::new(&site);
    elsewhere.peer = "10.0.0.9";
    sign_in(&mut elsewhere, "anna", PASSWORD).answers(429);
    sign_in(&mut elsewhere, "ben", PASSWORD).answers(303);
    browser.waits(16);
    sign_in(&mut browser, "anna", PASSWORD).answers(303);
    browser.waits(59).get("/").answers(200).waits(59).get("/").answers(200).waits(61).get("/").answers(303);
}

#[test]
fn attempts_count_for_the_address_that_the_proxy_adds_in_whatever_line() {
    let mut scenario = with_accounts();
    scenario.profile_says("serve.proxy-user-header", "\"X-Remote-User\"");
    scenario.profile_says("serve.trusted-proxy", "[\"127.0.0.1\"]");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    for attempt in 0..20 {
        // HAProxy adds a line of its own below what the caller made up; every second one has another address of its /64.
        browser.headers.clear();
        browser.headers.push(("x-forwarded-for".to_owned(), format!("10.0.0.{attempt}")));
        browser.headers.push(("x-forwarded-for".to_owned(), format!("2001:db8:0:7::{attempt:x}")));
        sign_in(&mut browser, &format!("nobody{attempt}"), "wrong").answers(401);
    }
    sign_in(&mut browser, "nobody", "wrong").answers(429);
    browser.headers.clear();
    browser.headers.push(("x-forwarded-for".to_owned(), "2001:db8:0:7::1, 2001:db8:0:8::1".to_owned()));
    sign_in(&mut browser, "nobody", "wrong").answers(401);
}

#[test]
fn only_a_trusted_proxy_says_who_asks() {
    let mut scenario = held();
    for (key, value) in [
        ("proxy-user-header", "\"X-Remote-User\""),
        ("trusted-proxy", "[\"10.0.0.1\"]"),
        ("proxy-deciders", "[\"anna\"]"),
        ("public-url", "\"https://c.example.org\""),
    ] {
        scenario.profile_says(&format!("serve.{key}"), value);
    }
    let site = Site::new(vec![scenario.profile()], "0.0.0.0:8642".parse().unwrap(), "root").unwrap();
    let mut browser = Browser::new(&site);
    browser.host = "c.example.org".to_owned();
    browser.sends("x-remote-user", "anna").get("/").answers(403).hides("trip");
    browser.peer = "10.0.0.1";
    browser.get("/p/trip/ie/IE7").answers(200).shows("anna").shows("value=\"approve\"");
    let (token, id) = (browser.hidden("csrf").unwrap(), browser.hidden("id").unwrap());
    browser.sends("x-remote-user", "ben").get("/p/trip/ie/IE7").answers(200).hides("value=\"approve\"");
    let form = [("id", id.as_str()), ("verb", "approve"), ("reason", "x"), ("csrf", token.as_str())];
    browser.post_bare("/p/trip/decide", &form).answers(403);
    browser.sends("x-remote-user", "anna").post_bare("/p/trip/decide", &form).answers(303);
    browser.headers.push(("x-remote-user".to_owned(), "ben".to_owned()));
    browser.get("/").answers(403);
    browser.headers.clear();
    browser.get("/").answers(403);
    browser.host = "rebound.example.org".to_owned();
    browser.sends("x-remote-user", "anna").get("/").answers(403);
}

#[test]
fn a_cookie_is_secure_where_the_page_is_reached_over_https_and_no_hash_is_ever_shown() {
    let mut scenario = with_accounts();
    scenario.profile_says("serve.public-url", "\"https://c.example.org\"");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    sign_in(&mut browser, "anna", PASSWORD).answers(303);
    let cookie = browser.last.headers.iter().find(|(name, _)| name == "set-cookie").unwrap().1.clone();
    assert!(cookie.starts_with("__Host-cartouche=") && cookie.contains("; Secure"), "{cookie}");
    for page in ["/", "/p/trip/packages", "/p/trip/runs", "/p/trip/ie/IE7", "/sign-in"] {
        browser.get(page).hides("argon2").hides(PASSWORD);
    }
}

#[test]
fn what_is_not_there_is_told_apart_from_what_is_not_asked_so() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/nowhere").answers(404).get("/p/nobody/held").answers(404).get("/p/trip/decide").answers(405);
    browser.ask("HEAD", "/p/trip/held", "").answers(200);
    assert!(browser.last.body.is_empty());
    browser.get("/").post("/p/trip/held", &[]).answers(403);
    browser.get("/style.css").answers(200).shows("prefers-color-scheme");
    browser.ask("POST", "/p/trip/decide", &"x".repeat(2 << 20)).answers(413);
}
