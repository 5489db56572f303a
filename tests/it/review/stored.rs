//! Rosetta's web services say what it stores, where its feed does not.

use crate::support::records::bib;
use crate::support::scenario::Scenario;
use cartouche::model::id::IePid;
use cartouche::sandbox::soap::SoapMood;

const IE7: &str = "oai:ros.example.org:IE7";

/// The title and nothing else.
const TITLE: &str = r#"<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><xsl:template match="/"><dc:record><dc:title><xsl:value-of select="//dc:title"/></dc:title>
 </dc:record></xsl:template></xsl:stylesheet>"#;

/// The feed was harvested, and since then Rosetta holds something else.
fn behind_the_feed() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").rosetta_holds("IE8").alma_has("9912", "Sunset", IE7);
    scenario.alma_has("9913", "IE8 as ingested", "oai:ros.example.org:IE8");
    scenario.cartouche_applies().profile_says("staging.settled-by", "\"rosetta\"");
    scenario.profile_says("merge.policy", "\"merge\"").profile_says("merge.current", "\"soap\"");
    scenario.stylesheet(TITLE).run("harvest");
    scenario.rosetta_edits("IE7", &[("title", "By hand"), ("rights", "Public domain")]);
    scenario
}

#[test]
fn what_is_stored_is_merged_and_only_what_is_about_to_change_is_asked_for() {
    let mut scenario = behind_the_feed();
    scenario.run("stage").folder_holds(&["IE7"]).rosetta_runs_its_job();
    let dc = scenario.sandbox().ie(&pid(7)).unwrap();
    let fields: Vec<String> = dc.fields.iter().map(|field| format!("{}={}", field.name(), field.value)).collect();
    assert!(fields.contains(&"dc:rights=Public domain".to_owned()) && dc.title() == Some("Sunset"), "{fields:?}");
    scenario.rosetta_told("IE7", 1).rosetta_told("IE8", 0);
    scenario.run("run").says("1 done").says("1 confirmed").says("2 unchanged");
    scenario.run("undo IE7").says("1 undone").run("run").rosetta_runs_its_job().rosetta_shows("IE7", "By hand");
}

#[test]
fn what_turns_out_to_be_stored_already_is_not_written() {
    let mut scenario = behind_the_feed();
    scenario
        .rosetta_edits("IE7", &[("title", "Sunset"), ("date", "1888")])
        .run("stage")
        .says("2 unchanged")
        .folder_holds(&[]);
}

#[test]
fn a_locked_ie_waits_and_is_asked_for_by_each_run() {
    let mut scenario = behind_the_feed();
    scenario.rosetta_locks("IE7").run("stage").exits(3).fate("9912", "IE7", "held locked").folder_holds(&[]);
    scenario
        .run("approve IE7")
        .exits(3)
        .run("stage")
        .exits(3)
        .rosetta_unlocks("IE7")
        .run("stage")
        .folder_holds(&["IE7"]);
}

#[test]
fn nothing_is_staged_while_the_services_cannot_tell() {
    for mood in [SoapMood::Html, SoapMood::ServerError] {
        let mut scenario = behind_the_feed();
        scenario.rosettas_services_are(mood).run("stage").exits(1).folder_holds(&[]).packages("IE7", &[]);
        scenario.rosettas_services_are(SoapMood::Fair).run("stage").folder_holds(&["IE7"]);
    }
}

#[test]
fn what_is_reviewed_is_what_is_stored() {
    let mut scenario = behind_the_feed();
    scenario
        .profile_says("review.hold", "\"everything\"")
        .run("stage")
        .exits(3)
        .run("explain IE7")
        .says("Public domain");
    scenario.run("approve IE7").says("1 approved").rosetta_edits("IE7", &[("title", "By hand again")]);
    scenario.run("stage").exits(3).folder_holds(&[]).fate("9912", "IE7", "held every-change");
    scenario.run("approve IE7").run("stage").folder_holds(&["IE7"]);
}

#[test]
fn no_more_is_asked_for_than_there_is_room() {
    let mut scenario = Scenario::new();
    for number in 1..=5 {
        scenario.rosetta_holds(&format!("IE{number}"));
        scenario.alma_has_bib(bib(&format!("991{number}"), "New").cites(&format!("oai:ros.example.org:IE{number}")));
    }
    scenario
        .cartouche_applies()
        .profile_says("staging.settled-by", "\"rosetta\"")
        .profile_says("staging.max-in-flight", "2");
    scenario.profile_says("merge.current", "\"soap\"").run("run").says("staged  2 now, 3 waiting");
    let told: Vec<u64> = (1..=5).map(|number| scenario.sandbox().records_told(&pid(number))).collect();
    assert_eq!(told.iter().sum::<u64>(), 2, "{told:?}");
    scenario.rosetta_runs_its_job().run("run").says("staged  2 now, 1 waiting");
}

fn pid(number: u32) -> IePid {
    IePid::parse(&format!("IE{number}")).unwrap()
}
