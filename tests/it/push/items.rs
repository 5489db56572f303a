//! Items: how each box finds its own, what is written on both sides, and what waits for a person.

use super::{PushScenario, QUILTS};
use crate::support::shelf::{BOX_1, BOX_2, box_of, ends, value};
use cartouche::model::id::MmsId;
use cartouche::push::item::ItemField;
use cartouche::sandbox::alma_rest::ApiMood;
use cartouche::sandbox::aspace::AspaceMood;
use serde_json::{Value, json};

/// The bib and its holding are there; items are spoken of only from now on.
fn before_items() -> PushScenario {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario
}

fn now_with_items(scenario: &mut PushScenario) {
    scenario.profile_says("push.items", "new = { policy = \"closed\" }");
}

#[test]
fn each_box_gets_an_item_and_each_side_the_numbers_of_the_other() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.give_barcode(BOX_1, "3011200001");
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["items"], &report["items-written-back"]), (&json!({"created": 2}), &json!(2)), "{report}");
    let items = scenario.items(QUILTS);
    assert_eq!(items.len(), 2);
    let shown =
        |xml: &str| ["description", "barcode", "policy", "library", "location"].map(|it| value(xml, it).to_owned());
    assert_eq!(shown(&items[0]), ["Box 1", "3011200001", "closed", "SPEC", "manuscripts"]);
    assert_eq!(shown(&items[1]), ["Box 2", "", "closed", "SPEC", "manuscripts"]);
    let holding = scenario.holdings(&scenario.marked(QUILTS)[0])[0].holding_id.clone();
    for (container, xml) in [(BOX_1, &items[0]), (BOX_2, &items[1])] {
        let expected = (Some(holding.clone()), Some(value(xml, "pid").to_owned()));
        assert_eq!(scenario.numbers_on(container), expected, "{container}");
        assert_eq!(scenario.saves(container), 1);
    }
    let again = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!((&again["items"], &again["items-written-back"]), (&json!({"unchanged": 2}), &json!(0)), "{again}");
    let listed = scenario.run("push list p.toml items --json").exits(0).json();
    assert_eq!(
        (&listed["items"][0]["barcode"], &listed["items"][0]["outcome"]),
        (&json!("3011200001"), &json!("unchanged"))
    );
    assert_eq!(scenario.run("push status p.toml --json").exits(0).json()["items"], json!({"unchanged": {"": 2}}));
    scenario.journal_is_whole();
}

#[test]
fn an_item_that_is_there_is_found_by_barcode_or_by_type_and_number_and_not_made_again() {
    let mut scenario = before_items();
    scenario.give_barcode(BOX_1, "3011200001");
    let by_barcode = scenario.catalogue_item(QUILTS, &[(ItemField::Barcode, "3011200001")]);
    let by_label =
        scenario.catalogue_item(QUILTS, &[(ItemField::Description, "BOX.02"), (ItemField::InternalNote3, "keep & me")]);
    let alone = scenario.catalogue_item(QUILTS, &[(ItemField::Description, "Map case")]);
    now_with_items(&mut scenario);
    let report = scenario.push().exits(3).json();
    assert_eq!(box_of(&report, BOX_1)["outcome"], "updated", "{report}");
    assert_eq!(
        (&box_of(&report, BOX_2)["outcome"], &box_of(&report, BOX_2)["code"]),
        (&json!("held"), &json!("replaces-values"))
    );
    assert_eq!(report["resources"][0]["items-without-box"], json!([alone]));
    assert_eq!(scenario.numbers_on(BOX_1).1.as_ref(), Some(&by_barcode));
    assert_eq!(scenario.numbers_on(BOX_2).1, None, "what waits is not linked");
    scenario.run("push approve p.toml 2/17").exits(0);
    scenario.push().exits(0);
    let items = scenario.items(QUILTS);
    assert_eq!(items.len(), 3);
    assert_eq!([0, 1].map(|at| value(&items[at], "description")), ["Box 1", "Box 2"]);
    assert_eq!(value(&items[1], "internal_note_3"), "keep &amp; me", "a PUT holds the whole record");
    assert_eq!(scenario.numbers_on(BOX_2).1, Some(by_label));
    scenario.journal_is_whole();
}

#[test]
fn an_item_on_loan_is_told_and_its_loan_stays() {
    let mut scenario = PushScenario::with_items(&["2/17"]);
    scenario.give_barcode(BOX_1, "3011200001");
    scenario.push().exits(0);
    scenario.sandbox.set_item_process("3011200001", "LOAN").unwrap();
    scenario.profile_says(
        "push.items.fields",
        "description = \"{Type} {indicator}\"\ninternal-note-1 = \"ArchivesSpace {indicator}\"",
    );
    let report = scenario.push().exits(0).json();
    let one = box_of(&report, BOX_1);
    assert_eq!((&one["outcome"], &one["process"]), (&json!("updated"), &json!("LOAN")), "{report}");
    let items = scenario.items(QUILTS);
    let told = ["process_type", "base_status", "internal_note_1", "policy"].map(|it| value(&items[0], it).to_owned());
    assert_eq!(told, ["LOAN", "0", "ArchivesSpace 1", "closed"]);
    let said = scenario.run("push p.toml --all").exits(0);
    assert!(said.stdout.contains("1 items are lent"), "{}", said.stdout);
    // What is lent is not deleted, and what stands on it stays, too.
    let undone = scenario.run("push undo p.toml 1").exits(3);
    assert!(undone.stderr.contains("later write"), "{}", undone.stderr);
    assert_eq!((scenario.items(QUILTS).is_empty(), scenario.marked(QUILTS).len()), (false, 1));
}

#[test]
fn duplicates_on_either_side_wait_for_a_person() {
    let mut scenario = before_items();
    scenario.catalogue_item(QUILTS, &[(ItemField::Description, "Box 1")]);
    scenario.catalogue_item(QUILTS, &[(ItemField::Description, "box 01")]);
    now_with_items(&mut scenario);
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "items"), [("held", "several-items"), ("created", "")], "{report}");
    assert_eq!(scenario.items(QUILTS).len(), 3);

    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.sandbox.change_aspace(BOX_2, |record| record["indicator"] = json!("01")).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "items"), [("held", "several-boxes"), ("held", "several-boxes")], "{report}");
    assert_eq!(scenario.items(QUILTS).len(), 0);
    // The archivist numbers them: nothing waits any more.
    scenario.sandbox.change_aspace(BOX_2, |record| record["indicator"] = json!("2")).unwrap();
    assert_eq!(ends(&scenario.push().exits(0).json(), "items"), [("created", ""), ("created", "")]);
}

#[test]
fn a_barcode_that_another_bib_s_item_has_is_told_with_that_item() {
    let mut scenario = before_items();
    let theirs = scenario.catalogue_item(QUILTS, &[(ItemField::Barcode, "3011200001")]);
    scenario.also("2/3");
    now_with_items(&mut scenario);
    scenario.give_barcode("/repositories/2/top_containers/3", "3011200001");
    // A resource that the profile takes in later is gathered when everything is asked for.
    let report = scenario.run("push p.toml --json --full").exits(3).json();
    let text = report.to_string();
    assert!(text.contains("barcode-elsewhere") && text.contains(&theirs), "{text}");
}

#[test]
fn a_box_that_changes_changes_its_item() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    scenario.give_barcode(BOX_2, "3011200002");
    let report = scenario.push().exits(0).json();
    assert_eq!(ends(&report, "items"), [("unchanged", ""), ("updated", "")], "{report}");
    assert_eq!(value(&scenario.items(QUILTS)[1], "barcode"), "3011200002");
    let alma = &report["calls"]["alma"];
    assert_eq!(
        (&alma["update item"], &alma["read item"], &alma["list items"]),
        (&json!(1), &json!(1), &json!(1)),
        "{alma}"
    );
    scenario.run("push undo p.toml 2/17").exits(0);
    assert_eq!(value(&scenario.items(QUILTS)[1], "barcode"), "", "taken back");
    scenario.journal_is_whole();
}

#[test]
fn a_box_of_several_resources_is_told_or_bound_to_the_first() {
    let shared = "/repositories/2/top_containers/304";
    let scenario = PushScenario::with_items(&["2/18", "2/19"]);
    let report = scenario.push().exits(0).json();
    let of = |report: &Value| -> Vec<String> {
        let all =
            report["resources"].as_array().unwrap().iter().flat_map(|one| one["items"].as_array().unwrap().clone());
        all.filter(|one| one["container"] == shared).map(|one| format!("{} {}", one["outcome"], one["code"])).collect()
    };
    assert_eq!(of(&report), ["\"skipped\" \"shared\"", "\"skipped\" \"shared\""], "{report}");
    assert_eq!(scenario.numbers_on(shared), (None, None));

    let mut scenario = PushScenario::with_items(&["2/18", "2/19"]);
    scenario.profile_says("push.items", "shared = \"first\"");
    let report = scenario.push().exits(0).json();
    let mut ends = of(&report);
    ends.sort();
    assert_eq!(ends, ["\"created\" \"\"", "\"skipped\" \"at-host\""], "{report}");
    let listed = scenario.run("push list p.toml items --json").exits(0).json();
    let line = listed["items"].as_array().unwrap().iter().find(|one| one["container"] == shared).unwrap();
    assert_eq!(line["outcome"], "done", "the other resource says nothing of it: {line}");
    let host = line["resources"][0].as_str().unwrap();
    let pids: Vec<String> = scenario.items(host).iter().map(|xml| value(xml, "pid").to_owned()).collect();
    assert!(pids.contains(&scenario.numbers_on(shared).1.unwrap()));
}

#[test]
fn a_box_that_somebody_saves_in_between_is_read_again_and_keeps_their_change() {
    let scenario = PushScenario::with_items(&["2/17"]);
    // The first save is that of the MMS ID.
    scenario.sandbox.set_aspace_mood_once(AspaceMood::Conflict, 1);
    let report = scenario.push().exits(0).json();
    assert_eq!(report["items-written-back"], 2, "{report}");
    assert_eq!(scenario.numbers_on(BOX_1).1.as_deref(), Some(value(&scenario.items(QUILTS)[0], "pid")));
    assert_eq!(PushScenario::count(&report, "archivesspace", "save top container"), 3);
    assert_eq!(PushScenario::count(&report, "archivesspace", "read top container"), 2);
}

#[test]
fn what_somebody_wrote_into_the_box_is_not_written_over() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.sandbox.change_aspace(BOX_1, |record| record["ils_item_id"] = json!("2399")).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "items"), [("held", "unknown-item"), ("created", "")], "{report}");
    assert_eq!((scenario.numbers_on(BOX_1).1.as_deref(), scenario.items(QUILTS).len()), (Some("2399"), 1));
}

#[test]
fn an_item_or_a_box_whose_answer_is_lost_is_not_written_twice() {
    for (barcode, mood) in [(true, ApiMood::ErrorAfter), (false, ApiMood::HtmlAfter)] {
        let scenario = PushScenario::with_items(&["2/17"]);
        if barcode {
            scenario.give_barcode(BOX_1, "3011200001");
        }
        // Libraries, locations, our 035 twice, the bib, the holding.
        scenario.sandbox.set_api_mood_once(mood, 6);
        let report = scenario.push().exits(0).json();
        assert_eq!(report["items"], json!({"created": 2}), "{mood:?}: {report}");
        assert_eq!(scenario.items(QUILTS).len(), 2, "{mood:?}");
        assert!(scenario.numbers_on(BOX_1).1.is_some() && scenario.numbers_on(BOX_2).1.is_some());
        scenario.journal_is_whole();
    }
    for mood in [AspaceMood::ErrorAfter, AspaceMood::HtmlAfter] {
        let scenario = PushScenario::with_items(&["2/17"]);
        scenario.sandbox.set_aspace_mood_once(mood, 1);
        let report = scenario.push().exits(0).json();
        assert_eq!((&report["items-written-back"], scenario.saves(BOX_2)), (&json!(2), 1), "{mood:?}: {report}");
        assert!(scenario.numbers_on(BOX_1).1.is_some());
    }
}

#[test]
fn an_item_that_somebody_deleted_is_not_made_again_without_a_question() {
    let mut scenario = PushScenario::with_items(&["2/17"]);
    scenario.profile_says("push.items", "write-back = false");
    scenario.push().exits(0);
    assert_eq!(scenario.numbers_on(BOX_1), (None, None), "the profile does not want it");
    let (alma, mms) = (scenario.alma(), MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap());
    let bib = alma.bib(&mms).unwrap().unwrap();
    alma.delete_item(&alma.items_of(&bib, None).unwrap()[0].key).unwrap();
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(ends(&report, "items"), [("held", "item-gone"), ("unchanged", "")], "{report}");
    scenario.run("push approve p.toml 2/17").exits(0);
    assert_eq!(ends(&scenario.push().exits(0).json(), "items"), [("created", ""), ("unchanged", "")]);
    assert_eq!(scenario.items(QUILTS).len(), 2);
}

#[test]
fn without_a_barcode_a_box_may_be_left_out_and_a_restricted_one_has_its_policy() {
    let mut scenario = PushScenario::with_items(&["2/17"]);
    scenario.profile_says("push.items", "without-barcode = \"skip\"\nrestricted-policy = \"sealed\"");
    scenario.sandbox.change_aspace(BOX_1, |record| record["restricted"] = json!(true)).unwrap();
    scenario.give_barcode(BOX_1, "3011200001");
    let report = scenario.push().exits(0).json();
    assert_eq!(ends(&report, "items"), [("created", ""), ("skipped", "no-barcode")], "{report}");
    assert_eq!(value(&scenario.items(QUILTS)[0], "policy"), "sealed");
    // Everybody may have it again.
    scenario.sandbox.change_aspace(BOX_1, |record| record["restricted"] = json!(false)).unwrap();
    assert_eq!(ends(&scenario.push().exits(0).json(), "items"), [("updated", ""), ("skipped", "no-barcode")]);
    assert_eq!(value(&scenario.items(QUILTS)[0], "policy"), "closed");
}

#[test]
fn a_run_is_taken_back_from_its_boxes_to_its_bib() {
    let scenario = PushScenario::with_items(&["2/17"]);
    let run = scenario.push().exits(0).json()["run"].as_i64().unwrap();
    let undone = scenario.run(&format!("push undo p.toml {run} --json")).exits(0).json();
    assert_eq!(undone["done"].as_array().unwrap().len(), 6, "two boxes, two items, a holding, a bib: {undone}");
    assert_eq!((scenario.marked(QUILTS).len(), scenario.mms_in_archivesspace(QUILTS)), (0, None));
    for container in [BOX_1, BOX_2] {
        assert_eq!(scenario.numbers_on(container), (None, None));
    }
    scenario.journal_is_whole();
}

#[test]
fn a_dry_run_tells_everything_and_writes_nothing() {
    let scenario = PushScenario::with_items(&["2/17"]);
    let report = scenario.run("push p.toml --json --dry-run").exits(0).json();
    assert_eq!((&report["holdings"], &report["items"]), (&json!({"create": 1}), &json!({"create": 2})), "{report}");
    assert!(scenario.alma_calls().iter().all(|call| call.starts_with("GET")));
    assert_eq!(scenario.numbers_on(BOX_1), (None, None));
}

#[test]
fn a_user_who_may_save_no_box_is_refused_once_and_items_are_made_once_all_the_same() {
    let mut scenario = before_items();
    scenario.viewer();
    now_with_items(&mut scenario);
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "items"), [("failed", "write-back"), ("failed", "denied")], "{report}");
    // Once more after a new session, for one that has ended is answered in the same way.
    assert_eq!(PushScenario::count(&report, "archivesspace", "save top container"), 2);
    scenario.push().exits(3);
    assert_eq!((scenario.items(QUILTS).len(), scenario.numbers_on(BOX_1)), (2, (None, None)));
}
