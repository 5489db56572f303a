//! What persons decided: about what exactly, who, when and why.

use super::journal::{Entry, Journal, Origin, Subject};
use super::{Doing, Error, Store};
use crate::model::dc::ContentDigest;
use crate::model::decision::{Decision, Verb, held_id};
use crate::model::event::Event;
use crate::model::id::IePid;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::HashSet;

/// Something held, as it must be known to be decided about.
#[derive(Debug, Clone)]
pub struct HeldLine {
    pub ie: IePid,
    pub alma: String,
    pub code: String,
    pub detail: String,
    pub content: ContentDigest,
    pub shown: Option<ContentDigest>,
    pub prepared: Timestamp,
    /// Whether Alma's or Rosetta's record has changed since, so that it will be decided anew.
    pub is_stale: bool,
}

/// A package that may be sent again when a person says so.
#[derive(Debug, Clone)]
pub struct Failed {
    pub package: i64,
    pub ie: IePid,
    pub name: String,
    /// `error`, `lost` or `diverged`.
    pub fate: String,
    pub alma: String,
    pub content: ContentDigest,
    pub shown: Option<ContentDigest>,
}

impl Store {
    /// Notes that a limit of the profile was passed with open eyes.
    pub fn note_forced(&mut self, limit: &str, reason: &str, now: Timestamp) -> Result<(), Error> {
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            let (subject, number, origin, before, after) = (Subject::Store, None, Origin::default(), None, None);
            let detail = &format!("{limit}: {reason}");
            journal.append(&Entry { event: Event::Forced, subject, number, origin, before, after, detail })
        })
    }

    /// The latest package of each IE, where it ended in error, is lost, or was done and Rosetta holds something else.
    pub fn failed_packages(&self) -> Result<Vec<Failed>, Error> {
        let doing = "look for failed packages";
        let sql = "SELECT id, ie, name, CASE WHEN state = 'done' THEN 'diverged' ELSE state END, alma_identifier, content, shown
                   FROM packages AS failed
                   WHERE (state = 'error' OR state = 'lost' OR (state = 'done' AND diverged IS NOT NULL))
                       AND NOT EXISTS (SELECT 1 FROM packages AS later WHERE later.ie = failed.ie
                           AND later.id > failed.id AND later.state <> 'withdrawn') ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let mut failed = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let ie: String = row.get(1).doing(doing)?;
            failed.push(Failed {
                package: row.get(0).doing(doing)?,
                ie: pid(ie)?,
                name: row.get(2).doing(doing)?,
                fate: row.get(3).doing(doing)?,
                alma: row.get(4).doing(doing)?,
                content: ContentDigest(row.get(5).doing(doing)?),
                shown: row.get::<_, Option<[u8; 32]>>(6).doing(doing)?.map(ContentDigest),
            });
        }
        Ok(failed)
    }

    /// Notes decisions; what they speak of is decided anew by the next run.
    pub fn decide(&mut self, decisions: &[Decision]) -> Result<Vec<i64>, Error> {
        let Some(first) = decisions.first() else { return Ok(Vec::new()) };
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, first.at)?;
            let mut ids = Vec::with_capacity(decisions.len());
            for decision in decisions {
                ids.push(insert(transaction, &mut journal, decision)?);
                make_stale(transaction, &decision.ie)?;
            }
            Ok(ids)
        })
    }

    /// Notes that packages may be sent again. A lost one is given up, which frees its IE.
    pub fn retry(&mut self, decisions: &[Decision]) -> Result<(), Error> {
        let Some(first) = decisions.first() else { return Ok(()) };
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, first.at)?;
            let sql =
                "UPDATE packages SET state = 'withdrawn', reason = ?2, settled = ?3 WHERE id = ?1 AND state = 'lost'";
            for decision in decisions {
                insert(transaction, &mut journal, decision)?;
                let given_up = format!("lost, and given up: {}", decision.words());
                let known = decision.package.map(|package| journal.known(package)).transpose()?;
                let values = params![decision.package, given_up, decision.at.millis()];
                let changed = transaction.prepare_cached(sql).and_then(|mut s| s.execute(values));
                if let (1.., Some(known)) = (changed.doing("give a package up")?, &known) {
                    journal.changed(known, PackageState::Withdrawn, &given_up)?;
                }
                let back = "UPDATE restorations SET state = 'package' WHERE state = 'staged'
                            AND package = (SELECT restores FROM packages WHERE id = ?1)";
                transaction
                    .prepare_cached(back)
                    .and_then(|mut s| s.execute([decision.package]))
                    .doing("take a way back up")?;
                make_stale(transaction, &decision.ie)?;
            }
            Ok(())
        })
    }

    /// All that was decided about an IE, newest first.
    pub fn decisions_of(&self, ie: &str) -> Result<Vec<Decision>, Error> {
        let sql =
            "SELECT verb, ie, content, shown, package, who, why, at FROM decisions WHERE ie = ?1 ORDER BY id DESC";
        let mut statement = self.connection.prepare_cached(sql).doing("read decisions")?;
        let mut rows = statement.query([ie]).doing("read decisions")?;
        let mut decisions = Vec::new();
        while let Some(row) = rows.next().doing("read decisions")? {
            decisions.push(decision(row)?);
        }
        Ok(decisions)
    }

    pub(super) fn has_decisions(&self) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM decisions)";
        let mut statement = self.connection.prepare_cached(sql).doing("look for decisions")?;
        statement.query_row([], |row| row.get(0)).doing("look for decisions")
    }

    /// What is held, in the order of records and IEs; of one IE if given.
    pub fn held(&self, ie: Option<&str>) -> Result<Vec<HeldLine>, Error> {
        let doing = "read what is held";
        // What is held for one IE is a line or two, and must not cost a walk through all that is held.
        let from = match ie {
            Some(_) => {
                "outcomes INDEXED BY outcomes_by_ie CROSS JOIN records ON records.id = outcomes.record
                        WHERE outcomes.ie = ?1 AND outcomes.ie <> '' AND kind = 'held'"
            }
            None => "outcomes JOIN records ON records.id = outcomes.record WHERE ?1 IS NULL AND kind = 'held'",
        };
        let sql = format!(
            "SELECT outcomes.ie, records.identifier, code, detail, outcomes.digest, shown, prepared, outcomes.record
             FROM {from} ORDER BY outcomes.record, outcomes.ie"
        );
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut rows = statement.query([ie]).doing(doing)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let record: i64 = row.get(7).doing(doing)?;
            lines.push((record, held_line(row)?));
        }
        let mut held = Vec::with_capacity(lines.len());
        if !lines.is_empty() {
            let (records, ies) = self.stale(ie, &lines)?;
            let is_stale = |record: &i64, line: &HeldLine| records.contains(record) || ies.contains(line.ie.as_str());
            held.extend(
                lines.into_iter().map(|(record, line)| HeldLine { is_stale: is_stale(&record, &line), ..line }),
            );
        }
        held.extend(self.held_restorations(ie)?);
        Ok(held)
    }

    /// Ways back that wait for a person; in place of an Alma record stands what is undone.
    pub fn held_restorations(&self, ie: Option<&str>) -> Result<Vec<HeldLine>, Error> {
        let sql = "SELECT restorations.ie, 'undo of ' || packages.name, code, detail, restorations.digest, restorations.shown,
                       decisions.at
                   FROM restorations JOIN packages ON packages.id = restorations.package
                   JOIN decisions ON decisions.id = restorations.decision
                   WHERE restorations.state = 'held' AND (?1 IS NULL OR restorations.ie = ?1) ORDER BY decision";
        let mut statement = self.connection.prepare_cached(sql).doing("read what is held")?;
        let mut rows = statement.query([ie]).doing("read what is held")?;
        let mut held = Vec::new();
        while let Some(row) = rows.next().doing("read what is held")? {
            held.push(held_line(row)?);
        }
        Ok(held)
    }

    /// Records of Alma's and IEs of Rosetta's that changed since they were last looked at; of one IE, only those of these lines.
    fn stale(&self, ie: Option<&str>, lines: &[(i64, HeldLine)]) -> Result<(HashSet<i64>, HashSet<String>), Error> {
        let doing = "read stale records";
        let sql =
            "SELECT record, local FROM stale WHERE local <> 'decided' AND (?1 IS NULL OR local = ?1 OR record = ?2)";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let (mut records, mut ies) = (HashSet::new(), HashSet::new());
        let asked: Vec<Option<i64>> = match ie {
            Some(_) => lines.iter().map(|(record, _)| Some(*record)).collect(),
            None => vec![None],
        };
        for record in asked {
            let mut rows = statement.query(params![ie, record]).doing(doing)?;
            while let Some(row) = rows.next().doing(doing)? {
                records.insert(row.get(0).doing(doing)?);
                ies.insert(row.get(1).doing(doing)?);
            }
        }
        Ok((records, ies))
    }
}

pub(super) fn insert(
    transaction: &rusqlite::Transaction<'_>,
    journal: &mut Journal<'_>,
    decision: &Decision,
) -> Result<i64, Error> {
    let event = match decision.verb {
        Verb::Approve => Event::Approved,
        Verb::Reject => Event::Rejected,
        Verb::Retry => Event::Retried,
        Verb::Undo => Event::Undone,
    };
    match decision.package {
        Some(package) => journal.append(&Entry { detail: &decision.why, ..journal.known(package)?.entry(event) })?,
        None => {
            let name = held_id(&decision.ie, decision.content, decision.shown);
            let detail = if decision.why.is_empty() { name } else { format!("{name}: {}", decision.why) };
            let (identifier, datestamp) = reviewed(transaction, decision)?;
            let origin = Origin { alma_identifier: &identifier, alma_datestamp: &datestamp, stylesheet: "" };
            let (subject, before, after) = (Subject::Ie(&decision.ie), None, None);
            journal.append(&Entry { event, subject, number: None, origin, before, after, detail: &detail })?;
        }
    }
    let sql = "INSERT INTO decisions (verb, ie, content, shown, package, who, why, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let values = params![
        decision.verb.as_str(),
        decision.ie.as_str(),
        decision.content.0,
        decision.shown.map(|shown| shown.0),
        decision.package,
        decision.who,
        decision.why,
        decision.at.millis()
    ];
    transaction.prepare_cached(sql).and_then(|mut statement| statement.insert(values)).doing("note a decision")
}

/// The Alma record that a decision speaks of, and its datestamp; empty when it speaks of none.
fn reviewed(transaction: &rusqlite::Transaction<'_>, decision: &Decision) -> Result<(String, String), Error> {
    let doing = "look at what was decided about";
    let sql = "SELECT records.identifier, records.datestamp FROM outcomes JOIN records ON records.id = outcomes.record
               WHERE outcomes.ie = ?1 AND outcomes.ie <> '' AND outcomes.digest = ?2";
    let mut statement = transaction.prepare_cached(sql).doing(doing)?;
    let found =
        statement.query_row(params![decision.ie.as_str(), decision.content.0], |row| Ok((row.get(0)?, row.get(1)?)));
    Ok(found.optional().doing(doing)?.unwrap_or_default())
}

/// The Alma records that name an IE are decided anew. The mark tells that neither side has changed.
pub(super) fn make_stale(transaction: &rusqlite::Transaction<'_>, ie: &IePid) -> Result<(), Error> {
    let sql = "INSERT INTO stale (feed, record, local)
               SELECT records.feed, claims.record, 'decided' FROM claims JOIN records ON records.id = claims.record
               WHERE claims.ie = ?1 ON CONFLICT DO NOTHING";
    transaction.prepare_cached(sql).and_then(|mut s| s.execute([ie.as_str()])).doing("spread staleness").map(|_| ())
}

pub(super) fn pid(text: String) -> Result<IePid, Error> {
    IePid::parse(&text).map_err(|_| Error::Damaged { what: format!("`{text}` as an IE PID") })
}

fn decision(row: &Row<'_>) -> Result<Decision, Error> {
    let doing = "read decisions";
    let verb: String = row.get(0).doing(doing)?;
    Ok(Decision {
        verb: Verb::parse(&verb).ok_or_else(|| Error::Damaged { what: format!("the decision `{verb}`") })?,
        ie: pid(row.get(1).doing(doing)?)?,
        content: ContentDigest(row.get(2).doing(doing)?),
        shown: row.get::<_, Option<[u8; 32]>>(3).doing(doing)?.map(ContentDigest),
        package: row.get(4).doing(doing)?,
        who: row.get(5).doing(doing)?,
        why: row.get(6).doing(doing)?,
        at: super::time(row.get(7).doing(doing)?),
    })
}

fn held_line(row: &Row<'_>) -> Result<HeldLine, Error> {
    let doing = "read what is held";
    Ok(HeldLine {
        ie: pid(row.get(0).doing(doing)?)?,
        alma: row.get(1).doing(doing)?,
        code: row.get(2).doing(doing)?,
        detail: row.get(3).doing(doing)?,
        content: ContentDigest(row.get(4).doing(doing)?),
        shown: row.get::<_, Option<[u8; 32]>>(5).doing(doing)?.map(ContentDigest),
        prepared: super::time(row.get(6).doing(doing)?),
        is_stale: false,
    })
}
