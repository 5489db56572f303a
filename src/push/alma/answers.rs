//! What Alma answers about bibs, holdings and items: who they are, and their XML as it came.
//!
//! What is inside is read by `push::bib`, `push::holding` and `push::item`, which also write the bodies that go back.

use super::id::{HoldingId, ItemPid};
use crate::model::id::MmsId;
use crate::xml::tree::{Element, tree};

/// A bibliographic record of Alma's. Whoever holds one knows that the bib exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bib {
    pub mms: MmsId,
    /// `<bib>`, as it stands in the answer, for `push::bib::read_bib`.
    pub xml: String,
}

/// What is known of a bib's holdings.
///
/// Alma answers a question about the holdings of a bib that does not exist with status 200 and a count of 0, just as for one
/// without holdings (recorded, api-eu, 2016). So an empty list says nothing until the bib was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Holdings {
    OfKnownBib(Vec<HoldingLine>),
    /// There is no such bib.
    NoSuchBib,
}

/// A holdings record as the list of a bib shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingLine {
    pub id: HoldingId,
    pub library: String,
    pub location: String,
    pub call_number: Option<String>,
    pub suppressed: Option<bool>,
}

/// A holdings record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Holding {
    pub id: HoldingId,
    /// `<holding>`, as it stands in the answer, for `push::holding::read_holding`.
    pub xml: String,
}

/// Where an item stands in Alma.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemKey {
    pub mms: MmsId,
    pub holding: HoldingId,
    pub pid: ItemPid,
}

/// An item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub key: ItemKey,
    /// `<item>`, as it stands in the answer, for `push::item::read_item` and `changed_item`.
    pub xml: String,
}

impl Bib {
    fn read(bib: &Element<'_>) -> Result<Self, String> {
        named(bib, "bib")?;
        // A bib without its record is no answer: it would be taken for one that has lost its fields.
        bib.child("record").ok_or("no record")?;
        Ok(Bib { mms: parsed(bib.text_of("mms_id"), "mms_id", MmsId::parse)?, xml: bib.xml.to_owned() })
    }

    /// One bib in an answer of its own.
    pub(super) fn read_one(xml: &str) -> Result<Self, String> {
        Bib::read(&document(xml)?)
    }

    /// The bibs of a list, of which none is no fault.
    pub(super) fn read_all(xml: &str) -> Result<Vec<Self>, String> {
        let bibs = document(xml)?;
        named(&bibs, "bibs")?;
        bibs.children_named("bib").map(Bib::read).collect()
    }

    /// What a search found. In XML Alma mostly gives no count; one that it gives must be right, for a bib that is not seen
    /// would be made a second time.
    pub(super) fn read_found(xml: &str) -> Result<Vec<Self>, String> {
        let found = Bib::read_all(xml)?;
        match told_count(&document(xml)?) {
            Some(told) if told != found.len() => Err(format!("{} bibs in a list of {told}", found.len())),
            Some(_) | None => Ok(found),
        }
    }
}

impl Holding {
    pub(super) fn read_one(xml: &str) -> Result<Self, String> {
        let holding = document(xml)?;
        named(&holding, "holding")?;
        holding.child("record").ok_or("no record")?;
        Ok(Holding { id: holding_id(&holding)?, xml: holding.xml.to_owned() })
    }
}

/// A list of holdings as Alma sent it.
#[derive(Debug)]
pub(super) struct HoldingList {
    pub(super) lines: Vec<HoldingLine>,
    /// Whether the list speaks of the bib, which then exists.
    pub(super) names_its_bib: bool,
}

impl HoldingList {
    pub(super) fn read(xml: &str) -> Result<Self, String> {
        let list = document(xml)?;
        named(&list, "holdings")?;
        let lines: Vec<HoldingLine> = list.children_named("holding").map(line).collect::<Result<_, String>>()?;
        let told = told_count(&list);
        if told.is_some_and(|told| told != lines.len()) {
            return Err(format!("{} holdings in a list of {}", lines.len(), told.unwrap_or_default()));
        }
        Ok(HoldingList { names_its_bib: list.child("bib_data").is_some() || !lines.is_empty(), lines })
    }
}

fn line(holding: &Element<'_>) -> Result<HoldingLine, String> {
    let text = |name: &str| holding.text_of(name).map(str::to_owned);
    Ok(HoldingLine {
        id: holding_id(holding)?,
        library: text("library").ok_or("no library")?,
        location: text("location").ok_or("no location")?,
        call_number: text("call_number"),
        suppressed: holding.text_of("suppress_from_publishing").map(is_true),
    })
}

impl Item {
    fn read(item: &Element<'_>) -> Result<Self, String> {
        named(item, "item")?;
        let within = |group: &str, name: &str| item.child(group).and_then(|group| group.text_of(name));
        let key = ItemKey {
            mms: parsed(within("bib_data", "mms_id"), "mms_id", MmsId::parse)?,
            holding: parsed(within("holding_data", "holding_id"), "holding_id", HoldingId::parse)?,
            pid: parsed(within("item_data", "pid"), "pid", ItemPid::parse)?,
        };
        Ok(Item { key, xml: item.xml.to_owned() })
    }

    pub(super) fn read_one(xml: &str) -> Result<Self, String> {
        Item::read(&document(xml)?)
    }

    /// One page of a list, and how long the list is.
    pub(super) fn read_page(xml: &str) -> Result<(Vec<Self>, usize), String> {
        let list = document(xml)?;
        named(&list, "items")?;
        let items = list.children_named("item").map(Item::read).collect::<Result<_, String>>()?;
        Ok((items, total_of(&list)?))
    }
}

pub(super) fn document(xml: &str) -> Result<Element<'_>, String> {
    tree(xml).map_err(|error| error.to_string())
}

pub(super) fn named(element: &Element<'_>, name: &str) -> Result<(), String> {
    if element.local == name { Ok(()) } else { Err(format!("<{}> instead of <{name}>", element.local)) }
}

fn told_count(list: &Element<'_>) -> Option<usize> {
    list.attribute("total_record_count").and_then(|count| count.trim().parse().ok())
}

pub(super) fn total_of(list: &Element<'_>) -> Result<usize, String> {
    told_count(list).ok_or_else(|| "no total_record_count".to_owned())
}

/// Alma writes booleans as words.
pub(super) fn is_true(text: &str) -> bool {
    text.trim().eq_ignore_ascii_case("true")
}

fn holding_id(holding: &Element<'_>) -> Result<HoldingId, String> {
    parsed(holding.text_of("holding_id"), "holding_id", HoldingId::parse)
}

fn parsed<T, E: ToString>(text: Option<&str>, name: &str, parse: impl Fn(&str) -> Result<T, E>) -> Result<T, String> {
    parse(text.ok_or_else(|| format!("no {name}"))?).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_bib_is_said_to_be_none() {
        for (xml, why) in [
            ("<html/>", "<html> instead"),
            ("<bib><record/></bib>", "no mms_id"),
            ("<bib><mms_id>x</mms_id><record/></bib>", "not an MMS ID"),
            ("<bib><mms_id>1</mms_id></bib>", "no record"),
            ("<bib>", "ends inside"),
        ] {
            let error = Bib::read_one(xml).unwrap_err();
            assert!(error.contains(why), "{xml}: {error}");
        }
        assert_eq!(Bib::read_all("<bibs total_record_count=\"0\"/>").unwrap(), []);
        assert!(Bib::read_all("<bib/>").is_err());
        let two = "<bibs total_record_count=\"2\"><bib><mms_id>1</mms_id><record/></bib></bibs>";
        assert!(Bib::read_found(two).unwrap_err().contains("1 bibs in a list of 2"));
        assert_eq!(Bib::read_found(&two.replace("\"2\"", "\"1\"")).unwrap().len(), 1);
        let bibs = "<bibs><bib><mms_id>1</mms_id><record/></bib><bib><mms_id>2</mms_id><record/></bib></bibs>";
        let bibs = Bib::read_all(bibs).unwrap();
        assert_eq!((bibs[1].mms.as_str(), bibs[1].xml.as_str()), ("2", "<bib><mms_id>2</mms_id><record/></bib>"));
    }

    #[test]
    fn a_list_of_holdings_is_read_and_an_empty_one_proves_nothing() {
        let list = HoldingList::read(
            "<holdings total_record_count=\"1\"><holding link=\"x\"><holding_id>22407</holding_id><library desc=\"Main Library\">MAIN</library>\
             <location desc=\"Stacks\">main</location><call_number>PG3366 .V6</call_number><suppress_from_publishing>false\
             </suppress_from_publishing></holding><bib_data link=\"y\"><mms_id>9911</mms_id></bib_data></holdings>",
        );
        let list = list.unwrap();
        assert!(list.names_its_bib);
        assert_eq!((list.lines[0].library.as_str(), list.lines[0].location.as_str()), ("MAIN", "main"));
        assert_eq!(list.lines[0].call_number.as_deref(), Some("PG3366 .V6"));
        let empty = HoldingList::read("<holdings total_record_count=\"0\"/>").unwrap();
        assert!(empty.lines.is_empty() && !empty.names_its_bib);
    }

    #[test]
    fn a_list_that_is_shorter_than_it_says_is_none() {
        let error = HoldingList::read("<holdings total_record_count=\"2\"/>").unwrap_err();
        assert!(error.contains("0 holdings in a list of 2"), "{error}");
        assert!(Holding::read_one("<holding><holding_id>1</holding_id></holding>").unwrap_err().contains("no record"));
        assert!(Item::read_page("<items/>").unwrap_err().contains("total_record_count"));
        assert_eq!(Item::read_page("<items total_record_count=\"0\"/>").unwrap(), (Vec::new(), 0));
    }

    #[test]
    fn an_item_without_its_numbers_is_none() {
        let item = "<item><bib_data><mms_id>9911</mms_id></bib_data><holding_data><holding_id>2211</holding_id></holding_data>\
                    <item_data><pid>2311</pid></item_data></item>";
        assert_eq!(Item::read_one(item).unwrap().key.pid.as_str(), "2311");
        for missing in ["<mms_id>9911</mms_id>", "<holding_id>2211</holding_id>", "<pid>2311</pid>"] {
            assert!(Item::read_one(&item.replace(missing, "")).is_err(), "{missing}");
        }
    }
}
