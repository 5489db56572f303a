//! What a person decided about one IE.

use super::dc::ContentDigest;
use super::id::IePid;
use super::time::Timestamp;
use sha2::{Digest as _, Sha256};

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// What is held may be written.
    Approve,
    /// It must not be written, as long as both sides say what they said.
    Reject,
    /// The content of a package that failed, was lost or did not take may be sent again.
    Retry,
    /// What a package wrote is taken back.
    Undo,
}

impl Verb {
    pub fn as_str(&self) -> &'static str {
        match self {
            Verb::Approve => "approve",
            Verb::Reject => "reject",
            Verb::Retry => "retry",
            Verb::Undo => "undo",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [Verb::Approve, Verb::Reject, Verb::Retry, Verb::Undo].into_iter().find(|verb| verb.as_str() == text)
    }

    /// `approved by anna on 2026-11-22T…`.
    pub fn done(&self) -> &'static str {
        match self {
            Verb::Approve => "approved",
            Verb::Reject => "rejected",
            Verb::Retry => "sent again",
            Verb::Undo => "undone",
        }
    }
}

/// A decision, and about what exactly it was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    pub verb: Verb,
    pub ie: IePid,
    /// What would be written; of `Undo`: what was taken back.
    pub content: ContentDigest,
    /// What Rosetta held; `None`: nothing that is known.
    pub shown: Option<ContentDigest>,
    /// Of `Retry` and `Undo`: the package that is meant.
    pub package: Option<i64>,
    pub who: String,
    /// Empty when no reason was given.
    pub why: String,
    pub at: Timestamp,
}

impl Decision {
    /// Whether it was made about this content before this record of Rosetta's.
    pub fn is_about(&self, content: ContentDigest, shown: Option<ContentDigest>) -> bool {
        self.content == content && self.shown == shown
    }

    /// `rejected by anna on 2026-11-22T01:02:03Z: the title is wrong`.
    pub fn words(&self) -> String {
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        format!("{} by {} on {}{why}", self.verb.done(), self.who, self.at)
    }
}

/// Names exactly what is held: another content, or another record of Rosetta's, has another name.
///
/// `IE1234-3fa9c2d1`: short enough to type, long enough that nothing else that an IE was ever held for has it.
pub fn held_id(ie: &IePid, content: ContentDigest, shown: Option<ContentDigest>) -> String {
    let mut hash = Sha256::new();
    hash.update(content.0);
    if let Some(shown) = shown {
        hash.update(shown.0);
    }
    let digest = hash.finalize();
    format!("{ie}-{}", digest[..4].iter().map(|byte| format!("{byte:02x}")).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_what_is_held_changes_with_either_side() {
        let ie = IePid::parse("IE7").unwrap();
        let digest = |byte| ContentDigest([byte; 32]);
        let names = [(1, None), (1, Some(1)), (1, Some(2)), (2, Some(1))]
            .map(|(content, shown)| held_id(&ie, digest(content), shown.map(digest)));
        for (at, name) in names.iter().enumerate() {
            assert!(name.starts_with("IE7-") && name.len() == 12, "{name}");
            assert!(!names[at + 1..].contains(name), "{names:?}");
        }
    }

    #[test]
    fn every_verb_is_read_back() {
        for verb in [Verb::Approve, Verb::Reject, Verb::Retry, Verb::Undo] {
            assert_eq!(Verb::parse(verb.as_str()), Some(verb));
        }
    }
}
