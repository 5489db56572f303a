//! Values of an item that the push writes, as they are kept: a box's side of it, or what stood there before.

use crate::failure::Advise;
use crate::push::alma_xml;
use crate::push::item::ItemField;
use crate::push::shelf::rules::ItemRules;
use crate::push::top_container::TopContainer;
use crate::xml::push_element;

/// Each field once, in the order of `ItemField`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ItemValues(Vec<(ItemField, String)>);

/// A kept text that holds no values of an item.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of an item cannot be read: {0}")]
pub struct NotValues(String);

impl Advise for NotValues {}

impl ItemValues {
    /// What a box says of its item. What the box does not have is not among it: an emptied box blanks nothing in Alma.
    pub fn of_box(container: &TopContainer, rules: &ItemRules, is_new: bool) -> Self {
        let mut values = ItemValues::default();
        let always = rules.fields.iter();
        let only_new = rules.new.iter().filter(|_| is_new);
        for (field, template) in only_new.chain(always) {
            values.set(*field, template.fill(container));
        }
        if let (true, Some(policy)) = (container.is_restricted(), &rules.restricted_policy) {
            values.set(ItemField::Policy, policy.clone());
        }
        if let Some(barcode) = &container.barcode {
            values.set(ItemField::Barcode, barcode.trim().to_owned());
        }
        values
    }

    /// What stands in an item, of the fields of `like`; empty ones among it.
    pub fn in_item(xml: &str, like: &ItemValues) -> Result<Self, crate::push::item::Error> {
        let leaves = alma_xml::leaves(xml)?;
        let value = |field: ItemField| {
            let path = format!("item/item_data/{}", field.element());
            leaves.iter().find(|leaf| leaf.path == path).map(|leaf| leaf.value.trim().to_owned()).unwrap_or_default()
        };
        Ok(ItemValues(like.0.iter().map(|(field, _)| (*field, value(*field))).collect()))
    }

    /// What this program wrote into an item, each field as Alma told it when it was written last. `writes`: what was sent, and the item
    /// that came of it, latest first. What else stood in the item then is staff's.
    pub fn written<'w>(writes: impl Iterator<Item = (&'w str, Option<&'w str>)>) -> Self {
        let mut written = ItemValues::default();
        for (sent, stored) in writes {
            let Ok(sent) = ItemValues::read(sent) else { continue };
            let stored = stored.and_then(|xml| ItemValues::in_item(xml, &sent).ok()).unwrap_or(sent);
            for (field, value) in stored.0 {
                if written.get(field).is_none() {
                    written.0.push((field, value));
                }
            }
        }
        written
    }

    /// One of the values, or none.
    pub fn only(mut self, field: ItemField) -> Self {
        self.0.retain(|(other, _)| *other == field);
        self
    }

    /// An empty value is none.
    pub fn set(&mut self, field: ItemField, value: String) {
        if value.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|(other, _)| *other == field) {
            Some((_, present)) => *present = value,
            None => self.0.push((field, value)),
        }
        self.0.sort_by_key(|(field, _)| *field);
    }

    pub fn get(&self, field: ItemField) -> Option<&str> {
        self.0.iter().find(|(other, _)| *other == field).map(|(_, value)| value.as_str())
    }

    pub fn pairs(&self) -> Vec<(ItemField, &str)> {
        self.0.iter().map(|(field, value)| (*field, value.as_str())).collect()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those whose value in `present` is another.
    pub fn differing(&self, present: &ItemValues) -> Self {
        let differs = |(field, value): &&(ItemField, String)| present.get(*field).unwrap_or_default() != value;
        ItemValues(self.0.iter().filter(differs).cloned().collect())
    }

    pub fn text(&self) -> String {
        let mut text = String::from("<item_data>");
        self.0.iter().for_each(|(field, value)| push_element(&mut text, field.element(), value));
        text + "</item_data>"
    }

    pub fn read(text: &str) -> Result<Self, NotValues> {
        let leaves = alma_xml::leaves(text).map_err(|error| NotValues(error.to_string()))?;
        let mut values = Vec::new();
        for leaf in leaves.iter().filter(|leaf| leaf.path != "item_data") {
            let name = leaf.path.strip_prefix("item_data/").unwrap_or_default();
            let field = ItemField::parse(name).ok_or_else(|| NotValues(format!("`{}` is no value", leaf.path)))?;
            values.push((field, leaf.value.clone()));
        }
        Ok(ItemValues(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_kept_is_read_back(barcode in "[ -~é]{0,9}", note in "[a-z<>&]{1,9}") {
            let values = ItemValues(vec![(ItemField::Barcode, barcode), (ItemField::InternalNote2, note)]);
            prop_assert_eq!(ItemValues::read(&values.text()), Ok(values));
        }
    }

    #[test]
    fn ours_is_what_was_sent_last_as_alma_told_it_and_nothing_that_stood_beside_it() {
        let stored = "<item><item_data><barcode>1</barcode><description>BOX 1</description><policy>x</policy></item_data></item>";
        let later = ("<item_data><barcode>1</barcode></item_data>", Some(stored));
        let first = ("<item_data><barcode>0</barcode><description>Box 1</description></item_data>", None);
        let written = ItemValues::written([later, first].into_iter());
        let told = [ItemField::Barcode, ItemField::Description, ItemField::Policy].map(|field| written.get(field));
        assert_eq!(told, [Some("1"), Some("Box 1"), None]);
    }

    #[test]
    fn what_differs_is_what_another_value_has() {
        let wanted = ItemValues(vec![(ItemField::Barcode, "1".to_owned()), (ItemField::Policy, "x".to_owned())]);
        let xml = "<item><item_data><barcode>1</barcode><policy desc=\"Y\">y</policy></item_data></item>";
        let present = ItemValues::in_item(xml, &wanted).unwrap();
        assert_eq!(wanted.differing(&present).pairs(), [(ItemField::Policy, "x")]);
        assert_eq!(ItemValues::read("<item_data/>"), Ok(ItemValues::default()));
        assert!(ItemValues::read("<item_data><pid>1</pid></item_data>").is_err());
    }
}
