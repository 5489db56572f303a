//! Tables as comma-separated values, for spreadsheets and programs.

use super::table::printable;

/// Writes RFC 4180: a line of headings, lines that end in CR LF, quotation marks where a cell needs them.
///
/// A cell that begins with `=`, `+`, `-` or `@` gets an apostrophe in front: a spreadsheet would take it for a formula
/// and run it, and what stands in a catalogue record comes from outside. Line breaks and other control characters become
/// blanks, so that a row is a line.
pub fn csv(headings: &[&str], rows: &[Vec<String>]) -> String {
    let mut text = String::new();
    push_row(&mut text, headings.iter().copied());
    for row in rows {
        push_row(&mut text, row.iter().map(String::as_str));
    }
    text
}

fn push_row<'a>(text: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            text.push(',');
        }
        push_cell(text, &printable(cell));
    }
    text.push_str("\r\n");
}

fn push_cell(text: &mut String, cell: &str) {
    // A blank in front does not keep a spreadsheet from reading a formula.
    let is_formula = cell.trim_start().starts_with(['=', '+', '-', '@']);
    let needs_quotes = cell.contains([',', '"']) || cell.starts_with(' ') || cell.ends_with(' ');
    let quote = if needs_quotes { "\"" } else { "" };
    text.push_str(quote);
    if is_formula {
        text.push('\'');
    }
    text.push_str(&cell.replace('"', "\"\""));
    text.push_str(quote);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(cell: &str, expected: &str) {
        assert_eq!(csv(&["h"], &[vec![cell.to_owned()]]), format!("h\r\n{expected}\r\n"));
    }

    #[test]
    fn cells_are_quoted_where_they_must_be() {
        check("Sunset at Montmajour", "Sunset at Montmajour");
        check("Gogh, Vincent van", "\"Gogh, Vincent van\"");
        check("the \"Rhône\"", "\"the \"\"Rhône\"\"\"");
        check("two\r\nlines", "two  lines");
        check("", "");
    }

    #[test]
    fn no_cell_is_a_formula() {
        check("=HYPERLINK(\"http://x\")", "\"'=HYPERLINK(\"\"http://x\"\")\"");
        check("+1", "'+1");
        check("-1", "'-1");
        check("@SUM(A1)", "'@SUM(A1)");
        check(" =1", "\"' =1\"");
        check("\t=1", "\"' =1\"");
        check("a=1", "a=1");
    }

    #[test]
    fn a_row_has_as_many_cells_as_there_are_headings() {
        let rows = [vec!["1".to_owned(), String::new()]];
        assert_eq!(csv(&["a", "b"], &rows), "a,b\r\n1,\r\n");
    }
}
