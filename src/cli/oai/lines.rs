//! A record or a header as one JSON object.
//!
//! Most of what a harvest writes are long texts without much to escape, so they are copied many bytes at a time.

use crate::model::record::{Body, Record};
use json_escape_simd::escape_into;

/// `{"identifier","datestamp","deleted","sets","metadata"}`, the metadata being XML that parses alone, or null. A record
/// that had to be repaired has "repairs", too.
pub fn record(line: &mut Vec<u8>, record: &Record) {
    open(line, record);
    line.extend_from_slice(b",\"metadata\":");
    match &record.body {
        Body::Metadata(metadata) => escape_into(metadata, line),
        Body::Deleted | Body::Absent => line.extend_from_slice(b"null"),
    }
    if !record.repairs.is_empty() {
        line.extend_from_slice(b",\"repairs\":[");
        for (at, repair) in record.repairs.iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            escape_into(repair.as_str(), line);
        }
        line.push(b']');
    }
    line.push(b'}');
}

/// `{"identifier","datestamp","deleted","sets"}`.
pub fn header(line: &mut Vec<u8>, record: &Record) {
    open(line, record);
    line.push(b'}');
}

fn open(line: &mut Vec<u8>, record: &Record) {
    line.extend_from_slice(b"{\"identifier\":");
    short(record.identifier.as_str(), line);
    line.extend_from_slice(b",\"datestamp\":");
    short(record.datestamp.as_str(), line);
    line.extend_from_slice(b",\"deleted\":");
    line.extend_from_slice(if record.body.is_deleted() { b"true" } else { b"false" });
    line.extend_from_slice(b",\"sets\":[");
    for (at, set) in record.sets.iter().enumerate() {
        if at > 0 {
            line.push(b',');
        }
        short(set, line);
    }
    line.push(b']');
}

/// A text of a few words, which mostly needs no escape: to look at it costs less than to set out for a long one.
fn short(text: &str, line: &mut Vec<u8>) {
    let is_plain = text.bytes().fold(true, |plain, b| plain & (b >= 0x20) & (b != b'"') & (b != b'\\'));
    if is_plain {
        line.push(b'"');
        line.extend_from_slice(text.as_bytes());
        line.push(b'"');
    } else {
        escape_into(text, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::id::OaiIdentifier;
    use crate::model::record::Datestamp;
    use crate::model::repair::Repairs;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn check(one: &Record) {
        let sets = &one.sets;
        let metadata = match &one.body {
            Body::Metadata(metadata) => Some(metadata),
            Body::Deleted | Body::Absent => None,
        };
        let mut expected = json!({
            "identifier": one.identifier.as_str(), "datestamp": one.datestamp.as_str(),
            "deleted": one.body.is_deleted(), "sets": sets, "metadata": metadata
        });
        let mut line = Vec::new();
        record(&mut line, one);
        assert_eq!(serde_json::from_slice::<Value>(&line).unwrap(), expected);
        line.clear();
        header(&mut line, one);
        expected.as_object_mut().unwrap().remove("metadata");
        assert_eq!(serde_json::from_slice::<Value>(&line).unwrap(), expected);
    }

    proptest! {
        #[test]
        fn every_line_is_json_that_says_what_the_record_says(
            texts in [any::<String>(), any::<String>(), any::<String>()],
            sets in prop::collection::vec(any::<String>(), 0..3),
            kind in 0..3,
        ) {
            let [identifier, datestamp, metadata] = texts;
            let body = match kind {
                0 => Body::Deleted,
                1 => Body::Absent,
                _ => Body::Metadata(metadata),
            };
            check(&Record { identifier: OaiIdentifier::new(identifier), datestamp: Datestamp::new(datestamp), sets, body, repairs: Repairs::NONE });
        }
    }
}
