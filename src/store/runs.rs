//! Runs: when something was done and how it ended.

use super::{Doing, Error, Store};
use crate::model::time::Timestamp;
use rusqlite::params;
use serde_json::Value;

/// The fact that names the run which somebody asked to stop.
const STOP: &str = "run.stop";

/// A line of the log of runs.
#[derive(Debug, Clone)]
pub struct Run {
    pub id: i64,
    pub command: String,
    pub started: Timestamp,
    pub ended: Option<Timestamp>,
    pub exit_code: Option<u8>,
    /// JSON: the summary of a run that has ended; how far it has come, of one that is under way.
    pub summary: Option<String>,
}

impl Store {
    /// Notes a run, and that whatever goes into the journal from here on belongs to it.
    pub fn begin_run(&mut self, command: &str, now: Timestamp) -> Result<i64, Error> {
        let sql = "INSERT INTO runs (command, started) VALUES (?1, ?2)";
        self.connection.execute(sql, params![command, now.millis()]).doing("note the run")?;
        let run = self.connection.last_insert_rowid();
        self.actor.run = Some(run);
        Ok(run)
    }

    pub fn end_run(&self, id: i64, exit_code: u8, summary: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE runs SET ended = ?2, exit_code = ?3, summary = ?4 WHERE id = ?1";
        let summary = match self.stopped_by(id)? {
            Some(who) => with(summary, "stopped-by", &who),
            None => summary.to_owned(),
        };
        self.connection.execute(sql, params![id, now.millis(), exit_code, summary]).doing("close the run").map(|_| ())
    }

    /// Notes how far a run has come, for whoever watches it; answers whether somebody has asked it to stop.
    pub fn note_progress(&self, run: i64, progress: &str) -> Result<bool, Error> {
        let sql = "UPDATE runs SET summary = ?2 WHERE id = ?1 AND ended IS NULL";
        self.connection.execute(sql, params![run, progress]).doing("note the progress of the run")?;
        Ok(self.stopped_by(run)?.is_some())
    }

    /// Asks a run to stop, whoever started it and wherever: it looks once a second. Its summary names who asked.
    pub fn ask_to_stop(&self, run: i64, who: &str) -> Result<(), Error> {
        self.set_meta(STOP, &format!("{run} {who}"))
    }

    /// Who asked a run to stop.
    pub fn stopped_by(&self, run: i64) -> Result<Option<String>, Error> {
        let asked = self.meta(STOP)?;
        let asked = asked.as_deref().map(|asked| asked.split_once(' ').unwrap_or((asked, "")));
        Ok(asked.filter(|(number, _)| *number == run.to_string()).map(|(_, who)| who.to_owned()))
    }

    /// The latest runs, newest first.
    pub fn runs(&self, limit: usize) -> Result<Vec<Run>, Error> {
        self.runs_before(i64::MAX, limit)
    }

    /// The runs before a number, newest first.
    pub fn runs_before(&self, before: i64, limit: usize) -> Result<Vec<Run>, Error> {
        let sql =
            "SELECT id, command, started, ended, exit_code, summary FROM runs WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("list runs")?;
        let rows = statement.query_map([before, limit as i64], |row| {
            Ok(Run {
                id: row.get(0)?,
                command: row.get(1)?,
                started: super::time(row.get(2)?),
                ended: row.get::<_, Option<i64>>(3)?.map(super::time),
                exit_code: row.get(4)?,
                summary: row.get(5)?,
            })
        });
        rows.and_then(Iterator::collect).doing("list runs")
    }
}

/// A summary with one field more; one that is no object stays as it is.
fn with(summary: &str, name: &str, value: &str) -> String {
    match serde_json::from_str(summary) {
        Ok(Value::Object(mut fields)) => {
            fields.insert(name.to_owned(), value.into());
            Value::Object(fields).to_string()
        }
        Ok(_) | Err(_) => summary.to_owned(),
    }
}
