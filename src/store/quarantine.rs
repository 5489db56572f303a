//! Records that could not be read, with their bytes and the page that they came on.

use super::feeds::FeedId;
use super::outcomes::Slice;
use super::{Doing, Error, Store};
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

/// A record in quarantine.
#[derive(Debug, Clone)]
pub struct QuarantineLine {
    pub id: i64,
    pub side: String,
    /// `None` where nobody could tell where it begins or ends.
    pub identifier: Option<String>,
    pub datestamp: String,
    pub reason: String,
    /// The URL of its page.
    pub page: String,
    pub seen: Timestamp,
    /// When a readable version came; `None` as long as none has.
    pub released: Option<Timestamp>,
}

const LINE: &str =
    "SELECT quarantine.id, feeds.side, identifier, datestamp, reason, page, seen, released FROM quarantine
                    JOIN feeds ON feeds.id = quarantine.feed";

impl Store {
    /// The first records in quarantine, in the order in which they came.
    pub fn quarantined(&self, limit: usize) -> Result<Vec<QuarantineLine>, Error> {
        Ok(self.quarantine_page(0, limit)?.items)
    }

    /// The records in quarantine after a number, in the order in which they came.
    pub fn quarantine_page(&self, after: i64, limit: usize) -> Result<Slice<QuarantineLine, i64>, Error> {
        let doing = "list quarantine";
        let sql = format!("{LINE} WHERE released IS NULL AND quarantine.id > ?1 ORDER BY quarantine.id LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let wanted = i64::try_from(limit).unwrap_or(i64::MAX).saturating_add(1);
        let rows = statement.query_map(params![after, wanted], line);
        let mut items: Vec<QuarantineLine> = rows.and_then(Iterator::collect).doing(doing)?;
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(|line| line.id);
        Ok(Slice { items, next })
    }

    /// One record that is or was in quarantine, with its bytes as the server sent them, unpacked.
    pub fn quarantine_item(&mut self, id: i64) -> Result<Option<(QuarantineLine, Vec<u8>)>, Error> {
        let doing = "read a record in quarantine";
        let found = self.connection.query_row(&format!("{LINE} WHERE quarantine.id = ?1"), [id], line);
        let Some(line) = found.optional().doing(doing)? else { return Ok(None) };
        let sql = "SELECT bytes FROM quarantine WHERE id = ?1";
        let packed: Vec<u8> = self.connection.query_row(sql, [id], |row| row.get(0)).doing(doing)?;
        let bytes = self.codec.unpack(&packed)?;
        Ok(Some((line, bytes)))
    }

    pub fn count_quarantined(&self, feeds: &[FeedId]) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM quarantine WHERE released IS NULL AND feed = ?1";
        let mut total = 0;
        for feed in feeds {
            total +=
                self.connection.query_row(sql, [feed.0], |row| row.get::<_, i64>(0)).doing("count quarantine")? as u64;
        }
        Ok(total)
    }
}

fn line(row: &Row<'_>) -> rusqlite::Result<QuarantineLine> {
    Ok(QuarantineLine {
        id: row.get(0)?,
        side: row.get(1)?,
        identifier: row.get(2)?,
        datestamp: row.get::<_, Option<String>>(3)?.unwrap_or_default(),
        reason: row.get(4)?,
        page: row.get(5)?,
        seen: super::time(row.get(6)?),
        released: row.get::<_, Option<i64>>(7)?.map(super::time),
    })
}
