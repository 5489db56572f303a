//! What the stand-in of Alma's API holds: bibs with their holdings, items and representations.

use super::asked::day;
use crate::marc::{Datafield, Marc};
use crate::model::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// The end of every number of one institution.
const INSTITUTION: &str = "1234";

#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) bibs: BTreeMap<String, Bib>,
    /// Collections by their number, with the MMS IDs in them.
    pub(super) collections: BTreeMap<String, BTreeSet<String>>,
    /// Whether a bib must be in a collection before it may have a representation.
    pub(super) wants_collection: bool,
    /// So long after it was made a bib is found by its numbers.
    pub(super) index_lag: Duration,
    /// The index leaves prefixes in parentheses out, as a real one does.
    pub(super) searches_loosely: bool,
    /// Bibs that cannot be shown.
    pub(super) broken: BTreeSet<String>,
    /// Holdings that the list of their bib shows, and that are not found when they are asked for.
    pub(super) denied: BTreeSet<String>,
    /// Bibs that were changed since Alma published last.
    pub(super) unpublished: BTreeSet<String>,
    next: u64,
}

#[derive(Debug, Clone)]
pub(super) struct Bib {
    pub(super) record: Marc,
    pub(super) suppressed: bool,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    /// A cataloguer has the record open.
    pub(super) locked_by: Option<String>,
    pub(super) holdings: Vec<Holding>,
    pub(super) representations: Vec<Representation>,
}

#[derive(Debug, Clone)]
pub(super) struct Holding {
    pub(super) id: String,
    pub(super) record: Marc,
    pub(super) suppressed: bool,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) items: Vec<Item>,
}

#[derive(Debug, Clone)]
pub(super) struct Item {
    pub(super) pid: String,
    pub(super) copy_id: String,
    /// Elements of `item_data`, without those that are empty or made from elsewhere.
    pub(super) data: BTreeMap<&'static str, String>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
}

#[derive(Debug, Clone)]
pub(super) struct Representation {
    pub(super) id: String,
    pub(super) is_remote: bool,
    pub(super) data: BTreeMap<&'static str, String>,
    pub(super) created: Timestamp,
}

impl Catalogue {
    /// A number of Alma's: what it is of, a counter, the institution.
    pub(super) fn number(&mut self, kind: &str) -> String {
        self.next += 1;
        format!("{kind}{:010}{INSTITUTION}", 5_000_000 + self.next)
    }

    /// The bib whose MMS ID it is.
    pub(super) fn bib(&self, mms: &str) -> Option<&Bib> {
        self.bibs.get(mms)
    }

    /// The item with a barcode: its bib, its holding, itself.
    pub(super) fn item_with(&self, barcode: &str) -> Option<(&str, &Holding, &Item)> {
        let holdings = self.bibs.iter().flat_map(|(mms, bib)| bib.holdings.iter().map(move |it| (mms.as_str(), it)));
        let mut items = holdings.flat_map(|(mms, holding)| holding.items.iter().map(move |item| (mms, holding, item)));
        items.find(|(.., item)| item.data.get("barcode").is_some_and(|given| given == barcode))
    }

    /// Bibs with exactly this in an 035 $a, as far as the index knows them.
    pub(super) fn bibs_with_number(&self, number: &str, now: Timestamp) -> impl Iterator<Item = (&String, &Bib)> {
        let is_known = move |bib: &Bib| now.since(bib.created) >= self.index_lag;
        let bare = |text: &'_ str| text.rsplit(')').next().map(str::to_owned).unwrap_or_default();
        let is_meant = move |given: &str| given == number || (self.searches_loosely && bare(given) == bare(number));
        self.bibs.iter().filter(move |(_, bib)| is_known(bib) && numbers_of(&bib.record).any(&is_meant))
    }
}

impl Bib {
    pub(super) fn holding(&self, id: &str) -> Option<&Holding> {
        self.holdings.iter().find(|holding| holding.id == id)
    }

    pub(super) fn holding_mut(&mut self, id: &str) -> Option<&mut Holding> {
        self.holdings.iter_mut().find(|holding| holding.id == id)
    }

    /// Takes a record as saved: with Alma's 001, and a 005 that is later than the one before.
    pub(super) fn save(&mut self, mut record: Marc, mms: &str, now: Timestamp) {
        let second = Duration::from_secs(1);
        self.modified = if now <= self.modified { self.modified.plus(second) } else { now };
        set_controlfield(&mut record, "001", mms);
        set_controlfield(&mut record, "005", &version(self.modified));
        self.record = record;
    }
}

impl Holding {
    pub(super) fn place(&self) -> (String, String) {
        let field = self.record.fields("852").next();
        let of = |code| field.and_then(|field| field.values(code).next()).unwrap_or_default().to_owned();
        (of('b'), of('c'))
    }

    pub(super) fn call_number(&self) -> String {
        let parts = self.record.fields("852").flat_map(|field| &field.subfields);
        let parts: Vec<&str> =
            parts.filter(|(code, _)| matches!(code, 'h' | 'i')).map(|(_, value)| value.as_str()).collect();
        parts.join(" ")
    }

    /// The first indicator of 852, which is a code of Alma's, too.
    pub(super) fn call_number_type(&self) -> String {
        let indicator = self.record.fields("852").next().map_or(' ', |field| field.ind1);
        if indicator == ' ' { String::new() } else { indicator.to_string() }
    }
}

/// A 005: to the tenth of a second, which is never other than 0.
pub(super) fn version(instant: Timestamp) -> String {
    format!("{}.0", &instant.compact()[..14])
}

pub(super) fn controlfield<'r>(record: &'r Marc, tag: &str) -> Option<&'r str> {
    record.controlfields.iter().find(|(given, _)| given == tag).map(|(_, value)| value.as_str())
}

/// Replaces a control field, or puts it where its number belongs.
pub(super) fn set_controlfield(record: &mut Marc, tag: &str, value: &str) {
    match record.controlfields.iter_mut().find(|(given, _)| given == tag) {
        Some((_, old)) => value.clone_into(old),
        None => {
            let at = record.controlfields.iter().position(|(given, _)| given.as_str() > tag);
            let at = at.unwrap_or(record.controlfields.len());
            record.controlfields.insert(at, (tag.to_owned(), value.to_owned()));
        }
    }
}

pub(super) fn numbers_of(record: &Marc) -> impl Iterator<Item = &str> {
    record.fields("035").flat_map(|field| field.values('a'))
}

/// The subfields of the first field with one of these tags, as Alma shows it above a record.
pub(super) fn shown(record: &Marc, tags: &[&str], codes: &str) -> Option<String> {
    let field: &Datafield = record.datafields.iter().find(|field| tags.contains(&field.tag.as_str()))?;
    let parts = field.subfields.iter().filter(|(code, _)| codes.contains(*code)).map(|(_, value)| value.as_str());
    Some(parts.collect::<Vec<_>>().join(" ")).filter(|text| !text.is_empty())
}

pub(super) fn created_on(instant: Timestamp) -> String {
    day(instant)
}
