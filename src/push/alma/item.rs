//! Items as Alma answers with them, and the full record that goes back.

use super::id::{HoldingId, ItemPid};
use crate::model::id::MmsId;
use crate::xml::escaped;
use crate::xml::tree::{Element, tree};

/// Where an item stands in Alma.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemKey {
    pub mms: MmsId,
    pub holding: HoldingId,
    pub pid: ItemPid,
}

/// An item of Alma's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    pub key: ItemKey,
    /// The elements of `item_data` and their texts; codes, not their descriptions.
    data: Vec<(String, String)>,
    /// `<item>`, as it stands in the answer.
    pub xml: String,
}

impl Item {
    /// An element of `item_data` by its name in Alma's schema, as in `barcode`, `description`, `process_type`; none when it is
    /// empty.
    pub fn data(&self, name: &str) -> Option<&str> {
        let (_, value) = self.data.iter().find(|(given, _)| given == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    pub fn barcode(&self) -> Option<&str> {
        self.data("barcode")
    }

    /// The whole item with other values in `item_data`: Alma answers a part of one with status 500 (UIUC, 2026).
    ///
    /// What is not named stays as Alma sent it. An empty value empties the element.
    pub fn with(&self, changes: &[(&str, &str)]) -> Result<String, String> {
        let item = tree(&self.xml).map_err(|error| error.to_string())?;
        let data = item.child("item_data").ok_or("no item_data")?;
        let mut inside = String::new();
        for child in &data.children {
            match changes.iter().find(|(name, _)| *name == child.local) {
                // A description would contradict the new code, so that it goes.
                Some((name, value)) => inside.push_str(&leaf(name, value)),
                None => inside.push_str(child.xml),
            }
        }
        for (name, value) in changes.iter().filter(|(name, _)| data.child(name).is_none()) {
            inside.push_str(&leaf(name, value));
        }
        let others = item.children.iter().filter(|child| child.local != "item_data");
        let others: String = others.map(|child| child.xml).collect();
        Ok(format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<item>{others}<item_data>{inside}</item_data></item>"
        ))
    }

    pub(super) fn read_one(xml: &str) -> Result<Self, String> {
        Item::read(&tree(xml).map_err(|error| error.to_string())?)
    }

    pub(super) fn read(item: &Element<'_>) -> Result<Self, String> {
        if item.local != "item" {
            return Err(format!("<{}> instead of <item>", item.local));
        }
        let (holding, data) = (item.child("holding_data"), item.child("item_data").ok_or("no item_data")?);
        let mms = item.child("bib_data").and_then(|bib| bib.text_of("mms_id")).ok_or("no mms_id")?;
        let holding = holding.and_then(|holding| holding.text_of("holding_id")).ok_or("no holding_id")?;
        let pid = data.text_of("pid").ok_or("no pid")?;
        Ok(Item {
            key: ItemKey {
                mms: MmsId::parse(mms).map_err(|error| error.to_string())?,
                holding: HoldingId::parse(holding).map_err(|error| error.to_string())?,
                pid: ItemPid::parse(pid).map_err(|error| error.to_string())?,
            },
            data: data.children.iter().map(|child| (child.local.to_owned(), child.text.trim().to_owned())).collect(),
            xml: item.xml.to_owned(),
        })
    }
}

/// The body of a new item: elements of `item_data` with their texts, in a holding.
pub fn new_item(holding: &HoldingId, data: &[(&str, &str)]) -> String {
    let inside: String = data.iter().map(|(name, value)| leaf(name, value)).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<item><holding_data><holding_id>{holding}</holding_id>\
         </holding_data><item_data>{inside}</item_data></item>"
    )
}

pub(super) fn leaf(name: &str, value: &str) -> String {
    format!("<{name}>{}</{name}>", escaped(value))
}

/// One page of a list.
#[derive(Debug)]
pub(super) struct ItemPage {
    pub(super) items: Vec<Item>,
    pub(super) total: usize,
}

impl ItemPage {
    pub(super) fn read(xml: &str) -> Result<Self, String> {
        let list = tree(xml).map_err(|error| error.to_string())?;
        if list.local != "items" {
            return Err(format!("<{}> instead of <items>", list.local));
        }
        let total = list.attribute("total_record_count").and_then(|count| count.trim().parse().ok());
        Ok(ItemPage {
            items: list.children_named("item").map(Item::read).collect::<Result<_, String>>()?,
            total: total.ok_or("no total_record_count")?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ITEM: &str = "<item link=\"x\"><bib_data><mms_id>9911</mms_id></bib_data><holding_data><holding_id>2211</holding_id><copy_id>0</copy_id>\
        </holding_data><item_data><pid>2311</pid><barcode>A&amp;1</barcode><policy desc=\"Non-circ\">nc</policy><description></description>\
        <internal_note_1>keep me</internal_note_1></item_data></item>";

    #[test]
    fn an_item_is_changed_by_its_full_record_in_which_everything_else_stays() {
        let item = Item::read_one(ITEM).unwrap();
        assert_eq!((item.barcode(), item.data("description"), item.data("policy")), (Some("A&1"), None, Some("nc")));
        let body = item.with(&[("policy", "cl"), ("description", "Box <1>"), ("internal_note_2", "new")]).unwrap();
        let expected = "<item_data><pid>2311</pid><barcode>A&amp;1</barcode><policy>cl</policy><description>Box &lt;1&gt;</description>\
            <internal_note_1>keep me</internal_note_1><internal_note_2>new</internal_note_2></item_data></item>";
        assert!(body.ends_with(expected), "{body}");
        assert!(body.contains("<copy_id>0</copy_id>"));
        let changed = Item::read_one(&body).unwrap();
        assert_eq!((changed.key, changed.data[2].1.as_str()), (item.key, "cl"));
    }

    #[test]
    fn an_item_without_its_numbers_is_none() {
        for missing in ["<mms_id>9911</mms_id>", "<holding_id>2211</holding_id>", "<pid>2311</pid>"] {
            assert!(Item::read_one(&ITEM.replace(missing, "")).is_err(), "{missing}");
        }
        assert!(ItemPage::read("<items/>").unwrap_err().contains("total_record_count"));
        assert_eq!(ItemPage::read("<items total_record_count=\"0\"/>").unwrap().total, 0);
    }
}
