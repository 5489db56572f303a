//! What of a bib is pulled: its MMS ID, its OCLC number, a control field, or subfields as in `520$a`.

use crate::failure::{Advise, Kind};
use crate::model::id::MmsId;
use crate::push::marc::{DataField, MarcRecord};
use std::fmt;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    MmsId,
    /// The number of OCLC in 035 $a, without its prefixes.
    Oclc,
    /// `008`.
    Control(String),
    /// `520$a`, `245$ab`: of each field with the tag, these subfields in the record's order.
    Subfields {
        tag: String,
        codes: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` names nothing of a bib")]
pub struct InvalidSource(String);

impl Advise for InvalidSource {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }

    fn hint(&self) -> Option<String> {
        Some("write \"mms-id\", \"oclc\", a control field as \"008\", or a tag and subfields as \"520$a\"".to_owned())
    }
}

/// What libraries write before the digits of an OCLC number, by its length.
const OCLC_LETTERS: [&str; 3] = ["ocm", "ocn", "on"];

impl Source {
    pub fn parse(text: &str) -> Result<Self, InvalidSource> {
        let text = text.trim();
        let invalid = || InvalidSource(text.to_owned());
        match text {
            "mms-id" => return Ok(Source::MmsId),
            "oclc" => return Ok(Source::Oclc),
            _ => {}
        }
        let (tag, codes) = text.split_once('$').map_or((text, None), |(tag, codes)| (tag, Some(codes)));
        if tag.len() != 3 || !tag.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(invalid());
        }
        let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        match (tag.starts_with("00"), codes) {
            (true, None) => Ok(Source::Control(tag.to_owned())),
            (false, Some(codes)) if !codes.is_empty() && codes.bytes().all(is_code) => {
                Ok(Source::Subfields { tag: tag.to_owned(), codes: codes.to_owned() })
            }
            (true, Some(_)) | (false, None | Some(_)) => Err(invalid()),
        }
    }

    /// What a bib says, each value once and none of them blank.
    pub fn values(&self, mms: &MmsId, record: &MarcRecord) -> Vec<String> {
        let found: Vec<String> = match self {
            Source::MmsId => vec![mms.to_string()],
            Source::Oclc => record.data("035").flat_map(|field| field.values("a")).filter_map(oclc_number).collect(),
            Source::Control(tag) => record.control(tag).map(str::to_owned).into_iter().collect(),
            Source::Subfields { tag, codes } => record.data(tag).map(|field| in_a_row(field, codes)).collect(),
        };
        let mut values: Vec<String> = Vec::new();
        for value in found.iter().map(|value| value.trim()).filter(|value| !value.is_empty()) {
            if !values.iter().any(|other| other == value) {
                values.push(value.to_owned());
            }
        }
        values
    }
}

fn in_a_row(field: &DataField, codes: &str) -> String {
    let wanted = field.subfields.iter().filter(|subfield| !subfield.code.is_empty() && codes.contains(&subfield.code));
    let values: Vec<&str> = wanted.map(|subfield| subfield.value.trim()).filter(|value| !value.is_empty()).collect();
    values.join(" ")
}

/// `(OCoLC)ocm00012345` is `12345`. What has another prefix, or is no number, is not OCLC's.
fn oclc_number(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let rest = lower.strip_prefix("(ocolc)")?.trim_start();
    let digits = OCLC_LETTERS.iter().find_map(|letters| rest.strip_prefix(letters)).unwrap_or(rest).trim();
    let digits = digits.trim_start_matches('0');
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.to_owned())
}

impl fmt::Display for Source {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::MmsId => out.write_str("mms-id"),
            Source::Oclc => out.write_str("oclc"),
            Source::Control(tag) => out.write_str(tag),
            Source::Subfields { tag, codes } => write!(out, "{tag}${codes}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::marc::Field;

    fn record() -> MarcRecord {
        let field = |tag: &str, subfields: &[(&str, &str)]| Field::Data(DataField::new(tag, "  ", subfields));
        MarcRecord {
            leader: String::new(),
            fields: vec![
                Field::control("008", "200101 "),
                field("035", &[("a", "(OCoLC)ocm00012345"), ("z", "(OCoLC)9")]),
                field("035", &[("a", "(OCoLC)12345")]),
                field("035", &[("a", "(DLC)77")]),
                field("035", &[("a", "(OCoLC)see note")]),
                field("245", &[("a", "Papers "), ("c", "x"), ("b", "a view")]),
                field("520", &[("a", "First.")]),
                field("520", &[("a", " "), ("b", "Second.")]),
                field("520", &[("a", "First.")]),
            ],
        }
    }

    fn check(text: &str, expected: &[&str]) {
        let source = Source::parse(text).unwrap();
        assert_eq!(source.to_string(), text);
        assert_eq!(source.values(&MmsId::parse("9912").unwrap(), &record()), expected, "{text}");
    }

    #[test]
    fn each_source_reads_its_values_once_and_no_blank_ones() {
        check("mms-id", &["9912"]);
        check("oclc", &["12345"]);
        check("008", &["200101"]);
        check("245$ab", &["Papers a view"]);
        check("520$a", &["First."]);
        check("520$b", &["Second."]);
        check("999$a", &[]);
    }

    #[test]
    fn what_names_nothing_of_a_bib_is_refused() {
        for text in ["", "520", "520$", "52$a", "008$a", "520$A", "5200$a", "oclcs", "9XX$a"] {
            assert!(Source::parse(text).is_err(), "{text}");
        }
    }
}
