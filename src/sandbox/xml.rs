//! Writes the metadata of the stand-ins as XML.

use crate::model::dc::{DC, Dc, Field, Vocabulary, XsiType};

pub(super) use crate::model::dc::{DCTERMS, XSI};

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

    /// A field with its type, language and attributes.
    pub(super) fn field(&mut self, field: &Field) {
        let mut attributes: Vec<(String, String)> = Vec::new();
        let name = match &field.vocabulary {
            Vocabulary::Dc => format!("dc:{}", field.element),
            Vocabulary::Dcterms => format!("dcterms:{}", field.element),
            Vocabulary::Other(uri) => {
                attributes.push(("xmlns".to_owned(), uri.clone()));
                field.element.clone()
            }
        };
        match &field.xsi_type {
            Some(XsiType::Name(Vocabulary::Dc, name)) => attributes.push(("xsi:type".into(), format!("dc:{name}"))),
            Some(XsiType::Name(Vocabulary::Dcterms, name)) => {
                attributes.push(("xsi:type".into(), format!("dcterms:{name}")));
            }
            Some(XsiType::Name(Vocabulary::Other(uri), name)) => {
                attributes.push(("xmlns:t".into(), uri.clone()));
                attributes.push(("xsi:type".into(), format!("t:{name}")));
            }
            Some(XsiType::Undeclared(text)) => attributes.push(("xsi:type".into(), text.clone())),
            None => {}
        }
        attributes.extend(field.lang.iter().map(|lang| ("xml:lang".to_owned(), lang.clone())));
        for (number, attribute) in field.attributes.iter().enumerate() {
            if attribute.namespace.is_empty() {
                attributes.push((attribute.name.clone(), attribute.value.clone()));
            } else {
                attributes.push((format!("xmlns:a{number}"), attribute.namespace.clone()));
                attributes.push((format!("a{number}:{}", attribute.name), attribute.value.clone()));
            }
        }
        let attributes: Vec<(&str, &str)> = attributes.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        self.leaf(&name, &attributes, &field.value);
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
    open_oai_dc(&mut out, &[]);
    for (element, value) in fields.filter(|(element, _)| SIMPLE.contains(element)) {
        out.leaf(&format!("dc:{element}"), &[], value);
    }
    out.close("oai_dc:dc");
    out.finish()
}

pub(super) fn open_oai_dc(out: &mut Writer, further: &[(&str, &str)]) {
    let mut attributes =
        vec![("xmlns:oai_dc", OAI_DC), ("xmlns:dc", DC), ("xmlns:xsi", XSI), ("xsi:schemaLocation", OAI_DC_SCHEMA)];
    attributes.extend_from_slice(further);
    out.open("oai_dc:dc", &attributes);
}

/// The simple elements of a record, for [`simple_dc`].
pub(super) fn simple_fields(dc: &Dc) -> impl Iterator<Item = (&str, &str)> {
    dc.fields
        .iter()
        .filter(|field| field.vocabulary == Vocabulary::Dc)
        .map(|field| (field.element.as_str(), field.value.as_str()))
}

/// Everything in the qualified form that Alma and Rosetta share.
pub(super) fn qualified_dc(dc: &Dc) -> String {
    let mut out = Writer::default();
    let namespaces = [
        ("xmlns:oai_qdc", OAI_QDC),
        ("xmlns:dc", DC),
        ("xmlns:dcterms", DCTERMS),
        ("xmlns:xsi", XSI),
        ("xsi:schemaLocation", QDC_SCHEMA),
    ];
    out.open("oai_qdc:dc", &namespaces);
    for field in &dc.fields {
        out.field(field);
    }
    out.close("oai_qdc:dc");
    out.finish()
}
