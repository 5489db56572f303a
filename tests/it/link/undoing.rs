//! The way back: a representation that was made, then the bib that was made; nothing else.

use super::{LinkScenario, oai};
use cartouche::model::id::MmsId;
use serde_json::json;

#[test]
fn a_bib_that_was_made_goes_with_its_representation_and_the_ie_rests() {
    let mut scenario = LinkScenario::harvested(&["IE7"], |_| ());
    scenario.link(0);
    let report = scenario.run("link undo IE7 --reason wrong --json", 0).story.json();
    assert_eq!(report["done"], json!(["IE7 (create-representation)", "IE7 (create-bib)"]), "{report}");
    assert_eq!((scenario.bibs_of("IE7").len(), scenario.sandbox().api_bibs()), (0, 0));
    assert_eq!(scenario.link(0)["outcomes"], json!({}));
    let rests = scenario.run("link --all --json", 0).story.json();
    assert_eq!(rests["links"][0]["code"], "undone", "{rests}");
    scenario.run("link undo IE7", 3);
    assert_eq!(scenario.run("link IE7 --json", 0).story.json()["outcomes"], json!({"created": 1}), "a person names it");
    scenario.is_linked_once("IE7", "named again");
}

#[test]
fn a_bib_that_was_found_stays_and_what_others_made_stays() {
    let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |_| ());
    let seven = scenario.alma_catalogues("Seven", &[&oai("IE7")]);
    let eight = scenario.alma_catalogues("Eight", &[&oai("IE8")]);
    scenario.alma_points(&eight, &oai("IE8"), "IE8");
    let run = scenario.link(0)["run"].as_i64().unwrap();
    let report = scenario.run(&format!("link undo {run} --json"), 0).story.json();
    assert_eq!(report["done"], json!(["IE7 (create-representation)"]), "{report}");
    assert_eq!(scenario.points(&seven).len(), 0);
    assert_eq!(scenario.points(&eight).len(), 1, "it was there before");
    assert_eq!((scenario.bibs_of("IE7").len(), scenario.bibs_of("IE8").len()), (1, 1));
}

#[test]
fn a_bib_stays_that_something_else_hangs_on_or_that_somebody_has_changed() {
    let mut scenario = LinkScenario::harvested(&["IE7", "IE8"], |_| ());
    scenario.link(0);
    let (seven, eight) = (scenario.bibs_of("IE7").remove(0), scenario.bibs_of("IE8").remove(0));
    let holding = "<holding><suppress_from_publishing>false</suppress_from_publishing><record>\
                   <leader>00000nx  a2200000zn 4500</leader><datafield tag=\"852\" ind1=\"0\" ind2=\" \">\
                   <subfield code=\"b\">MAIN</subfield><subfield code=\"c\">stacks</subfield></datafield></record></holding>";
    scenario.client().create_holding(&MmsId::parse(&seven).unwrap(), holding).unwrap();
    scenario.sandbox().catalogue_bib(&eight, "A better title").unwrap();
    let report = scenario.run("link undo IE7 IE8 --json", 3).story.json();
    assert_eq!(report["refused"].as_array().unwrap().len(), 2, "{report}");
    assert!(report["refused"].to_string().contains("the bib has holdings"), "{report}");
    assert!(report["refused"].to_string().contains("no longer the one that was made"), "{report}");
    assert_eq!((scenario.bibs_of("IE7").len(), scenario.bibs_of("IE8").len()), (1, 1));
    assert_eq!((scenario.points(&seven).len(), scenario.points(&eight).len()), (0, 0));
    assert_eq!(scenario.link(0)["outcomes"], json!({}), "what could not be taken back is not tried again by itself");
}
