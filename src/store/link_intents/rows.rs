//! Intents of `link` as they stand in the store.

use crate::model::fixity::Fixity;
use crate::model::id::{IePid, MmsId};
use crate::model::intent::IntentState;
use crate::model::link_kind::LinkKind;
use crate::model::time::Timestamp;
use crate::store::{Doing, Error, Store, time};
use rusqlite::{Params, Row};
use std::collections::BTreeMap;

/// One intent, without its texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkIntent {
    pub id: i64,
    pub run: Option<i64>,
    pub state: IntentState,
    pub about: LinkAbout,
    pub digest: Fixity,
    /// Code and words.
    pub why: (String, String),
    pub undoes: Option<i64>,
    /// Planned, sent, ended.
    pub times: (Timestamp, Option<Timestamp>, Option<Timestamp>),
}

impl LinkIntent {
    /// Whether it made a bib that it did not take back.
    pub fn is_a_standing_bib(&self) -> bool {
        self.about.kind == LinkKind::CreateBib && self.state == IntentState::Done && self.undoes.is_none()
    }
}

/// What an intent is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkAbout {
    pub ie: IePid,
    pub kind: LinkKind,
    pub target: String,
    pub mms: Option<MmsId>,
    /// Empty while Alma has not numbered it.
    pub representation: String,
}

/// The texts of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkImages {
    pub body: String,
    pub after: Option<String>,
}

const COLUMNS: &str =
    "id, run, state, ie, kind, target, mms, representation, digest, code, reason, undoes, planned, sent, ended";

impl Store {
    pub fn link_intent(&self, id: i64) -> Result<Option<LinkIntent>, Error> {
        Ok(self.link_intents_where("id = ?1", [id])?.pop())
    }

    /// Begun and without an end: whoever goes on looks what became of them.
    pub fn begun_links(&self) -> Result<Vec<LinkIntent>, Error> {
        self.link_intents_where("state IN ('planned', 'sent', 'unknown') ORDER BY id", [])
    }

    pub fn begun_link_of(&self, ie: &IePid) -> Result<Option<LinkIntent>, Error> {
        let condition = "ie = ?1 AND state IN ('planned', 'sent', 'unknown') ORDER BY id LIMIT 1";
        Ok(self.link_intents_where(condition, [ie.as_str()])?.pop())
    }

    /// All of an IE, oldest first.
    pub fn link_intents_of(&self, ie: &IePid) -> Result<Vec<LinkIntent>, Error> {
        self.link_intents_where("ie = ?1 ORDER BY id", [ie.as_str()])
    }

    /// All of a run, newest first.
    pub fn link_intents_of_run(&self, run: i64) -> Result<Vec<LinkIntent>, Error> {
        self.link_intents_where("run = ?1 ORDER BY id DESC", [run])
    }

    /// Newest first.
    pub fn link_intents_in(&self, state: Option<IntentState>, limit: usize) -> Result<Vec<LinkIntent>, Error> {
        let state = state.map(IntentState::as_str);
        self.link_intents_where("(?1 IS NULL OR state = ?1) ORDER BY id DESC LIMIT ?2", (state, limit as i64))
    }

    /// Intents whose taking back was done in Alma, and not noted yet at the intent itself.
    pub fn half_undone_links(&self) -> Result<Vec<LinkIntent>, Error> {
        let condition = "state = 'done' AND undoes IS NULL AND EXISTS
                             (SELECT 1 FROM link_intents AS other WHERE other.undoes = link_intents.id AND other.state = 'done')
                         ORDER BY id DESC";
        self.link_intents_where(condition, [])
    }

    /// What a person asked to be taken back and nobody has ended yet, newest first.
    pub fn links_to_undo(&self) -> Result<Vec<LinkIntent>, Error> {
        let condition = "state = 'done' AND EXISTS
                             (SELECT 1 FROM link_verdicts WHERE link_verdicts.intent = link_intents.id AND verb = 'undo')
                         ORDER BY id DESC";
        self.link_intents_where(condition, [])
    }

    /// When the answer to something that was sent was given up first.
    pub fn link_unanswered_since(&self, id: i64) -> Result<Option<Timestamp>, Error> {
        self.given_up("link_intents", id)
    }

    pub fn link_images(&mut self, id: i64) -> Result<LinkImages, Error> {
        let sql = "SELECT body, after_image FROM link_intents WHERE id = ?1";
        type Packed = (Vec<u8>, Option<Vec<u8>>);
        let row = self.connection.query_row(sql, [id], |row| Ok((row.get(0)?, row.get(1)?)));
        let (body, after): Packed = row.doing("read a link")?;
        let after = after.map(|after| self.codec.unpack_text(&after)).transpose()?;
        Ok(LinkImages { body: self.codec.unpack_text(&body)?, after })
    }

    /// State and kind → number.
    pub fn link_intent_counts(&self) -> Result<BTreeMap<(String, String), u64>, Error> {
        self.counts_of("link_intents")
    }

    fn link_intents_where(&self, condition: &str, values: impl Params) -> Result<Vec<LinkIntent>, Error> {
        let doing = "read links";
        let sql = format!("SELECT {COLUMNS} FROM link_intents WHERE {condition}");
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut rows = statement.query(values).doing(doing)?;
        let mut intents = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            intents.push(intent(row)?);
        }
        Ok(intents)
    }
}

fn intent(row: &Row<'_>) -> Result<LinkIntent, Error> {
    let doing = "read links";
    let text = |at: usize| row.get::<_, String>(at).doing(doing);
    let (id, state, kind, mms): (i64, _, _, _) = (row.get(0).doing(doing)?, text(2)?, text(4)?, text(6)?);
    let damaged = || Error::Damaged { what: format!("link {id}: {state} {kind} `{mms}`") };
    let mms = (!mms.is_empty()).then(|| MmsId::parse(&mms).map_err(|_| damaged())).transpose()?;
    let instant = |at: usize| row.get::<_, Option<i64>>(at).doing(doing).map(|millis| millis.map(time));
    Ok(LinkIntent {
        id,
        run: row.get(1).doing(doing)?,
        state: IntentState::parse(&state).ok_or_else(damaged)?,
        about: LinkAbout {
            ie: named(&text(3)?)?,
            kind: LinkKind::parse(&kind).ok_or_else(damaged)?,
            target: text(5)?,
            mms,
            representation: text(7)?,
        },
        digest: Fixity(row.get(8).doing(doing)?),
        why: (text(9)?, text(10)?),
        undoes: row.get(11).doing(doing)?,
        times: (time(row.get(12).doing(doing)?), instant(13)?, instant(14)?),
    })
}

pub(in crate::store) fn named(ie: &str) -> Result<IePid, Error> {
    IePid::parse(ie).map_err(|error| Error::Damaged { what: format!("a link of no IE: {error}") })
}
