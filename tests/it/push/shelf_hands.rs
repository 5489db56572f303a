//! Shelves on which others work, too: what staff and archivists do is not taken for ours, not written over and not deleted.

use super::{PushScenario, QUILTS, SAHOLT};
use crate::support::shelf::{BOX_1, BOX_2, box_of, ends, value};
use cartouche::model::id::MmsId;
use cartouche::push::alma::HoldingId;
use cartouche::push::bib::Suppress;
use cartouche::push::holding::holding_body;
use cartouche::push::item::ItemField;
use cartouche::push::marc::Subfield;
use serde_json::{Value, json};

/// The bib is there; a holding is spoken of only from now on.
fn before_holdings() -> PushScenario {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("review", "hold = \"risky\"");
    scenario.profile_says("alma.api", "locations = [{ library = \"SPEC\", location = \"manuscripts\" }]");
    scenario.push().exits(0);
    scenario.profile_says("push.holdings", "every = [\"SPEC manuscripts\"]");
    scenario
}

/// The bib and its holding are there; items are spoken of only from now on.
fn before_items() -> PushScenario {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario
}

#[test]
fn a_holding_that_somebody_made_while_ours_was_under_way_is_not_ours() {
    let scenario = before_holdings();
    // Written down and sent, and killed before it left.
    assert!(scenario.push_killed_at("push:1").code.is_none());
    assert!(scenario.holdings(&scenario.marked(QUILTS)[0]).is_empty());
    scenario.catalogue_holding(QUILTS, "manuscripts", "Quilt 1");
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "holding-not-ours")], "{report}");
    assert_eq!(scenario.shelf_marks(QUILTS), ["852 8# $b SPEC $c manuscripts $h Quilt 1"]);
    scenario.journal_is_whole();
}

#[test]
fn an_item_that_somebody_made_while_ours_was_under_way_is_not_ours() {
    let mut scenario = before_items();
    scenario.give_barcode(BOX_1, "3011200001");
    scenario.profile_says("push.items", "new = { policy = \"closed\" }");
    assert!(scenario.push_killed_at("push:1").code.is_none());
    assert!(scenario.items(QUILTS).is_empty());
    let theirs = [(ItemField::Barcode, "3011200001"), (ItemField::Description, "Quilts, small")];
    scenario.catalogue_item(QUILTS, &theirs);
    let report = scenario.push().exits(3).json();
    assert_eq!(box_of(&report, BOX_1)["code"], "replaces-values", "{report}");
    assert_eq!(value(&scenario.items(QUILTS)[0], "description"), "Quilts, small");
    scenario.journal_is_whole();
}

#[test]
fn what_a_person_approved_once_is_not_approved_for_the_next_time() {
    let mut scenario = before_items();
    scenario.catalogue_item(QUILTS, &[(ItemField::Description, "BOX.01")]);
    scenario.profile_says("push.items", "");
    scenario.push().exits(3);
    scenario.run("push approve p.toml 2/17").exits(0);
    scenario.push().exits(0);
    assert_eq!(value(&scenario.items(QUILTS)[0], "description"), "Box 1");
    // A cataloguer wants it otherwise after all.
    scenario.staff_changes_item(QUILTS, 0, ItemField::Description, "BOX.01");
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(box_of(&report, BOX_1)["code"], "replaces-values", "{report}");
    assert_eq!(value(&scenario.items(QUILTS)[0], "description"), "BOX.01");
}

#[test]
fn an_approval_goes_with_what_was_taken_back() {
    let mut scenario = before_items();
    scenario.catalogue_item(QUILTS, &[(ItemField::Description, "BOX.01")]);
    scenario.profile_says("push.items", "");
    scenario.push().exits(3);
    scenario.run("push approve p.toml 2/17").exits(0);
    let run = scenario.push().exits(0).json()["run"].as_i64().unwrap();
    scenario.run(&format!("push undo p.toml {run} --reason wrong")).exits(0);
    assert_eq!(value(&scenario.items(QUILTS)[0], "description"), "BOX.01");
    // It rests until ArchivesSpace says something else of the resource.
    scenario
        .sandbox
        .change_aspace(QUILTS, |record| record["title"] = json!("Ottilie Vanner Brask Quilt Collections"))
        .unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(box_of(&report, BOX_1)["code"], "replaces-values", "{report}");
    assert_eq!(value(&scenario.items(QUILTS)[0], "description"), "BOX.01", "nobody has approved it since");
}

#[test]
fn an_item_on_which_staff_have_worked_is_not_deleted_with_the_push_that_made_it() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    scenario.staff_changes_item(QUILTS, 0, ItemField::InternalNote1, "mould, seen by the conservator");
    let undone = scenario.run("push undo p.toml 1").exits(3);
    assert!(undone.stderr.contains("internal_note_1"), "{}", undone.stderr);
    let items = scenario.items(QUILTS);
    assert_eq!(items.len(), 1, "the other one is as it was made, and goes");
    assert_eq!(value(&items[0], "internal_note_1"), "mould, seen by the conservator");
    assert_eq!(scenario.holdings(&scenario.marked(QUILTS)[0]).len(), 1, "it stands in its holding");
    assert_eq!(scenario.numbers_on(BOX_1).1.as_deref(), Some(value(&items[0], "pid")), "and its box names it");
    assert_eq!(scenario.numbers_on(BOX_2), (None, None));
    scenario.journal_is_whole();
}

#[test]
fn what_staff_set_beside_ours_does_not_become_ours_by_the_next_write() {
    let mut scenario = PushScenario::with_items(&["2/17"]);
    scenario.profile_says("push.items", "restricted-policy = \"sealed\"");
    scenario.push().exits(0);
    scenario.staff_changes_item(QUILTS, 0, ItemField::Policy, "reading-room");
    scenario.give_barcode(BOX_1, "3011200001");
    assert_eq!(box_of(&scenario.push().exits(0).json(), BOX_1)["outcome"], "updated");
    scenario.sandbox.change_aspace(BOX_1, |record| record["restricted"] = json!(true)).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(box_of(&report, BOX_1)["code"], "replaces-values", "{report}");
    assert_eq!(value(&scenario.items(QUILTS)[0], "policy"), "reading-room");
}

#[test]
fn what_staff_wrote_into_852_does_not_become_ours_by_the_next_write() {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let line = scenario.holdings(mms.as_str())[0].clone();
    let mut record = line.record.clone();
    let field = record.data_mut().find(|field| field.tag == "852").unwrap();
    field.subfields.push(Subfield::new("z", "Ask at the desk"));
    let body = holding_body(&record, Suppress::Published);
    scenario.alma().update_holding(&mms, &HoldingId::parse(&line.holding_id).unwrap(), &body).unwrap();
    // Somebody looks at it and lets another call number be written beside it.
    scenario.profile_says("push.holdings", "subfields = { h = \"MS {id_0}\" }");
    scenario.push().exits(3);
    scenario.run("push approve p.toml 2/17").exits(0);
    scenario.push().exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS), ["852 8# $b SPEC $c manuscripts $h MS A0053 $z Ask at the desk"]);
    scenario.profile_forgets("subfields = { h = \"MS {id_0}\" }\n");
    scenario.profile_says("push.holdings", "subfields = { h = \"MS {id_0}\", z = \"{title}\" }");
    let report = scenario.push().exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "holding-changed")], "{report}");
    assert_eq!(scenario.shelf_marks(QUILTS), ["852 8# $b SPEC $c manuscripts $h MS A0053 $z Ask at the desk"]);
}

#[test]
fn numbers_that_an_archivist_took_out_of_a_box_are_not_put_back_without_a_question() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    let numbers = scenario.numbers_on(BOX_1);
    let empty = |record: &mut Value| {
        record["ils_item_id"] = json!(null);
        record["ils_holding_id"] = json!(null);
        record["barcode"] = json!("3011200001");
    };
    scenario.sandbox.change_aspace(BOX_1, empty).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(box_of(&report, BOX_1)["code"], "numbers-removed", "{report}");
    assert_eq!(scenario.numbers_on(BOX_1), (None, None));
    let held = scenario.run("push list p.toml held --json").exits(0).json();
    assert_eq!(held["held"][0]["can-be-approved"], true, "{held}");
    scenario.run("push approve p.toml 2/17").exits(0);
    assert_eq!(scenario.push().exits(0).json()["items-written-back"], 1);
    assert_eq!(scenario.numbers_on(BOX_1), numbers);
    scenario.journal_is_whole();
}

#[test]
fn what_an_archivist_kept_for_another_system_comes_back_as_it_was() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.sandbox.change_aspace(BOX_1, |record| record["ils_holding_id"] = json!("old shelf 7")).unwrap();
    scenario.push().exits(0);
    assert!(scenario.numbers_on(BOX_1).1.is_some());
    scenario.run("push undo p.toml 1").exits(0);
    assert_eq!(scenario.numbers_on(BOX_1), (Some("old shelf 7".to_owned()), None));
}

#[test]
fn a_box_that_left_its_resource_gets_no_item_there() {
    let mut scenario = before_items();
    // Boxes are gathered, and have no items yet.
    scenario.profile_says("push.holdings", "by = \"building\"\nplaces = { \"Nowhere\" = \"SPEC maps\" }");
    scenario.push().exits(0);
    scenario
        .sandbox
        .change_aspace(BOX_2, |record| record["collection"] = json!([{"ref": "/repositories/2/resources/23"}]))
        .unwrap();
    scenario.profile_says("push.items", "");
    let report = scenario.push().exits(0).json();
    assert_eq!(report["items"], json!({"created": 1}), "{report}");
    assert_eq!((scenario.items(QUILTS).len(), scenario.numbers_on(BOX_2)), (1, (None, None)));
}

#[test]
fn a_resource_that_the_profile_takes_in_later_comes_with_its_boxes() {
    let mut scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    scenario.also("2/3");
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["outcomes"], &report["items"]), (&json!({"created": 1}), &json!({"created": 4})), "{report}");
    assert_eq!(scenario.items(SAHOLT).len(), 4);
}

#[test]
fn the_item_of_a_shared_box_is_no_other_box_s() {
    let shared = "/repositories/2/top_containers/304";
    let (one, other) = ("/repositories/2/resources/18", "/repositories/2/resources/19");
    let of = |resources: Vec<&'static str>| {
        move |record: &mut Value| {
            record["collection"] = resources.iter().map(|uri| json!({ "ref": uri })).collect();
        }
    };
    let scenario = PushScenario::with_items(&["2/18"]);
    scenario.sandbox.change_aspace(shared, of(vec![one])).unwrap();
    scenario.push().exits(0);
    let pid = scenario.numbers_on(shared).1.unwrap();
    // It becomes a shared one, and another box with the same label comes to the resource.
    scenario.sandbox.change_aspace(shared, of(vec![one, other])).unwrap();
    scenario.sandbox.change_aspace(BOX_1, of(vec![one])).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!(box_of(&report, BOX_1)["outcome"], "created", "{report}");
    assert_ne!(scenario.numbers_on(BOX_1).1, Some(pid));
    assert_eq!(report["resources"][0]["items-without-box"], json!([]), "{report}");
}

#[test]
fn a_shared_box_stays_bound_to_the_bib_at_which_its_item_was_made() {
    let shared = "/repositories/2/top_containers/304";
    let mut scenario = PushScenario::with_items(&["2/18", "2/19"]);
    scenario.profile_says("push.items", "shared = \"first\"");
    scenario.push().exits(0);
    let numbers = scenario.numbers_on(shared);
    scenario
        .sandbox
        .change_aspace(shared, |record| {
            let mut all = record["collection"].as_array().unwrap().clone();
            all.reverse();
            record["collection"] = all.into();
        })
        .unwrap();
    let report = scenario.push().exits(0).json();
    let all = report["resources"].as_array().unwrap().iter().flat_map(|one| one["items"].as_array().unwrap().clone());
    let mut ends: Vec<String> = all
        .filter(|one| one["container"] == shared)
        .map(|one| format!("{} {}", one["outcome"].as_str().unwrap(), one["code"].as_str().unwrap()))
        .collect();
    ends.sort();
    assert_eq!(ends, ["skipped at-host", "unchanged "], "{report}");
    assert_eq!(scenario.numbers_on(shared), numbers);
}
