//! Submissions: how far each file of the staging folder has come on its way to Rosetta's web services.

use super::{Doing, Error, Store};
use crate::model::time::Timestamp;
use rusqlite::{Row, params};
use std::collections::HashMap;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubmissionState {
    /// Not sent, or certainly not taken.
    Waiting,
    /// Somebody works on its IE.
    Locked,
    /// The account may not do it, or the server does not take such a file: it waits for a person.
    Denied,
    /// Sent, and nobody knows what became of it.
    Sent,
    /// Rosetta has it; the file is to be moved to done.
    Applied,
    /// Rosetta does not take it; the file is to be moved to error.
    Refused,
}

impl SubmissionState {
    const ALL: [SubmissionState; 6] = [
        SubmissionState::Waiting,
        SubmissionState::Locked,
        SubmissionState::Denied,
        SubmissionState::Sent,
        SubmissionState::Applied,
        SubmissionState::Refused,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            SubmissionState::Waiting => "waiting",
            SubmissionState::Locked => "locked",
            SubmissionState::Denied => "denied",
            SubmissionState::Sent => "sent",
            SubmissionState::Applied => "applied",
            SubmissionState::Refused => "refused",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// What is remembered of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// SHA-256 of the bytes.
    pub digest: [u8; 32],
    pub ie: String,
    pub state: SubmissionState,
    /// Of the IE before the file was sent, as Rosetta writes it.
    pub version: Option<String>,
    pub attempts: u32,
    pub due: Timestamp,
    pub seen: Timestamp,
    /// Why it stands where it stands, in words.
    pub reason: String,
}

impl Store {
    /// By the name of the file.
    pub fn submissions(&self) -> Result<HashMap<String, Submission>, Error> {
        let sql = "SELECT name, digest, ie, state, version, attempts, due, seen, reason FROM submissions";
        let mut statement = self.connection.prepare_cached(sql).doing("read submissions")?;
        let mut rows = statement.query([]).doing("read submissions")?;
        let mut submissions = HashMap::new();
        while let Some(row) = rows.next().doing("read submissions")? {
            let (name, submission) = submission(row)?;
            submissions.insert(name, submission);
        }
        Ok(submissions)
    }

    /// Notes how far a file has come; what is noted survives a power cut.
    pub fn note_submission(&mut self, name: &str, submission: &Submission) -> Result<(), Error> {
        self.durable()?;
        self.transaction(|transaction, _| {
            let sql =
                "INSERT OR REPLACE INTO submissions (name, digest, ie, state, version, attempts, due, seen, reason)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let values = params![
                name,
                submission.digest,
                submission.ie,
                submission.state.as_str(),
                submission.version,
                submission.attempts,
                submission.due.millis(),
                submission.seen.millis(),
                submission.reason,
            ];
            let mut statement = transaction.prepare_cached(sql).doing("note a submission")?;
            statement.execute(values).doing("note a submission").map(|_| ())
        })
    }

    /// The files lie in the folder no longer.
    pub fn forget_submissions(&mut self, names: &[String]) -> Result<(), Error> {
        if names.is_empty() {
            return Ok(());
        }
        self.transaction(|transaction, _| {
            let sql = "DELETE FROM submissions WHERE name = ?1";
            let mut statement = transaction.prepare_cached(sql).doing("forget a submission")?;
            for name in names {
                statement.execute([name]).doing("forget a submission")?;
            }
            Ok(())
        })
    }
}

fn submission(row: &Row<'_>) -> Result<(String, Submission), Error> {
    let doing = "read submissions";
    let state: String = row.get(3).doing(doing)?;
    let state = SubmissionState::parse(&state)
        .ok_or_else(|| Error::Damaged { what: format!("the state `{state}` of a submission") })?;
    let submission = Submission {
        digest: row.get(1).doing(doing)?,
        ie: row.get(2).doing(doing)?,
        state,
        version: row.get(4).doing(doing)?,
        attempts: row.get(5).doing(doing)?,
        due: super::time(row.get(6).doing(doing)?),
        seen: super::time(row.get(7).doing(doing)?),
        reason: row.get(8).doing(doing)?,
    };
    Ok((row.get(0).doing(doing)?, submission))
}
