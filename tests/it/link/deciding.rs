//! What waits for a person: titles that differ, profiles that hold everything, decisions and their limits.

use super::{LinkScenario, bib, entity, oai};
use cartouche::sandbox::alma_rest::ApiMood;
use serde_json::json;

fn with_another_title() -> LinkScenario {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_has(entity("IE7").titled("Sunset at Montmajour").holds("dc:identifier", "ocm123"));
        story.alma_has_bib(bib("9912", "Grammar of Chinese").field("035", 'a', "(OCoLC)123"));
    });
    scenario.finds_by("[{ field = \"dc:identifier\", begins = \"ocm\", prefix = \"(OCoLC)\" }]");
    scenario
}

#[test]
fn a_bib_with_another_title_waits_for_a_person() {
    let mut scenario = with_another_title();
    let report = scenario.link(3);
    assert_eq!((&report["links"][0]["code"], &report["links"][0]["mms"]), (&json!("title-differs"), &json!("9912")));
    let held = scenario.run("link list held --json", 0).story.json();
    assert_eq!(held["held"][0]["can-be-approved"], true, "{held}");
    scenario.story.run("link explain IE7").says("title-differs").says("035 (OCoLC)123 is an identifier of the IE");
    scenario.run("link approve IE7 --reason checked", 0);
    assert_eq!(scenario.link(0)["outcomes"], json!({"linked": 1}));
    assert_eq!(scenario.points("9912"), [(oai("IE7"), "IE7".to_owned())]);
    scenario.story.run("link explain IE7").says("approved by");
}

#[test]
fn what_is_rejected_rests_and_may_be_approved_later() {
    let mut scenario = with_another_title();
    scenario.link(3);
    scenario.run("link reject --code title-differs --reason another", 0);
    assert_eq!(scenario.link(0)["links"][0]["code"], "rejected");
    assert_eq!(scenario.link(0)["outcomes"], json!({}));
    assert_eq!(scenario.run("link IE7 --json", 0).story.json()["links"][0]["code"], "rejected");
    assert_eq!(scenario.writes(), [""; 0]);
    scenario.run("link approve IE7", 0);
    assert_eq!(scenario.link(0)["outcomes"], json!({"linked": 1}));
}

#[test]
fn a_decision_speaks_of_nothing_that_came_after_it() {
    let mut scenario = with_another_title();
    scenario.link(3);
    scenario.run("link approve IE7", 0);
    // Rosetta says something else before the next run: another title would stand on the representation.
    scenario.story.rosetta_edits("IE7", &[("title", "Sunset"), ("identifier", "ocm123")]);
    scenario.harvests();
    assert_eq!(scenario.link(3)["links"][0]["code"], "title-differs");
    assert_eq!(scenario.writes(), [""; 0]);
}

#[test]
fn a_profile_that_holds_everything_holds_links_and_one_that_holds_nothing_does_not() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.profile_says("review.hold", "\"everything\"");
    assert_eq!(scenario.link(3)["links"][0]["code"], "every-link");
    scenario.run("link approve --all", 0);
    assert_eq!(scenario.link(0)["outcomes"], json!({"created": 1}));
    let mut scenario = with_another_title();
    scenario.profile_says("review.hold", "\"nothing\"");
    assert_eq!(scenario.link(0)["outcomes"], json!({"linked": 1}));
}

#[test]
fn what_somebody_took_away_in_alma_is_not_made_again_unseen() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    let report = scenario.link(0);
    let mms = scenario.bibs_of("IE7").remove(0);
    let number = report["links"][0]["representation"].as_str().unwrap().to_owned();
    let client = scenario.client();
    let (mms_id, number) = (
        cartouche::model::id::MmsId::parse(&mms).unwrap(),
        cartouche::push::alma::RepresentationId::parse(&number).unwrap(),
    );
    client.delete_representation(&mms_id, &number).unwrap();
    assert_eq!(scenario.link(0)["outcomes"], json!({}), "nothing new costs no call");
    // A fault on the way there does not make it forgotten.
    scenario.sandbox().set_api_mood_once(ApiMood::ErrorBefore, 1);
    assert_eq!(scenario.run("link --all --json", 3).story.json()["outcomes"], json!({"failed": 1}));
    let report = scenario.link(3);
    assert_eq!(report["links"][0]["code"], "taken-away", "{report}");
    assert_eq!(scenario.points(&mms).len(), 0);
    scenario.run("link approve IE7", 0);
    assert_eq!(scenario.link(0)["outcomes"], json!({"linked": 1}));
    scenario.is_linked_once("IE7", "after it was approved");
}
