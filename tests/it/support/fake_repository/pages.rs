//! Pages and records as a repository writes them.

use super::Reply;

/// Every answer names another host than the one asked, as Alma's do.
fn answer(date: &str, inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">\
         <responseDate>{date}</responseDate><request>http://nowhere.invalid/oai</request>{inside}</OAI-PMH>"
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// An answer to ListRecords.
#[derive(Clone)]
pub struct Page {
    date: String,
    records: String,
    token: String,
}

impl Page {
    /// The last page of a list: no token at all, as Alma ends.
    pub fn of(records: &[String]) -> Self {
        Page { date: "2026-11-22T01:02:03Z".to_owned(), records: records.concat(), token: String::new() }
    }

    pub fn token(self, token: &str) -> Self {
        self.raw_token(&format!("<resumptionToken>{}</resumptionToken>", escaped(token)))
    }

    /// The element as it stands.
    pub fn raw_token(self, element: &str) -> Self {
        Page { token: element.to_owned(), ..self }
    }

    /// The responseDate.
    pub fn date(self, date: &str) -> Self {
        Page { date: date.to_owned(), ..self }
    }

    pub fn reply(&self) -> Reply {
        self.of_verb("ListRecords")
    }

    pub fn of_verb(&self, verb: &str) -> Reply {
        Reply::new(answer(&self.date, &format!("<{verb}>{}{}</{verb}>", self.records, self.token)))
    }
}

/// A record with one set; `metadata` is what stands in its element, the element left out when it is empty.
pub fn record(identifier: &str, datestamp: &str, metadata: &str) -> String {
    let metadata = if metadata.is_empty() { String::new() } else { format!("<metadata>{metadata}</metadata>") };
    format!("<record>{}{metadata}</record>", header("", identifier, datestamp))
}

pub fn deleted(identifier: &str, datestamp: &str) -> String {
    format!("<record>{}</record>", header(" status=\"deleted\"", identifier, datestamp))
}

fn header(status: &str, identifier: &str, datestamp: &str) -> String {
    format!(
        "<header{status}><identifier>{}</identifier><datestamp>{datestamp}</datestamp><setSpec>s</setSpec></header>",
        escaped(identifier)
    )
}

/// A title, and an identifier that may name an IE.
pub fn oai_dc(title: &str, identifier: &str) -> String {
    format!(
        "<oai_dc:dc xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\" \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{}</dc:title>\
         <dc:identifier>{}</dc:identifier></oai_dc:dc>",
        escaped(title),
        escaped(identifier)
    )
}

/// An error of the protocol.
pub fn error(code: &str, message: &str) -> Reply {
    Reply::new(answer("2026-11-22T01:02:03Z", &format!("<error code=\"{code}\">{}</error>", escaped(message))))
}

/// An answer to Identify, with a baseURL that leads nowhere (State Library Victoria's has no scheme); an empty
/// granularity means seconds.
pub fn identify(granularity: &str) -> Reply {
    let granularity = if granularity.is_empty() { "YYYY-MM-DDThh:mm:ssZ" } else { granularity };
    Reply::new(answer(
        "2026-11-22T01:02:03Z",
        &format!(
            "<Identify><repositoryName>Fake</repositoryName><baseURL>rosetta.example.org:1801</baseURL>\
             <protocolVersion>2.0</protocolVersion><adminEmail>one@example.org</adminEmail>\
             <adminEmail>two@example.org</adminEmail><earliestDatestamp>2020-01-01T00:00:00Z</earliestDatestamp>\
             <deletedRecord>persistent</deletedRecord><granularity>{granularity}</granularity><description>\
             <oai-identifier xmlns=\"http://www.openarchives.org/OAI/2.0/oai-identifier\"><scheme>oai</scheme>\
             <repositoryIdentifier>ros.example.org</repositoryIdentifier><delimiter>:</delimiter>\
             <sampleIdentifier>oai:ros.example.org:IE1</sampleIdentifier></oai-identifier></description></Identify>"
        ),
    ))
}
