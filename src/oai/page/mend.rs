//! Puts right what is wrong with a text of XML wherever in it it stands: characters, references, declarations.

use super::characters::{begins_a_tag, is_xml_char};
use super::entities::html_character;
use super::metadata::MAX_REFERENCE;
use crate::model::repair::{Repair, Repairs};
use memchr::{memchr, memchr2, memmem};

/// The text as it should have been sent and what was done to it; `None` when nothing was.
///
/// Only what has one meaning is touched. A name that nobody knows stays, and so do `<` and `>` that might be tags.
pub(super) fn mend(text: &str, html_names: bool) -> Option<(String, Repairs)> {
    let mut mender = Mender {
        text,
        html_names,
        at: 0,
        copied: 0,
        quoted: 0,
        unclosed: Vec::new(),
        mended: String::new(),
        repairs: Repairs::NONE,
    };
    mender.run();
    if mender.repairs.is_empty() {
        return None;
    }
    mender.mended.push_str(&text[mender.copied..]);
    Some((mender.mended, mender.repairs))
}

struct Mender<'a> {
    text: &'a str,
    html_names: bool,
    at: usize,
    /// Up to here the text is in `mended`.
    copied: usize,
    /// Up to here stand comments, CDATA or an instruction, where `&` and `<` are letters like others.
    quoted: usize,
    /// Ends that were looked for and do not come any more: nobody goes through the text again for them.
    unclosed: Vec<&'static str>,
    mended: String,
    repairs: Repairs,
}

impl<'a> Mender<'a> {
    fn run(&mut self) {
        let bytes = self.text.as_bytes();
        while let Some(step) = bytes[self.at..].iter().position(|b| SUSPICIOUS[usize::from(*b)]) {
            self.at += step;
            match bytes[self.at] {
                b'<' if self.at >= self.quoted => self.bracket(),
                b'&' if self.at >= self.quoted => self.ampersand(),
                b'<' | b'&' => self.at += 1,
                0xEF => match bytes.get(self.at + 1..self.at + 3) {
                    Some([0xBF, 0xBE | 0xBF]) => self.replace(3, "", Repair::ForbiddenCharacters),
                    Some(_) | None => self.at += 1,
                },
                _ => self.replace(1, "", Repair::ForbiddenCharacters),
            }
        }
    }

    fn replace(&mut self, length: usize, by: &str, repair: Repair) {
        self.mended.push_str(&self.text[self.copied..self.at]);
        self.mended.push_str(by);
        self.at += length;
        self.copied = self.at;
        self.repairs.add(repair);
    }

    fn bracket(&mut self) {
        let rest = &self.text[self.at..];
        if rest.starts_with("<![CDATA[") {
            self.quote("]]>");
        } else if rest.starts_with("<!--") {
            self.quote("-->");
        } else if rest.starts_with("<?") {
            self.instruction();
        } else if rest.starts_with("<!DOCTYPE") {
            // One that defines something itself stays, and its record is set aside.
            match memchr2(b'>', b'[', rest.as_bytes()) {
                Some(end) if rest.as_bytes()[end] == b'>' => {
                    self.html_names = false;
                    self.replace(end + 1, "", Repair::Doctype);
                }
                Some(_) | None => self.at += 1,
            }
        } else {
            match rest.as_bytes().get(1) {
                Some(b) if begins_a_tag(*b) => self.at += 1,
                Some(_) => self.replace(1, "&lt;", Repair::BareBrackets),
                None => self.at += 1,
            }
        }
    }

    /// Leaves what stands here alone, up to an end.
    fn quote(&mut self, close: &'static str) {
        if !self.unclosed.contains(&close) {
            match memmem::find(&self.text.as_bytes()[self.at..], close.as_bytes()) {
                Some(end) => self.quoted = self.at + end + close.len(),
                None => self.unclosed.push(close),
            }
        }
        self.at += 1;
    }

    fn instruction(&mut self) {
        let rest = &self.text[self.at + 2..];
        let target = rest.as_bytes().iter().take_while(|b| b.is_ascii_alphanumeric()).count();
        if !rest[..target].eq_ignore_ascii_case("xml") {
            return self.quote("?>");
        }
        match memchr(b'>', rest.as_bytes()) {
            Some(end) if rest[..end].ends_with('?') => self.replace(end + 3, "", Repair::Declaration),
            Some(_) | None => self.at += 1,
        }
    }

    fn ampersand(&mut self) {
        let rest = &self.text[self.at + 1..];
        let end = memchr(b';', &rest.as_bytes()[..rest.len().min(MAX_REFERENCE)]);
        let Some(name) = end.map(|end| &rest[..end]).filter(|name| is_reference(name)) else {
            return self.replace(1, "&amp;", Repair::BareAmpersands);
        };
        let length = name.len() + 2;
        if let Some(number) = name.strip_prefix('#') {
            return self.number(number, length);
        }
        match html_character(name) {
            Some(character) if self.html_names => {
                self.replace(length, character.encode_utf8(&mut [0; 4]), Repair::HtmlEntities);
            }
            Some(_) | None => self.at += length,
        }
    }

    fn number(&mut self, number: &str, length: usize) {
        match code(number) {
            Some(high @ 0xD800..=0xDBFF) => match self.other_half(self.at + length) {
                // Xalan's serialiser, which many Java servers have, writes 𝒜 as &#55349;&#56476;.
                Some((low, more)) => {
                    let character =
                        char::from_u32(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00)).unwrap_or('\u{FFFD}');
                    self.replace(length + more, character.encode_utf8(&mut [0; 4]), Repair::ForbiddenCharacters);
                }
                None => self.at += length,
            },
            Some(code) if char::from_u32(code).is_some_and(|c| !is_xml_char(c)) => {
                self.replace(length, "", Repair::ForbiddenCharacters);
            }
            Some(_) | None => self.at += length,
        }
    }

    /// The low surrogate that stands here as a number, and its length.
    fn other_half(&self, at: usize) -> Option<(u32, usize)> {
        let rest = self.text[at..].strip_prefix("&#")?;
        let end = memchr(b';', &rest.as_bytes()[..rest.len().min(MAX_REFERENCE)])?;
        let low = code(&rest[..end]).filter(|low| (0xDC00..=0xDFFF).contains(low))?;
        Some((low, end + 3))
    }
}

/// What a number stands for: decimal, or hexadecimal after an `x`.
fn code(number: &str) -> Option<u32> {
    match number.strip_prefix('x') {
        Some(digits) => u32::from_str_radix(digits, 16).ok(),
        None => number.parse().ok(),
    }
}

/// Whether XML would take it for a reference, known or not; all else is an `&` that means itself.
fn is_reference(name: &str) -> bool {
    let bytes = name.as_bytes();
    match bytes {
        [b'#', b'x', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit),
        [b'#', digits @ ..] => !digits.is_empty() && digits.iter().all(u8::is_ascii_digit),
        [first, ..] => {
            first.is_ascii_alphabetic() && bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"._-:".contains(b))
        }
        [] => false,
    }
}

const SUSPICIOUS: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 0x20 {
        table[byte] = !matches!(byte as u8, b'\t' | b'\n' | b'\r');
        byte += 1;
    }
    table[b'<' as usize] = true;
    table[b'&' as usize] = true;
    table[0xEF] = true;
    table
};
