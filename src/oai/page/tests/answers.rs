//! Answers that are no page: cut, foreign, refused, or an error of the protocol.

use super::*;

#[track_caller]
fn fault(answer: &[u8]) -> Error {
    match read(answer, "ListRecords") {
        Ok(page) => panic!("taken for a page: {:?} {}", described(&page), String::from_utf8_lossy(answer)),
        Err(error) => error,
    }
}

/// The message of the error, and whether asking again might help.
#[track_caller]
fn check_fault(answer: &str, message: &str, may_pass: bool) {
    let error = fault(answer.as_bytes());
    assert_eq!(error.to_string(), message, "{answer}");
    assert_eq!(error.may_pass(), may_pass, "{answer}");
}

#[test]
fn a_page_cut_at_any_byte_is_never_a_page() {
    let deleted = record(2, "").replace("<header>", "<header status=\"deleted\">");
    let inside =
        format!("{}{deleted}<!-- ü --><![CDATA[ ]]>", record(1, "<metadata><d xmlns='d'>é&amp;</d></metadata>"));
    for token in ["", "<resumptionToken/>", "<resumptionToken completeListSize=\"9\">a&amp;é</resumptionToken>"] {
        let whole = format!("{}\n  \n", list(&format!("{inside}{token}")));
        let end = whole.trim_end().len();
        read(whole.as_bytes(), "ListRecords").unwrap();
        for length in 0..end {
            let error = fault(&whole.as_bytes()[..length]);
            assert!(error.may_pass(), "cut at {length}: {error}");
        }
        for length in end..whole.len() {
            assert!(read(&whole.as_bytes()[..length], "ListRecords").is_ok(), "cut at {length}");
        }
    }
}

#[test]
fn a_cut_says_that_it_is_one_even_in_the_middle_of_a_letter() {
    let whole = list(&record(1, "<metadata><d xmlns='d'>é</d></metadata>"));
    let middle = whole.find('é').unwrap() + 1;
    assert_eq!(fault(&whole.as_bytes()[..middle]), Error::CutShort { bytes: middle });
    assert_eq!(fault(b""), Error::CutShort { bytes: 0 });
    assert_eq!(fault(b" \n"), Error::CutShort { bytes: 0 });
    assert_eq!(fault(b"\xEF\xBB\xBF"), Error::CutShort { bytes: 0 });
}

#[test]
fn bytes_that_are_not_utf_8_are_pointed_at() {
    let mut bytes = list(&good(1)).into_bytes();
    let at = bytes.len() - 40;
    bytes[at] = 0xE9;
    assert_eq!(fault(&bytes), Error::NotUtf8 { offset: at });
    assert_eq!(fault(b"\xFE\xFF\0<"), Error::NotUtf8 { offset: 0 });
}

#[test]
fn an_html_page_is_no_empty_list() {
    let html = "the answer is not OAI-PMH but an HTML page";
    check_fault("<html><head><title>Sign in</title></head><body><p>Please<br>sign in</body></html>", html, true);
    check_fault("<!DOCTYPE html>\n<html lang=\"en\"><body/></html>", html, true);
    check_fault("<!doctype HTML PUBLIC \"-//W3C//DTD HTML 4.01//EN\"><HTML></HTML>", html, true);
    check_fault("<html xmlns=\"http://www.w3.org/1999/xhtml\"/>", html, true);
}

#[test]
fn text_and_json_are_no_page() {
    check_fault("Service busy", "the answer is not OAI-PMH but text that begins with `Service busy`", true);
    let json = "{\"error\": \"Not found\"}";
    check_fault(json, &format!("the answer is not OAI-PMH but text that begins with `{json}`"), true);
    check_fault(
        "<!-- only a comment -->",
        "the answer is not OAI-PMH but text that begins with `<!-- only a comment -->`",
        true,
    );
}

#[test]
fn a_document_of_another_kind_is_no_page() {
    check_fault("<rss/>", "the answer is not OAI-PMH but a document whose root is <rss>", true);
    // The element without its namespace, and with that of the protocol's first version.
    let nameless = "the answer is not OAI-PMH but a document whose root is <OAI-PMH>";
    check_fault("<OAI-PMH><ListRecords/></OAI-PMH>", nameless, true);
    check_fault("<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/1.1/\"/>", nameless, true);
    check_fault(
        "<!DOCTYPE OAI-PMH [<!ENTITY a \"b\">]><OAI-PMH/>",
        "the answer has a DOCTYPE, which OAI-PMH never has",
        false,
    );
}

#[test]
fn an_answer_with_neither_list_nor_error_is_no_empty_list() {
    let message = "the answer holds neither a ListRecords nor an error";
    check_fault(&answer(""), message, true);
    check_fault(&answer("<ListIdentifiers/>"), message, true);
    check_fault(&answer("<ListRecords xmlns=\"\"/>"), message, true);
    check_fault(&answer("<x><ListRecords/></x>"), message, true);
    assert_eq!(check("", &[]).token, None);
}

#[test]
fn a_list_whose_children_are_in_a_foreign_namespace_is_no_empty_list() {
    let message = |name: &str| format!("the answer is not OAI-PMH but a list with a <{name}> of another namespace");
    check_fault(&list(&good(1).replace("<record>", "<record xmlns=\"\">")), &message("record"), true);
    check_fault(&list("<resumptionToken xmlns=\"\">t</resumptionToken>"), &message("resumptionToken"), true);
}

#[test]
fn alma_refuses_without_oai_pmh() {
    let refused = "the server refuses: ";
    let words = "Unauthorized access to the OAI services - please contact the system administrator";
    let xml = format!("<error><error_code>21</error_code><error_message>{words}</error_message></error>");
    check_fault(&xml, &format!("{refused}21 {words}"), false);
    // The texts of Ex Libris' list of possible OAI errors.
    for text in [
        "OAI Repository definition doesnt exist for this Institution",
        "OAI Repository is not active for this Institution",
        "Problem with url - institution code is missing",
        "The repository does not support sets",
        "The request is missing required arguments.",
    ] {
        check_fault(text, &format!("{refused}{text}"), false);
        assert_eq!(fault(text.as_bytes()).kind(), Kind::Configuration);
    }
}

#[test]
fn errors_of_the_protocol_are_all_told() {
    let message = "the server answers badArgument: no set; noRecordsMatch: empty & void; : ?";
    let errors = "<error code=\"badArgument\">\n no set </error><error code=\"noRecordsMatch\">empty &amp; void</error><error>?</error>";
    check_fault(&answer(errors), message, false);
    let Error::Oai { errors, response_date } = fault(answer(errors).as_bytes()) else { panic!("not an OAI error") };
    assert_eq!(errors.len(), 3);
    assert_eq!(response_date, Timestamp::parse("2026-11-22T01:02:03Z"));
    // A list beside an error is not to be trusted.
    check_fault(
        &answer(&format!("<ListRecords>{}</ListRecords><error code=\"badArgument\"/>", good(1))),
        "the server answers badArgument: ",
        false,
    );
}

#[test]
fn two_roots_and_other_faults_of_the_envelope_are_no_page() {
    for (sample, place) in [
        (list("<record></header></record>"), "</header>"),
        (list("<record><header></record>"), "</record>"),
        (answer("<ListRecords><a b=\"></ListRecords>"), "<a"),
    ] {
        let error = fault(sample.as_bytes());
        assert!(matches!(error, Error::NotWellFormed { .. } | Error::CutShort { .. }), "{place}: {error}");
    }
}
