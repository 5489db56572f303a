//! `--json`: one object on stdout, with at least the fields of the contract.

use super::one_of_each;
use crate::support::records::bib;
use serde_json::Value;

/// Every field stands at its pointer; more may stand beside.
fn has(json: &Value, pointers: &[&str]) {
    for pointer in pointers {
        assert!(json.pointer(pointer).is_some(), "{pointer} is missing in {json:#}");
    }
}

const FEED: [&str; 7] = ["complete", "pages", "records", "deleted", "quarantined", "from", "until"];
const PACKAGE: [&str; 8] = ["id", "name", "state", "run", "planned", "staged", "settled", "reason"];

/// Every list that there is.
const LISTS: [&str; 14] = [
    "packages",
    "diverged",
    "held",
    "skipped",
    "unmatched",
    "conflicts",
    "quarantine",
    "windows",
    "runs",
    "deleted",
    "coverage",
    "without-alma",
    "without-ie",
    "claimed-twice",
];

fn has_fields(json: &Value, fields: &[&str]) {
    let pointers: Vec<String> = fields.iter().map(|field| format!("/{field}")).collect();
    has(json, &pointers.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn run_prints_the_object_of_the_contract_and_nothing_else() {
    let mut scenario = one_of_each();
    scenario.alma_has_bib(bib("9913", "Of no IE")).run("run --json");
    let json = scenario.json();
    has(&json, &["/run", "/profile", "/staged", "/waiting", "/in-flight"]);
    has(&json, &["/outcomes/package", "/outcomes/unchanged", "/outcomes/held", "/outcomes/skipped/no-match"]);
    has(&json, &["/settled/done", "/settled/error", "/settled/late", "/settled/lost"]);
    has_fields(&json["feeds"]["rosetta"], &FEED);
    has_fields(&json["feeds"]["alma"], &FEED);
    assert_eq!(json["profile"], "trip");
    assert_eq!(json["feeds"]["alma"]["records"], 2);
    assert_eq!(json["feeds"]["alma"]["from"], Value::Null);
}

#[test]
fn a_run_that_fails_for_one_feed_still_prints_its_object() {
    let mut scenario = one_of_each();
    scenario.profile_says("alma.feed.base-url", "\"http://127.0.0.1:9/x\"").run("run --json").exits(1);
    scenario.tells("/feeds/alma/complete", false).tells("/feeds/rosetta/complete", true).complains("error: ");
}

#[test]
fn each_step_prints_an_object() {
    let mut scenario = one_of_each();
    for command in ["harvest --json", "stage --json", "settle --json", "run --dry-run --json"] {
        has(&scenario.run(command).json(), &["/run", "/profile", "/outcomes", "/staged", "/settled/done"]);
    }
}

#[test]
fn status_prints_an_object() {
    let mut scenario = one_of_each();
    let json = scenario.run("run").run("status --json").json();
    has(
        &json,
        &["/profile", "/outcomes/package", "/waiting", "/in-flight", "/late", "/lost", "/error", "/quarantined"],
    );
    has(&json, &["/feeds/rosetta/records", "/feeds/alma/complete", "/feeds/alma/completed"]);
    has(&json, &["/last-run/run", "/last-run/command", "/last-run/exit-code", "/last-run/started", "/last-run/ended"]);
}

#[test]
fn lists_print_an_object_with_an_array_of_their_name() {
    let mut scenario = one_of_each();
    scenario.alma_has_bib(bib("9913", "Of no IE")).run("run");
    for list in LISTS {
        let json = scenario.run(&format!("list {list} --json")).json();
        assert!(json[list].is_array(), "{list}: {json}");
    }
    let packages = scenario.run("list packages --json").json();
    has_fields(&packages["packages"][0], &PACKAGE);
    has_fields(&packages["packages"][0], &["ie", "alma"]);
    has_fields(
        &scenario.run("list skipped --json").json()["skipped"][0],
        &["alma", "ie", "code", "detail", "prepared"],
    );
    let runs = scenario.run("list runs --json").json();
    has_fields(&runs["runs"][0], &["run", "command", "started", "ended", "exit-code", "summary"]);
    assert_eq!(runs["runs"][0]["summary"]["staged"], 1, "the summary is what --json printed");
}

#[test]
fn every_list_is_a_table_and_comma_separated_values_too() {
    let mut scenario = one_of_each();
    scenario.alma_has_bib(bib("9913", "=1+1, or \"more\"")).run("run");
    for list in LISTS {
        let table = scenario.run(&format!("list {list}")).stdout();
        let csv = scenario.run(&format!("list {list} --csv")).stdout();
        assert_eq!(csv.lines().count(), table.lines().count(), "{list}: {csv}");
        assert!(csv.ends_with("\r\n") && !csv.replace("\r\n", "").contains(['\r', '\n']), "{list}: {csv}");
        let commas = csv.lines().next().unwrap().matches(',').count();
        assert!(csv.lines().all(|line| line.matches(',').count() >= commas), "{list}: {csv}");
        scenario.run(&format!("list {list} --csv --json")).exits(2);
    }
    for list in ["packages", "diverged", "held", "skipped", "unmatched", "conflicts", "quarantine", "windows", "runs"] {
        scenario.run(&format!("list {list} --set digitized")).exits(2).complains("this list knows no sets");
    }
    scenario.run("list nonsense").exits(2).complains(&LISTS.join(", "));
}

#[test]
fn explain_prints_everything_about_each_ie() {
    let mut scenario = one_of_each();
    let json = scenario.run("run").run("explain IE7 --json").json();
    assert_eq!(json["id"], "IE7");
    let told = &json["ies"][0];
    has_fields(told, &["ie", "outcome", "evidence", "alma", "rosetta", "transformed", "difference", "packages"]);
    has(told, &["/outcome/kind", "/outcome/code", "/outcome/detail", "/evidence/place", "/evidence/text"]);
    has(told, &["/alma/identifier", "/alma/datestamp", "/alma/sets", "/alma/state", "/alma/metadata"]);
    has_fields(&told["packages"][0], &PACKAGE);
    has_fields(&told["difference"][0], &["change", "field", "value"]);
    assert!(told["transformed"].as_str().unwrap().starts_with("<dc:record"));
}

#[test]
fn validate_and_check_print_an_object() {
    let mut scenario = one_of_each();
    has(
        &scenario.run("check --json").json(),
        &["/profile", "/ok", "/findings/0/what", "/findings/0/detail", "/warnings"],
    );
    scenario.run("run");
    let file = scenario.only_file_of("IE7");
    let output = super::run(&["validate", "--json", &file.to_string_lossy()]);
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    has(&json, &["/valid", "/files/0/file", "/files/0/valid", "/files/0/findings"]);
}
