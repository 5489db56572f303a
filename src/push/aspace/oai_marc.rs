//! The second source: ArchivesSpace's OAI-PMH provider (`oai_marc`), asked for the MARC of one resource at a time.

use crate::failure::{Advise, Failure, Kind};
use crate::http;
use crate::model::record::{Body, Record};
use crate::oai::listing::{self, Repository};
use crate::profile::Feed;
use crate::push::marc::{self, Reading};
use crate::push::resource_uri::ResourceUri;
use crate::steps::harvest::client_for;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

/// What its identifiers begin with, where it does not tell (`AppConfig[:oai_record_prefix]`).
const NAME: &str = "archivesspace";

/// The provider that a profile names.
pub struct Provider<'a> {
    client: http::Client,
    feed: &'a Feed,
    name: OnceLock<String>,
    /// Identifiers as up to 3.5: `oai:archivesspace//…`.
    is_old: AtomicBool,
}

impl<'a> Provider<'a> {
    /// Asks nothing yet.
    pub fn new(feed: &'a Feed) -> Result<Self, Failure> {
        let (client, name, is_old) = (client_for(feed)?, OnceLock::new(), AtomicBool::new(false));
        Ok(Provider { client, feed, name, is_old })
    }

    /// The MARCXML of a resource; none where the provider does not show it, because the public may not see it.
    pub fn marc(&self, uri: &ResourceUri) -> Result<Option<String>, OaiResourceError> {
        let is_old = self.is_old.load(Ordering::Relaxed);
        if let Some(marc) = self.in_form(uri, is_old)? {
            return Ok(Some(marc));
        }
        // Which form a version takes cannot be told from Identify: test.archivesspace.org shows the old one since 4.0 (2025).
        let other = self.in_form(uri, !is_old)?;
        if other.is_some() {
            self.is_old.store(!is_old, Ordering::Relaxed);
        }
        Ok(other)
    }

    fn in_form(&self, uri: &ResourceUri, is_old: bool) -> Result<Option<String>, OaiResourceError> {
        let asked = |source| OaiResourceError::Asked { uri: *uri, source };
        let repository = Repository { client: &self.client, base_url: &self.feed.base_url };
        let name = match self.name.get() {
            Some(name) => name,
            None => {
                let told = repository.identify().map_err(asked)?.repository_identifier;
                self.name.get_or_init(|| told.unwrap_or_else(|| NAME.to_owned()))
            }
        };
        let identifier = format!("oai:{name}{}{uri}", if is_old { '/' } else { ':' });
        let page = match repository.record(&identifier, &self.feed.metadata_prefix) {
            Ok(page) => page,
            Err(listing::Error::Refused { code, .. }) if code == "idDoesNotExist" => return Ok(None),
            Err(source) => return Err(asked(source)),
        };
        let [record] = page.records.as_slice() else { return Err(OaiResourceError::NotIt { uri: *uri }) };
        match (read_oai_resource(record)?, &record.body) {
            (Some(OaiResource { uri: told, told: Told::Marc(_) }), Body::Metadata(xml)) if told == *uri => {
                Ok(Some(xml.to_string()))
            }
            (Some(OaiResource { uri: told, told: Told::Deleted | Told::Absent }), _) if told == *uri => Ok(None),
            (Some(_) | None, _) => Err(OaiResourceError::NotIt { uri: *uri }),
        }
    }
}

/// What the provider says of one resource. Both forms of its identifier are the same resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OaiResource {
    pub uri: ResourceUri,
    pub told: Told,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    Marc(Box<Reading>),
    /// Really deleted: ArchivesSpace makes no tombstone of what was unpublished or suppressed.
    Deleted,
    /// A header without metadata.
    Absent,
}

#[derive(Debug, thiserror::Error)]
pub enum OaiResourceError {
    #[error("cannot ask ArchivesSpace's OAI-PMH provider for {uri}")]
    Asked { uri: ResourceUri, source: listing::Error },
    #[error("ArchivesSpace's OAI-PMH provider answers with something else than {uri}")]
    NotIt { uri: ResourceUri },
    #[error("the MARC of {uri} cannot be read")]
    Marc { uri: ResourceUri, source: marc::Error },
}

impl Advise for OaiResourceError {
    fn kind(&self) -> Kind {
        match self {
            OaiResourceError::Asked { source, .. } => source.kind(),
            OaiResourceError::NotIt { .. } | OaiResourceError::Marc { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            OaiResourceError::Asked { source, .. } => source.hint(),
            OaiResourceError::NotIt { .. } => {
                Some("is archivesspace.feed the provider of this ArchivesSpace?".to_owned())
            }
            OaiResourceError::Marc { source, .. } => source.hint(),
        }
    }
}

/// Reads a record; none for what is no resource: the provider lists archival objects, too, and their tombstones.
pub fn read_oai_resource(record: &Record) -> Result<Option<OaiResource>, OaiResourceError> {
    let identifier = record.identifier.as_str();
    if !identifier.starts_with("oai:") {
        return Ok(None);
    }
    let Ok(uri) = ResourceUri::parse(identifier) else { return Ok(None) };
    let told = match &record.body {
        Body::Deleted => Told::Deleted,
        Body::Absent => Told::Absent,
        Body::Metadata(xml) => {
            Told::Marc(Box::new(marc::read(xml).map_err(|source| OaiResourceError::Marc { uri, source })?))
        }
    };
    Ok(Some(OaiResource { uri, told }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::OaiIdentifier;
    use crate::model::record::Datestamp;

    const MARC: &str = "<collection xmlns=\"http://www.loc.gov/MARC21/slim\"><record><leader>00000npcaa2200000 u 4500</leader>\
                        <datafield tag=\"245\" ind1=\"0\" ind2=\"0\"><subfield code=\"a\">Papers,</subfield></datafield></record></collection>";

    fn told(identifier: &str, body: Body) -> Result<Option<OaiResource>, OaiResourceError> {
        read_oai_resource(&Record {
            identifier: OaiIdentifier::new(identifier),
            datestamp: Datestamp::new("2025-11-11T14:28:08Z"),
            sets: Vec::new(),
            body,
            repairs: Default::default(),
        })
    }

    #[test]
    fn both_forms_of_an_identifier_are_one_resource_with_its_marc() {
        for identifier in
            ["oai:archivesspace//repositories/2/resources/1", "oai:archivesspace:/repositories/2/resources/1"]
        {
            let found = told(identifier, Body::Metadata(MARC.into())).unwrap().unwrap();
            assert_eq!(found.uri, ResourceUri::new(2, 1));
            let Told::Marc(reading) = found.told else { panic!("{identifier}") };
            assert_eq!(reading.record.data("245").next().unwrap().first("a"), Some("Papers,"));
        }
    }

    #[test]
    fn a_component_is_no_resource_and_a_tombstone_is_no_missing_record() {
        assert_eq!(told("oai:archivesspace:/repositories/2/archival_objects/7", Body::Deleted).unwrap(), None);
        assert_eq!(told("2/1", Body::Deleted).unwrap(), None);
        let of = |body| told("oai:archivesspace:/repositories/2/resources/1", body).unwrap().unwrap().told;
        assert_eq!((of(Body::Deleted), of(Body::Absent)), (Told::Deleted, Told::Absent));
        let error = told("oai:archivesspace:/repositories/2/resources/1", Body::Metadata("<a/>".into())).unwrap_err();
        assert_eq!(error.to_string(), "the MARC of /repositories/2/resources/1 cannot be read");
    }
}
