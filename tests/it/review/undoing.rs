//! The way back, and where there is none.

use crate::support::scenario::Scenario;

const IE7: &str = "oai:ros.example.org:IE7";

/// IE7 was described by hand, then by Alma, and Rosetta was seen to hold that.
fn applied() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "Wrong", IE7).starts();
    scenario.rosetta_edits("IE7", &[("title", "By hand"), ("date", "1888")]);
    scenario.run("run").rosetta_applies("IE7").run("run").says("1 unchanged").rosetta_shows("IE7", "Wrong");
    scenario
}

#[test]
fn what_was_written_is_taken_back_and_not_written_again() {
    let mut scenario = applied();
    scenario.run("undo IE7 --reason spoilt").says("1 undone").run("run").folder_holds(&["IE7"]).rosetta_applies("IE7");
    scenario.rosetta_shows("IE7", "By hand").run("run").packages("IE7", &["done", "done"]);
    scenario.fate("9912", "IE7", "skipped rejected").run("explain IE7").says("undone by ").says("spoilt");
    scenario.run("run").folder_holds(&[]).run("status").says("1 rejected");
    scenario
        .alma_edits("9912", "Right")
        .run("run")
        .folder_holds(&["IE7"])
        .rosetta_applies("IE7")
        .rosetta_shows("IE7", "Right");
}

#[test]
fn a_run_and_all_since_an_instant_are_taken_back() {
    let mut scenario = applied();
    scenario.run("undo 1").says("1 undone").run("undo 1").exits(3).complains("on its way back already");
    scenario.run("stage").folder_holds(&["IE7"]).rosetta_applies("IE7").rosetta_shows("IE7", "By hand");
    scenario.run("undo IE7").exits(3).complains("in flight");
    let mut scenario = applied();
    scenario
        .run("undo --since 2026-01-01")
        .says("1 undone")
        .run("run")
        .rosetta_applies("IE7")
        .rosetta_shows("IE7", "By hand");
    let mut scenario = applied();
    scenario
        .run("undo --since 2999-01-01")
        .exits(3)
        .complains("no package")
        .run("undo")
        .exits(2)
        .run("undo what")
        .exits(2);
}

#[test]
fn nothing_is_taken_back_where_rosetta_has_moved_on() {
    let mut scenario = applied();
    scenario.rosetta_edits("IE7", &[("title", "By hand again")]).run("harvest");
    scenario.run("undo IE7").exits(3).complains("no longer the one that was written").run("run").folder_holds(&[]);
    // Moved on between the decision and the staging.
    let mut scenario = applied();
    scenario.run("undo IE7").rosetta_edits("IE7", &[("title", "By hand again")]).run("run").folder_holds(&[]);
    scenario.rosetta_shows("IE7", "By hand again");
}

#[test]
fn what_rosetta_has_not_shown_since_is_not_taken_back() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "Wrong", IE7).run("run").rosetta_applies("IE7").run("settle");
    scenario.run("undo IE7").exits(3).complains("has not shown the IE since");
    scenario.run("harvest").run("undo IE7").says("1 undone");
}

#[test]
fn the_way_back_is_held_like_any_other_change() {
    let mut scenario = applied();
    scenario.profile_says("review.hold", "\"everything\"").run("undo IE7").says("1 undone");
    scenario.run("run").exits(3).folder_holds(&[]).run("list held").says("undo of story_");
    scenario.run("approve IE7").says("1 approved").run("run").folder_holds(&["IE7"]).rosetta_applies("IE7");
    scenario.rosetta_shows("IE7", "By hand");
    let mut scenario = applied();
    scenario.profile_says("review.hold", "\"everything\"").run("undo IE7").run("reject IE7").says("1 rejected");
    scenario.run("run").folder_holds(&[]).rosetta_shows("IE7", "Wrong");
}

#[test]
fn an_undo_is_undone() {
    let mut scenario = applied();
    scenario.run("undo IE7").run("run").rosetta_applies("IE7").run("run").rosetta_shows("IE7", "By hand");
    scenario.run("undo IE7").says("1 undone").run("run").rosetta_applies("IE7").rosetta_shows("IE7", "Wrong");
    scenario.run("run").packages("IE7", &["done", "done", "done"]).folder_holds(&[]);
}

#[test]
fn a_way_back_survives_a_kill_at_every_step() {
    for point in ["planned:0", "written:0", "renamed:0", "delivered:0", "recorded:0"] {
        let mut scenario = applied();
        scenario.run("undo IE7").dies_at(point, "stage").run("settle").run("stage").folder_holds(&["IE7"]);
        scenario.rosetta_applies("IE7").rosetta_shows("IE7", "By hand").run("run").folder_holds(&[]);
        scenario.fate("9912", "IE7", "skipped rejected");
    }
}

#[test]
fn the_journal_tells_who_decided_what_and_stays_whole() {
    let mut scenario = applied();
    scenario.profile_says("review.hold", "\"everything\"").run("undo IE7 --reason spoilt").run("run").exits(3);
    scenario.run("approve IE7 --reason seen").run("run").rosetta_applies("IE7").run("run");
    scenario.alma_edits("9912", "Again").run("run").exits(3).run("reject IE7 --reason never").run("run");
    scenario.run("audit verify").says("whole").run("audit list IE7 --json");
    let journal = scenario.json();
    let entries = journal["entries"].as_array().unwrap();
    let events: Vec<&str> = entries.iter().map(|entry| entry["event"].as_str().unwrap()).collect();
    let expected = [
        "planned",
        "staged",
        "done",
        "confirmed",
        "undone",
        "approved",
        "planned",
        "staged",
        "done",
        "confirmed",
        "rejected",
    ];
    assert_eq!(events, expected);
    assert!(
        entries[4]["detail"] == "spoilt" && entries[10]["detail"].as_str().unwrap().ends_with(": never"),
        "{journal:#}"
    );
}
