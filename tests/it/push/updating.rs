//! Bibs that are there: merged, never overwritten, and written only when they would say something else.

use super::{PushScenario, QUILTS};
use cartouche::model::id::MmsId;
use cartouche::push::bib::{Suppress, bib_body, read_bib};
use serde_json::json;

/// A cataloguer adds fields to a bib.
pub(super) fn cataloguer_adds(scenario: &PushScenario, mms: &str, fields: &str) {
    let client = scenario.alma();
    let bib = client.bib(&MmsId::parse(mms).unwrap()).unwrap().unwrap();
    let read = read_bib(&bib.xml.replacen("</record>", &format!("{fields}</record>"), 1)).unwrap();
    let body = bib_body(&read.record, Some(&bib.mms), read.suppress.unwrap(), &read.settings);
    client.update_bib(&bib.mms, &body).unwrap();
}

const LOCAL: &str = "<datafield tag=\"035\" ind1=\" \" ind2=\" \"><subfield code=\"a\">(OCoLC)4711</subfield></datafield>\
    <datafield tag=\"500\" ind1=\" \" ind2=\" \"><subfield code=\"a\">Gift of the author</subfield><subfield code=\"5\">XyZ</subfield></datafield>\
    <datafield tag=\"949\" ind1=\" \" ind2=\" \"><subfield code=\"a\">local</subfield></datafield>";

#[test]
fn an_update_brings_the_new_title_and_keeps_what_is_alma_s() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    cataloguer_adds(&scenario, &mms, LOCAL);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Quilts of Ottilie Brask")).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"updated": 1}), "{report}");
    let bib = scenario.bib(&mms);
    for kept in ["Quilts of Ottilie Brask", "(OCoLC)4711", "Gift of the author", ">local<"] {
        assert!(bib.contains(kept), "{kept}:\n{bib}");
    }
    let mark = format!("<subfield code=\"a\">(ASPACE-X){QUILTS}</subfield>");
    assert_eq!(bib.matches(&mark).count(), 1, "our mark stands once");
    let again = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!(again["outcomes"], json!({"unchanged": 1}), "a second merge changes nothing: {again}");
    scenario.journal_is_whole();
}

#[test]
fn unpublishing_suppresses_the_bib_and_nothing_else_of_it_changes() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    let flag = || scenario.suppress(&mms);
    assert_eq!(flag(), Some(Suppress::Published));
    scenario.sandbox.change_aspace(QUILTS, |record| record["publish"] = json!(false)).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!((report["outcomes"].clone(), flag()), (json!({"updated": 1}), Some(Suppress::Suppressed)), "{report}");
    scenario.sandbox.change_aspace(QUILTS, |record| record["publish"] = json!(true)).unwrap();
    scenario.push().exits(0);
    assert_eq!(flag(), Some(Suppress::Published));
}

#[test]
fn a_resource_that_vanished_is_told_and_its_bib_stays() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS);
    scenario.sandbox.delete_aspace(QUILTS).unwrap();
    scenario.push().exits(0);
    let report = scenario.run("push p.toml --json --reconcile").exits(3).json();
    assert_eq!(report["gathered"]["gone"], json!([QUILTS]), "{report}");
    assert_eq!(scenario.marked(QUILTS), mms);
    let gone = scenario.run("push list p.toml gone --json").exits(0).json();
    assert_eq!(gone["gone"][0]["resource"], QUILTS);
}

#[test]
fn a_bib_that_a_cataloguer_saves_in_this_moment_is_planned_again_and_loses_nothing() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Quilts of Ottilie Brask")).unwrap();
    // The list is read at once; the answer to it takes long enough for a cataloguer.
    let slow = cartouche::sandbox::alma_rest::ApiMood::Slow(std::time::Duration::from_secs(2));
    scenario.sandbox.set_api_mood_once(slow, 1);
    let running = scenario.command("push p.toml --json").stdout(std::process::Stdio::piped()).spawn().unwrap();
    while scenario.sandbox.api_calls().iter().filter(|call| call.path.starts_with("/bibs?mms_id")).count() < 1 {
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    cataloguer_adds(&scenario, &mms, LOCAL);
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let bib = scenario.bib(&mms);
    assert!(bib.contains(">local<") && bib.contains("Quilts of Ottilie Brask"), "{bib}");
}

#[test]
fn a_resource_that_archivesspace_shows_again_is_pushed_again_although_nobody_saved_it() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.push().exits(0);
    let mut record = scenario.sandbox.aspace_record(QUILTS).unwrap();
    scenario.sandbox.delete_aspace(QUILTS).unwrap();
    scenario.run("push p.toml --json --reconcile").exits(3);
    // It says something else, and its time is an old one.
    record["title"] = json!("Quilts of Ottilie Brask");
    record["system_mtime"] = json!("2020-01-01T00:00:00Z");
    scenario.sandbox.add_aspace(record);
    let report = scenario.run("push p.toml --json --reconcile").exits(0).json();
    assert_eq!(report["outcomes"], json!({"updated": 1}), "{report}");
    assert_eq!(scenario.run("push list p.toml gone --json").exits(0).json()["gone"], json!([]));
}
