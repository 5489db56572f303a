//! The holdings of one bib: listed once, planned place by place, written by intents.

use super::shelf::{Doing, Stocked};
use crate::model::decision::Verb;
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::push::alma::{HoldingId, HoldingLine};
use crate::push::apply::{Hands, Wrote, create_holding, update_holding};
use crate::push::holding_image::HoldingImage;
use crate::push::shelf::fate::{End, HoldingFate};
use crate::push::shelf::holdings::{Draft, HoldingStep, Making, Present, Writing, at_place, plan_holding};
use crate::push::shelf::place::{Place, Spot};
use crate::push::shelf::reason::ShelfReason;
use crate::push::shelf::rules::HoldingRules;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{IntentImages, NewIntent, Part};
use crate::store::verdicts::Verdict;

/// What is known of a bib's holdings after they were looked at.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    pub lines: Vec<HoldingLine>,
    /// Before this run it certainly had none: then it had no items either.
    pub had_none: bool,
}

/// Brings each place that is wanted in step; answers the holdings that the bib has then.
pub(super) fn holdings(
    store: &mut Store,
    hands: &Hands<'_>,
    stocked: Stocked<'_>,
    fates: &mut Vec<HoldingFate>,
) -> Result<Holdings, Trouble> {
    let Some(rules) = &hands.push.rules.holdings else { return Ok(Holdings::default()) };
    let asked_for = store.places_asked_for(&stocked.known.resource.uri)?;
    let wanted = rules.wanted(stocked.boxes, &asked_for);
    let is_asked = !wanted.is_empty() || stocked.doing == Doing::Explain;
    if let (true, Some(bib)) = (stocked.writes(), stocked.bib) {
        for place in rules.offered.iter().filter(|place| !wanted.contains(place)) {
            store.release_target(&making(&bib.mms, place))?;
        }
        for (place, holding) in store.places_noted(&stocked.known.resource.uri)? {
            if !wanted.contains(&place) {
                store.release_target(&format!("holding {holding}"))?;
            }
        }
    }
    let mut lines = match stocked.bib {
        Some(bib) if !stocked.is_new && is_asked => hands.alma.holdings_of(bib)?,
        Some(_) | None => Vec::new(),
    };
    let had_none = lines.is_empty() && (stocked.is_new || is_asked);
    for place in wanted {
        let fate = match one(store, hands, stocked, (rules, &place, &lines)) {
            Ok(fate) => fate,
            Err(Trouble::Record(why)) => {
                HoldingFate { place: place.clone(), holding: None, end: End::because("failed", "", why) }
            }
            Err(ends) => return Err(ends),
        };
        let was_there = at_place(&lines, &place).next().is_some();
        if let (Some(id), false) = (&fate.holding, was_there) {
            let Place { library, location } = place;
            lines.push(HoldingLine { id: id.clone(), library, location, call_number: None, suppressed: None });
        }
        fates.push(fate);
    }
    Ok(Holdings { lines, had_none })
}

fn one(
    store: &mut Store,
    hands: &Hands<'_>,
    stocked: Stocked<'_>,
    (rules, place, lines): (&HoldingRules, &Place, &[HoldingLine]),
) -> Result<HoldingFate, Trouble> {
    let mut present = present(hands, stocked, (rules, place, lines))?;
    if let (Present::Nothing, Some(bib)) = (&present, stocked.bib)
        && let Some(id) = made_there(store, &bib.mms, place)?
    {
        let elsewhere = lines.iter().find(|line| line.id == id);
        present = match elsewhere {
            Some(HoldingLine { library, location, .. }) => {
                Present::Moved(id, Place { library: library.clone(), location: location.clone() })
            }
            None => Present::Gone(id),
        };
    }
    let writings = match &present {
        Present::One(id, _) => writings(store.written_to_holding(id)?),
        Present::Nothing | Present::Gone(_) | Present::Moved(..) | Present::Unread(_) => Vec::new(),
        Present::NotWhole(..) | Present::Several(_) => Vec::new(),
    };
    let (identity, hold) = (&stocked.known.resource.identity, hands.push.rules.review.hold);
    let making = Making { template: &rules.template, identity, hold };
    let step = plan_holding(place, present, &writings, making);
    let Some(mms) = stocked.bib.map(|bib| &bib.mms) else { return Ok(foretold(place, &step)) };
    let intent = intent_of(hands, stocked, (mms, place), &step);
    let verdict = match &intent {
        Some(new) => store.verdict(&new.target(), &new.digest(), new.before_digest().as_ref())?,
        None => None,
    };
    let step = match judged(step, verdict.as_ref()) {
        Ok(step) => step,
        Err(end) => return Ok(HoldingFate { place: place.clone(), holding: None, end }),
    };
    if !stocked.writes() {
        return Ok(foretold(place, &step));
    }
    act(store, hands, (mms, place), step, intent)
}

/// What an intent that made a holding kept of before is no image: there was nothing.
fn writings(all: Vec<IntentImages>) -> Vec<Writing> {
    let image = |text: &str| HoldingImage::read(text).ok();
    let writing = |images: IntentImages| {
        let after = image(images.after.as_deref().unwrap_or(&images.body))?;
        Some(Writing { before: images.before.as_deref().and_then(image), after })
    };
    all.into_iter().filter_map(writing).collect()
}

/// What Alma has at a place. One holding is read whole, unless the profile leaves it as it is.
fn present(
    hands: &Hands<'_>,
    stocked: Stocked<'_>,
    (rules, place, lines): (&HoldingRules, &Place, &[HoldingLine]),
) -> Result<Present, Trouble> {
    let found: Vec<&HoldingId> = at_place(lines, place).map(|line| &line.id).collect();
    Ok(match (found.as_slice(), stocked.bib) {
        ([], _) | (_, None) => Present::Nothing,
        ([one], Some(_)) if !rules.update => Present::Unread((*one).clone()),
        ([one], Some(bib)) => match hands.alma.holding(&bib.mms, one)? {
            // It may be gone in this moment, or Alma may not give what it lists: a second one would be worse than a question.
            None => Present::NotWhole((*one).clone(), format!("Alma lists the holding {one}, and does not find it")),
            Some(holding) => match HoldingImage::of(&holding) {
                Ok(image) => Present::One(holding.id, Box::new(image)),
                Err(error) => Present::NotWhole(holding.id, crate::push::apply::told(&error)),
            },
        },
        (several, Some(_)) => Present::Several(several.iter().map(|id| (*id).clone()).collect()),
    })
}

/// The holding that this program made at a place, and that nobody has taken back.
fn made_there(store: &Store, mms: &MmsId, place: &Place) -> Result<Option<HoldingId>, Trouble> {
    Ok(store.last_done(&making(mms, place))?.and_then(|intent| intent.target.spot.holding))
}

/// What a step would write; none for one that writes nothing.
fn intent_of(
    hands: &Hands<'_>,
    stocked: Stocked<'_>,
    (mms, place): (&MmsId, &Place),
    step: &HoldingStep,
) -> Option<NewIntent> {
    let (holding, present, wanted) = match step {
        HoldingStep::Create(wanted) => (None, None, wanted),
        HoldingStep::Update { id, present, wanted } => (Some(id), Some(present), wanted),
        HoldingStep::Held { id, draft: Some(Draft { present, wanted }), .. } => (id.as_ref(), present.as_ref(), wanted),
        HoldingStep::Unchanged(_) | HoldingStep::Held { draft: None, .. } => return None,
    };
    Some(NewIntent {
        subject: stocked.known.resource.uri,
        kind: if present.is_some() { IntentKind::UpdateHolding } else { IntentKind::CreateHolding },
        mms: Some(mms.clone()),
        before: Some(present.map_or_else(|| gone_of(step), |present| present.text())),
        body: wanted.text(),
        made_by: hands.made_by,
        undoes: None,
        part: Part::Shelf(Spot { place: Some(place.clone()), holding: holding.cloned(), ..Spot::default() }),
    })
}

/// The holding that is there no more, so that an approval speaks of this one and not of the next that goes.
fn gone_of(step: &HoldingStep) -> String {
    let HoldingStep::Held { reasons, .. } = step else { return String::new() };
    let gone = reasons.iter().filter_map(|reason| match reason {
        ShelfReason::HoldingGone(id) | ShelfReason::HoldingMoved(id, _) => Some(id.to_string()),
        _ => None,
    });
    gone.collect::<Vec<_>>().join(" ")
}

/// The step after what a person decided about exactly this content over exactly that holding; an end where it was rejected.
fn judged(step: HoldingStep, verdict: Option<&Verdict>) -> Result<HoldingStep, End> {
    let Some(verdict) = verdict else { return Ok(step) };
    match (verdict.verb, step) {
        (_, step @ HoldingStep::Unchanged(_)) => Ok(step),
        (Verb::Reject, _) => Err(End::because("skipped", "rejected", verdict.words())),
        (Verb::Approve, HoldingStep::Held { id, mut reasons, draft: Some(draft) }) => {
            reasons.retain(|reason| !reason.can_be_approved());
            Ok(match (reasons.is_empty(), id, draft) {
                (true, Some(id), Draft { present: Some(present), wanted }) => {
                    HoldingStep::Update { id, present, wanted }
                }
                (true, _, Draft { present: None, wanted }) => HoldingStep::Create(wanted),
                (_, id, draft) => HoldingStep::Held { id, reasons, draft: Some(draft) },
            })
        }
        (Verb::Approve | Verb::Retry | Verb::Undo, step) => Ok(step),
    }
}

fn act(
    store: &mut Store,
    hands: &Hands<'_>,
    (mms, place): (&MmsId, &Place),
    step: HoldingStep,
    intent: Option<NewIntent>,
) -> Result<HoldingFate, Trouble> {
    let fate = |holding: Option<HoldingId>, end: End| HoldingFate { place: place.clone(), holding, end };
    release_others(store, (mms, place), &step, intent.as_ref())?;
    match (step, intent) {
        (HoldingStep::Unchanged(id), _) => Ok(fate(Some(id), End::of("unchanged"))),
        (HoldingStep::Held { id, reasons, .. }, intent) => {
            let end = End::held(&reasons);
            if let Some(intent) = &intent {
                store.hold_intent(intent, (&end.code, &end.detail), hands.run, (hands.clock)())?;
            }
            Ok(fate(id, end))
        }
        (HoldingStep::Create(wanted), Some(new)) => {
            let end = ended(create_holding::send(store, hands, &new, (mms, &wanted))?, "created");
            // Its number came with Alma's answer, or with the look at what became of it.
            let made = if end.outcome == "created" { made_there(store, mms, place)? } else { None };
            Ok(fate(made, end))
        }
        (HoldingStep::Update { id, wanted, .. }, Some(new)) => {
            let wrote = update_holding::send(store, hands, &new, (mms, &id, &wanted))?;
            Ok(fate(Some(id), ended(wrote, "updated")))
        }
        // A step that writes has an intent.
        (HoldingStep::Create(_) | HoldingStep::Update { .. }, None) => Ok(fate(None, End::of("failed"))),
    }
}

/// What was held for the place, and is not what would be written now, must not be approved any more.
fn release_others(
    store: &mut Store,
    (mms, place): (&MmsId, &Place),
    step: &HoldingStep,
    intent: Option<&NewIntent>,
) -> Result<(), Trouble> {
    let id = match step {
        HoldingStep::Unchanged(id) | HoldingStep::Update { id, .. } => Some(id),
        HoldingStep::Held { id, .. } => id.as_ref(),
        HoldingStep::Create(_) => None,
    };
    let kept = intent.map(NewIntent::target);
    let targets = [Some(making(mms, place)), id.map(|id| format!("holding {id}"))];
    for target in targets.into_iter().flatten().filter(|target| kept.as_ref() != Some(target)) {
        store.release_target(&target)?;
    }
    Ok(())
}

/// The target of an intent that makes a holding.
fn making(mms: &MmsId, place: &Place) -> String {
    format!("holding {place} of bib {mms}")
}

/// How a writing ended, for the report.
pub(super) fn ended(wrote: Wrote, outcome: &'static str) -> End {
    match wrote {
        Wrote::Done(_) | Wrote::FoundDone => End::of(outcome),
        Wrote::Moved => End::because("failed", "moved", "it was changed while it was planned"),
        Wrote::Failed(why) => End::because("failed", "", why),
        Wrote::Waiting(why) => End::because("waiting", "unknown", why),
    }
}

fn foretold(place: &Place, step: &HoldingStep) -> HoldingFate {
    let (holding, end) = match step {
        HoldingStep::Unchanged(id) => (Some(id), End::of("unchanged")),
        HoldingStep::Create(_) => (None, End::of("create")),
        HoldingStep::Update { id, .. } => (Some(id), End::of("update")),
        HoldingStep::Held { id, reasons, .. } => (id.as_ref(), End::held(reasons)),
    };
    HoldingFate { place: place.clone(), holding: holding.cloned(), end }
}
