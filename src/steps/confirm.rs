//! Whether Rosetta holds what its job called done.
//!
//! The job only moves files. What it did shows in the next harvest: the IE's record equals what was written, or not.

use super::prepare::Feeds;
use crate::dc_xml;
use crate::failure::Failure;
use crate::model::time::Timestamp;
use crate::store::Store;
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
    let (mut confirmed, mut diverged) = (Vec::new(), Vec::new());
    for one in store.to_confirm(feeds.rosetta, repository)? {
        let StoredBody::Metadata(metadata) = one.shown.open()? else { continue };
        // What cannot be read is in the way of the next package, and held there.
        let Ok(dc) = dc_xml::read_anywhere(&metadata) else { continue };
        if dc.digest() == one.content {
            confirmed.push(one.package);
        } else if one.is_later {
            diverged.push(one.package);
        }
    }
    if !confirmed.is_empty() || !diverged.is_empty() {
        store.note_confirmed(&confirmed, &diverged, now)?;
    }
    Ok(Confirmed { confirmed: confirmed.len() as u64, diverged: diverged.len() as u64 })
}
