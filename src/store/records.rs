//! Records as the servers sent them.

use super::compress::Codec;
use super::feeds::{FeedId, Window, close_window, save_window};
use super::{Doing, Error, Store};
use crate::model::id::OaiIdentifier;
use crate::model::record::{Body, Datestamp, Record};
use crate::model::time::Timestamp;
use crate::oai::page::{Page, Quarantined};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};

/// A record's body as stored; quarantined ones keep their raw bytes and can be looked at, never written from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredBody {
    Metadata(String),
    Deleted,
    Absent,
    Quarantined(String),
}

#[derive(Debug, Clone)]
pub struct StoredRecord {
    pub id: i64,
    pub identifier: OaiIdentifier,
    pub datestamp: Datestamp,
    pub sets: String,
    /// When its content last differed from what we had.
    pub changed: Timestamp,
    pub body: StoredBody,
}

/// What a page means for its window.
pub enum Progress<'a> {
    /// There is more to come, or the window has to be begun again.
    Open(&'a Window),
    /// This was the last page of a list proven complete; the next window starts at this instant.
    Complete(Option<Timestamp>),
}

const METADATA: i64 = 0;
const DELETED: i64 = 1;
const ABSENT: i64 = 2;
const QUARANTINED: i64 = 3;

impl Store {
    /// Stores a page and how far the window has come, in one transaction: both or neither survive a crash.
    pub fn store_page(
        &mut self,
        feed: FeedId,
        page: &Page,
        url: &str,
        progress: Progress<'_>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.transaction(|transaction, codec| {
            for record in &page.records {
                put(transaction, codec, feed, record, now)?;
            }
            for record in &page.quarantined {
                quarantine(transaction, codec, feed, record, url, now)?;
            }
            match progress {
                Progress::Open(window) => save_window(transaction, feed, window),
                Progress::Complete(checkpoint) => close_window(transaction, feed, checkpoint, now),
            }
        })
    }

    pub fn record_by_identifier(
        &mut self,
        feed: FeedId,
        identifier: &OaiIdentifier,
    ) -> Result<Option<StoredRecord>, Error> {
        let sql = "SELECT id, identifier, datestamp, sets, changed, body, metadata FROM records WHERE feed = ?1 AND identifier = ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        let row = statement.query_row(params![feed.0, identifier.as_str()], raw).optional().doing("find a record")?;
        row.map(|row| row.open(&mut self.codec)).transpose()
    }

    pub fn record_by_id(&mut self, id: i64) -> Result<Option<StoredRecord>, Error> {
        let sql = "SELECT id, identifier, datestamp, sets, changed, body, metadata FROM records WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        let row = statement.query_row([id], raw).optional().doing("find a record")?;
        row.map(|row| row.open(&mut self.codec)).transpose()
    }

    /// Records of a feed whose identifier ends with `:local`.
    pub fn records_by_local(&mut self, feed: FeedId, local: &str) -> Result<Vec<StoredRecord>, Error> {
        let sql = "SELECT id, identifier, datestamp, sets, changed, body, metadata FROM records WHERE local = ?2 AND feed = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing("find a record")?;
        let rows: Vec<RawRecord> =
            statement.query_map(params![feed.0, local], raw).and_then(Iterator::collect).doing("find a record")?;
        rows.into_iter().map(|row| row.open(&mut self.codec)).collect()
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
            body: open_body(self.body, self.metadata.as_deref(), codec)?,
        })
    }
}

pub(super) fn open_body(body: i64, metadata: Option<&[u8]>, codec: &mut Codec) -> Result<StoredBody, Error> {
    match (body, metadata) {
        (METADATA, Some(packed)) => codec.unpack_text(packed).map(StoredBody::Metadata),
        (DELETED, _) => Ok(StoredBody::Deleted),
        (ABSENT, _) => Ok(StoredBody::Absent),
        (QUARANTINED, Some(packed)) => codec.unpack_text(packed).map(StoredBody::Quarantined),
        (other, _) => Err(Error::Damaged { what: format!("a record body of kind {other}") }),
    }
}

fn put(
    transaction: &Transaction<'_>,
    codec: &mut Codec,
    feed: FeedId,
    record: &Record,
    now: Timestamp,
) -> Result<(), Error> {
    let (kind, metadata) = match &record.body {
        Body::Metadata(metadata) => (METADATA, Some(metadata.as_str())),
        Body::Deleted => (DELETED, None),
        Body::Absent => (ABSENT, None),
    };
    let header = Header { identifier: &record.identifier, datestamp: &record.datestamp, sets: &record.sets.join(" ") };
    let was_quarantined = upsert(transaction, codec, feed, header, kind, metadata, now)?;
    if was_quarantined {
        let release = "UPDATE quarantine SET released = ?3 WHERE feed = ?1 AND identifier = ?2 AND released IS NULL";
        let values = params![feed.0, record.identifier.as_str(), now.millis()];
        transaction.execute(release, values).doing("release from quarantine")?;
    }
    Ok(())
}

fn quarantine(
    transaction: &Transaction<'_>,
    codec: &mut Codec,
    feed: FeedId,
    record: &Quarantined,
    url: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let digest: [u8; 32] = Sha256::digest(&record.bytes).into();
    let sql = "INSERT INTO quarantine (feed, identifier, datestamp, reason, page, bytes, digest, seen)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
               ON CONFLICT (feed, digest) WHERE released IS NULL DO UPDATE SET page = excluded.page, seen = excluded.seen";
    let identifier = record.identifier.as_ref();
    let datestamp = record.datestamp.as_ref().map_or("", Datestamp::as_str);
    let packed = codec.pack(record.bytes.as_bytes());
    let values = params![
        feed.0,
        identifier.map(OaiIdentifier::as_str),
        datestamp,
        record.reason,
        url,
        packed,
        digest,
        now.millis()
    ];
    transaction.execute(sql, values).doing("quarantine a record")?;
    if let Some(identifier) = identifier {
        let datestamp = Datestamp::new(datestamp);
        let header = Header { identifier, datestamp: &datestamp, sets: "" };
        upsert(transaction, codec, feed, header, QUARANTINED, Some(&record.bytes), now)?;
    }
    Ok(())
}

struct Header<'a> {
    identifier: &'a OaiIdentifier,
    datestamp: &'a Datestamp,
    sets: &'a str,
}

/// Writes what differs from what is stored; a record whose content changed becomes stale.
/// Answers whether the stored one was quarantined.
fn upsert(
    transaction: &Transaction<'_>,
    codec: &mut Codec,
    feed: FeedId,
    header: Header<'_>,
    kind: i64,
    metadata: Option<&str>,
    now: Timestamp,
) -> Result<bool, Error> {
    let digest: [u8; 32] = Sha256::digest(metadata.unwrap_or_default()).into();
    let select = "SELECT id, body, digest, datestamp, sets FROM records WHERE feed = ?1 AND identifier = ?2";
    let stored = transaction
        .prepare_cached(select)
        .and_then(|mut statement| {
            statement
                .query_row(params![feed.0, header.identifier.as_str()], |row| {
                    let same_content = row.get::<_, i64>(1)? == kind && row.get_ref(2)?.as_blob()? == digest;
                    let same_header = row.get_ref(3)?.as_str()? == header.datestamp.as_str()
                        && row.get_ref(4)?.as_str()? == header.sets;
                    Ok((row.get::<_, i64>(0)?, same_content, same_header, row.get::<_, i64>(1)? == QUARANTINED))
                })
                .optional()
        })
        .doing("look for a record")?;
    let (datestamp, local) = (header.datestamp.as_str(), header.identifier.local_part());
    let id = match stored {
        Some((_, true, true, was_quarantined)) => return Ok(was_quarantined && kind != QUARANTINED),
        Some((id, true, false, was_quarantined)) => {
            let sql = "UPDATE records SET datestamp = ?2, sets = ?3 WHERE id = ?1";
            let mut statement = transaction.prepare_cached(sql).doing("restamp a record")?;
            statement.execute(params![id, datestamp, header.sets]).doing("restamp a record")?;
            return Ok(was_quarantined && kind != QUARANTINED);
        }
        Some((id, false, _, _)) => {
            let sql = "UPDATE records SET datestamp = ?2, sets = ?3, body = ?4, changed = ?5, digest = ?6, metadata = ?7 WHERE id = ?1";
            let packed = metadata.map(|metadata| codec.pack(metadata.as_bytes()));
            let values = params![id, datestamp, header.sets, kind, now.millis(), digest, packed];
            transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("change a record")?;
            id
        }
        None => {
            let sql = "INSERT INTO records (feed, identifier, local, datestamp, sets, body, changed, digest, metadata)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let packed = metadata.map(|metadata| codec.pack(metadata.as_bytes()));
            let values = params![
                feed.0,
                header.identifier.as_str(),
                local,
                datestamp,
                header.sets,
                kind,
                now.millis(),
                digest,
                packed
            ];
            transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("store a record")?;
            transaction.last_insert_rowid()
        }
    };
    let stale = "INSERT INTO stale (feed, record, local) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
    transaction
        .prepare_cached(stale)
        .and_then(|mut s| s.execute(params![feed.0, id, local]))
        .doing("mark a record stale")?;
    Ok(stored.is_some_and(|(_, _, _, was_quarantined)| was_quarantined) && kind != QUARANTINED)
}
