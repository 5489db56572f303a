//! What a pull leaves behind: decisions that were used, questions that nobody asks any more, and what others changed meanwhile.

use super::barcodes::{barcode, with_barcodes};
use super::{PushScenario, QUILTS, RULES, catalogued, field, pull, say};
use crate::support::shelf::{BOX_1, BOX_2};
use serde_json::{Value, json};

fn held(scenario: &PushScenario) -> Value {
    scenario.run("push list p.toml held --json").exits(0).json()["held"].clone()
}

#[test]
fn an_approval_is_used_up_by_what_it_let_pass() {
    let scenario = catalogued(RULES);
    say(&scenario, "string_3", "999");
    pull(&scenario).exits(3);
    scenario.run("push approve p.toml 2/17 --reason checked").exits(0);
    pull(&scenario).exits(0);
    assert_eq!(field(&scenario, "string_3"), json!("123456"));
    // An archivist has good reasons to write the old number again.
    say(&scenario, "string_3", "999");
    let report = pull(&scenario).exits(3).json();
    assert_eq!((&report["fields"]["held"], field(&scenario, "string_3")), (&json!(1), json!("999")), "{report}");
    scenario.run("push approve p.toml 2/17 --reason again").exits(0);
    pull(&scenario).exits(0);
    assert_eq!(field(&scenario, "string_3"), json!("123456"), "asked again, it is written again");
    scenario.journal_is_whole();
}

#[test]
fn an_approval_of_a_barcode_is_used_up_as_well() {
    let scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    scenario.give_barcode(BOX_1, "30119999");
    pull(&scenario).exits(3);
    scenario.run("push approve p.toml 2/17").exits(0);
    pull(&scenario).exits(0);
    scenario.give_barcode(BOX_1, "30119999");
    let report = pull(&scenario).exits(3).json();
    assert_eq!((&report["barcodes"]["held"], barcode(&scenario, BOX_1)), (&json!(1), json!("30119999")), "{report}");
}

#[test]
fn what_somebody_changed_of_a_box_meanwhile_is_pushed() {
    // Behind the third point the barcode stands on the box, and nobody has noted it.
    let mut scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    scenario.profile_says("push.items", "new = { policy = \"closed\" }\nupdate = true");
    scenario.push().exits(3);
    let mut command = scenario.command("push p.toml --pull --json");
    command.env("CARTOUCHE_CRASH_AT", "push:2");
    assert_eq!(command.output().unwrap().status.code(), None);
    assert_eq!(barcode(&scenario, BOX_1), json!("30112001"));
    scenario.sandbox.change_aspace(BOX_1, |record| record["indicator"] = json!("17")).unwrap();
    let report = scenario.push().json();
    assert_eq!(report["resumed"]["done"], 1, "{report}");
    assert_eq!(report["gathered"]["boxes"]["changed"], 1, "somebody has given the box another number: {report}");
}

#[test]
fn what_is_held_goes_with_its_rule_and_with_its_bib() {
    let mut scenario = catalogued(RULES);
    say(&scenario, "string_3", "999");
    pull(&scenario).exits(3);
    assert_eq!(held(&scenario).as_array().unwrap().len(), 1);
    scenario.profile_forgets("oclc = \"user_defined.string_3\"\n");
    pull(&scenario).exits(0);
    assert_eq!(held(&scenario), json!([]), "no rule fills the field any more");
    let scenario = catalogued(RULES);
    say(&scenario, "string_3", "999");
    pull(&scenario).exits(3);
    scenario.sandbox.change_aspace(QUILTS, |record| record["suppressed"] = json!(true)).unwrap();
    pull(&scenario).exits(0);
    assert_eq!(held(&scenario), json!([]), "nothing can be saved of it");
}

#[test]
fn boxes_of_a_repository_in_which_nothing_may_be_saved_cost_one_refusal() {
    let mut scenario = with_barcodes("barcodes = \"hold\"", ["30112001", "30112002"]);
    scenario.viewer();
    let report = pull(&scenario).exits(3).json();
    assert_eq!(report["barcodes"], json!({"failed": 2}), "{report}");
    assert_eq!(
        PushScenario::count(&report, "archivesspace", "save top container"),
        2,
        "one, and after a new log-in: {report}"
    );
    assert_eq!([BOX_1, BOX_2].map(|it| barcode(&scenario, it)), [Value::Null, Value::Null]);
}

#[test]
fn a_number_with_leading_noughts_is_written_once() {
    let rules = "fields = [{ from = \"591$a\", to = \"user_defined.integer_1\", existing = \"replace\" }]";
    let scenario = catalogued(rules);
    super::cataloguer_adds(
        &scenario,
        QUILTS,
        "<datafield ind1=\" \" ind2=\" \" tag=\"591\"><subfield code=\"a\">007</subfield></datafield>",
    );
    scenario.sandbox.change_aspace(QUILTS, |record| record["user_defined"]["integer_1"] = json!(5)).unwrap();
    pull(&scenario).exits(0);
    let saves = scenario.saves(QUILTS);
    let again = pull(&scenario).exits(0).json();
    assert_eq!((&again["fields"], scenario.saves(QUILTS)), (&json!({"unchanged": 1}), saves), "{again}");
}
