use super::*;
use crate::steps::packaging;
use proptest::prelude::*;

/// A file as LIBIS writes it. In the tests, lines are those of this text.
const GOOD: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<updateMD xmlns="http://com/exlibris/digitool/repository/api/xmlbeans">
  <PID>IE1</PID>
  <metadata>
    <type>descriptive</type>
    <subType>dc</subType>
    <content>
      <![CDATA[<dc:record xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">
  <dc:identifier xsi:type="dcterms:URI">urn:ControlNumber:991</dc:identifier>
  <dc:title>Acta Sanctorum Hiberniae</dc:title>
  <dcterms:medium>Paper</dcterms:medium>
</dc:record>]]>
    </content>
  </metadata>
</updateMD>
"#;

/// The findings as `line E message`, `line W message`.
fn check_bytes(bytes: &[u8], expected: &[&str]) {
    let said: Vec<String> = validate(bytes, 100)
        .into_iter()
        .map(|finding| {
            let severity = match finding.severity {
                Severity::Error => 'E',
                Severity::Warning => 'W',
            };
            format!("{} {severity} {}", finding.line, finding.message)
        })
        .collect();
    assert_eq!(said, expected, "{}", String::from_utf8_lossy(bytes));
}

/// The good file with one thing changed.
fn check(from: &str, to: &str, expected: &[&str]) {
    assert!(GOOD.contains(from), "{from}");
    check_bytes(GOOD.replacen(from, to, 1).as_bytes(), expected);
}

#[test]
fn a_file_of_libis_and_one_of_ours_are_good() {
    check("IE1", "IE1", &[]);
    let file = packaging::read(GOOD).unwrap();
    let ours = packaging::write(&file.pid, &file.dc().unwrap().unwrap().dc);
    check_bytes(ours.as_bytes(), &[]);
    check_bytes(GOOD.replace('\n', "\r\n").as_bytes(), &[]);
}

#[test]
fn bytes_that_are_not_utf_8_are_found_in_their_line() {
    let at = GOOD.find("Acta").unwrap();
    let mut bytes = GOOD.as_bytes().to_vec();
    // An é of Latin-1.
    bytes[at] = 0xE9;
    check_bytes(&bytes, &["10 E not UTF-8 from byte 467 of the file"]);
}

#[test]
fn the_start_of_the_file_says_its_encoding() {
    check("<?xml", "\u{FEFF}<?xml", &["1 W the file begins with a byte order mark"]);
    check("utf-8", "ISO-8859-1", &["1 W the file is UTF-8 and declares the encoding ISO-8859-1"]);
    let accented = GOOD.replace("utf-8", "ISO-8859-1").replace("Acta", "Actá");
    check_bytes(accented.as_bytes(), &["1 E the file is UTF-8 and declares the encoding ISO-8859-1"]);
    check("<updateMD", "<!DOCTYPE updateMD>\n<updateMD", &["2 E a DOCTYPE is not accepted"]);
}

#[test]
fn an_envelope_that_is_not_well_formed_is_an_error() {
    check("</PID>", "</Pid>", &["3 E not well-formed XML: expected `</PID>`, but `</Pid>` was found"]);
    check("</updateMD>\n", "", &["15 E the text ends inside <updateMD>"]);
    check("]]>\n", "\n", &["8 E not well-formed XML: CDATA not closed: `]]>` not found before end of input"]);
    check_bytes(b"", &["1 E not well-formed XML: no element"]);
}

#[test]
fn the_root_is_known_by_its_local_name() {
    check_bytes(b"<OAI-PMH/>", &["1 E the root element is OAI-PMH, not updateMD"]);
    check(
        "http://com/exlibris/",
        "http://com.exlibris/",
        &["2 W the namespace is `http://com.exlibris/digitool/repository/api/xmlbeans`, not \
         `http://com/exlibris/digitool/repository/api/xmlbeans`"],
    );
}

#[test]
fn a_pid_must_be_there_once_and_be_one() {
    check("<PID>IE1</PID>", "", &["2 E PID is missing"]);
    check("<PID>IE1</PID>", "<PID>IE1</PID>\n<PID>IE2</PID>", &["4 E a second PID"]);
    check("IE1", " IE1 ", &["3 W blanks around the text of PID"]);
    check("IE1", "REP1", &["3 E PID `REP1` is not an IE PID: expected `IE` and digits, as in IE1234"]);
}

#[test]
fn metadata_must_say_what_it_is() {
    let at = GOOD.find("  <metadata>").unwrap();
    let end = GOOD.find("</updateMD>").unwrap();
    check(&GOOD[at..end], "", &["2 E no metadata element"]);
    check("descriptive", "Descriptive", &["5 E the type is `Descriptive`, neither descriptive nor source"]);
    check("    <type>descriptive</type>\n", "", &["4 E type is missing"]);
    check(">dc<", ">mods<", &["6 E descriptive MD has the subType dc, not `mods`"]);
    check("<subType>dc</subType>", "<subtype>dc</subtype>", &["6 W subtype in lower case: known files have subType"]);
    check("<subType>dc</subType>", "", &["4 E subType is missing"]);
    check("<type>", "<kind/><type>", &["5 W the element kind has no meaning in metadata"]);
    check("<type>", "<type xmlns=''>", &["5 W type is in the namespace ``, unlike updateMD"]);
    check("<type>", "x<type>", &["4 W text in metadata beside its elements"]);
}

#[test]
fn source_md_is_checked_as_far_as_it_is_known() {
    let source = |sub_type: &str, mid: &str, content: &str| {
        format!(
            "<updateMD xmlns='{NAMESPACE}'><PID>IE1</PID><metadata>{mid}\n<type>source</type><subType>{sub_type}</subType>\
             <content><![CDATA[{content}]]></content></metadata></updateMD>"
        )
    };
    let mid = "<mid>1436</mid>";
    check_bytes(source("mods", mid, "<m:mods xmlns:m='http://www.loc.gov/mods/v3'/>").as_bytes(), &[]);
    check_bytes(source("OTHER:article", mid, "<a/>").as_bytes(), &[]);
    check_bytes(
        source("mods", "", "<a/>").as_bytes(),
        &["1 W source MD without mid: it is added, and replaces nothing"],
    );
    check_bytes(
        source("Mods", mid, "<a/>").as_bytes(),
        &["2 W `Mods` is not a subType of source MD that Rosetta documents"],
    );
    check_bytes(source("mods", mid, "\n<a>\n</b>").as_bytes(), &["4 E not well-formed XML: Invalid close tag:  b"]);
}

#[test]
fn the_content_is_one_record_in_cdata() {
    let at = GOOD.find("<![CDATA[").unwrap();
    let cdata = &GOOD[at..GOOD.find("]]>").unwrap() + 3];
    let record = &cdata["<![CDATA[".len()..cdata.len() - 3];
    check(cdata, "", &["7 E the content is empty"]);
    check(cdata, "<![CDATA[]]>", &["7 E the content is empty"]);
    check(cdata, record, &["7 E the content holds elements instead of a record in CDATA"]);
    let escaped = record.replace('&', "&amp;").replace('<', "&lt;");
    check(cdata, &escaped, &["7 W the content is not in CDATA"]);
    check("<![CDATA[", "<![CDATA[<?xml version=\"1.0\"?>\n", &["8 E an XML declaration inside the content"]);
    let split = record.replace("Acta", "]]]]><![CDATA[&gt;");
    check(cdata, &format!("<![CDATA[{split}]]>"), &[]);
}

#[test]
fn the_record_is_checked_in_the_lines_of_the_file() {
    check(
        "</dcterms:medium>",
        "</dc:medium>",
        &["11 E in the record: not well-formed XML: expected `</dcterms:medium>`, but `</dc:medium>` was found"],
    );
    check(
        "Paper",
        "R&D",
        &[
            "11 E in the record: not well-formed XML: entity or character reference not closed: `;` not found before end of input",
        ],
    );
    check("Paper", "&#1;", &["11 E in the record: &#1; is not a character that XML 1.0 can hold"]);
    check("Paper", "\u{B}", &["11 E the character U+000B is not allowed in XML 1.0"]);
    check("Paper", "&nbsp;", &["11 E in the record: the entity &nbsp; is not defined"]);
    check("<dcterms:medium>", "<x:medium>", &["11 E in the record: the prefix of `x:medium` is not declared"]);
    check("Paper", "a]]>b", &["11 E not well-formed XML: expected `</content>`, but `</dcterms:medium>` was found"]);
}

#[test]
fn the_fields_are_checked_in_the_lines_of_the_file() {
    check("elements/1.1", "terms", &["8 E the root element is dcterms:record, not dc:record"]);
    check(
        "<dcterms:medium>Paper</dcterms:medium>",
        "<dc:Medium>Paper</dc:Medium>",
        &["11 E dc:Medium is not a DC element; dcterms:medium is"],
    );
    check("dcterms:URI", "hbz:hbzId", &["9 E dc:identifier has xsi:type=\"hbz:hbzId\", whose prefix is not declared"]);
    check("Paper", &"x".repeat(101), &["11 E dcterms:medium has 101 bytes, this Rosetta takes 100"]);
    check("Paper", "\n<i>Paper</i>", &["12 E the element i inside dcterms:medium"]);
    check("Acta Sanctorum Hiberniae", " ", &["8 W the record has no title"]);
    let at = GOOD.find("  <dc:identifier").unwrap();
    let end = GOOD.find("</dc:record>").unwrap();
    check(&GOOD[at..end], "", &["8 E the record is empty"]);
    check(&GOOD[at..end], "  text\n", &["8 E text outside of the fields: text", "8 E the record is empty"]);
}

#[test]
fn two_descriptive_records_are_one_too_many() {
    let at = GOOD.find("  <metadata>").unwrap();
    let end = GOOD.find("</updateMD>").unwrap();
    check(
        "</updateMD>",
        &format!("{}</updateMD>", &GOOD[at..end]),
        &["15 E another descriptive dc record: an IE has one, and this file decides on two"],
    );
}

proptest! {
    #[test]
    fn no_bytes_make_the_validator_panic(bytes in any::<Vec<u8>>(), at in 0..GOOD.len(), with in "[<>&;!\\]\\[CDATA/a:= '\"\n\r]{0,8}") {
        let _ = validate(&bytes, 10);
        let mut text = GOOD.to_owned();
        text.insert_str(at, &with);
        let _ = validate(text.as_bytes(), 10);
    }
}
