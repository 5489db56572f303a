//! Faults of both systems on the way: nothing twice, nothing lost, and the next run goes on.

use super::{PushScenario, QUILTS, SAHOLT};
use cartouche::sandbox::alma_rest::{ApiLimits, ApiMood};
use cartouche::sandbox::aspace::AspaceMood;
use serde_json::json;

#[test]
fn a_resource_that_somebody_saves_in_between_is_read_again_and_keeps_their_change() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.sandbox.set_aspace_mood_once(AspaceMood::Conflict, 0);
    let report = scenario.push().exits(0).json();
    assert_eq!(
        (&report["written-back"], PushScenario::count(&report, "archivesspace", "save resource")),
        (&json!(1), 2)
    );
    assert_eq!(scenario.saves(QUILTS), 1, "one save was refused, one was not");
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), scenario.marked(QUILTS).first());
}

#[test]
fn a_bib_whose_making_had_no_answer_is_found_and_not_made_again() {
    for mood in [ApiMood::ErrorAfter, ApiMood::HtmlAfter] {
        let scenario = PushScenario::of(&["2/17"]);
        scenario.sandbox.set_api_mood_once(mood, 2);
        let report = scenario.push().exits(0).json();
        assert_eq!(scenario.marked(QUILTS).len(), 1, "{mood:?}: {report}");
        assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), scenario.marked(QUILTS).first());
        scenario.journal_is_whole();
    }
}

#[test]
fn a_making_that_an_index_may_not_know_yet_is_not_repeated() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.index_takes("1h");
    scenario.sandbox.set_api_mood_once(ApiMood::StallBefore(std::time::Duration::from_millis(10)), 2);
    let report = scenario.push().exits(3).json();
    assert_eq!(report["outcomes"], json!({"waiting": 1}), "{report}");
    // Nothing was made, and Alma does not find it: for an hour that proves nothing.
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resumed"]["waiting"], 1, "{report}");
    assert_eq!(PushScenario::count(&report, "alma", "create bib"), 0);
}

#[test]
fn a_save_whose_answer_is_lost_is_not_repeated() {
    for mood in [AspaceMood::ErrorAfter, AspaceMood::HtmlAfter] {
        let scenario = PushScenario::of(&["2/17"]);
        scenario.sandbox.set_aspace_mood_once(mood, 0);
        let report = scenario.push().exits(0).json();
        assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), scenario.marked(QUILTS).first(), "{report}");
        let saves = scenario
            .sandbox
            .aspace_calls()
            .iter()
            .filter(|it| it.method == "POST" && it.path.ends_with(QUILTS))
            .count();
        assert_eq!(saves, 1, "{mood:?}");
    }
}

#[test]
fn when_the_day_s_calls_are_used_up_the_run_stops_and_the_next_goes_on() {
    let mut scenario = PushScenario::of(&["2/17", "2/3", "2/4"]);
    scenario.profile_says("alma.api", "daily-floor = 0\nwriters = 1");
    scenario.sandbox.set_api_limits(ApiLimits { per_second: 100_000, daily: 5 });
    let said = scenario.push().exits(3);
    let report = said.json();
    assert!(report["stopped"].as_str().unwrap().contains("calls of"), "{report}");
    assert!(said.stderr.contains("error:"), "{}", said.stderr);
    assert_eq!(report["outcomes"], json!({"created": 1}), "{report}");
    scenario.sandbox.set_api_limits(ApiLimits { per_second: 100_000, daily: 1_000_000 });
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"created": 2}), "{report}");
    for uri in [QUILTS, SAHOLT, "/repositories/2/resources/4"] {
        assert_eq!((scenario.marked(uri).len(), scenario.saves(uri)), (1, 1), "{uri}");
    }
    scenario.journal_is_whole();
}

#[test]
fn one_bib_that_is_locked_does_not_stop_the_others() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.push().exits(0);
    let locked = scenario.marked(QUILTS).remove(0);
    scenario.sandbox.lock_bib(&locked, Some("anna")).unwrap();
    for uri in [QUILTS, SAHOLT] {
        scenario.sandbox.change_aspace(uri, |record| record["title"] = json!("Another title")).unwrap();
    }
    let report = scenario.push().exits(3).json();
    assert_eq!(report["outcomes"], json!({"failed": 1, "updated": 1}), "{report}");
    scenario.sandbox.lock_bib(&locked, None).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"updated": 1}), "{report}");
}

#[test]
fn a_wrong_key_ends_the_run_as_a_fault_of_the_configuration() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    std::fs::write(scenario.path("key"), "wrong").unwrap();
    let said = scenario.push().exits(2);
    assert!(!said.stderr.contains("wrong") && said.stderr.contains("hint:"), "{}", said.stderr);
    assert!(said.json()["stopped"].is_string());
}
