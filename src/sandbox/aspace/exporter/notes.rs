//! Notes as the exporter writes them: one $a, tags as blanks, lists left out, and what is not public let through.

use super::{Field, list, text};
use serde_json::Value;

/// Where a kind of note goes: tag, indicators, code, and the words before it. A `?` stands for the publish flag.
const PLACES: &[(&str, &str, &str, &str, &str)] = &[
    ("arrangement", "351", "  ", "a", ""),
    ("fileplan", "351", "  ", "a", ""),
    ("odd", "500", "  ", "a", ""),
    ("dimensions", "500", "  ", "a", ""),
    ("physdesc", "500", "  ", "a", "Physical Description note: "),
    ("materialspec", "500", "  ", "a", "Material Specific Details: "),
    ("physloc", "500", "  ", "a", "Location of resource: "),
    ("phystech", "500", "  ", "a", "Physical Characteristics / Technical Requirements: "),
    ("physfacet", "500", "  ", "a", "Physical Facet: "),
    ("processinfo", "500", "  ", "a", "Processing Information: "),
    ("separatedmaterial", "500", "  ", "a", "Materials Separated from the Resource: "),
    ("accessrestrict", "506", "  ", "a", ""),
    ("abstract", "520", "3 ", "a", ""),
    ("scopecontent", "520", "2 ", "a", ""),
    ("prefercite", "524", "  ", "a", ""),
    ("originalsloc", "535", "1 ", "a", ""),
    ("altformavail", "535", "2 ", "a", ""),
    ("userestrict", "540", "  ", "a", ""),
    ("legalstatus", "540", "  ", "a", ""),
    ("acqinfo", "541", "? ", "a", ""),
    ("relatedmaterial", "544", "  ", "d", ""),
    ("bioghist", "545", "  ", "a", ""),
    ("langmaterial", "546", "  ", "a", ""),
    ("otherfindaid", "555", "0 ", "a", ""),
    ("custodhist", "561", "? ", "a", ""),
    ("bibliography", "581", "  ", "a", ""),
    ("appraisal", "583", "? ", "a", ""),
    ("accruals", "584", "  ", "a", ""),
];

/// A note of several parts goes by its flag; one of a single part goes out whatever its flag (fault 13), and of one with words
/// before it those are left.
pub(super) fn of(record: &Value) -> Vec<Field> {
    let of_languages = list(record, "lang_materials").iter().flat_map(|material| list(material, "notes"));
    list(record, "notes").iter().chain(of_languages).filter_map(field).collect()
}

fn field(note: &Value) -> Option<Field> {
    let (_, tag, indicators, code, words) = PLACES.iter().find(|(kind, ..)| *kind == text(note, "type"))?;
    let is_public = note["publish"] == true;
    let content = content(note, is_public);
    if content.is_empty() && words.is_empty() {
        return None;
    }
    let indicators = indicators.replace('?', if is_public { "1" } else { "0" });
    // Whatever a note ends with, it gets a period.
    let period = if content.is_empty() || content.ends_with('.') { "" } else { "." };
    Some(Field::new(tag, &indicators).with(code, format!("{words}{}{period}", without_tags(&content))))
}

fn content(note: &Value, is_public: bool) -> String {
    let whole = list(note, "content").iter().filter_map(Value::as_str);
    let parts = list(note, "subnotes").iter().filter(|part| is_public && part["publish"] == true);
    let parts = parts.filter_map(|part| part["content"].as_str());
    whole.chain(parts).collect::<Vec<_>>().join("\n\n")
}

/// A blank in the place of each tag; of `a < b and c >` nothing is left between the signs (12).
pub(super) fn without_tags(text: &str) -> String {
    let (mut plain, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once('<') {
        let Some((_, after)) = after.split_once('>') else { break };
        plain += before;
        plain.push(' ');
        rest = after;
    }
    plain + rest
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn check(note: Value, expected: Option<(&str, &str)>) {
        let found = field(&note).map(|field| (field.tag, field.subfields[0].1.clone()));
        assert_eq!(found, expected.map(|(tag, text)| (tag, text.to_owned())), "{note}");
    }

    /// The left column of `exporter-fault-probes`: what ArchivesSpace 4.2 was given, and what it wrote.
    #[test]
    fn the_faults_are_those_of_the_real_exporter() {
        check(
            json!({"type": "physloc", "publish": false, "content": ["Vault 7."]}),
            Some(("500", "Location of resource: Vault 7.")),
        );
        check(
            json!({"type": "abstract", "publish": false, "content": ["SECRET abstract."]}),
            Some(("520", "SECRET abstract.")),
        );
        let hidden = json!([{"content": "done by us", "publish": true}]);
        check(
            json!({"type": "processinfo", "publish": false, "subnotes": hidden}),
            Some(("500", "Processing Information: ")),
        );
        check(json!({"type": "scopecontent", "publish": false, "subnotes": hidden}), None);
        let parts = json!([{"content": "Para 1 <emph>x</emph> a < b and c > d", "publish": true}, {"items": ["one"], "publish": true},
            {"content": "Para 2.", "publish": true}]);
        check(
            json!({"type": "arrangement", "publish": true, "subnotes": parts}),
            Some(("351", "Para 1  x  a   d\n\nPara 2.")),
        );
        check(json!({"type": "unknown", "publish": true, "content": ["x"]}), None);
    }
}
