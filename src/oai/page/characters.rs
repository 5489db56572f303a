//! Which characters XML 1.0 allows, and what references stand for.

use memchr::memchr;
use quick_xml::events::BytesRef;

/// The character behind a reference: XML's five names, or a number that XML 1.0 allows.
pub(super) fn resolve(reference: &BytesRef<'_>) -> Option<char> {
    match &**reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => match reference.resolve_char_ref() {
            Ok(Some(character)) if is_xml_char(character) => Some(character),
            Ok(_) | Err(_) => None,
        },
    }
}

/// The complaint about a reference that does not resolve.
pub(super) fn no_character(reference: &str) -> String {
    format!("the reference &{reference}; stands for no character")
}

/// The complaint about a byte that `control_character` found.
pub(super) fn forbidden(byte: u8) -> String {
    format!("a control character (0x{byte:02X}), which XML does not allow")
}

pub(super) fn is_xml_char(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}' | '\u{10000}'..='\u{10FFFF}')
}

/// XML's five names, or the number of a character that XML 1.0 allows.
pub(super) fn stands_for_a_character(reference: &str) -> bool {
    let number = match reference.strip_prefix('#') {
        None => return matches!(reference, "amp" | "lt" | "gt" | "quot" | "apos"),
        Some(number) => number,
    };
    let code = match number.strip_prefix('x') {
        Some(digits) if digits.bytes().all(|b| b.is_ascii_hexdigit()) => u32::from_str_radix(digits, 16).ok(),
        None if number.bytes().all(|b| b.is_ascii_digit()) => number.parse().ok(),
        Some(_) | None => None,
    };
    code.and_then(char::from_u32).is_some_and(is_xml_char)
}

/// The first byte of a character that XML 1.0 forbids even unescaped.
pub(super) fn control_character(text: &str) -> Option<u8> {
    let suspicious = |b: &u8| *b < 0x20 && !matches!(b, b'\t' | b'\n' | b'\r');
    // Folding without a way out lets the compiler look at many bytes at once.
    if text.as_bytes().iter().fold(false, |found, b| found | suspicious(b)) {
        return text.bytes().find(|b| suspicious(b));
    }
    let mut rest = text.as_bytes();
    while let Some(at) = memchr(0xEF, rest) {
        if matches!(rest.get(at + 1..at + 3), Some([0xBF, 0xBE | 0xBF])) {
            return Some(0xEF);
        }
        rest = &rest[at + 1..];
    }
    None
}

/// The bytes that cannot belong to the name in a tag.
pub(super) const ENDS_A_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let ends = b"> /\t\n\r<\"&";
    let mut at = 0;
    while at < ends.len() {
        table[ends[at] as usize] = true;
        at += 1;
    }
    table
};

pub(super) fn begins_a_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || byte >= 0x80
}

/// Whether a `<` before this byte begins markup of any kind.
pub(super) fn begins_a_tag(byte: u8) -> bool {
    begins_a_name(byte) || matches!(byte, b'/' | b'!' | b'?')
}

/// Whether a text may name an element or an attribute, as far as ASCII decides it.
pub(super) fn is_name(text: &str) -> bool {
    let goes_on = |b: u8| begins_a_name(b) || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    let bytes = text.as_bytes();
    bytes.first().is_some_and(|b| begins_a_name(*b)) && bytes.iter().all(|b| goes_on(*b))
}
