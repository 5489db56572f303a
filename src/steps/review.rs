//! What persons decide about packages: approve, reject, retry. A decision is written down; the next run acts on it.

use crate::failure::{Failure, Kind, stated};
use crate::model::decision::{Decision, Verb, held_id};
use crate::model::id::IePid;
use crate::model::outcome::Hold;
use crate::model::time::Timestamp;
use crate::store::Store;
use crate::store::decisions::Failed;
use crate::store::decisions::HeldLine;
use std::collections::BTreeMap;

/// Which of what waits for a person is meant. An empty selection means nothing, never everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// IE PIDs, or the names of what is held as `list held` shows them.
    pub ids: Vec<String>,
    pub all: bool,
    /// Held for this reason first.
    pub code: Option<String>,
    /// The OAI identifier of an Alma record.
    pub alma: Option<String>,
}

impl Selection {
    fn is_empty(&self) -> bool {
        self.ids.is_empty() && !self.all && self.code.is_none() && self.alma.is_none()
    }
}

/// Who decides, and why.
#[derive(Debug, Clone)]
pub struct Author {
    pub who: String,
    pub why: String,
}

/// What came of deciding.
#[derive(Debug, Clone, Default)]
pub struct Decided {
    /// The IEs that it was decided about.
    pub done: Vec<String>,
    /// What could not be decided about, and why.
    pub refused: Vec<(String, String)>,
}

/// Approves or rejects what is held.
pub fn decide(
    store: &mut Store,
    verb: Verb,
    selection: &Selection,
    author: &Author,
    now: Timestamp,
) -> Result<Decided, Failure> {
    must_select(selection)?;
    let held = store.held(None)?;
    let mut decided = Decided::default();
    let mut decisions = Vec::new();
    for line in select(&held, selection, &mut decided)? {
        match refusal(line, verb) {
            Some(why) => decided.refused.push((name(line), why)),
            None => {
                decided.done.push(line.ie.to_string());
                decisions.push(Decision {
                    verb,
                    ie: line.ie.clone(),
                    content: line.content,
                    shown: line.shown,
                    package: None,
                    who: author.who.clone(),
                    why: author.why.clone(),
                    at: now,
                });
            }
        }
    }
    store.decide(&decisions)?;
    Ok(decided)
}

fn must_select(selection: &Selection) -> Result<(), Failure> {
    if selection.is_empty() {
        return Err(stated(Kind::Configuration, "nothing is selected", "name IEs, or give --all or a filter"));
    }
    Ok(())
}

/// What is held and meant; ids that mean nothing, or what is no longer held so, are refused.
fn select<'h>(
    held: &'h [HeldLine],
    selection: &Selection,
    decided: &mut Decided,
) -> Result<Vec<&'h HeldLine>, Failure> {
    let passes = |line: &&HeldLine| {
        selection.code.as_ref().is_none_or(|code| *code == line.code)
            && selection.alma.as_ref().is_none_or(|alma| *alma == line.alma)
    };
    if selection.ids.is_empty() {
        return Ok(held.iter().filter(passes).collect());
    }
    let mut by_ie: BTreeMap<&str, Vec<&HeldLine>> = BTreeMap::new();
    for line in held.iter().filter(passes) {
        by_ie.entry(line.ie.as_str()).or_default().push(line);
    }
    let mut selected = Vec::new();
    for id in &selection.ids {
        let (ie, exactly) = id.split_once('-').map_or((id.as_str(), false), |(ie, _)| (ie, true));
        if let Err(error) = IePid::parse(ie) {
            return Err(stated(
                Kind::Configuration,
                error.to_string(),
                "`cartouche list PROFILE held` shows what to type",
            ));
        }
        match by_ie.get(ie).map(Vec::as_slice) {
            None => decided.refused.push((id.clone(), "nothing is held for this IE".to_owned())),
            Some(lines) if !exactly => selected.extend(lines.iter().copied()),
            Some(lines) => match lines.iter().find(|line| name(line) == *id) {
                Some(line) => selected.push(*line),
                None => decided.refused.push((id.clone(), MOVED_ON.to_owned())),
            },
        }
    }
    Ok(selected)
}

const MOVED_ON: &str = "Alma or Rosetta has moved on since it was reviewed: the next run prepares and holds it anew";

fn refusal(line: &HeldLine, verb: Verb) -> Option<String> {
    if line.is_stale {
        return Some(MOVED_ON.to_owned());
    }
    let is_approved = verb == Verb::Approve;
    if is_approved && line.code == "failed-before" {
        return Some("it failed before: `cartouche retry` sends it again".to_owned());
    }
    (is_approved && !Hold::code_can_be_approved(&line.code))
        .then(|| format!("{}: no approval helps, it has to be mended in Alma or in the stylesheet", line.detail))
}

/// As `list held` shows it.
pub fn name(line: &HeldLine) -> String {
    held_id(&line.ie, line.content, line.shown)
}

/// Lets what ended in error, was lost, or was done and did not take, be sent again.
pub fn retry(store: &mut Store, selection: &Selection, author: &Author, now: Timestamp) -> Result<Decided, Failure> {
    must_select(selection)?;
    let failed = store.failed_packages()?;
    let mut decided = Decided::default();
    let mut chosen: Vec<&Failed> = Vec::new();
    if selection.ids.is_empty() {
        let passes = |failed: &&Failed| {
            selection.code.as_ref().is_none_or(|code| *code == failed.fate)
                && selection.alma.as_ref().is_none_or(|alma| *alma == failed.alma)
        };
        chosen.extend(failed.iter().filter(passes));
    }
    for id in &selection.ids {
        match failed.iter().find(|failed| failed.ie.as_str() == id || failed.name == *id) {
            Some(failed) => chosen.push(failed),
            None => decided.refused.push((id.clone(), "no package of it failed, is lost, or did not take".to_owned())),
        }
    }
    let decisions: Vec<Decision> = chosen
        .into_iter()
        .map(|failed| {
            decided.done.push(failed.ie.to_string());
            Decision {
                verb: Verb::Retry,
                ie: failed.ie.clone(),
                content: failed.content,
                shown: failed.shown,
                package: Some(failed.package),
                who: author.who.clone(),
                why: author.why.clone(),
                at: now,
            }
        })
        .collect();
    store.retry(&decisions)?;
    Ok(decided)
}
