//! Leader and 008, but for its dates: what ArchivesSpace fills with constants and guesses.

use super::Job;
use super::names_of_places::{country_code, region_code};
use super::settings::RepairSettings;
use super::table::Repair;
use crate::push::marc::{DataField, Field, MarcRecord, positions, with_positions};

/// An 008 to be edited; an archival object's is empty, and validation says so.
pub(super) fn fixed_field(record: &MarcRecord) -> Option<String> {
    record.control("008").filter(|value| value.chars().count() == 40).map(str::to_owned)
}

/// Puts characters into 008, which has 40.
pub(super) fn set_fixed(record: &mut MarcRecord, at: usize, with: &str) {
    let changed = fixed_field(record).and_then(|value| with_positions(&value, at, with));
    if let Some(value) = changed {
        record.set_control("008", value);
    }
}

/// ArchivesSpace writes `system_mtime` there, which every save and every upgrade changes.
pub(super) fn date_entered(record: &mut MarcRecord, job: &mut Job) {
    if fixed_field(record).is_none() {
        return;
    }
    match job.facts.identity.created.as_deref().and_then(entered) {
        Some(entered) => set_fixed(record, 0, &entered),
        None => job.lacks("008", "when the resource was created"),
    }
}

/// `220403` from `2022-04-03T17:30:35Z`.
pub(super) fn entered(instant: &str) -> Option<String> {
    let date = instant.get(..10)?;
    let digits: String = date.split('-').collect();
    let is_date = digits.len() == 8 && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_date.then(|| digits[2..].to_owned())
}

/// ArchivesSpace writes the two letters of ISO, which are other countries in MARC (`gb` is Kiribati), and `xxu` for all
/// of the United States.
pub(super) fn place_of_repository(record: &mut MarcRecord, job: &mut Job) {
    if fixed_field(record).is_none() {
        return;
    }
    let Some(repository) = &job.facts.repository else {
        return job.lacks("008", "where the repository is");
    };
    let country = repository.country.as_deref().unwrap_or_default();
    let region = repository.region.as_deref().and_then(|region| region_code(country, region));
    match region.or_else(|| country_code(country)) {
        Some(code) => set_fixed(record, 15, &format!("{code:<3}")),
        None => job.lacks("008", "a country of the repository that MARC has a code for"),
    }
}

/// ArchivesSpace writes `mul` or `und` whether there is no language or more than one, and repeats $a of 041 even for one.
///
/// Without the facts 041 tells the same; only where there is no 041 either nobody knows.
pub(super) fn languages(record: &mut MarcRecord, job: &mut Job) {
    let of_041 = || record.data("041").flat_map(|field| field.values("a")).map(str::to_owned).collect::<Vec<_>>();
    let mut languages = match &job.facts.languages {
        Some(languages) => languages.clone(),
        None => of_041(),
    };
    let mut seen = std::collections::BTreeSet::new();
    languages.retain(|code| is_language(code) && seen.insert(code.clone()));
    if languages.is_empty() && job.facts.languages.is_none() {
        if fixed_field(record).is_some_and(|value| positions(&value, 35..38).is_some_and(|code| code == "mul")) {
            job.lacks("008", "the languages");
        }
        return;
    }
    let code = match languages.as_slice() {
        [] => "und",
        [one, ..] if languages.len() <= MOST_LANGUAGES => one.as_str(),
        [..] => "mul",
    };
    set_fixed(record, 35, code);
    // A 041 with more than $a was made by somebody who knows more than this.
    let is_plain = |field: &DataField| field.subfields.iter().all(|subfield| subfield.code == "a");
    if record.data("041").all(is_plain) {
        record.fields.retain(|field| field.tag() != "041");
        if languages.len() > 1 {
            let subfields: Vec<(&str, &str)> = languages.iter().map(|code| ("a", code.as_str())).collect();
            record.fields.push(Field::Data(DataField::new("041", "0 ", &subfields)));
        }
    }
}

/// With more, MARC 21 has `mul` in 008 rather than the first.
const MOST_LANGUAGES: usize = 6;

fn is_language(code: &str) -> bool {
    code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_lowercase())
}

/// ArchivesSpace writes `u`, unknown. Lengths (00000) and encoding (`a`, Unicode) are Alma's affair.
pub(super) fn leader(record: &mut MarcRecord, job: &mut Job) {
    if positions(&record.leader, 18..19).is_some_and(|form| form == "u") && has_isbd(job.settings) {
        record.leader = with_positions(&record.leader, 18, "i").expect("it has a position 18");
    }
}

fn has_isbd(settings: &RepairSettings) -> bool {
    settings.is_on(Repair::IsbdPunctuation)
}
