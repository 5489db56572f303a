//! The box on every page: identifiers and words of titles over both feeds.

use super::{Browser, IE7, IE8, held, lists, site, works_ahead};
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;
use cartouche::web::Site;
use cartouche::web::ahead::Ahead;
use std::path::PathBuf;

fn index_of(scenario: &mut Scenario) -> PathBuf {
    scenario.profile().state.with_extension("db.titles")
}

#[test]
fn titles_of_both_feeds_are_found_with_their_fate() {
    let mut scenario = held();
    scenario.profile_says("serve.alma-link", "\"https://alma.example.org/{mms}\"");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser
        .get("/p/trip/search?q=sunset")
        .answers(200)
        .shows("Sunset at")
        .shows("Sunset near")
        .shows("held: every-change");
    browser.shows("rosetta").shows("alma").shows("/p/trip/ie/IE7\"").hides("still being built");
    browser.get("/p/trip/search?q=nobody%27s").shows("9914").shows("skipped: no-match");
    browser.get("/p/trip/search?q=montmajour+1888").shows("near Montmajour, 1888").hides("Sunset at");
    browser.get("/p/trip/search?q=nowhere").answers(200).shows("Nothing.");
    browser.get("/p/trip/search?q=sunset&format=csv").shows("feed,title,record,IE,fate").shows("alma,\"Sunset near");
    browser.get("/p/trip/search").answers(400).get("/p/trip/search?q=+").answers(400);
    browser.get(&format!("/p/trip/search?q={}", "x".repeat(501))).answers(400);
}

#[test]
fn an_identifier_leads_to_what_it_names() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/search?q=IE7").goes_to("/p/trip/ie/IE7");
    browser.get("/p/trip/search?q=+9912+").answers(303);
    let to = browser.last.headers.iter().find(|(name, _)| name == "location").unwrap().1.clone();
    assert!(to.starts_with("/p/trip/record?id=oai%3A") && to.ends_with("%3A9912"), "{to}");
    browser.get(&to).goes_to("/p/trip/ie/IE7");
    browser.get("/p/trip/search?q=oai:ros.example.org:IE8").goes_to("/p/trip/ie/IE8");
    browser.get("/p/trip/search?q=99123456").answers(200).shows("Nothing.");
    browser.get("/search?q=9912").goes_to("/p/trip/search?q=9912").get("/search").answers(400);
    for page in ["/", "/p/trip/held", "/p/trip/ie/IE7", "/p/trip/runs"] {
        browser.get(page).shows("role=\"search\" action=\"").shows("name=\"q\"").shows(">Explain</button>");
    }
}

#[test]
fn what_changes_deleted_or_spoilt_is_found_as_it_is_now() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").titled("Die Brücke")).rosetta_has(entity("IE8").deleted());
    scenario.alma_has("9912", "Le pont", IE7).alma_has("9913", "Il ponte", IE8).alma_has("9914", "Puente", "x");
    scenario.alma_has_bib(bib("9915", "Bridge").suppressed()).run("run").exits(0);
    lists::quarantine(&mut scenario, Some("oai:alma.01TEST:9920"), "<title>Most</title>");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/search?q=brucke").shows("Die Brücke").get("/p/trip/search?q=ponte").shows("Il ponte");
    browser.get("/p/trip/search?q=most").shows("Nothing.").get("/p/trip/search?q=oai:alma.01TEST:9920").answers(303);
    scenario.alma_edits("9912", "Le viaduc").alma_deletes("9913").run("run").exits(3);
    browser.get("/p/trip/search?q=pont").hides("Le pont").hides("Il ponte").hides("9913");
    browser.get("/p/trip/search?q=viaduc").shows("Le viaduc");
    browser.get("/p/trip/search?q=9913").answers(303);
}

#[test]
fn marc_titles_are_those_of_field_245() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7")).alma_has_bib(bib("9912", "Sunset").cites(IE7));
    scenario.profile_says("alma.feed.metadata-prefix", "\"marc21\"").run("run").exits(0);
    let site = site(&mut scenario);
    Browser::new(&site).get("/p/trip/search?q=sunset").answers(200).shows(">9912<").shows("<bdi>Sunset</bdi>");
}

#[test]
fn the_index_is_built_in_the_background_step_by_step_and_goes_on_after_a_restart() {
    let mut scenario = Scenario::new();
    for number in 0..1500 {
        scenario.rosetta_has(entity(&format!("IE{number}")).titled(&format!("Leaf {number}")));
        scenario.alma_has(&format!("99{number}"), &format!("Folio {number}"), "oai:other:x");
    }
    scenario.pages_of(1000).run("run").exits(0);
    let index = index_of(&mut scenario);
    let begun = |site: &Site, browser: &Browser<'_>, steps: usize| {
        let mut ahead = Ahead::begin(site, browser.now).unwrap();
        for _ in 0..steps {
            let _ = ahead.step(site, browser.now).unwrap();
        }
        ahead
    };
    {
        let site = site(&mut scenario);
        let mut browser = Browser::new(&site);
        let _ahead = begun(&site, &browser, 0);
        browser.get("/p/trip/search?q=leaf").answers(200).shows("still being built: nothing yet");
        browser.get("/p/trip/search?q=IE7").goes_to("/p/trip/ie/IE7").get("/p/trip/search?q=997").answers(303);
        // The coverage comes first, then one stretch.
        let _ahead = begun(&site, &browser, 2);
        browser.get("/p/trip/search?q=leaf").shows("still being built: 2000 of 3000 records");
    }
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let _ahead = begun(&site, &browser, 2);
    browser.get("/p/trip/search?q=folio+1499").hides("still being built").shows("Folio 1499");
    browser.get("/p/trip/search?q=leaf+1499").shows("Leaf 1499");
    // A cache: deleted at any time, it is made again.
    let mut ahead = works_ahead(&site, browser.now);
    std::fs::remove_file(&index).unwrap();
    browser.get("/p/trip/search?q=leaf").shows("nothing yet");
    while ahead.step(&site, browser.now).unwrap() {}
    browser.get("/p/trip/search?q=leaf+1499").hides("still being built").shows("Leaf 1499");
    let (mut seen, mut next) = (0, Some("/p/trip/search?q=leaf".to_owned()));
    while let Some(target) = next {
        let page = browser.get(&target).answers(200).text();
        seen += page.matches("<td role=\"cell\" data-label=\"feed\">").count();
        let link = page.split_once("rel=\"next\" href=\"").map(|(_, rest)| rest.split('"').next().unwrap());
        next = link.map(|link| link.replace("&amp;", "&"));
    }
    assert_eq!(seen, 1500);
}

#[test]
fn a_later_pass_brings_what_changed_since() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let mut ahead = works_ahead(&site, browser.now);
    browser.get("/p/trip/search?q=sunset").shows("Sunset near");
    scenario.alma_edits("9912", "Moonrise").run("run").exits(3);
    while ahead.step(&site, browser.now).unwrap() {}
    browser.get("/p/trip/search?q=moonrise").shows("Nothing.").waits(2);
    while ahead.step(&site, browser.now).unwrap() {}
    browser.get("/p/trip/search?q=moonrise").shows("Moonrise").get("/p/trip/search?q=near").shows("Nothing.");
}

#[test]
fn hostile_words_and_titles_do_no_harm() {
    let mut scenario = Scenario::new();
    let title = "<script>alert(1)</script> \u{202E}evil \" onmouseover=x";
    scenario.rosetta_has(entity("IE7").titled(title)).alma_has("9912", title, IE8).run("run").exits(0);
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    for words in ["%22+OR+1%3D1--", "title%3A*", "NEAR(a+b)", "%3Cscript%3Ealert", "%2A", "evil+AND", "%FF", "evil+txt"]
    {
        let page = browser.get(&format!("/p/trip/search?q={words}")).answers(200).text();
        assert!(!page.contains("<script>") && !page.contains('\u{202E}') && !page.contains("\" onmouseover"), "{page}");
    }
    browser.get("/p/trip/search?q=a%00b").answers(400);
    browser.get("/p/trip/search?q=evil").shows("&lt;script&gt;").shows("U+202E");
}
