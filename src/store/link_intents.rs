//! What `link` writes: intents, and what became of each. No intent changes its state without an entry in the journal.

mod rows;

pub(super) use rows::named;
pub use rows::{LinkAbout, LinkImages, LinkIntent};

use super::journal::{Entry, Journal, Origin, Subject};
use super::{Doing, Error, Store};
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::model::id::{IePid, MmsId};
use crate::model::intent::IntentState;
use crate::model::link_kind::LinkKind;
use crate::model::time::Timestamp;
use rusqlite::{Transaction, params};

/// Something to be written, before anything is done.
#[derive(Debug, Clone)]
pub struct NewLinkIntent {
    pub ie: IePid,
    pub kind: LinkKind,
    /// `None` while the bib is not there yet.
    pub mms: Option<MmsId>,
    /// Of the representation that is taken away; Alma numbers a new one.
    pub representation: Option<String>,
    /// What is written, or taken away.
    pub body: String,
    /// The rules that made it.
    pub made_by: Fixity,
    /// The intent that this one takes back.
    pub undoes: Option<i64>,
}

impl NewLinkIntent {
    pub fn target(&self) -> String {
        self.kind.target(self.ie.as_str())
    }

    pub fn digest(&self) -> Fixity {
        Fixity::of(self.body.as_bytes())
    }
}

/// How something ended.
#[derive(Debug, Clone, Default)]
pub struct LinkEnded<'a> {
    /// Of the bib, when it became known only now.
    pub mms: Option<&'a MmsId>,
    /// Of the representation, the same.
    pub representation: Option<&'a str>,
    /// What Alma holds now, as it told.
    pub after: Option<&'a str>,
    /// In words: a reason, Alma's warnings.
    pub reason: &'a str,
}

impl Store {
    /// The intent: durable before anything is sent. What was held for the IE makes room, for this is its successor.
    pub fn plan_link(&mut self, new: &NewLinkIntent, run: i64, now: Timestamp) -> Result<i64, Error> {
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, codec| {
            drop_held(transaction, &new.ie)?;
            let id = insert(transaction, codec, new, (IntentState::Planned, run, "", ""), now)?;
            note(transaction, &mut Journal::open(transaction, &actor, now)?, id, IntentState::Planned, "")?;
            Ok(id)
        })
    }

    /// Keeps what must be seen by a person first, in the place of what was held for the IE before.
    ///
    /// What is held already is not written anew: its number stays what the person was shown.
    pub fn hold_link(
        &mut self,
        new: &NewLinkIntent,
        why: (&str, &str),
        run: i64,
        now: Timestamp,
    ) -> Result<i64, Error> {
        self.transaction(|transaction, codec| {
            let same = "UPDATE link_intents SET code = ?4, reason = ?5
                        WHERE ie = ?1 AND target = ?2 AND state = 'held' AND digest = ?3 RETURNING id";
            let row = params![new.ie.as_str(), new.target(), new.digest().0, why.0, why.1];
            let known = transaction.prepare_cached(same).doing("hold a link")?.query_row(row, |row| row.get(0));
            match known {
                Ok(id) => Ok(id),
                Err(rusqlite::Error::QueryReturnedNoRows) => {
                    drop_held(transaction, &new.ie)?;
                    insert(transaction, codec, new, (IntentState::Held, run, why.0, why.1), now)
                }
                Err(error) => Err(error).doing("hold a link"),
            }
        })
    }

    /// Nothing is held for an IE any more.
    pub fn release_held_link(&mut self, ie: &IePid) -> Result<(), Error> {
        self.transaction(|transaction, _| drop_held(transaction, ie))
    }

    /// Committed before the call goes out: whoever finds this later looks before doing anything.
    pub fn link_sent(&mut self, id: i64, now: Timestamp) -> Result<(), Error> {
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let sql = "UPDATE link_intents SET state = 'sent', sent = ?2 WHERE id = ?1";
            transaction.execute(sql, params![id, now.millis()]).doing("note that a link is sent")?;
            note(transaction, &mut Journal::open(transaction, &actor, now)?, id, IntentState::Sent, "")
        })
    }

    /// No answer came: from the first time on that this is said, Alma is given its time.
    pub fn link_unanswered(&mut self, id: i64, reason: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE link_intents SET unanswered = coalesce(unanswered, ?2) WHERE id = ?1";
        self.connection.execute(sql, params![id, now.millis()]).doing("note that no answer came")?;
        self.link_ended(id, IntentState::Unknown, &LinkEnded { reason, ..LinkEnded::default() }, now)
    }

    pub fn link_ended(
        &mut self,
        id: i64,
        state: IntentState,
        how: &LinkEnded<'_>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.durable()?;
        let actor = self.actor.clone();
        let sql = "UPDATE link_intents SET state = ?2, ended = ?3, mms = coalesce(?4, mms),
                       representation = coalesce(?5, representation), after_image = coalesce(?6, after_image),
                       reason = ?7 WHERE id = ?1";
        self.transaction(|transaction, codec| {
            let after = how.after.map(|after| codec.pack(after.as_bytes()));
            let mms = how.mms.map(MmsId::as_str);
            let row = params![id, state.as_str(), now.millis(), mms, how.representation, after, how.reason];
            transaction.execute(sql, row).doing("note how a link ended")?;
            note(transaction, &mut Journal::open(transaction, &actor, now)?, id, state, how.reason)
        })
    }
}

/// What is held was never done: nothing is lost with the row.
fn drop_held(transaction: &Transaction<'_>, ie: &IePid) -> Result<(), Error> {
    let sql = "DELETE FROM link_intents WHERE state = 'held' AND ie = ?1";
    transaction.execute(sql, [ie.as_str()]).doing("make room for a link").map(|_| ())
}

fn insert(
    transaction: &Transaction<'_>,
    codec: &mut super::compress::Codec,
    new: &NewLinkIntent,
    (state, run, code, reason): (IntentState, i64, &str, &str),
    now: Timestamp,
) -> Result<i64, Error> {
    let sql =
        "INSERT INTO link_intents (run, ie, kind, target, state, mms, representation, body, digest, made_by, undoes,
                   code, reason, planned)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
    let row = params![
        run,
        new.ie.as_str(),
        new.kind.as_str(),
        new.target(),
        state.as_str(),
        new.mms.as_ref().map_or("", MmsId::as_str),
        new.representation.as_deref().unwrap_or_default(),
        codec.pack(new.body.as_bytes()),
        new.digest().0,
        new.made_by.to_string(),
        new.undoes,
        code,
        reason,
        now.millis()
    ];
    transaction.prepare_cached(sql).and_then(|mut statement| statement.insert(row)).doing("write a link down")
}

/// How an entry of the journal begins that is about an intent of `link`: the number of a package stands in a column of its own,
/// and these are no packages.
pub(super) const BEGINNING: &str = "link #";

/// Tells the journal of a new state, with what its row says now.
pub(super) fn note(
    transaction: &Transaction<'_>,
    journal: &mut Journal<'_>,
    id: i64,
    state: IntentState,
    detail: &str,
) -> Result<(), Error> {
    let Some(event) = Event::of_intent(state) else { return Ok(()) };
    let doing = "look at a link";
    let sql = "SELECT ie, kind, mms, made_by, digest FROM link_intents WHERE id = ?1";
    let row = transaction.prepare_cached(sql).doing(doing)?.query_row([id], |row| {
        let texts: [String; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        Ok((texts, Fixity(row.get(4)?)))
    });
    let ([ie, kind, mms, made_by], digest) = row.doing(doing)?;
    let ie = named(&ie)?;
    let detail = if detail.is_empty() { String::new() } else { format!(": {detail}") };
    let detail = format!("{BEGINNING}{id} {kind}{detail}");
    let origin = Origin { alma_identifier: &mms, alma_datestamp: "", stylesheet: &made_by };
    let (subject, number, before, after) = (Subject::Ie(&ie), None, None, Some(digest));
    journal.append(&Entry { event, subject, number, origin, before, after, detail: &detail })
}
