//! Holdings, items and the numbers on boxes, killed at every point between two calls and two commits: each exists exactly once.

use super::{PushScenario, QUILTS, SAHOLT};
use crate::support::shelf::{BOX_1, BOX_2, value};
use cartouche::sandbox::alma_rest::ApiMood;
use serde_json::json;

fn exactly_once(scenario: &PushScenario, point: u32) {
    let marked = scenario.marked(QUILTS);
    assert_eq!(marked.len(), 1, "killed at {point}: {marked:?}");
    assert_eq!(scenario.holdings(&marked[0]).len(), 1, "killed at {point}");
    let items = scenario.items(QUILTS);
    assert_eq!(items.len(), 2, "killed at {point}: {items:?}");
    let holding = Some(scenario.holdings(&marked[0])[0].holding_id.clone());
    for (container, item) in [(BOX_1, &items[0]), (BOX_2, &items[1])] {
        assert_eq!(
            scenario.numbers_on(container),
            (holding.clone(), Some(value(item, "pid").to_owned())),
            "killed at {point}"
        );
        assert_eq!(scenario.saves(container), 1, "killed at {point}");
    }
}

#[test]
fn a_whole_shelf_is_made_once_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = PushScenario::with_items(&["2/17"]);
        // One box is known by its barcode, the other one by what stands on it.
        scenario.give_barcode(BOX_1, "3011200001");
        let was_killed = scenario.push_killed_at(&format!("push:{point}")).code.is_none();
        scenario.push().exits(0);
        exactly_once(&scenario, point);
        scenario.journal_is_whole();
        let again = scenario.run("push p.toml --json --all").exits(0).json();
        assert_eq!(
            (&again["holdings"], &again["items"]),
            (&json!({"unchanged": 1}), &json!({"unchanged": 2})),
            "killed at {point}"
        );
        if !was_killed {
            assert!(point >= 30, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn taking_a_shelf_back_is_ended_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = PushScenario::with_items(&["2/17"]);
        let run = scenario.push().exits(0).json()["run"].as_i64().unwrap();
        let mut command = scenario.command(&format!("push undo p.toml {run}"));
        command.env("CARTOUCHE_CRASH_AT", format!("push:{point}"));
        let was_killed = command.output().unwrap().status.code().is_none();
        let resumed = scenario.push();
        assert!(matches!(resumed.code, Some(0 | 3)), "killed at {point}: {}", resumed.stderr);
        // Either all of it is done, or what is left can be asked for again.
        let _ = scenario.run(&format!("push undo p.toml {run}")).code;
        let left = (scenario.marked(QUILTS).len(), scenario.mms_in_archivesspace(QUILTS));
        assert_eq!(left, (0, None), "killed at {point}");
        assert_eq!(
            (scenario.numbers_on(BOX_1), scenario.numbers_on(BOX_2)),
            ((None, None), (None, None)),
            "killed at {point}"
        );
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 24, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn a_second_kill_while_a_shelf_is_looked_into_changes_nothing() {
    let scenario = PushScenario::with_items(&["2/17"]);
    let mut killed = 0;
    for point in [12, 2, 14, 0, 9, 1, 6, 3, 10, 2] {
        killed += u32::from(scenario.push_killed_at(&format!("push:{point}")).code.is_none());
    }
    assert!(killed >= 4, "{killed} kills");
    scenario.push().exits(0);
    exactly_once(&scenario, 0);
    scenario.journal_is_whole();
}

#[test]
fn shelves_of_several_resources_are_made_once_though_several_writers_are_killed_at_once() {
    let saholt = ["3", "4", "5", "6"].map(|number| format!("/repositories/2/top_containers/{number}"));
    for point in [7, 19, 33, 47, 60] {
        let mut scenario = PushScenario::with_items(&["2/17", "2/3"]);
        scenario.profile_says("alma.api", "writers = 4");
        assert!(scenario.push_killed_at(&format!("push:{point}")).code.is_none(), "killed at {point}");
        scenario.push().exits(0);
        exactly_once(&scenario, point);
        let marked = scenario.marked(SAHOLT);
        assert_eq!((marked.len(), scenario.holdings(&marked[0]).len()), (1, 1), "killed at {point}");
        let pids: Vec<String> = scenario.items(SAHOLT).iter().map(|xml| value(xml, "pid").to_owned()).collect();
        let mut named: Vec<String> = saholt.iter().filter_map(|container| scenario.numbers_on(container).1).collect();
        named.sort();
        assert_eq!((pids.len(), named), (4, pids.clone()), "killed at {point}");
        assert!(saholt.iter().all(|container| scenario.saves(container) == 1), "killed at {point}");
        scenario.journal_is_whole();
    }
}

#[test]
fn items_that_nothing_but_their_number_tells_apart_are_made_once_wherever_the_program_is_killed() {
    for point in 0.. {
        let mut scenario = PushScenario::with_holdings(&["2/17"]);
        scenario.push().exits(0);
        scenario.profile_says("push.items", "fields = { enumeration-b = \"{indicator}\" }\nwrite-back = false");
        let was_killed = scenario.push_killed_at(&format!("push:{point}")).code.is_none();
        scenario.push().exits(0);
        let items = scenario.items(QUILTS);
        let numbers: Vec<&str> = items.iter().map(|xml| value(xml, "enumeration_b")).collect();
        assert_eq!(numbers, ["1", "2"], "killed at {point}");
        if !was_killed {
            assert!(point >= 8, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn the_end_of_a_day_in_the_middle_of_a_shelf_makes_nothing_twice() {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.profile_says("push.items", "fields = { enumeration-b = \"{indicator}\" }\nwrite-back = false");
    // Libraries, locations, the bib, its holdings, the holding, the items, the first item.
    scenario.sandbox.set_api_mood_once(ApiMood::Daily, 7);
    scenario.push().exits(3);
    assert_eq!(scenario.items(QUILTS).len(), 1);
    scenario.push().exits(0);
    assert_eq!(scenario.items(QUILTS).len(), 2);
}

#[test]
fn a_box_whose_item_never_arrived_does_not_take_that_of_its_neighbour() {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.profile_says("push.items", "fields = {}\nnew = { policy = \"closed\" }");
    scenario.sandbox.set_api_mood_once(ApiMood::ErrorBefore, 7);
    scenario.push().exits(3);
    scenario.push().exits(0);
    assert_eq!(scenario.items(QUILTS).len(), 2);
    assert_ne!(scenario.numbers_on(BOX_1).1, scenario.numbers_on(BOX_2).1);
}

#[test]
fn a_wish_that_is_taken_back_stays_so_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = PushScenario::with_holdings(&["2/17"]);
        scenario.push().exits(0);
        scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC maps"]).exits(0);
        scenario.push().exits(0);
        let drop = ["push", "drop-holding", "p.toml", "2/17", "SPEC maps"];
        let mut command = scenario.command("");
        command.args(drop).env("CARTOUCHE_CRASH_AT", format!("push:{point}"));
        let was_killed = command.output().unwrap().status.code().is_none();
        scenario.push().exits(0);
        // Either it is done, or it can be asked for again.
        if scenario.run("push list p.toml holdings --json").exits(0).json().to_string().contains("SPEC maps") {
            scenario.run_with(&drop).exits(0);
        }
        scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Brask Quilts")).unwrap();
        scenario.push().exits(0);
        assert_eq!(scenario.shelf_marks(QUILTS).len(), 1, "killed at {point}");
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 4, "the program passes {point} points: are they still there?");
            return;
        }
    }
}
