//! The index: what Solr says of top containers, as old as it is, and the walk over a resource's tree.

use super::Aspace;
use super::asked::Asked;
use super::lists::{in_repository, not_found};
use super::records::Records;
use super::refusal::{Refusal, json as answer};
use crate::web::serve::Response;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What the index knows of top containers.
#[derive(Debug)]
pub(super) struct Index {
    docs: BTreeMap<String, Value>,
    /// Whether it follows what is saved.
    pub(super) stands_still: bool,
    /// `max_top_container_results`.
    pub(super) most: usize,
}

impl Index {
    pub(super) fn of(records: &Records) -> Self {
        let mut index = Index { docs: BTreeMap::new(), stands_still: false, most: 10_000 };
        index.catch_up(records);
        index
    }

    /// Reads everything anew, unless it was told to stand still.
    pub(super) fn catch_up(&mut self, records: &Records) {
        if !self.stands_still {
            let of = |record: &Value| (record["uri"].as_str().unwrap_or_default().to_owned(), record.clone());
            self.docs = records.containers().map(of).collect();
        }
    }
}

/// `top_containers/search`: always the first page, with the records as texts.
pub(super) fn search(aspace: &Aspace, repository: &str, asked: &Asked) -> Result<Response, Refusal> {
    in_repository(&aspace.records, repository)?;
    let folder = format!("/repositories/{repository}/top_containers/");
    let mut terms = Vec::new();
    for term in asked.all("filter_term") {
        let read: Result<BTreeMap<String, String>, _> = serde_json::from_str(term);
        terms.extend(read.map_err(|_| Refusal::of_field("filter_term", "Wanted type [String] but got another"))?);
    }
    let docs = aspace.index.docs.iter().filter(|(uri, _)| uri.starts_with(&folder));
    let docs: Vec<Value> = docs.map(|(uri, record)| doc(uri, record)).filter(|doc| has_all(doc, &terms)).collect();
    let found = docs.len();
    let docs: Vec<Value> = docs.into_iter().take(aspace.index.most).collect();
    let header = json!({"status": 0, "QTime": 1, "params": {"start": "0", "rows": aspace.index.most.to_string()}});
    Ok(answer(
        200,
        &json!({
            "responseHeader": header,
            "response": {"numFound": found, "start": 0, "numFoundExact": true, "docs": docs},
        }),
    ))
}

fn has_all(doc: &Value, terms: &[(String, String)]) -> bool {
    terms.iter().all(|(field, wanted)| match doc.get(field) {
        Some(Value::Array(values)) => values.iter().any(|value| value == wanted),
        Some(value) => value == wanted,
        None => false,
    })
}

fn doc(uri: &str, record: &Value) -> Value {
    let all = |list: &str, name: &str| {
        let list = record[list].as_array().map(Vec::as_slice).unwrap_or_default();
        list.iter().filter_map(|one| one.get(name)).cloned().collect::<Vec<Value>>()
    };
    let mut doc = json!({
        "id": uri, "uri": uri, "title": record["display_string"], "display_string": record["display_string"],
        "primary_type": "top_container", "types": ["top_container"], "json": record.to_string(),
        "repository": record["repository"]["ref"], "type_enum_s": [record["type"]], "indicator_u_stext": [record["indicator"]],
        "collection_uri_u_sstr": all("collection", "ref"), "collection_identifier_u_stext": all("collection", "identifier"),
        "collection_display_string_u_sstr": all("collection", "display_string"),
        "location_uris": all("container_locations", "ref"), "system_mtime": record["system_mtime"], "suppressed": false,
        "publish": true,
    });
    if let Some(barcode) = record.get("barcode") {
        doc["barcode_u_sstr"] = json!([barcode]);
    }
    doc
}

/// `resources/:id/top_containers`: references only, some of them twice.
pub(super) fn of_resource(aspace: &Aspace, asked: &Asked) -> Result<Response, Refusal> {
    let segments = &asked.segments[..4];
    let resource = format!("/{}", segments.join("/"));
    aspace.records.get(&resource).ok_or_else(|| not_found(segments))?;
    let holds = |record: &&Value| {
        record["collection"].as_array().is_some_and(|list| list.iter().any(|one| one["ref"] == json!(resource)))
    };
    let mut links: Vec<Value> =
        aspace.records.containers().filter(holds).map(|record| json!({"ref": record["uri"]})).collect();
    if let Some(first) = links.first().cloned() {
        links.push(first);
    }
    Ok(answer(200, &Value::Array(links)))
}
