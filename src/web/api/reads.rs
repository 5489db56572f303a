//! The lists of the page as JSON: each is read by the function that the page reads it with.

use super::{answer, body, limit, list, objects, problem, rows};
use crate::failure::Failure;
use crate::model::fixity::Fixity;
use crate::report::objects::given;
use crate::store::coverage::Kept;
use crate::store::outcomes::{OutcomeFilter, Slice};
use crate::store::titles::Progress;
use crate::web::pages::{audit as journal, coverage as covered, held as waits, packages as sent};
use crate::web::pages::{quarantine as unreadable, runs as log, skipped as skips, windows as ledger};
use crate::web::search::{Found, find};
use crate::web::serve::Response;
use crate::web::visit::Visit;
use serde_json::{Value, json};

/// Records of each profile where all are asked.
const EACH: usize = 15;
/// Longer questions are no words of a title.
const LONGEST: usize = 500;

pub fn packages(visit: &Visit<'_>) -> Result<Response, Failure> {
    let filter = match sent::filter(visit, visit.desk().settle_within()) {
        Ok(filter) => filter,
        Err(why) => return Ok(problem(400, "This filter cannot be used", &why)),
    };
    visit.desk().with_store(|store| list(visit, |after, limit| sent::read(store, &filter, after, limit), objects::sent))
}

pub fn held(visit: &Visit<'_>) -> Result<Response, Failure> {
    outcomes(visit, "held")
}

pub fn waiting(visit: &Visit<'_>) -> Result<Response, Failure> {
    outcomes(visit, "package")
}

fn outcomes(visit: &Visit<'_>, kind: &str) -> Result<Response, Failure> {
    let filter = waits::filter(visit, kind);
    visit.desk().with_trip(|store, trip| {
        let read = |after: Option<&str>, limit| waits::read_with_age(store, trip, &filter, after, limit);
        list(visit, read, |(item, moved_on)| objects::waiting(item, *moved_on))
    })
}

pub fn skipped(visit: &Visit<'_>) -> Result<Response, Failure> {
    skips_of(visit, &waits::filter(visit, "skipped"))
}

pub fn unmatched(visit: &Visit<'_>) -> Result<Response, Failure> {
    skips_of(visit, &skips::with_code(visit, "no-match"))
}

pub fn conflicts(visit: &Visit<'_>) -> Result<Response, Failure> {
    skips_of(visit, &skips::with_code(visit, "conflict"))
}

fn skips_of(visit: &Visit<'_>, filter: &OutcomeFilter) -> Result<Response, Failure> {
    visit
        .desk()
        .with_store(|store| list(visit, |after, limit| waits::read(store, filter, after, limit), objects::skipped))
}

pub fn deleted(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit.desk().with_trip(|store, trip| {
        let read = |after: Option<&str>, limit| covered::read_deleted(store, trip, visit.asked("set"), after, limit);
        list(visit, read, objects::deleted)
    })
}

pub fn coverage(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(kept) = visit.desk().coverage(visit.now)? else { return Ok(not_yet()) };
    let coverage = kept.coverage()?;
    let sets = coverage.sets.iter().map(|(set, counts)| {
        let mut fields = objects::counts(counts);
        fields.insert("set".to_owned(), json!(given(set)));
        Value::Object(fields)
    });
    let total = objects::counts(&coverage.total);
    Ok(answer(
        200,
        &json!({"taken": kept.taken.to_string(), "is-prepared": kept.is_prepared, "total": total,
                "sets": sets.collect::<Vec<_>>()}),
    ))
}

fn not_yet() -> Response {
    problem(503, "Not yet", "it is being counted for the first time: ask again in a minute")
}

pub fn without_alma(visit: &Visit<'_>) -> Result<Response, Failure> {
    kept(visit, covered::read_without_alma, objects::without_alma)
}

pub fn without_ie(visit: &Visit<'_>) -> Result<Response, Failure> {
    kept(visit, covered::read_without_ie, objects::without_ie)
}

pub fn claimed_twice(visit: &Visit<'_>) -> Result<Response, Failure> {
    kept(visit, |kept, _, after, limit| Ok(kept.claimed_twice(after, limit)?), objects::claimed)
}

fn kept<T>(
    visit: &Visit<'_>,
    read: impl Fn(&Kept, Option<&str>, i64, usize) -> Result<Slice<T, i64>, Failure>,
    object: impl Fn(&T) -> Value,
) -> Result<Response, Failure> {
    let Some(kept) = visit.desk().coverage(visit.now)? else { return Ok(not_yet()) };
    let read = |after: Option<&str>, limit| {
        let after = after.and_then(|after| after.parse().ok()).unwrap_or(0);
        let slice = read(&kept, visit.asked("set"), after, limit)?;
        Ok(Slice { items: slice.items, next: slice.next.map(|next| next.to_string()) })
    };
    list(visit, read, object)
}

pub fn quarantine(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit
        .desk()
        .with_store(|store| list(visit, |after, limit| unreadable::read(store, after, limit), objects::quarantined))
}

/// One record in quarantine with its text as it was sent.
pub fn quarantined(visit: &Visit<'_>) -> Result<Response, Failure> {
    let number = visit.parameters.first().and_then(|number| number.parse().ok());
    let found = number.map(|number| visit.desk().with_store(|store| Ok(store.quarantine_item(number)?)));
    let Some((line, bytes)) = found.transpose()?.flatten() else {
        return Ok(problem(404, "Not found", "no record in quarantine has this number"));
    };
    let mut value = objects::quarantined(&line);
    value["text"] = json!(crate::oai::page::text_of(&bytes));
    Ok(answer(200, &value))
}

pub fn runs(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit.desk().with_store(|store| list(visit, |after, limit| log::read(store, after, limit), objects::run))
}

pub fn windows(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit
        .desk()
        .with_trip(|store, trip| list(visit, |after, limit| ledger::read(store, trip, after, limit), objects::window))
}

pub fn audit(visit: &Visit<'_>) -> Result<Response, Failure> {
    visit.desk().with_store(|store| {
        list(visit, |after, limit| journal::read(store, visit.asked("ie"), after, limit), objects::entry)
    })
}

/// The last proof of the journal, and whether another one is being made.
pub fn proof(visit: &Visit<'_>) -> Result<Response, Failure> {
    let (proven, is_asked) = visit.desk().ready.proven();
    let proven = proven.as_deref().map(objects::proven);
    Ok(answer(200, &json!({"is-being-proven": is_asked, "proof": proven})))
}

/// Has the journal proven; asks for the digest `head` in it, when one is given.
pub fn prove(visit: &Visit<'_>) -> Result<Response, Failure> {
    let body = match body(visit) {
        Ok(body) => body,
        Err(problem) => return Ok(problem),
    };
    let head = match body["head"].as_str().map(Fixity::parse).transpose() {
        Ok(head) => head,
        Err(why) => return Ok(problem(400, "Not understood", &why.to_string())),
    };
    journal::ask(visit, head)?;
    let mut response = proof(visit)?;
    response.status = 202;
    Ok(response)
}

pub fn search(visit: &Visit<'_>) -> Result<Response, Failure> {
    if !visit.desk().has_trip() {
        let why = "this profile has resources of ArchivesSpace only: give `q` to its resources";
        return Ok(problem(404, "Not found", why));
    }
    let Some(typed) = question(visit) else { return Ok(nothing_asked()) };
    let limit = match limit(visit) {
        Ok(limit) => limit,
        Err(problem) => return Ok(problem),
    };
    let found = find(visit.desk(), typed, visit.asked("after"), limit)?;
    Ok(answer(200, &hits(&found)))
}

fn hits(found: &Found) -> Value {
    let mut value = rows(&found.titled, objects::hit);
    value["named"] = found.named.iter().map(objects::hit).collect();
    value["index"] = index(found.progress);
    value
}

/// In all profiles that the person may see.
pub fn search_everywhere(visit: &Visit<'_>) -> Result<Response, Failure> {
    let Some(typed) = question(visit) else { return Ok(nothing_asked()) };
    let mut profiles = Vec::new();
    let seen = visit.site.desks.iter().filter(|desk| visit.person.roles.contains_key(desk.name()));
    for desk in seen.filter(|desk| desk.has_trip()) {
        let mut value = hits(&find(desk, typed, None, EACH)?);
        value["profile"] = json!(desk.name());
        profiles.push(value);
    }
    Ok(answer(200, &json!({"profiles": profiles})))
}

fn question<'v>(visit: &'v Visit<'_>) -> Option<&'v str> {
    visit.asked("q").filter(|typed| typed.len() <= LONGEST && !typed.contains('\0'))
}

fn nothing_asked() -> Response {
    problem(
        400,
        "Nothing is asked",
        "give `q`: an IE PID, an MMS ID, an OAI identifier, or at most 500 bytes of words of a title",
    )
}

fn index(progress: Option<Progress>) -> Value {
    let progress = progress.unwrap_or(Progress { is_complete: false, done: 0, of: 0 });
    json!({"is-complete": progress.is_complete, "done": progress.done, "of": progress.of})
}
