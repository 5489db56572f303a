//! The header of a record: identifier, datestamp, sets, and whether it was deleted.

use super::Error;
use super::cursor::{self, Cursor};
use super::draft::Draft;
use memchr::memchr;
use quick_xml::events::BytesStart;

/// Reads the header whose tag was entered last, to its end.
pub(super) fn header(cursor: &mut Cursor<'_>, tag: &BytesStart<'_>, draft: &mut Draft) -> Result<(), Error> {
    match cursor::attribute(tag, "status").as_deref().map(str::trim) {
        None | Some("") => {}
        Some(status) if status.eq_ignore_ascii_case("deleted") => draft.deleted = true,
        Some(status) => draft.note(format!("the header has the unknown status `{status}`")),
    }
    while let Some(child) = cursor.next_child()? {
        match cursor.oai_name(&child) {
            Some(name @ ("identifier" | "datestamp" | "setSpec")) => match cursor.text_or_problem()? {
                Ok(text) => draft.take(name, text.trim()),
                Err(problem) => draft.note(problem),
            },
            Some(_) | None => cursor.skip()?,
        }
    }
    if draft.identifier.is_none() {
        draft.note("the record has no identifier");
    }
    Ok(())
}

const TOLD: [&str; 3] = ["identifier", "datestamp", "setSpec"];

/// Reads the header at once when it stands next and is written as nearly every server writes it: no attributes, prefixes,
/// comments or references. Anything else is left where it is, and `false` the answer.
pub(super) fn plain(cursor: &mut Cursor<'_>, draft: &mut Draft) -> bool {
    if !cursor.speaks_oai_without_prefix() {
        return false;
    }
    let rest = cursor.rest();
    match plain_at_start_of(rest) {
        Some((read, length)) => {
            *draft = read;
            cursor.jump_to(cursor.position() + length);
            true
        }
        None => false,
    }
}

fn plain_at_start_of(text: &str) -> Option<(Draft, usize)> {
    let mut draft = Draft::default();
    let mut rest = text.trim_ascii_start().strip_prefix("<header>")?;
    loop {
        rest = rest.trim_ascii_start();
        if let Some(after) = rest.strip_prefix("</header>") {
            return draft.identifier.is_some().then_some((draft, text.len() - after.len()));
        }
        let after_bracket = rest.strip_prefix('<')?;
        let name = TOLD.into_iter().find(|name| after_bracket.starts_with(name))?;
        let content = after_bracket[name.len()..].strip_prefix('>')?;
        let value = &content[..memchr(b'<', content.as_bytes())?];
        if memchr(b'&', value.as_bytes()).is_some() {
            return None;
        }
        rest = content[value.len()..].strip_prefix("</")?.strip_prefix(name)?.strip_prefix('>')?;
        draft.take(name, value.trim());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What the general way reads.
    fn in_general(header_text: &str) -> Option<Draft> {
        let page = format!("<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">{header_text}</OAI-PMH>");
        let mut cursor = Cursor::open(page.as_bytes()).ok()?;
        let tag = cursor.next_child().ok()??;
        let mut draft = Draft::default();
        header(&mut cursor, &tag, &mut draft).ok()?;
        Some(draft)
    }

    fn check(text: &str, is_plain: bool) {
        let read = plain_at_start_of(text);
        assert_eq!(read.is_some(), is_plain, "{text}");
        if let Some((draft, length)) = read {
            assert_eq!(length, text.len(), "{text}");
            assert_eq!(Some(draft), in_general(text), "{text}");
        }
    }

    #[test]
    fn a_plain_header_is_read_at_once_and_any_other_is_left_alone() {
        check("<header><identifier>oai:a:1</identifier><datestamp>2026-11-22</datestamp></header>", true);
        check("\n <header>\n<identifier> oai:a:1 </identifier>\n<setSpec>x</setSpec><setSpec/></header>", false);
        check("<header> <identifier> oai:a:1\n</identifier>\n<setSpec>x</setSpec><setSpec>y</setSpec></header>", true);
        check("<header><identifier>oai:a:1</identifier><identifier>oai:a:2</identifier></header>", true);
        check("<header><identifier>oai:a:\u{1}</identifier></header>", true);
        check("<header status=\"deleted\"><identifier>oai:a:1</identifier></header>", false);
        check("<header><identifier>oai:a:1&amp;2</identifier></header>", false);
        check("<header><identifier>oai:a<!-- -->:1</identifier></header>", false);
        check("<header><identifier><![CDATA[oai:a:1]]></identifier></header>", false);
        check("<header><identifier>oai:a:1</identifier>", false);
        check("<header><datestamp>2026-11-22</datestamp></header>", false);
        check("<header><identifier>oai:a:1</identifier><other>2</other></header>", false);
        check("<o:header><identifier>oai:a:1</identifier></o:header>", false);
        check("<metadata/><header><identifier>oai:a:1</identifier></header>", false);
    }

    proptest! {
        #[test]
        fn both_ways_read_the_same(pieces in prop::collection::vec(prop::sample::select(vec![
            "<identifier>", "</identifier>", "<datestamp>", "</datestamp>", "<setSpec>", "</setSpec>", "<setSpec/>",
            "oai:a:1", " ", "&amp;", "&", "]]>", "<!--x-->", "<x>", "</x>", "2026-11-22", "\r\n", "\u{7}", "é",
        ]), 0..9)) {
            let text = format!("<header>{}</header>", pieces.concat());
            if let Some((draft, _)) = plain_at_start_of(&text) {
                prop_assert_eq!(Some(draft), in_general(&text), "{}", text);
            }
        }
    }
}
