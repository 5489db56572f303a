//! Rosetta's Update Metadata Job, run on a folder: each package ends in `done` or in `error`.

use super::rosetta::{Rosetta, Updated};
use crate::failure::Advise;
use crate::model::dc::Dc;
use crate::model::time::Timestamp;
use crate::steps::packaging::{self, UpdateMd};
use serde::Serialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

/// The user under whose name the job writes.
pub(super) const USER: &str = "mdupdate";

/// What one run did, a line a file, in the order in which they were taken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct JobReport {
    pub files: Vec<FileReport>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileReport {
    pub name: String,
    pub pid: Option<String>,
    pub fate: Fate,
    /// In words; for an error, why.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The record was replaced; the file lies in `done`.
    Done,
    /// The record said the same already; the file lies in `done`.
    NoChange,
    /// Nothing was written; the file lies in `error`.
    Error,
}

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot read the folder {}", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error("cannot move {} to {}", path.display(), target.display())]
    Move { path: PathBuf, target: PathBuf, source: io::Error },
}

impl Advise for Error {}

/// Whether the folder can be read; Rosetta's wants it to exist before the first run, too.
pub(super) fn check(folder: &Path) -> Result<(), Error> {
    packages(folder).map(drop)
}

/// Takes every `*.xml` that lies in the folder itself, oldest first.
pub fn run(rosetta: &Mutex<Rosetta>, folder: &Path, now: Timestamp) -> Result<JobReport, Error> {
    let mut report = JobReport::default();
    for path in packages(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let (pid, fate, reason) = match apply(rosetta, &path, now) {
            Ok((pid, Updated::Replaced)) => (Some(pid), Fate::Done, "the record was replaced".to_owned()),
            Ok((pid, Updated::Identical)) => (Some(pid), Fate::NoChange, "the record says the same".to_owned()),
            Err((pid, reason)) => (pid, Fate::Error, reason),
        };
        put_away(&path, folder, if fate == Fate::Error { "error" } else { "done" })?;
        report.files.push(FileReport { name, pid, fate, reason });
    }
    Ok(report)
}

/// The files to take, by time of creation (the last change, which NFS keeps), then by name.
fn packages(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let failed = |source| Error::Folder { path: folder.to_owned(), source };
    let mut found: Vec<(SystemTime, PathBuf)> = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let path = entry.path();
        let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
        let is_xml = path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"));
        if hidden || !is_xml {
            continue;
        }
        let facts = entry.metadata().map_err(failed)?;
        if facts.is_file() {
            found.push((facts.modified().map_err(failed)?, path));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

type Refused = (Option<String>, String);

fn apply(rosetta: &Mutex<Rosetta>, path: &Path, now: Timestamp) -> Result<(String, Updated), Refused> {
    let bytes = fs::read(path).map_err(|error| (None, format!("cannot be read: {error}")))?;
    let text = String::from_utf8(bytes).map_err(|_| (None, "not UTF-8".to_owned()))?;
    let package = packaging::read(&text).map_err(|error| (None, error.to_string()))?;
    let pid = package.pid.to_string();
    match put_in(rosetta, &package, now) {
        Ok(updated) => Ok((pid, updated)),
        Err(reason) => Err((Some(pid), reason)),
    }
}

fn put_in(rosetta: &Mutex<Rosetta>, package: &UpdateMd, now: Timestamp) -> Result<Updated, String> {
    let dc = only_record(package)?;
    let mut rosetta = rosetta.lock().unwrap_or_else(PoisonError::into_inner);
    rosetta.update(&package.pid, dc, USER, now).map_err(|refused| refused.to_string())
}

/// The descriptive MD of a package that holds nothing else; no source MD is kept here.
fn only_record(package: &UpdateMd) -> Result<Dc, String> {
    let record = package.dc().map_err(|error| error.to_string())?;
    let (Some(record), 1) = (record, package.parts.len()) else {
        return Err("only descriptive MD of the subtype dc can be updated here".to_owned());
    };
    match record.misfits.first() {
        None => Ok(record.dc),
        Some(misfit) => Err(format!("the record cannot be stored: {misfit}")),
    }
}

/// Moves a file into a folder beside it, under a free name: an older file of the same name stays.
fn put_away(path: &Path, folder: &Path, subfolder: &str) -> Result<(), Error> {
    let target_folder = folder.join(subfolder);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut target = target_folder.join(&*name);
    let failed = |target: &Path, source| Error::Move { path: path.to_owned(), target: target.to_owned(), source };
    fs::create_dir_all(&target_folder).map_err(|source| failed(&target_folder, source))?;
    let mut number = 0;
    loop {
        match fs::symlink_metadata(&target) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => break,
            Err(error) => return Err(failed(&target, error)),
            Ok(_) => number += 1,
        }
        target = target_folder.join(format!("{name}.{number}"));
    }
    fs::rename(path, &target).map_err(|source| failed(&target, source))
}
