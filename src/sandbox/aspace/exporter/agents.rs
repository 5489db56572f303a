//! Names as the exporter writes them: the first public creator as main entry, the others as added entries and subjects.

use super::subjects::thesaurus;
use super::{Field, list, text};
use serde_json::Value;

pub(super) fn of(record: &Value) -> Vec<Field> {
    let is_public = |link: &&Value| link["_resolved"]["publish"] == true;
    let links: Vec<&Value> = list(record, "linked_agents").iter().filter(is_public).collect();
    let (subjects, others): (Vec<&Value>, Vec<&Value>) = links.into_iter().partition(|link| link["role"] == "subject");
    let main = others.iter().position(|link| link["role"] == "creator");
    let mut fields = Vec::new();
    for (at, link) in others.into_iter().enumerate() {
        fields.push(entry(link, if Some(at) == main { Place::Main } else { Place::Added }));
    }
    fields.extend(subjects.into_iter().map(|link| entry(link, Place::Subject)));
    fields
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Main,
    Added,
    Subject,
}

fn entry(link: &Value, place: Place) -> Field {
    let agent = &link["_resolved"];
    let name = &agent["display_name"];
    let kind = text(agent, "agent_type");
    let tag = match (kind, place) {
        ("agent_corporate_entity", Place::Main) => "110",
        ("agent_corporate_entity", Place::Added) => "710",
        ("agent_corporate_entity", Place::Subject) => "610",
        (_, Place::Main) => "100",
        (_, Place::Added) => "700",
        (_, Place::Subject) => "600",
    };
    let first = match kind {
        "agent_corporate_entity" => '2',
        "agent_family" => '3',
        _ if name["name_order"] == "direct" => '0',
        _ => '1',
    };
    let source = text(name, "source");
    let second = if place == Place::Subject { thesaurus(source) } else { ' ' };
    let field = Field::new(tag, &format!("{first}{second}"));
    let field = match place {
        Place::Main | Place::Added => role(field, link, name),
        Place::Subject => field.with("a", ended(name)),
    };
    // The raw source, be it a MARC code or not.
    let field = if second == '7' { field.with("2", source) } else { field };
    field.with_some("0", name["authority_id"].as_str())
}

/// $e by the role where no relator says more; a relator stands in $4, too (20).
fn role(field: Field, link: &Value, name: &Value) -> Field {
    let heading = text(name, "sort_name");
    let relator = link["relator"].as_str().filter(|relator| !relator.is_empty());
    let role = if link["role"] == "creator" { "creator" } else { "source" };
    match relator {
        None => field.with("a", format!("{heading},")).with("e", format!("{role}.")),
        Some(code) if code.len() == 3 => {
            let meaning = match code {
                "dnr" => "Donor.",
                "fmo" => "Former owner.",
                "pht" => "Photographer.",
                _ => "Contributor.",
            };
            field.with("a", format!("{heading},")).with("e", meaning).with("4", code)
        }
        // A code that the list of relators does not have comes without words.
        Some(other) => field.with("a", ended(name)).with("4", other),
    }
}

fn ended(name: &Value) -> String {
    let heading = text(name, "sort_name");
    if heading.ends_with(['.', ')', '-']) { heading.to_owned() } else { format!("{heading}.") }
}
