//! One round trip, described: what the profile says, resolved and checked.

mod alma_api;
mod archivesspace;
mod check;
pub mod link;
mod pull;
pub mod push;
pub mod raw;
pub mod secret;
pub mod serve;
mod served;
mod shelf;
mod soap;

pub use alma_api::{AlmaApi, Location, Pace, Writing};
pub use archivesspace::{ArchivesSpace, AspacePace, Chosen};
pub use link::{Link, LinkProfile};
pub use push::{Gathering, Output, Push};
pub use serve::{Role, Serve};
pub use served::{Served, load_served};
pub use soap::Soap;

use crate::failure::{Advise, Kind};
use crate::model::field_name::FieldName;
use crate::model::id::RepositoryIdentifier;
use crate::model::outcome::Place;
use crate::steps::merging::Rules;
use crate::xslt::{Engine, SaxonTerms};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every key with its default and its meaning, embedded in the program.
pub const REFERENCE: &str = include_str!("../../profiles/reference.toml");

/// A checked profile: paths resolved, names parsed, defaults filled in.
#[derive(Debug, Clone)]
pub struct Profile {
    /// The file's name without `.toml`.
    pub name: String,
    pub path: PathBuf,
    pub state: PathBuf,
    pub round_trip: RoundTrip,
    /// Alma's REST API, when the profile names it.
    pub alma_api: Option<AlmaApi>,
    /// ArchivesSpace, when the profile names it.
    pub archivesspace: Option<ArchivesSpace>,
    /// How it appears on the staff page.
    pub serve: Serve,
    /// Keys that this version reads but does not act on yet, each with what that means.
    pub warnings: Vec<String>,
}

/// What the push needs of a profile, which may have nothing else.
#[derive(Debug, Clone)]
pub struct PushProfile {
    /// The file's name without `.toml`.
    pub name: String,
    pub path: PathBuf,
    pub state: PathBuf,
    pub archivesspace: ArchivesSpace,
    pub alma_api: AlmaApi,
    pub push: Push,
    pub serve: Serve,
    pub warnings: Vec<String>,
}

/// The river from Alma's feed to Rosetta's staging folder.
#[derive(Debug, Clone)]
pub struct RoundTrip {
    /// From the profile; otherwise Rosetta is asked.
    pub repository: Option<RepositoryIdentifier>,
    pub rosetta: Feed,
    /// Rosetta's web services, when the profile names them.
    pub soap: Option<Soap>,
    pub alma: Feed,
    pub matching: Matching,
    pub transform: Transform,
    /// `None`: what Alma says replaces what Rosetta holds.
    pub merge: Option<Rules>,
    pub current: Current,
    pub review: Review,
    pub staging: Staging,
    pub limits: Limits,
}

/// One OAI-PMH feed and how it is harvested.
#[derive(Debug, Clone)]
pub struct Feed {
    pub base_url: String,
    pub metadata_prefix: String,
    pub set: Option<String>,
    pub harvest: Harvest,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Harvest {
    /// Taken off the start of the next window, for records that become visible late.
    pub overlap: Duration,
    pub time_out: Duration,
    pub retries: u32,
    /// `None`: one request after the other, without a pause.
    pub requests_per_second: Option<f64>,
    /// Date windows harvested side by side.
    pub windows: u32,
    /// The share, in percent, by which a whole list may be shorter than what is known of the feed.
    pub max_shrink: f64,
}

impl Default for Harvest {
    fn default() -> Self {
        Harvest {
            overlap: Duration::from_secs(15 * 60),
            time_out: Duration::from_secs(300),
            retries: 10,
            requests_per_second: None,
            windows: 1,
            max_shrink: 10.0,
        }
    }
}

#[derive(Debug, Clone)]
pub struct Matching {
    pub places: Vec<Place>,
    pub require_in_rosetta: bool,
    pub hold_several_ies: bool,
    /// The host whose delivery links count as evidence.
    pub delivery_host: Option<String>,
    pub mms_map: Option<PathBuf>,
}

#[derive(Debug, Clone)]
pub struct Transform {
    /// `None`: the built-in stylesheet for the feed's metadata prefix.
    pub stylesheet: Option<PathBuf>,
    pub parameters: BTreeMap<String, String>,
    pub engine: Engine,
    pub saxon: SaxonTerms,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HoldPolicy {
    Nothing,
    Risky,
    Everything,
}

/// Where it is read what Rosetta holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Current {
    Feed,
    Soap,
}

/// What a person must see before it is written.
#[derive(Debug, Clone, PartialEq)]
pub struct Review {
    pub hold: HoldPolicy,
    pub risks: Risks,
}

/// What counts as risky.
#[derive(Debug, Clone, PartialEq)]
pub struct Risks {
    /// From 0 to 1: titles less alike than this are not the same.
    pub title_similarity: f64,
    /// Fields that must not lose their last value.
    pub require: Vec<FieldName>,
    /// Fields that may change at once; `None`: any number.
    pub max_fields: Option<usize>,
    /// IEs that one bib may describe; `None`: any number.
    pub max_ies: Option<usize>,
}

#[derive(Debug, Clone)]
pub struct Staging {
    pub folder: PathBuf,
    pub job_name: String,
    pub settle_within: Duration,
    pub max_in_flight: usize,
    pub settled_by: SettledBy,
    pub done: String,
    pub error: String,
    pub incoming: String,
}

/// Whose job takes the files out of the staging folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SettledBy {
    /// Rosetta's Update Metadata Job.
    Rosetta,
    /// The step `apply`, over Rosetta's web services.
    Cartouche,
}

#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Per cent of all outcomes that may be skips; `None`: any.
    pub max_skips: Option<f64>,
    /// Per cent of the matched IEs that one run may change; `None`: any.
    pub max_changed: Option<f64>,
    /// Bytes of one value; 0: no limit.
    pub max_value_bytes: usize,
}

/// A profile that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read profile {path}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("no profile `{name}`: neither {name} nor {tried} is a file")]
    NotFound { name: String, tried: PathBuf },
    #[error("profile {path} is not valid")]
    Syntax { path: PathBuf, source: toml::de::Error },
    #[error("profile {path}: {key}: {message}")]
    Value { path: PathBuf, key: &'static str, message: String },
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Error::NotFound { .. } => {
                "give the path of a profile, or the bare name of a file in ./profiles; `cartouche demo` makes one to start from".to_owned()
            }
            Error::Read { .. } => "check the path and its permissions".to_owned(),
            Error::Syntax { .. } | Error::Value { .. } => "profiles/reference.toml explains every key".to_owned(),
        })
    }
}

/// Reads and checks the profile at a path, or with a bare name in `profiles/`.
pub fn load(name: &str) -> Result<Profile, Error> {
    let (path, text) = read(name)?;
    parse(&path, &text)
}

/// The same for the push, with or without a round trip in the same profile.
pub fn load_push(name: &str) -> Result<PushProfile, Error> {
    let (path, text) = read(name)?;
    parse_push(&path, &text)
}

/// The same for `link`, which needs the round trip of the same profile.
pub fn load_link(name: &str) -> Result<LinkProfile, Error> {
    let (path, text) = read(name)?;
    parse_link(&path, &text)
}

/// As `load_link`, where the profile has `[link]`.
pub fn load_link_if_any(name: &str) -> Result<Option<LinkProfile>, Error> {
    let (path, text) = read(name)?;
    let raw: raw::RawProfile = toml::from_str(&text).map_err(|source| Error::Syntax { path: path.clone(), source })?;
    raw.link.map(|_| parse_link(&path, &text)).transpose()
}

/// What a profile describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    RoundTripOnly,
    PushOnly,
    Both,
}

/// What a profile describes; whether that is valid is for `load` and `load_push` to say.
pub fn has_push(name: &str) -> Result<Has, Error> {
    let (path, text) = read(name)?;
    let raw = toml::from_str(&text).map_err(|source| Error::Syntax { path, source })?;
    Ok(push::has_push(&raw))
}

/// Name and store of a profile, whatever it describes: for those who only look into the store.
pub fn store_of(name: &str) -> Result<(String, PathBuf), Error> {
    let (path, text) = read(name)?;
    match parse(&path, &text) {
        Ok(profile) => Ok((profile.name, profile.state)),
        Err(error) => parse_push(&path, &text).map(|push| (push.name, push.state)).map_err(|_| error),
    }
}

fn read(name: &str) -> Result<(PathBuf, String), Error> {
    let path = find(name)?;
    let text = std::fs::read_to_string(&path).map_err(|source| Error::Read { path: path.clone(), source })?;
    Ok((path, text))
}

/// Checks a profile's text; `path` gives it its name and the folder of its relative paths.
pub fn parse(path: &Path, text: &str) -> Result<Profile, Error> {
    parse_both(path, text).map(|(profile, _)| profile)
}

/// As `parse`, of a profile whose IEs are linked.
pub fn parse_link(path: &Path, text: &str) -> Result<LinkProfile, Error> {
    let missing =
        |key: &'static str, message: &str| Error::Value { path: path.to_owned(), key, message: message.to_owned() };
    let (profile, link) = parse_both(path, text)?;
    let link = link.ok_or_else(|| missing("link", "missing: what do representations look like?"))?;
    let alma_api = profile.alma_api.clone().ok_or_else(|| missing("alma.api", "missing: which Alma is linked?"))?;
    Ok(LinkProfile { profile, alma_api, link })
}

/// The round trip and, where the profile has it, `[link]`, which is checked whoever asks.
fn parse_both(path: &Path, text: &str) -> Result<(Profile, Option<Link>), Error> {
    let mut raw: raw::RawProfile =
        toml::from_str(text).map_err(|source| Error::Syntax { path: path.to_owned(), source })?;
    let (link, is_said) = (raw.link.take(), raw.review.hold.is_some());
    let profile = check::check(path, raw)?;
    let hold = is_said.then_some(profile.round_trip.review.hold);
    let link = link.map(|link| link::check(path, link, &profile, hold)).transpose()?;
    Ok((profile, link))
}

/// As `parse`, of what the push needs.
pub fn parse_push(path: &Path, text: &str) -> Result<PushProfile, Error> {
    let raw = toml::from_str(text).map_err(|source| Error::Syntax { path: path.to_owned(), source })?;
    check::check_push(path, raw)
}

fn find(name: &str) -> Result<PathBuf, Error> {
    let direct = PathBuf::from(name);
    if direct.is_file() {
        return Ok(direct);
    }
    let is_bare = !name.contains('/') && !name.ends_with(".toml");
    let tried = if is_bare { Path::new("profiles").join(format!("{name}.toml")) } else { direct };
    if tried.is_file() { Ok(tried) } else { Err(Error::NotFound { name: name.to_owned(), tried }) }
}
