//! From the bytes of an answer to its text: finds the encoding that it really is in.

use super::Error;
use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memmem;
use std::borrow::Cow;

/// An XML declaration stands in the first bytes or nowhere.
const DECLARATION: usize = 400;

/// The text of an answer, without byte order mark and leading blanks.
#[derive(Debug)]
pub(super) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// The characters that were not in the encoding of the rest, in order.
    pub strays: Vec<Stray>,
    pub doubt: Doubt,
    /// How bytes became text.
    pub way: Way,
    /// Blanks that stood before it.
    pub blank: usize,
}

/// How an answer was decoded, so that the same can be done again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// The text is what came.
    AsSent,
    /// In one encoding, from this byte on.
    In(&'static Encoding, usize),
    /// UTF-8 with strays, from this byte on.
    WithStrays(usize),
}

/// A byte in another encoding than the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stray {
    /// Where its character stands in the text.
    pub at: usize,
    /// The byte, when it means nothing in any encoding that was tried.
    pub lost: Option<u8>,
}

/// Whether the server named the encoding rightly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doubt {
    None,
    /// The document names it rightly and HTTP wrongly: the bytes had to decide.
    Page,
    /// The document is in another encoding than it says.
    Records,
}

/// Decodes an answer. Bytes decide before words do: what is valid UTF-8 and not plain ASCII is UTF-8 whatever is said.
pub(super) fn decode<'a>(bytes: &'a [u8], charset: Option<&str>) -> Result<Decoded<'a>, Error> {
    if let Some((encoding, from)) = utf_16(bytes) {
        return decoded_as(encoding, bytes, from, Doubt::None);
    }
    let all = bytes;
    let bytes = without_mark(all);
    let from = all.len() - bytes.len();
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => {
            let doubt = doubt(bytes, charset);
            return Ok(trimmed(Cow::Borrowed(text), Vec::new(), doubt, Way::AsSent));
        }
        Err(_) => bytes.utf8_chunks(),
    };
    let (mut letters, mut strays) = (0, 0);
    for chunk in text {
        letters += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        strays += chunk.invalid().len();
    }
    let declared = declared(bytes);
    match declared.or_else(|| named(charset)) {
        // In Latin-1 hardly two letters ever stand together that could be one of UTF-8.
        Some(encoding) if encoding != UTF_8 && letters <= strays => {
            let contradicted = named(charset).is_some_and(|other| other != encoding);
            decoded_as(encoding, all, from, if contradicted { Doubt::Page } else { Doubt::None })
        }
        Some(_) | None => with_strays(all, from),
    }
}

/// Whether UTF-8 was called something else. Plain ASCII is itself under any name.
pub(super) fn doubt(bytes: &[u8], charset: Option<&str>) -> Doubt {
    let declared = declared(bytes);
    let wrong = |encoding: Option<&'static Encoding>| encoding.is_some_and(|encoding| encoding != UTF_8);
    if !(wrong(declared) || wrong(named(charset))) || bytes.is_ascii() {
        return Doubt::None;
    }
    if wrong(declared.or_else(|| named(charset))) { Doubt::Records } else { Doubt::Page }
}

/// What was named, when anything that could hold a tag in single bytes was.
fn named(label: Option<&str>) -> Option<&'static Encoding> {
    Encoding::for_label_no_replacement(label?.as_bytes()).filter(|encoding| encoding.is_ascii_compatible())
}

/// The encoding that the XML declaration names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let bytes = &bytes[..bytes.len().min(DECLARATION)];
    let declaration = &bytes[memmem::find(bytes, b"<?xml")?..];
    let declaration = &declaration[..memmem::find(declaration, b"?>")?];
    let value = declaration[memmem::find(declaration, b"encoding")? + 8..].trim_ascii_start().strip_prefix(b"=")?;
    let (quote, value) = value.trim_ascii_start().split_first()?;
    let value = value.split(|b| b == quote).next()?;
    named(std::str::from_utf8(value).ok())
}

fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Known by its mark, or by the NUL beside the first `<`; also tells where the text begins.
fn utf_16(bytes: &[u8]) -> Option<(&'static Encoding, usize)> {
    match bytes {
        [0xFF, 0xFE, ..] => Some((UTF_16LE, 2)),
        [0xFE, 0xFF, ..] => Some((UTF_16BE, 2)),
        [b'<', 0, second, ..] if *second != 0 => Some((UTF_16LE, 0)),
        [0, b'<', 0, second, ..] if *second != 0 => Some((UTF_16BE, 0)),
        _ => None,
    }
}

/// `from`: where the text begins in the answer.
fn decoded_as(
    encoding: &'static Encoding,
    answer: &[u8],
    from: usize,
    doubt: Doubt,
) -> Result<Decoded<'static>, Error> {
    let bytes = &answer[from..];
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let room = |length: usize| decoder_room(encoding, length);
    let mut text = String::with_capacity(room(bytes.len()));
    let (mut strays, mut at) = (Vec::new(), 0);
    loop {
        let (result, read) = decoder.decode_to_string_without_replacement(&bytes[at..], &mut text, true);
        at += read;
        match result {
            DecoderResult::InputEmpty => {
                return Ok(trimmed(Cow::Owned(text), strays, doubt, Way::In(encoding, from)));
            }
            DecoderResult::OutputFull => text.reserve(room(bytes.len() - at)),
            DecoderResult::Malformed(length, after) => {
                if at >= bytes.len() && after == 0 && !encoding.is_single_byte() {
                    return Err(Error::CutShort { bytes: bytes.len() });
                }
                let byte = at.checked_sub(usize::from(length) + usize::from(after)).and_then(|at| bytes.get(at));
                strays.push(Stray { at: text.len(), lost: Some(byte.copied().unwrap_or_default()) });
                text.reserve(room(bytes.len() - at) + 3);
                text.push('\u{FFFD}');
            }
        }
    }
}

fn decoder_room(encoding: &'static Encoding, length: usize) -> usize {
    encoding.new_decoder_without_bom_handling().max_utf8_buffer_length_without_replacement(length).unwrap_or(length)
}

/// UTF-8 in which some bytes are windows-1252, which is Latin-1 with quotation marks and dashes.
fn with_strays(answer: &[u8], from: usize) -> Result<Decoded<'static>, Error> {
    let bytes = &answer[from..];
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut strays = Vec::new();
    let mut rest = bytes.len();
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        rest -= chunk.valid().len() + chunk.invalid().len();
        let is_open = || std::str::from_utf8(chunk.invalid()).is_err_and(|error| error.error_len().is_none());
        if rest == 0 && !chunk.invalid().is_empty() && is_open() {
            return Err(Error::CutShort { bytes: bytes.len() });
        }
        for byte in chunk.invalid() {
            // Where windows-1252 has a gap the number of the byte is kept, so that it can still be told.
            let lost = matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D).then_some(*byte);
            strays.push(Stray { at: text.len(), lost });
            text.push_str(&stray_of(*byte));
        }
    }
    Ok(trimmed(Cow::Owned(text), strays, Doubt::None, Way::WithStrays(from)))
}

/// What a byte means that is no part of UTF-8.
pub(super) fn stray_of(byte: u8) -> String {
    WINDOWS_1252.decode_without_bom_handling(&[byte]).0.into_owned()
}

/// Takes leading blanks away, as readers of XML want it.
fn trimmed(text: Cow<'_, str>, mut strays: Vec<Stray>, doubt: Doubt, way: Way) -> Decoded<'_> {
    let blank = text.len() - text.trim_start().len();
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(&text[blank..]),
        Cow::Owned(mut text) => {
            text.drain(..blank);
            Cow::Owned(text)
        }
    };
    strays.retain(|stray| stray.at >= blank);
    strays.iter_mut().for_each(|stray| stray.at -= blank);
    Decoded { text, strays, doubt, way, blank }
}
