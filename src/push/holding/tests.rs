use super::*;

fn identity(ids: [&str; 4]) -> Identity {
    Identity { ids: ids.map(str::to_owned), ..Identity::default() }
}

fn template(ind1: char, subfields: &[(char, &str)]) -> HoldingTemplate {
    let subfields = subfields.iter().map(|(code, text)| (*code, Template::parse(text).unwrap())).collect();
    HoldingTemplate { ind1, ind2: ' ', subfields }
}

fn plan(template: &HoldingTemplate, ids: [&str; 4]) -> Result<HoldingPlan, Error> {
    template.plan(("SPEC", "mss"), &identity(ids), Suppress::Published, "220403")
}

/// Alma's record of a holding that the old plugin made, and a cataloguer completed.
fn old() -> Holding {
    let text = "<holding><holding_id>22</holding_id><suppress_from_publishing>true</suppress_from_publishing><record>\
        <leader>^^^^^nx^^a22^^^^^1n^4500</leader><controlfield tag='008'>2611212u^^^^8^^^4001uueng0000000</controlfield>\
        <datafield ind1='0' tag='852'><subfield code='b'>SPEC</subfield><subfield code='c'>mss</subfield>\
        <subfield code='h'>MS 1</subfield><subfield code='x'>safe</subfield></datafield>\
        <datafield ind1='4' ind2='1' tag='866'><subfield code='a'>Boxes 1-9</subfield></datafield></record></holding>";
    read_holding(text).unwrap()
}

#[test]
fn a_new_holding_has_the_right_lengths_and_no_carets() {
    let plan = plan(&template('8', &[('h', "MS {id_0}.{id_1}"), ('i', "{id_2}")]), ["7", "2", "", ""]).unwrap();
    let record = new_holding(&plan);
    assert_eq!(record.leader.len(), 24);
    assert_eq!(record.control("008").unwrap().len(), 32);
    assert_eq!(record.control("008"), Some("2204032u    8   4001uueng0000000"));
    assert_eq!(plan.field.to_string(), "852 8# $b SPEC $c mss $h MS 7.2");
    assert!(!holding_body(&record, plan.suppress).contains('^'));
}

#[test]
fn a_holding_that_exists_keeps_what_is_not_ours() {
    let plan = plan(&template('8', &[('h', "MS {id_0}"), ('k', "{id_1}")]), ["7", "f", "", ""]).unwrap();
    let changed = changed_holding(&old(), &plan).unwrap();
    assert_eq!(changed.leader, "     nx  a22     1n 4500");
    let fields: Vec<String> = changed.fields.iter().map(Field::to_string).collect();
    assert_eq!(
        fields,
        ["008 2611212u    8   4001uueng0000000", "852 8# $b SPEC $c mss $h MS 7 $x safe $k f", "866 41 $a Boxes 1-9"]
    );
    let again = Holding { record: changed.clone(), ..old() };
    assert_eq!(changed_holding(&again, &plan).unwrap(), changed, "a second change changes nothing");
}

#[test]
fn a_holding_at_another_place_is_not_changed() {
    let mut plan = plan(&HoldingTemplate::default(), ["7", "", "", ""]).unwrap();
    plan.location = "vault".to_owned();
    let refused = changed_holding(&old(), &plan).unwrap_err().to_string();
    assert_eq!(refused, "the holding 22 has 1 fields 852 for other places than SPEC vault");
}

#[test]
fn templates_that_make_no_right_852_are_refused() {
    let ids = ["7", "", "", ""];
    assert_eq!(plan(&template('9', &[]), ids), Err(Error::Scheme('9')));
    assert_eq!(plan(&template('8', &[('b', "{id_0}")]), ids), Err(Error::Code('b')));
    assert_eq!(plan(&template('8', &[('H', "{id_0}")]), ids), Err(Error::Code('H')));
    assert_eq!(plan(&template('8', &[('h', "{id_1}")]), ids), Err(Error::NoCallNumber("{id_1}".to_owned())));
    let wrong = HoldingTemplate::default().plan(("A", "b"), &identity(ids), Suppress::Published, "2022-04-03");
    assert_eq!(wrong, Err(Error::Entered("2022-04-03".to_owned())));
}

#[test]
fn what_alma_says_of_a_holding_is_read() {
    let holding = old();
    assert_eq!((holding.holding_id.as_str(), holding.suppress), ("22", Some(Suppress::Suppressed)));
    assert_eq!(holding.place(), Some(("SPEC", "mss")));
    assert_eq!(read_holding("<holding><record/></holding>"), Err(Error::NotAHolding));
    let none = read_holding("<holding><holding_id>1</holding_id></holding>").unwrap_err().to_string();
    assert_eq!(none, "the record of the holding 1 cannot be read");
}
