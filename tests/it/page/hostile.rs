//! Every record's text is hostile, and every page survives it.

use super::{Browser, IE7, IE8, site, with_resource};
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;

const SCRIPT: &str = "<script>alert(1)</script>";
const QUOTE: &str = "\" onmouseover=\"alert(1)";
const LINK: &str = "javascript:alert(1)";
const BIDI: &str = "evil \u{202E}txt.exe";

/// Titles of every kind, in flight, held, skipped and in conflict, and one value of 300 kB.
pub fn hostile() -> Scenario {
    let mut scenario = Scenario::new();
    let title = format!("{SCRIPT}{QUOTE} {LINK} {BIDI}");
    let long = format!("{SCRIPT}{}", "\u{202E}<b>&\"".repeat(50_000));
    scenario.rosetta_has(entity("IE7").titled(&title).holds("dc:description", &long));
    scenario.rosetta_has(entity("IE8").titled(&title)).rosetta_has(entity("IE9"));
    scenario.alma_has_bib(bib("9912", &format!("{title} new")).cites(IE7).field("520", 'a', &long));
    scenario.alma_has_bib(bib("9913", &format!("{title} two")).cites(IE8));
    scenario.alma_has_bib(bib("9914", &title).cites("oai:ros.example.org:IE9"));
    scenario.alma_has_bib(bib("9915", &title).cites("oai:ros.example.org:IE9"));
    scenario.alma_has_bib(bib("9916", &title).cites(&format!("oai:x:{SCRIPT}")));
    scenario.run("run").exits(3);
    with_resource(&mut scenario, &title);
    scenario
}

#[test]
fn no_page_lets_a_record_speak_html() {
    let mut scenario = hostile();
    scenario.run(&format!("reject IE7 --reason {}", "<script>alert(2)</script>")).says("1 rejected");
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    let pages = [
        "/",
        "/p/trip/packages",
        "/p/trip/held",
        "/p/trip/waiting",
        "/p/trip/unmatched",
        "/p/trip/conflicts",
        "/p/trip/skipped",
        "/p/trip/conflicts/IE9",
        "/p/trip/deleted",
        "/p/trip/coverage",
        "/p/trip/without-alma",
        "/p/trip/without-ie",
        "/p/trip/without-ie?set=%3Cscript%3E",
        "/p/trip/claimed-twice",
        "/p/trip/resources",
        "/p/trip/resource/2/1",
        "/p/trip/audit",
        "/p/trip/audit?ie=%3Cscript%3E",
        "/p/trip/quarantine",
        "/p/trip/quarantine/1",
        "/p/trip/runs",
        "/p/trip/windows",
        "/p/trip/ie/IE7",
        "/p/trip/ie/IE8",
        "/p/trip/ie/IE9",
        "/p/trip/ie/IE7/xml/rosetta",
        "/p/trip/ie/IE7/xml/alma",
        "/p/trip/ie/IE7/xml/package",
        "/p/trip/ie/IE8/xml/before",
        "/p/trip/ie/IE7/value/rosetta/0",
        "/p/trip/ie/IE7/value/rosetta/1",
        "/p/trip/ie/IE7/value/rosetta/1?part=3",
        "/p/trip/record?id=9916",
        "/p/trip/bulk?verb=approve",
        "/p/trip/held?q=%3Cscript%3E%22onload=x&code=%22%3E%3Cscript%3E",
        "/p/trip/packages?q=%22%3E%3Cscript%3E&field=%22%3E",
        "/p/trip/record?id=%3Cscript%3E",
        "/p/%3Cscript%3E/held",
        "/sign-in?to=%22%3E%3Cscript%3E",
    ];
    for page in pages {
        let text = browser.get(page).text();
        assert!(browser.last.status < 500, "{page}: {text}");
        // The page's own script, whose address is the same everywhere.
        let text = text.replacen("<script src=\"/script.js\" defer></script>", "", 1);
        assert!(!text.contains("<script"), "{page}: {text}");
        // An attribute that a quotation mark in a text has opened.
        assert!(!text.contains("\" onmouseover") && !text.contains("\"onload"), "{page}: {text}");
        assert!(!text.contains("href=\"javascript"), "{page}: {text}");
        assert!(!text.contains('\u{202E}'), "a hidden character is on {page}");
        assert!(!text.contains(" style=") && !text.contains(" onclick="), "{page}: {text}");
    }
    browser.get("/p/trip/ie/IE7").shows("U+202E right-to-left override").shows("&lt;script&gt;");
}

#[test]
fn a_long_value_is_cut_and_stands_whole_on_pages_of_its_own() {
    let mut scenario = hostile();
    let site = site(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/ie/IE7").answers(200).shows("more characters</a>");
    let page = browser.text();
    let link = page.split("class=\"more\" href=\"").nth(1).unwrap().split('"').next().unwrap().replace("&amp;", "&");
    browser.get(&link).answers(200).shows("300025 characters").shows("part 1 of ");
    let parts: usize = browser.text().split("part 1 of ").nth(1).unwrap().split('<').next().unwrap().parse().unwrap();
    let path = link.split('?').next().unwrap().to_owned();
    let mut characters = 0;
    for part in 1..=parts {
        let page = browser.get(&format!("{path}?part={part}")).answers(200).text();
        characters += page.matches(">U+202E</span>").count();
    }
    assert_eq!(characters, 50_000, "every part together is the whole value");
    browser.get("/p/trip/ie/IE7/xml/rosetta").answers(200).shows("part 1 of ");
    browser.get("/p/trip/ie/IE7/value/new/999").answers(404).get("/p/trip/ie/IE7/value/passwd/0").answers(404);
}
