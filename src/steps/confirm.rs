//! Whether Rosetta holds what its job called done.
//!
//! The job only moves files. What it did shows in the next harvest: the IE's record equals what was written, or not.

use super::prepare::Feeds;
use crate::dc_xml;
use crate::failure::Failure;
use crate::model::time::Timestamp;
use crate::store::Store;
use crate::store::confirming::Verdict;
use crate::store::records::StoredBody;

/// What one look found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Confirmed {
    pub confirmed: u64,
    /// Done, and Rosetta shows something else.
    pub diverged: u64,
}

/// Compares what Rosetta shows now with what was last written to each IE.
pub fn confirm(store: &mut Store, feeds: Feeds, repository: &str, now: Timestamp) -> Result<Confirmed, Failure> {
    let mut compared = Vec::new();
    for one in store.to_confirm(feeds.rosetta, repository)? {
        let StoredBody::Metadata(metadata) = one.shown.open()? else { continue };
        // What cannot be read is in the way of the next package, and held there.
        let Ok(dc) = dc_xml::read_anywhere(&metadata) else { continue };
        let verdict = match (dc.digest() == one.content, one.is_later) {
            (true, _) => Verdict::Confirmed,
            (false, true) => Verdict::Diverged,
            (false, false) => Verdict::Open,
        };
        compared.push((one, verdict));
    }
    if !compared.is_empty() {
        store.note_compared(&compared, now)?;
    }
    let count = |wanted| compared.iter().filter(|(_, verdict)| *verdict == wanted).count() as u64;
    Ok(Confirmed { confirmed: count(Verdict::Confirmed), diverged: count(Verdict::Diverged) })
}
