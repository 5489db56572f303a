//! What is read from headers and bodies for people: the charset, an excerpt, a URL without its secrets.

/// Reads `charset` out of a Content-Type.
pub(super) fn charset(content_type: &str) -> Option<String> {
    let parameters = content_type.split(';').skip(1);
    let mut named = parameters.filter_map(|parameter| parameter.split_once('='));
    let (_, value) = named.find(|(name, _)| name.trim().eq_ignore_ascii_case("charset"))?;
    let value = value.trim().trim_matches(['"', '\'']).trim();
    (!value.is_empty()).then(|| value.to_owned())
}

/// A URL fit for messages: without user, password, API keys and the bulk of a long token.
pub fn redacted(url: &str) -> String {
    let mut shown = url.to_owned();
    if let Some(scheme) = shown.find("://") {
        let rest = &shown[scheme + 3..];
        let authority = rest.find(['/', '?']).unwrap_or(rest.len());
        if let Some(at) = rest[..authority].rfind('@') {
            shown.replace_range(scheme + 3..scheme + 3 + at, "***");
        }
    }
    for key in ["apikey=", "api_key=", "password=", "token="] {
        let mut from = 0;
        while let Some(at) = shown[from..].to_lowercase().find(key).map(|at| from + at) {
            from = at + key.len();
            // resumptionToken is no secret, and needed to find the page again.
            if shown[..from].to_lowercase().ends_with("resumptiontoken=") {
                continue;
            }
            let end = shown[from..].find('&').map_or(shown.len(), |end| from + end);
            shown.replace_range(from..end, "***");
        }
    }
    shown
}

/// The first words of a body, without tags.
pub fn excerpt_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(&body[..body.len().min(2000)]).into_owned();
    let mut plain = String::new();
    let mut in_tag = false;
    for character in text.chars() {
        match character {
            '<' => in_tag = true,
            '>' => {
                in_tag = false;
                plain.push(' ');
            }
            c if !in_tag && !c.is_control() => plain.push(c),
            _ => {}
        }
    }
    let words: Vec<&str> = plain.split_whitespace().collect();
    words.join(" ").chars().take(160).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_charset_of_a_content_type_is_read() {
        let check = |text: &str, expected: Option<&str>| assert_eq!(charset(text).as_deref(), expected, "{text}");
        check("text/xml;charset=UTF-8", Some("UTF-8"));
        check("text/xml; version=1; Charset=\"iso-8859-1\"", Some("iso-8859-1"));
        check("text/xml", None);
        check("text/xml; charset=", None);
    }

    #[test]
    fn no_secret_reaches_a_message() {
        let check = |url: &str, expected: &str| assert_eq!(redacted(url), expected);
        check("https://me:secret@host/oai?verb=Identify", "https://***@host/oai?verb=Identify");
        check("https://host/almaws/v1?apikey=l7xx12&view=full", "https://host/almaws/v1?apikey=***&view=full");
        check("https://host/oai?resumptionToken=a%40b", "https://host/oai?resumptionToken=a%40b");
    }

    #[test]
    fn an_error_page_is_quoted_without_its_tags() {
        assert_eq!(excerpt_of(b"<html><b>Service</b>\n Unavailable</html>"), "Service Unavailable");
    }
}
