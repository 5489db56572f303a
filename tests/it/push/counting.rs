//! How often both systems are asked: not once more than needed.

use super::{PushScenario, QUILTS};
use serde_json::json;

/// Calls as the report counts them, without those that are not named.
fn calls(report: &serde_json::Value) -> (serde_json::Value, serde_json::Value) {
    (report["calls"]["archivesspace"].clone(), report["calls"]["alma"].clone())
}

#[test]
fn fourteen_resources_are_made_with_no_call_more_than_needed_and_nothing_new_costs_one() {
    let mut scenario = PushScenario::of(&[]);
    scenario.profile_says("push", "overlap = \"0s\"");
    let first = scenario.push().json();
    let made = first["outcomes"]["created"].as_u64().unwrap();
    let (aspace, alma) = calls(&first);
    let all = first["gathered"]["new"].as_u64().unwrap();
    assert_eq!((made, all), (14, 14), "{first}");
    let expected =
        json!({"log in": 1, "list resources": 1, "read resources": 1, "read MARC of": all, "save resource": made});
    assert_eq!(aspace, expected);
    // Before the plan, and once more before a bib is made.
    assert_eq!(alma, json!({"find bibs": all + made, "create bib": made}));
    assert_eq!(scenario.sandbox.api_calls().len() as u64, all + 2 * made, "the stand-in counts the same");

    // What it has written itself comes back once, and is known.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    scenario.push().json();
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let third = scenario.push().json();
    let held = first["outcomes"]["held"].as_u64().unwrap_or(0);
    assert_eq!(calls(&third).0, json!({"log in": 1, "list resources": 1}));
    assert_eq!(
        PushScenario::count(&third, "alma", "create bib") + PushScenario::count(&third, "alma", "update bib"),
        0
    );
    assert_eq!(third["resources"].as_array().unwrap().len() as u64, held, "only what waits for a person is looked at");
}

#[test]
fn bibs_are_read_in_one_call_and_each_change_costs_two_more() {
    let scenario = PushScenario::of(&["2/17", "2/3", "2/4"]);
    scenario.push().exits(0);
    for uri in [QUILTS, super::SAHOLT] {
        scenario.sandbox.change_aspace(uri, |record| record["title"] = json!("Another title, for a test")).unwrap();
    }
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!(report["outcomes"], json!({"unchanged": 1, "updated": 2}), "{report}");
    let alma = &report["calls"]["alma"];
    assert_eq!(*alma, json!({"read bibs": 1, "read bib": 2, "update bib": 2}));
}

#[test]
fn nothing_is_sent_when_only_the_time_of_the_last_change_moved() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let before = scenario.sandbox.api_calls().len();
    scenario.sandbox.touch_aspace(QUILTS).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["gathered"]["same"], &report["gathered"]["marc"]), (&json!(1), &json!(0)), "{report}");
    assert_eq!(scenario.sandbox.api_calls().len(), before, "Alma was not asked");
}

#[test]
fn a_hundred_bibs_are_read_in_one_call_and_one_that_is_missing_costs_two_more() {
    let sandbox_numbers: Vec<String> = (101..=202).map(|number| format!("2/{number}")).collect();
    let scenario = PushScenario::of(&sandbox_numbers.iter().map(String::as_str).collect::<Vec<_>>());
    let mut copy = scenario.sandbox.aspace_record(QUILTS).unwrap();
    for number in 101..=202 {
        copy["uri"] = json!(format!("/repositories/2/resources/{number}"));
        scenario.sandbox.add_aspace(copy.clone());
    }
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"created": 102}));
    let gone = scenario.marked("/repositories/2/resources/150").remove(0);
    scenario.alma().delete_bib(&cartouche::model::id::MmsId::parse(&gone).unwrap()).unwrap();
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(report["outcomes"], json!({"unchanged": 101, "held": 1}), "{}", report["outcomes"]);
    // Once more by its number, and once by our 035.
    assert_eq!(report["calls"]["alma"], json!({"read bibs": 2, "read bib": 1, "find bibs": 1}));
}
