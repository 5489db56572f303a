//! Intents as they are read again: by number, by resource, by state.

use crate::model::fixity::Fixity;
use crate::model::id::MmsId;
use crate::model::intent::{IntentKind, IntentState};
use crate::model::time::Timestamp;
use crate::push::resource_uri::ResourceUri;
use crate::push::shelf::place::Spot;
use crate::store::resources::named;
use crate::store::{Doing, Error, Store, time};
use rusqlite::{Params, Row, params};
use std::collections::BTreeMap;

/// An intent, without the texts of its images.
#[derive(Debug, Clone)]
pub struct Intent {
    pub id: i64,
    pub run: Option<i64>,
    pub state: IntentState,
    pub target: Target,
    /// Of what is written, and of what the target held before.
    pub digests: (Fixity, Option<Fixity>),
    /// Why it is held, as a code; and why it is held or failed, in words.
    pub why: (String, String),
    pub undoes: Option<i64>,
    /// Planned, sent, ended.
    pub times: (Timestamp, Option<Timestamp>, Option<Timestamp>),
}

/// What is written, and for which resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub subject: ResourceUri,
    pub kind: IntentKind,
    pub name: String,
    /// Of the bib, as soon as it is known.
    pub mms: Option<MmsId>,
    /// Holding, item and box, as far as it writes to one and they are known.
    pub spot: Spot,
}

/// What the target held, shall hold, and held when it was done.
#[derive(Debug, Clone)]
pub struct IntentImages {
    pub before: Option<String>,
    pub body: String,
    pub after: Option<String>,
}

const COLUMNS: &str =
    "id, run, state, subject, kind, target, mms, digest, before_digest, code, reason, undoes, planned, sent, ended,
     place, holding, item, container";

impl Store {
    pub fn intent(&self, id: i64) -> Result<Option<Intent>, Error> {
        Ok(self.intents_where("id = ?1", [id])?.pop())
    }

    /// What was begun and has no known end, oldest first.
    pub fn begun_intents(&self) -> Result<Vec<Intent>, Error> {
        self.intents_where("state IN ('planned', 'sent', 'unknown') ORDER BY id", [])
    }

    /// What was begun for a resource and has no known end. A box keeps nobody waiting but itself.
    pub fn begun_for(&self, subject: &ResourceUri) -> Result<Option<Intent>, Error> {
        let condition =
            "subject = ?1 AND container = '' AND state IN ('planned', 'sent', 'unknown') ORDER BY id LIMIT 1";
        Ok(self.intents_where(condition, [subject.to_string()])?.pop())
    }

    /// Everything that was written or held for a resource, oldest first.
    pub fn intents_of(&self, subject: &ResourceUri) -> Result<Vec<Intent>, Error> {
        self.intents_where("subject = ?1 ORDER BY id", [subject.to_string()])
    }

    /// What a run wrote, newest first: so it can be taken back in the other order.
    pub fn intents_of_run(&self, run: i64) -> Result<Vec<Intent>, Error> {
        self.intents_where("run = ?1 ORDER BY id DESC", [run])
    }

    /// Intents in a state, newest first.
    pub fn intents_in(&self, state: Option<IntentState>, limit: usize) -> Result<Vec<Intent>, Error> {
        let condition = "(?1 IS NULL OR state = ?1) ORDER BY id DESC LIMIT ?2";
        self.intents_where(condition, params![state.map(IntentState::as_str), limit as i64])
    }

    /// What was taken back by something that is done, and is not marked so: the program was killed in between.
    ///
    /// A withdrawn update may have been done after all, and can be taken back as well.
    pub fn half_undone(&self) -> Result<Vec<i64>, Error> {
        let doing = "look for what is half undone";
        let sql = "SELECT original.id FROM intents AS back JOIN intents AS original ON original.id = back.undoes
                   WHERE back.state = 'done' AND original.state IN ('done', 'withdrawn') ORDER BY original.id";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        statement.query_map([], |row| row.get(0)).and_then(Iterator::collect).doing(doing)
    }

    /// The latest intent that wrote to a target and was done, and that nothing has taken back.
    pub fn last_done(&self, target: &str) -> Result<Option<Intent>, Error> {
        Ok(self.intents_where("target = ?1 AND state = 'done' ORDER BY id DESC LIMIT 1", [target])?.pop())
    }

    /// The latest write to a bib that stands, or that may stand, and takes nothing back.
    pub fn last_write_to(&self, mms: &MmsId) -> Result<Option<i64>, Error> {
        let sql =
            "SELECT max(id) FROM intents WHERE mms = ?1 AND kind IN ('create-bib', 'update-bib') AND undoes IS NULL
                       AND (state = 'done' OR (state = 'withdrawn' AND sent IS NOT NULL AND after_image IS NOT NULL))";
        self.connection.query_row(sql, [mms.as_str()], |row| row.get(0)).doing("look for what was written last")
    }

    /// What this program certainly wrote into a bib last, and what Alma then held.
    pub fn last_written(&mut self, mms: &MmsId) -> Result<Option<IntentImages>, Error> {
        let sql =
            "SELECT max(id) FROM intents WHERE mms = ?1 AND kind IN ('create-bib', 'update-bib') AND undoes IS NULL
                       AND state = 'done'";
        let last: Option<i64> =
            self.connection.query_row(sql, [mms.as_str()], |row| row.get(0)).doing("look for what was written last")?;
        last.map(|id| self.intent_images(id)).transpose()
    }

    pub fn intent_images(&mut self, id: i64) -> Result<IntentImages, Error> {
        let sql = "SELECT before_image, body, after_image FROM intents WHERE id = ?1";
        type Packed = (Option<Vec<u8>>, Vec<u8>, Option<Vec<u8>>);
        let row = self.connection.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
        let (before, body, after): Packed = row.doing("read an intent")?;
        let before = before.map(|before| self.codec.unpack_text(&before)).transpose()?;
        let after = after.map(|after| self.codec.unpack_text(&after)).transpose()?;
        Ok(IntentImages { before, body: self.codec.unpack_text(&body)?, after })
    }

    /// How many intents of each kind are in each state.
    pub fn intent_counts(&self) -> Result<BTreeMap<(String, String), u64>, Error> {
        self.counts_of("intents")
    }

    /// The rows of a table of intents, by state and kind.
    pub(in crate::store) fn counts_of(&self, table: &'static str) -> Result<BTreeMap<(String, String), u64>, Error> {
        let sql = format!("SELECT state, kind, count(*) FROM {table} GROUP BY state, kind");
        let mut statement = self.connection.prepare_cached(&sql).doing("count intents")?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? as u64)));
        rows.and_then(Iterator::collect).doing("count intents")
    }

    /// When the answer to something that was sent was given up first, in a table of intents.
    pub(in crate::store) fn given_up(&self, table: &'static str, id: i64) -> Result<Option<Timestamp>, Error> {
        let sql = format!("SELECT unanswered FROM {table} WHERE id = ?1");
        let since = self.connection.query_row(&sql, [id], |row| row.get::<_, Option<i64>>(0));
        Ok(since.doing("look since when there is no answer")?.map(time))
    }

    pub(super) fn intents_where(&self, condition: &str, values: impl Params) -> Result<Vec<Intent>, Error> {
        let doing = "read intents";
        let sql = format!("SELECT {COLUMNS} FROM intents WHERE {condition}");
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut rows = statement.query(values).doing(doing)?;
        let mut intents = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            intents.push(intent(row)?);
        }
        Ok(intents)
    }
}

fn intent(row: &Row<'_>) -> Result<Intent, Error> {
    let doing = "read intents";
    let text = |at: usize| row.get::<_, String>(at).doing(doing);
    let (id, state, kind, mms): (i64, _, _, _) = (row.get(0).doing(doing)?, text(2)?, text(4)?, text(6)?);
    let damaged = || Error::Damaged { what: format!("intent {id}: {state} {kind} `{mms}`") };
    let mms = (!mms.is_empty()).then(|| MmsId::parse(&mms).map_err(|_| damaged())).transpose()?;
    let instant = |at: usize| row.get::<_, Option<i64>>(at).doing(doing).map(|millis| millis.map(time));
    Ok(Intent {
        id,
        run: row.get(1).doing(doing)?,
        state: IntentState::parse(&state).ok_or_else(damaged)?,
        target: Target {
            subject: named(&text(3)?)?,
            kind: IntentKind::parse(&kind).ok_or_else(damaged)?,
            name: text(5)?,
            mms,
            spot: super::shelf::spot(row, 15)?,
        },
        digests: (Fixity(row.get(7).doing(doing)?), row.get::<_, Option<_>>(8).doing(doing)?.map(Fixity)),
        why: (text(9)?, text(10)?),
        undoes: row.get(11).doing(doing)?,
        times: (time(row.get(12).doing(doing)?), instant(13)?, instant(14)?),
    })
}
