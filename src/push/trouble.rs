//! What keeps one resource from being pushed: trouble with its own records, or what would meet all others, too.

use super::apply::told;
use super::bib_image::NotAnImage;
use super::holding_image::NotAnImage as NotAHoldingImage;
use super::own_mark::InvalidMark;
use super::shelf::item_values::NotValues;
use super::{alma, aspace};
use crate::failure::{Failure, Kind, stated};
use crate::store;

/// Whether the others can go on.
#[derive(Debug)]
pub enum Trouble {
    /// The run ends here.
    Ends(Failure),
    /// This resource failed, in words; the next one may fare better.
    Record(String),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Trouble::Ends(failure)
    }
}

impl From<store::Error> for Trouble {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::Taken { .. } => Trouble::Record(error.to_string()),
            other => Trouble::Ends(other.into()),
        }
    }
}

impl From<InvalidMark> for Trouble {
    fn from(error: InvalidMark) -> Self {
        Trouble::Ends(error.into())
    }
}

impl From<super::apply::write_file::Error> for Trouble {
    fn from(error: super::apply::write_file::Error) -> Self {
        Trouble::Ends(error.into())
    }
}

impl From<NotAnImage> for Trouble {
    fn from(error: NotAnImage) -> Self {
        Trouble::Record(error.to_string())
    }
}

impl From<NotAHoldingImage> for Trouble {
    fn from(error: NotAHoldingImage) -> Self {
        Trouble::Record(error.to_string())
    }
}

impl From<NotValues> for Trouble {
    fn from(error: NotValues) -> Self {
        Trouble::Record(error.to_string())
    }
}

impl From<alma::Error> for Trouble {
    fn from(error: alma::Error) -> Self {
        if error.concerns_all() || error.ends_the_day() {
            Trouble::Ends(error.into())
        } else {
            Trouble::Record(told(&error))
        }
    }
}

impl From<aspace::Error> for Trouble {
    fn from(error: aspace::Error) -> Self {
        if error.concerns_all() { Trouble::Ends(error.into()) } else { Trouble::Record(told(&error)) }
    }
}

/// For those who work on one resource only.
impl From<Trouble> for Failure {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Ends(failure) => failure,
            Trouble::Record(why) => stated(Kind::Failed, why, "`cartouche push explain` tells all about a resource"),
        }
    }
}
