//! Tables in plain text.

/// Lays rows out under headings; the last column is never padded.
pub fn table(headings: &[&str], rows: &[Vec<String>]) -> String {
    let width = |text: &str| text.chars().count();
    let mut widths: Vec<usize> = headings.iter().map(|heading| width(heading)).collect();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            widths[at] = widths[at].max(width(cell));
        }
    }
    let mut text = String::new();
    let head: Vec<String> = headings.iter().map(|heading| (*heading).to_owned()).collect();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (at, cell) in row.iter().enumerate() {
            line.push_str(&printable(cell));
            if at + 1 < row.len() {
                line.push_str(&" ".repeat(widths[at] - width(cell) + 2));
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// What servers send may hold line breaks and escape sequences; a terminal must not obey them.
pub fn printable(text: &str) -> String {
    let bidi = |c: char| matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|c| if c.is_control() || bidi(c) { ' ' } else { c }).collect()
}

/// Shortens a value for one line, with the count of what is left out.
pub fn shortened(text: &str, limit: usize) -> String {
    let count = text.chars().count();
    if count <= limit {
        return printable(text);
    }
    let start: String = text.chars().take(limit).collect();
    format!("{}… ({} more characters)", printable(&start), count - limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_and_hostile_text_stays_on_its_line() {
        let rows = vec![vec!["IE1".to_owned(), "a\x1b[31m\nb".to_owned()], vec!["IE1000".to_owned(), "c".to_owned()]];
        assert_eq!(table(&["IE", "title"], &rows), "IE      title\nIE1     a [31m b\nIE1000  c\n");
        assert_eq!(shortened("abcdef", 4), "abcd… (2 more characters)");
    }
}
