//! Alma's numbers of holdings, items and representations: digits, parsed once, at the edge.

use std::fmt;

/// A number that cannot be one of Alma's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a {what}: expected digits")]
pub struct InvalidNumber {
    what: &'static str,
    text: String,
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident, $what:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            pub fn parse(text: &str) -> Result<Self, InvalidNumber> {
                if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
                    Ok($name(text.to_owned()))
                } else {
                    Err(InvalidNumber { what: $what, text: text.to_owned() })
                }
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    };
}

number!(
    /// Alma's number of a holdings record, as in `22163771200002204`.
    HoldingId,
    "holding ID"
);
number!(
    /// Alma's number of an item, as in `23163771190002204`.
    ItemPid,
    "item PID"
);
number!(
    /// Alma's number of a representation, which changes with every import of a profile: never a key of anything.
    RepresentationId,
    "representation ID"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_digits_are_a_number() {
        assert_eq!(HoldingId::parse("22163771200002204").unwrap().as_str(), "22163771200002204");
        for wrong in ["", "ALL", "22 1", "../1", "２"] {
            assert!(ItemPid::parse(wrong).is_err(), "{wrong}");
        }
        let error = RepresentationId::parse("x").unwrap_err();
        assert_eq!(error.to_string(), "`x` is not a representation ID: expected digits");
    }
}
