//! The promise: what is edited in Alma reaches Rosetta, once, and nothing else does.

mod fates;
mod folder;
mod matching;
mod saxon;
mod transforming;

use crate::support::scenario::Scenario;

/// One IE, one bib that describes it better.
pub fn one_of_each() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "Sunset at Montmajour", "oai:ros.example.org:IE7");
    scenario
}

#[test]
fn an_edit_in_alma_reaches_rosetta_once() {
    one_of_each()
        .run("run")
        .says("1 package, 0 unchanged, 0 held, 0 skipped")
        .says("staged  1 now, 0 waiting, 1 in flight")
        .folder_holds(&["IE7"])
        .rosetta_applies("IE7")
        .rosetta_shows("IE7", "Sunset at Montmajour")
        .run("settle")
        .says("1 done, 0 error")
        .run("run")
        .says("0 package, 1 unchanged")
        .says("staged  0 now, 0 waiting, 0 in flight")
        .alma_edits("9912", "Sunset at Montmajour (1888)")
        .run("run")
        .says("staged  1 now")
        .rosetta_applies("IE7")
        .rosetta_shows("IE7", "Sunset at Montmajour (1888)")
        .run("run")
        .says("1 done, 0 error")
        .says("0 package, 1 unchanged")
        .packages("IE7", &["done", "done"])
        .folder_holds(&[]);
}

#[test]
fn what_rosetta_shows_already_is_not_staged() {
    let mut scenario = one_of_each();
    scenario.run("run").rosetta_applies("IE7").run("run");
    // A new store knows nothing of the package: the feed alone says that there is nothing to do.
    scenario.profile_says("state.path", "\"another.db\"");
    scenario.run("run").says("0 package, 1 unchanged").packages("IE7", &[]).folder_holds(&[]);
}

#[test]
fn what_was_applied_is_not_staged_again_though_the_feed_differs_for_ever() {
    // The crosswalk from MARC writes dcterms, which Rosetta's oai_dc feed shows under other names or not at all.
    let mut scenario = one_of_each();
    scenario.profile_says("alma.feed.metadata-prefix", "\"marc21\"");
    scenario.run("run").says("staged  1 now").rosetta_applies("IE7").run("run").says("1 done");
    scenario.run("run").says("0 package, 1 unchanged").packages("IE7", &["done"]);
    let profile = scenario.profile_says("state.path", "\"another.db\"");
    profile.run("run --dry-run").says("1 package, 0 unchanged");
}

#[test]
fn a_record_published_again_without_a_change_stages_nothing() {
    let mut scenario = one_of_each();
    scenario.run("run").rosetta_applies("IE7").run("run");
    scenario.alma_republishes("9912").run("run").says("0 package, 1 unchanged").packages("IE7", &["done"]);
}

#[test]
fn the_second_harvest_asks_only_for_what_is_new() {
    let mut scenario = one_of_each();
    scenario.run("run").run("run --json");
    // The newest record of Alma is of 10:00; a quarter of an hour is looked at again.
    scenario.tells("/feeds/alma/from", "2026-03-01T09:45:00Z").tells("/feeds/rosetta/from", "2026-02-01T09:45:00Z");
    scenario.run("harvest --full --json").tells("/feeds/alma/from", serde_json::Value::Null);
}

#[test]
fn a_dry_run_decides_everything_and_writes_nothing() {
    let mut scenario = one_of_each();
    scenario.run("run --dry-run --json").tells("/outcomes/package", 1).tells("/staged", 0).tells("/waiting", 1);
    scenario.packages("IE7", &[]).folder_holds(&[]);
    assert!(!scenario.path("staging/.incoming").exists());
    scenario.run("stage --dry-run").folder_holds(&[]).run("stage").folder_holds(&["IE7"]);
}

#[test]
fn each_step_alone_adds_up_to_a_run() {
    let mut scenario = one_of_each();
    scenario.run("harvest").says("1 records").folder_holds(&[]);
    scenario.run("stage").says("staged  1 now").rosetta_applies("IE7");
    scenario.run("settle").says("1 done").packages("IE7", &["done"]);
}

#[test]
fn the_file_in_the_folder_is_what_packaging_writes_and_validate_accepts_it() {
    let mut scenario = one_of_each();
    scenario.run("run");
    let file = scenario.only_file_of("IE7");
    let text = std::fs::read_to_string(&file).unwrap();
    let update = cartouche::steps::packaging::read(&text).unwrap();
    let dc = update.dc().unwrap().unwrap().dc;
    assert_eq!(dc.title(), Some("Sunset at Montmajour"));
    assert_eq!(text, cartouche::steps::packaging::write(&update.pid, &dc));
    let output = crate::support::scenario::cartouche().arg("validate").arg(&file).output().unwrap();
    scenario.answered("validate", output).exits(0).says(": valid");
}

#[test]
fn every_alma_record_ends_as_exactly_one_outcome_for_each_ie_that_it_names() {
    let mut scenario = Scenario::with_sample_data();
    scenario.run("run --json").exits(3);
    let json = scenario.json();
    let count = |pointer: &str| json.pointer(pointer).and_then(serde_json::Value::as_u64).unwrap();
    let skipped: u64 = json["outcomes"]["skipped"].as_object().unwrap().values().filter_map(|n| n.as_u64()).sum();
    let total = count("/outcomes/package") + count("/outcomes/unchanged") + count("/outcomes/held") + skipped;
    let outcomes = scenario.outcomes();
    assert_eq!(total, outcomes.len() as u64);
    let mut pairs: Vec<_> = outcomes.iter().map(|[record, ie, ..]| (record, ie)).collect();
    pairs.dedup();
    assert_eq!(pairs.len(), outcomes.len(), "no pair has two outcomes");
    let (round_trip, mut store) = (scenario.profile().round_trip, scenario.store());
    let feeds = cartouche::steps::feeds(&store, &round_trip).unwrap();
    let sample = include_str!("../../sample-data/alma.xml");
    let all: Vec<&str> = sample.split("<bib mms-id=\"").skip(1).map(|bib| bib.split('"').next().unwrap()).collect();
    assert_eq!(all.len() as u64, count("/feeds/alma/records"));
    for mms in all {
        let records = store.records_by_local(feeds.alma, mms).unwrap();
        let record = records.first().unwrap_or_else(|| panic!("{mms} is not in the store"));
        let mut claimed: Vec<String> = store.claims_of(record.id).unwrap().into_iter().map(|claim| claim.0).collect();
        if claimed.is_empty() {
            claimed.push(String::new());
        }
        let decided: Vec<String> = store.outcomes_of_record(record.id).unwrap().into_iter().map(|o| o.ie).collect();
        assert_eq!(decided, claimed, "{mms}");
    }
}
