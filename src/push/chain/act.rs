//! What a plan comes to when it is carried out: bib, link, write-back; or in words, when it is not.

use super::{Fate, Known, fate};
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::push::apply::{Hands, Wrote, create_bib, update_bib, write_mms_id};
use crate::push::in_words::in_words;
use crate::push::intended::intent_of;
use crate::push::plan::{Draft, Found, Plan};
use crate::push::resource_uri::ResourceUri;
use crate::push::trouble::Trouble;
use crate::store::Store;
use crate::store::intents::{NewIntent, Part};
use crate::store::links::How;

/// Does what was planned; none when it has to be planned again.
pub(super) fn act(
    store: &mut Store,
    hands: &Hands<'_>,
    known: &Known,
    (found, planned): (&Found, Plan),
    dry_run: bool,
) -> Result<Option<Fate>, Trouble> {
    let uri = &known.resource.uri;
    let intent = intent_of(uri, &planned, hands.made_by);
    if dry_run {
        return Ok(Some(foretold(uri, &planned)));
    }
    match (planned, intent) {
        (Plan::Skip(why), _) => {
            store.release_held(uri)?;
            Ok(Some(fate(uri, "skipped", why.code(), why.to_string(), None)))
        }
        (Plan::Held { mms, reasons, .. }, intent) => {
            let (code, detail) = in_words(&reasons);
            match &intent {
                Some(intent) => _ = store.hold_intent(intent, (&code, &detail), hands.run, (hands.clock)())?,
                None => store.release_held(uri)?,
            }
            Ok(Some(fate(uri, "held", &code, detail, mms)))
        }
        (Plan::Unchanged { mms, .. }, _) => {
            store.release_held(uri)?;
            let done = fate(uri, "unchanged", "", String::new(), Some(mms));
            written_back(store, hands, known, done, found).map(Some)
        }
        (Plan::Create { .. }, _) if hands.push.rules.linking.write_back && !hands.may_save(uri) => {
            let why = "ArchivesSpace lets its user save nothing in this repository, so no bib is made".to_owned();
            Ok(Some(fate(uri, "failed", "denied", why, None)))
        }
        (Plan::Create { draft }, Some(intent)) => {
            let wrote = create_bib::send(store, hands, &intent, &draft.image())?;
            after(store, hands, known, (found, wrote), "created")
        }
        (Plan::Update { mms, draft }, Some(intent)) => {
            let Draft { present: Some(present), .. } = draft.as_ref() else { return Ok(None) };
            let wrote = update_bib::send(store, hands, &intent, (&mms, present, &draft.image()))?;
            after(store, hands, known, (found, wrote), "updated")
        }
        // A plan that writes has an intent; without one there is nothing to do, and it is planned again.
        (Plan::Create { .. } | Plan::Update { .. }, None) => Ok(None),
    }
}

fn after(
    store: &mut Store,
    hands: &Hands<'_>,
    known: &Known,
    (found, wrote): (&Found, Wrote),
    outcome: &'static str,
) -> Result<Option<Fate>, Trouble> {
    let uri = &known.resource.uri;
    match wrote {
        Wrote::Done(bib) => {
            let mms = match (&bib, found) {
                (Some(bib), _) => Some(bib.mms.clone()),
                (None, Found::Bib(bib)) => Some(bib.mms.clone()),
                (None, Found::Nothing | Found::Unknown(_) | Found::Several(_)) => None,
            };
            let done = Fate { bib, ..fate(uri, outcome, "", String::new(), mms) };
            written_back(store, hands, known, done, found).map(Some)
        }
        // What it is now has to be seen: a bib that was found made is linked, and its MMS ID written back.
        Wrote::FoundDone => match written_to(store, uri, found)? {
            Some(mms) => {
                let done = fate(uri, outcome, "", String::new(), Some(mms));
                written_back(store, hands, known, done, found).map(Some)
            }
            None => Ok(None),
        },
        Wrote::Moved => Ok(None),
        Wrote::Failed(why) => Ok(Some(fate(uri, "failed", "", why, None))),
        Wrote::Waiting(why) => Ok(Some(fate(uri, "waiting", "unknown", why, None))),
    }
}

/// The bib that was written: the one that was found, or the one that was made, which is linked. What is linked while another bib was
/// found is an older bib.
fn written_to(store: &Store, uri: &ResourceUri, found: &Found) -> Result<Option<MmsId>, Trouble> {
    Ok(match found {
        Found::Bib(bib) => Some(bib.mms.clone()),
        Found::Nothing | Found::Unknown(_) | Found::Several(_) => store.link(uri)?.map(|link| link.mms),
    })
}

/// Notes the link, and puts the MMS ID into its field where it is not.
fn written_back(
    store: &mut Store,
    hands: &Hands<'_>,
    known: &Known,
    mut done: Fate,
    found: &Found,
) -> Result<Fate, Trouble> {
    let Some(mms) = done.mms.clone() else { return Ok(done) };
    let uri = known.resource.uri;
    let held = known.field.clone().ok().flatten();
    let is_there = held.as_deref() == Some(mms.as_str());
    let how = match found {
        Found::Bib(_) if known.candidate().is_ok_and(|candidate| candidate.is_some()) => How::Field,
        Found::Bib(_) => How::Mark,
        Found::Nothing | Found::Unknown(_) | Found::Several(_) => How::Created,
    };
    store.set_link(&uri, &mms, how, (hands.clock)())?;
    if is_there || !hands.push.rules.linking.write_back {
        return Ok(done);
    }
    if known.resource.visibility.suppressed {
        // ArchivesSpace saves nothing that is suppressed. It is planned again when it says something else.
        let detail = "ArchivesSpace saves no suppressed resource: unsuppress it to have its MMS ID written".to_owned();
        return Ok(Fate { code: "suppressed".to_owned(), detail, ..done });
    }
    let new = NewIntent {
        subject: uri,
        kind: IntentKind::WriteMmsId,
        mms: Some(mms.clone()),
        before: held,
        body: mms.to_string(),
        made_by: hands.made_by,
        undoes: None,
        part: Part::Record,
    };
    match write_mms_id::send(store, hands, &new, known.resource.clone())? {
        Wrote::Done(_) | Wrote::FoundDone => done.written_back = true,
        Wrote::Moved => done = Fate { outcome: "waiting", code: "write-back".to_owned(), ..done },
        Wrote::Failed(why) => {
            done = Fate { outcome: "failed", code: "write-back".to_owned(), detail: why, ..done };
        }
        Wrote::Waiting(why) => {
            done = Fate { outcome: "waiting", code: "write-back".to_owned(), detail: why, ..done };
        }
    }
    Ok(done)
}

/// What a run would do.
pub fn foretold(uri: &ResourceUri, plan: &Plan) -> Fate {
    match plan {
        Plan::Unchanged { mms, .. } => fate(uri, "unchanged", "", String::new(), Some(mms.clone())),
        Plan::Create { .. } => fate(uri, "create", "", String::new(), None),
        Plan::Update { mms, .. } => fate(uri, "update", "", String::new(), Some(mms.clone())),
        Plan::Skip(why) => fate(uri, "skipped", why.code(), why.to_string(), None),
        Plan::Held { mms, reasons, .. } => {
            let (code, detail) = in_words(reasons);
            fate(uri, "held", &code, detail, mms.clone())
        }
    }
}
