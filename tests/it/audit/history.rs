//! What the journal tells: who did what to which IE, from what, and how it ended.

use super::{entries, events, two_fates};
use crate::round_trip::one_of_each;
use cartouche::model::fixity::Fixity;
use rusqlite::Connection;
use std::collections::BTreeSet;
use std::fs;
use std::process::Command;

#[test]
fn every_step_of_a_package_has_its_entry_with_what_it_was_made_from() {
    let mut scenario = two_fates();
    let done = entries(&mut scenario, "IE7");
    assert_eq!(events(&done), ["planned", "staged", "done"]);
    assert_eq!(events(&entries(&mut scenario, "IE8")), ["planned", "staged", "error"]);
    let file = fs::read(scenario.only_file_of("IE7")).unwrap();
    for (entry, run) in done.iter().zip([1, 1, 2]) {
        assert_eq!(entry["run"], run);
        assert_eq!(entry["alma"], "oai:alma.01STORY_INST:9912");
        assert_eq!(entry["alma-datestamp"], "2026-03-01T10:00:00Z");
        assert!(entry["stylesheet"].as_str().unwrap().starts_with("oai-dc-to-rosetta.xsl "));
        assert_eq!(entry["after"], Fixity::of(&file).to_string(), "what sha256sum says of the file");
        assert_eq!(entry["before"], done[0]["before"]);
        assert_eq!(entry["program"], concat!("cartouche ", env!("CARGO_PKG_VERSION")));
    }
    let name = scenario.only_file_of("IE7").file_name().unwrap().to_string_lossy().into_owned();
    assert_eq!(done[0]["detail"], name);
    scenario.run("audit list").says("begun").says("0 packages are older than the journal").complains("7 entries");
    scenario
        .run("audit list IE7 --csv")
        .says("entry,at,who,event,IE,package")
        .says(",done,IE7,")
        .says(",2,oai:alma.01STORY_INST:9912,2026-03-01T10:00:00Z,\r\n");
    scenario.run("audit list --limit 2").hides("begun").complains("raise --limit");
    scenario.run("audit list IE99").complains("0 entries").run("audit list nonsense").exits(2);
}

#[test]
fn before_is_the_digest_of_the_metadata_that_rosettas_feed_sent() {
    let mut scenario = two_fates();
    let entry = entries(&mut scenario, "IE7").remove(0);
    let round_trip = scenario.profile().round_trip;
    let mut store = scenario.store();
    let feeds = cartouche::steps::feeds(&store, &round_trip).unwrap();
    let before = store.package_texts(entry["package"].as_i64().unwrap()).unwrap().1.expect("Rosetta showed it");
    assert_eq!(entry["before"], Fixity::of(before.as_bytes()).to_string());
    assert!(store.count_records(feeds.rosetta).unwrap() > 0);
}

#[test]
fn who_is_the_account_of_the_process_and_not_what_the_environment_says() {
    let mut scenario = one_of_each();
    let output = scenario.command("run").env("USER", "somebody").env("LOGNAME", "somebody").output().unwrap();
    scenario.answered("run", output);
    let account = String::from_utf8(Command::new("id").arg("-un").output().unwrap().stdout).unwrap();
    for entry in entries(&mut scenario, "IE7") {
        assert_eq!(entry["who"], account.trim());
    }
}

#[test]
fn a_package_that_was_lost_and_found_again_says_so() {
    let mut scenario = one_of_each();
    let moved = |scenario: &mut crate::support::scenario::Scenario, from: &str, to: &str| {
        fs::create_dir_all(scenario.path(to)).unwrap();
        let file = scenario.files_in(from).remove(0).1;
        fs::rename(&file, scenario.path(to).join(file.file_name().unwrap())).unwrap();
    };
    // A folder with `done` in it is not taken for an unmounted one.
    scenario.run("run");
    fs::create_dir_all(scenario.path("staging/done")).unwrap();
    moved(&mut scenario, "", "elsewhere");
    scenario.run("settle").exits(3);
    let file = fs::read_dir(scenario.path("elsewhere")).unwrap().next().unwrap().unwrap();
    fs::rename(file.path(), scenario.path("staging").join(file.file_name())).unwrap();
    scenario.run("settle").rosetta_applies("IE7").run("settle");
    let told = entries(&mut scenario, "IE7");
    assert_eq!(events(&told), ["planned", "staged", "lost", "found again", "done"]);
    assert!(told[2]["detail"].as_str().unwrap().contains("in none of"));
    scenario.run("audit verify").says("whole").says("6");
}

#[test]
fn a_package_that_never_reached_the_folder_and_one_that_did_unnoticed_are_told_apart() {
    let mut scenario = one_of_each();
    scenario.dies_at("written:0", "run").run("audit verify").run("settle").run("audit verify");
    assert_eq!(events(&entries(&mut scenario, "IE7")), ["planned", "withdrawn"]);
    let mut scenario = one_of_each();
    scenario.dies_at("delivered:0", "run").run("audit verify").run("settle").run("audit verify");
    assert_eq!(events(&entries(&mut scenario, "IE7")), ["planned", "staged"]);
}

fn tables(store: &Connection) -> BTreeSet<String> {
    let sql = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
    let mut statement = store.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn tables_of_version_4() -> BTreeSet<String> {
    let store = Connection::open_in_memory().unwrap();
    for name in ["0001_foundation", "0002_ledger", "0003_review", "0004_submissions"] {
        let path = format!("{}/src/store/migrations/{name}.sql", env!("CARGO_MANIFEST_DIR"));
        store.execute_batch(&std::fs::read_to_string(path).unwrap()).unwrap();
    }
    tables(&store)
}

#[test]
fn a_store_from_before_the_journal_makes_nothing_up() {
    let mut scenario = two_fates();
    let store = Connection::open(scenario.path("trip.db")).unwrap();
    store
        .execute_batch(
            "DROP INDEX packages_by_day; DROP INDEX packages_by_run; DROP INDEX packages_diverged; DROP INDEX packages_in_folder;
             ALTER TABLE outcomes DROP COLUMN title; ALTER TABLE outcomes DROP COLUMN fields;
             ALTER TABLE packages DROP COLUMN title; ALTER TABLE packages DROP COLUMN fields;
             DELETE FROM meta WHERE key = 'packages-before-journal';
             PRAGMA user_version = 4;",
        )
        .unwrap();
    for table in tables(&store).difference(&tables_of_version_4()) {
        store.execute_batch(&format!("DROP TABLE IF EXISTS {table}")).unwrap();
    }
    drop(store);
    scenario.run("audit verify").says("whole").says("entries  0").says("2, 2 of them older than the journal");
    assert_eq!(entries(&mut scenario, "IE7").len(), 0);
    scenario.alma_edits("9912", "Sunset at Montmajour (1888)").run("run").exits(3);
    assert_eq!(events(&entries(&mut scenario, "IE7")), ["confirmed", "planned", "staged"]);
    scenario.run("audit list --csv").says(",begun,,2,").says("2 packages are older than the journal");
    scenario.run("audit verify").says("3, 2 of them older than the journal");
}

#[test]
fn an_approval_names_the_record_that_was_reviewed() {
    let mut scenario = one_of_each();
    scenario.profile_says("review.hold", "\"everything\"").run("run").exits(3);
    scenario.run("approve IE7 --reason checked").run("run");
    let told = entries(&mut scenario, "IE7");
    assert_eq!(events(&told), ["approved", "planned", "staged"]);
    assert_eq!(told[0]["alma"], "oai:alma.01STORY_INST:9912");
    assert_eq!([&told[0]["package"], &told[0]["run"]], [&serde_json::Value::Null; 2], "no package yet, and no run");
    assert_eq!(told[0]["who"], told[1]["who"]);
    assert!(told[0]["detail"].as_str().unwrap().ends_with(": checked"));
}

#[test]
fn a_lost_package_that_is_sent_again_is_given_up_first() {
    let mut scenario = one_of_each();
    scenario.run("run");
    fs::create_dir_all(scenario.path("staging/done")).unwrap();
    fs::remove_file(scenario.only_file_of("IE7")).unwrap();
    scenario.run("settle").exits(3).run("retry IE7 --reason vanished").run("stage");
    let told = entries(&mut scenario, "IE7");
    assert_eq!(events(&told), ["planned", "staged", "lost", "retried", "withdrawn", "planned", "staged"]);
    assert!(told[4]["detail"].as_str().unwrap().contains("vanished"));
}

#[test]
fn a_limit_that_was_passed_by_force_is_told_of_the_whole_store() {
    let mut scenario = one_of_each();
    scenario.profile_says("limits.max-changed", "\"0%\"").run("run").exits(3);
    scenario.run("run --force --reason backfill").folder_holds(&["IE7"]).run("audit list --json");
    let json = scenario.json();
    let forced =
        json["entries"].as_array().unwrap().iter().find(|entry| entry["event"] == "forced").expect("it is told");
    let detail = forced["detail"].as_str().unwrap();
    assert!(detail.contains("limits.max-changed is 0%") && detail.contains(": backfill ("), "{detail}");
    assert_eq!([&forced["ie"], &forced["run"]], [&serde_json::Value::Null, &2.into()]);
}

#[test]
fn a_dry_run_and_a_night_without_news_write_no_entry() {
    let mut scenario = one_of_each();
    scenario.run("run --dry-run").run("audit verify").says("entries  0").says("head  none");
    scenario.run("run").rosetta_runs_its_job().run("run").run("audit verify --json").tells("/entries", 5);
    scenario.run("run").run("settle").run("audit verify --json").tells("/entries", 5);
}
