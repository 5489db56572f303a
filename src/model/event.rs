//! What the journal tells of: everything that was done to a package or by the push, or decided about an IE or a resource.

use super::intent::IntentState;
use super::state::PackageState;
use std::fmt;

/// What happened, as one entry of the journal names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// The journal begins; what came before is not in it.
    Begun,
    /// A package was written down, before anything was done.
    Planned,
    /// Its file was moved into the staging folder.
    Staged,
    /// Its file was found in `done`: Rosetta took it.
    Done,
    /// Its file was found in `error`: Rosetta refused it.
    Error,
    /// Its file was found nowhere.
    Lost,
    /// The run ended before its file reached the folder.
    Withdrawn,
    /// It was lost, and lies in the folder after all.
    FoundAgain,
    /// A person let what was held go out.
    Approved,
    /// A person decided that what was held does not go out.
    Rejected,
    /// A person let what failed or was lost go out once more.
    Retried,
    /// A person brought back what Rosetta held before.
    Undone,
    /// A person let something go out against a rule.
    Forced,
    /// Rosetta shows what was sent.
    Confirmed,
    /// Rosetta shows something else than what was sent.
    Diverged,
    /// Something of the push is about to be sent to Alma or ArchivesSpace.
    Sent,
    /// It was sent, and no answer said what became of it.
    Unknown,
    /// It certainly did not happen.
    Failed,
    /// A person said which bib describes a resource.
    Adopted,
    /// This program noted which bib describes a resource.
    Linked,
    /// No bib is known to describe a resource any more.
    Unlinked,
}

impl Event {
    pub const ALL: [Event; 21] = [
        Event::Begun,
        Event::Planned,
        Event::Staged,
        Event::Done,
        Event::Error,
        Event::Lost,
        Event::Withdrawn,
        Event::FoundAgain,
        Event::Approved,
        Event::Rejected,
        Event::Retried,
        Event::Undone,
        Event::Forced,
        Event::Confirmed,
        Event::Diverged,
        Event::Sent,
        Event::Unknown,
        Event::Failed,
        Event::Adopted,
        Event::Linked,
        Event::Unlinked,
    ];

    /// The name in the store, in `--json` and in PREMIS: once written, never renamed.
    pub fn as_str(&self) -> &'static str {
        match self {
            Event::Begun => "begun",
            Event::Planned => "planned",
            Event::Staged => "staged",
            Event::Done => "done",
            Event::Error => "error",
            Event::Lost => "lost",
            Event::Withdrawn => "withdrawn",
            Event::FoundAgain => "found again",
            Event::Approved => "approved",
            Event::Rejected => "rejected",
            Event::Retried => "retried",
            Event::Undone => "undone",
            Event::Forced => "forced",
            Event::Confirmed => "confirmed",
            Event::Diverged => "diverged",
            Event::Sent => "sent",
            Event::Unknown => "unknown",
            Event::Failed => "failed",
            Event::Adopted => "adopted",
            Event::Linked => "linked",
            Event::Unlinked => "unlinked",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|event| event.as_str() == text)
    }

    /// The event of a package's change from one state to another.
    pub fn of_change(from: PackageState, to: PackageState) -> Self {
        match (from, to) {
            (PackageState::Lost, PackageState::Staged) => Event::FoundAgain,
            (_, PackageState::Planned) => Event::Planned,
            (_, PackageState::Staged) => Event::Staged,
            (_, PackageState::Done) => Event::Done,
            (_, PackageState::Error) => Event::Error,
            (_, PackageState::Lost) => Event::Lost,
            (_, PackageState::Withdrawn) => Event::Withdrawn,
        }
    }

    /// The state in which the event leaves its package; `None` when it leaves it as it was.
    pub fn state(&self) -> Option<PackageState> {
        match self {
            Event::Planned => Some(PackageState::Planned),
            Event::Staged | Event::FoundAgain => Some(PackageState::Staged),
            Event::Done => Some(PackageState::Done),
            Event::Error => Some(PackageState::Error),
            Event::Lost => Some(PackageState::Lost),
            Event::Withdrawn => Some(PackageState::Withdrawn),
            Event::Begun
            | Event::Approved
            | Event::Rejected
            | Event::Retried
            | Event::Undone
            | Event::Forced
            | Event::Confirmed
            | Event::Diverged
            | Event::Sent
            | Event::Unknown
            | Event::Failed
            | Event::Adopted
            | Event::Linked
            | Event::Unlinked => None,
        }
    }

    /// The event by which something that the push writes comes into a state; nothing tells of what waits for a person.
    pub fn of_intent(to: IntentState) -> Option<Self> {
        match to {
            IntentState::Held => None,
            IntentState::Planned => Some(Event::Planned),
            IntentState::Sent => Some(Event::Sent),
            IntentState::Unknown => Some(Event::Unknown),
            IntentState::Done => Some(Event::Done),
            IntentState::Failed => Some(Event::Failed),
            IntentState::Rejected => Some(Event::Rejected),
            IntentState::Withdrawn => Some(Event::Withdrawn),
            IntentState::Undone => Some(Event::Undone),
        }
    }

    /// The state in which the event leaves what the push writes; `None` when it leaves it as it was.
    pub fn intent_state(&self) -> Option<IntentState> {
        IntentState::ALL.into_iter().find(|state| Event::of_intent(*state).as_ref() == Some(self))
    }
}

impl fmt::Display for Event {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_event_is_read_back_from_its_name() {
        for event in Event::ALL {
            assert_eq!(Event::parse(event.as_str()), Some(event));
        }
        assert_eq!(Event::parse("Done"), None);
    }

    #[test]
    fn the_event_of_a_change_leaves_the_package_in_the_new_state() {
        for from in PackageState::ALL {
            for to in PackageState::ALL {
                assert_eq!(Event::of_change(from, to).state(), Some(to), "{from} to {to}");
            }
        }
    }
}
