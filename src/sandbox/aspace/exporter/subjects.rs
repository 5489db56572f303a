//! Subjects as the exporter writes them: by the first term's type, the others in subfields, some without a code.

use super::{Field, list, text};
use serde_json::Value;

pub(super) fn of(record: &Value) -> Vec<Field> {
    list(record, "subjects").iter().filter_map(|link| link.get("_resolved")).filter_map(field).collect()
}

fn field(subject: &Value) -> Option<Field> {
    let (first, others) = list(subject, "terms").split_first()?;
    let tag = match text(first, "term_type") {
        "uniform_title" => "630",
        "temporal" => "648",
        "geographic" => "651",
        "genre_form" | "style_period" => "655",
        // A function belongs into 657 (fault 19).
        "occupation" | "function" => "656",
        _ => "650",
    };
    let source = text(subject, "source");
    let mut field = Field::new(tag, &format!(" {}", thesaurus(source))).with("a", text(first, "term"));
    for other in others {
        field = field.with(code(text(other, "term_type")), text(other, "term"));
    }
    if thesaurus(source) == '7' {
        field = field.with("2", source);
    }
    Some(field.with_some("0", subject["authority_id"].as_str()))
}

/// No code for occupations, functions and techniques: invalid MARCXML (fault 19).
fn code(term_type: &str) -> &'static str {
    match term_type {
        "uniform_title" => "t",
        "genre_form" | "style_period" => "v",
        "topical" | "cultural_context" => "x",
        "temporal" => "y",
        "geographic" => "z",
        _ => "",
    }
}

/// The second indicator of 6XX.
pub(super) fn thesaurus(source: &str) -> char {
    match source {
        "lcsh" | "naf" | "lcnaf" | "ingest" | "" => '0',
        "lcshac" => '1',
        "mesh" => '2',
        "nal" => '3',
        "cash" => '5',
        "rvm" => '6',
        _ => '7',
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_faults_are_those_of_the_real_exporter() {
        let check = |terms: &[(&str, &str)], source: &str, expected: &str| {
            let terms: Vec<Value> = terms.iter().map(|(kind, term)| json!({"term_type": kind, "term": term})).collect();
            let field = field(&json!({"terms": terms, "source": source, "authority_id": "u"})).unwrap();
            let subfields: Vec<String> =
                field.subfields.iter().map(|(code, value)| format!("${code} {value}")).collect();
            assert_eq!(format!("{} {} {}", field.tag, field.indicators, subfields.join(" ")), expected);
        };
        check(&[("topical", "Painting"), ("occupation", "Teachers")], "lcsh", "650  0 $a Painting $ Teachers $0 u");
        check(&[("function", "Filing")], "aat", "656  7 $a Filing $2 aat $0 u");
        check(&[("geographic", "Chicago"), ("topical", "History")], "lcsh", "651  0 $a Chicago $x History $0 u");
        check(&[("topical", "Dogs -- Training")], "lcsh", "650  0 $a Dogs -- Training $0 u");
    }
}
