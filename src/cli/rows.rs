//! A list in its three forms: a table for people, CSV for spreadsheets, JSON for programs.

use super::csv::csv;
use super::table::{shortened, table};
use super::{print, print_json};
use clap::Args;
use serde_json::{Map, Value};

/// How a list is printed.
#[derive(Debug, Args)]
pub struct Form {
    /// Print one JSON object
    #[arg(long)]
    json: bool,
    /// Print comma-separated values, for a spreadsheet
    #[arg(long, conflicts_with = "json")]
    csv: bool,
}

/// A list; `cells` hold whole texts, which only the table shortens.
#[derive(Debug)]
pub struct Rows {
    pub headings: &'static [&'static str],
    pub cells: Vec<Vec<String>>,
    pub json: Vec<Value>,
}

/// Columns in which somebody else wrote sentences.
const WORDY: [&str; 4] = ["reason", "in words", "problem", "detail"];
const WORDS_SHOWN: usize = 200;

impl Rows {
    /// Prints the list; `name` is what the rows are, and the field of the JSON object.
    pub fn print(self, name: &str, form: &Form, limit: usize) {
        self.print_beside(Map::new(), name, form, limit);
    }

    /// The same with further fields in the JSON object.
    pub fn print_beside(mut self, mut fields: Map<String, Value>, name: &str, form: &Form, limit: usize) {
        if form.json {
            fields.insert(name.to_owned(), Value::Array(self.json));
            print_json(&Value::Object(fields));
        } else if form.csv {
            print(&csv(self.headings, &self.cells));
        } else {
            self.shorten();
            print(&table(self.headings, &self.cells));
            let full = if self.cells.len() == limit { " (there may be more: raise --limit)" } else { "" };
            eprintln!("{} {name}{full}", self.cells.len());
        }
    }

    fn shorten(&mut self) {
        for (at, _) in self.headings.iter().enumerate().filter(|(_, heading)| WORDY.contains(heading)) {
            for row in &mut self.cells {
                row[at] = shortened(&row[at], WORDS_SHOWN);
            }
        }
    }
}
