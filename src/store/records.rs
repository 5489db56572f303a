//! Records as the servers sent them.

use super::compress::Codec;
use super::feeds::FeedId;
use super::ledger::{List, save};
use super::{Doing, Error, Store};
use crate::model::id::OaiIdentifier;
use crate::model::record::{Body, Datestamp, Record};
use crate::model::repair::Repairs;
use crate::model::time::Timestamp;
use crate::model::window::Window;
use crate::oai::page::{Page, Quarantined};
use rusqlite::{OptionalExtension, Row, Transaction, params};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cell::RefCell;

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

/// A page made ready for the store by the thread that read it, so that the one that writes has less to do.
pub struct ReadyPage {
    records: Vec<ReadyRecord>,
    quarantined: Vec<Quarantined>,
    url: String,
    /// What is known of the page's window once the page is stored.
    window: Window,
}

struct ReadyRecord {
    header: Header,
    kind: i64,
    digest: [u8; 32],
    metadata: Option<Metadata>,
}

/// Most records of a first list are new: those are compressed at once. Later most are known, and stay as they are.
enum Metadata {
    Packed(Vec<u8>),
    Plain(String),
}

impl ReadyPage {
    pub fn new(page: Page, url: &str, window: &Window, pack: bool) -> Self {
        let records = page.records.into_iter().map(|record| CODEC.with_borrow_mut(|codec| ready(record, pack, codec)));
        let records = records.collect();
        ReadyPage { records, quarantined: page.quarantined, url: url.to_owned(), window: window.clone() }
    }
}

thread_local! {
    static CODEC: RefCell<Codec> = RefCell::new(Codec::new());
}

fn ready(record: Record, pack: bool, codec: &mut Codec) -> ReadyRecord {
    let (kind, metadata) = match record.body {
        Body::Metadata(metadata) => (METADATA, Some(metadata)),
        Body::Deleted => (DELETED, None),
        Body::Absent => (ABSENT, None),
    };
    let digest: [u8; 32] = Sha256::digest(metadata.as_deref().unwrap_or_default()).into();
    let header = Header {
        identifier: record.identifier.canonical().into_owned(),
        datestamp: record.datestamp.as_str().to_owned(),
        sets: record.sets.join(" "),
        repairs: record.repairs,
    };
    let metadata = metadata.map(|metadata| match pack {
        true => Metadata::Packed(codec.pack(metadata.as_bytes())),
        false => Metadata::Plain(metadata),
    });
    ReadyRecord { header, kind, digest, metadata }
}

const METADATA: i64 = 0;
const DELETED: i64 = 1;
const ABSENT: i64 = 2;
const QUARANTINED: i64 = 3;

impl Store {
    /// Stores pages and how far their windows have come, in one transaction: both or neither survive a crash.
    pub fn store_pages(&mut self, feed: FeedId, list: &List, pages: &[ReadyPage], now: Timestamp) -> Result<(), Error> {
        self.transaction(|transaction, codec| {
            let mut writer = Writer::new(transaction, codec, feed, now)?;
            for page in pages {
                for record in &page.records {
                    writer.put(record)?;
                }
                for record in &page.quarantined {
                    writer.quarantine(record, &page.url)?;
                }
                save(transaction, feed, list.id, std::slice::from_ref(&page.window))?;
            }
            Ok(())
        })
    }

    /// Whether nothing of a feed was ever harvested to its end.
    pub fn is_first_list(&self, feed: FeedId) -> Result<bool, Error> {
        let sql = "SELECT completed IS NULL FROM feeds WHERE id = ?1";
        self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("look at a feed")
    }

    /// Whether a record is held in this version, and readable.
    pub fn holds(&self, feed: FeedId, identifier: &OaiIdentifier, datestamp: &Datestamp) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM records WHERE feed = ?1 AND identifier = ?2 AND datestamp = ?3 AND body <> ?4)";
        let mut statement = self.connection.prepare_cached(sql).doing("look for a record")?;
        let values = params![feed.0, identifier.canonical(), datestamp.as_str(), QUARANTINED];
        statement.query_row(values, |row| row.get(0)).doing("look for a record")
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

#[derive(Debug, Clone, PartialEq, Eq)]
struct Header {
    identifier: String,
    datestamp: String,
    sets: String,
    repairs: Repairs,
}

/// What is stored of a record, beside what came.
struct Stored {
    id: i64,
    same_content: bool,
    same_header: bool,
    was_quarantined: bool,
    was_gone: bool,
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

    fn put(&mut self, record: &ReadyRecord) -> Result<(), Error> {
        if self.upsert(record)? {
            let release =
                "UPDATE quarantine SET released = ?3 WHERE feed = ?1 AND identifier = ?2 AND released IS NULL";
            let values = params![self.feed.0, record.header.identifier, self.now.millis()];
            self.transaction.execute(release, values).doing("release from quarantine")?;
        }
        Ok(())
    }

    fn quarantine(&mut self, record: &Quarantined, url: &str) -> Result<(), Error> {
        let identifier = record.identifier.as_ref().map(|identifier| identifier.canonical().into_owned());
        // What the server did not deliver has no bytes: then its name tells one from the other.
        let told = if record.bytes.is_empty() { identifier.as_deref().unwrap_or_default() } else { &record.bytes };
        let digest: [u8; 32] = Sha256::digest(told).into();
        let sql = "INSERT INTO quarantine (feed, identifier, datestamp, reason, page, bytes, digest, seen)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (feed, digest) WHERE released IS NULL DO UPDATE SET page = excluded.page, seen = excluded.seen";
        let datestamp = record.datestamp.as_ref().map_or("", Datestamp::as_str).to_owned();
        let packed = self.codec.pack(record.bytes.as_bytes());
        let values = params![self.feed.0, identifier, datestamp, record.reason, url, packed, digest, self.now.millis()];
        self.transaction.execute(sql, values).doing("quarantine a record")?;
        if let Some(identifier) = identifier {
            let header = Header { identifier, datestamp, sets: String::new(), repairs: Repairs::NONE };
            let metadata = Some(Metadata::Plain(record.bytes.clone()));
            self.upsert(&ReadyRecord { header, kind: QUARANTINED, digest, metadata })?;
        }
        Ok(())
    }

    /// Writes what differs from what is stored; a record whose content changed becomes stale.
    /// Answers whether a readable record follows a quarantined one.
    fn upsert(&mut self, record: &ReadyRecord) -> Result<bool, Error> {
        if self.first_list && self.insert(record)? {
            return Ok(false);
        }
        let Some(stored) = self.stored(record)? else {
            self.insert(record)?;
            return Ok(false);
        };
        let Header { datestamp, sets, repairs, .. } = &record.header;
        if !stored.same_content {
            let sql =
                "UPDATE records SET datestamp = ?2, sets = ?3, body = ?4, changed = ?5, digest = ?6, metadata = ?7,
                           repairs = ?8, gone = NULL WHERE id = ?1";
            let packed = self.packed(record);
            let (kind, changed) = (record.kind, self.now.millis());
            let values = params![stored.id, datestamp, sets, kind, changed, record.digest, packed, repairs.words()];
            self.transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("change a record")?;
            self.mark_stale(stored.id, &record.header)?;
        } else if !stored.same_header {
            let sql = "UPDATE records SET datestamp = ?2, sets = ?3, repairs = ?4, gone = NULL WHERE id = ?1";
            let values = params![stored.id, datestamp, sets, repairs.words()];
            self.transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("restamp a record")?;
            if stored.was_gone {
                self.mark_stale(stored.id, &record.header)?;
            }
        }
        Ok(stored.was_quarantined && record.kind != QUARANTINED)
    }

    fn packed<'r>(&mut self, record: &'r ReadyRecord) -> Option<Cow<'r, [u8]>> {
        record.metadata.as_ref().map(|metadata| match metadata {
            Metadata::Packed(packed) => Cow::Borrowed(packed.as_slice()),
            Metadata::Plain(text) => Cow::Owned(self.codec.pack(text.as_bytes())),
        })
    }

    fn stored(&self, record: &ReadyRecord) -> Result<Option<Stored>, Error> {
        let sql =
            "SELECT id, body, digest, datestamp, sets, repairs, gone FROM records WHERE feed = ?1 AND identifier = ?2";
        let mut statement = self.transaction.prepare_cached(sql).doing("look for a record")?;
        let row = statement.query_row(params![self.feed.0, record.header.identifier], |row| {
            let body: i64 = row.get(1)?;
            let header = Header {
                identifier: record.header.identifier.clone(),
                datestamp: row.get(3)?,
                sets: row.get(4)?,
                repairs: Repairs::from_words(row.get_ref(5)?.as_str()?),
            };
            let was_gone = row.get::<_, Option<i64>>(6)?.is_some();
            Ok(Stored {
                id: row.get(0)?,
                same_content: body == record.kind && row.get_ref(2)?.as_blob()? == record.digest,
                same_header: header == record.header && !was_gone,
                was_quarantined: body == QUARANTINED,
                was_gone,
            })
        });
        row.optional().doing("look for a record")
    }

    /// Answers whether the record was new.
    fn insert(&mut self, record: &ReadyRecord) -> Result<bool, Error> {
        let sql = "INSERT INTO records (feed, identifier, datestamp, sets, body, changed, digest, metadata, repairs)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING";
        let packed = self.packed(record);
        let Header { identifier, datestamp, sets, repairs } = &record.header;
        let (feed, changed) = (self.feed.0, self.now.millis());
        let values =
            params![feed, identifier, datestamp, sets, record.kind, changed, record.digest, packed, repairs.words()];
        let inserted =
            self.transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("store a record")?;
        if inserted == 1 {
            self.mark_stale(self.transaction.last_insert_rowid(), &record.header)?;
        }
        Ok(inserted == 1)
    }

    fn mark_stale(&self, id: i64, header: &Header) -> Result<(), Error> {
        if self.undecided {
            return Ok(());
        }
        let sql = "INSERT INTO stale (feed, record, local) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
        let local = header.identifier.rsplit(':').next().unwrap_or_default();
        let values = params![self.feed.0, id, local];
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(values))
            .doing("mark a record stale")
            .map(|_| ())
    }
}
