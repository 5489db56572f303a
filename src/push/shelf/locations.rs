//! The places of a profile against Alma's own libraries and locations: asked once a run, before anything is written.

use super::place::Place;
use crate::failure::{Advise, Kind};
use crate::push::alma::{self, Client};

/// A place of the profile that Alma does not have.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("alma.api.locations: Alma has no library {library}")]
    Library { library: String, known: Vec<String> },
    #[error("alma.api.locations: Alma's library {library} has no location {location}")]
    Location { library: String, location: String, known: Vec<String> },
    #[error(transparent)]
    Alma(#[from] alma::Error),
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Library { .. } | Error::Location { .. } => Kind::Configuration,
            Error::Alma(error) => error.kind(),
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Library { known, .. } => Some(format!("its libraries are {}", known.join(", "))),
            Error::Location { known, .. } => Some(format!("its locations are {}", known.join(", "))),
            Error::Alma(error) => error.hint(),
        }
    }
}

/// Asks for the libraries, and for the locations of each library that a place names: one call and one a library.
pub fn check(client: &Client, places: &[Place]) -> Result<(), Error> {
    let mut libraries: Vec<&str> = places.iter().map(|place| place.library.as_str()).collect();
    libraries.sort_unstable();
    libraries.dedup();
    if libraries.is_empty() {
        return Ok(());
    }
    let known: Vec<String> = client.libraries()?.into_iter().map(|library| library.code).collect();
    for library in libraries {
        if !known.iter().any(|code| code == library) {
            return Err(Error::Library { library: library.to_owned(), known });
        }
        let known: Vec<String> = client.locations(library)?.into_iter().map(|place| place.code).collect();
        let missing = places.iter().find(|place| place.library == library && !known.contains(&place.location));
        if let Some(Place { location, .. }) = missing {
            return Err(Error::Location { library: library.to_owned(), location: location.clone(), known });
        }
    }
    Ok(())
}
