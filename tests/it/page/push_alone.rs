//! A profile that has the push alone: its resources, its runs and its journal, and nothing of a round trip.

use super::api::Program;
use super::running::{PROGRAM, until};
use super::{Browser, held};
use crate::push::deciding::{cataloguer_makes, names};
use crate::support::push::{PushScenario, QUILTS, SAHOLT};
use cartouche::profile::{Served, load_served};
use cartouche::web::{Site, routes};
use serde_json::json;
use std::sync::Arc;

fn served(scenario: &PushScenario) -> Served {
    load_served(scenario.path("p.toml").to_str().unwrap()).unwrap()
}

fn site(profiles: Vec<Served>) -> Site {
    let mut site = Site::new(profiles, "127.0.0.1:8642".parse().unwrap(), "curator").unwrap();
    Arc::get_mut(&mut site.runs).unwrap().program = PROGRAM.into();
    site
}

/// Two resources: one whose bib is somebody else's, and one that has a bib of ours.
fn pushed() -> PushScenario {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    scenario.push().exits(3);
    scenario
}

#[test]
fn every_page_of_such_a_profile_answers_and_those_of_a_round_trip_are_not_there() {
    let scenario = pushed();
    let site = site(vec![served(&scenario)]);
    let ahead = super::works_ahead(&site, Browser::new(&site).now);
    drop(ahead);
    let mut browser = Browser::new(&site);
    browser.get("/").answers(200).shows("1 resources held").shows("/p/p/resources?outcome=held").hides("Rosetta");
    browser.hides("/p/p/packages");
    for route in routes::ROUTES.iter().filter(|route| route.method == "GET" && !route.pattern.ends_with("events")) {
        let path = route.pattern.replace("{profile}", "p").replace("{repository}", "2").replace("{ie}", "IE7");
        let path = path.replace("/resource/2/{number}", "/resource/2/17").replace("{number}", "1");
        let path = path.replace("{side}", "alma").replace("{which}", "alma");
        let status = browser.get(&path).last.status;
        match (route.is_of_trip(), route.pattern.contains("search")) {
            (true, _) => assert_eq!(status, 404, "{path}: {}", browser.text()),
            (false, true) => assert_eq!(status, 400, "{path}: {}", browser.text()),
            (false, false) => assert_eq!(status, 200, "{path}: {}", browser.text()),
        }
        if route.is_of_trip() {
            browser.shows("has no round trip").shows("href=\"/p/p/resources\"");
        }
    }
    browser.get("/p/p/search?q=quilt").goes_to("/p/p/resources?q=quilt");
    browser.get("/search?q=quilt").answers(303).goes_to("/p/p/search?q=quilt");
}

#[test]
fn such_a_profile_is_pushed_decided_about_and_looked_after_on_the_page() {
    let scenario = pushed();
    let site = site(vec![served(&scenario)]);
    let mut browser = Browser::new(&site);
    let page = "/p/p/resource/2/17";
    let id = browser.get(page).answers(200).shows("not-ours").hidden("id").unwrap();
    let decide = format!("{page}/decide");
    browser.post(&decide, &[("id", &id), ("verb", "approve"), ("reason", "the same papers")]).answers(303);
    browser.get("/p/p/run").answers(200).hides("Start a run").shows("Push ArchivesSpace to Alma");
    browser.post("/p/p/run", &[("verb", "run")]).answers(400);
    browser.get("/p/p/run").post("/p/p/run", &[("verb", "push")]).answers(303);
    until(&mut browser, "/p/p/run", "Nothing is under way");
    browser.hides("/p/p/packages");
    let runs = scenario.run("push list p.toml runs --json").exits(0).json();
    assert_eq!((&runs["runs"][0]["command"], &runs["runs"][0]["exit-code"]), (&json!("push"), &json!(0)), "{runs}");
    assert_eq!(scenario.marked(QUILTS).len(), 1, "the bib was adopted");
    browser.get("/p/p/runs").answers(200).shows("curator").hides("/p/p/packages");
    browser.get("/p/p/audit").answers(200).shows("approved");
    browser.waits(1).get("/").shows("Nothing. Everything is where it should be.");
    scenario.journal_is_whole();
}

#[test]
fn a_shelf_that_waits_for_a_person_is_counted_and_found() {
    let scenario = PushScenario::with_holdings(&["2/17", "2/3"]);
    scenario.push().exits(0);
    scenario.catalogue_holding(QUILTS, "manuscripts", "Quilt 1");
    scenario.run("push p.toml --all").exits(3);
    let site = site(vec![served(&scenario)]);
    let mut browser = Browser::new(&site);
    browser.get("/").shows("1 holdings and items open").shows("/p/p/resources?outcome=open-shelf");
    browser.get("/p/p/resources?outcome=open-shelf").shows("/p/p/resource/2/17").hides("/p/p/resource/2/3");
    assert_eq!(Program::new(&site).get("/api/v1/profiles/p")["push"]["open-holdings-and-items"], 1);
}

#[test]
fn a_pull_is_started_where_the_profile_has_one() {
    let mut scenario = pushed();
    let plain = site(vec![served(&scenario)]);
    Browser::new(&plain).get("/p/p/run").hides("Pull from Alma").post("/p/p/run", &[("verb", "pull")]).answers(400);
    scenario.profile_says("push.pull", "mms-id = \"user_defined.string_4\"").run("push status p.toml").exits(0);
    let mut browser = Browser::new(&plain);
    browser.get("/p/p/run").shows("Pull from Alma").post("/p/p/run", &[("verb", "pull")]).answers(303);
    until(&mut browser, "/p/p/run", "Nothing is under way");
    let runs = scenario.run("push list p.toml runs --json").exits(0).json();
    assert_eq!(runs["runs"][0]["command"], json!("push --pull"), "{runs}");
    let saholt = scenario.sandbox.aspace_record(SAHOLT).unwrap();
    assert_eq!(saholt["user_defined"]["string_4"].as_str(), scenario.mms_in_archivesspace(SAHOLT).as_deref());
}

#[test]
fn programs_see_where_both_rivers_stand() {
    let scenario = pushed();
    let mut trip = held();
    let site = site(vec![served(&scenario), trip.profile().into()]);
    let mut program = Program::new(&site);
    let profiles = program.get("/api/v1/profiles");
    let alone = &profiles["profiles"][0];
    assert_eq!((&alone["name"], &alone["standing"]), (&json!("p"), &json!(null)), "{profiles}");
    assert_eq!(alone["push"]["resources"], json!({"done": 1, "held": 1}), "{profiles}");
    assert_eq!(program.get("/api/v1/profiles/p"), *alone);
    program.get("/api/v1/profiles/p/resources");
    program.get("/api/v1/profiles/p/runs");
    program.ask("GET", "/api/v1/profiles/p/packages", "", 404);
    program.ask("GET", "/api/v1/profiles/p/search?q=quilt", "", 404);
    let found = program.get("/api/v1/search?q=quilt");
    assert_eq!(found["profiles"].as_array().unwrap().len(), 1, "{found}");
}

#[test]
fn the_server_takes_such_a_profile_and_names_what_is_wrong_with_another() {
    let mut scenario = pushed();
    let accounts = "proxy-user-header = \"x-user\"\ntrusted-proxy = [\"127.0.0.1\"]";
    scenario.profile_says("serve", accounts).run("push status p.toml").exits(0);
    let site = site(vec![served(&scenario)]);
    Browser::new(&site).get("/").answers(403).sends("x-user", "anna").get("/").answers(200).shows("resources held");
    scenario.profile_says("alma.api", "unknown = 1");
    let said = scenario.run("serve p.toml").exits(2);
    assert!(said.stderr.contains("unknown"), "{}", said.stderr);
}
