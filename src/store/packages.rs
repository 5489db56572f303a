//! Packages: what we put into the folder and what became of it.

pub(super) mod rows;

pub use rows::PackageRow;

use super::journal::{Entry, Journal, Known, Origin};
use super::{Doing, Error, Store};
use crate::model::dc::ContentDigest;
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::model::id::IePid;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use rusqlite::{CachedStatement, OptionalExtension, Row, Transaction, params};

/// An outcome that may be staged.
pub struct Candidate {
    pub record: i64,
    pub ie: IePid,
    pub digest: ContentDigest,
    /// The new dc:record.
    pub content: String,
    /// The same of Alma alone, as it lies in the store, where merging made something else of it.
    pub alma: Option<Vec<u8>>,
    /// What Rosetta held when it was decided.
    pub shown: Option<ContentDigest>,
    /// Names of the fields that would change, separated by blanks.
    pub fields: String,
    /// The package whose before-image this brings back.
    pub restores: Option<i64>,
    pub alma_identifier: String,
    pub alma_datestamp: String,
}

/// A package about to be written down, before anything is done.
pub struct NewPackage<'a> {
    pub candidate: &'a Candidate,
    pub name: String,
    pub bytes: String,
    pub file_digest: [u8; 32],
    /// Of the new record.
    pub title: String,
}

/// A package that occupies its IE: planned, staged or lost.
#[derive(Debug, Clone)]
pub struct OpenPackage {
    pub id: i64,
    pub ie: IePid,
    pub name: String,
    pub state: PackageState,
    pub file_digest: [u8; 32],
    pub content: ContentDigest,
    pub planned: Timestamp,
}

impl Store {
    /// Outcomes to stage now, in the order of their records, skipping IEs that have a package in flight.
    ///
    /// Ways back come first, and what Alma says of their IEs waits for them. `asked_in` is the run in which Rosetta's web
    /// services must have told what they hold of the IE, where the profile wants them asked.
    pub fn candidates(&mut self, limit: usize, asked_in: Option<i64>) -> Result<Vec<Candidate>, Error> {
        let back = self.restorations_to_stage(limit, asked_in)?;
        if !back.is_empty() {
            return Ok(back);
        }
        let sql = "SELECT outcomes.record, outcomes.ie, outcomes.digest, outcomes.content, records.identifier, records.datestamp,
                       outcomes.alma, outcomes.shown, coalesce(outcomes.fields, '')
                   FROM outcomes JOIN records ON records.id = outcomes.record
                   WHERE outcomes.kind = 'package' AND outcomes.code = '' AND NOT EXISTS (SELECT 1 FROM packages
                       WHERE packages.ie = outcomes.ie AND (state = 'planned' OR state = 'staged' OR state = 'lost'))
                       AND NOT EXISTS (SELECT 1 FROM restorations
                           WHERE restorations.ie = outcomes.ie AND (state = 'package' OR state = 'held'))
                       AND (?2 IS NULL OR EXISTS (SELECT 1 FROM stored_records AS asked
                           WHERE asked.ie = outcomes.ie AND asked.run = ?2))
                   ORDER BY outcomes.record, outcomes.ie LIMIT ?1";
        let mut statement = self.connection.prepare_cached(sql).doing("read what to stage")?;
        let mut rows = statement.query(params![limit as i64, asked_in]).doing("read what to stage")?;
        let mut candidates = Vec::new();
        while let Some(row) = rows.next().doing("read what to stage")? {
            candidates.push(candidate(row, &mut self.codec)?);
        }
        Ok(candidates)
    }

    /// The intent: rows in state planned, durable before anything is written to the folder. Answers what `mark_staged`
    /// has to know of them.
    pub fn plan(
        &mut self,
        packages: &[NewPackage<'_>],
        rosetta: i64,
        repository: &str,
        run: i64,
        stylesheet: &str,
        now: Timestamp,
    ) -> Result<Vec<Known>, Error> {
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, codec| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            let sql = "INSERT INTO packages (ie, name, state, run, record, alma_identifier, alma_datestamp, stylesheet,
                           content, file_digest, bytes, planned, before_image, alma, shown, restores, title, fields)
                       VALUES (?1, ?2, 'planned', ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11,
                           coalesce(?12, (SELECT metadata FROM records WHERE id = ?13)), ?14, ?15, ?16, ?17, ?18)";
            let mut statement = transaction.prepare_cached(sql).doing("plan a package")?;
            let mut before = Before::prepare(transaction)?;
            let mut words = super::sent::Words::prepare(transaction)?;
            let mut planned = Vec::with_capacity(packages.len());
            for package in packages {
                let candidate = package.candidate;
                let shown_as = format!("oai:{repository}:{}", candidate.ie);
                let image = before.of(codec, &candidate.ie, rosetta, &shown_as)?;
                let values = params![
                    candidate.ie.as_str(),
                    package.name,
                    run,
                    candidate.record,
                    candidate.alma_identifier,
                    candidate.alma_datestamp,
                    stylesheet,
                    candidate.digest.0,
                    package.file_digest,
                    codec.pack(package.bytes.as_bytes()),
                    now.millis(),
                    image.stored,
                    image.record,
                    candidate.alma,
                    candidate.shown.map(|shown| shown.0),
                    candidate.restores,
                    package.title,
                    candidate.fields,
                ];
                let id = statement.insert(values).doing("plan a package")?;
                words.put(id, package)?;
                if let Some(restores) = candidate.restores {
                    let sql = "UPDATE restorations SET state = 'staged' WHERE package = ?1 AND state = 'package'";
                    transaction.prepare_cached(sql).and_then(|mut s| s.execute([restores])).doing("plan a package")?;
                }
                let (alma_identifier, alma_datestamp) = (&candidate.alma_identifier, &candidate.alma_datestamp);
                let origin = Origin { alma_identifier, alma_datestamp, stylesheet };
                let after = Fixity(package.file_digest);
                let known = Known::planned(id, &candidate.ie, origin, image.fixity, after);
                journal.append(&Entry { detail: &package.name, ..known.entry(Event::Planned) })?;
                planned.push(known);
            }
            Ok(planned)
        })
    }

    /// The record after the act: the files lie in the folder.
    pub fn mark_staged(&mut self, planned: &[Known], now: Timestamp) -> Result<(), Error> {
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            let sql = "UPDATE packages SET state = 'staged', staged = ?2 WHERE id = ?1 AND state = 'planned'";
            let mut statement = transaction.prepare_cached(sql).doing("note staged packages")?;
            for known in planned {
                if statement.execute(params![known.package, now.millis()]).doing("note staged packages")? == 1 {
                    journal.changed(known, PackageState::Staged, "")?;
                }
            }
            Ok(())
        })
    }

    pub fn open_packages(&self) -> Result<Vec<OpenPackage>, Error> {
        let sql = "SELECT id, ie, name, state, file_digest, planned, content FROM packages
                   WHERE (state = 'planned' OR state = 'staged' OR state = 'lost') ORDER BY id";
        let mut statement = self.connection.prepare_cached(sql).doing("read open packages")?;
        let mut rows = statement.query([]).doing("read open packages")?;
        let mut packages = Vec::new();
        while let Some(row) = rows.next().doing("read open packages")? {
            packages.push(open_package(row)?);
        }
        Ok(packages)
    }

    /// The name of the latest package.
    pub fn latest_name(&self) -> Result<Option<String>, Error> {
        let sql = "SELECT name FROM packages ORDER BY id DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql).doing("look for a name")?;
        statement.query_row([], |row| row.get(0)).optional().doing("look for a name")
    }

    /// Whether a file name is one that we gave.
    pub fn knows_name(&self, name: &str) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM packages WHERE name = ?1)";
        let mut statement = self.connection.prepare_cached(sql).doing("look for a name")?;
        statement.query_row([name], |row| row.get(0)).doing("look for a name")
    }

    /// Whether a file is one that we made, byte for byte.
    pub fn knows_file(&self, name: &str, digest: &[u8; 32]) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM packages WHERE name = ?1 AND file_digest = ?2)";
        let mut statement = self.connection.prepare_cached(sql).doing("look for a file")?;
        statement.query_row(params![name, digest], |row| row.get(0)).doing("look for a file")
    }

    /// What settling found. An IE whose package changed its state has its outcome decided anew.
    pub fn settle(&mut self, found: &[(i64, PackageState, String)], now: Timestamp) -> Result<(), Error> {
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            let update = "UPDATE packages SET state = ?2, reason = ?3,
                              staged = CASE WHEN ?2 = 'withdrawn' THEN staged ELSE coalesce(staged, planned) END,
                              settled = CASE WHEN ?2 IN ('done', 'error', 'withdrawn') THEN ?4 END
                          WHERE id = ?1";
            let spread = "INSERT INTO stale (feed, record, local)
                          SELECT records.feed, claims.record, '' FROM packages
                          JOIN claims ON claims.ie = packages.ie JOIN records ON records.id = claims.record
                          WHERE packages.id = ?1 ON CONFLICT DO NOTHING";
            let mut update = transaction.prepare_cached(update).doing("settle a package")?;
            let mut spread = transaction.prepare_cached(spread).doing("settle a package")?;
            for (id, state, reason) in found {
                journal.changed(&journal.known(*id)?, *state, reason)?;
                update.execute(params![id, state.as_str(), reason, now.millis()]).doing("settle a package")?;
                spread.execute([id]).doing("settle a package")?;
                // What Rosetta's web services said before is no answer any more.
                let forget = "DELETE FROM stored_records WHERE ie = (SELECT ie FROM packages WHERE id = ?1)";
                transaction.prepare_cached(forget).and_then(|mut s| s.execute([id])).doing("settle a package")?;
                if *state == PackageState::Withdrawn {
                    let back = "UPDATE restorations SET state = 'package' WHERE state = 'staged'
                                AND package = (SELECT restores FROM packages WHERE id = ?1)";
                    transaction.prepare_cached(back).and_then(|mut s| s.execute([id])).doing("settle a package")?;
                }
            }
            Ok(())
        })
    }

    pub fn count_packages(&self, state: PackageState) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM packages WHERE state = ?1";
        self.connection
            .query_row(sql, [state.as_str()], |row| row.get::<_, i64>(0))
            .map(|n| n as u64)
            .doing("count packages")
    }

    /// Errors that still wait for a person: no later package of the same IE was done or is on its way, and Rosetta does
    /// not show the description by now.
    pub fn count_standing_errors(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM packages AS failed WHERE state = 'error' AND NOT EXISTS (SELECT 1 FROM packages AS later
                   WHERE later.ie = failed.ie AND later.id > failed.id AND later.state <> 'withdrawn')
                   AND NOT EXISTS (SELECT 1 FROM outcomes WHERE outcomes.ie = failed.ie AND outcomes.kind = 'unchanged')";
        self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("count errors")
    }

    /// Packages staged before an instant and not settled.
    pub fn count_late(&self, before: Timestamp) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM packages INDEXED BY packages_in_folder WHERE state = 'staged' AND staged < ?1";
        self.connection
            .query_row(sql, [before.millis()], |row| row.get::<_, i64>(0))
            .map(|n| n as u64)
            .doing("count late packages")
    }

    /// Outcomes that are packages but not in flight with this content: they wait for room or for their IE.
    pub fn count_waiting(&self) -> Result<u64, Error> {
        // From the side of what is in flight, which is few: a million outcomes may wait. Left to itself, SQLite begins with them.
        let sql = "SELECT (SELECT count(*) FROM outcomes WHERE kind = 'package') - (SELECT count(*) FROM packages
                   CROSS JOIN outcomes ON outcomes.ie = packages.ie AND outcomes.ie <> '' AND outcomes.kind = 'package'
                       AND outcomes.digest = packages.content
                   WHERE packages.state = 'planned' OR packages.state = 'staged')";
        self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("count waiting packages")
    }

    /// The file of a package and the before-image of its IE.
    pub fn package_texts(&mut self, id: i64) -> Result<(String, Option<String>), Error> {
        let sql = "SELECT bytes, before_image FROM packages WHERE id = ?1";
        let (bytes, before): (Vec<u8>, Option<Vec<u8>>) =
            self.connection.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?))).doing("read a package")?;
        let before = before.map(|before| self.codec.unpack_text(&before)).transpose()?;
        Ok((self.codec.unpack_text(&bytes)?, before))
    }
}

/// What Rosetta holds of an IE before a package: what its web services said in this run, or else what its feed shows.
struct Before<'t> {
    stored: CachedStatement<'t>,
    shown: CachedStatement<'t>,
}

/// The before-image of one IE, and the SHA-256 of its text.
struct Image {
    /// Compressed, from the web services.
    stored: Option<Vec<u8>>,
    /// The record of the feed.
    record: Option<i64>,
    fixity: Option<Fixity>,
}

impl<'t> Before<'t> {
    fn prepare(transaction: &'t Transaction<'t>) -> Result<Self, Error> {
        let prepare = |sql| transaction.prepare_cached(sql).doing("look at Rosetta's record");
        Ok(Before {
            stored: prepare("SELECT content FROM stored_records WHERE ie = ?1 AND content IS NOT NULL")?,
            shown: prepare("SELECT id, digest FROM records WHERE feed = ?1 AND identifier = ?2 AND body = 0")?,
        })
    }

    fn of(
        &mut self,
        codec: &mut super::compress::Codec,
        ie: &IePid,
        feed: i64,
        identifier: &str,
    ) -> Result<Image, Error> {
        let doing = "look at Rosetta's record";
        let stored: Option<Vec<u8>> = self.stored.query_row([ie.as_str()], |row| row.get(0)).optional().doing(doing)?;
        if let Some(stored) = stored {
            let fixity = Some(Fixity::of(codec.unpack_text(&stored)?.as_bytes()));
            return Ok(Image { stored: Some(stored), record: None, fixity });
        }
        let shown = self.shown.query_row(params![feed, identifier], |row| Ok((row.get(0)?, Fixity(row.get(1)?))));
        let (record, fixity) = shown.optional().doing(doing)?.unzip();
        Ok(Image { stored: None, record, fixity })
    }
}

fn open_package(row: &Row<'_>) -> Result<OpenPackage, Error> {
    let doing = "read open packages";
    let ie: String = row.get(1).doing(doing)?;
    let state: String = row.get(3).doing(doing)?;
    Ok(OpenPackage {
        id: row.get(0).doing(doing)?,
        ie: IePid::parse(&ie).map_err(|_| Error::Damaged { what: format!("a package for `{ie}`") })?,
        name: row.get(2).doing(doing)?,
        state: PackageState::parse(&state).ok_or_else(|| Error::Damaged { what: format!("the state `{state}`") })?,
        file_digest: row.get(4).doing(doing)?,
        planned: super::time(row.get(5).doing(doing)?),
        content: ContentDigest(row.get(6).doing(doing)?),
    })
}

pub(super) fn candidate(row: &Row<'_>, codec: &mut super::compress::Codec) -> Result<Candidate, Error> {
    let doing = "read what to stage";
    let ie: String = row.get(1).doing(doing)?;
    let content: Vec<u8> = row.get(3).doing(doing)?;
    Ok(Candidate {
        record: row.get(0).doing(doing)?,
        ie: IePid::parse(&ie).map_err(|_| Error::Damaged { what: format!("an outcome for `{ie}`") })?,
        digest: ContentDigest(row.get(2).doing(doing)?),
        content: codec.unpack_text(&content)?,
        alma: row.get(6).doing(doing)?,
        shown: row.get::<_, Option<[u8; 32]>>(7).doing(doing)?.map(ContentDigest),
        fields: row.get(8).doing(doing)?,
        restores: None,
        alma_identifier: row.get(4).doing(doing)?,
        alma_datestamp: row.get(5).doing(doing)?,
    })
}
