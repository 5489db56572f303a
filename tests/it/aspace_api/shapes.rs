//! The stand-in's answers have the fields, the statuses and the texts of recorded ones.

use super::{quilts, world};
use cartouche::http::{self, Answer, Method};
use cartouche::sandbox::aspace::{PASSWORD, USER};
use serde_json::Value;
use std::collections::BTreeSet;
use std::time::Duration;

const RESOURCE: &str = include_str!("../fixtures/archivesspace/resource.json");
const CONTAINER: &str = include_str!("../fixtures/archivesspace/top-container.json");
const EXCHANGES: &str = include_str!("../fixtures/archivesspace/exchanges.jsonl");

pub fn call(method: Method, url: &str, session: Option<&str>, body: Option<&str>) -> Answer {
    let options = http::Options { time_out: Duration::from_secs(10), retries: 0, requests_per_second: None };
    let headers: Vec<(&'static str, &str)> =
        session.into_iter().map(|token| ("x-archivesspace-session", token)).collect();
    let body = body.map(|text| ("application/x-www-form-urlencoded", text));
    let call = http::Call { method, url, headers: &headers, body };
    http::Client::without_redirects(options).unwrap().call(&call).unwrap()
}

fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap()
}

/// `a/b` for each key of objects in objects; a list counts by all its members together.
fn keys(value: &Value, before: &str, into: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            into.insert(format!("{before}{name}"));
            keys(value, &format!("{before}{name}/"), into);
        }),
        Value::Array(list) => list.iter().for_each(|one| keys(one, before, into)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn check(what: &str, ours: &Value, recorded: &Value, varies: &[&str]) {
    let of = |value: &Value| {
        let mut found = BTreeSet::new();
        keys(value, "", &mut found);
        found
    };
    let (ours, recorded) = (of(ours), of(recorded));
    let differs = ours.symmetric_difference(&recorded);
    let differs: Vec<&String> = differs.filter(|path| !varies.iter().any(|start| path.starts_with(start))).collect();
    assert!(differs.is_empty(), "{what}: {differs:?}");
}

#[test]
fn logins_refusals_and_the_version_are_as_recorded() {
    let world = world();
    let base_url = world.sandbox.aspace_base_url();
    let login = |password: &str| {
        call(Method::Post, &format!("{base_url}/users/{USER}/login"), None, Some(&format!("password={password}")))
    };
    let session = json(&login("rosetta%20%26%20stone"))["session"].as_str().unwrap().to_owned();
    assert!(session.len() == 64 && PASSWORD == "rosetta & stone");
    let mut compared = 0;
    for line in EXCHANGES.lines() {
        let recorded: Value = serde_json::from_str(line).unwrap();
        let (status, uri) = (recorded["status"].as_u64().unwrap(), recorded["uri"].as_str().unwrap());
        let ours = match (uri.rsplit('/').next().unwrap(), status) {
            ("login", 200) => login("rosetta+%26+stone"),
            ("login", _) => login("wrong"),
            ("version", _) => call(Method::Get, &format!("{base_url}/version"), None, None),
            _ => call(Method::Get, &format!("{base_url}/repositories/2/resources/999"), Some(&session), None),
        };
        assert_eq!(u64::from(ours.status), status, "{uri}");
        let said = recorded["body"].as_str().unwrap();
        match serde_json::from_str::<Value>(said) {
            // What a user may do is theirs, and where the user is kept is the site's.
            Ok(said) => check(uri, &json(&ours), &said, &["user/permissions", "user/source", "user/email", "user/is_"]),
            Err(_) => assert!(String::from_utf8_lossy(&ours.body).starts_with("ArchivesSpace (v"), "{said}"),
        }
        let kind = recorded["content_type"].as_str().unwrap().split(';').next().unwrap();
        assert_eq!(ours.header("content-type").unwrap().split(';').next().unwrap(), kind, "{uri}");
        compared += 1;
    }
    assert_eq!(compared, 4);
    let at = format!("{base_url}{}", quilts());
    let said = |session: Option<&str>| {
        let answer = call(Method::Get, &at, session, None);
        (answer.status, json(&answer)["error"].as_str().map(str::to_owned))
    };
    assert_eq!(said(None), (403, Some("Access denied".to_owned())), "no header: not 412");
    assert_eq!(said(Some("x")), (412, Some("No session found for x".to_owned())));
    world.sandbox.end_aspace_sessions(true);
    assert_eq!(said(Some(&session)), (412, Some(format!("Session timed out for {session}"))));
}

#[test]
fn resources_and_top_containers_have_the_keys_of_recorded_ones() {
    let world = world();
    let client = world.client("");
    let resource = client.resource(&quilts()).unwrap().unwrap();
    let stored = world.sandbox.aspace_record(&quilts().to_string()).unwrap();
    // Of one record or the other: its notes, what it is linked to, what its version of ArchivesSpace has (2.7.1 and 4.2).
    let of_one = [
        "notes",
        "subjects",
        "linked_agents",
        "instances",
        "rights_statements/",
        "lang_materials",
        "language",
        "ead_id",
        "ead_location",
        "finding_aid_",
        "id_1",
        "id_2",
        "dates/",
        "extents/",
        "slug",
    ];
    check("a resource", &stored, &serde_json::from_str(RESOURCE).unwrap(), &of_one);
    let resolved = &resource.json["subjects"][0];
    assert_eq!(resolved["_resolved"]["uri"], resolved["ref"]);
    let boxes = client.top_containers(2, None).unwrap();
    let with_place = boxes.iter().find(|one| !one.places.is_empty()).unwrap();
    let stored = world.sandbox.aspace_record(&with_place.uri.to_string()).unwrap();
    let of_one =
        ["container_profile", "barcode", "created_for_collection", "container_locations/", "is_linked", "long_display"];
    check("a top container", &stored, &serde_json::from_str(CONTAINER).unwrap(), &of_one);
}

#[test]
fn lists_keep_to_archivesspace_s_own_rules() {
    let world = world();
    let base_url = world.sandbox.aspace_base_url();
    let login = call(Method::Post, &format!("{base_url}/users/{USER}/login"), None, Some("password=rosetta+%26+stone"));
    let session = json(&login)["session"].as_str().unwrap().to_owned();
    let ask = |path: &str| call(Method::Get, &format!("{base_url}/repositories/2{path}"), Some(&session), None);
    let page = json(&ask("/resources?page=1"));
    assert_eq!(
        (page["results"].as_array().unwrap().len(), &page["last_page"]),
        (10, &Value::from(2)),
        "ten unless asked for more"
    );
    let refused = json(&ask("/resources"));
    assert!(refused["error"]["page"][0].as_str().unwrap().starts_with("Must provide either 'page'"));
    let many = (1..=251).map(|number| number.to_string()).collect::<Vec<_>>().join(",");
    assert_eq!(ask(&format!("/resources?id_set={many}")).status, 400);
    assert_eq!(json(&ask("/top_containers?page=1&page_size=5000"))["results"].as_array().unwrap().len(), 74);
    // The walk over the tree names a box twice, and the search has no second page.
    let links = json(&ask("/resources/18/top_containers"));
    let links = links.as_array().unwrap();
    assert_eq!(links.first(), links.last());
    let [first, second] = ["1", "2"].map(|page| json(&ask(&format!("/top_containers/search?page={page}&page_size=1"))));
    assert_eq!(first, second);
    let docs = first["response"]["docs"].as_array().unwrap();
    assert!(
        docs.len() > 1 && serde_json::from_str::<Value>(docs[0]["json"].as_str().unwrap()).is_ok(),
        "a record as a text"
    );
    let slashes = ask("/top_containers//search");
    assert_eq!(slashes.status, 400);
    assert!(String::from_utf8_lossy(&slashes.body).contains("Ambiguous URI empty segment"));
}
