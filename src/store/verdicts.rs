//! What persons decided about intents of the push: about exactly one content over exactly one other.

use super::intents::note;
use super::journal::{Entry, Journal, Origin, Subject};
use super::{Doing, Error, Store, time};
use crate::model::decision::Verb;
use crate::model::event::Event;
use crate::model::fixity::Fixity;
use crate::model::intent::IntentState;
use crate::model::time::Timestamp;
use crate::push::resource_uri::ResourceUri;
use crate::store::intents::Intent;
use rusqlite::{OptionalExtension, Params, Transaction, params};

/// A decision about something that was held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub verb: Verb,
    pub who: String,
    pub why: String,
    pub at: Timestamp,
}

impl Verdict {
    /// `rejected by anna on 2026-11-22T01:02:03Z: the title is wrong`.
    pub fn words(&self) -> String {
        let why = if self.why.is_empty() { String::new() } else { format!(": {}", self.why) };
        format!("{} by {} on {}{why}", self.verb.done(), self.who, self.at)
    }
}

impl Store {
    /// Notes what a person decided about something held. What is rejected is closed; what is approved is planned by the next run.
    ///
    /// Nothing is noted, and the answer is `false`, when it is not what the person saw any more: a run has begun it, or holds
    /// something else in its place.
    pub fn judge_intent(&mut self, intent: &Intent, verb: Verb, why: &str, now: Timestamp) -> Result<bool, Error> {
        self.durable()?;
        let actor = self.actor.clone();
        let subject = intent.target.subject;
        self.transaction(|transaction, _| {
            if !still_stands(transaction, intent)? {
                return Ok(false);
            }
            let sql = "INSERT INTO verdicts (verb, intent, subject, target, digest, before_digest, who, why, at)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
            let (digest, before) = (intent.digests.0.0, intent.digests.1.as_ref().map(|before| before.0));
            let name = &intent.target.name;
            let (verb_text, uri) = (verb.as_str(), subject.to_string());
            let row = params![verb_text, intent.id, uri, name, digest, before, actor.who, why, now.millis()];
            transaction.execute(sql, row).doing("note a decision")?;
            let mut journal = Journal::open(transaction, &actor, now)?;
            match verb {
                Verb::Reject => {
                    let sql = "UPDATE intents SET state = 'rejected', ended = ?2 WHERE id = ?1";
                    transaction.execute(sql, params![intent.id, now.millis()]).doing("reject an intent")?;
                    note(transaction, &mut journal, intent.id, IntentState::Rejected, why)?;
                }
                Verb::Approve | Verb::Retry | Verb::Undo => {
                    let event = if verb == Verb::Approve { Event::Approved } else { Event::Retried };
                    let mms = intent.target.mms.as_ref().map(ToString::to_string).unwrap_or_default();
                    let origin = Origin { alma_identifier: &mms, ..Origin::default() };
                    // No number: what is held may be dropped for another, and this entry outlives it.
                    let (subject, number) = (Subject::Resource(&subject), None);
                    let (before, after) = (intent.digests.1, Some(intent.digests.0));
                    let detail = format!("{} {}: {why}", intent.target.kind, intent.target.name);
                    journal.append(&Entry { event, subject, number, origin, before, after, detail: &detail })?;
                }
            }
            let sql = "UPDATE resources SET planned_rules = NULL WHERE uri = ?1";
            transaction.execute(sql, [subject.to_string()]).doing("let a resource be planned again")?;
            Ok(true)
        })
    }

    /// Notes that a person takes something back, before anything is done: should this program be killed, the next run knows who
    /// asked for it.
    pub fn note_undo(&mut self, intent: &Intent, why: &str, now: Timestamp) -> Result<(), Error> {
        let sql = "INSERT INTO verdicts (verb, intent, subject, target, digest, before_digest, who, why, at)
                   VALUES ('undo', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
        let before = intent.digests.1.as_ref().map(|before| before.0);
        let (subject, target) = (intent.target.subject.to_string(), &intent.target.name);
        let row = params![intent.id, subject, target, intent.digests.0.0, before, self.actor.who, why, now.millis()];
        self.connection.execute(sql, row).doing("note what is taken back").map(|_| ())
    }

    /// Who asked for an intent to be taken back, and why.
    pub fn undo_of(&self, intent: i64) -> Result<Option<Verdict>, Error> {
        Ok(self.verdicts_where("intent = ?1 AND verb = 'undo'", [intent])?.pop().map(|(_, verdict)| verdict))
    }

    /// Decisions against something of a resource's, oldest first, each with its intent.
    pub fn rejections_of(&self, subject: &ResourceUri) -> Result<Vec<(i64, Verdict)>, Error> {
        self.verdicts_where("subject = ?1 AND verb = 'reject'", [subject.to_string()])
    }

    /// The latest decision about this content for this target over what it holds, unless it was an approval and what it let pass is
    /// done: whoever has brought back since what was there before has given a reason to ask again.
    pub fn verdict(&self, target: &str, digest: &Fixity, before: Option<&Fixity>) -> Result<Option<Verdict>, Error> {
        let Some((intent, verdict)) = self.last_verdict(target, digest, before)? else { return Ok(None) };
        let used = "SELECT 1 FROM intents WHERE target = ?1 AND digest = ?2 AND before_digest IS ?3 AND id > ?4
                        AND state IN ('done', 'undone') AND undoes IS NULL LIMIT 1";
        let values = params![target, digest.0, before.map(|before| before.0), intent];
        let found = self.connection.query_row(used, values, |_| Ok(())).optional();
        let is_used = found.doing("look whether an approval is used up")?.is_some();
        Ok(Some(verdict).filter(|verdict| verdict.verb != Verb::Approve || !is_used))
    }

    /// The latest decision, used or not, with the intent that it was made about.
    pub fn last_verdict(
        &self,
        target: &str,
        digest: &Fixity,
        before: Option<&Fixity>,
    ) -> Result<Option<(i64, Verdict)>, Error> {
        let condition = "target = ?1 AND digest = ?2 AND before_digest IS ?3";
        Ok(self.verdicts_where(condition, params![target, digest.0, before.map(|before| before.0)])?.pop())
    }

    fn verdicts_where(&self, condition: &str, values: impl Params) -> Result<Vec<(i64, Verdict)>, Error> {
        let doing = "read decisions";
        let sql = format!("SELECT intent, verb, who, why, at FROM verdicts WHERE {condition} ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let rows = statement.query_map(values, |row| {
            Ok((row.get(0)?, (row.get::<_, String>(1)?, row.get(2)?, row.get(3)?, row.get(4)?)))
        });
        let mut verdicts = Vec::new();
        for row in rows.doing(doing)? {
            let (intent, (verb, who, why, at)) = row.doing(doing)?;
            let verb = Verb::parse(&verb).ok_or_else(|| Error::Damaged { what: format!("the decision `{verb}`") })?;
            verdicts.push((intent, Verdict { verb, who, why, at: time(at) }));
        }
        Ok(verdicts)
    }
}

/// Whether an intent still is what was shown, and waits for a decision.
fn still_stands(transaction: &Transaction<'_>, intent: &Intent) -> Result<bool, Error> {
    let sql = "SELECT 1 FROM intents WHERE id = ?1 AND digest = ?2 AND state IN ('held', 'rejected')";
    let values = params![intent.id, intent.digests.0.0];
    let found = transaction.query_row(sql, values, |_| Ok(())).optional();
    found.doing("look at an intent").map(|found| found.is_some())
}
