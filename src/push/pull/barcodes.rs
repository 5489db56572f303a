//! Which barcode of an item goes onto which box: matched as items are for the push, planned without asking anybody.

use super::plan::{Step, held, over};
use super::reason::PullReason;
use super::rules::Existing;
use crate::push::alma::ItemPid;
use crate::push::resource_uri::ContainerUri;
use crate::push::shelf::matching::{BoxFacts, ItemFacts, Match, label, matches};
use crate::push::shelf::reason::ShelfReason;
use crate::push::top_container::TopContainer;

/// A box, and what this program noted of its item.
#[derive(Debug, Clone, Copy)]
pub struct OneBox<'b> {
    pub container: &'b TopContainer,
    pub noted: Option<&'b ItemPid>,
}

/// What is known of all boxes of a resource when their barcodes are planned.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    pub items: &'a [ItemFacts],
    pub existing: Existing,
    /// What was pulled and taken back by a person: the box, the barcode before, and the one that was written.
    pub taken_back: &'a [(ContainerUri, String, String)],
}

/// One box's barcode.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BoxPlan {
    pub item: Option<ItemPid>,
    pub step: Step,
}

/// Whether Alma has to be asked for items at all.
pub fn asks_items(boxes: &[TopContainer], existing: Existing) -> bool {
    boxes.iter().any(|container| container.barcode.is_none() || existing != Existing::Keep)
}

/// One plan for each box, in their order.
pub fn plan_boxes(boxes: &[OneBox<'_>], known: Known<'_>) -> Vec<BoxPlan> {
    let read: Vec<Result<BoxFacts, ShelfReason>> = boxes.iter().map(facts).collect();
    let facts: Vec<BoxFacts> = read.iter().flatten().cloned().collect();
    let mut found = matches(&facts, known.items).into_iter();
    let mut plans = Vec::with_capacity(boxes.len());
    for (one, read) in boxes.iter().zip(read) {
        let found = match read {
            Ok(_) => found.next().unwrap_or(Match::Nothing),
            Err(reason) => Match::Held(reason),
        };
        plans.push(plan_box(one.container, found, known));
    }
    plans
}

/// A box of several resources has its item at one bib of theirs: there it is known by Alma's number only.
fn facts(one: &OneBox<'_>) -> Result<BoxFacts, ShelfReason> {
    let container = one.container;
    let named = container.in_alma.item.as_deref().map(ItemPid::parse).transpose();
    let named = named.map_err(|error| ShelfReason::NotWhole(format!("its ils_item_id: {error}")))?;
    let kind = container.label.kind.as_deref().unwrap_or_default();
    let own = label(&format!("{kind} {}", container.label.indicator));
    let labels = if container.is_shared() || own.is_empty() { Vec::new() } else { vec![own] };
    Ok(BoxFacts {
        uri: container.uri,
        is_named: named.is_some(),
        item: named.or_else(|| one.noted.cloned()),
        barcode: container.barcode.as_deref().map(|barcode| barcode.trim().to_owned()),
        labels,
    })
}

fn plan_box(container: &TopContainer, found: Match, known: Known<'_>) -> BoxPlan {
    let pid = match found {
        Match::Item(at) => known.items[at].pid.clone(),
        // Type and number say that it is this item, and only the barcode speaks against it: that is what the rule is for.
        Match::Held(ShelfReason::OtherBarcode { item, .. }) => item,
        // It may stand at the bib of another resource that has a part of the box.
        Match::Held(ShelfReason::UnknownItem(_) | ShelfReason::ItemGone(_)) if container.is_shared() => {
            return BoxPlan { item: None, step: Step::Nothing };
        }
        Match::Held(why) => return BoxPlan { item: None, step: held(PullReason::Unmatched(why)) },
        Match::Nothing => return BoxPlan { item: None, step: Step::Nothing },
    };
    let barcode = known.items.iter().find(|item| item.pid == pid).and_then(|item| item.barcode.clone());
    let barcode = barcode.map(|barcode| barcode.trim().to_owned()).filter(|barcode| !barcode.is_empty());
    let before = container.barcode.as_deref().map(|barcode| barcode.trim().to_owned());
    let step = match barcode {
        None => Step::Nothing,
        Some(value) if before.as_ref() == Some(&value) => Step::Unchanged,
        Some(value) if was_taken_back(known, container, (before.as_deref(), &value)) => Step::TakenBack,
        Some(value) => over(before, value, known.existing),
    };
    BoxPlan { item: Some(pid), step }
}

fn was_taken_back(known: Known<'_>, container: &TopContainer, (before, value): (Option<&str>, &str)) -> bool {
    let is_this = |(uri, was, written): &(ContainerUri, String, String)| {
        *uri == container.uri && was == before.unwrap_or_default() && written == value
    };
    known.taken_back.iter().any(is_this)
}

/// The step, unless another box has the barcode: ArchivesSpace has each once in a repository.
pub fn unless_taken(step: Step, by: impl FnOnce(&str) -> Option<String>) -> Step {
    let Some(barcode) = step.draft().map(|draft| draft.value.clone()) else { return step };
    match by(&barcode) {
        Some(by) => held(PullReason::BarcodeTaken { barcode, by }),
        None => step,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::push::pull::plan::Draft;
    use serde_json::{Value, json};

    fn container(number: u64, with: Value) -> TopContainer {
        let uri = format!("/repositories/2/top_containers/{number}");
        let mut json = json!({"uri": uri, "lock_version": 0, "type": "box", "indicator": number.to_string(),
                              "collection": [{"ref": "/repositories/2/resources/1"}]});
        for (name, value) in with.as_object().unwrap() {
            json[name] = value.clone();
        }
        TopContainer::read(json).unwrap()
    }

    fn item(pid: &str, name: &str, barcode: Option<&str>) -> ItemFacts {
        let pid = ItemPid::parse(pid).unwrap();
        ItemFacts { pid, barcode: barcode.map(str::to_owned), labels: vec![label(name)] }
    }

    fn steps(boxes: &[TopContainer], items: &[ItemFacts], existing: Existing) -> Vec<Step> {
        let boxes: Vec<OneBox<'_>> = boxes.iter().map(|container| OneBox { container, noted: None }).collect();
        let known = Known { items, existing, taken_back: &[] };
        plan_boxes(&boxes, known).into_iter().map(|plan| plan.step).collect()
    }

    fn write(value: &str) -> Step {
        Step::Write(Draft { before: None, value: value.to_owned() })
    }

    #[test]
    fn a_box_gets_the_barcode_of_its_item_by_number_or_by_what_stands_on_it() {
        let boxes = [container(1, json!({})), container(2, json!({"ils_item_id": "232"})), container(3, json!({}))];
        let items = [item("231", "Box 01", Some("b1")), item("232", "Map", Some("b2")), item("233", "Box 3", None)];
        assert_eq!(steps(&boxes, &items, Existing::Hold), [write("b1"), write("b2"), Step::Nothing]);
    }

    #[test]
    fn another_barcode_on_the_box_is_kept_replaced_or_held() {
        let boxes = [container(1, json!({"barcode": "a1"}))];
        let of = |existing| steps(&boxes, &[item("231", "Box 1", Some("b1"))], existing).remove(0);
        assert!(matches!(of(Existing::Keep), Step::Kept { .. }));
        let expected = Step::Write(Draft { before: Some("a1".to_owned()), value: "b1".to_owned() });
        assert_eq!(of(Existing::Replace), expected);
        assert!(matches!(of(Existing::Hold), Step::Held { draft: Some(_), .. }));
        assert_eq!(steps(&boxes, &[item("231", "Box 1", Some("a1"))], Existing::Hold), [Step::Unchanged]);
    }

    #[test]
    fn what_is_there_twice_is_never_guessed() {
        let boxes = [container(1, json!({})), container(2, json!({"indicator": "01"}))];
        for step in steps(&boxes, &[item("231", "Box 1", Some("b1"))], Existing::Replace) {
            assert!(matches!(step, Step::Held { draft: None, .. }), "{step:?}");
        }
        let items = [item("231", "Box 1", Some("b1")), item("232", "box.1", Some("b2"))];
        let step = steps(&boxes[..1], &items, Existing::Replace).remove(0);
        assert!(matches!(step, Step::Held { draft: None, .. }), "{step:?}");
    }

    #[test]
    fn a_shared_box_is_known_by_alma_s_number_only() {
        let both = json!([{"ref": "/repositories/2/resources/1"}, {"ref": "/repositories/2/resources/2"}]);
        let items = [item("231", "Box 1", Some("b1"))];
        let of = |with| steps(&[container(1, with)], &items, Existing::Replace).remove(0);
        assert_eq!(of(json!({"collection": both})), Step::Nothing);
        assert_eq!(of(json!({"collection": both, "ils_item_id": "231"})), write("b1"));
        assert_eq!(of(json!({"collection": both, "ils_item_id": "299"})), Step::Nothing, "at the other one's bib");
    }

    #[test]
    fn a_barcode_that_another_box_has_is_held() {
        let taken = unless_taken(write("b1"), |_| Some("Box 9".to_owned()));
        assert!(matches!(taken, Step::Held { draft: None, .. }), "{taken:?}");
        assert_eq!(unless_taken(write("b1"), |_| None), write("b1"));
    }
}
