//! What Rosetta stores of the IEs that are about to change, asked over its web services and kept in the store.

use super::{Go, News, Tell};
use crate::dc_xml;
use crate::failure::{Failure, Kind, stated};
use crate::model::id::IePid;
use crate::profile::RoundTrip;
use crate::rosetta_soap::{Stored, StoredRecords};
use crate::store::Store;
use crate::store::stored_records::StoredAnswer;

/// Answers that become durable together.
const TOGETHER: usize = 200;

/// The web services, for as long as one run lasts.
pub struct Asked {
    records: StoredRecords,
    run: i64,
}

impl Asked {
    /// Reads the password, and asks nothing yet.
    pub fn of(round_trip: &RoundTrip, run: i64) -> Result<Self, Failure> {
        let soap = round_trip.soap.as_ref().ok_or_else(|| {
            stated(
                Kind::Configuration,
                "merge.current = \"soap\" needs the table [rosetta.soap]",
                "profiles/reference.toml explains every key",
            )
        })?;
        Ok(Asked { records: StoredRecords::new(soap)?, run })
    }

    /// Asks about everything that is about to change and was not asked about in this run; `false` when there is nothing.
    pub fn about_changes(&self, store: &mut Store, room: usize, tell: Tell<'_>) -> Result<bool, Failure> {
        let ies = store.ies_to_ask(self.run, room)?;
        self.about(store, &ies, tell)?;
        Ok(!ies.is_empty())
    }

    /// Asks about what is done and was not yet seen.
    pub fn about_done(&self, store: &mut Store, tell: Tell<'_>) -> Result<(), Failure> {
        let ies = store.ies_to_confirm(self.run)?;
        self.about(store, &ies, tell)
    }

    fn about(&self, store: &mut Store, ies: &[IePid], tell: Tell<'_>) -> Result<(), Failure> {
        for (chunk, some) in ies.chunks(TOGETHER).enumerate() {
            if tell(News::Asked { done: (chunk * TOGETHER) as u64, of: ies.len() as u64 }) == Go::Stop {
                return Ok(());
            }
            let answers: Vec<StoredAnswer> = self
                .records
                .fetch(some)?
                .into_iter()
                .map(|(ie, answer)| match answer {
                    Ok(Stored { dc, locked_by, version }) => StoredAnswer {
                        ie,
                        record: Ok(dc_xml::write_record(&dc)),
                        locked_by: locked_by.unwrap_or_default(),
                        version: version.unwrap_or_default(),
                    },
                    Err(error) => StoredAnswer {
                        ie,
                        record: Err(Failure::from(error).to_string().lines().next().unwrap_or_default().to_owned()),
                        locked_by: String::new(),
                        version: String::new(),
                    },
                })
                .collect();
            store.keep_stored(self.run, &answers)?;
        }
        Ok(())
    }
}
