//! Items of a holding: list by pages, read, find by barcode, make, replace.

use super::asked::{Asked, Done};
use super::bibs::bib_data;
use super::catalogue::{Bib, Catalogue, Holding, Item, created_on};
use super::item_data::{ITEM_DATA, Kind, MADE_BY_ALMA, Shown, meaning};
use super::places;
use super::refusal::Refusal;
use super::schema;
use super::shape::{Member, Shape};
use crate::xml::tree::tree;
use serde_json::Value;
use std::collections::BTreeMap;

/// A page of the items of a holding, or of all with `ALL`; of anything that is not there a count of 0.
pub(super) fn list(catalogue: &Catalogue, mms: &str, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    let (limit, offset) = asked.page()?;
    let bib = catalogue.bib(mms);
    let holdings = bib.into_iter().flat_map(|bib| &bib.holdings).filter(|holding| id == "ALL" || holding.id == id);
    let all: Vec<(&Holding, &Item)> = holdings.flat_map(|it| it.items.iter().map(move |item| (it, item))).collect();
    let mut members = vec![Shape::count(all.len())];
    if let Some(bib) = bib.filter(|_| !all.is_empty()) {
        let page = all.iter().skip(offset).take(limit);
        let page = page.map(|(holding, item)| whole(mms, bib, holding, item, asked)).collect();
        members.push(("item", Shape::Many(page)));
    }
    Ok(Done::Told("items", Shape::Object(members)))
}

pub(super) fn read(catalogue: &Catalogue, mms: &str, id: &str, pid: &str, asked: &Asked) -> Result<Done, Refusal> {
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let found = bib.holding(id).and_then(|holding| Some((holding, holding.items.iter().find(|item| item.pid == pid)?)));
    let (holding, item) = found.ok_or_else(|| unknown(pid))?;
    Ok(Done::Told("item", whole(mms, bib, holding, item, asked)))
}

/// A redirection to the item, which leads back to the host that was asked.
pub(super) fn find(catalogue: &Catalogue, asked: &Asked) -> Result<Done, Refusal> {
    let barcode = asked.option("item_barcode").ok_or_else(|| Refusal::missing_field("item_barcode"))?;
    let found = catalogue.item_with(barcode);
    let none = || Refusal::new("401689", format!("No items found for barcode {barcode}."));
    let (mms, holding, item) = found.ok_or_else(none)?;
    Ok(Done::Elsewhere(asked.link(&format!("/bibs/{mms}/holdings/{}/items/{}", holding.id, item.pid))))
}

pub(super) fn create(catalogue: &mut Catalogue, mms: &str, id: &str, asked: &Asked) -> Result<Done, Refusal> {
    let sent = Sent::read(asked)?;
    let bib = catalogue.bib(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    bib.holding(id).ok_or_else(|| Refusal::new("60213", format!("Holding ID {id} is not valid.")))?;
    refuse_duplicate(catalogue, &sent, None)?;
    let pid = catalogue.number("23");
    let mut data = sent.data;
    for (name, default) in [("base_status", "1"), ("physical_material_type", "OTHER"), ("is_magnetic", "false")] {
        data.entry(name).or_insert_with(|| default.to_owned());
    }
    let copy_id = sent.copy_id.unwrap_or_default();
    let item = Item { pid: pid.clone(), copy_id, data, created: asked.now, modified: asked.now };
    if let Some(holding) = catalogue.bibs.get_mut(mms).and_then(|bib| bib.holding_mut(id)) {
        holding.items.push(item);
    }
    read(catalogue, mms, id, &pid, asked)
}

/// Takes a full record only: Alma answers a part of one with status 500 (UIUC's plugin, 2026).
pub(super) fn update(
    catalogue: &mut Catalogue,
    mms: &str,
    id: &str,
    pid: &str,
    asked: &Asked,
) -> Result<Done, Refusal> {
    let sent = Sent::read(asked)?;
    read(catalogue, mms, id, pid, asked)?;
    if ITEM_DATA.iter().any(|(name, _, shown)| *shown == Shown::Always && !sent.named.contains(name)) {
        return Err(Refusal::general());
    }
    refuse_duplicate(catalogue, &sent, Some(pid))?;
    let holding = catalogue.bibs.get_mut(mms).and_then(|bib| bib.holding_mut(id));
    if let Some(item) = holding.and_then(|holding| holding.items.iter_mut().find(|item| item.pid == pid)) {
        let process_type = item.data.remove("process_type");
        item.data = sent.data;
        item.data.extend(process_type.map(|value| ("process_type", value)));
        item.copy_id = sent.copy_id.unwrap_or_default();
        item.modified = asked.now;
    }
    read(catalogue, mms, id, pid, asked)
}

/// No refusal of one on loan was recorded: the code is the general one.
pub(super) fn delete(catalogue: &mut Catalogue, mms: &str, id: &str, pid: &str) -> Result<Done, Refusal> {
    let bib = catalogue.bibs.get_mut(mms).ok_or_else(|| Refusal::unknown_bib(mms))?;
    let holding = bib.holding_mut(id).ok_or_else(|| unknown(pid))?;
    let item = holding.items.iter().find(|item| item.pid == pid).ok_or_else(|| unknown(pid))?;
    if item.data.contains_key("process_type") {
        return Err(Refusal::failed(format!("Item {pid} cannot be deleted: it is in a process.")));
    }
    holding.items.retain(|item| item.pid != pid);
    Ok(Done::Nothing)
}

fn unknown(pid: &str) -> Refusal {
    Refusal::new("401688", format!("Error while retrieving items: {pid} was not found."))
}

/// Barcodes are unique in the whole institution. No answer to this was recorded: the code is the general one.
fn refuse_duplicate(catalogue: &Catalogue, sent: &Sent, own: Option<&str>) -> Result<(), Refusal> {
    let Some(barcode) = sent.data.get("barcode").filter(|barcode| !barcode.is_empty()) else { return Ok(()) };
    match catalogue.item_with(barcode) {
        Some((.., other)) if own != Some(&other.pid) => {
            Err(Refusal::failed(format!("Given barcode already exists: {barcode}")))
        }
        Some(_) | None => Ok(()),
    }
}

/// A body that was taken apart.
struct Sent {
    copy_id: Option<String>,
    /// What of `item_data` a client may set.
    data: BTreeMap<&'static str, String>,
    /// Everything of `item_data` that the body names, empty or not.
    named: Vec<&'static str>,
}

impl Sent {
    fn read(asked: &Asked) -> Result<Self, Refusal> {
        let invalid = |why: String| Refusal::failed(format!("the item is invalid: {why}"));
        let (copy_id, pairs) = if asked.body_is_json {
            from_json(&asked.body).map_err(invalid)?
        } else {
            from_xml(&asked.body).map_err(invalid)?
        };
        let (mut data, mut named) = (BTreeMap::new(), Vec::new());
        for (name, value) in pairs {
            let Some((name, ..)) = ITEM_DATA.iter().find(|(known, ..)| *known == name) else { continue };
            named.push(*name);
            if !MADE_BY_ALMA.contains(name) && !value.is_empty() {
                data.insert(*name, value);
            }
        }
        Ok(Sent { copy_id, data, named })
    }
}

type Parts = (Option<String>, Vec<(String, String)>);

fn from_xml(body: &str) -> Result<Parts, String> {
    let root = tree(body).map_err(|error| error.to_string())?;
    schema::item(&root)?;
    let data = root.child("item_data").map(|data| &data.children[..]).unwrap_or_default();
    let pairs = data.iter().map(|child| (child.local.to_owned(), child.text.trim().to_owned())).collect();
    Ok((root.child("holding_data").and_then(|it| it.text_of("copy_id")).map(str::to_owned), pairs))
}

fn from_json(body: &str) -> Result<Parts, String> {
    let root: Value = serde_json::from_str(body).map_err(|error| error.to_string())?;
    let data = root.get("item_data").and_then(Value::as_object).ok_or("item_data is missing")?;
    // A code is an object with `value`, and a value alone is taken as well.
    let text = |value: &Value| match value.get("value").unwrap_or(value) {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    };
    let pairs = data.iter().map(|(name, value)| (name.clone(), text(value))).collect();
    Ok((root.pointer("/holding_data/copy_id").and_then(Value::as_str).map(str::to_owned), pairs))
}

fn whole(mms: &str, bib: &Bib, holding: &Holding, item: &Item, asked: &Asked) -> Shape {
    let of_holding = format!("/bibs/{mms}/holdings/{}", holding.id);
    let number_type = holding.call_number_type();
    let means = meaning("call_number_type", &number_type);
    let holding_data = vec![
        Shape::link(asked.link(&of_holding)),
        ("holding_id", Shape::text(&holding.id)),
        ("call_number_type", Shape::Code(number_type, means)),
        ("call_number", Shape::Text(holding.call_number())),
        ("accession_number", Shape::text("")),
        ("copy_id", Shape::text(&item.copy_id)),
        ("in_temp_location", Shape::Flag(false)),
        ("temp_library", Shape::Code(String::new(), None)),
        ("temp_location", Shape::Code(String::new(), None)),
        ("temp_call_number_type", Shape::Code(String::new(), None)),
        ("temp_call_number", Shape::text("")),
        ("temp_policy", Shape::Code(String::new(), None)),
    ];
    Shape::Object(vec![
        Shape::link(asked.link(&format!("{of_holding}/items/{}", item.pid))),
        ("bib_data", bib_data(mms, bib, asked)),
        ("holding_data", Shape::Object(holding_data)),
        ("item_data", item_data(holding, item)),
    ])
}

fn item_data(holding: &Holding, item: &Item) -> Shape {
    let (library, location) = holding.place();
    let member = |(name, kind, shown): &(&'static str, Kind, Shown)| -> Option<Member> {
        let made = match *name {
            "pid" => Some(item.pid.clone()),
            "creation_date" => Some(created_on(item.created)),
            "modification_date" => Some(created_on(item.modified)),
            "library" => return Some((name, Shape::Code(library.clone(), places::library_name(&library)))),
            "location" => {
                let means = places::location_name(&library, &location);
                return Some((name, Shape::Code(location.clone(), means)));
            }
            _ => None,
        };
        let value = made.or_else(|| item.data.get(name).cloned());
        let shape = match (shown, value) {
            (Shown::WithValue, None) => return None,
            (Shown::InJson, None) => Shape::Missing,
            (Shown::Always, None) if *kind == Kind::Flag => Shape::Flag(false),
            (Shown::Always, None) if *kind == Kind::Code => Shape::Code(String::new(), None),
            (Shown::Always, None) => Shape::text(""),
            (_, Some(value)) => match kind {
                Kind::Text => Shape::Text(value),
                Kind::Flag => Shape::Flag(value == "true"),
                Kind::Code => {
                    let means = meaning(name, &value);
                    Shape::Code(value, means)
                }
            },
        };
        Some((name, shape))
    };
    Shape::Object(ITEM_DATA.iter().filter_map(member).collect())
}
