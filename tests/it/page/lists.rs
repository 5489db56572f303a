//! Every list that the terminal has, as a page and as a file.

use super::{Browser, IE7, held, site, works_ahead};
use crate::coverage::world;
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;
use cartouche::model::id::OaiIdentifier;
use cartouche::model::repair::Repairs;
use cartouche::model::window::{Span, Window, WindowState};
use cartouche::oai::page::{Page, Quarantined};
use cartouche::steps;
use cartouche::store::pages::ReadyPage;

/// Puts a record into quarantine as a harvest does.
pub fn quarantine(scenario: &mut Scenario, identifier: Option<&str>, bytes: &str) {
    let (mut store, profile) = (scenario.store(), scenario.profile());
    let feeds = steps::feeds(&store, &profile.round_trip).unwrap();
    let (identifier, bytes) = (identifier.map(OaiIdentifier::new), bytes.to_owned());
    let record = Quarantined {
        identifier,
        datestamp: None,
        text: bytes,
        sent: None,
        reason: "the prefix `nobody` is not declared".to_owned(),
    };
    let (records, quarantined) = (Vec::new(), vec![record]);
    let page = Page { response_date: None, records, quarantined, token: None, repairs: Repairs::NONE, bytes: 0 };
    let window = Window::new(0, Span { from: None, until: None }, WindowState::Done);
    let page = ReadyPage::new(page, "https://alma.example.org/oai?verb=ListRecords&page=7", &window, false);
    store
        .store_apart(feeds.alma, &page, cartouche::model::time::Timestamp::parse("2026-11-20T10:00:00Z").unwrap())
        .unwrap();
}

#[test]
fn the_coverage_and_its_lists_are_those_of_the_terminal() {
    let mut scenario = world();
    scenario.run("run").exits(3);
    for list in ["coverage", "without-alma", "without-ie", "claimed-twice"] {
        let told = String::from_utf8(scenario.command(&format!("list {list} --csv")).output().unwrap().stdout).unwrap();
        let site = site(&mut scenario);
        let text = Browser::new(&site).get(&format!("/p/trip/{list}?format=csv")).answers(200).text();
        let first = |text: &str| {
            let mut cells: Vec<String> =
                text.lines().skip(1).map(|line| line.split(',').next().unwrap().to_owned()).collect();
            cells.sort();
            cells
        };
        assert_eq!(first(&text), first(&told), "{list}");
        assert!(first(&text).len() > 1, "{list}: {text}");
    }
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/coverage").answers(200).shows("<strong>all</strong>").shows("without-alma?set=all-ies");
    browser.get("/p/trip/without-alma?set=prints").answers(200).shows("Nothing.");
    browser.get("/p/trip/without-alma").shows("ie/IE10\"").hides("ie/IE1\"");
    browser.get("/p/trip/claimed-twice").shows("conflicts/IE2\"").shows("conflicts/IE98\"");
    browser.get("/p/trip/without-ie").shows("not-in-rosetta").shows("Is the IE published");
}

#[test]
fn a_thread_that_counts_ahead_counts_anew_when_the_store_has_changed() {
    let mut scenario = world();
    scenario.run("run").exits(3);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let mut ahead = works_ahead(&site, browser.now);
    browser.get("/p/trip/without-alma").answers(200).shows("ie/IE10\"").get("/").shows("<strong>4 conflicts</strong>");
    scenario.sandbox();
    scenario.alma_deletes("991").run("run").exits(3);
    browser.get("/p/trip/without-alma").hides("ie/IE1\"");
    browser.waits(6);
    while ahead.step(&site, browser.now).unwrap() {}
    browser.get("/p/trip/without-alma").shows("ie/IE1\"");
    std::fs::remove_file(scenario.profile().state.with_extension("db.coverage")).unwrap();
    browser.get("/p/trip/coverage").answers(200).shows("It is being counted for the first time");
    browser.get("/p/trip/without-alma").answers(200).shows("It is being counted");
}

#[test]
fn what_alma_no_longer_has_is_listed_with_the_ies_that_it_named() {
    let mut scenario = world();
    scenario.run("run").exits(3).alma_deletes("9905").run("run").exits(3);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/deleted").answers(200).shows("9905").shows("ie/IE5\"").shows("suppressed").shows("ie/IE6\"");
    browser.get("/p/trip/deleted?after=deleted~9999~").hides("ie/IE5\"").shows("ie/IE6\"");
    browser.get("/p/trip/deleted?format=csv").shows("Alma record,reason,IE").shows(",deleted,IE5,");
}

#[test]
fn a_conflict_shows_all_claimants_side_by_side() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").titled("Ours"));
    for number in 1..=8 {
        scenario.alma_has_bib(bib(&format!("991{number}"), &format!("Theirs {number}")).cites(IE7));
    }
    scenario.profile_says("serve.alma-link", "\"https://alma.example.org/{mms}\"");
    scenario.run("run").exits(3);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/conflicts").shows("/p/trip/conflicts/IE7\"").shows("Take the wrong citation out of Alma");
    browser.get("/p/trip/conflicts/IE7").answers(200).shows("8 Alma records name it").shows("Ours").shows("Theirs 6");
    browser.shows("https://alma.example.org/9916").shows("Further records").hides("Theirs 7").shows(">9918<");
    browser.get("/p/trip/conflicts/IE99").answers(404).get("/p/trip/conflicts/x").answers(404);
}

#[test]
fn a_record_in_quarantine_has_a_page_with_its_text() {
    let mut scenario = held();
    let broken =
        "<record><header/><metadata><nobody:title>Lost & <script>alert(1)</script></nobody:title></metadata></record>";
    quarantine(&mut scenario, Some("oai:alma.01TEST:9920"), broken);
    quarantine(&mut scenario, None, "");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/quarantine").shows("quarantine/1\"").shows("quarantine/2\"").shows("(none)").shows("nobody");
    browser.get("/p/trip/quarantine?after=1").hides("quarantine/1\"").shows("quarantine/2\"");
    browser.get("/p/trip/quarantine/1").answers(200).shows("the prefix `nobody` is not declared").shows("page=7");
    browser.shows("nobody:title").hides("<script>").shows("the next harvest that brings a readable version");
    browser.get("/p/trip/quarantine/1?format=plain").answers(200).shows("<nobody:title>Lost & ");
    assert!(browser.last.content_type.starts_with("text/plain"));
    browser.get("/p/trip/quarantine/2").answers(200).shows("The server did not deliver it.");
    browser.get("/p/trip/quarantine/3").answers(404).get("/p/trip/quarantine/x").answers(404);
}

#[test]
fn the_journal_is_listed_and_proven() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let id = browser.get("/p/trip/ie/IE7").hidden("id").unwrap();
    browser.post("/p/trip/decide", &[("id", &id), ("verb", "reject"), ("reason", "not now")]).answers(303);
    browser.get("/p/trip/audit").answers(200).shows("rejected").shows("curator").shows("not now").shows("begun");
    browser
        .get("/p/trip/audit?ie=IE8")
        .answers(200)
        .shows("Nothing.")
        .get("/p/trip/audit?format=csv")
        .shows("rejected");
    browser
        .get("/p/trip/audit")
        .post("/p/trip/audit", &[])
        .answers(303)
        .get("/p/trip/audit")
        .shows("The journal is whole");
    browser.post("/p/trip/audit", &[("head", "x")]).answers(400);
    let other = "ab".repeat(32);
    browser.get("/p/trip/audit").post("/p/trip/audit", &[("head", &other)]).answers(303);
    browser.get("/p/trip/audit").shows("The journal is broken").shows("is not in the journal");
    let mut ahead = works_ahead(&site, browser.now);
    browser.post("/p/trip/audit", &[]).get("/p/trip/audit").shows("is being proven");
    while ahead.step(&site, browser.now).unwrap() {}
    browser.get("/p/trip/audit").hides("is being proven").shows("The journal is whole");
}

#[test]
fn long_lists_go_on_from_page_to_page() {
    let mut scenario = Scenario::new();
    for number in 100..230 {
        scenario.rosetta_holds(&format!("IE{number}")).alma_has(&format!("99{number}"), "Of no IE", "oai:other:IE1");
    }
    scenario.run("run");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    for (list, marker) in [
        ("without-alma", "/p/trip/ie/IE"),
        ("without-ie", "%3A99"),
        ("unmatched", "%3A99"),
        ("without-ie?set=digitized", "%3A99"),
    ] {
        let (mut seen, mut next) = (Vec::new(), Some(format!("/p/trip/{list}")));
        while let Some(target) = next {
            let page = browser.get(&target).answers(200).text();
            seen.extend(page.split(marker).skip(1).map(|rest| rest[..3].to_owned()));
            let link = page.split_once("rel=\"next\" href=\"").map(|(_, rest)| rest.split('"').next().unwrap());
            next = link.map(|link| link.replace("&amp;", "&"));
        }
        let mut distinct = seen.clone();
        distinct.sort();
        distinct.dedup();
        assert_eq!((seen.len(), distinct.len()), (130, 130), "{list}");
        let join = if list.contains('?') { '&' } else { '?' };
        assert_eq!(browser.get(&format!("/p/trip/{list}{join}format=csv")).text().lines().count(), 131, "{list}");
    }
}
