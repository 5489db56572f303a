//! Records that a feed no longer shows, and records that it shows and that are not held.

use super::feeds::FeedId;
use super::{Doing, Error, Store};
use crate::model::time::Timestamp;
use rusqlite::params;

impl Store {
    /// Calls `each` with number and identifier of every record of a feed that is neither deleted nor gone.
    pub fn each_live_record(&self, feed: FeedId, mut each: impl FnMut(i64, &str)) -> Result<(), Error> {
        let sql = "SELECT id, identifier FROM records WHERE feed = ?1 AND body <> 1 AND gone IS NULL";
        let doing = "walk through records";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([feed.0]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let identifier = row.get_ref(1).doing(doing)?;
            let identifier =
                identifier.as_str().map_err(|_| Error::Damaged { what: "an identifier that is no text".to_owned() })?;
            each(row.get(0).doing(doing)?, identifier);
        }
        Ok(())
    }

    /// Marks records that vanished without a tombstone. Nothing is ever written because of that; what follows from them
    /// is decided anew.
    pub fn mark_gone(&mut self, feed: FeedId, records: &[i64], now: Timestamp) -> Result<(), Error> {
        self.transaction(|transaction, _| {
            let doing = "mark records that vanished";
            let mut mark = transaction.prepare_cached("UPDATE records SET gone = ?2 WHERE id = ?1").doing(doing)?;
            let find = "SELECT identifier FROM records WHERE id = ?1";
            let mut find = transaction.prepare_cached(find).doing(doing)?;
            let stale = "INSERT INTO stale (feed, record, local) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET local = excluded.local";
            let mut stale = transaction.prepare_cached(stale).doing(doing)?;
            for record in records {
                mark.execute(params![record, now.millis()]).doing(doing)?;
                let identifier: String = find.query_row([record], |row| row.get(0)).doing(doing)?;
                let local = identifier.rsplit(':').next().unwrap_or_default();
                stale.execute(params![feed.0, record, local]).doing(doing)?;
            }
            Ok(())
        })
    }

    /// Records that vanished and did not come back.
    pub fn count_gone(&self, feed: FeedId) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM records WHERE feed = ?1 AND gone IS NOT NULL";
        self.connection.query_row(sql, [feed.0], |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("count records")
    }
}
