//! Which bib describes a resource, and how that is known.

use super::journal::{Entry, Journal, Origin, Subject};
use super::resources::named;
use super::{Doing, Error, Store, time};
use crate::model::event::Event;
use crate::model::id::MmsId;
use crate::model::time::Timestamp;
use crate::push::resource_uri::ResourceUri;
use rusqlite::{OptionalExtension, Transaction, params};

/// How a bib was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// Its MMS ID stands in the field of the resource, and the bib carries our mark.
    Field,
    /// Alma found our own 035.
    Mark,
    /// This program made it.
    Created,
    /// A person said that it is the one.
    Adopted,
}

impl How {
    pub fn as_str(self) -> &'static str {
        match self {
            How::Field => "field",
            How::Mark => "mark",
            How::Created => "created",
            How::Adopted => "adopted",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        [How::Field, How::Mark, How::Created, How::Adopted].into_iter().find(|how| how.as_str() == text)
    }
}

/// A resource's bib.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    pub mms: MmsId,
    pub how: How,
    /// In whose name it was noted.
    pub who: String,
    pub at: Timestamp,
}

impl Store {
    /// The link of a resource, as it was noted last.
    pub fn link(&self, uri: &ResourceUri) -> Result<Option<Link>, Error> {
        let doing = "read a link";
        let sql = "SELECT mms, how, who, at FROM links WHERE uri = ?1";
        let found = self.connection.prepare_cached(sql).doing(doing)?.query_row([uri.to_string()], |row| {
            Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?, row.get(2)?, row.get(3)?))
        });
        let Some((mms, how, who, at)) = found.optional().doing(doing)? else { return Ok(None) };
        let damaged = || Error::Damaged { what: format!("the link of {uri} with `{mms}` ({how})") };
        let (mms, how) = (MmsId::parse(&mms).map_err(|_| damaged())?, How::parse(&how).ok_or_else(damaged)?);
        Ok(Some(Link { mms, how, who, at: time(at) }))
    }

    /// Notes a link; one to the same bib stays as it was first noted.
    pub fn set_link(&mut self, uri: &ResourceUri, mms: &MmsId, how: How, now: Timestamp) -> Result<(), Error> {
        if self.link(uri)?.is_some_and(|link| link.mms == *mms) {
            return Ok(());
        }
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            put(transaction, &mut journal, (uri, mms, how), (&actor.who, ""), now)
        })
    }
}

/// What follows for a link from something that was done to a bib.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkChange<'a> {
    /// This program made the bib.
    Created(&'a MmsId),
    /// A bib without our mark was written because a person had approved it.
    Adopted(&'a MmsId),
    /// The bib is gone, or is not this resource's any more: it is looked for again.
    Gone,
}

/// Changes the link of the resource that an intent is about, in the transaction of the intent's end.
pub(super) fn change_link(
    transaction: &Transaction<'_>,
    journal: &mut Journal<'_>,
    (intent, change): (i64, LinkChange<'_>),
    who: &str,
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "SELECT subject FROM intents WHERE id = ?1";
    let subject: String = transaction.query_row(sql, [intent], |row| row.get(0)).doing("look at an intent")?;
    let uri = named(&subject)?;
    match change {
        LinkChange::Created(mms) => put(transaction, journal, (&uri, mms, How::Created), (who, ""), now),
        LinkChange::Adopted(mms) => {
            let said = approval_of(transaction, intent)?;
            let (who, why) = said.as_ref().map_or((who, ""), |(who, why)| (who, why));
            put(transaction, journal, (&uri, mms, How::Adopted), (who, why), now)
        }
        LinkChange::Gone => remove(transaction, journal, &uri),
    }
}

/// Who approved what an intent wrote, and why.
fn approval_of(transaction: &Transaction<'_>, intent: i64) -> Result<Option<(String, String)>, Error> {
    let sql = "SELECT verdicts.who, verdicts.why FROM verdicts JOIN intents
                   ON intents.target = verdicts.target AND intents.digest = verdicts.digest
                      AND intents.before_digest IS verdicts.before_digest
               WHERE intents.id = ?1 AND verb = 'approve' ORDER BY verdicts.id DESC LIMIT 1";
    let found = transaction.query_row(sql, [intent], |row| Ok((row.get(0)?, row.get(1)?)));
    found.optional().doing("look who approved something")
}

fn put(
    transaction: &Transaction<'_>,
    journal: &mut Journal<'_>,
    (uri, mms, how): (&ResourceUri, &MmsId, How),
    (who, why): (&str, &str),
    now: Timestamp,
) -> Result<(), Error> {
    let sql = "INSERT INTO links (uri, mms, how, who, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (uri) DO UPDATE
               SET mms = ?2, how = ?3, who = ?4, at = ?5 WHERE links.mms <> ?2 OR (?3 = 'adopted' AND how <> 'adopted')";
    let row = params![uri.to_string(), mms.as_str(), how.as_str(), who, now.millis()];
    if transaction.execute(sql, row).doing("note a link")? == 0 {
        return Ok(());
    }
    let (event, detail) = match how {
        How::Adopted if why.is_empty() => (Event::Adopted, format!("as {who} said")),
        How::Adopted => (Event::Adopted, format!("as {who} said: {why}")),
        How::Field | How::Mark | How::Created => (Event::Linked, how.as_str().to_owned()),
    };
    tell(journal, event, uri, (mms.as_str(), &detail))
}

fn remove(transaction: &Transaction<'_>, journal: &mut Journal<'_>, uri: &ResourceUri) -> Result<(), Error> {
    let sql = "DELETE FROM links WHERE uri = ?1 RETURNING mms";
    let gone: Option<String> =
        transaction.query_row(sql, [uri.to_string()], |row| row.get(0)).optional().doing("forget a link")?;
    match gone {
        Some(mms) => tell(journal, Event::Unlinked, uri, (&mms, "")),
        None => Ok(()),
    }
}

fn tell(journal: &mut Journal<'_>, event: Event, uri: &ResourceUri, (mms, detail): (&str, &str)) -> Result<(), Error> {
    let origin = Origin { alma_identifier: mms, ..Origin::default() };
    // No number: a link outlives the intent that made it.
    let (subject, number, before, after) = (Subject::Resource(uri), None, None, None);
    journal.append(&Entry { event, subject, number, origin, before, after, detail })
}
