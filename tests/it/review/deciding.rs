//! Approve, reject, retry: about exactly what was reviewed.

use crate::support::records::entity;
use crate::support::scenario::Scenario;

const IE7: &str = "oai:ros.example.org:IE7";
const IE8: &str = "oai:ros.example.org:IE8";

/// Two IEs whose changes all wait for a person.
fn held() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").rosetta_holds("IE8").alma_has("9912", "One", IE7).alma_has("9913", "Two", IE8);
    scenario.profile_says("review.hold", "\"everything\"").run("run").exits(3).says("2 held").folder_holds(&[]);
    scenario
}

#[test]
fn what_is_approved_is_written_and_the_rest_waits() {
    let mut scenario = held();
    scenario.run("approve IE7 --json").tells("/done/0", "IE7").tells("/refused", serde_json::json!([]));
    scenario.run("stage").exits(3).says("1 package, 0 unchanged, 1 held").folder_holds(&["IE7"]);
    scenario.rosetta_applies("IE7").run("run").exits(3).says("1 unchanged, 1 held");
    scenario.run("approve --all --reason").exits(2);
    scenario.run("approve --all").says("1 approved").run("run").folder_holds(&["IE8"]);
}

#[test]
fn a_selection_must_select_something() {
    let mut scenario = held();
    scenario.run("approve").exits(2).complains("nothing is selected");
    scenario.run("approve IE9").exits(3).complains("nothing is held for this IE");
    scenario.run("approve nonsense").exits(2);
    scenario.run("approve --code title-changed").says("0 approved");
    scenario.run("approve --code every-change --alma oai:nobody").says("0 approved");
    scenario.run("approve --code every-change").says("2 approved").run("run").folder_holds(&["IE7", "IE8"]);
}

#[test]
fn an_approval_does_not_speak_for_what_was_not_reviewed() {
    let mut scenario = held();
    let name = scenario.held_name("IE7");
    scenario.alma_edits("9912", "One, corrected").run("run").exits(3);
    scenario.run(&format!("approve {name}")).exits(3).complains("Alma or Rosetta has moved on").says("0 approved");
    let name = scenario.held_name("IE7");
    scenario.run(&format!("approve {name}")).says("1 approved");
    // Between the approval and the staging Alma moves on: what was approved is no longer what would be written.
    scenario.alma_edits("9912", "One, spoilt").run("run").exits(3).folder_holds(&[]).fate(
        "9912",
        "IE7",
        "held every-change",
    );
    let name = scenario.held_name("IE7");
    scenario.run(&format!("approve {name}")).rosetta_edits("IE7", &[("title", "Ours")]);
    scenario.run("run").exits(3).folder_holds(&[]).fate("9912", "IE7", "held every-change");
}

#[test]
fn the_last_word_counts() {
    let mut scenario = held();
    scenario
        .run("approve --all")
        .says("2 approved")
        .run("reject IE7")
        .says("1 rejected")
        .run("run")
        .folder_holds(&["IE8"]);
    scenario
        .fate("9912", "IE7", "skipped rejected")
        .rosetta_runs_its_job()
        .run("run")
        .says("1 unchanged, 0 held, 1 skipped");
}

#[test]
fn what_was_harvested_and_not_yet_prepared_cannot_be_approved() {
    let mut scenario = held();
    scenario.alma_edits("9912", "One, corrected").run("harvest").exits(3);
    scenario.run("approve IE7").exits(3).complains("has moved on").run("approve IE8").says("1 approved");
}

#[test]
fn what_is_rejected_stays_away_until_one_side_says_something_else() {
    let mut scenario = held();
    scenario
        .run("reject --all --why wrong")
        .says("2 rejected")
        .run("run")
        .says("2 skipped (2 rejected)")
        .folder_holds(&[]);
    scenario.run("explain IE7").says("rejected by ").says("wrong");
    scenario.alma_edits("9912", "One, corrected").run("run").exits(3).fate("9912", "IE7", "held every-change");
    scenario.fate("9913", "IE8", "skipped rejected");
}

#[test]
fn every_risk_is_held_and_a_harmless_change_is_not() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").holds("dc:rights", "x")).rosetta_has(entity("IE8")).rosetta_has(entity("IE9"));
    scenario.alma_has("9912", "One", IE7).alma_has("9913", "A wholly other book", IE8);
    scenario.alma_has("9914", "Three", "oai:ros.example.org:IE9").run("run").rosetta_runs_its_job().run("run");
    scenario.profile_says("review.hold", "\"risky\"").profile_says("review.require", "[\"dc:title\"]");
    scenario
        .alma_edits("9912", "One.")
        .alma_edits("9913", "Poems")
        .rosetta_edits("IE9", &[("title", "Three"), ("date", "1")]);
    scenario.alma_edits("9914", "Three.").run("run").exits(3).folder_holds(&["IE7"]);
    scenario.fate("9913", "IE8", "held title-changed").fate("9914", "IE9", "held field-removed");
    scenario.run("approve IE8 IE9").says("2 approved").run("run").folder_holds(&["IE7", "IE8", "IE9"]);
}

#[test]
fn a_bib_of_more_ies_than_the_profile_lets_pass_is_held() {
    let mut scenario = Scenario::new();
    let two = crate::support::records::bib("9912", "IE7").cites(IE7).cites(IE8);
    scenario.rosetta_holds("IE7").rosetta_holds("IE8").alma_has_bib(two).profile_says("review.hold", "\"risky\"");
    scenario.profile_says("review.title-similarity", "\"0%\"").profile_says("review.max-ies", "1");
    scenario.run("run").exits(3).fate("9912", "IE7", "held several-ies").fate("9912", "IE8", "held several-ies");
    scenario.profile_says("review.max-ies", "2").run("run").folder_holds(&["IE7", "IE8"]);
}

#[test]
fn what_ended_in_error_is_sent_again_when_a_person_says_so() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").locked()).alma_has("9912", "One", IE7).run("run").rosetta_runs_its_job();
    scenario
        .run("run")
        .exits(3)
        .fate("9912", "IE7", "held failed-before")
        .run("approve IE7")
        .exits(3)
        .complains("retry");
    scenario.rosetta_unlocks("IE7").run("retry IE7 --reason unlocked").says("1 sent again");
    scenario.run("run").folder_holds(&["IE7"]).rosetta_applies("IE7").run("run").says("1 unchanged");
    scenario.packages("IE7", &["error", "done"]).run("retry IE7").exits(3).complains("no package of it failed");
}

#[test]
fn a_lost_package_is_given_up_and_sent_again() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "One", IE7).run("run");
    std::fs::remove_file(scenario.only_file_of("IE7")).unwrap();
    scenario.run("settle").exits(3).packages("IE7", &["lost"]).run("retry --code lost").says("1 sent again");
    scenario
        .packages("IE7", &["withdrawn"])
        .run("run")
        .folder_holds(&["IE7"])
        .packages("IE7", &["withdrawn", "staged"]);
}

#[test]
fn a_limit_is_passed_by_force_and_the_reason_is_kept() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "One", IE7).profile_says("limits.max-changed", "\"0%\"");
    scenario.run("run").exits(3).says("limits.max-changed is 0%").says("--force").folder_holds(&[]);
    scenario
        .run("run --force")
        .exits(2)
        .run("stage --force --reason migration")
        .says("migration")
        .folder_holds(&["IE7"]);
    scenario.run("list runs --json").tells(
        "/runs/0/summary/forced/limit",
        "100.0% of the matched IEs would change, limits.max-changed is 0% (cartouche explain PROFILE IE)",
    );
}
