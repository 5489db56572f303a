//! How often another system was asked, call by call.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// Every request that was sent, attempts included. `C` is a system's kinds of calls.
#[derive(Debug)]
pub struct Counter<C>(Mutex<BTreeMap<C, u64>>);

impl<C> Default for Counter<C> {
    fn default() -> Self {
        Counter(Mutex::default())
    }
}

impl<C: Copy + Ord> Counter<C> {
    pub fn count(&self, call: C) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(call).or_default() += 1;
    }

    pub fn so_far(&self) -> BTreeMap<C, u64> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
