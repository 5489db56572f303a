//! 245 and 300.

use super::Job;
use super::note_text::{one_blank, tidy};
use super::punctuation::{end_with_period, last_text};
use crate::push::marc::{MarcRecord, Subfield};

/// ArchivesSpace adds a comma to a title that has one, writes ISO dates with blanks around the dash, and bulk dates without a word.
pub(super) fn dates(record: &mut MarcRecord, job: &mut Job) {
    for field in record.data_mut().filter(|field| field.tag == "245") {
        let count = field.subfields.len();
        for at in 0..count {
            let next = field.subfields.get(at + 1);
            let is_date = |next: &Subfield| matches!(next.code.as_str(), "f" | "g") && !next.value.trim().is_empty();
            let has_more = next.is_some_and(is_date);
            let subfield = &mut field.subfields[at];
            match subfield.code.as_str() {
                "f" => subfield.value = for_readers(&subfield.value),
                "g" => subfield.value = with_word(&for_readers(&subfield.value), &job.settings.bulk_word),
                _ => subfield.value = one_blank(&subfield.value),
            }
            let bare = subfield.value.trim_end_matches([',', ' ']);
            if has_more && !bare.is_empty() {
                subfield.value = format!("{bare},");
            } else if subfield.value.ends_with(',') && !bare.is_empty() {
                subfield.value = bare.to_owned();
            }
        }
        if let Some(last) = last_text(field) {
            end_with_period(&mut last.value);
        }
    }
}

/// `1968-01-02 - 2016` → `1968 January 2-2016`, as DACS writes dates. `1968-01` stays: it may be a month or two years.
fn for_readers(dates: &str) -> String {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let readable = |date: &str| {
        let parts: Vec<&str> = date.split('-').collect();
        let [year, month, day] = parts.as_slice() else { return date.to_owned() };
        let is_number = |text: &str, len: usize| text.len() == len && text.bytes().all(|byte| byte.is_ascii_digit());
        let month = month
            .parse::<usize>()
            .ok()
            .filter(|_| is_number(month, 2))
            .and_then(|month| MONTHS.get(month.checked_sub(1)?));
        match (month, is_number(year, 4) && is_number(day, 2)) {
            (Some(month), true) => format!("{year} {month} {}", day.trim_start_matches('0')),
            (Some(_), false) | (None, _) => date.to_owned(),
        }
    };
    let dates = one_blank(dates);
    let (bare, mark) = match dates.strip_suffix([',', '.']) {
        Some(bare) => (bare, &dates[bare.len()..]),
        None => (dates.as_str(), ""),
    };
    bare.split(" - ").map(readable).collect::<Vec<_>>().join("-") + mark
}

fn with_word(dates: &str, word: &str) -> String {
    let is_bare = dates.starts_with(|c: char| c.is_ascii_digit());
    if is_bare && !word.is_empty() { format!("{word} {dates}") } else { dates.to_owned() }
}

/// 1 although the only creator is not published, so that there is no 1XX.
pub(super) fn entry(record: &mut MarcRecord, _: &mut Job) {
    let has_entry = record.fields.iter().any(|field| matches!(field.tag(), "100" | "110" | "111" | "130"));
    for field in record.data_mut().filter(|field| field.tag == "245") {
        field.ind1 = if has_entry { '1' } else { '0' };
    }
}

/// Units of ArchivesSpace's list, and what institutions add to it; other words may be names.
const UNITS: [&str; 40] = [
    "album",
    "albums",
    "audiocassettes",
    "bag",
    "bags",
    "box",
    "boxes",
    "cartons",
    "cassettes",
    "cubic",
    "feet",
    "file",
    "files",
    "folder",
    "folders",
    "foot",
    "gigabytes",
    "inches",
    "items",
    "leaves",
    "linear",
    "maps",
    "megabytes",
    "meters",
    "microfilm",
    "negatives",
    "photographic",
    "photographs",
    "pieces",
    "prints",
    "reel",
    "reels",
    "sheets",
    "slides",
    "tapes",
    "terabytes",
    "videocassettes",
    "volume",
    "volumes",
    "websites",
];

/// The exporter writes the unit as the list of extents shows it (`Linear Feet`), with the container summary close behind.
pub(super) fn extents(record: &mut MarcRecord, _: &mut Job) {
    for field in record.data_mut().filter(|field| field.tag == "300") {
        for subfield in field.subfields.iter_mut().filter(|subfield| subfield.code == "f") {
            let value = tidy(&subfield.value);
            let (unit, summary) =
                value.split_once('(').map_or((value.as_str(), None), |(unit, rest)| (unit, Some(rest)));
            let words = unit.split_whitespace().map(|word| {
                let lower = word.to_lowercase();
                if UNITS.contains(&lower.as_str()) { lower } else { word.to_owned() }
            });
            let unit = words.collect::<Vec<_>>().join(" ");
            subfield.value = match summary {
                Some(summary) => format!("{unit} ({summary}").trim_start().to_owned(),
                None => unit,
            };
        }
    }
}
