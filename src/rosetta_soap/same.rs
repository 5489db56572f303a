//! Whether a document holds a record: the same elements, attributes and texts, whatever the prefixes and the line breaks.

use crate::xml::{Elements, Error, Piece, trim};

/// Whether the record is the document, or an element of it. Nothing that cannot be read is the same as anything.
pub(super) fn holds(document: &str, record: &str) -> bool {
    match (tokens(document), tokens(record)) {
        (Ok(document), Ok(record)) => document.windows(record.len()).any(|window| window == record),
        (Err(_), _) | (_, Err(_)) => false,
    }
}

/// The document as a list, start tags with their attributes in order; a part of the list that is balanced is an element.
fn tokens(xml: &str) -> Result<Vec<String>, Error> {
    let mut elements = Elements::new(xml.trim_start())?;
    let (mut tokens, mut text) = (Vec::new(), String::new());
    while let Some(piece) = elements.next()? {
        match piece {
            Piece::Text(more) | Piece::Cdata(more) => text.push_str(&more),
            Piece::Character(character) => text.push(character),
            Piece::Start(start) => {
                push_text(&mut tokens, &mut text);
                let mut attributes: Vec<String> = elements
                    .attributes()
                    .iter()
                    .map(|it| format!(" {{{}}}{}={:?}", it.namespace, it.local, it.value))
                    .collect();
                attributes.sort_unstable();
                tokens.push(format!("<{{{}}}{}{}", start.namespace, start.local, attributes.concat()));
            }
            Piece::End => {
                push_text(&mut tokens, &mut text);
                tokens.push(">".to_owned());
            }
        }
    }
    Ok(tokens)
}

fn push_text(tokens: &mut Vec<String>, text: &mut String) {
    let said = trim(text);
    if !said.is_empty() {
        tokens.push(format!("\"{said}"));
    }
    text.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_the_same_with_other_prefixes_and_line_breaks_and_inside_of_another_document() {
        let record = "<m:mods xmlns:m=\"http://m\" a=\"1\" b=\"2\"><m:t>x &amp; y</m:t></m:mods>";
        let check = |document: &str, expected: bool| assert_eq!(holds(document, record), expected, "{document}");
        check(record, true);
        check("<mods xmlns=\"http://m\" b=\"2\" a=\"1\">\n  <t> x <![CDATA[& y]]></t>\n</mods>", true);
        check(&format!("<all><other/>{record}</all>"), true);
        check("<mods xmlns=\"http://m\" a=\"1\" b=\"2\"><t>x &amp; z</t></mods>", false);
        check("<mods xmlns=\"http://m\" a=\"1\"><t>x &amp; y</t></mods>", false);
        check("<mods xmlns=\"http://m\" a=\"1\" b=\"2\"><t>x &amp; y</t><t/></mods>", false);
        check("<mods a=\"1\" b=\"2\"><t>x &amp; y</t></mods>", false);
        check("", false);
        assert!(!holds(record, ""));
    }
}
