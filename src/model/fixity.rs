//! A SHA-256 that proves that something is still what it was.

use sha2::{Digest, Sha256};
use std::fmt;

/// A SHA-256; shown as 64 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fixity(pub [u8; 32]);

/// A text that is not 64 hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest: expected 64 hexadecimal digits")]
pub struct NotADigest(String);

impl Fixity {
    pub fn of(bytes: &[u8]) -> Self {
        Fixity(Sha256::digest(bytes).into())
    }

    /// Reads 64 hexadecimal digits, in either case, with blanks around them.
    pub fn parse(text: &str) -> Result<Self, NotADigest> {
        let digits = text.trim();
        let refuse = || NotADigest(text.to_owned());
        if digits.len() != 64 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(refuse());
        }
        let mut bytes = [0; 32];
        for (at, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * at..2 * at + 2], 16).map_err(|_| refuse())?;
        }
        Ok(Fixity(bytes))
    }
}

impl fmt::Display for Fixity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_digest_is_read_back_from_what_is_shown(bytes: [u8; 32]) {
            prop_assert_eq!(Fixity::parse(&Fixity(bytes).to_string()), Ok(Fixity(bytes)));
        }
    }

    #[test]
    fn what_is_no_digest_is_refused_whatever_its_letters() {
        for text in ["", "ab", "zz", &"é".repeat(32), &"0".repeat(63), &"0".repeat(66), &format!("+{}", "0".repeat(63))]
        {
            assert!(Fixity::parse(text).is_err(), "{text}");
        }
    }
}
