//! Numbers and codes: our mark, 040, 049, 099, and fields that do not belong into a bib.

use super::Job;
use crate::push::marc::{DataField, Field, MarcRecord, Subfield};
use crate::push::own_mark::OwnMark;

/// ArchivesSpace writes no number of its own, so that each import into Alma would make a new bib.
pub(super) fn own_mark(record: &mut MarcRecord, job: &mut Job) {
    let Some(prefix) = &job.settings.mark_prefix else {
        return job.holds("035", "the profile has no prefix for our mark".to_owned());
    };
    let Some(uri) = &job.facts.identity.uri else { return job.lacks("035", "the URI of the resource") };
    let mark = match OwnMark::new(prefix, uri) {
        Ok(mark) => mark,
        Err(error) => return job.holds("035", error.to_string()),
    };
    if !record.fields.iter().any(|field| mark.is(field)) {
        record.fields.push(Field::Data(mark.field()));
    }
}

/// Older versions write `<datafield tag="049"/>`, and a note without text has a subfield without.
pub(super) fn empty_fields(record: &mut MarcRecord, _: &mut Job) {
    for field in record.data_mut() {
        field.subfields.retain(|subfield| !subfield.value.trim().is_empty());
    }
    record.fields.retain(|field| field.data().is_none_or(|field| !field.subfields.is_empty()));
}

pub(super) fn drop_049(record: &mut MarcRecord, _: &mut Job) {
    record.fields.retain(|field| field.tag() != "049");
}

/// An import profile that makes holdings of 852 would make holdings of a library called "Special Collections".
pub(super) fn drop_852(record: &mut MarcRecord, _: &mut Job) {
    record.fields.retain(|field| field.tag() != "852");
}

/// Without an organization code ArchivesSpace writes neither $a nor $c; $e is whatever was typed, after $c.
pub(super) fn cataloging_source(record: &mut MarcRecord, job: &mut Job) {
    let organization = job.facts.repository.as_ref().and_then(|repository| repository.org_code.clone());
    let organization = organization.filter(|code| !code.trim().is_empty());
    let rules = job.facts.identity.description_rules.as_deref().and_then(rules_code);
    let mut is_without_organization = false;
    for field in record.data_mut().filter(|field| field.tag == "040") {
        for code in ["a", "c"].into_iter().filter(|code| !field.has(code)).collect::<Vec<_>>() {
            match &organization {
                Some(organization) => field.subfields.push(Subfield::new(code, organization.trim())),
                None => is_without_organization = true,
            }
        }
        for subfield in field.subfields.iter_mut().filter(|subfield| subfield.code == "e") {
            if let Some(code) = rules_code(&subfield.value).or(rules) {
                code.clone_into(&mut subfield.value);
            }
        }
        let place = |subfield: &Subfield| "abecd".find(subfield.code.as_str()).unwrap_or(9);
        field.subfields.sort_by_key(place);
    }
    if is_without_organization {
        job.lacks("040", "the organization code of the repository");
    }
}

/// MARC's code of the rules of description; `None` for words that name none that are known.
fn rules_code(text: &str) -> Option<&'static str> {
    const CODES: [&str; 6] = ["aacr", "appm", "cco", "dacs", "rad", "rda"];
    const NAMES: [(&str, &str); 6] = [
        ("describing archives: a content standard", "dacs"),
        ("anglo-american cataloguing rules", "aacr"),
        ("archives, personal papers, and manuscripts", "appm"),
        ("cataloging cultural objects", "cco"),
        ("rules for archival description", "rad"),
        ("resource description and access", "rda"),
    ];
    let text = text.trim().to_lowercase();
    let code = CODES.into_iter().find(|code| *code == text);
    code.or_else(|| NAMES.iter().find(|(name, _)| text.contains(name)).map(|(_, code)| *code))
}

/// ArchivesSpace joins the identifiers by periods, without the second indicator that says whose scheme it is.
pub(super) fn call_number(record: &mut MarcRecord, job: &mut Job) {
    let made = match &job.settings.call_number {
        Some(template) => match template.fill(&job.facts.identity) {
            Some(number) => Some(number),
            None => return job.lacks("099", "the identifiers that the call number is made of"),
        },
        None => None,
    };
    for field in record.data_mut().filter(|field| field.tag == "099") {
        if let Some(number) = &made {
            field.subfields = vec![Subfield::new("a", number.as_str())];
        }
        field.ind2 = '9';
    }
    if let Some(number) = made.filter(|_| record.data("099").next().is_none()) {
        record.fields.push(Field::Data(DataField::new("099", " 9", &[("a", &number)])));
    }
}
