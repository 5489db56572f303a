//! Feeds and the window of each that is being harvested.

use super::{Doing, Error, Store};
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

/// Which system a feed shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Rosetta,
    Alma,
}

impl Side {
    pub fn as_str(&self) -> &'static str {
        match self {
            Side::Rosetta => "rosetta",
            Side::Alma => "alma",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FeedId(pub i64);

/// How far a window has come.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Window {
    /// As sent to the server.
    pub from: Option<String>,
    pub first_response: Option<Timestamp>,
    pub highest: Option<Timestamp>,
    pub token: Option<String>,
    pub pages: u64,
    pub records: u64,
    pub deleted: u64,
    pub quarantined: u64,
    pub nameless: u64,
}

impl Store {
    /// The feed of a source, made when it is new.
    pub fn feed(&self, side: Side, source: &str) -> Result<FeedId, Error> {
        let select = "SELECT id FROM feeds WHERE side = ?1 AND source = ?2";
        let find = || {
            self.connection.query_row(select, params![side.as_str(), source], |row| row.get(0).map(FeedId)).optional()
        };
        // Commands that only look must not wait for a run that writes.
        if let Some(feed) = find().doing("find a feed")? {
            return Ok(feed);
        }
        let insert = "INSERT INTO feeds (side, source) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
        self.connection.execute(insert, params![side.as_str(), source]).doing("note a feed")?;
        find().doing("find a feed")?.ok_or_else(|| Error::Damaged { what: "a feed that vanished".to_owned() })
    }

    pub fn checkpoint(&self, feed: FeedId) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT checkpoint FROM feeds WHERE id = ?1";
        let millis: Option<i64> =
            self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("read a checkpoint")?;
        Ok(millis.map(super::time))
    }

    /// Whether the feed was harvested to a proven end, and no newer list is unfinished.
    pub fn is_complete(&self, feed: FeedId) -> Result<bool, Error> {
        let sql = "SELECT completed IS NOT NULL AND NOT EXISTS (SELECT 1 FROM windows WHERE windows.feed = feeds.id)
                   FROM feeds WHERE id = ?1";
        self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("ask whether a feed is complete")
    }

    /// When the feed was last harvested to its end.
    pub fn completed(&self, feed: FeedId) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT completed FROM feeds WHERE id = ?1";
        let millis: Option<i64> = self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("read a feed")?;
        Ok(millis.map(super::time))
    }

    pub fn window(&self, feed: FeedId) -> Result<Option<Window>, Error> {
        let sql = "SELECT from_date, first_response, highest, token, pages, records, deleted, quarantined, nameless
                   FROM windows WHERE feed = ?1";
        let window = self.connection.query_row(sql, [feed.0], |row| {
            Ok(Window {
                from: row.get(0)?,
                first_response: row.get::<_, Option<i64>>(1)?.map(super::time),
                highest: row.get::<_, Option<i64>>(2)?.map(super::time),
                token: row.get(3)?,
                pages: row.get::<_, i64>(4)? as u64,
                records: row.get::<_, i64>(5)? as u64,
                deleted: row.get::<_, i64>(6)? as u64,
                quarantined: row.get::<_, i64>(7)? as u64,
                nameless: row.get::<_, i64>(8)? as u64,
            })
        });
        window.optional().doing("read a window")
    }

    pub fn save_window(&mut self, feed: FeedId, window: &Window) -> Result<(), Error> {
        self.transaction(|transaction, _| save_window(transaction, feed, window))
    }

    /// Forgets how far the feed was harvested; what is stored stays.
    pub fn forget_progress(&mut self, feed: FeedId) -> Result<(), Error> {
        self.transaction(|transaction, _| {
            transaction.execute("DELETE FROM windows WHERE feed = ?1", [feed.0]).doing("drop a window")?;
            let sql = "UPDATE feeds SET checkpoint = NULL WHERE id = ?1";
            transaction.execute(sql, [feed.0]).doing("drop a checkpoint").map(|_| ())
        })
    }
}

/// The list was proven complete: the window goes, and the checkpoint never moves back.
pub(super) fn close_window(
    transaction: &Transaction<'_>,
    feed: FeedId,
    checkpoint: Option<Timestamp>,
    now: Timestamp,
) -> Result<(), Error> {
    let completed = "UPDATE feeds SET completed = ?2 WHERE id = ?1";
    transaction.execute(completed, params![feed.0, now.millis()]).doing("complete a feed")?;
    let sql = "UPDATE feeds SET checkpoint = max(coalesce(checkpoint, ?2), ?2) WHERE id = ?1";
    if let Some(checkpoint) = checkpoint {
        transaction.execute(sql, params![feed.0, checkpoint.millis()]).doing("move a checkpoint")?;
    }
    // Each made its list incomplete. Now the list came whole, so what they were has come under its name.
    let nameless = "UPDATE quarantine SET released = ?2 WHERE feed = ?1 AND identifier IS NULL AND released IS NULL";
    transaction.execute(nameless, params![feed.0, now.millis()]).doing("release nameless records")?;
    transaction.execute("DELETE FROM windows WHERE feed = ?1", [feed.0]).doing("close a window").map(|_| ())
}

pub(super) fn save_window(transaction: &Transaction<'_>, feed: FeedId, window: &Window) -> Result<(), Error> {
    let sql = "INSERT OR REPLACE INTO windows
               (feed, from_date, first_response, highest, token, pages, records, deleted, quarantined, nameless)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";
    let millis = |instant: Option<Timestamp>| instant.map(|instant| instant.millis());
    let values = params![
        feed.0,
        window.from,
        millis(window.first_response),
        millis(window.highest),
        window.token,
        window.pages as i64,
        window.records as i64,
        window.deleted as i64,
        window.quarantined as i64,
        window.nameless as i64
    ];
    transaction
        .prepare_cached(sql)
        .and_then(|mut statement| statement.execute(values))
        .doing("save a window")
        .map(|_| ())
}
