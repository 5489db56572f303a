//! Shelves on which others work, too: what staff and archivists do is not taken for ours, not written over and not deleted.

use super::{PushScenario, QUILTS};
use crate::support::shelf::{BOX_1, box_of, ends, value};
use cartouche::push::item::ItemField;
use serde_json::json;

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
