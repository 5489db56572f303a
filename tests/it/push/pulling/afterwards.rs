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

#[test]
fn explain_foretells_what_a_pull_would_do_and_writes_nothing() {
    let scenario = catalogued(RULES);
    say(&scenario, "string_3", "999");
    let saves = scenario.saves(QUILTS);
    scenario.push().exits(0);
    let told = scenario.run("push explain p.toml 2/17 --json").exits(0).json();
    let fields = &told["pull"]["fields"];
    assert_eq!((&fields[0]["outcome"], &fields[0]["code"]), (&json!("held"), &json!("overwrites")), "{told}");
    assert_eq!((&fields[1]["outcome"], &fields[1]["value"]), (&json!("write"), &json!("Bound in 1901.")), "{told}");
    let text = scenario.run("push explain p.toml 2/17").exits(0).stdout;
    assert!(text.contains("user_defined.text_1: `` → `Bound in 1901.`"), "{text}");
    assert_eq!((scenario.saves(QUILTS), field(&scenario, "text_1"), held(&scenario)), (saves, Value::Null, json!([])));
    // A profile that pulls nothing foretells nothing.
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    assert_eq!(scenario.run("push explain p.toml 2/17 --json").exits(0).json()["pull"], Value::Null);
}

#[test]
fn what_no_approval_helps_is_listed_until_it_is_mended() {
    let scenario = catalogued(RULES);
    super::cataloguer_adds(&scenario, QUILTS, &super::OCLC.replace("123456", "777"));
    pull(&scenario).exits(3);
    let lines = held(&scenario);
    assert_eq!((&lines[0]["code"], &lines[0]["can-be-approved"]), (&json!("several-values"), &json!(false)), "{lines}");
    assert_eq!(lines[0]["title"], "user_defined.string_3", "{lines}");
    let list = scenario.run("push list p.toml unpulled --json").exits(0).json();
    assert_eq!(
        (&list["unpulled"][0]["part"], &list["unpulled"][0]["outcome"]),
        (&json!("user_defined.string_3"), &json!("held"))
    );
    let status = scenario.run("push status p.toml --json").exits(0).json();
    assert_eq!(status["unpulled"], json!({"held": {"several-values": 1}}), "{status}");
    // A dry run notes nothing, and what is mended goes.
    let mms = cartouche::model::id::MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let mended = scenario.bib(mms.as_str()).replace("(OCoLC)ocm00777", "(X)777");
    scenario.alma().update_bib(&mms, &mended).unwrap();
    scenario.run("push p.toml --pull --dry-run --json").exits(0);
    assert_eq!(held(&scenario).as_array().unwrap().len(), 1);
    pull(&scenario).exits(0);
    assert_eq!(held(&scenario), json!([]));
    assert_eq!(scenario.run("push list p.toml unpulled --json").exits(0).json()["unpulled"], json!([]));
}

#[test]
fn what_is_held_goes_when_its_resource_is_gone_or_not_chosen_any_more() {
    let mut scenario = catalogued(RULES);
    scenario.also("2/3");
    say(&scenario, "string_3", "999");
    super::cataloguer_adds(&scenario, QUILTS, &super::NOTE.replace("Bound in 1901.", "Rebound."));
    pull(&scenario).exits(3);
    assert_eq!(held(&scenario).as_array().unwrap().len(), 2, "one that can be approved, and one that cannot");
    scenario.leaves_out("2/17");
    pull(&scenario).exits(0);
    assert_eq!(held(&scenario), json!([]));
    scenario.also("2/17");
    scenario.run("push p.toml --pull --full --json").exits(3);
    assert_eq!(held(&scenario).as_array().unwrap().len(), 2);
    scenario.sandbox.delete_aspace(QUILTS).unwrap();
    scenario.run("push p.toml --pull --reconcile --json").exits(3);
    assert_eq!(held(&scenario), json!([]), "ArchivesSpace does not show it any more");
    assert_eq!(scenario.run("push list p.toml unpulled --json").exits(0).json()["unpulled"], json!([]));
}
