//! Tables as they stand on a page; `csv.rs` makes files of the same rows.

use super::text::brief;
use maud::{Markup, html};

/// What of a cell's text is shown, in bytes of the page.
const CELL: usize = 400;

/// A cell: how it looks, and what stands in the file.
pub struct Cell {
    look: Look,
    text: String,
}

/// Most looks follow from the text, and are made only where somebody looks: a file has a million cells that nobody sees.
enum Look {
    Text,
    Title,
    Record,
    Made(Markup),
}

impl Cell {
    /// A text of a server or of a person.
    pub fn text(text: impl Into<String>) -> Self {
        Cell { look: Look::Text, text: text.into() }
    }

    /// A title; a record without one is not an empty cell that somebody forgot.
    pub fn title(title: &str) -> Self {
        Cell { look: Look::Title, text: title.to_owned() }
    }

    /// An OAI identifier by what differs from its neighbours', its last part; the file has all of it.
    pub fn record(identifier: &str) -> Self {
        Cell { look: Look::Record, text: identifier.to_owned() }
    }

    /// Something that looks otherwise than its text.
    pub fn new(html: Markup, text: impl Into<String>) -> Self {
        Cell { look: Look::Made(html), text: text.into() }
    }

    /// What stands in a file.
    pub fn as_text(&self) -> &str {
        &self.text
    }

    fn html(&self) -> Markup {
        match &self.look {
            Look::Made(html) => html.clone(),
            Look::Title if self.text.is_empty() => html! { span.quiet { "no title" } },
            // Really empty, so that a narrow screen can leave it out.
            Look::Text if self.text.is_empty() => html! {},
            Look::Text | Look::Title => brief(&self.text, CELL),
            Look::Record => {
                let last = self.text.rsplit(':').next().filter(|_| self.text.starts_with("oai:"));
                let short = last.unwrap_or(&self.text);
                // An MMS ID in two halves is hard to compare; whatever is longer than one may break.
                html! { span.whole-id[short.len() <= 24] title=(self.text) { (brief(short, CELL)) } }
            }
        }
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
                                        td role="cell" data-label=(heading) { (cell.html()) }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
