use super::*;
use crate::dc_xml::tests::{any_dc, xml_text};
use crate::model::dc::{Field, Vocabulary, XsiType};
use crate::model::outcome::Hold;
use proptest::prelude::*;

fn field(vocabulary: Vocabulary, element: &str, value: &str) -> Field {
    Field {
        vocabulary,
        element: element.to_owned(),
        xsi_type: None,
        lang: None,
        attributes: Vec::new(),
        value: value.to_owned(),
    }
}

fn title(value: &str) -> Field {
    field(Vocabulary::Dc, "title", value)
}

fn check(fields: Vec<Field>, expected: &[&str]) {
    let current = Dc { fields: vec![title("Old")] };
    let said: Vec<String> = holds(&Dc { fields }, Some(&current), 10).iter().map(Hold::detail).collect();
    assert_eq!(said, expected);
}

fn check_read(children: &str, expected: Result<Vec<Part>, Error>) {
    let file = format!("<updateMD xmlns='urn:any'>{children}</updateMD>");
    assert_eq!(read(&file).map(|read| read.parts), expected, "{file}");
}

fn part(kind: PartKind, sub_type: &str, mid: Option<&str>, content: &str) -> Part {
    Part { kind, sub_type: sub_type.to_owned(), mid: mid.map(str::to_owned), content: content.to_owned() }
}

#[test]
fn the_file_has_the_shape_that_rosettas_job_takes() {
    let ie = IePid::parse("IE1234").unwrap();
    let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
        <updateMD xmlns=\"http://com/exlibris/digitool/repository/api/xmlbeans\">\n  <PID>IE1234</PID>\n  <metadata>\n    \
        <type>descriptive</type>\n    <subType>dc</subType>\n    <content><![CDATA[<dc:record \
        xmlns:dc=\"http://purl.org/dc/elements/1.1/\" xmlns:dcterms=\"http://purl.org/dc/terms/\" \
        xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">\n  <dc:title>a]]&gt;b &amp; c</dc:title>\n\
        </dc:record>]]></content>\n  </metadata>\n</updateMD>\n";
    assert_eq!(write(&ie, &Dc { fields: vec![title("a]]>b & c")] }), expected);
}

#[test]
fn any_namespace_order_and_way_of_quoting_is_read() {
    check_read(
        "<metadata><content> <![CDATA[<a>]]]]><![CDATA[></a>]]>\n</content><subtype> dc </subtype><type>descriptive</type>\
         </metadata><PID> IE1\n</PID>",
        Ok(vec![part(PartKind::Descriptive, "dc", None, "<a>]]></a>")]),
    );
    check_read(
        "<PID>IE1</PID><metadata><mid>1436</mid><type>source</type><subType>mods</subType>\
         <content>&lt;m&gt;R&amp;amp;D&lt;/m&gt;</content></metadata>",
        Ok(vec![part(PartKind::Source, "mods", Some("1436"), "<m>R&amp;D</m>")]),
    );
}

#[test]
fn what_is_missing_or_twice_is_an_error() {
    let part = "<metadata><type>descriptive</type><subType>dc</subType><content/></metadata>";
    check_read(part, Err(Error::Missing("PID")));
    check_read("<PID>IE1</PID>", Err(Error::Missing("metadata")));
    check_read(&format!("<PID>IE1</PID><PID>IE2</PID>{part}"), Err(Error::Repeated("PID")));
    check_read(&format!("<PID>1</PID>{part}"), Err(Error::Pid(InvalidId::IePid("1".to_owned()))));
    let with = |from: &str, to: &str| format!("<PID>IE1</PID>{}", part.replace(from, to));
    check_read(&with("descriptive", "Dc"), Err(Error::UnknownType("Dc".to_owned())));
    check_read(&with("<subType>dc</subType>", ""), Err(Error::Missing("subType")));
    check_read(&with("<content/>", "<content><a/></content>"), Err(Error::ContentNotText));
    assert_eq!(read("<OAI-PMH/>"), Err(Error::NotUpdateMd("OAI-PMH".to_owned())));
    assert!(matches!(read("<updateMD><PID>IE1</PID>"), Err(Error::Xml(_))));
}

#[test]
fn two_descriptive_records_are_not_one() {
    let part = part(PartKind::Descriptive, "dc", None, "<a/>");
    let file = UpdateMd { pid: IePid::parse("IE1").unwrap(), parts: vec![part.clone(), part] };
    assert_eq!(file.dc(), Err(Error::SeveralDescriptive));
}

#[test]
fn an_ordinary_record_is_not_held() {
    let mut typed = field(Vocabulary::Dcterms, "isPartOf", "1234567890");
    typed.xsi_type = Some(XsiType::Name(Vocabulary::Other(String::new()), "PID".to_owned()));
    let guest = field(Vocabulary::Other("http://www.loc.gov/mods/v3".to_owned()), "note", "x");
    check(vec![title("T"), typed, guest, field(Vocabulary::Dc, "date", "")], &[]);
}

#[test]
fn an_empty_record_and_a_lost_title_are_held() {
    check(vec![title(" "), field(Vocabulary::Dc, "date", "")], &["the transformed record is empty"]);
    check(vec![field(Vocabulary::Dc, "date", "1888")], &["Rosetta's record has a title, the new one has none"]);
    let untitled = Dc { fields: vec![field(Vocabulary::Dc, "date", "1888")] };
    assert_eq!((holds(&untitled, None, 0), holds(&untitled, Some(&untitled), 0)), (vec![], vec![]));
}

#[test]
fn an_element_that_nobody_defines_is_held_with_what_was_meant() {
    let none = || Vocabulary::Other(String::new());
    let check = |vocabulary: Vocabulary, element: &str, expected: &str| {
        check(vec![title("T"), field(vocabulary.clone(), element, "x"), field(vocabulary, element, "y")], &[expected]);
    };
    check(Vocabulary::Dc, "Title", "dc:Title is not a DC element; dc:title is");
    check(Vocabulary::Dc, "isPartof", "dc:isPartof is not a DC element; dcterms:isPartOf is");
    check(
        Vocabulary::Dcterms,
        "tableofcontents",
        "dcterms:tableofcontents is not a DC element; dcterms:tableOfContents is",
    );
    check(Vocabulary::Dc, "tilte", "dc:tilte is neither a DC nor a DC terms element");
    check(none(), "date", "date is not a DC element; dc:date is");
    check(
        Vocabulary::of("https://purl.org/dc/terms"),
        "issued",
        "{https://purl.org/dc/terms}issued is not a DC element; dcterms:issued is",
    );
    check(Vocabulary::of("http://slv"), "title", "{http://slv}title is neither a DC nor a DC terms element");
}

#[test]
fn what_xml_or_rosetta_cannot_take_is_held() {
    let mut bad = title("a\u{1}b");
    bad.xsi_type = Some(XsiType::Undeclared("hbz:hbzId".to_owned()));
    check(
        vec![bad],
        &[
            "dc:title@hbz:hbzId holds the character U+0001, which XML cannot carry",
            "dc:title has xsi:type=\"hbz:hbzId\", whose prefix is not declared",
        ],
    );
    check(vec![title("ééééé")], &[]);
    check(vec![title("éééééx")], &["dc:title has 11 bytes, this Rosetta takes 10"]);
    assert!(holds(&Dc { fields: vec![title(&"x".repeat(100_000))] }, None, 0).is_empty());
}

proptest! {
    #[test]
    fn writing_and_reading_is_identity(number in 0u64.., dc in any_dc(), value in xml_text()) {
        let ie = IePid::parse(&format!("IE{number}")).unwrap();
        let dc = Dc { fields: [dc.fields, vec![title(&value)]].concat() };
        let read = read(&write(&ie, &dc)).unwrap();
        prop_assert_eq!(&read.pid, &ie);
        prop_assert_eq!(read.dc().unwrap(), Some(RecordRead { dc, misfits: Vec::new() }));
    }
}
