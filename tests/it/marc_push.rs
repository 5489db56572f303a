//! A real record on its way from ArchivesSpace to Alma: repaired, merged, compared, written.

use cartouche::push::bib::{Suppress, bib_body, read_bib};
use cartouche::push::bib_merge::{Kept, LeaderRule, MergeRules, difference, merge};
use cartouche::push::holding::{Holding, HoldingTemplate, changed_holding, read_holding};
use cartouche::push::item::{ItemField, changed_item, read_item};
use cartouche::push::marc::{MarcRecord, read};
use cartouche::push::marc_repairs::{Repair, RepairNote, RepairSettings, apply, reasons_to_hold};
use cartouche::push::marc_validation::{Severity, may_be_sent, validate};
use cartouche::push::own_mark::{OwnMark, Owner};
use cartouche::push::source_facts::{Identity, SourceFacts};
use cartouche::push::tag_rules::TagRules;
use std::fs;
use std::path::{Path, PathBuf};

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures").join(name)
}

fn fixture(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap()
}

/// Princeton's export, repaired as a profile with a prefix would have it.
fn princeton() -> (MarcRecord, Vec<RepairNote>) {
    let mut record = read(&fixture("archivesspace-marc-princeton-mc001-01.xml")).unwrap().whole().unwrap();
    let settings = RepairSettings { mark_prefix: Some("(ASPACE-NjP)".to_owned()), ..RepairSettings::default() };
    let identity = Identity {
        uri: Some("/repositories/3/resources/1511".to_owned()),
        created: Some("2018-09-24T10:00:00Z".to_owned()),
        ..Identity::default()
    };
    let facts = SourceFacts { identity, ..SourceFacts::default() };
    let notes = apply(&mut record, &settings, &facts);
    (record, notes)
}

fn mark() -> OwnMark {
    OwnMark::new("(ASPACE-NjP)", "/repositories/3/resources/1511").unwrap()
}

fn lines(record: &MarcRecord) -> String {
    let fields = record.fields.iter().map(|field| format!("{field}\n"));
    format!("LDR {}\n{}", record.leader, fields.collect::<String>())
}

#[test]
fn a_real_export_is_repaired_as_expected_and_may_be_sent() {
    let export = read(&fixture("archivesspace-marc-princeton-mc001-01.xml")).unwrap().whole().unwrap();
    assert!(!may_be_sent(&validate(&export)), "its empty 049 is an error");
    let (repaired, notes) = princeton();
    let expected = path("archivesspace-marc-princeton-mc001-01-repaired.txt");
    if std::env::var_os("UPDATE_EXPECTED").is_some() {
        fs::write(&expected, lines(&repaired)).unwrap();
    }
    assert_eq!(lines(&repaired), fs::read_to_string(&expected).unwrap());
    let findings = validate(&repaired);
    assert!(findings.iter().all(|finding| finding.severity == Severity::Warning), "{findings:?}");
    assert!(notes.len() > 50, "{} notes", notes.len());
    let reasons: Vec<Repair> = reasons_to_hold(&notes).map(|note| note.repair).collect();
    assert_eq!(reasons, [Repair::UnpublishedNotes], "nobody said which notes may be shown");
}

#[test]
fn a_recorded_bib_keeps_what_is_its_own_and_the_second_push_finds_nothing_to_do() {
    let bib = read_bib(&fixture("alma-rest-bib.xml")).unwrap();
    assert_eq!((bib.mms_id.as_str(), bib.suppress), ("99939650000541", Some(Suppress::Published)));
    assert_eq!(mark().owner(&bib.record), Owner::Nobody);
    let (ours, _) = princeton();
    let (tags, mark) = (TagRules::default(), mark());
    let rules = MergeRules { tags: &tags, leader: LeaderRule::FromArchivesSpace, mark: &mark };
    let merged = merge(&ours, Some(&bib.record), rules);
    assert_eq!(merged.record.control("001"), Some("99939650000541"));
    assert!(merged.record.control("008").unwrap().starts_with("841221i19171950"), "the date of entry is Alma's");
    assert_eq!(merged.record.data("035").count(), 3, "both of Alma's, and ours");
    assert_eq!(mark.owner(&merged.record), Owner::Ours);
    let body = bib_body(&merged.record, Some(&bib.mms_id), Suppress::Published, &bib.settings);
    let stored = read_bib(&body).unwrap();
    let again = merge(&ours, Some(&stored.record), rules);
    assert!(again.record.says_the_same_as(&stored.record));
    assert!(difference(Some(&stored.record), &again).iter().all(|change| change.kept == Kept::Kept));
}

#[test]
fn a_recorded_holding_and_item_keep_what_is_their_own() {
    let holding = read_holding(&fixture("alma-rest-holding.xml")).unwrap();
    assert_eq!(holding.place(), Some(("MAIN", "main")));
    let identity = Identity { ids: ["MC001.01", "", "", ""].map(str::to_owned), ..Identity::default() };
    let plan = HoldingTemplate::default().plan(("MAIN", "main"), &identity, Suppress::Published, "220403").unwrap();
    let changed = changed_holding(&holding, &plan).unwrap();
    let before = lines(&holding.record);
    let after = before.replace("852 0# $b MAIN $c main $h PG3366", "852 8# $b MAIN $c main $h MC001.01");
    assert_ne!(before, after);
    assert_eq!(lines(&changed), after, "all but the indicator and $h is as it was");
    assert_eq!(changed_holding(&Holding { record: changed.clone(), ..holding }, &plan).unwrap(), changed);

    let text = fixture("alma-rest-item.xml");
    let changed =
        changed_item(&text, &[(ItemField::Barcode, "30112"), (ItemField::InternalNote2, "Hollinger Box")]).unwrap();
    let expected = text
        .replace("<barcode>42737</barcode>", "<barcode>30112</barcode>")
        .replace("<internal_note_2></internal_note_2>", "<internal_note_2>Hollinger Box</internal_note_2>");
    assert_eq!(changed, expected, "not a byte beside the two values");
    assert_eq!(read_item(&changed).unwrap().barcode.as_deref(), Some("30112"));
}
