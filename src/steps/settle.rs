//! Folder → store: what became of our packages.

use super::packaging;
use crate::failure::Failure;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use crate::staging::{Folder, Place, SettledFile, crash_point, digest_of};
use crate::store::Store;
use crate::store::packages::OpenPackage;
use std::collections::HashMap;
use std::time::{Duration, SystemTime};

/// What one settling found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Settled {
    pub done: u64,
    pub error: u64,
    /// Planned by a killed run and found in the folder after all, or lost and found again.
    pub healed: u64,
    /// Staged and found nowhere, this time for the first time.
    pub newly_lost: u64,
}

impl Settled {
    /// What two settlings in a row found together.
    pub fn and(self, later: Settled) -> Settled {
        Settled {
            done: self.done + later.done,
            error: self.error + later.error,
            healed: self.healed + later.healed,
            newly_lost: self.newly_lost + later.newly_lost,
        }
    }
}

/// Looks for every open package and notes where it lies. May be run at any moment, any number of times.
pub fn settle(store: &mut Store, folder: &Folder, now: Timestamp) -> Result<Settled, Failure> {
    let open = store.open_packages()?;
    let mut places = Vec::with_capacity(open.len());
    for package in &open {
        places.push(folder.find(&package.name)?);
    }
    let in_flight = open.iter().filter(|package| package.state == PackageState::Staged).count();
    if places.iter().all(|place| *place == Place::Nowhere) {
        folder.must_not_look_unmounted(in_flight)?;
    }
    find_renamed(store, folder, &open, &mut places)?;
    let mut found = Vec::new();
    let mut settled = Settled::default();
    for (package, place) in open.iter().zip(places) {
        let (state, reason) = match (place, package.state) {
            (Place::Folder, PackageState::Staged) => continue,
            (Place::Folder, _) => {
                settled.healed += 1;
                (PackageState::Staged, String::new())
            }
            (Place::Done, _) => {
                settled.done += 1;
                (PackageState::Done, String::new())
            }
            (Place::Error(reason), _) => {
                settled.error += 1;
                (PackageState::Error, reason)
            }
            (Place::Nowhere, PackageState::Planned) => {
                // It never became visible: what it says is decided anew, its leavings go.
                folder.forget_hidden(&package.name)?;
                (PackageState::Withdrawn, "the run ended before the file reached the folder".to_owned())
            }
            (Place::Nowhere, PackageState::Lost) => continue,
            (Place::Nowhere, _) => {
                settled.newly_lost += 1;
                (PackageState::Lost, format!("in none of {}, done and error", folder.path().display()))
            }
        };
        found.push((package.id, state, reason));
    }
    crash_point("settling");
    if !found.is_empty() {
        store.settle(&found, now)?;
    }
    crash_point("settled");
    Ok(settled)
}

/// A job may rename what it has dealt with: then the bytes tell, or the PID and the record inside.
fn find_renamed(store: &Store, folder: &Folder, open: &[OpenPackage], places: &mut [Place]) -> Result<(), Failure> {
    let missing: Vec<usize> = (0..open.len()).filter(|at| places[*at] == Place::Nowhere).collect();
    let Some(oldest) = missing.iter().map(|at| open[*at].planned).min() else { return Ok(()) };
    let since = SystemTime::UNIX_EPOCH + Duration::from_millis(oldest.millis().max(0) as u64);
    let by_bytes: HashMap<[u8; 32], usize> = missing.iter().map(|at| (open[*at].file_digest, *at)).collect();
    for file in folder.settled_files(since)? {
        // A file under a name that we gave belongs to the package of that name.
        if store.knows_name(&file.name)? {
            continue;
        }
        let bytes = file.read()?;
        let at = by_bytes.get(&digest_of(&bytes)).copied().or_else(|| by_content(&bytes, open, &missing));
        if let Some(at) = at {
            places[at] = better(&places[at], &file)?;
        }
    }
    Ok(())
}

fn by_content(bytes: &[u8], open: &[OpenPackage], missing: &[usize]) -> Option<usize> {
    let text = std::str::from_utf8(bytes).ok()?;
    let update = packaging::read(text).ok()?;
    let digest = update.dc().ok()??.dc.digest();
    missing.iter().copied().find(|at| open[*at].ie == update.pid && open[*at].content == digest)
}

/// The same content in both places: the error is what a person must see.
fn better(known: &Place, file: &SettledFile) -> Result<Place, Failure> {
    match known {
        Place::Error(_) => Ok(known.clone()),
        Place::Nowhere | Place::Folder | Place::Done => Ok(file.place()?),
    }
}
