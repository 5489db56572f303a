//! Any bytes as an answer: no reader panics, what is clean is read alike by both, and what comes out parses alone.

#![no_main]

use cartouche::model::record::Body;
use cartouche::oai::page::{Page, read, read_answer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    for list in ["ListRecords", "ListIdentifiers", "GetRecord"] {
        let strict = read(bytes, list);
        let tolerant = read_answer(bytes, None, list);
        match (&strict, &tolerant) {
            (Ok(strict), Ok(tolerant)) if strict.quarantined.is_empty() => {
                assert_eq!(
                    (&strict.records, &strict.token),
                    (&tolerant.records, &tolerant.token),
                    "a clean page was changed"
                );
            }
            (Ok(strict), Ok(tolerant)) => {
                let all = |page: &Page| page.records.len() + page.quarantined.len();
                assert!(all(tolerant) >= all(strict), "a record was lost");
            }
            (Ok(_) | Err(_), _) => {}
        }
        for page in strict.iter().chain(&tolerant) {
            parse_alone(page);
        }
    }
});

fn parse_alone(page: &Page) {
    for record in &page.records {
        if let Body::Metadata(metadata) = &record.body {
            // xot resolves no more namespaces than there are, and descends by calling itself.
            if let Err(error) = xot::Xot::new().parse(metadata) {
                panic!("{error}: {metadata}");
            }
        }
    }
}
