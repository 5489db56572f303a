//! The only code that touches the NFS folder of Rosetta's Update Metadata Job.
//!
//! Rosetta must never see half a file: a package is written out of its sight, made durable, and renamed into the
//! folder; then the folder itself is made durable. No answer of the file system is taken for "is not there" unless it
//! says exactly that.

mod queue;

pub use queue::{End, Found, Queue, Waiting};

use crate::failure::{Advise, Kind};
use crate::profile::Staging;
use sha2::{Digest, Sha256};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};
use walkdir::WalkDir;

/// From this many files on, one flush of the whole file system spares most of the work of flushing each.
const FLUSH_TOGETHER: usize = 32;
/// No package of ours is larger.
const MAX_PACKAGE: u64 = 64 * 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("the staging folder {path} does not exist")]
    NoFolder { path: PathBuf },
    #[error("the staging folder {path} is bare: neither its subfolders nor the {missing} packages in flight are there")]
    LooksUnmounted { path: PathBuf, missing: usize },
    #[error("cannot {doing} {path}")]
    Io { doing: &'static str, path: PathBuf, source: io::Error },
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::NoFolder { .. } | Error::LooksUnmounted { .. } => Kind::Configuration,
            Error::Io { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match self {
            Error::NoFolder { .. } => {
                "it must be the NFS path of Rosetta's Update Metadata Job, made by its administrator; is it mounted?"
                    .to_owned()
            }
            Error::LooksUnmounted { .. } => {
                "an empty mount point looks like this: is the NFS share mounted? If the folder is right, make `done` in it".to_owned()
            }
            Error::Io { source, .. } => match source.kind() {
                ErrorKind::CrossesDevices => {
                    "the folder, its hidden subfolder, done and error must lie on one file system: renaming works only there"
                }
                ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => {
                    "this user must be able to write and rename there; is the share mounted read-only?"
                }
                ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the file system is full",
                _ => "may this user write there, is the disk full, is the NFS server up?",
            }
            .to_owned(),
        })
    }
}

trait At<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, Error>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, doing: &'static str, path: &Path) -> Result<T, Error> {
        self.map_err(|source| Error::Io { doing, path: path.to_owned(), source })
    }
}

/// Where a package lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    Folder,
    Done,
    /// With what was written beside the file, if anything was.
    Error(String),
    Nowhere,
}

/// The staging folder and its subfolders.
pub struct Folder {
    root: PathBuf,
    incoming: PathBuf,
    done: Vec<PathBuf>,
    error: Vec<PathBuf>,
}

impl Folder {
    /// Looks at the folder, which must exist: a missing one is an NFS share that is not mounted.
    pub fn open(staging: &Staging) -> Result<Self, Error> {
        let root = staging.folder.clone();
        let entries = match fs::read_dir(&root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == ErrorKind::NotFound => return Err(Error::NoFolder { path: root }),
            Err(source) => return Err(Error::Io { doing: "read the staging folder", path: root, source }),
        };
        let (mut done, mut error) = (Vec::new(), Vec::new());
        for entry in entries {
            let entry = entry.at("read the staging folder", &root)?;
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            if name.eq_ignore_ascii_case(&staging.done) {
                done.push(entry.path());
            } else if name.eq_ignore_ascii_case(&staging.error) {
                error.push(entry.path());
            }
        }
        Ok(Folder { incoming: root.join(&staging.incoming), root, done, error })
    }

    /// Refuses a folder without a trace of what must be there, our own hidden subfolder included: an NFS share that is
    /// not mounted leaves an empty folder, and every package in flight would be called lost.
    pub fn must_not_look_unmounted(&self, missing: usize) -> Result<(), Error> {
        let bare = self.done.is_empty() && self.error.is_empty() && !is_folder(&self.incoming)?;
        if missing > 0 && bare {
            return Err(Error::LooksUnmounted { path: self.root.clone(), missing });
        }
        Ok(())
    }

    pub fn path(&self) -> &Path {
        &self.root
    }

    /// Puts packages into the folder; when this returns, they are there for good.
    ///
    /// `each` is called after each file that became visible.
    pub fn deliver(&self, packages: &[(&str, &[u8])], mut each: impl FnMut()) -> Result<(), Error> {
        fs::create_dir_all(&self.incoming).at("make", &self.incoming)?;
        for (name, bytes) in packages {
            let hidden = self.incoming.join(name);
            let mut file = File::create(&hidden).at("create", &hidden)?;
            file.write_all(bytes).at("write", &hidden)?;
            if packages.len() < FLUSH_TOGETHER {
                file.sync_all().at("make durable", &hidden)?;
            }
        }
        if packages.len() >= FLUSH_TOGETHER {
            self.flush_together(packages)?;
        }
        crash_point("written");
        for (name, _) in packages {
            let (hidden, visible) = (self.incoming.join(name), self.root.join(name));
            fs::rename(&hidden, &visible).at("move into place", &visible)?;
            crash_point("renamed");
            each();
        }
        let folder = File::open(&self.root).at("open", &self.root)?;
        folder.sync_all().at("make durable", &self.root)
    }

    /// One flush of the file system does the work; the flush of each file then costs little and carries its error.
    fn flush_together(&self, packages: &[(&str, &[u8])]) -> Result<(), Error> {
        let folder = File::open(&self.incoming).at("open", &self.incoming)?;
        // Not every file system knows it; the flush of each file below is what the promise rests on.
        let _ = rustix::fs::syncfs(&folder);
        for (name, _) in packages {
            let hidden = self.incoming.join(name);
            File::open(&hidden).and_then(|file| file.sync_all()).at("make durable", &hidden)?;
        }
        Ok(())
    }

    /// Looks for a package by name: in the folder, in `done`, in `error`, in this order, for it moves in this order.
    pub fn find(&self, name: &str) -> Result<Place, Error> {
        if is_there(&self.root.join(name))? {
            return Ok(Place::Folder);
        }
        for done in &self.done {
            if is_there(&done.join(name))? {
                return Ok(Place::Done);
            }
        }
        for error in &self.error {
            let path = error.join(name);
            if is_there(&path)? {
                return Ok(Place::Error(reason_beside(&path)?));
            }
        }
        Ok(Place::Nowhere)
    }

    /// Removes what a killed run left out of Rosetta's sight. Only for names that are ours.
    pub fn forget_hidden(&self, name: &str) -> Result<(), Error> {
        let hidden = self.incoming.join(name);
        match fs::remove_file(&hidden) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            Err(source) => Err(Error::Io { doing: "remove", path: hidden, source }),
        }
    }

    /// Files in `done` and `error` that are not older than `since`, for packages that the job renamed.
    pub fn settled_files(&self, since: SystemTime) -> Result<Vec<SettledFile>, Error> {
        let mut files = Vec::new();
        for (folders, is_error) in [(&self.done, false), (&self.error, true)] {
            for folder in folders {
                collect(folder, is_error, since, &mut files)?;
            }
        }
        Ok(files)
    }

    /// Whether a file can be written, made durable, renamed and removed here; for `check --online`.
    pub fn try_out(&self) -> Result<(), Error> {
        fs::create_dir_all(&self.incoming).at("make", &self.incoming)?;
        let device = |folder: &Path| fs::metadata(folder).map(|facts| facts.dev()).at("look at", folder);
        if device(&self.incoming)? != device(&self.root)? {
            let source = ErrorKind::CrossesDevices.into();
            return Err(Error::Io { doing: "rename out of", path: self.incoming.clone(), source });
        }
        let (one, two) = (self.incoming.join(".cartouche-check"), self.incoming.join(".cartouche-check-renamed"));
        let mut file = File::create(&one).at("create", &one)?;
        file.write_all(b"check\n").and_then(|()| file.sync_all()).at("write", &one)?;
        fs::rename(&one, &two).at("rename", &two)?;
        fs::remove_file(&two).at("remove", &two)
    }
}

/// A file that Rosetta has dealt with.
pub struct SettledFile {
    pub name: String,
    pub path: PathBuf,
    pub is_error: bool,
}

impl SettledFile {
    pub fn read(&self) -> Result<Vec<u8>, Error> {
        fs::read(&self.path).at("read", &self.path)
    }

    pub fn place(&self) -> Result<Place, Error> {
        if self.is_error { Ok(Place::Error(reason_beside(&self.path)?)) } else { Ok(Place::Done) }
    }
}

fn collect(folder: &Path, is_error: bool, since: SystemTime, files: &mut Vec<SettledFile>) -> Result<(), Error> {
    // Clocks of NFS servers are not ours.
    let since = since.checked_sub(Duration::from_secs(86_400)).unwrap_or(SystemTime::UNIX_EPOCH);
    for entry in WalkDir::new(folder).min_depth(1).max_depth(3) {
        let entry =
            entry.map_err(|error| Error::Io { doing: "list", path: folder.to_owned(), source: error.into() })?;
        let metadata = match entry.metadata() {
            Ok(metadata) => metadata,
            // Somebody tidied up in between.
            Err(error) if error.io_error().is_some_and(|io| io.kind() == ErrorKind::NotFound) => continue,
            Err(error) => {
                return Err(Error::Io { doing: "look at", path: entry.path().to_owned(), source: error.into() });
            }
        };
        let recent = metadata.modified().at("look at", entry.path())? >= since;
        if metadata.is_file() && recent && metadata.len() <= MAX_PACKAGE {
            let name = entry.file_name().to_string_lossy().into_owned();
            files.push(SettledFile { name, path: entry.path().to_owned(), is_error });
        }
    }
    Ok(())
}

fn is_there(path: &Path) -> Result<bool, Error> {
    Ok(look_at(path)?.is_some_and(|metadata| metadata.is_file()))
}

fn is_folder(path: &Path) -> Result<bool, Error> {
    Ok(look_at(path)?.is_some_and(|metadata| metadata.is_dir()))
}

/// `None` only when the file system says that nothing of that name is there.
fn look_at(path: &Path) -> Result<Option<fs::Metadata>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Error::Io { doing: "look for", path: path.to_owned(), source }),
    }
}

/// Rosetta writes no reason; other update jobs put it beside the file.
fn reason_beside(path: &Path) -> Result<String, Error> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".error.txt");
    match fs::read(&beside) {
        Ok(bytes) => Ok(String::from_utf8_lossy(&bytes[..bytes.len().min(4000)]).trim().to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(source) => Err(Error::Io { doing: "read", path: beside.into(), source }),
    }
}

pub fn digest_of(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// Where a test asks the program to die: the environment names a point and how often it is passed before.
///
/// kill -9 leaves no chance to tidy up, and neither does this.
pub fn crash_point(name: &str) {
    use std::sync::{Mutex, OnceLock};
    static WANTED: OnceLock<Option<(String, Mutex<u64>)>> = OnceLock::new();
    let wanted = WANTED.get_or_init(|| {
        let text = std::env::var("CARTOUCHE_CRASH_AT").ok()?;
        let (point, count) = text.split_once(':')?;
        Some((point.to_owned(), Mutex::new(count.parse().ok()?)))
    });
    if let Some((point, left)) = wanted
        && point == name
    {
        let mut left = left.lock().expect("nobody panics here");
        if *left == 0 {
            // The same as kill -9: no destructor runs, no buffer is flushed.
            let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
        }
        *left -= 1;
    }
}
