//! What Rosetta stores of IEs that are about to change: asked side by side, once in a run.

use super::{Client, Error};
use crate::model::dc::Dc;
use crate::model::id::IePid;
use crate::profile::Soap;
use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Questions that are under way at once; the rate limit of the client holds for all of them.
const SIDE_BY_SIDE: usize = 4;

/// An IE as Rosetta stores it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    pub dc: Dc,
    /// `None`: nobody, or Rosetta does not tell.
    pub locked_by: Option<String>,
    pub version: Option<String>,
}

/// The stored records that were asked for in this run.
pub struct StoredRecords {
    client: Client,
    known: Mutex<HashMap<IePid, Stored>>,
}

impl StoredRecords {
    /// Reads the password, and asks nothing yet.
    pub fn new(soap: &Soap) -> Result<Self, Error> {
        Ok(StoredRecords { client: Client::new(soap)?, known: Mutex::default() })
    }

    /// Asks for the IEs that were not asked for before. Each IE gets its own answer; what concerns all of them (no
    /// connection, no access) ends the asking, and is the error of the whole.
    pub fn fetch(&self, ies: &[IePid]) -> Result<HashMap<IePid, Result<Stored, Error>>, Error> {
        let next = AtomicUsize::new(0);
        let (answers, end) = (Mutex::new(HashMap::new()), Mutex::new(None));
        std::thread::scope(|scope| {
            for _ in 0..SIDE_BY_SIDE.min(ies.len()) {
                scope.spawn(|| {
                    while held(&end).is_none()
                        && let Some(ie) = ies.get(next.fetch_add(1, Ordering::Relaxed))
                    {
                        match self.one(ie) {
                            Err(error) if error.concerns_all() => *held(&end) = Some(error),
                            answer => drop(held(&answers).insert(ie.clone(), answer)),
                        }
                    }
                });
            }
        });
        match end.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(answers.into_inner().unwrap_or_else(PoisonError::into_inner)),
        }
    }

    fn one(&self, ie: &IePid) -> Result<Stored, Error> {
        if let Some(stored) = held(&self.known).get(ie) {
            return Ok(stored.clone());
        }
        let dc = self.client.stored_dc(ie)?;
        let status = match self.client.status(ie) {
            Ok(status) => status,
            // A Rosetta of 2014 has no manageIE; the record is worth having without it.
            Err(Error::Fault { .. }) => super::IeStatus::default(),
            Err(error) => return Err(error),
        };
        let stored = Stored { dc, locked_by: status.locked_by, version: status.version };
        held(&self.known).insert(ie.clone(), stored.clone());
        Ok(stored)
    }
}

/// A thread that panicked leaves whole answers behind.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
