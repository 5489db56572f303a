use super::*;
use proptest::prelude::*;

fn check(xml: &str, leader: &str, expected: &[&str], malformed: &[&str]) {
    let reading = read(xml).unwrap();
    assert_eq!(reading.record.leader, leader, "{xml}");
    let fields: Vec<String> = reading.record.fields.iter().map(Field::to_string).collect();
    assert_eq!(fields, expected, "{xml}");
    let said: Vec<String> = reading.malformed.iter().map(Malformed::to_string).collect();
    assert_eq!(said, malformed, "{xml}");
}

const FIELDS: &str = "<leader>00000npcaa2200000 u 4500</leader><controlfield tag='008'> 1 </controlfield>\
                      <datafield tag='245' ind1='1' ind2=' '><subfield code='a'>Tom &amp; J</subfield></datafield>";
const READ: [&str; 2] = ["008  1 ", "245 1# $a Tom & J"];
const LEADER: &str = "00000npcaa2200000 u 4500";

#[test]
fn a_record_is_read_in_any_dress() {
    let marc21 = "http://www.loc.gov/MARC21/slim";
    let prefixed = FIELDS.replace("</", "</marc:").replace('<', "<marc:").replace("<marc:/marc:", "</marc:");
    for xml in [
        format!("<collection xmlns='{marc21}' xmlns:marc='{marc21}'>\n <record>{FIELDS}</record></collection>"),
        format!("<marc:record xmlns:marc='{marc21}'>{prefixed}</marc:record>"),
        format!("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<record>{FIELDS}</record>"),
        format!("<bib><mms_id>9</mms_id><record>{FIELDS}</record></bib>"),
        format!(
            "<record xmlns='http://www.openarchives.org/OAI/2.0/'><metadata><collection xmlns='{marc21}'>\
             <record>{FIELDS}</record></collection></metadata></record>"
        ),
    ] {
        check(&xml, LEADER, &READ, &[]);
    }
}

#[test]
fn broken_parts_are_kept_where_the_record_can_hold_them_and_told_where_not() {
    check(
        "<record><leader>1</leader><datafield tag='65'><subfield code=''>x</subfield><subfield>y</subfield></datafield>\
         <datafield ind1='' ind2='12' tag='049'/>z<leader>2</leader><b>c</b></record>",
        "1",
        &["65 ## $ x $ y", "049 ##"],
        &[
            "an indicator of 049 is ``, which is not one character",
            "an indicator of 049 is `12`, which is not one character",
            "text where MARC has none: z",
            "a second leader: 2",
            "the element <b> is not MARC",
            "text where MARC has none: c",
        ],
    );
}

#[test]
fn what_is_no_record_is_refused() {
    let dc = "<record xmlns='http://alma.exlibrisgroup.com/dc/INST'><title>t</title></record>";
    assert_eq!(read(dc), Err(Error::NoRecord));
    assert_eq!(read("<c><record/><record/></c>"), Err(Error::SeveralRecords));
    assert!(matches!(read("<record><leader>"), Err(Error::Xml(_))));
    let partly = read("<record>x</record>").unwrap().whole();
    assert_eq!(partly, Err(Error::NotWhole(Malformed::StrayText("x".to_owned()))));
}

#[test]
fn records_are_the_same_whatever_the_order_of_fields_and_the_lengths_in_the_leader() {
    let field = |tag: &str, value: &str| Field::Data(DataField::new(tag, "", &[("a", value)]));
    let record = |leader: &str, fields: &[Field]| MarcRecord { leader: leader.to_owned(), fields: fields.to_vec() };
    let one = record(LEADER, &[field("650", "a"), field("650", "b"), field("500", "c")]);
    let other = record("01234npcaa2200123 u 4500", &[field("500", "c"), field("650", "b"), field("650", "a")]);
    assert!(one.says_the_same_as(&other));
    let twice = record(LEADER, &[field("650", "a"), field("650", "a"), field("500", "c")]);
    let once = record(LEADER, &[field("650", "a"), field("500", "c"), field("500", "c")]);
    assert!(!twice.says_the_same_as(&once), "a field that stands twice is not one");
    assert!(!one.says_the_same_as(&record("00000dpcaa2200000 u 4500", &one.fields)));
}

#[test]
fn sorting_keeps_the_order_inside_a_tag() {
    let field = |tag: &str, value: &str| Field::Data(DataField::new(tag, "", &[("a", value)]));
    let fields = vec![field("650", "2"), field("245", "t"), field("650", "1"), Field::control("008", "x")];
    let mut record = MarcRecord { leader: String::new(), fields };
    record.sort();
    let order: Vec<String> = record.fields.iter().map(Field::to_string).collect();
    assert_eq!(order, ["008 x", "245 ## $a t", "650 ## $a 2", "650 ## $a 1"]);
}

#[test]
fn positions_of_a_fixed_field_are_characters_and_never_out_of_it() {
    assert_eq!(with_positions("é23456", 0, "850614").as_deref(), Some("850614"));
    assert_eq!(with_positions("12345", 0, "850614"), None);
    assert_eq!(positions("é2345", 1..3).as_deref(), Some("23"));
    assert_eq!(positions("12", 1..3), None);
}

fn any_record() -> impl Strategy<Value = MarcRecord> {
    let value = "[ -~é\n\t\r]{0,12}";
    let data = ("[0-9]{3}", "[ 0-9&\"<]", "[ 0-9]", prop::collection::vec(("[a-z0-9&]?", value), 0..4));
    let data = data.prop_map(|(tag, ind1, ind2, subfields)| {
        let subfields = subfields.into_iter().map(|(code, value)| Subfield { code, value }).collect();
        let indicator = |text: String| text.chars().next().unwrap();
        Field::Data(DataField { tag, ind1: indicator(ind1), ind2: indicator(ind2), subfields })
    });
    let control = ("00[0-9]", value).prop_map(|(tag, value)| Field::Control { tag, value });
    let fields = prop::collection::vec(prop_oneof![3 => data, 1 => control], 0..6);
    ("[ -~]{0,24}", fields).prop_map(|(leader, fields)| MarcRecord { leader, fields })
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(marc in any_record()) {
        for xml in [record(&marc, Namespace::Marc21), record(&marc, Namespace::None), collection([&marc])] {
            prop_assert_eq!(read(&xml).unwrap().whole().unwrap(), marc.clone(), "{}", xml);
        }
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "(<record>|</record>|<datafield tag='245'>|</datafield>|<subfield code='a'>|</subfield>|<leader>|</leader>|<controlfield/>|x){0,12}") {
        let _ = read(&text);
        let _ = read(&format!("<record>{text}</record>"));
    }
}
