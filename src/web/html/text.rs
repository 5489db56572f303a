//! Text of servers on a page: isolated, with what cannot be seen made visible, and never endless.
//!
//! Escaping is not done here: maud escapes all text by its type. This is about characters that are harmless to a parser
//! and deceive a reader.

use maud::{Markup, Render, html};

/// What of one value is shown in place, in bytes of the page; the rest stands on a page of its own.
pub const IN_PLACE: usize = 1_500;
/// What of one text is shown on a page of its own.
pub const ON_ITS_OWN: usize = 60_000;
/// What a mark costs on the page, about.
const MARK: usize = 60;

/// A text with its invisible characters as labelled marks, isolated from the direction of what stands around it.
pub struct Shown<'t>(pub &'t str);

impl Render for Shown<'_> {
    fn render(&self) -> Markup {
        html! { bdi { (marked(self.0)) } }
    }
}

/// The same without isolation, for parts of a text that is isolated as a whole.
pub fn marked(text: &str) -> Markup {
    let mut rest = text;
    html! {
        @while !rest.is_empty() {
            @let end = rest.find(|c| name_of(c).is_some()).unwrap_or(rest.len());
            (&rest[..end])
            @if let Some(hidden) = rest[end..].chars().next() {
                @let name = name_of(hidden).unwrap_or_default();
                span.hidden title=(format!("U+{:04X} {name}", hidden as u32)) { (format!("U+{:04X}", hidden as u32)) }
            }
            ({ rest = rest[end..].char_indices().nth(1).map_or("", |(next, _)| &rest[end + next..]); "" })
        }
    }
}

/// What a character is called that changes how a text looks and has no look of its own.
fn name_of(c: char) -> Option<&'static str> {
    Some(match c {
        '\t' => "tab",
        '\n' => "line feed",
        '\r' => "carriage return",
        '\u{00AD}' => "soft hyphen",
        '\u{061C}' => "Arabic letter mark",
        '\u{200B}' => "zero width space",
        '\u{200C}' => "zero width non-joiner",
        '\u{200D}' => "zero width joiner",
        '\u{200E}' => "left-to-right mark",
        '\u{200F}' => "right-to-left mark",
        '\u{2028}' => "line separator",
        '\u{2029}' => "paragraph separator",
        '\u{202A}' => "left-to-right embedding",
        '\u{202B}' => "right-to-left embedding",
        '\u{202C}' => "pop directional formatting",
        '\u{202D}' => "left-to-right override",
        '\u{202E}' => "right-to-left override",
        '\u{2060}' => "word joiner",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "first strong isolate",
        '\u{2069}' => "pop directional isolate",
        '\u{FEFF}' => "byte order mark",
        '\u{FFFE}' | '\u{FFFF}' => "no character",
        c if c.is_control() => "control character",
        _ => return None,
    })
}

/// The beginning of a text that takes no more than `budget` bytes on a page, and the rest.
pub fn split(text: &str, budget: usize) -> (&str, &str) {
    let mut cost = 0;
    for (at, c) in text.char_indices() {
        cost += match c {
            '&' | '<' | '>' | '"' => 6,
            c if name_of(c).is_some() => MARK,
            c => c.len_utf8(),
        };
        if cost > budget {
            return text.split_at(at);
        }
    }
    (text, "")
}

/// A text for one line of a table: its beginning, and how much more there is.
pub fn brief(text: &str, budget: usize) -> Markup {
    let (start, rest) = split(text, budget);
    html! {
        (Shown(start))
        @if !rest.is_empty() { span.more { "… " (rest.chars().count()) " more characters" } }
    }
}

/// The parts of a text that fill a page each; at least one.
pub fn parts(text: &str) -> Vec<&str> {
    let (mut parts, mut rest) = (Vec::new(), text);
    loop {
        let (part, further) = split(rest, ON_ITS_OWN);
        parts.push(part);
        rest = further;
        if rest.is_empty() {
            return parts;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn hostile_text_is_escaped_and_hidden_characters_are_seen() {
        let html = Shown("<script>\u{202E}\"&\u{1}").render().into_string();
        assert!(
            html.starts_with("<bdi>&lt;script&gt;<span class=\"hidden\" title=\"U+202E right-to-left override\">"),
            "{html}"
        );
        assert!(
            html.ends_with(
                "</span>&quot;&amp;<span class=\"hidden\" title=\"U+0001 control character\">U+0001</span></bdi>"
            ),
            "{html}"
        );
    }

    proptest! {
        #[test]
        fn parts_lose_nothing_and_each_fits(text in any::<String>(), times in 1usize..4000) {
            let text = text.repeat(times);
            prop_assert_eq!(parts(&text).concat(), text.clone());
            for part in parts(&text) {
                prop_assert!(marked(part).into_string().len() < 2 * ON_ITS_OWN);
            }
        }

        #[test]
        fn no_hidden_character_is_left_on_the_page(text in any::<String>()) {
            let html = Shown(&text).render().into_string();
            prop_assert!(!html.contains(|c| name_of(c).is_some()));
        }
    }
}
