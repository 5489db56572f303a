//! What is asked of Alma, call by call.

use std::fmt;

/// One kind of call of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    ReadBib,
    ReadBibs,
    FindBibs,
    CreateBib,
    UpdateBib,
    DeleteBib,
    ListHoldings,
    ReadHolding,
    CreateHolding,
    UpdateHolding,
    DeleteHolding,
    ListItems,
    ReadItem,
    FindItem,
    CreateItem,
    UpdateItem,
    DeleteItem,
    ListRepresentations,
    ReadRepresentation,
    CreateRepresentation,
    DeleteRepresentation,
    AddToCollection,
    ListLibraries,
    ListLocations,
}

impl Call {
    pub fn as_str(self) -> &'static str {
        match self {
            Call::ReadBib => "read bib",
            Call::ReadBibs => "read bibs",
            Call::FindBibs => "find bibs",
            Call::CreateBib => "create bib",
            Call::UpdateBib => "update bib",
            Call::DeleteBib => "delete bib",
            Call::ListHoldings => "list holdings",
            Call::ReadHolding => "read holding",
            Call::CreateHolding => "create holding",
            Call::UpdateHolding => "update holding",
            Call::DeleteHolding => "delete holding",
            Call::ListItems => "list items",
            Call::ReadItem => "read item",
            Call::FindItem => "find item",
            Call::CreateItem => "create item",
            Call::UpdateItem => "update item",
            Call::DeleteItem => "delete item",
            Call::ListRepresentations => "list representations",
            Call::ReadRepresentation => "read representation",
            Call::CreateRepresentation => "create representation",
            Call::DeleteRepresentation => "delete representation",
            Call::AddToCollection => "add to collection",
            Call::ListLibraries => "list libraries",
            Call::ListLocations => "list locations",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
