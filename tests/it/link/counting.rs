//! How often Alma is asked: not once more than needed.

use super::{LinkScenario, oai};
use serde_json::json;

#[test]
fn twenty_ies_are_linked_with_three_calls_each_and_nothing_new_costs_none() {
    let ies: Vec<String> = (1..=20).map(|number| format!("IE{number}")).collect();
    let ies: Vec<&str> = ies.iter().map(String::as_str).collect();
    let mut scenario = LinkScenario::harvested(&ies, |_| ());
    let report = scenario.link(0);
    assert_eq!(report["outcomes"], json!({"created": 20}));
    assert_eq!(report["calls"]["alma"], json!({"find bibs": 20, "create bib": 20, "create representation": 20}));
    assert_eq!(scenario.sandbox().api_calls().len(), 60, "the stand-in counts the same");

    let again = scenario.link(0);
    assert_eq!((&again["calls"]["alma"], &again["outcomes"]), (&json!({}), &json!({})), "nothing new costs no call");
    scenario.sandbox().publish();
    scenario.harvests();
    let known = scenario.link(0);
    assert_eq!((&known["ies"]["without-bib"], &known["calls"]["alma"]), (&json!(0), &json!({})));
    assert_eq!(scenario.sandbox().api_calls().len(), 60);
}

#[test]
fn a_look_at_everything_costs_three_calls_an_ie_and_writes_nothing() {
    let mut scenario = LinkScenario::harvested(&["IE1", "IE2"], |_| ());
    scenario.link(0);
    let report = scenario.run("link --all --json", 0).story.json();
    assert_eq!(report["outcomes"], json!({"unchanged": 2}));
    // Where a representation points its list does not say: it is read once, and its IE rests from then on.
    let expected = json!({"find bibs": 2, "list representations": 2, "read representation": 2});
    assert_eq!(report["calls"]["alma"], expected);
    assert_eq!(scenario.link(0)["calls"]["alma"], json!({}));
    assert_eq!(scenario.bibs_of("IE1").len() + scenario.points(&oai("IE1")).len(), 1);
}
