use super::*;
use crate::model::dc::DCTERMS;
use proptest::prelude::*;

const NAMESPACES: &str = "xmlns:dc='http://purl.org/dc/elements/1.1/' xmlns:dcterms='http://purl.org/dc/terms/' \
    xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance' xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/'";

/// `key=value` of each field that a feed shows; `@` in the text stands for the usual declarations.
fn check(xml: &str, expected: &[&str]) {
    let dc = read_anywhere(&xml.replace('@', NAMESPACES)).unwrap();
    let fields: Vec<String> = dc.fields.iter().map(|field| format!("{}={}", field.key(), field.value)).collect();
    assert_eq!(fields, expected, "{xml}");
}

fn check_misfits(xml: &str, fields: usize, expected: &[&str]) {
    let read = read_record(&xml.replace('@', NAMESPACES)).unwrap();
    assert_eq!(read.misfits, expected, "{xml}");
    assert_eq!(read.dc.fields.len(), fields, "{xml}");
}

fn field(element: &str, value: &str) -> Field {
    Field {
        vocabulary: Vocabulary::Dc,
        element: element.to_owned(),
        xsi_type: None,
        lang: None,
        attributes: Vec::new(),
        value: value.to_owned(),
    }
}

#[test]
fn values_stay_as_sent_and_in_order() {
    check(
        "<oai_dc:dc @ xsi:schemaLocation='a b'>\n<dc:title> Sunset\n at  Montmajour </dc:title><dc:date/>\
         <dc:creator>B</dc:creator></oai_dc:dc>",
        &["dc:title= Sunset\n at  Montmajour ", "dc:date=", "dc:creator=B"],
    );
}

#[test]
fn a_reference_does_not_split_a_value() {
    check(
        "<dc:record @><dc:source>Tom &amp; Jerry &lt;3 &#x2014;<![CDATA[ R&D]]> end</dc:source></dc:record>",
        &["dc:source=Tom & Jerry <3 — R&D end"],
    );
}

#[test]
fn a_self_closed_element_is_an_empty_field_and_not_the_end() {
    check("<oai_dc:dc @><dc:title/><dc:date>1888</dc:date></oai_dc:dc>", &["dc:title=", "dc:date=1888"]);
    check("<oai_dc:dc @/>", &[]);
    check("<dc:record @/>", &[]);
}

#[test]
fn a_record_without_namespace_inside_the_metadata_is_only_a_wrapper() {
    // The shape of State Library Victoria's Rosetta, harvested in 2021.
    check(
        "<oai_dc:dc @><record xmlns='' xmlns:slv='http://slv'><dc:issued content='metadata update'>2020</dc:issued>\
         <dc:identifier type='voyagerBibId'>3824145</dc:identifier><slv:fileName>a.tif</slv:fileName><slv:x/>\
         </record></oai_dc:dc>",
        &["dc:issued=2020", "dc:identifier=3824145", "{http://slv}fileName=a.tif"],
    );
}

#[test]
fn attributes_are_kept_but_declarations_are_not() {
    let xml =
        "<r @><dc:title xml:lang='en' xsi:type='dcterms:URI' type='x' oai_dc:y='&amp;' xmlns:z='z'>T</dc:title></r>";
    let dc = read_anywhere(&xml.replace('@', NAMESPACES)).unwrap();
    let attribute = |namespace: &str, name: &str, value: &str| Attribute {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        value: value.to_owned(),
    };
    let expected = Field {
        xsi_type: Some(XsiType::Name(Vocabulary::Dcterms, "URI".to_owned())),
        lang: Some("en".to_owned()),
        attributes: vec![
            attribute("", "type", "x"),
            attribute("http://www.openarchives.org/OAI/2.0/oai_dc/", "y", "&"),
        ],
        ..field("title", "T")
    };
    assert_eq!(dc.fields, [expected]);
}

#[test]
fn an_xsi_type_is_resolved_by_its_prefix() {
    check(
        "<r xmlns='http://www.openarchives.org/OAI/2.0/' @ xmlns:q='http://purl.org/dc/terms/'>\
         <dc:a xsi:type='q:LCSH'>1</dc:a><dc:b xsi:type='PID'>2</dc:b><dc:c xsi:type=' hbz:hbzId'>3</dc:c></r>",
        &["dc:a@dcterms:LCSH=1", "dc:b@PID=2", "dc:c@hbz:hbzId=3"],
    );
    check("<r xmlns='http://purl.org/dc/terms/' @><dc:a xsi:type='URI'>1</dc:a></r>", &["dc:a@dcterms:URI=1"]);
}

#[test]
fn any_prefix_and_depth_will_do() {
    check(
        "<a xmlns:b='http://purl.org/dc/terms/1.1/'><c><d><b:issued>1888</b:issued></d></c></a>",
        &["dcterms:issued=1888"],
    );
    check("<title xmlns='http://purl.org/dc/elements/1.1/'>T</title>", &["dc:title=T"]);
}

#[test]
fn text_beside_child_elements_is_not_lost() {
    check("<r @><dc:description>Oil <i>on</i> canvas</dc:description></r>", &["i=on", "dc:description=Oil  canvas"]);
}

#[test]
fn a_record_cut_anywhere_is_refused() {
    let whole =
        "<oai_dc:dc @>\n<dc:title xml:lang='en'>A &amp; B</dc:title><dc:date/></oai_dc:dc>".replace('@', NAMESPACES);
    for end in 0..whole.len() {
        assert!(read_anywhere(&whole[..end]).is_err() && read_record(&whole[..end]).is_err(), "{}", &whole[..end]);
    }
}

#[test]
fn a_flat_record_has_no_misfits() {
    check_misfits("<dc:record @><!-- x --><dc:title>T</dc:title>\n<dcterms:issued/><?p?></dc:record>", 2, &[]);
    check_misfits("<dc:record @/>", 0, &[]);
}

#[test]
fn what_a_flat_record_cannot_hold_is_said() {
    check_misfits("<record><title>T</title></record>", 1, &["the root element is record, not dc:record"]);
    check_misfits(
        "<oai_dc:dc @/>",
        0,
        &["the root element is {http://www.openarchives.org/OAI/2.0/oai_dc/}dc, not dc:record"],
    );
    check_misfits(
        "<dc:record xmlns:dc='http://purl.org/dc/terms/'/>",
        0,
        &["the root element is dcterms:record, not dc:record"],
    );
    check_misfits("<dc:record @><dc:title>a <i>b</i></dc:title></dc:record>", 1, &["the element i inside dc:title"]);
    check_misfits("<dc:record @>stray<dc:title/></dc:record>", 1, &["text outside of the fields: stray"]);
    check_misfits(
        "<dc:record @ xml:lang='en' x='1'/>",
        0,
        &["xml:lang=\"en\" on the root element", "the attribute x=\"1\" on the root element"],
    );
}

#[test]
fn a_written_record_is_one_field_a_line() {
    let mut typed = field("identifier", "a<b>&\"c\"]]>");
    typed.xsi_type = Some(XsiType::Name(Vocabulary::Dcterms, "URI".to_owned()));
    typed.lang = Some("e\"n".to_owned());
    let mut foreign = field("role", "");
    foreign.vocabulary = Vocabulary::Other("http://www.loc.gov/marc/relators/".to_owned());
    let dc = Dc { fields: vec![typed, foreign] };
    let expected = format!(
        "<dc:record xmlns:dc=\"{DC}\" xmlns:dcterms=\"{DCTERMS}\" xmlns:xsi=\"{XSI}\" \
         xmlns:ns1=\"http://www.loc.gov/marc/relators/\">\n  \
         <dc:identifier xsi:type=\"dcterms:URI\" xml:lang=\"e&quot;n\">a&lt;b&gt;&amp;\"c\"]]&gt;</dc:identifier>\n  \
         <ns1:role/>\n</dc:record>"
    );
    assert_eq!(write_record(&dc), expected);
}

/// Any text that XML can hold, with more than its share of what is special.
pub(crate) fn xml_text() -> impl Strategy<Value = String> {
    let special =
        prop::sample::select(vec!["]]>", "\r", "\r\n", "\n", "\t", "&amp;", "<", "\"", "'", " ", "\u{10FFFF}", "é"]);
    let piece = prop_oneof![special.prop_map(str::to_owned), any::<String>()];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| pieces.concat().replace(|c| !xml::is_xml_character(c), ""))
}

fn any_vocabulary() -> impl Strategy<Value = Vocabulary> {
    let uri = prop::sample::select(vec![DC, DCTERMS, "", "http://www.loc.gov/mods/v3", "urn:a&b \"<\n", XSI]);
    uri.prop_map(Vocabulary::of)
}

fn any_field() -> impl Strategy<Value = Field> {
    let name = "[a-zA-Z_][a-zA-Z0-9._-]{0,6}";
    let xsi_type = prop_oneof![
        Just(None),
        (any_vocabulary(), name).prop_map(|(vocabulary, name)| Some(XsiType::Name(vocabulary, name))),
        "(zz|ns1|ns2):[a-z]{1,5}".prop_map(|text| Some(XsiType::Undeclared(text))),
    ];
    let attribute = prop_oneof![
        Just(Vec::new()),
        (any_vocabulary(), name, xml_text()).prop_map(|(vocabulary, name, value)| {
            vec![Attribute { namespace: vocabulary.uri().to_owned(), name: format!("a{name}"), value }]
        })
    ];
    (any_vocabulary(), name, xsi_type, prop::option::of(xml_text()), attribute, xml_text()).prop_map(
        |(vocabulary, element, xsi_type, lang, attributes, value)| Field {
            vocabulary,
            element,
            xsi_type,
            lang,
            attributes,
            value,
        },
    )
}

pub(crate) fn any_dc() -> impl Strategy<Value = Dc> {
    prop::collection::vec(any_field(), 0..6).prop_map(|fields| Dc { fields })
}

proptest! {
    #[test]
    fn writing_and_reading_is_identity(dc in any_dc()) {
        let read = read_record(&write_record(&dc)).unwrap();
        prop_assert_eq!(read, RecordRead { dc, misfits: Vec::new() });
    }
}
