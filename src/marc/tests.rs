use super::*;
use proptest::prelude::*;

/// The record in the lines that librarians write: `245 10 $aTitle`.
fn lines(marc: &Marc) -> Vec<String> {
    let mut lines = vec![format!("LDR {}", marc.leader)];
    lines.extend(marc.controlfields.iter().map(|(tag, value)| format!("{tag} {value}")));
    for field in &marc.datafields {
        let subfields: String = field.subfields.iter().map(|(code, value)| format!("${code}{value}")).collect();
        lines.push(format!("{} {}{} {subfields}", field.tag, field.ind1, field.ind2));
    }
    lines
}

fn check(xml: &str, expected: &[&str], problems: &[&str]) {
    assert!(is_marc(xml), "{xml}");
    let marc = read(xml).unwrap();
    assert_eq!(lines(&marc), expected, "{xml}");
    assert_eq!(marc.problems, problems, "{xml}");
}

fn field(tag: &str, subfields: &str) -> String {
    format!("<datafield tag='{tag}' ind1=' ' ind2='1'>{subfields}</datafield>")
}

#[test]
fn a_record_is_read_in_its_own_order_and_untrimmed() {
    check(
        "<record xmlns='http://www.loc.gov/MARC21/slim'>\n  <leader>01322ntm a2200337 u 4500</leader>\n\
         <datafield tag='245' ind1='1' ind2='0'><subfield code='a'>Tom &amp; Jerry /</subfield>\
         <subfield code='c'/></datafield><controlfield tag='008'>  181023m  </controlfield>\
         <controlfield tag='001'>991</controlfield></record>",
        &["LDR 01322ntm a2200337 u 4500", "008   181023m  ", "001 991", "245 10 $aTom & Jerry /$c"],
        &[],
    );
}

#[test]
fn any_prefix_no_namespace_and_any_wrapper_will_do() {
    check("<collection><record><leader>00000nam</leader></record></collection>", &["LDR 00000nam"], &[]);
    check(
        "<marc:record xmlns:marc='http://www.loc.gov/MARC21/slim'><marc:leader>1</marc:leader>\
         <marc:datafield tag='035' ind1=' ' ind2=' '><marc:subfield code='a'>x</marc:subfield></marc:datafield>\
         </marc:record>",
        &["LDR 1", "035    $ax"],
        &[],
    );
}

#[test]
fn what_is_broken_is_told_and_the_rest_is_read() {
    let record = format!(
        "<record><leader>1</leader><datafield ind1=' ' ind2=' '><subfield code='a'>lost</subfield></datafield>\
         <datafield tag='500' ind1='' ind2='10'><subfield>x</subfield>y<b>z</b></datafield>\
         <controlfield>0</controlfield>{}<leader>2</leader></record>",
        field("245", "<subfield code='a'>T</subfield>")
    );
    check(
        &record,
        &["LDR 1", "500  1 ", "245  1 $aT"],
        &[
            "a datafield without tag: $a lost",
            "a broken indicator: ``",
            "a broken indicator: `10`",
            "a subfield with the code ``: x",
            "stray text: y",
            "the element b is not MARC",
            "stray text: z",
            "a controlfield without tag: 0",
            "stray text: 2",
        ],
    );
}

#[test]
fn two_records_or_none_are_an_error() {
    assert_eq!(read("<c><record><leader>1</leader></record><record/></c>"), Err(Error::SeveralRecords));
    assert_eq!(read("<c/>"), Err(Error::NoRecord));
    assert!(matches!(read("<record><leader>1</leader>"), Err(Error::Xml(_))));
}

#[test]
fn dublin_core_that_speaks_of_leaders_is_not_marc() {
    let dc =
        "<a xmlns:dc='http://purl.org/dc/elements/1.1/'><record><dc:title>datafield, leader</dc:title></record></a>";
    assert!(!is_marc(dc));
    assert!(!is_marc("<record><title>x</title></record>"));
    assert!(!is_marc("<leader"));
}

#[test]
fn leader_05_d_is_suppressed() {
    let check = |leader: &str, expected: bool| {
        let record = format!("<record><leader>{leader}</leader></record>");
        assert_eq!(read(&record).unwrap().suppressed(), expected, "{leader}");
    };
    check("01322dtm a2200337 u 4500", true);
    check("01322ntm a2200337 u 4500", false);
    check("d", false);
}

#[test]
fn the_title_is_245_a_and_b_without_the_last_punctuation() {
    let check = |subfields: &str, expected: Option<&str>| {
        let record = format!("<record><leader>1</leader>{}</record>", field("245", subfields));
        assert_eq!(read(&record).unwrap().title().as_deref(), expected, "{subfields}");
    };
    check("<subfield code='a'>Sunset :</subfield><subfield code='b'>a view /</subfield>", Some("Sunset : a view"));
    check("<subfield code='c'>by him</subfield>", None);
    check("", None);
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in "(<record>|</record>|<datafield tag='245'>|</datafield>|<subfield code='a'>|</subfield>|<leader/>|x|&amp;){0,12}") {
        let _ = (is_marc(&text), read(&text));
        let _ = read(&format!("<record>{text}</record>"));
    }
}
