//! Each repair of ArchivesSpace's MARC, proven on the fault that it is for.

mod case;

use cartouche::push::marc::MarcRecord;
use cartouche::push::marc_repairs::{Did, Repair, RepairInfo, RepairNote, RepairSettings, Switch, all_repairs, apply};
use case::Case;
use std::fs;
use std::path::{Path, PathBuf};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn folder() -> PathBuf {
    Path::new(ROOT).join("tests/it/fixtures/marc-repairs")
}

/// The cases of a repair: `tests/it/fixtures/marc-repairs/NAME.txt`.
fn cases(info: &RepairInfo) -> Vec<Case> {
    let path = folder().join(format!("{}.txt", info.name));
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    text.split("----\n").map(|case| Case::parse(&format!("{}: {}", info.name, case.trim()), case)).collect()
}

/// The settings of a case with this repair alone switched on.
fn only(repair: Repair, case: &Case) -> RepairSettings {
    let mut settings = case.settings.clone();
    for info in all_repairs().iter().filter(|info| info.switch != Switch::Always) {
        let is_asked = info.repair == repair || (case.has_isbd && info.repair == Repair::IsbdPunctuation);
        settings.switch(info.name, is_asked).unwrap();
    }
    settings
}

fn changes(notes: &[RepairNote], repair: Repair) -> Vec<&Did> {
    let done = |did: &&Did| !matches!(did, Did::Lacks(_) | Did::Holds(_));
    notes.iter().filter(|note| note.repair == repair).map(|note| &note.did).filter(done).collect()
}

fn same(one: &MarcRecord, other: &MarcRecord, name: &str) {
    let lines = |record: &MarcRecord| {
        let mut lines: Vec<String> = record.fields.iter().map(ToString::to_string).collect();
        lines.sort();
        lines.insert(0, record.leader.clone());
        lines.join("\n")
    };
    assert_eq!(lines(one), lines(other), "{name}");
}

#[test]
fn each_repair_repairs_its_fault_once_and_leaves_a_good_record_alone() {
    for info in all_repairs() {
        for case in cases(info) {
            let settings = only(info.repair, &case);
            let mut record = case.before.clone();
            let notes = apply(&mut record, &settings, &case.facts);
            same(&record, &case.after, &case.name);
            let is_repaired = !case.before.says_the_same_as(&case.after);
            assert_eq!(!changes(&notes, info.repair).is_empty(), is_repaired, "a change is told: {}", case.name);
            let again = apply(&mut record, &settings, &case.facts);
            same(&record, &case.after, &format!("again: {}", case.name));
            assert!(changes(&again, info.repair).is_empty(), "a good record is left alone: {again:?}");
        }
    }
}

#[test]
fn a_repair_that_lacks_a_fact_or_must_not_act_says_so() {
    for info in all_repairs() {
        for case in cases(info) {
            let notes = apply(&mut case.before.clone(), &only(info.repair, &case), &case.facts);
            let said = notes.iter().filter(|note| note.repair == info.repair).filter_map(|note| match &note.did {
                Did::Lacks(_) => Some(format!("lacks {}", note.tag)),
                Did::Holds(_) => Some(format!("holds {}", note.tag)),
                Did::Changed { .. } | Did::Added(_) | Did::Dropped(_) => None,
            });
            assert_eq!(said.collect::<Vec<_>>(), case.notes, "{}", case.name);
        }
    }
}

#[test]
fn a_repair_that_is_off_touches_nothing() {
    for info in all_repairs().iter().filter(|info| info.switch != Switch::Always) {
        for case in cases(info) {
            let mut settings = only(info.repair, &case);
            settings.switch(info.name, false).unwrap();
            settings.switch("isbd-punctuation", false).unwrap();
            let mut record = case.before.clone();
            assert_eq!(apply(&mut record, &settings, &case.facts), [], "{}", case.name);
            assert_eq!(record, case.before, "{}", case.name);
        }
    }
}

#[test]
fn each_fault_has_a_case_that_shows_it_and_no_fixture_is_forgotten() {
    for info in all_repairs() {
        let is_shown = cases(info).iter().any(|case| case.before != case.after);
        assert!(is_shown || info.switch == Switch::Always, "{} repairs nothing", info.name);
    }
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        assert!(all_repairs().iter().any(|info| info.name == name), "{} is of no repair", path.display());
    }
}

#[test]
fn the_table_in_the_readme_is_the_program_s() {
    let readme = fs::read_to_string(Path::new(ROOT).join("README.md")).unwrap();
    let (_, section) = readme.split_once("### Push: MARC repairs\n").expect("README.md has the section");
    let section = section.split("\n#").next().unwrap();
    let shown: Vec<&str> = section.lines().filter(|line| line.starts_with("| `")).collect();
    let row = |info: &RepairInfo| {
        let switch = match info.switch {
            Switch::On => "on",
            Switch::Off => "off",
            Switch::Always => "always",
        };
        let fault = info.fault.map_or("–".to_owned(), |fault| fault.to_string());
        format!("| `{}` | {switch} | {fault} | {} |", info.name, info.documentation)
    };
    let expected: Vec<String> = all_repairs().iter().map(row).collect();
    assert_eq!(shown, expected, "README.md should have:\n{}", expected.join("\n"));
}
