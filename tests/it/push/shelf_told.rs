//! What of a shelf is told, waits in the lists, and leaves them again; wishes for holdings, and how they are taken back.

use super::{PushScenario, QUILTS};
use crate::support::shelf::{BOX_1, BOX_2, box_of, ends, value};
use cartouche::model::id::MmsId;
use cartouche::push::alma::HoldingId;
use cartouche::push::item::ItemField;
use cartouche::sandbox::alma_rest::ApiMood;
use serde_json::{Value, json};
use std::time::Duration;

fn held(scenario: &PushScenario) -> Vec<Value> {
    let listed = scenario.run("push list p.toml held --json").exits(0).json();
    listed["held"].as_array().unwrap().clone()
}

/// Its holding stands among the manuscripts, its box in another building, whose place is among the maps.
fn moved_box() -> PushScenario {
    let mut scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.profile_says("push.holdings", "by = \"building\"\nplaces = { \"Research Center\" = \"SPEC maps\" }");
    scenario.profile_says("push.items", "");
    scenario.push().exits(0);
    let stands = json!([{"ref": "/locations/1", "status": "current", "start_date": "2022-04-03"}]);
    scenario.sandbox.change_aspace(BOX_1, |record| record["container_locations"] = stands).unwrap();
    scenario
}

#[test]
fn what_nobody_can_approve_is_listed_among_what_is_held() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.sandbox.change_aspace(BOX_2, |record| record["indicator"] = json!("01")).unwrap();
    let said = scenario.run("push p.toml").exits(3);
    assert!(said.stdout.contains("`cartouche push list p.toml held`"), "{}", said.stdout);
    let listed = held(&scenario);
    let codes: Vec<&str> = listed.iter().map(|line| line["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["several-boxes", "several-boxes"], "{listed:?}");
    assert_eq!((&listed[0]["intent"], &listed[0]["can-be-approved"]), (&json!(null), &json!(false)));
    assert!(listed[0]["title"].as_str().unwrap().contains(BOX_1), "{listed:?}");
    let text = scenario.run("push list p.toml held").exits(0).stdout;
    assert!(text.contains("several-boxes"), "{text}");
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.catalogue_holding(QUILTS, "manuscripts", "Quilt 1");
    scenario.run("push p.toml --all").exits(3);
    let listed = held(&scenario);
    assert_eq!((listed.len(), &listed[0]["code"]), (1, &json!("several-holdings")), "{listed:?}");
}

#[test]
fn what_was_held_of_a_box_that_left_waits_for_nobody() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    scenario.staff_changes_item(QUILTS, 1, ItemField::Description, "Kiste");
    scenario.run("push p.toml --all").exits(3);
    assert_eq!(held(&scenario).len(), 1);
    scenario
        .sandbox
        .change_aspace(BOX_2, |record| record["collection"] = json!([{"ref": "/repositories/2/resources/23"}]))
        .unwrap();
    scenario.push().exits(0);
    assert_eq!(held(&scenario), Vec::<Value>::new());
}

#[test]
fn what_a_person_rejected_is_not_listed_as_held() {
    let mut scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    scenario.staff_changes_item(QUILTS, 0, ItemField::Description, "Kiste");
    scenario.run("push p.toml --all").exits(3);
    scenario.run("push reject p.toml 2/17").exits(0);
    assert_eq!(held(&scenario), Vec::<Value>::new());
    assert_eq!(box_of(&scenario.push().exits(0).json(), BOX_1)["code"], "rejected");
    // What is held of a shelf goes with the table that kept it.
    scenario.staff_changes_item(QUILTS, 1, ItemField::Description, "Kiste 2");
    scenario.run("push p.toml --all").exits(3);
    assert_eq!(held(&scenario).len(), 1);
    scenario.profile_forgets("[push.items]\nnew = { policy = \"closed\" }\n");
    scenario.push().exits(0);
    assert_eq!(held(&scenario), Vec::<Value>::new());
}

#[test]
fn what_was_taken_back_is_not_listed_as_done() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    scenario.run("push undo p.toml 1").exits(0);
    let listed = |what: &str| scenario.run(&format!("push list p.toml {what} --json")).exits(0).json()[what].clone();
    assert_eq!(listed("holdings"), json!([]));
    let items = listed("items");
    let told: Vec<[&str; 3]> = items
        .as_array()
        .unwrap()
        .iter()
        .map(|one| ["item", "outcome", "code"].map(|name| one[name].as_str().unwrap()))
        .collect();
    assert_eq!(told, [["", "skipped", "undone"], ["", "skipped", "undone"]], "{items}");
}

#[test]
fn a_holding_that_somebody_moved_is_told_with_where_it_is() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let line = scenario.holdings(mms.as_str())[0].clone();
    let mut record = line.record.clone();
    record.data_mut().find(|field| field.tag == "852").unwrap().subfields[1].value = "vault".to_owned();
    let body = cartouche::push::holding::holding_body(&record, cartouche::push::bib::Suppress::Published);
    scenario.alma().update_holding(&mms, &HoldingId::parse(&line.holding_id).unwrap(), &body).unwrap();
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "holding-moved")], "{report}");
    assert!(report["resources"][0]["holdings"][0]["detail"].as_str().unwrap().contains("SPEC vault"), "{report}");
    scenario.run("push approve p.toml 2/17").exits(0);
    assert_eq!(ends(&scenario.push().exits(0).json(), "holdings"), [("created", "")]);
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 2);
}

#[test]
fn a_holding_that_the_list_shows_and_alma_cannot_give_is_not_made_again() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS)[0].clone();
    let id = scenario.holdings(&mms)[0].holding_id.clone();
    scenario.sandbox.deny_holding(&id, true);
    let report = scenario.run("push p.toml --json --all").exits(3).json();
    assert_eq!(ends(&report, "holdings"), [("held", "not-whole")], "{report}");
    scenario.sandbox.deny_holding(&id, false);
    assert_eq!(scenario.holdings(&mms).len(), 1);
}

#[test]
fn an_item_that_stands_elsewhere_than_its_box_is_told() {
    let scenario = moved_box();
    let report = scenario.push().exits(0).json();
    let one = box_of(&report, BOX_1);
    assert_eq!((&one["outcome"], &one["code"]), (&json!("unchanged"), &json!("other-place")), "{report}");
    let detail = one["detail"].as_str().unwrap();
    assert!(detail.contains("SPEC manuscripts") && detail.contains("SPEC maps"), "{detail}");
    assert_eq!(box_of(&report, BOX_2)["code"], "");
    let said = scenario.run("push p.toml --all").exits(0);
    assert!(said.stdout.contains("1 items stand elsewhere than their boxes"), "{}", said.stdout);
    let status = scenario.run("push status p.toml --json").exits(0).json();
    assert_eq!(status["items"], json!({"unchanged": {"": 1, "other-place": 1}}));
}

#[test]
fn a_barcode_that_another_item_has_is_told_when_it_comes_later_too() {
    let scenario = PushScenario::with_items(&["2/17"]);
    scenario.push().exits(0);
    let theirs =
        scenario.catalogue_item(QUILTS, &[(ItemField::Description, "Map case"), (ItemField::Barcode, "3011200009")]);
    scenario.give_barcode(BOX_1, "3011200009");
    let report = scenario.push().exits(3).json();
    let one = box_of(&report, BOX_1);
    assert_eq!((&one["outcome"], &one["code"]), (&json!("held"), &json!("barcode-elsewhere")), "{report}");
    assert!(one["detail"].as_str().unwrap().contains(&theirs), "{report}");
    assert_eq!(value(&scenario.items(QUILTS)[0], "barcode"), "");
}

#[test]
fn a_wish_is_listed_with_who_and_why_and_can_be_taken_back_before_it_is_made() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    let add = ["push", "add-holding", "p.toml", "2/17", "SPEC maps", "--reason", "three maps"];
    scenario.run_with(&add).exits(0);
    let listed = scenario.run("push list p.toml holdings --json").exits(0).json();
    let line = &listed["holdings"].as_array().unwrap()[1];
    assert_eq!(
        (&line["place"], &line["outcome"], &line["why"]),
        (&json!("SPEC maps"), &json!("asked"), &json!("three maps")),
        "{listed}"
    );
    assert!(!line["asked-by"].as_str().unwrap().is_empty());
    let dropped = scenario.run_with(&["push", "drop-holding", "p.toml", "2/17", "SPEC maps", "--json"]).exits(0).json();
    assert_eq!((&dropped["place"], &dropped["deleted"]), (&json!("SPEC maps"), &json!(null)));
    scenario.run("push p.toml --all").exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 1);
    let said = scenario.run_with(&["push", "drop-holding", "p.toml", "2/17", "SPEC maps"]).exits(3);
    assert!(said.stderr.contains("nobody has asked"), "{}", said.stderr);
}

#[test]
fn a_holding_that_was_asked_for_is_deleted_with_its_wish_and_its_bib_goes_on() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC maps"]).exits(0);
    scenario.push().exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 2);
    let dropped = scenario.run_with(&["push", "drop-holding", "p.toml", "2/17", "SPEC maps", "--json"]).exits(0).json();
    assert!(dropped["deleted"].is_string(), "{dropped}");
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 1);
    // Whatever comes next, it is not made again.
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Ottilie Vanner Brask Quilts")).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!(
        (&report["outcomes"], ends(&report, "holdings")),
        (&json!({"updated": 1}), vec![("unchanged", "")]),
        "{report}"
    );
    scenario.journal_is_whole();
}

#[test]
fn a_holding_on_which_something_hangs_is_not_dropped_and_its_wish_stays() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC maps"]).exits(0);
    scenario.push().exits(0);
    let maps = scenario.holdings(&scenario.marked(QUILTS)[0])[1].holding_id.clone();
    scenario.catalogue_item_in(QUILTS, &maps, &[(ItemField::Description, "Map 1")]);
    let said = scenario.run_with(&["push", "drop-holding", "p.toml", "2/17", "SPEC maps"]).exits(3);
    assert!(said.stderr.contains("the holding has items"), "{}", said.stderr);
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!(ends(&report, "holdings"), [("unchanged", ""), ("unchanged", "")], "{report}");
}

#[test]
fn a_run_that_takes_a_wished_holding_back_takes_the_wish_with_it() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC maps"]).exits(0);
    scenario.push().exits(0);
    scenario.run("push undo p.toml 2/17").exits(0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Ottilie Vanner Brask Quilts")).unwrap();
    scenario.push().exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 1);
    // The bib rests after it was taken back: whoever asks is told.
    scenario.run("push undo p.toml 2/17").exits(0);
    let said = scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC maps"]).exits(0);
    assert!(said.stdout.contains("when the bib is in step again: it is skipped undone"), "{}", said.stdout);
}

#[test]
fn a_wish_that_comes_while_a_run_has_the_resource_in_hand_is_made_by_the_next_one() {
    let scenario = PushScenario::with_holdings(&["2/17"]);
    scenario.push().exits(0);
    scenario.sandbox.set_api_mood(ApiMood::Slow(Duration::from_millis(700)));
    let before = scenario.alma_calls().len();
    let mut under_way = scenario.command("push p.toml --all").spawn().unwrap();
    // Libraries, locations, the bib; its holdings are listed when it is known what is wanted.
    while !scenario.alma_calls()[before..].iter().any(|call| call.contains("/holdings")) {
        std::thread::sleep(Duration::from_millis(20));
    }
    scenario.run_with(&["push", "add-holding", "p.toml", "2/17", "SPEC maps"]).exits(0);
    assert!(under_way.wait().unwrap().success());
    scenario.sandbox.set_api_mood(ApiMood::Fair);
    scenario.push().exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 2);
}
