//! Envelopes that are spoilt, and what stands around them.

use super::*;

fn page() -> String {
    list(&format!("{}{}<resumptionToken>t</resumptionToken>", good(1), good(2)))
}

/// The page as ever, with these repairs of the envelope.
#[track_caller]
fn check_page(answer: &str, repairs: &[&str]) {
    let (first, second) = (kept(1), kept(2));
    check_text(answer, &[&[first.as_str(), &second, "-> t"], repairs].concat());
}

#[track_caller]
fn fault(answer: &str) -> Error {
    match read_answer(answer.as_bytes(), None, "ListRecords") {
        Ok(page) => panic!("taken for a page: {:?} {answer}", described(&page)),
        Err(error) => error,
    }
}

#[test]
fn blank_lines_and_a_mark_before_the_declaration_are_no_repair() {
    check_page(&format!("\u{FEFF}\r\n \n{}\n\n", page()), &[]);
}

#[test]
fn what_php_says_before_and_after_the_document_is_passed_over() {
    // PHP with display_errors, as OJS and home-made repositories have it.
    let warning =
        "<br />\n<b>Warning</b>:  Undefined array key \"set\" in <b>/var/www/oai.php</b> on line <b>7</b><br />\n";
    check_page(&format!("{warning}{}", page()), &["[surroundings]"]);
    check_page(&format!("{}{warning}", page()), &["[surroundings]"]);
    check_page(&format!("Notice: x & y < z\n{}</html>", page()), &["[surroundings]"]);
    check_page(&format!("<!-- served by <OAI-PMH> -->{}<!-- 0.3 s -->", page()), &["[surroundings]"]);
    check_page(
        &page().replace("<resumption", &format!("{}<resumption", warning.replace("<br />", "<br>"))),
        &["[surroundings]"],
    );
    check_page(
        &page().replace("<ListRecords>", &format!("{}<ListRecords>", warning.replace("<br />", "<br>"))),
        &["[surroundings]"],
    );
}

#[test]
fn the_namespace_of_oai_pmh_may_be_misspelt_or_missing() {
    let right = "http://www.openarchives.org/OAI/2.0/";
    for wrong in [
        "http://www.openarchives.org/OAI/2.0",
        "https://www.openarchives.org/OAI/2.0/",
        " http://www.openarchives.org/OAI/2.0/ ",
        "http://www.openarchives.org/oai/2.0/",
        "http://www.openarchives.org/OAI/1.1/",
        "",
    ] {
        check_page(&page().replace(right, wrong), &["[namespaces]"]);
    }
    check_page(&page().replace(&format!(" xmlns=\"{right}\""), ""), &["[namespaces]"]);
    // PHP's DOM writes this where a child is made without a namespace.
    let page = page().replace("<ListRecords>", "<ListRecords xmlns=\"\">");
    check_page(&page, &["[namespaces]"]);
    let foreign = super::list(&good(1)).replace(right, "http://www.w3.org/1999/xhtml");
    assert!(matches!(fault(&foreign), Error::NotOai { .. }));
}

#[test]
fn records_and_token_may_have_lost_the_namespace_of_their_list() {
    let page = list(&format!(
        "{}{}<resumptionToken xmlns=\"\">t</resumptionToken>",
        good(1).replacen("<record>", "<record xmlns=\"\">", 1),
        good(2)
    ));
    check_text(&page, &[&format!("{} [namespaces]", kept(1)), &kept(2), "-> t", "[namespaces]"]);
}

#[test]
fn a_prefix_of_the_envelope_is_kept_while_its_records_are_read_alone() {
    let sample = r#"warning <o:OAI-PMH xmlns:o="http://www.openarchives.org/OAI/2.0" xmlns:d="http://d"><o:ListRecords xmlns:e='http://e'>
        <o:record><o:header><o:identifier>oai:x:1</o:identifier><o:datestamp>2026-11-21</o:datestamp></o:header>
        <o:metadata><d:d><e:o>&</e:o></d:d></o:metadata></o:record>
        <o:resumptionToken>t</o:resumptionToken></o:ListRecords></o:OAI-PMH>"#;
    let line = "oai:x:1 = <d:d xmlns:d=\"http://d\" xmlns:e=\"http://e\"><e:o>&amp;</e:o></d:d> [bare-ampersands]";
    check_text(sample, &[line, "-> t", "[surroundings namespaces]"]);
    check_text(
        &sample.replace(" xmlns:o=\"http://www.openarchives.org/OAI/2.0\"", ""),
        &[line, "-> t", "[surroundings namespaces]"],
    );
}

#[test]
fn a_bare_ampersand_in_the_envelope_is_escaped() {
    check_page(
        &page().replace("https://another.example.org/oai", "http://x/oai?verb=ListRecords&set=a"),
        &["[bare-ampersands]"],
    );
    let token = list("<resumptionToken completeListSize=\"7\">a&b&amp;c</resumptionToken>");
    let page = check_text(&token, &["-> a&b&c", "[bare-ampersands]"]);
    assert_eq!(page.token.unwrap().complete_list_size, Some(7));
    let error = fault(&answer("<error code=\"noRecordsMatch\">from & until</error>"));
    assert_eq!(error.to_string(), "the server answers noRecordsMatch: from & until");
}

#[test]
fn an_error_beside_a_list_is_still_an_error() {
    let page = answer(&format!("<ListRecords>{}</ListRecords><error code=\"badArgument\">a & b</error>", good(1)));
    assert_eq!(fault(&page).to_string(), "the server answers badArgument: a & b");
}

#[test]
fn a_doctype_is_never_looked_into() {
    let with = |doctype: &str, page: &str| page.replacen("<OAI-PMH", &format!("{doctype}<OAI-PMH"), 1);
    check_page(&with("<!DOCTYPE OAI-PMH>", &page()), &["[doctype]"]);
    check_page(&with("<!DOCTYPE OAI-PMH SYSTEM \"http://x/oai.dtd\">", &page()), &["[doctype]"]);
    let bomb =
        "<!DOCTYPE lolz [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;\"><!ENTITY eacute SYSTEM \"file:///etc/passwd\">]>";
    for reference in ["&b;", "&eacute;", "&nbsp;"] {
        let bad = record(3, &format!("<metadata><d xmlns=\"d\">{reference}</d></metadata>"));
        let page = with(bomb, &list(&format!("{}{bad}{}", good(1), good(2))));
        let line = format!("oai:x:3 ! the reference {reference} stands for no character");
        check_text(&page, &[&kept(1), &kept(2), &line, "[doctype]"]);
    }
    let token = with(bomb, &list("<resumptionToken>&b;</resumptionToken>"));
    assert_eq!(fault(&token), Error::Doctype);
}

#[test]
fn what_is_no_answer_stays_none() {
    for (sample, what) in [
        ("<html><body><OAI-PMH></OAI-PMH></body></html>", "an HTML page"),
        ("<!DOCTYPE html><html><pre><OAI-PMH><ListRecords></ListRecords></OAI-PMH></pre></html>", "an HTML page"),
        ("<br>Sign in<html><OAI-PMH></OAI-PMH></html>", "an HTML page"),
        ("<p>Sign in", "a document whose root is <p>"),
        ("Service busy & closed", "text that begins with `Service busy & closed`"),
        ("<rss/>", "a document whose root is <rss>"),
    ] {
        assert_eq!(fault(sample), Error::NotOai { what: what.to_owned() });
    }
    let refused = "<error><error_code>21</error_code><error_message>no</error_message></error>";
    assert_eq!(fault(refused), Error::Refused { message: "21 no".to_owned() });
    assert!(matches!(fault(&answer("")), Error::NoList { .. }));
}

#[test]
fn two_documents_are_not_one() {
    let two = format!("{}{}", page(), page());
    assert!(matches!(fault(&two), Error::NotWellFormed { .. }));
}

#[test]
fn a_token_that_cannot_be_read_is_no_end_of_the_list() {
    for bad in [
        "<resumptionTok>t</resumptionToken>",
        "<resumptionToken>t</resumption",
        "<resumptionToken t",
        "<resumptionToken>a<b</resumptionToken>",
    ] {
        let error = fault(&list(&format!("{}{bad}", good(1))));
        assert!(error.may_pass(), "{bad}: {error}");
    }
}

#[test]
fn a_quoted_end_of_an_answer_does_not_hide_a_cut() {
    let quoted = "</d></metadata></record></ListRecords></OAI-PMH>";
    for (open, close) in [("<![CDATA[", "]]>"), ("<!--", "-->")] {
        let bad = record(2, &format!("<metadata><d xmlns='d'>{open}{quoted}{close}</d></metadata>"));
        let whole = list(&format!("{}{bad}", good(1)));
        let cut = &whole[..whole.find(quoted).unwrap() + quoted.len()];
        assert!(fault(cut).may_pass());
        assert!(fault(&format!("x{cut}")).may_pass());
        assert_eq!(read_answer(whole.as_bytes(), None, "ListRecords").unwrap().records.len(), 2);
    }
}

#[test]
fn headers_alone_are_read_one_by_one_too() {
    let head = |inside: &str| format!("<header>{inside}<datestamp>2026</datestamp></header>");
    let sample = answer(&format!(
        "<ListIdentifiers>{}{}{}{}<resumptionToken>t</resumptionToken></ListIdentifiers>",
        head("<identifier>a</identifier>"),
        head("<identifier>b & c</identifier>"),
        head("<identifier>d</identifierX>"),
        head("<identifier>e</identifier>")
    ));
    let page = read_answer(sample.as_bytes(), None, "ListIdentifiers").unwrap();
    let lines = described_with_repairs(&page);
    assert_eq!(lines[..3], ["a absent", "b & c absent [bare-ampersands]", "e absent"]);
    assert!(lines[3].starts_with("? ! "), "{lines:?}");
    assert_eq!(lines[4], "-> t");
}
