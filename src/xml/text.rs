//! Characters: what XML can hold, and what stands for what.

use super::Fault;
use std::borrow::Cow;

/// The own text of an element, collected piece by piece, borrowed as long as it came in one.
#[derive(Debug, Default)]
pub struct Text<'x>(Cow<'x, str>);

impl<'x> Text<'x> {
    pub fn push(&mut self, piece: Cow<'x, str>) {
        if self.0.is_empty() { self.0 = piece } else { self.0.to_mut().push_str(&piece) }
    }

    pub fn push_character(&mut self, character: char) {
        self.0.to_mut().push(character);
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn into_string(self) -> String {
        self.0.into_owned()
    }
}

/// Whether a text is nothing but white space, as XML counts it.
pub fn is_blank(text: &str) -> bool {
    text.bytes().all(|byte| is_space(char::from(byte)))
}

/// White space as XML counts it.
pub fn is_space(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\n' | '\r')
}

/// A text without its outer white space, as XML counts it: a no-break space stays.
pub fn trim(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Whether XML 1.0 can hold the character at all, be it as a reference.
pub fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..)
}

pub(super) fn first_illegal(xml: &str) -> Option<(usize, char)> {
    // U+FFFE and U+FFFF begin with EF. Without a branch, so that the loop runs many bytes at a time.
    let suspicious = |byte: u8| (byte < 0x20) & (byte != b'\t') & (byte != b'\n') & (byte != b'\r') | (byte == 0xEF);
    if !xml.bytes().fold(false, |found, byte| found | suspicious(byte)) {
        return None;
    }
    xml.char_indices().find(|(_, character)| !is_xml_character(*character))
}

/// Resolves what stands between `&` and `;`.
pub(super) fn character(reference: &str) -> Result<char, Fault> {
    let code = match reference {
        "amp" => return Ok('&'),
        "lt" => return Ok('<'),
        "gt" => return Ok('>'),
        "quot" => return Ok('"'),
        "apos" => return Ok('\''),
        other => other.strip_prefix('#').ok_or_else(|| Fault::UnknownEntity(other.to_owned()))?,
    };
    let (digits, radix) = code.strip_prefix('x').map_or((code, 10), |digits| (digits, 16));
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    let number = if is_number { u32::from_str_radix(digits, radix).ok() } else { None };
    let character = number.and_then(char::from_u32).filter(|character| is_xml_character(*character));
    character.ok_or_else(|| Fault::IllegalReference(reference.to_owned()))
}

pub(super) fn attribute_value(raw: &str) -> Result<Cow<'_, str>, Fault> {
    if !raw.bytes().any(|byte| matches!(byte, b'&' | b'<' | b'\t' | b'\n' | b'\r')) {
        return Ok(Cow::Borrowed(raw));
    }
    let mut value = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '<', '\t', '\n', '\r']) {
        value.push_str(&rest[..at]);
        let special = &rest[at..];
        let used = match special.as_bytes() {
            [b'&', ..] => {
                let end = special.find(';').ok_or_else(|| Fault::NotWellFormed("`&` without `;`".to_owned()))?;
                value.push(character(&special[1..end])?);
                end + 1
            }
            [b'<', ..] => return Err(Fault::NotWellFormed("`<` in an attribute value".to_owned())),
            [b'\r', b'\n', ..] => {
                value.push(' ');
                2
            }
            [..] => {
                value.push(' ');
                1
            }
        };
        rest = &special[used..];
    }
    value.push_str(rest);
    Ok(Cow::Owned(value))
}
