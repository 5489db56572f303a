//! What is to be done about one IE: a function of what both systems said, the rules, and what persons decided.

pub use super::find::{Found, How};
pub use super::reason::{Reason, SkipReason};

use super::describe::Described;
use super::reason::bib_in_words;
use super::rules::LinkRules;
use super::subject::LinkSubject;
use crate::model::decision::Verb;
use crate::model::fixity::Fixity;
use crate::model::id::{IePid, MmsId, OaiIdentifier, RepositoryIdentifier};
use crate::model::link_kind::LinkKind;
use crate::profile::HoldPolicy;
use crate::push::alma::{Bib, RemoteRepresentation, Representation};
use crate::push::bib::Suppress;
use crate::push::bib_image::BibImage;
use crate::push::marc::MarcRecord;
use crate::steps::prepare::similarity;
use crate::store::ie_links::IeLink;
use crate::store::link_intents::NewLinkIntent;
use crate::store::verdicts::Verdict;

/// What is known of an IE when it is planned.
pub struct Known<'a> {
    pub subject: &'a LinkSubject,
    pub repository: &'a RepositoryIdentifier,
    /// All representations of the bib that was found; those with this IE's identifier as Alma shows them alone.
    pub representations: &'a [Representation],
    /// What the last run made of it.
    pub before: Option<&'a IeLink>,
    /// A bib that was made for it and is not in Alma any more.
    pub lost: Option<&'a MmsId>,
    /// Other IEs that want the same bib.
    pub rivals: &'a [String],
    /// Records of Alma that named it and were deleted.
    pub former: &'a [String],
    /// Records of Alma's feed that could not be read.
    pub quarantined: u64,
}

/// What would be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Write {
    /// A representation at a bib that is there.
    Point { mms: MmsId, how: How, pointer: RemoteRepresentation },
    /// A bib, and a representation at it.
    Make { image: Box<BibImage>, pointer: RemoteRepresentation },
}

/// What an IE comes to: exactly one of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Plan {
    /// The representation is there.
    Linked {
        mms: MmsId,
        representation: String,
        how: How,
    },
    Do(Write),
    /// A person must look first. Without a `Write` there is nothing that could be approved.
    Held {
        mms: Option<MmsId>,
        reasons: Vec<Reason>,
        write: Option<Write>,
    },
    Skip(SkipReason),
}

/// Plans one IE. `describe` is asked only where a bib is to be made.
pub fn plan<E>(
    known: &Known<'_>,
    found: &Found,
    rules: &LinkRules,
    describe: impl FnOnce() -> Result<Described, E>,
) -> Result<Plan, E> {
    Ok(match found {
        Found::Several(all) => {
            let all = all.iter().map(|(mms, how)| bib_in_words(mms, how)).collect();
            Plan::Held { mms: None, reasons: vec![Reason::SeveralBibs(all)], write: None }
        }
        Found::Bib(bib, how) => match BibImage::of(bib) {
            Ok(image) => at_bib(known, (bib, &image.record, how), rules),
            Err(error) => {
                let reasons = vec![Reason::NotMarc(error.to_string())];
                Plan::Held { mms: Some(bib.mms.clone()), reasons, write: None }
            }
        },
        Found::Nothing => match &rules.new_bibs {
            None => Plan::Skip(SkipReason::NoBib),
            Some(new) => {
                let suppress = if new.suppressed { Suppress::Suppressed } else { Suppress::Published };
                new_bib(known, describe()?, suppress, rules)
            }
        },
    })
}

fn at_bib(known: &Known<'_>, (bib, record, how): (&Bib, &MarcRecord, &How), rules: &LinkRules) -> Plan {
    let (ie, identifier) = (&known.subject.ie, known.subject.identifier.as_str());
    let of_ie = |one: &&Representation| one.originating_record_id.as_deref().map(str::trim) == Some(identifier);
    let ours: Vec<&Representation> = known.representations.iter().filter(of_ie).collect();
    let held = |reason: Reason| Plan::Held { mms: Some(bib.mms.clone()), reasons: vec![reason], write: None };
    match ours.as_slice() {
        [] => {}
        [one] => {
            let target = one.linking_parameter_1.as_deref().map(str::trim).filter(|target| !target.is_empty());
            if target.is_some_and(|target| target != ie.as_str()) {
                let target = target.unwrap_or_default();
                return held(Reason::PointsElsewhere(format!(
                    "the representation {} of the bib {} has this IE's identifier and points at {target}",
                    one.id, bib.mms
                )));
            }
            let representation = one.id.to_string();
            return Plan::Linked { mms: bib.mms.clone(), representation, how: how.clone() };
        }
        several => return held(Reason::SeveralRepresentations(several.len())),
    }
    let mut reasons = Vec::new();
    let others = others(known, record);
    if !others.is_empty() {
        reasons.push(Reason::OtherIes(others));
    }
    if !known.rivals.is_empty() {
        reasons.push(Reason::Contested(known.rivals.to_vec()));
    }
    if matches!(how, How::Identifier(_)) && rules.review.hold != HoldPolicy::Nothing {
        let title = title(record);
        let alike = similarity(known.subject.title(), &title);
        if alike < rules.review.risks.title_similarity {
            reasons.push(Reason::TitleDiffers { percent: (alike * 100.0).round() as u8, title });
        }
    }
    let pointer = pointer(known.subject, rules);
    decide(known, Write::Point { mms: bib.mms.clone(), how: how.clone(), pointer }, reasons, rules)
}

fn new_bib(known: &Known<'_>, described: Described, suppress: Suppress, rules: &LinkRules) -> Plan {
    let mut reasons: Vec<Reason> = described.faults.into_iter().map(Reason::Invalid).collect();
    if !known.former.is_empty() {
        reasons.push(Reason::FormerBib(known.former.to_vec()));
    }
    if known.quarantined > 0 {
        reasons.push(Reason::Quarantine(known.quarantined));
    }
    let image = Box::new(BibImage { suppress: Some(suppress), record: described.record });
    decide(known, Write::Make { image, pointer: pointer(known.subject, rules) }, reasons, rules)
}

fn decide(known: &Known<'_>, write: Write, mut reasons: Vec<Reason>, rules: &LinkRules) -> Plan {
    if let Some(before) = known.before.filter(|before| before.is_linked()) {
        let what = format!("the representation {} of the bib {}", before.representation, before.mms);
        reasons.push(Reason::TakenAway(what));
    } else if let Some(mms) = known.lost {
        reasons.push(Reason::TakenAway(format!("the bib {mms}, which was made for it,")));
    }
    if rules.review.hold == HoldPolicy::Everything {
        reasons.push(Reason::EveryLink);
    }
    if reasons.is_empty() {
        return Plan::Do(write);
    }
    let mms = write.mms().cloned();
    Plan::Held { mms, reasons, write: Some(write) }
}

/// Whatever else the bib is known to stand for: other originating records, and other IEs in its 035.
fn others(known: &Known<'_>, record: &MarcRecord) -> Vec<String> {
    let identifier = known.subject.identifier.as_str();
    let remote = known.representations.iter().filter(|one| one.is_remote);
    let mut others: Vec<String> = remote
        .map(|one| one.originating_record_id.clone().unwrap_or_else(|| format!("representation {}", one.id)))
        .filter(|other| other.trim() != identifier)
        .collect();
    for number in record.data("035").flat_map(|field| field.values("a")).map(str::trim) {
        let bare = number.strip_prefix('(').and_then(|rest| rest.split_once(')')).map_or(number, |(_, rest)| rest);
        let names_another = OaiIdentifier::new(bare).ie_in(known.repository).is_some_and(|ie| ie != known.subject.ie);
        if names_another && !others.iter().any(|other| other == bare) {
            others.push(bare.to_owned());
        }
    }
    others
}

fn pointer(subject: &LinkSubject, rules: &LinkRules) -> RemoteRepresentation {
    let title = subject.title().trim();
    RemoteRepresentation {
        library: rules.pointer.library.clone(),
        usage_type: rules.pointer.usage_type.clone(),
        repository: rules.pointer.repository.clone(),
        originating_record_id: subject.identifier.as_str().to_owned(),
        linking_parameter_1: subject.ie.to_string(),
        label: (!title.is_empty()).then(|| title.to_owned()),
        public_note: None,
    }
}

/// 245 $a and $b.
fn title(record: &MarcRecord) -> String {
    let fields = record.data("245").take(1).flat_map(|field| &field.subfields);
    let parts = fields.filter(|subfield| matches!(subfield.code.as_str(), "a" | "b"));
    parts.map(|subfield| subfield.value.as_str()).collect::<Vec<_>>().join(" ")
}

impl Write {
    pub fn mms(&self) -> Option<&MmsId> {
        match self {
            Write::Point { mms, .. } => Some(mms),
            Write::Make { .. } => None,
        }
    }

    /// What is written down before anything is sent, and decided about.
    pub fn intent(&self, ie: &IePid, made_by: Fixity) -> NewLinkIntent {
        let (kind, mms, body) = match self {
            Write::Point { mms, pointer, .. } => {
                (LinkKind::CreateRepresentation, Some(mms.clone()), pointer_text(mms, pointer))
            }
            Write::Make { image, pointer } => {
                (LinkKind::CreateBib, None, format!("{}\n{}", image.text(), pointer.body()))
            }
        };
        NewLinkIntent { ie: ie.clone(), kind, mms, representation: None, body, made_by, undoes: None }
    }
}

/// A representation with the bib that it is made at.
pub(super) fn pointer_text(mms: &MmsId, pointer: &RemoteRepresentation) -> String {
    format!("bib {mms}\n{}", pointer.body())
}

/// The plan after what a person decided about exactly this. What cannot be approved stays held.
pub fn judged(plan: Plan, verdict: Option<&Verdict>) -> Plan {
    let Some(verdict) = verdict else { return plan };
    match (verdict.verb, plan) {
        (Verb::Reject, Plan::Held { .. } | Plan::Do(_)) => Plan::Skip(SkipReason::Rejected(verdict.words())),
        (Verb::Approve, Plan::Held { mms, mut reasons, write: Some(write) }) => {
            reasons.retain(|reason| !reason.can_be_approved());
            if reasons.is_empty() { Plan::Do(write) } else { Plan::Held { mms, reasons, write: Some(write) } }
        }
        (Verb::Approve | Verb::Reject | Verb::Retry | Verb::Undo, plan) => plan,
    }
}

#[cfg(test)]
mod tests;
