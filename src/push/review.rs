//! What persons decide about what the push holds. A decision is written down; the next run acts on it.

use super::plan::Reason;
use super::resource_uri::ResourceUri;
use super::shelf::place::Spot;
use crate::failure::{Failure, Kind, stated};
use crate::model::decision::Verb;
use crate::model::intent::{IntentKind, IntentState};
use crate::model::time::Timestamp;
use crate::steps::review::{Author, Decided};
use crate::store::Store;
use crate::store::intents::Intent;

/// Which of what is held is meant. An empty selection means nothing, never everything.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Resources, or numbers of intents as `push list held` shows them.
    pub ids: Vec<String>,
    pub all: bool,
    /// Held for this reason, among others.
    pub code: Option<String>,
}

/// What was shown is not what is held now.
pub const MOVED_ON: &str = "a run has begun it, or holds something else in its place, since it was shown";

impl Selection {
    /// Refuses an empty selection. `what` is what can be named.
    pub fn must_select(&self, what: &str) -> Result<(), Failure> {
        if self.ids.is_empty() && !self.all && self.code.is_none() {
            let hint = format!("name {what}, or give --all or --code");
            return Err(stated(Kind::Configuration, "nothing is selected", hint));
        }
        Ok(())
    }

    /// Whether something that is held for `codes` is meant, as far as reasons go.
    pub fn has_code(&self, codes: &str) -> bool {
        self.code.as_ref().is_none_or(|code| codes.split_whitespace().any(|other| other == code))
    }
}

/// Why an approval would be of no use: one of the reasons is a fault that has to be mended where it is. `why`: codes and words.
pub fn no_approval_helps(verb: Verb, why: &(String, String), can_be_approved: fn(&str) -> bool) -> Option<String> {
    let code = why.0.split_whitespace().find(|code| verb == Verb::Approve && !can_be_approved(code))?;
    Some(mend_it(code, &why.1))
}

/// What there is to say of a fault.
pub fn mend_it(code: &str, detail: &str) -> String {
    format!("{code}: no approval helps, it has to be mended in its system ({detail})")
}

/// Approves or rejects. To approve what is held because the bib is not ours is to adopt the bib, when it is written.
pub fn decide(
    store: &mut Store,
    verb: Verb,
    selection: &Selection,
    author: &Author,
    now: Timestamp,
) -> Result<Decided, Failure> {
    selection.must_select("resources")?;
    let mut decided = Decided::default();
    for intent in select(store, verb, selection, &mut decided)? {
        let name = intent.target.subject.to_string();
        if let Some(why) = no_approval_helps(verb, &intent.why, Reason::code_can_be_approved) {
            decided.refused.push((name, why));
        } else if store.judge_intent(&intent, verb, &author.why, now)? {
            decided.done.push(name);
        } else {
            decided.refused.push((name, MOVED_ON.to_owned()));
        }
    }
    Ok(decided)
}

fn select(store: &Store, verb: Verb, selection: &Selection, decided: &mut Decided) -> Result<Vec<Intent>, Failure> {
    let held = store.intents_in(Some(IntentState::Held), usize::MAX >> 1)?;
    let has_code = |intent: &&Intent| selection.has_code(&intent.why.0);
    if selection.ids.is_empty() {
        return Ok(held.iter().filter(has_code).cloned().collect());
    }
    let mut selected = Vec::new();
    for id in &selection.ids {
        let found: Vec<Intent> = match (id.trim_start_matches('#').parse::<i64>(), ResourceUri::parse(id)) {
            (Ok(number), _) => by_number(store, verb, (&held, number))?,
            (Err(_), Ok(uri)) => of_resource(store, verb, &uri)?,
            (Err(_), Err(error)) => {
                let hint = "`cartouche push list PROFILE held` shows what to type";
                return Err(stated(Kind::Configuration, error.to_string(), hint));
            }
        };
        if found.is_empty() {
            decided.refused.push((id.clone(), nothing(store, id)?));
        }
        selected.extend(found.into_iter().filter(|intent| has_code(&intent)));
    }
    Ok(selected)
}

/// What is held under a number; to approve, also a part of it, a field, a holding or an item, that was rejected, for people change their minds.
fn by_number(store: &Store, verb: Verb, (held, number): (&[Intent], i64)) -> Result<Vec<Intent>, Failure> {
    let found: Vec<Intent> = held.iter().filter(|intent| intent.id == number).cloned().collect();
    if !found.is_empty() || verb != Verb::Approve {
        return Ok(found);
    }
    let is_part =
        |intent: &Intent| intent.target.spot != Spot::default() || intent.target.kind == IntentKind::WriteFields;
    let of_shelf = |intent: &Intent| intent.state == IntentState::Rejected && is_part(intent);
    Ok(store.intent(number)?.filter(of_shelf).into_iter().collect())
}

/// What is held for a resource; to approve, also what was rejected, for people change their minds.
fn of_resource(store: &Store, verb: Verb, uri: &ResourceUri) -> Result<Vec<Intent>, Failure> {
    let all = store.intents_of(uri)?;
    let held: Vec<Intent> = all.iter().filter(|intent| intent.state == IntentState::Held).cloned().collect();
    if !held.is_empty() || verb != Verb::Approve {
        return Ok(held);
    }
    let rejected = rejected_now(store, uri)?;
    Ok(all.into_iter().filter(|intent| Some(intent.id) == rejected).collect())
}

/// The rejected intent on which a resource's present state stands. An older one speaks of what nobody would write today.
fn rejected_now(store: &Store, uri: &ResourceUri) -> Result<Option<i64>, Failure> {
    let Some(planned) = store.planned(uri)? else { return Ok(None) };
    let rejections = store.rejections_of(uri)?;
    let stands = match (planned.outcome.as_str(), planned.code.as_str()) {
        // The plan ended with this very decision.
        ("skipped", "rejected") => rejections.iter().rev().find(|(_, verdict)| verdict.words() == planned.detail),
        // It was decided about what the plan held, and no run has been since.
        ("held", _) => rejections.last().filter(|(_, verdict)| verdict.at >= planned.at),
        (_, _) => None,
    };
    Ok(stands.map(|(intent, _)| *intent))
}

/// Why nothing can be decided about a resource.
fn nothing(store: &Store, id: &str) -> Result<String, Failure> {
    let lines = store.resource_lines(Some("held"), usize::MAX >> 1)?;
    let uri = ResourceUri::parse(id).ok();
    let planned = lines.into_iter().find(|line| Some(line.uri) == uri).and_then(|line| line.planned);
    Ok(planned.map_or("nothing is held for it".to_owned(), |planned| mend_it(&planned.code, &planned.detail)))
}
