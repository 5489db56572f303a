//! The shelf of one resource, once its bib is known: holdings first, then the items that stand in them.

use super::{Fate, Known, boxes, holdings};
use crate::failure::Failure;
use crate::push::alma::Bib;
use crate::push::apply::Hands;
use crate::push::shelf::fate::ShelfFate;
use crate::push::shelf::holdings::offered;
use crate::push::top_container::TopContainer;
use crate::push::trouble::Trouble;
use crate::store::Store;

/// A bib whose shelf is looked at.
#[derive(Clone, Copy)]
pub(super) struct Stocked<'a> {
    pub known: &'a Known,
    /// None in a dry run that would make it.
    pub bib: Option<&'a Bib>,
    /// It was made a moment ago, by a call that was answered: nothing can stand on its shelf.
    pub is_new: bool,
    /// The boxes of the resource that are in ArchivesSpace.
    pub boxes: &'a [TopContainer],
    pub doing: Doing,
}

/// How far it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    Write,
    /// Only tells what would be written.
    Foretell,
    /// Tells that, and what a person may choose from.
    Explain,
}

impl Stocked<'_> {
    pub(super) fn writes(&self) -> bool {
        self.doing == Doing::Write
    }
}

/// Brings the shelf in step where the bib is. Trouble of the shelf is told as its own: the bib stays written.
pub(super) fn stock(
    store: &mut Store,
    hands: &Hands<'_>,
    known: &Known,
    fate: &mut Fate,
    doing: Doing,
) -> Result<(), Failure> {
    let is_settled = matches!(fate.outcome, "created" | "updated" | "unchanged" | "create" | "update");
    if hands.push.rules.holdings.is_none() && doing == Doing::Write {
        store.release_shelf(&fate.uri)?;
    }
    if hands.push.rules.holdings.is_none() || !is_settled {
        fate.bib = None;
        return Ok(());
    }
    let mut shelf = ShelfFate::default();
    match look_and_write(store, hands, (known, fate), &mut shelf, doing) {
        Ok(()) => {}
        Err(Trouble::Record(why)) => shelf.failed = Some(why),
        Err(Trouble::Ends(failure)) => return Err(failure),
    }
    if doing == Doing::Write
        && let Some(mms) = &fate.mms
    {
        store.note_places(&fate.uri, mms.as_str(), &shelf.holdings, (hands.clock)())?;
        store.note_boxes(mms.as_str(), &shelf.items, (hands.clock)())?;
    }
    fate.bib = None;
    fate.shelf = Some(shelf);
    Ok(())
}

fn look_and_write(
    store: &mut Store,
    hands: &Hands<'_>,
    (known, fate): (&Known, &Fate),
    shelf: &mut ShelfFate,
    doing: Doing,
) -> Result<(), Trouble> {
    let answered = fate.bib.as_deref();
    let is_new = fate.outcome == "create" || (fate.outcome == "created" && answered.is_some());
    let asked = match (answered, &fate.mms) {
        (None, Some(mms)) => hands.alma.bib(mms)?,
        (Some(_), _) | (None, None) => None,
    };
    let bib = answered.or(asked.as_ref());
    if bib.is_none() && fate.outcome != "create" {
        return Err(Trouble::Record("the bib is not in Alma any more".to_owned()));
    }
    let boxes_of = store.boxes_of(&known.resource.uri)?;
    let stocked = Stocked { known, bib, is_new, boxes: &boxes_of, doing };
    let present = holdings::holdings(store, hands, stocked, &mut shelf.holdings)?;
    if let (Doing::Explain, Some(rules)) = (doing, &hands.push.rules.holdings) {
        shelf.offered = offered(&rules.offered, &present.lines).into_iter().cloned().collect();
    }
    boxes::boxes(store, hands, stocked, &present, shelf)
}
