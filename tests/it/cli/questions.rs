//! The commands that only look: `check`, `status`, `list`, `explain`.

use super::one_of_each;
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;

/// One pair of each kind that the lists show: package, error, conflict, no match, held.
fn one_of_every_kind() -> Scenario {
    let mut scenario = one_of_each();
    scenario.rosetta_has(entity("IE8").locked()).rosetta_holds("IE9").rosetta_holds("IE10");
    scenario.alma_has("9913", "Locked", "oai:ros.example.org:IE8");
    scenario.alma_has("9914", "One", "oai:ros.example.org:IE9").alma_has("9915", "Two", "oai:ros.example.org:IE9");
    scenario.alma_has_bib(bib("9916", "").without_title().cites("oai:ros.example.org:IE10"));
    scenario.alma_has_bib(bib("9917", "Of no IE"));
    scenario.run("run").exits(3).rosetta_runs_its_job().run("run").exits(3);
    scenario
}

#[test]
fn check_says_what_a_profile_means_and_asks_nobody() {
    let mut scenario = one_of_each();
    scenario.profile_says("rosetta.feed.base-url", "\"http://127.0.0.1:9/nobody\"").run("check");
    scenario
        .says("set digitized")
        .says("at most 5000 in flight, late after 2 d")
        .says("oai-dc-to-rosetta.xsl compiles");
    assert!(!scenario.path("trip.db").exists(), "check makes no store");
    scenario.profile_says("harvest.windows", "4").run("check").says("4 windows side by side");
}

#[test]
fn check_online_asks_both_servers_and_tries_the_folder() {
    let mut scenario = one_of_each();
    scenario.run("check --online").says("the first page has 1 records").says("can be written").says("ros.example.org");
    scenario.run("check --online --json").tells("/ok", true).folder_holds(&[]);
    scenario.profile_says("rosetta.repository-identifier", "\"ros.example\"").run("check --online").exits(2);
    scenario.says("Rosetta says ros.example.org");
    let mut scenario = one_of_each();
    scenario.profile_says("staging.folder", "\"gone\"").run("check --online").exits(2).says("does not exist");
    let mut scenario = one_of_each();
    scenario.profile_says("alma.feed.base-url", "\"http://127.0.0.1:9/x\"").run("check --online --json").exits(1);
    scenario.tells("/ok", false);
}

#[test]
fn status_before_any_run_says_that_there_is_no_store() {
    one_of_each().run("status").exits(2).complains("trip.db does not exist").complains("hint: ");
}

#[test]
fn status_shows_where_things_stand_and_what_to_look_at() {
    let mut scenario = one_of_every_kind();
    scenario.run("status").exits(3).says("rosetta  4 records, complete").says("alma  6 records, complete");
    scenario.says("1 unchanged, 2 held, 3 skipped (2 conflict, 1 no-match)").says("0 in flight, 0 waiting");
    scenario.says("2 held").says("2 conflicts").says("1 in error").says("exit code 3");
    one_of_each().run("run").run("status").exits(0).says("1 in flight, 0 waiting");
}

#[test]
fn every_list_shows_its_rows() {
    let mut scenario = one_of_every_kind();
    for (list, text) in [
        ("packages", "IE7"),
        ("packages --state error", "IE8"),
        ("held", "title-lost"),
        ("held --code failed-before", "the same content ended in error"),
        ("skipped", "no-match"),
        ("skipped --code conflict", "also claimed by"),
        ("unmatched", "oai:alma.01STORY_INST:9917"),
        ("conflicts", "IE9"),
        ("runs", "run"),
    ] {
        scenario.run(&format!("list {list}")).exits(0).says(text);
    }
    scenario.run("list quarantine").complains("0 quarantine");
    scenario.run("list packages --state error").hides("IE7").run("list packages --limit 1").complains("raise --limit");
    scenario.run("list packages --state nonsense").exits(2).complains("use one of planned, staged, done, error");
}

#[test]
fn explain_knows_an_ie_by_all_of_its_names() {
    let mut scenario = one_of_each();
    scenario.run("run");
    for id in ["IE7", "9912", "oai:alma.01STORY_INST:9912", "oai:ros.example.org:IE7"] {
        scenario.run(&format!("explain {id}")).says("dc:identifier: oai:ros.example.org:IE7");
        scenario.says("now  package: in flight as story_").says("+ dc:title  Sunset at Montmajour");
        scenario.says("- dc:title  IE7 as ingested").says("staged, planned 20");
    }
}

#[test]
fn explain_tells_what_became_of_every_kind() {
    let mut scenario = one_of_every_kind();
    scenario.run("explain IE7").says("unchanged").says("done, planned");
    scenario.run("explain IE8").says("held (failed-before)").says("error, planned");
    scenario.run("explain IE9").says("also claimed by oai:alma.01STORY_INST:9915");
    scenario.run("explain IE10").says("held (title-lost)").says("- dc:title");
    scenario.run("explain 9917").says("skipped (no-match)").says("(no IE)");
}

#[test]
fn explain_an_ie_that_no_bib_names() {
    one_of_each()
        .rosetta_holds("IE8")
        .run("run")
        .run("explain IE8")
        .says("no record names this IE")
        .says("IE8 as ingested");
}

#[test]
fn explain_a_bib_of_many_ies_gives_a_line_for_each() {
    let mut scenario = Scenario::new();
    let mut newspaper = bib("9912", "Morgenblatt");
    for number in 1..=6 {
        scenario.rosetta_holds(&format!("IE{number}"));
        newspaper = newspaper.cites(&format!("oai:ros.example.org:IE{number}"));
    }
    scenario.alma_has_bib(newspaper).run("run").run("explain 9912").says("IE1 ").says("IE6 ").says("6 IEs; ");
}

#[test]
fn explain_something_unknown_fails_with_advice() {
    let mut scenario = one_of_each();
    scenario.run("run");
    for id in ["IE99", "12345", "oai:ros.example.org:IE99", "oai:alma.01STORY_INST:1", "nonsense"] {
        scenario.run(&format!("explain {id}")).exits(1).complains("nothing is known of").complains("hint: ");
    }
}

#[test]
fn explain_shows_what_would_happen_now_with_a_changed_stylesheet() {
    let mut scenario = one_of_each();
    scenario.run("run").rosetta_applies("IE7").run("run").run("explain IE7").says("now  unchanged");
    let sheet = include_str!("../../../xslt/oai-dc-to-rosetta.xsl")
        .replace("<dc:record>", "<dc:record><dc:rights>New</dc:rights>");
    scenario.stylesheet(&sheet).run("explain IE7").says("now  package: the next staging writes it").says("+ dc:rights");
}
