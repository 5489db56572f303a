//! 6XX of subjects: terms without a code, headings typed as one term, vocabularies that MARC does not know.

use super::Job;
use super::names_of_places::is_place;
use crate::push::marc::{DataField, MarcRecord, Subfield};
use crate::push::source_facts::SubjectFact;

/// The exporter writes functions among the occupations.
pub(super) fn functions(record: &mut MarcRecord, job: &mut Job) {
    let mut lacks = false;
    for field in record.data_mut().filter(|field| field.tag == "656") {
        match &job.facts.subjects {
            Some(subjects) => {
                if subjects.iter().any(|subject| is_this(field, subject) && kind(subject, 0) == Some("function")) {
                    "657".clone_into(&mut field.tag);
                }
            }
            None => lacks = true,
        }
    }
    if lacks {
        job.lacks("656", "which subjects are functions");
    }
}

/// A second term of type occupation, function or technique has `code=""`, which is no MARCXML.
pub(super) fn empty_codes(record: &mut MarcRecord, job: &mut Job) {
    let none = Vec::new();
    let subjects = job.facts.subjects.as_ref().unwrap_or(&none);
    for field in record.data_mut().filter(|field| field.tag.starts_with('6')) {
        let subject = subjects.iter().find(|subject| is_this(field, subject));
        for (at, subfield) in field.subfields.iter_mut().enumerate().filter(|(_, subfield)| subfield.code.is_empty()) {
            let code = match subject.and_then(|subject| kind(subject, at)) {
                Some("geographic") => "z",
                Some("temporal") => "y",
                Some("genre_form") => "v",
                Some(_) => "x",
                None => subdivision(&subfield.value),
            };
            code.clone_into(&mut subfield.code);
        }
    }
}

/// Whether the subject's terms are the field's, in their order.
fn is_this(field: &DataField, subject: &SubjectFact) -> bool {
    let plain = |text: &str| text.trim().trim_end_matches(['.', ',']).to_lowercase();
    let is_term = |subfield: &&Subfield| matches!(subfield.code.as_str(), "a" | "v" | "x" | "y" | "z" | "");
    let terms = field.subfields.iter().filter(is_term).map(|subfield| plain(&subfield.value));
    terms.eq(subject.terms.iter().map(|(term, _)| plain(term)))
}

fn kind(subject: &SubjectFact, at: usize) -> Option<&str> {
    subject.terms.get(at).map(|(_, kind)| kind.as_str())
}

/// `African Americans -- Civil rights -- History -- 20th century.`, typed into ArchivesSpace as one term.
pub(super) fn subdivisions(record: &mut MarcRecord, _: &mut Job) {
    let has_subdivisions = |tag: &str| matches!(tag, "600" | "610" | "611" | "630" | "650" | "651" | "655");
    for field in record.data_mut().filter(|field| has_subdivisions(&field.tag)) {
        let mut subfields = Vec::with_capacity(field.subfields.len());
        for subfield in field.subfields.drain(..) {
            let is_heading = matches!(subfield.code.as_str(), "a" | "v" | "x" | "y" | "z");
            match terms(&subfield.value).as_slice() {
                [first, rest @ ..] if is_heading && !rest.is_empty() => {
                    subfields.push(Subfield::new(&subfield.code, *first));
                    subfields.extend(rest.iter().map(|term| Subfield::new(subdivision(term), *term)));
                }
                [..] => subfields.push(subfield),
            }
        }
        field.subfields = subfields;
    }
}

/// What two dashes part, but not where they stand for the dash between two years.
fn terms(heading: &str) -> Vec<&str> {
    let (mut terms, mut from) = (Vec::new(), 0);
    for (at, dashes) in heading.match_indices("--") {
        let before = heading[..at].trim_end().ends_with(|c: char| c.is_ascii_digit());
        let after = heading[at + dashes.len()..].starts_with(|c: char| c.is_ascii_digit());
        if !(before && after) {
            terms.push(heading[from..at].trim());
            from = at + dashes.len();
        }
    }
    terms.push(heading[from..].trim());
    terms.retain(|term| !term.is_empty());
    terms
}

/// $y for a time, $z for a place and $v for a form that are known as such; all else is a topic, $x.
fn subdivision(term: &str) -> &'static str {
    const FORMS: [&str; 16] = [
        "Archives",
        "Autographs",
        "Bibliography",
        "Biography",
        "Caricatures and cartoons",
        "Case studies",
        "Catalogs",
        "Correspondence",
        "Diaries",
        "Interviews",
        "Maps",
        "Newspapers",
        "Periodicals",
        "Personal narratives",
        "Photographs",
        "Sources",
    ];
    let bare = term.trim().trim_end_matches('.');
    let is_time = bare.to_lowercase().ends_with("century") || bare.starts_with("To 1") || has_year(bare);
    match (is_time, is_place(bare), FORMS.contains(&bare)) {
        (true, _, _) => "y",
        (false, true, _) => "z",
        (false, false, true) => "v",
        (false, false, false) => "x",
    }
}

/// `1861-1865`, `Civil War, 1861-1865`, `1950-`: ends with a year or a span of years.
fn has_year(text: &str) -> bool {
    let last = text.rsplit([' ', ',']).next().unwrap_or_default();
    let years: Vec<&str> = last.split('-').filter(|year| !year.is_empty()).collect();
    let is_year = |year: &&str| year.len() == 4 && year.bytes().all(|byte| byte.is_ascii_digit());
    !years.is_empty() && years.iter().all(is_year)
}

/// The exporter writes the name of the vocabulary as it stands in ArchivesSpace's list: `LCSH: Library of Congress Subject Headings`.
pub(super) fn sources(record: &mut MarcRecord, job: &mut Job) {
    for field in record.data_mut().filter(|field| field.tag.starts_with('6') && field.ind2 == '7') {
        for subfield in field.subfields.iter_mut().filter(|subfield| subfield.code == "2") {
            let code = source_code(subfield.value.trim(), &job.settings.subject_sources);
            code.clone_into(&mut subfield.value);
        }
        let is_lcsh = |subfield: &Subfield| subfield.code == "2" && subfield.value == "lcsh";
        // 655 has another list for its indicator, but 0 is the same; 656 and 657 know 7 only.
        let knows_indicator = !matches!(field.tag.as_str(), "656" | "657");
        if knows_indicator && field.subfields.iter().any(is_lcsh) {
            field.subfields.retain(|subfield| !is_lcsh(subfield));
            field.ind2 = '0';
        }
    }
}

/// What has the form of a code is taken for one: MARC's list has several hundred and grows.
fn source_code(source: &str, own: &std::collections::BTreeMap<String, String>) -> String {
    const NAMES: [(&str, &str); 8] = [
        ("library of congress subject headings", "lcsh"),
        ("art & architecture thesaurus", "aat"),
        ("art and architecture thesaurus", "aat"),
        ("getty thesaurus of geographic names", "tgn"),
        ("medical subject headings", "mesh"),
        ("library of congress genre/form terms", "lcgft"),
        ("thesaurus for graphic materials", "lctgm"),
        ("faceted application of subject terminology", "fast"),
    ];
    if let Some(code) = own.get(source) {
        return code.clone();
    }
    let lower = source.to_lowercase();
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| lower.contains(name)) {
        return (*code).to_owned();
    }
    let has_form = source.starts_with(|c: char| c.is_ascii_lowercase())
        && source.len() <= 20
        && source.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'/' | b'-'));
    // ArchivesSpace's own words for what it does not know.
    let is_unknown = matches!(source, "ingest" | "unknown");
    if has_form && !is_unknown { source.to_owned() } else { "local".to_owned() }
}
