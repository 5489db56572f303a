//! Rosetta's description → a MARC record for a new bib, by stylesheet; our own 035 is put in whatever the stylesheet does.

use super::subject::LinkSubject;
use crate::dc_xml::write_record;
use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::profile::{Link, Transform};
use crate::push::marc::{self, DataField, Field, MarcRecord};
use crate::push::marc_validation::{Finding, Severity, validate};
use crate::xslt::{self, Limits, Source, Stylesheet, Terms, TransformErrorKind};
use std::collections::BTreeMap;

/// A compiled stylesheet with the profile's parameters.
pub struct Describer {
    sheet: Stylesheet,
    parameters: BTreeMap<String, String>,
}

/// The stylesheet that comes with the program.
pub fn builtin_stylesheet() -> Source {
    Source::Embedded {
        name: "rosetta-dc-to-marc21.xsl",
        text: include_str!("../../xslt/rosetta-dc-to-marc21.xsl"),
        parts: &[],
    }
}

/// Why there is no record.
pub enum NotDescribed {
    /// Nothing can be said of any IE: the run ends.
    Lost(Failure),
    Because(String),
}

/// A record, and what is wrong with it.
pub struct Described {
    pub record: MarcRecord,
    /// Empty when it may be sent.
    pub faults: Vec<String>,
}

impl Describer {
    /// Compiles the stylesheet; the engine is that of the round trip.
    pub fn load(link: &Link, transform: &Transform) -> Result<Self, xslt::Error> {
        let source = link.stylesheet.clone().map_or_else(builtin_stylesheet, Source::File);
        let terms = Terms { engine: transform.engine, limits: Limits::default(), saxon: transform.saxon.clone() };
        Ok(Describer { sheet: xslt::compile_by(&source, &terms)?, parameters: link.rules.parameters.clone() })
    }

    pub fn name(&self) -> &str {
        self.sheet.name()
    }

    /// Of the stylesheet, all that it includes, and the engine with its version.
    pub fn digest(&self) -> Fixity {
        let mut whole = self.sheet.engine().into_bytes();
        for part in self.sheet.sources() {
            whole.extend_from_slice(&(part.len() as u64).to_le_bytes());
            whole.extend_from_slice(part);
        }
        Fixity::of(&whole)
    }

    /// The record of a new bib for an IE.
    pub fn describe(&self, subject: &LinkSubject) -> Result<Described, NotDescribed> {
        let because = |why: String| NotDescribed::Because(format!("{}: {why}", self.name()));
        let mut parameters: Vec<(&str, &str)> =
            self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        parameters.push(("ie-pid", subject.ie.as_str()));
        parameters.push(("oai-identifier", subject.identifier.as_str()));
        parameters.push(("entered", &subject.entered));
        let record = write_record(&subject.dc);
        let applied = xslt::with_worker(&self.sheet, |worker| worker.apply(record.as_bytes(), &parameters));
        let output = match applied.map_err(|error| because(error.to_string()))? {
            Ok(output) => output,
            Err(error) if error.kind == TransformErrorKind::EngineLost => {
                return Err(NotDescribed::Lost(Failure::from(error)));
            }
            Err(error) => return Err(because(error.to_string())),
        };
        let text = std::str::from_utf8(&output.bytes).map_err(|_| because("its output is not UTF-8".to_owned()))?;
        let read = marc::read(text).and_then(marc::Reading::whole).map_err(|error| because(error.to_string()))?;
        Ok(finished(read, subject.identifier.as_str()))
    }
}

/// Alma's own numbers are Alma's to give; our 035 stands in it once.
fn finished(mut record: MarcRecord, identifier: &str) -> Described {
    record.fields.retain(|field| !matches!(field.tag(), "001" | "003" | "005"));
    let is_ours = |field: &Field| field.data().is_some_and(|field| field.tag == "035" && says(field, identifier));
    record.fields.retain(|field| !is_ours(field));
    record.fields.push(Field::Data(DataField::new("035", "", &[("a", identifier)])));
    record.sort();
    let error = |finding: &Finding| finding.severity == Severity::Error;
    let findings = validate(&record);
    let mut faults: Vec<String> =
        findings.iter().filter(|it| error(it)).map(|it| format!("{} {}", it.place, it.fault)).collect();
    let has_title = record.data("245").any(|field| field.first("a").is_some_and(|title| !title.trim().is_empty()));
    if !has_title && !faults.iter().any(|fault| fault.starts_with("245")) {
        faults.push("245 has no title".to_owned());
    }
    Described { record, faults }
}

/// Whether an 035 is this identifier, with or without a prefix in parentheses.
pub(super) fn says(field: &DataField, identifier: &str) -> bool {
    field.values("a").any(|value| {
        let value = value.trim();
        let bare = value.strip_prefix('(').and_then(|rest| rest.split_once(')')).map(|(_, rest)| rest.trim());
        value == identifier || bare == Some(identifier)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dc_xml::read_record;
    use crate::model::id::{IePid, OaiIdentifier};
    use crate::profile::parse_link;
    use std::path::Path;

    fn describe(fields: &str) -> Described {
        let profile = "[rosetta.feed]\nbase-url = \"http://r/o\"\nmetadata-prefix = \"oai_dc\"\n\
             [alma.feed]\nbase-url = \"http://a/o\"\nmetadata-prefix = \"oai_dc\"\n\
             [alma.api]\nbase-url = \"https://api.example.org\"\nkey-env = \"K\"\n[staging]\nfolder = \"s\"\n\
             [link]\nrepository = \"ROSETTA\"\nlibrary = \"MAIN\"\nsuppress = false\n";
        let profile = parse_link(Path::new("p.toml"), profile).unwrap();
        let xml = format!("<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{fields}</dc:record>");
        let subject = LinkSubject {
            ie: IePid::parse("IE7").unwrap(),
            identifier: OaiIdentifier::new("oai:ros:IE7"),
            dc: read_record(&xml).unwrap().dc,
            digest: Fixity::of(b""),
            entered: "261122".to_owned(),
        };
        let describer = Describer::load(&profile.link, &profile.profile.round_trip.transform).unwrap();
        match describer.describe(&subject) {
            Ok(described) => described,
            Err(NotDescribed::Because(why)) => panic!("{why}"),
            Err(NotDescribed::Lost(failure)) => panic!("{failure}"),
        }
    }

    #[test]
    fn a_description_becomes_a_record_that_may_be_sent() {
        let described = describe(
            "<dc:title>Der Sturm &amp; das Meer</dc:title><dc:title>The storm</dc:title><dc:creator>Anna</dc:creator>\
             <dc:date>ca. 1888-05</dc:date><dc:language>ger</dc:language><dc:type>image</dc:type>\
             <dc:identifier>urn:1</dc:identifier><dc:rights>CC0</dc:rights><dc:subject>Sea</dc:subject>",
        );
        assert_eq!(described.faults, [""; 0]);
        let shown: Vec<String> = described.record.fields.iter().map(ToString::to_string).collect();
        let has = |text: &str| assert!(shown.iter().any(|field| field.contains(text)), "{text}: {shown:#?}");
        assert_eq!(described.record.control("008").map(str::len), Some(40));
        assert_eq!(described.record.control("008").unwrap().get(0..11), Some("261122s1888"));
        assert_eq!(described.record.control("008").unwrap().get(35..38), Some("ger"));
        assert_eq!(described.record.leader.get(6..7), Some("k"));
        for text in ["Der Sturm & das Meer", "The storm", "Anna", "CC0", "Sea", "urn:1", "oai:ros:IE7"] {
            has(text);
        }
    }

    #[test]
    fn a_description_without_a_title_may_not_be_sent() {
        let described = describe("<dc:creator>Anna</dc:creator>");
        assert!(described.faults.iter().any(|fault| fault.contains("245")), "{:?}", described.faults);
    }

    #[test]
    fn our_number_stands_in_it_once() {
        let twice = MarcRecord {
            leader: "00000nam a2200000 u 4500".to_owned(),
            fields: vec![
                Field::control("001", "1"),
                Field::Data(DataField::new("035", "", &[("a", "(X)oai:ros:IE7")])),
                Field::Data(DataField::new("035", "", &[("a", "oai:ros:IE77")])),
            ],
        };
        let record = finished(twice, "oai:ros:IE7").record;
        let numbers: Vec<&str> = record.data("035").filter_map(|field| field.first("a")).collect();
        assert_eq!(numbers.len(), 2, "{numbers:?}");
        assert!(numbers.contains(&"oai:ros:IE7") && record.control("001").is_none());
    }
}
