//! Reads a fixture of a repair: facts, settings, and the record before (`-`, `=`) and after (`+`, `=`).

use cartouche::push::marc::{DataField, Field, MarcRecord};
use cartouche::push::marc_repairs::{LengthLimit, Over, Paragraphs, PrivateNotes, RepairSettings, ShelfLocation};
use cartouche::push::source_facts::{
    AgentFact, DateFact, DateKind, NoteFact, RepositoryFact, SourceFacts, SubjectFact,
};
use cartouche::push::template::Template;

/// One fault and what becomes of it.
pub struct Case {
    pub name: String,
    pub facts: SourceFacts,
    pub settings: RepairSettings,
    pub has_isbd: bool,
    pub before: MarcRecord,
    pub after: MarcRecord,
    /// What the repair says beside its changes: `lacks 008`.
    pub notes: Vec<String>,
}

const LEADER: &str = "00000npcaa2200000 u 4500";

impl Case {
    pub fn parse(name: &str, text: &str) -> Self {
        let record = || MarcRecord { leader: LEADER.to_owned(), fields: Vec::new() };
        let mut case = Case {
            name: name.lines().next().unwrap_or_default().to_owned(),
            facts: SourceFacts::default(),
            settings: RepairSettings::default(),
            has_isbd: false,
            before: record(),
            after: record(),
            notes: Vec::new(),
        };
        let mut orders = 0;
        for line in text.lines() {
            // A blank at the end of a line is written so that editors let it be.
            let line = line.replace('␠', " ").replace("\\n", "\n");
            let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
            match word {
                "from:" | "synthetic:" => {}
                "fact" => fact(&mut case.facts, rest),
                "set" => case.set(rest),
                "note" => case.notes.push(rest.to_owned()),
                "-" => add(&mut case.before, rest),
                "+" => add(&mut case.after, rest),
                "=" => {
                    add(&mut case.before, rest);
                    add(&mut case.after, rest);
                }
                "order" => {
                    let record = if orders == 0 { &mut case.before } else { &mut case.after };
                    rest.split(" | ").for_each(|line| add(record, line));
                    orders += 1;
                }
                other => panic!("{name}: `{other}`"),
            }
        }
        case
    }

    fn set(&mut self, text: &str) {
        let (key, value) = text.split_once(' ').expect("a key and a value");
        let notes = &mut self.settings.notes;
        match (key, value) {
            ("isbd", "on") => self.has_isbd = true,
            ("mark-prefix", prefix) => self.settings.mark_prefix = Some(prefix.to_owned()),
            ("call-number", template) => self.settings.call_number = Some(Template::parse(template).unwrap()),
            ("bulk-word", word) => self.settings.bulk_word = word.to_owned(),
            ("finding-aid-label", label) => self.settings.finding_aid_label = label.to_owned(),
            ("source", pair) => {
                let (name, code) = pair.split_once('=').expect("name=code");
                self.settings.subject_sources.insert(name.to_owned(), code.to_owned());
            }
            ("paragraphs", "split") => notes.paragraphs = Paragraphs::Split,
            ("private", "drop") => notes.private = PrivateNotes::Drop,
            ("limit", bytes) => notes.limit = LengthLimit { bytes: bytes.parse().unwrap(), ..notes.limit },
            ("over", "hold") => notes.limit.over = Over::Hold,
            ("shelf-location", "982 c") => {
                notes.shelf_location = ShelfLocation::MoveTo { tag: "982".to_owned(), code: 'c' };
            }
            (key, value) => panic!("`{key}` `{value}`"),
        }
    }
}

fn fact(facts: &mut SourceFacts, text: &str) {
    let (key, value) = text.split_once(' ').expect("a key and a value");
    let some = || Some(value.to_owned()).filter(|value| !value.is_empty());
    match key {
        "uri" => facts.identity.uri = some(),
        "created" => facts.identity.created = some(),
        "rules" => facts.identity.description_rules = some(),
        "finding-aid" => facts.identity.finding_aid = some(),
        "ids" => value.split(' ').zip(&mut facts.identity.ids).for_each(|(id, place)| id.clone_into(place)),
        "country" => repository(facts).country = some(),
        "region" => repository(facts).region = some(),
        "org-code" => repository(facts).org_code = some(),
        "dates" => facts.dates = Some(Vec::new()),
        "date" => facts.dates.get_or_insert_default().push(date(value)),
        "languages" if value == "none" => facts.languages = Some(Vec::new()),
        "languages" => facts.languages = Some(value.split(' ').map(str::to_owned).collect()),
        "notes" => facts.notes = Some(Vec::new()),
        "note" => facts.notes.get_or_insert_default().push(note(value)),
        "agent" => facts.agents.get_or_insert_default().push(agent(value)),
        "subject" => facts.subjects.get_or_insert_default().push(subject(value)),
        other => panic!("`{other}`"),
    }
}

fn repository(facts: &mut SourceFacts) -> &mut RepositoryFact {
    facts.repository.get_or_insert_default()
}

fn date(text: &str) -> DateFact {
    let mut words = text.split(' ');
    let kind = match words.next() {
        Some("single") => DateKind::Single,
        Some("inclusive") => DateKind::Inclusive,
        Some("bulk") => DateKind::Bulk,
        other => panic!("{other:?}"),
    };
    DateFact { kind, begin: words.next().map(str::to_owned), end: words.next().map(str::to_owned) }
}

/// `published KIND TEXT | ITEM | ITEM`.
fn note(text: &str) -> NoteFact {
    let (publish, rest) = text.split_once(' ').unwrap();
    let (kind, rest) = rest.split_once(' ').unwrap();
    let mut parts = rest.split(" | ").map(str::to_owned);
    let text = parts.next().unwrap();
    NoteFact { kind: kind.to_owned(), publish: publish == "published", text, items: parts.collect() }
}

fn agent(text: &str) -> AgentFact {
    let (what, name) = text.split_once(' ').unwrap();
    AgentFact { name: name.to_owned(), publish: what != "unpublished", is_meeting: what == "meeting" }
}

/// `topical:Painting; geographic:Barbizon`.
fn subject(text: &str) -> SubjectFact {
    let term = |term: &str| {
        let (kind, term) = term.split_once(':').unwrap();
        (term.to_owned(), kind.to_owned())
    };
    SubjectFact { terms: text.split("; ").map(term).collect() }
}

/// A line as `Field` shows it: `245 10 $a Title`, `008 …`, `LDR …`.
fn add(record: &mut MarcRecord, line: &str) {
    let (tag, rest) = line.split_at(3);
    if tag == "LDR" {
        record.leader = rest[1..].to_owned();
    } else if tag.starts_with("00") {
        record.fields.push(Field::control(tag, &rest[1..]));
    } else {
        let indicators = rest[1..3].replace('#', " ");
        let parts = rest[3..].split(" $").skip(1);
        let subfields: Vec<(&str, &str)> = parts.map(|part| part.split_once(' ').unwrap_or((part, ""))).collect();
        record.fields.push(Field::Data(DataField::new(tag, &indicators, &subfields)));
    }
}
