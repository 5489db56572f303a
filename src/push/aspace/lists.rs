//! Lists of ArchivesSpace's, each to its proven end, and what an answer's bytes say.

use super::MOST_AT_ONCE;
use super::calls::Call;
use super::error::Error;
use super::wire::{Ask, Wire, path};
use crate::http::Answer;
use crate::push::resource_uri::{ContainerUri, ResourceUri};
use crate::push::top_container::TopContainer;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn json(ask: &Ask<'_>, answer: &Answer) -> Result<Value, Error> {
    serde_json::from_slice(&answer.body).map_err(|error| ask.unreadable(error.to_string()))
}

pub(super) fn text(ask: &Ask<'_>, answer: &Answer) -> Result<String, Error> {
    let text = std::str::from_utf8(&answer.body).map_err(|_| ask.unreadable("not UTF-8"))?;
    Ok(text.trim_start_matches('\u{FEFF}').to_owned())
}

/// Each member of a plain array; anything else is no list of ArchivesSpace's.
pub(super) fn members<T>(json: Value, reader: impl Fn(Value) -> Result<T, String>) -> Result<Vec<T>, String> {
    match json {
        Value::Array(members) => members.into_iter().map(reader).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Object(_) => {
            Err("it is no list".to_owned())
        }
    }
}

/// A repository's top containers page by page. Pages move when somebody saves: what comes twice counts once, and a list that
/// is not whole is asked for once more.
pub(super) fn all_pages(
    wire: &Wire,
    repository: u64,
    since: Option<&str>,
    resolve: &[(&str, &str)],
) -> Result<Vec<TopContainer>, Error> {
    let mut said = String::new();
    for _attempt in 0..2 {
        let (mut seen, mut list, mut number) = (BTreeSet::new(), Vec::new(), 1);
        let total = loop {
            let page = page(wire, repository, number, since, resolve)?;
            list.extend(page.results.into_iter().filter(|one| seen.insert(one.uri)));
            if number >= page.last {
                break page.total;
            }
            number += 1;
        };
        if list.len() as u64 == total {
            return Ok(list);
        }
        said = format!("{} of {total} came", list.len());
    }
    Err(Error::Unreadable { doing: format!("{} of repository {repository}", Call::ListContainers), why: said })
}

struct Page {
    last: u64,
    total: u64,
    results: Vec<TopContainer>,
}

fn page(
    wire: &Wire,
    repository: u64,
    number: u64,
    since: Option<&str>,
    resolve: &[(&str, &str)],
) -> Result<Page, Error> {
    let (repository, number, size) = (repository.to_string(), number.to_string(), MOST_AT_ONCE.to_string());
    let mut query = vec![("page", number.as_str()), ("page_size", size.as_str())];
    query.extend(since.map(|since| ("modified_since", since)));
    query.extend(resolve);
    let of = format!("of repository {repository}, page {number}");
    let ask = Ask::get(Call::ListContainers, of, path(&["repositories", &repository, "top_containers"], &query));
    let mut document = json(&ask, &wire.ask(&ask)?)?;
    let count = |name: &str| {
        document.get(name).and_then(Value::as_u64).ok_or_else(|| ask.unreadable(format!("it has no `{name}`")))
    };
    let (last, total) = (count("last_page")?, count("total")?);
    let results = document.get_mut("results").map(Value::take).unwrap_or_default();
    Ok(Page { last, total, results: containers(&ask, results)? })
}

fn containers(ask: &Ask<'_>, results: Value) -> Result<Vec<TopContainer>, Error> {
    let read = |json| TopContainer::read(json).map_err(|error| error.to_string());
    members(results, read).map_err(|why| ask.unreadable(why))
}

/// The numbers of the top containers that the index knows of a resource; none when it does not tell all of them.
///
/// The search always gives its first page, of 10,000 at most, and ignores `page`, `page_size` and `offset` (`search_stream` in
/// top_container.rb, 2026). Its records are as old as the index: only their names are taken.
pub(super) fn found_by_index(wire: &Wire, uri: &ResourceUri) -> Result<Option<Vec<u64>>, Error> {
    let repository = uri.repository().to_string();
    let term = json!({ "collection_uri_u_sstr": uri.to_string() }).to_string();
    let query = [("filter_term[]", term.as_str())];
    let segments = ["repositories", &repository, "top_containers", "search"];
    let ask = Ask::get(Call::FindContainers, format!("of {uri}"), path(&segments, &query));
    let document = json(&ask, &wire.ask(&ask)?)?;
    let response = document.get("response").ok_or_else(|| ask.unreadable("it has no `response`"))?;
    let docs = response.get("docs").and_then(Value::as_array).ok_or_else(|| ask.unreadable("it has no `docs`"))?;
    let found =
        response.get("numFound").and_then(Value::as_u64).ok_or_else(|| ask.unreadable("it has no `numFound`"))?;
    if found != docs.len() as u64 {
        return Ok(None);
    }
    let mut numbers = BTreeSet::new();
    for doc in docs {
        let name = doc.get("uri").or_else(|| doc.get("id")).and_then(Value::as_str).unwrap_or_default();
        let container = ContainerUri::parse(name).map_err(|error| ask.unreadable(error.to_string()))?;
        numbers.insert(container.number());
    }
    Ok(Some(numbers.into_iter().collect()))
}

/// Top containers by their numbers, as the database has them now; those that are gone are missing.
pub(super) fn by_numbers(
    wire: &Wire,
    repository: u64,
    numbers: &[u64],
    resolve: &[(&str, &str)],
) -> Result<Vec<TopContainer>, Error> {
    let mut all = Vec::new();
    // A hundred numbers stay well within the length that proxies take of a URL.
    for chunk in numbers.chunks(100) {
        let ids: Vec<String> = chunk.iter().map(u64::to_string).collect();
        let (repository, ids) = (repository.to_string(), ids.join(","));
        let mut query = vec![("id_set", ids.as_str())];
        query.extend(resolve);
        let of = format!("{} of repository {repository}", chunk.len());
        let ask = Ask::get(Call::ReadContainers, of, path(&["repositories", &repository, "top_containers"], &query));
        all.extend(containers(&ask, json(&ask, &wire.ask(&ask)?)?)?);
    }
    Ok(all)
}
