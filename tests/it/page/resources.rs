//! Resources of ArchivesSpace on the page: found, looked at beside Alma's bib, decided about, and taken back.

use super::{Browser, PASSWORD};
use crate::push::deciding::{cataloguer_makes, names};
use crate::support::push::{PushScenario, QUILTS};
use crate::support::scenario::Scenario;
use cartouche::model::fixity::Fixity;
use cartouche::model::id::MmsId;
use cartouche::model::intent::IntentKind;
use cartouche::model::time::Timestamp;
use cartouche::profile;
use cartouche::push::resource::Resource;
use cartouche::sandbox::alma_rest::ApiMood;
use cartouche::store::intents::{NewIntent, Part};
use cartouche::store::resources::Gathered;
use cartouche::web::{Site, secret};
use serde_json::json;

/// Puts a resource into a store, with something held for it, as a push would; answers the number of what is held.
pub fn with_resource(scenario: &mut Scenario, title: &str) -> i64 {
    let record = json!({"uri": "/repositories/2/resources/1", "title": title, "id_0": "MS", "lock_version": 1, "publish": true,
                        "repository": {"ref": "/repositories/2"}});
    let resource = Resource::read(record).unwrap();
    let (uri, now) = (resource.uri, Timestamp::from_utc(chrono::Utc::now()));
    let mut store = scenario.store();
    let gathered = Gathered { resource, digest: Fixity::of(title.as_bytes()), mms: "9912".to_owned() };
    store.keep_resources(&[gathered], now).unwrap();
    let run = store.begin_run("push", now).unwrap();
    let new = NewIntent {
        subject: uri,
        kind: IntentKind::UpdateBib,
        mms: Some(MmsId::parse("9912").unwrap()),
        before: Some("<bib/>".to_owned()),
        body: title.to_owned(),
        made_by: Fixity::of(b"rules"),
        undoes: None,
        part: Part::Record,
    };
    let number = store.hold_intent(&new, ("not-ours", title), run, now).unwrap();
    store.end_run(run, 3, "{}", now).unwrap();
    number
}

/// A profile with both rivers, whose feeds nobody asks here.
fn pushing(resources: &[&str]) -> PushScenario {
    with_both_rivers(PushScenario::of(resources))
}

fn with_both_rivers(mut scenario: PushScenario) -> PushScenario {
    let (rosetta, alma) = (scenario.sandbox.rosetta_base_url(), scenario.sandbox.alma_base_url());
    let feed = |url: &str| format!("base-url = \"{url}\"\nmetadata-prefix = \"oai_dc\"");
    scenario.profile_says("rosetta.feed", &feed(&rosetta)).profile_says("alma.feed", &feed(&alma));
    scenario.profile_says("staging", "folder = \"staging\"");
    std::fs::create_dir_all(scenario.path("staging")).unwrap();
    scenario
}

fn site(scenario: &PushScenario) -> Site {
    let profile = profile::load(scenario.path("p.toml").to_str().unwrap()).unwrap();
    Site::new(vec![profile], "127.0.0.1:8642".parse().unwrap(), "curator").unwrap()
}

const QUILTS_PAGE: &str = "/p/p/resource/2/17";

#[test]
fn a_bib_that_is_not_ours_is_looked_at_adopted_written_and_taken_back() {
    let scenario = pushing(&["2/17", "2/3"]);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    scenario.push().exits(3);
    let theirs = scenario.bib(&mms);
    let site = site(&scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/p/resources").answers(200).shows(QUILTS_PAGE).shows("/p/p/resource/2/3");
    browser.get("/p/p/resources?outcome=held").shows(QUILTS_PAGE).hides("/p/p/resource/2/3").shows("not-ours");
    browser.get(&format!("/p/p/resources?q={mms}")).shows(QUILTS_PAGE).hides("/p/p/resource/2/3");
    browser.get("/p/p/resources?format=csv").answers(200).shows("/repositories/2/resources/17,");
    let calls = scenario.alma_calls().len();
    let id = browser.get(QUILTS_PAGE).answers(200).shows("not-ours").shows("Resources").hidden("id").unwrap();
    assert_eq!(scenario.alma_calls().len(), calls, "looking costs no call");
    browser
        .post(QUILTS_PAGE, &[])
        .answers(200)
        .shows("Alma has the bib")
        .shows("<ins>")
        .shows("theirs")
        .shows("ArchivesSpace");
    assert!(scenario.alma_calls().len() > calls);
    assert_eq!(scenario.bib(&mms), theirs, "asking writes nothing");
    let decide = format!("{QUILTS_PAGE}/decide");
    browser.get(QUILTS_PAGE).post(&decide, &[("id", "#999"), ("verb", "approve"), ("reason", "x")]).answers(409);
    browser.get(QUILTS_PAGE).post(&decide, &[("id", "2/17"), ("verb", "approve"), ("reason", "x")]).answers(409);
    browser.get(QUILTS_PAGE).post(&decide, &[("id", &id), ("verb", "approve")]).answers(400);
    browser
        .get("/p/p/resource/2/3")
        .post("/p/p/resource/2/3/decide", &[("id", &id), ("verb", "approve"), ("reason", "x")]);
    browser.answers(409).get(QUILTS_PAGE);
    browser.post(&decide, &[("id", &id), ("verb", "approve"), ("reason", "the same papers")]).answers(303);
    browser.goes_to(&format!("{QUILTS_PAGE}?done=approve"));
    scenario.push().exits(0);
    assert!(scenario.bib(&mms).contains("(ASPACE-X)"));
    let last = browser.get(QUILTS_PAGE).shows("Take back what was written last").hidden("last").unwrap();
    let back = |last: &str| {
        [("id", QUILTS), ("last", last), ("verb", "undo"), ("reason", "the wrong papers")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
    };
    let sent = |fields: &[(String, String)], browser: &mut Browser<'_>, status: u16| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        browser.get(QUILTS_PAGE).post(&decide, &fields).answers(status);
    };
    sent(&back("1"), &mut browser, 409);
    assert!(scenario.bib(&mms).contains("(ASPACE-X)"));
    sent(&back(&last), &mut browser, 303);
    assert!(!scenario.bib(&mms).contains("(ASPACE-X)") && scenario.bib(&mms).contains("theirs"));
    browser
        .get(QUILTS_PAGE)
        .shows("undone")
        .get("/p/p/resource/2/999")
        .answers(404)
        .get("/p/p/resource/x/1")
        .answers(404);
    let entries = scenario.run("audit list p.toml --json").exits(0).json();
    let by_curator = entries["entries"].as_array().unwrap().iter().filter(|entry| entry["who"] == "curator");
    let deeds: Vec<&str> = by_curator.filter_map(|entry| entry["event"].as_str()).collect();
    assert!(deeds.contains(&"approved") && deeds.contains(&"undone"), "{deeds:?}");
    scenario.journal_is_whole();
}

#[test]
fn who_only_looks_may_ask_alma_and_decides_nothing() {
    let mut scenario = pushing(&["2/17"]);
    let hash = secret::hash(PASSWORD).unwrap();
    let account = format!("accounts = [{{ name = \"ben\", role = \"view\", password-hash = \"{hash}\" }}]");
    scenario.profile_says("serve", &account);
    let mms = cataloguer_makes(&scenario, &["(OCoLC)1"]);
    names(&scenario, QUILTS, &mms);
    scenario.push().exits(3);
    let site = site(&scenario);
    let mut browser = Browser::new(&site);
    browser.get("/sign-in").post("/sign-in", &[("name", "ben"), ("password", PASSWORD)]).answers(303);
    browser.get(QUILTS_PAGE).answers(200).shows("not-ours").hides("value=\"approve\"").hides("Push this resource");
    browser.post(QUILTS_PAGE, &[]).answers(200).shows("Alma has the bib");
    browser.post(&format!("{QUILTS_PAGE}/decide"), &[("id", "#1"), ("verb", "approve"), ("reason", "x")]).answers(403);
    assert!(!scenario.bib(&mms).contains("ASPACE-X"));
}

#[test]
fn holdings_stand_beside_boxes_and_a_further_one_is_asked_for() {
    let scenario = with_both_rivers(PushScenario::with_holdings(&["2/17"]));
    scenario.push().exits(0);
    let site = site(&scenario);
    let mut browser = Browser::new(&site);
    browser.get(QUILTS_PAGE).answers(200).shows("Holdings").shows("SPEC manuscripts").hides("Add a holding");
    browser.post(QUILTS_PAGE, &[]).answers(200).shows("Add a holding").shows("<option>SPEC maps</option>");
    browser.hides("<option>SPEC manuscripts</option>");
    let holding = format!("{QUILTS_PAGE}/holding");
    browser
        .post(&holding, &[("place", "MOON base"), ("reason", "x")])
        .answers(409)
        .shows("is no place of this profile");
    browser.get(QUILTS_PAGE).post(&holding, &[("place", "SPEC maps")]).answers(400);
    browser.get(QUILTS_PAGE).post(&holding, &[("place", "SPEC maps"), ("reason", "three maps")]).answers(303);
    browser.get(&format!("{QUILTS_PAGE}?done=holding")).shows("The next push adds the holding.");
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 1);
    scenario.push().exits(0);
    assert_eq!(scenario.shelf_marks(QUILTS).len(), 2);
    browser.get(QUILTS_PAGE).shows("SPEC maps");
}

#[test]
fn what_is_wrong_with_alma_is_told_and_the_key_is_not() {
    let scenario = pushing(&["2/17"]);
    scenario.push().exits(0);
    let site = site(&scenario);
    let mut browser = Browser::new(&site);
    std::fs::write(scenario.path("key"), "l7xxanotherkey").unwrap();
    browser.get(QUILTS_PAGE).post(QUILTS_PAGE, &[]).hides("l7xxanotherkey").shows("key");
}

#[test]
fn what_the_form_says_is_what_is_taken_back() {
    let mut scenario = pushing(&["2/17"]);
    scenario.profile_says("push", "write-back = false");
    scenario.push().exits(0);
    let retitle = |title: &str| {
        scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!(title)).unwrap();
    };
    retitle("Quilts of nobody");
    let updated = scenario.push().exits(0).json()["run"].as_i64().unwrap();
    scenario.profile_forgets("write-back = false\n");
    // A run that writes nothing but the MMS ID.
    let wrote_back = scenario.run("push p.toml --all --json").exits(0).json()["run"].as_i64().unwrap();
    let mms = scenario.marked(QUILTS).remove(0);
    assert_eq!(scenario.mms_in_archivesspace(QUILTS).as_ref(), Some(&mms));
    let site = site(&scenario);
    let mut browser = Browser::new(&site);
    let last = browser.get(QUILTS_PAGE).hidden("last").unwrap();
    browser
        .shows("update-bib")
        .shows(&format!("run {updated}"))
        .hides(&format!("Take back what was written last (#{wrote_back}"));
    let writes = scenario.run("push list p.toml writes --json").exits(0).json();
    let shown = writes["writes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["intent"] == json!(last.parse::<i64>().unwrap()))
        .unwrap()
        .clone();
    assert_eq!(shown["kind"], "update-bib", "{shown}");
    let fields = [("id", QUILTS), ("last", last.as_str()), ("verb", "undo"), ("reason", "wrong")];
    browser.post(&format!("{QUILTS_PAGE}/decide"), &fields).answers(303);
    assert!(!scenario.bib(&mms).contains("Quilts of nobody"));
}

#[test]
fn a_push_of_something_that_is_no_resource_is_not_a_push_of_all() {
    let scenario = pushing(&["2/17"]);
    scenario.push().exits(0);
    let mut site = site(&scenario);
    // Whoever is started by mistake does nothing here.
    std::sync::Arc::get_mut(&mut site.runs).unwrap().program = "/bin/true".into();
    let mut browser = Browser::new(&site);
    for resource in ["/repositories/2/resources", "2/17x", "", "/repositories/2/top_containers/1"] {
        browser.get(QUILTS_PAGE).post("/p/p/run", &[("verb", "push"), ("resource", resource)]).answers(400);
    }
}

#[test]
fn a_resource_is_found_by_its_title_whatever_the_letters() {
    let scenario = pushing(&["2/17", "2/3"]);
    scenario.push().exits(0);
    scenario.sandbox.change_aspace(QUILTS, |record| record["title"] = json!("ÖSTERREICHISCHE Briefe É")).unwrap();
    scenario.push().exits(0);
    let site = site(&scenario);
    let mut browser = Browser::new(&site);
    for asked in ["österreichische", "Österreich", "ÖSTERREICH", "briefe é"] {
        let encoded: String = asked.bytes().map(|byte| format!("%{byte:02X}")).collect();
        browser.get(&format!("/p/p/resources?q={encoded}")).shows(QUILTS_PAGE).hides("/p/p/resource/2/3");
    }
}

#[test]
fn what_a_pull_could_not_bring_and_what_it_would_stand_on_the_page_and_in_the_api() {
    let mut scenario = with_both_rivers(PushScenario::with_holdings(&["2/17"]));
    scenario.profile_says(
        "push.pull",
        "oclc = \"user_defined.string_3\"\nfields = [{ from = \"590$a\", to = \"user_defined.text_1\" }]",
    );
    scenario.push().exits(0);
    let mms = MmsId::parse(&scenario.marked(QUILTS)[0]).unwrap();
    let field = |tag: &str, value: &str| {
        format!("<datafield ind1=\" \" ind2=\" \" tag=\"{tag}\"><subfield code=\"a\">{value}</subfield></datafield>")
    };
    let added = field("035", "(OCoLC)1") + &field("035", "(OCoLC)2") + &field("590", "&lt;b&gt;bound&lt;/b&gt;");
    let xml = scenario.bib(mms.as_str()).replacen("</record>", &format!("{added}</record>"), 1);
    scenario.alma().update_bib(&mms, &xml).unwrap();
    let site = site(&scenario);
    let mut browser = Browser::new(&site);
    browser.get(QUILTS_PAGE).answers(200).hides("Not brought from Alma");
    browser
        .post(QUILTS_PAGE, &[])
        .shows("From Alma into ArchivesSpace")
        .shows("&lt;b&gt;bound&lt;/b&gt;")
        .hides("<b>bound");
    scenario.run("push p.toml --pull").exits(3);
    browser.get(QUILTS_PAGE).shows("Not brought from Alma").shows("several-values").shows("user_defined.string_3");
    browser.get("/").shows("values and barcodes not brought from Alma");
    browser.get("/p/p/resources?outcome=unpulled").answers(200).shows(QUILTS_PAGE);
    browser.get("/p/p/resources?outcome=held").hides(QUILTS_PAGE);
    let told = browser.get("/api/v1/profiles/p/resources/2/17").answers(200).text().to_owned();
    let told: serde_json::Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["unpulled"][0]["part"], "user_defined.string_3", "{told}");
    assert_eq!(told["holdings"][0]["place"], "SPEC manuscripts", "{told}");
    assert_eq!(told["boxes"], json!([]), "boxes are not asked for: {told}");
}

#[test]
fn what_was_taken_back_before_it_broke_off_is_told() {
    let mut told = 0;
    for call in 0..9 {
        let scenario = with_both_rivers(PushScenario::with_holdings(&["2/17"]));
        scenario.push().exits(0);
        let site = site(&scenario);
        let mut browser = Browser::new(&site);
        let last = browser.get(QUILTS_PAGE).hidden("last").unwrap();
        scenario.sandbox.set_api_mood_once(ApiMood::Html, call);
        let fields = [("id", QUILTS), ("last", last.as_str()), ("verb", "undo"), ("reason", "wrong")];
        browser.post(&format!("{QUILTS_PAGE}/decide"), &fields);
        scenario.sandbox.set_api_mood(ApiMood::Fair);
        let is_half_done = scenario.marked(QUILTS).first().is_some_and(|mms| scenario.holdings(mms).is_empty());
        if is_half_done && browser.last.status != 303 {
            browser.answers(409).shows("create-holding").shows("Not all of it was done");
            told += 1;
        }
    }
    assert!(told > 0, "no call of these is behind the first half: are they still there?");
}
