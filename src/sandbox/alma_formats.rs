//! The formats in which Alma publishes a bib: MARCXML, and plain Dublin Core made from it.

use super::xml::{self, Writer};
use crate::marc::{Datafield, Marc};

/// Replaces 245 $a, adding the field when there is none; other subfields of the title stay.
pub(super) fn set_title(marc: &mut Marc, title: &str) {
    match marc.datafields.iter_mut().find(|field| field.tag == "245") {
        Some(field) => match field.subfields.iter_mut().find(|(code, _)| *code == 'a') {
            Some((_, value)) => *value = title.to_owned(),
            None => field.subfields.insert(0, ('a', title.to_owned())),
        },
        None => {
            let at = marc.datafields.iter().position(|field| field.tag.as_str() > "245");
            let at = at.unwrap_or(marc.datafields.len());
            marc.datafields.insert(at, datafield("245", ['1', '0'], &[('a', title)]));
        }
    }
}

pub(super) fn datafield(tag: &str, [ind1, ind2]: [char; 2], subfields: &[(char, &str)]) -> Datafield {
    let subfields = subfields.iter().map(|(code, value)| (*code, (*value).to_owned())).collect();
    Datafield { tag: tag.to_owned(), ind1, ind2, subfields }
}

/// MARCXML with further fields at its end.
pub(super) fn marc21(marc: &Marc, further: &[Datafield]) -> String {
    let mut out = Writer::default();
    let root = [("xmlns", xml::MARC), ("xmlns:xsi", xml::XSI), ("xsi:schemaLocation", xml::MARC_SCHEMA)];
    write_marc(&mut out, &root, marc, further);
    out.finish()
}

/// A MARC record with further fields at its end; `root` are the attributes of its element.
pub(super) fn write_marc(out: &mut Writer, root: &[(&str, &str)], marc: &Marc, further: &[Datafield]) {
    out.open("record", root);
    out.leaf("leader", &[], &marc.leader);
    for (tag, value) in &marc.controlfields {
        out.leaf("controlfield", &[("tag", tag)], value);
    }
    for field in marc.datafields.iter().chain(further) {
        let (ind1, ind2) = (field.ind1.to_string(), field.ind2.to_string());
        out.open("datafield", &[("ind1", &ind1), ("ind2", &ind2), ("tag", &field.tag)]);
        for (code, value) in &field.subfields {
            out.leaf("subfield", &[("code", &code.to_string())], value);
        }
        out.close("datafield");
    }
    out.close("record");
}

/// An element of simple Dublin Core and its value.
pub(super) type Element = (&'static str, String);

/// The simple Dublin Core of a bib, after the Library of Congress's plain crosswalk.
pub(super) fn simple_dc(marc: &Marc) -> Vec<Element> {
    let mut dc = Vec::new();
    for row in BEFORE_TYPE {
        map(marc, &mut dc, row);
    }
    dc.push(("type", type_of_record(marc).to_owned()));
    for row in AFTER_TYPE {
        map(marc, &mut dc, row);
    }
    dc.extend(language(marc).map(|language| ("language", language)));
    for field in marc.datafields.iter().filter(|field| is_public_note(&field.tag)) {
        push(&mut dc, "description", joined(field, "a", " "));
    }
    for field in &marc.datafields {
        match field.tag.as_str() {
            "650" | "651" => push(&mut dc, "subject", joined(field, "abcdqtvxyz", "--")),
            "600" | "610" | "611" | "630" | "653" => push(&mut dc, "subject", joined(field, "abcdq", " ")),
            _ => {}
        }
    }
    for row in AFTER_SUBJECT {
        map(marc, &mut dc, row);
    }
    add_numbers(marc, &mut dc);
    dc
}

/// Element, tags, subfields, what to put between them.
type Row = (&'static str, &'static [&'static str], &'static str, &'static str);

const BEFORE_TYPE: &[Row] = &[
    ("title", &["245"], "abfghknp", " "),
    ("creator", &["100", "110", "111", "700", "710", "711", "720"], "abcdeq", " "),
];

const AFTER_TYPE: &[Row] =
    &[("type", &["655"], "a", " "), ("publisher", &["260", "264"], "ab", " "), ("date", &["260", "264"], "c", " ")];

const AFTER_SUBJECT: &[Row] = &[
    ("coverage", &["752"], "abcd", "--"),
    ("relation", &["773", "780", "785", "787"], "aot", " "),
    ("identifier", &["856"], "u", " "),
    ("rights", &["506", "540"], "a", " "),
];

fn map(marc: &Marc, dc: &mut Vec<Element>, (element, tags, codes, joint): &Row) {
    for field in marc.datafields.iter().filter(|field| tags.contains(&field.tag.as_str())) {
        push(dc, element, joined(field, codes, joint));
    }
}

/// The subfields with these codes, in the record's order.
fn joined(field: &Datafield, codes: &str, joint: &str) -> String {
    let wanted = field.subfields.iter().filter(|(code, _)| codes.contains(*code));
    wanted.map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(joint)
}

fn push(dc: &mut Vec<Element>, element: &'static str, value: String) {
    let value = value.trim();
    if !value.is_empty() {
        dc.push((element, value.to_owned()));
    }
}

fn type_of_record(marc: &Marc) -> &'static str {
    match marc.leader.as_bytes().get(6) {
        Some(b'k') => "image",
        Some(b'e' | b'f') => "cartographic",
        Some(b'd') => "notated music",
        _ => "text",
    }
}

fn language(marc: &Marc) -> Option<String> {
    let (_, coded) = marc.controlfields.iter().find(|(tag, _)| tag == "008")?;
    let language = coded.get(35..38)?.trim();
    (!language.is_empty() && language != "zxx").then(|| language.to_owned())
}

/// 5XX without access, reproduction, rights, language and the notes on the copy or the cataloguing.
fn is_public_note(tag: &str) -> bool {
    tag.len() == 3 && tag.starts_with('5') && !["506", "530", "540", "546", "583", "588"].contains(&tag)
}

/// ISBNs, and the OAI identifiers in 035: those stand beside the same ones of the representations.
///
/// Alma's SRU shows every 035; its publishing was never captured. Other numbers are left out, as the crosswalk does.
fn add_numbers(marc: &Marc, dc: &mut Vec<Element>) {
    for isbn in marc.fields("020").map(|field| joined(field, "a", " ")).filter(|isbn| !isbn.trim().is_empty()) {
        push(dc, "identifier", format!("urn:isbn:{isbn}"));
    }
    for number in marc.fields("035").map(|field| joined(field, "a", " ")) {
        if number.trim().starts_with("oai:") {
            push(dc, "identifier", number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marc(coded: &str, datafields: Vec<Datafield>) -> Marc {
        let controlfields = vec![("008".to_owned(), coded.to_owned())];
        Marc { leader: "01220ckm a22002897i 4500".to_owned(), controlfields, datafields, problems: Vec::new() }
    }

    #[test]
    fn a_record_becomes_plain_dublin_core() {
        let marc = marc(
            "170628s1503    gw nnn            anger d",
            vec![
                datafield("020", [' ', ' '], &[('a', "9783161484100")]),
                datafield("035", [' ', ' '], &[('a', "oai:rosetta.example.org:IE1")]),
                datafield("035", [' ', ' '], &[('a', "(OCoLC)12")]),
                datafield("100", ['1', ' '], &[('a', "Dürer, Albrecht,"), ('d', "1471-1528,"), ('0', "(DE-588)1")]),
                datafield("245", ['1', '4'], &[('a', "The turf /"), ('c', "Albrecht Dürer.")]),
                datafield("264", [' ', '0'], &[('c', "1503.")]),
                datafield("500", [' ', ' '], &[('a', "A note.")]),
                datafield("540", [' ', ' '], &[('a', "Public domain")]),
                datafield("650", [' ', '0'], &[('a', "Art"), ('z', "Germany.")]),
            ],
        );
        let dc = simple_dc(&marc);
        let dc: Vec<(&str, &str)> = dc.iter().map(|(element, value)| (*element, value.as_str())).collect();
        let expected = [
            ("title", "The turf /"),
            ("creator", "Dürer, Albrecht, 1471-1528,"),
            ("type", "image"),
            ("date", "1503."),
            ("language", "ger"),
            ("description", "A note."),
            ("subject", "Art--Germany."),
            ("rights", "Public domain"),
            ("identifier", "urn:isbn:9783161484100"),
            ("identifier", "oai:rosetta.example.org:IE1"),
        ];
        assert_eq!(dc, expected);
    }

    #[test]
    fn a_new_title_replaces_only_the_title_proper() {
        let mut marc = marc("", vec![datafield("650", [' ', '0'], &[('a', "Art")])]);
        set_title(&mut marc, "One");
        assert_eq!(marc.datafields[0], datafield("245", ['1', '0'], &[('a', "One")]));
        marc.datafields[0].subfields.push(('b', "more".to_owned()));
        set_title(&mut marc, "Two");
        assert_eq!(marc.datafields[0], datafield("245", ['1', '0'], &[('a', "Two"), ('b', "more")]));
        assert_eq!(marc.datafields.len(), 2);
    }

    #[test]
    fn blanks_of_fixed_fields_and_markup_survive_writing() {
        let xml = marc21(&marc("  a&<b ", Vec::new()), &[]);
        assert!(xml.contains("<controlfield tag=\"008\">  a&amp;&lt;b </controlfield>"), "{xml}");
    }
}
