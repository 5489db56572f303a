use super::*;
use crate::push::in_words::Coded;
use proptest::prelude::*;

fn container(number: u64) -> ContainerUri {
    ContainerUri::new(2, number)
}

fn pid(text: &str) -> ItemPid {
    ItemPid::parse(text).unwrap()
}

/// Item in ArchivesSpace, barcode, label; an empty text is nothing.
fn boxes(all: &[(&str, &str, &str)]) -> Vec<BoxFacts> {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let one = |(at, (item, barcode, text)): (usize, &(&str, &str, &str))| BoxFacts {
        uri: container(at as u64 + 1),
        item: given(item).map(|item| pid(&item)),
        is_named: true,
        barcode: given(barcode),
        labels: vec![label(text)],
    };
    all.iter().enumerate().map(one).collect()
}

/// PID, barcode, description.
fn items(all: &[(&str, &str, &str)]) -> Vec<ItemFacts> {
    let one = |(number, barcode, text): &(&str, &str, &str)| ItemFacts {
        pid: pid(number),
        barcode: Some((*barcode).to_owned()).filter(|barcode| !barcode.is_empty()),
        labels: vec![label(text)],
    };
    all.iter().map(one).collect()
}

/// For each box the PID of its item, `-` for none, or the code of the reason.
fn check(of_boxes: &[(&str, &str, &str)], of_items: &[(&str, &str, &str)], expected: &[&str]) {
    let (boxes, items) = (boxes(of_boxes), items(of_items));
    let found = matches(&boxes, &items);
    let told: Vec<&str> = found
        .iter()
        .map(|one| match one {
            Match::Item(at) => items[*at].pid.as_str(),
            Match::Nothing => "-",
            Match::Held(reason) => reason.code(),
        })
        .collect();
    assert_eq!(told, expected, "{of_boxes:?} {of_items:?}");
}

#[test]
fn number_then_barcode_then_type_and_number_on_the_box() {
    check(&[("", "", "box 1")], &[], &["-"]);
    check(&[("23", "X", "box 1")], &[("23", "Y", "box 9"), ("24", "X", "box 1")], &["23"]);
    check(&[("", "X", "box 1")], &[("23", "", "box 1"), ("24", "X", "box 7")], &["24"]);
    check(&[("", "", "Box 1")], &[("23", "", "box.01"), ("24", "", "box 11")], &["23"]);
    check(&[("", "X", "box 1")], &[("23", "", "box 1")], &["23"]);
    check(&[("", "", "box 1")], &[("23", "X", "box 1")], &["23"]);
    check(&[("23", "", "box 1"), ("", "", "box 2")], &[("23", "", "box 2"), ("24", "", "box 2")], &["23", "24"]);
}

#[test]
fn what_is_there_twice_is_told_on_either_side() {
    check(&[("", "", "box 1")], &[("23", "", "box 1"), ("24", "", "Box 1")], &["several-items"]);
    check(&[("", "", "box 1"), ("", "", "Box 1")], &[("23", "", "box 1")], &["several-boxes", "several-boxes"]);
    check(&[("", "", "box 1"), ("", "", "box 1")], &[], &["several-boxes", "several-boxes"]);
    check(&[("23", "", "box 1"), ("23", "", "box 2")], &[("23", "", "")], &["several-boxes", "several-boxes"]);
    check(&[("", "X", "box 1"), ("", "X", "box 2")], &[], &["several-boxes", "several-boxes"]);
    check(&[("", "X", "box 1")], &[("23", "X", ""), ("24", "X", "")], &["several-items"]);
    // One box names the item by its number, another one has its barcode.
    check(&[("23", "", "box 1"), ("", "X", "box 2")], &[("23", "X", "")], &["several-boxes", "several-boxes"]);
}

#[test]
fn boxes_of_one_label_with_barcodes_of_their_own_are_two() {
    check(&[("", "X", "box 1"), ("", "Y", "box 1")], &[], &["-", "-"]);
    check(&[("", "X", "box 1"), ("", "", "box 1")], &[], &["-", "-"]);
}

#[test]
fn another_barcode_is_another_thing() {
    check(&[("", "X", "box 1")], &[("23", "Y", "box 1")], &["other-barcode"]);
    check(&[("29", "", "box 1")], &[("23", "", "box 1")], &["unknown-item"]);
    check(&[("29", "X", "box 1")], &[("23", "X", "")], &["23"]);
}

#[test]
fn what_this_program_made_and_is_gone_is_no_box_without_an_item() {
    let mut boxes = boxes(&[("23", "", "box 1")]);
    boxes[0].is_named = false;
    assert_eq!(matches(&boxes, &items(&[])), [Match::Held(ShelfReason::ItemGone(pid("23")))]);
}

#[test]
fn a_label_is_what_people_mean() {
    let check = |text: &str, expected: &str| assert_eq!(label(text), expected, "{text}");
    check("Box 1", "box 1");
    check("box.012", "box 12");
    check("BOX12a", "box 12 a");
    check("box 0", "box 0");
    check(" [Box]  1: ", "box 1");
    check("", "");
}

proptest! {
    #[test]
    fn no_item_is_ever_two_boxes(
        of_boxes in proptest::collection::vec(("(|23|24|25)", "(|X|Y)", "box [12]"), 0..6),
        of_items in proptest::collection::vec(("(|X|Y)", "box [12]"), 0..4),
    ) {
        let of_boxes: Vec<(&str, &str, &str)> =
            of_boxes.iter().map(|(item, barcode, text)| (item.as_str(), barcode.as_str(), text.as_str())).collect();
        let numbers = ["23", "24", "25", "26"];
        let of_items: Vec<(&str, &str, &str)> =
            of_items.iter().zip(numbers).map(|((barcode, text), pid)| (pid, barcode.as_str(), text.as_str())).collect();
        let found = matches(&boxes(&of_boxes), &items(&of_items));
        prop_assert_eq!(found.len(), of_boxes.len());
        for at in 0..of_items.len() {
            prop_assert!(found.iter().filter(|one| **one == Match::Item(at)).count() < 2);
        }
    }
}
