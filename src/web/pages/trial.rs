//! A stylesheet counted over a sample, beside the profile's own.

use crate::failure::Failure;
use crate::steps::transform::Transform;
use crate::steps::trial::{Count, Line, count};
use crate::store::Store;
use crate::web::html::csv;
use crate::web::html::table::{Cell, Table};
use crate::web::html::text::brief;
use crate::web::serve::Response;
use crate::web::site::Trip;
use crate::web::visit::Visit;
use maud::{Markup, html};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Records of a sample.
pub const SAMPLE: usize = 200;
/// A person waits: what was not counted by then is left out, and said.
const TIME: Duration = Duration::from_secs(20);
/// Lines of a table that are shown.
const LINES: usize = 60;

/// Counts over a sample, as long as a person waits.
pub fn counted(store: &mut Store, trip: &Trip<'_>, tried: Transform) -> Result<Count, Failure> {
    let mut middle = trip.middle()?;
    middle.transform = tried;
    let begun = Instant::now();
    let sample = store.sample_of_claims(SAMPLE)?;
    count(&mut trip.explainer(store)?, &middle, &sample, &|| begun.elapsed() < TIME)
}

/// Both tables as one file.
pub fn file(visit: &Visit<'_>, count: &Count) -> Response {
    let rows = [("outcome", &count.outcomes), ("field", &count.fields)].into_iter().flat_map(|(of, lines)| {
        lines.iter().map(move |(name, line)| {
            let numbers = [line.own.to_string(), line.tried.to_string()];
            let texts = [of.to_owned(), name.clone()].into_iter().chain(numbers).chain([line.examples.join(" ")]);
            texts.map(Cell::text).collect()
        })
    });
    let headings = vec!["of", "name", "with the profile's own", "with the tried one", "for instance"];
    let table = Table { caption: String::new(), headings, rows: rows.collect() };
    csv::of_table(&visit.site.files, &format!("{}-trial", visit.desk().name()), &table)
}

/// What came of counting.
pub fn shown(visit: &Visit<'_>, count: &Count) -> Markup {
    html! {
        section.told {
            h2 { (count.records) " records, " (count.ies) " IEs: " (count.differ) " would become something else than with the profile's own stylesheet" }
            @if count.left > 0 || count.left_ies > 0 {
                p.note { "It took too long: " (count.left) " records of the sample" @if count.left_ies > 0 { " and " (count.left_ies) " IEs of the last one" } " were left out." }
            }
            @if count.records == 0 { p.empty { "No Alma record names an IE yet: run the profile first." } }
            @else {
                @if !count.different.is_empty() { p { "For instance " (links(visit, &count.different)) "." } }
                (table(visit, "Outcomes", "outcome", &count.outcomes).html())
                (table(visit, "Fields that would change in Rosetta", "field", &count.fields).html())
            }
            @if !count.failures.is_empty() {
                h3 { "What it failed with" }
                ul { @for (words, times) in count.failures.iter().take(10) { li { (times) " times: " (brief(words, 400)) } } }
            }
        }
    }
}

fn table(visit: &Visit<'_>, caption: &str, what: &'static str, lines: &BTreeMap<String, Line>) -> Table {
    let row = |(name, line): (&String, &Line)| {
        let own = Cell::text(line.own.to_string());
        vec![Cell::text(name), own, Cell::text(line.tried.to_string()), Cell::new(links(visit, &line.examples), "")]
    };
    let headings = vec![what, "with the profile's own", "with the tried one", "for instance"];
    Table { caption: caption.to_owned(), headings, rows: lines.iter().take(LINES).map(row).collect() }
}

/// Each leads to the record with the form filled in.
fn links(visit: &Visit<'_>, ies: &[String]) -> Markup {
    html! {
        @for (at, ie) in ies.iter().filter(|ie| !ie.is_empty()).enumerate() {
            @if at > 0 { ", " } a.ie href=(visit.path(&format!("ie/{ie}"))) { (ie) }
        }
    }
}
