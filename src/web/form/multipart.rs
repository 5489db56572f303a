//! Forms that hold files: `multipart/form-data` as browsers send it (RFC 7578).

/// One field of a form, or one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub name: String,
    /// The name of the file on the other machine; never used as a path.
    pub file: Option<String>,
    pub bytes: Vec<u8>,
}

/// More parts than any form of ours has.
const MOST: usize = 100;

/// The parts of a form; `None` when the body is none of this kind. What is cut short ends with the last whole part.
pub fn parts(content_type: &str, body: &[u8]) -> Option<Vec<Part>> {
    let (kind, rest) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let boundary = rest.split(';').find_map(|parameter| {
        let (name, value) = parameter.trim().split_once('=')?;
        name.eq_ignore_ascii_case("boundary").then(|| value.trim_matches('"'))
    })?;
    let delimiter = format!("\r\n--{boundary}");
    let mut parts = Vec::new();
    // The first delimiter has no line before it.
    let mut rest = body.strip_prefix(&delimiter.as_bytes()[2..]).unwrap_or_default();
    while let Some(after) = rest.strip_prefix(b"\r\n")
        && parts.len() < MOST
    {
        let Some(end) = memchr::memmem::find(after, delimiter.as_bytes()) else { break };
        parts.extend(part(&after[..end]));
        rest = &after[end + delimiter.len()..];
    }
    Some(parts)
}

/// Headers, an empty line, and what the field holds.
fn part(text: &[u8]) -> Option<Part> {
    let (head, bytes) = match memchr::memmem::find(text, b"\r\n\r\n") {
        Some(end) => (&text[..end], &text[end + 4..]),
        None => return None,
    };
    let head = String::from_utf8_lossy(head);
    let disposition = head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.trim().eq_ignore_ascii_case("content-disposition").then_some(value)
    })?;
    let name = parameter(disposition, "name")?;
    Some(Part { name, file: parameter(disposition, "filename"), bytes: bytes.to_vec() })
}

/// A quoted value of a header; browsers write `%22` for a quotation mark in it.
fn parameter(header: &str, wanted: &str) -> Option<String> {
    let mark = format!("{wanted}=\"");
    // `name` must not be found inside of `filename`.
    let (at, _) = header.match_indices(&mark).find(|(at, _)| header[..*at].ends_with([' ', ';', '\t']))?;
    let value = header[at + mark.len()..].split('"').next()?;
    Some(super::decode(&value.replace('+', "%2B")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const TYPE: &str = "multipart/form-data; boundary=----WebKitFormBoundary7";

    fn body(parts: &[(&str, &str)]) -> String {
        let part = |(disposition, value): &(&str, &str)| {
            format!("------WebKitFormBoundary7\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{value}\r\n")
        };
        parts.iter().map(part).collect::<String>() + "------WebKitFormBoundary7--\r\n"
    }

    #[test]
    fn fields_and_files_are_read_as_browsers_send_them() {
        let sent = body(&[
            ("name=\"csrf\"", "a+b"),
            ("name=\"file\"; filename=\"my \u{e9} %22x%22.xsl\"\r\nContent-Type: text/xml", "<a>\r\n--b</a>"),
            ("filename=\"no name\"", "dropped"),
            ("name=\"empty\"", ""),
        ]);
        let found = parts(TYPE, sent.as_bytes()).unwrap();
        let field = |name: &str, file: Option<&str>, text: &str| Part {
            name: name.to_owned(),
            file: file.map(str::to_owned),
            bytes: text.as_bytes().to_vec(),
        };
        let file = field("file", Some("my \u{e9} \"x\".xsl"), "<a>\r\n--b</a>");
        assert_eq!(found, [field("csrf", None, "a+b"), file, field("empty", None, "")]);
    }

    #[test]
    fn what_is_no_such_form_is_none_and_what_is_cut_short_keeps_its_whole_parts() {
        assert_eq!(parts("application/x-www-form-urlencoded", b"a=b"), None);
        assert_eq!(parts("multipart/form-data", b"a=b"), None);
        let sent = body(&[("name=\"one\"", "1"), ("name=\"two\"", "2")]);
        for cut in 0..sent.len() {
            assert!(parts(TYPE, &sent.as_bytes()[..cut]).unwrap().len() <= 2, "{cut}");
        }
        assert_eq!(parts(TYPE, &sent.as_bytes()[..sent.len() / 2 + 30]).unwrap().len(), 1);
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(text in "[-\\r\\nabname=\"; :]{0,120}") {
            let _ = parts("multipart/form-data; boundary=a", text.as_bytes());
        }
    }
}
