//! The way on, seen before the page is read, so that the next page can be asked for meanwhile.

use memchr::{memchr, memmem};

/// How far before the end a token is looked for.
const TAIL: usize = 4096;

/// The resumption token of a page that seems to be whole; `None` when in doubt. Only the reader knows for sure: a page
/// that was asked for on the strength of a wrong glimpse is thrown away.
pub fn glimpse_token(bytes: &[u8]) -> Option<String> {
    let tail = &bytes[bytes.len().saturating_sub(TAIL)..];
    let last = tail.trim_ascii_end();
    if !last.ends_with(b"OAI-PMH>") {
        return None;
    }
    let name = memmem::rfind(&tail[..memmem::rfind(tail, b"resumptionToken>")?], b"resumptionToken")?;
    let start = name + memchr(b'>', &tail[name..])? + 1;
    if tail[start - 2] == b'/' {
        return None;
    }
    let end = start + memchr(b'<', &tail[start..])?;
    let text = std::str::from_utf8(&tail[start..end]).ok()?;
    let text = quick_xml::escape::unescape(text).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::glimpse_token;

    fn check(ending: &str, expected: Option<&str>) {
        let page = format!("<OAI-PMH><ListRecords><record/>{ending}</ListRecords></OAI-PMH>\n");
        assert_eq!(glimpse_token(page.as_bytes()).as_deref(), expected, "{ending}");
    }

    #[test]
    fn the_token_is_seen_as_the_reader_will_read_it() {
        check("<resumptionToken>a@b+c</resumptionToken>", Some("a@b+c"));
        check("<oai:resumptionToken cursor=\"0\">\n a&amp;b&#x3c; </oai:resumptionToken>", Some("a&b<"));
        check("<resumptionToken/>", None);
        check("<resumptionToken></resumptionToken>", None);
        check("<resumptionToken cursor=\"7\"/>", None);
        check("", None);
    }

    #[test]
    fn a_page_that_was_cut_shows_no_way_on() {
        assert_eq!(glimpse_token(b"<OAI-PMH><resumptionToken>abc</resumptionToken>"), None);
        assert_eq!(glimpse_token(b"<OAI-PMH><resumptionToken>ab"), None);
        assert_eq!(glimpse_token(b""), None);
    }
}
