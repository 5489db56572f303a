//! Bibs that are there: found by their 035, by an identifier of the IE, or not at all.

use super::{LinkScenario, bib, entity, oai};
use serde_json::json;

const BY_OCLC: &str = "[{ field = \"dc:identifier\", begins = \"ocm\", prefix = \"(OCoLC)\" }]";

#[test]
fn a_bib_with_the_ie_s_identifier_gets_a_representation_and_no_second_bib_is_made() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    let mms = scenario.alma_catalogues("Quite another title", &["(X)1", &format!("(ROS){}", oai("IE7"))]);
    // Alma's index knows it by the number as it stands: the stand-in finds exactly what is asked for.
    let other = scenario.alma_catalogues("The very one", &[&oai("IE7")]);
    let report = scenario.link(0);
    assert_eq!(report["links"][0]["how"], "own-035", "{report}");
    assert_eq!(scenario.points(&other), [(oai("IE7"), "IE7".to_owned())]);
    assert_eq!(scenario.points(&mms).len(), 0);
    assert_eq!(report["outcomes"], json!({"linked": 1}));
    assert_eq!(report["calls"]["alma"], json!({"find bibs": 1, "list representations": 1, "create representation": 1}));
}

#[test]
fn an_identifier_of_the_description_finds_the_bib() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_has(entity("IE7").titled("Sunset at Montmajour").holds("dc:identifier", "ocm123"));
        story.alma_has_bib(bib("9912", "Sunset at Montmajour /").field("035", 'a', "(OCoLC)123"));
    });
    scenario.finds_by(BY_OCLC);
    let report = scenario.link(0);
    assert_eq!((&report["links"][0]["mms"], &report["links"][0]["how"]), (&json!("9912"), &json!("identifier")));
    assert_eq!(scenario.points("9912"), [(oai("IE7"), "IE7".to_owned())]);
    assert_eq!(
        report["calls"]["alma"],
        json!({"find bibs": 2, "list representations": 1, "create representation": 1}),
        "by our own number, by the identifier, a look, and one writing"
    );
    scenario.sandbox().publish();
    scenario.story.run("run").folder_holds(&["IE7"]);
}

#[test]
fn an_mms_id_in_the_description_finds_the_bib() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        let of_libis = entity("IE7").titled("Letters").holds("dc:identifier", "urn:ControlNumber:9912");
        story.rosetta_has(of_libis);
        story.alma_has_bib(bib("9912", "Letters"));
    });
    scenario.finds_by("[{ field = \"dc:identifier\", begins = \"urn:ControlNumber:\", names = \"mms-id\" }]");
    assert_eq!(scenario.link(0)["outcomes"], json!({"linked": 1}));
    assert_eq!(scenario.points("9912"), [(oai("IE7"), "IE7".to_owned())]);
}

#[test]
fn several_bibs_are_held_and_nobody_guesses() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_has(entity("IE7").titled("Letters").holds("dc:identifier", "ocm123"));
        story.alma_has_bib(bib("9912", "Letters").field("035", 'a', "(OCoLC)123"));
        story.alma_has_bib(bib("9913", "Letters").field("035", 'a', "(OCoLC)123"));
    });
    scenario.finds_by(BY_OCLC);
    let report = scenario.link(3);
    assert_eq!(report["links"][0]["code"], "several-bibs", "{report}");
    let detail = report["links"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("9912") && detail.contains("9913"), "{detail}");
    scenario.run("link approve IE7", 3);
    scenario.story.complains("no approval helps");
    assert_eq!(scenario.link(0)["calls"]["alma"], json!({}), "what waits for a person is not asked for every night");
    assert_eq!(scenario.run("link --all --json", 3).story.json()["outcomes"], json!({"held": 1}));
    assert_eq!(scenario.writes(), [""; 0]);
}

#[test]
fn two_ies_with_one_identifier_are_both_held() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        for ie in ["IE7", "IE8"] {
            story.rosetta_has(entity(ie).titled("Letters").holds("dc:identifier", "ocm123"));
        }
        story.alma_has_bib(bib("9912", "Letters").field("035", 'a', "(OCoLC)123"));
    });
    scenario.finds_by(BY_OCLC);
    let report = scenario.link(3);
    assert_eq!(report["outcomes"], json!({"held": 2}), "{report}");
    assert!(report["links"].as_array().unwrap().iter().all(|it| it["code"] == "contested"), "{report}");
    scenario.story.run("link explain IE8").says("contested: the same identifier stands in IE7");
    scenario.run("link approve IE8 --reason checked", 0);
    assert_eq!(scenario.link(0)["outcomes"], json!({"linked": 1}));
    assert_eq!(scenario.points("9912"), [(oai("IE8"), "IE8".to_owned())]);
}

#[test]
fn a_bib_that_describes_another_ie_is_held_and_a_person_may_say_it_describes_both() {
    let mut scenario = LinkScenario::harvested(&[], |story| {
        story.rosetta_holds("IE8");
        story.rosetta_has(entity("IE7").titled("Letters").holds("dc:identifier", "ocm123"));
        story.alma_has_bib(bib("9912", "Letters").field("035", 'a', "(OCoLC)123").cites(&oai("IE8")));
    });
    scenario.finds_by(BY_OCLC);
    let report = scenario.link(3);
    assert_eq!(report["links"][0]["code"], "other-ies", "{report}");
    assert!(report["links"][0]["detail"].as_str().unwrap().contains(&oai("IE8")), "{report}");
    assert_eq!(scenario.points("9912").len(), 1);
    scenario.run("link approve IE7", 0);
    scenario.link(0);
    assert_eq!(scenario.points("9912"), [(oai("IE8"), "IE8".to_owned()), (oai("IE7"), "IE7".to_owned())]);
}

#[test]
fn a_representation_that_is_there_is_enough_and_one_that_points_elsewhere_is_held() {
    let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |_| ());
    let seven = scenario.alma_catalogues("Seven", &[&oai("IE7")]);
    let eight = scenario.alma_catalogues("Eight", &[&oai("IE8")]);
    let number = scenario.alma_points(&seven, &oai("IE7"), "IE7");
    scenario.alma_points(&eight, &oai("IE8"), "IE9");
    let before = scenario.writes();
    let report = scenario.link(3);
    assert_eq!(report["links"][0]["representation"], number, "{report}");
    assert_eq!(report["outcomes"], json!({"held": 1, "unchanged": 1}), "{report}");
    assert_eq!(report["links"][1]["code"], "points-elsewhere", "{report}");
    scenario.run("link approve IE8", 3);
    assert_eq!(scenario.writes(), before);
}

#[test]
fn a_bib_that_was_deleted_in_alma_is_not_made_again_unseen() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |story| {
        story.alma_has("9907", "Described", &oai("IE7"));
    });
    scenario.story.alma_deletes("9907");
    // The catalogue has no such bib any more, either.
    let client = scenario.client();
    let mms = cartouche::model::id::MmsId::parse("9907").unwrap();
    let bib = client.bib(&mms).unwrap().unwrap();
    let number = client.representations_of(&bib, None).unwrap().remove(0).id;
    client.delete_representation(&mms, &number).unwrap();
    client.delete_bib(&mms).unwrap();
    scenario.harvests();
    let report = scenario.link(3);
    assert_eq!(report["links"][0]["code"], "former-bib", "{report}");
    scenario.run("link approve IE7 --reason \"deleted_by_mistake\"", 0);
    scenario.link(0);
    scenario.is_linked_once("IE7", "after it was approved");
}
