//! Writes MARCXML, as an import profile takes it or as it stands in the bodies of Alma's API.

use super::{DataField, Field, MarcRecord};
use crate::marc::MARC21;
use crate::xml::escaped;
use std::fmt::Write;

/// Where the record's elements are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespace {
    /// In that of MARC21, as the default namespace: any reader of MARCXML takes it.
    Marc21,
    /// In none: Alma sends and takes `<record>` so in the bodies of bibs and holdings.
    None,
}

/// One `<record>`, one field a line, values exact. In an order of attributes that never changes: tag, ind1, ind2.
pub fn record(record: &MarcRecord, namespace: Namespace) -> String {
    let mut xml = String::with_capacity(256 + record.fields.len() * 160);
    match namespace {
        Namespace::Marc21 => xml += &format!("<record xmlns=\"{MARC21}\">\n"),
        Namespace::None => xml += "<record>\n",
    }
    push_fields(&mut xml, record);
    xml + "</record>"
}

/// A MARCXML document, for an import profile of Alma or any other program.
pub fn collection<'r>(records: impl IntoIterator<Item = &'r MarcRecord>) -> String {
    let mut xml = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<collection xmlns=\"{MARC21}\">\n");
    for record in records {
        xml += "<record>\n";
        push_fields(&mut xml, record);
        xml += "</record>\n";
    }
    xml + "</collection>\n"
}

fn push_fields(xml: &mut String, record: &MarcRecord) {
    let line = writeln!(xml, "<leader>{}</leader>", escaped(&record.leader));
    line.expect("a text takes all that is written to it");
    for field in &record.fields {
        let line = match field {
            Field::Control { tag, value } => {
                writeln!(xml, "<controlfield tag=\"{}\">{}</controlfield>", escaped(tag), escaped(value))
            }
            Field::Data(field) => writeln!(xml, "{}", datafield(field)),
        };
        line.expect("a text takes all that is written to it");
    }
}

fn datafield(field: &DataField) -> String {
    let indicator = |indicator: char| escaped(indicator.encode_utf8(&mut [0; 4])).into_owned();
    let (ind1, ind2) = (indicator(field.ind1), indicator(field.ind2));
    let mut xml = format!("<datafield tag=\"{}\" ind1=\"{ind1}\" ind2=\"{ind2}\">", escaped(&field.tag));
    for subfield in &field.subfields {
        let (code, value) = (escaped(&subfield.code), escaped(&subfield.value));
        xml += &format!("<subfield code=\"{code}\">{value}</subfield>");
    }
    xml + "</datafield>"
}
