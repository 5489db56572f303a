use super::*;
use crate::push::marc::{DataField, Subfield};
use crate::push::source_facts::{AgentFact, DateFact, DateKind, Identity, NoteFact, RepositoryFact, SubjectFact};
use crate::push::template::Template;
use proptest::prelude::*;

#[test]
fn every_repair_has_a_name_a_line_and_its_place_in_the_table() {
    for (at, info) in all_repairs().iter().enumerate() {
        assert_eq!(info.repair as usize, at, "{}", info.name);
        assert!(
            info.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-' || byte.is_ascii_digit()),
            "{}",
            info.name
        );
        assert!(!info.documentation.is_empty() && !info.documentation.ends_with('.'), "{}", info.name);
    }
    let names: std::collections::BTreeSet<_> = all_repairs().iter().map(|info| info.name).collect();
    assert_eq!(names.len(), all_repairs().len(), "a name stands twice");
    let faults: std::collections::BTreeSet<_> = all_repairs().iter().filter_map(|info| info.fault).collect();
    assert_eq!(
        faults.into_iter().collect::<Vec<_>>(),
        (1..=24).collect::<Vec<u8>>(),
        "each of the 24 faults has a repair"
    );
}

#[test]
fn a_repair_is_switched_by_its_name_only() {
    let mut settings = RepairSettings::default();
    assert!(settings.is_on(Repair::Drop049) && !settings.is_on(Repair::IsbdPunctuation));
    settings.switch("drop-049", false).unwrap();
    settings.switch("isbd-punctuation", true).unwrap();
    assert!(!settings.is_on(Repair::Drop049) && settings.is_on(Repair::IsbdPunctuation));
    assert_eq!(settings.switch("drop-48", true), Err(UnknownRepair::Unknown("drop-48".to_owned())));
    assert_eq!(settings.switch("xml-form", false), Err(UnknownRepair::Always("xml-form")));
}

const VALUES: [&str; 40] = [
    "Papers,,",
    "Smith  Papers ",
    "1968-01-02 - 2016",
    "1984 - 2001",
    "undated",
    "Smith, Ann,",
    "1900-1980,.",
    "creator",
    "Creator.",
    "n1.",
    "http://id.loc.gov/authorities/names/n1",
    "https://viaf.org/viaf/1",
    "zzz_local",
    "pht",
    "Translation missing: en.x",
    "Dogs -- Training -- 20th century",
    "Chicago",
    "a < b and c > d",
    "a d",
    "Secret.",
    "Processing Information: ",
    "Location of resource: Vault 7.",
    "One.\n\nTwo .\n\nThree",
    "eng",
    "spa",
    "LCSH: Library of Congress Subject Headings",
    "local_x",
    "aat",
    "",
    " ",
    "2.50",
    "Linear Feet (4 boxes)",
    "Finding aid online:",
    "Archival Resource Key:",
    "https://x/ark:/1",
    "Corporation.,",
    "--",
    "1914--1918",
    "x -- ",
    "Describing Archives: A Content Standard",
];

fn any_field() -> impl Strategy<Value = Field> {
    let tags = [
        "035", "040", "041", "049", "099", "100", "110", "245", "264", "300", "351", "500", "506", "520", "541", "600",
        "650", "655", "656", "700", "852", "856",
    ];
    let value = prop_oneof![6 => prop::sample::select(VALUES.to_vec()).prop_map(str::to_owned), 1 => "[a-zA-Z0-9 .,:;<>&-]{0,12}", 1 => "([a-z]{1,9}[. \n]{1,2}){20,60}"];
    let subfield =
        (prop::sample::select(vec!["a", "b", "c", "d", "e", "f", "g", "k", "0", "1", "2", "4", "u", "z", ""]), value);
    let indicators = prop::sample::select(vec!["  ", "10", " 0", " 7", "42"]);
    let data = (prop::sample::select(tags.to_vec()), indicators, prop::collection::vec(subfield, 0..5));
    let data = data.prop_map(|(tag, indicators, subfields)| {
        let field = DataField::new(tag, indicators, &[]);
        Field::Data(DataField {
            subfields: subfields.into_iter().map(|(code, value)| Subfield::new(code, value)).collect(),
            ..field
        })
    });
    let fixed = prop::sample::select(vec![
        "220517i19842001xxu                 mul d",
        "220517i        xx                  und d",
        "",
    ]);
    prop_oneof![8 => data, 1 => fixed.prop_map(|value| Field::control("008", value))]
}

fn all_facts() -> SourceFacts {
    let note = |publish, text: &str| NoteFact {
        kind: "odd".to_owned(),
        publish,
        text: text.to_owned(),
        items: vec!["first item".to_owned(), "<x>second</x>".to_owned()],
    };
    let text = |text: &str| Some(text.to_owned());
    SourceFacts {
        identity: Identity {
            uri: text("/repositories/2/resources/1"),
            ids: ["MS".to_owned(), "7".to_owned(), String::new(), String::new()],
            created: text("2020-01-31T00:00:00Z"),
            description_rules: text("dacs"),
            finding_aid: text("https://finding.aid/1"),
            ..Identity::default()
        },
        dates: Some(vec![DateFact { kind: DateKind::Inclusive, begin: text("1968"), end: None }]),
        languages: Some(vec!["eng".to_owned(), "spa".to_owned()]),
        repository: Some(RepositoryFact { country: text("US"), region: text("CO"), org_code: text("CoDU") }),
        notes: Some(vec![note(false, "Secret."), note(true, "a < b and c > d"), note(true, "One.\n\nTwo .\n\nThree")]),
        agents: Some(vec![
            AgentFact { name: "Smith, Ann".to_owned(), publish: false, is_meeting: true },
            AgentFact { name: "Chicago".to_owned(), publish: true, is_meeting: true },
        ]),
        subjects: Some(vec![SubjectFact { terms: vec![("Chicago".to_owned(), "function".to_owned())] }]),
    }
}

fn any_settings() -> impl Strategy<Value = RepairSettings> {
    let switches = prop::collection::vec(any::<bool>(), all_repairs().len());
    (switches, any::<[bool; 4]>(), 150_usize..400).prop_map(|(switches, [split, moved, drop, hold], bytes)| {
        let mut settings = RepairSettings { mark_prefix: Some("(A)".to_owned()), ..RepairSettings::default() };
        for (info, on) in all_repairs().iter().zip(switches) {
            let _ = settings.switch(info.name, on);
        }
        settings.call_number = split.then(|| Template::parse("{id_0} {id_1}").unwrap());
        settings.notes = NoteSettings {
            paragraphs: if split { Paragraphs::Split } else { Paragraphs::Join },
            shelf_location: if moved {
                ShelfLocation::MoveTo { tag: "982".to_owned(), code: 'c' }
            } else {
                ShelfLocation::Drop
            },
            private: if drop { PrivateNotes::Drop } else { PrivateNotes::Mark },
            limit: LengthLimit { bytes, over: if hold { Over::Hold } else { Over::Split } },
        };
        settings
    })
}

/// Words of a text, without the marks between them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, ..ProptestConfig::default() })]

    /// Repairing twice is repairing once, and each word of the record is in it afterwards or in a note, whatever is switched on.
    #[test]
    fn repairs_are_done_once_and_lose_nothing_unsaid(
        fields in prop::collection::vec(any_field(), 0..8), settings in any_settings(), has_facts in any::<bool>(),
    ) {
        let facts = if has_facts { all_facts() } else { SourceFacts::default() };
        let before = MarcRecord { leader: "00000npcaa2200000 u 4500".to_owned(), fields };
        let mut once = before.clone();
        let notes = apply(&mut once, &settings, &facts);
        let said: String = notes.iter().map(|note| match &note.did {
            Did::Changed { before, .. } | Did::Dropped(before) => format!(" {before}"),
            Did::Added(_) | Did::Lacks(_) | Did::Holds(_) => String::new(),
        }).collect();
        let all = format!("{}{said}", once.fields.iter().map(|field| format!(" {field}")).collect::<String>());
        let kept: std::collections::BTreeSet<&str> = words(&all).collect();
        for field in &before.fields {
            let line = field.to_string();
            for word in words(&line) {
                prop_assert!(kept.contains(word), "{} of {}", word, field);
            }
        }
        let mut twice = once.clone();
        let again = apply(&mut twice, &settings, &facts);
        prop_assert!(twice.says_the_same_as(&once), "{:#?}\n{:?}", again, settings.notes);
        let did_something = |note: &RepairNote| !matches!(note.did, Did::Lacks(_) | Did::Holds(_));
        prop_assert!(!again.iter().any(did_something), "{:?}", again);
    }
}
