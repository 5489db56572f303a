//! An IE that is to be linked, as Rosetta's feed shows it.

use crate::dc_xml::read_anywhere;
use crate::model::dc::Dc;
use crate::model::fixity::Fixity;
use crate::model::id::{IePid, OaiIdentifier, RepositoryIdentifier};
use crate::store::feeds::FeedId;
use crate::store::records::StoredBody;
use crate::store::{Error, Store};

#[derive(Debug, Clone)]
pub struct LinkSubject {
    pub ie: IePid,
    /// By which the round trip will match it.
    pub identifier: OaiIdentifier,
    pub dc: Dc,
    /// Of what its description says.
    pub digest: Fixity,
    /// The day of Rosetta's datestamp as MARC writes it: 261122. A day of our own would make another record every day.
    pub entered: String,
}

/// Why an IE cannot be linked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoSubject {
    /// Rosetta's feed does not show it, or not any more, or as deleted.
    Gone,
    /// It is there, and cannot be read or says nothing: why.
    Unreadable(String),
}

impl LinkSubject {
    pub fn read(
        store: &mut Store,
        rosetta: FeedId,
        repository: &RepositoryIdentifier,
        ie: &IePid,
    ) -> Result<Result<Self, NoSubject>, Error> {
        let identifier = OaiIdentifier::of_ie(repository, ie);
        let Some(record) = store.record_by_identifier(rosetta, &identifier)? else { return Ok(Err(NoSubject::Gone)) };
        let metadata = match record.body {
            StoredBody::Metadata(metadata) => metadata,
            StoredBody::Deleted | StoredBody::Gone(_) => return Ok(Err(NoSubject::Gone)),
            StoredBody::Absent => return Ok(Err(unreadable("Rosetta's feed shows it without metadata"))),
            StoredBody::Quarantined(_) => return Ok(Err(unreadable("its record lies in quarantine"))),
        };
        let dc = match read_anywhere(&metadata) {
            Ok(dc) => dc,
            Err(error) => return Ok(Err(unreadable(&format!("its record cannot be read: {error}")))),
        };
        let digits: String = record.datestamp.as_str().chars().filter(char::is_ascii_digit).collect();
        let entered = digits.get(2..8).unwrap_or("||||||").to_owned();
        let digest = Fixity(dc.digest().0);
        Ok(Ok(LinkSubject { ie: ie.clone(), identifier, dc, digest, entered }))
    }

    pub fn title(&self) -> &str {
        self.dc.title().unwrap_or_default()
    }
}

fn unreadable(why: &str) -> NoSubject {
    NoSubject::Unreadable(why.to_owned())
}
