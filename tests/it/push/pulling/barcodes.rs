//! Barcodes of items onto boxes: once, never over another one unasked, and back again.

use super::{OCLC, PushScenario, QUILTS, cataloguer_adds, pull};
use crate::support::shelf::{BOX_1, BOX_2, value};
use cartouche::model::id::MmsId;
use cartouche::push::alma::HoldingId;
use cartouche::push::item::{ItemField, item_body};
use serde_json::{Value, json};

pub fn barcode(scenario: &PushScenario, uri: &str) -> Value {
    scenario.sandbox.aspace_record(uri).unwrap()["barcode"].clone()
}

/// Both boxes have items in Alma; a cataloguer has given them these barcodes.
pub fn with_barcodes(rules: &str, barcodes: [&str; 2]) -> PushScenario {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.profile_says("push.pull", rules);
    scenario.push().exits(0);
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let holding = HoldingId::parse(&scenario.holdings(mms.as_str())[0].holding_id).unwrap();
    for (name, barcode) in ["Box 1", "box.02"].into_iter().zip(barcodes) {
        let values = [(ItemField::Description, name), (ItemField::Barcode, barcode)];
        scenario.alma().create_item(&mms, &holding, &item_body(holding.as_str(), &values)).unwrap();
    }
    scenario
}

#[test]
fn barcodes_come_onto_boxes_that_have_none_once_and_back_again() {
    let scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    let report = pull(&scenario).exits(0).json();
    assert_eq!(report["barcodes"], json!({"written": 2}), "{report}");
    assert_eq!([BOX_1, BOX_2].map(|it| barcode(&scenario, it)), [json!("30112001"), json!("30112002")]);
    assert_eq!(report["calls"]["alma"], json!({"read bibs": 1, "list items": 1}));
    let again = pull(&scenario).exits(0).json();
    assert_eq!(again["barcodes"], json!({"unchanged": 2}), "{again}");
    assert_eq!(again["gathered"]["boxes"]["changed"], 0, "what was pulled is no change of a box: {again}");
    assert_eq!((scenario.saves(BOX_1), scenario.saves(BOX_2)), (1, 1));
    scenario.run("push undo p.toml 2/17").exits(0);
    assert_eq!([BOX_1, BOX_2].map(|it| barcode(&scenario, it)), [Value::Null, Value::Null]);
    assert_eq!(pull(&scenario).exits(0).json()["barcodes"], json!({"skipped": 2}));
    scenario.journal_is_whole();
}

#[test]
fn a_pulled_barcode_pushes_nothing_back() {
    let mut scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    scenario.profile_says("push.items", "new = { policy = \"closed\" }\nupdate = false");
    let first = scenario.push().json();
    pull(&scenario).exits(0);
    let puts = scenario.alma_calls().iter().filter(|call| !call.starts_with("GET")).count();
    let report = scenario.push().exits(0).json();
    assert_eq!(report["gathered"]["boxes"]["changed"], 0, "{first} {report}");
    assert_eq!(scenario.alma_calls().iter().filter(|call| !call.starts_with("GET")).count(), puts, "{report}");
}

#[test]
fn another_barcode_on_the_box_waits_for_a_person() {
    let scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    scenario.give_barcode(BOX_1, "30119999");
    let report = pull(&scenario).exits(3).json();
    assert_eq!(report["barcodes"], json!({"held": 1, "written": 1}), "{report}");
    scenario.run("push approve p.toml 2/17").exits(0);
    assert_eq!(pull(&scenario).exits(0).json()["barcodes"], json!({"unchanged": 1, "written": 1}));
    assert_eq!(barcode(&scenario, BOX_1), json!("30112001"));
    scenario.run("push undo p.toml 2/17").exits(0);
    assert_eq!(barcode(&scenario, BOX_1), json!("30119999"), "what stood there before");
    scenario.journal_is_whole();
}

#[test]
fn a_barcode_that_archivesspace_refuses_keeps_no_other_box_waiting() {
    let scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    // A box of a resource that the profile does not choose.
    scenario.give_barcode("/repositories/2/top_containers/3", "30112001");
    let report = pull(&scenario).exits(3).json();
    assert_eq!(report["barcodes"], json!({"failed": 1, "written": 1}), "{report}");
    assert!(report.to_string().contains("unique within a repository"), "{report}");
    assert_eq!([BOX_1, BOX_2].map(|it| barcode(&scenario, it)), [Value::Null, json!("30112002")]);
    // One that is known is told before anything is sent.
    let mut scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    scenario.also("2/3");
    scenario.give_barcode("/repositories/2/top_containers/3", "30112001");
    let report = scenario.run("push p.toml --pull --full --json").exits(3).json();
    assert!(report.to_string().contains("barcode-taken"), "{report}");
    assert_eq!((&report["barcodes"]["held"], scenario.saves(BOX_1)), (&json!(1), 0), "{report}");
}

#[test]
fn boxes_that_all_have_barcodes_to_keep_cost_no_list_of_items() {
    let scenario = with_barcodes("barcodes = \"keep\"", ["30112001", "30112002"]);
    scenario.give_barcode(BOX_1, "30119998");
    scenario.give_barcode(BOX_2, "30119999");
    assert_eq!(pull(&scenario).exits(0).json()["calls"]["alma"], json!({"read bibs": 1}));
    assert_eq!(value(&scenario.items(QUILTS)[0], "barcode"), "30112001");
}

#[test]
fn barcodes_are_written_once_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = with_barcodes("barcodes = \"hold\"\noclc = \"user_defined.string_3\"", ["30112001", "30112002"]);
        cataloguer_adds(&scenario, QUILTS, OCLC);
        let saves = scenario.saves(QUILTS);
        let mut command = scenario.command("push p.toml --pull --json");
        command.env("CARTOUCHE_CRASH_AT", format!("push:{point}"));
        let was_killed = command.output().unwrap().status.code().is_none();
        pull(&scenario).exits(0);
        let told = (scenario.saves(QUILTS) - saves, scenario.saves(BOX_1), scenario.saves(BOX_2));
        assert_eq!(told, (1, 1, 1), "killed at {point}");
        assert_eq!(barcode(&scenario, BOX_2), json!("30112002"), "killed at {point}");
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 15, "the program passes {point} points: are they still there?");
            return;
        }
    }
}
