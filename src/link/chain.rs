//! One IE from what is known of it to what is written: find its bib, plan, write. Its calls are in order; other IEs go side by side.

use super::apply::{Hands, Wrote, create_bib, create_representation};
use super::describe::{Described, NotDescribed};
use super::find::{Findings, Found, How, find};
use super::plan::{Known, Plan, SkipReason, Write, judged, plan};
use super::subject::LinkSubject;
use super::undo;
use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::model::id::{IePid, MmsId};
use crate::push::alma::{Bib, RemoteRepresentation, Representation};
use crate::push::in_words::in_words;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::ie_links::{IeLink, PlannedFrom};
use std::collections::BTreeMap;
use std::sync::PoisonError;

/// What became of one IE in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    pub ie: IePid,
    /// `created` (bib and representation), `linked` (a representation), `unchanged`, `held`, `skipped`, `failed` or `waiting`;
    /// `create` and `link` in a dry run.
    pub outcome: &'static str,
    /// Why, as codes separated by blanks.
    pub code: String,
    pub detail: String,
    pub mms: Option<MmsId>,
    pub representation: String,
    /// `own-035`, `identifier`, `created`, or nothing.
    pub how: &'static str,
}

/// What is the same for all IEs of a run.
pub struct Round {
    pub dry_run: bool,
    /// They were named: what rests is planned, too.
    pub named: bool,
    /// What is asked for → the IEs that ask for it, as soon as it is several.
    pub rivals: BTreeMap<String, Vec<IePid>>,
    pub quarantined: u64,
}

pub fn fate(ie: &IePid, outcome: &'static str, code: &str, detail: String) -> Fate {
    Fate { ie: ie.clone(), outcome, code: code.to_owned(), detail, mms: None, representation: String::new(), how: "" }
}

fn skipped(ie: &IePid, why: &SkipReason) -> Fate {
    fate(ie, "skipped", why.code(), why.to_string())
}

/// Plans an IE and, unless it is a dry run, writes what follows.
pub fn one(store: &mut Store, hands: &Hands<'_>, subject: &LinkSubject, round: &Round) -> Result<Fate, Trouble> {
    let ie = &subject.ie;
    // Nothing is begun for an IE while nobody knows what became of what was begun before.
    let fate = match store.begun_link_of(ie)? {
        Some(begun) => Fate { mms: begun.about.mms, ..fate(ie, "waiting", "unknown", begun.why.1) },
        None => {
            let (plan, _) = planned(store, hands, subject, round)?;
            if let (Plan::Do(_), false) = (&plan, round.dry_run) {
                // Should the run end before it can tell, what it made is known, and can be taken back so that it rests.
                let begun = fate(ie, "waiting", "begun", "a run began it and did not end".to_owned());
                note(store, hands, subject, &begun)?;
            }
            act(store, hands, subject, plan, round.dry_run)?
        }
    };
    if !round.dry_run {
        note(store, hands, subject, &fate)?;
    }
    Ok(fate)
}

/// Finds the bib and plans.
pub fn planned(
    store: &mut Store,
    hands: &Hands<'_>,
    subject: &LinkSubject,
    round: &Round,
) -> Result<(Plan, Option<Found>), Trouble> {
    let ie = &subject.ie;
    if let Some(words) = store.link_rests(ie, &subject.digest)?.filter(|_| !round.named) {
        return Ok((Plan::Skip(SkipReason::Undone(words)), None));
    }
    let Findings { found, lost } = find(store, hands, subject)?;
    let (mut rivals, mut representations) = (Vec::new(), Vec::new());
    if let Found::Bib(bib, how) = &found {
        rivals = rivals_of(hands, subject, (bib, how), round);
        representations = seen(hands, subject, bib)?;
    }
    let before = store.ie_link(ie)?;
    let former = if matches!(found, Found::Nothing) { store.former_bibs_of(ie)? } else { Vec::new() };
    let known = Known {
        subject,
        repository: &hands.repository,
        representations: &representations,
        before: before.as_ref(),
        lost: lost.as_ref(),
        rivals: &rivals,
        former: &former,
        quarantined: round.quarantined,
    };
    let describe = || -> Result<Described, Trouble> {
        hands.describer.describe(subject).map_err(|error| match error {
            NotDescribed::Lost(failure) => Trouble::Ends(failure),
            NotDescribed::Because(why) => Trouble::Record(why),
        })
    };
    let plan = plan(&known, &found, &hands.link.rules, describe)?;
    let write = match &plan {
        Plan::Do(write) | Plan::Held { write: Some(write), .. } => write,
        Plan::Linked { .. } | Plan::Held { write: None, .. } | Plan::Skip(_) => return Ok((plan, Some(found))),
    };
    let intent = write.intent(ie, hands.made_by);
    let verdict = store.link_verdict(&intent.target(), &intent.digest())?;
    Ok((judged(plan, verdict.as_ref()), Some(found)))
}

/// All representations of a bib; those with this IE's identifier as Alma shows them alone, for a list does not say where they point.
fn seen(hands: &Hands<'_>, subject: &LinkSubject, bib: &Bib) -> Result<Vec<Representation>, Trouble> {
    let mut all = hands.alma.representations_of(bib, None)?;
    for one in &mut all {
        if one.originating_record_id.as_deref().map(str::trim) == Some(subject.identifier.as_str())
            && let Some(whole) = hands.alma.representation(&bib.mms, &one.id)?
        {
            *one = whole;
        }
    }
    Ok(all)
}

/// Other IEs that want the bib: those with the same identifier, and whoever found it earlier in this run.
fn rivals_of(hands: &Hands<'_>, subject: &LinkSubject, (bib, how): (&Bib, &How), round: &Round) -> Vec<String> {
    let first = {
        let mut taken = hands.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.entry(bib.mms.clone()).or_insert_with(|| subject.ie.clone()).clone()
    };
    let asked = match how {
        How::Identifier(asked) => round.rivals.get(&asked.to_string()).cloned().unwrap_or_default(),
        How::OwnNumber | How::Created => Vec::new(),
    };
    let mut rivals: Vec<String> =
        asked.into_iter().chain([first]).filter(|ie| *ie != subject.ie).map(|ie| ie.to_string()).collect();
    rivals.sort();
    rivals.dedup();
    rivals
}

fn act(
    store: &mut Store,
    hands: &Hands<'_>,
    subject: &LinkSubject,
    plan: Plan,
    dry_run: bool,
) -> Result<Fate, Trouble> {
    let ie = &subject.ie;
    if dry_run {
        return Ok(foretold(ie, &plan));
    }
    match plan {
        Plan::Do(Write::Point { mms, how, pointer }) => {
            let made_here = store.made_bib_of(ie)?.is_some_and(|made| made.about.mms.as_ref() == Some(&mms));
            if made_here && !store.was_pointed_at(ie)? {
                return at_own_bib(store, hands, ie, (&mms, &how, "linked"), &pointer);
            }
            let collection = if made_here { collection(hands) } else { None };
            let wrote = create_representation::send(store, hands, ie, (&mms, &pointer), collection)?;
            let code = if store.was_refused(ie)? { "refused" } else { "" };
            let fate = pointed(ie, &mms, &how, wrote, "linked");
            Ok(if fate.outcome == "failed" { Fate { code: code.to_owned(), ..fate } } else { fate })
        }
        Plan::Do(Write::Make { image, pointer }) => {
            let new = Write::Make { image: image.clone(), pointer: pointer.clone() }.intent(ie, hands.made_by);
            match create_bib::send(store, hands, &new, &image)? {
                Wrote::Done(mms, _) => at_own_bib(store, hands, ie, (&mms, &How::Created, "created"), &pointer),
                Wrote::Failed(why) => Ok(fate(ie, "failed", "", why)),
                Wrote::Waiting(why) => Ok(fate(ie, "waiting", "unknown", why)),
            }
        }
        Plan::Held { mms, reasons, write } => {
            let (code, detail) = in_words(&reasons);
            match &write {
                Some(write) => {
                    let new = write.intent(ie, hands.made_by);
                    store.hold_link(&new, (&code, &detail), hands.run, hands.now())?;
                }
                None => store.release_held_link(ie)?,
            }
            Ok(Fate { mms, ..fate(ie, "held", &code, detail) })
        }
        Plan::Linked { .. } | Plan::Skip(_) => {
            store.release_held_link(ie)?;
            Ok(foretold(ie, &plan))
        }
    }
}

/// The representation at a bib that was made for the IE, just now or by a run that was killed. Where Alma refuses it, the bib is taken
/// away again: nothing would point from it, and nobody would look for it.
fn at_own_bib(
    store: &mut Store,
    hands: &Hands<'_>,
    ie: &IePid,
    (mms, how, outcome): (&MmsId, &How, &'static str),
    pointer: &RemoteRepresentation,
) -> Result<Fate, Trouble> {
    let wrote = create_representation::send(store, hands, ie, (mms, pointer), collection(hands))?;
    let Wrote::Failed(why) = wrote else { return Ok(pointed(ie, mms, how, wrote, outcome)) };
    let taken_back = undo::take_back_bib(store, hands, ie, mms, "its representation was refused")?;
    let detail = match taken_back {
        Ok(()) => format!("{why}; its new bib {mms} is taken away again"),
        Err(kept) => format!("{why}; its new bib {mms} stays: {kept}"),
    };
    // What only did not arrive is tried again by the next run.
    let code = if store.was_refused(ie)? { "refused" } else { "" };
    Ok(fate(ie, "failed", code, detail))
}

fn collection<'h>(hands: &'h Hands<'_>) -> Option<&'h str> {
    hands.link.rules.new_bibs.as_ref()?.collection.as_deref()
}

fn pointed(ie: &IePid, mms: &MmsId, how: &How, wrote: Wrote, outcome: &'static str) -> Fate {
    let mms = Some(mms.clone());
    match wrote {
        Wrote::Done(_, representation) => {
            Fate { mms, representation, how: how.code(), ..fate(ie, outcome, "", String::new()) }
        }
        Wrote::Failed(why) => Fate { mms, ..fate(ie, "failed", "", why) },
        Wrote::Waiting(why) => Fate { mms, ..fate(ie, "waiting", "unknown", why) },
    }
}

/// What a run would do, or what it leaves as it is.
pub fn foretold(ie: &IePid, plan: &Plan) -> Fate {
    match plan {
        Plan::Linked { mms, representation, how } => Fate {
            mms: Some(mms.clone()),
            representation: representation.clone(),
            how: how.code(),
            ..fate(ie, "unchanged", "", String::new())
        },
        Plan::Do(Write::Point { mms, how, .. }) => {
            Fate { mms: Some(mms.clone()), how: how.code(), ..fate(ie, "link", "", how.words()) }
        }
        Plan::Do(Write::Make { .. }) => fate(ie, "create", "", String::new()),
        Plan::Skip(why) => skipped(ie, why),
        Plan::Held { mms, reasons, .. } => {
            let (code, detail) = in_words(reasons);
            Fate { mms: mms.clone(), ..fate(ie, "held", &code, detail) }
        }
    }
}

/// Notes what became of an IE, and from what that follows. What is there counts as done, whoever made it.
pub fn note(store: &Store, hands: &Hands<'_>, subject: &LinkSubject, fate: &Fate) -> Result<(), Failure> {
    note_from(store, hands, (fate, subject.title()), from(hands, subject))
}

/// The same of an IE whose record cannot be read: it is looked at again whatever it says.
pub fn note_unread(store: &Store, hands: &Hands<'_>, fate: &Fate) -> Result<(), Failure> {
    note_from(store, hands, (fate, ""), PlannedFrom { digest: Fixity::of(b""), rules: hands.made_by })
}

fn note_from(store: &Store, hands: &Hands<'_>, (fate, title): (&Fate, &str), from: PlannedFrom) -> Result<(), Failure> {
    let outcome = match fate.outcome {
        "created" | "linked" | "unchanged" => "done",
        other => other,
    };
    let mut link = IeLink {
        ie: fate.ie.clone(),
        mms: fate.mms.as_ref().map(ToString::to_string).unwrap_or_default(),
        representation: fate.representation.clone(),
        how: fate.how.to_owned(),
        title: title.to_owned(),
        at: hands.now(),
        outcome: outcome.to_owned(),
        why: (fate.code.clone(), fate.detail.clone()),
    };
    // That it was linked is forgotten by nothing but the way back: a fault, or a question, must not hide that it was taken away.
    if let Some(before) = store.ie_link(&fate.ie)?.filter(|before| before.is_linked() && !link.is_linked()) {
        link = IeLink { mms: before.mms, representation: before.representation, how: before.how, ..link };
    }
    Ok(store.note_link(&link, from)?)
}

pub fn from(hands: &Hands<'_>, subject: &LinkSubject) -> PlannedFrom {
    PlannedFrom { digest: subject.digest, rules: hands.made_by }
}
