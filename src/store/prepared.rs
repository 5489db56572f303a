//! What the middle needs to know and what it found: stale records, claims, outcomes.

use super::compress::Codec;
use super::feeds::FeedId;
use super::history::{History, Wanted};
use super::records::{StoredRecord, raw};
use super::{Doing, Error, Store};
use crate::model::dc::ContentDigest;
use crate::model::id::{IePid, OaiIdentifier};
use crate::model::outcome::{Evidence, Place, Skip};
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, Transaction, params};

pub use super::packed::Packed;

/// A record that waits to be looked at.
pub struct StaleRecord {
    pub id: i64,
    pub identifier: OaiIdentifier,
    pub body: Packed,
}

/// What looking at a record found: the IEs it names, or why nothing follows from it.
pub struct Look {
    pub record: i64,
    pub found: Result<Vec<Evidence>, Skip>,
    /// The IEs that a suppressed record names, for people only.
    pub suppressed: Vec<IePid>,
}

/// A record with everything that decides its fate.
pub struct Work {
    pub id: i64,
    pub identifier: OaiIdentifier,
    pub body: Packed,
    /// Of the IEs that the record names, those that are looked at.
    pub claims: Vec<Claim>,
    /// How many IEs the record names.
    pub named: usize,
}

/// Which of the IEs that a record names are looked at.
#[derive(Debug, Clone, Copy)]
pub enum Part<'p> {
    All,
    Only(&'p IePid),
    /// In the order of their names.
    Slice {
        after: usize,
        most: usize,
    },
}

impl Part<'_> {
    fn has(self, at: usize, ie: &str) -> bool {
        match self {
            Part::All => true,
            Part::Only(only) => only.as_str() == ie,
            Part::Slice { after, most } => at >= after && at - after < most,
        }
    }
}

/// One IE that a record names, and what is known of the IE.
pub struct Claim {
    pub ie: IePid,
    /// Where the record names it.
    pub place: Place,
    /// OAI identifiers of other Alma records that name the same IE.
    pub others: Vec<String>,
    /// `None` when Rosetta's feed never showed the IE.
    pub rosetta: Option<Packed>,
    pub history: History,
}

/// An outcome as a row.
pub struct OutcomeRow {
    pub record: i64,
    /// Empty when the record names no IE.
    pub ie: String,
    pub kind: &'static str,
    pub code: String,
    pub detail: String,
    pub digest: Option<ContentDigest>,
    /// The new dc:record as XML, for packages and held packages.
    pub content: Option<String>,
    /// The same of Alma alone, where merging made something else of it.
    pub alma: Option<String>,
    /// What Rosetta held when it was decided, for packages and held packages.
    pub shown: Option<ContentDigest>,
    /// What lists show of it, for packages and held packages.
    pub gist: Option<Gist>,
}

/// What of a package is worth a line in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gist {
    /// Of the new record, cut.
    pub title: String,
    /// Names of the fields that would change, separated by blanks.
    pub fields: String,
}

impl Store {
    /// When stylesheet, profile or program changed, every Alma record is stale.
    pub fn note_middle(&mut self, alma: FeedId, middle: &str) -> Result<bool, Error> {
        if self.meta("middle")?.as_deref() == Some(middle) {
            return Ok(false);
        }
        self.transaction(|transaction, _| {
            let all = "INSERT INTO stale (feed, record, local) SELECT feed, id, '' FROM records WHERE feed = ?1 ON CONFLICT DO NOTHING";
            transaction.execute(all, [alma.0]).doing("mark all records stale")?;
            // Outcomes of records of a feed that the profile no longer names would be staged otherwise.
            let foreign = "DELETE FROM outcomes WHERE record IN (SELECT id FROM records WHERE feed <> ?1)";
            transaction.execute(foreign, [alma.0]).doing("drop outcomes of another feed")?;
            let claims = "DELETE FROM claims WHERE record IN (SELECT id FROM records WHERE feed <> ?1)";
            transaction.execute(claims, [alma.0]).doing("drop claims of another feed")?;
            let meta = "INSERT INTO meta (key, value) VALUES ('middle', ?1) ON CONFLICT (key) DO UPDATE SET value = excluded.value";
            transaction.execute(meta, [middle]).doing("note the middle").map(|_| true)
        })
    }

    /// What changed in Rosetta makes the Alma records stale that name it.
    pub fn spread_staleness(&mut self, rosetta: FeedId, alma: FeedId) -> Result<(), Error> {
        self.transaction(|transaction, _| {
            let spread = "INSERT INTO stale (feed, record, local)
                          SELECT ?2, claims.record, '' FROM stale JOIN claims ON claims.ie = stale.local
                          WHERE stale.feed = ?1 ON CONFLICT DO NOTHING";
            transaction.execute(spread, [rosetta.0, alma.0]).doing("spread staleness")?;
            // What its feed shows is newer than what its web services said.
            let forget = "DELETE FROM stored_records WHERE ie IN (SELECT local FROM stale WHERE feed = ?1)";
            transaction.execute(forget, [rosetta.0]).doing("forget stored records")?;
            transaction.execute("DELETE FROM stale WHERE feed <> ?1", [alma.0]).doing("spread staleness").map(|_| ())
        })
    }

    pub fn count_stale(&self, alma: FeedId) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM stale WHERE feed = ?1";
        self.connection
            .query_row(sql, [alma.0], |row| row.get::<_, i64>(0))
            .map(|n| n as u64)
            .doing("count stale records")
    }

    /// The next stale records after an id, in order.
    pub fn stale_records(&mut self, alma: FeedId, after: i64, limit: usize) -> Result<Vec<StaleRecord>, Error> {
        let sql = "SELECT records.id, records.identifier, '', '', 0, CASE WHEN gone IS NULL THEN body ELSE 4 END, metadata, '' FROM stale
                   JOIN records ON records.id = stale.record
                   WHERE stale.feed = ?1 AND stale.record > ?2 ORDER BY stale.record LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql).doing("read stale records")?;
        let rows = statement
            .query_map(params![alma.0, after, limit as i64], raw)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>);
        let rows = rows.doing("read stale records")?;
        Ok(rows
            .into_iter()
            .map(|row| StaleRecord {
                id: row.id,
                identifier: OaiIdentifier::new(row.identifier),
                body: Packed::record(row.body, row.metadata),
            })
            .collect())
    }

    /// Stores what looking found. Whoever shares an IE with a record whose claims changed becomes stale too: a
    /// conflict may have come or gone. Records from which nothing follows have their outcome now.
    pub fn save_looks(&mut self, alma: FeedId, looks: &[Look], now: Timestamp) -> Result<(), Error> {
        self.transaction(|transaction, codec| {
            for look in looks {
                let claims = look.found.as_deref().unwrap_or_default();
                remember_claims(transaction, look)?;
                replace_claims(transaction, alma, look.record, claims)?;
                if let Err(skip) = &look.found {
                    clear_outcomes(transaction, look.record)?;
                    put_outcome(transaction, codec, &skipped(look.record, "", skip), now)?;
                    unstale(transaction, alma, look.record)?;
                }
            }
            Ok(())
        })
    }

    /// The next stale records after an id that name IEs, with what is known of these.
    pub fn work(
        &mut self,
        rosetta: FeedId,
        alma: FeedId,
        repository: &str,
        merges: bool,
        after: i64,
        limit: usize,
    ) -> Result<Vec<Work>, Error> {
        let stale = self.stale_records(alma, after, limit)?;
        let wanted = self.wanted(merges)?;
        stale.into_iter().map(|record| self.gather(rosetta, repository, record, wanted, Part::All)).collect()
    }

    fn gather(
        &self,
        rosetta: FeedId,
        repository: &str,
        record: StaleRecord,
        wanted: Wanted,
        part: Part<'_>,
    ) -> Result<Work, Error> {
        let sql = "SELECT ie, place FROM claims WHERE record = ?1 ORDER BY ie";
        let mut statement = self.connection.prepare_cached(sql).doing("read claims")?;
        let named: Vec<(String, String)> = statement
            .query_map([record.id], |row| Ok((row.get(0)?, row.get(1)?)))
            .and_then(Iterator::collect)
            .doing("read claims")?;
        let looked_at = named.iter().enumerate().filter(|(at, (ie, _))| part.has(*at, ie));
        let claims: Result<Vec<Claim>, Error> =
            looked_at.map(|(_, (ie, place))| self.claim(rosetta, repository, record.id, (ie, place), wanted)).collect();
        let StaleRecord { id, identifier, body } = record;
        Ok(Work { id, identifier, body, claims: claims?, named: named.len() })
    }

    fn claim(
        &self,
        rosetta: FeedId,
        repository: &str,
        record: i64,
        (ie, place): (&str, &str),
        wanted: Wanted,
    ) -> Result<Claim, Error> {
        let place =
            Place::parse(place).ok_or_else(|| Error::Damaged { what: format!("a claim found in `{place}`") })?;
        let pid = IePid::parse(ie).map_err(|_| Error::Damaged { what: format!("a claim on `{ie}`") })?;
        let sql = "SELECT records.identifier FROM claims JOIN records ON records.id = claims.record
                   WHERE claims.ie = ?1 AND claims.record <> ?2 ORDER BY claims.record LIMIT 20";
        let mut statement = self.connection.prepare_cached(sql).doing("look for conflicts")?;
        let others = statement.query_map(params![ie, record], |row| row.get(0)).and_then(Iterator::collect);
        let identifier = format!("oai:{repository}:{ie}");
        let sql = "SELECT CASE WHEN gone IS NULL THEN body ELSE 4 END, metadata FROM records WHERE feed = ?1 AND identifier = ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("read Rosetta's record")?;
        let rosetta = statement
            .query_row(params![rosetta.0, identifier], |row| Ok(Packed::record(row.get(0)?, row.get(1)?)))
            .optional()
            .doing("read Rosetta's record")?;
        let history = self.history(ie, wanted)?;
        Ok(Claim { ie: pid, place, others: others.doing("look for conflicts")?, rosetta, history })
    }

    /// Replaces the outcomes of records and takes the records off the list of stale ones.
    pub fn save_outcomes(
        &mut self,
        alma: FeedId,
        records: &[(i64, Vec<OutcomeRow>)],
        now: Timestamp,
    ) -> Result<(), Error> {
        self.transaction(|transaction, codec| {
            for (record, outcomes) in records {
                clear_outcomes(transaction, *record)?;
                for outcome in outcomes {
                    put_outcome(transaction, codec, outcome, now)?;
                }
                unstale(transaction, alma, *record)?;
            }
            Ok(())
        })
    }

    /// Everything that decides the fate of one record, for `explain`.
    pub fn work_of(
        &mut self,
        rosetta: FeedId,
        repository: &str,
        merges: bool,
        record: &StoredRecord,
        part: Part<'_>,
    ) -> Result<Work, Error> {
        let sql = "SELECT CASE WHEN gone IS NULL THEN body ELSE 4 END, metadata FROM records WHERE id = ?1";
        let body = self
            .connection
            .query_row(sql, [record.id], |row| Ok(Packed::record(row.get(0)?, row.get(1)?)))
            .doing("read a record")?;
        let stale = StaleRecord { id: record.id, identifier: record.identifier.clone(), body };
        let wanted = self.wanted(merges)?;
        self.gather(rosetta, repository, stale, wanted, part)
    }
}

/// The row of a skip.
pub fn skipped(record: i64, ie: &str, skip: &Skip) -> OutcomeRow {
    OutcomeRow {
        record,
        ie: ie.to_owned(),
        kind: "skipped",
        code: skip.code().to_owned(),
        detail: skip.detail(),
        digest: None,
        content: None,
        alma: None,
        shown: None,
        gist: None,
    }
}

/// Keeps what a record named before it was deleted or suppressed; what lives again says it by itself.
fn remember_claims(transaction: &Transaction<'_>, look: &Look) -> Result<(), Error> {
    let doing = "remember what a record named";
    let remembered = match &look.found {
        Err(Skip::Deleted | Skip::Suppressed) => {
            "INSERT INTO former_claims (record, ie) SELECT record, ie FROM claims WHERE record = ?1 ON CONFLICT DO NOTHING"
        }
        Ok(_) | Err(Skip::NoMatch) => "DELETE FROM former_claims WHERE record = ?1",
        // Neither says anything about what the record names.
        Err(Skip::Gone | Skip::NoMetadata | Skip::Quarantined(_)) => return Ok(()),
        // These are decided later, and never by looking.
        Err(Skip::Conflict(_) | Skip::NotInRosetta | Skip::Transform(_) | Skip::Rejected(_)) => return Ok(()),
    };
    transaction.prepare_cached(remembered).and_then(|mut s| s.execute([look.record])).doing(doing)?;
    let insert = "INSERT INTO former_claims (record, ie) VALUES (?1, ?2) ON CONFLICT DO NOTHING";
    let mut insert = transaction.prepare_cached(insert).doing(doing)?;
    look.suppressed.iter().try_for_each(|ie| insert.execute(params![look.record, ie.as_str()]).doing(doing).map(|_| ()))
}

fn replace_claims(transaction: &Transaction<'_>, alma: FeedId, record: i64, claims: &[Evidence]) -> Result<(), Error> {
    let sql = "SELECT ie, place, text FROM claims WHERE record = ?1 ORDER BY ie";
    let mut statement = transaction.prepare_cached(sql).doing("read claims")?;
    let old: Vec<(String, String, String)> = statement
        .query_map([record], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .and_then(Iterator::collect)
        .doing("read claims")?;
    let mut new: Vec<(String, String, String)> =
        claims.iter().map(|e| (e.ie.as_str().to_owned(), e.place.as_str().to_owned(), e.text.clone())).collect();
    new.sort();
    if old == new {
        return Ok(());
    }
    if !old.is_empty() {
        let delete = "DELETE FROM claims WHERE record = ?1";
        transaction.prepare_cached(delete).and_then(|mut s| s.execute([record])).doing("replace claims")?;
    }
    let spread =
        "INSERT INTO stale (feed, record, local) SELECT ?1, record, '' FROM claims WHERE ie = ?2 AND record <> ?3
                  ON CONFLICT DO NOTHING";
    let mut spread = transaction.prepare_cached(spread).doing("spread staleness")?;
    for (ie, ..) in old.iter().chain(&new) {
        spread.execute(params![alma.0, ie, record]).doing("spread staleness")?;
    }
    let insert = "INSERT INTO claims (ie, record, place, text) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING";
    let mut insert = transaction.prepare_cached(insert).doing("replace claims")?;
    for (ie, place, text) in &new {
        insert.execute(params![ie, record, place, text]).doing("replace claims")?;
    }
    Ok(())
}

fn clear_outcomes(transaction: &Transaction<'_>, record: i64) -> Result<(), Error> {
    let sql = "DELETE FROM outcomes WHERE record = ?1";
    transaction.prepare_cached(sql).and_then(|mut s| s.execute([record])).doing("replace outcomes").map(|_| ())
}

fn unstale(transaction: &Transaction<'_>, alma: FeedId, record: i64) -> Result<(), Error> {
    let sql = "DELETE FROM stale WHERE feed = ?1 AND record = ?2";
    transaction.prepare_cached(sql).and_then(|mut s| s.execute([alma.0, record])).doing("finish a record").map(|_| ())
}

fn put_outcome(
    transaction: &Transaction<'_>,
    codec: &mut Codec,
    outcome: &OutcomeRow,
    now: Timestamp,
) -> Result<(), Error> {
    let sql =
        "INSERT INTO outcomes (record, ie, kind, code, detail, digest, content, prepared, alma, shown, title, fields)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
    let mut pack = |text: &Option<String>| text.as_ref().map(|text| codec.pack(text.as_bytes()));
    let (content, alma) = (pack(&outcome.content), pack(&outcome.alma));
    let values = params![
        outcome.record,
        outcome.ie,
        outcome.kind,
        outcome.code,
        outcome.detail,
        outcome.digest.map(|digest| digest.0),
        content,
        now.millis(),
        alma,
        outcome.shown.map(|shown| shown.0),
        outcome.gist.as_ref().map(|gist| &gist.title),
        outcome.gist.as_ref().map(|gist| &gist.fields)
    ];
    transaction.prepare_cached(sql).and_then(|mut s| s.execute(values)).doing("store an outcome").map(|_| ())
}
