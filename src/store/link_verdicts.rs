//! What persons decided about intents of `link`: about exactly one content.

use super::journal::{Entry, Journal, Origin, Subject};
use super::link_intents::{BEGINNING, LinkIntent, note};
use super::verdicts::Verdict;
use super::{Doing, Error, Store, time};
use crate::model::decision::Verb;
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::model::id::{IePid, MmsId};
use crate::model::intent::IntentState;
use crate::model::time::Timestamp;
use rusqlite::{OptionalExtension, Params, Transaction, params};

impl Store {
    /// Notes what a person decided about something held. What is rejected is closed; what is approved is planned by the next run.
    ///
    /// Nothing is noted, and the answer is `false`, when it is not what the person saw any more.
    pub fn judge_link(&mut self, intent: &LinkIntent, verb: Verb, why: &str, now: Timestamp) -> Result<bool, Error> {
        self.durable()?;
        let actor = self.actor.clone();
        let ie = &intent.about.ie;
        self.transaction(|transaction, _| {
            let sql = "SELECT 1 FROM link_intents WHERE id = ?1 AND digest = ?2 AND state IN ('held', 'rejected')";
            let found = transaction.query_row(sql, params![intent.id, intent.digest.0], |_| Ok(())).optional();
            if found.doing("look at a link")?.is_none() {
                return Ok(false);
            }
            note_verdict(transaction, intent, (verb, &actor.who, why), now)?;
            let mut journal = Journal::open(transaction, &actor, now)?;
            match verb {
                Verb::Reject => {
                    let sql = "UPDATE link_intents SET state = 'rejected', ended = ?2 WHERE id = ?1";
                    transaction.execute(sql, params![intent.id, now.millis()]).doing("reject a link")?;
                    note(transaction, &mut journal, intent.id, IntentState::Rejected, why)?;
                }
                Verb::Approve | Verb::Retry | Verb::Undo => {
                    let event = if verb == Verb::Approve { Event::Approved } else { Event::Retried };
                    let mms = intent.about.mms.as_ref().map(MmsId::as_str).unwrap_or_default();
                    let origin = Origin { alma_identifier: mms, ..Origin::default() };
                    let (subject, number, before, after) = (Subject::Ie(ie), None, None, Some(intent.digest));
                    let detail = format!("{BEGINNING}{} {}: {why}", intent.id, intent.about.kind);
                    journal.append(&Entry { event, subject, number, origin, before, after, detail: &detail })?;
                }
            }
            let sql = "UPDATE ie_links SET planned_rules = NULL WHERE ie = ?1";
            transaction.execute(sql, [ie.as_str()]).doing("let an IE be planned again")?;
            Ok(true)
        })
    }

    /// Notes that a person takes something back, before anything is done: should this program be killed, the next run knows who
    /// asked for it.
    pub fn note_link_undo(&mut self, intent: &LinkIntent, why: &str, now: Timestamp) -> Result<(), Error> {
        let who = self.actor.who.clone();
        self.transaction(|transaction, _| note_verdict(transaction, intent, (Verb::Undo, &who, why), now))
    }

    /// What was asked to be taken back cannot be: nobody goes on with it.
    pub fn forget_link_undo(&mut self, intent: &LinkIntent) -> Result<(), Error> {
        let sql = "DELETE FROM link_verdicts WHERE intent = ?1 AND verb = 'undo'";
        self.connection.execute(sql, [intent.id]).doing("forget what is taken back").map(|_| ())
    }

    /// Who asked for an intent to be taken back, and why.
    pub fn link_undo_of(&self, intent: i64) -> Result<Option<Verdict>, Error> {
        Ok(self.link_verdicts_where("intent = ?1 AND verb = 'undo'", [intent])?.pop())
    }

    /// The latest decision about this content for this target, unless it was an approval and what it let pass is done: whoever
    /// took that away since has given a reason to ask again.
    pub fn link_verdict(&self, target: &str, digest: &Fixity) -> Result<Option<Verdict>, Error> {
        let condition = "target = ?1 AND digest = ?2 AND verb <> 'undo'";
        let last = self.link_verdicts_where(condition, params![target, digest.0])?.pop();
        let used = "SELECT 1 FROM link_intents AS it WHERE target = ?1 AND digest = ?2 AND undoes IS NULL
                        AND id > (SELECT max(intent) FROM link_verdicts WHERE target = ?1 AND digest = ?2 AND verb = 'approve')
                        AND (state = 'done' OR (state = 'undone'
                            AND EXISTS (SELECT 1 FROM link_verdicts WHERE intent = it.id AND verb = 'undo'))) LIMIT 1";
        let found = self.connection.query_row(used, params![target, digest.0], |_| Ok(())).optional();
        let is_used = found.doing("look whether an approval is used up")?.is_some();
        Ok(last.filter(|verdict| verdict.verb != Verb::Approve || !is_used))
    }

    /// All decisions about an IE, oldest first.
    pub fn link_verdicts_of(&self, ie: &IePid) -> Result<Vec<Verdict>, Error> {
        self.link_verdicts_where("ie = ?1", [ie.as_str()])
    }

    fn link_verdicts_where(&self, condition: &str, values: impl Params) -> Result<Vec<Verdict>, Error> {
        let doing = "read decisions";
        let sql = format!("SELECT verb, who, why, at FROM link_verdicts WHERE {condition} ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let rows = statement
            .query_map(values, |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get::<_, i64>(3)?)));
        let mut verdicts = Vec::new();
        for row in rows.doing(doing)? {
            let (verb, who, why, at) = row.doing(doing)?;
            let verb = Verb::parse(&verb).ok_or_else(|| Error::Damaged { what: format!("the decision `{verb}`") })?;
            verdicts.push(Verdict { verb, who, why, at: time(at) });
        }
        Ok(verdicts)
    }
}

fn note_verdict(
    transaction: &Transaction<'_>,
    intent: &LinkIntent,
    (verb, who, why): (Verb, &str, &str),
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO link_verdicts (verb, intent, ie, target, digest, who, why, at)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let about = &intent.about;
    let row =
        params![verb.as_str(), intent.id, about.ie.as_str(), about.target, intent.digest.0, who, why, now.millis()];
    transaction.execute(sql, row).doing("note a decision").map(|_| ())
}
