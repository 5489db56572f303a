//! The way back: both kinds, and only while the other system holds what was written.

use super::{PushScenario, QUILTS};
use cartouche::model::id::MmsId;
use serde_json::json;

#[test]
fn an_update_is_taken_back_and_rests_until_archivesspace_says_something_else() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    let title = |text: &str| scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!(text)).unwrap();
    title("Wrong title");
    scenario.push().exits(0);
    assert!(scenario.bib(&mms).contains("Wrong title"));
    let undone = scenario.run(&format!("undo p.toml {QUILTS} --reason wrong --json")).exits(0).json();
    assert_eq!(undone["done"].as_array().unwrap().len(), 1, "{undone}");
    let bib = scenario.bib(&mms);
    assert!(bib.contains("Quilt Collection") && !bib.contains("Wrong title"), "{bib}");
    scenario.run("push p.toml --json --all").exits(0);
    assert!(!scenario.bib(&mms).contains("Wrong title"), "what was taken back is not written again");
    title("Right title");
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"updated": 1}));
    assert!(scenario.bib(&mms).contains("Right title"));
    scenario.journal_is_whole();
}

#[test]
fn a_bib_that_was_made_is_deleted_and_its_mms_id_taken_out() {
    let scenario = PushScenario::of(&["2/17"]);
    let run = scenario.push().exits(0).json()["run"].as_i64().unwrap();
    scenario.run(&format!("push undo p.toml {run} --reason test")).exits(0);
    assert_eq!((scenario.marked(QUILTS).len(), scenario.mms_in_archivesspace(QUILTS)), (0, None));
    scenario.push().exits(0);
    assert_eq!(scenario.marked(QUILTS).len(), 0, "it rests");
    scenario.journal_is_whole();
}

#[test]
fn a_bib_with_holdings_is_not_deleted_and_stays_linked() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let record = "<holding><suppress_from_publishing>false</suppress_from_publishing><record><leader>     nx  a22     1n 4500</leader><controlfield tag=\"008\">2611222u    8   4001uueng0000000</controlfield>\
        <datafield tag=\"852\" ind1=\"8\" ind2=\" \"><subfield code=\"b\">SPEC</subfield><subfield code=\"c\">manuscripts</subfield>\
        <subfield code=\"h\">MS 1</subfield></datafield></record></holding>";
    scenario.alma().create_holding(&mms, record).unwrap();
    let said = scenario.run("push undo p.toml 2/17").exits(3);
    assert!(said.stderr.contains("has holdings"), "{}", said.stderr);
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_deref(), Some(mms.as_str()));
    assert_eq!(scenario.marked(QUILTS).len(), 1);
}

#[test]
fn what_a_cataloguer_changed_since_is_not_taken_back() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    scenario.sandbox.catalogue_bib(&mms, "A cataloguer's title").unwrap();
    let said = scenario.run("push undo p.toml 2/17").exits(3);
    assert!(said.stderr.contains("no longer the one that was written"), "{}", said.stderr);
    assert!(scenario.bib(&mms).contains("A cataloguer"));
}

#[test]
fn a_number_that_alma_did_not_have_stands_there_again() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("push", "create-when-unknown = true");
    let unknown = json!({"string_2": "9900000000001234"});
    scenario.sandbox.change_aspace(QUILTS, |record| record["user_defined"] = unknown).unwrap();
    scenario.push().exits(0);
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), scenario.marked(QUILTS).first());
    scenario.run("push undo p.toml 2/17").exits(0);
    assert_eq!(scenario.marked(QUILTS), [""; 0]);
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_deref(), Some("9900000000001234"));
}

#[test]
fn a_deletion_that_a_sign_in_page_answers_is_not_taken_for_done() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS);
    scenario.sandbox.set_api_mood(cartouche::sandbox::alma_rest::ApiMood::SignIn);
    scenario.run("push undo p.toml 2/17").exits(3);
    scenario.sandbox.set_api_mood(cartouche::sandbox::alma_rest::ApiMood::Fair);
    assert_eq!((scenario.marked(QUILTS), scenario.mms_in_archivesspace(QUILTS)), (mms.clone(), mms.first().cloned()));
    let told = scenario.run("push explain p.toml 2/17").exits(0).stdout;
    assert!(told.contains("made by this program"), "it is linked: {told}");
}

#[test]
fn an_update_that_alma_stored_otherwise_and_that_was_killed_can_be_taken_back() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    let before = scenario.bib(&mms);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Wrong title")).unwrap();
    // 3 lies behind the call that writes.
    assert_eq!(scenario.push_killed_at("push:2").code, None);
    assert!(scenario.bib(&mms).contains("Wrong title"), "it was written");
    scenario.sandbox.catalogue_bib(&mms, "Wrong title, as Alma writes it").unwrap();
    let report = scenario.run("push p.toml --json --dry-run").json();
    assert_eq!(report["outcomes"], json!({"waiting": 1}), "{report}");
    scenario.run("push undo p.toml 2/17 --reason wrong").exits(0);
    let title =
        |xml: &str| xml.split("tag=\"245\"").nth(1).map(|rest| rest.split("</datafield>").next().unwrap().to_owned());
    assert_eq!(title(&scenario.bib(&mms)), title(&before));
    scenario.journal_is_whole();
}

#[test]
fn a_taking_back_that_cannot_be_done_tells_what_was_done_before_it() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    let run = scenario.push().exits(0).json()["run"].as_i64().unwrap();
    scenario.sandbox.break_bib(&scenario.marked(QUILTS)[0]);
    let undone = scenario.run(&format!("push undo p.toml {run} --json")).exits(3).json();
    assert_eq!(
        (undone["done"].as_array().unwrap().len(), undone["refused"].as_array().unwrap().len()),
        (1, 1),
        "{undone}"
    );
    let state = scenario.run("push status p.toml --json").exits(0).json();
    assert_eq!((&state["last-run"]["command"], &state["last-run"]["exit-code"]), (&json!("push undo"), &json!(3)));
}
