//! Tables that are a page and a CSV file at once.

use super::text::brief;
use crate::web::serve::Response;
use maud::{Markup, html};

/// What of a cell's text is shown, in bytes of the page.
const CELL: usize = 400;
/// Rows of one CSV file.
pub const CSV_ROWS: usize = 100_000;

/// A cell: how it looks, and what stands in the file.
pub struct Cell {
    html: Markup,
    text: String,
}

impl Cell {
    /// A text of a server or of a person.
    pub fn text(text: &str) -> Self {
        Cell { html: brief(text, CELL), text: text.to_owned() }
    }

    /// A title; a record without one is not an empty cell that somebody forgot.
    pub fn title(title: &str) -> Self {
        match title.is_empty() {
            true => Cell::new(html! { span.quiet { "no title" } }, ""),
            false => Cell::text(title),
        }
    }

    /// An OAI identifier by what differs from its neighbours', its last part; the file has all of it.
    pub fn record(identifier: &str) -> Self {
        let short = identifier.rsplit(':').next().filter(|_| identifier.starts_with("oai:")).unwrap_or(identifier);
        Cell { html: html! { span title=(identifier) { (brief(short, CELL)) } }, text: identifier.to_owned() }
    }

    /// Something that looks otherwise than its text.
    pub fn new(html: Markup, text: impl Into<String>) -> Self {
        Cell { html, text: text.into() }
    }
}

/// Rows under headings.
pub struct Table {
    pub caption: String,
    pub headings: Vec<&'static str>,
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    /// The table; on a narrow screen each row becomes a block, and each cell names its column.
    pub fn html(&self) -> Markup {
        html! {
            @if self.rows.is_empty() {
                p.empty { "Nothing." }
            } @else {
                div.scroll tabindex="0" role="region" aria-label=(self.caption) {
                    table role="table" {
                        caption { (self.caption) }
                        thead { tr role="row" { @for heading in &self.headings { th scope="col" role="columnheader" { (heading) } } } }
                        tbody {
                            @for row in &self.rows {
                                tr role="row" {
                                    @for (cell, heading) in row.iter().zip(&self.headings) {
                                        td role="cell" data-label=(heading) { (cell.html) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// The table as a file, named for what it holds; `is_cut` tells that there are more rows than these.
    pub fn csv(&self, name: &str, is_cut: bool) -> Response {
        let headings: Vec<String> = self.headings.iter().map(|heading| (*heading).to_owned()).collect();
        let mut text = line(&headings);
        for row in &self.rows {
            text.push_str(&line(&row.iter().map(|cell| cell.text.clone()).collect::<Vec<_>>()));
        }
        if is_cut {
            text.push_str(&line(&[format!("(there are more: this file ends after {} rows)", self.rows.len())]));
        }
        let mut response = Response::new(200, "text/csv;charset=UTF-8", text);
        let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
        let value = format!("attachment; filename=\"{name}.csv\"");
        response.headers.push(("content-disposition".to_owned(), value));
        response
    }
}

fn line(cells: &[String]) -> String {
    cells.iter().map(|cell| field(cell)).collect::<Vec<_>>().join(",") + "\r\n"
}

/// A value as RFC 4180 wants it. A spreadsheet would take some beginnings for a formula and obey it.
fn field(text: &str) -> String {
    let is_formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mark = if is_formula { "'" } else { "" };
    if is_formula || text.contains([',', '"', '\n', '\r']) {
        format!("\"{mark}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_quotes_and_obeys_no_formula() {
        let rows = vec![vec![Cell::text("a,\"b\"\nc"), Cell::text("=HYPERLINK(\"http://evil\")"), Cell::text("plain")]];
        let table = Table { caption: "x".to_owned(), headings: vec!["one", "two", "three"], rows };
        let response = table.csv("a/../b\"", true);
        let text = String::from_utf8(response.body).unwrap();
        let expected = "one,two,three\r\n\"a,\"\"b\"\"\nc\",\"'=HYPERLINK(\"\"http://evil\"\")\",plain\r\n(there are more: this file ends after 1 rows)\r\n";
        assert_eq!(text, expected);
        assert_eq!(response.headers[0].1, "attachment; filename=\"a..b.csv\"");
    }
}
