//! One write of the push: what is to be done, and where it stands between our intent and the other system's answer.

use std::fmt;

/// What is done. A further kind is a line here and a file in `push/apply/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IntentKind {
    /// A new bib in Alma.
    CreateBib,
    /// A bib of Alma's replaced whole.
    UpdateBib,
    /// A bib that this program made is deleted: only a person asks for that.
    DeleteBib,
    /// The MMS ID goes into its field of the resource, or out of it again.
    WriteMmsId,
    /// The record goes into a file for an import profile.
    WriteFile,
    /// A new holding of a bib.
    CreateHolding,
    /// A holding replaced whole.
    UpdateHolding,
    /// A holding that this program made is deleted: only a person asks for that.
    DeleteHolding,
    /// A new item for a box.
    CreateItem,
    /// Some values of an item, in its whole record.
    UpdateItem,
    /// An item that this program made is deleted: only a person asks for that.
    DeleteItem,
    /// What Alma calls a box goes into its record, or out of it again.
    WriteIlsIds,
    /// Values of Alma's go into chosen fields of the resource, or what they held before goes back.
    WriteFields,
    /// The barcode of an item goes onto its box, or the one before goes back.
    WriteBarcode,
}

impl IntentKind {
    pub const ALL: [IntentKind; 14] = [
        IntentKind::CreateBib,
        IntentKind::UpdateBib,
        IntentKind::DeleteBib,
        IntentKind::WriteMmsId,
        IntentKind::WriteFile,
        IntentKind::CreateHolding,
        IntentKind::UpdateHolding,
        IntentKind::DeleteHolding,
        IntentKind::CreateItem,
        IntentKind::UpdateItem,
        IntentKind::DeleteItem,
        IntentKind::WriteIlsIds,
        IntentKind::WriteFields,
        IntentKind::WriteBarcode,
    ];

    /// The name in the store and in `--json`: once written, never renamed.
    pub fn as_str(self) -> &'static str {
        match self {
            IntentKind::CreateBib => "create-bib",
            IntentKind::UpdateBib => "update-bib",
            IntentKind::DeleteBib => "delete-bib",
            IntentKind::WriteMmsId => "write-mms-id",
            IntentKind::WriteFile => "write-file",
            IntentKind::CreateHolding => "create-holding",
            IntentKind::UpdateHolding => "update-holding",
            IntentKind::DeleteHolding => "delete-holding",
            IntentKind::CreateItem => "create-item",
            IntentKind::UpdateItem => "update-item",
            IntentKind::DeleteItem => "delete-item",
            IntentKind::WriteIlsIds => "write-ils-ids",
            IntentKind::WriteFields => "write-fields",
            IntentKind::WriteBarcode => "write-barcode",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text)
    }
}

impl fmt::Display for IntentKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

/// How far an intent has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum IntentState {
    /// It waits for a person; nothing was done.
    Held,
    /// Written down; nothing was sent yet.
    Planned,
    /// It is sent, or was when the program ended: whoever finds it so looks before doing anything.
    Sent,
    /// It was sent, and no answer said what became of it.
    Unknown,
    Done,
    /// It certainly did not happen, or not as it was meant.
    Failed,
    /// A person decided against it.
    Rejected,
    /// The run ended before it was sent, or both systems have moved on since; it is decided anew.
    Withdrawn,
    /// It was done, and taken back since.
    Undone,
}

impl IntentState {
    pub const ALL: [IntentState; 9] = [
        IntentState::Held,
        IntentState::Planned,
        IntentState::Sent,
        IntentState::Unknown,
        IntentState::Done,
        IntentState::Failed,
        IntentState::Rejected,
        IntentState::Withdrawn,
        IntentState::Undone,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            IntentState::Held => "held",
            IntentState::Planned => "planned",
            IntentState::Sent => "sent",
            IntentState::Unknown => "unknown",
            IntentState::Done => "done",
            IntentState::Failed => "failed",
            IntentState::Rejected => "rejected",
            IntentState::Withdrawn => "withdrawn",
            IntentState::Undone => "undone",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl fmt::Display for IntentState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_and_states_are_read_back_from_their_names() {
        for kind in IntentKind::ALL {
            assert_eq!(IntentKind::parse(kind.as_str()), Some(kind));
        }
        for state in IntentState::ALL {
            assert_eq!(IntentState::parse(state.as_str()), Some(state));
        }
        assert_eq!((IntentKind::parse("Create"), IntentState::parse("late")), (None, None));
    }
}
