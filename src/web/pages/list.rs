//! What every list is: a page of rows with the way to the next one, and a file of them all.

use super::packages::{ROWS, pager};
use crate::failure::Failure;
use crate::store::outcomes::Slice;
use crate::web::html::table::Table;
use crate::web::html::{csv, frame};
use crate::web::serve::Response;
use crate::web::visit::Visit;
use maud::{Markup, html};

/// What stands above the rows.
pub struct Head<'h> {
    pub title: &'h str,
    /// The file is called after the profile and this.
    pub file: &'h str,
    pub total: Option<u64>,
    pub above: Markup,
    /// Whether a link to the file is still wanted; filters bring their own.
    pub has_filter: bool,
}

/// Answers with a page of a list, or with all of it as CSV. `read` gets where to go on, as the address has it, and how many
/// rows are wanted.
pub fn answer<T>(
    visit: &Visit<'_>,
    head: &Head<'_>,
    mut read: impl FnMut(Option<&str>, usize) -> Result<Slice<T, String>, Failure>,
    table: impl Fn(&[T]) -> Table,
) -> Result<Response, Failure> {
    if visit.wants_csv() {
        return csv::file(
            &visit.site.files,
            &format!("{}-{}", visit.desk().name(), head.file),
            |after: Option<String>, rows| {
                let slice = read(after.as_deref(), rows)?;
                Ok((table(&slice.items), slice.next))
            },
        );
    }
    let after = visit.asked("after");
    let slice = read(after, ROWS)?;
    let next = slice.next.map(|next| visit.query_with(&[("after", &next)]));
    let body = html! {
        h1 { (head.title) @if let Some(total) = head.total { " " span.count { (total) } } }
        (head.above)
        @if !head.has_filter { p { a href=(file_link(visit)) { "CSV" } } }
        (table(&slice.items).html())
        (pager(visit, slice.items.len(), after.is_some(), next))
    };
    Ok(frame::page(visit, head.title, body))
}

/// Where the whole list as a file is.
pub fn file_link(visit: &Visit<'_>) -> String {
    visit.query_with(&[("format", "csv"), ("after", ""), ("before", "")])
}

/// The rows that were wanted of one row more: what is too much tells that there is a next page.
pub fn cut<T>(mut items: Vec<T>, wanted: usize, key: impl Fn(&T) -> String) -> Slice<T, String> {
    let has_more = items.len() > wanted;
    items.truncate(wanted);
    let next = items.last().filter(|_| has_more).map(key);
    Slice { items, next }
}
