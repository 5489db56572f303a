//! Which bib describes a resource, and how that is known.

use super::journal::{Entry, Journal, Origin, Subject};
use super::{Doing, Error, Store, time};
use crate::model::event::Event;
use crate::model::id::MmsId;
use crate::model::time::Timestamp;
use crate::push::resource_uri::ResourceUri;
use rusqlite::{OptionalExtension, params};

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
        let who = self.actor.who.clone();
        let sql = "INSERT INTO links (uri, mms, how, who, at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (uri) DO UPDATE
                   SET mms = ?2, how = ?3, who = ?4, at = ?5 WHERE links.mms <> ?2 OR ?3 = 'adopted'";
        let row = params![uri.to_string(), mms.as_str(), how.as_str(), who, now.millis()];
        self.connection.execute(sql, row).doing("note a link").map(|_| ())
    }

    /// A person says that a bib without our mark describes a resource.
    pub fn adopt(&mut self, uri: &ResourceUri, mms: &MmsId, why: &str, now: Timestamp) -> Result<(), Error> {
        self.set_link(uri, mms, How::Adopted, now)?;
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let mut journal = Journal::open(transaction, &actor, now)?;
            let origin = Origin { alma_identifier: mms.as_str(), ..Origin::default() };
            let subject = Subject::Resource(uri);
            let (number, before, after) = (None, None, None);
            journal.append(&Entry { event: Event::Adopted, subject, number, origin, before, after, detail: why })
        })
    }

    /// The bib of a resource is gone: it is looked for again.
    pub fn unlink(&self, uri: &ResourceUri) -> Result<(), Error> {
        self.connection
            .execute("DELETE FROM links WHERE uri = ?1", [uri.to_string()])
            .doing("forget a link")
            .map(|_| ())
    }
}
