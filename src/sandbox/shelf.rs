//! Keeps records in the order in which a provider pages through them, which is not that of their dates.

use crate::oai::provider::Item;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;

/// A record with a header.
pub(super) trait Shelved {
    fn item(&self) -> Item<'_>;
}

/// Records ascending by position, and found by OAI identifier.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    records: Vec<T>,
    places: HashMap<String, usize>,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} and {1} are the same record, or fall on the same place")]
pub(super) struct SameIdentifier(String, String);

impl<T: Shelved> Shelf<T> {
    /// Refuses two records of one identifier, and two that a resumption token could not tell apart.
    pub(super) fn new(mut records: Vec<T>) -> Result<Self, SameIdentifier> {
        records.sort_by(|a, b| a.item().position.cmp(b.item().position));
        for pair in records.windows(2) {
            let (one, other) = (pair[0].item(), pair[1].item());
            if one.position == other.position {
                return Err(SameIdentifier(one.identifier.to_owned(), other.identifier.to_owned()));
            }
        }
        let place = |(place, record): (usize, &T)| (record.item().identifier.to_owned(), place);
        let places = records.iter().enumerate().map(place).collect();
        Ok(Shelf { records, places })
    }

    /// Takes a record that was not there; the order is what it would have been from the start.
    pub(super) fn put(&mut self, record: T) {
        let at = self.records.partition_point(|other| other.item().position < record.item().position);
        self.records.insert(at, record);
        let place = |(place, record): (usize, &T)| (record.item().identifier.to_owned(), place);
        self.places = self.records.iter().enumerate().map(place).collect();
    }

    pub(super) fn iter(&self) -> std::slice::Iter<'_, T> {
        self.records.iter()
    }

    pub(super) fn find(&self, identifier: &str) -> Option<&T> {
        self.places.get(identifier).map(|place| &self.records[*place])
    }

    pub(super) fn find_mut(&mut self, identifier: &str) -> Option<&mut T> {
        self.places.get(identifier).map(|place| &mut self.records[*place])
    }
}

/// A number that is always the same for a text and says nothing of its order.
pub(super) fn scatter(text: &str) -> u64 {
    let digest = Sha256::digest(text.as_bytes());
    digest.iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
}
