//! Folder → Rosetta: the update job, for profiles whose files Rosetta's own job does not take.
//!
//! Each file goes to updateMD in order of creation, then to `done`, or to `error` with the reason beside it. Before a file
//! is sent, that it is sent is written down, with the version of its IE; afterwards what was answered; then it is moved.
//! A file of which nobody knows whether it arrived (a kill, a time-out, a page of a proxy) is never just sent again: Rosetta
//! is asked what it stores. When that is the file's record, the file is done. When the IE still has the version from before,
//! the file was not taken and is sent again; that is harmless even if the first one arrives late, for updateMD replaces whole
//! records and ignores an identical one. When the IE has another version and another record, somebody changed it in
//! between, and a person has to look.

mod submit;
mod turn;

use super::{Go, News, Tell};
use crate::failure::{Failure, Kind, stated};
use crate::model::time::Timestamp;
use crate::profile::RoundTrip;
use crate::rosetta_soap::Client;
use crate::staging::{Folder, Queue};
use crate::store::Store;
use crate::store::submissions::Submission;
use std::collections::{HashMap, HashSet};
use submit::Sender;
use turn::{Turn, Work};

/// So many files in a row without a word of Rosetta's about them: the next ones would fare no better.
const MOST_IN_A_ROW: u32 = 3;

/// What became of the files of the folder.
#[derive(Debug, Default)]
pub struct Applied {
    pub done: u64,
    pub error: u64,
    /// Left in the folder because somebody works on the IE.
    pub locked: u64,
    /// Left in the folder for any other reason.
    pub waiting: u64,
    /// What was left, and what went to error.
    pub files: Vec<FileLeft>,
    /// Files of other makers that went to error now: nothing else will remind of them.
    pub foreign_errors: u64,
    /// Files whose names cannot be read.
    pub unnamed: u64,
    /// Why not all files had their turn.
    pub stopped: Option<Failure>,
}

/// A file that is not done, and why.
#[derive(Debug)]
pub struct FileLeft {
    pub name: String,
    /// Empty when the file cannot be read.
    pub ie: String,
    /// `locked`, `waiting` or `error`.
    pub state: &'static str,
    pub reason: String,
    pub attempts: u32,
    /// When it is tried again.
    pub due: Option<Timestamp>,
    /// A person has to look: it stays as it is for longer than a package may be on its way, or nothing but a person helps.
    pub overdue: bool,
}

impl Applied {
    /// What waits for a person, in words.
    pub fn needs(&self) -> Vec<String> {
        let overdue = self.files.iter().filter(|file| file.overdue).count() as u64;
        let all = [
            (overdue, "files stay in the folder (cartouche apply PROFILE --json)"),
            (self.foreign_errors, "files of other makers are in error now, with the reason beside them"),
            (self.unnamed, "files in the folder have names that are not UTF-8"),
        ];
        all.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect()
    }
}

/// Applies what lies in the folder. May be run at any moment, and killed at any moment.
pub fn apply(store: &mut Store, round_trip: &RoundTrip, now: Timestamp, tell: Tell<'_>) -> Result<Applied, Failure> {
    let staging = &round_trip.staging;
    let Some(soap) = &round_trip.soap else {
        return Err(stated(
            Kind::Configuration,
            "the profile does not say where Rosetta's web services are",
            "[rosetta.soap] is explained in profiles/reference.toml",
        ));
    };
    let folder = Folder::open(staging)?;
    let queue = folder.waiting()?;
    let known = remembered(store, &folder, &queue)?;
    let mut applied = Applied { unnamed: queue.unnamed, ..Applied::default() };
    if queue.files.is_empty() {
        return Ok(applied);
    }
    let folder = folder.ready_to_put_away(staging)?;
    let sender = Sender { client: Client::new(soap)?, try_again: soap.try_again, now };
    let settle_within = staging.settle_within;
    let mut work = Work { store, folder: &folder, sender: &sender, settle_within, known, held: HashSet::new() };
    take_turns(&mut work, &queue, &mut applied, tell);
    Ok(applied)
}

/// What is remembered of the files; of those that are gone nothing has to be remembered any more.
fn remembered(store: &mut Store, folder: &Folder, queue: &Queue) -> Result<HashMap<String, Submission>, Failure> {
    let known = store.submissions()?;
    // Whoever applied here before has made done and error: without them it is another folder, or none.
    folder.must_not_look_unmounted(known.len())?;
    let is_there: HashSet<&str> = queue.files.iter().map(|file| file.name.as_str()).collect();
    let gone: Vec<String> = known.keys().filter(|name| !is_there.contains(name.as_str())).cloned().collect();
    store.forget_submissions(&gone)?;
    Ok(known)
}

fn take_turns(work: &mut Work<'_>, queue: &Queue, applied: &mut Applied, tell: Tell<'_>) {
    let (of, mut in_a_row) = (queue.files.len() as u64, 0);
    for (at, file) in queue.files.iter().enumerate() {
        let rest = of - at as u64;
        if tell(News::Applied { done: at as u64, of }) == Go::Stop {
            applied.waiting += rest;
            return;
        }
        match work.take(file, applied) {
            Ok(Turn::Over) => in_a_row = 0,
            Ok(Turn::Unasked) => {}
            Ok(Turn::Fruitless(_)) if in_a_row + 1 < MOST_IN_A_ROW => in_a_row += 1,
            Ok(Turn::Fruitless(kind)) => {
                (applied.stopped, applied.waiting) = (Some(fruitless(kind)), applied.waiting + rest - 1);
                return;
            }
            Err(failure) => {
                (applied.stopped, applied.waiting) = (Some(failure), applied.waiting + rest);
                return;
            }
        }
    }
}

fn fruitless(kind: Kind) -> Failure {
    stated(
        kind,
        format!("{MOST_IN_A_ROW} files in a row got no useful answer from Rosetta"),
        "the summary names the reasons; mend what they say, and run again",
    )
}
