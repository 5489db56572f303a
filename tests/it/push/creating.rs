//! New bibs and their MMS IDs in ArchivesSpace; what is not made, and why.

use super::{PushScenario, QUILTS, SAHOLT};
use cartouche::push::bib::Suppress;
use serde_json::{Value, json};

#[test]
fn a_resource_without_a_bib_gets_one_and_its_mms_id() {
    let scenario = PushScenario::of(&["2/17"]);
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"]["created"], 1, "{report}");
    let mms = report["resources"][0]["mms"].as_str().unwrap().to_owned();
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_deref(), Some(mms.as_str()));
    assert_eq!(scenario.marked(QUILTS), std::slice::from_ref(&mms));
    assert!(scenario.bib(&mms).contains("Quilt Collection"), "{}", scenario.bib(&mms));
    assert_eq!(scenario.suppress(&mms), Some(Suppress::Published), "never Alma's default");
    scenario.journal_is_whole();
    let told = scenario.run(&format!("audit list p.toml {QUILTS} --json")).exits(0).json();
    let events: Vec<&str> =
        told["entries"].as_array().unwrap().iter().map(|it| it["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["planned", "sent", "linked", "done", "planned", "sent", "done"], "the bib, then the MMS ID");
    assert_eq!(told["entries"][0]["resource"], QUILTS);
}

#[test]
fn what_the_public_may_not_see_is_suppressed_or_not_made_at_all() {
    let mut scenario = PushScenario::of(&["2/23"]);
    scenario.profile_says("archivesspace", "published-only = true");
    let report = scenario.push().exits(0).json();
    assert_eq!(report["resources"][0]["code"], "unpublished", "{report}");
    assert!(scenario.alma_calls().iter().all(|call| call.starts_with("GET")));

    let scenario = PushScenario::of(&["2/23"]);
    let report = scenario.push().exits(0).json();
    let mms = report["resources"][0]["mms"].as_str().unwrap();
    assert_eq!(scenario.suppress(mms), Some(Suppress::Suppressed));
}

#[test]
fn a_bib_with_our_mark_is_found_and_no_second_one_is_made() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let made = scenario.marked(QUILTS);
    // Another machine's store, or one that was lost; and somebody has emptied the field.
    std::fs::remove_file(scenario.path("p.db")).unwrap();
    scenario.sandbox.change_aspace(QUILTS, |record| record["user_defined"] = json!(null)).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["outcomes"]["unchanged"], &report["written-back"]), (&json!(1), &json!(1)), "{report}");
    assert_eq!(scenario.marked(QUILTS), made);
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), made.first());
}

#[test]
fn an_mms_id_that_alma_does_not_have_is_held_unless_the_profile_says_create() {
    let mut scenario = PushScenario::of(&["2/17"]);
    let unknown = json!({"string_2": "9900000000001234"});
    scenario.sandbox.change_aspace(QUILTS, |record| record["user_defined"] = unknown).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "unknown-mms-id", "{report}");
    assert_eq!(scenario.marked(QUILTS), [""; 0]);
    scenario.profile_says("push", "create-when-unknown = true");
    let report = scenario.push().exits(0).json();
    let made = scenario.marked(QUILTS);
    assert_eq!((&report["outcomes"]["created"], made.len()), (&json!(1), 1), "{report}");
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), made.first(), "the number that is wrong is replaced");
}

#[test]
fn both_oai_identifiers_name_the_resource_and_what_is_no_resource_is_refused() {
    let scenario = PushScenario::of(&[]);
    for (name, code) in [
        ("oai:archivesspace//repositories/2/resources/17", 0),
        ("oai:archivesspace:/repositories/2/resources/17", 0),
        ("2/17", 0),
        ("2/999", 1),
        ("4/9", 2),
        ("17", 2),
    ] {
        let said = scenario.run(&format!("push p.toml --json {name}")).exits(code);
        if code == 0 {
            assert_eq!(said.json()["resources"][0]["resource"], QUILTS, "{name}");
        }
    }
    assert_eq!((scenario.marked(QUILTS).len(), scenario.saves(QUILTS)), (1, 1));
}

#[test]
fn what_the_profile_does_not_choose_any_more_is_not_pushed_from_what_is_kept_of_it() {
    let mut scenario = PushScenario::of(&[]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    let before = scenario.alma_calls().len();
    scenario.profile_says("archivesspace", "resources = [\"2/3\"]");
    scenario.sandbox.catalogue_bib(&mms, "A cataloguer's title").unwrap();
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    let named: Vec<&str> =
        report["resources"].as_array().unwrap().iter().map(|it| it["resource"].as_str().unwrap()).collect();
    assert_eq!(named, [SAHOLT], "{report}");
    assert!(!scenario.alma_calls()[before..].iter().any(|call| call.contains(&mms)), "it was not asked for");
    let said = scenario.run("push p.toml 2/17").exits(2);
    assert!(said.stderr.contains("does not choose /repositories/2/resources/17"), "{}", said.stderr);
    assert!(scenario.bib(&mms).contains("A cataloguer"));
}

#[test]
fn a_suppressed_resource_gets_its_bib_and_its_mms_id_when_archivesspace_lets_it_be_saved() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.sandbox.change_aspace(QUILTS, |record| record["suppressed"] = json!(true)).unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!(report["resources"][0]["outcome"], "created", "{report}");
    assert!(report["resources"][0]["detail"].as_str().unwrap().contains("unsuppress it"), "{report}");
    assert_eq!(scenario.suppress(&scenario.marked(QUILTS)[0]), Some(Suppress::Suppressed));
    assert_eq!(scenario.push().exits(0).json()["resources"], json!([]), "it is not tried again");
    assert_eq!(PushScenario::count(&report, "archivesspace", "save resource"), 0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["suppressed"] = json!(false)).unwrap();
    scenario.push().exits(0);
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), scenario.marked(QUILTS).first());
}

#[test]
fn another_field_for_the_mms_id_is_read_from_what_is_kept_and_is_no_change() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    scenario
        .sandbox
        .change_aspace(QUILTS, |record| record["user_defined"] = json!({"string_2": mms, "string_4": mms}))
        .unwrap();
    scenario.push().exits(0);
    scenario.profile_says("archivesspace", "mms-id-field = \"user_defined.string_4\"");
    // Once, for what is kept is read otherwise; and not for ever.
    scenario.push().exits(0);
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["resources"], &report["gathered"]["marc"]), (&json!([]), &json!(0)), "{report}");
}

#[test]
fn marc_comes_from_the_oai_provider_where_the_profile_names_one_and_both_forms_of_names_are_asked() {
    for old in [false, true] {
        let mut scenario = PushScenario::of(&["2/17", "2/3", "2/23"]);
        let feed = format!("base-url = \"{}\"\nmetadata-prefix = \"oai_marc\"", scenario.sandbox.aspace_oai_base_url());
        scenario.profile_says("archivesspace.feed", &feed);
        scenario.sandbox.set_aspace_oai(old, false);
        // It gives the MARC of what is public, and REST's export is not asked for that.
        for uri in [QUILTS, SAHOLT] {
            scenario.sandbox.break_aspace_export(uri, true);
        }
        let report = scenario.push().exits(0).json();
        assert_eq!(report["outcomes"], json!({"created": 3}), "{report}");
        assert_eq!(PushScenario::count(&report, "archivesspace", "read MARC of"), 1, "of the one that is not public");
        let over_oai = scenario.bib(&scenario.marked(QUILTS)[0]);
        assert!(over_oai.contains("Quilt Collection"), "{over_oai}");
    }
}

#[test]
fn only_resources_of_the_sets_that_the_profile_names_are_pushed() {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    let level = |uri: &str, level: &str| {
        let change = |record: &mut serde_json::Value| record["level"] = json!(level);
        scenario.sandbox.change_aspace(uri, change).unwrap();
    };
    level(QUILTS, "collection");
    level(SAHOLT, "file");
    scenario.profile_says("archivesspace", "sets = [\"collection\", \"fonds\"]");
    let report = scenario.push().exits(0).json();
    assert_eq!((&report["outcomes"], &report["gathered"]["marc"]), (&json!({"created": 1}), &json!(1)), "{report}");
    assert_eq!((scenario.marked(QUILTS).len(), scenario.marked(SAHOLT).len()), (1, 0));
    let skipped = scenario.run("push list p.toml skipped --json").exits(0).json();
    assert_eq!(skipped["skipped"][0]["code"], "not-in-set", "{skipped}");
    assert_eq!(scenario.push().exits(0).json()["gathered"]["marc"], 0);
    scenario.sandbox.change_aspace(SAHOLT, |record| record["level"] = json!("fonds")).unwrap();
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"created": 1}));
}

#[test]
fn the_sponsor_of_a_finding_aid_chooses_as_a_sponsor_set_of_the_provider_does() {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.profile_says("archivesspace", "sponsors = [\"The Stavholm Fund\", \"Nobody\"]");
    let sponsored = |record: &mut Value| record["finding_aid_sponsor"] = json!("The Stavholm Fund");
    scenario.sandbox.change_aspace(QUILTS, sponsored).unwrap();
    scenario
        .sandbox
        .change_aspace(SAHOLT, |record| record["finding_aid_sponsor"] = json!("the stavholm fund"))
        .unwrap();
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"created": 1}), "{report}");
    assert_eq!((scenario.marked(QUILTS).len(), scenario.marked(SAHOLT).len()), (1, 0));
    let skipped = scenario.run("push list p.toml skipped --json").exits(0).json();
    assert_eq!(skipped["skipped"][0]["code"], "not-in-set", "{skipped}");
    scenario.sandbox.change_aspace(SAHOLT, sponsored).unwrap();
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"created": 1}), "it has come into the set");
    let said = scenario.run("check p.toml").exits(0).stdout;
    assert!(said.contains("sponsored by The Stavholm Fund or Nobody"), "{said}");
}
