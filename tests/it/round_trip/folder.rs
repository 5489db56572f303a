//! What becomes of packages: applied, refused, late, lost, renamed, waiting for room.

use super::one_of_each;
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;
use std::time::Duration;

/// One IE that somebody has locked in Rosetta, so that its package ends in `error`.
fn locked() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").locked());
    scenario.alma_has("9912", "Sunset at Montmajour", "oai:ros.example.org:IE7");
    scenario
}

#[test]
fn a_package_in_error_waits_for_a_person_and_is_never_sent_again_by_itself() {
    let mut scenario = locked();
    scenario.run("run").rosetta_runs_its_job().run("run").exits(3).says("0 done, 1 error");
    scenario.fate("9912", "IE7", "held failed-before").packages("IE7", &["error"]);
    scenario.rosetta_unlocks("IE7").alma_republishes("9912").run("run").exits(3).packages("IE7", &["error"]);
    scenario.run("status").exits(3).says("1 in error");
}

#[test]
fn an_error_that_a_person_settled_by_hand_is_no_longer_counted() {
    let mut scenario = locked();
    scenario.run("run").rosetta_runs_its_job().run("run").exits(3);
    scenario.rosetta_unlocks("IE7").somebody_moves("IE7", "NAME").rosetta_runs_its_job();
    scenario.run("run").says("1 unchanged").packages("IE7", &["error"]);
    scenario.run("status").hides("in error");
}

#[test]
fn new_content_for_an_ie_in_error_is_sent() {
    let mut scenario = locked();
    scenario.run("run").rosetta_runs_its_job().run("run").exits(3);
    scenario.rosetta_unlocks("IE7").alma_edits("9912", "Sunset, mended").run("run").folder_holds(&["IE7"]);
    scenario.rosetta_applies("IE7").run("run").says("1 done").packages("IE7", &["error", "done"]);
}

#[test]
fn a_reason_beside_the_file_in_error_is_kept() {
    let mut scenario = one_of_each();
    scenario.run("run").somebody_moves("IE7", "error/NAME");
    let file = scenario.only_file_of("IE7");
    std::fs::write(format!("{}.error.txt", file.display()), "IE7 is checked out by editor1\n").unwrap();
    scenario.run("settle").exits(3).run("explain IE7").says("IE7 is checked out by editor1");
}

#[test]
fn a_file_that_vanished_is_lost_and_never_sent_again_by_itself() {
    let mut scenario = one_of_each();
    scenario.run("run");
    std::fs::remove_file(scenario.only_file_of("IE7")).unwrap();
    scenario.run("run --json").exits(3).tells("/settled/lost", 1).tells("/staged", 0);
    scenario.packages("IE7", &["lost"]).fate("9912", "IE7", "held failed-before");
    // Not even new content: nobody knows whether Rosetta still has the old file somewhere.
    scenario.alma_edits("9912", "Sunset again").run("run").exits(3).packages("IE7", &["lost"]).folder_holds(&[]);
    scenario.run("status").exits(3).says("1 lost");
}

#[test]
fn a_lost_file_that_is_found_again_heals() {
    for (place, states) in [("NAME", ["staged"]), ("done/NAME", ["done"])] {
        let mut scenario = one_of_each();
        scenario.run("run").somebody_moves("IE7", "../elsewhere/NAME");
        scenario.run("settle").exits(3).packages("IE7", &["lost"]);
        let hidden = std::fs::read_dir(scenario.path("elsewhere")).unwrap().next().unwrap().unwrap().path();
        let target =
            scenario.path("staging").join(place.replace("NAME", &hidden.file_name().unwrap().to_string_lossy()));
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::rename(hidden, target).unwrap();
        scenario.run("settle").packages("IE7", &states);
    }
}

#[test]
fn a_package_that_nobody_takes_becomes_late_and_then_is_done_after_all() {
    let mut scenario = one_of_each();
    scenario.profile_says("staging.settle-within", "\"1ms\"").run("run").exits(0);
    scenario.waits(Duration::from_millis(20)).run("run --json").exits(3).tells("/settled/late", 1);
    scenario.run("status").exits(3).says("1 late");
    scenario.rosetta_applies("IE7").run("run --json").tells("/settled/late", 0).tells("/settled/done", 1);
}

#[test]
fn no_more_files_than_allowed_lie_in_the_folder_and_the_rest_follows() {
    let mut scenario = Scenario::new();
    for number in 1..=5 {
        let ie = format!("IE{number}");
        scenario.rosetta_holds(&ie).alma_has(&format!("99{number}"), "Sunset", &format!("oai:ros.example.org:{ie}"));
    }
    scenario.profile_says("staging.max-in-flight", "2");
    for (waiting, in_flight, done) in [(3, 2, 0), (1, 2, 2), (0, 1, 2), (0, 0, 1)] {
        scenario.run("run --json").tells("/waiting", waiting).tells("/in-flight", in_flight);
        scenario.tells("/settled/done", done).tells("/staged", in_flight);
        // A second run finds no room, and changes nothing.
        scenario.run("run --json").tells("/staged", 0).tells("/waiting", waiting);
        scenario.rosetta_runs_its_job();
    }
    scenario.run("run").says("5 unchanged");
}

#[test]
fn a_second_edit_waits_until_the_first_package_is_settled() {
    let mut scenario = one_of_each();
    scenario
        .run("run")
        .alma_edits("9912", "Second thoughts")
        .run("run --json")
        .tells("/staged", 0)
        .tells("/waiting", 1);
    scenario.folder_holds(&["IE7"]).packages("IE7", &["staged"]);
    scenario.rosetta_applies("IE7").rosetta_shows("IE7", "Sunset at Montmajour");
    scenario.run("run").says("1 done").says("staged  1 now").packages("IE7", &["done", "staged"]);
    scenario.rosetta_applies("IE7").rosetta_shows("IE7", "Second thoughts").run("run").says("1 unchanged");
}

#[test]
fn an_edit_taken_back_while_its_package_is_in_flight_is_sent_after_it() {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE7").titled("Sunset").holds("dc:type", "text"));
    scenario.alma_has("9912", "Sunrise", "oai:ros.example.org:IE7").run("run").folder_holds(&["IE7"]);
    scenario.alma_edits("9912", "Sunset").run("run").packages("IE7", &["staged"]);
    scenario.rosetta_applies("IE7").rosetta_shows("IE7", "Sunrise");
    scenario.run("run").rosetta_applies("IE7").rosetta_shows("IE7", "Sunset").run("run").says("1 unchanged");
}

fn check_settles_in(place: &str, keys: &[(&str, &str)], state: &str) {
    let mut scenario = one_of_each();
    for (key, value) in keys {
        scenario.profile_says(key, value);
    }
    scenario.run("run").somebody_moves("IE7", place).run("settle");
    scenario.exits(if state == "error" { 3 } else { 0 }).packages("IE7", &[state]);
}

#[test]
fn done_and_error_are_found_in_any_case_and_by_the_profiles_names() {
    check_settles_in("Done/NAME", &[], "done");
    check_settles_in("ERROR/NAME", &[], "error");
    check_settles_in("processed/NAME", &[("staging.done", "\"Processed\"")], "done");
    check_settles_in("failed/NAME", &[("staging.error", "\"failed\"")], "error");
}

#[test]
fn a_file_that_the_job_renamed_is_known_by_its_bytes() {
    check_settles_in("done/20261122_0001.xml", &[], "done");
    check_settles_in("error/NAME.failed", &[], "error");
    check_settles_in("done/2026/11/NAME.1", &[], "done");
}

#[test]
fn a_file_that_the_job_renamed_and_wrote_anew_is_known_by_pid_and_content() {
    let mut scenario = one_of_each();
    scenario.run("run");
    let file = scenario.only_file_of("IE7");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir_all(scenario.path("staging/done")).unwrap();
    // Somebody else's file for the same IE does not settle ours.
    let other = text.replace("Sunset", "Sunrise");
    std::fs::write(scenario.path("staging/done/other.xml"), other).unwrap();
    scenario.run("settle").exits(3).packages("IE7", &["lost"]);
    let rewritten = text.replace("<updateMD", "<!-- seen -->\n<updateMD").replace("\n  <PID>", "<PID>");
    std::fs::write(scenario.path("staging/done/0001.xml"), rewritten).unwrap();
    scenario.run("settle").says("1 done").packages("IE7", &["done"]);
}

#[test]
fn a_server_out_of_reach_leaves_the_list_incomplete_and_stages_nothing() {
    let mut scenario = one_of_each();
    scenario.profile_says("alma.feed.base-url", "\"http://127.0.0.1:9/gone\"");
    scenario.run("run --json").exits(1).tells("/feeds/alma/complete", false).tells("/staged", 0).folder_holds(&[]);
    scenario.complains("alma's list is incomplete").run("stage").exits(1).complains("nothing is staged");
    let alma = format!("\"{}\"", scenario.sandbox().alma_base_url());
    scenario.profile_says("alma.feed.base-url", &alma).run("run").folder_holds(&["IE7"]);
}

#[test]
fn a_folder_that_is_not_mounted_ends_the_run_before_anything_is_done() {
    let mut scenario = one_of_each();
    scenario.profile_says("staging.folder", "\"not-mounted\"").run("run").exits(2).complains("does not exist");
    assert!(!scenario.path("not-mounted").exists(), "the folder belongs to Rosetta's administrator");
    scenario.alma_has_bib(bib("9913", "unused")).run("status").exits(0).says("never harvested");
}

#[test]
fn an_empty_mount_point_is_not_a_folder_from_which_everything_was_lost() {
    let mut scenario = one_of_each();
    scenario.run("run").says("1 now");
    let (staging, away) = (scenario.path("staging"), scenario.path("away"));
    std::fs::rename(&staging, &away).unwrap();
    std::fs::create_dir(&staging).unwrap();
    scenario.run("run").exits(2).complains("is bare").packages("IE7", &["staged"]);
    std::fs::remove_dir(&staging).unwrap();
    std::fs::rename(&away, &staging).unwrap();
    scenario.run("settle").packages("IE7", &["staged"]);
}

#[test]
fn a_clock_that_jumps_gives_no_name_twice_and_turns_no_order_round() {
    let mut scenario = one_of_each();
    let times = [
        "2026-11-22T01:00:00Z",
        "2039-01-01T00:00:00Z",
        "1970-01-01T00:00:05Z",
        "1970-01-01T00:00:05Z",
        "2026-11-23T01:00:00Z",
    ];
    for (at, now) in times.iter().enumerate() {
        scenario.alma_edits("9912", &format!("Title {at}")).runs_at(now).folder_holds(&["IE7"]).rosetta_applies("IE7");
        scenario.rosetta_shows("IE7", &format!("Title {at}"));
    }
    let names: Vec<String> =
        scenario.store().packages(None, 10).unwrap().into_iter().rev().map(|package| package.name).collect();
    assert!(names.len() == times.len() && names.is_sorted_by(|a, b| a < b), "{names:?}");
    scenario.run("run").says("1 done").run("run --json").tells("/settled/lost", 0).tells("/unconfirmed/packages", 0);
}

/// Stages where the folder is ill, and again where it is well: nothing is half there, nothing is lost, nothing goes twice.
fn check_staging_survives(script: &str, complaint: &str) {
    let mut scenario = one_of_each();
    scenario.run("run --dry-run");
    std::fs::create_dir_all(scenario.path("elsewhere")).unwrap();
    std::fs::create_dir_all(scenario.path("staging/done")).unwrap();
    if scenario.runs_where("stage", script) {
        scenario.exits(1).complains(complaint).folder_holds(&[]).run("run").folder_holds(&["IE7"]);
        scenario.rosetta_applies("IE7").run("run").says("1 done").says("1 unchanged").folder_holds(&[]);
        let packages = scenario.store().packages(None, 10).unwrap();
        let states: Vec<&str> = packages.iter().map(|package| package.state.as_str()).collect();
        assert!(matches!(states[..], ["done"] | ["done", "withdrawn"]), "{states:?}");
    }
}

#[test]
fn a_folder_that_is_read_only_full_or_split_over_file_systems_loses_nothing() {
    let read_only = "mount --bind $STAGING $STAGING\nmount -o remount,ro,bind $STAGING";
    check_staging_survives(read_only, "Read-only file system");
    let full = "mount -t tmpfs -o size=64k tmpfs $ELSEWHERE\ncp -pr $STAGING/. $ELSEWHERE\n\
                head -c 1M /dev/zero > $ELSEWHERE/full || true\nmount --bind $ELSEWHERE $STAGING";
    check_staging_survives(full, "No space left on device");
    let split = "mkdir -p $STAGING/.incoming\nmount -t tmpfs -o size=64k tmpfs $STAGING/.incoming";
    check_staging_survives(split, "move into place");
}

#[test]
fn a_folder_that_is_unmounted_while_packages_are_in_flight_calls_nothing_lost() {
    let mut scenario = one_of_each();
    scenario.run("run").folder_holds(&["IE7"]);
    std::fs::create_dir_all(scenario.path("elsewhere")).unwrap();
    if scenario.runs_where("run", "mount --bind $ELSEWHERE $STAGING") {
        scenario
            .exits(2)
            .complains("is bare")
            .packages("IE7", &["staged"])
            .rosetta_applies("IE7")
            .run("run")
            .says("1 done");
    }
}
