//! The second source: a record of ArchivesSpace's OAI-PMH provider (`oai_marc`) as a resource and its MARC.

use crate::failure::Advise;
use crate::model::record::{Body, Record};
use crate::push::marc::{self, Reading};
use crate::push::resource_uri::ResourceUri;

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
    #[error("the MARC of {uri} cannot be read")]
    Marc { uri: ResourceUri, source: marc::Error },
}

impl Advise for OaiResourceError {
    fn hint(&self) -> Option<String> {
        match self {
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
