//! Records as the servers sent them.

use super::compress::Codec;
use super::feeds::FeedId;
use super::{Doing, Error, Store};
use crate::model::id::OaiIdentifier;
use crate::model::record::Datestamp;
use crate::model::repair::Repairs;
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, Row, params};

/// A record's body as stored; quarantined ones keep their raw bytes and can be looked at, never written from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredBody {
    Metadata(String),
    Deleted,
    Absent,
    Quarantined(String),
    /// It vanished without a tombstone; with what it held last, if that is known.
    Gone(String),
}

#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub id: i64,
    pub identifier: OaiIdentifier,
    pub datestamp: Datestamp,
    pub sets: String,
    /// When its content last differed from what we had.
    pub changed: Timestamp,
    /// What had to be put right before it could be read.
    pub repairs: Repairs,
    pub body: StoredBody,
}

pub(super) const METADATA: i64 = 0;
pub(super) const DELETED: i64 = 1;
pub(super) const ABSENT: i64 = 2;
pub(super) const QUARANTINED: i64 = 3;
/// Never stored: what a record is read as when `gone` is set.
const GONE: i64 = 4;

impl Store {
    /// Whether a record was ever shown, in any version.
    pub fn knows(&self, feed: FeedId, identifier: &OaiIdentifier) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM records WHERE feed = ?1 AND identifier = ?2)";
        let mut statement = self.connection.prepare_cached(sql).doing("look for a record")?;
        statement.query_row(params![feed.0, identifier.canonical()], |row| row.get(0)).doing("look for a record")
    }

    /// Whether nothing of a feed was ever harvested to its end.
    pub fn is_first_list(&self, feed: FeedId) -> Result<bool, Error> {
        let sql = "SELECT completed IS NULL FROM feeds WHERE id = ?1";
        self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("look at a feed")
    }

    /// Whether a record is held in this version or a newer one, and readable.
    pub fn holds(&self, feed: FeedId, identifier: &OaiIdentifier, datestamp: &Datestamp) -> Result<bool, Error> {
        let sql = "SELECT datestamp FROM records WHERE feed = ?1 AND identifier = ?2 AND body <> ?3 AND gone IS NULL";
        let mut statement = self.connection.prepare_cached(sql).doing("look for a record")?;
        let values = params![feed.0, identifier.canonical(), QUARANTINED];
        let held: Option<String> =
            statement.query_row(values, |row| row.get(0)).optional().doing("look for a record")?;
        Ok(held.is_some_and(|held| Datestamp::new(held).is_no_older_than(datestamp)))
    }

    /// Records of a feed that are neither deleted nor gone.
    pub fn count_live_records(&self, feed: FeedId) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM records WHERE feed = ?1 AND body <> ?2 AND gone IS NULL";
        self.connection
            .query_row(sql, [feed.0, DELETED], |row| row.get::<_, i64>(0))
            .map(|n| n as u64)
            .doing("count records")
    }

    pub fn record_by_identifier(
        &mut self,
        feed: FeedId,
        identifier: &OaiIdentifier,
    ) -> Result<Option<StoredRecord>, Error> {
        let sql = "SELECT id, identifier, datestamp, sets, changed, CASE WHEN gone IS NULL THEN body ELSE 4 END, metadata, repairs FROM records WHERE feed = ?1 AND identifier = ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        let row = statement.query_row(params![feed.0, identifier.as_str()], raw).optional().doing("find a record")?;
        row.map(|row| row.open(&mut self.codec)).transpose()
    }

    pub fn record_by_id(&mut self, id: i64) -> Result<Option<StoredRecord>, Error> {
        let sql = "SELECT id, identifier, datestamp, sets, changed, CASE WHEN gone IS NULL THEN body ELSE 4 END, metadata, repairs FROM records WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        let row = statement.query_row([id], raw).optional().doing("find a record")?;
        row.map(|row| row.open(&mut self.codec)).transpose()
    }

    /// Records of a feed whose identifier ends with `:local`. Mostly all identifiers of a feed begin alike, so that the one
    /// that is meant can be guessed. Otherwise walks the index of identifiers: an index of its own would cost every record of
    /// a harvest more than it spares the few that somebody asks for.
    pub fn records_by_local(&mut self, feed: FeedId, local: &str) -> Result<Vec<StoredRecord>, Error> {
        if let Some(guessed) = self.record_by_common_beginning(feed, local)? {
            return Ok(vec![guessed]);
        }
        let sql = "SELECT id FROM records INDEXED BY records_by_identifier
                   WHERE feed = ?1 AND substr(identifier, -length(?2)) = ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        let rows = statement.query_map(params![feed.0, format!(":{local}")], |row| row.get(0));
        let ids: Vec<i64> = rows.and_then(Iterator::collect).doing("find a record")?;
        drop(statement);
        let mut records = Vec::new();
        for id in ids {
            records.extend(self.record_by_id(id)?);
        }
        Ok(records)
    }

    /// The record of a feed whose identifier is what all of them begin with, and this.
    pub fn record_by_common_beginning(&mut self, feed: FeedId, local: &str) -> Result<Option<StoredRecord>, Error> {
        match self.common_beginning(feed)? {
            Some(beginning) => self.record_by_identifier(feed, &OaiIdentifier::new(format!("{beginning}{local}"))),
            None => Ok(None),
        }
    }

    /// The numbers of the records of Alma's feeds whose identifier this is, or ends with, as far as it can be guessed.
    pub(super) fn numbers_named(&self, word: &str) -> Result<Vec<i64>, Error> {
        let doing = "find a record";
        let mut statement = self.connection.prepare_cached("SELECT id FROM feeds WHERE side = 'alma'").doing(doing)?;
        let feeds =
            statement.query_map([], |row| row.get(0).map(FeedId)).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let sql = "SELECT id FROM records WHERE feed = ?1 AND (identifier = ?2 OR identifier = ?3)";
        let mut find = self.connection.prepare_cached(sql).doing(doing)?;
        let mut found = Vec::new();
        for feed in feeds.doing(doing)? {
            let guessed = format!("{}{word}", self.common_beginning(feed)?.unwrap_or_default());
            let identifier = OaiIdentifier::new(word);
            let ids = find.query_map(params![feed.0, identifier.canonical(), guessed], |row| row.get(0));
            found.extend(ids.and_then(Iterator::collect::<Result<Vec<i64>, _>>).doing(doing)?);
        }
        Ok(found)
    }

    /// The identifier of a record.
    pub(super) fn identifier_of(&self, record: i64) -> Result<String, Error> {
        let mut statement =
            self.connection.prepare_cached("SELECT identifier FROM records WHERE id = ?1").doing("find a record")?;
        statement.query_row([record], |row| row.get(0)).doing("find a record")
    }

    /// What all identifiers of a feed begin with, up to the last colon. What the first and the last one in their order have
    /// in common, all between them have.
    fn common_beginning(&self, feed: FeedId) -> Result<Option<String>, Error> {
        let sql = "SELECT min(identifier), max(identifier) FROM (SELECT * FROM (SELECT identifier FROM records WHERE feed = ?1
                       ORDER BY identifier LIMIT 1) UNION ALL SELECT * FROM (SELECT identifier FROM records WHERE feed = ?1
                       ORDER BY identifier DESC LIMIT 1))";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        let ends: (Option<String>, Option<String>) =
            statement.query_row([feed.0], |row| Ok((row.get(0)?, row.get(1)?))).doing("find a record")?;
        let (Some(first), Some(last)) = ends else { return Ok(None) };
        let beginning = first.rfind(':').map(|colon| &first[..=colon]);
        Ok(beginning.filter(|beginning| last.starts_with(beginning)).map(str::to_owned))
    }

    /// The side of the feed that a record belongs to: `rosetta` or `alma`.
    pub fn side_of(&self, record: i64) -> Result<Option<String>, Error> {
        let sql = "SELECT side FROM records JOIN feeds ON feeds.id = records.feed WHERE records.id = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        statement.query_row([record], |row| row.get(0)).optional().doing("find a record")
    }

    pub fn count_records(&self, feed: FeedId) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM records WHERE feed = ?1";
        self.connection.query_row(sql, [feed.0], |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("count records")
    }
}

/// A row of `records`, its metadata still compressed.
pub(super) struct RawRecord {
    pub id: i64,
    pub identifier: String,
    pub datestamp: String,
    pub sets: String,
    pub changed: i64,
    pub body: i64,
    pub metadata: Option<Vec<u8>>,
    pub repairs: String,
}

pub(super) fn raw(row: &Row<'_>) -> rusqlite::Result<RawRecord> {
    Ok(RawRecord {
        id: row.get(0)?,
        identifier: row.get(1)?,
        datestamp: row.get(2)?,
        sets: row.get(3)?,
        changed: row.get(4)?,
        body: row.get(5)?,
        metadata: row.get(6)?,
        repairs: row.get(7)?,
    })
}

impl RawRecord {
    pub(super) fn open(self, codec: &mut Codec) -> Result<StoredRecord, Error> {
        Ok(StoredRecord {
            id: self.id,
            identifier: OaiIdentifier::new(self.identifier),
            datestamp: Datestamp::new(self.datestamp),
            sets: self.sets,
            changed: super::time(self.changed),
            repairs: Repairs::from_words(&self.repairs),
            body: open_body(self.body, self.metadata.as_deref(), codec)?,
        })
    }
}

pub(super) fn open_body(body: i64, metadata: Option<&[u8]>, codec: &mut Codec) -> Result<StoredBody, Error> {
    match (body, metadata) {
        (METADATA, Some(packed)) => codec.unpack_text(packed).map(StoredBody::Metadata),
        (DELETED, _) => Ok(StoredBody::Deleted),
        (ABSENT, _) => Ok(StoredBody::Absent),
        (GONE, Some(packed)) => codec.unpack_text(packed).map(StoredBody::Gone),
        (GONE, None) => Ok(StoredBody::Gone(String::new())),
        (QUARANTINED, Some(packed)) => codec.unpack_text(packed).map(StoredBody::Quarantined),
        (other, _) => Err(Error::Damaged { what: format!("a record body of kind {other}") }),
    }
}
