//! The program killed at every point between two calls and two commits: what is made is made once.

use super::{PushScenario, QUILTS, SAHOLT};
use serde_json::json;

#[test]
fn a_bib_and_its_write_back_are_made_once_wherever_the_program_is_killed() {
    let mut points = 0;
    for point in 0.. {
        let scenario = PushScenario::of(&["2/17"]);
        let said = scenario.push_killed_at(&format!("push:{point}"));
        let was_killed = said.code.is_none();
        scenario.push().exits(0);
        let marked = scenario.marked(QUILTS);
        assert_eq!(marked.len(), 1, "killed at {point}: {marked:?}");
        assert_eq!(scenario.saves(QUILTS), 1, "killed at {point}");
        assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), marked.first(), "killed at {point}");
        scenario.journal_is_whole();
        let again = scenario.run("push p.toml --json --all").exits(0).json();
        assert_eq!(again["outcomes"], json!({"unchanged": 1}), "killed at {point}: {again}");
        if !was_killed {
            points = point;
            break;
        }
    }
    assert!(points >= 9, "the program passes {points} points: are they still there?");
}

#[test]
fn an_update_is_made_once_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = PushScenario::of(&["2/3"]);
        scenario.push().exits(0);
        let mms = scenario.marked(SAHOLT).remove(0);
        scenario.sandbox.change_aspace(SAHOLT, |record| record["title"] = json!("Merrow papers")).unwrap();
        let was_killed = scenario.push_killed_at(&format!("push:{point}")).code.is_none();
        scenario.push().exits(0);
        assert!(scenario.bib(&mms).contains("Merrow papers"), "killed at {point}");
        let puts = scenario.alma_calls().iter().filter(|call| call.starts_with("PUT")).count();
        assert_eq!(puts, 1, "killed at {point}");
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 4, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn a_second_kill_while_the_first_is_looked_into_changes_nothing() {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.profile_says("alma.api", "writers = 1");
    // 2 lies behind the call that makes a bib: the first resume finds it, and is killed in its turn before and after it says so.
    for point in ["push:2", "push:0", "push:1", "push:0", "push:2"] {
        let said = scenario.push_killed_at(point);
        assert_eq!(said.code, None, "{point}: {}", said.stdout);
    }
    scenario.push().exits(0);
    for uri in [QUILTS, SAHOLT] {
        assert_eq!((scenario.marked(uri).len(), scenario.saves(uri)), (1, 1), "{uri}");
    }
    scenario.journal_is_whole();
}

#[test]
fn taking_back_is_ended_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = PushScenario::of(&["2/17"]);
        let _ = scenario.push().exits(0);
        let mut command = scenario.command("push undo p.toml 2/17");
        command.env("CARTOUCHE_CRASH_AT", format!("push:{point}"));
        let was_killed = command.output().unwrap().status.code().is_none();
        let resumed = scenario.push();
        assert!(matches!(resumed.code, Some(0 | 3)), "killed at {point}: {}", resumed.stderr);
        // Either nothing was sent yet, and it can be asked for again; or all of it is done.
        let _ = scenario.run("push undo p.toml 2/17").code;
        let left = (scenario.marked(QUILTS).len(), scenario.mms_in_archivesspace(QUILTS));
        assert_eq!(left, (0, None), "killed at {point}");
        assert_eq!(
            scenario.run("push p.toml --json --all").json()["outcomes"],
            json!({"skipped": 1}),
            "killed at {point}"
        );
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 8, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn several_writers_that_are_killed_at_once_make_everything_once() {
    const THIRD: &str = "/repositories/2/resources/4";
    let mut killed = 0;
    for point in (0..24).step_by(3) {
        let mut scenario = PushScenario::of(&["2/17", "2/3", "2/4"]);
        scenario.profile_says("alma.api", "writers = 3");
        killed += usize::from(scenario.push_killed_at(&format!("push:{point}")).code.is_none());
        scenario.push().exits(0);
        for uri in [QUILTS, SAHOLT, THIRD] {
            assert_eq!((scenario.marked(uri).len(), scenario.saves(uri)), (1, 1), "killed at {point}: {uri}");
            assert_eq!(scenario.mms_in_archivesspace(uri).as_ref(), scenario.marked(uri).first(), "killed at {point}");
        }
        scenario.journal_is_whole();
    }
    assert_eq!(killed, 8, "the program passes these points: are they still there?");
}
