//! Answers in other encodings than UTF-8, or than the one that they name.

use super::*;

/// A page with two records, the second of which holds letters, as text.
fn lettered(declaration: &str) -> String {
    let page = list(&format!("{}{}{}", good(1), lettered_record(), "<resumptionToken>t</resumptionToken>"));
    page.replacen("<?xml version=\"1.0\" encoding=\"UTF-8\"?>", declaration, 1)
}

fn lettered_record() -> String {
    record(2, "<metadata><d xmlns=\"d\">Café – ‘Žižek’</d></metadata>")
}

const LETTERED: &str = "oai:x:2 = <d xmlns=\"d\">Café – ‘Žižek’</d>";
const LATIN: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>";
const UTF_8: &str = "<?xml version='1.0' encoding='UTF-8'?>";

fn in_windows_1252(text: &str) -> Vec<u8> {
    encoding_rs::WINDOWS_1252.encode(text).0.into_owned()
}

fn in_utf_16(text: &str, big: bool) -> Vec<u8> {
    let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
    text.encode_utf16().flat_map(bytes).collect()
}

#[track_caller]
fn check_letters(bytes: &[u8], charset: Option<&str>, of_the_record: &str, of_the_page: &[&str]) {
    let second = format!("{LETTERED}{of_the_record}");
    let first = kept(1);
    let lines = [&[first.as_str(), &second, "-> t"], of_the_page].concat();
    check_bytes(bytes, charset, &lines);
}

#[test]
fn utf_16_is_read_with_and_without_its_mark() {
    let declared = "<?xml version=\"1.0\" encoding=\"UTF-16\"?>";
    for big in [false, true] {
        check_letters(&in_utf_16(&lettered(declared), big), None, "", &[]);
        check_letters(&in_utf_16(&format!("\u{FEFF}{}", lettered(declared)), big), Some("utf-16"), "", &[]);
        check_letters(&in_utf_16(&format!("\u{FEFF}{}", lettered("")), big), None, "", &[]);
    }
}

#[test]
fn latin_1_that_is_named_is_no_repair() {
    check_letters(&in_windows_1252(&lettered(LATIN)), None, "", &[]);
    check_letters(&in_windows_1252(&lettered(LATIN)), Some("iso-8859-1"), "", &[]);
    check_letters(&in_windows_1252(&lettered("")), Some("windows-1252"), "", &[]);
    let page = list(&record(1, "<metadata><d xmlns='d'>Łódź</d></metadata>")).replace("UTF-8", "latin2");
    check_bytes(&encoding_rs::ISO_8859_2.encode(&page).0, None, &["oai:x:1 = <d xmlns='d'>Łódź</d>"]);
}

#[test]
fn latin_1_that_is_not_named_is_told_by_its_bytes() {
    check_letters(&in_windows_1252(&lettered("")), None, " [encoding]", &[]);
    check_letters(&in_windows_1252(&lettered(UTF_8)), None, " [encoding]", &[]);
    check_letters(&in_windows_1252(&lettered(UTF_8)), Some("utf-8"), " [encoding]", &[]);
}

#[test]
fn where_http_and_the_document_contradict_each_other_the_bytes_decide() {
    check_letters(&in_windows_1252(&lettered(LATIN)), Some("utf-8"), "", &["[encoding]"]);
    check_letters(lettered(UTF_8).as_bytes(), Some("iso-8859-1"), "", &["[encoding]"]);
    check_letters(lettered(LATIN).as_bytes(), Some("utf-8"), " [encoding]", &["[encoding]"]);
    check_letters(lettered(LATIN).as_bytes(), None, " [encoding]", &["[encoding]"]);
    check_letters(lettered("").as_bytes(), Some("iso-8859-1"), " [encoding]", &["[encoding]"]);
    check_letters(lettered("").as_bytes(), Some("no such thing"), "", &[]);
    // Plain ASCII is the same under every name.
    check_bytes(list(&good(1)).replace("UTF-8", "ISO-8859-1").as_bytes(), Some("utf-8"), &[&kept(1)]);
}

#[test]
fn a_stray_byte_is_taken_for_latin_1_and_nothing_else_is() {
    let stray = record(3, "<metadata><d xmlns=\"d\">caf\u{E9} é</d></metadata>");
    let page = list(&format!("{}{}{stray}", good(1), lettered_record()));
    let mut bytes = page.into_bytes();
    let at = bytes.windows(5).position(|five| five == "caf\u{E9}".as_bytes()).unwrap() + 3;
    bytes.splice(at..at + 2, [0xE9]);
    let third = "oai:x:3 = <d xmlns=\"d\">café é</d> [encoding]";
    check_bytes(&bytes, None, &[&kept(1), LETTERED, third]);
    check_bytes(&bytes, Some("utf-8"), &[&kept(1), LETTERED, third]);
}

#[test]
fn a_byte_that_means_nothing_sets_its_record_aside() {
    let page = list(&format!("{}{}{}", good(1), record(2, "<metadata><d xmlns=\"d\">~</d></metadata>"), good(3)));
    let mut bytes = page.into_bytes();
    let at = bytes.iter().position(|b| *b == b'~').unwrap();
    bytes[at] = 0x81;
    let line = "oai:x:2 ! a byte (0x81) that no encoding explains";
    let page = check_bytes(&bytes, None, &[&kept(1), &kept(3), line]);
    assert!(page.quarantined[0].text.contains('\u{81}'), "its number is kept");
    // Half a character of Shift JIS.
    let mut bytes = list(&format!("{}{}{}", good(1), good(2).replace(">2</d>", ">~~</d>"), good(3))).into_bytes();
    let at = bytes.iter().position(|b| *b == b'~').unwrap();
    bytes.splice(at..at + 2, [0x81, 0xFF, 0xFF]);
    let page = read_answer(&bytes, None, "ListRecords").unwrap();
    assert_eq!((page.records.len(), page.quarantined.len()), (2, 1));
}

#[test]
fn what_is_set_aside_keeps_the_bytes_that_came_in_every_encoding() {
    let bad = record(2, "<metadata><d xmlns=\"d\">Café – <b:c/></d></metadata>");
    let rest = "<metadata>é</metadata></record>";
    let text = list(&format!("{}{}{rest}{bad}{}", good(1), lettered_record(), good(3)));
    let (declaration, page) = text.split_once("?>").unwrap();
    let latin = format!("{LATIN}{page}");
    let stray = |text: &str| -> Vec<u8> {
        let letters = text.chars().map(|c| if c == 'é' { vec![0xE9] } else { c.to_string().into_bytes() });
        letters.flatten().collect()
    };
    let utf_8 = |text: &str| text.as_bytes().to_vec();
    type Way<'w> = &'w dyn Fn(&str) -> Vec<u8>;
    let ways: [(&str, Way<'_>); 5] = [
        (&text, &utf_8),
        (&latin, &in_windows_1252),
        (&format!("{declaration}?>{page}"), &stray),
        (page.trim_start(), &|text| in_utf_16(text, true)),
        (page.trim_start(), &|text| in_utf_16(text, false)),
    ];
    for (text, way) in ways {
        let read = read_answer(&way(text), None, "ListRecords").unwrap();
        let kept: Vec<&[u8]> = read.quarantined.iter().map(|record| record.bytes()).collect();
        assert_eq!(kept, [way(rest), way(&bad)], "{text}");
        assert_eq!(read.quarantined[1].text, bad);
    }
}

#[test]
fn a_token_with_a_byte_that_means_nothing_is_not_followed() {
    let mut bytes = list(&format!("{}<resumptionToken>a~</resumptionToken>", good(1))).into_bytes();
    let at = bytes.iter().position(|b| *b == b'~').unwrap();
    bytes[at] = 0x90;
    assert!(matches!(read_answer(&bytes, None, "ListRecords"), Err(Error::NotUtf8 { .. })));
}

#[test]
fn a_cut_is_a_cut_in_every_encoding() {
    for whole in [in_utf_16(&lettered(""), false), in_windows_1252(&lettered(LATIN)), in_windows_1252(&lettered(""))] {
        for length in 0..whole.len() {
            let read = read_answer(&whole[..length], None, "ListRecords");
            let error = read.expect_err("a cut answer was taken for a page");
            let is_odd = matches!(error, Error::NotUtf8 { .. } | Error::NotOai { .. });
            assert!(error.may_pass() || is_odd, "cut at {length}: {error}");
        }
    }
}

#[test]
fn bytes_that_are_no_text_are_called_so() {
    let error = read_answer(&[0x89, b'P', b'N', b'G', 0xFF, 0xD8, b'<', 0xE9, b'x'], None, "ListRecords").unwrap_err();
    assert!(matches!(error, Error::NotUtf8 { .. }), "{error}");
}
