//! Notes that are longer than Alma takes.

use super::Job;
use super::settings::{LengthLimit, Over};
use crate::push::marc::{DataField, Field, MarcRecord};

/// Tags that may be repeated without saying something else: a note goes on in the next field.
const REPEATED: [&str; 15] =
    ["351", "500", "506", "520", "524", "535", "540", "541", "544", "545", "555", "561", "581", "583", "584"];

/// Alma refuses a field of 10,000 bytes, as ISO 2709 does; Princeton's notes are longer, and were cut off at 7,999 bytes.
///
/// Two bytes are kept free for a final mark, so that a part that gets one is not too long again.
pub(super) fn long_fields(record: &mut MarcRecord, job: &mut Job) {
    let limit = job.settings.notes.limit;
    let mut fields = Vec::with_capacity(record.fields.len());
    for field in record.fields.drain(..) {
        match field {
            Field::Data(data) if data.bytes() + RESERVE > limit.bytes => fields.extend(shortened(data, limit, job)),
            Field::Data(_) | Field::Control { .. } => fields.push(field),
        }
    }
    record.fields = fields;
}

const RESERVE: usize = 2;

fn shortened(field: DataField, limit: LengthLimit, job: &mut Job) -> Vec<Field> {
    let why = format!("{} has {} bytes, and the limit is {}", field.tag, field.bytes(), limit.bytes);
    // What the field costs beside the text.
    let around = field.bytes() - field.subfields.first().map_or(0, |only| only.value.len());
    let room = limit.bytes.saturating_sub(around + RESERVE);
    let can_split = REPEATED.contains(&field.tag.as_str()) && room >= MIN_ROOM;
    match (limit.over, field.subfields.as_slice()) {
        (Over::Split, [only]) if can_split => {
            let parts = split(&only.value, room);
            parts.iter().map(|part| Field::Data(with_value(&field, part))).collect()
        }
        (Over::Split | Over::Hold, [..]) => {
            job.holds(&field.tag, why);
            vec![Field::Data(field)]
        }
    }
}

/// With less room a text would be cut to shreds, and a word might not fit.
const MIN_ROOM: usize = 100;

fn with_value(field: &DataField, value: &str) -> DataField {
    let mut field = field.clone();
    value.clone_into(&mut field.subfields[0].value);
    field
}

/// The text in parts of at most so many bytes, each as long as can be, cut at the last paragraph, else sentence, else word,
/// else character.
fn split(text: &str, room: usize) -> Vec<String> {
    let (mut parts, mut rest) = (Vec::new(), text.trim());
    while rest.len() > room {
        let mut end = room;
        while !rest.is_char_boundary(end) {
            end -= 1;
        }
        let head = &rest[..end];
        // A cut near the beginning would leave a part of a few words.
        let late = |at: &usize| *at >= room / 3;
        let paragraph = head.rfind("\n\n").or_else(|| head.rfind('\n')).filter(late);
        let sentence =
            || [". ", "! ", "? ", ".\n"].iter().filter_map(|mark| head.rfind(mark)).max().map(|at| at + 1).filter(late);
        let word = || head.rfind(char::is_whitespace).filter(|at| *at > 0);
        let cut = paragraph.or_else(sentence).or_else(word).unwrap_or(end);
        parts.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    parts.push(rest.to_owned());
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_is_cut_where_it_hurts_least() {
        let check = |text: &str, room: usize, expected: &[&str]| assert_eq!(split(text, room), expected, "{room}");
        check("One two.\n\nThree. Four", 18, &["One two.", "Three. Four"]);
        check("One two. Three four five", 18, &["One two.", "Three four five"]);
        check("onetwo three four", 14, &["onetwo three", "four"]);
        check("éééé", 5, &["éé", "éé"]);
        check("short", 5, &["short"]);
    }

    proptest! {
        #[test]
        fn parts_fit_and_hold_every_word(text in "[a-zé.\n ]{0,200}", room in 4_usize..60) {
            let parts = split(&text, room);
            prop_assert!(parts.iter().all(|part| part.len() <= room));
            let plain = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(plain(&parts.concat()), plain(&text));
        }
    }
}
