//! What is to be done about one box: a function of the item that it was matched with, of what the box says, and of what this program
//! wrote into the item last.

use super::item_values::ItemValues;
use super::matching::Match;
use super::place::Place;
use super::reason::ShelfReason;
use super::rules::{HoldingRules, ItemRules, SharedBoxes};
use crate::profile::HoldPolicy;
use crate::push::alma::{HoldingId, HoldingLine, Item, ItemPid};
use crate::push::item::ItemField;
use crate::push::resource_uri::ResourceUri;
use crate::push::shelf::holdings::at_place;
use crate::push::top_container::TopContainer;

/// What becomes of a box: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemStep {
    Unchanged,
    Create(HoldingId, ItemValues),
    /// `from` is what stands in the fields of `to` now.
    Update {
        from: ItemValues,
        to: ItemValues,
    },
    /// A person must look first. Without a draft there is nothing that could be approved.
    Held {
        reasons: Vec<ShelfReason>,
        draft: Option<Box<ItemStep>>,
    },
    Skip(SkipBox),
}

/// Why nothing follows from a box.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SkipBox {
    /// It holds parts of several resources.
    Shared(Vec<ResourceUri>),
    /// It is bound to another resource's bib.
    AtHost(ResourceUri),
    /// It has no barcode, and the profile wants one.
    NoBarcode,
    /// It would be made in a holding that is still to be made.
    HoldingFirst(Place),
    Rejected(String),
}

impl SkipBox {
    pub fn code(&self) -> &'static str {
        match self {
            SkipBox::Shared(_) => "shared",
            SkipBox::AtHost(_) => "at-host",
            SkipBox::NoBarcode => "no-barcode",
            SkipBox::HoldingFirst(_) => "holding-first",
            SkipBox::Rejected(_) => "rejected",
        }
    }

    pub fn words(&self) -> String {
        match self {
            SkipBox::Shared(all) => {
                let all: Vec<String> = all.iter().map(ToString::to_string).collect();
                format!("it holds parts of {}", all.join(", "))
            }
            SkipBox::AtHost(host) => format!("its item is at the bib of {host}"),
            SkipBox::NoBarcode => "it has no barcode".to_owned(),
            SkipBox::HoldingFirst(place) => format!("the holding at {place} comes first"),
            SkipBox::Rejected(words) => words.clone(),
        }
    }
}

/// Whether a box is this resource's to write: it holds parts of no other one, or the rule makes this one its host. `host`: at whose
/// bib its item is, or shall be, as far as the store tells.
pub fn of_another(
    container: &TopContainer,
    uri: &ResourceUri,
    (shared, host): (SharedBoxes, Option<ResourceUri>),
) -> Option<SkipBox> {
    let all: Vec<ResourceUri> = container.resources().collect();
    match (all.as_slice(), shared) {
        ([] | [_], _) => None,
        (_, SharedBoxes::Report) => Some(SkipBox::Shared(all)),
        ([first, ..], SharedBoxes::First) => {
            let host = host.unwrap_or(*first);
            (host != *uri).then_some(SkipBox::AtHost(host))
        }
    }
}

/// In which holding a new item stands: at the place of its box, or else in the only holding that the bib shall have.
pub fn holding_for(
    container: &TopContainer,
    rules: &HoldingRules,
    (wanted, lines): (&[Place], &[HoldingLine]),
) -> Result<HoldingId, ItemStep> {
    let held = |why: String| ItemStep::Held { reasons: vec![ShelfReason::NoHolding(why)], draft: None };
    let place = match (rules.place_of(container), wanted) {
        (Some(place), _) => place,
        (None, [only]) => only,
        (None, []) => return Err(held("no holding is wanted for its bib".to_owned())),
        (None, _) => return Err(held("the bib has several places, and nothing says where the box stands".to_owned())),
    };
    let there: Vec<&HoldingLine> = at_place(lines, place).collect();
    match there.as_slice() {
        [one] => Ok(one.id.clone()),
        [] => Err(ItemStep::Skip(SkipBox::HoldingFirst(place.clone()))),
        _ => Err(held(format!("the bib has several holdings at {place}"))),
    }
}

/// What one box is planned from.
#[derive(Debug, Clone, Copy)]
pub struct OneBox<'a> {
    pub container: &'a TopContainer,
    /// The item that it was matched with.
    pub item: Option<&'a Item>,
    /// What this program wrote into the item, as Alma then told.
    pub ours: &'a ItemValues,
    pub rules: &'a ItemRules,
    pub hold: HoldPolicy,
}

/// Plans one box. `holding` is asked for only where an item is made.
pub fn plan_item(found: &Match, one: OneBox<'_>, holding: impl Fn() -> Result<HoldingId, ItemStep>) -> ItemStep {
    match (found, one.item) {
        (Match::Held(gone @ ShelfReason::ItemGone(_)), _) => match create(one, holding) {
            ItemStep::Held { mut reasons, draft } => {
                reasons.insert(0, gone.clone());
                ItemStep::Held { reasons, draft }
            }
            create @ ItemStep::Create(..) => {
                ItemStep::Held { reasons: vec![gone.clone()], draft: Some(Box::new(create)) }
            }
            other @ (ItemStep::Unchanged | ItemStep::Update { .. } | ItemStep::Skip(_)) => other,
        },
        (Match::Held(reason), _) => ItemStep::Held { reasons: vec![reason.clone()], draft: None },
        (Match::Item(_), Some(item)) => update(one, item),
        (Match::Item(_), None) | (Match::Nothing, _) => create(one, holding),
    }
}

fn create(one: OneBox<'_>, holding: impl Fn() -> Result<HoldingId, ItemStep>) -> ItemStep {
    if one.container.barcode.is_none() && !one.rules.without_barcode {
        return ItemStep::Skip(SkipBox::NoBarcode);
    }
    let holding = match holding() {
        Ok(holding) => holding,
        Err(step) => return step,
    };
    let create = ItemStep::Create(holding, ItemValues::of_box(one.container, one.rules, true));
    match one.hold {
        HoldPolicy::Everything => every_change(create),
        HoldPolicy::Nothing | HoldPolicy::Risky => create,
    }
}

fn every_change(step: ItemStep) -> ItemStep {
    ItemStep::Held { reasons: vec![ShelfReason::EveryChange], draft: Some(Box::new(step)) }
}

fn update(one: OneBox<'_>, item: &Item) -> ItemStep {
    let mut wanted = ItemValues::of_box(one.container, one.rules, false);
    if let Some(policy) = policy_again(one, item) {
        wanted.set(ItemField::Policy, policy);
    }
    let present = match ItemValues::in_item(&item.xml, &wanted) {
        Ok(present) => present,
        Err(error) => return ItemStep::Held { reasons: vec![ShelfReason::NotWhole(error.to_string())], draft: None },
    };
    let to = wanted.differing(&present);
    if to.is_empty() || !one.rules.update {
        return ItemStep::Unchanged;
    }
    let from = ItemValues::in_item(&item.xml, &to).unwrap_or_default();
    let mut reasons = Vec::new();
    if one.hold != HoldPolicy::Nothing {
        reasons.extend(replaces(&item.key.pid, &from, one.ours));
    }
    let update = ItemStep::Update { from, to };
    match (one.hold, reasons.is_empty()) {
        (HoldPolicy::Everything, true) => every_change(update),
        (HoldPolicy::Nothing | HoldPolicy::Risky, true) => update,
        (HoldPolicy::Nothing | HoldPolicy::Risky | HoldPolicy::Everything, false) => {
            ItemStep::Held { reasons, draft: Some(Box::new(update)) }
        }
    }
}

/// The policy of a new item for one whose box is restricted no more, where ours is the policy that stands there: else nobody would get
/// the box although everybody may.
fn policy_again(one: OneBox<'_>, item: &Item) -> Option<String> {
    let restricted = one.rules.restricted_policy.as_deref().filter(|_| !one.container.is_restricted())?;
    let policy = ItemValues::of_box(one.container, one.rules, true).only(ItemField::Policy);
    let present = ItemValues::in_item(&item.xml, &policy).ok()?;
    let is_ours =
        present.get(ItemField::Policy) == Some(restricted) && one.ours.get(ItemField::Policy) == Some(restricted);
    policy.get(ItemField::Policy).filter(|_| is_ours).map(str::to_owned)
}

/// Values that stand in the item, and that this program did not write there.
fn replaces(pid: &ItemPid, from: &ItemValues, ours: &ItemValues) -> Option<ShelfReason> {
    let is_foreign = |field, value: &str| !value.is_empty() && ours.get(field) != Some(value);
    let values: Vec<String> = from
        .pairs()
        .into_iter()
        .filter(|(field, value)| is_foreign(*field, value))
        .map(|(field, value)| format!("{} {value}", field.element()))
        .collect();
    (!values.is_empty()).then(|| ShelfReason::ReplacesValues { item: pid.clone(), values })
}

#[cfg(test)]
mod tests;
