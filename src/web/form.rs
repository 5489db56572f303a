//! Decodes and encodes the `name=value` pairs of query strings and forms.

mod multipart;

pub use multipart::{Part, parts};

/// The fields of a form, however the browser sent it; of a file what it holds, as far as that is text.
pub fn fields(content_type: &str, body: &[u8]) -> Vec<(String, String)> {
    match parts(content_type, body) {
        None => pairs(&String::from_utf8_lossy(body)),
        Some(parts) => {
            parts.into_iter().map(|part| (part.name, String::from_utf8_lossy(&part.bytes).into_owned())).collect()
        }
    }
}

/// Decodes pairs joined by `&`: `+` is a space, `%XX` a byte, bytes that are not UTF-8 become U+FFFD.
pub fn pairs(encoded: &str) -> Vec<(String, String)> {
    let pieces = encoded.split('&').filter(|piece| !piece.is_empty());
    let pair = |piece: &str| {
        let (name, value) = piece.split_once('=').unwrap_or((piece, ""));
        (decode(name), decode(value))
    };
    pieces.map(pair).collect()
}

/// Decodes one name or value.
pub fn decode(encoded: &str) -> String {
    let bytes = encoded.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = if bytes[at] == b'%' { bytes.get(at + 1..at + 3).and_then(byte_of) } else { None };
        match (bytes[at], escaped) {
            (_, Some(byte)) => {
                decoded.push(byte);
                at += 2;
            }
            (b'+', None) => decoded.push(b' '),
            (byte, None) => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8(decoded).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
}

fn byte_of(hex: &[u8]) -> Option<u8> {
    let digit = |c: u8| (c as char).to_digit(16);
    Some((digit(hex[0])? * 16 + digit(hex[1])?) as u8)
}

/// Encodes one name or value; everything but unreserved characters is escaped.
pub fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte as char);
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(encoded: &str, expected: &[(&str, &str)]) {
        let expected: Vec<_> = expected.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        assert_eq!(pairs(encoded), expected, "{encoded}");
    }

    #[test]
    fn pairs_are_decoded_as_browsers_encode_them() {
        check("", &[]);
        check("a=b&c=d", &[("a", "b"), ("c", "d")]);
        check("a=b=c&&d", &[("a", "b=c"), ("d", "")]);
        check("a=1+2%2B3", &[("a", "1 2+3")]);
        check("a=%C3%a9", &[("a", "é")]);
        check("a=%zz%4&b=%", &[("a", "%zz%4"), ("b", "%")]);
        check("a=%FF", &[("a", "\u{fffd}")]);
        check("a=é", &[("a", "é")]);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(text in any::<String>()) {
            prop_assert_eq!(decode(&encode(&text)), text);
        }

        #[test]
        fn no_text_makes_the_decoder_panic(text in any::<String>()) {
            let _ = pairs(&text);
        }
    }
}
