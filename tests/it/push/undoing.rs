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
