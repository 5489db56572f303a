//! Done is what the job says; confirmed is what Rosetta shows.

use crate::support::scenario::Scenario;

const IE7: &str = "oai:ros.example.org:IE7";

#[test]
fn a_package_is_confirmed_when_rosetta_shows_it() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "One", IE7).run("run").rosetta_applies("IE7").run("settle");
    scenario.run("status --json").tells("/unconfirmed/packages", 1).tells("/unconfirmed/diverged", 0);
    scenario.run("status").says("1 done and not yet seen in Rosetta");
    scenario.run("harvest").says("1 confirmed in Rosetta").run("status --json").tells("/unconfirmed/packages", 0);
    scenario.tells("/unconfirmed/oldest", serde_json::Value::Null);
}

#[test]
fn a_package_that_is_done_while_rosetta_shows_something_else_is_shown() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "One", IE7).profile_says("merge.policy", "\"merge\"");
    // The job moves the file, and somebody has the last word before the next harvest.
    scenario.run("run").rosetta_applies("IE7").run("settle").rosetta_edits("IE7", &[("title", "Other")]);
    scenario.run("run").exits(3).says("1 diverged").run("list diverged").says("IE7");
    scenario.run("explain IE7").says("diverged").run("status").exits(3).says("1 diverged");
    scenario.run("retry IE7").says("1 sent again").run("run").exits(3).folder_holds(&["IE7"]);
    scenario
        .rosetta_applies("IE7")
        .run("run")
        .says("1 confirmed")
        .run("status --json")
        .tells("/unconfirmed/packages", 0);
}

#[test]
fn under_replace_a_feed_may_differ_from_what_is_stored_and_nobody_is_called() {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "One", IE7).run("run").rosetta_applies("IE7").run("settle");
    scenario.rosetta_edits("IE7", &[("title", "As published")]).run("run").says("1 diverged").run("status");
    scenario.folder_holds(&[]).run("run").folder_holds(&[]);
}
