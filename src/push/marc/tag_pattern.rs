//! Which tags a rule speaks of: `035`, `59X`, `9XX`.

use std::fmt;

/// Three characters; `X` stands for any.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TagPattern([u8; 3]);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no pattern of tags: expected three digits, each perhaps an `X` for any, as in 035, 59X or 9XX")]
pub struct InvalidPattern(pub String);

impl TagPattern {
    pub fn parse(text: &str) -> Result<Self, InvalidPattern> {
        let is_right = |byte: &u8| byte.is_ascii_digit() || *byte == b'X';
        match <[u8; 3]>::try_from(text.to_ascii_uppercase().as_bytes()) {
            Ok(bytes) if bytes.iter().all(is_right) => Ok(TagPattern(bytes)),
            Ok(_) | Err(_) => Err(InvalidPattern(text.to_owned())),
        }
    }

    pub fn matches(self, tag: &str) -> bool {
        tag.len() == 3 && self.0.iter().zip(tag.bytes()).all(|(pattern, byte)| *pattern == b'X' || *pattern == byte)
    }

    /// Whether there is a tag that both speak of.
    pub fn overlaps(self, other: TagPattern) -> bool {
        self.0.iter().zip(other.0).all(|(one, other)| *one == b'X' || other == b'X' || *one == other)
    }

    /// How many digits it names: of two patterns that match a tag, the one that names more speaks of it.
    pub fn digits(self) -> usize {
        self.0.iter().filter(|byte| **byte != b'X').count()
    }
}

impl fmt::Display for TagPattern {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(out, "{}", char::from(*byte)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_x_stands_for_any_digit() {
        let check = |pattern: &str, tag: &str, expected: bool| {
            assert_eq!(TagPattern::parse(pattern).unwrap().matches(tag), expected, "{pattern} {tag}");
        };
        check("035", "035", true);
        check("035", "036", false);
        check("9XX", "949", true);
        check("59x", "590", true);
        check("59X", "500", false);
        check("XXX", "24", false);
    }

    #[test]
    fn what_is_no_pattern_is_refused_by_name() {
        for text in ["", "35", "0350", "9YY", "é1"] {
            assert_eq!(TagPattern::parse(text), Err(InvalidPattern(text.to_owned())));
        }
    }
}
