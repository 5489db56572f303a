//! What is to be done about one resource: a function of what both systems said, the rules, and what persons decided.

mod reason;
mod risk;

pub use reason::{Reason, SkipReason};

use super::alma::Bib;
use super::bib::{Suppress, read_bib};
use super::bib_image::BibImage;
use super::bib_merge::{MergeRules, Merged, merge};
use super::facts_of_resource::facts_of;
use super::marc::MarcRecord;
use super::marc_repairs::{RepairNote, RepairSettings, apply, reasons_to_hold};
use super::marc_validation::{Finding, Severity, may_be_sent, validate};
use super::own_mark::{InvalidMark, OwnMark};
use super::resource::Resource;
use super::rules::PushRules;
use crate::model::id::MmsId;

/// What is known of a resource when it is planned.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub resource: &'a Resource,
    /// ArchivesSpace's export, as it was read.
    pub marc: &'a MarcRecord,
    /// What of the XML is no MARC, in words.
    pub malformed: &'a [String],
    /// Why the field for the MMS ID cannot be read.
    pub field_error: Option<&'a str>,
    /// Other resources that claim the same bib.
    pub rivals: &'a [String],
    /// What this program wrote into the bib last, without what was Alma's then.
    pub base: Option<&'a BibImage>,
    /// The bib that a person said is the one, although it has no mark.
    pub adopted: Option<&'a MmsId>,
}

/// What Alma has for a resource.
#[derive(Debug, Clone)]
pub enum Found {
    /// No MMS ID is known, and no bib has our mark.
    Nothing,
    /// This MMS ID is known, and Alma does not have it; nor has a bib our mark.
    Unknown(MmsId),
    Bib(Box<Bib>),
    /// Several bibs have our mark.
    Several(Vec<MmsId>),
}

/// A record to be written, and how it came about.
#[derive(Debug, Clone)]
pub struct Draft {
    pub merged: Merged,
    pub suppress: Suppress,
    pub repairs: Vec<RepairNote>,
    pub findings: Vec<Finding>,
    /// Alma's bib as it is, where there is one.
    pub present: Option<BibImage>,
}

impl Draft {
    pub fn image(&self) -> BibImage {
        BibImage { suppress: Some(self.suppress), record: self.merged.record.clone() }
    }

    /// What is kept of it, and decided about.
    pub fn text(&self) -> String {
        self.image().text_from(&self.merged.sources)
    }
}

/// What a resource comes to: exactly one of these.
#[derive(Debug, Clone)]
pub enum Plan {
    /// Alma's bib says it already.
    Unchanged {
        mms: MmsId,
        draft: Box<Draft>,
    },
    Create {
        draft: Box<Draft>,
    },
    Update {
        mms: MmsId,
        draft: Box<Draft>,
    },
    /// A person must look first. Without a draft there is nothing that could be approved.
    Held {
        mms: Option<MmsId>,
        reasons: Vec<Reason>,
        draft: Option<Box<Draft>>,
    },
    Skip(SkipReason),
}

/// Plans one resource.
pub fn plan(subject: Subject<'_>, found: &Found, rules: &PushRules) -> Result<Plan, InvalidMark> {
    let uri = subject.resource.uri.to_string();
    let mark = OwnMark::new(&rules.mark, &uri)?;
    if rules.linking.sets.as_ref().is_some_and(|sets| !sets.has(&subject.resource.json)) {
        return Ok(Plan::Skip(SkipReason::NotInSet));
    }
    let merge_rules = MergeRules { tags: &rules.tags, leader: rules.leader, mark: &mark };
    let is_public = subject.resource.visibility.is_public();
    let drafted = |alma: Option<BibImage>| draft(subject, alma, merge_rules, rules);
    let without_bib = |reasons: Vec<Reason>| {
        if rules.linking.published_only && !is_public {
            return Plan::Skip(SkipReason::Unpublished);
        }
        decide(None, reasons, drafted(None), subject, rules)
    };
    let mut reasons: Vec<Reason> = subject.field_error.map(|why| Reason::Field(why.to_owned())).into_iter().collect();
    Ok(match found {
        Found::Nothing => without_bib(reasons),
        Found::Unknown(_) if rules.linking.create_when_unknown => without_bib(reasons),
        Found::Unknown(mms) => {
            reasons.push(Reason::UnknownMms(mms.clone()));
            without_bib(reasons)
        }
        Found::Several(all) => {
            reasons.push(Reason::SeveralBibs(all.clone()));
            Plan::Held { mms: None, reasons, draft: None }
        }
        Found::Bib(bib) => match read_bib(&bib.xml) {
            Err(not_marc) => {
                reasons.push(Reason::NotMarc(not_marc.to_string()));
                Plan::Held { mms: Some(bib.mms.clone()), reasons, draft: None }
            }
            Ok(read) => {
                reasons.extend(reason::of_bib(subject, &read, mark.owner(&read.record)));
                let image = BibImage { suppress: read.suppress, record: read.record };
                decide(Some(&bib.mms), reasons, drafted(Some(image)), subject, rules)
            }
        },
    })
}

/// Repairs, merges and checks.
fn draft(subject: Subject<'_>, present: Option<BibImage>, merge_rules: MergeRules<'_>, rules: &PushRules) -> Draft {
    let mut record = subject.marc.clone();
    let settings = RepairSettings { mark_prefix: Some(rules.mark.clone()), ..rules.repairs.clone() };
    let repairs = apply(&mut record, &settings, &facts_of(subject.resource));
    let merged = merge(&record, present.as_ref().map(|image| &image.record), merge_rules);
    let findings = validate(&merged.record);
    let visibility = subject.resource.visibility;
    let suppress = Suppress::of_resource(visibility.publish, visibility.suppressed);
    Draft { merged, suppress, repairs, findings, present }
}

fn decide(
    mms: Option<&MmsId>,
    mut reasons: Vec<Reason>,
    draft: Draft,
    subject: Subject<'_>,
    rules: &PushRules,
) -> Plan {
    let is_unchanged = draft.present.as_ref().is_some_and(|present| present.is_same_state_as(&draft.image()));
    let draft = Box::new(draft);
    if let (true, true, Some(mms)) = (is_unchanged, reasons.is_empty(), mms) {
        return Plan::Unchanged { mms: mms.clone(), draft };
    }
    reasons.extend(subject.malformed.iter().map(|what| Reason::Malformed(what.clone())));
    reasons.extend(reasons_to_hold(&draft.repairs).map(|note| Reason::Repair(format!("{}: {}", note.tag, note.did))));
    if !may_be_sent(&draft.findings) {
        let errors = draft.findings.iter().filter(|finding| finding.severity == Severity::Error);
        reasons.extend(errors.map(|finding| Reason::Invalid(format!("{} {}", finding.place, finding.fault))));
    }
    reasons.extend(risk::risks(&draft, subject.base, rules));
    match (reasons.is_empty(), mms) {
        (false, mms) => Plan::Held { mms: mms.cloned(), reasons, draft: Some(draft) },
        (true, Some(mms)) => Plan::Update { mms: mms.clone(), draft },
        (true, None) => Plan::Create { draft },
    }
}

#[cfg(test)]
mod tests;
