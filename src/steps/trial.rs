//! What another stylesheet would do: decided like any record, beside the profile's own, and kept nowhere.

use super::explain::Explainer;
use super::prepare::decide;
use crate::failure::Failure;
use crate::model::outcome::{Hold, Outcome};
use crate::steps::prepare::Middle;
use crate::store::prepared::Part;
use std::collections::BTreeMap;

/// IEs of one record that are decided before the clock is looked at.
const AT_ONCE: usize = 20;
/// Examples that are named for each line.
const EXAMPLES: usize = 5;

/// A line of the count: how often with the profile's own stylesheet, how often with the tried one, and for which IEs.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Line {
    pub own: u64,
    pub tried: u64,
    /// IEs that are counted with the tried one, those first that were not with the own.
    pub examples: Vec<String>,
}

/// What a sample showed.
#[derive(Debug, Default)]
pub struct Count {
    pub records: u64,
    /// Pairs of a record and an IE.
    pub ies: u64,
    /// Pairs of which the two stylesheets make different things.
    pub differ: u64,
    pub different: Vec<String>,
    /// By `unchanged`, `package`, `held CODE`, `skipped CODE`.
    pub outcomes: BTreeMap<String, Line>,
    /// How often a field would change in Rosetta.
    pub fields: BTreeMap<String, Line>,
    /// What the tried stylesheet failed with, in its own words, and how often.
    pub failures: BTreeMap<String, u64>,
    /// Records of the sample that were not reached.
    pub left: u64,
    /// IEs of the last record that were not reached.
    pub left_ies: u64,
}

/// Decides the records twice, as long as there is time. `explainer` has the profile's own stylesheet.
pub fn count(
    explainer: &mut Explainer<'_>,
    tried: &Middle,
    sample: &[i64],
    goes_on: &dyn Fn() -> bool,
) -> Result<Count, Failure> {
    let mut count = Count::default();
    for (at, id) in sample.iter().enumerate() {
        if !goes_on() {
            count.left = (sample.len() - at) as u64;
            break;
        }
        let Some(record) = explainer.store.record_by_id(*id)? else { continue };
        let (feeds, merges) = (explainer.feeds, tried.merge.is_some());
        count.records += 1;
        let ies = explainer.store.claims_of(record.id)?.len();
        // A newspaper has thousands of IEs: the clock must be looked at between them.
        for after in (0..ies).step_by(AT_ONCE) {
            if after > 0 && !goes_on() {
                count.left_ies = (ies - after) as u64;
                break;
            }
            let part = Part::Slice { after, most: AT_ONCE };
            let work = explainer.store.work_of(feeds.rosetta, explainer.repository.as_str(), merges, &record, part)?;
            // Both look at the same claims, so that the outcomes come in the same order.
            for (own, tried) in decide(&explainer.middle, &work)?.iter().zip(&decide(tried, &work)?) {
                count.add(own, tried);
            }
        }
    }
    Ok(count)
}

impl Count {
    fn add(&mut self, own: &Outcome, tried: &Outcome) {
        let ie = ie_of(tried);
        self.ies += 1;
        let (before, after) = (name_of(own), name_of(tried));
        let line = self.outcomes.entry(after.clone()).or_default();
        line.tried += 1;
        line.note(&ie, before != after);
        self.outcomes.entry(before.clone()).or_default().own += 1;
        let (old, new) = (changed(own), changed(tried));
        for field in old {
            self.fields.entry(field.clone()).or_default().own += 1;
        }
        for field in new {
            let line = self.fields.entry(field.clone()).or_default();
            line.tried += 1;
            line.note(&ie, !old.contains(field));
        }
        if own != tried {
            self.differ += 1;
            if self.different.len() < EXAMPLES && !self.different.contains(&ie) {
                self.different.push(ie);
            }
        }
        if let Outcome::Skipped(_, skip) = tried
            && skip.code() == "transform"
        {
            *self.failures.entry(skip.detail()).or_default() += 1;
        }
    }
}

impl Line {
    fn note(&mut self, ie: &str, is_new: bool) {
        self.examples.retain(|known| known != ie);
        if is_new {
            self.examples.insert(0, ie.to_owned());
        } else {
            self.examples.push(ie.to_owned());
        }
        self.examples.truncate(EXAMPLES);
    }
}

fn ie_of(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Package(package) | Outcome::Held(package, _) => package.ie.to_string(),
        Outcome::Unchanged(ie) => ie.to_string(),
        Outcome::Skipped(ie, _) => ie.as_ref().map(ToString::to_string).unwrap_or_default(),
    }
}

fn name_of(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Package(_) => "package".to_owned(),
        Outcome::Unchanged(_) => "unchanged".to_owned(),
        Outcome::Held(_, holds) => format!("held {}", holds.first().map_or("", Hold::code)),
        Outcome::Skipped(_, skip) => format!("skipped {}", skip.code()),
    }
}

fn changed(outcome: &Outcome) -> &[String] {
    match outcome {
        Outcome::Package(package) | Outcome::Held(package, _) => &package.changed,
        Outcome::Unchanged(_) | Outcome::Skipped(..) => &[],
    }
}
