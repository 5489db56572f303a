//! Rosetta as an OAI-PMH provider, and its store of descriptive metadata.

use super::soap::Aip;
use super::{Traits, shelf, xml};
use crate::model::dc::Dc;
use crate::model::id::{IePid, OaiIdentifier, RepositoryIdentifier};
use crate::model::time::{Granularity, Timestamp};
use crate::oai::provider::{
    Code, DeletedPolicy, Identity, Item, LastToken, MetadataFormat, OaiIdentifierScheme, Paging, Refusal, Repository,
    Selection, Set,
};
use shelf::{Shelf, Shelved};

/// An IE or a collection.
#[derive(Debug)]
pub(super) struct Entity {
    identifier: String,
    pub(super) datestamp: Timestamp,
    sets: Vec<String>,
    position: String,
    /// `None` once it is deleted.
    pub(super) dc: Option<Dc>,
    pub(super) locked_by: Option<String>,
    pub(super) modified_by: Option<String>,
    pub(super) aip: Aip,
}

impl Entity {
    pub(super) fn ie(
        pid: &IePid,
        repository: &RepositoryIdentifier,
        datestamp: Timestamp,
        sets: Vec<String>,
        dc: Option<Dc>,
    ) -> Self {
        Entity::new(OaiIdentifier::of_ie(repository, pid).to_string(), datestamp, sets, dc)
    }

    /// Collections are published beside IEs, under identifiers that are not IE PIDs.
    pub(super) fn collection(
        id: &str,
        repository: &RepositoryIdentifier,
        datestamp: Timestamp,
        sets: Vec<String>,
        dc: Dc,
    ) -> Self {
        Entity::new(format!("oai:{repository}:{id}"), datestamp, sets, Some(dc))
    }

    fn new(identifier: String, datestamp: Timestamp, sets: Vec<String>, dc: Option<Dc>) -> Self {
        let position = row_id(shelf::scatter(&identifier));
        Entity { identifier, datestamp, sets, position, dc, locked_by: None, modified_by: None, aip: Aip::default() }
    }

    /// What follows the last colon of its identifier.
    pub(super) fn pid(&self) -> &str {
        self.identifier.rsplit(':').next().unwrap_or_default()
    }

    pub(super) fn modified_by(&self) -> Option<&str> {
        self.modified_by.as_deref()
    }
}

impl Shelved for Entity {
    fn item(&self) -> Item<'_> {
        Item {
            identifier: &self.identifier,
            datestamp: self.datestamp,
            sets: &self.sets,
            deleted: self.dc.is_none(),
            position: &self.position,
        }
    }
}

const ROW_ID_LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const ROW_ID_START: &str = "AAAWxpAB";

/// An Oracle ROWID, more or less; half of ours hold the `+` or `/` that real ones hold now and then.
fn row_id(mut number: u64) -> String {
    let mut text = String::from(ROW_ID_START);
    text.push(['+', '/', 'K', 'z'][(number % 4) as usize]);
    for _ in 0..9 {
        number /= 64;
        text.push(char::from(ROW_ID_LETTERS[(number % 64) as usize]));
    }
    text
}

/// What became of an update.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Updated {
    Replaced,
    /// The record said the same already; nothing was written.
    Identical,
}

/// Why an update is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    #[error("{0} is not in the permanent repository")]
    NotInPermanent(String),
    #[error("{0} is locked by {1}")]
    Locked(String, String),
}

/// The stand-in for Rosetta.
#[derive(Debug)]
pub struct Rosetta {
    repository: RepositoryIdentifier,
    sets: Vec<Set>,
    entities: Shelf<Entity>,
    base_url: String,
    traits: Traits,
}

pub(super) const PATH: &str = "/oaiprovider/request";

impl Rosetta {
    pub(super) fn new(
        data: super::data::RosettaData,
        base_url: &str,
        traits: Traits,
    ) -> Result<Self, shelf::SameIdentifier> {
        let entities = Shelf::new(data.entities)?;
        let base_url = format!("{base_url}{PATH}");
        Ok(Rosetta { repository: data.repository, sets: data.sets, entities, base_url, traits })
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    fn entity(&self, pid: &IePid) -> Option<&Entity> {
        self.entities.find(OaiIdentifier::of_ie(&self.repository, pid).as_str())
    }

    fn entity_mut(&mut self, pid: &IePid) -> Option<&mut Entity> {
        self.entities.find_mut(OaiIdentifier::of_ie(&self.repository, pid).as_str())
    }

    /// An IE that is not deleted.
    pub(super) fn stored(&self, pid: &IePid) -> Option<&Entity> {
        self.entity(pid).filter(|entity| entity.dc.is_some())
    }

    pub(super) fn stored_mut(&mut self, pid: &IePid) -> Option<&mut Entity> {
        self.entity_mut(pid).filter(|entity| entity.dc.is_some())
    }

    pub(super) fn has_quirks(&self) -> bool {
        self.traits.quirks
    }

    /// The stored record of an IE that exists.
    pub(super) fn dc(&self, pid: &IePid) -> Option<&Dc> {
        self.entity(pid)?.dc.as_ref()
    }

    pub(super) fn modified_by(&self, pid: &IePid) -> Option<&str> {
        self.entity(pid)?.modified_by.as_deref()
    }

    /// Locks or unlocks an IE; false when there is none.
    pub(super) fn set_lock(&mut self, pid: &IePid, by: Option<&str>) -> bool {
        let entity = self.entity_mut(pid);
        entity.map(|entity| entity.locked_by = by.map(str::to_owned)).is_some()
    }

    /// Replaces the whole record of an IE, as the Update Metadata Job and the SOAP call do.
    pub(super) fn update(&mut self, pid: &IePid, dc: Dc, by: &str, now: Timestamp) -> Result<Updated, Refused> {
        let missing = || Refused::NotInPermanent(pid.to_string());
        let entity = self.entity_mut(pid).ok_or_else(missing)?;
        let stored = entity.dc.as_mut().ok_or_else(missing)?;
        if let Some(holder) = &entity.locked_by {
            return Err(Refused::Locked(pid.to_string(), holder.clone()));
        }
        if stored.says_the_same_as(&dc) {
            return Ok(Updated::Identical);
        }
        *stored = dc;
        entity.was_changed(by, now);
        Ok(Updated::Replaced)
    }
}

impl Repository for Rosetta {
    fn identity(&self) -> Identity {
        // The earliest datestamp moves: it is the smallest one of today (State Library Victoria, 2021).
        let earliest = self.entities.iter().map(|entity| entity.datestamp).min();
        let host = self.base_url.trim_start_matches("http://").trim_end_matches(PATH);
        Identity {
            name: "Rosetta (sandbox)".to_owned(),
            // State Library Victoria's said `rosetta.slv.vic.gov.au:1801`, without scheme or path.
            base_url: if self.traits.quirks { host.to_owned() } else { self.base_url.clone() },
            earliest: earliest.unwrap_or_else(|| Timestamp::parse("2001-01-01").expect("a date is a date")),
            deleted: DeletedPolicy::Persistent,
            granularity: Granularity::Second,
            admin_email: "rosetta@example.org".to_owned(),
            oai_identifier: Some(OaiIdentifierScheme {
                repository_identifier: self.repository.to_string(),
                sample_identifier: format!("oai:{}:IE1000", self.repository),
            })
            .filter(|_| self.traits.quirks || super::is_domain_name(self.repository.as_str())),
        }
    }

    fn request_url(&self) -> String {
        if self.traits.quirks {
            return format!("http://rosetta-delivery.example.org:1801{PATH}");
        }
        self.base_url.clone()
    }

    fn metadata_formats(&self) -> Vec<MetadataFormat> {
        let format = |prefix, schema, namespace| MetadataFormat { prefix, schema, namespace };
        vec![
            format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", xml::OAI_DC),
            format("oai_qdc", "http://alma.exlibrisgroup.com/schemas/qdc-1.0/alma_qualifieddc.xsd", xml::OAI_QDC),
        ]
    }

    fn sets(&self) -> Vec<Set> {
        self.sets.clone()
    }

    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        Box::new(self.entities.iter().map(Shelved::item))
    }

    fn find(&self, identifier: &str) -> Option<Item<'_>> {
        self.entities.find(identifier).map(Shelved::item)
    }

    fn metadata(&self, item: &Item<'_>, prefix: &str) -> Option<String> {
        let dc = self.entities.find(item.identifier)?.dc.as_ref()?;
        Some(match prefix {
            "oai_qdc" => xml::qualified_dc(dc),
            _ if self.traits.quirks && shelf::scatter(item.identifier).is_multiple_of(8) => xml::nested_dc(dc),
            _ => xml::simple_dc(xml::simple_fields(dc)),
        })
    }

    fn paging(&self) -> Paging {
        Paging { size: self.traits.page_size, cursor: false, complete_list_size: false, last_token: LastToken::Empty }
    }

    fn write_token(&self, selection: &Selection, position: &str) -> String {
        let date = |date: Option<Timestamp>| {
            date.map_or(String::new(), |date| date.at(Granularity::Second).replace(['-', ':', 'T', 'Z'], ""))
        };
        let (from, until) = (date(selection.from), date(selection.until));
        let set = selection.set.as_deref().unwrap_or_default();
        format!("{from}@{until}@{set}@{}@{position}", selection.prefix)
    }

    fn read_token(&self, token: &str) -> Option<(Selection, String)> {
        let date = |text: &str| if text.is_empty() { Some(None) } else { compact_date(text).map(Some) };
        let (selection, position) = super::split_token(token, date)?;
        let tail = position.strip_prefix(ROW_ID_START)?;
        let is_row_id = tail.len() == 10 && tail.bytes().all(|byte| ROW_ID_LETTERS.contains(&byte));
        is_row_id.then_some((selection, position))
    }

    /// A `+` sent without encoding arrives as a space; the real server then said that the list is empty, which
    /// looked like its end (metha issue 23, 2021). So does this one, with quirks.
    fn refuse_token(&self) -> Refusal {
        if self.traits.quirks {
            return Refusal::new(Code::NoRecordsMatch, self.nothing_matches());
        }
        Refusal::new(Code::BadResumptionToken, "The resumption token is not valid or has expired.")
    }

    /// As Rosetta spells it (State Library Victoria, 2021).
    fn nothing_matches(&self) -> &'static str {
        "The comination of the values of the from, until, set and metadataPrefix arguments results in an empty list."
    }
}

/// Reads `20210119000000`.
fn compact_date(text: &str) -> Option<Timestamp> {
    if text.len() != 14 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| &text[from..to];
    Timestamp::parse(&format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(8, 10),
        part(10, 12),
        part(12, 14)
    ))
}
