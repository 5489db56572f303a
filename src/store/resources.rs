//! Resources as ArchivesSpace told of them, and what the last plan made of each.

use super::{Doing, Error, Store, time};
use crate::model::fixity::Fixity;
use crate::model::time::Timestamp;
use crate::push::resource::Resource;
use crate::push::resource_uri::ResourceUri;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// A resource that came, with what is computed of it.
#[derive(Debug, Clone)]
pub struct Gathered {
    pub resource: Resource,
    pub digest: Fixity,
    /// What the field for the MMS ID holds; a field that cannot be read counts as empty, and the plan says why.
    pub mms: String,
}

/// How many resources came new, changed, or as they were.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Arrived {
    pub new: u64,
    pub changed: u64,
    pub same: u64,
}

/// A resource as it is kept.
#[derive(Debug, Clone)]
pub struct StoredResource {
    pub uri: ResourceUri,
    pub digest: Fixity,
    /// As ArchivesSpace gave it.
    pub json: String,
    pub marc: Option<String>,
    pub gone: Option<Timestamp>,
    pub planned: Option<Planned>,
    /// Whether the last plan was made from what it says now.
    pub planned_from_this: bool,
}

/// What the last plan came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub at: Timestamp,
    pub outcome: String,
    pub code: String,
    pub detail: String,
}

/// A line of a list of resources.
#[derive(Debug, Clone)]
pub struct ResourceLine {
    pub uri: ResourceUri,
    pub title: String,
    pub mms: String,
    pub planned: Option<Planned>,
}

/// From what a plan was made: as long as all of it stands, there is nothing to plan.
#[derive(Debug, Clone, Copy)]
pub struct MadeFrom<'a> {
    pub digest: Fixity,
    pub mms: &'a str,
    pub rules: Fixity,
}

impl Store {
    /// Keeps what came. Another digest means that the MARC has to be fetched anew.
    pub fn keep_resources(&mut self, gathered: &[Gathered], now: Timestamp) -> Result<Arrived, Error> {
        let doing = "keep a resource";
        self.transaction(|transaction, codec| {
            let mut arrived = Arrived::default();
            let known = "SELECT digest FROM resources WHERE uri = ?1";
            let keep = "INSERT INTO resources (uri, repository, digest, json, mms, title, seen, changed)
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
                        ON CONFLICT (uri) DO UPDATE SET json = ?4, mms = ?5, title = ?6, seen = ?7, gone = NULL,
                            marc = CASE WHEN digest = ?3 THEN marc ELSE NULL END,
                            changed = CASE WHEN digest = ?3 THEN changed ELSE ?7 END, digest = ?3";
            let mut known = transaction.prepare_cached(known).doing(doing)?;
            let mut keep = transaction.prepare_cached(keep).doing(doing)?;
            for one in gathered {
                let uri = one.resource.uri.to_string();
                let before: Option<[u8; 32]> = known.query_row([&uri], |row| row.get(0)).optional().doing(doing)?;
                match before {
                    None => arrived.new += 1,
                    Some(digest) if digest == one.digest.0 => arrived.same += 1,
                    Some(_) => arrived.changed += 1,
                }
                let json = codec.pack(one.resource.json.to_string().as_bytes());
                let repository = one.resource.uri.repository() as i64;
                let title = one.resource.title();
                let row = params![uri, repository, one.digest.0, json, one.mms, title, now.millis()];
                keep.execute(row).doing(doing)?;
            }
            Ok(arrived)
        })
    }

    /// The MMS ID is kept in another field now: what is kept says the same, and is read otherwise.
    pub fn keep_field(&mut self, uri: &ResourceUri, digest: &Fixity, mms: &str) -> Result<(), Error> {
        let sql = "UPDATE resources SET digest = ?2, mms = ?3,
                       planned_digest = CASE WHEN planned_digest IS digest THEN ?2 ELSE planned_digest END WHERE uri = ?1";
        self.connection.execute(sql, params![uri.to_string(), digest.0, mms]).doing("keep a resource").map(|_| ())
    }

    /// Resources of a repository that could not be read when they were asked for.
    pub fn unread(&self, repository: u64) -> Result<Vec<ResourceUri>, Error> {
        let doing = "look for resources that could not be read";
        let mut statement =
            self.connection.prepare_cached("SELECT uri FROM unread WHERE repository = ?1").doing(doing)?;
        let rows = statement.query_map([repository as i64], |row| row.get::<_, String>(0)).doing(doing)?;
        rows.map(|row| row.doing(doing).and_then(|uri| named(&uri))).collect()
    }

    /// Notes that a resource could not be read: it is asked for again until it can.
    pub fn note_unread(&self, uri: &ResourceUri, why: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "INSERT INTO unread (uri, repository, why, at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT (uri) DO UPDATE SET why = ?3";
        let row = params![uri.to_string(), uri.repository() as i64, why, now.millis()];
        self.connection.execute(sql, row).doing("note that a resource could not be read").map(|_| ())
    }

    /// They could be read after all, or are not shown any more.
    pub fn forget_unread<'u>(&mut self, uris: impl Iterator<Item = &'u ResourceUri>) -> Result<(), Error> {
        self.transaction(|transaction, _| {
            let doing = "forget that a resource could not be read";
            let mut forget = transaction.prepare_cached("DELETE FROM unread WHERE uri = ?1").doing(doing)?;
            for uri in uris {
                forget.execute([uri.to_string()]).doing(doing)?;
            }
            Ok(())
        })
    }

    /// Our own write-back has changed a resource: what is kept says the same, and nothing has to be planned for it.
    pub fn keep_written_back(&mut self, uri: &ResourceUri, json: &str, mms: &str) -> Result<(), Error> {
        let json = self.codec.pack(json.as_bytes());
        let sql = "UPDATE resources SET json = ?2, mms = ?3 WHERE uri = ?1";
        let done = self.connection.execute(sql, params![uri.to_string(), json, mms]);
        done.doing("keep a resource").map(|_| ())
    }

    pub fn keep_marc(&mut self, uri: &ResourceUri, digest: &Fixity, marc: &str) -> Result<(), Error> {
        let marc = self.codec.pack(marc.as_bytes());
        let sql = "UPDATE resources SET marc = ?3 WHERE uri = ?1 AND digest = ?2";
        self.connection.execute(sql, params![uri.to_string(), digest.0, marc]).doing("keep a MARC record").map(|_| ())
    }

    /// Resources whose MARC is still to be fetched, each with the digest for which it will count; not those of which it was found by
    /// the same rules that it is not wanted.
    pub fn without_marc(&self, rules: &Fixity) -> Result<Vec<(ResourceUri, Fixity)>, Error> {
        let doing = "look for resources without MARC";
        let sql = "SELECT uri, digest FROM resources WHERE marc IS NULL AND gone IS NULL
                       AND NOT (outcome = 'skipped' AND planned_digest IS digest AND planned_rules IS ?1) ORDER BY repository, uri";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([rules.0], |row| Ok((row.get::<_, String>(0)?, Fixity(row.get(1)?))));
        let rows = rows.doing(doing)?;
        rows.map(|row| row.doing(doing).and_then(|(uri, digest)| Ok((named(&uri)?, digest)))).collect()
    }

    /// Until when a repository was asked, in ArchivesSpace's time, and when all its identifiers were compared last.
    pub fn gathered(&self, repository: u64) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        let sql = "SELECT since, compared FROM gathered WHERE repository = ?1";
        let found = self.connection.query_row(sql, [repository as i64], |row| {
            Ok((Some(time(row.get(0)?)), row.get::<_, Option<i64>>(1)?.map(time)))
        });
        Ok(found.optional().doing("read how far a repository was asked")?.unwrap_or((None, None)))
    }

    pub fn set_gathered(&self, repository: u64, since: Timestamp, compared: Option<Timestamp>) -> Result<(), Error> {
        let sql = "INSERT INTO gathered (repository, since, compared) VALUES (?1, ?2, ?3) ON CONFLICT (repository)
                   DO UPDATE SET since = excluded.since, compared = coalesce(excluded.compared, compared)";
        let row = params![repository as i64, since.millis(), compared.map(|at| at.millis())];
        self.connection.execute(sql, row).doing("note how far a repository was asked").map(|_| ())
    }

    /// Notes which resources of a repository ArchivesSpace does not show any more; answers with them, and with those that it shows
    /// again, or that were never kept: what they say now has to be asked, for nothing says that they were saved meanwhile.
    pub fn compare_resources(
        &mut self,
        repository: u64,
        shown: &HashSet<ResourceUri>,
        now: Timestamp,
    ) -> Result<(Vec<ResourceUri>, Vec<ResourceUri>), Error> {
        let doing = "compare resources";
        self.transaction(|transaction, _| {
            let sql = "SELECT uri, gone IS NOT NULL FROM resources WHERE repository = ?1";
            let mut known = transaction.prepare_cached(sql).doing(doing)?;
            let rows = known.query_map([repository as i64], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
            let rows: Vec<(String, bool)> = rows.collect::<Result<_, _>>().doing(doing)?;
            let (mut gone, mut back) = (Vec::new(), Vec::new());
            let mut never_kept = shown.clone();
            for (uri, was_gone) in rows {
                let uri = named(&uri)?;
                never_kept.remove(&uri);
                if was_gone && shown.contains(&uri) {
                    back.push(uri);
                } else if !was_gone && !shown.contains(&uri) {
                    let sql = "UPDATE resources SET gone = ?2 WHERE uri = ?1";
                    transaction.execute(sql, params![uri.to_string(), now.millis()]).doing(doing)?;
                    gone.push(uri);
                }
            }
            back.extend(never_kept);
            back.sort_unstable();
            Ok((gone, back))
        })
    }

    /// Resources that have to be planned: what they are made from has changed, or what came of them is not final.
    pub fn due(&self, rules: &Fixity, all: bool) -> Result<Vec<ResourceUri>, Error> {
        let doing = "look for resources to plan";
        let sql = "SELECT uri FROM resources WHERE gone IS NULL AND marc IS NOT NULL AND (?2 OR planned IS NULL
                       OR planned_digest IS NOT digest OR planned_mms IS NOT mms OR planned_rules IS NOT ?1
                       OR outcome IN ('held', 'failed', 'waiting'))
                   ORDER BY repository, CAST(replace(uri, '/repositories/' || repository || '/resources/', '') AS INTEGER)";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map(params![rules.0, all], |row| row.get::<_, String>(0)).doing(doing)?;
        rows.map(|row| row.doing(doing).and_then(|uri| named(&uri))).collect()
    }

    /// Notes what became of a resource; the next run plans it only if something of `from` has changed by then.
    pub fn note_outcome(
        &self,
        uri: &ResourceUri,
        from: MadeFrom<'_>,
        outcome: (&str, &str, &str),
        now: Timestamp,
    ) -> Result<(), Error> {
        self.note_how(uri, (from, true), outcome, now)
    }

    /// As `note_outcome`, of a resource of which something has no end yet: the next run plans it again, whatever has changed.
    pub fn note_open_outcome(
        &self,
        uri: &ResourceUri,
        from: MadeFrom<'_>,
        outcome: (&str, &str, &str),
        now: Timestamp,
    ) -> Result<(), Error> {
        self.note_how(uri, (from, false), outcome, now)
    }

    fn note_how(
        &self,
        uri: &ResourceUri,
        (from, is_final): (MadeFrom<'_>, bool),
        (outcome, code, detail): (&str, &str, &str),
        now: Timestamp,
    ) -> Result<(), Error> {
        let sql = "UPDATE resources SET planned = ?2, planned_digest = ?3, planned_mms = ?4, planned_rules = ?5, outcome = ?6,
                       code = ?7, detail = ?8 WHERE uri = ?1";
        let uri = uri.to_string();
        let rules = is_final.then_some(from.rules.0);
        let row = params![uri, now.millis(), from.digest.0, from.mms, rules, outcome, code, detail];
        self.connection.execute(sql, row).doing("note what became of a resource").map(|_| ())
    }

    /// Lets a resource be planned by the next run, whatever it was planned from.
    pub fn plan_again(&self, uri: &ResourceUri) -> Result<(), Error> {
        let sql = "UPDATE resources SET planned_rules = NULL WHERE uri = ?1";
        self.connection.execute(sql, [uri.to_string()]).doing("let a resource be planned again").map(|_| ())
    }

    pub fn resource(&mut self, uri: &ResourceUri) -> Result<Option<StoredResource>, Error> {
        let doing = "read a resource";
        let sql = "SELECT digest, json, marc, gone, planned, outcome, code, detail,
                       planned_digest IS digest FROM resources WHERE uri = ?1";
        let found = self.connection.prepare_cached(sql).doing(doing)?.query_row([uri.to_string()], |row| {
            let texts: (Vec<u8>, Option<Vec<u8>>) = (row.get(1)?, row.get(2)?);
            Ok((Fixity(row.get(0)?), texts, row.get::<_, Option<i64>>(3)?, (planned(row, 4)?, row.get(8)?)))
        });
        let Some((digest, (json, marc), gone, (planned, planned_from_this))) = found.optional().doing(doing)? else {
            return Ok(None);
        };
        let json = self.codec.unpack_text(&json)?;
        let marc = marc.map(|marc| self.codec.unpack_text(&marc)).transpose()?;
        Ok(Some(StoredResource { uri: *uri, digest, json, marc, gone: gone.map(time), planned, planned_from_this }))
    }

    /// Whether a resource was ever kept.
    pub fn has_resource(&self, uri: &ResourceUri) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM resources WHERE uri = ?1";
        let found = self.connection.query_row(sql, [uri.to_string()], |_| Ok(())).optional();
        found.doing("look for a resource").map(|found| found.is_some())
    }

    /// What the last plan of a resource came to.
    pub fn planned(&self, uri: &ResourceUri) -> Result<Option<Planned>, Error> {
        let sql = "SELECT planned, outcome, code, detail FROM resources WHERE uri = ?1";
        let found = self.connection.query_row(sql, [uri.to_string()], |row| planned(row, 0)).optional();
        Ok(found.doing("read what became of a resource")?.flatten())
    }

    /// Other resources that have this MMS ID in their field, or are linked with that bib.
    pub fn others_with_mms(&self, uri: &ResourceUri, mms: &str) -> Result<Vec<String>, Error> {
        let doing = "look who else has an MMS ID";
        let sql = "SELECT uri FROM resources WHERE mms = ?2 AND mms <> '' AND uri <> ?1 AND gone IS NULL
                   UNION SELECT links.uri FROM links JOIN resources ON resources.uri = links.uri
                       WHERE links.mms = ?2 AND links.uri <> ?1 AND gone IS NULL ORDER BY 1";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map(params![uri.to_string(), mms], |row| row.get(0)).doing(doing)?;
        rows.collect::<Result<_, _>>().doing(doing)
    }

    /// The resources that have a bib: that is linked, or that their field names.
    pub fn described(&self) -> Result<BTreeSet<ResourceUri>, Error> {
        let doing = "count resources that have a bib";
        let sql = "SELECT uri FROM resources
                   WHERE gone IS NULL AND (mms <> '' OR EXISTS (SELECT 1 FROM links WHERE links.uri = resources.uri)
                       OR EXISTS (SELECT 1 FROM intents WHERE subject = resources.uri AND kind = 'write-file' AND state = 'done'))";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).doing(doing)?;
        rows.map(|uri| named(&uri.doing(doing)?)).collect()
    }

    /// How many resources ended how: outcome, code, number.
    pub fn resource_counts(&self) -> Result<BTreeMap<(String, String), u64>, Error> {
        let doing = "count resources";
        let sql =
            "SELECT CASE WHEN gone IS NULL THEN outcome ELSE 'gone' END, CASE WHEN gone IS NULL THEN code ELSE '' END,
                       count(*) FROM resources GROUP BY 1, 2";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? as u64)));
        rows.and_then(Iterator::collect).doing(doing)
    }

    /// Resources by what became of them, `gone` among it; all of them without.
    pub fn resource_lines(&self, outcome: Option<&str>, limit: usize) -> Result<Vec<ResourceLine>, Error> {
        let doing = "list resources";
        let sql = "SELECT uri, title, coalesce((SELECT links.mms FROM links WHERE links.uri = resources.uri), mms),
                       planned, CASE WHEN gone IS NULL THEN outcome ELSE 'gone' END, code, detail FROM resources
                   WHERE ?1 IS NULL OR (?1 = 'gone' AND gone IS NOT NULL) OR (outcome = ?1 AND gone IS NULL)
                   ORDER BY repository, uri LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![outcome, limit as i64]).doing(doing)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let uri: String = row.get(0).doing(doing)?;
            let (title, mms) = (row.get(1).doing(doing)?, row.get(2).doing(doing)?);
            lines.push(ResourceLine { uri: named(&uri)?, title, mms, planned: planned(row, 3).doing(doing)? });
        }
        Ok(lines)
    }
}

pub(super) fn named(uri: &str) -> Result<ResourceUri, Error> {
    ResourceUri::parse(uri).map_err(|_| Error::Damaged { what: format!("`{uri}` as a resource") })
}

pub(super) fn planned(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<Planned>> {
    let Some(instant) = row.get::<_, Option<i64>>(at)? else { return Ok(None) };
    Ok(Some(Planned { at: time(instant), outcome: row.get(at + 1)?, code: row.get(at + 2)?, detail: row.get(at + 3)? }))
}
