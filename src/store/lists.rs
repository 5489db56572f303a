//! What `status`, `list` and `explain` show: counts and rows, never a decision.

use super::{Doing, Error, Store};
use crate::model::id::IePid;
use crate::model::time::Timestamp;
use rusqlite::{Row, params};
use std::collections::{BTreeMap, BTreeSet};

/// How many pairs of record and IE ended how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutcomeCounts {
    pub package: u64,
    pub unchanged: u64,
    pub held: u64,
    pub skipped: BTreeMap<String, u64>,
}

impl OutcomeCounts {
    pub fn all_skipped(&self) -> u64 {
        self.skipped.values().sum()
    }

    pub fn total(&self) -> u64 {
        self.package + self.unchanged + self.held + self.all_skipped()
    }
}

/// An outcome with the record that it belongs to.
#[derive(Debug, Clone)]
pub struct OutcomeLine {
    pub identifier: String,
    pub ie: String,
    pub kind: String,
    pub code: String,
    pub detail: String,
    pub prepared: Timestamp,
}

impl Store {
    pub fn outcome_counts(&self) -> Result<OutcomeCounts, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT kind, code, count(*) FROM outcomes GROUP BY kind, code")
            .doing("count outcomes")?;
        let mut rows = statement.query([]).doing("count outcomes")?;
        let mut counts = OutcomeCounts::default();
        while let Some(row) = rows.next().doing("count outcomes")? {
            let (kind, code, count): (String, String, i64) = (
                row.get(0).doing("count outcomes")?,
                row.get(1).doing("count outcomes")?,
                row.get(2).doing("count outcomes")?,
            );
            match kind.as_str() {
                "package" => counts.package += count as u64,
                "unchanged" => counts.unchanged += count as u64,
                "held" => counts.held += count as u64,
                "skipped" => *counts.skipped.entry(code).or_default() += count as u64,
                other => return Err(Error::Damaged { what: format!("the outcome `{other}`") }),
            }
        }
        Ok(counts)
    }

    /// Outcomes of a kind, and of one code if given, in the order of their records.
    pub fn outcomes(&self, kind: &str, code: Option<&str>, limit: usize) -> Result<Vec<OutcomeLine>, Error> {
        let sql = "SELECT records.identifier, ie, kind, code, detail, prepared FROM outcomes
                   JOIN records ON records.id = outcomes.record
                   WHERE kind = ?1 AND (?2 IS NULL OR code = ?2) ORDER BY outcomes.record, ie LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql).doing("list outcomes")?;
        let rows = statement.query_map(params![kind, code, limit as i64], outcome_line);
        rows.and_then(Iterator::collect).doing("list outcomes")
    }

    pub fn outcomes_of_record(&self, record: i64) -> Result<Vec<OutcomeLine>, Error> {
        let sql = "SELECT records.identifier, ie, kind, code, detail, prepared FROM outcomes
                   JOIN records ON records.id = outcomes.record WHERE outcomes.record = ?1 ORDER BY ie";
        let mut statement = self.connection.prepare_cached(sql).doing("list outcomes")?;
        statement.query_map([record], outcome_line).and_then(Iterator::collect).doing("list outcomes")
    }

    /// The first outcomes of an Alma record, in the order of its IEs.
    pub fn first_outcomes(&self, record: i64, limit: usize) -> Result<Vec<OutcomeLine>, Error> {
        let sql = "SELECT records.identifier, ie, kind, code, detail, prepared FROM outcomes
                   JOIN records ON records.id = outcomes.record WHERE outcomes.record = ?1 ORDER BY ie LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("list outcomes")?;
        let rows = statement.query_map([record, limit as i64], outcome_line);
        rows.and_then(Iterator::collect).doing("list outcomes")
    }

    /// The first outcomes about an IE, one for each Alma record that names it.
    pub fn outcomes_about(&self, ie: &IePid, limit: usize) -> Result<Vec<OutcomeLine>, Error> {
        let sql = "SELECT records.identifier, ie, kind, code, detail, prepared FROM outcomes INDEXED BY outcomes_by_ie
                   JOIN records ON records.id = outcomes.record WHERE ie = ?1 AND ie <> '' ORDER BY outcomes.record LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("list outcomes")?;
        let rows = statement.query_map(params![ie.as_str(), limit as i64], outcome_line);
        rows.and_then(Iterator::collect).doing("list outcomes")
    }

    /// Alma records that name an IE, so many at the most, spread over all there are; the same ones each time.
    pub fn sample_of_claims(&self, most: usize) -> Result<Vec<i64>, Error> {
        let doing = "choose a sample";
        let few = "SELECT DISTINCT record FROM claims INDEXED BY claims_by_record ORDER BY record LIMIT ?1";
        let mut statement = self.connection.prepare_cached(few).doing(doing)?;
        let rows = statement.query_map([most as i64 + 1], |row| row.get(0));
        let all: Vec<i64> = rows.and_then(Iterator::collect).doing(doing)?;
        if all.len() <= most {
            return Ok(all);
        }
        let highest = "SELECT max(record) FROM claims INDEXED BY claims_by_record";
        let highest: i64 = self.connection.query_row(highest, [], |row| row.get(0)).doing(doing)?;
        let next = "SELECT min(record) FROM claims INDEXED BY claims_by_record WHERE record >= ?1";
        let mut statement = self.connection.prepare_cached(next).doing(doing)?;
        let (lowest, span) = (all[0], i128::from(highest) - i128::from(all[0]));
        let mut sample: BTreeSet<i64> = BTreeSet::new();
        for step in 0..most {
            let even = lowest + (span * step as i128 / most as i128) as i64;
            let from = sample.last().map_or(even, |last| even.max(last + 1));
            sample.extend(statement.query_row([from], |row| row.get::<_, Option<i64>>(0)).doing(doing)?);
        }
        // Where records stand close together at the end, some steps found none.
        let missing = most - sample.len();
        let others: Vec<i64> = all.into_iter().filter(|record| !sample.contains(record)).take(missing).collect();
        sample.extend(others);
        Ok(sample.into_iter().collect())
    }

    /// The Alma records that name an IE: record id, place, text.
    pub fn claims_on(&self, ie: &IePid) -> Result<Vec<(i64, String, String)>, Error> {
        let sql = "SELECT record, place, text FROM claims WHERE ie = ?1 ORDER BY record";
        let mut statement = self.connection.prepare_cached(sql).doing("read claims")?;
        let rows = statement.query_map([ie.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.and_then(Iterator::collect).doing("read claims")
    }

    /// The IEs that an Alma record names: IE, place, text.
    pub fn claims_of(&self, record: i64) -> Result<Vec<(String, String, String)>, Error> {
        let sql = "SELECT ie, place, text FROM claims WHERE record = ?1 ORDER BY ie";
        let mut statement = self.connection.prepare_cached(sql).doing("read claims")?;
        let rows = statement.query_map([record], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        rows.and_then(Iterator::collect).doing("read claims")
    }

    /// How many distinct IEs are named by records that can be matched; the base of `max-changed`.
    pub fn count_matched_ies(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM outcomes WHERE kind IN ('package', 'unchanged', 'held')";
        self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("count matches")
    }
}

fn outcome_line(row: &Row<'_>) -> rusqlite::Result<OutcomeLine> {
    Ok(OutcomeLine {
        identifier: row.get(0)?,
        ie: row.get(1)?,
        kind: row.get(2)?,
        code: row.get(3)?,
        detail: row.get(4)?,
        prepared: super::time(row.get(5)?),
    })
}
