//! Faults of both systems on the way: nothing twice, nothing lost, and the next run goes on.

use super::{PushScenario, QUILTS, SAHOLT};
use cartouche::sandbox::alma_rest::{ApiLimits, ApiMood};
use cartouche::sandbox::aspace::AspaceMood;
use serde_json::json;
use std::time::Duration;

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
    let failed = report["resources"].as_array().unwrap().iter().find(|it| it["outcome"] == "failed").unwrap();
    assert!(failed["detail"].as_str().unwrap().contains("locked by anna"), "Alma's own words: {failed}");
    assert_eq!(PushScenario::count(&report, "alma", "update bib"), 2, "it is tried once");
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

#[test]
fn an_index_has_its_time_from_when_the_answer_was_given_up() {
    let mut scenario = PushScenario::of(&["2/17"]);
    // When the answer is given up, as long as the index takes has passed since the sending.
    scenario.index_takes("8s").profile_says("alma.api", "time-out = \"8s\"");
    scenario.sandbox.set_api_index_lag(Duration::from_secs(3600));
    scenario.sandbox.set_api_mood_once(ApiMood::StallAfter(Duration::from_secs(9)), 2);
    let report = scenario.push().exits(3).json();
    assert_eq!(report["outcomes"], json!({"waiting": 1}), "{report}");
    let report = scenario.push().exits(3).json();
    assert_eq!((&report["resumed"]["waiting"], PushScenario::count(&report, "alma", "create bib")), (&json!(1), 0));
    scenario.sandbox.set_api_index_lag(Duration::ZERO);
    scenario.push().exits(0);
    assert_eq!(scenario.marked(QUILTS).len(), 1);
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), scenario.marked(QUILTS).first());
}

#[test]
fn an_update_whose_answer_is_lost_writes_the_number_of_the_bib_that_it_updated() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    // The bib that is linked goes, and a cataloguer makes another one with our mark and names it.
    let gone = cartouche::model::id::MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    scenario.alma().delete_bib(&gone).unwrap();
    let mms = super::deciding::cataloguer_makes(&scenario, &[&format!("(ASPACE-X){QUILTS}")]);
    super::deciding::names(&scenario, QUILTS, &mms);
    scenario.sandbox.set_api_mood(ApiMood::ErrorAfter);
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"updated": 1}), "{report}");
    assert_eq!(scenario.mms_in_archivesspace(QUILTS), Some(mms));
}

#[test]
fn one_resource_that_cannot_be_had_stops_no_other_and_is_asked_for_again() {
    let scenario = PushScenario::of(&["2/17", "2/3", "2/4"]);
    scenario.sandbox.break_aspace_export(QUILTS, true);
    scenario.sandbox.break_aspace_answers(SAHOLT, true);
    let report = scenario.push().exits(3).json();
    assert_eq!(report["outcomes"], json!({"created": 1, "failed": 2}), "{report}");
    let code = |uri: &str| {
        let all = report["resources"].as_array().unwrap().clone();
        all.into_iter().find(|it| it["resource"] == uri).unwrap()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!((code(QUILTS).as_str(), code(SAHOLT).as_str()), ("no-marc", "unread"));
    let listed = scenario.run("push list p.toml failed --json").exits(0).json();
    assert_eq!(listed["failed"][0]["code"], "no-marc", "{listed}");
    scenario.push().exits(3);
    scenario.sandbox.break_aspace_export(QUILTS, false);
    scenario.sandbox.break_aspace_answers(SAHOLT, false);
    // Nobody has saved them since.
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"created": 2}), "{report}");
}

#[test]
fn one_bib_that_alma_cannot_show_stops_no_other() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.push().exits(0);
    scenario.sandbox.break_bib(&scenario.marked(QUILTS)[0]);
    for uri in [QUILTS, SAHOLT] {
        scenario.sandbox.change_aspace(uri, |record| record["title"] = json!("Another title")).unwrap();
    }
    let report = scenario.push().exits(3).json();
    assert_eq!(report["outcomes"], json!({"failed": 1, "updated": 1}), "{report}");
}

#[test]
fn a_repository_in_which_nothing_may_be_saved_or_seen_is_no_end_of_the_others() {
    let mut scenario = PushScenario::of(&["2/17", "2/3", "4/9"]);
    scenario.profile_says("alma.api", "writers = 1");
    scenario.sandbox.hide_aspace_repository(4);
    scenario.viewer();
    let report = scenario.push().exits(3).json();
    assert_eq!(report["gathered"]["refused"][0]["repository"], 4, "{report}");
    assert_eq!(report["outcomes"], json!({"failed": 2}), "{report}");
    assert_eq!(PushScenario::count(&report, "alma", "create bib"), 1, "no second bib is made of which nobody learns");
    assert!(report["stopped"].is_null(), "{report}");
}

#[test]
fn a_date_that_is_ahead_hides_nothing_that_is_saved_until_then() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("push", "overlap = \"0s\"");
    scenario.sandbox.set_aspace_date_ahead(Duration::from_secs(3600));
    scenario.push().exits(0);
    scenario.sandbox.set_aspace_date_ahead(Duration::ZERO);
    std::thread::sleep(Duration::from_millis(1100));
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Another title")).unwrap();
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"updated": 1}));
}

#[test]
fn what_cannot_be_read_of_what_is_kept_is_told_and_listed() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mut store = cartouche::store::Store::open(&scenario.path("p.db")).unwrap();
    let uri = cartouche::push::resource_uri::ResourceUri::parse(QUILTS).unwrap();
    let digest = store.resource(&uri).unwrap().unwrap().digest;
    store.keep_marc(&uri, &digest, "<collection>").unwrap();
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(report["resources"][0]["code"], "unreadable", "{report}");
    let listed = scenario.run("push list p.toml failed --json").exits(0).json();
    assert_eq!(listed["failed"][0]["resource"], QUILTS, "{listed}");
    let state = scenario.run("push status p.toml --json").exits(0).json();
    assert_eq!(state["resources"]["failed"]["unreadable"], 1, "{state}");
}

#[test]
fn a_signal_ends_a_push_after_the_resource_in_hand_and_the_next_goes_on() {
    let mut scenario = PushScenario::of(&["2/17", "2/3", "2/4"]);
    scenario.profile_says("alma.api", "writers = 1");
    scenario.sandbox.set_api_mood(ApiMood::Slow(Duration::from_millis(300)));
    let running = scenario.command("push p.toml --json").stdout(std::process::Stdio::piped()).spawn().unwrap();
    while scenario.sandbox.api_calls().is_empty() {
        std::thread::sleep(Duration::from_millis(5));
    }
    let id = running.id().to_string();
    assert!(std::process::Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["stopped"], "the run was stopped", "{report}");
    assert_eq!(report["outcomes"], json!({"created": 1}), "what was in hand is done whole");
    let state = scenario.run("push status p.toml --json").exits(0).json();
    assert_eq!(state["last-run"]["exit-code"], 1, "it is written into the log of runs");
    scenario.sandbox.set_api_mood(ApiMood::Fair);
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"created": 2}), "{report}");
}
