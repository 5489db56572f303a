use super::*;
use crate::model::id::MmsId;
use crate::push::alma::ItemKey;
use crate::push::in_words::Coded;
use crate::push::item::ItemField;
use crate::push::shelf::box_template::BoxTemplate;
use serde_json::json;

fn rules() -> ItemRules {
    let template = |text: &str| BoxTemplate::parse(text).unwrap();
    ItemRules {
        fields: vec![(ItemField::Description, template("{Type} {indicator}"))],
        new: vec![(ItemField::Policy, template("open"))],
        restricted_policy: Some("closed".to_owned()),
        without_barcode: true,
        shared: SharedBoxes::Report,
        update: true,
        write_back: true,
    }
}

fn container(with: &[(&str, serde_json::Value)]) -> TopContainer {
    let mut json =
        json!({"uri": "/repositories/2/top_containers/1", "lock_version": 0, "type": "box", "indicator": "1"});
    for (name, value) in with {
        json[*name] = value.clone();
    }
    TopContainer::read(json).unwrap()
}

fn item(description: &str) -> Item {
    let key = ItemKey {
        mms: MmsId::parse("99").unwrap(),
        holding: HoldingId::parse("22").unwrap(),
        pid: ItemPid::parse("23").unwrap(),
    };
    let xml = format!("<item><item_data><barcode/><description>{description}</description></item_data></item>");
    Item { key, xml }
}

fn told(step: &ItemStep) -> String {
    match step {
        ItemStep::Unchanged => "unchanged".to_owned(),
        ItemStep::Create(holding, values) => format!("create in {holding} {}", values.text()),
        ItemStep::Update { from, to } => format!("update {} to {}", from.text(), to.text()),
        ItemStep::Held { reasons, draft } => {
            let codes: Vec<&str> = reasons.iter().map(ShelfReason::code).collect();
            format!("held {}{}", codes.join(" "), if draft.is_some() { "" } else { ", for good" })
        }
        ItemStep::Skip(why) => format!("skip {}", why.code()),
    }
}

fn check(box_: &TopContainer, there: Option<&str>, wrote: Option<&str>, hold: HoldPolicy, expected: &str) {
    let (item, rules) = (there.map(item), rules());
    let sent = wrote.map(|text| format!("<item_data><description>{text}</description></item_data>"));
    let ours = ItemValues::written(sent.iter().map(|sent| (sent.as_str(), None)));
    let found = if item.is_some() { Match::Item(0) } else { Match::Nothing };
    let one = OneBox { container: box_, item: item.as_ref(), ours: &ours, rules: &rules, hold };
    let step = plan_item(&found, one, || Ok(HoldingId::parse("22").unwrap()));
    assert_eq!(told(&step), expected, "{there:?} {wrote:?} {hold:?}");
}

#[test]
fn a_new_item_says_what_the_box_says() {
    let plain = "create in 22 <item_data><description>Box 1</description><policy>open</policy></item_data>";
    check(&container(&[]), None, None, HoldPolicy::Risky, plain);
    check(&container(&[]), None, None, HoldPolicy::Everything, "held every-change");
    let full = "create in 22 <item_data><barcode>301</barcode><description>Box 1</description><policy>closed</policy></item_data>";
    let one = container(&[("barcode", json!("301")), ("restricted", json!(true))]);
    check(&one, None, None, HoldPolicy::Risky, full);
}

#[test]
fn what_differs_is_changed_unless_somebody_else_wrote_it() {
    let one = container(&[]);
    check(&one, Some("Box 1"), None, HoldPolicy::Everything, "unchanged");
    let filled = "update <item_data><description></description></item_data> to <item_data><description>Box 1</description></item_data>";
    check(&one, Some(""), None, HoldPolicy::Risky, filled);
    check(&one, Some("Carton 1"), None, HoldPolicy::Risky, "held replaces-values");
    let changed = "update <item_data><description>Box 7</description></item_data> to <item_data><description>Box 1</description></item_data>";
    check(&one, Some("Box 7"), Some("Box 7"), HoldPolicy::Risky, changed);
    check(&one, Some("Box 7"), Some("Box 6"), HoldPolicy::Risky, "held replaces-values");
    check(&one, Some("Box 7"), None, HoldPolicy::Nothing, changed);
    // An emptied box blanks nothing.
    check(
        &container(&[("type", json!("")), ("indicator", json!(""))]),
        Some("Box 7"),
        None,
        HoldPolicy::Risky,
        "unchanged",
    );
}

#[test]
fn the_policy_of_a_new_item_is_staff_s_own_from_then_on() {
    let rules = rules();
    let values = ItemValues::of_box(&container(&[]), &rules, false);
    assert_eq!(values.get(ItemField::Policy), None);
    let closed = ItemValues::of_box(&container(&[("restricted", json!(true))]), &rules, false);
    assert_eq!(closed.get(ItemField::Policy), Some("closed"));
}

#[test]
fn a_box_of_several_resources_is_nobody_s_or_its_first_one_s() {
    let collection = |numbers: &[u64]| {
        let all: Vec<_> = numbers.iter().map(|it| json!({"ref": format!("/repositories/2/resources/{it}")})).collect();
        container(&[("collection", json!(all))])
    };
    let check = |numbers: &[u64], shared: (SharedBoxes, Option<u64>), expected: Option<&str>| {
        let shared = (shared.0, shared.1.map(|number| ResourceUri::new(2, number)));
        let why = of_another(&collection(numbers), &ResourceUri::new(2, 1), shared);
        assert_eq!(why.as_ref().map(SkipBox::code), expected, "{numbers:?}");
    };
    check(&[1], (SharedBoxes::Report, None), None);
    check(&[1, 2], (SharedBoxes::Report, None), Some("shared"));
    check(&[1, 2], (SharedBoxes::First, None), None);
    check(&[2, 1], (SharedBoxes::First, None), Some("at-host"));
    check(&[2, 1], (SharedBoxes::First, Some(1)), None);
    check(&[1, 2], (SharedBoxes::First, Some(2)), Some("at-host"));
}
