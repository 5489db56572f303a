//! Holdings of a bib: list, read, make, replace, delete.

use super::asked::{Asked, Done};
use super::bibs::{bib_data, record_in};
use super::catalogue::{Bib, Catalogue, Holding, created_on, set_controlfield, version};
use super::places;
use super::refusal::Refusal;
use super::schema;
use super::shape::Shape;
use crate::marc::Marc;
use crate::xml::tree::tree;
use std::time::Duration;

/// Of a bib that does not exist just as of one without holdings: a count of 0 and nothing else (recorded, api-eu, 2016).
pub(super) fn list(catalogue: &Catalogue, mms: &str, asked: &Asked) -> Result<Done, Refusal> {
    let Some(bib) = catalogue.bib(mms).filter(|bib| !bib.holdings.is_empty()) else {
        return Ok(Done::Told("holdings", Shape::Object(vec![Shape::count(0)])));
    };
    let lines: Vec<Shape> = bib.holdings.iter().map(|holding| line(mms, holding, asked)).collect();
    let members =
        vec![Shape::count(lines.len()), ("holding", Shape::Many(lines)), ("bib_data", bib_data(mms, bib, asked))];
    Ok(Done::Told("holdings", Shape::Object(members)))
}

fn line(mms: &str, holding: &Holding, asked: &Asked) -> Shape {
    let (library, location) = holding.place();
    let link = asked.link(&format!("/bibs/{mms}/holdings/{}", holding.id));
    Shape::Object(vec![
        Shape::link(link),
        ("holding_id", Shape::text(&holding.id)),
        ("library", Shape::Code(library.clone(), places::library_name(&library))),
        ("location", Shape::Code(location.clone(), places::location_name(&library, &location))),
        ("call_number", Shape::Text(holding.call_number())),
        ("suppress_from_publishing", Shape::text(holding.suppressed.to_string())),
    ])
}

pub(super) fn read(catalogue: &Catalogue, mms: &str, id: &str) -> Result<Done, Refusal> {
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let holding = bib.holding(id).filter(|_| !catalogue.denied.contains(id)).ok_or_else(|| unknown(id))?;
    Ok(Done::Told("holding", whole(holding)))
}

pub(super) fn create(catalogue: &mut Catalogue, mms: &str, asked: &Asked) -> Result<Done, Refusal> {
    let (record, suppressed) = sent(asked)?;
    catalogue.bib(mms).ok_or_else(|| Refusal::new("33007", format!("No record found for MMS id {mms}")))?;
    let id = catalogue.number("22");
    let modified = asked.now.minus(Duration::from_secs(1));
    let items = Vec::new();
    let mut holding = Holding { id: id.clone(), record, suppressed, created: asked.now, modified, items };
    save(&mut holding, mms, asked);
    let told = whole(&holding);
    if let Some(bib) = catalogue.bibs.get_mut(mms) {
        bib.holdings.push(holding);
    }
    Ok(Done::Told("holding", told))
}

pub(super) fn update(catalogue: &mut Catalogue, mms: &str, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    let (record, suppressed) = sent(asked)?;
    let bib = catalogue.bibs.get_mut(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let holding = bib.holding_mut(id).ok_or_else(|| unknown(id))?;
    (holding.record, holding.suppressed) = (record, suppressed);
    save(holding, mms, asked);
    Ok(Done::Told("holding", whole(holding)))
}

pub(super) fn delete(catalogue: &mut Catalogue, mms: &str, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    let bib = catalogue.bibs.get_mut(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let holding = bib.holding(id).ok_or_else(|| unknown(id))?;
    if !holding.items.is_empty() {
        return Err(Refusal::new("60214", "Holding has been deleted or cannot be deleted."));
    }
    bib.holdings.retain(|holding| holding.id != id);
    leave_bib(catalogue, mms, asked);
    Ok(Done::Nothing)
}

/// What becomes of a bib that lost its last holding: `retain`, unless the call says otherwise.
fn leave_bib(catalogue: &mut Catalogue, mms: &str, asked: &Asked) {
    let is_empty = |bib: &Bib| bib.holdings.is_empty() && bib.representations.is_empty();
    match (asked.option("bib"), catalogue.bibs.get_mut(mms)) {
        (Some("delete"), Some(bib)) if is_empty(bib) => {
            catalogue.bibs.remove(mms);
        }
        (Some("suppress"), Some(bib)) if is_empty(bib) => bib.suppressed = true,
        (Some(_) | None, Some(_) | None) => {}
    }
}

fn unknown(id: &str) -> Refusal {
    Refusal::new("60213", format!("Holding ID {id} is not valid."))
}

/// The record and whether it is suppressed, which is not the default of holdings.
fn sent(asked: &Asked) -> Result<(Marc, bool), Refusal> {
    let invalid = |why: String| Refusal::new("402211", format!("Given holding xml is invalid: {why}"));
    let root = tree(asked.xml_body()?).map_err(|error| invalid(error.to_string()))?;
    schema::holding(&root).map_err(invalid)?;
    let record = record_in(&root).map_err(invalid)?;
    let failed = |why: String| Refusal::new("33008", format!("Failed to create holding due to errors: {why}"));
    let field = record.fields("852").next().ok_or_else(|| failed("852 is missing".to_owned()))?;
    let of = |code| field.values(code).next().unwrap_or_default();
    if places::location_name(of('b'), of('c')).is_none() {
        return Err(failed(format!("there is no location {} in library {}", of('c'), of('b'))));
    }
    let suppressed = root.text_of("suppress_from_publishing").is_some_and(|text| text.eq_ignore_ascii_case("true"));
    Ok((record, suppressed))
}

fn save(holding: &mut Holding, mms: &str, asked: &Asked) {
    let later = holding.modified.plus(Duration::from_secs(1));
    holding.modified = asked.now.max(later);
    let (id, stamp) = (holding.id.clone(), version(holding.modified));
    set_controlfield(&mut holding.record, "001", &id);
    set_controlfield(&mut holding.record, "004", mms);
    set_controlfield(&mut holding.record, "005", &stamp);
}

fn whole(holding: &Holding) -> Shape {
    Shape::Object(vec![
        ("holding_id", Shape::text(&holding.id)),
        ("created_by", Shape::text("exl_api")),
        ("created_date", Shape::Text(created_on(holding.created))),
        ("last_modified_by", Shape::text("exl_api")),
        ("last_modified_date", Shape::Text(created_on(holding.modified))),
        ("originating_system", Shape::text("01EXAMPLE_INST")),
        ("originating_system_id", Shape::text(&holding.id)),
        ("suppress_from_publishing", Shape::text(holding.suppressed.to_string())),
        ("record", Shape::Record(holding.record.clone())),
        ("link", Shape::Missing),
    ])
}
