//! The folder as an update job sees it: what waits in it, in which order, and where it goes afterwards.

use super::{At, Error, Folder, MAX_PACKAGE, crash_point, is_there, look_at};
use crate::profile::Staging;
use rustix::fs::{CWD, RenameFlags, renameat_with};
use rustix::io::Errno;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file that an update job would take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub name: String,
    /// The time that stands for its creation.
    pub modified: SystemTime,
    size: u64,
}

/// What lies in the folder for an update job.
#[derive(Debug, Default)]
pub struct Queue {
    /// In order of creation.
    pub files: Vec<Waiting>,
    /// Files with names that are not UTF-8, which cannot be kept apart by name.
    pub unnamed: u64,
}

/// What was found of a file when it was read.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Whole(Vec<u8>),
    /// Somebody writes it, or it is too large to be a package.
    Changing,
    /// This user may not read it.
    Forbidden,
    Gone,
}

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End<'a> {
    Done,
    /// With the reason that is put beside it.
    Error(&'a str),
}

impl Folder {
    /// Files directly in the folder, not hidden, whose names end in `.xml`: by time of the last change, then by name.
    ///
    /// Ex Libris says "in order of create date". NFS 3 tells no time of birth, and a copy is born later than what it is a
    /// copy of; the time of the last change comes over NFS, and the rename into the folder leaves it as it is.
    pub fn waiting(&self) -> Result<Queue, Error> {
        let mut queue = Queue::default();
        for entry in fs::read_dir(&self.root).at("list", &self.root)? {
            let entry = entry.at("list", &self.root)?;
            let name = entry.file_name();
            let ends_so = name.as_encoded_bytes().to_ascii_lowercase().ends_with(b".xml");
            if !ends_so || name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let path = entry.path();
            // Somebody may have moved it in between.
            let Some(facts) = look_at(&path)?.filter(fs::Metadata::is_file) else { continue };
            match name.into_string() {
                Ok(name) => {
                    let modified = facts.modified().at("look at", &path)?;
                    queue.files.push(Waiting { name, modified, size: facts.len() });
                }
                Err(_) => queue.unnamed += 1,
            }
        }
        queue.files.sort_by(|a, b| (a.modified, &a.name).cmp(&(b.modified, &b.name)));
        Ok(queue)
    }

    /// Reads a file, unless it is not the same before and after: then somebody is still writing it.
    pub fn read_whole(&self, file: &Waiting) -> Result<Found, Error> {
        let path = self.root.join(&file.name);
        if file.size > MAX_PACKAGE {
            return Ok(Found::Changing);
        }
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Found::Gone),
            Err(error) if error.kind() == ErrorKind::PermissionDenied => return Ok(Found::Forbidden),
            Err(source) => return Err(Error::Io { doing: "read", path, source }),
        };
        let Some(after) = look_at(&path)? else { return Ok(Found::Gone) };
        let modified = after.modified().at("look at", &path)?;
        let is_same = after.len() == file.size && bytes.len() as u64 == file.size && modified == file.modified;
        Ok(if is_same { Found::Whole(bytes) } else { Found::Changing })
    }

    /// Makes `done` and `error` where they are missing, and tries the folder out: what cannot be moved must not be sent.
    pub fn ready_to_put_away(self, staging: &Staging) -> Result<Folder, Error> {
        self.try_out()?;
        for (is_missing, name) in [(self.done.is_empty(), &staging.done), (self.error.is_empty(), &staging.error)] {
            if is_missing {
                let folder = self.root.join(name);
                fs::create_dir(&folder).at("make", &folder)?;
                sync(&self.root)?;
            }
        }
        Folder::open(staging)
    }

    /// Moves a file to `done` or, after its reason is there for good, to `error`. An older file of that name stays; then
    /// a number is put behind the name. False when the file was gone: somebody else had taken it.
    pub fn put_away(&self, name: &str, end: End<'_>) -> Result<bool, Error> {
        let folders = match end {
            End::Done => &self.done,
            End::Error(_) => &self.error,
        };
        let Some(folder) = folders.first() else { return Err(Error::NoFolder { path: self.root.clone() }) };
        let from = self.root.join(name);
        if !is_there(&from)? {
            self.must_be_mounted()?;
            return Ok(false);
        }
        let mut number = 0;
        loop {
            let target = folder.join(if number == 0 { name.to_owned() } else { format!("{name}.{number}") });
            number += 1;
            if look_at(&target)?.is_some() {
                continue;
            }
            if let End::Error(reason) = end {
                self.write_reason(&target, folder, reason)?;
            }
            crash_point("reasoned");
            match move_to_free(&from, &target) {
                Ok(true) => break,
                Ok(false) => {}
                Err(error) if error.kind() == ErrorKind::NotFound && !is_there(&from)? => {
                    self.must_be_mounted()?;
                    return Ok(false);
                }
                Err(source) => return Err(Error::Io { doing: "move to done or error", path: from, source }),
            }
        }
        crash_point("moved");
        sync(folder)?;
        sync(&self.root)?;
        Ok(true)
    }

    /// Puts the reason beside the place where the file will lie. What is there already, from an earlier attempt on a file
    /// that somebody moved back, is kept above it; the same words are not said twice.
    fn write_reason(&self, target: &Path, folder: &Path, reason: &str) -> Result<(), Error> {
        let beside = appended(target, ".error.txt");
        let mut text = match fs::read_to_string(&beside) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
            Err(source) => return Err(Error::Io { doing: "read", path: beside, source }),
        };
        if text.trim_end().ends_with(reason.trim_end()) {
            return Ok(());
        }
        text.push_str(reason.trim_end());
        text.push('\n');
        fs::create_dir_all(&self.incoming).at("make", &self.incoming)?;
        let hidden = self.incoming.join(beside.file_name().unwrap_or_default());
        let mut file = File::create(&hidden).at("create", &hidden)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).at("write", &hidden)?;
        fs::rename(&hidden, &beside).at("move into place", &beside)?;
        sync(folder)
    }

    /// A file that is suddenly gone may be gone with the whole share.
    fn must_be_mounted(&self) -> Result<(), Error> {
        for folder in self.done.iter().chain(&self.error) {
            if look_at(folder)?.is_none() {
                return Err(Error::LooksUnmounted { path: self.root.clone(), missing: 1 });
            }
        }
        Ok(())
    }
}

fn appended(path: &Path, ending: &str) -> PathBuf {
    let mut path = path.as_os_str().to_owned();
    path.push(ending);
    path.into()
}

fn sync(folder: &Path) -> Result<(), Error> {
    File::open(folder).and_then(|open| open.sync_all()).at("make durable", folder)
}

/// Renames unless something has the name already.
fn move_to_free(from: &Path, to: &Path) -> io::Result<bool> {
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Ok(()) => Ok(true),
        Err(Errno::EXIST) => Ok(false),
        // NFS has no such rename. Nobody but us puts files there while the profile is locked, so that looking first is enough.
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => match fs::symlink_metadata(to) {
            Ok(_) => Ok(false),
            Err(error) if error.kind() == ErrorKind::NotFound => fs::rename(from, to).map(|()| true),
            Err(error) => Err(error),
        },
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(test)]
mod tests;
