//! Bibs and representations for IEs that nothing names, and the round trip that begins with them.

use super::{LinkScenario, bib, entity, oai};
use cartouche::push::bib::Suppress;
use serde_json::json;

#[test]
fn an_ie_without_a_bib_gets_one_and_the_round_trip_begins() {
    for prefix in ["oai_dc", "marc21"] {
        let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |story| {
            story.profile_says("alma.feed.metadata-prefix", &format!("\"{prefix}\""));
            story.alma_has("9908", "Described", &oai("IE8"));
        });
        let report = scenario.link(0);
        assert_eq!(report["outcomes"], json!({"created": 1}), "{report}");
        assert_eq!(report["ies"], json!({"without-bib": 1, "named-by-hidden": 0, "looked-at": 1}));
        scenario.is_linked_once("IE7", prefix);
        let mms = scenario.bibs_of("IE7").remove(0);
        assert_eq!((&report["links"][0]["mms"], &report["links"][0]["how"]), (&json!(mms), &json!("created")));
        assert_eq!(scenario.suppress(&mms), Some(Suppress::Published));
        assert_eq!(scenario.points("9908").len(), 1, "what is named already is left alone");

        assert_eq!(scenario.sandbox().publish(), 1);
        scenario.story.run("run").folder_holds(&["IE7", "IE8"]).rosetta_applies("IE7");
        let explained = scenario.story.run("explain IE7 --json").json();
        assert!(explained.to_string().contains(&mms), "{prefix}: {explained}");
        scenario.story.run("list without-alma").hides("IE7");
        let status = scenario.story.run("link status --json").json();
        assert_eq!((&status["without-bib"], &status["matched"]), (&json!(0), &json!(1)), "{status}");
        assert_eq!(scenario.link(0)["outcomes"], json!({}), "an IE that a bib names is left alone");
    }
}

#[test]
fn the_suppress_flag_is_said_and_a_collection_is_used_where_alma_wants_one() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.sandbox().want_collection(true);
    let failed = scenario.link(3);
    assert_eq!(failed["outcomes"], json!({"failed": 1}), "{failed}");
    assert_eq!(scenario.bibs_of("IE7").len(), 0, "no bib is left of which nothing is known");
    scenario.profile_says("link.suppress", "true").profile_says("link.collection", "\"8112\"");
    scenario.link(0);
    scenario.is_linked_once("IE7", "in a collection");
    let mms = scenario.bibs_of("IE7").remove(0);
    assert_eq!(scenario.suppress(&mms), Some(Suppress::Suppressed));
}

#[test]
fn a_bib_whose_representation_is_refused_is_taken_away_again() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.profile_says("link.library", "\"NOWHERE\"");
    let before = scenario.sandbox().api_bibs();
    let report = scenario.link(3);
    assert_eq!(report["links"][0]["code"], "refused", "{report}");
    assert_eq!(scenario.sandbox().api_bibs(), before);
    scenario.profile_says("link.library", "\"MAIN\"");
    scenario.link(0);
    scenario.is_linked_once("IE7", "after the profile was mended");
}

#[test]
fn when_all_are_refused_the_run_ends_and_leaves_no_bib() {
    let ies: Vec<String> = (1..=12).map(|number| format!("IE{number}")).collect();
    let ies: Vec<&str> = ies.iter().map(String::as_str).collect();
    let mut scenario = LinkScenario::harvested(&ies, |_| ());
    scenario.profile_says("link.repository", "\"OTHER\"").profile_says("alma.api.writers", "1");
    let report = scenario.link(1);
    assert!(report["stopped"].as_str().unwrap().contains("6 IEs in a row failed"), "{report}");
    assert_eq!(scenario.sandbox().api_bibs(), 0);
}

#[test]
fn deleted_gone_and_named_ies_are_left_alone_even_when_they_are_asked_for() {
    let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |story| {
        // Plain Dublin Core does not show that a bib is suppressed.
        story.profile_says("alma.feed.metadata-prefix", "\"marc21\"");
        story.rosetta_has(entity("IE9").deleted());
        story.alma_has("9908", "Described", &oai("IE8"));
        story.alma_has_bib(bib("9907", "Hidden").cites(&oai("IE7")).suppressed());
    });
    let report = scenario.link(0);
    assert_eq!(report["ies"], json!({"without-bib": 0, "named-by-hidden": 1, "looked-at": 0}), "{report}");
    let report = scenario.run("link IE7 IE8 IE9 IE999 --json", 0).story.json();
    let codes: Vec<&str> = report["links"].as_array().unwrap().iter().map(|it| it["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["named", "named", "gone", "gone"], "{report}");
    assert_eq!(scenario.writes(), [""; 0]);
}

#[test]
fn only_ies_of_the_sets_that_the_profile_names_are_linked() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |story| {
        story.rosetta_has(entity("IE8").in_sets("maps books"));
    });
    scenario.profile_says("link.sets", "[\"maps\"]");
    let report = scenario.link(0);
    assert_eq!((&report["outcomes"], &report["links"][0]["ie"]), (&json!({"created": 1}), &json!("IE8")), "{report}");
}

#[test]
fn a_dry_run_says_what_would_be_and_writes_nothing() {
    let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |_| ());
    scenario.alma_catalogues("The harvest of IE8", &[&oai("IE8")]);
    let before = scenario.writes();
    let report = scenario.run("link --dry-run --json", 0).story.json();
    assert_eq!(report["outcomes"], json!({"create": 1, "link": 1}), "{report}");
    assert_eq!(scenario.writes(), before);
    let status = scenario.run("link status --json", 0).story.json();
    assert_eq!((&status["ies"], &status["writes"]), (&json!({}), &json!({})));
    assert_eq!(scenario.link(0)["outcomes"], json!({"created": 1, "linked": 1}));
}

#[test]
fn without_bibs_of_its_own_nothing_is_made() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.story.forget_key("link.suppress");
    scenario.profile_says("link.create", "false");
    let report = scenario.link(0);
    assert_eq!(report["links"][0]["code"], "no-bib", "{report}");
    assert_eq!(scenario.writes(), [""; 0]);
}

#[test]
fn nothing_is_linked_from_what_is_not_known_whole_and_a_wrong_profile_says_so() {
    let mut scenario = LinkScenario::of(&["IE7"], |_| ());
    scenario.run("link", 2);
    scenario.story.complains("does not exist");
    scenario.run("harvest", 0);
    scenario.run("link", 1);
    scenario.story.complains("were not looked at yet");
    scenario.profile_says("link.usage-type", "\"MASTER\"");
    scenario.run("link", 2);
    scenario.story.complains("link.usage-type");
    scenario.run("check", 2);
    scenario.run("link notanie", 2);
    assert_eq!(scenario.writes(), [""; 0]);
}

#[test]
fn a_stylesheet_of_the_profile_makes_the_bib_and_its_mistakes_are_held() {
    const HEAD: &str = "<xsl:stylesheet version=\"1.0\" xmlns:xsl=\"http://www.w3.org/1999/XSL/Transform\">\
        <xsl:param name=\"house\"/><xsl:template match=\"/*\"><record><leader>00000nam a2200000 u 4500</leader>\
        <controlfield tag=\"008\">261122s2026    xx |||||||||||||||||eng d</controlfield>";
    let title = "<datafield tag=\"245\" ind1=\"0\" ind2=\"0\"><subfield code=\"a\"><xsl:value-of select=\"$house\"/></subfield></datafield>";
    let sheet = |body: &str| format!("{HEAD}{body}</record></xsl:template></xsl:stylesheet>");
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.profile_says("link.stylesheet", "\"to-marc.xsl\"");
    scenario.profile_says("link.parameters", "{ house = \"Our title\" }");
    std::fs::write(scenario.story.path("to-marc.xsl"), sheet("")).unwrap();
    let held = scenario.link(3);
    assert_eq!(held["links"][0]["code"], "invalid", "{held}");
    scenario.run("link approve IE7", 3);
    std::fs::write(scenario.story.path("to-marc.xsl"), sheet(title)).unwrap();
    assert_eq!(scenario.link(0)["outcomes"], json!({"created": 1}), "another stylesheet is planned anew");
    let mms = scenario.bibs_of("IE7").remove(0);
    let bib = scenario.client().bib(&cartouche::model::id::MmsId::parse(&mms).unwrap()).unwrap().unwrap();
    assert!(bib.xml.contains("Our title"), "{}", bib.xml);
}
