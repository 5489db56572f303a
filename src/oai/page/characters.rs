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

/// Whether a text surely holds nothing that XML forbids: one look at a whole page spares one at each of its records.
pub(super) fn is_surely_legal(text: &str) -> bool {
    !text
        .bytes()
        .fold(false, |found, b| found | ((b < 0x20) & (b != b'\t') & (b != b'\n') & (b != b'\r')) | (b == 0xEF))
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

/// The name that a tag begins with, seen in one pass.
pub(super) struct TagName {
    pub length: usize,
    /// Where its first colon stands.
    pub colon: Option<usize>,
    /// Whether it is a name beyond doubt; others may still be one.
    pub is_plain: bool,
}

impl TagName {
    /// Reads what follows a `<`; `None` when the text ends first.
    pub fn at_start_of(bytes: &[u8]) -> Option<Self> {
        let (mut colon, mut is_plain) = (None, true);
        for (at, byte) in bytes.iter().enumerate() {
            if IN_A_PLAIN_NAME[usize::from(*byte)] {
                continue;
            }
            if ENDS_A_NAME[usize::from(*byte)] {
                let starts = |at: usize| bytes[at].is_ascii_alphabetic() || bytes[at] == b'_';
                let is_plain = is_plain && starts(0) && colon.is_none_or(|colon| starts(colon + 1));
                return Some(TagName { length: at, colon, is_plain });
            }
            is_plain &= *byte == b':' && colon.is_none();
            colon = colon.or((*byte == b':').then_some(at));
        }
        None
    }
}

pub(super) fn begins_a_name(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || byte >= 0x80
}

/// Whether a `<` before this byte begins markup of any kind.
pub(super) fn begins_a_tag(byte: u8) -> bool {
    begins_a_name(byte) || matches!(byte, b'/' | b'!' | b'?')
}

/// Whether a text may name an element or an attribute, with at most one prefix.
pub(super) fn is_name(text: &str) -> bool {
    let is_plain = |part: &[u8]| {
        let starts = part.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_');
        starts && part.iter().all(|b| IN_A_PLAIN_NAME[usize::from(*b)])
    };
    let bytes = text.as_bytes();
    let is_fine = match bytes.iter().position(|b| *b == b':') {
        Some(colon) => is_plain(&bytes[..colon]) && is_plain(&bytes[colon + 1..]),
        None => is_plain(bytes),
    };
    is_fine || !text.is_ascii() && text.splitn(2, ':').all(is_local_name)
}

const IN_A_PLAIN_NAME: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 128 {
        table[byte] = (byte as u8).is_ascii_alphanumeric() || matches!(byte as u8, b'_' | b'-' | b'.');
        byte += 1;
    }
    table
};

/// A name without prefix, letter by letter.
fn is_local_name(text: &str) -> bool {
    let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || (!c.is_ascii() && is_letter(c));
    let goes_on = |c: char| {
        let is_mark = matches!(c, '\u{B7}' | '\u{300}'..='\u{36F}' | '\u{203F}'..='\u{2040}');
        starts(c) || c.is_ascii_digit() || matches!(c, '-' | '.') || is_mark
    };
    text.starts_with(starts) && text.chars().all(goes_on)
}

/// What XML 1.0 lets a name begin with, beyond ASCII.
fn is_letter(c: char) -> bool {
    matches!(c, '\u{C0}'..='\u{D6}' | '\u{D8}'..='\u{F6}' | '\u{F8}'..='\u{2FF}' | '\u{370}'..='\u{37D}'
        | '\u{37F}'..='\u{1FFF}' | '\u{200C}'..='\u{200D}' | '\u{2070}'..='\u{218F}' | '\u{2C00}'..='\u{2FEF}'
        | '\u{3001}'..='\u{D7FF}' | '\u{F900}'..='\u{FDCF}' | '\u{FDF0}'..='\u{FFFD}' | '\u{10000}'..='\u{EFFFF}')
}
