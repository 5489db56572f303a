//! The stand-in's answers have the fields of recorded ones, in XML and in JSON.

use super::{holding, make, world};
use cartouche::http::{self, Answer, Call, Method};
use cartouche::push::alma::RemoteRepresentation;
use cartouche::push::item::{ItemField, item_body};
use cartouche::sandbox::alma_rest::{KEY, REPOSITORY};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// An answer of the stand-in to a GET.
fn ask(base_url: &str, path: &str, key: &str, accept: &str) -> Answer {
    let options = http::Options { time_out: Duration::from_secs(10), retries: 0, requests_per_second: None };
    let url = format!("{base_url}{path}");
    let headers: &[(&'static str, &str)] = &[("authorization", key), ("accept", accept)];
    let call = Call { method: Method::Get, url: &url, headers, body: None };
    http::Client::without_redirects(options).unwrap().call(&call).unwrap()
}

fn json(base_url: &str, path: &str) -> Value {
    let answer = ask(base_url, path, &format!("apikey {KEY}"), "application/json");
    serde_json::from_slice(&answer.body).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn sample(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/alma").join(name);
    let text = std::fs::read_to_string(&path).ok();
    if text.is_none() {
        eprintln!("left out: {} is not there", path.display());
    }
    text
}

/// `a/b` for each key of objects in objects; a list counts by its first member.
fn keys(value: &Value, before: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            into.insert(format!("{before}{name}"));
            keys(value, &format!("{before}{name}/"), into);
        }),
        Value::Array(list) => list.iter().take(1).for_each(|one| keys(one, before, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn keys_of(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    keys(value, "", &mut found);
    found
}

/// The elements of a document by their paths, with their attributes; MARC itself is left out.
fn elements_of(xml: &str) -> BTreeSet<String> {
    let (mut found, mut open) = (BTreeSet::new(), Vec::<String>::new());
    for tag in xml.split('<').skip(1).filter(|tag| !tag.starts_with(['?', '!'])) {
        let tag = tag.split('>').next().unwrap();
        if tag.starts_with('/') {
            open.pop();
            continue;
        }
        let name = tag.split([' ', '/', '\n']).next().unwrap();
        open.push(name.to_owned());
        let path = open.join("/");
        if !path.contains("record/") {
            found.insert(path.clone());
            let attributes = tag.split('"').step_by(2).filter_map(|part| part.trim().strip_suffix('='));
            let attributes = attributes.map(|part| part.split_whitespace().last().unwrap().to_owned());
            // A meaning is shown where Alma's tables have one, which differ.
            found.extend(attributes.filter(|it| it != "desc").map(|attribute| format!("{path}@{attribute}")));
        }
        if tag.ends_with('/') {
            open.pop();
        }
    }
    found
}

/// What either side has alone, but for what depends on the record.
fn check(what: &str, ours: BTreeSet<String>, recorded: BTreeSet<String>, varies: &[&str]) {
    let differs: Vec<&String> = ours.symmetric_difference(&recorded).collect();
    let differs: Vec<&&String> = differs.iter().filter(|path| !varies.iter().any(|it| path.contains(it))).collect();
    assert!(differs.is_empty(), "{what}: {differs:?}");
}

struct Asked {
    base_url: String,
    bib: String,
    holding: String,
    item: String,
    representation: String,
    _world: super::World,
}

fn asked() -> Asked {
    let world = world();
    let client = world.client("");
    let bib = make(&client, "T", "1");
    let title = "<datafield ind1=\"1\" ind2=\"0\" tag=\"245\">";
    let more = "<datafield ind1=\" \" ind2=\" \" tag=\"020\"><subfield code=\"a\">1</subfield></datafield><datafield ind1=\"1\" ind2=\" \" \
                tag=\"100\"><subfield code=\"a\">A</subfield></datafield><datafield ind1=\" \" ind2=\" \" tag=\"260\"><subfield code=\"a\">P\
                </subfield><subfield code=\"b\">B</subfield><subfield code=\"c\">C</subfield></datafield>";
    // Alma's own answer goes back as it is, but for the fields.
    let bib = client.update_bib(&bib.mms, &bib.xml.replace(title, &format!("{more}{title}"))).unwrap();
    let held = client.create_holding(&bib.mms, &holding("maps")).unwrap();
    let item =
        client.create_item(&bib.mms, &held.id, &item_body(held.id.as_str(), &[(ItemField::Barcode, "1")])).unwrap();
    let remote = RemoteRepresentation {
        library: "SPEC".to_owned(),
        usage_type: "PRESERVATION_MASTER".to_owned(),
        repository: REPOSITORY.to_owned(),
        originating_record_id: "oai:r:IE1".to_owned(),
        linking_parameter_1: "IE1".to_owned(),
        label: Some("L".to_owned()),
        public_note: Some("N".to_owned()),
    };
    let one = client.create_representation(&bib.mms, &remote).unwrap();
    let at = format!("/bibs/{}", bib.mms);
    Asked {
        base_url: world.sandbox.alma_api_base_url(),
        holding: format!("{at}/holdings/{}", held.id),
        item: format!("{at}/holdings/{}/items/{}", held.id, item.key.pid),
        representation: format!("{at}/representations/{}", one.id),
        bib: at,
        _world: world,
    }
}

#[test]
fn answers_in_xml_have_the_elements_of_recorded_ones() {
    let asked = asked();
    let key = format!("apikey {KEY}");
    let list = format!("/bibs?mms_id={}", asked.bib.rsplit('/').next().unwrap());
    let holdings = format!("{}/holdings", asked.bib);
    let items = format!("{}/items", asked.holding);
    let representations = format!("{}/representations", asked.bib);
    let cases: [(&str, &str, &[&str]); 9] = [
        (&asked.bib, "rest-bibsysdev/bib.xml", &["isbn"]),
        (&list, "rest-bibsysdev/bibs.xml", &["complete_edition"]),
        (&asked.holding, "rest-bibsysdev/holding.xml", &["last_modified_by"]),
        // This list alone calls the publisher by another name, in a description that Alma made in 2016.
        (&holdings, "rest-bibsysdev/holdings.xml", &["publisher", "isbn"]),
        // Empty or left out: both were recorded.
        (&asked.item, "rest-bibsysdev/item.xml", &["complete_edition", "isbn", "date_of_publication"]),
        (&items, "rest-bibsysdev/items.xml", &["complete_edition", "isbn", "date_of_publication"]),
        (&asked.representation, "rest-bibsysdev/representation.xml", &["@link"]),
        (&representations, "rest-bibsysdev/representations.xml", &[]),
        // Fields of an issue of a newspaper are not played.
        (
            &asked.representation,
            "rest-nlnz/representation-remote-rosetta.xml",
            &["entity_type", "issue", "year", "season_month", "day_in_month"],
        ),
    ];
    for (path, name, varies) in cases {
        let Some(recorded) = sample(name) else { return };
        let answer = ask(&asked.base_url, path, &key, "application/xml");
        let ours = String::from_utf8(answer.body).unwrap();
        check(name, elements_of(&ours), elements_of(&recorded), varies);
    }
}

#[test]
fn answers_in_json_have_the_keys_of_recorded_ones() {
    let asked = asked();
    let list = format!("/bibs?mms_id={}", asked.bib.rsplit('/').next().unwrap());
    let items = format!("{}/items", asked.holding);
    // Answers of 2016 to 2018 lack what later ones have, and the other way round; what belongs to one record is not played.
    let bib_varies = [
        "cataloging_level",
        "complete_edition",
        "last_modified_by",
        "suppress_from_external",
        "sync_with_oclc",
        "holdings/value",
    ];
    let item_varies = [
        "arrival_date",
        "awaiting_reshelving",
        "inventory_price",
        "date_of_publication",
        "complete_edition",
        "item_data/enumeration",
        "item_data/chronology",
    ];
    let list_varies = [&item_varies[..], &["inventory_number", "physical_condition"]].concat();
    let cases: [(&str, &str, &[&str]); 5] = [
        (&list, "rest-php-alma-client/bibs_holdings.json", &bib_varies),
        (&asked.item, "rest-php-alma-client/item_response.json", &item_varies),
        (&items, "rest-php-alma-client/items_response.json", &list_varies),
        ("/conf/libraries", "recorded/libraries.json", &["link"]),
        ("/conf/libraries/SPEC/locations", "recorded/locations.json", &[]),
    ];
    for (path, name, varies) in cases {
        let Some(recorded) = sample(name) else { return };
        let recorded = serde_json::from_str(&recorded).unwrap();
        check(name, keys_of(&json(&asked.base_url, path)), keys_of(&recorded), varies);
    }
}

#[test]
fn marc_in_json_is_xml_in_a_string_that_calls_itself_utf_16() {
    let asked = asked();
    for path in [&asked.bib, &asked.holding] {
        let answer = json(&asked.base_url, path);
        let text = answer["anies"][0].as_str().unwrap();
        assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<record><leader>"), "{text}");
    }
}

#[test]
fn calls_that_were_recorded_end_here_as_they_did_there() {
    let asked = asked();
    let Some(recorded) = sample("recorded/exlibris-vcr.jsonl") else { return };
    for line in recorded.lines() {
        let exchange: Value = serde_json::from_str(line).unwrap();
        let (_, path) = exchange["uri"].as_str().unwrap().split_once("/almaws/v1").unwrap();
        let answer = ask(&asked.base_url, &path.replace("REDACTED", KEY), "", "*/*");
        assert_eq!(u64::from(answer.status), exchange["status"].as_u64().unwrap(), "{path}");
        let mut theirs: Value = serde_json::from_str(exchange["response_body"].as_str().unwrap()).unwrap();
        let mut ours: Value = serde_json::from_slice(&answer.body).unwrap();
        for document in [&mut ours, &mut theirs] {
            if let Some(id) = document.pointer_mut("/errorList/error/0/trackingId") {
                *id = Value::Null;
            }
        }
        assert_eq!(ours, theirs, "{path}");
    }
}

#[test]
fn the_gateway_answers_in_xml_whatever_was_asked_for_and_every_answer_tells_what_is_left() {
    let asked = asked();
    let refused = ask(&asked.base_url, &asked.bib, "apikey wrong", "application/json");
    assert_eq!(refused.status, 400);
    assert!(String::from_utf8(refused.body.clone()).unwrap().contains("<errorCode>UNAUTHORIZED</errorCode>"));
    let before: u64 = refused.header("x-exl-api-remaining").unwrap().parse().unwrap();
    let after = ask(&asked.base_url, &format!("{}?apikey={KEY}", asked.bib), "", "application/json");
    assert_eq!(after.header("x-exl-api-remaining").unwrap().parse::<u64>().unwrap(), before - 1);
    assert!(asked._world.sandbox.api_calls().iter().all(|call| !call.path.contains(KEY)));
}
