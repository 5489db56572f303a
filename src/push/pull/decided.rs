//! What a person decided about one value of a pull, and what is held for a person until then.

use super::act::{Pulling, intent};
use super::fate::foretold;
use super::image::FieldImage;
use super::plan::{Draft, Step};
use super::subject::Subject;
use crate::model::decision::Verb;
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::push::trouble::Trouble;
use crate::store::intents::{NewIntent, Part};
use crate::store::verdicts::Verdict;
use crate::store::{Error, Store};

/// What stands there and what would, as an intent keeps it.
type Images<'a> = &'a dyn Fn(&Draft) -> (String, String);

/// The step after what a person decided about exactly this value over exactly that one. What is held then is kept for a person, and
/// what was held before, and is not what would be held now, must not be approved any more.
pub(super) fn decided(
    store: &mut Store,
    pulling: Pulling<'_>,
    at: (&Subject, &MmsId),
    (kind, part, images): (IntentKind, Part, Images<'_>),
    step: Step,
) -> Result<Step, Trouble> {
    let new = |draft: &Draft| intent(pulling, at, (kind, part.clone()), images(draft));
    let drafted = step.draft().map(new);
    let verdict = drafted.as_ref().map(|new| verdict_about(store, new)).transpose()?.flatten();
    let step = judged(step, verdict.as_ref());
    if pulling.dry_run {
        return Ok(step);
    }
    match (&step, drafted) {
        (Step::Held { draft: Some(_), .. }, Some(new)) => {
            let (end, _) = foretold(&step);
            let hands = pulling.hands;
            store.hold_intent(&new, (&end.code, &end.detail), hands.run, (hands.clock)())?;
        }
        (_, new) => {
            let nothing = Draft { before: None, value: String::new() };
            let target = new.unwrap_or_else(|| intent(pulling, at, (kind, part), images(&nothing))).target();
            store.release_target(&target)?;
        }
    }
    Ok(step)
}

fn judged(step: Step, verdict: Option<&Verdict>) -> Step {
    let Some(verdict) = verdict else { return step };
    match (verdict.verb, step) {
        (Verb::Reject, Step::Write(_) | Step::Held { .. }) => Step::Rejected(verdict.words()),
        (Verb::Approve, Step::Held { mut reasons, draft: Some(draft) }) => {
            reasons.retain(|reason| !reason.can_be_approved());
            if reasons.is_empty() { Step::Write(draft) } else { Step::Held { reasons, draft: Some(draft) } }
        }
        (Verb::Approve | Verb::Reject | Verb::Retry | Verb::Undo, step) => step,
    }
}

/// The latest decision about exactly this. Fields are held one by one and written in one save: whether an approval was used is seen in
/// what was saved.
fn verdict_about(store: &mut Store, new: &NewIntent) -> Result<Option<Verdict>, Error> {
    let (target, digest, before) = (new.target(), new.digest(), new.before_digest());
    if new.kind != IntentKind::WriteFields {
        return store.verdict(&target, &digest, before.as_ref());
    }
    let Some((about, verdict)) = store.last_verdict(&target, &digest, before.as_ref())? else { return Ok(None) };
    if verdict.verb != Verb::Approve {
        return Ok(Some(verdict));
    }
    let image = |text: &str| FieldImage::read(text).unwrap_or_default();
    let (was, wanted) = (image(new.before.as_deref().unwrap_or("{}")), image(&new.body));
    let is_this = |before: Option<&str>, body: &str| {
        image(before.unwrap_or("{}")).has_all_of(&was) && image(body).has_all_of(&wanted)
    };
    let pulled = store.fields_pulled(&new.subject)?;
    let is_used = pulled.iter().any(|(id, it)| *id > about && is_this(it.before.as_deref(), &it.body));
    Ok(Some(verdict).filter(|_| !is_used))
}
