//! The other way: what Alma knows goes into ArchivesSpace, after the same review, once, and back again.

mod afterwards;
mod barcodes;

use super::{PushScenario, QUILTS, SAHOLT};
use crate::support::push::Said;
use cartouche::model::id::MmsId;
use cartouche::sandbox::aspace::AspaceMood;
use serde_json::{Value, json};

const OCLC: &str =
    "<datafield ind1=\" \" ind2=\" \" tag=\"035\"><subfield code=\"a\">(OCoLC)ocm00123456</subfield></datafield>";
const NOTE: &str =
    "<datafield ind1=\" \" ind2=\" \" tag=\"590\"><subfield code=\"a\">Bound in 1901.</subfield></datafield>";
const RULES: &str = "oclc = \"user_defined.string_3\"\n\
                     fields = [{ from = \"590$a\", to = \"user_defined.text_1\" }]";

/// The bib of the quilts is there, a cataloguer has added a number of OCLC's and a note, and both are pulled from now on.
fn catalogued(rules: &str) -> PushScenario {
    let mut scenario = PushScenario::of(&["2/17"]);
    // In the profile from the beginning: what changes later is not the rules.
    scenario.profile_says("push.pull", rules);
    scenario.push().exits(0);
    cataloguer_adds(&scenario, QUILTS, &format!("{OCLC}{NOTE}"));
    scenario
}

fn cataloguer_adds(scenario: &PushScenario, uri: &str, fields: &str) {
    let mms = MmsId::parse(&scenario.marked(uri)[0]).unwrap();
    let xml = scenario.bib(mms.as_str()).replacen("</record>", &format!("{fields}</record>"), 1);
    scenario.alma().update_bib(&mms, &xml).unwrap();
}

fn pull(scenario: &PushScenario) -> Said {
    scenario.run("push p.toml --pull --json")
}

/// What a field of `user_defined` holds.
fn field(scenario: &PushScenario, name: &str) -> Value {
    scenario.sandbox.aspace_record(QUILTS).unwrap()["user_defined"][name].clone()
}

fn say(scenario: &PushScenario, name: &str, value: &str) {
    let say = |record: &mut Value| record["user_defined"][name] = json!(value);
    scenario.sandbox.change_aspace(QUILTS, say).unwrap();
}

#[test]
fn what_a_cataloguer_added_comes_into_archivesspace_in_one_save_and_once() {
    let scenario = catalogued(RULES);
    let saves = scenario.saves(QUILTS);
    let report = pull(&scenario).exits(0).json();
    assert_eq!(report["fields"], json!({"written": 2}), "{report}");
    assert_eq!((field(&scenario, "string_3"), field(&scenario, "text_1")), (json!("123456"), json!("Bound in 1901.")));
    assert_eq!(scenario.saves(QUILTS), saves + 1);
    assert_eq!(report["calls"]["alma"], json!({"read bibs": 1}));
    assert_eq!(
        report["calls"]["archivesspace"],
        json!({"log in": 1, "list resources": 1, "read resources": 1, "save resource": 1}),
        "the push wrote to it a moment ago, so that it is asked for again"
    );
    let again = pull(&scenario).exits(0).json();
    assert_eq!((&again["fields"], scenario.saves(QUILTS)), (&json!({"unchanged": 2}), saves + 1), "{again}");
    assert!(scenario.alma_calls().iter().filter(|call| call.starts_with("PUT")).count() == 1, "the cataloguer's own");
    scenario.journal_is_whole();
}

#[test]
fn what_was_pulled_does_not_come_back_as_a_change_that_is_pushed() {
    let scenario = catalogued(RULES);
    pull(&scenario).exits(0);
    let before = scenario.alma_calls().len();
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["gathered"]["changed"], &report["gathered"]["marc"]), (&json!(0), &json!(0)), "{report}");
    assert_eq!((&report["resources"], scenario.alma_calls().len()), (&json!([]), before), "{report}");
    // And what an archivist changes is pushed as ever.
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Quilts of Ottilie Brask")).unwrap();
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"updated": 1}));
}

#[test]
fn rules_that_come_later_send_nothing_and_wake_nothing_that_was_taken_back() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Wrong title")).unwrap();
    say(&scenario, "string_3", "by hand");
    scenario.push().exits(0);
    scenario.run("push undo p.toml 2/17").exits(0);
    scenario.profile_says("push.pull", RULES);
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!(report["outcomes"], json!({"skipped": 1}), "{report}");
    assert!(!scenario.bib(&scenario.marked(QUILTS)[0]).contains("Wrong title"));
}

#[test]
fn what_archivesspace_says_otherwise_waits_for_a_person_field_by_field() {
    let scenario = catalogued(RULES);
    say(&scenario, "string_3", "999");
    let report = pull(&scenario).exits(3).json();
    assert_eq!(report["fields"], json!({"held": 1, "written": 1}), "{report}");
    assert_eq!((field(&scenario, "string_3"), field(&scenario, "text_1")), (json!("999"), json!("Bound in 1901.")));
    let held = scenario.run("push list p.toml held --json").exits(0).json();
    let line = &held["held"][0];
    assert_eq!((&line["code"], &line["can-be-approved"]), (&json!("overwrites"), &json!(true)), "{held}");
    let number = line["intent"].as_i64().unwrap();
    // A push in between releases nothing of it, and the next pull shows the same number.
    scenario.run("push p.toml --all").exits(0);
    pull(&scenario).exits(3);
    let again = scenario.run("push list p.toml held --json").exits(0).json();
    assert_eq!(again["held"][0]["intent"], json!(number), "{again}");
    scenario.run(&format!("push approve p.toml {number} --reason checked")).exits(0);
    assert_eq!(field(&scenario, "string_3"), json!("999"), "a decision is written down, the next run acts on it");
    assert_eq!(pull(&scenario).exits(0).json()["fields"], json!({"unchanged": 1, "written": 1}));
    assert_eq!(field(&scenario, "string_3"), json!("123456"));
    assert_eq!(scenario.run("push list p.toml held --json").exits(0).json()["held"], json!([]));
    scenario.journal_is_whole();
}

#[test]
fn an_approval_speaks_of_what_was_shown_and_of_nothing_else() {
    let scenario = catalogued(RULES);
    say(&scenario, "string_3", "999");
    pull(&scenario).exits(3);
    scenario.run("push approve p.toml 2/17").exits(0);
    say(&scenario, "string_3", "888");
    let report = pull(&scenario).exits(3).json();
    assert_eq!((&report["fields"]["held"], field(&scenario, "string_3")), (&json!(1), json!("888")), "{report}");
    let number = scenario.run("push list p.toml held --json").exits(0).json()["held"][0]["intent"].clone();
    scenario.run("push reject p.toml 2/17 --reason no").exits(0);
    let report = pull(&scenario).exits(0).json();
    assert_eq!((&report["fields"]["skipped"], field(&scenario, "string_3")), (&json!(1), json!("888")), "{report}");
    // People change their minds.
    scenario.run(&format!("push approve p.toml {number}")).exits(0);
    pull(&scenario).exits(0);
    assert_eq!(field(&scenario, "string_3"), json!("123456"));
}

#[test]
fn a_rule_says_whose_word_counts() {
    for (existing, outcome, expected) in [("keep", "kept", "999"), ("replace", "written", "123456")] {
        let scenario = catalogued(&format!("existing = \"{existing}\"\noclc = \"user_defined.string_3\""));
        say(&scenario, "string_3", "999");
        let report = pull(&scenario).exits(0).json();
        assert_eq!(
            (&report["fields"], field(&scenario, "string_3")),
            (&json!({outcome: 1}), json!(expected)),
            "{report}"
        );
    }
}

#[test]
fn several_values_wait_and_no_approval_chooses_one() {
    let scenario = catalogued(RULES);
    cataloguer_adds(&scenario, QUILTS, &OCLC.replace("123456", "777"));
    let report = pull(&scenario).exits(3).json();
    let told = &report["resources"][0]["fields"][0];
    assert_eq!((&told["outcome"], &told["code"]), (&json!("held"), &json!("several-values")), "{report}");
    assert!(told["detail"].as_str().unwrap().contains("123456 | 777"), "{told}");
    scenario.run("push approve p.toml 2/17").exits(3);
    assert_eq!(field(&scenario, "string_3"), Value::Null);
}

#[test]
fn a_dry_run_tells_what_would_be_and_writes_nothing() {
    let scenario = catalogued(RULES);
    let saves = scenario.saves(QUILTS);
    let report = scenario.run("push p.toml --pull --dry-run --json").exits(0).json();
    assert_eq!(report["fields"], json!({"write": 2}), "{report}");
    assert_eq!(report["resources"][0]["fields"][0]["value"], "123456");
    let text = scenario.run("push p.toml --pull --dry-run").exits(0).stdout;
    assert!(text.contains("user_defined.text_1: `` → `Bound in 1901.`"), "{text}");
    assert_eq!((scenario.saves(QUILTS), field(&scenario, "string_3")), (saves, Value::Null));
    let writes = scenario.run("push list p.toml writes --json").exits(0).json();
    assert!(!writes.to_string().contains("write-fields"), "{writes}");
}

#[test]
fn the_mms_id_of_a_bib_that_a_file_brought_in_is_found_by_our_035() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("push", "write-back = false");
    scenario.profile_says("push.pull", "mms-id = \"user_defined.string_2\"");
    scenario.push().exits(0);
    std::fs::remove_file(scenario.path("p.db")).unwrap();
    let report = pull(&scenario).exits(0).json();
    assert_eq!(report["calls"]["alma"], json!({"find bibs": 1}), "{report}");
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), scenario.marked(QUILTS).first());
    // Linked from then on.
    assert_eq!(pull(&scenario).exits(0).json()["calls"]["alma"], json!({"read bibs": 1}));
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["outcomes"], scenario.marked(QUILTS).len()), (&json!({"unchanged": 1}), 1), "{report}");
    scenario.journal_is_whole();
}

#[test]
fn what_is_pulled_is_taken_back_and_rests_until_either_side_says_something_else() {
    let scenario = catalogued("existing = \"replace\"\noclc = \"user_defined.string_3\"");
    say(&scenario, "string_3", "999");
    pull(&scenario).exits(0);
    let undone = scenario.run("push undo p.toml 2/17 --reason wrong --json").exits(0).json();
    assert_eq!((undone["done"].as_array().unwrap().len(), field(&scenario, "string_3")), (1, json!("999")), "{undone}");
    let report = pull(&scenario).exits(0).json();
    let told = &report["resources"][0]["fields"][0];
    assert_eq!((&told["outcome"], &told["code"]), (&json!("skipped"), &json!("taken-back")), "{report}");
    // The push is not about that: it goes on.
    assert_eq!(scenario.run("push p.toml --all --json").exits(0).json()["outcomes"], json!({"unchanged": 1}));
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Quilts of Ottilie Brask")).unwrap();
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"updated": 1}));
    say(&scenario, "string_3", "998");
    pull(&scenario).exits(0);
    assert_eq!(field(&scenario, "string_3"), json!("123456"));
    say(&scenario, "string_3", "by hand");
    let said = scenario.run("push undo p.toml 2/17").exits(3);
    assert!(said.stderr.contains("no longer hold"), "{}", said.stderr);
    assert_eq!(field(&scenario, "string_3"), json!("by hand"));
    scenario.journal_is_whole();
}

#[test]
fn a_save_that_somebody_was_faster_with_keeps_their_change() {
    let scenario = catalogued(RULES);
    scenario.sandbox.set_aspace_mood_once(AspaceMood::Conflict, 0);
    let report = pull(&scenario).exits(0).json();
    assert_eq!(report["fields"], json!({"written": 2}), "{report}");
    assert_eq!(PushScenario::count(&report, "archivesspace", "save resource"), 2);
    for mood in [AspaceMood::ErrorAfter, AspaceMood::HtmlAfter] {
        let scenario = catalogued(RULES);
        let saves = scenario.saves(QUILTS);
        scenario.sandbox.set_aspace_mood_once(mood, 0);
        let report = pull(&scenario).exits(0).json();
        assert_eq!(report["fields"], json!({"written": 2}), "{mood:?}: {report}");
        assert!(scenario.saves(QUILTS) <= saves + 1, "{mood:?}");
        assert_eq!(field(&scenario, "string_3"), json!("123456"));
        scenario.journal_is_whole();
    }
}

#[test]
fn fields_are_written_once_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = catalogued(RULES);
        let saves = scenario.saves(QUILTS);
        let mut command = scenario.command("push p.toml --pull --json");
        command.env("CARTOUCHE_CRASH_AT", format!("push:{point}"));
        let was_killed = command.output().unwrap().status.code().is_none();
        pull(&scenario).exits(0);
        assert_eq!(scenario.saves(QUILTS), saves + 1, "killed at {point}");
        assert_eq!(field(&scenario, "text_1"), json!("Bound in 1901."), "killed at {point}");
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 5, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn taking_back_is_ended_wherever_the_program_is_killed() {
    for point in 0.. {
        let scenario = catalogued(RULES);
        pull(&scenario).exits(0);
        let mut command = scenario.command("push undo p.toml 2/17");
        command.env("CARTOUCHE_CRASH_AT", format!("push:{point}"));
        let was_killed = command.output().unwrap().status.code().is_none();
        // A push, too, ends what was begun; then either all of it is done, or it can be asked for again.
        scenario.push().exits(0);
        let _ = scenario.run("push undo p.toml 2/17").code;
        let report = pull(&scenario).exits(0).json();
        assert_eq!(report["fields"], json!({"skipped": 2}), "killed at {point}: {report}");
        assert_eq!((field(&scenario, "string_3"), field(&scenario, "text_1")), (Value::Null, Value::Null));
        assert_eq!(scenario.marked(QUILTS).len(), 1, "killed at {point}: the bib is not what was taken back");
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 5, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn where_archivesspace_lets_nothing_be_saved_it_is_told_and_others_go_on() {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.profile_says("push.pull", RULES);
    scenario.push().exits(0);
    cataloguer_adds(&scenario, QUILTS, OCLC);
    cataloguer_adds(&scenario, SAHOLT, OCLC);
    scenario.viewer();
    let report = pull(&scenario).exits(3).json();
    assert_eq!(report["fields"]["failed"], 2, "{report}");
    assert!(report.to_string().contains("Access denied") || report.to_string().contains("denied"), "{report}");
    assert_eq!(field(&scenario, "string_3"), Value::Null);
    scenario.journal_is_whole();
}

#[test]
fn a_suppressed_resource_or_one_without_a_bib_is_skipped_by_its_reason() {
    let scenario = catalogued(RULES);
    scenario.sandbox.change_aspace(QUILTS, |record| record["suppressed"] = json!(true)).unwrap();
    let report = pull(&scenario).exits(0).json();
    assert_eq!(report["resources"][0]["code"], "suppressed", "{report}");
    let mut scenario = PushScenario::of(&["2/3"]);
    scenario.profile_says("push.pull", RULES);
    let report = pull(&scenario).exits(0).json();
    assert_eq!((&report["resources"][0]["code"], &report["calls"]["alma"]), (&json!("no-bib"), &json!({})), "{report}");
}

#[test]
fn another_resource_s_bib_gives_nothing() {
    let mut scenario = catalogued(RULES);
    let mms = scenario.marked(QUILTS).remove(0);
    scenario.also("2/3");
    scenario.sandbox.change_aspace(SAHOLT, |record| record["user_defined"] = json!({"string_2": mms})).unwrap();
    let report = scenario.run("push p.toml --pull --full --json").exits(3).json();
    let codes: Vec<&str> =
        report["resources"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["others-mark", "shared-mms-id"], "{report}");
    assert_eq!(field(&scenario, "string_3"), Value::Null);
}

#[test]
fn a_profile_that_pulls_nothing_says_so() {
    let scenario = PushScenario::of(&["2/17"]);
    let said = scenario.run("push p.toml --pull").exits(2);
    assert!(said.stderr.contains("[push.pull]"), "{}", said.stderr);
}

#[test]
fn a_hundred_bibs_are_read_in_one_call_and_nothing_new_costs_no_write() {
    let numbers: Vec<String> = (101..=202).map(|number| format!("2/{number}")).collect();
    let mut scenario = PushScenario::of(&numbers.iter().map(String::as_str).collect::<Vec<_>>());
    scenario.profile_says("push.pull", "fields = [{ from = \"245$a\", to = \"user_defined.string_4\" }]");
    let mut copy = scenario.sandbox.aspace_record(QUILTS).unwrap();
    for number in 101..=202 {
        copy["uri"] = json!(format!("/repositories/2/resources/{number}"));
        scenario.sandbox.add_aspace(copy.clone());
    }
    scenario.push().exits(0);
    let report = pull(&scenario).exits(0).json();
    assert_eq!(report["fields"], json!({"written": 102}), "{}", report["fields"]);
    assert_eq!(report["calls"]["alma"], json!({"read bibs": 2}));
    assert_eq!(PushScenario::count(&report, "archivesspace", "save resource"), 102);
    let again = pull(&scenario).exits(0).json();
    assert_eq!((&again["fields"], &again["calls"]["alma"]), (&json!({"unchanged": 102}), &json!({"read bibs": 2})));
    assert_eq!(PushScenario::count(&again, "archivesspace", "save resource"), 0);
}
