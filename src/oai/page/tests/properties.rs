//! What holds for any bytes.

use super::metadata::{parse_alone, stream_alone};
use super::*;
use proptest::prelude::*;

/// A page with most of what a page can hold.
pub(super) fn sample() -> String {
    let rich =
        "<p:d xsi:type=\"q:URI\" q:l='1'><q:t xml:lang=\"en\">a&amp;b&#233;</q:t><!-- c --><![CDATA[<]]><?pi x?></p:d>";
    let deleted = record(2, "<about><x/></about>").replace("<header>", "<header status=\"deleted\">");
    let token = "<resumptionToken completeListSize=\"7\">a@b+c/d&amp;e=</resumptionToken>";
    let page = list(&format!("{}{deleted}{}{token}", record(1, &format!("<metadata>{rich}</metadata>")), good(3)));
    page.replacen(
        "<OAI-PMH ",
        "<OAI-PMH xmlns:p=\"http://p\" xmlns:q='http://q' xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" ",
        1,
    )
}

pub(super) fn markup() -> impl Strategy<Value = Vec<u8>> {
    let pieces = [
        "<",
        ">",
        "</",
        "/>",
        "&",
        "&amp;",
        "&#1;",
        "\"",
        "'",
        "=",
        " ",
        ":",
        "<record>",
        "</record>",
        "<metadata>",
        "</metadata>",
        "<header>",
        "</header>",
        "xmlns",
        "xmlns=\"\"",
        "xmlns:p=\"r\"",
        "<!--",
        "-->",
        "<![CDATA[",
        "]]>",
        "<?xml version=\"1.0\"?>",
        "<!DOCTYPE a>",
        "<p:x/>",
        "<x>",
        "</x>",
        "é",
        "\u{0}",
        "\u{FFFF}",
        "-",
        "]",
    ];
    let piece = prop_oneof![
        4 => prop::sample::select(pieces.to_vec()).prop_map(|piece| piece.as_bytes().to_vec()),
        1 => prop::collection::vec(any::<u8>(), 1..4),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat())
}

fn is_xml(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r' | ' '..='\u{FFFD}' | '\u{10000}'..)
}

fn read_all(bytes: &[u8]) -> Vec<Page> {
    ["ListRecords", "ListIdentifiers", "GetRecord"].into_iter().filter_map(|list| read(bytes, list).ok()).collect()
}

proptest! {
    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        read_all(&bytes);
    }

    #[test]
    fn no_markup_makes_the_reader_panic(inside in markup()) {
        read_all(list(&String::from_utf8_lossy(&inside)).as_bytes());
    }

    #[test]
    fn what_a_spoilt_page_still_gives_parses_alone(at in 0.0..1.0f64, gone in 0usize..12, new in markup()) {
        let mut bytes = sample().into_bytes();
        let at = (bytes.len() as f64 * at) as usize;
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, new);
        for page in read_all(&bytes) {
            for record in page.records {
                if let Body::Metadata(metadata) = record.body {
                    stream_alone(&metadata);
                }
            }
        }
    }

    #[test]
    fn metadata_parses_alone_wherever_its_prefixes_are_declared(levels in prop::array::uniform3(0..4usize), words in any::<String>()) {
        let mut declared = [const { String::new() }; 4];
        for (prefix, level) in ["p", "q", "xsi"].iter().zip(levels) {
            declared[level] += &format!(" xmlns:{prefix}=\"http://{prefix}?a&amp;b\"");
        }
        let words = quick_xml::escape::escape(words.as_str());
        let child = format!("<p:d xsi:type=\"q:URI\"><e p:l='{words}'>{words}</e><q:f/></p:d>");
        let metadata = format!("<metadata{}>{child}</metadata>", declared[3]);
        let page = list(&record(1, &metadata).replacen("<record", &format!("<record{}", declared[2]), 1));
        let page = page.replacen("<ListRecords", &format!("<ListRecords{}", declared[1]), 1);
        let page = page.replacen("<OAI-PMH", &format!("<OAI-PMH{}", declared[0]), 1);
        match read(page.as_bytes(), "ListRecords").unwrap().records.pop().map(|record| record.body) {
            Some(Body::Metadata(metadata)) => parse_alone(&metadata),
            other => prop_assert!(words.contains(|c: char| !is_xml(c)), "{other:?} of {page}"),
        }
    }

    #[test]
    fn any_text_of_a_token_is_read_back(text in "[^\\p{Cc}\u{FFFE}\u{FFFF}]{1,60}") {
        let page = list(&format!("<resumptionToken>{}</resumptionToken>", quick_xml::escape::escape(text.as_str())));
        let token = read(page.as_bytes(), "ListRecords").unwrap().token.map(|token| token.text);
        prop_assert_eq!(token.unwrap_or_default(), text.trim());
    }
}
