//! Why a person must look at what Alma says before it goes into ArchivesSpace: every reason by name.

use crate::push::in_words::Coded;
use crate::push::shelf::reason::ShelfReason;
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullReason {
    /// ArchivesSpace says something else, and would not any more.
    Overwrites { held: String, value: String },
    /// The bib says it more than once, and each time something else.
    SeveralValues(Vec<String>),
    /// The field cannot hold it.
    DoesNotFit(String),
    /// Another box of the repository has the barcode.
    BarcodeTaken { barcode: String, by: String },
    /// Which item is the box is not clear.
    Unmatched(ShelfReason),
}

impl PullReason {
    /// The code in lists and in `--json`: once written, never renamed.
    pub fn code(&self) -> &'static str {
        match self {
            PullReason::Overwrites { .. } => "overwrites",
            PullReason::SeveralValues(_) => "several-values",
            PullReason::DoesNotFit(_) => "does-not-fit",
            PullReason::BarcodeTaken { .. } => "barcode-taken",
            PullReason::Unmatched(why) => why.code(),
        }
    }

    /// Whether a person may let it pass.
    pub fn can_be_approved(&self) -> bool {
        match self {
            PullReason::Overwrites { .. } => true,
            PullReason::SeveralValues(_) | PullReason::DoesNotFit(_) | PullReason::BarcodeTaken { .. } => false,
            PullReason::Unmatched(_) => false,
        }
    }

    /// The same for what was stored.
    pub fn code_can_be_approved(code: &str) -> bool {
        code == "overwrites"
    }
}

impl fmt::Display for PullReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PullReason::Overwrites { held, value } => write!(out, "ArchivesSpace has `{held}`, Alma has `{value}`"),
            PullReason::SeveralValues(values) => {
                write!(out, "Alma has several, and the profile has no `join` for them: {}", values.join(" | "))
            }
            PullReason::DoesNotFit(why) => out.write_str(why),
            PullReason::BarcodeTaken { barcode, by } => write!(out, "the barcode {barcode} is on {by}"),
            PullReason::Unmatched(why) => why.fmt(out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_stored_is_judged_as_what_is_planned() {
        for reason in [
            PullReason::Overwrites { held: String::new(), value: String::new() },
            PullReason::SeveralValues(Vec::new()),
            PullReason::DoesNotFit(String::new()),
            PullReason::BarcodeTaken { barcode: String::new(), by: String::new() },
        ] {
            assert_eq!(PullReason::code_can_be_approved(reason.code()), reason.can_be_approved(), "{reason:?}");
        }
    }
}
