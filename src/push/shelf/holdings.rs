//! What is to be done about the holdings of one bib: a function of the places that are wanted, of what Alma has there, and of
//! what this program wrote there last.

use super::place::Place;
use super::reason::ShelfReason;
use crate::profile::HoldPolicy;
use crate::push::alma::{HoldingId, HoldingLine};
use crate::push::bib::Suppress;
use crate::push::holding::{Holding, HoldingPlan, HoldingTemplate, changed_holding, new_holding};
use crate::push::holding_image::HoldingImage;
use crate::push::marc::Subfield;
use crate::push::source_facts::Identity;

/// 008/00-05 of a plan: the day is filled in when the holding is made, so that what a person approves is the same tomorrow.
pub const DAY: &str = "000000";

/// What Alma has at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Present {
    Nothing,
    /// None, although this program made this one there, and nobody has taken it back.
    Gone(HoldingId),
    /// None, and the one that this program made there stands elsewhere now.
    Moved(HoldingId, Place),
    /// One holding, whose record was not asked for: the profile says that it stays as it is.
    Unread(HoldingId),
    One(HoldingId, Box<HoldingImage>),
    /// One, and it cannot be read.
    NotWhole(HoldingId, String),
    Several(Vec<HoldingId>),
}

/// What becomes of a place: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HoldingStep {
    Unchanged(HoldingId),
    Create(Box<HoldingImage>),
    Update {
        id: HoldingId,
        present: Box<HoldingImage>,
        wanted: Box<HoldingImage>,
    },
    /// A person must look first. Without a draft there is nothing that could be approved.
    Held {
        id: Option<HoldingId>,
        reasons: Vec<ShelfReason>,
        draft: Option<Draft>,
    },
}

/// What a held step would write, and over what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draft {
    pub present: Option<Box<HoldingImage>>,
    pub wanted: Box<HoldingImage>,
}

/// One writing of this program into a holding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writing {
    /// Nothing, where it made the holding.
    pub before: Option<HoldingImage>,
    /// As Alma then told it.
    pub after: HoldingImage,
}

/// By what a holding is made.
#[derive(Debug, Clone, Copy)]
pub struct Making<'a> {
    pub template: &'a HoldingTemplate,
    pub identity: &'a Identity,
    pub hold: HoldPolicy,
}

/// The holdings of a bib at a place, as its list shows them.
pub fn at_place<'a>(lines: &'a [HoldingLine], place: &'a Place) -> impl Iterator<Item = &'a HoldingLine> {
    lines.iter().filter(|line| place.is(&line.library, &line.location))
}

/// The places of the profile at which the bib has no holding yet: what a person may choose from.
pub fn offered<'a>(places: &'a [Place], lines: &[HoldingLine]) -> Vec<&'a Place> {
    places.iter().filter(|place| at_place(lines, place).next().is_none()).collect()
}

/// Plans one place. `writings`: all of this program's into the holding that stand, latest first.
pub fn plan_holding(place: &Place, present: Present, writings: &[Writing], making: Making<'_>) -> HoldingStep {
    let held =
        |id: Option<HoldingId>, reason: ShelfReason| HoldingStep::Held { id, reasons: vec![reason], draft: None };
    let (id, image) = match present {
        Present::Several(all) => return held(None, ShelfReason::SeveralHoldings(place.clone(), all)),
        Present::NotWhole(id, why) => return held(Some(id), ShelfReason::NotWhole(why)),
        Present::Unread(id) => return HoldingStep::Unchanged(id),
        Present::Nothing => return create(place, making, None),
        Present::Gone(id) => return create(place, making, Some(ShelfReason::HoldingGone(id))),
        Present::Moved(id, to) => return create(place, making, Some(ShelfReason::HoldingMoved(id, to))),
        Present::One(id, image) => (id, image),
    };
    let plan = match planned(place, making) {
        Ok(plan) => plan,
        Err(reason) => return held(Some(id), reason),
    };
    let present = Holding { holding_id: id.to_string(), suppress: image.suppress, record: image.record.clone() };
    let wanted = match changed_holding(&present, &plan) {
        Ok(record) => Box::new(HoldingImage { suppress: image.suppress, record }),
        Err(error) => return held(Some(id), ShelfReason::CallNumber(error.to_string())),
    };
    if wanted.says_the_same_as(&image) {
        return HoldingStep::Unchanged(id);
    }
    let mut reasons = Vec::new();
    let is_changed =
        |last: &Writing| last.after.places() != image.places() || replaces_theirs((&image, &wanted), writings);
    match writings.first() {
        None => reasons.push(ShelfReason::HoldingNotOurs(id.clone())),
        Some(last) if making.hold != HoldPolicy::Nothing && is_changed(last) => {
            reasons.push(ShelfReason::HoldingChanged(id.clone()));
        }
        Some(_) => {}
    }
    if making.hold == HoldPolicy::Everything {
        reasons.push(ShelfReason::EveryChange);
    }
    if reasons.is_empty() {
        return HoldingStep::Update { id, present: image, wanted };
    }
    HoldingStep::Held { id: Some(id), reasons, draft: Some(Draft { present: Some(image), wanted }) }
}

/// Whether something of 852 would go that none of the writings brought: it stood there already when this program wrote, and is somebody
/// else's.
fn replaces_theirs((present, wanted): (&HoldingImage, &HoldingImage), writings: &[Writing]) -> bool {
    let has = |image: &HoldingImage, one: &Subfield| image.places().iter().any(|field| field.subfields.contains(one));
    let is_ours = |one: &Subfield| {
        let brought = |it: &Writing| has(&it.after, one) && !it.before.as_ref().is_some_and(|before| has(before, one));
        writings.iter().any(brought)
    };
    let there = present.places();
    there.iter().flat_map(|field| &field.subfields).any(|one| !has(wanted, one) && !is_ours(one))
}

fn planned(place: &Place, making: Making<'_>) -> Result<HoldingPlan, ShelfReason> {
    let codes = (place.library.as_str(), place.location.as_str());
    // Whether the public sees anything is the bib's matter.
    let plan = making.template.plan(codes, making.identity, Suppress::Published, DAY);
    plan.map_err(|error| ShelfReason::CallNumber(error.to_string()))
}

fn create(place: &Place, making: Making<'_>, gone: Option<ShelfReason>) -> HoldingStep {
    let plan = match planned(place, making) {
        Ok(plan) => plan,
        Err(reason) => return HoldingStep::Held { id: None, reasons: vec![reason], draft: None },
    };
    let wanted = Box::new(HoldingImage { suppress: Some(plan.suppress), record: new_holding(&plan) });
    let mut reasons: Vec<ShelfReason> = gone.into_iter().collect();
    match making.hold {
        HoldPolicy::Everything => reasons.push(ShelfReason::EveryChange),
        HoldPolicy::Nothing | HoldPolicy::Risky => {}
    }
    if reasons.is_empty() {
        return HoldingStep::Create(wanted);
    }
    HoldingStep::Held { id: None, reasons, draft: Some(Draft { present: None, wanted }) }
}

#[cfg(test)]
mod tests;
