//! Records with very many IEs, and IEs that very many records claim: pages stay short, and nothing is decided that nobody sees.

use super::{Browser, IE7, site};
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;

/// A newspaper: one record, and an IE for each of its issues.
fn newspaper(issues: usize) -> Scenario {
    let mut scenario = Scenario::new();
    let mut paper = bib("9912", "The Morning Paper");
    for issue in 1000..1000 + issues {
        scenario.rosetta_has(entity(&format!("IE{issue}")));
        paper = paper.cites(&format!("oai:ros.example.org:IE{issue}"));
    }
    scenario.alma_has_bib(paper);
    scenario.run("run --dry-run").exits(0);
    scenario
}

#[test]
fn a_record_of_many_ies_is_told_part_by_part() {
    let mut scenario = newspaper(120);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/record?id=9912").answers(200).shows("IEs 1 to 50 of 120").shows("IE1000").hides("IE1050");
    browser.shows("after=50").get("/p/trip/record?id=9912&after=100").shows("IEs 101 to 120 of 120").shows("IE1119");
    browser.hides("Next IEs").shows("after=50");
    browser.get("/p/trip/ie/IE1077").answers(200).shows("The Morning Paper").hides("IE1078");
    browser.get("/p/trip/record?id=9912&after=99999999").answers(200);
}

#[test]
fn a_stylesheet_is_tried_on_the_first_ies_of_a_record_only() {
    let mut scenario = newspaper(60);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let own = browser.get("/p/trip/try?id=9912").answers(200).text();
    assert!(own.contains("xsl:stylesheet"));
    let text = "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\"><xsl:template match=\"/\">\
                <dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>x</dc:title></dc:record>\
                <xsl:message>told</xsl:message></xsl:template></xsl:stylesheet>";
    browser.post("/p/trip/try", &[("id", "9912"), ("what", "one"), ("text", text)]).answers(200);
    browser.shows("57 more pairs of a record and an IE").shows("IE1002").hides("IE1003");
    browser.get("/p/trip/try?id=9912");
    browser.post("/p/trip/try", &[("what", "sample"), ("text", text)]).shows("1 records, 60 IEs: 60 would become");
    browser.get("/p/trip/try?id=9912");
    browser.post("/p/trip/try", &[("what", "file"), ("text", text)]).answers(200).shows("outcome,package,60,60,");
    assert_eq!(browser.text().matches("IE1000").count(), 2, "each table names an IE once");
}

#[test]
fn an_ie_that_many_records_claim_shows_some_of_them_and_names_others() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7"));
    for number in 100..230 {
        scenario.alma_has(&format!("99{number}"), &format!("Claimant {number}"), IE7);
    }
    scenario.run("run --dry-run").exits(3);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let told = |page: &str, words: &str| (100..230).filter(|n| page.contains(&format!("{words}{n}"))).count();
    let page = browser.get("/p/trip/ie/IE7").answers(200).shows("127 more Alma records claim this IE").text();
    assert_eq!(told(&page, "Claimant "), 3);
    let page = browser.get("/p/trip/conflicts/IE7").answers(200).shows("130 Alma records name it").text();
    assert_eq!((told(&page, "Claimant "), told(&page, "<bdi>99")), (6, 106), "{page}");
    browser.shows("24 more: the list of IEs that are claimed twice");
}
