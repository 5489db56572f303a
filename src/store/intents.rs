//! What the push writes: intents, and what became of each. No intent changes its state without an entry in the journal.

mod rows;
mod shelf;

pub use rows::{Intent, IntentImages, Target};

use super::journal::{Entry, Journal, Origin, Subject};
use super::links::{LinkChange, change_link};
use super::{Doing, Error, Store};
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::model::id::MmsId;
use crate::model::intent::{IntentKind, IntentState};
use crate::model::time::Timestamp;
use crate::push::resource_uri::ResourceUri;
use crate::push::shelf::place::Spot;
use rusqlite::{OptionalExtension, Transaction, params};

/// Something to be written, before anything is done.
#[derive(Debug, Clone)]
pub struct NewIntent {
    pub subject: ResourceUri,
    pub kind: IntentKind,
    /// `None` while the bib is not there yet.
    pub mms: Option<MmsId>,
    /// What the target holds; `None` where there is nothing yet.
    pub before: Option<String>,
    /// What it shall hold.
    pub body: String,
    /// The rules that made it.
    pub made_by: Fixity,
    /// The intent that this one takes back.
    pub undoes: Option<i64>,
    pub part: Part,
}

/// What of a resource is written.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Part {
    /// Its record, or its MMS ID.
    #[default]
    Record,
    /// Its record, into a file of this name.
    File(String),
    /// A holding, an item, or a box.
    Shelf(Spot),
    /// One field of a resource, by its path.
    Field(String),
}

impl NewIntent {
    /// What is written, by a name that is the same for everything that writes there.
    pub fn target(&self) -> String {
        match (self.kind, &self.mms) {
            (IntentKind::UpdateBib | IntentKind::DeleteBib, Some(mms)) => format!("bib {mms}"),
            (IntentKind::CreateBib | IntentKind::UpdateBib | IntentKind::DeleteBib, _) => {
                format!("bib of {}", self.subject)
            }
            (IntentKind::WriteMmsId, _) => format!("MMS ID of {}", self.subject),
            (IntentKind::WriteFile, _) => format!("record of {}", self.subject),
            // What is held is held field by field, and what is written is written in one save.
            (IntentKind::WriteFields, _) => match &self.part {
                Part::Field(path) => format!("{path} of {}", self.subject),
                Part::Record | Part::File(_) | Part::Shelf(_) => format!("fields of {}", self.subject),
            },
            (
                IntentKind::CreateHolding
                | IntentKind::UpdateHolding
                | IntentKind::DeleteHolding
                | IntentKind::CreateItem
                | IntentKind::UpdateItem
                | IntentKind::DeleteItem
                | IntentKind::WriteIlsIds
                | IntentKind::WriteBarcode,
                _,
            ) => self.shelf_target(),
        }
    }

    /// Holding, item and box, if it writes to one.
    pub fn spot(&self) -> Option<&Spot> {
        match &self.part {
            Part::Shelf(spot) => Some(spot),
            Part::Record | Part::File(_) | Part::Field(_) => None,
        }
    }

    fn file(&self) -> &str {
        match &self.part {
            Part::File(name) => name,
            Part::Record | Part::Shelf(_) | Part::Field(_) => "",
        }
    }

    pub fn digest(&self) -> Fixity {
        Fixity::of(self.body.as_bytes())
    }

    pub fn before_digest(&self) -> Option<Fixity> {
        self.before.as_ref().map(|before| Fixity::of(before.as_bytes()))
    }
}

impl Part {
    /// What an intent that is read again writes to; a file is not written to twice.
    pub fn of(spot: &Spot) -> Self {
        if *spot == Spot::default() { Part::Record } else { Part::Shelf(spot.clone()) }
    }
}

/// How something ended.
#[derive(Debug, Clone, Default)]
pub struct Ended<'a> {
    /// Of the bib, when it became known only now.
    pub mms: Option<&'a MmsId>,
    /// What the target holds now, as the other system told.
    pub after: Option<&'a str>,
    /// In words: a reason, Alma's warnings.
    pub reason: &'a str,
    /// What follows for the resource's link, noted in the same moment.
    pub link: Option<LinkChange<'a>>,
    /// Holding and item, when they became known only now.
    pub spot: Option<&'a Spot>,
}

impl Store {
    /// The intent: durable before anything is sent. What was held in its place makes room, for this is its successor.
    pub fn plan_intent(&mut self, new: &NewIntent, run: i64, now: Timestamp) -> Result<i64, Error> {
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, codec| {
            must_be_free(transaction, &new.target())?;
            drop_held(transaction, new)?;
            let id = insert(transaction, codec, new, (IntentState::Planned, run, new.file(), ""), now)?;
            note(transaction, &mut Journal::open(transaction, &actor, now)?, id, IntentState::Planned, "")?;
            Ok(id)
        })
    }

    /// Keeps what must be seen by a person first, in the place of what was held for the same target before.
    ///
    /// What is held already is not written anew: its number stays what the person was shown.
    pub fn hold_intent(&mut self, new: &NewIntent, why: (&str, &str), run: i64, now: Timestamp) -> Result<i64, Error> {
        self.transaction(|transaction, codec| {
            let same = "UPDATE intents SET code = ?4, reason = ?5 WHERE target = ?1 AND state = 'held' AND digest = ?2
                            AND before_digest IS ?3 AND subject = ?6 RETURNING id";
            let before = new.before_digest().map(|before| before.0);
            let row = params![new.target(), new.digest().0, before, why.0, why.1, new.subject.to_string()];
            let known = transaction.prepare_cached(same).doing("hold an intent")?.query_row(row, |row| row.get(0));
            match known {
                Ok(id) => Ok(id),
                Err(rusqlite::Error::QueryReturnedNoRows) => {
                    drop_held(transaction, new)?;
                    insert(transaction, codec, new, (IntentState::Held, run, why.0, why.1), now)
                }
                Err(error) => Err(error).doing("hold an intent"),
            }
        })
    }

    /// When the answer to something that was sent was given up first.
    pub fn unanswered_since(&self, id: i64) -> Result<Option<Timestamp>, Error> {
        self.given_up("intents", id)
    }

    /// Nothing is held for a resource's bib any more. What is held of its shelf is released where that is planned.
    pub fn release_held(&mut self, subject: &ResourceUri) -> Result<(), Error> {
        let sql = "DELETE FROM intents WHERE subject = ?1 AND state = 'held' AND kind IN ('create-bib', 'update-bib', 'write-file')";
        self.connection.execute(sql, [subject.to_string()]).doing("release what is held").map(|_| ())
    }

    /// Committed before the call goes out: whoever finds this later looks before doing anything.
    pub fn intent_sent(&mut self, id: i64, now: Timestamp) -> Result<(), Error> {
        self.intents_sent(&[id], now, || ())
    }

    /// What goes out together is sent together: all of it, or nothing. `between` is called behind each.
    pub fn intents_sent(&mut self, ids: &[i64], now: Timestamp, between: impl Fn()) -> Result<(), Error> {
        self.durable()?;
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            for id in ids {
                let sql = "UPDATE intents SET state = 'sent', sent = ?2 WHERE id = ?1";
                transaction.execute(sql, params![id, now.millis()]).doing("note that an intent is sent")?;
                note(transaction, &mut journal, *id, IntentState::Sent, "")?;
                between();
            }
            Ok(())
        })
    }

    /// No answer came: from the first time on that this is said, the other system is given its time.
    pub fn intent_unanswered(&mut self, id: i64, reason: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "UPDATE intents SET unanswered = coalesce(unanswered, ?2) WHERE id = ?1";
        self.connection.execute(sql, params![id, now.millis()]).doing("note that no answer came")?;
        self.intent_ended(id, IntentState::Unknown, &Ended { reason, ..Ended::default() }, now)
    }

    pub fn intent_ended(&mut self, id: i64, state: IntentState, how: &Ended<'_>, now: Timestamp) -> Result<(), Error> {
        self.durable()?;
        let actor = self.actor.clone();
        let sql = "UPDATE intents SET state = ?2, ended = ?3, mms = coalesce(?4, mms), after_image = coalesce(?5, after_image),
                       reason = ?6 WHERE id = ?1";
        self.transaction(|transaction, codec| {
            let after = how.after.map(|after| codec.pack(after.as_bytes()));
            let mms = how.mms.map(MmsId::as_str);
            let row = params![id, state.as_str(), now.millis(), mms, after, how.reason];
            transaction.execute(sql, row).doing("note how an intent ended")?;
            how.spot.map_or(Ok(()), |spot| shelf::note_spot(transaction, id, spot))?;
            if state == IntentState::Done {
                shelf::note_item_of_box(transaction, id)?;
            }
            let mut journal = Journal::open(transaction, &actor, now)?;
            if let Some(link) = how.link {
                change_link(transaction, &mut journal, (id, link), &actor.who, now)?;
            }
            note(transaction, &mut journal, id, state, how.reason)
        })
    }
}

/// Whether nothing is under way for a target, for whichever resource.
fn must_be_free(transaction: &Transaction<'_>, target: &str) -> Result<(), Error> {
    let sql = "SELECT subject FROM intents WHERE target = ?1 AND state IN ('planned', 'sent', 'unknown')";
    let by: Option<String> =
        transaction.query_row(sql, [target], |row| row.get(0)).optional().doing("look who writes to a target")?;
    match by {
        Some(by) => Err(Error::Taken { target: target.to_owned(), by }),
        None => Ok(()),
    }
}

/// What is held was never done: nothing is lost with the row. Of a resource's bib one thing is held at a time, whichever bib that
/// would be: what was held before its MMS ID became another one must not be approved any more.
fn drop_held(transaction: &Transaction<'_>, new: &NewIntent) -> Result<(), Error> {
    let sql = "DELETE FROM intents WHERE state = 'held' AND subject = ?1
                   AND (target = ?2 OR (?3 AND kind IN ('create-bib', 'update-bib', 'write-file')))";
    let is_of_bib = matches!(new.kind, IntentKind::CreateBib | IntentKind::UpdateBib | IntentKind::WriteFile);
    let values = params![new.subject.to_string(), new.target(), is_of_bib];
    transaction.execute(sql, values).doing("make room for an intent").map(|_| ())
}

fn insert(
    transaction: &Transaction<'_>,
    codec: &mut super::compress::Codec,
    new: &NewIntent,
    (state, run, code, reason): (IntentState, i64, &str, &str),
    now: Timestamp,
) -> Result<i64, Error> {
    let sql = "INSERT INTO intents (run, subject, kind, target, state, mms, before_image, before_digest, body, digest, made_by,
                   undoes, code, reason, planned)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    let before = new.before.as_ref().map(|before| codec.pack(before.as_bytes()));
    let row = params![
        run,
        new.subject.to_string(),
        new.kind.as_str(),
        new.target(),
        state.as_str(),
        new.mms.as_ref().map_or("", MmsId::as_str),
        before,
        new.before_digest().map(|digest| digest.0),
        codec.pack(new.body.as_bytes()),
        new.digest().0,
        new.made_by.to_string(),
        new.undoes,
        code,
        reason,
        now.millis()
    ];
    let id = transaction.prepare_cached(sql).and_then(|mut statement| statement.insert(row));
    let id = id.doing("write an intent down")?;
    match &new.part {
        Part::Shelf(spot) => shelf::note_spot(transaction, id, spot)?,
        Part::Record | Part::File(_) | Part::Field(_) => {}
    }
    Ok(id)
}

/// Tells the journal of a new state, with what its row says now.
pub(super) fn note(
    transaction: &Transaction<'_>,
    journal: &mut Journal<'_>,
    id: i64,
    state: IntentState,
    detail: &str,
) -> Result<(), Error> {
    let Some(event) = Event::of_intent(state) else { return Ok(()) };
    let doing = "look at an intent";
    let sql = "SELECT subject, kind, mms, made_by, before_digest, digest FROM intents WHERE id = ?1";
    let row = transaction.prepare_cached(sql).doing(doing)?.query_row([id], |row| {
        let digests = (row.get::<_, Option<[u8; 32]>>(4)?.map(Fixity), Fixity(row.get(5)?));
        let texts: [String; 4] = [row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?];
        Ok((texts, digests))
    });
    let ([subject, kind, mms, made_by], (before, after)) = row.doing(doing)?;
    let subject = super::resources::named(&subject)?;
    let detail = if detail.is_empty() { kind } else { format!("{kind}: {detail}") };
    let origin = Origin { alma_identifier: &mms, alma_datestamp: "", stylesheet: &made_by };
    let (subject, number, after) = (Subject::Resource(&subject), Some(id), Some(after));
    journal.append(&Entry { event, subject, number, origin, before, after, detail: &detail })
}
