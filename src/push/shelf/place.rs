//! Where on a shelf something stands: library and location, and what an intent knows of holding, item and box.

use crate::push::alma::{HoldingId, ItemPid};
use crate::push::resource_uri::ContainerUri;
use std::fmt;

/// Alma's codes of a library and of a location in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub library: String,
    pub location: String,
}

impl Place {
    /// Takes `SPEC manuscripts`; no code of Alma's has a blank.
    pub fn parse(text: &str) -> Option<Self> {
        let (library, location) = text.trim().split_once(' ')?;
        let location = location.trim_start();
        let fits = !library.is_empty() && !location.is_empty() && !location.contains(char::is_whitespace);
        fits.then(|| Place { library: library.to_owned(), location: location.to_owned() })
    }

    pub fn is(&self, library: &str, location: &str) -> bool {
        self.library == library && self.location == location
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{} {}", self.library, self.location)
    }
}

/// What an intent writes to, as far as it is known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Spot {
    /// Of a holding that is made.
    pub place: Option<Place>,
    pub holding: Option<HoldingId>,
    pub item: Option<ItemPid>,
    pub container: Option<ContainerUri>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_two_codes_and_is_read_back_from_its_text() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(Place::parse(text).map(|place| place.to_string()).as_deref(), expected, "{text}");
        };
        check("SPEC manuscripts", Some("SPEC manuscripts"));
        check(" SPEC  manuscripts ", Some("SPEC manuscripts"));
        check("SPEC", None);
        check("", None);
        check("SPEC old manuscripts", None);
    }
}
