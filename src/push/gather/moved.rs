//! What a profile chooses, against what it chose when ArchivesSpace was asked last.

use crate::failure::Failure;
use crate::profile::Chosen;
use crate::store::Store;

/// Whether the profile chooses other resources than when this was asked last: of what it takes in nothing was kept then.
pub struct Moved {
    fact: &'static str,
    now: String,
    before: Option<String>,
}

impl Moved {
    pub fn of(store: &Store, fact: &'static str, chosen: &Chosen) -> Result<Self, Failure> {
        let now = format!("{:?} {:?}", chosen.repositories, chosen.resources);
        Ok(Moved { fact, now, before: store.meta(fact)? })
    }

    /// Of what was gathered before this was noted nothing is known.
    pub fn is_moved(&self) -> bool {
        self.before.as_ref() != Some(&self.now)
    }

    /// All of it was asked for.
    pub fn note(self, store: &Store) -> Result<(), Failure> {
        Ok(store.set_meta(self.fact, &self.now)?)
    }
}
