//! The fate of one pair of an Alma record and an IE: where all that is known of both meets.

use super::risk::policy_holds;
use super::{Middle, QUARANTINED};
use crate::dc_xml;
use crate::failure::Failure;
use crate::model::dc::{ContentDigest, Dc, changed_fields};
use crate::model::decision::{Decision, Verb};
use crate::model::id::MmsId;
use crate::model::outcome::{Hold, Outcome, Package, Place, Skip};
use crate::model::state::PackageState;
use crate::steps::merging::{Base, FieldConflict, merge};
use crate::steps::packaging;
use crate::steps::transform::NotTransformed;
use crate::store;
use crate::store::history::{Applied, History, Stored};
use crate::store::prepared::{Claim, Work};
use crate::store::records::StoredBody;

/// One outcome for each IE that the record names.
pub fn decide(middle: &Middle, work: &Work) -> Result<Vec<Outcome>, Failure> {
    let metadata = match work.body.open()? {
        StoredBody::Metadata(metadata) => metadata,
        StoredBody::Quarantined(_) => return Ok(for_all(work, Skip::Quarantined(QUARANTINED.to_owned()))),
        StoredBody::Deleted => return Ok(for_all(work, Skip::Deleted)),
        StoredBody::Absent => return Ok(for_all(work, Skip::NoMetadata)),
        StoredBody::Gone(_) => return Ok(for_all(work, Skip::Gone)),
    };
    let mms = work.identifier.mms_id();
    if work.claims.is_empty() {
        return Ok(vec![Outcome::Skipped(None, Skip::NoMatch)]);
    }
    work.claims.iter().map(|claim| decide_claim(middle, claim, &metadata, mms.as_ref(), work.named)).collect()
}

fn for_all(work: &Work, skip: Skip) -> Vec<Outcome> {
    if work.claims.is_empty() {
        return vec![Outcome::Skipped(None, skip)];
    }
    work.claims.iter().map(|claim| Outcome::Skipped(Some(claim.ie.clone()), skip.clone())).collect()
}

fn decide_claim(
    middle: &Middle,
    claim: &Claim,
    metadata: &str,
    mms: Option<&MmsId>,
    several: usize,
) -> Result<Outcome, Failure> {
    let skip = |skip| Ok(Outcome::Skipped(Some(claim.ie.clone()), skip));
    if claim.place == Place::Unreadable {
        return skip(Skip::Quarantined("the record cannot be read".to_owned()));
    }
    if !claim.others.is_empty() {
        return skip(Skip::Conflict(claim.others.clone()));
    }
    let current = match current(claim)? {
        Current::Missing if middle.require_in_rosetta => return skip(Skip::NotInRosetta),
        Current::Gone => return skip(Skip::NotInRosetta),
        Current::Missing => Ok(None),
        Current::Shown(dc) => Ok(Some(dc)),
        Current::Unreadable(why) => Err(why),
    };
    let read = match middle.transform.apply(metadata, &claim.ie, mms) {
        Ok(read) => read,
        Err(NotTransformed::Skip(message)) => return skip(Skip::Transform(message)),
        Err(NotTransformed::Lost(failure)) => return Err(failure),
    };
    let mut holds: Vec<Hold> = read.misfits.into_iter().map(Hold::NotFlat).collect();
    let shown = current.as_ref().ok().and_then(Option::as_ref);
    let said = read.dc.digest();
    let history = Past(&claim.history);
    let New { dc, alma } = new_record(middle, &history, read.dc, shown, &mut holds)?;
    let digest = dc.digest();
    let is_shown = shown.is_some_and(|shown| shown.says_the_same_as(&dc));
    if holds.is_empty() && (is_shown || history.applied().is_some_and(|applied| applied.content == digest)) {
        return Ok(Outcome::Unchanged(claim.ie.clone()));
    }
    let shown_digest = shown.map(Dc::digest);
    if let Some(decision) = history.turned_down(said, digest, shown_digest) {
        return skip(Skip::Rejected(decision.words()));
    }
    if let Err(why) = &current {
        holds.push(Hold::RosettaUnreadable(why.clone()));
    }
    holds.extend(packaging::holds(&dc, shown, middle.max_value_bytes));
    if middle.hold_several_ies && several > 1 {
        holds.push(Hold::SeveralIes(several));
    }
    holds.extend(policy_holds(&middle.review, shown, &dc, several));
    holds.extend(history.failure(digest));
    holds.extend(history.lock());
    if history.is_approved(digest, shown_digest) {
        holds.retain(|hold| !hold.can_be_approved());
    }
    let changed = changed_fields(shown.unwrap_or(&Dc::default()), &dc);
    let package = Package { ie: claim.ie.clone(), dc, alma, shown: shown_digest, changed };
    Ok(if holds.is_empty() { Outcome::Package(package) } else { Outcome::Held(package, holds) })
}

/// What would be written, and what Alma alone says where that is something else.
struct New {
    dc: Dc,
    alma: Option<Dc>,
}

fn new_record(
    middle: &Middle,
    history: &Past<'_>,
    alma: Dc,
    shown: Option<&Dc>,
    holds: &mut Vec<Hold>,
) -> Result<New, store::Error> {
    let Some(rules) = &middle.merge else { return Ok(New { dc: alma, alma: None }) };
    let Some(shown) = shown else {
        holds.push(Hold::RosettaUnreadable("nothing can be merged into a record that is not known".to_owned()));
        return Ok(New { dc: alma, alma: None });
    };
    let merged = merge(rules, &alma, shown, history.base()?.as_ref());
    holds.extend(merged.conflicts.iter().map(conflict));
    let differs = !merged.dc.says_the_same_as(&alma);
    Ok(New { dc: merged.dc, alma: differs.then_some(alma) })
}

fn conflict(conflict: &FieldConflict) -> Hold {
    let FieldConflict { field, applied, rosetta, alma } = conflict;
    let words = |values: &[String]| {
        if values.is_empty() { "nothing".to_owned() } else { format!("“{}”", values.join("” “")) }
    };
    Hold::MergeConflict { field: field.clone(), applied: words(applied), rosetta: words(rosetta), alma: words(alma) }
}

/// What was done about the IE, asked as its fate needs it.
struct Past<'h>(&'h History);

impl Past<'_> {
    fn is_sent_again(&self, package: i64) -> bool {
        self.0.decisions.iter().any(|decision| decision.verb == Verb::Retry && decision.package == Some(package))
    }

    /// What Rosetta took from us last, unless somebody wants it sent again.
    fn applied(&self) -> Option<&Applied> {
        self.0.last_applied.as_ref().filter(|applied| !self.is_sent_again(applied.package))
    }

    /// The base of a merge: what was written last, and what Alma alone said then.
    fn base(&self) -> Result<Option<Base>, store::Error> {
        let Some((file, alma)) = self.applied().and_then(|applied| applied.texts.as_ref()) else { return Ok(None) };
        let damaged = || store::Error::Damaged { what: "a package of ours".to_owned() };
        let update = packaging::read(&file.open_text()?).map_err(|_| damaged())?;
        let applied = update.dc().ok().flatten().ok_or_else(damaged)?.dc;
        let alma = match alma {
            Some(alma) => dc_xml::read_record(&alma.open_text()?).map_err(|_| damaged())?.dc,
            None => applied.clone(),
        };
        Ok(Some(Base { applied, alma }))
    }

    /// Who decided that this must not be written: taken back whatever Rosetta holds, or rejected as both sides are.
    fn turned_down(&self, said: ContentDigest, new: ContentDigest, shown: Option<ContentDigest>) -> Option<&Decision> {
        let about = |decision: &&Decision| match decision.verb {
            Verb::Undo => decision.content == said,
            Verb::Retry => decision.content == new,
            Verb::Reject | Verb::Approve => decision.is_about(new, shown),
        };
        self.0.decisions.iter().find(about).filter(|decision| match decision.verb {
            Verb::Undo | Verb::Reject => true,
            Verb::Retry | Verb::Approve => false,
        })
    }

    fn is_approved(&self, new: ContentDigest, shown: Option<ContentDigest>) -> bool {
        let mut about = self.0.decisions.iter().filter(|decision| decision.is_about(new, shown));
        let last_word = about.find(|decision| matches!(decision.verb, Verb::Approve | Verb::Reject));
        last_word.is_some_and(|decision| decision.verb == Verb::Approve)
    }

    /// Who works on the IE in Rosetta: the update job would put a package into `error`.
    fn lock(&self) -> Option<Hold> {
        match &self.0.stored {
            Some(Stored::Record { locked_by, .. }) if !locked_by.is_empty() => Some(Hold::Locked(locked_by.clone())),
            Some(Stored::Record { .. } | Stored::Problem(_)) | None => None,
        }
    }

    /// What failed or is lost is not sent again by itself.
    fn failure(&self, new: ContentDigest) -> Option<Hold> {
        let latest = self.0.latest.as_ref()?;
        match latest.state {
            PackageState::Error if latest.content == new && !self.is_sent_again(latest.package) => {
                Some(Hold::FailedBefore(format!("the same content ended in error: {}", latest.name)))
            }
            PackageState::Lost => Some(Hold::FailedBefore(format!("an earlier package is lost: {}", latest.name))),
            PackageState::Error | PackageState::Planned | PackageState::Staged => None,
            PackageState::Done | PackageState::Withdrawn => None,
        }
    }
}

enum Current {
    /// Rosetta's feed never showed the IE, or shows it as deleted.
    Missing,
    /// It was shown and vanished without a tombstone: nothing is written to it, whatever the profile requires.
    Gone,
    Shown(Dc),
    Unreadable(String),
}

/// What Rosetta holds of an IE, as every comparison takes it; `None` when that cannot be read.
pub fn compared(claim: &Claim) -> Result<Option<Dc>, store::Error> {
    Ok(match current(claim)? {
        Current::Shown(dc) => Some(dc),
        Current::Missing | Current::Gone | Current::Unreadable(_) => None,
    })
}

fn current(claim: &Claim) -> Result<Current, store::Error> {
    let body = match &claim.rosetta {
        Some(packed) => packed.open()?,
        None => return Ok(Current::Missing),
    };
    let metadata = match body {
        StoredBody::Deleted => return Ok(Current::Missing),
        StoredBody::Gone(_) => return Ok(Current::Gone),
        StoredBody::Metadata(metadata) => Ok(metadata),
        StoredBody::Absent => Err("the record came without metadata".to_owned()),
        StoredBody::Quarantined(_) => Err(QUARANTINED.to_owned()),
    };
    let metadata = match &claim.history.stored {
        Some(Stored::Record { record, .. }) => Ok(record.open_text()?),
        Some(Stored::Problem(why)) => Err(why.clone()),
        None => metadata,
    };
    Ok(match metadata.and_then(|metadata| dc_xml::read_anywhere(&metadata).map_err(|error| error.to_string())) {
        Ok(dc) => Current::Shown(dc),
        Err(why) => Current::Unreadable(why),
    })
}
