//! ArchivesSpace's resumption tokens: JSON in base64 for URLs, which say all there is to know and never expire.

use crate::model::time::{Granularity, Timestamp};
use crate::oai::provider::Selection;
use serde_json::{Value, json};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum After {
    /// The resource with this number.
    Resource(u64),
    /// So many tombstones.
    Deletes(u64),
}

pub(super) fn write(selection: &Selection, after: After, now: Timestamp) -> String {
    let date = |date: Option<Timestamp>| date.map(|date| date.at(Granularity::Second));
    let (state, deletes, resources) = match after {
        After::Resource(number) => ("producing_records", 0, number),
        After::Deletes(number) => ("producing_deletes", number, 0),
    };
    let mut token = json!({
        "metadata_prefix": selection.prefix, "from": date(selection.from), "until": date(selection.until), "state": state,
        "last_delete_id": deletes, "remaining_types": {"Resource": resources}, "issue_time": now.millis(),
    });
    if let Some(set) = &selection.set {
        token["set"] = json!(set);
    }
    encode(token.to_string().as_bytes())
}

pub(super) fn read(token: &str) -> Option<(Selection, After)> {
    let token: Value = serde_json::from_slice(&decode(token)?).ok()?;
    let date = |name: &str| match token.get(name)? {
        Value::Null => Some(None),
        given => Timestamp::parse(given.as_str()?).map(Some),
    };
    let selection = Selection {
        prefix: token.get("metadata_prefix")?.as_str()?.to_owned(),
        set: token.get("set").and_then(Value::as_str).map(str::to_owned),
        from: date("from")?,
        until: date("until")?,
    };
    let after = match token.get("state")?.as_str()? {
        "producing_records" => After::Resource(token.get("remaining_types")?.get("Resource")?.as_u64()?),
        "producing_deletes" => After::Deletes(token.get("last_delete_id")?.as_u64()?),
        _ => return None,
    };
    Some((selection, after))
}

fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, at| bits << 8 | u32::from(chunk.get(at).copied().unwrap_or_default()));
        for at in 0..4 {
            let is_padding = at > chunk.len();
            text.push(if is_padding { '=' } else { char::from(LETTERS[(bits >> (18 - 6 * at) & 63) as usize]) });
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let (mut bytes, mut bits, mut count) = (Vec::new(), 0u32, 0);
    for letter in text.trim_end_matches('=').bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 255) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_was_written() {
        let now = Timestamp::parse("2026-11-22T01:02:03Z").unwrap();
        for (set, after) in [(None, After::Resource(15)), (Some("collection"), After::Deletes(2))] {
            let set = set.map(str::to_owned);
            let selection = Selection { prefix: "oai_marc".to_owned(), set, from: None, until: Some(now) };
            let token = write(&selection, after, now);
            assert!(token.bytes().all(|byte| LETTERS.contains(&byte) || byte == b'='), "{token}");
            assert_eq!(read(&token), Some((selection, after)));
        }
        for wrong in ["", "e30=", "!!!!", "bm9uc2Vuc2U="] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn base64_is_that_of_everybody() {
        for (plain, coded) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob>?", "Zm9vYj4_")] {
            assert_eq!(encode(plain.as_bytes()), coded);
            assert_eq!(decode(coded).unwrap(), plain.as_bytes());
        }
    }
}
