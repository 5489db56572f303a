//! Records that were put right, and those that cannot be.

use super::*;

/// A spoilt record between two good ones is kept, and says what was done to it.
#[track_caller]
fn check_mended(bad: &str, line: &str) {
    let bad = record(2, bad);
    check_text(&list(&format!("{}{bad}{}", good(1), good(3))), &[&kept(1), &format!("oai:x:2 {line}"), &kept(3)]);
    // The same where the envelope is at fault too, and each record is read by itself.
    let noisy = format!("Notice: x\n{}", list(&format!("{}{bad}{}", good(1), good(3))));
    check_text(&noisy, &[&kept(1), &format!("oai:x:2 {line}"), &kept(3), "[surroundings]"]);
}

/// It is set aside, and the others are read.
#[track_caller]
fn check_aside(bad: &str, name: &str, reason: &str) {
    let line = format!("{name} ! {reason}");
    let page = check_text(&list(&format!("{}{bad}{}", good(1), good(3))), &[&kept(1), &kept(3), &line]);
    assert_eq!(page.quarantined[0].text, bad, "the bytes are those that were sent");
}

fn metadata(inside: &str) -> String {
    format!("<metadata><d xmlns=\"d\">{inside}</d></metadata>")
}

#[track_caller]
fn check_text_of_metadata(sent: &str, expected: &str, repairs: &str) {
    check_mended(&metadata(sent), &format!("= <d xmlns=\"d\">{expected}</d> [{repairs}]"));
}

#[test]
fn forbidden_characters_are_left_out() {
    check_text_of_metadata("a\u{1}b\u{B}c\u{1F}\u{0}", "abc", "forbidden-characters");
    check_text_of_metadata("a&#1;b&#x0;c&#xFFFE;d\u{FFFF}e\u{FFFE}", "abcde", "forbidden-characters");
    check_text_of_metadata("<![CDATA[a\u{2}&<b]]><!-- \u{3} -->", "<![CDATA[a&<b]]><!--  -->", "forbidden-characters");
    // What XML allows stays, however odd.
    let odd = metadata("a\tb\nc\rd\u{7F}e\u{85}f\u{FFFD}g&#9;&#10;&#13;");
    check_text(
        &list(&record(1, &odd)),
        &[&format!("oai:x:1 = {}", &odd["<metadata>".len()..odd.len() - "</metadata>".len()])],
    );
}

#[test]
fn halves_of_a_character_are_put_together() {
    check_text_of_metadata("&#55349;&#56476;&#xD835;&#xDC9C;", "\u{1D49C}\u{1D49C}", "forbidden-characters");
    check_aside(&record(2, &metadata("&#55349;x")), "oai:x:2", "the reference &#55349; stands for no character");
}

#[test]
fn an_ampersand_that_begins_no_reference_is_escaped() {
    check_text_of_metadata(
        "a & b &; &amp; &#; R&D, x&y=1;",
        "a &amp; b &amp;; &amp; &amp;#; R&amp;D, x&amp;y=1;",
        "bare-ampersands",
    );
    check_mended(
        "<metadata><d xmlns=\"d\" u=\"http://x?a=1&b=2\">&</d></metadata>",
        "= <d xmlns=\"d\" u=\"http://x?a=1&amp;b=2\">&amp;</d> [bare-ampersands]",
    );
    check_text_of_metadata("&<![CDATA[&]]><!-- & --><?p &?>", "&amp;<![CDATA[&]]><!-- & --><?p &?>", "bare-ampersands");
}

#[test]
fn a_bracket_that_begins_no_tag_is_escaped() {
    check_text_of_metadata("p < 0.05, a <5", "p &lt; 0.05, a &lt;5", "bare-brackets");
}

#[test]
fn the_names_that_html_gives_to_characters_are_known() {
    check_text_of_metadata("a&nbsp;b&eacute;&euro;&lt;&Alpha;", "a\u{A0}bé€&lt;Α", "html-entities");
    check_aside(&record(2, &metadata("&lol;")), "oai:x:2", "the reference &lol; stands for no character");
}

#[test]
fn what_is_wrong_in_a_header_is_put_right_too() {
    let header = |identifier: &str| record(2, "").replace("oai:x:2", identifier);
    let check_identifier = |sent: &str, expected: &str, repairs: &str| {
        check_text(&list(&header(sent)), &[&format!("{expected} absent [{repairs}]")]);
    };
    check_identifier("oai:x:a&b", "oai:x:a&b", "bare-ampersands");
    check_identifier("oai:x:a&eacute;", "oai:x:aé", "html-entities");
    check_identifier("oai:x:a\u{1}", "oai:x:a", "forbidden-characters");
    check_identifier("oai:x:a&b\u{2}&nbsp;c", "oai:x:a&b\u{A0}c", "forbidden-characters bare-ampersands html-entities");
}

#[test]
fn identifiers_are_kept_whatever_they_look_like() {
    let long = format!("oai:x:{}", "9".repeat(300));
    for odd in ["oai:x: a  b ", "../../etc/passwd", "\"'`", "x", "http://x/?a=b#c", "ﷺ", &long] {
        check_text(&list(&record(2, "").replace("oai:x:2", odd)), &[&format!("{} absent", odd.trim())]);
    }
}

#[test]
fn an_xml_declaration_inside_metadata_is_left_out() {
    let child = "<d xmlns=\"d\">x</d>";
    check_mended(
        &format!("<metadata><?xml version=\"1.0\"?>\n{child}</metadata>"),
        &format!("= {child} [declaration]"),
    );
    check_mended(
        &format!(
            "<metadata><?XML version=\"1.0\" encoding='x'?><!DOCTYPE d SYSTEM \"http://x/d.dtd\">{child}</metadata>"
        ),
        &format!("= {child} [declaration doctype]"),
    );
    let entity = "<!DOCTYPE d [<!ENTITY a SYSTEM \"file:///etc/passwd\">]>";
    let bad = record(2, &format!("<metadata>{entity}<d xmlns=\"d\">&a;</d></metadata>"));
    check_aside(&bad, "oai:x:2", "a DOCTYPE stands inside the record");
    // An external DTD might say that é is something else.
    let bad = record(2, "<metadata><!DOCTYPE d SYSTEM \"d\"><d xmlns=\"d\">&eacute;</d></metadata>");
    check_aside(&bad, "oai:x:2", "the reference &eacute; stands for no character");
}

#[test]
fn prefixes_that_everybody_knows_are_bound() {
    let dc = "http://purl.org/dc/elements/1.1/";
    check_mended(
        "<metadata><oai_dc:dc><dc:title>x</dc:title></oai_dc:dc></metadata>",
        &format!(
            "= <oai_dc:dc xmlns:dc=\"{dc}\" xmlns:oai_dc=\"http://www.openarchives.org/OAI/2.0/oai_dc/\"><dc:title>x</dc:title></oai_dc:dc> [namespaces]"
        ),
    );
    check_mended(
        "<metadata><d xmlns=\"d\" xsi:type=\"dcterms:URI\">&</d></metadata>",
        "= <d xmlns:dcterms=\"http://purl.org/dc/terms/\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns=\"d\" xsi:type=\"dcterms:URI\">&amp;</d> [bare-ampersands namespaces]",
    );
    check_aside(&record(2, "<metadata><p:d/></metadata>"), "oai:x:2", "the prefix `p` is not declared");
    // What a server declares is not what others mean by the prefix.
    let own = "<dc:d xmlns:dc=\"http://own\"/>";
    check_text(&list(&record(2, &format!("<metadata>{own}</metadata>"))), &[&format!("oai:x:2 = {own}")]);
}

#[test]
fn a_record_without_end_does_not_reach_the_next() {
    for bad in [
        "<metadata><d xmlns=\"d\">x</metadata>",
        "<metadata><d xmlns=\"d>x</d></metadata>",
        "<metadata><d xmlns=\"d\"><!-- x</d></metadata>",
        "<metadata><d xmlns=\"d\"><![CDATA[x</d></metadata>",
        "<metadata><d xmlns=\"d\"></x></d></metadata>",
        "<metadata></d></metadata>",
        "<metadata><d xmlns=\"d\"",
        "</metadata>",
        "<metadata><d xmlns=\"d\"><br></d></metadata>",
    ] {
        let bad = record(2, bad);
        let page = read_answer(
            list(&format!("{}{bad}{}<resumptionToken>t</resumptionToken>", good(1), good(3))).as_bytes(),
            None,
            "ListRecords",
        );
        let page = page.unwrap_or_else(|error| panic!("{error}: {bad}"));
        let lines = described_with_repairs(&page);
        assert_eq!(lines.len(), 4, "{lines:?}");
        assert_eq!((&lines[0], &lines[1], &lines[3]), (&kept(1), &kept(3), &"-> t".to_owned()), "{lines:?}");
        assert!(lines[2].starts_with("oai:x:2 ! "), "{lines:?}");
        assert_eq!(page.quarantined[0].text, bad);
        assert!(page.quarantined[0].datestamp.is_some());
    }
}

#[test]
fn a_record_whose_end_tag_is_spoilt_does_not_swallow_the_next() {
    for (from, to) in [
        ("</record>", "</rec"),
        ("</record>", ""),
        ("</metadata></record>", ""),
        ("<metadata>", "<"),
        ("</header>", ""),
    ] {
        let bad = good(2).replace(from, to);
        let page =
            read_answer(list(&format!("{}{bad}{}{}", good(1), good(3), good(4))).as_bytes(), None, "ListRecords");
        let page = page.unwrap_or_else(|error| panic!("{error}: {bad}"));
        let lines = described_with_repairs(&page);
        assert_eq!(lines[..3], [kept(1), kept(3), kept(4)], "{bad}");
        assert!(lines[3].starts_with("oai:x:2 ! "), "{lines:?}");
    }
}

#[test]
fn a_record_without_beginning_is_not_lost_in_silence() {
    for (from, to, name) in
        [("<record>", "<recXrd>", "oai:x:2"), ("<record><header>", "", "?"), ("<record>", "", "oai:x:2")]
    {
        let bad = good(2).replacen(from, to, 1);
        let page = read_answer(list(&format!("{}{bad}{}", good(1), good(3))).as_bytes(), None, "ListRecords").unwrap();
        let lines = described_with_repairs(&page);
        assert_eq!(lines, [kept(1), kept(3), format!("{name} ! it is unclear where the record begins")], "{bad}");
    }
}

#[test]
fn metadata_that_holds_records_is_no_list_of_them() {
    let nested = "<record xmlns=\"\"><header><identifier>a</identifier></header><metadata/></record>";
    let quoted = record(9, "<metadata/>");
    for inside in [
        nested.to_owned(),
        quoted.clone(),
        format!("{quoted}{quoted}"),
        format!("<![CDATA[{quoted}{quoted}]]>"),
        "<![CDATA[</record>]]><!-- <record> -->".to_owned(),
    ] {
        let rich = record(2, &metadata(&inside));
        // The next record is spoilt, so that the list cannot be read as a whole.
        let page = list(&format!("{}{rich}{}{}", good(1), record(3, "<metadata><d></metadata>"), good(4)));
        let page = read_answer(page.as_bytes(), None, "ListRecords").unwrap();
        let names: Vec<_> = page.records.iter().map(|record| record.identifier.as_str()).collect();
        assert_eq!(names, ["oai:x:1", "oai:x:2", "oai:x:4"], "{inside}");
        assert_eq!(page.quarantined.len(), 1);
        // It is spoilt itself: nothing that it quotes comes out as a record.
        let spoilt = record(2, &format!("<metadata><d xmlns=\"d\">{inside}</metadata>"));
        let page =
            read_answer(list(&format!("{}{spoilt}{}", good(1), good(4))).as_bytes(), None, "ListRecords").unwrap();
        let names: Vec<_> = page.records.iter().map(|record| record.identifier.as_str()).collect();
        assert_eq!(names, ["oai:x:1", "oai:x:4"], "{inside}");
        assert_eq!(page.quarantined.len(), 1, "{inside}");
    }
}

#[test]
fn a_record_that_may_hold_others_has_no_name() {
    // The end of one is lost and the beginning of another: what stands between cannot be told apart.
    let bad = format!("{}{}", good(2).replace("</metadata></record>", ""), good(3).replace("<record>", ""));
    let page =
        read_answer(list(&format!("{}{}{bad}{}", good(1), good(9), good(4))).as_bytes(), None, "ListRecords").unwrap();
    assert_eq!(described(&page)[..3], [kept(1), kept(9), kept(4)]);
    assert!(!page.quarantined.is_empty());
}
