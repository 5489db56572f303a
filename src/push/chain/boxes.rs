//! The boxes of one resource: matched with the items of its bib, planned one by one, written by intents; what Alma calls them goes
//! back into ArchivesSpace.

mod write;

use super::holdings::Holdings;
use super::shelf::Stocked;
use crate::push::alma::{HoldingId, HoldingLine, Item, ItemPid};
use crate::push::apply::{Hands, told};
use crate::push::item::{labels_of, read_item};
use crate::push::resource_uri::ContainerUri;
use crate::push::shelf::fate::{End, ItemFate, ShelfFate};
use crate::push::shelf::item_values::ItemValues;
use crate::push::shelf::items::{ItemStep, OneBox, SkipBox, holding_for, of_another, plan_item};
use crate::push::shelf::matching::{BoxFacts, ItemFacts, Match, label, matches, without_box};
use crate::push::shelf::place::Place;
use crate::push::shelf::reason::ShelfReason;
use crate::push::shelf::rules::{HoldingRules, ItemRules};
use crate::push::top_container::TopContainer;
use crate::push::trouble::Trouble;
use crate::store::Store;

/// What all boxes of one bib are planned with.
#[derive(Clone, Copy)]
struct Shelf<'a> {
    stocked: Stocked<'a>,
    rules: (&'a ItemRules, &'a HoldingRules),
    /// The places at which the bib shall have holdings, and the holdings that it has.
    places: &'a [Place],
    lines: &'a [HoldingLine],
    items: &'a [Item],
}

pub(super) fn boxes(
    store: &mut Store,
    hands: &Hands<'_>,
    stocked: Stocked<'_>,
    holdings: &Holdings,
    fate: &mut ShelfFate,
) -> Result<(), Trouble> {
    let rules = &hands.push.rules;
    let uri = &stocked.known.resource.uri;
    let (Some(items), Some(holding_rules)) = (&rules.items, &rules.holdings) else {
        return if stocked.writes() { Ok(store.release_boxes_but(uri, &[])?) } else { Ok(()) };
    };
    let (mut own, mut others) = (Vec::new(), Vec::new());
    for container in stocked.boxes {
        let is_shared = container.resources().nth(1).is_some();
        let host = if is_shared { store.host_of_box(&container.uri)? } else { None };
        match of_another(container, uri, (items.shared, host)) {
            Some(why) => {
                fate.items.push(fate_of(container, skipped(&why)));
                others.push(container);
            }
            None => own.push(container),
        }
    }
    if stocked.writes() {
        let uris: Vec<ContainerUri> = own.iter().map(|container| container.uri).collect();
        store.release_boxes_but(uri, &uris)?;
    }
    if own.is_empty() {
        return Ok(());
    }
    let present = match stocked.bib {
        Some(bib) if !holdings.had_none => hands.alma.items_of(bib, None)?,
        Some(_) | None => Vec::new(),
    };
    let places: Vec<Place> = fate.holdings.iter().map(|it| it.place.clone()).collect();
    let shelf =
        Shelf { stocked, rules: (items, holding_rules), places: &places, lines: &holdings.lines, items: &present };
    matched(store, hands, shelf, (&own, &others), fate)
}

fn matched(
    store: &mut Store,
    hands: &Hands<'_>,
    shelf: Shelf<'_>,
    (own, others): (&[&TopContainer], &[&TopContainer]),
    fate: &mut ShelfFate,
) -> Result<(), Trouble> {
    let (mut known, mut facts) = (Vec::new(), Vec::new());
    for container in own {
        match facts_of_box(store, container, shelf.rules.0)? {
            Ok(one) => {
                known.push(*container);
                facts.push(one);
            }
            Err(reason) => fate.items.push(fate_of(container, End::held(&[reason]))),
        }
    }
    let mut items: Vec<ItemFacts> = shelf.items.iter().map(facts_of_item).collect::<Result<_, _>>()?;
    let of_others = items_of_others(store, others, &mut items)?;
    let found = matches(&facts, &items);
    let without = without_box(&items, &found).into_iter().filter(|pid| !of_others.contains(pid));
    fate.without_box = without.cloned().collect();
    for (container, found) in known.into_iter().zip(&found) {
        let one = match one(store, hands, shelf, container, found) {
            Ok(one) => one,
            Err(Trouble::Record(why)) => fate_of(container, End::because("failed", "", why)),
            Err(ends) => return Err(ends),
        };
        fate.items.push(one);
    }
    Ok(())
}

/// The items of boxes that are not written here: nothing but its number makes such a one another box's.
fn items_of_others(store: &Store, others: &[&TopContainer], items: &mut [ItemFacts]) -> Result<Vec<ItemPid>, Trouble> {
    let mut found = Vec::new();
    for container in others {
        let named = container.in_alma.item.as_deref().and_then(|text| ItemPid::parse(text).ok());
        let pid = named.map_or_else(|| store.item_of_box(&container.uri), |pid| Ok(Some(pid)))?;
        let barcode = container.barcode.as_deref().map(str::trim);
        let is_its = |item: &&mut ItemFacts| {
            pid.as_ref() == Some(&item.pid) || (barcode.is_some() && item.barcode.as_deref() == barcode)
        };
        for item in items.iter_mut().filter(is_its) {
            (item.barcode, item.labels) = (None, Vec::new());
            found.push(item.pid.clone());
        }
    }
    Ok(found)
}

/// ArchivesSpace's word for the item comes first; where it says nothing, what this program noted when it wrote.
fn facts_of_box(
    store: &Store,
    container: &TopContainer,
    rules: &ItemRules,
) -> Result<Result<BoxFacts, ShelfReason>, Trouble> {
    let named = match container.in_alma.item.as_deref().map(ItemPid::parse).transpose() {
        Ok(named) => named,
        Err(error) => return Ok(Err(ShelfReason::NotWhole(format!("its ils_item_id: {error}")))),
    };
    let is_named = named.is_some();
    let item = match named {
        Some(pid) => Some(pid),
        None => store.item_of_box(&container.uri)?,
    };
    let kind = container.label.kind.as_deref().unwrap_or_default();
    let values = ItemValues::of_box(container, rules, true);
    let description = values.get(crate::push::item::ItemField::Description).unwrap_or_default();
    let mut labels = vec![label(&format!("{kind} {}", container.label.indicator)), label(description)];
    labels.retain(|label| !label.is_empty());
    let barcode = container.barcode.clone().map(|barcode| barcode.trim().to_owned());
    Ok(Ok(BoxFacts { uri: container.uri, item, is_named, barcode, labels }))
}

pub(in crate::push) fn facts_of_item(item: &Item) -> Result<ItemFacts, Trouble> {
    let not_whole = |error: crate::push::item::Error| Trouble::Record(told(&error));
    let read = read_item(&item.xml).map_err(not_whole)?;
    let labels = labels_of(&item.xml).map_err(not_whole)?;
    let labels = labels.iter().map(|text| label(text)).filter(|label| !label.is_empty()).collect();
    Ok(ItemFacts { pid: item.key.pid.clone(), barcode: read.barcode, labels })
}

fn one(
    store: &mut Store,
    hands: &Hands<'_>,
    shelf: Shelf<'_>,
    container: &TopContainer,
    found: &Match,
) -> Result<ItemFate, Trouble> {
    let item = match found {
        Match::Item(at) => shelf.items.get(*at),
        Match::Nothing | Match::Held(_) => None,
    };
    let written = match item {
        Some(item) => store.written_to_item(&item.key.pid)?,
        None => Vec::new(),
    };
    let ours = ItemValues::written(written.iter().map(|images| (images.body.as_str(), images.after.as_deref())));
    let (rules, holding_rules) = shelf.rules;
    let hold = hands.push.rules.review.hold;
    let one = OneBox { container, item, ours: &ours, rules, hold };
    let holding = || holding_for(container, holding_rules, (shelf.places, shelf.lines));
    let step = plan_item(found, one, holding);
    let mut fate = write::carry_out(store, hands, shelf, (container, item), step)?;
    fate.process = item.map(process_of).unwrap_or_default();
    if let (Some(item), true) = (item, matches!(fate.end.outcome, "unchanged" | "updated") && fate.end.code.is_empty())
    {
        let elsewhere = elsewhere(item, holding_rules.place_of(container), shelf.lines);
        (fate.end.code, fate.end.detail) =
            elsewhere.map_or_else(Default::default, |why| ("other-place".to_owned(), why));
    }
    Ok(fate)
}

/// Where an item stands, if that is elsewhere than its box: nobody knows what Alma does with an item whose holding is changed over its
/// API, so that people move it.
fn elsewhere(item: &Item, of_box: Option<&Place>, lines: &[HoldingLine]) -> Option<String> {
    let (of_box, line) = (of_box?, lines.iter().find(|line| line.id == item.key.holding)?);
    let is_there = of_box.is(&line.library, &line.location);
    (!is_there).then(|| format!("its item stands at {} {}, and the box at {of_box}", line.library, line.location))
}

/// What Alma is doing with an item, in its own words; nothing of one that is in its place.
fn process_of(item: &Item) -> String {
    let Ok(read) = read_item(&item.xml) else { return String::new() };
    let process = match (read.process, read.is_in_place) {
        (Some(process), _) => Some(process),
        (None, false) => Some("not in place".to_owned()),
        (None, true) => None,
    };
    let requested = read.is_requested.then(|| "requested".to_owned());
    process.into_iter().chain(requested).collect::<Vec<_>>().join(", ")
}

fn fate_of(container: &TopContainer, end: End) -> ItemFate {
    let label = container.label.display.clone().unwrap_or_else(|| container.label.indicator.clone());
    let (holding, item, process) = (None, None, String::new());
    ItemFate { container: container.uri, label, holding, item, process, written_back: false, end }
}

fn skipped(why: &SkipBox) -> End {
    End::because("skipped", why.code(), why.words())
}

/// What a run would do.
fn foretold(container: &TopContainer, step: &ItemStep) -> ItemFate {
    let end = match step {
        ItemStep::Unchanged => End::of("unchanged"),
        ItemStep::Create(..) => End::of("create"),
        ItemStep::Update { .. } => End::of("update"),
        ItemStep::Held { reasons, .. } => End::held(reasons),
        // In a dry run the holding is not made, and the item comes with it.
        ItemStep::Skip(SkipBox::HoldingFirst(_)) => End::of("create"),
        ItemStep::Skip(why) => skipped(why),
    };
    fate_of(container, end)
}

fn holding_of(step: &ItemStep) -> Option<&HoldingId> {
    match step {
        ItemStep::Create(holding, _) => Some(holding),
        ItemStep::Held { draft: Some(draft), .. } => holding_of(draft),
        ItemStep::Unchanged | ItemStep::Update { .. } | ItemStep::Held { draft: None, .. } | ItemStep::Skip(_) => None,
    }
}
