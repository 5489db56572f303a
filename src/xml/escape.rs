//! Writing: what stands for a character where XML would read it as something else.

use std::borrow::Cow;

/// A value as it may stand in an element or between double quotes in an attribute.
///
/// A carriage return, and in an attribute tabs and line feeds too, would be read back as another character. What XML cannot
/// hold at all stays: whoever writes a record looks for it before (`is_xml_character`).
pub fn escaped(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'&' | b'<' | b'>' | b'"' | b'\r' | b'\t')) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\r' => escaped.push_str("&#13;"),
            '\t' => escaped.push_str("&#9;"),
            other => escaped.push(other),
        }
    }
    Cow::Owned(escaped)
}

/// Adds `<name>value</name>`; the name is ours.
pub fn push_element(xml: &mut String, name: &str, value: &str) {
    *xml += &format!("<{name}>{}</{name}>", escaped(value));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xml::{Elements, Piece, Text};
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_escaped_is_read_back(value in "[ -~é\t\n\r]{0,20}") {
            let xml = format!("<a>{}</a>", escaped(&value));
            let (mut elements, mut text) = (Elements::new(&xml).unwrap(), Text::default());
            while let Some(piece) = elements.next().unwrap() {
                match piece {
                    Piece::Text(piece) | Piece::Cdata(piece) => text.push(piece),
                    Piece::Character(character) => text.push_character(character),
                    Piece::Start(_) | Piece::End => {}
                }
            }
            prop_assert_eq!(text.as_str(), value);
        }
    }
}
