//! Holdings: which are made, which are changed, which wait for a person, and how each is taken back.

use super::{PushScenario, QUILTS};
use crate::support::shelf::ends;
use cartouche::model::id::MmsId;
use serde_json::json;

const MARK: &str = "852 8# $b SPEC $c manuscripts $h A0053";

#[test]
fn a_new_bib_gets_its_holding_with_real_blanks_and_right_indicators() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    let report = scenario.push().exits(0).json();
    assert_eq!(
        (ends(&report, "holdings"), &report["holdings"]),
        (vec![("created", "")], &json!({"created": 1})),
        "{report}"
    );
    let holdings = scenario.holdings(&scenario.marked(QUILTS)[0]);
    assert_eq!(holdings.len(), 1);
    let record = &holdings[0].record;
    assert_eq!(report["resources"][0]["holdings"][0]["holding"], holdings[0].holding_id.as_str());
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK]);
    let fixed = record.control("008").unwrap();
    assert!(!record.leader.contains('^') && !fixed.contains('^') && fixed.len() == 32, "{} {fixed}", record.leader);
    assert_ne!(&fixed[..6], "000000", "the day is that of the making");
    scenario.journal_is_whole();
    // Nothing new: nobody asks Alma at all.
    let before = scenario.alma_calls().len();
    assert_eq!(scenario.push().exits(0).json()["resources"], json!([]));
    assert_eq!(scenario.alma_calls().len(), before);
}

#[test]
fn places_that_alma_does_not_have_end_the_run_before_anything_is_written() {
    for (place, said, hint) in [
        (
            "library = \"SPEC\", location = \"attic\"",
            "Alma's library SPEC has no location attic",
            "manuscripts, maps, vault",
        ),
        ("library = \"TOWER\", location = \"maps\"", "Alma has no library TOWER", "MAIN, SPEC"),
    ] {
        let mut scenario = PushScenario::of(&["2/17"]);
        scenario.profile_says("alma.api", &format!("locations = [{{ {place} }}]"));
        scenario.profile_says("push.holdings", "");
        let stopped = scenario.push().exits(2);
        assert!(stopped.stderr.contains(said) && stopped.stderr.contains(hint), "{}", stopped.stderr);
        assert!(scenario.alma_calls().iter().all(|call| call.starts_with("GET")), "{:?}", scenario.alma_calls());
    }
}

#[test]
fn a_holding_of_ours_follows_the_profile_and_keeps_what_else_it_has() {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.profile_says("push.holdings", "subfields = { h = \"MS {id_0}\", z = \"{title}\" }");
    let report = scenario.push().exits(0).json();
    assert_eq!(ends(&report, "holdings"), [("updated", "")], "{report}");
    let alma = &report["calls"]["alma"];
    assert_eq!(
        (&alma["list holdings"], &alma["read holding"], &alma["update holding"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(
        scenario.shelf_marks(QUILTS),
        ["852 8# $b SPEC $c manuscripts $h MS A0053 $z Ottilie Vanner Brask Quilt Collection"]
    );
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!(
        (ends(&report, "holdings"), &report["calls"]["alma"]["update holding"]),
        (vec![("unchanged", "")], &json!(null))
    );
    // Taken back, the first call number stands there again.
    scenario.run("push undo p.toml 2/17").exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK]);
    scenario.journal_is_whole();
}

#[test]
fn a_holding_of_somebody_else_s_is_changed_only_when_a_person_says_so() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let id = scenario.holdings(&scenario.marked(QUILTS)[0])[0].holding_id.clone();
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let alma = scenario.alma();
    alma.delete_holding(&mms, &cartouche::push::alma::HoldingId::parse(&id).unwrap()).unwrap();
    let theirs = scenario.catalogue_holding(QUILTS, "manuscripts", "Quilt 1");
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "holding-not-ours")], "{report}");
    assert_eq!(scenario.shelf_marks(QUILTS), ["852 8# $b SPEC $c manuscripts $h Quilt 1"]);
    let held = scenario.run("push list p.toml held --json").exits(0).json();
    let (number, can) = (held["held"][0]["intent"].as_i64().unwrap(), &held["held"][0]["can-be-approved"]);
    assert_eq!((can, &held["held"][0]["title"]), (&json!(true), &json!(format!("holding {theirs}"))));
    scenario.run(&format!("push approve p.toml #{number} --reason ours-now")).exits(0);
    let report = scenario.push().exits(0).json();
    assert_eq!(ends(&report, "holdings"), [("updated", "")], "{report}");
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK]);
    scenario.run("push undo p.toml 2/17").exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS), ["852 8# $b SPEC $c manuscripts $h Quilt 1"], "theirs again");
    scenario.journal_is_whole();
}

#[test]
fn what_was_rejected_is_not_asked_again_and_may_be_approved_after_all() {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let line = scenario.holdings(mms.as_str())[0].clone();
    let id = cartouche::push::alma::HoldingId::parse(&line.holding_id).unwrap();
    // A cataloguer gives it another number, and then the profile wants another one.
    let mut record = line.record.clone();
    record.data_mut().find(|field| field.tag == "852").unwrap().subfields[2].value = "Quilt 2".to_owned();
    let body = cartouche::push::holding::holding_body(&record, cartouche::push::bib::Suppress::Published);
    scenario.alma().update_holding(&mms, &id, &body).unwrap();
    scenario.profile_says("push.holdings", "subfields = { h = \"MS {id_0}\" }");
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "holding-changed")], "{report}");
    let held = scenario.run("push list p.toml held --json").exits(0).json();
    let number = held["held"][0]["intent"].as_i64().unwrap();
    scenario.run(&format!("push reject p.toml #{number}")).exits(0);
    assert_eq!(ends(&scenario.push().exits(0).json(), "holdings"), [("skipped", "rejected")]);
    assert_eq!(scenario.shelf_marks(QUILTS), ["852 8# $b SPEC $c manuscripts $h Quilt 2"]);
    scenario.run(&format!("push approve p.toml #{number}")).exits(0);
    assert_eq!(ends(&scenario.push().exits(0).json(), "holdings"), [("updated", "")]);
    assert_eq!(scenario.shelf_marks(QUILTS), ["852 8# $b SPEC $c manuscripts $h MS A0053"]);
    scenario.journal_is_whole();
}

#[test]
fn two_holdings_at_one_place_are_told_and_none_is_touched() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.catalogue_holding(QUILTS, "manuscripts", "Quilt 1");
    let before = scenario.shelf_marks(QUILTS);
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "several-holdings")], "{report}");
    assert_eq!(scenario.shelf_marks(QUILTS), before);
    assert_eq!(
        scenario.run("push status p.toml --json").exits(0).json()["holdings"],
        json!({"held": {"several-holdings": 1}})
    );
}

#[test]
fn a_holding_that_somebody_deleted_is_not_made_again_without_a_question() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let id = scenario.holdings(mms.as_str())[0].holding_id.clone();
    scenario.alma().delete_holding(&mms, &cartouche::push::alma::HoldingId::parse(&id).unwrap()).unwrap();
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "holding-gone")], "{report}");
    assert!(scenario.holdings(mms.as_str()).is_empty());
    scenario.run("push approve p.toml 2/17").exits(0);
    assert_eq!(ends(&scenario.push().exits(0).json(), "holdings"), [("created", "")]);
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK]);
}

#[test]
fn a_person_asks_for_a_holding_where_the_bib_has_none() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let told = scenario.run("push explain p.toml 2/17 --json").exits(0).json();
    assert_eq!(told["offered"], json!(["SPEC maps"]), "{told}");
    let said = scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC attic"]).exits(2);
    assert!(said.stderr.contains("it has SPEC manuscripts, SPEC maps"), "{}", said.stderr);
    scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC maps", "--reason", "three maps"]).exits(0);
    let report = scenario.push().exits(0).json();
    assert_eq!(ends(&report, "holdings"), [("unchanged", ""), ("created", "")], "{report}");
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK, "852 8# $b SPEC $c maps $h A0053"]);
    let told = scenario.run("push explain p.toml 2/17 --json").exits(0).json();
    assert_eq!(told["offered"], json!([]), "{told}");
    let listed = scenario.run("push list p.toml holdings --json").exits(0).json();
    assert_eq!(listed["holdings"].as_array().unwrap().len(), 2, "{listed}");
}

#[test]
fn a_bib_has_a_holding_at_each_place_where_its_boxes_stand() {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.profile_says("push.holdings", "by = \"building\"\nplaces = { \"Research Center\" = \"SPEC maps\" }");
    let stands = json!([{"ref": "/locations/1", "status": "current", "start_date": "2022-04-03"}]);
    scenario
        .sandbox
        .change_aspace(crate::support::shelf::BOX_1, |record| record["container_locations"] = stands)
        .unwrap();
    scenario.push().exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK, "852 8# $b SPEC $c maps $h A0053"]);
}

#[test]
fn a_holding_whose_making_had_no_answer_is_found_and_not_made_again() {
    use cartouche::sandbox::alma_rest::ApiMood;
    for mood in [ApiMood::ErrorAfter, ApiMood::HtmlAfter] {
        let scenario = PushScenario::with_holdings(&["2/17"]);
        // Libraries, locations, our 035 twice, the bib.
        scenario.sandbox.set_api_mood_once(mood, 5);
        let report = scenario.push().exits(0).json();
        assert_eq!(ends(&report, "holdings"), [("created", "")], "{mood:?}: {report}");
        assert_eq!(scenario.shelf_marks(QUILTS), [MARK], "{mood:?}");
        assert!(report["resources"][0]["holdings"][0]["holding"].is_string());
        scenario.journal_is_whole();
    }
    // Nothing was made, and Alma shows nothing: for an hour that proves nothing.
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.index_takes("1h");
    scenario.sandbox.set_api_mood_once(ApiMood::StallBefore(std::time::Duration::from_millis(10)), 5);
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("waiting", "unknown")], "{report}");
    let report = scenario.push().exits(3).json();
    assert_eq!(
        (&report["resumed"]["waiting"], &report["calls"]["alma"]["create holding"]),
        (&json!(1), &json!(null)),
        "{report}"
    );
}

#[test]
fn a_run_is_taken_back_from_its_holdings_to_its_bib() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    let run = scenario.push().exits(0).json()["run"].as_i64().unwrap();
    let undone = scenario.run(&format!("push undo p.toml {run} --json")).exits(0).json();
    assert_eq!(undone["done"].as_array().unwrap().len(), 2, "{undone}");
    assert_eq!((scenario.marked(QUILTS).len(), scenario.mms_in_archivesspace(QUILTS)), (0, None));
    scenario.journal_is_whole();
}

#[test]
fn with_everything_held_a_holding_waits_and_the_approval_outlives_the_day() {
    let scenario = PushScenario::shelved(&["2/17"], "everything");
    scenario.push().exits(3);
    scenario.run("push approve p.toml 2/17").exits(0);
    let report = scenario.push().exits(3).json();
    assert_eq!(
        (&report["outcomes"], ends(&report, "holdings")),
        (&json!({"created": 1}), vec![("held", "every-change")])
    );
    let held = scenario.run("push list p.toml held --json").exits(0).json();
    let text = held.to_string();
    assert!(text.contains("holding SPEC manuscripts of bib"), "{text}");
    scenario.run("push approve p.toml 2/17").exits(0);
    assert_eq!(ends(&scenario.push().exits(0).json(), "holdings"), [("created", "")]);
    assert_eq!(scenario.shelf_marks(QUILTS), [MARK]);
}
