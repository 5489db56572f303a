//! From a stretch of decoded text back to the bytes that came: what is kept of a record must be what was sent.

use super::decode::{Decoded, Way, stray_of};
use encoding_rs::{Decoder, DecoderResult, Encoding};
use std::cell::OnceCell;
use std::ops::Range;

/// Text between two places whose bytes are remembered: a page with many bad records is walked through once.
const STRIDE: usize = 4096;

/// An answer whose bytes are not those of its text.
#[derive(Debug)]
pub(super) struct Sent<'a> {
    bytes: &'a [u8],
    way: Way,
    /// Blanks that the text lost at its beginning.
    blank: usize,
    /// Places in the text, blanks included, with the bytes that they begin at.
    places: OnceCell<Vec<(usize, usize)>>,
}

impl<'a> Sent<'a> {
    /// `None` where the text is what came.
    pub fn new(bytes: &'a [u8], decoded: &Decoded<'_>) -> Option<Self> {
        let sent = Sent { bytes, way: decoded.way, blank: decoded.blank, places: OnceCell::new() };
        (decoded.way != Way::AsSent).then_some(sent)
    }

    /// The bytes of a stretch of the text; its ends are ends of characters.
    pub fn bytes_of(&self, stretch: Range<usize>) -> &'a [u8] {
        let at = |place: usize| match self.way {
            Way::AsSent => place,
            Way::In(encoding, first) => self.by_encoding(encoding, first, place + self.blank),
            Way::WithStrays(first) => self.by_strays(first, place + self.blank),
        };
        let (start, end) = (at(stretch.start), at(stretch.end));
        self.bytes.get(start..end).unwrap_or_default()
    }

    fn by_encoding(&self, encoding: &'static Encoding, first: usize, place: usize) -> usize {
        let places = self.places.get_or_init(|| {
            let mut walk = Walk::new(encoding, self.bytes, (0, first));
            let mut places = vec![(0, first)];
            while walk.step() {
                if walk.text >= places[places.len() - 1].0 + STRIDE {
                    places.push((walk.text, walk.at));
                }
            }
            places
        });
        let before = places.partition_point(|(text, _)| *text <= place) - 1;
        let mut walk = Walk::new(encoding, self.bytes, places[before]);
        while walk.text < place && walk.step() {}
        walk.at
    }

    fn by_strays(&self, first: usize, place: usize) -> usize {
        let (mut text, mut at) = (0, first);
        for chunk in self.bytes[first..].utf8_chunks() {
            if text + chunk.valid().len() >= place {
                return at + (place - text);
            }
            text += chunk.valid().len();
            at += chunk.valid().len();
            for byte in chunk.invalid() {
                if text >= place {
                    return at;
                }
                text += stray_of(*byte).len();
                at += 1;
            }
        }
        at
    }
}

/// Decodes byte by byte and knows how much text that has made. The encodings that are read here, ISO-2022-JP not being
/// one of them, mean the same wherever one begins to read, as long as it is between two characters.
struct Walk<'a> {
    decoder: Decoder,
    bytes: &'a [u8],
    read: usize,
    /// Text so far, in bytes of UTF-8.
    pub text: usize,
    /// Where the bytes of that text end.
    pub at: usize,
    is_over: bool,
}

impl<'a> Walk<'a> {
    fn new(encoding: &'static Encoding, bytes: &'a [u8], (text, at): (usize, usize)) -> Self {
        Walk { decoder: encoding.new_decoder_without_bom_handling(), bytes, read: at, text, at, is_over: false }
    }

    /// Reads on until there is more text; `false` at the end.
    fn step(&mut self) -> bool {
        let mut made = [0; 16];
        while !self.is_over {
            let next = &self.bytes[self.read..self.bytes.len().min(self.read + 1)];
            let (result, read, written) =
                self.decoder.decode_to_utf8_without_replacement(next, &mut made, next.is_empty());
            self.read += read;
            self.is_over = next.is_empty() && result == DecoderResult::InputEmpty;
            let (made, after) = match result {
                DecoderResult::InputEmpty | DecoderResult::OutputFull => (written, 0),
                DecoderResult::Malformed(_, after) => (written + '\u{FFFD}'.len_utf8(), usize::from(after)),
            };
            if made > 0 {
                self.text += made;
                self.at = self.read - after;
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::super::decode::decode;
    use super::*;
    use proptest::prelude::*;

    /// Each stretch of the text that `expected` names stands for the bytes beside it.
    fn check(bytes: &[u8], charset: Option<&str>, expected: &[(&str, &[u8])]) {
        let decoded = decode(bytes, charset).unwrap();
        let sent = Sent::new(bytes, &decoded).unwrap();
        for (text, raw) in expected {
            let at = decoded.text.find(text).unwrap_or_else(|| panic!("{text} is not in {}", decoded.text));
            assert_eq!(sent.bytes_of(at..at + text.len()), *raw, "{text} in {}", decoded.text);
        }
    }

    #[test]
    fn a_stretch_of_latin_1_is_given_back_as_it_came() {
        let declared = b"\n <?xml version='1.0' encoding='ISO-8859-1'?><a>caf\xE9</a><b>na\xEFve</b>";
        check(declared, None, &[("<a>café</a>", b"<a>caf\xE9</a>"), ("<b>naïve</b>", b"<b>na\xEFve</b>")]);
    }

    #[test]
    fn a_stretch_of_utf_16_is_given_back_as_it_came_surrogates_and_halves_of_them_too() {
        let units: Vec<u16> = "<a>\u{1F3FA}</a><b>é</b>".encode_utf16().chain([0xD800, b'<'.into()]).collect();
        for (mark, bytes) in [
            (vec![0xFF, 0xFE], units.iter().flat_map(|u| u.to_le_bytes()).collect::<Vec<u8>>()),
            (vec![0xFE, 0xFF], units.iter().flat_map(|u| u.to_be_bytes()).collect()),
        ] {
            let all = [mark, bytes.clone()].concat();
            check(
                &all,
                None,
                &[
                    ("<a>\u{1F3FA}</a>", &bytes[..18]),
                    ("<b>é</b>", &bytes[18..34]),
                    ("\u{FFFD}", &bytes[34..36]),
                    ("\u{FFFD}<", &bytes[34..38]),
                ],
            );
        }
    }

    #[test]
    fn a_stretch_with_strays_is_given_back_as_it_came() {
        let bytes = b"\xEF\xBB\xBF <a>\xC3\xA9t\xE9 \x81</a><b>\xE2\x82\xAC</b>";
        check(
            bytes,
            None,
            &[("<a>été \u{81}</a>", b"<a>\xC3\xA9t\xE9 \x81</a>"), ("<b>€</b>", b"<b>\xE2\x82\xAC</b>")],
        );
    }

    #[test]
    fn encodings_of_several_bytes_go_back_too() {
        let bytes = b"<?xml version='1.0' encoding='Shift_JIS'?><a>\x93\xFA\x96\x7B</a>\x80<b/>";
        check(bytes, None, &[("<a>日本</a>", b"<a>\x93\xFA\x96\x7B</a>"), ("<b/>", b"<b/>")]);
    }

    proptest! {
        #[test]
        fn any_cut_of_a_long_text_gives_all_bytes_once(filler in 0usize..9000, letters in "[aé€<]{1,40}", cut in 0usize..400) {
            let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(&letters);
            let mut bytes = b"<?xml version='1.0' encoding='windows-1252'?>".to_vec();
            bytes.extend(std::iter::repeat_n(0xE9, filler));
            bytes.extend(&*latin);
            bytes.push(0xE9);
            let decoded = decode(&bytes, None).unwrap();
            let sent = Sent::new(&bytes, &decoded).unwrap();
            let mut cut = decoded.text.len().saturating_sub(cut);
            while !decoded.text.is_char_boundary(cut) {
                cut += 1;
            }
            let (one, two) = (sent.bytes_of(0..cut), sent.bytes_of(cut..decoded.text.len()));
            prop_assert_eq!([one, two].concat(), bytes.clone());
            prop_assert_eq!(encoding_rs::WINDOWS_1252.decode(two).0, &decoded.text[cut..]);
        }
    }
}
