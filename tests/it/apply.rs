//! The program as the update job: files go to Rosetta's web services, and then to done or error.

mod faults;
mod folder;
mod kills;

use crate::support::scenario::Scenario;

/// One IE with a better description in Alma, and nobody but us to apply it.
fn one() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "Sunset at Montmajour", "oai:ros.example.org:IE7");
    scenario.cartouche_applies();
    scenario
}

/// Some IEs, and no feed to speak of: files come from elsewhere.
fn ies(count: usize) -> Scenario {
    let mut scenario = Scenario::new();
    for number in 1..=count {
        scenario.rosetta_holds(&format!("IE{number}"));
    }
    scenario.cartouche_applies();
    scenario
}

#[test]
fn an_edit_in_alma_is_applied_in_the_same_run_and_only_once() {
    let mut scenario = one();
    scenario.run("run --json").tells("/staged", 1).tells("/applied/done", 1).tells("/settled/done", 1);
    scenario.tells("/in-flight", 0).tells("/applied/files", serde_json::json!([]));
    scenario.rosetta_shows("IE7", "Sunset at Montmajour").rosetta_took("IE7", 1).packages("IE7", &["done"]);
    scenario.run("run").says("1 unchanged").says("0 done, 0 error, 0 locked, 0 waiting").rosetta_took("IE7", 1);
    scenario.folder_holds(&[]);
}

#[test]
fn a_dry_run_applies_nothing_and_each_step_can_be_had_alone() {
    let mut scenario = one();
    scenario.run("run --dry-run").rosetta_took("IE7", 0).run("stage").folder_holds(&["IE7"]).rosetta_took("IE7", 0);
    scenario.run("apply --json").tells("/applied/done", 1).tells("/settled/done", 1).rosetta_took("IE7", 1);
    scenario.run("list runs").says("apply");
}

#[test]
fn a_folder_that_rosettas_job_takes_is_left_to_it() {
    let mut scenario = one();
    scenario.profile_says("staging.settled-by", "\"rosetta\"").run("run").folder_holds(&["IE7"]);
    scenario.run("apply").exits(2).complains("settled-by is \"rosetta\"").folder_holds(&["IE7"]).rosetta_took("IE7", 0);
}

#[test]
fn applying_needs_to_know_where_rosetta_is() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").profile_says("staging.settled-by", "\"cartouche\"");
    scenario.run("check").exits(2).complains("needs the table [rosetta.soap]");
}

#[test]
fn a_second_edit_waits_for_the_first_even_when_it_is_locked() {
    let mut scenario = one();
    scenario.rosetta_locks("IE7").run("run --json").tells("/applied/locked", 1);
    scenario.alma_edits("9912", "Second thoughts").run("run --json").tells("/staged", 0).tells("/waiting", 1);
    scenario.rosetta_unlocks("IE7").run("run").packages("IE7", &["done"]).rosetta_shows("IE7", "Sunset at Montmajour");
    scenario.run("run").packages("IE7", &["done", "done"]).rosetta_shows("IE7", "Second thoughts");
}
