//! What holds for any page, however it is spoilt.

use super::metadata::stream_alone;
use super::properties::{markup, sample};
use super::*;
use proptest::prelude::*;
use std::time::{Duration, Instant};

const LISTS: [&str; 3] = ["ListRecords", "ListIdentifiers", "GetRecord"];

fn answers(bytes: &[u8], charset: Option<&str>) -> Vec<Page> {
    LISTS.into_iter().filter_map(|list| read_answer(bytes, charset, list).ok()).collect()
}

fn check_alone(page: &Page) {
    for record in &page.records {
        if let Body::Metadata(metadata) = &record.body {
            stream_alone(metadata);
        }
    }
}

/// A page of records with all that makes them hard to tell apart, and what each is read as.
fn rich_page() -> (Vec<String>, Vec<String>) {
    let nested = "<record xmlns=\"\"><header><identifier>oai:x:90</identifier></header></record>";
    let quoted = record(91, "<metadata/>");
    let insides = [
        "words &amp; é".to_owned(),
        nested.to_owned(),
        "<![CDATA[ a & b <c> ]]><!-- d -->".to_owned(),
        quoted,
        "<m:record xmlns:m=\"http://m\"><m:header/></m:record>".to_owned(),
        "<e f=\"g > h\"/>".to_owned(),
    ];
    let records = insides
        .iter()
        .zip(1..)
        .map(|(inside, number)| record(number, &format!("<metadata><d xmlns=\"d\">{inside}</d></metadata>")));
    let records: Vec<String> = records.collect();
    let lines =
        records.iter().map(|record| described(&read(list(record).as_bytes(), "ListRecords").unwrap()).remove(0));
    let lines = lines.collect();
    (records, lines)
}

proptest! {
    #[test]
    fn no_bytes_make_the_tolerant_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), charset in "(utf-8|latin1|utf-16|gbk|x)?") {
        answers(&bytes, Some(&charset));
    }

    #[test]
    fn no_markup_makes_the_tolerant_reader_panic(before in markup(), inside in markup(), after in markup()) {
        let page = list(&format!("{}{}{}", good(1), String::from_utf8_lossy(&inside), good(2)));
        let bytes = [before, page.into_bytes(), after].concat();
        answers(&bytes, None).iter().for_each(check_alone);
    }

    #[test]
    fn what_the_tolerant_reader_gives_parses_alone(at in 0.0..1.0f64, gone in 0usize..12, new in markup()) {
        let mut bytes = sample().into_bytes();
        let at = (bytes.len() as f64 * at) as usize;
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, new);
        answers(&bytes, None).iter().for_each(check_alone);
    }

    #[test]
    fn a_clean_page_is_read_as_ever(inside in "[^\\p{Cc}<&\u{FFFE}\u{FFFF}]{0,60}", number in 0u32..100) {
        let page = list(&format!("{}{}", record(number, &format!("<metadata><d xmlns='d'>{inside}</d></metadata>")), good(1)));
        match read(page.as_bytes(), "ListRecords") {
            Ok(strict) if strict.quarantined.is_empty() => {
                prop_assert_eq!(strict, read_answer(page.as_bytes(), Some("utf-8"), "ListRecords").unwrap());
            }
            other => prop_assert!(inside.contains("]]>"), "{other:?}"),
        }
    }

    #[test]
    fn a_spoilt_record_leaves_the_others_as_they_are(which in 0usize..6, at in 0.0..1.0f64, gone in 0usize..24, new in markup()) {
        let (mut records, mut lines) = rich_page();
        let mut bytes = std::mem::take(&mut records[which]).into_bytes();
        let at = (bytes.len() as f64 * at) as usize;
        let end = (at + gone).min(bytes.len());
        bytes.splice(at..end, new);
        let [before, after] = [&records[..which], &records[which + 1..]].map(|records| records.concat());
        let (before, after) = (format!("<ListRecords>{before}"), format!("{after}<resumptionToken>t</resumptionToken></ListRecords>"));
        let whole = answer("@");
        let (head, tail) = whole.split_once('@').unwrap();
        let page = [head.as_bytes(), before.as_bytes(), &bytes, after.as_bytes(), tail.as_bytes()].concat();
        let shown = String::from_utf8_lossy(&bytes);
        lines.remove(which);
        // A record may lose or gain what XML itself says that it does: an open comment hides what follows.
        let hides = ["<!--", "<![CDATA[", "<!DOCTYPE", "<?"].iter().any(|open| shown.contains(open));
        match read_answer(&page, None, "ListRecords") {
            Ok(page) => {
                let found: Vec<String> = described(&page);
                if !hides {
                    for line in &lines {
                        prop_assert!(found.contains(line), "{line} is missing from {found:#?}\nafter {shown}");
                    }
                    prop_assert_eq!(&found[found.len() - 1], "-> t");
                }
                // Nothing that was only quoted comes out, as long as it can be seen that it is quoted.
                let is_quoted = which != 3 || shown.contains("</record></d");
                for record in &page.records {
                    let is_new = ["oai:x:90", "oai:x:91"].contains(&record.identifier.as_str());
                    prop_assert!(!is_new || !is_quoted, "{found:#?}\nafter {shown}");
                }
                check_alone(&page);
            }
            Err(error) => prop_assert!(hides, "{error}\nafter {shown}"),
        }
    }
}

#[test]
fn a_page_cut_at_any_byte_is_never_a_page_however_it_is_spoilt() {
    let (records, _) = rich_page();
    let token = "<resumptionToken completeListSize=\"9\">a&amp;é</resumptionToken>";
    let clean = list(&format!("{}{token}", records.concat()));
    let spoilt = list(&format!("{}{}{token}", records.concat(), record(7, "<metadata><d></metadata>")));
    let samples = [
        clean.clone(),
        spoilt,
        format!("Notice: x\n{clean}"),
        clean.replace("http://www.openarchives.org/OAI/2.0/", ""),
        clean.replacen("<OAI-PMH", "<!DOCTYPE a [<!ENTITY b \"c\">]><OAI-PMH", 1),
        sample(),
    ];
    for whole in samples {
        assert!(read_answer(whole.as_bytes(), None, "ListRecords").is_ok(), "{whole}");
        for length in 0..whole.len() {
            let read = read_answer(&whole.as_bytes()[..length], None, "ListRecords");
            let error = read.expect_err("a cut answer was taken for a page");
            assert!(error.may_pass() || error == Error::Doctype, "cut at {length}: {error}");
        }
    }
}

/// Reads a page in a time that only a reader can need that goes over it a few times.
#[track_caller]
fn check_quick(inside: &str) -> Page {
    let page = list(&format!("{inside}<resumptionToken>t</resumptionToken>"));
    let begun = Instant::now();
    let read = read_answer(page.as_bytes(), None, "ListRecords");
    let took = begun.elapsed();
    // A second for 3 MB in a debug build; a quadratic reader would need minutes.
    let limit = Duration::from_secs(3 + page.len() as u64 / 1_000_000);
    assert!(took < limit, "{took:?} for {} bytes that begin with {}", page.len(), &page[..page.len().min(600)]);
    read.unwrap_or_else(|error| panic!("{error}: {}", &page[..600]))
}

#[test]
fn thousands_of_spoilt_records_are_read_in_one_go() {
    let filler = "words ".repeat(20);
    let many = |spoilt: &str| -> String { (0..5000).map(|n| record(n, &spoilt.replace('@', &filler))).collect() };
    let check_counts = |spoilt: &str, records: usize, quarantined: usize| {
        let page = check_quick(&many(spoilt));
        assert_eq!((page.records.len(), page.quarantined.len()), (records, quarantined), "{spoilt}");
    };
    check_counts("<metadata><d xmlns=\"d\">& &nbsp; \u{1} @</d></metadata>", 5000, 0);
    check_counts("<metadata><d xmlns=\"d\">@ & < </d></metadata><b></c>", 0, 5000);
    check_counts("<metadata><d xmlns=\"d\">@</metadata>", 0, 5000);
    check_counts("<metadata><d xmlns=\"d>@</d></metadata>", 0, 5000);
    let unclosed = |tag: &str| many(&format!("<metadata><d xmlns=\"d\">{tag}@</d></metadata>"));
    for tag in ["<!--", "<![CDATA[", "<?x "] {
        let page = format!("{}{}", unclosed(tag), good(1));
        let page = check_quick(&page);
        assert_eq!((page.records.len(), page.quarantined.len()), (1, 5000), "{tag}");
    }
    let page = check_quick(&many("<metadata><d xmlns=\"d\">@").replace("</record>", ""));
    assert_eq!((page.records.len(), page.quarantined.len()), (0, 5000));
}

#[test]
fn very_large_and_very_deep_records_cost_no_more_than_their_size() {
    let inside = |text: &str| record(1, &format!("<metadata><d xmlns=\"d\">{text}</d></metadata>"));
    assert_eq!(check_quick(&inside(&"x".repeat(20_000_000))).records.len(), 1);
    assert_eq!(check_quick(&inside(&"&".repeat(1_000_000))).records.len(), 1);
    assert_eq!(check_quick(&inside(&"&nbsp;".repeat(500_000))).records.len(), 1);
    let deep = format!("{}{}", "<a>".repeat(200_000), "</a>".repeat(200_000));
    assert_eq!(check_quick(&inside(&deep)).quarantined[0].reason, "elements are nested too deep");
    assert_eq!(check_quick(&inside(&"<a xmlns:p=\"p\">".repeat(100_000))).quarantined.len(), 1);
    let attributes: String = (0..50_000).map(|n| format!(" a{n}=\"\"")).collect();
    assert_eq!(check_quick(&inside(&format!("<e{attributes}/>"))).quarantined.len(), 1);
    assert_eq!(check_quick(&inside(&"<!--".repeat(200_000))[..].replace("</record>", "--></record>")).records.len(), 0);
}
