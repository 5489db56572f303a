//! Alma as an OAI-PMH provider: published bibs with what the inventory enrichment adds.

use super::{Traits, alma_formats, shelf, xml};
use crate::marc::{Datafield, Marc};
use crate::model::id::{MmsId, RepositoryIdentifier};
use crate::model::time::{Granularity, Timestamp};
use crate::oai::provider::{
    Code, DeletedPolicy, Identity, Item, LastToken, MetadataFormat, OaiIdentifierScheme, Paging, Refusal, Repository,
    Selection, Set,
};
use shelf::{Shelf, Shelved};

/// A bibliographic record as its last publishing left it.
#[derive(Debug)]
pub(super) struct Bib {
    mms: MmsId,
    identifier: String,
    datestamp: Timestamp,
    sets: Vec<String>,
    position: String,
    representations: Vec<Representation>,
    held: Held,
}

#[derive(Debug)]
pub(super) enum Held {
    Marc(Marc),
    Deleted,
    /// Neither deleted nor with metadata; Alma sends such.
    NoMetadata,
}

#[derive(Debug)]
pub(super) struct Representation {
    pub(super) originating_record_id: Option<String>,
    pub(super) delivery_url: String,
    pub(super) label: Option<String>,
    /// Kept by Alma itself, not by Rosetta.
    pub(super) local: bool,
}

impl Bib {
    pub(super) fn new(
        mms: MmsId,
        repository: &RepositoryIdentifier,
        datestamp: Timestamp,
        sets: Vec<String>,
        representations: Vec<Representation>,
        held: Held,
    ) -> Self {
        let identifier = format!("oai:{repository}:{mms}");
        let position = format!("1273{:013}", shelf::scatter(&identifier) % 10_000_000_000_000);
        Bib { mms, identifier, datestamp, sets, position, representations, held }
    }

    /// What the REST API shows of a bib.
    pub(super) fn catalogued(&self) -> Option<Catalogued<'_>> {
        let Held::Marc(record) = &self.held else { return None };
        let remote = self.representations.iter().filter(|one| !one.local);
        let remote =
            remote.filter_map(|one| Some((one.originating_record_id.clone()?, one.label.clone().unwrap_or_default())));
        Some(Catalogued { mms: &self.mms, record, published: self.datestamp, remote: remote.collect() })
    }
}

/// A bib with a record, as it is in the catalogue.
pub(super) struct Catalogued<'b> {
    pub(super) mms: &'b MmsId,
    pub(super) record: &'b Marc,
    pub(super) published: Timestamp,
    /// Originating record ID and label of each remote representation.
    pub(super) remote: Vec<(String, String)>,
}

impl Shelved for Bib {
    fn item(&self) -> Item<'_> {
        Item {
            identifier: &self.identifier,
            datestamp: self.datestamp,
            sets: &self.sets,
            deleted: matches!(self.held, Held::Deleted),
            position: &self.position,
        }
    }
}

/// A change of one bib, published at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BibChange {
    Title(String),
    Deleted,
    /// Published again with nothing changed.
    Republished,
}

/// The stand-in for Alma.
#[derive(Debug)]
pub(super) struct Alma {
    institution: String,
    repository: RepositoryIdentifier,
    sets: Vec<Set>,
    bibs: Shelf<Bib>,
    base_url: String,
    traits: Traits,
}

/// ListMetadataFormats names what the software can do, not what a set publishes (Helveticat, 2026-09).
const FORMATS: [MetadataFormat; 6] = [
    format("marc21", "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd", xml::MARC),
    format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", xml::OAI_DC),
    format("oai_qdc", "http://alma.exlibrisgroup.com/schemas/qdc-1.0/alma_qualifieddc.xsd", xml::OAI_QDC),
    format("mods", "http://www.loc.gov/standards/mods/v3/mods-3-5.xsd", "http://www.loc.gov/mods/v3"),
    format("unimarc", "http://www.bncf.firenze.sbn.it/progetti/unimarc/slim/documentation/unislim.xsd", UNIMARC),
    format("kormarc", "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd", xml::MARC),
];
const UNIMARC: &str = "http://www.bncf.firenze.sbn.it/unimarc/slim";
const PUBLISHED: [&str; 2] = ["marc21", "oai_dc"];

const fn format(prefix: &'static str, schema: &'static str, namespace: &'static str) -> MetadataFormat {
    MetadataFormat { prefix, schema, namespace }
}

impl Alma {
    pub(super) fn new(
        data: super::data::AlmaData,
        base_url: &str,
        traits: Traits,
    ) -> Result<Self, shelf::SameIdentifier> {
        let bibs = Shelf::new(data.bibs)?;
        let base_url = format!("{base_url}/view/oai/{}/request", data.institution);
        Ok(Alma { institution: data.institution, repository: data.repository, sets: data.sets, bibs, base_url, traits })
    }

    pub(super) fn path(&self) -> String {
        format!("/view/oai/{}/request", self.institution)
    }

    pub(super) fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Changes a bib and publishes it; false when there is none, or nothing to change.
    pub(super) fn edit(&mut self, mms: &str, change: &BibChange, now: Timestamp) -> bool {
        let identifier = format!("oai:{}:{mms}", self.repository);
        let Some(bib) = self.bibs.find_mut(&identifier) else { return false };
        match (change, &mut bib.held) {
            (BibChange::Title(title), Held::Marc(marc)) => alma_formats::set_title(marc, title),
            (BibChange::Title(_), Held::Deleted | Held::NoMetadata) => return false,
            (BibChange::Deleted, held) => *held = Held::Deleted,
            (BibChange::Republished, _) => {}
        }
        bib.datestamp = now;
        true
    }

    /// What the catalogue holds of a bib now, or that it is gone, comes into the feed. A new bib comes into the first set.
    pub(super) fn publish(&mut self, mms: &MmsId, what: Option<(Marc, Vec<Representation>)>, now: Timestamp) {
        let identifier = format!("oai:{}:{mms}", self.repository);
        let (held, representations) = match what {
            Some((marc, representations)) => (Held::Marc(marc), representations),
            None => (Held::Deleted, Vec::new()),
        };
        if let Some(bib) = self.bibs.find_mut(&identifier) {
            (bib.held, bib.representations, bib.datestamp) = (held, representations, now);
            return;
        }
        if matches!(held, Held::Marc(_)) {
            let sets = self.sets.first().map(|set| set.spec.clone()).into_iter().collect();
            self.bibs.put(Bib::new(mms.clone(), &self.repository, now, sets, representations, held));
        }
    }

    fn oai_dc(&self, bib: &Bib, marc: &Marc) -> String {
        let mut fields = alma_formats::simple_dc(marc);
        // Per remote representation three identifiers; of Alma's own digital files only the link.
        for representation in &bib.representations {
            if let (false, Some(id)) = (representation.local, &representation.originating_record_id) {
                fields.push(("identifier", id.clone()));
                fields.push(("identifier", format!("alma_{}", bib.mms)));
            }
            fields.push(("identifier", representation.delivery_url.clone()));
        }
        xml::simple_dc(fields.iter().map(|(element, value)| (*element, value.as_str())))
    }

    fn marc21(&self, bib: &Bib, marc: &Marc) -> String {
        let further: Vec<Datafield> =
            bib.representations.iter().map(|representation| self.avd(bib, representation)).collect();
        alma_formats::marc21(marc, &further)
    }

    /// The digital availability field of one representation.
    fn avd(&self, bib: &Bib, representation: &Representation) -> Datafield {
        let number = shelf::scatter(&format!("{} {}", bib.identifier, representation.delivery_url));
        let id = format!("12{:011}1234", number % 100_000_000_000);
        let kind = if representation.local { "REPRESENTATION" } else { "REMOTE_REPRESENTATION" };
        let mut subfields = vec![('a', self.institution.as_str()), ('b', id.as_str()), ('c', kind)];
        if !representation.local {
            subfields.push(('d', "Rosetta"));
        }
        subfields.extend(representation.label.as_deref().map(|label| ('e', label)));
        subfields.push(('h', &representation.delivery_url));
        alma_formats::datafield("AVD", [' ', ' '], &subfields)
    }
}

impl Repository for Alma {
    fn identity(&self) -> Identity {
        let sample = self.bibs.iter().next().map(|bib| bib.identifier.clone());
        // Alma's own default, alma.01INST_INST, breaks the guideline's pattern; a strict answer leaves it out.
        let fits = self.traits.quirks || super::is_domain_name(self.repository.as_str());
        Identity {
            name: format!("Alma of {} (sandbox)", self.institution),
            base_url: self.base_url.clone(),
            earliest: Timestamp::parse("2001-01-01").expect("a date is a date"),
            deleted: DeletedPolicy::Transient,
            granularity: Granularity::Second,
            admin_email: "alma@example.org".to_owned(),
            oai_identifier: sample.filter(|_| fits).map(|sample_identifier| OaiIdentifierScheme {
                repository_identifier: self.repository.to_string(),
                sample_identifier,
            }),
        }
    }

    /// Alma has been seen to name another host than the one that was called (BIBSYS, 2018).
    fn request_url(&self) -> String {
        if self.traits.quirks {
            return format!("https://eu01.alma.exlibrisgroup.com{}", self.path());
        }
        self.base_url.clone()
    }

    fn metadata_formats(&self) -> Vec<MetadataFormat> {
        FORMATS.to_vec()
    }

    fn offers(&self, _item: &Item<'_>, prefix: &str) -> bool {
        PUBLISHED.contains(&prefix)
    }

    fn sets(&self) -> Vec<Set> {
        self.sets.clone()
    }

    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        Box::new(self.bibs.iter().map(Shelved::item))
    }

    fn find(&self, identifier: &str) -> Option<Item<'_>> {
        self.bibs.find(identifier).map(Shelved::item)
    }

    fn metadata(&self, item: &Item<'_>, prefix: &str) -> Option<String> {
        let bib = self.bibs.find(item.identifier)?;
        let Held::Marc(marc) = &bib.held else { return None };
        let child = if prefix == "marc21" { self.marc21(bib, marc) } else { self.oai_dc(bib, marc) };
        // Alma sends a line break between <metadata> and its child.
        Some(format!("\n{child}"))
    }

    fn paging(&self) -> Paging {
        let last_token = if self.traits.quirks { LastToken::Missing } else { LastToken::Empty };
        Paging { size: self.traits.page_size, cursor: false, complete_list_size: false, last_token }
    }

    fn write_token(&self, selection: &Selection, position: &str) -> String {
        let date = |date: Option<Timestamp>| date.map_or("all".to_owned(), |date| date.at(Granularity::Second));
        let (from, until) = (date(selection.from), date(selection.until));
        let set = selection.set.as_deref().unwrap_or("all");
        format!("{from}@{until}@{set}@{}@{position}", selection.prefix)
    }

    fn read_token(&self, token: &str) -> Option<(Selection, String)> {
        let date = |text: &str| if text == "all" { Some(None) } else { Timestamp::parse(text).map(Some) };
        let (selection, position) = super::split_token(token, date)?;
        let is_position = position.len() == 17 && position.bytes().all(|b| b.is_ascii_digit());
        is_position.then_some((selection, position))
    }

    fn refuse(&self, selection: &Selection) -> Option<Refusal> {
        let Some(set) = &selection.set else {
            return Some(Refusal::new(Code::BadArgument, "The request is missing required set argument"));
        };
        let known = self.sets.iter().any(|known| &known.spec == set);
        if known && PUBLISHED.contains(&selection.prefix.as_str()) {
            return None;
        }
        let message = "No Publishing profile exists for given set and metadataPrefix";
        Some(Refusal::new(Code::NoRecordsMatch, message))
    }

    /// A record that no profile publishes in a format does not exist in it, says Alma.
    fn refuse_format(&self, identifier: &str, prefix: &str) -> Refusal {
        Refusal::new(Code::IdDoesNotExist, format!("{identifier} is not published as {prefix}"))
    }
}

/// Whether a title can stand in XML.
pub(super) fn is_legal(title: &str) -> bool {
    let illegal = |c: char| c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}');
    !title.trim().is_empty() && !title.contains(illegal)
}
