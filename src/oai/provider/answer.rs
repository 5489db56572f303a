//! Writes the response documents of OAI-PMH.

use super::arguments::What;
use super::{DeletedPolicy, Identity, Item, MetadataFormat, OaiIdentifierScheme, Refusal, Set};
use crate::model::time::{Granularity, Timestamp};
use std::fmt::Write as _;

const OPENING: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n",
    "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"",
    " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"",
    " xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/ http://www.openarchives.org/OAI/2.0/OAI-PMH.xsd\">\n"
);

/// A response, or the part of it below the root, as it grows.
pub(super) struct Answer {
    xml: String,
    granularity: Granularity,
}

impl Answer {
    pub(super) fn new(granularity: Granularity) -> Self {
        Answer { xml: String::new(), granularity }
    }

    /// The root, the date and the request with the arguments to echo.
    pub(super) fn envelope(now: Timestamp, echoed: &[(String, String)], url: &str) -> Self {
        let mut answer = Answer { xml: String::from(OPENING), granularity: Granularity::Second };
        answer.element("responseDate", &now.at(Granularity::Second));
        answer.xml.push_str("<request");
        for (name, value) in echoed {
            answer.attribute(name, value);
        }
        answer.xml.push('>');
        push_escaped(&mut answer.xml, url);
        answer.xml.push_str("</request>\n");
        answer
    }

    pub(super) fn append(&mut self, body: Answer) {
        self.xml.push_str(&body.xml);
    }

    pub(super) fn close(mut self) -> String {
        self.xml.push_str("</OAI-PMH>\n");
        self.xml
    }

    pub(super) fn error(&mut self, refusal: &Refusal) {
        self.xml.push_str("<error");
        self.attribute("code", refusal.code.as_str());
        self.xml.push('>');
        push_escaped(&mut self.xml, &refusal.message);
        self.xml.push_str("</error>\n");
    }

    pub(super) fn identify(&mut self, identity: &Identity) {
        self.xml.push_str("<Identify>\n");
        self.element("repositoryName", &identity.name);
        self.element("baseURL", &identity.base_url);
        self.element("protocolVersion", "2.0");
        self.element("adminEmail", &identity.admin_email);
        self.element("earliestDatestamp", &identity.earliest.at(self.granularity));
        let policy = match identity.deleted {
            DeletedPolicy::No => "no",
            DeletedPolicy::Transient => "transient",
            DeletedPolicy::Persistent => "persistent",
        };
        self.element("deletedRecord", policy);
        self.element("granularity", self.granularity.as_str());
        if let Some(scheme) = &identity.oai_identifier {
            self.oai_identifier(scheme);
        }
        self.xml.push_str("</Identify>\n");
    }

    fn oai_identifier(&mut self, scheme: &OaiIdentifierScheme) {
        self.xml.push_str(concat!(
            "<description><oai-identifier xmlns=\"http://www.openarchives.org/OAI/2.0/oai-identifier\"",
            " xsi:schemaLocation=\"http://www.openarchives.org/OAI/2.0/oai-identifier",
            " http://www.openarchives.org/OAI/2.0/oai-identifier.xsd\">\n"
        ));
        self.element("scheme", "oai");
        self.element("repositoryIdentifier", &scheme.repository_identifier);
        self.element("delimiter", ":");
        self.element("sampleIdentifier", &scheme.sample_identifier);
        self.xml.push_str("</oai-identifier></description>\n");
    }

    pub(super) fn sets(&mut self, sets: &[Set]) {
        self.xml.push_str("<ListSets>\n");
        for set in sets {
            self.xml.push_str("<set>");
            self.element("setSpec", &set.spec);
            self.element("setName", &set.name);
            self.xml.push_str("</set>\n");
        }
        self.xml.push_str("</ListSets>\n");
    }

    pub(super) fn metadata_formats(&mut self, formats: &[MetadataFormat]) {
        self.xml.push_str("<ListMetadataFormats>\n");
        for format in formats {
            self.xml.push_str("<metadataFormat>");
            self.element("metadataPrefix", format.prefix);
            self.element("schema", format.schema);
            self.element("metadataNamespace", format.namespace);
            self.xml.push_str("</metadataFormat>\n");
        }
        self.xml.push_str("</ListMetadataFormats>\n");
    }

    pub(super) fn get_record(&mut self, item: &Item<'_>, metadata: Option<&str>) {
        self.xml.push_str("<GetRecord>\n");
        self.record(item, metadata);
        self.xml.push_str("</GetRecord>\n");
    }

    pub(super) fn open_list(&mut self, what: What) {
        self.xml.push_str(match what {
            What::Identifiers => "<ListIdentifiers>\n",
            What::Records => "<ListRecords>\n",
        });
    }

    pub(super) fn close_list(&mut self, what: What) {
        self.xml.push_str(match what {
            What::Identifiers => "</ListIdentifiers>\n",
            What::Records => "</ListRecords>\n",
        });
    }

    pub(super) fn record(&mut self, item: &Item<'_>, metadata: Option<&str>) {
        self.xml.push_str("<record>");
        self.header(item);
        if let Some(metadata) = metadata {
            self.xml.push_str("<metadata>");
            self.xml.push_str(metadata);
            self.xml.push_str("</metadata>");
        }
        self.xml.push_str("</record>\n");
    }

    pub(super) fn header(&mut self, item: &Item<'_>) {
        self.xml.push_str(if item.deleted { "<header status=\"deleted\">" } else { "<header>" });
        self.element("identifier", item.identifier);
        self.element("datestamp", &item.datestamp.at(self.granularity));
        for set in item.sets {
            self.element("setSpec", set);
        }
        self.xml.push_str("</header>\n");
    }

    pub(super) fn token(&mut self, token: &str, cursor: Option<usize>, size: Option<usize>) {
        self.xml.push_str("<resumptionToken");
        for (name, number) in [("completeListSize", size), ("cursor", cursor)] {
            if let Some(number) = number {
                let _ = write!(self.xml, " {name}=\"{number}\"");
            }
        }
        self.xml.push('>');
        push_escaped(&mut self.xml, token);
        self.xml.push_str("</resumptionToken>\n");
    }

    fn element(&mut self, name: &str, text: &str) {
        let _ = write!(self.xml, "<{name}>");
        push_escaped(&mut self.xml, text);
        let _ = write!(self.xml, "</{name}>");
    }

    fn attribute(&mut self, name: &str, value: &str) {
        let _ = write!(self.xml, " {name}=\"");
        push_escaped(&mut self.xml, value);
        self.xml.push('"');
    }
}

/// Writes text that may come from a request: characters that XML 1.0 cannot hold become U+FFFD.
fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' | '\r' => {
                let _ = write!(out, "&#{};", c as u32);
            }
            '\u{0}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
}
