//! Lists as files for spreadsheets: written while they are read, never longer and never more at once than a machine can bear.

use super::table::Table;
use crate::web::places::{Place, Places};
use crate::web::serve::Response;

/// Rows of one file; a spreadsheet takes no more.
const ROWS: usize = 1_000_000;
/// Bytes of one file, which the server holds until it is sent.
const BYTES: usize = 128 << 20;
/// Files that are made or sent at the same time.
pub const AT_THE_SAME_TIME: usize = 4;
/// Rows that are read at a time.
const AT_ONCE: usize = 1_000;

/// Reads a list from beginning to end, or until the file is full, and answers with it under a name. `read` gets where to
/// go on and how many rows are wanted, and gives a table and where that goes on. A file that is cut says so in its last line.
/// When all places are taken, the answer is to come back.
pub fn file<P, E>(
    places: &Places,
    name: &str,
    mut read: impl FnMut(Option<P>, usize) -> Result<(Table, Option<P>), E>,
) -> Result<Response, E> {
    let Some(place) = places.take() else { return Ok(busy()) };
    let (mut text, mut rows, mut after) = (String::new(), 0, None);
    loop {
        let (table, next) = read(after.take(), AT_ONCE.min(ROWS - rows))?;
        if text.is_empty() {
            text.push_str(&line(table.headings.iter().copied()));
        }
        for row in &table.rows {
            text.push_str(&line(row.iter().map(|cell| cell.as_text())));
        }
        rows += table.rows.len();
        match next {
            None => return Ok(answer(name, text, place)),
            Some(_) if rows >= ROWS || text.len() >= BYTES => {
                let note = format!("(there are more: this file ends after {rows} rows; `cartouche list` has all)");
                text.push_str(&line(std::iter::once(note.as_str())));
                return Ok(answer(name, text, place));
            }
            Some(next) => after = Some(next),
        }
    }
}

/// For a table that is whole already.
pub fn of_table(places: &Places, name: &str, table: &Table) -> Response {
    let Some(place) = places.take() else { return busy() };
    let mut text = line(table.headings.iter().copied());
    for row in &table.rows {
        text.push_str(&line(row.iter().map(|cell| cell.as_text())));
    }
    answer(name, text, place)
}

fn busy() -> Response {
    let mut response =
        Response::new(503, "text/plain;charset=UTF-8", "other files are being made: try again in a minute\n");
    response.headers.push(("retry-after".to_owned(), "60".to_owned()));
    response
}

fn answer(name: &str, text: String, place: Place) -> Response {
    let mut response = Response::new(200, "text/csv;charset=UTF-8", text);
    response.place = Some(place);
    let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.')).collect();
    let value = format!("attachment; filename=\"{name}.csv\"");
    response.headers.push(("content-disposition".to_owned(), value));
    response
}

fn line<'c>(cells: impl Iterator<Item = &'c str>) -> String {
    cells.map(field).collect::<Vec<_>>().join(",") + "\r\n"
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
    use crate::web::html::table::Cell;
    use std::convert::Infallible;

    fn table(rows: Vec<Vec<Cell>>) -> Table {
        Table { caption: "x".to_owned(), headings: vec!["one", "two", "three"], rows }
    }

    #[test]
    fn a_file_quotes_and_obeys_no_formula() {
        let row = || vec![Cell::text("a,\"b\"\nc"), Cell::text("=HYPERLINK(\"http://evil\")"), Cell::text("plain")];
        let answer =
            file(&Places::new(1), "a/../b\"", |_: Option<()>, _| Ok::<_, Infallible>((table(vec![row()]), None)));
        let response = answer.unwrap();
        let text = String::from_utf8(response.body).unwrap();
        let expected = "one,two,three\r\n\"a,\"\"b\"\"\nc\",\"'=HYPERLINK(\"\"http://evil\"\")\",plain\r\n";
        assert_eq!(text, expected);
        assert_eq!(response.headers[0].1, "attachment; filename=\"a..b.csv\"");
    }

    #[test]
    fn no_more_files_are_made_than_there_are_places() {
        let places = Places::new(1);
        let one = |_: Option<()>, _| Ok::<_, Infallible>((table(Vec::new()), None));
        let first = file(&places, "x", one).unwrap();
        let second = file(&places, "x", one).unwrap();
        assert_eq!((first.status, second.status), (200, 503));
        drop(first);
        assert_eq!(file(&places, "x", one).unwrap().status, 200);
    }

    #[test]
    fn an_endless_list_ends_and_says_so() {
        let places = Places::new(1);
        let rows = |count| (0..count).map(|_| ["1", "2", "3"].map(Cell::text).into()).collect();
        let endless =
            |after: Option<usize>, wanted| Ok::<_, Infallible>((table(rows(wanted)), Some(after.unwrap_or(0))));
        let text = String::from_utf8(file(&places, "x", endless).unwrap().body).unwrap();
        assert_eq!(text.lines().count(), ROWS + 2);
        assert!(text.ends_with("this file ends after 1000000 rows; `cartouche list` has all)\r\n"), "{}", text.len());
        let long = "x".repeat(1 << 20);
        let wide = |_: Option<()>, _| Ok::<_, Infallible>((table(vec![vec![Cell::text(long.as_str())]]), Some(())));
        let body = file(&places, "x", wide).unwrap().body;
        assert!(body.len() < BYTES + (2 << 20), "{}", body.len());
    }

    #[test]
    fn a_list_that_is_read_in_parts_is_one_file() {
        let parts = |after: Option<usize>, _| {
            let at = after.unwrap_or(0);
            let row = vec![Cell::text(at.to_string())];
            Ok::<_, Infallible>((table(vec![row]), (at < 2).then_some(at + 1)))
        };
        let text = String::from_utf8(file(&Places::new(1), "x", parts).unwrap().body).unwrap();
        assert_eq!(text, "one,two,three\r\n0\r\n1\r\n2\r\n");
    }
}
