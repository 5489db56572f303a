//! ArchivesSpace's MARCXML as its exporter makes it, faults and all: the push is there to put them right.
//!
//! Held against six exports of the real exporter (4.2) of the same records; what it does wrong is on purpose.

mod agents;
mod notes;
mod subjects;

use super::Aspace;
use super::lists::{in_repository, not_found};
use super::records::{Records, system_mtime};
use super::refusal::Refusal;
use super::resolve::resolved;
use crate::model::time::Granularity;
use crate::sandbox::xml::{self, Writer};
use crate::web::serve::Response;
use serde_json::Value;

/// A field with two indicators and its subfields; an empty code is one of the faults.
pub(super) struct Field {
    tag: &'static str,
    indicators: String,
    subfields: Vec<(String, String)>,
}

impl Field {
    fn new(tag: &'static str, indicators: &str) -> Self {
        Field { tag, indicators: indicators.to_owned(), subfields: Vec::new() }
    }

    fn with(mut self, code: &str, value: impl Into<String>) -> Self {
        self.subfields.push((code.to_owned(), value.into()));
        self
    }

    /// Nothing is written of what is missing.
    fn with_some(self, code: &str, value: Option<&str>) -> Self {
        match value.filter(|value| !value.is_empty()) {
            Some(value) => self.with(code, value),
            None => self,
        }
    }
}

/// `marc21/15.xml`.
pub(super) fn marc21(aspace: &Aspace, repository: &str, file: &str) -> Result<Response, Refusal> {
    in_repository(&aspace.records, repository)?;
    let number = file.strip_suffix(".xml").ok_or_else(Refusal::no_such_path)?;
    let segments = ["repositories", repository, "resources", number].map(str::to_owned);
    let record = aspace.records.get(&format!("/{}", segments.join("/"))).ok_or_else(|| not_found(&segments))?;
    Ok(Response::new(200, "application/xml", collection(&aspace.records, record)))
}

/// The whole document, without its declaration when it stands in an OAI-PMH answer: nobody misses it elsewhere.
pub(super) fn collection(records: &Records, record: &Value) -> String {
    let links = ["linked_agents", "subjects", "repository"];
    let record = resolved(records, record, links.into_iter());
    let mut fields = described(&record);
    fields.extend(notes::of(&record));
    fields.extend(agents::of(&record));
    fields.extend(subjects::of(&record));
    fields.sort_by_key(|field| field.tag);
    let mut out = Writer::default();
    let attributes = [
        ("xmlns", xml::MARC),
        ("xmlns:marc", xml::MARC),
        ("xmlns:xsi", xml::XSI),
        (
            "xsi:schemaLocation",
            "http://www.loc.gov/MARC21/slim https://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd",
        ),
    ];
    out.open("collection", &attributes);
    out.open("record", &[]);
    out.leaf(
        "leader",
        &[],
        if text(&record, "level") == "item" { "00000npmaa2200000 u 4500" } else { "00000npcaa2200000 u 4500" },
    );
    out.leaf("controlfield", &[("tag", "008")], &fixed_field(&record));
    for field in fields.iter().filter(|field| !field.subfields.is_empty()) {
        let (ind1, ind2) = field.indicators.split_at(1);
        out.open("datafield", &[("tag", field.tag), ("ind1", ind1), ("ind2", ind2)]);
        field.subfields.iter().for_each(|(code, value)| out.leaf("subfield", &[("code", code)], value));
        out.close("datafield");
    }
    out.close("record");
    out.close("collection");
    out.finish()
}

fn text<'v>(record: &'v Value, name: &str) -> &'v str {
    record[name].as_str().unwrap_or_default()
}

fn list<'v>(record: &'v Value, name: &str) -> &'v [Value] {
    record[name].as_array().map(Vec::as_slice).unwrap_or_default()
}

fn languages(record: &Value) -> Vec<&str> {
    let code = |material: &'_ Value| material["language_and_script"]["language"].as_str().map(str::to_owned);
    let with_code = list(record, "lang_materials").iter().filter(|material| code(material).is_some());
    with_code.map(|material| text(&material["language_and_script"], "language")).collect()
}

/// 008: entered when it was touched last (fault 2), dates of the first date whatever it is (3), a country and no state (4), and
/// `mul` for no language, too (5).
fn fixed_field(record: &Value) -> String {
    let entered = system_mtime(record).at(Granularity::Day).replace('-', "");
    let first = list(record, "dates").first().unwrap_or(&Value::Null);
    let year = |name: &str| {
        first[name].as_str().map_or("    ".to_owned(), |date| format!("{:4}", date.get(..4).unwrap_or(date)))
    };
    let dates = match first["date_type"].as_str() {
        Some("single") => format!("s{}    ", year("begin")),
        Some(_) | None => format!("i{}{}", year("begin"), year("end")),
    };
    let country = match record["repository"]["_resolved"]["country"].as_str() {
        Some("US") => "xxu",
        Some(_) | None => "xx ",
    };
    let language = match languages(record)[..] {
        [only] => only.to_owned(),
        [..] => "mul".to_owned(),
    };
    format!("{}{dates}{country}                 {language} d", &entered[2..])
}

/// Everything but notes, names and subjects.
fn described(record: &Value) -> Vec<Field> {
    let repository = &record["repository"]["_resolved"];
    let code = repository["org_code"].as_str();
    let mut fields = vec![
        Field::new("040", "  ")
            .with_some("a", code)
            .with_some("b", record["finding_aid_language"].as_str())
            .with_some("c", code)
            .with_some("e", record["finding_aid_description_rules"].as_str()),
        languages(record).into_iter().fold(Field::new("041", "  "), |field, code| field.with("a", code)),
        Field::new("049", "  ").with_some("a", code),
        Field::new("099", "  ").with("a", identifier(record)),
        title(record),
    ];
    fields.extend(list(record, "extents").iter().map(extent));
    let place = Field::new("852", "  ").with_some("a", repository["parent_institution_name"].as_str());
    let code = if place.subfields.is_empty() { "a" } else { "b" };
    fields.push(place.with(code, text(repository, "name")));
    fields.push(links(record));
    fields
}

fn identifier(record: &Value) -> String {
    let ids: Vec<&str> = ["id_0", "id_1", "id_2", "id_3"].iter().map(|name| text(record, name)).collect();
    ids.into_iter().filter(|id| !id.is_empty()).collect::<Vec<_>>().join(".")
}

/// A comma behind every title (10); an added entry is announced for creators that are not public (21).
fn title(record: &Value) -> Field {
    let has_creator = list(record, "linked_agents").iter().any(|link| link["role"] == "creator");
    let mut field = Field::new("245", if has_creator { "10" } else { "00" });
    let dates = list(record, "dates");
    let comma = if dates.is_empty() { "" } else { "," };
    field = field.with("a", format!("{}{comma}", notes::without_tags(text(record, "title"))));
    for date in dates {
        let code = if date["date_type"] == "bulk" { "g" } else { "f" };
        field = field.with(code, date_text(date));
    }
    field
}

fn date_text(date: &Value) -> String {
    match (date["expression"].as_str(), text(date, "begin"), text(date, "end")) {
        (Some(expression), _, _) => expression.to_owned(),
        (None, begin, "") => begin.to_owned(),
        (None, begin, end) => format!("{begin} - {end}"),
    }
}

/// The number in $a and all else in $f (11).
fn extent(extent: &Value) -> Field {
    let kind = text(extent, "extent_type");
    let kind = if kind.contains('_') { words(kind) } else { kind.to_owned() };
    let summary = extent["container_summary"].as_str().map_or(String::new(), |text| format!(" ({text})"));
    let kind = kind + &summary;
    Field::new("300", "  ").with("a", text(extent, "number")).with("f", kind.trim())
}

/// `linear_feet` as the list of values calls it: `Linear Feet`.
fn words(value: &str) -> String {
    let word = |word: &str| word.chars().take(1).flat_map(char::to_uppercase).chain(word.chars().skip(1)).collect();
    value.split('_').map(word).collect::<Vec<String>>().join(" ")
}

/// The finding aid and the ARK in one field (18).
fn links(record: &Value) -> Field {
    let mut field = Field::new("856", "42");
    if let Some(location) = record["ead_location"].as_str().filter(|text| !text.is_empty()) {
        field = field.with("z", "Finding aid online:").with("u", location);
    }
    if let Some(ark) = record["ark_name"]["current"].as_str() {
        field = field.with("z", "Archival Resource Key:").with("u", ark);
    }
    field
}
