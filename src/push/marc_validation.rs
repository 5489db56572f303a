//! What is wrong with a MARC record before it is sent, or after it was read: a report for people, and a reason not to send it.

use super::marc::{DataField, Field, MarcRecord, positions};
use crate::xml::is_xml_character;
use std::collections::BTreeMap;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody should look at it.
    Warning,
    /// The record must not be sent: Alma would refuse it, or take it and lose a part.
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub severity: Severity,
    /// `LDR`, a tag, or positions of a fixed field: `008/35-37`.
    pub place: String,
    pub fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{found} characters instead of {expected}")]
    Length { expected: usize, found: usize },
    #[error("`{found}` is none of {expected}")]
    Position { found: String, expected: &'static str },
    #[error("there is none")]
    Missing,
    #[error("stands {0} times and may stand once")]
    Repeated(usize),
    #[error("`{0}` is not three digits")]
    Tag(String),
    #[error("is a control field only from 001 to 009")]
    WrongKind,
    #[error("indicator {which} is `{found}`")]
    Indicator { which: u8, found: char },
    #[error("has no subfields")]
    NoSubfields,
    #[error("a subfield has the code `{0}`, which is not one small letter or digit")]
    Code(String),
    #[error("${0} is empty")]
    EmptySubfield(String),
    #[error("second indicator 7 without $2")]
    NoSource,
    #[error("has {0} bytes; 9999 are the most")]
    TooLong(usize),
    #[error("holds U+{:04X}, which XML cannot", *.0 as u32)]
    Character(char),
}

/// ISO 2709 has four digits for the length of a field, and Alma keeps to that.
const MAX_BYTES: usize = 9999;

/// All findings in the order of the record.
pub fn validate(record: &MarcRecord) -> Vec<Finding> {
    let mut report = Report(Vec::new());
    leader(&record.leader, &mut report);
    fixed_field(record, &mut report);
    repetition(record, &mut report);
    for field in &record.fields {
        tag(field, &mut report);
        match field {
            Field::Control { tag, value } => characters(tag, value, &mut report),
            Field::Data(field) => data_field(field, &mut report),
        }
    }
    report.0
}

/// Whether the record may be sent.
pub fn may_be_sent(findings: &[Finding]) -> bool {
    findings.iter().all(|finding| finding.severity < Severity::Error)
}

struct Report(Vec<Finding>);

impl Report {
    fn error(&mut self, place: impl Into<String>, fault: Fault) {
        self.0.push(Finding { severity: Severity::Error, place: place.into(), fault });
    }

    fn warning(&mut self, place: impl Into<String>, fault: Fault) {
        self.0.push(Finding { severity: Severity::Warning, place: place.into(), fault });
    }

    /// Checks positions of a fixed field; each of them must be one of the characters.
    fn position(&mut self, place: &str, fixed: &str, range: std::ops::Range<usize>, expected: &'static str, all: &str) {
        let found = positions(fixed, range.clone()).unwrap_or_default();
        if !found.chars().all(|character| all.contains(character)) {
            let place = match range.len() {
                1 => format!("{place}/{:02}", range.start),
                _ => format!("{place}/{:02}-{:02}", range.start, range.end - 1),
            };
            self.warning(place, Fault::Position { found, expected });
        }
    }
}

const DIGITS: &str = "0123456789";

fn leader(leader: &str, report: &mut Report) {
    let count = leader.chars().count();
    if count != 24 {
        return report.error("LDR", Fault::Length { expected: 24, found: count });
    }
    characters("LDR", leader, report);
    report.position("LDR", leader, 5..6, "a c d n p", "acdnp");
    report.position("LDR", leader, 6..7, "the types of MARC 21", "acdefgijkmoprt");
    report.position("LDR", leader, 7..8, "a b c d i m s", "abcdims");
    report.position("LDR", leader, 8..9, "blank or a", " a");
    report.position("LDR", leader, 9..10, "blank or a", " a");
    report.position("LDR", leader, 18..19, "blank a c i n u", " acinu");
}

fn fixed_field(record: &MarcRecord, report: &mut Report) {
    let Some(value) = record.control("008") else { return report.error("008", Fault::Missing) };
    let count = value.chars().count();
    if count != 40 {
        return report.error("008", Fault::Length { expected: 40, found: count });
    }
    report.position("008", value, 0..6, "digits", DIGITS);
    report.position("008", value, 6..7, "the types of date of MARC 21", "bcdeikmnpqrstu|");
    report.position("008", value, 7..15, "digits, u, | or blanks", "0123456789u| ");
    report.position("008", value, 15..18, "small letters", "abcdefghijklmnopqrstuvwxyz| ");
    report.position("008", value, 35..38, "small letters", "abcdefghijklmnopqrstuvwxyz|");
    report.position("008", value, 38..40, "codes of MARC 21", "abcdorsxuz| ");
    let undated = positions(value, 6..11).is_some_and(|dates| dates.starts_with(['i', 'k']) && dates.ends_with("    "));
    if undated {
        let found = positions(value, 7..11).unwrap_or_default();
        report.warning("008/07-10", Fault::Position { found, expected: "a year or uuuu" });
    }
}

/// Tags that stand once, and the main entries, of which there is one.
fn repetition(record: &MarcRecord, report: &mut Report) {
    const ONCE: [&str; 14] =
        ["001", "003", "005", "008", "010", "018", "036", "040", "042", "044", "240", "243", "245", "263"];
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for field in &record.fields {
        let tag = match field.tag() {
            "100" | "110" | "111" | "130" => "1XX",
            other => other,
        };
        *counts.entry(tag).or_default() += 1;
    }
    let may_not_repeat = |tag: &str| tag == "1XX" || ONCE.contains(&tag);
    for (tag, count) in counts.iter().filter(|(tag, count)| **count > 1 && may_not_repeat(tag)) {
        report.error(*tag, Fault::Repeated(*count));
    }
    let has_title = record.data("245").any(|field| field.subfields.iter().any(|s| !s.value.trim().is_empty()));
    if !has_title {
        report.error("245", Fault::Missing);
    }
}

fn tag(field: &Field, report: &mut Report) {
    let tag = field.tag();
    if tag.len() != 3 || !tag.bytes().all(|byte| byte.is_ascii_digit()) {
        return report.error(tag, Fault::Tag(tag.to_owned()));
    }
    let is_control = match field {
        Field::Control { .. } => true,
        Field::Data(_) => false,
    };
    if is_control != tag.starts_with("00") {
        report.error(tag, Fault::WrongKind);
    }
}

fn data_field(field: &DataField, report: &mut Report) {
    indicators(field, report);
    if field.subfields.is_empty() {
        report.error(&field.tag, Fault::NoSubfields);
    }
    for subfield in &field.subfields {
        let is_code = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        if subfield.code.len() != 1 || !subfield.code.bytes().all(is_code) {
            report.error(&field.tag, Fault::Code(subfield.code.clone()));
        }
        if subfield.value.trim().is_empty() {
            report.warning(&field.tag, Fault::EmptySubfield(subfield.code.clone()));
        }
        characters(&field.tag, &subfield.value, report);
    }
    if field.bytes() > MAX_BYTES {
        report.error(&field.tag, Fault::TooLong(field.bytes()));
    }
    let is_subject = field.tag.starts_with('6') && !matches!(field.tag.as_str(), "653" | "658" | "662" | "688");
    if is_subject && field.ind2 == '7' && !field.has("2") {
        report.warning(&field.tag, Fault::NoSource);
    }
}

/// What MARC 21 has for the fields that ArchivesSpace writes; for others, a digit or blank.
fn indicators(field: &DataField, report: &mut Report) {
    const ANY: &str = " 0123456789";
    let (first, second) = match field.tag.as_str() {
        "100" | "600" | "700" => ("013", ANY),
        "110" | "111" | "610" | "611" | "710" | "711" => ("012", ANY),
        "245" => ("01", DIGITS),
        "520" => (" 012348", " "),
        "541" | "561" | "583" => (" 01", " "),
        "650" => (" 012", " 01234567"),
        "856" => (" 012347", " 0128"),
        "035" | "040" | "300" | "351" | "500" | "524" | "545" | "546" => (" 01", " "),
        _ => (ANY, ANY),
    };
    for (which, found, expected) in [(1, field.ind1, first), (2, field.ind2, second)] {
        if !expected.contains(found) {
            report.warning(&field.tag, Fault::Indicator { which, found });
        }
    }
}

fn characters(place: &str, text: &str, report: &mut Report) {
    if let Some(character) = text.chars().find(|character| !is_xml_character(*character)) {
        report.error(place, Fault::Character(character));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEADER: &str = "00000npcaa2200000 u 4500";
    const FIXED: &str = "220517i19682016xxu                 eng d";

    fn check(leader: &str, fixed: &str, fields: &[DataField], expected: &[&str]) {
        let mut record = MarcRecord { leader: leader.to_owned(), fields: vec![Field::control("008", fixed)] };
        record.fields.extend(fields.iter().cloned().map(Field::Data));
        let said: Vec<String> =
            validate(&record).iter().map(|f| format!("{:?} {} {}", f.severity, f.place, f.fault)).collect();
        assert_eq!(said, expected);
        assert_eq!(may_be_sent(&validate(&record)), !expected.iter().any(|line| line.starts_with("Error")));
    }

    fn title() -> DataField {
        DataField::new("245", "00", &[("a", "Papers")])
    }

    #[test]
    fn a_good_record_has_no_findings() {
        check(LEADER, FIXED, &[title(), DataField::new("650", " 7", &[("a", "x"), ("2", "aat")])], &[]);
    }

    #[test]
    fn leader_and_fixed_field_are_checked_by_position() {
        check("", "", &[title()], &["Error LDR 0 characters instead of 24", "Error 008 0 characters instead of 40"]);
        check(
            "00000xpcaa2200000 u 4500",
            "2205i7i        xx                  MUL d",
            &[title()],
            &[
                "Warning LDR/05 `x` is none of a c d n p",
                "Warning 008/00-05 `2205i7` is none of digits",
                "Warning 008/35-37 `MUL` is none of small letters",
                "Warning 008/07-10 `    ` is none of a year or uuuu",
            ],
        );
    }

    #[test]
    fn fields_are_checked_for_what_alma_would_refuse_or_lose() {
        let long = "x".repeat(9999);
        check(
            LEADER,
            FIXED,
            &[
                DataField::new("65", "  ", &[("a", "x")]),
                DataField::new("005", "  ", &[("a", "x")]),
                DataField::new("100", "4 ", &[("a", "x")]),
                DataField::new("110", "2 ", &[("a", "x")]),
                DataField::new("049", "  ", &[]),
                DataField::new("500", "  ", &[("", "x"), ("a", " "), ("A", "\u{b}")]),
                DataField::new("520", "2 ", &[("a", &long)]),
                DataField::new("650", " 7", &[("a", "x")]),
            ],
            &[
                "Error 1XX stands 2 times and may stand once",
                "Error 245 there is none",
                "Error 65 `65` is not three digits",
                "Error 005 is a control field only from 001 to 009",
                "Warning 100 indicator 1 is `4`",
                "Error 049 has no subfields",
                "Error 500 a subfield has the code ``, which is not one small letter or digit",
                "Warning 500 $a is empty",
                "Error 500 a subfield has the code `A`, which is not one small letter or digit",
                "Warning 500 $A is empty",
                "Error 500 holds U+000B, which XML cannot",
                "Error 520 has 10004 bytes; 9999 are the most",
                "Warning 650 second indicator 7 without $2",
            ],
        );
    }
}
