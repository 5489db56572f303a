//! Representations of a bib, remote ones above all: how Alma points at IEs of Rosetta.

use super::asked::{Asked, Done};
use super::catalogue::{Catalogue, Representation, created_on};
use super::places;
use super::refusal::Refusal;
use super::shape::{Member, Shape};
use crate::xml::tree::tree;
use serde_json::Value;
use std::collections::BTreeMap;

/// The remote repository that this Alma knows.
pub const REPOSITORY: &str = "ROSETTA";
const DELIVERY: &str = "https://rosetta.example.org/delivery/DeliveryManagerServlet?dps_pid=";
const USAGE_TYPES: [(&str, &str); 4] = [
    ("PRESERVATION_MASTER", "Master"),
    ("MODIFIED_MASTER", "Modified Master"),
    ("DERIVATIVE_COPY", "Derivative"),
    ("AUXILIARY", "Auxiliary"),
];

/// What a client may send.
const FIELDS: [&str; 11] = [
    "library",
    "label",
    "public_note",
    "usage_type",
    "repository",
    "originating_record_id",
    "linking_parameter_1",
    "linking_parameter_2",
    "linking_parameter_3",
    "linking_parameter_4",
    "linking_parameter_5",
];

pub(super) fn list(catalogue: &Catalogue, mms: &str, asked: &Asked) -> Result<Done, Refusal> {
    let (limit, offset) = asked.page()?;
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let wanted = asked.option("originating_record_id");
    let of = |one: &&Representation| {
        wanted.is_none_or(|id| one.data.get("originating_record_id").is_some_and(|it| it == id))
    };
    let all: Vec<&Representation> = bib.representations.iter().filter(of).collect();
    let page: Vec<Shape> = all.iter().skip(offset).take(limit).map(|one| line(mms, one, asked)).collect();
    let mut members = vec![Shape::count(all.len())];
    if !page.is_empty() {
        members.push(("representation", Shape::Many(page)));
    }
    Ok(Done::Told("representations", Shape::Object(members)))
}

pub(super) fn read(catalogue: &Catalogue, mms: &str, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let one = bib.representations.iter().find(|one| one.id == id);
    let one = one.ok_or_else(|| Refusal::new("401873", "Representation not found"))?;
    Ok(Done::Told("representation", whole(mms, one, asked)))
}

pub(super) fn create(catalogue: &mut Catalogue, mms: &str, asked: &Asked) -> Result<Done, Refusal> {
    let (is_remote, data) = sent(asked)?;
    catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let mandatory: &[&str] = if is_remote {
        &["library", "usage_type", "repository", "originating_record_id"]
    } else {
        &["library", "usage_type"]
    };
    if let Some(missing) = mandatory.iter().find(|name| !data.contains_key(*name)) {
        return Err(Refusal::missing_field(missing));
    }
    let of = |name: &str| data.get(name).map(String::as_str).unwrap_or_default();
    if places::library_name(of("library")).is_none() {
        return Err(Refusal::new("402469", format!("The library code {} is not valid.", of("library"))));
    }
    if !USAGE_TYPES.iter().any(|(code, _)| *code == of("usage_type")) {
        return Err(Refusal::failed(format!("Invalid usage_type code: {}", of("usage_type"))));
    }
    if is_remote && of("repository") != REPOSITORY {
        return Err(Refusal::failed(format!("Invalid repository code: {}", of("repository"))));
    }
    if catalogue.wants_collection && !catalogue.collections.values().any(|bibs| bibs.contains(mms)) {
        return Err(Refusal::new("402260", "Bib is not assigned to a collection"));
    }
    let id = catalogue.number(if is_remote { "32" } else { "12" });
    let one = Representation { id: id.clone(), is_remote, data, created: asked.now };
    if let Some(bib) = catalogue.bibs.get_mut(mms) {
        bib.representations.push(one);
    }
    catalogue.unpublished.insert(mms.to_owned());
    read(catalogue, mms, &id, asked)
}

/// What becomes of a bib without inventory is said by `bibs`; only that it stays is played.
pub(super) fn delete(catalogue: &mut Catalogue, mms: &str, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    if asked.option("bibs").is_some_and(|what| what != "retain") {
        return Err(Refusal::new("402215", "The value of bibs is not supported."));
    }
    let bib = catalogue.bibs.get_mut(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let at = bib.representations.iter().position(|one| one.id == id);
    let at = at.ok_or_else(|| Refusal::new("401873", "Representation not found"))?;
    bib.representations.remove(at);
    catalogue.unpublished.insert(mms.to_owned());
    Ok(Done::Nothing)
}

/// The representation as Alma publishes it beside its bib.
pub(super) fn published(one: &Representation) -> crate::sandbox::alma::Representation {
    let of = |name: &str| one.data.get(name).cloned();
    let target = of("linking_parameter_1").unwrap_or_default();
    crate::sandbox::alma::Representation {
        originating_record_id: of("originating_record_id"),
        delivery_url: format!("{DELIVERY}{target}"),
        label: of("label"),
        local: !one.is_remote,
    }
}

/// `POST /bibs/collections/{id}/bibs` with the MMS ID.
pub(super) fn add_to_collection(catalogue: &mut Catalogue, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    let invalid = |why: String| Refusal::new("402209", format!("Given bib xml is invalid: {why}"));
    let root = tree(asked.xml_body()?).map_err(|error| invalid(error.to_string()))?;
    let mms = root.text_of("mms_id").ok_or_else(|| Refusal::missing_field("mms_id"))?;
    catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    catalogue.collections.entry(id.to_owned()).or_default().insert(mms.to_owned());
    Ok(Done::Told("bib", Shape::Object(vec![("mms_id", Shape::text(mms))])))
}

fn sent(asked: &Asked) -> Result<(bool, BTreeMap<&'static str, String>), Refusal> {
    let invalid = |why: String| Refusal::failed(format!("the representation is invalid: {why}"));
    let mut data = BTreeMap::new();
    let mut is_remote = None;
    if asked.body_is_json {
        let root: Value = serde_json::from_str(&asked.body).map_err(|error| invalid(error.to_string()))?;
        let text = |name: &str| {
            let value = root.get(name)?;
            Some(match value.get("value").unwrap_or(value) {
                Value::String(text) => text.clone(),
                Value::Bool(flag) => flag.to_string(),
                _ => return None,
            })
        };
        is_remote = text("is_remote");
        data.extend(FIELDS.iter().filter_map(|name| Some((*name, text(name)?))));
    } else {
        let root = tree(&asked.body).map_err(|error| invalid(error.to_string()))?;
        if root.local != "representation" {
            return Err(invalid(format!("the root is {}", root.local)));
        }
        is_remote = is_remote.or_else(|| root.attribute("is_remote").map(str::to_owned));
        data.extend(FIELDS.iter().filter_map(|name| Some((*name, root.text_of(name)?.to_owned()))));
    }
    data.retain(|_, value: &mut String| !value.is_empty());
    let is_remote = is_remote.ok_or_else(|| Refusal::missing_field("is_remote"))?;
    Ok((is_remote == "true", data))
}

fn link(mms: &str, one: &Representation, asked: &Asked) -> Member {
    Shape::link(asked.link(&format!("/bibs/{mms}/representations/{}", one.id)))
}

fn repository(one: &Representation) -> Shape {
    let code = one.data.get("repository").cloned().unwrap_or_default();
    let meaning = (code == REPOSITORY).then_some("Rosetta");
    Shape::Code(code, meaning)
}

fn text(one: &Representation, name: &str) -> Shape {
    Shape::Text(one.data.get(name).cloned().unwrap_or_default())
}

fn line(mms: &str, one: &Representation, asked: &Asked) -> Shape {
    Shape::Object(vec![
        ("is_remote", Shape::attribute(Shape::Flag(one.is_remote))),
        link(mms, one, asked),
        ("id", Shape::text(&one.id)),
        ("label", text(one, "label")),
        ("active", Shape::Code("true".to_owned(), Some("Active"))),
        ("repository", repository(one)),
        ("originating_record_id", text(one, "originating_record_id")),
    ])
}

fn whole(mms: &str, one: &Representation, asked: &Asked) -> Shape {
    let library = one.data.get("library").cloned().unwrap_or_default();
    let library_name = places::library_name(&library);
    let usage = one.data.get("usage_type").cloned().unwrap_or_default();
    let usage_name = USAGE_TYPES.iter().find(|(code, _)| *code == usage).map(|(_, name)| *name);
    let target = one.data.get("linking_parameter_1").map(|pid| format!("{DELIVERY}{pid}")).unwrap_or_default();
    let thumbnail = if target.is_empty() { String::new() } else { format!("{target}&dps_func=thumbnail") };
    let day = created_on(one.created);
    let mut members = vec![
        ("is_remote", Shape::attribute(Shape::Flag(one.is_remote))),
        link(mms, one, asked),
        ("id", Shape::text(&one.id)),
        ("library", Shape::Code(library, library_name)),
        ("label", text(one, "label")),
        ("public_note", text(one, "public_note")),
        ("usage_type", Shape::Code(usage, usage_name)),
        ("active", Shape::Code("true".to_owned(), Some("Active"))),
        ("delivery_url", Shape::Text(target)),
        ("thumbnail_url", Shape::Text(thumbnail)),
        ("repository", repository(one)),
    ];
    if one.is_remote {
        members.extend(FIELDS[5..].iter().map(|name| (*name, text(one, name))));
    }
    members.extend([
        ("created_by", Shape::text("exl_api")),
        ("created_date", Shape::text(&day)),
        ("last_modified_by", Shape::text("exl_api")),
        ("last_modified_date", Shape::text(&day)),
    ]);
    Shape::Object(members)
}
