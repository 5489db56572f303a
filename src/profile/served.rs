//! A profile as the staff page has it, whichever river it describes.

use super::{Error, Has, Profile, PushProfile, RoundTrip, Serve, has_push, load, load_push};
use std::path::PathBuf;

/// What the page needs of a profile.
#[derive(Debug, Clone)]
pub struct Served {
    /// The file's name without `.toml`.
    pub name: String,
    pub path: PathBuf,
    pub state: PathBuf,
    pub serve: Serve,
    pub warnings: Vec<String>,
    /// `None`: the profile has the push only.
    pub round_trip: Option<RoundTrip>,
}

impl From<Profile> for Served {
    fn from(profile: Profile) -> Self {
        let Profile { name, path, state, serve, warnings, round_trip, alma_api: _, archivesspace: _ } = profile;
        Served { name, path, state, serve, warnings, round_trip: Some(round_trip) }
    }
}

impl From<PushProfile> for Served {
    fn from(profile: PushProfile) -> Self {
        let PushProfile { name, path, state, serve, warnings, archivesspace: _, alma_api: _, push: _ } = profile;
        Served { name, path, state, serve, warnings, round_trip: None }
    }
}

/// Reads and checks a profile for the page.
pub fn load_served(name: &str) -> Result<Served, Error> {
    Ok(match has_push(name)? {
        Has::PushOnly => load_push(name)?.into(),
        Has::RoundTripOnly | Has::Both => load(name)?.into(),
    })
}
