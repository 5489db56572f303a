//! From a plan to the intent that would carry it out, and what a person's decision makes of the plan.

use super::plan::{Draft, Plan, Reason, SkipReason};
use super::resource_uri::ResourceUri;
use crate::model::decision::Verb;
use crate::model::fixity::Fixity;
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::store::intents::{NewIntent, Part};
use crate::store::verdicts::Verdict;

/// What a plan would write; none for one that writes nothing.
pub fn intent_of(uri: &ResourceUri, plan: &Plan, made_by: Fixity) -> Option<NewIntent> {
    match plan {
        Plan::Create { draft } | Plan::Held { mms: None, draft: Some(draft), .. } => {
            Some(of_bib(uri, None, draft, made_by))
        }
        Plan::Update { mms, draft } | Plan::Held { mms: Some(mms), draft: Some(draft), .. } => {
            Some(of_bib(uri, Some(mms), draft, made_by))
        }
        Plan::Unchanged { .. } | Plan::Held { draft: None, .. } | Plan::Skip(_) => None,
    }
}

fn of_bib(uri: &ResourceUri, mms: Option<&MmsId>, draft: &Draft, made_by: Fixity) -> NewIntent {
    NewIntent {
        subject: *uri,
        kind: if mms.is_some() { IntentKind::UpdateBib } else { IntentKind::CreateBib },
        mms: mms.cloned(),
        before: draft.present.as_ref().map(|present| present.text()),
        body: draft.text(),
        made_by,
        undoes: None,
        part: Part::Record,
    }
}

/// The plan after what a person decided about exactly this content over exactly that bib.
///
/// What cannot be approved stays held, whatever was decided.
pub fn judged(plan: Plan, verdict: Option<&Verdict>) -> Plan {
    let Some(verdict) = verdict else { return plan };
    match (verdict.verb, plan) {
        (Verb::Reject, Plan::Held { .. } | Plan::Create { .. } | Plan::Update { .. }) => {
            Plan::Skip(SkipReason::Rejected(verdict.words()))
        }
        (Verb::Approve, Plan::Held { mms, mut reasons, draft: Some(draft) }) => {
            reasons.retain(|reason| !Reason::can_be_approved(reason));
            match (reasons.is_empty(), mms) {
                (false, mms) => Plan::Held { mms, reasons, draft: Some(draft) },
                (true, Some(mms)) => Plan::Update { mms, draft },
                (true, None) => Plan::Create { draft },
            }
        }
        (Verb::Approve | Verb::Reject | Verb::Retry | Verb::Undo, plan) => plan,
    }
}
