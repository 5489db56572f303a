//! One file's turn: read, submitted or passed by, and moved to where it belongs.

use super::submit::{self, Fate, Sender};
use super::{Applied, FileLeft};
use crate::failure::{Failure, Kind};
use crate::model::id::IePid;
use crate::model::time::{Timestamp, say_span};
use crate::staging::{End, Folder, Found, Waiting, crash_point, digest_of};
use crate::steps::packaging::{self, UpdateMd};
use crate::store::Store;
use crate::store::submissions::{Submission, SubmissionState};
use std::collections::{HashMap, HashSet};
use std::time::{Duration, SystemTime};

/// A file that was written to less than this ago may still be written to.
const MOMENT: Duration = Duration::from_secs(5);

/// How one file's turn ended, for the next one's sake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
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

/// What the turns of all files share.
pub(super) struct Work<'a> {
    pub(super) store: &'a mut Store,
    pub(super) folder: &'a Folder,
    pub(super) sender: &'a Sender,
    pub(super) settle_within: Duration,
    pub(super) known: HashMap<String, Submission>,
    /// IEs with a file that stays: what comes later for them must not overtake it.
    pub(super) held: HashSet<IePid>,
}

impl Work<'_> {
    /// One file's turn. An error ends the work: it would meet every other file too.
    pub(super) fn take(&mut self, file: &Waiting, applied: &mut Applied) -> Result<Turn, Failure> {
        let known = self.known.remove(&file.name);
        let bytes = match self.folder.read_whole(file)? {
            Found::Gone => return Ok(Turn::Unasked),
            Found::Whole(bytes) => bytes,
            Found::Changing => {
                return self.pass_by(file, known, "it changes while it is read, or is too large", applied);
            }
            Found::Forbidden => return self.pass_by(file, known, "this user may not read it", applied),
        };
        let digest = digest_of(&bytes);
        let is_known = known.as_ref().is_some_and(|known| known.digest == digest);
        let mut row = known.filter(|_| is_known).unwrap_or_else(|| self.first_seen(digest));
        match row.state {
            SubmissionState::Applied | SubmissionState::Refused => return self.put_away(file, &row, applied),
            SubmissionState::Waiting | SubmissionState::Locked | SubmissionState::Denied | SubmissionState::Sent => {}
        }
        match self.read(file, &bytes, digest)? {
            Content::Update(update) => self.submit(file, &mut row, is_known, &update, applied),
            Content::Unfinished(why) => {
                let is_news = !is_known || row.reason != why;
                row.reason = why;
                self.leave(file, &row, is_news, applied)
            }
            Content::Wrong(why) => self.refuse(file, &mut row, why, applied),
        }
    }

    fn submit(
        &mut self,
        file: &Waiting,
        row: &mut Submission,
        is_known: bool,
        update: &UpdateMd,
        applied: &mut Applied,
    ) -> Result<Turn, Failure> {
        row.ie = update.pid.to_string();
        if self.held.contains(&update.pid) {
            row.reason = "an older file for the same IE comes first".to_owned();
            return self.leave(file, row, !is_known, applied);
        }
        // Where a file is that was sent may be asked at any time.
        if row.state != SubmissionState::Sent && !self.sender.is_due(row) {
            self.held.insert(update.pid.clone());
            return self.leave(file, row, false, applied);
        }
        match submit::submit(self.sender, self.store, &file.name, row, update)? {
            Fate::Applied => {
                row.state = SubmissionState::Applied;
                self.store.note_submission(&file.name, row)?;
                crash_point("answered");
                self.put_away(file, row, applied)
            }
            Fate::Refused(why) => self.refuse(file, row, why, applied),
            Fate::Left(state, reason) => {
                (row.state, row.reason) = (state, reason);
                self.held.insert(update.pid.clone());
                self.leave(file, row, true, applied)?;
                Ok(match state {
                    SubmissionState::Denied => Turn::Fruitless(Kind::Configuration),
                    SubmissionState::Sent => Turn::Fruitless(Kind::Failed),
                    SubmissionState::Waiting | SubmissionState::Locked => Turn::Over,
                    SubmissionState::Applied | SubmissionState::Refused => Turn::Over,
                })
            }
        }
    }

    /// A file that could not be read this time; what is remembered of it stays as it is.
    fn pass_by(
        &mut self,
        file: &Waiting,
        known: Option<Submission>,
        why: &str,
        applied: &mut Applied,
    ) -> Result<Turn, Failure> {
        let is_news = known.is_none();
        let mut row = known.unwrap_or_else(|| self.first_seen([0; 32]));
        why.clone_into(&mut row.reason);
        self.leave(file, &row, is_news, applied)
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

    fn read(&self, file: &Waiting, bytes: &[u8], digest: [u8; 32]) -> Result<Content, Failure> {
        // What we staged came by a rename and is whole, however young it is.
        if is_young(file.modified, self.sender.now) && !self.store.knows_file(&file.name, &digest)? {
            return Ok(Content::Unfinished("it was written just now, perhaps not to its end".to_owned()));
        }
        let Ok(text) = std::str::from_utf8(bytes) else {
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
