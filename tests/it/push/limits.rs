//! What one run may do without being asked: a rule or a mass edit gone wrong waits for a person, and nothing is written.

use super::{PushScenario, QUILTS};
use serde_json::{Value, json};

fn retitle(scenario: &PushScenario, uris: &[String], title: &str) {
    for uri in uris {
        scenario.sandbox.change_aspace(uri, |record| record["title"] = json!(format!("{title} {uri}"))).unwrap();
    }
}

/// All resources of repository 2.
fn pushed() -> (PushScenario, Vec<String>) {
    let mut scenario = PushScenario::of(&[]);
    let report = scenario.push().exits(0).json();
    let resources = report["resources"].as_array().unwrap();
    let created = resources.iter().filter(|fate| fate["outcome"] == "created");
    let uris: Vec<String> = created.map(|fate| fate["resource"].as_str().unwrap().to_owned()).collect();
    assert_eq!(uris.len(), 14);
    scenario.profile_says("push", "max-changed = \"30%\"\nmax-created = 1");
    (scenario, uris)
}

fn writes(scenario: &PushScenario) -> usize {
    scenario.alma_calls().iter().filter(|call| !call.starts_with("GET")).count()
}

#[test]
fn more_changes_than_the_profile_allows_are_made_only_when_somebody_says_why() {
    let (scenario, uris) = pushed();
    let before = writes(&scenario);
    retitle(&scenario, &uris[..5], "Wrong");
    let stopped = scenario.push().exits(3);
    assert!(stopped.stderr.contains("5 of 14 bibs (35.7%) would be changed"), "{}", stopped.stderr);
    assert!(stopped.stderr.contains("push.max-changed is 30%"), "{}", stopped.stderr);
    assert!(stopped.json()["stopped"].as_str().unwrap().contains("5 of 14"), "{}", stopped.stdout);
    assert_eq!(writes(&scenario), before, "nothing is written");
    assert_eq!(scenario.push().exits(3).json()["outcomes"], json!({}), "it waits");
    let dry = scenario.run("push p.toml --dry-run --json").exits(3).json();
    assert_eq!(dry["outcomes"], json!({"update": 5}), "a dry run shows what it is about: {dry}");
    let said = scenario.run("push p.toml --force --json");
    assert_eq!(said.code, Some(2), "a reason is needed: {}", said.stderr);
    let forced = scenario.run("push p.toml --force --reason renamed --json").exits(0).json();
    assert_eq!(forced["outcomes"], json!({"updated": 5}), "{forced}");
    assert!(forced["forced"]["reason"].as_str().unwrap().starts_with("renamed ("), "{forced}");
    let entries = scenario.run("audit list p.toml --json").exits(0).stdout;
    assert!(entries.contains("\"forced\"") && entries.contains("5 of 14"), "{entries}");
    scenario.journal_is_whole();
}

#[test]
fn within_its_limits_a_run_asks_nothing_more_and_a_named_resource_is_none_of_their_business() {
    let (scenario, uris) = pushed();
    retitle(&scenario, &uris[..4], "Right");
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"updated": 4}), "4 of 14 is less than 30%: {report}");
    assert_eq!(PushScenario::count(&report, "alma", "read bibs"), 1, "Alma is not asked twice: {report}");
    retitle(&scenario, &uris[..6], "Righter");
    let one = scenario.run(&format!("push p.toml {} --json", uris[0])).exits(0).json();
    assert_eq!(one["outcomes"], json!({"updated": 1}), "{one}");
    // What is left is five of fourteen.
    scenario.push().exits(3);
}

#[test]
fn a_look_finds_that_most_of_what_is_due_changes_nothing() {
    let (scenario, uris) = pushed();
    retitle(&scenario, &uris[..2], "Right");
    let report = scenario.run("push p.toml --all --json").exits(0).json();
    assert_eq!(report["outcomes"], json!({"updated": 2, "unchanged": 12}), "{report}");
}

#[test]
fn more_new_bibs_than_the_profile_allows_are_not_made() {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.profile_says("push", "max-created = 1");
    let stopped = scenario.push().exits(3);
    assert!(stopped.stderr.contains("2 new bibs would be made, and push.max-created is 1"), "{}", stopped.stderr);
    assert_eq!((writes(&scenario), scenario.saves(QUILTS)), (0, 0));
    let resources: &Value = &stopped.json()["resources"];
    assert_eq!(*resources, json!([]), "nothing became of them");
    let forced = scenario.run("push p.toml --force --reason first --json").exits(0).json();
    assert_eq!(forced["outcomes"], json!({"created": 2}), "{forced}");
}

#[test]
fn a_file_for_an_import_keeps_to_the_limits_too() {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.profile_says("push", "output = \"marcxml\"\nfolder = \"import\"\nmax-changed = \"40%\"\nmax-created = 2");
    std::fs::create_dir(scenario.path("import")).unwrap();
    scenario.push().exits(0);
    let files = || {
        let entries = std::fs::read_dir(scenario.path("import")).unwrap();
        entries.filter(|entry| entry.as_ref().unwrap().path().is_file()).count()
    };
    assert_eq!(files(), 1);
    retitle(&scenario, &[QUILTS.to_owned()], "Wrong");
    let stopped = scenario.push().exits(3);
    assert!(stopped.stderr.contains("1 of 2 bibs (50.0%)"), "{}", stopped.stderr);
    assert_eq!(files(), 1, "no second file");
    scenario.run("push p.toml --force --reason meant --json").exits(0);
    assert_eq!(files(), 2);
    scenario.journal_is_whole();
}
