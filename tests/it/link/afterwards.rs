//! What an earlier run, or a person, has left behind: no bib twice, no decision twice, and what was asked for is ended.

use super::{LinkScenario, bib, entity, oai};
use cartouche::model::id::MmsId;
use cartouche::push::alma::RepresentationId;
use cartouche::sandbox::alma_rest::{ApiLimits, ApiMood};
use serde_json::{Value, json};
use std::time::Duration;

/// An hour, in which Alma finds no new bib by its 035.
const LAG: Duration = Duration::from_secs(3600);

/// A cataloguer deletes the representation that points at an IE, and the bib where it is said.
fn cataloguer_deletes(scenario: &mut LinkScenario, mms: &str, bib_too: bool) {
    let client = scenario.client();
    let mms = MmsId::parse(mms).unwrap();
    let bib = client.bib(&mms).unwrap().unwrap();
    for one in client.representations_of(&bib, None).unwrap() {
        client.delete_representation(&mms, &RepresentationId::parse(one.id.as_str()).unwrap()).unwrap();
    }
    if bib_too {
        client.delete_bib(&mms).unwrap();
    }
}

fn only(report: &Value) -> &Value {
    &report["links"][0]
}

#[test]
fn a_bib_that_alma_does_not_find_yet_is_known_to_the_one_who_made_it() {
    // Behind the third point the bib is made and noted; then each point up to the end.
    for point in 3..8 {
        let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
        scenario.sandbox().set_api_index_lag(LAG);
        assert!(
            scenario.is_killed_at(point, "link --json"),
            "the program passes {point} points: are they still there?"
        );
        scenario.run("link --json", 0);
        scenario.sandbox().set_api_index_lag(Duration::ZERO);
        scenario.is_linked_once("IE7", &format!("killed at {point}"));
    }
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.profile_says("alma.api.daily-floor", "0");
    scenario.sandbox().set_api_index_lag(LAG);
    let used = scenario.sandbox().api_calls().len() as u64;
    scenario.sandbox().set_api_limits(ApiLimits { per_second: 100_000, daily: used + 2 });
    scenario.run("link --json", 3);
    assert_eq!(scenario.sandbox().api_bibs(), 1);
    scenario.sandbox().set_api_limits(ApiLimits { per_second: 100_000, daily: 1_000_000 });
    let report = scenario.link(0);
    assert_eq!((&only(&report)["outcome"], &only(&report)["how"]), (&json!("linked"), &json!("created")), "{report}");
    scenario.sandbox().set_api_index_lag(Duration::ZERO);
    scenario.is_linked_once("IE7", "after the day's calls were used up");
}

#[test]
fn a_bib_that_was_made_and_deleted_by_somebody_is_a_question() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    assert!(scenario.is_killed_at(3, "link --json"));
    let mms = scenario.bibs_of("IE7").remove(0);
    cataloguer_deletes(&mut scenario, &mms, true);
    let report = scenario.link(3);
    assert_eq!(only(&report)["code"], "taken-away", "{report}");
    assert!(only(&report)["detail"].as_str().unwrap().contains(&mms), "{report}");
    assert_eq!(scenario.sandbox().api_bibs(), 0);
    scenario.run("link approve IE7", 0);
    scenario.link(0);
    scenario.is_linked_once("IE7", "after it was approved");
}

#[test]
fn an_approval_is_used_up_by_what_it_let_pass() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_has(entity("IE7").titled("Sunset at Montmajour").holds("dc:identifier", "ocm123"));
        story.alma_has_bib(bib("9912", "Grammar of Chinese").field("035", 'a', "(OCoLC)123"));
    });
    scenario.finds_by("[{ field = \"dc:identifier\", begins = \"ocm\", prefix = \"(OCoLC)\" }]");
    scenario.link(3);
    scenario.run("link approve IE7 --reason checked", 0);
    scenario.link(0);
    cataloguer_deletes(&mut scenario, "9912", false);
    let report = scenario.run("link --all --json", 3).story.json();
    assert_eq!(only(&report)["code"], "title-differs taken-away", "{report}");
    assert_eq!(scenario.points("9912").len(), 0, "nobody was asked about that");
    scenario.run("link approve IE7", 0);
    scenario.link(0);
    assert_eq!(scenario.points("9912"), [(oai("IE7"), "IE7".to_owned())]);
}

#[test]
fn a_number_without_a_prefix_is_not_that_of_somebody_else_s_prefix() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_has(entity("IE7").titled("Letters").holds("dc:identifier", "ocm123"));
        story.alma_has_bib(bib("9912", "Letters").field("035", 'a', "(DE-101)123").field("035", 'a', "x"));
    });
    scenario.finds_by("[{ field = \"dc:identifier\", begins = \"ocm\" }]");
    // Alma normalizes what it searches, and a real one finds both.
    scenario.sandbox().set_api_loose_search(true);
    scenario.link(0);
    assert_eq!(scenario.points("9912").len(), 0, "(DE-101)123 is a number of the German National Library");
    scenario.is_linked_once("IE7", "with a bib of its own");
}

#[test]
fn what_was_taken_back_rests_although_the_run_that_made_it_did_not_end() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    // Behind the last point everything is made, and nothing of the IE is noted.
    assert!(scenario.is_killed_at(7, "link --json"));
    scenario.is_linked_once("IE7", "killed at the end");
    scenario.run("link undo IE7 --reason wrong", 0);
    assert_eq!(scenario.sandbox().api_bibs(), 0);
    let report = scenario.run("link --all --json", 0).story.json();
    assert_eq!(only(&report)["code"], "undone", "{report}");
    assert_eq!(scenario.sandbox().api_bibs(), 0, "a person has taken it back");
}

#[test]
fn a_person_s_wish_outlives_a_kill_and_a_look_that_fails() {
    for point in 0.. {
        let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |_| ());
        scenario.profile_says("alma.api.writers", "1");
        let run = scenario.link(0)["run"].as_i64().unwrap();
        let undo = format!("link undo {run} --reason wrong");
        let was_killed = scenario.is_killed_at(point, &undo);
        let when = format!("killed at {point}");
        // What became of it cannot be looked at now; whoever asks again must not lose the first wish, nor everybody's.
        scenario.sandbox().set_api_mood_once(ApiMood::ErrorBefore, 0);
        let code = scenario.story.command(&undo).output().unwrap().status.code();
        assert!(matches!(code, Some(0 | 3)), "{when}: {code:?}");
        let _ = scenario.story.command("link --json").output().unwrap();
        let _ = scenario.story.command(&undo).output().unwrap();
        assert_eq!(scenario.sandbox().api_bibs(), 0, "{when}");
        let report = scenario.run("link --all --json", 0).story.json();
        let codes: Vec<&Value> = report["links"].as_array().unwrap().iter().map(|it| &it["code"]).collect();
        assert_eq!(codes, ["undone", "undone"], "{when}: {report}");
        let told = scenario.run("link list writes --json", 0).story.json().to_string();
        assert!(!told.contains("its representation was refused"), "{when}: {told}");
        scenario.story.check_journal();
        if !was_killed {
            assert!(point >= 16, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn what_is_held_goes_when_somebody_else_has_done_it() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_has(entity("IE7").titled("Sunset at Montmajour").holds("dc:identifier", "ocm123"));
        story.alma_has_bib(bib("9912", "Grammar of Chinese").field("035", 'a', "(OCoLC)123"));
    });
    scenario.finds_by("[{ field = \"dc:identifier\", begins = \"ocm\", prefix = \"(OCoLC)\" }]");
    scenario.link(3);
    scenario.alma_points("9912", &oai("IE7"), "IE7");
    scenario.sandbox().publish();
    scenario.harvests();
    scenario.link(0);
    let held = scenario.run("link list held --json", 0).story.json();
    assert_eq!(held["held"], json!([]), "a bib names it by now");
    let skipped = scenario.run("link list skipped --json", 0).story.json();
    assert_eq!(skipped["skipped"][0]["code"], "named", "{skipped}");
    scenario.run("link approve --all", 0);
}

#[test]
fn an_ie_whose_bib_is_deleted_in_alma_is_looked_at_again() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.link(0);
    let mms = scenario.bibs_of("IE7").remove(0);
    scenario.sandbox().publish();
    scenario.harvests();
    cataloguer_deletes(&mut scenario, &mms, true);
    scenario.sandbox().publish();
    scenario.harvests();
    let report = scenario.link(3);
    assert_eq!(only(&report)["outcome"], "held", "{report}");
    assert!(only(&report)["code"].as_str().unwrap().contains("taken-away"), "{report}");
    assert_eq!(scenario.sandbox().api_bibs(), 0);
}

#[test]
fn a_bib_that_was_left_without_its_representation_goes_when_that_is_refused_again() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.profile_says("link.library", "\"NOWHERE\"");
    // Behind this point the refusal is noted, and the bib still there.
    assert!(scenario.is_killed_at(7, "link --json"));
    assert_eq!(scenario.sandbox().api_bibs(), 1);
    let report = scenario.link(3);
    assert_eq!(only(&report)["code"], "refused", "{report}");
    assert_eq!(scenario.sandbox().api_bibs(), 0, "{report}");
}

#[test]
fn what_alma_refuses_is_told_each_night_and_tried_when_something_is_changed() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.profile_says("link.library", "\"NOWHERE\"");
    scenario.link(3);
    let before = scenario.writes();
    assert_eq!(before.len(), 3, "a bib, its representation, and the bib away again: {before:?}");
    let report = scenario.link(3);
    assert_eq!((&only(&report)["outcome"], &only(&report)["code"]), (&json!("failed"), &json!("refused")), "{report}");
    assert!(only(&report)["detail"].as_str().unwrap().contains("--all"), "{report}");
    assert_eq!(scenario.writes(), before, "no bib comes and goes each night");
    scenario.run("link --all --json", 3);
    assert_eq!(scenario.writes().len(), 6);
    scenario.profile_says("link.library", "\"MAIN\"");
    scenario.link(0);
    scenario.is_linked_once("IE7", "after the profile was mended");
}

#[test]
fn an_ie_that_its_bib_names_no_more_is_looked_at_again() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.link(0);
    let mms = scenario.bibs_of("IE7").remove(0);
    scenario.sandbox().publish();
    scenario.harvests();
    scenario.link(0);
    assert_eq!(scenario.run("link list done --json", 0).story.json()["done"][0]["code"], "named");
    // A cataloguer takes the representation away, and the number out of 035.
    cataloguer_deletes(&mut scenario, &mms, false);
    let client = scenario.client();
    let id = MmsId::parse(&mms).unwrap();
    let without = client.bib(&id).unwrap().unwrap().xml.replace(&oai("IE7"), "(X)1");
    client.update_bib(&id, &without).unwrap();
    scenario.sandbox().publish();
    scenario.harvests();
    let report = scenario.link(3);
    assert_eq!(only(&report)["code"], "taken-away", "{report}");
    assert_eq!((scenario.points(&mms).len(), scenario.sandbox().api_bibs()), (0, 1));
    assert_eq!(scenario.link(0)["outcomes"], json!({}), "it waits for a person, and is not asked for each night");
}

#[test]
fn what_is_held_goes_when_the_profile_chooses_other_sets_and_comes_back_with_them() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_has(entity("IE7").titled("Letters").in_sets("maps"));
    });
    scenario.profile_says("review.hold", "\"everything\"");
    scenario.link(3);
    scenario.profile_says("link.sets", "[\"letters\"]");
    scenario.link(0);
    let held = |scenario: &mut LinkScenario| scenario.run("link list held --json", 0).story.json()["held"].clone();
    assert_eq!(held(&mut scenario), json!([]));
    scenario.profile_says("link.sets", "[\"maps\"]");
    scenario.link(3);
    assert_eq!(held(&mut scenario)[0]["code"], "every-link");
}

#[test]
fn an_ie_whose_record_cannot_be_read_stands_among_the_failed_until_it_can() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    let store = scenario.story.path("trip.db");
    // As where Rosetta shows a header without metadata.
    let body = |kind: u8| {
        let sql = "UPDATE records SET body = ?1 WHERE identifier = ?2";
        rusqlite::Connection::open(&store).unwrap().execute(sql, (kind, oai("IE7"))).unwrap();
    };
    body(2);
    assert_eq!(only(&scenario.link(3))["code"], "unreadable");
    let failed =
        |scenario: &mut LinkScenario| scenario.run("link list failed --json", 0).story.json()["failed"].clone();
    assert_eq!(failed(&mut scenario)[0]["code"], "unreadable");
    body(0);
    scenario.link(0);
    scenario.is_linked_once("IE7", "read again");
    assert_eq!(failed(&mut scenario), json!([]));
}
