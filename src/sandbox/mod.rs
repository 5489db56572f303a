//! Stand-ins for Rosetta, Alma and ArchivesSpace on loopback, for the demo, for training and for tests.

mod alma;
mod alma_formats;
pub mod alma_rest;
pub mod aspace;
mod data;
mod rosetta;
mod routes;
mod shelf;
pub mod soap;
#[cfg(test)]
mod tests;
pub mod update_job;
mod xml;

use crate::failure::{Advise, Kind};
use crate::model::dc::Dc;
use crate::model::id::IePid;
use crate::model::time::Timestamp;
use crate::oai::provider::Selection;
use crate::web::serve::{self, Server};
use alma::Alma;
use alma_rest::AlmaRest;
use aspace::Aspace;
use rosetta::Rosetta;
use soap::SoapMood;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use update_job::JobReport;

pub use alma::BibChange;
pub use data::DataSource;

/// The longest body of a request to a stand-in.
const LONGEST_BODY: usize = 64 << 20;

/// How the stand-ins shall be.
#[derive(Debug, Clone)]
pub struct Options {
    /// Port 0 lets the system choose.
    pub rosetta: SocketAddr,
    pub alma: SocketAddr,
    pub archivesspace: SocketAddr,
    pub data: DataSource,
    /// The staging folder that the Update Metadata Job works on.
    pub folder: Option<PathBuf>,
    pub page_size: usize,
    /// Whether to break the protocol where the real servers were seen to break it.
    pub quirks: bool,
    /// How long each answer of the feeds takes at least.
    pub latency: Duration,
}

impl Default for Options {
    fn default() -> Self {
        let anywhere = SocketAddr::from(([127, 0, 0, 1], 0));
        Options {
            rosetta: anywhere,
            alma: anywhere,
            archivesspace: anywhere,
            data: DataSource::Embedded,
            folder: None,
            page_size: 100,
            quirks: false,
            latency: Duration::ZERO,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Data(#[from] data::Error),
    #[error(transparent)]
    AspaceData(#[from] aspace::DataError),
    #[error(transparent)]
    Serve(#[from] serve::Error),
    #[error(transparent)]
    Job(#[from] update_job::Error),
    #[error("the sandbox data names a record twice: {0}")]
    Twice(String),
    #[error("the sandbox was started without a staging folder")]
    NoFolder,
    #[error("{0} is not in the sandbox, or cannot be changed like that")]
    NoSuchRecord(String),
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Data(error) => error.kind(),
            Error::AspaceData(error) => error.kind(),
            Error::Serve(error) => error.kind(),
            Error::Job(error) => error.kind(),
            Error::Twice(_) | Error::NoFolder | Error::NoSuchRecord(_) => Kind::Configuration,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Data(error) => error.hint(),
            Error::AspaceData(error) => error.hint(),
            Error::Serve(error) => error.hint(),
            Error::Job(error) => error.hint(),
            Error::NoFolder => Some("start it with --folder DIR".to_owned()),
            Error::Twice(_) | Error::NoSuchRecord(_) => None,
        }
    }
}

/// What both providers share.
#[derive(Debug, Clone, Copy)]
struct Traits {
    page_size: usize,
    quirks: bool,
}

/// The systems, their clock and the folder between two of them.
#[derive(Debug)]
struct World {
    rosetta: Mutex<Rosetta>,
    alma: Mutex<Alma>,
    /// Alma's REST API, which has its own bibs.
    api: Mutex<AlmaRest>,
    aspace: Mutex<Aspace>,
    staging: Staging,
    latency: Duration,
    fixed_clock: Mutex<Option<Timestamp>>,
    /// How the web services behave.
    soap: Mutex<SoapMood>,
}

#[derive(Debug)]
struct Staging {
    folder: Option<PathBuf>,
    /// Held while the job runs: two runs would take the same files.
    job: Mutex<()>,
}

impl World {
    fn now(&self) -> Timestamp {
        let now = held(&self.fixed_clock).unwrap_or_else(|| Timestamp::from_utc(chrono::Utc::now()));
        // Both feeds speak of seconds; a fraction that they cannot show would make a window lose records.
        Timestamp::from_millis(now.millis().div_euclid(1000) * 1000).unwrap_or(now)
    }

    fn run_update_job(&self, folder: Option<&Path>) -> Result<JobReport, Error> {
        let _only_one = held(&self.staging.job);
        let configured = self.staging.folder.as_deref().ok_or(Error::NoFolder)?;
        Ok(update_job::run(&self.rosetta, folder.unwrap_or(configured), self.now())?)
    }
}

/// A request that panicked leaves the data readable; the sandbox goes on.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The running stand-ins; they stop when dropped.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    rosetta: Server,
    alma: Server,
    aspace: Server,
}

impl Sandbox {
    pub fn start(options: Options) -> Result<Sandbox, Error> {
        if let Some(folder) = &options.folder {
            update_job::check(folder)?;
        }
        let (rosetta_data, alma_data) = data::load(&options.data)?;
        let aspace = Aspace::new(aspace::load(&options.data)?);
        let (at_rosetta, at_alma) = (serve::listen(options.rosetta)?, serve::listen(options.alma)?);
        let at_aspace = serve::listen(options.archivesspace)?;
        let url = |listener: &std::net::TcpListener| {
            let unknown = |source| serve::Error::Listen { address: "the given socket".to_owned(), source };
            listener.local_addr().map(|address| format!("http://{address}")).map_err(unknown)
        };
        let traits = Traits { page_size: options.page_size.max(1), quirks: options.quirks };
        let twice = |same: shelf::SameIdentifier| Error::Twice(same.to_string());
        let api = AlmaRest::new(alma_data.bibs.iter().filter_map(alma::Bib::catalogued));
        let world = Arc::new(World {
            api: Mutex::new(api),
            rosetta: Mutex::new(Rosetta::new(rosetta_data, &url(&at_rosetta)?, traits).map_err(twice)?),
            alma: Mutex::new(Alma::new(alma_data, &url(&at_alma)?, traits).map_err(twice)?),
            aspace: Mutex::new(aspace),
            staging: Staging { folder: options.folder, job: Mutex::new(()) },
            latency: options.latency,
            fixed_clock: Mutex::new(None),
            soap: Mutex::default(),
        });
        let (for_rosetta, for_alma, for_aspace) = (Arc::clone(&world), Arc::clone(&world), Arc::clone(&world));
        let rosetta =
            serve::serve(at_rosetta, LONGEST_BODY, Arc::new(move |request| routes::rosetta(&for_rosetta, request)))?;
        let alma = serve::serve(at_alma, LONGEST_BODY, Arc::new(move |request| routes::alma(&for_alma, request)))?;
        let aspace =
            serve::serve(at_aspace, LONGEST_BODY, Arc::new(move |request| routes::aspace(&for_aspace, request)))?;
        Ok(Sandbox { world, rosetta, alma, aspace })
    }

    pub fn rosetta_base_url(&self) -> String {
        held(&self.world.rosetta).base_url().to_owned()
    }

    pub fn alma_base_url(&self) -> String {
        held(&self.world.alma).base_url().to_owned()
    }

    pub fn rosetta_address(&self) -> SocketAddr {
        self.rosetta.address()
    }

    pub fn alma_address(&self) -> SocketAddr {
        self.alma.address()
    }

    pub fn aspace_address(&self) -> SocketAddr {
        self.aspace.address()
    }

    /// Runs Rosetta's Update Metadata Job once on the staging folder.
    pub fn run_update_job(&self) -> Result<JobReport, Error> {
        self.world.run_update_job(None)
    }

    /// Changes a bib in Alma and publishes it.
    pub fn edit_bib(&self, mms: &str, change: &BibChange) -> Result<(), Error> {
        let legal = match change {
            BibChange::Title(title) => alma::is_legal(title),
            BibChange::Deleted | BibChange::Republished => true,
        };
        if legal && held(&self.world.alma).edit(mms, change, self.world.now()) {
            return Ok(());
        }
        Err(Error::NoSuchRecord(mms.to_owned()))
    }

    /// Somebody edits an IE in Rosetta, whose feed then shows it.
    pub fn edit_ie(&self, pid: &IePid, dc: Dc) -> Result<(), Error> {
        let edited = held(&self.world.rosetta).update(pid, dc, "curator", self.world.now());
        edited.map(drop).map_err(|_| Error::NoSuchRecord(pid.to_string()))
    }

    pub fn lock(&self, pid: &IePid) -> Result<(), Error> {
        self.set_lock(pid, Some("sandbox"))
    }

    pub fn unlock(&self, pid: &IePid) -> Result<(), Error> {
        self.set_lock(pid, None)
    }

    fn set_lock(&self, pid: &IePid, by: Option<&str>) -> Result<(), Error> {
        let found = held(&self.world.rosetta).set_lock(pid, by);
        if found { Ok(()) } else { Err(Error::NoSuchRecord(pid.to_string())) }
    }

    /// The record that Rosetta stores of an IE.
    pub fn ie(&self, pid: &IePid) -> Option<Dc> {
        held(&self.world.rosetta).dc(pid).cloned()
    }

    /// Who changed an IE last, if anybody did since the start.
    pub fn modified_by(&self, pid: &IePid) -> Option<String> {
        held(&self.world.rosetta).modified_by(pid).map(str::to_owned)
    }

    /// How often getIE told of an IE over SOAP.
    pub fn records_told(&self, pid: &IePid) -> u64 {
        held(&self.world.rosetta).stored(pid).map_or(0, |entity| entity.aip.told)
    }

    /// How often updateMD took something for an IE over SOAP, identical records included.
    pub fn updates_taken(&self, pid: &IePid) -> u64 {
        held(&self.world.rosetta).stored(pid).map_or(0, |entity| entity.aip.taken)
    }

    /// Lets the web services misbehave, until they are told to be fair again.
    pub fn set_soap_mood(&self, mood: SoapMood) {
        *held(&self.world.soap) = mood;
    }

    /// Stops the clock of both systems at an instant, or lets it run again.
    pub fn set_now(&self, instant: Option<Timestamp>) {
        *held(&self.world.fixed_clock) = instant;
    }
}

/// Splits `from@until@set@prefix@position`, the form that both systems give their tokens.
fn split_token(token: &str, date: impl Fn(&str) -> Option<Option<Timestamp>>) -> Option<(Selection, String)> {
    let parts: Vec<&str> = token.split('@').collect();
    let [from, until, set, prefix, position] = parts[..] else { return None };
    let set = (!set.is_empty() && set != "all").then(|| set.to_owned());
    let selection = Selection { prefix: prefix.to_owned(), set, from: date(from)?, until: date(until)? };
    Some((selection, position.to_owned()))
}

/// Whether a repository identifier is what the OAI identifier guideline asks for.
fn is_domain_name(text: &str) -> bool {
    let label = |label: &str| {
        label.starts_with(|c: char| c.is_ascii_alphabetic())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
    };
    text.contains('.') && text.split('.').all(label)
}
