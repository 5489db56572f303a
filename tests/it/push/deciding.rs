//! What a person must see first: bibs that are not ours, conflicts that nobody may approve, and risks.

use super::updating::cataloguer_adds;
use super::{PushScenario, QUILTS, SAHOLT};
use serde_json::json;

/// A bib of a cataloguer's, with these 035.
pub fn cataloguer_makes(scenario: &PushScenario, numbers: &[&str]) -> String {
    let fields: String = numbers
        .iter()
        .map(|number| {
            format!("<datafield tag=\"035\" ind1=\" \" ind2=\" \"><subfield code=\"a\">{number}</subfield></datafield>")
        })
        .collect();
    let record = format!(
        "<bib><suppress_from_publishing>false</suppress_from_publishing><record><leader>00000npcaa2200000 u 4500</leader><controlfield tag=\"008\">841221i19171950xxu                 eng d</controlfield>\
         {fields}<datafield tag=\"245\" ind1=\"0\" ind2=\"0\"><subfield code=\"a\">Quilts</subfield></datafield>\
         <datafield tag=\"590\" ind1=\" \" ind2=\" \"><subfield code=\"a\">theirs</subfield></datafield></record></bib>"
    );
    scenario.alma().create_bib(&record).unwrap().mms.to_string()
}

pub fn names(scenario: &PushScenario, uri: &str, mms: &str) {
    scenario.sandbox.change_aspace(uri, |record| record["user_defined"] = json!({"string_2": mms})).unwrap();
}

#[test]
fn a_bib_without_our_mark_is_held_until_a_person_adopts_it() {
    let scenario = PushScenario::of(&["2/17"]);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "not-ours", "{report}");
    assert!(!scenario.bib(&mms).contains("ASPACE-X"));
    let held = scenario.run("push list p.toml held --json").exits(0).json();
    assert_eq!((&held["held"][0]["resource"], &held["held"][0]["can-be-approved"]), (&json!(QUILTS), &json!(true)));
    // The command that knows IEs knows resources, too.
    scenario.run(&format!("approve p.toml {QUILTS} --reason same-papers")).exits(0);
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"updated": 1}), "{report}");
    let bib = scenario.bib(&mms);
    assert!(bib.contains("(ASPACE-X)") && bib.contains("(OCoLC)1") && bib.contains("theirs"), "{bib}");
    let told = scenario.run(&format!("push explain p.toml {QUILTS} --json")).exits(0).json();
    assert!(told["evidence"].as_str().unwrap().contains("adopted"), "{told}");
    scenario.journal_is_whole();
}

#[test]
fn what_is_rejected_is_not_written_until_somebody_changes_their_mind() {
    let scenario = PushScenario::of(&["2/17"]);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    scenario.push().exits(3);
    scenario.run("push reject p.toml 2/17 --reason another-collection").exits(0);
    let report = scenario.push().exits(0).json();
    assert_eq!(report["resources"][0]["code"], "rejected", "{report}");
    assert!(!scenario.bib(&mms).contains("ASPACE-X"));
    scenario.run("push approve p.toml 2/17").exits(0);
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"updated": 1}));
    scenario.journal_is_whole();
}

#[test]
fn a_bib_of_another_resource_is_never_written_whatever_is_approved() {
    let scenario = PushScenario::of(&["2/17"]);
    let mms = cataloguer_makes(&scenario, &["(ASPACE-X)/repositories/2/resources/3"]);
    names(&scenario, QUILTS, &mms);
    let before = scenario.bib(&mms);
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "others-mark", "{report}");
    let said = scenario.run("push approve p.toml 2/17").exits(3);
    assert!(said.stderr.contains("no approval helps"), "{}", said.stderr);
    scenario.push().exits(3);
    assert_eq!(scenario.bib(&mms), before);
}

#[test]
fn two_resources_with_one_mms_id_are_a_conflict_and_none_is_written() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    let mms = cataloguer_makes(&scenario, &["(ASPACE-X)/repositories/2/resources/17"]);
    names(&scenario, QUILTS, &mms);
    names(&scenario, SAHOLT, &mms);
    let before = scenario.bib(&mms);
    let report = scenario.push().exits(3).json();
    let codes: Vec<&str> =
        report["resources"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert!(codes.iter().all(|code| code.contains("shared-mms-id")), "{codes:?}");
    assert_eq!(scenario.bib(&mms), before);
}

#[test]
fn two_bibs_with_our_mark_are_a_conflict_and_no_third_is_made() {
    let scenario = PushScenario::of(&["2/17"]);
    let mark = format!("(ASPACE-X){QUILTS}");
    let both = [cataloguer_makes(&scenario, &[&mark]), cataloguer_makes(&scenario, &[&mark])];
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "several-bibs", "{report}");
    let mut found = scenario.marked(QUILTS);
    found.sort();
    assert_eq!(found, both);
}

#[test]
fn what_a_cataloguer_wrote_is_not_lost_unseen_when_the_profile_holds_risks() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("review", "hold = \"risky\"");
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    let note = "<datafield tag=\"520\" ind1=\" \" ind2=\" \"><subfield code=\"a\">A cataloguer's summary</subfield></datafield>";
    cataloguer_adds(&scenario, &mms, note);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Ottilie Vanner Brask Quilts")).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "loses-fields", "{report}");
    assert!(report["resources"][0]["detail"].as_str().unwrap().contains("A cataloguer's summary"), "{report}");
    assert!(scenario.bib(&mms).contains("A cataloguer's summary"));
    scenario.run("push approve p.toml --code loses-fields --reason seen").exits(0);
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"updated": 1}));
    assert!(!scenario.bib(&mms).contains("A cataloguer's summary"));
}

#[test]
fn an_approval_speaks_of_what_was_seen_and_of_nothing_else() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("review", "hold = \"everything\"");
    scenario.push().exits(3);
    scenario.run("push approve p.toml 2/17").exits(0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Something else altogether")).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "every-change", "{report}");
    assert_eq!(scenario.marked(QUILTS), [""; 0]);
}

#[test]
fn the_number_of_what_was_held_is_never_that_of_something_else() {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.profile_says("review", "hold = \"everything\"").profile_says("archivesspace", "published-only = true");
    scenario.run("push p.toml 2/17").exits(3);
    let first = scenario.number_of(QUILTS).unwrap();
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Another title")).unwrap();
    scenario.run("push p.toml 2/17").exits(3);
    let second = scenario.number_of(QUILTS).unwrap();
    assert_ne!(first, second, "it has another content");
    scenario.sandbox.change_aspace(QUILTS, |record| record["publish"] = json!(false)).unwrap();
    scenario.run("push p.toml 2/17").exits(0);
    scenario.run("push p.toml 2/3").exits(3);
    for number in [first, second] {
        let said = scenario.run(&format!("push approve p.toml #{number}")).exits(3);
        assert!(said.stderr.contains("nothing is held"), "{}", said.stderr);
    }
    scenario.push().exits(3);
    assert_eq!(scenario.marked(SAHOLT), [""; 0]);
}

#[test]
fn an_approval_of_what_a_run_has_begun_meanwhile_is_refused() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("review", "hold = \"everything\"");
    scenario.push().exits(3);
    let mut store = cartouche::store::Store::open(&scenario.path("p.db")).unwrap();
    let held = cartouche::model::intent::IntentState::Held;
    let shown = store.intents_in(Some(held), 10).unwrap().remove(0);
    let now = cartouche::model::time::Timestamp::parse("2026-11-22T12:00:00Z").unwrap();
    // The run of the night has let it go, and has sent it.
    store.intent_sent(shown.id, now).unwrap();
    for verb in [cartouche::model::decision::Verb::Approve, cartouche::model::decision::Verb::Reject] {
        assert!(!store.judge_intent(&shown, verb, "", now).unwrap());
    }
    let state = store.intent(shown.id).unwrap().unwrap().state;
    assert_eq!(state, cartouche::model::intent::IntentState::Sent);
}

#[test]
fn an_adoption_is_made_when_the_bib_is_written_and_goes_when_that_is_taken_back() {
    let scenario = PushScenario::of(&["2/17"]);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    let title = |text: &str| scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!(text)).unwrap();
    scenario.push().exits(3);
    // Approved and rejected before a run: nothing of the approval is left.
    scenario.run("push approve p.toml 2/17").exits(0);
    scenario.run("push reject p.toml 2/17").exits(0);
    assert_eq!(scenario.push().exits(0).json()["resources"][0]["code"], "rejected");
    title("Quilts of Ottilie Brask");
    assert_eq!(scenario.push().exits(3).json()["resources"][0]["code"], "not-ours");
    scenario.run("push approve p.toml 2/17 --reason same-papers").exits(0);
    scenario.push().exits(0);
    let told = scenario.run("audit list p.toml /repositories/2/resources/17 --json").exits(0).json();
    let adopted = told["entries"].as_array().unwrap().iter().filter(|it| it["event"] == "adopted");
    let words: Vec<&str> = adopted.map(|it| it["detail"].as_str().unwrap()).collect();
    assert!(words.len() == 1 && words[0].ends_with("said: same-papers"), "{words:?}");
    scenario.run("push undo p.toml 2/17 --reason wrong-bib").exits(0);
    assert!(!scenario.bib(&mms).contains("ASPACE-X"));
    title("Quilts and coverlets");
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "not-ours", "it is asked for anew: {report}");
    assert!(!scenario.bib(&mms).contains("Quilts and coverlets"));
    title("Quilts of Ottilie Brask");
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "not-ours", "the approval went with what was taken back: {report}");
    assert!(!scenario.bib(&mms).contains("ASPACE-X"));
    scenario.journal_is_whole();
}

#[test]
fn what_is_held_for_an_mms_id_that_is_not_in_the_field_any_more_cannot_be_approved() {
    let scenario = PushScenario::of(&["2/17"]);
    let theirs = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &theirs);
    scenario.push().exits(3);
    let number = scenario.number_of(QUILTS).unwrap();
    scenario.sandbox.change_aspace(QUILTS, |record| record["user_defined"] = json!(null)).unwrap();
    assert_eq!(scenario.push().exits(0).json()["outcomes"], json!({"created": 1}));
    scenario.run(&format!("push approve p.toml #{number}")).exits(3);
    let held = scenario.run("push list p.toml writes --json").exits(0).json();
    assert!(!held["writes"].as_array().unwrap().iter().any(|it| it["state"] == "held"), "{held}");
}

#[test]
fn an_old_rejection_is_not_dug_out_to_be_approved() {
    let scenario = PushScenario::of(&["2/17"]);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    scenario.push().exits(3);
    scenario.run("push reject p.toml 2/17").exits(0);
    scenario.push().exits(0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["user_defined"] = json!(null)).unwrap();
    scenario.push().exits(0);
    let said = scenario.run("push approve p.toml 2/17").exits(3);
    assert!(said.stderr.contains("nothing is held for it"), "{}", said.stderr);
}

#[test]
fn a_bib_that_two_resources_want_is_held_at_both() {
    let scenario = PushScenario::of(&["2/17", "2/3"]);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    names(&scenario, SAHOLT, &mms);
    scenario.push().exits(3);
    let report = scenario.push().exits(3).json();
    assert_eq!(report["outcomes"], json!({"held": 2}), "{report}");
    let numbers = [scenario.number_of(QUILTS), scenario.number_of(SAHOLT)];
    assert!(numbers.iter().all(Option::is_some) && numbers[0] != numbers[1], "{numbers:?}");
    scenario.push().exits(3);
    assert_eq!([scenario.number_of(QUILTS), scenario.number_of(SAHOLT)], numbers, "nobody evicts the other");
}

#[test]
fn risks_are_held_where_the_profile_says_nothing_and_what_was_theirs_stays_theirs() {
    let mut scenario = PushScenario::of(&["2/17"]);
    scenario.profile_says("review", "# as it comes").profile_says("push.tags", "from-archivesspace = [\"590\"]");
    scenario.push().exits(0);
    let mms = scenario.marked(QUILTS).remove(0);
    // A local note of theirs, which one push keeps: it is in what that push wrote, and not ours for it.
    let note = "<datafield tag=\"591\" ind1=\" \" ind2=\" \"><subfield code=\"a\">theirs</subfield><subfield code=\"9\">local</subfield></datafield>";
    cataloguer_adds(&scenario, &mms, note);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Ottilie Vanner Brask Quilts")).unwrap();
    scenario.push().exits(0);
    assert!(scenario.bib(&mms).contains(">theirs<"));
    scenario.profile_says("push.tags", "local-subfield-9 = false\nlocal = []");
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Ottilie Vanner Brask Quilt")).unwrap();
    let report = scenario.push().exits(3).json();
    assert_eq!(report["resources"][0]["code"], "loses-fields", "{report}");
    assert!(scenario.bib(&mms).contains(">theirs<"));
}

#[test]
fn a_bib_that_is_being_written_for_one_resource_keeps_another_waiting_and_no_third() {
    let scenario = PushScenario::of(&["2/17"]);
    scenario.push().exits(0);
    let mut store = cartouche::store::Store::open(&scenario.path("p.db")).unwrap();
    let now = cartouche::model::time::Timestamp::parse("2026-11-22T12:00:00Z").unwrap();
    let of = |uri: &str| cartouche::store::intents::NewIntent {
        subject: cartouche::push::resource_uri::ResourceUri::parse(uri).unwrap(),
        kind: cartouche::model::intent::IntentKind::UpdateBib,
        mms: Some(cartouche::model::id::MmsId::parse("991").unwrap()),
        before: None,
        body: uri.to_owned(),
        made_by: cartouche::model::fixity::Fixity::of(b"rules"),
        undoes: None,
        part: cartouche::store::intents::Part::Record,
    };
    let first = store.plan_intent(&of(QUILTS), 1, now).unwrap();
    store.intent_unanswered(first, "no answer", now).unwrap();
    let error = store.plan_intent(&of(SAHOLT), 1, now).unwrap_err();
    assert!(error.to_string().starts_with("bib 991 is being written for /repositories/2/resources/17"), "{error}");
    let trouble = cartouche::push::trouble::Trouble::from(error);
    assert!(matches!(trouble, cartouche::push::trouble::Trouble::Record(_)), "{trouble:?}");
}
