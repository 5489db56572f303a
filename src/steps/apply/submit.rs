//! One file on its way to Rosetta: sent once, and when nobody answered, asked for before it is sent again.

use crate::failure::{Advise, Failure};
use crate::model::time::Timestamp;
use crate::rosetta_soap::{Client, Error, Prospect};
use crate::staging::crash_point;
use crate::steps::packaging::{PartKind, UpdateMd};
use crate::store::Store;
use crate::store::submissions::{Submission, SubmissionState};
use std::time::Duration;

/// A general fault may be an outage: so many are borne before the file counts as refused.
const MOST_GENERAL_FAULTS: u32 = 3;
const LONGEST_PAUSE: Duration = Duration::from_secs(86_400);

/// Who sends, and when.
pub(super) struct Sender {
    pub(super) client: Client,
    pub(super) try_again: Duration,
    pub(super) now: Timestamp,
}

/// What became of one file.
pub(super) enum Fate {
    /// Rosetta stores what the file says.
    Applied,
    /// It goes to error, with these words.
    Refused(String),
    /// It stays, in this state and for this reason.
    Left(SubmissionState, String),
}

/// What Rosetta shows of a file that was sent without an answer.
enum Whereabouts {
    Stored,
    NotTaken,
    /// A person has to find out.
    Unclear(String),
}

impl Sender {
    /// Whether a file may be tried again. A time further away than the longest pause was set by a clock that has jumped.
    pub(super) fn is_due(&self, row: &Submission) -> bool {
        row.due <= self.now || row.due > self.now.plus(LONGEST_PAUSE)
    }

    /// Doubles with each attempt.
    fn due_after(&self, attempts: u32) -> Timestamp {
        let pause = self.try_again.saturating_mul(1 << attempts.saturating_sub(1).min(20));
        self.now.plus(pause.min(LONGEST_PAUSE))
    }

    fn stores_all(&self, update: &UpdateMd) -> Result<bool, Error> {
        for part in &update.parts {
            if !self.client.stores(&update.pid, part)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The version of the IE; `None` when Rosetta does not tell, as one of 2014 that has no manageIE.
    fn version(&self, update: &UpdateMd) -> Result<Option<String>, Error> {
        match self.client.status(&update.pid) {
            Ok(status) => Ok(status.version),
            Err(Error::Fault { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn whereabouts(&self, row: &Submission, update: &UpdateMd) -> Result<Whereabouts, Error> {
        if self.stores_all(update)? {
            return Ok(Whereabouts::Stored);
        }
        // A record that is added would be there twice; one that replaces another is the same the second time.
        let only_replaces = update.parts.iter().all(|part| part.kind == PartKind::Descriptive || part.mid.is_some());
        Ok(match (&row.version, self.version(update)?) {
            (Some(before), Some(now)) if *before == now => Whereabouts::NotTaken,
            (Some(before), Some(now)) => Whereabouts::Unclear(format!(
                "it was sent when the IE had version {before}, and no answer came; the IE has version {now} now and holds \
                 something else. Somebody may have changed it since, so the file was not sent again"
            )),
            (None, _) | (_, None) if only_replaces => Whereabouts::NotTaken,
            (None, _) | (_, None) => Whereabouts::Unclear(
                "it was sent, and no answer came; whether its record was added is not known, so it was not sent again"
                    .to_owned(),
            ),
        })
    }
}

/// Sends a file, or finds out what became of it when it was sent before.
pub(super) fn submit(
    sender: &Sender,
    store: &mut Store,
    name: &str,
    row: &mut Submission,
    update: &UpdateMd,
) -> Result<Fate, Failure> {
    if row.state == SubmissionState::Sent {
        match sender.whereabouts(row, update) {
            Ok(Whereabouts::Stored) => return Ok(Fate::Applied),
            // Perhaps Rosetta is still at work on it.
            Ok(Whereabouts::NotTaken) if !sender.is_due(row) => {
                return Ok(Fate::Left(SubmissionState::Sent, row.reason.clone()));
            }
            Ok(Whereabouts::NotTaken) => {}
            Ok(Whereabouts::Unclear(why)) => return Ok(Fate::Refused(why)),
            Err(error) if error.concerns_all() => return Err(error.into()),
            Err(error) => {
                row.attempts += 1;
                row.due = sender.due_after(row.attempts);
                return Ok(unsent(error, SubmissionState::Sent));
            }
        }
    }
    row.version = sender.version(update)?;
    let before = row.clone();
    row.state = SubmissionState::Sent;
    row.attempts += 1;
    row.due = sender.due_after(row.attempts);
    row.reason = "it was sent, and no answer came".to_owned();
    store.note_submission(name, row)?;
    crash_point("submitting");
    let answer = sender.client.update_md(&update.pid, &update.parts);
    crash_point("submitted");
    match answer {
        Ok(()) => Ok(Fate::Applied),
        Err(error) if error.may_have_arrived() => uncertain(sender, row, update, error),
        Err(error) if error.concerns_all() && !error.concerns_the_request() => {
            // Nothing was sent: the file stands where it stood.
            *row = before;
            store.note_submission(name, row)?;
            Err(error.into())
        }
        Err(error) => Ok(unsent(error, SubmissionState::Denied)),
    }
}

/// After a fault that says that nothing was stored; `otherwise` when it says nothing else.
fn unsent(error: Error, otherwise: SubmissionState) -> Fate {
    let state = match error.fault().map(|fault| fault.kind.prospect()) {
        Some(Prospect::Never) => return Fate::Refused(in_words(&error)),
        Some(Prospect::WhenUnlocked) => SubmissionState::Locked,
        Some(Prospect::WhenAllowed) => SubmissionState::Denied,
        Some(Prospect::Perhaps) | None => otherwise,
    };
    Fate::Left(state, in_words(&error))
}

/// After a time-out, a page in the place of an answer, or a fault without a cause: Rosetta is asked what it stores.
fn uncertain(sender: &Sender, row: &Submission, update: &UpdateMd, error: Error) -> Result<Fate, Failure> {
    match sender.stores_all(update) {
        Ok(true) => Ok(Fate::Applied),
        Ok(false) if error.fault().is_some() && row.attempts >= MOST_GENERAL_FAULTS => {
            Ok(Fate::Refused(in_words(&error)))
        }
        // It says nothing more about the others either.
        Err(again) if again.concerns_all() => Err(error.into()),
        Ok(false) | Err(_) => Ok(Fate::Left(SubmissionState::Sent, in_words(&error))),
    }
}

/// The error with its causes on one line, and the advice on another.
fn in_words(error: &Error) -> String {
    let mut words = error.fault().map_or_else(|| error.to_string(), ToString::to_string);
    let mut cause = if error.fault().is_some() { None } else { std::error::Error::source(error) };
    while let Some(next) = cause {
        words.push_str(&format!(": {next}"));
        cause = next.source();
    }
    if let Some(hint) = error.hint() {
        words.push_str(&format!("\nhint: {hint}"));
    }
    words
}
