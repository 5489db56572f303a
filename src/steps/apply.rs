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

use super::packaging::{self, UpdateMd};
use super::{News, Tell};
use crate::failure::{Failure, Kind, stated};
use crate::model::id::IePid;
use crate::model::time::{Timestamp, say_span};
use crate::profile::RoundTrip;
use crate::rosetta_soap::Client;
use crate::staging::{End, Folder, Found, Waiting, crash_point, digest_of};
use crate::store::Store;
use crate::store::submissions::{Submission, SubmissionState};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};
use submit::{Fate, Sender};

/// A file that was written to less than this ago may still be written to.
const MOMENT: Duration = Duration::from_secs(5);
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
    let mut folder = Folder::open(staging)?;
    let queue = folder.waiting()?;
    let known = store.submissions()?;
    if queue.files.is_empty() {
        folder.must_not_look_unmounted(known.len())?;
    }
    let is_there: HashSet<&str> = queue.files.iter().map(|file| file.name.as_str()).collect();
    let gone: Vec<String> = known.keys().filter(|name| !is_there.contains(name.as_str())).cloned().collect();
    store.forget_submissions(&gone)?;
    let mut applied = Applied { unnamed: queue.unnamed, ..Applied::default() };
    if queue.files.is_empty() {
        return Ok(applied);
    }
    folder = folder.ready_to_put_away(staging)?;
    let sender = Sender { client: Client::new(soap)?, try_again: soap.try_again, now };
    let mut work = Work {
        store,
        folder: &folder,
        sender: &sender,
        settle_within: staging.settle_within,
        known,
        held: HashSet::new(),
    };
    let (of, mut in_a_row) = (queue.files.len() as u64, 0);
    for (at, file) in queue.files.iter().enumerate() {
        tell(News::Applied { done: at as u64, of });
        let turn = work.take(file, &mut applied);
        let rest = of - at as u64;
        match turn {
            Ok(Turn::Over) => in_a_row = 0,
            Ok(Turn::Unasked) => {}
            Ok(Turn::Fruitless(kind)) => {
                in_a_row += 1;
                if in_a_row == MOST_IN_A_ROW {
                    (applied.stopped, applied.waiting) = (Some(fruitless(kind)), applied.waiting + rest - 1);
                    break;
                }
            }
            Err(failure) => {
                (applied.stopped, applied.waiting) = (Some(failure), applied.waiting + rest);
                break;
            }
        }
    }
    Ok(applied)
}

fn fruitless(kind: Kind) -> Failure {
    stated(
        kind,
        format!("{MOST_IN_A_ROW} files in a row got no useful answer from Rosetta"),
        "the summary names the reasons; mend what they say, and run again",
    )
}

/// How one file's turn ended, for the next one's sake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Turn {
    Over,
    /// Rosetta was not asked.
    Unasked,
    /// Rosetta was asked, and nothing is known of the file but that it is not done.
    Fruitless(Kind),
}

/// What a file holds.
enum Content {
    Update(UpdateMd),
    /// It may be half of an updateMD file, or something else: nothing to be moved by us.
    Unfinished(String),
    /// A whole updateMD file that says what no Rosetta could do.
    Wrong(String),
}

struct Work<'a> {
    store: &'a mut Store,
    folder: &'a Folder,
    sender: &'a Sender,
    settle_within: Duration,
    known: HashMap<String, Submission>,
    /// IEs with a file that stays: what comes later for them must not overtake it.
    held: HashSet<IePid>,
}

impl Work<'_> {
    /// One file's turn. An error ends the work: it would meet every other file too.
    fn take(&mut self, file: &Waiting, applied: &mut Applied) -> Result<Turn, Failure> {
        let known = self.known.remove(&file.name);
        let found = self.folder.read_whole(file)?;
        let (bytes, digest) = match found {
            Found::Gone => return Ok(Turn::Unasked),
            Found::Changing => (None, [0; 32]),
            Found::Whole(bytes) => {
                let digest = digest_of(&bytes);
                (Some(bytes), digest)
            }
        };
        let is_known = known.as_ref().is_some_and(|known| known.digest == digest);
        let mut row = known.filter(|_| is_known).unwrap_or_else(|| self.first_seen(digest));
        match row.state {
            SubmissionState::Applied => return self.put_away(file, &row, applied),
            SubmissionState::Refused => return self.put_away(file, &row, applied),
            SubmissionState::Waiting | SubmissionState::Locked | SubmissionState::Denied | SubmissionState::Sent => {}
        }
        let update = match self.read(file, bytes, digest)? {
            Content::Update(update) => update,
            Content::Unfinished(why) => {
                let is_news = !is_known || row.reason != why;
                row.reason = why;
                return self.leave(file, &row, is_news, applied);
            }
            Content::Wrong(why) => return self.refuse(file, &mut row, why, applied),
        };
        row.ie = update.pid.to_string();
        if self.held.contains(&update.pid) {
            row.reason = "an older file for the same IE comes first".to_owned();
            return self.leave(file, &row, !is_known, applied);
        }
        // Where a file is that was sent may be asked at any time.
        if row.state != SubmissionState::Sent && !self.sender.is_due(&row) {
            self.held.insert(update.pid);
            return self.leave(file, &row, false, applied);
        }
        match submit::submit(self.sender, self.store, &file.name, &mut row, &update)? {
            Fate::Applied => {
                row.state = SubmissionState::Applied;
                self.store.note_submission(&file.name, &row)?;
                crash_point("answered");
                self.put_away(file, &row, applied)
            }
            Fate::Refused(why) => self.refuse(file, &mut row, why, applied),
            Fate::Left(state, reason) => {
                (row.state, row.reason) = (state, reason);
                self.held.insert(update.pid);
                self.leave(file, &row, true, applied)?;
                Ok(match state {
                    SubmissionState::Denied => Turn::Fruitless(Kind::Configuration),
                    SubmissionState::Sent => Turn::Fruitless(Kind::Failed),
                    SubmissionState::Waiting | SubmissionState::Locked => Turn::Over,
                    SubmissionState::Applied | SubmissionState::Refused => Turn::Over,
                })
            }
        }
    }

    fn first_seen(&self, digest: [u8; 32]) -> Submission {
        Submission {
            digest,
            ie: String::new(),
            state: SubmissionState::Waiting,
            version: None,
            attempts: 0,
            due: self.sender.now,
            seen: self.sender.now,
            reason: String::new(),
        }
    }

    fn read(&self, file: &Waiting, bytes: Option<Vec<u8>>, digest: [u8; 32]) -> Result<Content, Failure> {
        let Some(bytes) = bytes else {
            return Ok(Content::Unfinished("it changes while it is read, or is too large".to_owned()));
        };
        // What we staged came by a rename and is whole, however young it is.
        if is_young(file.modified, self.sender.now) && !self.store.knows_file(&file.name, &digest)? {
            return Ok(Content::Unfinished("it was written just now, perhaps not to its end".to_owned()));
        }
        let Ok(text) = std::str::from_utf8(&bytes) else {
            return Ok(Content::Unfinished("it is not UTF-8".to_owned()));
        };
        Ok(match packaging::read(text) {
            Ok(update) => match update.dc() {
                Err(packaging::Error::SeveralDescriptive) => {
                    Content::Wrong(packaging::Error::SeveralDescriptive.to_string())
                }
                // A record that is not XML is Rosetta's to refuse.
                Ok(_) | Err(_) => Content::Update(update),
            },
            Err(error @ (packaging::Error::Xml(_) | packaging::Error::NotUpdateMd(_))) => {
                Content::Unfinished(format!("it is no whole updateMD file: {error}"))
            }
            Err(error) => Content::Wrong(format!("it is no updateMD file that can be applied: {error}")),
        })
    }

    fn refuse(
        &mut self,
        file: &Waiting,
        row: &mut Submission,
        why: String,
        applied: &mut Applied,
    ) -> Result<Turn, Failure> {
        (row.state, row.reason) = (SubmissionState::Refused, why);
        self.store.note_submission(&file.name, row)?;
        crash_point("refused");
        self.put_away(file, row, applied)
    }

    /// Moves the file to where it belongs by what is noted of it, and forgets it.
    fn put_away(&mut self, file: &Waiting, row: &Submission, applied: &mut Applied) -> Result<Turn, Failure> {
        if row.state == SubmissionState::Refused {
            let was_there = self.folder.put_away(&file.name, End::Error(&row.reason))?;
            applied.error += u64::from(was_there);
            let is_ours = self.store.knows_file(&file.name, &row.digest)?;
            applied.foreign_errors += u64::from(was_there && !is_ours);
            applied.files.push(self.left(file, row, "error"));
        } else {
            self.folder.put_away(&file.name, End::Done)?;
            applied.done += 1;
        }
        crash_point("put-away");
        self.store.forget_submissions(std::slice::from_ref(&file.name))?;
        crash_point("forgotten");
        Ok(Turn::Over)
    }

    fn leave(
        &mut self,
        file: &Waiting,
        row: &Submission,
        is_news: bool,
        applied: &mut Applied,
    ) -> Result<Turn, Failure> {
        if is_news {
            self.store.note_submission(&file.name, row)?;
        }
        let state = if row.state == SubmissionState::Locked { "locked" } else { "waiting" };
        let count = if row.state == SubmissionState::Locked { &mut applied.locked } else { &mut applied.waiting };
        *count += 1;
        applied.files.push(self.left(file, row, state));
        Ok(Turn::Unasked)
    }

    fn left(&self, file: &Waiting, row: &Submission, state: &'static str) -> FileLeft {
        let now = self.sender.now;
        let is_late = now.since(row.seen) > self.settle_within || row.state == SubmissionState::Denied;
        let reason = row.reason.lines().next().unwrap_or_default();
        FileLeft {
            name: file.name.clone(),
            ie: row.ie.clone(),
            state,
            reason: match state {
                "locked" => format!("{reason}; tried again in {}", say_span(row.due.since(now))),
                _ => reason.to_owned(),
            },
            attempts: row.attempts,
            due: (state != "error").then_some(row.due),
            overdue: state != "error" && is_late,
        }
    }
}

/// Whether a file may still be written to. A clock that is more than a day ahead tells nothing of that; then the end of
/// the file does.
fn is_young(modified: SystemTime, now: Timestamp) -> bool {
    let now = SystemTime::UNIX_EPOCH + Duration::from_millis(now.millis().max(0) as u64);
    let day = Duration::from_secs(86_400);
    modified + MOMENT > now && modified < now + day
}
