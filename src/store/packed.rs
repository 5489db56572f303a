//! Bodies of records as they lie in the store, unpacked by whoever needs them.

use super::Error;
use super::compress::Codec;
use super::records::{METADATA, StoredBody, open_body};
use std::cell::RefCell;

/// A record body not yet unpacked, so that the unpacking can happen on any thread.
pub struct Packed {
    kind: i64,
    metadata: Option<Vec<u8>>,
}

thread_local! {
    static CODEC: RefCell<Codec> = RefCell::new(Codec::new());
}

impl Packed {
    /// A text of ours, and no record of a server.
    pub(super) fn text(packed: Vec<u8>) -> Self {
        Packed { kind: METADATA, metadata: Some(packed) }
    }

    pub(super) fn record(kind: i64, metadata: Option<Vec<u8>>) -> Self {
        Packed { kind, metadata }
    }

    pub fn open_text(&self) -> Result<String, Error> {
        let packed = self.metadata.as_deref().unwrap_or_default();
        CODEC.with_borrow_mut(|codec| codec.unpack_text(packed))
    }

    pub fn open(&self) -> Result<StoredBody, Error> {
        CODEC.with_borrow_mut(|codec| open_body(self.kind, self.metadata.as_deref(), codec))
    }
}
