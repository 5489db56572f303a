//! Output by choice: one MARCXML file for an import profile, whole, and each content once.

use super::{PushScenario, QUILTS};
use serde_json::json;
use std::fs;

fn scenario() -> PushScenario {
    let mut scenario = PushScenario::of(&["2/17", "2/3"]);
    scenario.profile_says("push", "output = \"marcxml\"\nfolder = \"import\"");
    fs::create_dir(scenario.path("import")).unwrap();
    scenario
}

/// The files that an import would see, and what stands in them.
fn files(scenario: &PushScenario) -> Vec<String> {
    let entries = fs::read_dir(scenario.path("import")).unwrap().map(|entry| entry.unwrap());
    let mut files: Vec<_> = entries.filter(|entry| entry.file_type().unwrap().is_file()).collect();
    files.sort_by_key(fs::DirEntry::file_name);
    files.iter().map(|entry| fs::read_to_string(entry.path()).unwrap()).collect()
}

#[test]
fn what_is_new_goes_into_one_file_and_the_same_is_not_written_twice() {
    let scenario = scenario();
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"created": 2}), "{report}");
    let first = files(&scenario);
    assert_eq!((first.len(), first[0].matches("<record>").count()), (1, 2));
    assert!(first[0].contains(&format!("(ASPACE-X){QUILTS}")), "{}", first[0]);
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!(report["outcomes"], json!({"skipped": 2}), "{report}");
    assert_eq!(files(&scenario).len(), 1);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("Another title")).unwrap();
    scenario.push().exits(0);
    let all = files(&scenario);
    assert_eq!((all.len(), all[1].matches("<record>").count()), (2, 1), "only what changed");
    assert!(scenario.alma_calls().is_empty(), "Alma's API is not asked");
    scenario.journal_is_whole();
}

#[test]
fn wherever_the_program_is_killed_the_import_sees_each_record_once() {
    for point in 0.. {
        let scenario = scenario();
        let was_killed = scenario.push_killed_at(&format!("push:{point}")).code.is_none();
        scenario.push().exits(0);
        let all = files(&scenario);
        for text in &all {
            assert!(text.trim_end().ends_with("</collection>"), "killed at {point}: {text}");
        }
        let records: usize = all.iter().map(|text| text.matches("<record>").count()).sum();
        assert_eq!(records, 2, "killed at {point}");
        scenario.journal_is_whole();
        if !was_killed {
            assert!(point >= 8, "the program passes {point} points: are they still there?");
            return;
        }
    }
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let scenario = scenario();
    fs::remove_dir(scenario.path("import")).unwrap();
    let said = scenario.push().exits(2);
    assert!(said.stderr.contains("import") && said.stderr.contains("push.folder"), "{}", said.stderr);
}

#[test]
fn what_is_held_is_not_written_until_it_is_approved_and_what_is_rejected_never() {
    let mut scenario = scenario();
    scenario.profile_says("review", "hold = \"everything\"");
    let report = scenario.push().exits(3).json();
    assert_eq!((&report["outcomes"], files(&scenario).len()), (&json!({"held": 2}), 0), "{report}");
    scenario.run("push approve p.toml 2/17").exits(0);
    scenario.run("push reject p.toml 2/3").exits(0);
    let report = scenario.push().exits(0).json();
    assert_eq!(report["outcomes"], json!({"created": 1, "skipped": 1}), "{report}");
    let all = files(&scenario);
    assert_eq!((all.len(), all[0].matches("<record>").count()), (1, 1));
    assert!(all[0].contains(&format!("(ASPACE-X){QUILTS}")), "{}", all[0]);
    let report = scenario.run("push p.toml --json --all").exits(0).json();
    assert_eq!(report["outcomes"], json!({"skipped": 2}), "the same is neither held nor written again: {report}");
    scenario.journal_is_whole();
}
