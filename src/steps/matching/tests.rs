use super::*;
use proptest::prelude::*;

const ALL: [Place; 5] = [Place::DcIdentifier, Place::Marc035, Place::Avd, Place::DeliveryLink, Place::MmsMap];

fn rules(places: &[Place]) -> Rules {
    let ie = |text: &str| IePid::parse(text).unwrap();
    Rules {
        repository: RepositoryIdentifier::parse("d4I1-pubam").unwrap(),
        places: places.to_vec(),
        delivery_host: Some("rosetta.example.org".to_owned()),
        mms_map: Arc::new(HashMap::from([("991".to_owned(), vec![ie("IE7"), ie("IE8"), ie("IE7")])])),
    }
}

fn dc(identifiers: &[&str]) -> String {
    let elements: String = identifiers.iter().map(|text| format!("<dc:identifier>{text}</dc:identifier>\n")).collect();
    format!(
        "<oai_dc:dc xmlns:oai_dc='http://www.openarchives.org/OAI/2.0/oai_dc/' \
         xmlns:dc='http://purl.org/dc/elements/1.1/'><dc:title> Sunset </dc:title>{elements}</oai_dc:dc>"
    )
}

/// Each line is `035 $a…`.
fn marc(lines: &[&str]) -> String {
    let fields: String = lines
        .iter()
        .map(|line| {
            let (tag, subfields) = line.split_once(" $").unwrap();
            let subfields: String = subfields
                .split(" $")
                .map(|part| format!("<subfield code='{}'>{}</subfield>", &part[..1], &part[1..]))
                .collect();
            format!("<datafield tag='{tag}' ind1=' ' ind2=' '>{subfields}</datafield>")
        })
        .collect();
    format!("<record xmlns='http://www.loc.gov/MARC21/slim'><leader>01322ntm a22</leader>{fields}</record>")
}

/// `IE at place` of each find, with all places allowed and the MMS ID 991.
fn check(metadata: &str, expected: &[&str]) {
    check_places(metadata, &ALL, expected);
}

fn check_places(metadata: &str, places: &[Place], expected: &[&str]) {
    let mms = MmsId::parse("991").unwrap();
    let looked = look(metadata, Some(&mms), &rules(places)).unwrap();
    let found: Vec<String> = looked.evidence.iter().map(|found| format!("{} at {}", found.ie, found.place)).collect();
    assert_eq!(found, expected, "{metadata}");
}

const ONLY_CITATIONS: [Place; 3] = [Place::DcIdentifier, Place::Marc035, Place::Avd];

#[test]
fn of_the_three_identifiers_that_alma_adds_the_oai_identifier_is_the_match() {
    let metadata = dc(&[
        "(OCoLC)12345",
        "oai:d4I1-pubam:IE66796195",
        "alma_9912345678901234",
        "https://rosetta.example.org/delivery/DeliveryManagerServlet?dps_pid=IE66796195",
    ]);
    check(&metadata, &["IE66796195 at dc:identifier"]);
    let looked = look(&metadata, None, &rules(&ALL)).unwrap();
    assert_eq!(looked.evidence[0].text, "oai:d4I1-pubam:IE66796195");
    assert_eq!((looked.title.as_deref(), looked.suppressed), (Some("Sunset"), false));
}

#[test]
fn a_bib_with_several_ies_cites_each() {
    check(&dc(&["oai:d4I1-pubam:IE2", "x", "oai:d4I1-pubam:IE1"]), &["IE2 at dc:identifier", "IE1 at dc:identifier"]);
}

#[test]
fn the_same_ie_twice_is_one_match() {
    check(&dc(&["oai:d4I1-pubam:IE1", " oai:d4I1-pubam:IE1\n"]), &["IE1 at dc:identifier"]);
    check(&marc(&["AVD $boai:d4I1-pubam:IE1", "035 $aoai:d4I1-pubam:IE1"]), &["IE1 at 035"]);
}

#[test]
fn only_a_whole_value_of_this_repository_is_a_citation() {
    for text in [
        "oai:d4I1-pubam:66796195",
        "OAI:d4I1-pubam:IE1",
        "oai:D4I1-PUBAM:IE1",
        "see oai:d4I1-pubam:IE1",
        "oai:d4I1-pubam:IE1 (old)",
        "oai:other:IE1",
        "(a)(b)oai:d4I1-pubam:IE1",
        "(oai:d4I1-pubam:IE1",
        "IE1",
    ] {
        check_places(&dc(&[text]), &ONLY_CITATIONS, &[]);
        check_places(&marc(&[&format!("035 $a{text}")]), &ONLY_CITATIONS, &[]);
    }
    check_places(&dc(&["(ROS) oai:d4I1-pubam:IE1"]), &ONLY_CITATIONS, &["IE1 at dc:identifier"]);
}

#[test]
fn a_reference_inside_an_identifier_does_not_cut_it() {
    check_places(&dc(&["oai:d4I1-pubam:IE1&amp;2"]), &ONLY_CITATIONS, &[]);
    check_places(&dc(&["oai&#58;d4I1-pubam:IE12"]), &ONLY_CITATIONS, &["IE12 at dc:identifier"]);
}

#[test]
fn any_dc_identifier_at_any_depth_counts_and_no_other() {
    let wrapped = "<a xmlns:t='http://purl.org/dc/terms/'><record><t:identifier>oai:d4I1-pubam:IE1</t:identifier>\
                   <identifier>oai:d4I1-pubam:IE2</identifier><t:relation>oai:d4I1-pubam:IE3</t:relation></record></a>";
    check(wrapped, &["IE1 at dc:identifier"]);
}

#[test]
fn marc_cites_in_035_a_and_in_any_subfield_of_avd() {
    let record = marc(&[
        "AVD $a01X $roai:d4I1-pubam:IE3",
        "035 $zoai:d4I1-pubam:IE9",
        "035 $aoai:d4I1-pubam:IE1 $a(ROS)oai:d4I1-pubam:IE2",
        "500 $aoai:d4I1-pubam:IE9",
        "245 $aSunset /",
    ]);
    check(&record, &["IE1 at 035", "IE2 at 035", "IE3 at AVD"]);
    assert_eq!(look(&record, None, &rules(&ALL)).unwrap().title.as_deref(), Some("Sunset"));
    let suppressed = record.replace("01322ntm", "01322dtm");
    assert!(look(&suppressed, None, &rules(&ALL)).unwrap().suppressed);
}

#[test]
fn a_delivery_link_counts_only_without_a_citation_and_only_on_our_host() {
    let link = |text: &str| format!("856 $u{text}");
    let found = |text: &str| check_places(&marc(&[&link(text)]), &[Place::DeliveryLink], &["IE5 at delivery-link"]);
    found("https://rosetta.example.org/delivery/DeliveryManagerServlet?dps_pid=IE5");
    found("HTTP://Rosetta.Example.org:1801/delivery?a=b&amp;dps_pid=IE5&amp;dps_func=thumbnail");
    found("https://rosetta.example.org?a=b&amp;amp;dps_pid=IE5#x");
    let not_found = |text: &str| check_places(&marc(&[&link(text)]), &[Place::DeliveryLink], &[]);
    // A link of Alma's own viewer, from BIG: the number is a representation of Alma.
    not_found("https://rosetta.example.org/delivery/DeliveryManagerServlet?dps_pid=12335179980001791");
    not_found("https://rosetta.example.org/delivery?dps_pid=FL5");
    not_found("https://rosetta.example.org/delivery?dps_pid=IE5x");
    not_found("https://rosetta.example.org/delivery?xdps_pid=IE5");
    not_found("https://rosetta.example.org@evil.org/delivery?dps_pid=IE5");
    not_found("https://rosetta.example.org.evil.org/delivery?dps_pid=IE5");
    not_found("dps_pid=IE5");
    let both = ["035 $aoai:d4I1-pubam:IE1", "AVD $hhttps://rosetta.example.org/?dps_pid=IE5"];
    check(&marc(&both), &["IE1 at 035"]);
    check(&marc(&both[1..]), &["IE5 at delivery-link"]);
    check(&dc(&["https://rosetta.example.org/?dps_pid=IE5"]), &["IE5 at delivery-link"]);
}

#[test]
fn the_mms_map_is_asked_last() {
    check(&dc(&["ISBN"]), &["IE7 at mms-map", "IE8 at mms-map"]);
    check(&dc(&["oai:d4I1-pubam:IE1"]), &["IE1 at dc:identifier"]);
    assert!(look(&dc(&[]), None, &rules(&ALL)).unwrap().evidence.is_empty());
}

#[test]
fn places_that_the_profile_does_not_list_are_not_looked_at() {
    let record = marc(&[
        "035 $aoai:d4I1-pubam:IE1",
        "AVD $hoai:d4I1-pubam:IE2",
        "856 $uhttps://rosetta.example.org/?dps_pid=IE3",
    ]);
    check_places(&record, &[Place::Avd], &["IE2 at AVD"]);
    check_places(&record, &[Place::DcIdentifier], &[]);
    check_places(&dc(&["oai:d4I1-pubam:IE1"]), &[Place::Marc035], &[]);
}

#[test]
fn a_record_that_cannot_be_read_is_an_error_and_still_shows_its_citations() {
    let broken = "<a><dc:identifier>oai:d4I1-pubam:IE12</dc:identifier>\u{1} oai:d4I1-pubam:IE oai:d4I1-pubam:IE12,oai:d4I1-pubam:IE3";
    assert!(look(broken, None, &rules(&ALL)).is_err());
    let found: Vec<String> = scan_unreadable(broken.as_bytes(), &rules(&[]))
        .into_iter()
        .map(|found| format!("{} {}", found.ie, found.text))
        .collect();
    assert_eq!(found, ["IE12 oai:d4I1-pubam:IE12", "IE3 oai:d4I1-pubam:IE3"]);
    assert!(scan_unreadable(b"\xff\xfe", &rules(&ALL)).is_empty());
}

proptest! {
    #[test]
    fn no_value_makes_the_readers_panic(value in "[a-z:/?&;=()@#IE0-9é]{0,40}", bytes in any::<Vec<u8>>()) {
        let rules = rules(&ALL);
        let _ = (ie_cited_in(&value, &rules.repository), delivered_by(&format!("http://{value}"), "x"));
        let _ = scan_unreadable(&bytes, &rules);
    }
}
