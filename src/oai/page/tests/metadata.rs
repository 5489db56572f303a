//! Metadata cut out of its page, so that it parses alone; and metadata that cannot.

use super::*;

/// A tree builder takes it, and a streaming reader knows every prefix.
#[track_caller]
pub(super) fn parse_alone(metadata: &str) {
    if let Err(error) = xot::Xot::new().parse(metadata) {
        panic!("{error}: {metadata}");
    }
    stream_alone(metadata);
}

/// A streaming reader gets through one element and knows every prefix.
#[track_caller]
pub(super) fn stream_alone(metadata: &str) {
    use quick_xml::{events::Event, name::ResolveResult, reader::NsReader};
    let mut reader = NsReader::from_str(metadata);
    let (mut depth, mut roots) = (0, 0);
    loop {
        let (resolved, event) = reader.read_resolved_event().unwrap_or_else(|error| panic!("{error}: {metadata}"));
        assert!(!matches!(resolved, ResolveResult::Unknown(_)), "{metadata}");
        roots += u32::from(depth == 0 && matches!(event, Event::Start(_) | Event::Empty(_)));
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((depth, roots), (0, 1), "{metadata}");
}

/// A page with declarations on its four levels.
fn declaring(envelope: &str, list: &str, record: &str, metadata: &str, child: &str) -> String {
    format!(
        "<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\" {envelope}><ListRecords {list}><record {record}>\
         <header><identifier>oai:x:1</identifier><datestamp>2026-11-21</datestamp></header>\
         <metadata {metadata}>\n  {child}\n</metadata></record></ListRecords></OAI-PMH>"
    )
}

#[track_caller]
fn check_page(page: &str, expected: &str) {
    check_answer(page, "ListRecords", &[&format!("oai:x:1 = {expected}")]);
    parse_alone(expected);
}

/// Declarations on the envelope; the child as sent; the child as given back.
#[track_caller]
fn check_declared(envelope: &str, child: &str, expected: &str) {
    check_page(&declaring(envelope, "", "", "", child), expected);
}

#[track_caller]
fn check_bad(metadata: &str, reason: &str) {
    check_quarantined(&record(2, &format!("<metadata>{metadata}</metadata>")), "oai:x:2", reason);
}

#[test]
fn what_any_level_declares_is_declared_again() {
    let child = "<p:d p:e=\"1\">x</p:d>";
    let expected = "<p:d xmlns:p=\"http://p\" p:e=\"1\">x</p:d>";
    let p = "xmlns:p=\"http://p\"";
    check_page(&declaring(p, "", "", "", child), expected);
    check_page(&declaring("", p, "", "", child), expected);
    check_page(&declaring("", "", p, "", child), expected);
    check_page(&declaring("", "", "", p, child), expected);
    check_page(&declaring("xmlns:p=\"http://far\"", "", p, "", child), expected);
    check_page(&declaring(p, "xmlns:q=\"http://q\"", "", "xmlns:r='http://r'", child), expected);
}

#[test]
fn what_the_record_declares_itself_is_left_alone() {
    let p = "xmlns:p=\"http://far\"";
    let same = |child: &str| check_declared(p, child, child);
    same("<p:d xmlns:p=\"http://p\"/>");
    same("<p:d xmlns:p='http://p'><p:e/></p:d>");
    same("<p:d\n  xmlns:p = \"http://p\">p:</p:d>");
    same("<p:d a=\"1 > 0\" xmlns:p=\"http://p\">p:</p:d>");
    check_declared(
        p,
        "<d xmlns=\"http://d\" a=\"see xmlns:p=\"><p:e/></d>",
        "<d xmlns:p=\"http://far\" xmlns=\"http://d\" a=\"see xmlns:p=\"><p:e/></d>",
    );
}

#[test]
fn the_default_namespace_goes_with_the_record() {
    let oai = "http://www.openarchives.org/OAI/2.0/";
    check_declared("", "<d><e/></d>", &format!("<d xmlns=\"{oai}\"><e/></d>"));
    check_declared("", "<d/>", &format!("<d xmlns=\"{oai}\"/>"));
    check_page(
        &declaring("", "", "", "xmlns=\"http://d\"", "<d/>")
            .replace("<metadata x", "<o:metadata xmlns:o=\"http://www.openarchives.org/OAI/2.0/\" x")
            .replace("</metadata", "</o:metadata"),
        "<d xmlns=\"http://d\"/>",
    );
    check_declared("", "<d xmlns=\"\"><e/></d>", "<d xmlns=\"\"><e/></d>");
}

#[test]
fn a_prefix_that_only_a_value_names_is_declared_too() {
    // Ex Libris writes xsi:type="dcterms:URI" and declares dcterms on the envelope at best.
    let terms = "xmlns:dcterms=\"http://purl.org/dc/terms/\"";
    let xsi = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"";
    check_declared(
        &format!("{terms} {xsi}"),
        "<d xmlns=\"http://d\" xsi:type=\"dcterms:URI\">x</d>",
        &format!("<d {terms} {xsi} xmlns=\"http://d\" xsi:type=\"dcterms:URI\">x</d>"),
    );
}

#[test]
fn an_address_with_special_characters_stays_the_same() {
    check_declared(
        "xmlns:p='http://p?a=1&amp;b=\"2\"'",
        "<p:d/>",
        "<p:d xmlns:p=\"http://p?a=1&amp;b=&quot;2&quot;\"/>",
    );
}

#[test]
fn an_element_of_the_metadata_may_be_called_record() {
    // State Library Victoria's Rosetta, 2021.
    let child = "<oai_dc:dc xmlns:oai_dc=\"http://o\" xmlns:dc=\"http://dc\"><record xmlns=\"\"><header/><metadata/>\
                 <dc:identifier repCode=\"LOW\" type=\"fileID\">FL1</dc:identifier></record></oai_dc:dc>";
    check(&record(1, &format!("<metadata>{child}</metadata>")), &[&format!("oai:x:1 = {child}")]);
    let oai = "<record><header><identifier>oai:x:7</identifier></header><metadata/><resumptionToken>t</resumptionToken></record>";
    let expected = oai.replacen("<record", "<record xmlns=\"http://www.openarchives.org/OAI/2.0/\"", 1);
    check(&record(1, &format!("<metadata>{oai}</metadata>")), &[&format!("oai:x:1 = {expected}")]);
    // What stands beside the metadata is not the record's.
    check(&record(1, &format!("<about>{oai}</about>")), &["oai:x:1 absent"]);
}

#[test]
fn a_self_closed_child_is_metadata() {
    check(
        &record(1, "<metadata><dc:dc xmlns:dc=\"http://dc\"/></metadata>"),
        &["oai:x:1 = <dc:dc xmlns:dc=\"http://dc\"/>"],
    );
}

#[test]
fn metadata_that_is_not_one_element_is_set_aside() {
    check_bad("<a xmlns=\"a\"/><a xmlns=\"a\"/>", "metadata holds more than one element");
    check_bad("words", "metadata holds bare text");
    check_bad("words<a xmlns=\"a\"/>", "metadata holds bare text");
    check_bad("<a xmlns=\"a\"/>&amp;", "metadata holds bare text");
    check_bad("<![CDATA[<a/>]]>", "metadata holds bare text");
    check_bad("<?xml version=\"1.0\"?><a xmlns=\"a\"/>", "an XML declaration stands inside the metadata");
    check_bad("<a xmlns=\"a\"><?xml version=\"1.0\"?></a>", "an XML declaration stands inside the metadata");
    check_bad("<a xmlns=\"a\"><?>?></a>", "an instruction has no target");
    check_bad("<a xmlns=\"a\"><? x?></a>", "an instruction has no target");
    let twice = record(2, "<metadata><a xmlns=\"a\"/></metadata><metadata><a xmlns=\"a\"/></metadata>");
    check_quarantined(&twice, "oai:x:2", "the record has metadata twice");
}

#[test]
fn metadata_that_no_parser_would_take_is_set_aside() {
    check_bad("<p:a/>", "the prefix `p` is not declared");
    check_bad("<a xmlns=\"a\" p:b=\"1\"/>", "the prefix `p` is not declared");
    check_bad("<a xmlns=\"a\">\u{1F}</a>", "a control character (0x1F), which XML does not allow");
    check_bad("<a xmlns=\"a\" b=\"\u{B}\"/>", "a control character (0x0B), which XML does not allow");
    check_bad("<a xmlns=\"a\">\u{FFFE}</a>", "a control character (0xEF), which XML does not allow");
    check_bad("<a xmlns=\"a\">&#0;</a>", "the reference &#0; stands for no character");
    check_bad("<a xmlns=\"a\">&#xD800;</a>", "the reference &#xD800; stands for no character");
    check_bad("<a xmlns=\"a\">&#99999999999;</a>", "the reference &#99999999999; stands for no character");
    check_bad("<a xmlns=\"a\">&nbsp;</a>", "the reference &nbsp; stands for no character");
}

#[test]
fn a_name_that_no_parser_would_take_sets_its_record_aside() {
    check_bad("<a xmlns=\"a\"><b£/></a>", "<b£> is no name of an element");
    check_bad("<a xmlns=\"a\" xmlns:p=\"p\"><p:b:c/></a>", "<p:b:c> is no name of an element");
    check_bad("<a xmlns=\"a\" xmlns:p=\"p\"><p:/></a>", "<p:> is no name of an element");
    let fine = "<Титул xmlns=\"a\" xmlns:é=\"p\"><é:日本/></Титул>";
    check(&record(1, &format!("<metadata>{fine}</metadata>")), &[&format!("oai:x:1 = {fine}")]);
}

#[test]
fn attributes_that_no_parser_would_take_set_their_record_aside() {
    check_bad("<a xmlns=\"a\" b=\"&nbsp;\"/>", "the reference &nbsp; stands for no character");
    check_bad("<a xmlns=\"a\" b=\"1<2\"/>", "the attributes of <a> hold a bare <");
    for bad in ["b=\"1\" b=\"2\"", "b", "b=1", "b=\u{A0}\"1\"", "b\u{A0}=\"1\""] {
        let page = read(list(&record(1, &format!("<metadata><a {bad}/></metadata>"))).as_bytes(), "ListRecords");
        let reason = &page.unwrap().quarantined[0].reason;
        assert!(reason.starts_with("the attributes of <a> cannot be read"), "{bad}: {reason}");
    }
}

#[test]
fn nesting_without_end_is_set_aside_and_costs_nothing_else() {
    let deep = format!("{}{}", "<a xmlns=\"a\">".repeat(5000), "</a>".repeat(5000));
    check_bad(&deep, "elements are nested too deep");
    // Beside the metadata it is passed over.
    check(&record(1, &format!("<about>{deep}</about>")), &["oai:x:1 absent"]);
}

#[test]
fn what_is_odd_but_allowed_parses_alone() {
    for odd in [
        "<a xmlns:p=\"u\" xmlns:q=\"u\" p:b=\"\" q:c=\"]]>\"/>",
        "<a><?xml-x?><?é?><![CDATA[]]]]></a\t>",
        "<a b\n=\n'\n' xml:lang='' xml:id='1 2'>&#xA;&#x0A;&#00065;</a>",
    ] {
        let page = read(list(&record(1, &format!("<metadata>{odd}</metadata>"))).as_bytes(), "ListRecords").unwrap();
        match &page.records[0].body {
            Body::Metadata(metadata) => parse_alone(metadata),
            Body::Deleted | Body::Absent => panic!("{odd}"),
        }
    }
    check_bad("<a xmlns=\"a\"><!-- x ---></a>", "a comment holds `--`");
}
