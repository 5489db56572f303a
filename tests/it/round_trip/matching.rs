//! Which bib describes which IE, and when nobody may say.

use super::one_of_each;
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;

const IE7: &str = "oai:ros.example.org:IE7";

#[test]
fn one_bib_of_many_ies_gives_one_package_for_each() {
    let ies = ["IE1", "IE2", "IE3", "IE4"];
    let mut scenario = Scenario::new();
    let mut newspaper = bib("9912", "Morgenblatt");
    for ie in ies {
        scenario.rosetta_holds(ie);
        newspaper = newspaper.cites(&format!("oai:ros.example.org:{ie}"));
    }
    scenario.alma_has_bib(newspaper).run("run").says("4 package").folder_holds(&ies);
    scenario.rosetta_runs_its_job().run("run").says("4 done, 0 error").says("0 package, 4 unchanged");
}

#[test]
fn several_ies_of_one_bib_are_held_when_the_profile_says_so() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE1").rosetta_holds("IE2").rosetta_holds("IE7");
    let two = bib("9912", "Morgenblatt").cites("oai:ros.example.org:IE1").cites("oai:ros.example.org:IE2");
    scenario.alma_has_bib(two).alma_has("9913", "Sunset", IE7);
    scenario.profile_says("match.several-ies", "\"hold\"").run("run").exits(3).folder_holds(&["IE7"]);
    scenario.fate("9912", "IE1", "held several-ies").fate("9912", "IE2", "held several-ies");
}

#[test]
fn two_bibs_of_one_ie_are_a_conflict_and_neither_is_staged() {
    let mut scenario = one_of_each();
    scenario.alma_has("9913", "Sunset at Arles", IE7).run("run").exits(3).folder_holds(&[]);
    scenario.fate("9912", "IE7", "skipped conflict").fate("9913", "IE7", "skipped conflict");
    scenario.run("list conflicts").says("also claimed by oai:alma.01STORY_INST:9913");
}

#[test]
fn when_one_bib_drops_its_claim_the_other_is_staged() {
    let mut scenario = one_of_each();
    scenario.alma_has("9913", "Sunset at Arles", IE7).run("run").exits(3);
    scenario.alma_deletes("9913").run("run").says("staged  1 now").folder_holds(&["IE7"]);
    scenario.rosetta_applies("IE7").rosetta_shows("IE7", "Sunset at Montmajour");
}

#[test]
fn a_claim_that_comes_later_stops_what_was_not_written_yet() {
    let mut scenario = one_of_each();
    scenario.alma_has_bib(bib("9913", "Sunset at Arles")).run("run --dry-run").says("1 package");
    std::fs::write(scenario.path("map.csv"), "MMS ID,IE PID\n9913,IE7\n").unwrap();
    scenario.profile_says("match.fields", "[\"dc:identifier\", \"mms-map\"]");
    scenario.profile_says("match.mms-map", "\"map.csv\"").run("stage").exits(3).folder_holds(&[]);
    scenario.fate("9912", "IE7", "skipped conflict").fate("9913", "IE7", "skipped conflict");
}

#[test]
fn only_identifiers_of_this_rosetta_match() {
    let others = [
        "oai:other.example.org:IE7",
        "oai:ros.example.org.evil:IE7",
        "oai:ros.example.org:REP7",
        "OAI:ROS.EXAMPLE.ORG:IE7",
        "oai:ros.example.org:ie7",
        "IE7",
    ];
    for prefix in ["oai_dc", "marc21"] {
        let mut scenario = Scenario::new();
        scenario.rosetta_holds("IE7").profile_says("alma.feed.metadata-prefix", &format!("\"{prefix}\""));
        for (at, identifier) in others.iter().enumerate() {
            scenario.alma_has_bib(bib(&format!("99{at}"), "Elsewhere").cites(identifier));
        }
        scenario.run("run").says(&format!("0 package, 0 unchanged, 0 held, {} skipped", others.len()));
        for at in 0..others.len() {
            scenario.fate(&format!("99{at}"), "", "skipped no-match");
        }
    }
}

#[test]
fn a_file_of_almas_own_with_the_number_of_an_ie_matches_nothing() {
    for prefix in ["oai_dc", "marc21"] {
        let mut scenario = Scenario::new();
        scenario.rosetta_holds("IE7").alma_has_bib(bib("9912", "Sunset").has_local_file("7"));
        scenario.profile_says("alma.feed.metadata-prefix", &format!("\"{prefix}\""));
        scenario.profile_says("match.fields", "[\"dc:identifier\", \"035\", \"AVD\", \"delivery-link\"]");
        scenario.profile_says("rosetta.delivery-host", "\"ros.example.org\"");
        scenario.run("run").fate("9912", "", "skipped no-match").run("list unmatched").says(":9912");
    }
}

#[test]
fn a_035_with_a_prefix_matches_in_marc() {
    let mut scenario = Scenario::new();
    let marc = bib("9912", "Sunset").field("035", 'a', "(ROSETTA)oai:ros.example.org:IE7");
    scenario.rosetta_holds("IE7").alma_has_bib(marc).profile_says("alma.feed.metadata-prefix", "\"marc21\"");
    scenario.run("run").folder_holds(&["IE7"]).run("explain IE7").says("035: (ROSETTA)oai:ros.example.org:IE7");
}

#[test]
fn an_ie_that_rosetta_never_showed_or_deleted_is_skipped() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").deleted());
    scenario.alma_has("9912", "Sunset", IE7).alma_has("9913", "Nobody's", "oai:ros.example.org:IE8");
    scenario.run("run").fate("9912", "IE7", "skipped not-in-rosetta").fate("9913", "IE8", "skipped not-in-rosetta");
}

#[test]
fn an_ie_need_not_be_shown_when_the_profile_says_so() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE1").alma_has("9913", "Nobody's", "oai:ros.example.org:IE8");
    scenario.profile_says("match.require-in-rosetta", "false").run("run").folder_holds(&["IE8"]);
    // The job knows better: there is no such IE.
    scenario.rosetta_runs_its_job().run("run").exits(3).packages("IE8", &["error"]);
}
