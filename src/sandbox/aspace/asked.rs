//! A call of the API, taken apart.

use super::refusal::Refusal;
use crate::model::time::Timestamp;

pub(super) struct Asked {
    pub(super) method: String,
    /// Decoded, without the API's own path.
    pub(super) segments: Vec<String>,
    /// Decoded, in their order.
    pub(super) query: Vec<(String, String)>,
    /// Whose session it is.
    pub(super) user: String,
    pub(super) now: Timestamp,
}

impl Asked {
    /// The path as a record's URI.
    pub(super) fn uri(&self) -> String {
        format!("/{}", self.segments.join("/"))
    }

    pub(super) fn argument(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// Every value of `name[]`; without the brackets ArchivesSpace sees no list.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |given: &str| given.strip_suffix("[]") == Some(name);
        self.query.iter().filter(move |(given, _)| is_it(given)).map(|(_, value)| value.as_str())
    }

    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Refusal> {
        let read =
            |text: &str| text.parse().map_err(|_| Refusal::of_field(name, "Wanted type Integer but got another"));
        self.argument(name).map(read).transpose()
    }
}
