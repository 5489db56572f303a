//! What a holding holds or shall hold, as it is kept: the record and whether Alma publishes it, and nothing beside them.

use super::alma;
use super::bib::Suppress;
use super::holding::{self, read_holding};
use super::marc::{self, DataField, Field, MarcRecord, Namespace};
use crate::failure::Advise;
use crate::xml::tree::tree;

/// A holding's record and its one setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldingImage {
    /// `None` where Alma's answer did not say.
    pub suppress: Option<Suppress>,
    pub record: MarcRecord,
}

/// A kept text that is no image of a holding.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("what is kept of a holding cannot be read: {0}")]
pub struct NotAnImage(String);

impl Advise for NotAnImage {}

/// What Alma makes itself of each record that it stores: its numbers, and the time of the last change.
const ALMA_S_OWN: [&str; 4] = ["001", "003", "004", "005"];

impl HoldingImage {
    /// Of a holding as Alma answered with it.
    pub fn of(holding: &alma::Holding) -> Result<Self, holding::Error> {
        let read = read_holding(&holding.xml)?;
        Ok(HoldingImage { suppress: read.suppress, record: read.record })
    }

    pub fn text(&self) -> String {
        let flag = self.suppress.map(Suppress::as_str);
        let flag = flag.map(|flag| format!("<suppress_from_publishing>{flag}</suppress_from_publishing>"));
        format!("<holding>{}{}</holding>", flag.unwrap_or_default(), marc::record(&self.record, Namespace::None))
    }

    pub fn read(text: &str) -> Result<Self, NotAnImage> {
        let holding = tree(text).map_err(|error| NotAnImage(error.to_string()))?;
        let record = holding.child("record").ok_or_else(|| NotAnImage("it has no record".to_owned()))?;
        let record = marc::read(record.xml).and_then(marc::Reading::whole);
        Ok(HoldingImage {
            suppress: holding.text_of("suppress_from_publishing").and_then(Suppress::read),
            record: record.map_err(|error| NotAnImage(error.to_string()))?,
        })
    }

    /// Whether both say the same, whoever stored it and when.
    pub fn says_the_same_as(&self, other: &HoldingImage) -> bool {
        let plain = |image: &HoldingImage| {
            let mut record = image.record.clone();
            record.fields.retain(|field| !ALMA_S_OWN.contains(&field.tag()));
            record
        };
        self.suppress == other.suppress && plain(self).says_the_same_as(&plain(other))
    }

    /// Its fields 852: all that this program decides about a holding that is there.
    pub fn places(&self) -> Vec<&DataField> {
        self.record.data("852").collect()
    }

    /// Whether it has each 852 of another one, whatever Alma has added to them.
    pub fn has_places_of(&self, other: &HoldingImage) -> bool {
        let has = |wanted: &&DataField| {
            self.record.data("852").any(|field| {
                let has_each = wanted.subfields.iter().all(|subfield| field.subfields.contains(subfield));
                (field.ind1, field.ind2) == (wanted.ind1, wanted.ind2) && has_each
            })
        };
        other.record.data("852").all(|field| has(&field))
    }

    /// The record to bring this state back into a holding whose present record is another: Alma's own fields stay the present ones.
    pub fn over(&self, present: &MarcRecord) -> MarcRecord {
        let is_own = |field: &Field| ALMA_S_OWN.contains(&field.tag());
        let own = present.fields.iter().filter(|field| is_own(field));
        let fields = own.chain(self.record.fields.iter().filter(|field| !is_own(field))).cloned().collect();
        MarcRecord { leader: self.record.leader.clone(), fields }
    }
}
