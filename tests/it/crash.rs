//! kill -9 anywhere, then a plain run again: the end must be the same as without the kill.

use crate::support::listener::Listener;
use crate::support::scenario::{Scenario, State};
use std::time::Duration;

/// IEs that get a package, an IE of a conflict, and a bib of no IE.
fn world(ies: usize) -> Scenario {
    let mut scenario = Scenario::new();
    for number in 1..=ies {
        let (ie, mms) = (format!("IE{number}"), format!("99{number}"));
        scenario.rosetta_holds(&ie).alma_has(&mms, &format!("Title {number}"), &format!("oai:ros.example.org:{ie}"));
    }
    scenario.rosetta_holds("IE900");
    scenario.alma_has("98001", "One", "oai:ros.example.org:IE900");
    scenario.alma_has("98002", "Other", "oai:ros.example.org:IE900");
    scenario.alma_has("98003", "Nobody's", "oai:elsewhere.example.org:IE900");
    scenario.pages_of(2).clock_stands_still();
    scenario
}

/// A night, Rosetta's job, and the next night; the state after each of the nights.
fn two_nights(mut scenario: Scenario, deaths: [Option<&str>; 2]) -> [State; 2] {
    deaths.map(|death| {
        if let Some(point) = death {
            scenario.dies_at(point, "run").run("audit verify").says("whole");
        }
        scenario.run("run").exits(3).run("audit verify").says("whole");
        let state = scenario.state();
        scenario.rosetta_runs_its_job();
        state
    })
}

fn check(ies: usize, deaths: [Option<&str>; 2]) {
    let undisturbed = two_nights(world(ies), [None, None]);
    assert_eq!(undisturbed[0].packages.len(), ies);
    assert!(undisturbed[1].packages.iter().all(|(_, state)| state == "done"), "{undisturbed:#?}");
    assert_eq!(undisturbed, two_nights(world(ies), deaths), "killed at {deaths:?}");
}

#[test]
fn a_kill_while_staging_leaves_one_file_for_each_ie() {
    for point in ["planned:0", "written:0", "renamed:0", "renamed:1", "renamed:2", "delivered:0", "recorded:0"] {
        check(3, [Some(point), None]);
    }
}

#[test]
fn a_kill_while_many_files_are_made_durable_together_leaves_one_file_for_each_ie() {
    for point in ["planned:0", "written:0", "renamed:35"] {
        check(40, [Some(point), None]);
    }
}

#[test]
fn a_kill_while_settling_loses_nothing() {
    for point in ["settling:0", "settled:0"] {
        check(3, [None, Some(point)]);
    }
}

#[test]
fn a_kill_between_the_pages_of_a_harvest_loses_no_record() {
    // Two pages of Rosetta's and three of Alma's, harvested at once.
    for point in ["page:0", "page:1", "page:2", "page:3", "page:4"] {
        check(3, [Some(point), None]);
    }
}

#[test]
fn a_kill_between_windows_that_are_harvested_side_by_side_loses_no_record() {
    let windows = || {
        let mut scenario = world(12);
        scenario.profile_says("harvest.windows", "3");
        scenario
    };
    let undisturbed = two_nights(windows(), [None, None]);
    assert_eq!(undisturbed[0].packages.len(), 12);
    assert_eq!(undisturbed[0], two_nights(world(12), [None, None])[0], "windows change nothing");
    for point in ["page:0", "page:3", "page:9"] {
        assert_eq!(undisturbed, two_nights(windows(), [Some(point), None]), "killed at {point}");
    }
    // Again and again, wherever it happens to be.
    let mut scenario = windows();
    for moment in 0..10 {
        scenario.is_killed_after(Duration::from_millis(10 + 13 * moment), "harvest");
    }
    scenario.run("run").exits(3);
    assert_eq!(scenario.state(), undisturbed[0]);
}

#[test]
fn a_kill_after_each_of_many_steps_in_a_row_ends_in_the_same_state() {
    let undisturbed = two_nights(world(3), [None, None]);
    let mut scenario = world(3);
    for point in ["page:1", "page:1", "planned:0", "settling:0", "renamed:1", "settled:0", "delivered:0"] {
        scenario.dies_at(point, "run");
    }
    scenario.run("run").exits(3);
    assert_eq!(scenario.state(), undisturbed[0]);
    scenario.rosetta_runs_its_job().dies_at("settling:0", "run").run("run").exits(3);
    assert_eq!(scenario.state(), undisturbed[1]);
}

#[test]
fn rosetta_may_take_the_files_of_a_killed_run_before_anybody_noted_them() {
    for (point, applied) in [("renamed:1", 2), ("delivered:0", 3)] {
        let mut scenario = world(3);
        scenario.dies_at(point, "run").rosetta_runs_its_job();
        assert_eq!(scenario.files_in("done").len(), applied, "at {point}");
        scenario.run("run --json").exits(3).tells("/settled/done", applied).tells("/staged", 3 - applied);
        scenario.rosetta_runs_its_job().run("run").exits(3).says("0 package, 3 unchanged");
        assert_eq!(scenario.state().files.len(), 3);
    }
}

#[test]
fn staging_again_without_settling_first_sends_nothing_twice() {
    for point in ["planned:0", "renamed:1", "delivered:0"] {
        let mut scenario = world(3);
        scenario.dies_at(point, "run");
        let before = scenario.state().files;
        scenario.run("stage").exits(3).says("staged  0 now");
        assert_eq!(scenario.state().files, before, "at {point}");
    }
}

#[test]
fn a_killed_run_that_was_only_planned_is_settled_without_a_trace_in_the_folder() {
    let mut scenario = world(3);
    scenario.dies_at("written:0", "run");
    assert_eq!(scenario.files_in(".incoming").len(), 3);
    scenario.run("settle").exits(3).packages("IE1", &["withdrawn"]);
    assert_eq!(scenario.all_files(), Vec::new());
}

#[test]
fn a_killed_harvest_goes_on_with_the_token_of_its_last_page() {
    let mut scenario = Scenario::new();
    scenario.pages_of(2).rosetta_holds("IE1");
    for number in 10..22 {
        scenario.alma_has(&format!("99{number}"), "Title", "oai:ros.example.org:IE1");
    }
    let mut alma = Listener::before(&scenario.sandbox().alma_base_url());
    scenario.profile_says("alma.feed.base-url", &format!("\"{}\"", alma.base_url()));
    // Rosetta has one page, so of Alma's six the third or the fourth was the last one stored.
    scenario.dies_at("page:3", "harvest");
    let lists = |alma: &mut Listener| {
        let mut urls = alma.requests();
        urls.retain(|url| url.contains("ListRecords"));
        urls
    };
    let before = lists(&mut alma);
    assert!(before[0].contains("metadataPrefix=oai_dc"), "{before:?}");
    scenario.run("harvest").says("alma  12 records, 0 deleted, 6 pages");
    let after = lists(&mut alma);
    assert!(after.iter().all(|url| url.contains("resumptionToken=")), "{after:?}");
    assert!((2..=3).contains(&after.len()), "only what was missing is asked: {after:?}");
}

#[test]
fn kills_at_any_moment_end_where_an_undisturbed_run_ends() {
    let sample = || {
        let mut scenario = Scenario::with_sample_data();
        scenario.pages_of(20).each_answer_takes(Duration::from_millis(10)).clock_stands_still();
        scenario
    };
    let mut undisturbed = sample();
    undisturbed.run("run").exits(3);
    let mut killed = sample();
    let mut moments = Vec::new();
    for _ in 0..10 {
        let moment = Duration::from_millis(fastrand::u64(30..1500));
        moments.push(moment);
        killed.is_killed_after(moment, "run");
    }
    killed.run("run").exits(3).run("audit verify").says("whole");
    assert_eq!(killed.state(), undisturbed.state(), "killed after {moments:?}");
    killed.rosetta_runs_its_job();
    for _ in 0..3 {
        let moment = Duration::from_millis(fastrand::u64(10..400));
        moments.push(moment);
        killed.is_killed_after(moment, "run");
    }
    killed.run("run").exits(3);
    undisturbed.rosetta_runs_its_job().run("run").exits(3);
    assert_eq!(killed.state(), undisturbed.state(), "killed after {moments:?}");
}
