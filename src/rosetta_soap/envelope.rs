//! SOAP 1.1 messages: writing a request, reading an answer or a fault.

use super::fault::Fault;
use crate::steps::packaging::Part;
use crate::xml::is_blank;
use crate::xml::outline::{Node, outline};
use std::borrow::Cow;

/// The namespace of the operations; their arguments are in none.
const DPS: &str = "http://dps.exlibris.com/";

/// An argument of an operation.
pub(super) enum Argument<'a> {
    Text(&'static str, &'a str),
    /// A record for updateMD, which takes any number of them.
    Metadata(&'a Part),
}

impl<'a> Argument<'a> {
    pub(super) fn text(name: &'static str, value: &'a str) -> Self {
        Argument::Text(name, value)
    }
}

/// An element of an answer, apart from the message that it came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) local: String,
    pub(super) text: String,
    pub(super) children: Vec<Element>,
}

impl Element {
    fn of(node: &Node<'_>) -> Self {
        let children = node.children.iter().map(Element::of).collect();
        Element { local: node.local.to_owned(), text: node.text.clone(), children }
    }

    pub(super) fn child(&self, local: &str) -> Option<&Element> {
        self.children.iter().find(|child| child.local == local)
    }

    /// The trimmed text of a child, unless there is none of either.
    pub(super) fn text_of(&self, local: &str) -> Option<String> {
        let text = self.child(local)?.text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }
}

/// What an answer says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Reply {
    /// The element `…Response`.
    Answer(Element),
    Fault(Fault),
}

/// Writes a request. pdsHandle is left out: with Basic authentication it is empty.
pub(super) fn request(operation: &str, arguments: &[Argument<'_>]) -> String {
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" xmlns:dps=\"{DPS}\">\
         <soapenv:Body><dps:{operation}>"
    );
    for argument in arguments {
        match argument {
            Argument::Text(name, value) => push(&mut xml, name, &escaped(value)),
            Argument::Metadata(part) => push_metadata(&mut xml, part),
        }
    }
    xml.push_str(&format!("</dps:{operation}></soapenv:Body></soapenv:Envelope>"));
    xml
}

/// The order of tns:metaData in the service's description.
fn push_metadata(xml: &mut String, part: &Part) {
    xml.push_str("<metadata>");
    // Ex Libris' article on updateMD shows CDATA; a section cannot hold its own end, two side by side can.
    push(xml, "content", &format!("<![CDATA[{}]]>", part.content.replace("]]>", "]]]]><![CDATA[>")));
    if let Some(mid) = &part.mid {
        push(xml, "mid", &escaped(mid));
    }
    push(xml, "subType", &escaped(&part.sub_type));
    push(xml, "type", part.kind.as_str());
    xml.push_str("</metadata>");
}

fn push(xml: &mut String, name: &str, value: &str) {
    xml.push_str(&format!("<{name}>{value}</{name}>"));
}

fn escaped(text: &str) -> Cow<'_, str> {
    if text.contains(['&', '<', '>', '\r']) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        return Cow::Owned(text.replace('\r', "&#13;"));
    }
    Cow::Borrowed(text)
}

/// Reads an answer to an operation; otherwise says why it is none.
///
/// Elements are known by their local names: servers differ in prefixes, and in SOAP 1.1 or 1.2.
pub(super) fn read(body: &[u8], operation: &str) -> Result<Reply, String> {
    let text = std::str::from_utf8(body).map_err(|_| "it is not UTF-8".to_owned())?;
    if is_blank(text) {
        return Err("it is empty".to_owned());
    }
    let root = outline(text).map_err(|error| error.to_string())?;
    if root.local != "Envelope" {
        return Err(format!("the root element is <{}>", root.local));
    }
    let Some(content) = root.children_named("Body").next().and_then(|body| body.children.first()) else {
        return Err("the Body is empty".to_owned());
    };
    let content = Element::of(content);
    if content.local == "Fault" {
        return Ok(Reply::Fault(Fault::read(&content)));
    }
    if content.local.strip_suffix("Response") == Some(operation) {
        return Ok(Reply::Answer(content));
    }
    Err(format!("it holds <{}>, not <{operation}Response>", content.local))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::packaging::PartKind;
    use proptest::prelude::*;

    fn answer(body: &str) -> String {
        format!(
            "<S:Envelope xmlns:S=\"http://schemas.xmlsoap.org/soap/envelope/\"><S:Header/><S:Body>{body}</S:Body></S:Envelope>"
        )
    }

    #[test]
    fn arguments_are_written_unqualified_in_an_operation_of_the_service() {
        let xml = request("getIE", &[Argument::text("flags", "2"), Argument::text("iePid", "IE1")]);
        assert!(xml.contains("xmlns:dps=\"http://dps.exlibris.com/\""), "{xml}");
        assert!(xml.contains("<dps:getIE><flags>2</flags><iePid>IE1</iePid></dps:getIE>"), "{xml}");
    }

    #[test]
    fn an_answer_is_known_by_local_names_and_its_document_is_whole() {
        let body = "<n:getIEResponse xmlns:n=\"http://dps.exlibris.com/\"><getIE>&lt;a&gt;1 &amp;amp; <![CDATA[2</a>]]></getIE></n:getIEResponse>";
        let Ok(Reply::Answer(read)) = read(answer(body).as_bytes(), "getIE") else { panic!("no answer") };
        assert_eq!(read.child("getIE").unwrap().text, "<a>1 &amp; 2</a>");
    }

    #[test]
    fn what_is_no_answer_to_the_question_is_refused_with_a_reason() {
        let check = |body: &str, why: &str| {
            let said = read(body.as_bytes(), "getIE").unwrap_err();
            assert!(said.contains(why), "{said}");
        };
        check("", "empty");
        check("<html><body>Sign in</body></html>", "<html>");
        check("<html><br></html>", "not well-formed");
        check(&answer(""), "the Body is empty");
        check(&answer("<getMDResponse/>"), "<getMDResponse>, not <getIEResponse>");
        check(&answer("<getIEResponse/>")[..60], "");
        assert!(read(b"<\xFF>", "getIE").unwrap_err().contains("UTF-8"));
    }

    proptest! {
        #[test]
        fn a_record_survives_the_way_into_a_request(content in "[^\\x00-\\x08\\x0B-\\x1F\\u{FFFE}\\u{FFFF}]*", mid in "[a-z&<>]{0,8}") {
            let part = Part { kind: PartKind::Source, sub_type: "mods".to_owned(), mid: Some(mid.clone()), content: content.clone() };
            let xml = request("updateMD", &[Argument::Metadata(&part)]);
            let root = outline(&xml).unwrap();
            let metadata = &root.children[0].children[0].children[0];
            let texts: Vec<(&str, &str)> = metadata.children.iter().map(|node| (node.local, node.text.as_str())).collect();
            let sent = [("content", content.as_str()), ("mid", mid.as_str()), ("subType", "mods"), ("type", "source")];
            prop_assert_eq!(texts, sent);
        }
    }
}
