//! Many bibs at once: by their numbers, and by the numbers that other systems give them.

use super::answers::Bib;
use super::calls::Call;
use super::error::Error;
use super::wire::{Ask, path};
use super::{Client, MOST_AT_ONCE};
use crate::model::id::MmsId;
use std::collections::HashSet;

/// After so many records in a row that Alma cannot give it is Alma, and not the records.
const PATIENCE: u32 = 4;

impl Client {
    /// Bibs, a hundred a call and each asked for once. Those that Alma does not have, or cannot give, are missing: ask for such a
    /// one alone to learn which. The order is Alma's.
    pub fn bibs(&self, wanted: &[MmsId]) -> Result<Vec<Bib>, Error> {
        let mut seen = HashSet::new();
        let wanted: Vec<&str> = wanted.iter().map(MmsId::as_str).filter(|mms| seen.insert(*mms)).collect();
        let mut bibs = Vec::new();
        for chunk in wanted.chunks(MOST_AT_ONCE) {
            let of = format!("{} bibs from {}", chunk.len(), chunk.first().copied().unwrap_or_default());
            let ask = Ask::get(Call::ReadBibs, of, path(&["bibs"], &[("mms_id", &chunk.join(","))]));
            match self.found(&ask, Bib::read_all) {
                Ok(Some(found)) => bibs.extend(found),
                // One number that Alma calls invalid, or one record that it cannot give, must not hide the other ninety-nine.
                Ok(None) => bibs.extend(self.bibs_one_by_one(chunk)?),
                Err(error) if error.may_be_one_record_s() => bibs.extend(self.bibs_one_by_one(chunk)?),
                Err(error) => return Err(error),
            }
        }
        Ok(bibs)
    }

    fn bibs_one_by_one(&self, wanted: &[&str]) -> Result<Vec<Bib>, Error> {
        let each = wanted.iter().filter_map(|mms| MmsId::parse(mms).ok());
        let (mut bibs, mut in_a_row) = (Vec::new(), 0);
        for mms in each {
            match self.bib(&mms) {
                Ok(bib) => {
                    in_a_row = 0;
                    bibs.extend(bib);
                }
                Err(error) if error.may_be_one_record_s() && in_a_row < PATIENCE => {
                    in_a_row += 1;
                    tracing::warn!(%mms, "{error}");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(bibs)
    }

    /// Bibs with an 035 that Alma takes for this one. Alma normalizes what it searches: compare the 035 before relying on it.
    pub fn bibs_by_other_id(&self, other_system_id: &str) -> Result<Vec<Bib>, Error> {
        let query = [("other_system_id", other_system_id)];
        let ask = Ask::get(Call::FindBibs, format!("with 035 {other_system_id}"), path(&["bibs"], &query));
        Ok(self.found(&ask, Bib::read_found)?.unwrap_or_default())
    }
}
