//! What both systems have in common, and what one of them lacks, in a world that has a case of everything.

use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;
use cartouche::model::outcome::Skip;
use cartouche::model::time::Timestamp;
use cartouche::store::prepared::Look;
use serde_json::{Value, json};

/// Two sets on each side, one of them in both systems: `maps` and `prints` in Rosetta, `maps` and `books` in Alma.
pub fn world() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_has(entity("IE1").in_sets("all-ies maps")).rosetta_has(entity("IE2").in_sets("all-ies maps"));
    scenario.rosetta_has(entity("IE3").in_sets("all-ies maps prints")).rosetta_holds("IE4").rosetta_holds("IE5");
    scenario.rosetta_holds("IE6").rosetta_has(entity("IE10").in_sets("")).rosetta_has(entity("IE11").deleted());
    let cites = |mms: &str, pid: &str| bib(mms, "Title").cites(&format!("oai:ros.example.org:{pid}"));
    scenario.alma_has_bib(cites("991", "IE1").in_sets("digitized maps"));
    // Two bibs for one IE, one bib for two IEs.
    scenario.alma_has_bib(cites("992", "IE2").in_sets("digitized maps"));
    scenario.alma_has_bib(cites("993", "IE2").in_sets("digitized maps books"));
    scenario.alma_has_bib(cites("994", "IE3").cites("oai:ros.example.org:IE4"));
    // Named in vain: deleted in Rosetta, never there; and no name at all.
    scenario.alma_has_bib(cites("995", "IE11")).alma_has_bib(cites("996", "IE99")).alma_has_bib(bib("997", "Of no IE"));
    // Claimed twice, and Rosetta does not show it.
    scenario.alma_has_bib(cites("998", "IE98")).alma_has_bib(cites("999", "IE98"));
    // One that will be deleted, and one that is suppressed.
    scenario.alma_has_bib(cites("9905", "IE5").in_sets("digitized maps"));
    scenario.alma_has_bib(cites("9906", "IE6").in_sets("digitized maps").suppressed());
    // Only MARC says what is suppressed.
    scenario.profile_says("alma.feed.metadata-prefix", "\"marc21\"");
    scenario
}

fn counts(numbers: [u64; 5]) -> Value {
    let [ies, ies_without, alma, alma_without, twice] = numbers;
    json!({"ies": ies, "ies-without-alma": ies_without, "alma-records": alma, "alma-records-without-ie": alma_without,
           "ies-claimed-twice": twice})
}

fn set(json: &Value, name: Option<&str>) -> Value {
    let sets = json["coverage"].as_array().unwrap();
    let mut found =
        sets.iter().find(|set| set["set"] == json!(name)).unwrap_or_else(|| panic!("{name:?}: {json:#}")).clone();
    found.as_object_mut().unwrap().remove("set");
    found
}

#[test]
fn the_coverage_counts_every_record_once_in_all_and_once_in_each_of_its_sets() {
    let mut scenario = world();
    scenario.run("run").exits(3);
    scenario.alma_deletes("9905").run("run").exits(3);
    let json = scenario.run("list coverage --json").json();
    // IE5 (deleted), IE6 (suppressed) and IE10 (never) have no record; IE2 and IE98 have two.
    assert_eq!(json["total"], counts([7, 3, 9, 5, 2]), "{json:#}");
    assert_eq!(set(&json, Some("all-ies")), counts([6, 2, 0, 0, 1]));
    assert_eq!(set(&json, Some("maps")), counts([3, 0, 3, 0, 1]), "IEs of Rosetta's maps, records of Alma's");
    assert_eq!(set(&json, Some("prints")), counts([1, 0, 0, 0, 0]));
    assert_eq!(set(&json, Some("books")), counts([0, 0, 1, 0, 1]));
    assert_eq!(set(&json, Some("digitized")), counts([0, 0, 9, 5, 2]));
    assert_eq!(set(&json, None), counts([1, 1, 0, 0, 0]));
    scenario.run("list coverage").says("set        IEs  without Alma record").says("(all)      7    3");
    scenario
        .run("list coverage --csv")
        .says("maps,3,0,3,0,1\r\n")
        .says("(no set),1,1,0,0,0\r\n")
        .says("(all),7,3,9,5,2\r\n");
    let json = scenario.run("list coverage --set maps --json").json();
    assert_eq!([json["coverage"].as_array().unwrap().len(), json["total"].as_array().map_or(0, Vec::len)], [1, 0]);
    scenario.run("list coverage --set maps").says("maps  3").hides("(all)");
}

fn column(scenario: &mut Scenario, list: &str, field: &str) -> Vec<String> {
    let name = list.split(' ').next().unwrap().to_owned();
    let json = scenario.run(&format!("list {list} --json")).exits(0).json();
    let rows = json[&name].as_array().unwrap().iter();
    let text = |row: &Value| row[field].as_str().unwrap_or("-").trim_start_matches("oai:alma.01STORY_INST:").to_owned();
    rows.map(text).collect()
}

fn sorted(scenario: &mut Scenario, list: &str, field: &str) -> Vec<String> {
    let mut values = column(scenario, list, field);
    values.sort();
    values
}

#[test]
fn the_lists_behind_the_numbers_name_every_record() {
    let mut scenario = world();
    scenario.run("run").exits(3);
    scenario.alma_deletes("9905").run("run").exits(3);
    assert_eq!(column(&mut scenario, "without-alma", "ie"), ["IE5", "IE6", "IE10"], "in the order of their numbers");
    assert_eq!(column(&mut scenario, "without-alma --set maps", "ie"), [""; 0]);
    assert_eq!(column(&mut scenario, "without-alma --limit 1", "ie"), ["IE5"]);
    // Records come in whatever order the server likes.
    let all = ["alma", "ie", "code"].map(|field| column(&mut scenario, "without-ie", field));
    let mut rows: Vec<_> = (0..all[0].len()).map(|at| [0, 1, 2].map(|field| all[field][at].as_str())).collect();
    rows.sort();
    let expected = [
        ["995", "IE11", "not-in-rosetta"],
        ["996", "IE99", "not-in-rosetta"],
        ["997", "-", "no-match"],
        ["998", "IE98", "conflict"],
        ["999", "IE98", "conflict"],
    ];
    assert_eq!(rows, expected);
    assert_eq!(column(&mut scenario, "without-ie --set maps", "alma"), [""; 0]);
    assert_eq!(column(&mut scenario, "claimed-twice", "ie"), ["IE2", "IE2", "IE98", "IE98"]);
    assert_eq!(sorted(&mut scenario, "claimed-twice", "alma"), ["992", "993", "998", "999"]);
    assert_eq!(sorted(&mut scenario, "claimed-twice --set books", "alma"), ["992", "993"]);
    assert_eq!(column(&mut scenario, "claimed-twice --set prints", "alma"), [""; 0]);
    scenario.run("list claimed-twice").says("035");
}

#[test]
fn what_alma_no_longer_has_is_listed_with_the_ies_that_it_named() {
    let mut scenario = world();
    scenario.run("run").exits(3);
    assert_eq!(column(&mut scenario, "deleted", "code"), ["suppressed"]);
    scenario.alma_deletes("9905").alma_deletes("994").run("run").exits(3);
    let json = scenario.run("list deleted --json").json();
    let rows = json["deleted"].as_array().unwrap().iter();
    let mut rows: Vec<_> = rows.map(|row| [row["ie"].as_str().unwrap(), row["code"].as_str().unwrap()]).collect();
    rows.sort();
    assert_eq!(rows, [["IE3", "deleted"], ["IE4", "deleted"], ["IE5", "deleted"], ["IE6", "suppressed"]]);
    assert!(json["deleted"][0]["seen"].as_str().unwrap().starts_with("20"));
    assert_eq!(sorted(&mut scenario, "deleted --set maps", "ie"), ["IE5", "IE6"]);
    scenario.run("list deleted").says("9905").says("suppressed").run("list deleted --csv").says(",deleted,IE3,");
}

#[test]
fn a_record_that_lives_again_speaks_for_itself() {
    let mut scenario = world();
    scenario.run("run").exits(3).alma_deletes("9905").run("run").exits(3);
    assert_eq!(sorted(&mut scenario, "deleted", "ie"), ["IE5", "IE6"]);
    let round_trip = scenario.profile().round_trip;
    let mut store = scenario.store();
    let feeds = cartouche::steps::feeds(&store, &round_trip).unwrap();
    let record = store.records_by_local(feeds.alma, "9905").unwrap()[0].id;
    let now = Timestamp::parse("2026-12-01").unwrap();
    // It comes back without a word of the IE; a second deletion has nothing to remember then.
    for found in [Err(Skip::NoMatch), Err(Skip::Deleted)] {
        store.save_looks(feeds.alma, &[Look { record, found, suppressed: Vec::new() }], now).unwrap();
    }
    assert_eq!(sorted(&mut scenario, "deleted", "ie"), ["-", "IE6"]);
}

#[test]
fn records_that_nobody_looked_at_yet_are_announced() {
    let mut scenario = world();
    scenario.run("harvest").exits(0).run("list coverage").complains("some records were not looked at yet");
    scenario.run("stage --dry-run").exits(3).run("list coverage");
    assert!(!scenario.stderr().contains("not looked at"), "{}", scenario.stderr());
}
