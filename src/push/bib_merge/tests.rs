use super::*;
use crate::push::marc::{DataField, TagPattern};
use crate::push::tag_rules::LocalMarks;
use proptest::prelude::*;

const LEADER: &str = "00000npcaa2200000 u 4500";
const ALMA_LEADER: &str = "01726nam a2200553 i 4500";

fn mark() -> OwnMark {
    OwnMark::new("(ASPACE-INST)", "/repositories/2/resources/1").unwrap()
}

/// A record from lines: `245 10 $a Title $b rest`, or `008 value`; a blank indicator is `#`.
fn record(leader: &str, lines: &[&str]) -> MarcRecord {
    MarcRecord { leader: leader.to_owned(), fields: lines.iter().map(|line| field(line)).collect() }
}

fn field(line: &str) -> Field {
    let (tag, rest) = line.split_at(3);
    if tag.starts_with("00") {
        return Field::control(tag, &rest[1..]);
    }
    let indicators = rest[1..3].replace('#', " ");
    let subfields: Vec<(&str, &str)> = rest[3..].split(" $").skip(1).map(|part| (&part[..1], &part[2..])).collect();
    Field::Data(DataField::new(tag, &indicators, &subfields))
}

fn rules(rules: &[(&str, TagRule)]) -> TagRules {
    let rules = rules.iter().map(|(tag, rule)| (TagPattern::parse(tag).unwrap(), *rule)).collect();
    TagRules::new(rules, LocalMarks::default()).unwrap()
}

fn merged(ours: &MarcRecord, alma: Option<&MarcRecord>, tags: &TagRules) -> Merged {
    merge(ours, alma, MergeRules { tags, leader: LeaderRule::FromArchivesSpace, mark: &mark() })
}

/// Merges, compares the fields but for our own 035, and merges the result once more.
fn check(tags: &TagRules, ours: &[&str], alma: &[&str], expected: &[&str], lost: &[&str]) {
    let (ours, alma) = (record(LEADER, ours), record(ALMA_LEADER, alma));
    let result = merged(&ours, Some(&alma), tags);
    let shown = |fields: &[Field]| fields.iter().filter(|f| !mark().is(f)).map(Field::to_string).collect::<Vec<_>>();
    assert_eq!(shown(&result.record.fields), expected);
    assert_eq!(shown(&result.lost), lost);
    assert_eq!(result.sources.len(), result.record.fields.len());
    assert_eq!(result.record.fields.iter().filter(|field| mark().is(field)).count(), 1, "our 035 stands once");
    let again = merged(&ours, Some(&result.record), tags);
    assert_eq!(again.record, result.record, "a second merge changes nothing");
    assert_eq!(again.lost, []);
}

#[test]
fn what_is_described_comes_from_archivesspace_and_what_is_local_stays() {
    check(
        &TagRules::default(),
        &["245 10 $a New", "520 2# $a Scope", "949 ## $a not sent"],
        &[
            "035 ## $a (OCoLC)1",
            "245 10 $a Old",
            "500 ## $a gone",
            "500 ## $a ours $5 NjP",
            "097 ## $a x $9 LOCAL",
            "590 ## $a y",
            "982 ## $c s",
        ],
        &[
            "035 ## $a (OCoLC)1",
            "097 ## $a x $9 LOCAL",
            "245 10 $a New",
            "500 ## $a ours $5 NjP",
            "520 2# $a Scope",
            "590 ## $a y",
            "982 ## $c s",
        ],
        &["245 10 $a Old", "500 ## $a gone"],
    );
}

#[test]
fn each_rule_decides_about_its_tags() {
    let ours = ["650 #0 $a Dogs.", "650 #0 $a Cats"];
    let alma = ["650 #0 $a Dogs", "650 #0 $a Birds $5 NjP"];
    let under =
        |rule: TagRule, expected: &[&str], lost: &[&str]| check(&rules(&[("650", rule)]), &ours, &alma, expected, lost);
    under(
        TagRule::FromArchivesSpace,
        &["650 #0 $a Dogs.", "650 #0 $a Cats"],
        &["650 #0 $a Dogs", "650 #0 $a Birds $5 NjP"],
    );
    under(TagRule::KeepLocal, &["650 #0 $a Dogs.", "650 #0 $a Cats", "650 #0 $a Birds $5 NjP"], &["650 #0 $a Dogs"]);
    under(TagRule::FromAlma, &["650 #0 $a Dogs", "650 #0 $a Birds $5 NjP"], &[]);
    under(TagRule::Union, &["650 #0 $a Dogs", "650 #0 $a Birds $5 NjP", "650 #0 $a Cats"], &[]);
}

#[test]
fn control_numbers_are_never_archivesspaces_and_the_date_of_entry_stays_almas() {
    check(
        &TagRules::default(),
        &["001 991", "003 X", "005 2022", "008 220517i19171950xx                  eng d"],
        &["001 99939650000541", "005 20160708100524.0", "007 ta", "008 841221s1942    paua          000 1 eng d"],
        &["001 99939650000541", "005 20160708100524.0", "007 ta", "008 841221i19171950xx                  eng d"],
        &[],
    );
    let ours = record(LEADER, &["001 991", "008 220517i19171950xx                  eng d"]);
    let created = merged(&ours, None, &TagRules::default());
    let shown: Vec<String> = created.record.fields.iter().map(Field::to_string).collect();
    assert_eq!(
        shown,
        ["008 220517i19171950xx                  eng d", "035 ## $a (ASPACE-INST)/repositories/2/resources/1"]
    );
    assert_eq!(created.record.leader, LEADER);
    assert_eq!((created.sources[1], created.not_sent.len()), (Source::Ours, 1));
}

#[test]
fn our_own_035_is_there_once_whatever_the_rule_says() {
    let value = "035 ## $a (ASPACE-INST)/repositories/2/resources/1";
    let old = "035 ## $a (ASPACE-INST)oai:archivesspace//repositories/2/resources/1";
    for rule in TagRule::ALL {
        let tags = rules(&[("035", rule)]);
        for (ours, alma) in [
            (vec![], vec![]),
            (vec![value], vec![]),
            (vec![], vec![value]),
            (vec![value, value], vec![value, value]),
            (vec![value], vec![old]),
        ] {
            check(&tags, &ours, &alma, &[], &[]);
        }
        let other = record(ALMA_LEADER, &["035 ## $a (ASPACE-INST)/repositories/2/resources/2"]);
        assert!(matches!(mark().owner(&other), crate::push::own_mark::Owner::Other(_)));
    }
}

#[test]
fn the_leader_is_almas_but_for_what_archivesspace_describes() {
    let leader = |rule: LeaderRule, ours: &[&str], alma: &[&str]| {
        let (ours, alma) = (record(LEADER, ours), record(ALMA_LEADER, alma));
        merge(&ours, Some(&alma), MergeRules { tags: &TagRules::default(), leader: rule, mark: &mark() }).record.leader
    };
    let described = leader(LeaderRule::FromArchivesSpace, &["245 00 $a x"], &["245 00 $a y"]);
    assert_eq!(described, "01726cpcaa2200553 u 4500");
    assert_eq!(leader(LeaderRule::FromAlma, &["245 00 $a x"], &["245 00 $a y"]), "01726cam a2200553 i 4500");
    let same = ["035 ## $a (ASPACE-INST)/repositories/2/resources/1", "245 00 $a y"];
    assert_eq!(
        leader(LeaderRule::FromAlma, &["245 00 $a y"], &same),
        ALMA_LEADER,
        "what changes nothing changes no status"
    );
}

#[test]
fn the_difference_shows_each_field_once_with_its_origin() {
    let ours = record(LEADER, &["245 10 $a A new title", "500 ## $a papers of a painter", "520 2# $a Scope"]);
    let alma = record(
        ALMA_LEADER,
        &[
            "035 ## $a (OCoLC)1",
            "245 10 $a An old title",
            "500 ## $a unrelated",
            "500 ## $a papers of the painter",
            "541 ## $a Gift",
        ],
    );
    let result = merged(&ours, Some(&alma), &TagRules::default());
    let shown: Vec<String> = difference(Some(&alma), &result)
        .into_iter()
        .map(|change| {
            format!(
                "{:?} {} {:?}",
                change.kept,
                change.before.as_deref().or(change.after.as_deref()).unwrap(),
                change.source
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "Changed 01726nam a2200553 i 4500 None",
            "Kept 035 ## $a (OCoLC)1 Some(Alma)",
            "Added 035 ## $a (ASPACE-INST)/repositories/2/resources/1 Some(Ours)",
            "Changed 245 10 $a An old title Some(ArchivesSpace)",
            "Changed 500 ## $a papers of the painter Some(ArchivesSpace)",
            "Removed 500 ## $a unrelated None",
            "Added 520 2# $a Scope Some(ArchivesSpace)",
            "Removed 541 ## $a Gift None",
        ]
    );
    let new = merged(&ours, None, &TagRules::default());
    assert!(difference(None, &new).iter().all(|change| change.kept == Kept::Added && change.before.is_none()));
}

fn any_fields() -> impl Strategy<Value = Vec<String>> {
    let data = (
        "(035|245|500|590|650|949)",
        "[0-9#]{2}",
        "[ab59]",
        "(local|x|y.|y|\\(ASPACE-INST\\)/repositories/2/resources/[12])",
    );
    let data = data.prop_map(|(tag, indicators, code, value)| format!("{tag} {indicators} ${code} {value}"));
    let control = "(001|005|007|008) (220517i1968|841221s19|x)";
    prop::collection::vec(prop_oneof![4 => data, 1 => control.prop_map(|text: String| text)], 0..8)
}

fn any_rules() -> impl Strategy<Value = TagRules> {
    let rule = prop::sample::select(TagRule::ALL.to_vec());
    (rule.clone(), rule.clone(), rule)
        .prop_map(|(one, two, three)| rules(&[("035", one), ("9XX", two), ("650", three)]))
}

proptest! {
    /// The promises of a merge for any two records and any rules.
    #[test]
    fn a_merge_is_stable_ordered_and_loses_nothing_unsaid(ours in any_fields(), alma in any_fields(), tags in any_rules()) {
        let lines = |lines: &[String]| lines.iter().map(|line| field(line)).collect::<Vec<_>>();
        let ours = MarcRecord { leader: LEADER.to_owned(), fields: lines(&ours) };
        let alma = MarcRecord { leader: ALMA_LEADER.to_owned(), fields: lines(&alma) };
        let result = merged(&ours, Some(&alma), &tags);
        let again = merged(&ours, Some(&result.record), &tags);
        prop_assert_eq!(&again.record, &result.record);
        let mut sorted = result.record.clone();
        sorted.sort();
        prop_assert_eq!(&sorted, &result.record);
        prop_assert_eq!(result.record.fields.iter().filter(|field| mark().is(field)).count(), 1);
        for field in &alma.fields {
            let count = |fields: &[Field]| fields.iter().filter(|other| *other == field).count();
            let is_said = count(&result.record.fields) + count(&result.lost) >= count(&alma.fields);
            prop_assert!(is_said || field.tag() == "008", "{}", field);
        }
        for field in ours.fields.iter().filter(|field| !mark().is(field) && field.tag() != "008") {
            let is_there = result.record.fields.iter().any(|other| other == field || is_same(other, field));
            prop_assert!(is_there || result.not_sent.contains(field), "{}", field);
        }
        let shown = difference(Some(&alma), &result);
        prop_assert_eq!(shown.iter().filter(|c| c.after.is_some()).count(), result.record.fields.len() + 1);
        prop_assert_eq!(shown.iter().filter(|c| c.before.is_some()).count(), alma.fields.len() + 1);
    }
}
