//! What `link` made of each IE that no Alma record names, and which IEs those are.

use super::coverage::Wanted;
use super::feeds::FeedId;
use super::link_intents::LinkIntent;
use super::{Doing, Error, Store, time};
use crate::model::fixity::Fixity;
use crate::model::id::IePid;
use crate::model::intent::IntentState;
use crate::model::link_kind::LinkKind;
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, Row, params};
use std::collections::{BTreeMap, HashSet};

/// What an IE comes to, as the last run found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IeLink {
    pub ie: IePid,
    pub mms: String,
    pub representation: String,
    /// `own-035`, `identifier`, `created`, or nothing.
    pub how: String,
    pub title: String,
    pub at: Timestamp,
    pub outcome: String,
    pub why: (String, String),
}

impl IeLink {
    /// Whether a representation was made, or found, that points at the IE.
    pub fn is_linked(&self) -> bool {
        !self.representation.is_empty()
    }
}

/// From what an IE was planned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedFrom {
    /// Of what Rosetta shows of it.
    pub digest: Fixity,
    pub rules: Fixity,
}

/// The IEs that can be linked, and those that are left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unlinked {
    /// IEs that Rosetta shows and no Alma record names, each with its sets.
    pub ies: Vec<(String, String)>,
    /// IEs that only a suppressed or vanished record names: there is a bib already.
    pub named_by_hidden: u64,
}

impl Store {
    /// IEs without an Alma record, in the order of their numbers. One that any record names is left alone, be the record
    /// suppressed or gone: a second bib would be the wrong answer to a hidden one.
    pub fn unlinked_ies(&self, rosetta: FeedId, alma: FeedId) -> Result<Unlinked, Error> {
        let doing = "look for IEs without a bib";
        let bare = self.survey(rosetta, alma)?.without_alma(Wanted { set: None, limit: usize::MAX });
        let mut statement = self.connection.prepare_cached("SELECT DISTINCT ie FROM claims").doing(doing)?;
        let claimed =
            statement.query_map([], |row| row.get(0)).and_then(Iterator::collect::<Result<HashSet<String>, _>>);
        let claimed = claimed.doing(doing)?;
        let of_suppressed = self.named_by_suppressed()?;
        let all = bare.len() as u64;
        let is_free = |(ie, _): &(String, String)| !claimed.contains(ie) && !of_suppressed.contains(ie);
        let ies: Vec<(String, String)> = bare.into_iter().filter(is_free).collect();
        Ok(Unlinked { named_by_hidden: all - ies.len() as u64, ies })
    }

    fn named_by_suppressed(&self) -> Result<HashSet<String>, Error> {
        let sql = "SELECT DISTINCT former_claims.ie FROM former_claims
                   JOIN outcomes ON outcomes.record = former_claims.record WHERE outcomes.code IN ('suppressed', 'gone')
                   UNION SELECT DISTINCT ie FROM outcomes WHERE code IN ('suppressed', 'gone') AND ie <> ''";
        let doing = "look for IEs of suppressed bibs";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([], |row| row.get(0));
        rows.and_then(Iterator::collect).doing(doing)
    }

    /// OAI identifiers of Alma records that were deleted and named this IE.
    pub fn former_bibs_of(&self, ie: &IePid) -> Result<Vec<String>, Error> {
        let sql = "SELECT records.identifier FROM former_claims JOIN records ON records.id = former_claims.record
                   WHERE former_claims.ie = ?1 ORDER BY records.id";
        let doing = "look for deleted bibs";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([ie.as_str()], |row| row.get(0));
        rows.and_then(Iterator::collect).doing(doing)
    }

    pub fn ie_link(&self, ie: &IePid) -> Result<Option<IeLink>, Error> {
        let sql =
            "SELECT ie, mms, representation, how, title, planned, outcome, code, detail FROM ie_links WHERE ie = ?1";
        let row = self.connection.prepare_cached(sql).doing("read a link")?.query_row([ie.as_str()], line).optional();
        row.doing("read a link")?.map(named).transpose()
    }

    /// Whether nothing new follows from planning an IE again: it was planned from the same, and that is not to be tried again.
    /// What Alma refused would be refused again, with a bib made and deleted each night for it.
    /// What was held because of a quarantine is, as soon as that is empty; what was done is, when a bib that named the IE was deleted
    /// since in Alma, or names it no more.
    pub fn is_planned_from(&self, ie: &IePid, from: PlannedFrom, quarantined: u64) -> Result<bool, Error> {
        let sql = "SELECT 1 FROM ie_links WHERE ie = ?1 AND planned_digest = ?2 AND planned_rules = ?3
                       AND outcome <> 'waiting' AND (outcome <> 'failed' OR code = 'refused')
                       AND (?4 OR outcome <> 'held' OR instr(code, 'quarantine') = 0)
                       AND (outcome <> 'done' OR code <> 'named')
                       AND (outcome <> 'done' OR NOT EXISTS
                           (SELECT 1 FROM former_claims JOIN records ON records.id = former_claims.record
                            WHERE former_claims.ie = ie_links.ie AND records.changed > ie_links.planned))";
        let values = params![ie.as_str(), from.digest.0, from.rules.0, quarantined > 0];
        let found = self.connection.prepare_cached(sql).doing("read a link")?.query_row(values, |_| Ok(())).optional();
        Ok(found.doing("read a link")?.is_some())
    }

    /// Whether it was taken back, and Rosetta says the same since.
    pub fn link_rests(&self, ie: &IePid, digest: &Fixity) -> Result<Option<String>, Error> {
        let sql = "SELECT detail FROM ie_links WHERE ie = ?1 AND planned_digest = ?2 AND outcome = 'skipped' AND code = 'undone'";
        let found = self.connection.query_row(sql, params![ie.as_str(), digest.0], |row| row.get(0)).optional();
        found.doing("read a link")
    }

    pub fn note_link(&self, link: &IeLink, from: PlannedFrom) -> Result<(), Error> {
        let sql = "INSERT INTO ie_links (ie, mms, representation, how, title, planned, planned_digest, planned_rules, outcome,
                       code, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
                   ON CONFLICT (ie) DO UPDATE SET mms = excluded.mms, representation = excluded.representation,
                       how = excluded.how, title = excluded.title, planned = excluded.planned,
                       planned_digest = excluded.planned_digest, planned_rules = excluded.planned_rules,
                       outcome = excluded.outcome, code = excluded.code, detail = excluded.detail";
        let row = params![
            link.ie.as_str(),
            link.mms,
            link.representation,
            link.how,
            link.title,
            link.at.millis(),
            from.digest.0,
            from.rules.0,
            link.outcome,
            link.why.0,
            link.why.1
        ];
        self.connection.prepare_cached(sql).doing("note a link")?.execute(row).doing("note a link").map(|_| ())
    }

    /// What was taken back rests as long as Rosetta says the same.
    pub fn note_link_undone(&self, ie: &IePid, words: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE ie_links SET mms = '', representation = '', how = '', planned = ?2, outcome = 'skipped',
                       code = 'undone', detail = ?3 WHERE ie = ?1";
        self.connection.execute(sql, params![ie.as_str(), now.millis(), words]).doing("note a link").map(|_| ())
    }

    pub fn plan_link_again(&self, ie: &IePid) -> Result<(), Error> {
        let sql = "UPDATE ie_links SET planned_rules = NULL WHERE ie = ?1";
        self.connection.execute(sql, [ie.as_str()]).doing("let an IE be planned again").map(|_| ())
    }

    /// IEs that wait for a person, or for another try.
    pub fn links_that_wait(&self) -> Result<Vec<IePid>, Error> {
        let mut waiting = Vec::new();
        for outcome in ["held", "failed", "waiting"] {
            waiting.extend(self.ie_links(Some(outcome), usize::MAX >> 1)?.into_iter().map(|link| link.ie));
        }
        Ok(waiting)
    }

    /// Notes of which links Alma's feed tells by now: should it stop doing so, they are looked at again.
    pub fn note_links_seen(&self) -> Result<(), Error> {
        let sql = "UPDATE ie_links SET code = 'named' WHERE outcome = 'done' AND code <> 'named'
                       AND EXISTS (SELECT 1 FROM claims WHERE claims.ie = ie_links.ie)";
        self.connection.execute(sql, []).doing("note what Alma's feed tells").map(|_| ())
    }

    /// Nothing is to be done for an IE any more, for this reason: nothing is held for it. That it was linked once stays known.
    pub fn settle_link(&mut self, ie: &IePid, (code, words): (&str, &str), now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE ie_links SET outcome = 'skipped', code = ?2, detail = ?3, planned = ?4, planned_rules = NULL WHERE ie = ?1";
        let row = params![ie.as_str(), code, words, now.millis()];
        self.connection.execute(sql, row).doing("note a link")?;
        self.release_held_link(ie)
    }

    /// Outcome and code → number.
    pub fn ie_link_counts(&self) -> Result<BTreeMap<(String, String), u64>, Error> {
        let sql = "SELECT outcome, code, count(*) FROM ie_links GROUP BY outcome, code";
        let mut statement = self.connection.prepare_cached(sql).doing("count links")?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? as u64)));
        rows.and_then(Iterator::collect).doing("count links")
    }

    /// IEs that are done and that an Alma record names by now: for them the round trip has begun.
    pub fn links_seen(&self) -> Result<u64, Error> {
        let sql = "SELECT count(*) FROM ie_links
                   WHERE outcome = 'done' AND EXISTS (SELECT 1 FROM claims WHERE claims.ie = ie_links.ie)";
        let count = self.connection.query_row(sql, [], |row| row.get::<_, i64>(0)).doing("count links")?;
        Ok(count as u64)
    }

    /// IEs by what became of them, in the order of their numbers.
    pub fn ie_links(&self, outcome: Option<&str>, limit: usize) -> Result<Vec<IeLink>, Error> {
        let sql = "SELECT ie, mms, representation, how, title, planned, outcome, code, detail FROM ie_links
                   WHERE ?1 IS NULL OR outcome = ?1 ORDER BY length(ie), ie LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing("list links")?;
        let rows = statement.query_map(params![outcome, limit as i64], line);
        let rows = rows.and_then(Iterator::collect::<Result<Vec<_>, _>>).doing("list links")?;
        rows.into_iter().map(named).collect()
    }

    /// Whether a representation was ever made that points at an IE, be it taken back or away since.
    pub fn was_pointed_at(&self, ie: &IePid) -> Result<bool, Error> {
        let all = self.link_intents_of(ie)?;
        Ok(all.iter().any(|it| it.about.kind == LinkKind::CreateRepresentation && !it.about.representation.is_empty()))
    }

    /// Whether Alma has said no to the representation of an IE that was sent last, and not only nothing.
    pub fn was_refused(&self, ie: &IePid) -> Result<bool, Error> {
        let sent = self.link_intents_of(ie)?.into_iter().rev();
        let last = sent.into_iter().find(|it| it.about.kind == LinkKind::CreateRepresentation);
        Ok(last.is_some_and(|it| it.state == IntentState::Failed))
    }

    /// The intent that made the bib which an IE is linked with, if this program did.
    pub fn made_bib_of(&self, ie: &IePid) -> Result<Option<LinkIntent>, Error> {
        let made = self.link_intents_of(ie)?.into_iter().rev();
        Ok(made.into_iter().find(LinkIntent::is_a_standing_bib))
    }
}

type Line = (String, [String; 3], String, i64, [String; 3]);

fn line(row: &Row<'_>) -> rusqlite::Result<Line> {
    let words = [row.get(6)?, row.get(7)?, row.get(8)?];
    Ok((row.get(0)?, [row.get(1)?, row.get(2)?, row.get(3)?], row.get(4)?, row.get(5)?, words))
}

fn named((ie, [mms, representation, how], title, at, [outcome, code, detail]): Line) -> Result<IeLink, Error> {
    let ie = super::link_intents::named(&ie)?;
    Ok(IeLink { ie, mms, representation, how, title, at: time(at), outcome, why: (code, detail) })
}
