//! How often both systems are asked for holdings and items: not once more than needed.

use super::PushScenario;
use serde_json::json;

#[test]
fn a_whole_shelf_costs_a_call_for_each_thing_that_is_made() {
    let scenario = PushScenario::with_items(&["2/17"]);
    let report = scenario.push().exits(0).json();
    let aspace = json!({"log in": 1, "list resources": 1, "read resources": 1, "read MARC of": 1, "list top containers": 1,
                        "save resource": 1, "save top container": 2});
    assert_eq!(report["calls"]["archivesspace"], aspace);
    // A bib that was made a moment ago has no holdings, and a holding no items: nobody asks for them.
    let alma = json!({"list libraries": 1, "list locations": 1, "find bibs": 2, "create bib": 1, "create holding": 1, "create item": 2});
    assert_eq!(report["calls"]["alma"], alma);
    assert_eq!(scenario.alma_calls().len(), 8, "the stand-in counts the same");
}

#[test]
fn a_shelf_that_is_looked_at_costs_three_calls_and_nothing_new_costs_one_list_more_a_repository() {
    let mut scenario = PushScenario::with_items(&["2/17"]);
    scenario.profile_says("push", "overlap = \"0s\"");
    scenario.push().exits(0);
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    let alma = json!({"list libraries": 1, "list locations": 1, "read bibs": 1, "list holdings": 1, "read holding": 1, "list items": 1});
    assert_eq!(report["calls"]["alma"], alma);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    scenario.push().exits(0);
    std::thread::sleep(std::time::Duration::from_millis(1100));
    let before = scenario.alma_calls().len();
    let report = scenario.push().exits(0).json();
    assert_eq!(
        report["calls"]["archivesspace"],
        json!({"log in": 1, "list resources": 1, "list top containers": 1}),
        "{report}"
    );
    assert_eq!(scenario.alma_calls().len(), before, "Alma was not asked");
}

#[test]
fn a_whole_repository_has_its_shelves_with_one_list_of_boxes_and_a_call_for_each_thing_made() {
    let scenario = PushScenario::with_items(&[]);
    let report = scenario.push().json();
    let count = |system: &str, call: &str| PushScenario::count(&report, system, call);
    let (bibs, holdings) =
        (report["outcomes"]["created"].as_u64().unwrap(), report["holdings"]["created"].as_u64().unwrap());
    let items = report["items"]["created"].as_u64().unwrap();
    assert!(bibs >= 12 && holdings == bibs && items > 50, "{bibs} bibs, {holdings} holdings, {items} items");
    assert_eq!(
        (count("archivesspace", "list top containers"), count("archivesspace", "save top container")),
        (1, items)
    );
    assert_eq!((count("alma", "create holding"), count("alma", "create item")), (holdings, items));
    assert_eq!(
        ["list holdings", "list items", "read holding", "read item", "find item"].map(|call| count("alma", call)),
        [0; 5]
    );
    assert_eq!((count("alma", "list libraries"), count("alma", "list locations")), (1, 1));
    let again = scenario.run("push p.toml --json --all").json();
    assert_eq!(again["items"]["unchanged"].as_u64(), Some(items), "{}", again["items"]);
    assert_eq!((&again["items"]["created"], &again["holdings"]["created"]), (&json!(null), &json!(null)));
}
