//! Pages of records on their way into the store: made ready by those who read them, written by one.

use super::compress::Codec;
use super::feeds::FeedId;
use super::ledger::{List, save};
use super::records::{ABSENT, DELETED, METADATA, QUARANTINED};
use super::{Doing, Error, Store};
use crate::model::record::{Body, Datestamp, Record};
use crate::model::repair::Repairs;
use crate::model::time::Timestamp;
use crate::model::window::Window;
use crate::oai::page::{Page, Quarantined};
use rusqlite::{OptionalExtension, Transaction, params};
use sha2::{Digest, Sha256};
use std::borrow::Cow;
use std::cell::RefCell;

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

    /// Stores records that came outside of any list.
    pub fn store_apart(&mut self, feed: FeedId, page: &ReadyPage, now: Timestamp) -> Result<(), Error> {
        self.transaction(|transaction, codec| {
            let mut writer = Writer::new(transaction, codec, feed, now)?;
            page.records.iter().try_for_each(|record| writer.put(record))?;
            page.quarantined.iter().try_for_each(|record| writer.quarantine(record, &page.url))
        })
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
        let told = if record.text.is_empty() { identifier.as_deref().unwrap_or_default() } else { &record.text };
        let digest: [u8; 32] = Sha256::digest(told).into();
        let sql = "INSERT INTO quarantine (feed, identifier, datestamp, reason, page, bytes, digest, seen)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                   ON CONFLICT (feed, digest) WHERE released IS NULL DO UPDATE SET page = excluded.page, seen = excluded.seen";
        let datestamp = record.datestamp.as_ref().map_or("", Datestamp::as_str).to_owned();
        let packed = self.codec.pack(record.bytes());
        let values = params![self.feed.0, identifier, datestamp, record.reason, url, packed, digest, self.now.millis()];
        self.transaction.execute(sql, values).doing("quarantine a record")?;
        if let Some(identifier) = identifier {
            let header = Header { identifier, datestamp, sets: String::new(), repairs: Repairs::NONE };
            let metadata = Some(Metadata::Plain(record.text.clone()));
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
        let sql = "INSERT INTO stale (feed, record, local) VALUES (?1, ?2, ?3)
                   ON CONFLICT DO UPDATE SET local = excluded.local";
        let local = header.identifier.rsplit(':').next().unwrap_or_default();
        let values = params![self.feed.0, id, local];
        self.transaction
            .prepare_cached(sql)
            .and_then(|mut s| s.execute(values))
            .doing("mark a record stale")
            .map(|_| ())
    }
}
