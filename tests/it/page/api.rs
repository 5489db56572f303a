//! The page for programs: every operation as its description says, and the same rules as for people.

use super::access::{PASSWORD, with_accounts};
use super::{Browser, held, lists, site, with_resource, works_ahead};
use crate::support::records::{bib, entity};
use crate::support::scenario::Scenario;
use cartouche::web::{Site, api, routes};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// A program that checks every answer against the description.
pub struct Program<'s> {
    browser: Browser<'s>,
    description: Value,
    /// What was answered as it should be.
    succeeded: BTreeSet<String>,
    token: Option<String>,
}

impl<'s> Program<'s> {
    pub fn new(site: &'s Site) -> Self {
        let mut browser = Browser::new(site);
        let description = browser.get("/api/v1/openapi.json").answers(200).text();
        let description = serde_json::from_str(&description).unwrap();
        Program { browser, description, succeeded: BTreeSet::new(), token: None }
    }

    pub fn get(&mut self, target: &str) -> Value {
        self.ask("GET", target, "", 200)
    }

    fn post(&mut self, target: &str, body: &Value, status: u16) -> Value {
        self.ask("POST", target, &body.to_string(), status)
    }

    /// Takes the token of the session, as every program does before it decides.
    fn knows_its_token(&mut self) -> &mut Self {
        self.token = Some(self.get("/api/v1/session")["token"].as_str().unwrap().to_owned());
        self
    }

    pub fn ask(&mut self, method: &str, target: &str, body: &str, status: u16) -> Value {
        self.browser.headers.retain(|(name, _)| !["x-csrf-token", "content-type"].contains(&name.as_str()));
        if method != "GET" {
            self.browser.sends("content-type", "application/json");
        }
        if let Some(token) = self.token.clone() {
            self.browser.sends("x-csrf-token", &token);
        }
        self.browser.ask(method, target, body).answers(status);
        let operation = self.operation(method, target);
        let text = self.browser.text();
        let kind = self.browser.last.content_type.split(';').next().unwrap().to_owned();
        let answers = &operation["responses"];
        let described = answers.get(status.to_string()).unwrap_or(&answers["default"]).clone();
        let described = self.resolved(described);
        if described["content"].is_null() {
            assert_eq!(text, "", "{method} {target}");
        } else {
            let schema = &described["content"][&kind]["schema"];
            assert!(schema.is_object(), "{method} {target}: {status} as {kind} is not described");
            let value = if kind.ends_with("json") { serde_json::from_str(&text).unwrap() } else { json!(text) };
            self.check(schema, &value, &format!("{method} {target}"));
        }
        if status < 300 {
            self.succeeded.insert(operation["operationId"].as_str().unwrap().to_owned());
        }
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    fn resolved(&self, value: Value) -> Value {
        match value["$ref"].as_str() {
            Some(to) => self.description.pointer(to.trim_start_matches('#')).unwrap().clone(),
            None => value,
        }
    }

    fn operation(&self, method: &str, target: &str) -> Value {
        let path = target.split('?').next().unwrap();
        let fits = |pattern: &str| {
            let (pattern, path): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
            pattern.len() == path.len() && pattern.iter().zip(path).all(|(p, given)| p.starts_with('{') || *p == given)
        };
        let paths = self.description["paths"].as_object().unwrap();
        let (_, item) =
            paths.iter().filter(|(pattern, _)| fits(pattern)).min_by_key(|(p, _)| p.matches('{').count()).unwrap();
        item[method.to_lowercase()].clone()
    }

    fn check(&self, schema: &Value, value: &Value, what: &str) {
        let mut whole = schema.clone();
        whole["components"] = self.description["components"].clone();
        let validator = jsonschema::draft202012::options().should_validate_formats(true).build(&whole).unwrap();
        let faults: Vec<String> =
            validator.iter_errors(value).map(|fault| format!("{}: {fault}", fault.instance_path())).collect();
        assert!(faults.is_empty(), "{what}: {faults:#?} in {value:#}");
    }
}

#[test]
fn every_path_is_described_and_every_described_path_exists() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let program = Program::new(&site);
    let mut described = BTreeSet::new();
    let mut names = BTreeSet::new();
    for (path, item) in program.description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            described.insert(format!("{} {path}", method.to_uppercase()));
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} is there twice");
            let parameters: Vec<Value> =
                operation["parameters"].as_array().into_iter().flatten().map(|p| program.resolved(p.clone())).collect();
            for part in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
                assert!(parameters.iter().any(|p| p["name"] == part && p["in"] == "path"), "{path} lacks {part}");
            }
        }
    }
    let mut there: BTreeSet<String> =
        api::ROUTES.iter().map(|route| format!("{} {}", route.method, route.pattern)).collect();
    // These stand before the door, or at it.
    for special in ["GET /api/v1/openapi.json", "POST /api/v1/session", "DELETE /api/v1/session"] {
        there.insert(special.to_owned());
    }
    assert_eq!(described, there);
    for (name, schema) in program.description["components"]["schemas"].as_object().unwrap() {
        assert!(schema["type"] == "object" && !schema["additionalProperties"].is_null(), "{name} is open");
    }
    assert!(routes::ROUTES.iter().all(|route| !route.pattern.starts_with("/api/")));
}

/// Something of every kind: held, failed, done, in conflict, unmatched, deleted, in quarantine.
fn world() -> Scenario {
    let mut scenario = Scenario::new();
    for pid in ["IE1", "IE2", "IE3", "IE5", "IE6"] {
        scenario.rosetta_has(entity(pid).titled(&format!("{pid} here")));
    }
    scenario.rosetta_has(entity("IE4").locked());
    let cites = |mms: &str, pid: &str| bib(mms, &format!("Title {mms}")).cites(&format!("oai:ros.example.org:{pid}"));
    scenario.alma_has_bib(cites("991", "IE1")).alma_has_bib(cites("992", "IE2")).alma_has_bib(cites("993", "IE2"));
    scenario.alma_has_bib(cites("994", "IE4")).alma_has_bib(bib("995", "Of no IE")).alma_has_bib(cites("996", "IE99"));
    scenario.alma_has_bib(cites("997", "IE6"));
    scenario.run("run").exits(3).alma_deletes("997").rosetta_runs_its_job();
    scenario.profile_says("review.hold", "\"everything\"").run("run").exits(3);
    scenario.alma_edits("991", "Another title").run("run").exits(3);
    lists::quarantine(&mut scenario, Some("oai:alma.01TEST:9920"), "<record>no & record</record>");
    scenario
}

#[test]
fn every_operation_answers_as_it_is_described() {
    let mut scenario = world();
    let number = with_resource(&mut scenario, "Papers");
    let site = site(&mut scenario);
    let mut program = Program::new(&site);
    program.succeeded.insert("describe".to_owned());
    let at = "/api/v1/profiles/trip";
    assert_eq!(program.get("/api/v1/profiles")["profiles"][0]["standing"]["outcomes"]["held"], 2);
    assert_eq!(program.get(at)["role"], "decide");
    for list in [
        "packages",
        "held",
        "skipped",
        "unmatched",
        "conflicts",
        "deleted",
        "without-alma",
        "without-ie",
        "claimed-twice",
        "quarantine",
        "runs",
        "windows",
        "audit",
        "packages?fate=error",
        "audit?ie=IE1",
        "without-ie?set=digitized",
    ] {
        let answer = program.get(&format!("{at}/{list}"));
        assert!(!answer["items"].as_array().unwrap().is_empty(), "{list}");
    }
    assert!(program.get(&format!("{at}/waiting"))["items"].as_array().unwrap().is_empty());
    assert_eq!(program.get(&format!("{at}/coverage"))["total"]["ies-claimed-twice"], 1);
    assert_eq!(program.get(&format!("{at}/quarantine/1"))["text"], "<record>no & record</record>");
    assert_eq!(program.get(&format!("{at}/search?q=IE1"))["named"].as_array().unwrap().len(), 2);
    assert_eq!(program.get(&format!("{at}/search?q=title+992"))["items"][0]["outcomes"][0]["code"], "conflict");
    assert_eq!(program.get("/api/v1/search?q=995")["profiles"][0]["named"][0]["title"], "Of no IE");
    for ie in ["IE1", "IE2", "IE4", "IE5", "IE6"] {
        assert_eq!(program.get(&format!("{at}/ies/{ie}"))["ie"], ie);
    }
    assert_eq!(program.get(&format!("{at}/ies/IE1"))["told"][0]["difference"][0]["change"], "removed");
    for which in ["rosetta", "alma", "package", "before"] {
        program.get(&format!("{at}/ies/IE1/xml/{which}"));
        assert!(program.browser.text().contains("title"), "{which}");
    }
    assert_eq!(program.get(&format!("{at}/records?id=992"))["told"][0]["outcome"]["code"], "conflict");
    assert_eq!(program.get(&format!("{at}/resources?q=papers"))["items"][0]["mms"], "9912");
    let resource = format!("{at}/resources/2/1");
    assert_eq!(program.get(&resource)["writes"][0]["can-be-approved"], true);
    assert_eq!(program.get(&format!("{at}/audit/proof"))["proof"], Value::Null);
    program.knows_its_token();
    assert_eq!(program.post(&format!("{at}/audit/proof"), &json!({}), 202)["proof"]["whole"], true);
    let adopts = json!({"verb": "approve", "id": number, "reason": "the same papers"});
    assert_eq!(program.post(&format!("{resource}/decisions"), &adopts, 200)["done"][0], "/repositories/2/resources/1");
    let nothing = json!({"verb": "reject", "id": number + 1, "reason": "x"});
    assert_eq!(program.post(&format!("{resource}/decisions"), &nothing, 409)["done"], json!([]));
    let preview = program.get(&format!("{at}/decisions?verb=approve"));
    let all = json!({"reason": "looked at", "count": preview["count"], "fingerprint": preview["fingerprint"]});
    assert_eq!(program.post(&format!("{at}/decisions/all?verb=approve"), &all, 200)["done"][0], "IE1");
    let nameless = json!({"verb": "retry", "id": "IE4", "reason": "unlocked"});
    program.post(&format!("{at}/decisions"), &nameless, 400);
    let other = json!({"verb": "retry", "id": "IE4", "package": "other.xml", "reason": "unlocked"});
    program.post(&format!("{at}/decisions"), &other, 409);
    let package = program.get(&format!("{at}/ies/IE4"))["packages"][0]["name"].clone();
    let one = json!({"verb": "retry", "id": "IE4", "package": package, "reason": "unlocked"});
    assert_eq!(program.post(&format!("{at}/decisions"), &one, 200)["done"], json!(["IE4"]));
    assert_eq!(
        program.post(&format!("{at}/decisions"), &json!({"verb": "reject", "id": "IE5-00000000", "reason": "x"}), 409)
            ["done"],
        json!([])
    );
    program.post(&format!("{at}/decisions"), &json!({"verb": "reject", "id": "IE5", "reason": "x"}), 400);
    // Without accounts nobody signs in or out here; the other test does.
    let described: BTreeSet<String> = program.description["paths"]
        .as_object()
        .unwrap()
        .values()
        .flat_map(|item| {
            item.as_object().unwrap().values().map(|operation| operation["operationId"].as_str().unwrap().to_owned())
        })
        .collect();
    let missing: Vec<&String> = described.difference(&program.succeeded).collect();
    assert_eq!(missing, ["signIn", "signOut"]);
}

#[test]
fn a_program_signs_in_decides_and_signs_out_within_the_same_limits() {
    let mut scenario = with_accounts();
    let site = site(&mut scenario);
    let mut program = Program::new(&site);
    let held = "/api/v1/profiles/trip/held";
    assert_eq!(program.ask("GET", held, "", 401)["status"], 401);
    let sign_in = |program: &mut Program<'_>, name: &str, password: &str, status: u16| {
        program.post("/api/v1/session", &json!({"name": name, "password": password}), status)
    };
    sign_in(&mut program, "anna", "wrong", 401);
    let answer = sign_in(&mut program, "anna", PASSWORD, 201);
    assert_eq!((&answer["profiles"]["trip"], &answer["signed-in"]), (&json!("decide"), &json!(true)));
    let cookie = program.browser.last.headers.iter().find(|(name, _)| name == "set-cookie").unwrap().1.clone();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(
        !program.browser.text().contains(cookie.split(['=', ';']).nth(1).unwrap()),
        "the cookie stands in no answer"
    );
    let first = program.get(held)["items"][0].clone();
    let (id, ie) = (&first["id"], first["ie"].as_str().unwrap());
    let decision = json!({"verb": "approve", "id": id, "reason": "looked at"});
    for token in [None, Some("0"), Some("")] {
        program.token = token.map(str::to_owned);
        program.post("/api/v1/profiles/trip/decisions", &decision, 403);
    }
    program.knows_its_token();
    program.browser.sends("sec-fetch-site", "cross-site");
    program.post("/api/v1/profiles/trip/decisions", &decision, 403);
    program.browser.headers.clear();
    assert!(scenario.store().decisions_of(ie).unwrap().is_empty());
    program.post("/api/v1/profiles/trip/decisions", &decision, 200);
    assert_eq!(scenario.store().decisions_of(ie).unwrap()[0].who, "anna");
    program.ask("DELETE", "/api/v1/session", "", 204);
    program.ask("GET", held, "", 401);
    sign_in(&mut program, "ben", PASSWORD, 201);
    program.knows_its_token();
    assert_eq!(program.post("/api/v1/profiles/trip/decisions", &decision, 403)["title"], "Refused");
    for _ in 0..5 {
        sign_in(&mut program, "anna", "wrong", 401);
    }
    sign_in(&mut program, "anna", PASSWORD, 429);
    assert!(program.browser.last.headers.iter().any(|(name, _)| name == "retry-after"));
}

#[test]
fn what_is_wrong_is_told_as_a_problem_and_nothing_is_decided() {
    let mut scenario = held();
    let site = site(&mut scenario);
    let mut program = Program::new(&site);
    program.knows_its_token();
    let at = "/api/v1/profiles/trip";
    for (path, status) in [
        ("packages?fate=nonsense", 400),
        ("held?limit=0", 400),
        ("held?limit=1001", 400),
        ("held?limit=x", 400),
        ("quarantine/9", 404),
        ("ies/nonsense", 404),
        ("ies/IE99", 404),
        ("ies/IE7/xml/passwd", 404),
        ("records", 400),
        ("records?id=77", 404),
        ("search", 400),
        ("decisions", 400),
        ("decisions?verb=undo", 400),
        ("decisions/all", 405),
    ] {
        let method_is_described = path != "decisions/all";
        if method_is_described {
            assert_eq!(program.ask("GET", &format!("{at}/{path}"), "", status)["status"], status, "{path}");
        } else {
            program.browser.get(&format!("{at}/{path}")).answers(status).shows("\"status\":405");
        }
    }
    program.browser.get("/api/v1/nowhere").answers(404).shows("\"title\":\"Not found\"");
    program.browser.get("/api/v1/profiles/nobody/held").answers(404).shows("\"title\":\"Not found\"");
    let one = format!("{at}/decisions");
    for body in [
        "",
        "[]",
        "{",
        "{}",
        "{\"verb\":\"approve\",\"id\":\"IE7\"}",
        "{\"verb\":\"delete\",\"id\":\"IE7\",\"reason\":\"x\"}",
        "{\"verb\":\"approve\",\"id\":\"\",\"reason\":\"x\"}",
        "{\"verb\":\"approve\",\"id\":\"all\",\"reason\":\"x\"}",
    ] {
        program.ask("POST", &one, body, 400);
    }
    let token = program.token.clone().unwrap();
    program.browser.sends("content-type", "text/plain").sends("x-csrf-token", &token);
    program.browser.ask("POST", &one, "{\"verb\":\"approve\",\"id\":\"IE7\",\"reason\":\"x\"}").answers(415);
    let preview = program.get(&format!("{at}/decisions?verb=approve"));
    let mut all = json!({"reason": "x", "count": 1, "fingerprint": preview["fingerprint"]});
    program.post(&format!("{at}/decisions/all?verb=approve"), &all, 409);
    all["count"] = preview["count"].clone();
    program.post(&format!("{at}/decisions/all?verb=approve&code=title-lost"), &all, 409);
    scenario.alma_edits("9912", "Sunrise").run("run").exits(3);
    program.post(&format!("{at}/decisions/all?verb=approve"), &all, 409);
    assert!(
        scenario.store().decisions_of("IE7").unwrap().is_empty()
            && scenario.store().decisions_of("IE8").unwrap().is_empty()
    );
}

#[test]
fn lists_go_on_from_their_cursors_and_what_is_being_counted_says_so() {
    let mut scenario = Scenario::new();
    for number in 100..150 {
        scenario.rosetta_holds(&format!("IE{number}"));
        scenario.alma_has(&format!("99{number}"), "Title", &format!("oai:ros.example.org:IE{number}"));
    }
    scenario.run("run").exits(0);
    let site = site(&mut scenario);
    let mut program = Program::new(&site);
    for list in
        ["packages?fate=staged", "packages?q=title&fate=staged", "search?q=title", "audit?x=", "without-alma?x="]
    {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let answer = program.get(&format!("/api/v1/profiles/trip/{list}&limit=7&after={after}"));
            seen.extend(answer["items"].as_array().unwrap().iter().map(Value::to_string));
            match answer["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        let expected = match list {
            "audit?x=" => 101,
            "without-alma?x=" => 0,
            _ => 50,
        };
        let distinct: BTreeSet<&String> = seen.iter().collect();
        assert_eq!((seen.len(), distinct.len()), (expected, expected), "{list}");
    }
    let _ahead = works_ahead(&site, program.browser.now);
    std::fs::remove_file(scenario.profile().state.with_extension("db.coverage")).unwrap();
    assert_eq!(program.ask("GET", "/api/v1/profiles/trip/coverage", "", 503)["title"], "Not yet");
}

#[test]
fn no_answer_tells_a_secret_and_all_of_it_is_json() {
    let mut scenario = with_accounts();
    scenario.profile_says("rosetta.soap.base-url", "\"https://ros.example.org\"");
    scenario.profile_says("rosetta.soap.user", "\"mdupdate\"").profile_says("rosetta.soap.institution", "\"INST01\"");
    scenario.profile_says("rosetta.soap.password-env", "\"SECRET_OF_ROSETTA\"");
    let site = site(&mut scenario);
    let mut program = Program::new(&site);
    program.post("/api/v1/session", &json!({"name": "anna", "password": PASSWORD}), 201);
    for route in api::ROUTES.iter().filter(|route| route.method == "GET") {
        let path = route.pattern.replace("{profile}", "trip").replace("{ie}", "IE7").replace("{which}", "alma");
        let text = program.browser.get(&format!("{}?q=x&id=IE7&verb=approve", path.replace("{number}", "1"))).text();
        for secret in ["argon2", PASSWORD, "SECRET_OF", "mdupdate"] {
            assert!(!text.contains(secret), "{path}: {text}");
        }
        let is_text = program.browser.last.content_type.starts_with("text/plain");
        assert!(is_text || serde_json::from_str::<Value>(&text).is_ok(), "{path}: {text}");
    }
}
