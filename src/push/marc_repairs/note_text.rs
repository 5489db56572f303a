//! A note's text as ArchivesSpace holds it, as its exporter leaves it, and as it should be.

/// The text as the exporter makes it: everything between `<` and `>` is taken for a tag, and a blank put there.
///
/// `a < b and c > d` loses ` b and c ` (seen with the exporter of version 4.2).
pub(super) fn as_exported(text: &str) -> String {
    replace_angles(text, |_| true)
}

/// The text without its tags, and with all that is none.
pub(super) fn without_markup(text: &str) -> String {
    let text = replace_angles(text, is_tag);
    if !text.contains('&') {
        return text;
    }
    let entities = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&nbsp;", " "), ("&amp;", "&")];
    entities.iter().fold(text, |text, (entity, character)| text.replace(entity, character))
}

/// Whether what stands between `<` and `>` can be EAD's markup: a name comes at once, perhaps after a slash.
fn is_tag(inside: &str) -> bool {
    inside.trim_start_matches('/').starts_with(|c: char| c.is_ascii_alphabetic()) && !inside.contains('<')
}

/// Puts a blank in the place of each `<…>` that fits.
fn replace_angles(text: &str, fits: impl Fn(&str) -> bool) -> String {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(open) = rest.find('<') {
        let Some(close) = rest[open..].find('>').map(|at| open + at) else { break };
        out.push_str(&rest[..open]);
        if fits(&rest[open + 1..close]) {
            out.push(' ');
            rest = &rest[close + 1..];
        } else {
            out.push('<');
            rest = &rest[open + 1..];
        }
    }
    out + rest
}

/// One blank for each run of white space, none at the ends and none before a mark that stands close to its word: in every language,
/// which `;`, `!` and `?` do not in French.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        let is_mark = !out.is_empty() && word.starts_with(['.', ',', ')', ']']) && !is_ellipsis(word);
        if !out.is_empty() && !is_mark {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// One blank for each run of white space, and none at the ends.
pub(super) fn one_blank(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// `...` and `.net` stand by themselves; `.` and `.)` do not.
fn is_ellipsis(word: &str) -> bool {
    word.starts_with("..") || word.strip_prefix('.').is_some_and(|rest| rest.starts_with(char::is_alphanumeric))
}

/// The paragraphs of a note: what empty lines part.
pub(super) fn paragraphs(text: &str) -> Vec<String> {
    let (mut paragraphs, mut current) = (Vec::new(), String::new());
    for line in text.lines() {
        if line.trim().is_empty() {
            paragraphs.push(std::mem::take(&mut current));
        } else {
            current.push_str(line);
            current.push('\n');
        }
    }
    paragraphs.push(current);
    paragraphs.iter().map(|paragraph| tidy(paragraph)).filter(|paragraph| !paragraph.is_empty()).collect()
}

/// Whether a field's value is the note, perhaps with a label before it: `Processing Information: …`.
pub(super) fn is_note(value: &str, exported: &str) -> bool {
    let (value, exported) = (tidy(value), tidy(exported));
    if exported.is_empty() {
        return false;
    }
    let label = value.strip_suffix(exported.as_str()).map(str::trim_end);
    label.is_some_and(|label| label.is_empty() || is_label(label))
}

/// A few words and a colon.
pub(super) fn is_label(text: &str) -> bool {
    text.strip_suffix(':').is_some_and(|words| words.len() <= 60 && !words.contains(['.', ':', ';', ',']))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_goes_and_comparison_signs_stay() {
        let check = |text: &str, exported: &str, clean: &str| {
            assert_eq!((tidy(&as_exported(text)).as_str(), tidy(&without_markup(text)).as_str()), (exported, clean));
        };
        check("the <title>Diary</title> of", "the Diary of", "the Diary of");
        check("a < b and c > d", "a d", "a < b and c > d");
        check("a < b <emph>c</emph>", "a c", "a < b c");
        check("R&amp;D &lt;1&gt; 5 < 6", "R&amp;D &lt;1&gt; 5 < 6", "R&D <1> 5 < 6");
        check("x <lb/>y", "x y", "x y");
    }

    #[test]
    fn blanks_before_marks_go() {
        let check = |text: &str, expected: &str| assert_eq!(tidy(text), expected);
        check(" see the  Guide \n to  Records .", "see the Guide to Records.");
        check("a ( b ) , c ... .net . ", "a ( b), c ... .net.");
        check("Que faire ? Rien ; rien !", "Que faire ? Rien ; rien !");
        check("\u{a0}", "");
        check(".", ".");
    }

    #[test]
    fn paragraphs_are_parted_by_empty_lines() {
        assert_eq!(paragraphs("one\ntwo\n \n\n three .\n"), ["one two", "three."]);
        assert_eq!(paragraphs(" \n"), [""; 0]);
    }

    #[test]
    fn a_label_before_a_note_is_known() {
        for (value, is) in [
            ("Secret .", true),
            ("Processing Information: Secret.", true),
            ("Not Secret.", false),
            ("See A. b: Secret.", false),
        ] {
            assert_eq!(is_note(value, "Secret."), is, "{value}");
        }
        assert!(!is_note("x", " "), "an empty note is no field");
    }
}
