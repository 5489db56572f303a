//! XML with colours, whether it is well-formed or not.

use super::text::{ON_ITS_OWN, marked};
use maud::{Markup, html};

/// What a span around a piece costs on the page.
const SPAN: usize = 25;

/// What a piece of XML is, as its class in the stylesheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Text,
    Tag,
    Attribute,
    Value,
    Comment,
    Reference,
}

impl Kind {
    fn class(self) -> &'static str {
        match self {
            Kind::Text => "",
            Kind::Tag => "xt",
            Kind::Attribute => "xa",
            Kind::Value => "xv",
            Kind::Comment => "xc",
            Kind::Reference => "xr",
        }
    }
}

/// The pages that a text fills, each as pieces with their colours; at least one.
pub struct Coloured<'t>(Vec<Vec<(Kind, &'t str)>>);

impl<'t> Coloured<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut pages = vec![Vec::new()];
        let mut cost = 0;
        for (kind, piece) in pieces(text) {
            let mut rest = piece;
            while !rest.is_empty() {
                let room = ON_ITS_OWN.saturating_sub(cost + SPAN);
                let (part, further) = super::text::split(rest, room);
                if part.is_empty() {
                    pages.push(Vec::new());
                    cost = 0;
                    continue;
                }
                cost += SPAN + marked(part).into_string().len();
                pages.last_mut().expect("there is always a page").push((kind, part));
                rest = further;
            }
        }
        Coloured(pages)
    }

    pub fn pages(&self) -> usize {
        self.0.len()
    }

    /// The page of a number from 1 on.
    pub fn page(&self, number: usize) -> Markup {
        let pieces = self.0.get(number.saturating_sub(1)).map(Vec::as_slice).unwrap_or_default();
        // Line breaks and tabs are layout here, and no hidden characters.
        let lines = |text: &str| text.split('\n').map(|line| line.replace('\t', "    ")).collect::<Vec<_>>();
        html! {
            pre.xml tabindex="0" { code dir="ltr" {
                @for (kind, text) in pieces {
                    @for (at, line) in lines(text).iter().enumerate() {
                        @if at > 0 { "\n" }
                        @if kind.class().is_empty() { (marked(line)) }
                        @else if !line.is_empty() { span class=(kind.class()) { (marked(line)) } }
                    }
                }
            } }
        }
    }
}

/// Cuts a text into what a reader tells apart. A `<` without its `>` is a tag to the end.
fn pieces(text: &str) -> Vec<(Kind, &str)> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end_after = |end: &str| rest.find(end).map_or(rest.len(), |at| at + end.len());
        if rest.starts_with("<!--") {
            rest = take(&mut pieces, Kind::Comment, rest, end_after("-->"));
        } else if rest.starts_with("<![CDATA[") {
            rest = take(&mut pieces, Kind::Text, rest, end_after("]]>"));
        } else if rest.starts_with("<?") {
            rest = take(&mut pieces, Kind::Comment, rest, end_after("?>"));
        } else if rest.starts_with('<') {
            let end = end_after(">");
            tag(&mut pieces, &rest[..end]);
            rest = &rest[end..];
        } else if rest.starts_with('&') {
            let name = rest[1..].find(|c: char| !c.is_ascii_alphanumeric() && c != '#').unwrap_or(rest.len() - 1);
            let is_whole = name > 0 && rest[1 + name..].starts_with(';');
            rest = take(&mut pieces, Kind::Reference, rest, if is_whole { name + 2 } else { 1 });
        } else {
            let end = rest.find(['<', '&']).unwrap_or(rest.len());
            rest = take(&mut pieces, Kind::Text, rest, end);
        }
    }
    pieces
}

fn take<'t>(pieces: &mut Vec<(Kind, &'t str)>, kind: Kind, text: &'t str, end: usize) -> &'t str {
    let (piece, rest) = text.split_at(end);
    pieces.push((kind, piece));
    rest
}

/// A tag: its name, then attributes with their values.
fn tag<'t>(pieces: &mut Vec<(Kind, &'t str)>, tag: &'t str) {
    let name_end = tag.find(|c: char| c.is_whitespace()).unwrap_or(tag.len());
    let mut rest = take(pieces, Kind::Tag, tag, name_end);
    while !rest.is_empty() {
        let Some(quote_at) = rest.find(['"', '\'']) else {
            pieces.push((Kind::Tag, rest));
            return;
        };
        let quote = &rest[quote_at..=quote_at];
        let value = take(pieces, Kind::Attribute, rest, quote_at);
        let end = value[1..].find(quote).map_or(value.len(), |at| at + 2);
        rest = take(pieces, Kind::Value, value, end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn tags_attributes_values_and_references_are_told_apart() {
        let found = pieces("<dc:title xml:lang=\"en\">A &amp; B</dc:title><!-- c -->");
        let expected = [
            (Kind::Tag, "<dc:title"),
            (Kind::Attribute, " xml:lang="),
            (Kind::Value, "\"en\""),
            (Kind::Tag, ">"),
            (Kind::Text, "A "),
            (Kind::Reference, "&amp;"),
            (Kind::Text, " B"),
            (Kind::Tag, "</dc:title>"),
            (Kind::Comment, "<!-- c -->"),
        ];
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn no_text_loses_a_letter_or_panics(text in "[<>&;\"'=a é!\\-\\[\\]?/\n]{0,60}") {
            prop_assert_eq!(pieces(&text).iter().map(|(_, piece)| *piece).collect::<String>(), text);
        }
    }

    #[test]
    fn a_long_text_fills_several_pages_that_all_fit() {
        let text = "<a b='\u{202E}'>&lt;</a>".repeat(20_000);
        let coloured = Coloured::new(&text);
        assert!(coloured.pages() > 3);
        assert!((1..=coloured.pages()).all(|page| coloured.page(page).into_string().len() < 90_000));
        assert_eq!(Coloured::new("").pages(), 1);
    }
}
