//! A bibliographic record as Alma keeps it: MARCXML out, and Alma's plain Dublin Core of it.

use super::xml::{self, Writer};

/// A MARC record, fields in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Marc {
    pub(super) leader: String,
    pub(super) fields: Vec<Field>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Field {
    Control { tag: String, value: String },
    Data { tag: String, indicators: [String; 2], subfields: Vec<(String, String)> },
}

impl Field {
    fn tag(&self) -> &str {
        match self {
            Field::Control { tag, .. } | Field::Data { tag, .. } => tag,
        }
    }

    /// The subfields with these codes, in the record's order, joined.
    fn subfields(&self, codes: &str, joint: &str) -> String {
        match self {
            Field::Control { value, .. } => value.clone(),
            Field::Data { subfields, .. } => {
                let wanted = subfields.iter().filter(|(code, _)| codes.contains(code.as_str()));
                let values: Vec<&str> = wanted.map(|(_, value)| value.as_str()).collect();
                values.join(joint)
            }
        }
    }
}

impl Marc {
    /// Replaces 245 $a, adding the field when there is none; other subfields of the title stay.
    pub(super) fn set_title(&mut self, title: &str) {
        for field in &mut self.fields {
            let Field::Data { tag, subfields, .. } = field else { continue };
            if tag == "245" {
                match subfields.iter_mut().find(|(code, _)| code == "a") {
                    Some((_, value)) => *value = title.to_owned(),
                    None => subfields.insert(0, ("a".to_owned(), title.to_owned())),
                }
                return;
            }
        }
        let at = self.fields.iter().position(|field| field.tag() > "245").unwrap_or(self.fields.len());
        self.fields.insert(at, data_field("245", ["1", "0"], &[("a", title)]));
    }

    /// MARCXML with further fields at its end.
    pub(super) fn to_xml(&self, further: &[Field]) -> String {
        let mut out = Writer::default();
        out.open("record", &[("xmlns", xml::MARC), ("xmlns:xsi", xml::XSI), ("xsi:schemaLocation", xml::MARC_SCHEMA)]);
        out.leaf("leader", &[], &self.leader);
        for field in self.fields.iter().chain(further) {
            match field {
                Field::Control { tag, value } => out.leaf("controlfield", &[("tag", tag)], value),
                Field::Data { tag, indicators, subfields } => {
                    out.open("datafield", &[("ind1", &indicators[0]), ("ind2", &indicators[1]), ("tag", tag)]);
                    for (code, value) in subfields {
                        out.leaf("subfield", &[("code", code)], value);
                    }
                    out.close("datafield");
                }
            }
        }
        out.close("record");
        out.finish()
    }

    /// The simple Dublin Core of the record, after the Library of Congress's plain crosswalk.
    pub(super) fn to_dc(&self) -> Vec<(&'static str, String)> {
        let mut dc = Vec::new();
        for (element, tags, codes, joint) in BEFORE_TYPE {
            self.map(&mut dc, element, tags, codes, joint);
        }
        dc.push(("type", self.type_of_record().to_owned()));
        self.map(&mut dc, "type", &["655"], "a", " ");
        self.map(&mut dc, "publisher", &["260", "264"], "ab", " ");
        self.map(&mut dc, "date", &["260", "264"], "c", " ");
        dc.extend(self.language().map(|language| ("language", language)));
        for field in &self.fields {
            if is_public_note(field.tag()) {
                push(&mut dc, "description", field.subfields("a", " "));
            }
        }
        for field in &self.fields {
            let (codes, joint) = match field.tag() {
                "650" | "651" => ("abcdqtvxyz", "--"),
                "600" | "610" | "611" | "630" | "653" => ("abcdq", " "),
                _ => continue,
            };
            push(&mut dc, "subject", field.subfields(codes, joint));
        }
        for (element, tags, codes, joint) in AFTER_SUBJECT {
            self.map(&mut dc, element, tags, codes, joint);
        }
        self.add_isbns(&mut dc);
        self.add_oai_identifiers(&mut dc);
        dc
    }

    fn map(
        &self,
        dc: &mut Vec<(&'static str, String)>,
        element: &'static str,
        tags: &[&str],
        codes: &str,
        joint: &str,
    ) {
        for field in self.fields.iter().filter(|field| tags.contains(&field.tag())) {
            push(dc, element, field.subfields(codes, joint));
        }
    }

    fn type_of_record(&self) -> &'static str {
        match self.leader.as_bytes().get(6) {
            Some(b'k') => "image",
            Some(b'e' | b'f') => "cartographic",
            Some(b'd') => "notated music",
            _ => "text",
        }
    }

    fn language(&self) -> Option<String> {
        let coded = self.fields.iter().find(|field| field.tag() == "008")?.subfields("", "");
        let language = coded.get(35..38)?.trim().to_owned();
        (!language.is_empty() && language != "zxx").then_some(language)
    }

    fn add_isbns(&self, dc: &mut Vec<(&'static str, String)>) {
        for field in self.fields.iter().filter(|field| field.tag() == "020") {
            let isbn = field.subfields("a", " ");
            if !isbn.trim().is_empty() {
                push(dc, "identifier", format!("urn:isbn:{isbn}"));
            }
        }
    }

    /// An OAI identifier in 035 becomes an identifier, so that it stands beside the same one of the representation.
    ///
    /// Alma's SRU shows every 035; its publishing was never captured. Other numbers are left out, as the crosswalk does.
    fn add_oai_identifiers(&self, dc: &mut Vec<(&'static str, String)>) {
        for field in self.fields.iter().filter(|field| field.tag() == "035") {
            let number = field.subfields("a", " ");
            if number.trim().starts_with("oai:") {
                push(dc, "identifier", number);
            }
        }
    }
}

type Row = (&'static str, &'static [&'static str], &'static str, &'static str);

const BEFORE_TYPE: &[Row] = &[
    ("title", &["245"], "abfghknp", " "),
    ("creator", &["100", "110", "111", "700", "710", "711", "720"], "abcdeq", " "),
];

const AFTER_SUBJECT: &[Row] = &[
    ("coverage", &["752"], "abcd", "--"),
    ("relation", &["773", "780", "785", "787"], "aot", " "),
    ("identifier", &["856"], "u", " "),
    ("rights", &["506", "540"], "a", " "),
];

/// 5XX without access, reproduction, rights, language and the notes on the copy or the cataloguing.
fn is_public_note(tag: &str) -> bool {
    tag.len() == 3 && tag.starts_with('5') && !["506", "530", "540", "546", "583", "588"].contains(&tag)
}

fn push(dc: &mut Vec<(&'static str, String)>, element: &'static str, value: String) {
    let value = value.trim();
    if !value.is_empty() {
        dc.push((element, value.to_owned()));
    }
}

pub(super) fn data_field(tag: &str, indicators: [&str; 2], subfields: &[(&str, &str)]) -> Field {
    Field::Data {
        tag: tag.to_owned(),
        indicators: indicators.map(str::to_owned),
        subfields: subfields.iter().map(|(code, value)| ((*code).to_owned(), (*value).to_owned())).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[Field], expected: &[(&str, &str)]) {
        let marc = Marc { leader: "01220ckm a22002897i 4500".to_owned(), fields: fields.to_vec() };
        let dc = marc.to_dc();
        let dc: Vec<(&str, &str)> = dc.iter().map(|(element, value)| (*element, value.as_str())).collect();
        assert_eq!(dc, expected);
    }

    #[test]
    fn a_record_becomes_plain_dublin_core() {
        check(
            &[
                Field::Control { tag: "008".into(), value: "170628s1503    gw nnn            anger d".into() },
                data_field("035", [" ", " "], &[("a", "oai:rosetta.example.org:IE1")]),
                data_field("035", [" ", " "], &[("a", "(OCoLC)12")]),
                data_field("100", ["1", " "], &[("a", "Dürer, Albrecht,"), ("d", "1471-1528,"), ("0", "(DE-588)1")]),
                data_field("245", ["1", "4"], &[("a", "The turf /"), ("c", "Albrecht Dürer.")]),
                data_field("264", [" ", "0"], &[("c", "1503.")]),
                data_field("540", [" ", " "], &[("a", "Public domain")]),
                data_field("650", [" ", "0"], &[("a", "Art"), ("z", "Germany.")]),
            ],
            &[
                ("title", "The turf /"),
                ("creator", "Dürer, Albrecht, 1471-1528,"),
                ("type", "image"),
                ("date", "1503."),
                ("language", "ger"),
                ("subject", "Art--Germany."),
                ("rights", "Public domain"),
                ("identifier", "oai:rosetta.example.org:IE1"),
            ],
        );
    }

    #[test]
    fn a_new_title_replaces_only_the_title_proper() {
        let mut marc = Marc { leader: String::new(), fields: vec![data_field("650", [" ", "0"], &[("a", "Art")])] };
        marc.set_title("One");
        assert_eq!(marc.fields[0], data_field("245", ["1", "0"], &[("a", "One")]));
        marc.set_title("Two");
        assert_eq!(marc.fields[0].subfields("a", ""), "Two");
        assert_eq!(marc.fields.len(), 2);
    }

    #[test]
    fn blanks_of_fixed_fields_and_markup_survive_writing() {
        let field = Field::Control { tag: "008".into(), value: "  a&<b ".into() };
        let xml = Marc { leader: "00000 ".into(), fields: vec![field] }.to_xml(&[]);
        assert!(xml.contains("<leader>00000 </leader>"), "{xml}");
        assert!(xml.contains("<controlfield tag=\"008\">  a&amp;&lt;b </controlfield>"), "{xml}");
    }
}
