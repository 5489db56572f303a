use super::*;
use crate::push::in_words::Coded;
use crate::push::marc::DataField;
use crate::push::marc::{Field, MarcRecord};

fn place() -> Place {
    Place::parse("SPEC mss").unwrap()
}

fn id(text: &str) -> HoldingId {
    HoldingId::parse(text).unwrap()
}

/// A holding at the place with a call number.
fn image(call_number: &str) -> Box<HoldingImage> {
    let field = DataField::new("852", "8 ", &[("b", "SPEC"), ("c", "mss"), ("h", call_number)]);
    let fields = vec![Field::control("008", "2211222u    8   4001uueng0000000"), Field::Data(field)];
    Box::new(HoldingImage {
        suppress: Some(Suppress::Published),
        record: MarcRecord { leader: "     nx  a22     1n 4500".to_owned(), fields },
    })
}

/// The outcome and the codes of the reasons.
fn check(present: Present, base: Option<&str>, hold: HoldPolicy, expected: &str) {
    let identity = Identity { ids: ["MS 7", "", "", ""].map(str::to_owned), ..Identity::default() };
    let template = HoldingTemplate::default();
    let making = Making { template: &template, identity: &identity, hold };
    let writings: Vec<Writing> = base.map(|text| Writing { before: None, after: *image(text) }).into_iter().collect();
    let step = plan_holding(&place(), present.clone(), &writings, making);
    let told = match &step {
        HoldingStep::Unchanged(_) => "unchanged".to_owned(),
        HoldingStep::Create(_) => "create".to_owned(),
        HoldingStep::Update { .. } => "update".to_owned(),
        HoldingStep::Held { reasons, draft, .. } => {
            let codes: Vec<&str> = reasons.iter().map(ShelfReason::code).collect();
            format!("held {}{}", codes.join(" "), if draft.is_some() { "" } else { ", for good" })
        }
    };
    assert_eq!(told, expected, "{present:?} {base:?} {hold:?}");
}

#[test]
fn what_is_there_decides() {
    let one = |call_number: &str| Present::One(id("22"), image(call_number));
    check(Present::Nothing, None, HoldPolicy::Risky, "create");
    check(Present::Nothing, None, HoldPolicy::Everything, "held every-change");
    check(Present::Gone(id("22")), None, HoldPolicy::Nothing, "held holding-gone");
    check(Present::Unread(id("22")), None, HoldPolicy::Everything, "unchanged");
    check(one("MS 7"), None, HoldPolicy::Everything, "unchanged");
    check(one("MS 1"), None, HoldPolicy::Nothing, "held holding-not-ours");
    check(one("MS 1"), Some("MS 1"), HoldPolicy::Risky, "update");
    check(one("MS 1"), Some("MS 0"), HoldPolicy::Risky, "held holding-changed");
    check(one("MS 1"), Some("MS 0"), HoldPolicy::Nothing, "update");
    check(one("MS 1"), Some("MS 1"), HoldPolicy::Everything, "held every-change");
    check(Present::Several(vec![id("22"), id("23")]), None, HoldPolicy::Nothing, "held several-holdings, for good");
    check(Present::NotWhole(id("22"), "x".to_owned()), None, HoldPolicy::Nothing, "held not-whole, for good");
}

#[test]
fn a_resource_without_a_call_number_gets_no_holding() {
    let template = HoldingTemplate::default();
    let making = Making { template: &template, identity: &Identity::default(), hold: HoldPolicy::Nothing };
    let HoldingStep::Held { reasons, draft: None, .. } = plan_holding(&place(), Present::Nothing, &[], making) else {
        panic!("a holding without a call number");
    };
    assert_eq!(reasons[0].code(), "call-number");
}

#[test]
fn offered_is_what_the_bib_does_not_have_yet() {
    let line = |library: &str, location: &str| HoldingLine {
        id: id("22"),
        library: library.to_owned(),
        location: location.to_owned(),
        call_number: None,
        suppressed: None,
    };
    let places = [place(), Place::parse("SPEC maps").unwrap()];
    let check = |lines: &[HoldingLine], expected: &[&str]| {
        let all: Vec<String> = offered(&places, lines).into_iter().map(ToString::to_string).collect();
        assert_eq!(all, expected);
    };
    check(&[], &["SPEC mss", "SPEC maps"]);
    check(&[line("SPEC", "mss")], &["SPEC maps"]);
    check(&[line("MAIN", "mss")], &["SPEC mss", "SPEC maps"]);
    check(&[line("SPEC", "maps"), line("SPEC", "mss"), line("SPEC", "mss")], &[]);
}

#[test]
fn what_stood_beside_ours_is_somebody_else_s_though_we_wrote_since() {
    let with_note = |call_number: &str, note: &str| {
        let mut image = image(call_number);
        let field = image.record.data_mut().find(|field| field.tag == "852").unwrap();
        field.subfields.push(Subfield::new("z", note));
        *image
    };
    let made = Writing { before: None, after: *image("MS 1") };
    let changed =
        Writing { before: Some(with_note("MS 1", "Ask at the desk")), after: with_note("MS 7", "Ask at the desk") };
    let writings = [changed, made];
    let (there, wanted) = (with_note("MS 7", "Ask at the desk"), with_note("MS 7", "Quilts"));
    assert!(replaces_theirs((&there, &wanted), &writings));
    assert!(!replaces_theirs((&there, &with_note("MS 8", "Ask at the desk")), &writings), "the call number is ours");
}
