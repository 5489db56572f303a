//! The records behind the numbers of the coverage.

use super::super::feeds::FeedId;
use super::super::outcomes::Place;
use super::super::{Doing, Error, Store};
use super::{Survey, Wanted};
use crate::model::time::Timestamp;
use rusqlite::{Row, params};

/// An Alma record that is no longer there, and an IE that it named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deleted {
    /// Its number in the store.
    pub record: i64,
    pub identifier: String,
    /// deleted, suppressed or gone.
    pub code: String,
    /// Empty when nothing is known of what it named.
    pub ie: String,
    /// As Alma wrote it.
    pub datestamp: String,
    /// When we first saw it so.
    pub seen: Timestamp,
}

/// An Alma record that names no IE which Rosetta shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    pub identifier: String,
    pub sets: String,
    /// Why nothing follows from it; empty when it was not decided yet.
    pub code: String,
    /// An IE that it names and that Rosetta does not show; empty when it names none.
    pub ie: String,
}

/// One of several records that name the same IE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    pub ie: String,
    pub identifier: String,
    pub place: String,
    pub text: String,
    /// It vanished from Alma's feed, and still stands in the way.
    pub has_gone: bool,
}

impl Store {
    /// Alma records that were deleted, suppressed or vanished; a line for each IE that they named.
    pub fn deleted(&self, alma: FeedId, wanted: Wanted<'_>) -> Result<Vec<Deleted>, Error> {
        let sql = format!(
            "{DELETED} WHERE outcomes.kind = 'skipped' AND outcomes.code IN ('deleted', 'suppressed', 'gone') AND records.feed = ?1
                 AND (?2 IS NULL OR instr(' ' || records.sets || ' ', ' ' || ?2 || ' ') > 0)
             ORDER BY outcomes.record, named LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql).doing("list deleted records")?;
        let rows = statement.query_map(params![alma.0, wanted.set, wanted.limit as i64], deleted);
        rows.and_then(Iterator::collect).doing("list deleted records")
    }

    /// The same page by page, by reason; after a line, or from the beginning.
    pub fn deleted_page(&self, alma: FeedId, after: Option<&Place>, wanted: Wanted<'_>) -> Result<Vec<Deleted>, Error> {
        let doing = "list deleted records";
        let sql = format!(
            "{DELETED} WHERE outcomes.kind = 'skipped' AND outcomes.code = ?6 AND records.feed = ?1 AND outcomes.record >= ?4
                 AND (?2 IS NULL OR instr(' ' || records.sets || ' ', ' ' || ?2 || ' ') > 0)
                 AND (outcomes.record > ?4 OR named > ?5)
             ORDER BY outcomes.record, named LIMIT ?3"
        );
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut found: Vec<Deleted> = Vec::new();
        for code in ["deleted", "gone", "suppressed"] {
            let (record, named) = match after {
                Some(last) if last.code.as_str() > code => continue,
                Some(last) if last.code == code => (last.record, last.ie.as_str()),
                Some(_) | None => (-1, ""),
            };
            let room = (wanted.limit - found.len()) as i64;
            let rows = statement.query_map(params![alma.0, wanted.set, room, record, named, code], deleted);
            found.extend(rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).doing(doing)?);
        }
        Ok(found)
    }

    /// Alma records without an IE in the order of their numbers, a line for each IE that they name in vain.
    pub fn without_ie(&self, alma: FeedId, survey: &Survey, wanted: Wanted<'_>) -> Result<Vec<Unused>, Error> {
        let mut unused = Vec::new();
        if wanted.limit == 0 {
            return Ok(unused);
        }
        self.each_without_ie(alma, survey, |line| {
            if wanted.takes(&line.sets) {
                unused.push(line);
            }
            Ok(unused.len() < wanted.limit)
        })?;
        Ok(unused)
    }

    /// Calls `each` with every such line, as long as it answers that it wants more.
    pub(super) fn each_without_ie(
        &self,
        alma: FeedId,
        survey: &Survey,
        mut each: impl FnMut(Unused) -> Result<bool, Error>,
    ) -> Result<(), Error> {
        let sql = "SELECT records.id, identifier, sets, coalesce(code, ''), coalesce(ie, '') FROM records NOT INDEXED
                   LEFT JOIN outcomes ON outcomes.record = records.id
                   WHERE feed = ?1 ORDER BY records.id, ie";
        let doing = "list Alma records without an IE";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([alma.0]).doing(doing)?;
        let mut bare = survey.records.iter().filter(|record| record.counts && !record.names_an_ie).peekable();
        while bare.peek().is_some()
            && let Some(row) = rows.next().doing(doing)?
        {
            let id: i64 = row.get(0).doing(doing)?;
            while bare.next_if(|record| record.id < id).is_some() {}
            if bare.peek().is_none_or(|record| record.id != id) {
                continue;
            }
            let read = || Ok(Unused { identifier: row.get(1)?, sets: row.get(2)?, code: row.get(3)?, ie: row.get(4)? });
            if !each(read().doing(doing)?)? {
                break;
            }
        }
        Ok(())
    }

    /// IEs that several records name, in the order of their PIDs as texts, a line for each of the records.
    pub fn claimed_twice(&self, alma: FeedId, survey: &Survey, wanted: Wanted<'_>) -> Result<Vec<Claimed>, Error> {
        let sql = "SELECT claims.ie, identifier, place, text, gone IS NOT NULL, sets FROM claims
                   JOIN records ON records.id = claims.record
                   WHERE feed = ?1 AND claims.ie IN (SELECT ie FROM claims GROUP BY ie HAVING count(*) > 1)
                   ORDER BY claims.ie, claims.record";
        let doing = "list IEs that are claimed twice";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([alma.0]).doing(doing)?;
        let (mut all, mut group, mut is_wanted): (Vec<Claimed>, Vec<Claimed>, bool) = (Vec::new(), Vec::new(), false);
        while all.len() < wanted.limit
            && let Some(row) = rows.next().doing(doing)?
        {
            let read = || -> rusqlite::Result<(Claimed, String)> {
                let (ie, identifier, place) = (row.get(0)?, row.get(1)?, row.get(2)?);
                Ok((Claimed { ie, identifier, place, text: row.get(3)?, has_gone: row.get(4)? }, row.get(5)?))
            };
            let (claimed, sets) = read().doing(doing)?;
            if group.last().is_some_and(|last| last.ie != claimed.ie) {
                all.extend(std::mem::take(&mut group).into_iter().filter(|_| is_wanted));
                is_wanted = false;
            }
            is_wanted |= wanted.takes(&sets) || wanted.takes(survey.sets_of(&claimed.ie));
            group.push(claimed);
        }
        all.extend(group.into_iter().filter(|_| is_wanted));
        all.truncate(wanted.limit);
        Ok(all)
    }
}

/// What a deleted record named is known from its outcome, or from before.
const DELETED: &str =
    "SELECT records.identifier, outcomes.code, coalesce(nullif(outcomes.ie, ''), former_claims.ie, '') AS named,
           records.datestamp, coalesce(records.gone, records.changed), outcomes.record
    FROM outcomes INDEXED BY outcomes_by_kind CROSS JOIN records ON records.id = outcomes.record
    LEFT JOIN former_claims ON former_claims.record = outcomes.record AND outcomes.ie = ''";

fn deleted(row: &Row<'_>) -> rusqlite::Result<Deleted> {
    Ok(Deleted {
        identifier: row.get(0)?,
        code: row.get(1)?,
        ie: row.get(2)?,
        datestamp: row.get(3)?,
        seen: super::super::time(row.get(4)?),
        record: row.get(5)?,
    })
}
