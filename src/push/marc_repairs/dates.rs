//! 008/06-14: the years that the material is of.

use super::Job;
use super::fixed_fields::{fixed_field, set_fixed};
use crate::push::marc::MarcRecord;
use crate::push::source_facts::{DateFact, DateKind};

/// ArchivesSpace takes the first of the dates, even if that is the bulk date, writes blanks for what is open or unknown, and
/// calls the undated inclusive.
pub(super) fn dates_of_content(record: &mut MarcRecord, job: &mut Job) {
    if fixed_field(record).is_none() {
        return;
    }
    match &job.facts.dates {
        Some(dates) => set_fixed(record, 6, &coded(dates)),
        None => job.lacks("008", "the dates of the resource"),
    }
}

/// Type of date and two years, nine characters: inclusive dates, else single ones, else bulk dates; `n` when there are none.
fn coded(dates: &[DateFact]) -> String {
    let of = |kind: DateKind| {
        dates.iter().filter(move |date| date.kind == kind && (date.begin.is_some() || date.end.is_some()))
    };
    let kinds = [DateKind::Inclusive, DateKind::Single, DateKind::Bulk];
    let Some(kind) = kinds.into_iter().find(|kind| of(*kind).next().is_some()) else {
        return "nuuuuuuuu".to_owned();
    };
    let chosen: Vec<&DateFact> = of(kind).collect();
    let years =
        |text: fn(&DateFact) -> Option<&String>| chosen.iter().map(move |date| year(text(date))).collect::<Vec<_>>();
    match (kind, chosen.as_slice()) {
        (DateKind::Single, [only]) => format!("s{}    ", year(only.begin.as_ref().or(only.end.as_ref()))),
        (DateKind::Single, _) => {
            let years = years(|date| date.begin.as_ref().or(date.end.as_ref()));
            format!("i{}{}", first(&years), last(&years))
        }
        (DateKind::Inclusive, _) => {
            format!("i{}{}", first(&years(|d| d.begin.as_ref())), last(&years(|d| d.end.as_ref())))
        }
        (DateKind::Bulk, _) => format!("k{}{}", first(&years(|d| d.begin.as_ref())), last(&years(|d| d.end.as_ref()))),
    }
}

/// The earliest; unknown if one of them is.
fn first(years: &[String]) -> &str {
    if years.iter().any(|year| year == UNKNOWN) { UNKNOWN } else { years.iter().min().map_or(UNKNOWN, String::as_str) }
}

/// The latest; unknown if one of them is, for what is open has no latest.
fn last(years: &[String]) -> &str {
    years.iter().max().map_or(UNKNOWN, String::as_str)
}

const UNKNOWN: &str = "uuuu";

/// The year of an ISO date; years before our era, and what is no date, are unknown to 008.
fn year(date: Option<&String>) -> String {
    let digits = date.and_then(|date| date.split('-').next()).unwrap_or_default();
    let is_year = (1..=4).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_year { format!("{digits:0>4}") } else { UNKNOWN.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_become_a_type_and_two_years() {
        use DateKind::{Bulk, Inclusive, Single};
        let check = |dates: &[(DateKind, &str, &str)], expected: &str| {
            let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            let facts =
                dates.iter().map(|(kind, begin, end)| DateFact { kind: *kind, begin: text(begin), end: text(end) });
            assert_eq!(coded(&facts.collect::<Vec<_>>()), expected, "{dates:?}");
        };
        check(&[(Bulk, "1984", "2001"), (Inclusive, "1968-01-02", "2016")], "i19682016");
        check(&[(Inclusive, "1968", "")], "i1968uuuu");
        check(&[(Inclusive, "1968", "1970"), (Inclusive, "1950", "")], "i1950uuuu");
        check(&[(Inclusive, "", "1970")], "iuuuu1970");
        check(&[(Single, "1901", "")], "s1901    ");
        check(&[(Single, "1901", ""), (Single, "1899-12", "")], "i18991901");
        check(&[(Bulk, "1984", "2001")], "k19842001");
        check(&[(Single, "-0044", "")], "suuuu    ");
        check(&[(Inclusive, "", "")], "nuuuuuuuu");
        check(&[], "nuuuuuuuu");
    }
}
