//! Approve, reject, retry and undo from the page.

use super::{Browser, IE7, held, site};
use crate::audit;
use crate::support::records::entity;
use crate::support::scenario::Scenario;

#[test]
fn the_whole_story_from_looking_to_taking_back() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/held").shows("ie/IE7\"").get("/p/trip/ie/IE7").shows("Approve");
    let id = browser.hidden("id").unwrap();
    browser.post("/p/trip/decide", &[("id", &id), ("verb", "approve"), ("reason", "the curator agrees")]);
    browser.answers(303).goes_to("/p/trip/ie/IE7?done=approve");
    browser.get("/p/trip/ie/IE7?done=approve").shows("It is approved.").shows("curator").shows("the curator agrees");
    scenario.run("run").exits(3).folder_holds(&["IE7"]);
    scenario.rosetta_applies("IE7").run("run").exits(3);
    browser.waits(1).get("/p/trip/packages?fate=done").shows("confirmed").get("/p/trip/ie/IE7").shows("Take back what");
    browser.post("/p/trip/decide", &[("id", "IE7"), ("verb", "undo"), ("reason", "the wrong bib")]).answers(303);
    browser.get("/p/trip/held").shows("Ways back that wait").shows("undo of story_");
    browser.get("/p/trip/ie/IE7").shows("The way back: what Rosetta held before").shows("the before-image");
    let id = browser.hidden("id").unwrap();
    browser.post("/p/trip/decide", &[("id", &id), ("verb", "approve"), ("reason", "yes, back")]).answers(303);
    scenario.run("run").exits(3).rosetta_applies("IE7").rosetta_shows("IE7", "Sunset at Montmajour");
    browser.get("/p/trip/ie/IE7").shows("<strong>undone</strong>");
    let entries = audit::entries(&mut scenario, "IE7");
    let by_curator = entries.iter().filter(|entry| entry["who"] == "curator");
    let deeds: Vec<&str> = by_curator.map(|entry| entry["event"].as_str().unwrap()).collect();
    assert_eq!(deeds, ["approved", "undone", "approved"], "the journal names who decided on the page");
}

#[test]
fn what_is_taken_back_is_what_the_page_named() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "One", IE7).run("run").rosetta_applies("IE7").run("run");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let first = browser.get("/p/trip/ie/IE7").shows("Take back what").hidden("package").unwrap();
    scenario.alma_edits("9912", "Two").run("run").rosetta_applies("IE7").run("run");
    let form = [("id", "IE7"), ("package", first.as_str()), ("verb", "undo"), ("reason", "wrong")];
    browser.post("/p/trip/decide", &form).answers(409).shows("not the latest package of IE7 any more");
    let second = browser.get("/p/trip/ie/IE7").hidden("package").unwrap();
    let form = [("id", "IE7"), ("package", second.as_str()), ("verb", "undo"), ("reason", "wrong")];
    browser.post("/p/trip/decide", &form).answers(303);
}

#[test]
fn what_moved_on_since_the_page_was_made_is_refused() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let id = browser.get("/p/trip/ie/IE7").hidden("id").unwrap();
    scenario.alma_edits("9912", "Sunrise").run("harvest").exits(3);
    browser.get("/p/trip/held").shows("moved on").get("/p/trip/ie/IE7").shows("has moved on since").hides("Approve");
    browser.get("/p/trip/held").get("/p/trip/ie/IE8");
    browser.post("/p/trip/decide", &[("id", &id), ("verb", "approve"), ("reason", "x")]).answers(409).shows("moved on");
    scenario.run("run").exits(3);
    browser
        .get("/p/trip/ie/IE7")
        .post("/p/trip/decide", &[("id", &id), ("verb", "approve"), ("reason", "x")])
        .answers(409);
    scenario.run("run").exits(3).folder_holds(&[]);
}

#[test]
fn nobody_decides_about_a_difference_that_the_page_does_not_show() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/ie/IE7").answers(200).shows("value=\"approve\"");
    let sheet = "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:template match=\"/\">\
                 <dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>Another</dc:title></dc:record>\
                 </xsl:template></xsl:stylesheet>";
    scenario.stylesheet(sheet).write_profile();
    browser.get("/p/trip/ie/IE7").shows("has changed since this was prepared").shows("Another");
    browser.hides("value=\"approve\"");
    scenario.run("run").exits(3);
    browser.get("/p/trip/ie/IE7").hides("has changed since").shows("value=\"approve\"");
}

#[test]
fn a_decision_needs_a_reason_a_verb_and_something_held() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser
        .get("/p/trip/ie/IE7")
        .post("/p/trip/decide", &[("id", "IE7"), ("verb", "approve"), ("reason", "  ")])
        .answers(400);
    browser
        .get("/p/trip/ie/IE7")
        .post("/p/trip/decide", &[("id", "IE7"), ("verb", "approve"), ("reason", "whatever is held by now")])
        .answers(400)
        .shows("does not say what was looked at");
    browser
        .get("/p/trip/ie/IE7")
        .post("/p/trip/decide", &[("id", "IE7"), ("verb", "delete"), ("reason", "x")])
        .answers(400);
    browser
        .get("/p/trip/ie/IE7")
        .post("/p/trip/decide", &[("id", "all"), ("verb", "approve"), ("reason", "x")])
        .answers(400);
    browser.get("/p/trip/ie/IE7").post("/p/trip/decide", &[("verb", "approve"), ("reason", "x")]).answers(400);
    browser
        .get("/p/trip/ie/IE7")
        .post("/p/trip/decide", &[("id", "IE99-00000000"), ("verb", "reject"), ("reason", "x")])
        .answers(409);
    browser.shows("nothing is held for this IE");
    assert!(scenario.store().decisions_of("IE7").unwrap().is_empty(), "nothing was decided");
}

#[test]
fn a_filter_is_decided_about_after_a_count_and_exactly_as_counted() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/bulk?verb=approve&q=montmajour").shows("Approve 1 package").shows("IE7-");
    browser.get("/p/trip/bulk?verb=approve&field=dc:rights").shows("Approve 1 package");
    browser.get("/p/trip/bulk?verb=approve&code=title-lost").shows("Nothing passes the filter");
    let fingerprint = browser.get("/p/trip/bulk?verb=reject").shows("Reject 2 packages").hidden("fingerprint").unwrap();
    let form: &[(&str, &str)] = &[("fingerprint", &fingerprint), ("reason", "not yet")];
    scenario.alma_edits("9912", "Sunrise").run("run").exits(3);
    browser.post("/p/trip/bulk?verb=reject", form).answers(409).shows("means something else by now");
    let fingerprint = browser.get("/p/trip/bulk?verb=reject").hidden("fingerprint").unwrap();
    let form: &[(&str, &str)] = &[("fingerprint", &fingerprint), ("reason", "not yet")];
    browser.post("/p/trip/bulk?verb=reject", form).answers(200).shows("2 rejected");
    scenario.run("run").fate("9912", "IE7", "skipped rejected").fate("9913", "IE8", "skipped rejected");
    browser.get("/p/trip/skipped").shows("not yet").get("/p/trip/held").shows("Nothing.");
}

#[test]
fn all_that_failed_is_sent_again_and_a_run_is_taken_back() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").locked()).alma_has("9912", "One", IE7);
    scenario.run("run").rosetta_runs_its_job().run("run").exits(3).rosetta_unlocks("IE7");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/packages?fate=error").shows("Retry all of these").get("/p/trip/bulk?verb=retry&fate=error");
    let fingerprint = browser.shows("Retry 1 package").hidden("fingerprint").unwrap();
    let form: &[(&str, &str)] = &[("fingerprint", &fingerprint), ("reason", "unlocked")];
    browser.post("/p/trip/bulk?verb=retry&fate=error", form).answers(200).shows("1 sent again");
    scenario.run("run").folder_holds(&["IE7"]).rosetta_applies("IE7").run("run");
    browser.get("/p/trip/packages?run=3").shows("Take back this whole run");
    let fingerprint =
        browser.get("/p/trip/bulk?verb=undo&run=3").shows("Take back 1 package").hidden("fingerprint").unwrap();
    let form: &[(&str, &str)] = &[("fingerprint", &fingerprint), ("reason", "wrong stylesheet")];
    browser.post("/p/trip/bulk?verb=undo&run=3", form).answers(200).shows("1 undone");
    scenario.run("run").folder_holds(&["IE7"]).rosetta_applies("IE7").rosetta_shows("IE7", "IE7 as ingested");
    browser.get("/p/trip/bulk?verb=undo").answers(400);
}
