//! Before-images on their way back into Rosetta.

use super::decisions::insert;
use super::feeds::FeedId;
use super::journal::Journal;
use super::packages::Candidate;
use super::prepared::Packed;
use super::{Doing, Error, Store};
use crate::model::dc::ContentDigest;
use crate::model::decision::Decision;
use crate::model::id::IePid;
use crate::model::time::Timestamp;
use rusqlite::{Row, params};

/// A package that might be taken back, and what is known of its IE.
pub struct ToUndo {
    pub package: i64,
    pub ie: IePid,
    pub name: String,
    pub content: ContentDigest,
    /// What Alma alone said, where merging made something else of it.
    pub alma: Option<Packed>,
    pub before: Option<Packed>,
    /// What Rosetta shows of the IE; `None` when it shows nothing readable.
    pub shown: Option<Packed>,
    /// Whether Rosetta showed it since the package was staged.
    pub is_later: bool,
    /// Whether another package of the IE was done or is on its way since.
    pub is_followed: bool,
    /// Whether it is on its way back already.
    pub is_open: bool,
}

/// Which packages are to be taken back.
#[derive(Debug, Clone)]
pub enum Which {
    Run(i64),
    Ie(IePid),
    Since(Timestamp),
}

/// A way back that a person asked for.
pub struct NewRestoration {
    pub decision: Decision,
    pub package: i64,
    /// The dc:record to bring back.
    pub content: String,
    pub digest: ContentDigest,
}

/// A way back that is not yet in the folder.
pub struct Restoration {
    pub decision: i64,
    pub package: i64,
    pub ie: IePid,
    pub content: Packed,
    pub digest: ContentDigest,
    /// What the package wrote: only this is taken back.
    pub written: ContentDigest,
    pub shown: Option<Packed>,
}

/// What was decided about a way back.
pub struct Judged {
    pub decision: i64,
    /// `package`, `held` or `refused`.
    pub state: &'static str,
    pub code: String,
    pub detail: String,
    pub shown: Option<ContentDigest>,
}

const SHOWN: &str = "coalesce((SELECT content FROM stored_records WHERE stored_records.ie = packages.ie),
    (SELECT metadata FROM records WHERE records.feed = ?1 AND records.identifier = 'oai:' || ?2 || ':' || packages.ie
        AND records.body = 0 AND records.gone IS NULL))";

impl Store {
    /// Packages that are done, of a run, of an IE, or staged since; of an IE only the latest.
    pub fn to_undo(&self, rosetta: FeedId, repository: &str, which: &Which) -> Result<Vec<ToUndo>, Error> {
        let doing = "look for packages to undo";
        let (run, ie, since) = match which {
            Which::Run(run) => (Some(*run), None, None),
            Which::Ie(ie) => (None, Some(ie.as_str()), None),
            Which::Since(instant) => (None, None, Some(instant.millis())),
        };
        let sql = format!(
            "SELECT id, ie, name, content, alma, before_image, {SHOWN},
                 coalesce((SELECT changed > packages.staged FROM records
                     WHERE feed = ?1 AND identifier = 'oai:' || ?2 || ':' || packages.ie), 0)
                     OR EXISTS (SELECT 1 FROM stored_records WHERE stored_records.ie = packages.ie),
                 EXISTS (SELECT 1 FROM packages AS later WHERE later.ie = packages.ie AND later.id > packages.id
                     AND later.state <> 'withdrawn' AND later.state <> 'error'),
                 EXISTS (SELECT 1 FROM restorations WHERE restorations.ie = packages.ie
                     AND (state = 'package' OR state = 'held'))
             FROM packages WHERE state = 'done' AND (?3 IS NULL OR run = ?3) AND (?4 IS NULL OR ie = ?4)
                 AND (?5 IS NULL OR staged >= ?5)
                 AND (?4 IS NULL OR id = (SELECT max(id) FROM packages AS all_of WHERE all_of.ie = ?4 AND all_of.state = 'done'))
             ORDER BY id"
        );
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut rows = statement.query(params![rosetta.0, repository, run, ie, since]).doing(doing)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            found.push(to_undo(row)?);
        }
        Ok(found)
    }

    /// Writes down who wants what taken back, and the way back.
    pub fn restore(&mut self, restorations: &[NewRestoration]) -> Result<(), Error> {
        let Some(first) = restorations.first() else { return Ok(()) };
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, codec| {
            let mut journal = Journal::open(transaction, &actor, first.decision.at)?;
            let sql = "INSERT INTO restorations (decision, package, ie, state, code, detail, content, digest, shown)
                       VALUES (?1, ?2, ?3, 'package', '', '', ?4, ?5, ?6)";
            for one in restorations {
                let decision = insert(transaction, &mut journal, &one.decision)?;
                let (ie, shown) = (one.decision.ie.as_str(), one.decision.shown.map(|shown| shown.0));
                let values =
                    params![decision, one.package, ie, codec.pack(one.content.as_bytes()), one.digest.0, shown];
                transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("note a way back")?;
                super::decisions::make_stale(transaction, &one.decision.ie)?;
            }
            Ok(())
        })
    }

    /// Every way back that is not yet in the folder, with what Rosetta shows now.
    pub fn open_restorations(&self, rosetta: FeedId, repository: &str) -> Result<Vec<Restoration>, Error> {
        let doing = "read ways back";
        let sql = format!(
            "SELECT restorations.decision, packages.id, packages.ie, restorations.content, restorations.digest,
                 packages.content, {SHOWN}
             FROM restorations JOIN packages ON packages.id = restorations.package
             WHERE restorations.state = 'package' OR restorations.state = 'held' ORDER BY restorations.decision"
        );
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut rows = statement.query(params![rosetta.0, repository]).doing(doing)?;
        let mut found = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            found.push(Restoration {
                decision: row.get(0).doing(doing)?,
                package: row.get(1).doing(doing)?,
                ie: super::decisions::pid(row.get(2).doing(doing)?)?,
                content: Packed::text(row.get(3).doing(doing)?),
                digest: ContentDigest(row.get(4).doing(doing)?),
                written: ContentDigest(row.get(5).doing(doing)?),
                shown: row.get::<_, Option<Vec<u8>>>(6).doing(doing)?.map(Packed::text),
            });
        }
        Ok(found)
    }

    pub fn judge_restorations(&mut self, judged: &[Judged]) -> Result<(), Error> {
        self.transaction(|transaction, _| {
            // A run may have staged it since it was read.
            let sql = "UPDATE restorations SET state = ?2, code = ?3, detail = ?4, shown = ?5
                       WHERE decision = ?1 AND (state = 'package' OR state = 'held')";
            for one in judged {
                let shown = one.shown.map(|shown| shown.0);
                let values = params![one.decision, one.state, one.code, one.detail, shown];
                transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("judge a way back")?;
            }
            Ok(())
        })
    }

    /// Ways back that may be staged now.
    pub(super) fn restorations_to_stage(
        &mut self,
        limit: usize,
        asked_in: Option<i64>,
    ) -> Result<Vec<Candidate>, Error> {
        let doing = "read ways back to stage";
        let sql = "SELECT packages.record, packages.ie, restorations.digest, restorations.content, packages.alma_identifier,
                       packages.alma_datestamp, NULL, restorations.shown, coalesce(packages.fields, ''), packages.id
                   FROM restorations JOIN packages ON packages.id = restorations.package
                   WHERE restorations.state = 'package' AND NOT EXISTS (SELECT 1 FROM packages AS open
                       WHERE open.ie = restorations.ie AND (open.state = 'planned' OR open.state = 'staged' OR open.state = 'lost'))
                       AND (?2 IS NULL OR EXISTS (SELECT 1 FROM stored_records AS asked
                           WHERE asked.ie = restorations.ie AND asked.run = ?2 AND asked.locked_by = ''))
                   ORDER BY restorations.decision LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![limit as i64, asked_in]).doing(doing)?;
        let mut candidates = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let restores = row.get(9).doing(doing)?;
            candidates.push(Candidate { restores, ..super::packages::candidate(row, &mut self.codec)? });
        }
        Ok(candidates)
    }

    /// How many ways back wait for room, and how many for a person.
    pub fn count_restorations(&self) -> Result<(u64, u64), Error> {
        let sql = "SELECT coalesce(sum(state = 'package'), 0), coalesce(sum(state = 'held'), 0) FROM restorations
                   WHERE state = 'package' OR state = 'held'";
        let mut statement = self.connection.prepare_cached(sql).doing("count ways back")?;
        let read = |row: &Row<'_>| Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64));
        statement.query_row([], read).doing("count ways back")
    }
}

fn to_undo(row: &Row<'_>) -> Result<ToUndo, Error> {
    let doing = "look for packages to undo";
    let text = |at: usize| -> Result<Option<Packed>, Error> {
        Ok(row.get::<_, Option<Vec<u8>>>(at).doing(doing)?.map(Packed::text))
    };
    Ok(ToUndo {
        package: row.get(0).doing(doing)?,
        ie: super::decisions::pid(row.get(1).doing(doing)?)?,
        name: row.get(2).doing(doing)?,
        content: ContentDigest(row.get(3).doing(doing)?),
        alma: text(4)?,
        before: text(5)?,
        shown: text(6)?,
        is_later: row.get(7).doing(doing)?,
        is_followed: row.get(8).doing(doing)?,
        is_open: row.get(9).doing(doing)?,
    })
}
