//! What repairs want to know of a resource, read from its JSON.

use super::resource::{Resource, text};
use super::source_facts::{AgentFact, DateFact, DateKind, NoteFact, RepositoryFact, SourceFacts, SubjectFact};
use serde_json::Value;

/// Agents, subjects and the repository stay "not asked" unless all of them were resolved (`resolve[]`).
pub fn facts_of(resource: &Resource) -> SourceFacts {
    let json = &resource.json;
    SourceFacts {
        identity: resource.identity.clone(),
        dates: Some(list(json, "dates").iter().map(date).collect()),
        languages: Some(languages(json)),
        repository: resolved(json.get("repository")).map(repository),
        notes: Some(notes(json)),
        agents: list(json, "linked_agents").iter().map(|link| resolved(Some(link)).map(agent)).collect(),
        subjects: list(json, "subjects").iter().map(|link| resolved(Some(link)).map(subject)).collect(),
    }
}

fn list<'v>(json: &'v Value, name: &str) -> &'v [Value] {
    json.get(name).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default()
}

fn resolved(link: Option<&Value>) -> Option<&Value> {
    link?.get("_resolved").filter(|record| record.is_object())
}

fn date(date: &Value) -> DateFact {
    let kind = match date.get("date_type").and_then(Value::as_str) {
        Some("single") => DateKind::Single,
        Some("bulk") => DateKind::Bulk,
        // `range` is the name of old versions.
        Some(_) | None => DateKind::Inclusive,
    };
    DateFact { kind, begin: text(date, "begin"), end: text(date, "end") }
}

/// `language` of the resource itself is that of versions before 2.7.
fn languages(json: &Value) -> Vec<String> {
    let nested = list(json, "lang_materials").iter();
    let nested = nested.filter_map(|material| text(material.get("language_and_script")?, "language"));
    let mut codes: Vec<String> = Vec::new();
    for code in nested.chain(text(json, "language")) {
        if !codes.contains(&code) {
            codes.push(code);
        }
    }
    codes
}

fn repository(record: &Value) -> RepositoryFact {
    let contacts = resolved(record.get("agent_representation")).map(|agent| list(agent, "agent_contacts"));
    RepositoryFact {
        country: text(record, "country"),
        region: contacts.and_then(|contacts| contacts.iter().find_map(|contact| text(contact, "region"))),
        org_code: text(record, "org_code"),
    }
}

fn agent(record: &Value) -> AgentFact {
    let name = record.get("display_name").unwrap_or(&Value::Null);
    AgentFact {
        name: text(name, "sort_name").or_else(|| text(record, "title")).unwrap_or_default(),
        publish: record.get("publish").and_then(Value::as_bool).unwrap_or(false),
        is_meeting: name.get("conference_meeting").and_then(Value::as_bool).unwrap_or(false),
    }
}

fn subject(record: &Value) -> SubjectFact {
    let term = |term: &Value| (text(term, "term").unwrap_or_default(), text(term, "term_type").unwrap_or_default());
    SubjectFact { terms: list(record, "terms").iter().map(term).collect() }
}

/// The notes of the resource and of its languages, in their order.
fn notes(json: &Value) -> Vec<NoteFact> {
    let of_languages = list(json, "lang_materials").iter().flat_map(|material| list(material, "notes"));
    list(json, "notes").iter().chain(of_languages).flat_map(of_note).collect()
}

/// A note as one fact, and each part of it that is kept from the public as one of its own.
fn of_note(note: &Value) -> Vec<NoteFact> {
    let kind = text(note, "type").unwrap_or_default();
    let publish = note.get("publish").and_then(Value::as_bool).unwrap_or(false);
    let is_public = |part: &&Value| part.get("publish").and_then(Value::as_bool).unwrap_or(false);
    let (shown, hidden): (Vec<&Value>, Vec<&Value>) = list(note, "subnotes").iter().partition(is_public);
    let whole = list(note, "content").iter().filter_map(Value::as_str).map(str::to_owned);
    let texts: Vec<String> = whole.chain(shown.iter().filter_map(|part| text(part, "content"))).collect();
    let items: Vec<String> = shown.iter().flat_map(|part| items_of(part)).collect();
    let mut facts = vec![NoteFact { kind: kind.clone(), publish, text: texts.join("\n\n"), items }];
    facts.extend(hidden.into_iter().map(|part| NoteFact {
        kind: kind.clone(),
        publish: false,
        text: text(part, "content").unwrap_or_default(),
        items: items_of(part),
    }));
    facts.retain(|fact| !fact.text.is_empty() || !fact.items.is_empty());
    facts
}

/// Ordered lists hold texts, defined lists pairs, chronologies dates with their events.
fn items_of(part: &Value) -> Vec<String> {
    let item = |item: &Value| {
        let events: Vec<&str> = list(item, "events").iter().filter_map(Value::as_str).collect();
        let said = match text(item, "value") {
            Some(value) => value,
            None => events.join(", "),
        };
        match (item.as_str(), text(item, "label").or_else(|| text(item, "event_date"))) {
            (Some(plain), _) => plain.to_owned(),
            (None, Some(label)) => format!("{label}: {said}"),
            (None, None) => said,
        }
    };
    list(part, "items").iter().map(item).filter(|text| !text.trim().is_empty()).collect()
}
