//! Any bytes inside of one record: the records beside it stay as they are, or the page is refused.

#![no_main]

use cartouche::model::record::Body;
use cartouche::oai::page::read_answer;
use libfuzzer_sys::fuzz_target;

fn record(number: u32, inside: &str) -> String {
    format!(
        "<record><header><identifier>oai:x:{number}</identifier><datestamp>2026-11-21</datestamp></header>\
         <metadata><d xmlns=\"d\">{inside}</d></metadata></record>"
    )
}

fuzz_target!(|inside: &[u8]| {
    let spoilt = record(2, "@");
    let (begin, end) = spoilt.split_once('@').expect("the @ is there");
    let head =
        "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\"><ListRecords>".to_owned() + &record(1, "é") + begin;
    let tail = end.to_owned() + &record(3, "ü") + "<resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>";
    let bytes = [head.as_bytes(), inside, tail.as_bytes()].concat();
    let Ok(page) = read_answer(&bytes, None, "ListRecords") else { return };
    for record in &page.records {
        if let Body::Metadata(metadata) = &record.body {
            if let Err(error) = xot::Xot::new().parse(metadata) {
                panic!("{error}: {metadata}");
            }
        }
    }
    // A comment or CDATA that is left open hides what follows, as XML says; and tags of records may be anything.
    let is_markup = [&b"<!"[..], b"<?", b"record", b"header", b"metadata", b"ListRecords", b"OAI-PMH", b"resumption"]
        .iter()
        .any(|text| inside.windows(text.len()).any(|bytes| bytes == *text));
    if !is_markup {
        let has = |number: u32, letter: &str| {
            let metadata = format!("<d xmlns=\"d\">{letter}</d>");
            page.records.iter().any(|record| {
                record.identifier.as_str() == format!("oai:x:{number}")
                    && record.repairs.is_empty()
                    && matches!(&record.body, Body::Metadata(found) if *found == metadata)
            })
        };
        assert!(has(1, "é") && has(3, "ü"), "a neighbour was changed: {page:?}");
        assert_eq!(page.records.len() + page.quarantined.len(), 3, "{page:?}");
        assert!(page.token.is_some());
    }
});
