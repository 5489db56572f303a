//! kill -9 anywhere while files are applied, then a plain run: nothing lost, nothing applied twice.

use super::ies;
use crate::support::scenario::Scenario;
use crate::support::scenario::applying::update_md;
use std::time::Duration;

/// Three IEs with a better description in Alma.
fn world() -> Scenario {
    let mut scenario = Scenario::new();
    for number in 1..=3 {
        let ie = format!("IE{number}");
        scenario.rosetta_holds(&ie);
        scenario.alma_has(&format!("99{number}"), &format!("Title {number}"), &format!("oai:ros.example.org:{ie}"));
    }
    scenario.clock_stands_still().cartouche_applies();
    scenario
}

#[test]
fn a_kill_at_any_point_of_applying_ends_where_an_undisturbed_run_ends() {
    let mut undisturbed = world();
    // The second night hears of what the first one changed.
    undisturbed.run("run").run("run");
    let expected = undisturbed.state();
    assert!(expected.packages.iter().all(|(_, state)| state == "done") && expected.packages.len() == 3);
    for point in ["submitting", "submitted", "answered", "reasoned", "moved", "put-away", "forgotten"] {
        for count in 0..3 {
            let mut scenario = world();
            scenario.dies_at(&format!("{point}:{count}"), "run").run("run").run("run");
            assert_eq!(scenario.state(), expected, "killed at {point}:{count}");
            for ie in ["IE1", "IE2", "IE3"] {
                scenario.rosetta_took(ie, 1);
            }
            assert!(scenario.store().submissions().unwrap().is_empty(), "killed at {point}:{count}");
        }
    }
}

#[test]
fn a_kill_while_a_file_goes_to_error_leaves_it_there_with_its_reason_once() {
    for point in ["submitting", "submitted", "refused", "reasoned", "moved", "put-away"] {
        let mut scenario = ies(1);
        scenario.somebody_stages("a_IE9.xml", &update_md("IE9", "<dc:title>Nobody</dc:title>"), 0);
        scenario.dies_at(&format!("{point}:0"), "apply").run("apply");
        let killed_after_the_move = matches!(point, "moved" | "put-away");
        scenario.exits(if killed_after_the_move { 0 } else { 3 });
        scenario.place_holds("", &[]).place_holds("error", &["a_IE9.xml", "a_IE9.xml.error.txt"]);
        let reason = std::fs::read_to_string(scenario.path("staging/error/a_IE9.xml.error.txt")).unwrap();
        assert_eq!(reason.matches("NotInPermanentException").count(), 1, "killed at {point}: {reason}");
    }
}

#[test]
fn kills_at_any_moment_apply_each_file_once() {
    let mut scenario = ies(20);
    for number in 1..=20 {
        let ie = format!("IE{number}");
        let text = update_md(&ie, &format!("<dc:title>New {number}</dc:title>"));
        scenario.somebody_stages(&format!("a_{ie}.xml"), &text, number);
    }
    for moment in 0..12 {
        scenario.is_killed_after(Duration::from_millis(15 + 9 * moment), "apply");
    }
    scenario.run("apply");
    for number in 1..=20 {
        scenario
            .rosetta_shows(&format!("IE{number}"), &format!("New {number}"))
            .rosetta_took(&format!("IE{number}"), 1);
    }
    scenario.place_holds("", &[]);
    assert_eq!(scenario.files_in("done").len(), 20);
}
