//! Somebody who can write into the store changes its past: `audit verify` names the place.

use super::{entries, two_fates};
use crate::support::scenario::Scenario;
use rusqlite::Connection;
use std::fs;
use std::process::Command;

const DROP_TRIGGERS: &str = "DROP TRIGGER journal_is_never_changed; DROP TRIGGER journal_is_never_cut;
                             DROP TRIGGER journal_only_grows;";

/// Does something to a copy of the store that the triggers would not allow, and verifies that.
fn tampered(scenario: &mut Scenario, sql: &str, expected: &str) {
    let (whole, store) = (scenario.path("whole.db"), scenario.path("trip.db"));
    fs::copy(&store, &whole).unwrap();
    let connection = Connection::open(&store).unwrap();
    connection.execute_batch(&format!("{DROP_TRIGGERS}{sql}")).unwrap_or_else(|error| panic!("{sql}: {error}"));
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    drop(connection);
    scenario.run("audit verify").exits(1).says("journal  BROKEN").says(expected);
    scenario.run("audit verify --json").exits(1).tells("/whole", false);
    outsiders_verdict(scenario, sql.contains("journal"));
    for ending in ["", "-wal", "-shm"] {
        let path = scenario.path(&format!("trip.db{ending}"));
        let _ = fs::remove_file(path);
    }
    fs::copy(&whole, &store).unwrap();
    scenario.run("audit verify").says("journal  whole");
}

/// The script of README.md, which knows nothing of this program, comes to the same end.
fn outsiders_verdict(scenario: &mut Scenario, is_chain_broken: bool) {
    let readme = include_str!("../../../README.md");
    let (_, script) = readme.split_once("```python\n").expect("README.md has a script");
    let script = script.split("```").next().unwrap();
    let output = Command::new("python3").args(["-c", script]).arg(scenario.path("trip.db")).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.success(), !is_chain_broken, "{said}");
    assert!(is_chain_broken || said.contains("7 entries, head "), "{said}");
}

#[test]
fn whoever_opens_the_store_cannot_change_the_journal_by_mistake() {
    let mut scenario = two_fates();
    let store = Connection::open(scenario.path("trip.db")).unwrap();
    for sql in [
        "UPDATE journal SET who = 'nobody'",
        "DELETE FROM journal WHERE id = 7",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE id = 2",
        "INSERT INTO journal SELECT 9, at, who, program, event, ie, package, run, alma_identifier, alma_datestamp,
             stylesheet, before_digest, after_digest, detail, previous, digest FROM journal WHERE id = 2",
    ] {
        let refused = store.execute(sql, []).unwrap_err().to_string();
        assert!(refused.contains("the journal is append-only"), "{sql}: {refused}");
    }
    drop(store);
    scenario.run("audit verify").says("journal  whole").says("entries  7");
    outsiders_verdict(&mut scenario, false);
}

#[test]
fn a_change_of_any_column_is_found_and_its_entry_named() {
    let mut scenario = two_fates();
    for change in [
        "at = at + 1",
        "who = 'nobody'",
        "program = 'cartouche 9'",
        "event = 'done'",
        "ie = 'IE9'",
        "package = 2",
        "package = NULL",
        "run = 2",
        "run = NULL",
        "alma_identifier = ''",
        "alma_datestamp = '2026-03-01T10:00:01Z'",
        "stylesheet = stylesheet || ' '",
        "before_digest = NULL",
        "before_digest = zeroblob(32)",
        "after_digest = x''",
        "detail = 'x'",
        // What moves from one column to the next leaves all bytes in their order.
        "alma_identifier = alma_identifier || alma_datestamp, alma_datestamp = ''",
        "previous = zeroblob(32)",
        "digest = zeroblob(32)",
    ] {
        tampered(&mut scenario, &format!("UPDATE journal SET {change} WHERE id = 2"), "entry 2: ");
    }
}

#[test]
fn what_differs_from_its_package_is_named() {
    let mut scenario = two_fates();
    let staged = entries(&mut scenario, "IE7").remove(1);
    let (entry, package) = (&staged["entry"], &staged["package"]);
    let expected = format!("entry {entry}: its IE is IE9, that of package {package} is IE7");
    tampered(&mut scenario, &format!("UPDATE journal SET ie = 'IE9' WHERE id = {entry}"), &expected);
    let expected = format!("its Alma datestamp is 2026-03-01T10:00:00Z, that of package {package} is 1999");
    tampered(&mut scenario, &format!("UPDATE packages SET alma_datestamp = '1999' WHERE id = {package}"), &expected);
    let expected = format!("package {package} of IE7 is error, its last entry says done");
    tampered(&mut scenario, &format!("UPDATE packages SET state = 'error' WHERE id = {package}"), &expected);
    let expected = format!("package {package} is not in the store");
    tampered(&mut scenario, &format!("DELETE FROM packages WHERE id = {package}"), &expected);
    let copy = format!(
        "INSERT INTO packages (id, ie, name, state, run, record, alma_identifier, alma_datestamp, stylesheet, content,
             file_digest, bytes, before_image, planned, staged, settled, reason)
         SELECT 3, 'IE9', 'other.xml', state, run, record, alma_identifier, alma_datestamp,
             stylesheet, content, file_digest, bytes, before_image, planned, staged, settled, reason
         FROM packages WHERE id = {package}"
    );
    tampered(&mut scenario, &copy, "package 3 of IE9 is done, and no entry tells of it");
}

#[test]
fn a_removed_entry_is_missed() {
    let mut scenario = two_fates();
    tampered(&mut scenario, "DELETE FROM journal WHERE id = 4", "entry 5: entry 4 was removed before it");
    tampered(&mut scenario, "DELETE FROM journal WHERE id IN (3, 4)", "entry 5: entries 3 to 4 were removed before it");
    tampered(&mut scenario, "DELETE FROM journal WHERE id = 1", "entry 2: entry 1 was removed before it");
    let closed = "DELETE FROM journal WHERE id = 4; UPDATE journal SET id = id - 1 WHERE id > 4";
    tampered(&mut scenario, closed, "entry 4: it carries another digest of entry 3 than that has");
}

#[test]
fn an_entry_that_was_put_in_is_found() {
    let mut scenario = two_fates();
    let more =
        "INSERT INTO journal SELECT 8, at, who, program, event, ie, package, run, alma_identifier, alma_datestamp,
                    stylesheet, before_digest, after_digest, detail, digest, digest FROM journal WHERE id = 7";
    tampered(&mut scenario, more, "entry 8: what it says was changed");
}

#[test]
fn an_end_that_was_cut_off_shows_against_the_packages_or_a_noted_head() {
    let mut scenario = two_fates();
    let head = scenario.run("audit verify --json").json()["head"].as_str().unwrap().to_owned();
    let first = entries(&mut scenario, "IE7").remove(0);
    let noted = first["digest"].as_str().unwrap();
    scenario.run(&format!("audit verify --head {noted}")).says(&format!("is entry {}", first["entry"]));
    scenario.run(&format!("audit verify --head {}", head.to_uppercase())).exits(0).says("is entry 7");
    scenario.run("audit verify --head 1234").exits(2).complains("expected 64 hexadecimal digits");
    // Package and journal are set back together, so that they agree.
    fs::write(scenario.path("tampered"), "").unwrap();
    let store = Connection::open(scenario.path("trip.db")).unwrap();
    let agreeing = "DELETE FROM journal WHERE id > 5; UPDATE packages SET state = 'staged', settled = NULL;";
    store.execute_batch(&format!("{DROP_TRIGGERS}{agreeing}")).unwrap();
    drop(store);
    scenario.run("audit verify").exits(0);
    scenario.run(&format!("audit verify --head {head}")).exits(1).says("NOT in the journal");
    scenario.run(&format!("audit verify --head {head} --json")).exits(1).tells("/noted", serde_json::Value::Null);
    let mut scenario = two_fates();
    fs::write(scenario.path("tampered"), "").unwrap();
    let store = Connection::open(scenario.path("trip.db")).unwrap();
    store.execute_batch(&format!("{DROP_TRIGGERS}DELETE FROM journal;")).unwrap();
    drop(store);
    scenario.run("audit verify").exits(1).says(" of IE7 is done, and no entry tells of it");
}
