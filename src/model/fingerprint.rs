//! What stands for an identifier or a token where millions of them must be known again.
//!
//! 64 bits, seeded anew in each process: two of a million identifiers have one fingerprint in thirty million lists, and
//! the next run tells those two apart.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, BuildHasherDefault, Hash, Hasher};
use std::sync::LazyLock;

/// A hash that is good enough to be taken for the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

pub type FingerprintSet = HashSet<Fingerprint, BuildHasherDefault<AsItIs>>;
pub type FingerprintMap<V> = HashMap<Fingerprint, V, BuildHasherDefault<AsItIs>>;

impl Fingerprint {
    pub fn of(thing: impl Hash) -> Self {
        static SEED: LazyLock<foldhash::quality::RandomState> = LazyLock::new(Default::default);
        Fingerprint(SEED.hash_one(thing))
    }
}

impl Hash for Fingerprint {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.0);
    }
}

/// Hashes a fingerprint by what it is: to mix it once more would tell no more of them apart.
#[derive(Debug, Clone, Copy, Default)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hundred_thousand_identifiers_have_as_many_fingerprints() {
        let all: FingerprintSet = (0..100_000).map(|n| Fingerprint::of(format!("oai:ros.example:IE{n}"))).collect();
        assert_eq!(all.len(), 100_000);
        assert!(all.contains(&Fingerprint::of("oai:ros.example:IE7")));
        assert!(!all.contains(&Fingerprint::of("oai:ros.example:IE100000")));
    }
}
