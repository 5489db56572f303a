//! Writes the metadata of the stand-ins as XML.

use crate::dc_xml;
use crate::model::dc::{DC, Dc, Vocabulary};

pub(super) use crate::model::dc::XSI;

pub(super) const MARC: &str = "http://www.loc.gov/MARC21/slim";
pub(super) const MARC_SCHEMA: &str =
    "http://www.loc.gov/MARC21/slim http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd";
pub(super) const OAI_DC: &str = "http://www.openarchives.org/OAI/2.0/oai_dc/";
const OAI_DC_SCHEMA: &str =
    "http://www.openarchives.org/OAI/2.0/oai_dc/ http://www.openarchives.org/OAI/2.0/oai_dc.xsd";
pub(super) const OAI_QDC: &str = "http://alma.exlibrisgroup.com/schemas/qdc-1.0/";
const QDC_SCHEMA: &str = concat!(
    "http://alma.exlibrisgroup.com/schemas/qdc-1.0/",
    " http://alma.exlibrisgroup.com/schemas/qdc-1.0/alma_qualifieddc.xsd"
);

/// A growing piece of XML; names are ours, values are escaped.
#[derive(Default)]
pub(super) struct Writer {
    xml: String,
}

impl Writer {
    pub(super) fn open(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.start(name, attributes);
        self.xml.push('>');
    }

    pub(super) fn close(&mut self, name: &str) {
        self.xml.push_str("</");
        self.xml.push_str(name);
        self.xml.push('>');
    }

    pub(super) fn leaf(&mut self, name: &str, attributes: &[(&str, &str)], value: &str) {
        self.open(name, attributes);
        self.escape(value, false);
        self.close(name);
    }

    pub(super) fn finish(self) -> String {
        self.xml
    }

    fn start(&mut self, name: &str, attributes: &[(&str, &str)]) {
        self.xml.push('<');
        self.xml.push_str(name);
        for (name, value) in attributes {
            self.xml.push(' ');
            self.xml.push_str(name);
            self.xml.push_str("=\"");
            self.escape(value, true);
            self.xml.push('"');
        }
    }

    /// What was read from XML holds no character that XML forbids; titles from the control route are checked there.
    fn escape(&mut self, text: &str, in_attribute: bool) {
        for c in text.chars() {
            match c {
                '&' => self.xml.push_str("&amp;"),
                '<' => self.xml.push_str("&lt;"),
                '>' => self.xml.push_str("&gt;"),
                '\r' => self.xml.push_str("&#13;"),
                '"' if in_attribute => self.xml.push_str("&quot;"),
                '\n' if in_attribute => self.xml.push_str("&#10;"),
                '\t' if in_attribute => self.xml.push_str("&#9;"),
                other => self.xml.push(other),
            }
        }
    }
}

const SIMPLE: [&str; 15] = [
    "title",
    "creator",
    "subject",
    "description",
    "publisher",
    "contributor",
    "date",
    "type",
    "format",
    "identifier",
    "source",
    "language",
    "relation",
    "coverage",
    "rights",
];

/// `oai_dc` as its schema has it: the fifteen elements and their text.
pub(super) fn simple_dc<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = Writer::default();
    open_oai_dc(&mut out);
    for (element, value) in fields.filter(|(element, _)| SIMPLE.contains(element)) {
        out.leaf(&format!("dc:{element}"), &[], value);
    }
    out.close("oai_dc:dc");
    out.finish()
}

fn open_oai_dc(out: &mut Writer) {
    let attributes =
        [("xmlns:oai_dc", OAI_DC), ("xmlns:dc", DC), ("xmlns:xsi", XSI), ("xsi:schemaLocation", OAI_DC_SCHEMA)];
    out.open("oai_dc:dc", &attributes);
}

/// The simple elements of a record, for [`simple_dc`].
pub(super) fn simple_fields(dc: &Dc) -> impl Iterator<Item = (&str, &str)> {
    let simple = dc.fields.iter().filter(|field| field.vocabulary == Vocabulary::Dc);
    simple.map(|field| (field.element.as_str(), field.value.as_str()))
}

/// Everything, in the qualified form that Alma and Rosetta share.
pub(super) fn qualified_dc(dc: &Dc) -> String {
    let opening = format!("<oai_qdc:dc xmlns:oai_qdc=\"{OAI_QDC}\" xsi:schemaLocation=\"{QDC_SCHEMA}\"");
    with_root(dc, &opening, "</oai_qdc:dc>")
}

/// The form of State Library Victoria's feed (2021): a second record inside, foreign elements and attributes.
pub(super) fn nested_dc(dc: &Dc) -> String {
    let closing = concat!(
        "<dc:issued content=\"metadata update\">2021-01-19</dc:issued>\n",
        "<dc:identifier repCode=\"LOW\" type=\"fileID\">FL15986947</dc:identifier>\n",
        "<slvterms:fileName>image-0001.jpg</slvterms:fileName>\n",
        "</record>"
    );
    let mut out = Writer::default();
    open_oai_dc(&mut out);
    out.xml.push_str(&with_root(dc, "<record xmlns=\"\" xmlns:slvterms=\"http://slv.vic.gov.au/terms/\"", closing));
    out.close("oai_dc:dc");
    out.finish()
}

/// A `dc:record` with another root; the namespaces that it declares stay.
fn with_root(dc: &Dc, opening: &str, closing: &str) -> String {
    let record = dc_xml::write_record(dc);
    let inside = record.strip_prefix("<dc:record").and_then(|rest| rest.strip_suffix("</dc:record>"));
    format!("{opening}{}{closing}", inside.expect("a record is written between these tags"))
}
