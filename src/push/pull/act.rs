//! One resource of a pull from what is known to what is written: its fields in one save, then the barcodes of its boxes.

use super::barcodes::{Known as KnownBoxes, OneBox, asks_items, plan_boxes, unless_taken};
use super::decided::decided;
use super::fate::{BoxFate, FieldFate, PullFate, foretold, written};
use super::image::FieldImage;
use super::plan::{Draft, FieldPlan, Known, Step, plan_fields};
use super::rules::{Existing, PullRules};
use super::subject::{OwnBib, Subject};
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::push::alma::{Bib, ItemPid};
use crate::push::apply::{Hands, write_barcode, write_fields};
use crate::push::chain::boxes::facts_of_item;
use crate::push::resource_uri::ResourceUri;
use crate::push::shelf::fate::End;
use crate::push::shelf::place::Spot;
use crate::push::top_container::TopContainer;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{NewIntent, Part};
use crate::store::links::How;
use std::collections::HashMap;

/// What a resource is pulled with.
#[derive(Clone, Copy)]
pub(super) struct Pulling<'a> {
    pub hands: &'a Hands<'a>,
    pub rules: &'a PullRules,
    pub dry_run: bool,
}

pub(super) fn one(
    store: &mut Store,
    pulling: Pulling<'_>,
    subject: &Subject,
    bibs: &HashMap<MmsId, Bib>,
) -> Result<PullFate, Trouble> {
    let uri = &subject.resource.uri;
    // Nothing is begun for a resource while nobody knows what became of what was begun before.
    if let Some(begun) = store.begun_for(uri)? {
        return Ok(PullFate::of(uri, End::because("waiting", "unknown", begun.why.1)));
    }
    let own = match subject.bib(store, pulling.hands, pulling.rules, bibs)? {
        Ok(own) => own,
        Err(end) => {
            release(store, pulling, uri, &[])?;
            return Ok(PullFate::of(uri, end));
        }
    };
    let mut fate = PullFate { mms: Some(own.bib.mms.clone()), ..PullFate::of(uri, End::of("read")) };
    if subject.named.is_none() && !pulling.dry_run {
        store.set_link(uri, &own.bib.mms, How::Mark, (pulling.hands.clock)())?;
    }
    fate.fields = fields(store, pulling, subject, &own)?;
    if let Some(existing) = pulling.rules.barcodes {
        fate.boxes = boxes(store, pulling, subject, (&own, existing))?;
    }
    let of = |kind, part| intent(pulling, (subject, &own.bib.mms), (kind, part), Default::default()).target();
    let fields = fate.fields.iter().filter(|it| it.end.outcome == "held");
    let fields = fields.map(|it| of(IntentKind::WriteFields, Part::Field(it.field.clone())));
    let spot = |container| Spot { place: None, holding: None, item: None, container: Some(container) };
    // What is under way, or has failed, says nothing about what is held of a box.
    let boxes = fate.boxes.iter().filter(|it| matches!(it.end.outcome, "held" | "waiting" | "failed"));
    let boxes = boxes.map(|it| of(IntentKind::WriteBarcode, Part::Shelf(spot(it.container))));
    release(store, pulling, uri, &fields.chain(boxes).collect::<Vec<_>>())?;
    Ok(fate)
}

/// What is held for other targets than these is asked by no rule any more, and an approval would change nothing.
pub(super) fn release(
    store: &mut Store,
    pulling: Pulling<'_>,
    uri: &ResourceUri,
    but: &[String],
) -> Result<(), Trouble> {
    if pulling.dry_run { Ok(()) } else { Ok(store.release_pulled(uri, but)?) }
}

fn fields(store: &mut Store, pulling: Pulling<'_>, subject: &Subject, own: &OwnBib) -> Result<Vec<FieldFate>, Trouble> {
    let uri = &subject.resource.uri;
    let mut taken_back = Vec::new();
    for (container, images) in store.pulled_and_taken_back(uri)? {
        let read = (FieldImage::read(images.before.as_deref().unwrap_or("{}")), FieldImage::read(&images.body));
        if let (None, (Ok(before), Ok(body))) = (container, read) {
            taken_back.push((before, body));
        }
    }
    let (json, mms) = (&subject.resource.json, &own.bib.mms);
    let known = Known { resource: json, mms, record: &own.record, taken_back: &taken_back };
    let (mut before, mut body, mut fates) = (FieldImage::default(), FieldImage::default(), Vec::new());
    for FieldPlan { rule, step } in plan_fields(known, pulling.rules) {
        let images = |draft: &Draft| {
            let image = |value: Option<&str>| FieldImage::of(&rule.to, value).text();
            (image(draft.before.as_deref()), image(Some(&draft.value)))
        };
        let part = Part::Field(rule.to.to_string());
        let step = decided(store, pulling, (subject, mms), (IntentKind::WriteFields, part, &images), step)?;
        let (end, draft) = foretold(&step);
        if let Step::Write(draft) = &step {
            before.add(&rule.to, draft.before.as_deref());
            body.add(&rule.to, Some(&draft.value));
        }
        fates.push(FieldFate { field: rule.to.to_string(), from: rule.from.to_string(), end, draft });
    }
    if body.is_empty() || pulling.dry_run {
        return Ok(fates);
    }
    let end = if pulling.hands.may_save(uri) {
        let new =
            intent(pulling, (subject, mms), (IntentKind::WriteFields, Part::Record), (before.text(), body.text()));
        written(write_fields::send(store, pulling.hands, &new, subject.resource.clone())?)
    } else {
        End::because("failed", "denied", "ArchivesSpace lets its user save nothing in this repository")
    };
    fates.iter_mut().filter(|fate| fate.end.outcome == "write").for_each(|fate| fate.end = end.clone());
    Ok(fates)
}

fn boxes(
    store: &mut Store,
    pulling: Pulling<'_>,
    subject: &Subject,
    (own, existing): (&OwnBib, Existing),
) -> Result<Vec<BoxFate>, Trouble> {
    let containers = store.boxes_of(&subject.resource.uri)?;
    if !asks_items(&containers, existing) {
        return Ok(Vec::new());
    }
    let items = pulling.hands.alma.items_of(&own.bib, None)?;
    let items = items.iter().map(facts_of_item).collect::<Result<Vec<_>, _>>()?;
    let mut noted: Vec<Option<ItemPid>> = Vec::new();
    for container in &containers {
        noted.push(store.item_of_box(&container.uri)?);
    }
    let all: Vec<OneBox<'_>> =
        containers.iter().zip(&noted).map(|(container, noted)| OneBox { container, noted: noted.as_ref() }).collect();
    let taken = store.pulled_and_taken_back(&subject.resource.uri)?.into_iter();
    let taken_back: Vec<_> =
        taken.filter_map(|(uri, images)| Some((uri?, images.before.unwrap_or_default(), images.body))).collect();
    let plans = plan_boxes(&all, KnownBoxes { items: &items, existing, taken_back: &taken_back });
    let mut fates = Vec::new();
    for (container, plan) in containers.iter().zip(plans) {
        let at = (subject, &own.bib.mms);
        let (end, draft) = match one_box(store, pulling, at, (container, plan.item.as_ref(), plan.step)) {
            Ok(ended) => ended,
            Err(Trouble::Record(why)) => (End::because("failed", "", why), None),
            Err(ends) => return Err(ends),
        };
        let label = container.label.display.clone().unwrap_or_else(|| container.label.indicator.clone());
        fates.push(BoxFate { container: container.uri, label, item: plan.item, end, draft });
    }
    Ok(fates)
}

fn one_box(
    store: &mut Store,
    pulling: Pulling<'_>,
    at: (&Subject, &MmsId),
    (container, item, step): (&TopContainer, Option<&ItemPid>, Step),
) -> Result<(End, Option<Draft>), Trouble> {
    for target in [format!("barcode of {}", container.uri), format!("ILS ids of {}", container.uri)] {
        if let Some(begun) = store.begun_at(&target)? {
            return Ok((End::because("waiting", "unknown", begun.why.1), None));
        }
    }
    let taken = step.draft().map(|draft| store.other_box_with(&draft.value, &container.uri)).transpose()?.flatten();
    let step = unless_taken(step, |_| taken);
    let spot = Spot { place: None, holding: None, item: item.cloned(), container: Some(container.uri) };
    let part = Part::Shelf(spot);
    let images = |draft: &Draft| (draft.before.clone().unwrap_or_default(), draft.value.clone());
    let step = decided(store, pulling, at, (IntentKind::WriteBarcode, part.clone(), &images), step)?;
    let (mut end, told) = foretold(&step);
    if let (Step::Write(draft), false) = (&step, pulling.dry_run) {
        if !pulling.hands.may_save_box(&container.uri) {
            let why = "ArchivesSpace lets its user save no box of this repository";
            return Ok((End::because("failed", "denied", why), told));
        }
        let new = intent(pulling, at, (IntentKind::WriteBarcode, part), images(draft));
        end = written(write_barcode::send(store, pulling.hands, &new, container)?);
    }
    Ok((end, told))
}

pub(super) fn intent(
    pulling: Pulling<'_>,
    (subject, mms): (&Subject, &MmsId),
    (kind, part): (IntentKind, Part),
    (before, body): (String, String),
) -> NewIntent {
    NewIntent {
        subject: subject.resource.uri,
        kind,
        mms: Some(mms.clone()),
        before: Some(before),
        body,
        made_by: pulling.rules.fingerprint(),
        undoes: None,
        part,
    }
}
