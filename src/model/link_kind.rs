//! What `link` writes into Alma, by kind.

use std::fmt;

/// A further kind is a line here and a file in `link/apply/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LinkKind {
    /// A new bib that describes an IE.
    CreateBib,
    /// A remote representation that points at an IE.
    CreateRepresentation,
    /// A representation that this program made is deleted: only a person asks for that.
    DeleteRepresentation,
    /// A bib that this program made is deleted: a person asks for that, or its representation was refused.
    DeleteBib,
}

impl LinkKind {
    pub const ALL: [LinkKind; 4] =
        [LinkKind::CreateBib, LinkKind::CreateRepresentation, LinkKind::DeleteRepresentation, LinkKind::DeleteBib];

    /// The name in the store and in `--json`: once written, never renamed.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkKind::CreateBib => "create-bib",
            LinkKind::CreateRepresentation => "create-representation",
            LinkKind::DeleteRepresentation => "delete-representation",
            LinkKind::DeleteBib => "delete-bib",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }

    /// What is written, by a name that is the same for everything that writes there.
    pub fn target(self, ie: &str) -> String {
        match self {
            LinkKind::CreateBib | LinkKind::DeleteBib => format!("bib of {ie}"),
            LinkKind::CreateRepresentation | LinkKind::DeleteRepresentation => format!("representation of {ie}"),
        }
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_read_back_from_their_names() {
        for kind in LinkKind::ALL {
            assert_eq!(LinkKind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(LinkKind::parse("update-bib"), None);
    }
}
