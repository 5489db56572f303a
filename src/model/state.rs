//! Where a package stands between our intent and Rosetta's answer.

use std::fmt;

/// The state of a package as the store keeps it. Lateness is not kept: it is a function of the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PackageState {
    /// Written down, perhaps not yet in the folder.
    Planned,
    /// Moved into the staging folder.
    Staged,
    /// Found in `done`.
    Done,
    /// Found in `error`; waits for a person.
    Error,
    /// Staged, and found nowhere; waits for a person.
    Lost,
    /// Planned, but the run ended before it reached the folder; its content is decided anew.
    Withdrawn,
}

impl PackageState {
    pub const ALL: [PackageState; 6] = [
        PackageState::Planned,
        PackageState::Staged,
        PackageState::Done,
        PackageState::Error,
        PackageState::Lost,
        PackageState::Withdrawn,
    ];

    pub fn as_str(&self) -> &'static str {
        match self {
            PackageState::Planned => "planned",
            PackageState::Staged => "staged",
            PackageState::Done => "done",
            PackageState::Error => "error",
            PackageState::Lost => "lost",
            PackageState::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for PackageState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
