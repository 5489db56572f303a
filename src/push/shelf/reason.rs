//! Why a person must look at a holding or an item first, and why nothing follows from a box: every reason by name.

use super::place::Place;
use crate::model::id::MmsId;
use crate::push::alma::{HoldingId, ItemPid};
use crate::push::in_words::Coded;
use crate::push::resource_uri::ContainerUri;
use std::fmt;

/// Why a holding or an item is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfReason {
    /// The holding was not made by this program: approving lets it be changed.
    HoldingNotOurs(HoldingId),
    /// Somebody has changed 852 since this program wrote it, or what would be replaced there is somebody else's.
    HoldingChanged(HoldingId),
    /// This program made a holding there, and it is there no more: approving makes another.
    HoldingGone(HoldingId),
    /// This program made a holding there, and it stands elsewhere now: approving makes another.
    HoldingMoved(HoldingId, Place),
    /// The bib has more than one holding at the place.
    SeveralHoldings(Place, Vec<HoldingId>),
    /// No call number, or 852 of another place.
    CallNumber(String),
    /// ArchivesSpace names an item that is not at the bib.
    UnknownItem(ItemPid),
    /// This program made the item of the box, and it is there no more: approving makes another.
    ItemGone(ItemPid),
    /// Somebody has taken out of the box the numbers that this program put there.
    NumbersRemoved(ItemPid),
    /// Boxes that cannot be told from each other.
    SeveralBoxes(Vec<ContainerUri>),
    /// Items that cannot be told from each other.
    SeveralItems(Vec<ItemPid>),
    /// Type and indicator say that it is this item, and the barcodes say that it is not.
    OtherBarcode { item: ItemPid, barcode: String },
    /// The barcode is on another item of the institution.
    BarcodeElsewhere { mms: MmsId, item: ItemPid },
    /// It is not clear in which holding the item shall be.
    NoHolding(String),
    /// Values of an item that this program did not write would be replaced.
    ReplacesValues { item: ItemPid, values: Vec<String> },
    /// What Alma answered of a holding or an item is not whole.
    NotWhole(String),
    /// The profile wants every change to be seen.
    EveryChange,
}

impl Coded for ShelfReason {
    fn code(&self) -> &'static str {
        match self {
            ShelfReason::HoldingNotOurs(_) => "holding-not-ours",
            ShelfReason::HoldingChanged(_) => "holding-changed",
            ShelfReason::HoldingGone(_) => "holding-gone",
            ShelfReason::HoldingMoved(..) => "holding-moved",
            ShelfReason::SeveralHoldings(..) => "several-holdings",
            ShelfReason::CallNumber(_) => "call-number",
            ShelfReason::UnknownItem(_) => "unknown-item",
            ShelfReason::ItemGone(_) => "item-gone",
            ShelfReason::NumbersRemoved(_) => "numbers-removed",
            ShelfReason::SeveralBoxes(_) => "several-boxes",
            ShelfReason::SeveralItems(_) => "several-items",
            ShelfReason::OtherBarcode { .. } => "other-barcode",
            ShelfReason::BarcodeElsewhere { .. } => "barcode-elsewhere",
            ShelfReason::NoHolding(_) => "no-holding",
            ShelfReason::ReplacesValues { .. } => "replaces-values",
            ShelfReason::NotWhole(_) => "not-whole",
            ShelfReason::EveryChange => "every-change",
        }
    }
}

impl ShelfReason {
    /// Whether a person may let it pass.
    pub fn can_be_approved(&self) -> bool {
        match self {
            ShelfReason::HoldingNotOurs(_) | ShelfReason::HoldingChanged(_) | ShelfReason::HoldingGone(_) => true,
            ShelfReason::HoldingMoved(..) | ShelfReason::NumbersRemoved(_) => true,
            ShelfReason::ItemGone(_) | ShelfReason::ReplacesValues { .. } | ShelfReason::EveryChange => true,
            ShelfReason::SeveralHoldings(..) | ShelfReason::CallNumber(_) | ShelfReason::NotWhole(_) => false,
            ShelfReason::UnknownItem(_) | ShelfReason::SeveralBoxes(_) | ShelfReason::SeveralItems(_) => false,
            ShelfReason::OtherBarcode { .. } | ShelfReason::BarcodeElsewhere { .. } => false,
            ShelfReason::NoHolding(_) => false,
        }
    }

    /// The same for what was stored.
    pub fn code_can_be_approved(code: &str) -> bool {
        let approvable = [
            "holding-not-ours",
            "holding-changed",
            "holding-gone",
            "holding-moved",
            "item-gone",
            "numbers-removed",
            "replaces-values",
            "every-change",
        ];
        approvable.contains(&code)
    }
}

impl fmt::Display for ShelfReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ShelfReason::HoldingNotOurs(id) => {
                write!(out, "the holding {id} was not made by this program; approve it to change its 852")
            }
            ShelfReason::HoldingChanged(id) => {
                write!(out, "852 of the holding {id} has what this program did not write")
            }
            ShelfReason::SeveralHoldings(place, all) => {
                let all: Vec<&str> = all.iter().map(HoldingId::as_str).collect();
                write!(out, "the bib has several holdings at {place}: {}", all.join(", "))
            }
            ShelfReason::HoldingGone(id) => {
                write!(out, "the holding {id}, which this program made there, is gone; approve it to make another")
            }
            ShelfReason::HoldingMoved(id, place) => {
                write!(
                    out,
                    "the holding {id}, which this program made there, stands at {place} now; approve it to make another"
                )
            }
            ShelfReason::CallNumber(why) | ShelfReason::NotWhole(why) | ShelfReason::NoHolding(why) => {
                out.write_str(why)
            }
            ShelfReason::UnknownItem(pid) => {
                write!(
                    out,
                    "ArchivesSpace names the item {pid}, which the bib does not have: empty ils_item_id, or bring it back"
                )
            }
            ShelfReason::ItemGone(pid) => {
                write!(out, "the item {pid}, which this program made, is gone; approve it to make another")
            }
            ShelfReason::NumbersRemoved(pid) => {
                write!(out, "somebody has taken the item {pid} out of the box; approve it to name it there again")
            }
            ShelfReason::SeveralBoxes(all) => write!(out, "boxes that nothing tells apart: {}", list(all)),
            ShelfReason::SeveralItems(all) => write!(out, "items that nothing tells apart: {}", list(all)),
            ShelfReason::OtherBarcode { item, barcode } => {
                write!(out, "the item {item} has the type and number of the box, and the barcode {barcode}")
            }
            ShelfReason::BarcodeElsewhere { mms, item } => {
                write!(out, "its barcode is on the item {item} of the bib {mms}")
            }
            ShelfReason::ReplacesValues { item, values } => {
                write!(out, "the item {item} has values that this program did not write: {}", values.join(" | "))
            }
            ShelfReason::EveryChange => out.write_str("review.hold is \"everything\""),
        }
    }
}

fn list<T: ToString>(all: &[T]) -> String {
    all.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_is_judged_as_what_is_planned() {
        let (holding, item) = (HoldingId::parse("22").unwrap(), ItemPid::parse("23").unwrap());
        let place = Place::parse("A b").unwrap();
        for reason in [
            ShelfReason::HoldingNotOurs(holding.clone()),
            ShelfReason::HoldingChanged(holding.clone()),
            ShelfReason::HoldingGone(holding.clone()),
            ShelfReason::HoldingMoved(holding.clone(), place.clone()),
            ShelfReason::SeveralHoldings(place, vec![holding]),
            ShelfReason::CallNumber(String::new()),
            ShelfReason::UnknownItem(item.clone()),
            ShelfReason::ItemGone(item.clone()),
            ShelfReason::NumbersRemoved(item.clone()),
            ShelfReason::SeveralBoxes(Vec::new()),
            ShelfReason::SeveralItems(Vec::new()),
            ShelfReason::OtherBarcode { item: item.clone(), barcode: String::new() },
            ShelfReason::BarcodeElsewhere { mms: MmsId::parse("99").unwrap(), item: item.clone() },
            ShelfReason::NoHolding(String::new()),
            ShelfReason::ReplacesValues { item, values: Vec::new() },
            ShelfReason::NotWhole(String::new()),
            ShelfReason::EveryChange,
        ] {
            assert_eq!(ShelfReason::code_can_be_approved(reason.code()), reason.can_be_approved(), "{reason:?}");
        }
    }
}
