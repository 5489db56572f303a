//! One resource from what is known of it to what is written: find its bib, plan, write, write back. Its calls are in order;
//! other resources go side by side.

mod act;
pub(in crate::push) mod boxes;
mod holdings;
mod shelf;

pub use act::foretold;

use super::alma::Bib;
use super::apply::{Hands, told};
use super::bib_image::BibImage;
use super::intended::{intent_of, judged};
use super::marc::{self, MarcRecord};
use super::own_mark::Owner;
use super::plan::{Found, Plan, SkipReason, Subject, plan};
use super::resource::Resource;
use super::resource_uri::ResourceUri;
use super::shelf::fate::ShelfFate;
use super::shelf::place::Place;
use super::trouble::Trouble;
use crate::failure::Failure;
use crate::model::id::MmsId;
use crate::store::Store;
use crate::store::links::{How, Link};
use crate::store::resources::{MadeFrom, StoredResource};
use std::collections::HashMap;

/// Whatever moves while it is written is planned again so often in one run.
const ATTEMPTS: u32 = 3;

/// What became of one resource in this run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    pub uri: ResourceUri,
    /// `created`, `updated`, `unchanged`, `held`, `skipped`, `failed` or `waiting`; `create` and `update` in a dry run.
    pub outcome: &'static str,
    /// Why, as codes separated by blanks.
    pub code: String,
    pub detail: String,
    pub mms: Option<MmsId>,
    /// The MMS ID went into ArchivesSpace in this run.
    pub written_back: bool,
    /// The bib as Alma has it now, for its shelf; gone when that is done.
    pub bib: Option<Box<Bib>>,
    /// Holdings and items, where the profile has them.
    pub shelf: Option<ShelfFate>,
}

impl Fate {
    pub fn of(uri: &ResourceUri) -> Self {
        fate(uri, "failed", "", String::new(), None)
    }
}

/// A resource with everything that is known of it before Alma is asked.
pub struct Known {
    pub stored: StoredResource,
    pub resource: Resource,
    pub marc: MarcRecord,
    pub malformed: Vec<String>,
    pub link: Option<Link>,
    /// What the field for the MMS ID holds, or why it cannot be read.
    pub field: Result<Option<String>, String>,
}

impl Known {
    /// Reads it from the store; none when it is not there, or its MARC has not come yet.
    pub fn read(
        store: &mut Store,
        hands: &Hands<'_>,
        uri: &ResourceUri,
    ) -> Result<Option<Result<Self, String>>, Trouble> {
        let Some(stored) = store.resource(uri)? else { return Ok(None) };
        let Some(text) = &stored.marc else { return Ok(None) };
        let json = match serde_json::from_str(&stored.json) {
            Ok(json) => json,
            Err(error) => return Ok(Some(Err(format!("what is kept of it is no JSON: {error}")))),
        };
        let (resource, reading) = match (Resource::read(json), marc::read(text)) {
            (Ok(resource), Ok(reading)) => (resource, reading),
            (Err(error), _) => return Ok(Some(Err(told(&error)))),
            (_, Err(error)) => return Ok(Some(Err(told(&error)))),
        };
        let field = hands.field.read(&resource.json).map_err(|error| error.to_string());
        let malformed = reading.malformed.iter().map(ToString::to_string).collect();
        let link = store.link(uri)?;
        Ok(Some(Ok(Known { stored, resource, marc: reading.record, malformed, link, field })))
    }

    /// The bib to look at first: what the field names, or else what is linked. An error when the field names no bib.
    pub fn candidate(&self) -> Result<Option<MmsId>, String> {
        match &self.field {
            Err(why) => Err(why.clone()),
            Ok(Some(text)) => MmsId::parse(text).map(Some).map_err(|error| error.to_string()),
            Ok(None) => Ok(self.link.as_ref().map(|link| link.mms.clone())),
        }
    }
}

/// Plans a resource and, unless it is a dry run, writes what follows.
pub fn one(
    store: &mut Store,
    hands: &Hands<'_>,
    uri: &ResourceUri,
    bibs: &HashMap<MmsId, Bib>,
    dry_run: bool,
) -> Result<Option<Fate>, Trouble> {
    let known = match Known::read(store, hands, uri)? {
        None => return Ok(None),
        Some(Ok(known)) => known,
        Some(Err(why)) => return unreadable(store, hands, uri, why, dry_run).map(Some),
    };
    // Nothing is begun for a resource while nobody knows what became of what was begun before.
    if let Some(begun) = store.begun_for(uri)? {
        let fate = fate(uri, "waiting", "unknown", begun.why.1, begun.target.mms);
        if !dry_run {
            note(store, hands, &known, &fate)?;
        }
        return Ok(Some(fate));
    }
    let mut fresh: Option<HashMap<MmsId, Bib>> = None;
    let mut fate = fate(uri, "failed", "moved", "it changes faster than it can be written".to_owned(), None);
    for _attempt in 0..ATTEMPTS {
        let (found, planned) = planned(store, hands, &known, fresh.as_ref().unwrap_or(bibs))?;
        match act::act(store, hands, &known, (&found, planned), dry_run)? {
            Some(done) => {
                fate = done;
                fate.bib = fate.bib.take().or(match found {
                    Found::Bib(bib) => Some(bib),
                    Found::Nothing | Found::Unknown(_) | Found::Several(_) => None,
                });
                break;
            }
            // What was read in bulk is not what is there now.
            None => fresh = Some(HashMap::new()),
        }
    }
    let doing = if dry_run { shelf::Doing::Foretell } else { shelf::Doing::Write };
    shelf::stock(store, hands, &known, &mut fate, doing)?;
    if !dry_run {
        note(store, hands, &known, &fate)?;
    }
    Ok(Some(fate))
}

/// What a run would do to the shelf, and what a person may choose from; nothing where the profile has no holdings.
pub fn shelf_of(
    store: &mut Store,
    hands: &Hands<'_>,
    known: &Known,
    (found, plan): (&Found, &Plan),
) -> Result<Option<ShelfFate>, Failure> {
    let mut fate = foretold(&known.resource.uri, plan);
    if let Found::Bib(bib) = found {
        fate.bib = Some(bib.clone());
    }
    shelf::stock(store, hands, known, &mut fate, shelf::Doing::Explain)?;
    Ok(fate.shelf)
}

/// A resource that failed by itself: noted, and tried again by the next run.
pub fn failed(
    store: &mut Store,
    hands: &Hands<'_>,
    uri: &ResourceUri,
    why: String,
    dry_run: bool,
) -> Result<Fate, Failure> {
    let fate = fate(uri, "failed", "", why, None);
    if !dry_run {
        note_failed(store, hands, &fate)?;
    }
    Ok(fate)
}

/// What is kept of a resource cannot be read.
pub fn unreadable(
    store: &mut Store,
    hands: &Hands<'_>,
    uri: &ResourceUri,
    why: String,
    dry_run: bool,
) -> Result<Fate, Trouble> {
    let fate = fate(uri, "failed", "unreadable", why, None);
    if !dry_run {
        note_failed(store, hands, &fate)?;
    }
    Ok(fate)
}

/// Notes a failure of which nothing more is known: it is tried again whatever it was planned from.
pub fn note_failed(store: &mut Store, hands: &Hands<'_>, fate: &Fate) -> Result<(), Failure> {
    let Some(stored) = store.resource(&fate.uri)? else { return Ok(()) };
    let from = MadeFrom { digest: stored.digest, mms: "", rules: hands.made_by };
    Ok(store.note_outcome(&fate.uri, from, (fate.outcome, &fate.code, &fate.detail), (hands.clock)())?)
}

/// Notes what became of a resource, and from what that follows.
pub fn note(store: &Store, hands: &Hands<'_>, known: &Known, fate: &Fate) -> Result<(), Trouble> {
    let field = if fate.written_back { fate.mms.as_ref().map(MmsId::as_str) } else { None };
    let mms = field.map_or_else(|| known.field.clone().ok().flatten().unwrap_or_default(), str::to_owned);
    let from = MadeFrom { digest: known.stored.digest, mms: &mms, rules: hands.made_by };
    let outcome = (stored_outcome(fate), fate.code.as_str(), fate.detail.as_str());
    let (uri, now) = (&known.resource.uri, (hands.clock)());
    // Where the shelf has no end yet, the next run looks again, whatever the bib says.
    if fate.shelf.as_ref().is_some_and(ShelfFate::is_open) {
        return Ok(store.note_open_outcome(uri, from, outcome, now)?);
    }
    store.note_outcome(uri, from, outcome, now)?;
    // A wish that came while this resource was in hand was not seen.
    let (Some(shelf), Some(rules)) = (&fate.shelf, &hands.push.rules.holdings) else { return Ok(()) };
    let is_seen = |place: &Place| shelf.holdings.iter().any(|it| it.place == *place);
    let is_new = |place: &Place| rules.offered.contains(place) && !is_seen(place);
    if store.places_asked_for(uri)?.iter().any(is_new) { Ok(store.plan_again(uri)?) } else { Ok(()) }
}

/// What was written counts as unchanged from now on.
fn stored_outcome(fate: &Fate) -> &'static str {
    match fate.outcome {
        "created" | "updated" => "done",
        other => other,
    }
}

fn fate(uri: &ResourceUri, outcome: &'static str, code: &str, detail: String, mms: Option<MmsId>) -> Fate {
    Fate { uri: *uri, outcome, code: code.to_owned(), detail, mms, written_back: false, bib: None, shelf: None }
}

/// Finds the bib and plans. `Err` in the candidate becomes a reason to hold.
pub fn planned(
    store: &mut Store,
    hands: &Hands<'_>,
    known: &Known,
    bibs: &HashMap<MmsId, Bib>,
) -> Result<(Found, Plan), Trouble> {
    let uri = &known.resource.uri;
    if let Some(why) = was_undone(known) {
        return Ok((Found::Nothing, Plan::Skip(why)));
    }
    let (candidate, field_error) = match known.candidate() {
        Ok(candidate) => (candidate, None),
        Err(why) => (None, Some(why)),
    };
    let (found, moved) = match &candidate {
        Some(mms) => by_number(hands, uri, mms, bibs)?,
        None => (by_mark(hands, uri)?, None),
    };
    let mms = match &found {
        Found::Bib(bib) => Some(&bib.mms),
        Found::Nothing | Found::Unknown(_) | Found::Several(_) => None,
    };
    let rivals = mms.map(|mms| store.others_with_mms(uri, mms.as_str())).transpose()?.unwrap_or_default();
    let written = mms.map(|mms| store.last_written(mms)).transpose()?.flatten();
    let base = written.and_then(|it| BibImage::ours(it.after.as_deref().unwrap_or(&it.body), &it.body).ok());
    let adopted = known.link.as_ref().filter(|link| link.how == How::Adopted).map(|link| &link.mms);
    let elsewhere = left_behind(hands, known, mms)?;
    let subject = Subject {
        resource: &known.resource,
        marc: &known.marc,
        malformed: &known.malformed,
        field_error: field_error.as_deref().or(moved.as_deref()).or(elsewhere.as_deref()),
        rivals: &rivals,
        base: base.as_ref(),
        adopted,
    };
    let plan = plan(subject, &found, &hands.push.rules)?;
    let Some(intent) = intent_of(uri, &plan, hands.made_by) else { return Ok((found, plan)) };
    let verdict = store.verdict(&intent.target(), &intent.digest(), intent.before_digest().as_ref())?;
    Ok((found, judged(plan, verdict.as_ref())))
}

/// What was taken back rests as long as ArchivesSpace says the same.
pub fn was_undone(known: &Known) -> Option<SkipReason> {
    let planned = known.stored.planned.as_ref().filter(|_| known.stored.planned_from_this)?;
    let is_undone = planned.outcome == "skipped" && planned.code == "undone";
    is_undone.then(|| SkipReason::Undone(planned.detail.clone()))
}

/// The bib with a number. Where Alma has none, one with our mark is looked for, and that the number is wrong is a reason to hold.
pub(super) fn by_number(
    hands: &Hands<'_>,
    uri: &ResourceUri,
    mms: &MmsId,
    bibs: &HashMap<MmsId, Bib>,
) -> Result<(Found, Option<String>), Trouble> {
    let bib = match bibs.get(mms) {
        Some(bib) => Some(bib.clone()),
        None => hands.alma.bib(mms)?,
    };
    if let Some(bib) = bib {
        return Ok((Found::Bib(Box::new(bib)), None));
    }
    Ok(match by_mark(hands, uri)? {
        Found::Bib(bib) => {
            let why = format!("the bib {mms} is not in Alma, and our 035 is in the bib {}", bib.mms);
            (Found::Bib(bib), Some(why))
        }
        Found::Several(all) => (Found::Several(all), None),
        Found::Nothing | Found::Unknown(_) => (Found::Unknown(mms.clone()), None),
    })
}

pub(super) fn by_mark(hands: &Hands<'_>, uri: &ResourceUri) -> Result<Found, Trouble> {
    let mut found = hands.marked(uri)?;
    Ok(match found.len() {
        0 => Found::Nothing,
        1 => Found::Bib(Box::new(found.remove(0))),
        _ => Found::Several(found.into_iter().map(|bib| bib.mms).collect()),
    })
}

/// A person has put another MMS ID into the field, while our mark is still in the bib that was linked: two bibs would
/// describe one resource.
fn left_behind(hands: &Hands<'_>, known: &Known, now: Option<&MmsId>) -> Result<Option<String>, Trouble> {
    let (Some(link), Some(now)) = (&known.link, now) else { return Ok(None) };
    if link.mms == *now {
        return Ok(None);
    }
    let mark = hands.mark(&known.resource.uri)?;
    let Some(bib) = hands.alma.bib(&link.mms)? else { return Ok(None) };
    let is_ours = BibImage::of(&bib).is_ok_and(|image| mark.owner(&image.record) == Owner::Ours);
    Ok(is_ours.then(|| format!("the field names the bib {now}, and our 035 is in the bib {}", link.mms)))
}
