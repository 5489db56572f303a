//! What is asked of ArchivesSpace, call by call.

use std::fmt;

/// One kind of call of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Call {
    LogIn,
    Version,
    ListRepositories,
    ListResources,
    ReadResources,
    ReadResource,
    SaveResource,
    ReadMarc,
    ListContainers,
    FindContainers,
    ReadContainers,
    ReadContainer,
    SaveContainer,
    ReadLocation,
}

impl Call {
    pub fn as_str(self) -> &'static str {
        match self {
            Call::LogIn => "log in",
            Call::Version => "ask for the version",
            Call::ListRepositories => "list repositories",
            Call::ListResources => "list resources",
            Call::ReadResources => "read resources",
            Call::ReadResource => "read resource",
            Call::SaveResource => "save resource",
            Call::ReadMarc => "read MARC of",
            Call::ListContainers => "list top containers",
            Call::FindContainers => "find top containers",
            Call::ReadContainers => "read top containers",
            Call::ReadContainer => "read top container",
            Call::SaveContainer => "save top container",
            Call::ReadLocation => "read location",
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}
