//! Answers as servers send them, well and badly. Each sample is named for its defect.

mod answers;
mod encodings;
mod envelopes;
mod mended;
mod metadata;
mod properties;
mod spoilt;

use super::*;
use crate::model::record::Body;

/// An answer whose OAI-PMH element holds this.
fn answer(inside: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">\
         <responseDate>2026-11-22T01:02:03Z</responseDate>\
         <request verb=\"ListRecords\">https://another.example.org/oai</request>{inside}</OAI-PMH>"
    )
}

/// A page of records.
fn list(inside: &str) -> String {
    answer(&format!("<ListRecords>{inside}</ListRecords>"))
}

/// A live record; `rest` follows its header.
fn record(number: u32, rest: &str) -> String {
    format!(
        "<record><header><identifier>oai:x:{number}</identifier><datestamp>2026-11-21</datestamp></header>{rest}</record>"
    )
}

/// A record that says what it is, to stand beside a bad one.
fn good(number: u32) -> String {
    record(number, &format!("<metadata><d xmlns=\"http://d\">{number}</d></metadata>"))
}

/// What `good` is read as.
fn kept(number: u32) -> String {
    format!("oai:x:{number} = <d xmlns=\"http://d\">{number}</d>")
}

/// A page as lines: `IDENTIFIER = METADATA`, `IDENTIFIER deleted`, `IDENTIFIER absent`, `IDENTIFIER ! REASON`, `-> TOKEN`.
fn described(page: &Page) -> Vec<String> {
    let records = page.records.iter().map(|record| match &record.body {
        Body::Metadata(metadata) => format!("{} = {metadata}", record.identifier),
        Body::Deleted => format!("{} deleted", record.identifier),
        Body::Absent => format!("{} absent", record.identifier),
    });
    let quarantined = page.quarantined.iter().map(|record| {
        let name = record.identifier.as_ref().map_or("?", OaiIdentifier::as_str);
        format!("{name} ! {}", record.reason)
    });
    let token = page.token.iter().map(|token| format!("-> {}", token.text));
    records.chain(quarantined).chain(token).collect()
}

#[track_caller]
fn check_answer(answer: &str, expected: &'static str, lines: &[&str]) -> Page {
    let page = read(answer.as_bytes(), expected).unwrap_or_else(|error| panic!("{error}: {answer}"));
    assert_eq!(described(&page), lines, "{answer}");
    page
}

/// A page as lines, each record with its repairs in brackets behind it; the last line has those of the envelope.
fn described_with_repairs(page: &Page) -> Vec<String> {
    let mut lines = described(page);
    for (line, record) in lines.iter_mut().zip(&page.records) {
        if !record.repairs.is_empty() {
            line.push_str(&format!(" [{}]", record.repairs.words()));
        }
    }
    if !page.repairs.is_empty() {
        lines.push(format!("[{}]", page.repairs.words()));
    }
    lines
}

/// An answer read as it comes over HTTP.
#[track_caller]
fn check_bytes(bytes: &[u8], charset: Option<&str>, lines: &[&str]) -> Page {
    let page = read_answer(bytes, charset, "ListRecords");
    let page = page.unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(bytes)));
    assert_eq!(described_with_repairs(&page), lines, "{}", String::from_utf8_lossy(bytes));
    page
}

#[track_caller]
fn check_text(answer: &str, lines: &[&str]) -> Page {
    check_bytes(answer.as_bytes(), None, lines)
}

/// The page of a list.
#[track_caller]
fn check(inside: &str, lines: &[&str]) -> Page {
    check_answer(&list(inside), "ListRecords", lines)
}

/// A bad record between two good ones: they stay, it is set aside with its bytes.
#[track_caller]
fn check_quarantined(bad: &str, name: &str, reason: &str) {
    let line = format!("{name} ! {reason}");
    let page = check(&format!("{}{bad}{}", good(1), good(3)), &[&kept(1), &kept(3), &line]);
    assert_eq!(page.quarantined[0].text, bad);
}

#[test]
fn a_deleted_record_does_not_shift_the_metadata_of_the_next() {
    let deleted = "<record><header status=\"deleted\"><identifier>oai:x:1</identifier>\
                   <datestamp>2026-11-21</datestamp></header></record>";
    check(&format!("{deleted}{}{}", good(2), good(3)), &["oai:x:1 deleted", &kept(2), &kept(3)]);
}

#[test]
fn a_deletion_stands_whatever_stands_beside_it() {
    let check_status = |status: &str, rest: &str| {
        let header = "<identifier>oai:x:1</identifier><datestamp>2026-11-21</datestamp>";
        let sample = format!("<record><header status=\"{status}\">{header}</header>{rest}</record>{}", good(2));
        check(&sample, &["oai:x:1 deleted", &kept(2)]);
    };
    check_status("deleted", "<metadata><d xmlns=\"http://d\"/></metadata>");
    check_status("Deleted", "");
    check_status(" DELETED ", "<metadata/>");
    check_status("deleted", "<metadata><p:d/></metadata>");
}

#[test]
fn a_status_that_nobody_knows_is_not_guessed_at() {
    let bad = record(2, "<metadata/>").replace("<header>", "<header status=\"withdrawn\">");
    check_quarantined(&bad, "oai:x:2", "the header has the unknown status `withdrawn`");
    let empty = record(2, "").replace("<header>", "<header status=\"\">");
    check(&empty, &["oai:x:2 absent"]);
}

#[test]
fn two_headers_delete_nothing() {
    let deleted = "<header status=\"deleted\"><identifier>oai:x:2</identifier><datestamp>2026</datestamp></header>";
    let bad = record(2, deleted);
    check_quarantined(&bad, "oai:x:2", "the record has two identifiers");
    let bad = record(2, "<header status=\"deleted\"/>");
    check_quarantined(&bad, "oai:x:2", "the record has 2 headers");
}

#[test]
fn a_record_without_metadata_is_told_from_a_deleted_one() {
    check(&record(1, ""), &["oai:x:1 absent"]);
    check(&record(1, "<metadata/>"), &["oai:x:1 absent"]);
    check(&record(1, "<metadata>\n  <!-- none --> </metadata>"), &["oai:x:1 absent"]);
}

#[test]
fn a_record_that_cannot_be_named_is_set_aside() {
    let body = "<metadata><d xmlns=\"http://d\"/></metadata>";
    let header = |inside: &str| format!("<record><header>{inside}</header>{body}</record>");
    check_quarantined(&format!("<record>{body}</record>"), "?", "the record has 0 headers");
    check_quarantined(&header("<datestamp>2026-11-21</datestamp>"), "?", "the record has no identifier");
    check_quarantined(&header("<identifier> </identifier>"), "?", "the record has no identifier");
    check_quarantined(&header(""), "?", "the record has no identifier");
    check_quarantined(
        &header("<identifier>oai:x:2</identifier><identifier>oai:x:4</identifier><datestamp>2026</datestamp>"),
        "oai:x:2",
        "the record has two identifiers",
    );
}

#[test]
fn a_reference_in_a_header_that_stands_for_nothing_spoils_one_record_only() {
    let bad = record(2, "").replace("oai:x:2", "oai:x:2&nbsp;");
    check_quarantined(&bad, "?", "the reference &nbsp; stands for no character");
    let bad = record(2, "").replace("2026-11-21", "2026&#0;");
    check_quarantined(&bad, "oai:x:2", "the reference &#0; stands for no character");
    let bad = record(2, "").replace("</header>", "<setSpec>&eacute;</setSpec></header>");
    check_quarantined(&bad, "oai:x:2", "the reference &eacute; stands for no character");
}

#[test]
fn references_in_identifier_and_token_do_not_split_them() {
    let sample = record(1, "").replace("oai:x:1", "oai:x:1&amp;2&#x26;<!-- -->3<![CDATA[&4]]>");
    let token = "<resumptionToken>from=2020&amp;set=x&lt;y&gt;+/=%2B</resumptionToken>";
    check(&format!("{sample}{token}"), &["oai:x:1&2&3&4 absent", "-> from=2020&set=x<y>+/=%2B"]);
}

#[test]
fn a_token_is_opaque_but_for_the_white_space_around_it() {
    let check_token = |token: &str, expected: &[&str]| check(token, expected);
    check_token("<resumptionToken/>", &[]);
    check_token("<resumptionToken></resumptionToken>", &[]);
    check_token("<resumptionToken>\n \t</resumptionToken>", &[]);
    check_token("<resumptionToken completeListSize=\"0\" cursor=\"0\"/>", &[]);
    check_token("<resumptionToken>\n  a b\n</resumptionToken>", &["-> a b"]);
    check_token("<resumptionToken><![CDATA[a&b]]></resumptionToken>", &["-> a&b"]);
    check_token("<resumptionToken>a</resumptionToken><resumptionToken/>", &["-> a"]);
    let attributes = "expirationDate=\"2026-11-22T02:00:00Z\" completeListSize=\" 97049 \" cursor='0'";
    let page = check_token(&format!("<resumptionToken {attributes}>a</resumptionToken>"), &["-> a"]);
    assert_eq!(page.token.unwrap().complete_list_size, Some(97_049));
    let page = check_token("<resumptionToken completeListSize=\"-1\">a</resumptionToken>", &["-> a"]);
    assert_eq!(page.token.unwrap().complete_list_size, None);
}

#[test]
fn a_record_tells_all_its_sets_and_no_empty_one() {
    let sets = "<setSpec>primo_many</setSpec><setSpec/><setSpec> Primo </setSpec></header>";
    let page = check(&record(1, "").replace("</header>", sets), &["oai:x:1 absent"]);
    assert_eq!(page.records[0].sets, ["primo_many", "Primo"]);
    assert_eq!(page.records[0].datestamp, Datestamp::new("2026-11-21"));
    assert_eq!(page.response_date, Timestamp::parse("2026-11-22T01:02:03Z"));
}

#[test]
fn comments_instructions_and_character_data_may_stand_anywhere() {
    let sample = list(&format!("{}<resumptionToken>t</resumptionToken>", good(1)));
    let noise = "<!-- > </record> --><?target ?>";
    let mut noisy = String::new();
    for piece in sample.split_inclusive('>').filter(|piece| !piece.starts_with("<?xml")) {
        noisy.push_str(piece);
        if !piece.ends_with("</OAI-PMH>") {
            noisy.push_str(noise);
        }
    }
    let inside = format!("oai:x:1 = <d xmlns=\"http://d\">{noise}1</d>");
    check_answer(&format!("{noise}{noisy}{noise}"), "ListRecords", &[&inside, "-> t"]);
    let words = list(&format!("stray <![CDATA[<record>]]> &nbsp; {} words", good(1)));
    check_answer(&words, "ListRecords", &[&kept(1)]);
}

#[test]
fn an_answer_may_begin_with_a_byte_order_mark_or_blank_lines() {
    check_answer(&format!("\u{FEFF}{}", list(&good(1))), "ListRecords", &[&kept(1)]);
    check_answer(&format!("\n\n  {}\n", list(&good(1))), "ListRecords", &[&kept(1)]);
}

#[test]
fn the_elements_of_oai_pmh_may_have_a_prefix() {
    let sample = r#"<o:OAI-PMH xmlns:o="http://www.openarchives.org/OAI/2.0/" xmlns:d="http://d"><o:ListRecords>
        <o:record><o:header><o:identifier>oai:x:1</o:identifier><o:datestamp>2026-11-21</o:datestamp></o:header>
        <o:metadata><d:d><o/></d:d></o:metadata></o:record>
        <o:resumptionToken>t</o:resumptionToken></o:ListRecords></o:OAI-PMH>"#;
    check_answer(sample, "ListRecords", &["oai:x:1 = <d:d xmlns:d=\"http://d\"><o/></d:d>", "-> t"]);
}

#[test]
fn headers_alone_are_a_page_of_list_identifiers() {
    let sample = answer(
        "<ListIdentifiers><header><identifier>oai:x:1</identifier><datestamp>2026-11-21</datestamp></header>\
         <header status=\"deleted\"><identifier>oai:x:2</identifier><datestamp>2026-11-21</datestamp>\
         <setSpec>s</setSpec></header><header><datestamp>2026-11-21</datestamp></header>\
         <resumptionToken>t</resumptionToken></ListIdentifiers>",
    );
    let lines = ["oai:x:1 absent", "oai:x:2 deleted", "? ! the record has no identifier", "-> t"];
    let page = check_answer(&sample, "ListIdentifiers", &lines);
    assert_eq!(page.quarantined[0].text, "<header><datestamp>2026-11-21</datestamp></header>");
}

#[test]
fn one_record_is_a_page_of_get_record() {
    check_answer(&answer(&format!("<GetRecord>{}</GetRecord>", good(1))), "GetRecord", &[&kept(1)]);
}
