//! What a person sees: a dry run, a resource explained, lists, the state, the repairs.

use super::{PushScenario, QUILTS};
use serde_json::json;

#[test]
fn a_dry_run_tells_what_would_be_and_writes_nothing() {
    let scenario = PushScenario::of(&["2/17"]);
    let report = scenario.run("push p.toml --dry-run --json").exits(0).json();
    assert_eq!((&report["outcomes"], &report["dry-run"]), (&json!({"create": 1}), &json!(true)), "{report}");
    assert!(scenario.alma_calls().iter().all(|call| call.starts_with("GET")), "{:?}", scenario.alma_calls());
    let saves =
        scenario.sandbox.aspace_calls().iter().filter(|it| it.method == "POST" && !it.path.contains("login")).count();
    assert_eq!(saves, 0);
    assert_eq!(scenario.run("push list p.toml writes --json").exits(0).json()["writes"], json!([]));
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"created": 1}), "the run after it does it");
}

#[test]
fn a_resource_is_explained_field_by_field() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Quilts of Ottilie Brask")).unwrap();
    scenario.run("push p.toml --dry-run").exits(0);
    let told = scenario.run("push explain p.toml 2/17 --json").exits(0).json();
    assert_eq!(told["outcome"], "update", "{told}");
    let title = told["difference"].as_array().unwrap().iter().find(|it| it["tag"] == "245").unwrap();
    assert_eq!((&title["kept"], &title["source"]), (&json!("changed"), &json!("archivesspace")));
    assert!(title["after"].as_str().unwrap().contains("Quilts of Ottilie Brask"), "{title}");
    let repairs: Vec<&str> =
        told["repairs"].as_array().unwrap().iter().map(|it| it["repair"].as_str().unwrap()).collect();
    assert!(repairs.contains(&"drop-852"), "{repairs:?}");
    assert_eq!(told["writes"].as_array().unwrap().len(), 2, "the bib and the MMS ID");
    let text = scenario.run("push explain p.toml 2/17").exits(0).stdout;
    assert!(text.contains("  + 245") && text.contains("made by this program"), "{text}");
}

#[test]
fn the_state_is_told_and_a_profile_that_is_called_like_a_verb_goes_by_its_path() {
    let scenario = PushScenario::of(&["2/17", "2/23"]);
    scenario.push().exits(0);
    let state = scenario.run("push status p.toml --json").exits(0).json();
    assert_eq!(state["resources"]["done"][""], 2, "{state}");
    assert_eq!((&state["writes"]["done"]["create-bib"], &state["last-run"]["exit-code"]), (&json!(2), &json!(0)));
    std::fs::copy(scenario.path("p.toml"), scenario.path("status")).unwrap();
    assert_eq!(scenario.run("push ./status --json --dry-run").exits(0).json()["profile"], "status");
    let listed = scenario.run("push list p.toml done --csv").exits(0).stdout;
    assert!(listed.contains(QUILTS), "{listed}");
    let repairs = scenario.run("push repairs --json").exits(0).json();
    assert!(repairs["repairs"].as_array().unwrap().len() >= 24);
    scenario.run("push").exits(2);
}

#[test]
fn a_run_of_the_same_profile_is_kept_out_by_the_lock() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let _held = cartouche::store::Lock::take(&scenario.path("p.db")).unwrap();
    scenario.push().exits(4);
    scenario.run("push undo p.toml 2/17").exits(4);
}

#[test]
fn a_profile_that_has_the_push_only_is_checked_and_both_systems_are_asked() {
    let mut scenario = PushScenario::of(&[]);
    let said = scenario.run("check p.toml").exits(0).stdout;
    assert!(said.contains("(ASPACE-X)/repositories/") && said.contains("user_defined.string_2"), "{said}");
    assert!(scenario.sandbox.aspace_calls().is_empty() && scenario.alma_calls().is_empty(), "nobody is asked");
    let checked = scenario.run("check p.toml --online --json").exits(0).json();
    let found = |what: &str| {
        let all = checked["findings"].as_array().unwrap();
        all.iter().find(|it| it["what"] == what).unwrap()["detail"].as_str().unwrap().to_owned()
    };
    assert!(found("shows").contains("2 (RC)") && found("Alma").contains("may read bibs"), "{checked}");
    assert!(scenario.alma_calls().iter().all(|call| call.starts_with("GET")));
    scenario.profile_says("alma.api", "locations = [{ library = \"MAIN\", location = \"no-such\" }]");
    let said = scenario.run("check p.toml --online").exits(2).stdout;
    assert!(said.contains("no location no-such"), "{said}");
    std::fs::write(scenario.path("key"), "wrong").unwrap();
    let said = scenario.run("check p.toml --online").exits(2).stdout;
    assert!(!said.contains("wrong"), "{said}");
}

#[test]
fn what_speaks_of_the_round_trip_refuses_a_profile_of_the_push_by_its_reason() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    for command in ["list p.toml held", "run p.toml", "status p.toml"] {
        let said = scenario.run(command).exits(2);
        assert!(said.stderr.contains("has the push only"), "{command}: {}", said.stderr);
    }
    let runs = scenario.run("push list p.toml runs --json").exits(0).json();
    assert_eq!((&runs["runs"][0]["command"], &runs["runs"][0]["exit-code"]), (&json!("push"), &json!(0)), "{runs}");
}

#[test]
fn a_resource_that_the_profile_names_and_archivesspace_never_showed_is_told_each_time() {
    let scenario = PushScenario::of(&["2/17", "2/9999"]);
    for _ in 0..2 {
        let report = scenario.push().exits(3).json();
        let failed = report["resources"].as_array().unwrap().iter().find(|one| one["code"] == "not-shown").unwrap();
        assert_eq!(failed["resource"], "/repositories/2/resources/9999", "{report}");
    }
    assert!(scenario.mms_in_archivesspace(QUILTS).is_some());
}
