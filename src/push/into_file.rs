//! Everything that differs from what the last files said goes into one new file for an import profile. The same review as for
//! Alma's API comes before it; Alma is not asked.

use super::apply::{Hands, write_file};
use super::bib_image::BibImage;
use super::chain::{self, Fate, Known, was_undone};
use super::intended::{intent_of, judged};
use super::limits::Extent;
use super::plan::{Found, Plan, SkipReason, Subject, plan};
use super::report::PushReport;
use super::resource_uri::ResourceUri;
use super::run::{Wish, may_do};
use super::trouble::Trouble;
use crate::failure::Failure;
use crate::model::intent::IntentKind;
use crate::store::Store;
use crate::store::intents::{NewIntent, Part};
use std::collections::BTreeSet;
use std::path::Path;

/// Plans all, writes one file, and notes what became of each.
pub(super) fn into_file(
    store: &mut Store,
    hands: &Hands<'_>,
    (due, folder): (&[ResourceUri], &Path),
    wish: &Wish,
    report: &mut PushReport,
) -> Result<(), Failure> {
    let dry_run = wish.dry_run;
    let name = format!("{}_{}.xml", report.profile, (hands.clock)().compact());
    let mut new = Vec::new();
    let mut waiting = Vec::new();
    for uri in due {
        let known = match Known::read(store, hands, uri)? {
            None => continue,
            Some(Ok(known)) => known,
            Some(Err(why)) => {
                report.fates.push(chain::unreadable(store, hands, uri, why, dry_run)?);
                continue;
            }
        };
        let (plan, intent) = planned(store, hands, &known, &name)?;
        let fate = chain::foretold(uri, &plan);
        match (&plan, intent) {
            (Plan::Create { .. }, Some(intent)) => new.push(intent),
            (Plan::Held { .. }, Some(intent)) => {
                let held = NewIntent { part: Part::Record, ..intent };
                if !dry_run {
                    store.hold_intent(&held, (&fate.code, &fate.detail), hands.run, (hands.clock)())?;
                }
            }
            (Plan::Create { .. } | Plan::Held { .. }, None)
            | (Plan::Skip(_) | Plan::Unchanged { .. } | Plan::Update { .. }, _) => {
                if !dry_run {
                    store.release_held(uri)?;
                }
            }
        }
        waiting.push((known, fate));
    }
    if hands.push.limits.is_any() {
        let fates: Vec<Fate> = waiting.iter().map(|(_, fate)| fate.clone()).collect();
        may_do(store, hands, wish, into_file_extent(&fates, &store.described()?), report)?;
    }
    if !new.is_empty() && !dry_run {
        write_file::send(store, hands, folder, (&name, &new))?;
    }
    for (known, mut fate) in waiting {
        if !dry_run {
            if fate.outcome == "create" {
                fate = Fate { outcome: "created", detail: name.clone(), ..fate };
            }
            chain::note(store, hands, &known, &fate)?;
        }
        report.fates.push(fate);
    }
    Ok(())
}

/// A record that a file held before, in other words, is a change; the import profile makes a bib of one that is new.
fn into_file_extent(fates: &[Fate], described: &BTreeSet<ResourceUri>) -> Extent {
    let new: Vec<ResourceUri> = fates.iter().filter(|fate| fate.outcome == "create").map(|fate| fate.uri).collect();
    Extent::at_most(&new, described)
}

/// What becomes of a resource, after what lies in a file already and what persons decided; and the intent that would write it.
fn planned(
    store: &mut Store,
    hands: &Hands<'_>,
    known: &Known,
    name: &str,
) -> Result<(Plan, Option<NewIntent>), Trouble> {
    if let Some(why) = was_undone(known) {
        return Ok((Plan::Skip(why), None));
    }
    let plan = plan(alone(known), &Found::Nothing, &hands.push.rules)?;
    let Some(intent) = intent_of(&known.resource.uri, &plan, hands.made_by) else { return Ok((plan, None)) };
    let intent = NewIntent { kind: IntentKind::WriteFile, part: Part::File(name.to_owned()), ..intent };
    let before = store.last_done(&intent.target())?;
    if before.is_some_and(|before| before.digests.0 == intent.digest()) {
        return Ok((Plan::Skip(SkipReason::WrittenBefore), None));
    }
    let verdict = store.verdict(&intent.target(), &intent.digest(), intent.before_digest().as_ref())?;
    Ok((judged(plan, verdict.as_ref()), Some(intent)))
}

/// A resource of which nothing is asked in Alma: the import profile matches it there.
fn alone(known: &Known) -> Subject<'_> {
    let none: Option<&BibImage> = None;
    Subject {
        resource: &known.resource,
        marc: &known.marc,
        malformed: &known.malformed,
        field_error: None,
        rivals: &[],
        base: none,
        adopted: None,
    }
}
