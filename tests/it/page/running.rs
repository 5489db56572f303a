//! Runs from the page: started, watched, stopped, and those of others.

use super::{Browser, held, site};
use crate::audit;
use crate::support::records::entity;
use crate::support::scenario::Scenario;
use cartouche::web::Site;
use cartouche::web::serve::Event;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const PROGRAM: &str = env!("CARGO_BIN_EXE_cartouche");

/// A site that starts the program under test, not the test itself.
fn running(scenario: &mut Scenario) -> Site {
    let mut site = site(scenario);
    Arc::get_mut(&mut site.runs).unwrap().program = PROGRAM.into();
    site
}

fn slow() -> Scenario {
    let mut scenario = Scenario::new();
    for number in 10..30 {
        let pid = format!("IE{number}");
        scenario.rosetta_has(entity(&pid).titled("old"));
        scenario.alma_has(&format!("99{number}"), &format!("Title {number}"), &format!("oai:ros.example.org:{pid}"));
    }
    scenario.pages_of(1).each_answer_takes(Duration::from_millis(150));
    scenario
}

/// Looks again and again until a page shows a text.
pub fn until(browser: &mut Browser<'_>, target: &str, text: &str) {
    let begun = Instant::now();
    while !browser.get(target).answers(200).text().contains(text) {
        assert!(begun.elapsed() < Duration::from_secs(40), "`{text}` never came: {}", browser.text());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_run_started_on_the_page_bears_the_name_of_who_did() {
    let mut scenario = held();
    scenario.profile_says("review.hold", "\"nothing\"");
    let site = running(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/run").answers(200).shows("Nothing is under way").shows("Dry run");
    browser.post("/p/trip/run", &[("verb", "dry-run"), ("note", "--force <b>")]).answers(303).goes_to("/p/trip/run");
    until(&mut browser, "/p/trip/run", "Nothing is under way");
    scenario.folder_holds(&[]);
    let run = scenario.store().runs(1).unwrap().remove(0);
    let kept: serde_json::Value = serde_json::from_str(run.summary.as_deref().unwrap()).unwrap();
    assert_eq!(
        (&kept["started-by"], &kept["note"], &kept["dry-run"]),
        (&"curator".into(), &"--force <b>".into(), &true.into())
    );
    assert!(kept.get("forced").is_none());
    browser.post("/p/trip/run", &[("verb", "run")]).answers(303);
    until(&mut browser, "/p/trip/run", "Nothing is under way");
    scenario.folder_holds(&["IE7", "IE8"]);
    browser.get("/p/trip/runs").shows("run (dry)").shows("curator");
    let entries = audit::entries(&mut scenario, "IE7");
    let by_curator = |entry: &serde_json::Value| entry["who"].as_str().unwrap().starts_with("curator (as ");
    assert!(entries.iter().any(|entry| entry["event"] == "planned" && by_curator(entry)), "{entries:?}");
}

#[test]
fn a_run_is_watched_while_it_goes_on_and_stopped_cleanly() {
    let mut scenario = slow();
    let site = running(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/run").shows("has never been run").post("/p/trip/run", &[("verb", "run")]).answers(303);
    browser.get("/p/trip/run").shows("<noscript><meta http-equiv=\"refresh\"");
    until(&mut browser, "/p/trip/run", "Harvesting both feeds");
    browser.shows("by <bdi>curator</bdi>").get("/p/trip/run/events").answers(200);
    let events = browser.last.events.clone().unwrap();
    assert_eq!(browser.last.content_type, "text/event-stream");
    let Event::Data("progress", first) = events.next() else { panic!("no progress") };
    assert!(first.contains("Harvesting both feeds") && !first.contains("<form"), "{first}");
    browser.get("/p/trip/run/events?shown=beginning");
    let stale = browser.last.events.clone().unwrap();
    assert_eq!(stale.next(), Event::Data("over", String::new()), "that page has no button to stop the run");
    until(&mut browser, "/p/trip/run", " pages");
    browser
        .shows("run/events?shown=under-way")
        .shows("Stop after what is in hand")
        .hides("Start a run")
        .hides("End it at once");
    browser.post("/p/trip/run", &[("verb", "run")]).answers(409).shows("under way");
    browser.get("/p/trip/run").post("/p/trip/run", &[("verb", "stop"), ("run", "77")]).answers(409);
    let run = browser.get("/p/trip/run").hidden("run").unwrap();
    browser.post("/p/trip/run", &[("verb", "stop"), ("run", &run)]).answers(303);
    until(&mut browser, "/p/trip/run", "Nothing is under way");
    browser.shows("stopped; the next run goes on from there (stopped by curator)");
    browser.get("/p/trip/runs").shows("(stopped by curator)").get("/p/trip/run");
    let begun = Instant::now();
    while events.next() != Event::Data("over", String::new()) {
        assert!(begun.elapsed() < Duration::from_secs(5), "the stream does not say that it is over");
    }
    assert_eq!(events.next(), Event::End);
    let store = scenario.store();
    assert_eq!(store.runs(1).unwrap()[0].exit_code, Some(1));
    scenario.run("run").exits(0).says("20 now");
}

#[test]
fn a_run_that_cron_started_is_shown_watched_and_stopped_as_well() {
    let mut scenario = slow();
    let mut child = scenario.command("run").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let profile = scenario.profile();
    while !cartouche::store::Store::open_existing(&profile.state).is_ok_and(|store| !store.runs(1).unwrap().is_empty())
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    let site = running(&mut scenario);
    let mut browser = Browser::new(&site);
    until(&mut browser, "/p/trip/run", " pages");
    browser.post("/p/trip/run", &[("verb", "run")]).answers(409);
    let run = browser.get("/p/trip/run").shows("is under way").hidden("run").unwrap();
    browser.post("/p/trip/run", &[("verb", "stop"), ("run", &run)]).answers(303);
    browser.get("/p/trip/run").hides("End it at once");
    assert_eq!(child.wait().unwrap().code(), Some(1));
    browser.get("/p/trip/run").shows("Nothing is under way").hides("http-equiv");
}

#[test]
fn a_run_that_was_killed_is_not_under_way_for_ever() {
    let mut scenario = slow();
    scenario.is_killed_after(Duration::from_millis(700), "run");
    let site = running(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/p/trip/run").shows("Nothing is under way").shows("broken off").shows("Start a run");
}

#[test]
fn a_run_that_cannot_begin_says_why_and_who_only_looks_starts_none() {
    let mut scenario = held();
    let hash = cartouche::web::secret::hash("correct horse battery").unwrap();
    scenario.profile_says(
        "serve.accounts",
        &format!("[{{ name = \"ben\", role = \"view\", password-hash = \"{hash}\" }}]"),
    );
    let site = running(&mut scenario);
    let mut browser = Browser::new(&site);
    browser.get("/sign-in").post("/sign-in", &[("name", "ben"), ("password", "correct horse battery")]).answers(303);
    browser.get("/p/trip/run").answers(200).hides("Start a run").shows("not start its runs");
    browser.get("/").post("/p/trip/run", &[("verb", "run")]).answers(403);
    assert_eq!(scenario.store().runs(10).unwrap().len(), 1);
}

#[test]
fn only_so_many_may_watch_at_once_and_a_place_is_given_back() {
    let mut scenario = held();
    let site = running(&mut scenario);
    let mut browser = Browser::new(&site);
    let mut open = Vec::new();
    while browser.get("/p/trip/run/events").last.status == 200 {
        open.push(browser.last.events.take().unwrap());
        assert!(open.len() < 100);
    }
    browser.answers(503);
    open.pop();
    browser.get("/p/trip/run/events").answers(200);
}

#[test]
fn a_server_that_is_stopped_ends_its_streams_and_leaves_its_runs_alone() {
    let mut scenario = slow();
    let profile = scenario.write_profile();
    let mut command = Command::new(PROGRAM);
    command.arg("serve").arg(&profile).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap().to_owned();
    let ask = |text: String| {
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
        stream
    };
    let host = format!("Host: {address}\r\nConnection: close\r\n");
    let mut page = String::new();
    ask(format!("GET /p/trip/run HTTP/1.1\r\n{host}\r\n")).read_to_string(&mut page).unwrap();
    let token = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let form = format!("csrf={token}&verb=run");
    let head = format!("{host}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", form.len());
    let mut answer = String::new();
    ask(format!("POST /p/trip/run HTTP/1.1\r\n{head}\r\n{form}")).read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let mut stream = BufReader::new(ask(format!("GET /p/trip/run/events HTTP/1.1\r\n{host}\r\n")));
    let mut heard = String::new();
    while !heard.contains("data: ") {
        assert!(stream.read_line(&mut heard).unwrap() > 0, "{heard}");
    }
    assert!(heard.contains("x-accel-buffering: no") && heard.contains("text/event-stream"), "{heard}");
    let begun = Instant::now();
    assert!(Command::new("kill").arg(server.id().to_string()).status().unwrap().success());
    assert_eq!(server.wait().unwrap().code(), Some(0));
    // A stream lasts ten minutes by itself; a busy machine needs some seconds to end anything.
    assert!(begun.elapsed() < Duration::from_secs(60), "open streams do not hold the server up");
    stream.read_to_string(&mut heard).unwrap();
    // It may not even have begun when its server ended.
    let state = scenario.profile().state;
    let ended = || {
        let runs =
            state.is_file().then(|| cartouche::store::Store::open_existing(&state).and_then(|store| store.runs(1)));
        runs.and_then(Result::ok).and_then(|runs| runs.first().and_then(|run| run.exit_code))
    };
    while ended().is_none() {
        assert!(begun.elapsed() < Duration::from_secs(120), "the run went on to its end");
        std::thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(ended(), Some(0), "the run went on to its end");
}
