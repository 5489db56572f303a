//! Marks at the end of subfields and fields, as ISBD and DACS want them.

use super::Job;
use crate::push::marc::{DataField, MarcRecord, Subfield};

/// Subfields that control a field and are no part of its text.
pub(super) fn is_control(code: &str) -> bool {
    matches!(code, "0" | "1" | "2" | "4" | "5" | "6" | "8" | "9" | "u" | "w")
}

/// The last subfield that people read.
pub(super) fn last_text(field: &mut DataField) -> Option<&mut Subfield> {
    field.subfields.iter_mut().rev().find(|subfield| !is_control(&subfield.code) && !subfield.value.trim().is_empty())
}

/// Adds a period where nothing ends the text yet; a dash stands for what is open.
pub(super) fn end_with_period(value: &mut String) {
    value.truncate(value.trim_end().len());
    if !value.is_empty() && !value.ends_with(['.', '?', '!', ')', ']', '-']) {
        value.push('.');
    }
}

/// Own wording of what Yale's stylesheet does to ArchivesSpace's records, and of the examples in MARC 21.
pub(super) fn isbd(record: &mut MarcRecord, _: &mut Job) {
    let is_dacs = record.data("040").any(|field| field.values("e").any(|rules| rules.trim() == "dacs"));
    for field in record.data_mut() {
        match field.tag.as_str() {
            "035" | "040" | "043" | "336" | "337" | "338" => without_final_mark(field),
            "300" => extent(field, is_dacs),
            "245" => title(field),
            "264" => production(field),
            "351" | "500" | "506" | "524" | "546" | "561" => period(field),
            "520" | "545" => terminal_mark(field),
            "655" | "656" | "657" => period(field),
            "100" | "110" | "111" | "600" | "610" | "611" | "650" | "651" | "700" | "710" | "711" => period(field),
            _ => {}
        }
    }
}

fn period(field: &mut DataField) {
    if let Some(last) = last_text(field) {
        end_with_period(&mut last.value);
    }
}

/// A note may end as speech does.
fn terminal_mark(field: &mut DataField) {
    if let Some(last) =
        last_text(field).filter(|last| !last.value.trim_end().ends_with(['"', '\u{201d}', '\u{2026}', '>']))
    {
        end_with_period(&mut last.value);
    }
}

fn without_final_mark(field: &mut DataField) {
    if let Some(last) = last_text(field) {
        let bare = last.value.trim_end_matches(['.', ',', ';', ':', ' ']);
        if !bare.is_empty() {
            last.value = bare.to_owned();
        }
    }
}

/// A comma before the dates, a colon before the form.
fn title(field: &mut DataField) {
    before(field, "k", " :");
    before(field, "f", ",");
    period(field);
}

fn production(field: &mut DataField) {
    before(field, "c", ",");
    period(field);
}

/// ISBD's marks between the parts, where the record is not by DACS, which has none; never one at the end.
fn extent(field: &mut DataField, is_dacs: bool) {
    if !is_dacs {
        before(field, "b", " :");
        before(field, "c", " ;");
    }
    let is_abbreviation = last_text(field).is_some_and(|last| {
        let last_word = last.value.trim_end().rsplit(' ').next().unwrap_or_default();
        matches!(last_word.trim_end_matches('.'), "ft" | "in" | "v" | "p" | "min" | "hr" | "col" | "ill")
    });
    if !is_abbreviation {
        without_final_mark(field);
    }
}

/// Lets the subfield before the first one with this code end with the mark.
fn before(field: &mut DataField, code: &str, mark: &str) {
    let is_it = |subfield: &Subfield| subfield.code == code && !subfield.value.trim().is_empty();
    let Some(at) = field.subfields.iter().position(is_it).filter(|at| *at > 0) else { return };
    let previous = &mut field.subfields[at - 1];
    let bare = previous.value.trim_end_matches([',', ';', ':', ' ']);
    if !is_control(&previous.code) && !bare.is_empty() && !bare.ends_with('-') {
        previous.value = format!("{bare}{mark}");
    }
}
