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
            let mut writer = Writer::new(transaction, codec, feed, now)?;
            for record in &page.records {
                writer.put(record)?;
            }
            for record in &page.quarantined {
                writer.quarantine(record, url)?;
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

    /// Records of a feed whose identifier ends with `:local`. Walks the index of identifiers: an index of its own would
    /// cost every record of a harvest more than it spares the few that somebody asks for.
    pub fn records_by_local(&mut self, feed: FeedId, local: &str) -> Result<Vec<StoredRecord>, Error> {
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

/// Writes the records of one page.
struct Writer<'a> {
    transaction: &'a Transaction<'a>,
    codec: &'a mut Codec,
    feed: FeedId,
    now: Timestamp,
    /// Nothing was ever decided: the first preparation looks at every record anyway.
    undecided: bool,
    /// The first list of the feed is still being read: most records are new, so inserting comes before looking.
    first_list: bool,
}

struct Header<'a> {
    identifier: &'a OaiIdentifier,
    datestamp: &'a Datestamp,
    sets: &'a str,
}

/// What is stored of a record, beside what came.
struct Stored {
    id: i64,
    same_content: bool,
    same_header: bool,
    was_quarantined: bool,
}

impl<'a> Writer<'a> {
    fn new(
        transaction: &'a Transaction<'a>,
        codec: &'a mut Codec,
        feed: FeedId,
        now: Timestamp,
    ) -> Result<Self, Error> {
        let sql =
            "SELECT NOT EXISTS (SELECT 1 FROM meta WHERE key = 'middle'), completed IS NULL FROM feeds WHERE id = ?1";
        let facts = transaction.query_row(sql, [feed.0], |row| Ok((row.get(0)?, row.get(1)?)));
        let (undecided, first_list) = facts.doing("look at a feed")?;
        Ok(Writer { transaction, codec, feed, now, undecided, first_list })
    }

    fn put(&mut self, record: &Record) -> Result<(), Error> {
        let (kind, metadata) = match &record.body {
            Body::Metadata(metadata) => (METADATA, Some(metadata.as_str())),
            Body::Deleted => (DELETED, None),
            Body::Absent => (ABSENT, None),
        };
        let header =
            Header { identifier: &record.identifier, datestamp: &record.datestamp, sets: &record.sets.join(" ") };
        if self.upsert(&header, kind, metadata)? {
            let release =
                "UPDATE quarantine SET released = ?3 WHERE feed = ?1 AND identifier = ?2 AND released IS NULL";
            let values = params![self.feed.0, record.identifier.as_str(), self.now.millis()];
            self.transaction.execute(release, values).doing("release from quarantine")?;
        }
        Ok(())
    }

    fn quarantine(&mut self, record: &Quarantined, url: &str) -> Result<(), Error> {
        let digest: [u8; 32] = Sha256::digest(&record.bytes).into();
        let sql = "INSERT INTO quarantine (feed, identifier, datestamp, reason, page, bytes, digest, seen)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (feed, digest) WHERE released IS NULL DO UPDATE SET page = excluded.page, seen = excluded.seen";
        let identifier = record.identifier.as_ref();
        let datestamp = record.datestamp.as_ref().map_or("", Datestamp::as_str);
        let packed = self.codec.pack(record.bytes.as_bytes());
        let name = identifier.map(OaiIdentifier::as_str);
        let values = params![self.feed.0, name, datestamp, record.reason, url, packed, digest, self.now.millis()];
        self.transaction.execute(sql, values).doing("quarantine a record")?;
        if let Some(identifier) = identifier {
            let header = Header { identifier, datestamp: &Datestamp::new(datestamp), sets: "" };
            self.upsert(&header, QUARANTINED, Some(&record.bytes))?;
        }
        Ok(())
    }

    /// Writes what differs from what is stored; a record whose content changed becomes stale.
    /// Answers whether a readable record follows a quarantined one.
    fn upsert(&mut self, header: &Header<'_>, kind: i64, metadata: Option<&str>) -> Result<bool, Error> {
        let digest: [u8; 32] = Sha256::digest(metadata.unwrap_or_default()).into();
        if self.first_list && self.insert(header, kind, &digest, metadata)? {
            return Ok(false);
        }
        let Some(stored) = self.stored(header, kind, &digest)? else {
            self.insert(header, kind, &digest, metadata)?;
            return Ok(false);
        };
        let (datestamp, sets) = (header.datestamp.as_str(), header.sets);
        if !stored.same_content {
            let sql = "UPDATE records SET datestamp = ?2, sets = ?3, body = ?4, changed = ?5, digest = ?6, metadata = ?7 WHERE id = ?1";
            let packed = metadata.map(|metadata| self.codec.pack(metadata.as_bytes()));
            let values = params![stored.id, datestamp, sets, kind, self.now.millis(), digest, packed];
            self.transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("change a record")?;
            self.mark_stale(stored.id, header)?;
        } else if !stored.same_header {
            let sql = "UPDATE records SET datestamp = ?2, sets = ?3 WHERE id = ?1";
            let values = params![stored.id, datestamp, sets];
            self.transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("restamp a record")?;
        }
        Ok(stored.was_quarantined && kind != QUARANTINED)
    }

    fn stored(&self, header: &Header<'_>, kind: i64, digest: &[u8; 32]) -> Result<Option<Stored>, Error> {
        let sql = "SELECT id, body, digest, datestamp, sets FROM records WHERE feed = ?1 AND identifier = ?2";
        let mut statement = self.transaction.prepare_cached(sql).doing("look for a record")?;
        let row = statement.query_row(params![self.feed.0, header.identifier.as_str()], |row| {
            let body: i64 = row.get(1)?;
            Ok(Stored {
                id: row.get(0)?,
                same_content: body == kind && row.get_ref(2)?.as_blob()? == digest,
                same_header: row.get_ref(3)?.as_str()? == header.datestamp.as_str()
                    && row.get_ref(4)?.as_str()? == header.sets,
                was_quarantined: body == QUARANTINED,
            })
        });
        row.optional().doing("look for a record")
    }

    /// Answers whether the record was new.
    fn insert(
        &mut self,
        header: &Header<'_>,
        kind: i64,
        digest: &[u8; 32],
        metadata: Option<&str>,
    ) -> Result<bool, Error> {
        let sql = "INSERT INTO records (feed, identifier, datestamp, sets, body, changed, digest, metadata)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
        let packed = metadata.map(|metadata| self.codec.pack(metadata.as_bytes()));
        let (identifier, datestamp) = (header.identifier.as_str(), header.datestamp.as_str());
        let values = params![self.feed.0, identifier, datestamp, header.sets, kind, self.now.millis(), digest, packed];
        let inserted =
            self.transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("store a record")?;
        if inserted == 1 {
            self.mark_stale(self.transaction.last_insert_rowid(), header)?;
        }
        Ok(inserted == 1)
    }

    fn mark_stale(&self, id: i64, header: &Header<'_>) -> Result<(), Error> {
        if self.undecided {
            return Ok(());
        }
        let sql = "INSERT INTO stale (feed, record, local) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let values = params![self.feed.0, id, header.identifier.local_part()];
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(values))
            .doing("mark a record stale")
            .map(|_| ())
    }
}
