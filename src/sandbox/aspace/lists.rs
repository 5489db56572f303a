//! Records told one by one and in lists: by page, by numbers, or their numbers alone.

use super::asked::Asked;
use super::records::{Records, system_mtime};
use super::refusal::{Refusal, json as answer};
use super::resolve::resolved;
use crate::web::serve::Response;
use serde_json::{Value, json};

/// `max_page_size` and `default_page_size`, as ArchivesSpace is shipped.
const MOST: u64 = 250;
const USUAL: u64 = 10;

pub(super) fn one(records: &Records, asked: &Asked) -> Result<Response, Refusal> {
    let uri = asked.uri();
    if let ["repositories", number, _, ..] = asked.segments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        in_repository(records, number)?;
    }
    let record = records.get(&uri).ok_or_else(|| not_found(&asked.segments))?;
    Ok(answer(200, &resolved(records, record, asked.all("resolve"))))
}

pub(super) fn not_found(segments: &[String]) -> Refusal {
    match segments.iter().rev().nth(1).map(String::as_str) {
        Some("resources") => Refusal::not_found("Resource"),
        Some("top_containers") => Refusal::not_found("TopContainer"),
        Some("locations") => Refusal::not_found("Location"),
        Some("container_profiles") => Refusal::not_found("ContainerProfile"),
        Some("subjects") => Refusal::not_found("Subject"),
        Some("people") => Refusal::not_found("AgentPerson"),
        Some("corporate_entities") => Refusal::not_found("AgentCorporateEntity"),
        Some("repositories") => Refusal::not_found("Repository"),
        Some(_) | None => Refusal::no_such_path(),
    }
}

pub(super) fn in_repository(records: &Records, number: &str) -> Result<(), Refusal> {
    match records.get(&format!("/repositories/{number}")) {
        Some(_) => Ok(()),
        None => Err(Refusal::of_field("repo_id", "The Repository must exist")),
    }
}

/// A plain array of everything, as `/repositories` has it.
pub(super) fn whole(records: &Records, folder: &str) -> Response {
    answer(200, &records.within(folder).map(|(_, record)| record.clone()).collect())
}

pub(super) fn list(records: &Records, folder: &str, asked: &Asked) -> Result<Response, Refusal> {
    if let Some(number) = folder.strip_prefix("/repositories/").and_then(|rest| rest.split('/').next()) {
        in_repository(records, number)?;
    }
    let since = asked.number("modified_since")?.unwrap_or_default();
    let is_recent = |record: &Value| system_mtime(record).millis().div_euclid(1000) >= since as i64;
    let all: Vec<(u64, &Value)> = records.within(folder).filter(|(_, record)| is_recent(record)).collect();
    let told = |record: &Value| resolved(records, record, asked.all("resolve"));
    if let Some(page) = asked.number("page")? {
        return Ok(paged(&all, page, asked.number("page_size")?.unwrap_or(USUAL).min(MOST), told));
    }
    if let Some(wanted) = numbers(asked)? {
        let chosen = all.iter().filter(|(number, _)| wanted.contains(number));
        return Ok(answer(200, &chosen.map(|(_, record)| told(record)).collect()));
    }
    if asked.argument("all_ids").is_some() {
        return Ok(answer(200, &all.iter().map(|(number, _)| json!(number)).collect()));
    }
    let message = "Must provide either 'page' (a number), 'id_set' (an array of record IDs), or 'all_ids' (a boolean)";
    let fields = ["page", "id_set", "all_ids"].map(|name| (name.to_owned(), message.to_owned()));
    Err(Refusal::of_fields(fields.to_vec()))
}

/// `id_set=1,2,3` and `id_set[]=1&id_set[]=2`, of which there may be as many as records on a page.
fn numbers(asked: &Asked) -> Result<Option<Vec<u64>>, Refusal> {
    let given: Vec<&str> =
        asked.argument("id_set").into_iter().flat_map(|list| list.split(',')).chain(asked.all("id_set")).collect();
    if given.is_empty() {
        return Ok(None);
    }
    let wrong = || Refusal::of_field("id_set", "Wanted type RESTHelpers::IdSet but got another");
    let read: Result<Vec<u64>, Refusal> = given.iter().map(|text| text.trim().parse().map_err(|_| wrong())).collect();
    let read = read?;
    if read.len() as u64 > MOST { Err(wrong()) } else { Ok(Some(read)) }
}

fn paged(all: &[(u64, &Value)], page: u64, size: u64, told: impl Fn(&Value) -> Value) -> Response {
    let (page, size) = (page.max(1), size.max(1));
    let total = all.len() as u64;
    let from = usize::try_from((page - 1).saturating_mul(size)).unwrap_or(usize::MAX);
    let results: Vec<Value> = all.iter().skip(from).take(size as usize).map(|(_, record)| told(record)).collect();
    let last = total.div_ceil(size).max(1);
    answer(200, &json!({"first_page": 1, "last_page": last, "this_page": page, "total": total, "results": results}))
}
