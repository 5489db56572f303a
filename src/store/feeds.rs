//! Feeds, and how far each was harvested.

use super::{Doing, Error, Store};
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, params};

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
        let sql =
            "SELECT completed IS NOT NULL AND NOT EXISTS (SELECT 1 FROM lists WHERE feed = feeds.id AND ended IS NULL)
                   FROM feeds WHERE id = ?1";
        self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("ask whether a feed is complete")
    }

    /// When the feed was last harvested to its end.
    pub fn completed(&self, feed: FeedId) -> Result<Option<Timestamp>, Error> {
        let sql = "SELECT completed FROM feeds WHERE id = ?1";
        let millis: Option<i64> = self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("read a feed")?;
        Ok(millis.map(super::time))
    }
}
