//! From a verb and its arguments to a URL.

use std::fmt::Write;

/// The six verbs of OAI-PMH.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    Identify,
    ListSets,
    ListMetadataFormats,
    ListIdentifiers,
    ListRecords,
    GetRecord,
}

impl Verb {
    pub fn as_str(&self) -> &'static str {
        match self {
            Verb::Identify => "Identify",
            Verb::ListSets => "ListSets",
            Verb::ListMetadataFormats => "ListMetadataFormats",
            Verb::ListIdentifiers => "ListIdentifiers",
            Verb::ListRecords => "ListRecords",
            Verb::GetRecord => "GetRecord",
        }
    }
}

/// What a list is asked for: the arguments of ListRecords and ListIdentifiers, already in the repository's granularity.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    pub metadata_prefix: Option<String>,
    pub set: Option<String>,
    pub from: Option<String>,
    pub until: Option<String>,
}

impl Selection {
    fn arguments(&self) -> Vec<(&'static str, &str)> {
        let all = [
            ("metadataPrefix", &self.metadata_prefix),
            ("set", &self.set),
            ("from", &self.from),
            ("until", &self.until),
        ];
        all.into_iter().filter_map(|(name, value)| value.as_deref().map(|value| (name, value))).collect()
    }
}

/// The first request of a list.
pub fn list_url(base_url: &str, verb: Verb, selection: &Selection) -> String {
    url(base_url, verb, &selection.arguments())
}

/// The request for the next page. The token is the only argument beside the verb, and always percent-encoded:
/// Rosetta's tokens hold `+`, which a server reads as a blank when it comes bare (State Library Victoria, 2021: each
/// list whose token had a `+` ended there without a word), Alma's hold `@` and `:`.
pub fn resumption_url(base_url: &str, verb: Verb, token: &str) -> String {
    url(base_url, verb, &[("resumptionToken", token)])
}

/// Any verb with its arguments.
pub fn url(base_url: &str, verb: Verb, arguments: &[(&str, &str)]) -> String {
    let separator = match base_url.find('?') {
        None => "?",
        Some(at) if at + 1 == base_url.len() || base_url.ends_with('&') => "",
        Some(_) => "&",
    };
    let mut url = format!("{base_url}{separator}verb={}", verb.as_str());
    for (name, value) in arguments {
        url.push('&');
        url.push_str(name);
        url.push('=');
        percent_encode(value, &mut url);
    }
    url
}

/// Encodes all bytes but the unreserved characters of RFC 3986.
fn percent_encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => into.push(byte as char),
            other => write!(into, "%{other:02X}").expect("writing to a String cannot fail"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(token: &str, expected: &str) {
        let url = resumption_url("http://h/o", Verb::ListRecords, token);
        assert_eq!(url, format!("http://h/o?verb=ListRecords&resumptionToken={expected}"));
    }

    #[test]
    fn tokens_of_rosetta_and_alma_are_encoded_once() {
        check("20210501@Primo@oai_dc@AAAW+p/B=", "20210501%40Primo%40oai_dc%40AAAW%2Bp%2FB%3D");
        check("2021-01-05T20:23:37Z@all", "2021-01-05T20%3A23%3A37Z%40all");
        check("a%2Bb&c d", "a%252Bb%26c%20d");
    }

    #[test]
    fn a_base_url_may_have_a_query_of_its_own() {
        let identify = |base| url(base, Verb::Identify, &[]);
        assert_eq!(identify("http://h/o"), "http://h/o?verb=Identify");
        assert_eq!(identify("http://h/o?"), "http://h/o?verb=Identify");
        assert_eq!(identify("http://h/o?page=oai"), "http://h/o?page=oai&verb=Identify");
    }

    #[test]
    fn only_given_arguments_are_sent() {
        let selection =
            Selection { metadata_prefix: Some("oai_dc".into()), set: Some("a:b".into()), ..Default::default() };
        assert_eq!(
            list_url("http://h/o", Verb::ListIdentifiers, &selection),
            "http://h/o?verb=ListIdentifiers&metadataPrefix=oai_dc&set=a%3Ab"
        );
    }

    proptest! {
        #[test]
        fn a_token_survives_the_way_into_the_query_and_back(token in any::<String>()) {
            let url = resumption_url("http://h/o", Verb::ListRecords, &token);
            let encoded = url.split("resumptionToken=").nth(1).unwrap();
            prop_assert!(!encoded.contains(['+', '&', '=', '#', ' ']));
            let mut bytes = Vec::new();
            let mut rest = encoded.as_bytes();
            while let Some((first, tail)) = rest.split_first() {
                if *first == b'%' {
                    bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
                    rest = &tail[2..];
                } else {
                    bytes.push(*first);
                    rest = tail;
                }
            }
            prop_assert_eq!(String::from_utf8(bytes).unwrap(), token);
        }
    }
}
