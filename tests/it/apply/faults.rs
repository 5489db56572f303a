//! What Rosetta answers instead of yes.

use super::{ies, one};
use crate::support::scenario::applying::{source_md, update_md};
use cartouche::sandbox::soap::SoapMood;
use std::time::Duration;

const TITLE: &str = "<dc:title>New</dc:title>";

#[test]
fn a_locked_ie_stays_in_the_folder_and_is_applied_when_it_is_free() {
    let mut scenario = one();
    scenario.rosetta_locks("IE7").run("run --json").exits(0).tells("/applied/locked", 1).tells("/in-flight", 1);
    scenario.folder_holds(&["IE7"]).run("apply").says("locked by sandbox").says("1 locked");
    scenario.run("status").exits(0);
    scenario.rosetta_unlocks("IE7").run("apply --json").tells("/applied/done", 1).tells("/applied/locked", 0);
    scenario.rosetta_shows("IE7", "Sunset at Montmajour").packages("IE7", &["done"]);
}

#[test]
fn a_locked_ie_is_not_asked_again_before_its_time_and_that_is_remembered() {
    let mut scenario = one();
    scenario.profile_says("rosetta.soap.try-again", "\"1 hour\"").rosetta_locks("IE7").run("run");
    scenario
        .rosetta_unlocks("IE7")
        .run("apply --json")
        .tells("/applied/locked", 1)
        .tells("/applied/files/0/attempts", 1);
    scenario.rosetta_took("IE7", 0).run("apply").says("tried again in 59 min");
}

#[test]
fn a_lock_that_does_not_go_away_needs_a_person() {
    let mut scenario = one();
    scenario.profile_says("staging.settle-within", "\"1ms\"").rosetta_locks("IE7").run("run");
    scenario.waits(Duration::from_millis(20)).run("apply").exits(3).says("1 files stay in the folder").says("1 late");
}

fn check_refused(text: &str, fault: &str) {
    let mut scenario = ies(1);
    scenario.somebody_stages("theirs_IE1.xml", text, 0).run("apply --json").exits(3).tells("/applied/error", 1);
    scenario.place_holds("error", &["theirs_IE1.xml", "theirs_IE1.xml.error.txt"]).place_holds("", &[]);
    scenario.file_says("error/theirs_IE1.xml", text).file_says("error/theirs_IE1.xml.error.txt", fault);
    scenario.rosetta_shows("IE1", "IE1 as ingested").run("apply").exits(0);
}

#[test]
fn what_rosetta_does_not_take_goes_to_error_with_the_reason_in_words() {
    check_refused(&update_md("IE99", TITLE), "NotInPermanentException: IE99 is not in the permanent");
    check_refused(&update_md("IE1", "<dc:title>"), "InvalidXmlException: ");
    check_refused(&source_md("IE1", "1921"), "InvalidMIDException: Cannot Update IE, PID:IE1 and MetaData, MID:1921");
    check_refused(&update_md("IE1", TITLE).replace(">dc<", ">mods<"), "InvalidTypeException: ");
}

#[test]
fn a_whole_file_that_no_rosetta_could_take_is_not_even_sent() {
    check_refused(&update_md("REP1", TITLE), "PID `REP1`");
    check_refused("<updateMD><PID>IE1</PID></updateMD>", "metadata is missing");
}

#[test]
fn a_package_of_ours_that_is_refused_is_settled_with_rosettas_words() {
    let mut scenario = one();
    scenario.rosettas_services_are(SoapMood::Fault("InvalidXmlException".to_owned()));
    scenario.run("run --json").exits(3).tells("/applied/error", 1).tells("/settled/error", 1);
    scenario.packages("IE7", &["error"]).run("explain IE7").says("InvalidXmlException: thrown because");
    // The same content is not sent again by itself.
    scenario.rosettas_services_are(SoapMood::Fair).run("run").exits(3).rosetta_took("IE7", 0);
}

#[test]
fn a_fault_without_a_cause_is_borne_three_times() {
    for fault in ["Exception", "IEWSException", "FixityEventException", "SomethingNewException"] {
        let mut scenario = one();
        scenario.rosettas_services_are(SoapMood::Fault(fault.to_owned())).run("run --json").exits(0);
        scenario
            .tells("/applied/waiting", 1)
            .waits(Duration::from_millis(5))
            .run("apply --json")
            .tells("/applied/error", 0);
        scenario.waits(Duration::from_millis(5)).run("apply --json").exits(3).tells("/applied/error", 1);
        let reason = format!("{fault}: thrown because the sandbox was told to");
        let said: Vec<String> =
            scenario.files_in("error").iter().map(|(_, path)| std::fs::read_to_string(path).unwrap()).collect();
        assert!(said.iter().any(|text| text.starts_with(&reason)), "{said:?}");
    }
}

#[test]
fn an_account_that_may_not_write_leaves_every_file_where_it_is() {
    let mut scenario = ies(5);
    for number in 1..=5 {
        let ie = format!("IE{number}");
        scenario.somebody_stages(&format!("a_{ie}.xml"), &update_md(&ie, TITLE), number);
    }
    scenario.rosettas_services_are(SoapMood::Fault("UserAuthorizeException".to_owned()));
    // After three in a row the others are not tried.
    scenario.run("apply --json").exits(2).tells("/applied/waiting", 5).complains("3 files in a row");
    assert_eq!(scenario.json()["applied"]["files"].as_array().unwrap().len(), 3);
    scenario.rosettas_services_are(SoapMood::Fair).waits(Duration::from_millis(20));
    scenario.run("apply --json").tells("/applied/done", 5);
}

#[test]
fn one_ie_that_the_account_may_not_touch_needs_a_person_and_stops_nobody() {
    let mut scenario = ies(2);
    scenario.somebody_stages("a_IE1.xml", &update_md("IE1", TITLE), 0);
    scenario.rosettas_services_are(SoapMood::Fault("UserAuthorizeException".to_owned()));
    scenario.profile_says("rosetta.soap.try-again", "\"1 hour\"").run("apply").exits(3);
    scenario.rosettas_services_are(SoapMood::Fair).somebody_stages("b_IE2.xml", &update_md("IE2", TITLE), 1);
    scenario.run("apply --json").exits(3).tells("/applied/done", 1).tells("/applied/waiting", 1);
    scenario.tells("/applied/files/0/overdue", true);
}

#[test]
fn a_wrong_password_sends_nothing_and_ends_with_2() {
    let mut scenario = one();
    std::fs::write(scenario.path("password"), "open sesame\n").unwrap();
    scenario.run("run --json").exits(2).tells("/staged", 1).tells("/applied/waiting", 1).conceals("sesame");
    scenario.complains("password of [rosetta.soap]").folder_holds(&["IE7"]);
    std::fs::remove_file(scenario.path("password")).unwrap();
    scenario.run("apply").exits(2).complains("cannot read the password").folder_holds(&["IE7"]);
}

#[test]
fn pages_instead_of_answers_stop_the_work_and_lose_nothing() {
    for mood in [SoapMood::Html, SoapMood::ServerError] {
        let mut scenario = one();
        scenario.rosettas_services_are(mood).run("run --json").exits(1).tells("/applied/waiting", 1);
        scenario.folder_holds(&["IE7"]).complains("applying stopped").rosetta_took("IE7", 0);
        scenario.rosettas_services_are(SoapMood::Fair).run("run").packages("IE7", &["done"]).rosetta_took("IE7", 1);
    }
}

#[test]
fn a_time_out_after_the_commit_is_recognised_by_what_rosetta_stores() {
    let mut scenario = one();
    scenario.profile_says("rosetta.soap.time-out", "\"400ms\"");
    scenario.rosettas_services_are(SoapMood::StallAfterCommit(Duration::from_millis(900)));
    scenario.run("run --json").tells("/applied/done", 1).rosetta_took("IE7", 1).packages("IE7", &["done"]);
    scenario.run("run --json").tells("/applied/done", 0).rosetta_took("IE7", 1);
}

#[test]
fn a_page_in_the_place_of_the_answer_is_seen_through_too() {
    let mut scenario = one();
    scenario.rosettas_services_are(SoapMood::HtmlAfterCommit).run("run --json").tells("/applied/done", 1);
    scenario.rosetta_took("IE7", 1);
}

#[test]
fn a_time_out_without_a_commit_is_sent_again() {
    let mut scenario = one();
    scenario.profile_says("rosetta.soap.time-out", "\"400ms\"");
    scenario.rosettas_services_are(SoapMood::StallInstead(Duration::from_millis(600)));
    scenario.run("run --json").tells("/applied/waiting", 1).folder_holds(&["IE7"]).rosetta_took("IE7", 0);
    scenario.rosettas_services_are(SoapMood::Fair).waits(Duration::from_millis(700)).run("run --json");
    scenario.tells("/applied/done", 1).rosetta_took("IE7", 1);
}

#[test]
fn a_file_is_not_sent_over_what_somebody_wrote_after_it() {
    let mut scenario = one();
    // Rosetta took it; before we hear of that, we die, and an editor goes on from there.
    scenario.dies_at("submitted:0", "run").rosetta_took("IE7", 1).rosetta_edits("IE7", &[("title", "Edited by hand")]);
    scenario.run("apply --json").exits(3).tells("/applied/error", 1).rosetta_took("IE7", 1);
    scenario.rosetta_shows("IE7", "Edited by hand").packages("IE7", &["error"]);
    scenario.run("explain IE7").says("sent when the IE had version 1").says("version 3 now");
}

#[test]
fn source_metadata_is_submitted_with_its_subtype_and_mid() {
    let mut scenario = ies(1);
    scenario.somebody_stages("a_IE1.xml", &source_md("IE1", ""), 0).run("apply --json").tells("/applied/done", 1);
    scenario.somebody_stages("b_IE1.xml", &source_md("IE1", "1000").replace(">1<", ">2<"), 0).run("apply --json");
    scenario.tells("/applied/done", 1).rosetta_took("IE1", 2).place_holds("done", &["a_IE1.xml", "b_IE1.xml"]);
}

#[test]
fn source_metadata_is_never_added_twice() {
    for (point, taken) in [("submitting:0", 0), ("submitted:0", 1)] {
        let mut scenario = ies(1);
        scenario
            .somebody_stages("a_IE1.xml", &source_md("IE1", ""), 0)
            .dies_at(point, "apply")
            .rosetta_took("IE1", taken);
        scenario.run("apply --json").tells("/applied/done", 1).rosetta_took("IE1", 1);
    }
}
