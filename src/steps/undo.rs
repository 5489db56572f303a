//! The way back: a package's before-image becomes a package itself, held and staged like any other.

use super::packaging;
use super::prepare::{Feeds, policy_holds};
use super::review::{Author, Decided};
use crate::dc_xml;
use crate::failure::Failure;
use crate::model::dc::Dc;
use crate::model::decision::{Decision, Verb};
use crate::model::outcome::Hold;
use crate::model::time::Timestamp;
use crate::profile::RoundTrip;
use crate::store::prepared::Packed;
use crate::store::restorations::{Judged, NewRestoration, Restoration, ToUndo, Which};
use crate::store::{self, Store};

/// Writes down that packages are to be taken back, where Rosetta still holds what they wrote.
///
/// What Alma says of these IEs is not written again until Alma says something else.
pub fn undo(
    store: &mut Store,
    feeds: Feeds,
    repository: &str,
    which: &[Which],
    author: &Author,
    now: Timestamp,
) -> Result<Decided, Failure> {
    let mut decided = Decided::default();
    let mut restorations = Vec::new();
    for which in which {
        let found = store.to_undo(feeds.rosetta, repository, which)?;
        if found.is_empty() {
            decided.refused.push((named(which), "no package of it was done".to_owned()));
        }
        for package in found {
            match restoration(&package, author, now)? {
                Ok(one) => {
                    decided.done.push(package.ie.to_string());
                    restorations.push(one);
                }
                Err(why) => decided.refused.push((format!("{} ({})", package.ie, package.name), why.to_owned())),
            }
        }
    }
    store.restore(&restorations)?;
    Ok(decided)
}

fn named(which: &Which) -> String {
    match which {
        Which::Run(run) => format!("run {run}"),
        Which::Ie(ie) => ie.to_string(),
        Which::Since(instant) => format!("since {instant}"),
    }
}

fn restoration(
    package: &ToUndo,
    author: &Author,
    now: Timestamp,
) -> Result<Result<NewRestoration, &'static str>, store::Error> {
    if package.is_open {
        return Ok(Err("it is on its way back already"));
    }
    if package.is_followed {
        return Ok(Err("a later package of this IE was done or is in flight: undo that one first"));
    }
    let Some(before) = read(package.before.as_ref())? else {
        return Ok(Err("what Rosetta held before is not known"));
    };
    if !package.is_later {
        return Ok(Err("Rosetta's feed has not shown the IE since: `cartouche harvest` asks it"));
    }
    let shown = read(package.shown.as_ref())?;
    if let Some(refusal) = refusal(shown.as_ref(), package.content, &before) {
        return Ok(Err(refusal));
    }
    let said = read(package.alma.as_ref())?.map_or(package.content, |alma| alma.digest());
    let decision = Decision {
        verb: Verb::Undo,
        ie: package.ie.clone(),
        content: said,
        shown: shown.as_ref().map(Dc::digest),
        package: Some(package.package),
        who: author.who.clone(),
        why: author.why.clone(),
        at: now,
    };
    let (content, digest) = (dc_xml::write_record(&before), before.digest());
    Ok(Ok(NewRestoration { decision, package: package.package, content, digest }))
}

fn refusal(shown: Option<&Dc>, written: crate::model::dc::ContentDigest, before: &Dc) -> Option<&'static str> {
    match shown {
        None => Some("what Rosetta holds now is not known"),
        Some(shown) if shown.digest() == written => None,
        Some(shown) if shown.says_the_same_as(before) => Some("Rosetta holds what it held before"),
        Some(_) => Some("Rosetta's record is no longer the one that was written"),
    }
}

fn read(text: Option<&Packed>) -> Result<Option<Dc>, store::Error> {
    let Some(text) = text else { return Ok(None) };
    Ok(dc_xml::read_anywhere(&text.open_text()?).ok())
}

/// Decides about every way back that is not in the folder yet: Rosetta may have moved on, a person may have approved.
pub fn judge(store: &mut Store, round_trip: &RoundTrip, feeds: Feeds, repository: &str) -> Result<(), Failure> {
    let open = store.open_restorations(feeds.rosetta, repository)?;
    let mut judged = Vec::with_capacity(open.len());
    for one in &open {
        judged.push(judge_one(store, round_trip, one)?);
    }
    if !judged.is_empty() {
        store.judge_restorations(&judged)?;
    }
    Ok(())
}

fn judge_one(store: &Store, round_trip: &RoundTrip, one: &Restoration) -> Result<Judged, Failure> {
    let shown = read(one.shown.as_ref())?;
    let shown_digest = shown.as_ref().map(Dc::digest);
    let judged = |state, code: &str, detail: String| {
        Ok(Judged { decision: one.decision, state, code: code.to_owned(), detail, shown: shown_digest })
    };
    let Some(before) = read(Some(&one.content))? else {
        return judged("refused", "", "what Rosetta held before cannot be read".to_owned());
    };
    if let Some(why) = refusal(shown.as_ref(), one.written, &before) {
        return judged("refused", "", why.to_owned());
    }
    let mut holds = packaging::holds(&before, shown.as_ref(), round_trip.limits.max_value_bytes);
    holds.extend(policy_holds(&round_trip.review, shown.as_ref(), &before, 1));
    let decisions = store.decisions_of(one.ie.as_str())?;
    let about = |decision: &&Decision| {
        decision.is_about(one.digest, shown_digest) && matches!(decision.verb, Verb::Approve | Verb::Reject)
    };
    match decisions.iter().find(about) {
        Some(decision) if decision.verb == Verb::Reject => return judged("refused", "", decision.words()),
        Some(_) => holds.retain(|hold| !hold.can_be_approved()),
        None => {}
    }
    match holds.first() {
        None => judged("package", "", String::new()),
        Some(first) => judged("held", first.code(), holds.iter().map(Hold::detail).collect::<Vec<_>>().join("; ")),
    }
}
