//! A run that is asked to stop ends after what it has in hand, and the next one does the rest.

use crate::support::records::entity;
use crate::support::scenario::Scenario;
use cartouche::steps::{self, Go, News, Wish};
use cartouche::store::Store;
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Twelve IEs, of which every one changes, in lists of six pages.
fn many() -> Scenario {
    let mut scenario = Scenario::new();
    for number in 10..22 {
        let pid = format!("IE{number}");
        scenario.rosetta_has(entity(&pid).titled("old"));
        scenario.alma_has(&format!("99{number}"), &format!("Title {number}"), &format!("oai:ros.example.org:{pid}"));
    }
    scenario.pages_of(2).profile_says("harvest.windows", "1");
    scenario
}

fn everything(scenario: &mut Scenario) -> [String; 2] {
    let outcomes = format!("{:?}", scenario.outcomes());
    let store = scenario.store();
    let records = store.runs(1).unwrap()[0].summary.clone().unwrap_or_default();
    let records: serde_json::Value = serde_json::from_str(&records).unwrap();
    [outcomes, records["outcomes"].to_string()]
}

/// Runs in this process, and stops when so much was told.
fn stopped_after(scenario: &mut Scenario, told: usize) -> (u8, Vec<News>) {
    scenario.starts();
    let profile = scenario.profile();
    let mut store = Store::open(&profile.state).unwrap();
    let now = cartouche::model::time::Timestamp::from_utc(chrono::Utc::now());
    let run = store.begin_run("run", now).unwrap();
    let wish = Wish { settle: true, harvest: true, prepare: true, stage: true, ..Wish::default() };
    let heard = Mutex::new(Vec::new());
    let tell = |news| {
        let mut heard = heard.lock().unwrap();
        heard.push(news);
        if heard.len() > told { Go::Stop } else { Go::On }
    };
    let code = match steps::run(&mut store, &profile, &wish, run, now, &tell) {
        Ok(report) => {
            let (code, json) = (report.exit_code(), report.json());
            assert_eq!(json["stopped"] == true, code == 1, "{json}");
            store.end_run(run, code, &json.to_string(), now).unwrap();
            code
        }
        Err(failure) => panic!("stopped after {told}: {failure}"),
    };
    (code, heard.into_inner().unwrap())
}

#[test]
fn wherever_a_run_is_stopped_the_next_one_does_the_rest() {
    let mut whole = many();
    let (code, told) = stopped_after(&mut whole, usize::MAX);
    assert_eq!(code, 0);
    assert!(told.len() > 18, "{told:?}");
    let ies: Vec<String> = (10..22).map(|number| format!("IE{number}")).collect();
    let ies: Vec<&str> = ies.iter().map(String::as_str).collect();
    whole.folder_holds(&ies);
    let expected = everything(&mut whole);
    for told in (0..told.len()).step_by(2) {
        let mut scenario = many();
        let (code, heard) = stopped_after(&mut scenario, told);
        assert_eq!(code, 1, "after {told}: {heard:?}");
        let staged = scenario.store().count_packages(cartouche::model::state::PackageState::Staged).unwrap();
        assert!(staged == 0 || staged == 12, "what is planned together goes out together");
        scenario.run("run").exits(0).folder_holds(&ies);
        assert_eq!(everything(&mut scenario)[0], expected[0], "after {told}");
    }
}

#[test]
fn a_list_that_was_stopped_goes_on_where_it_was() {
    let mut scenario = many();
    let (code, heard) = stopped_after(&mut scenario, 6);
    assert_eq!(code, 1);
    let pages = |heard: &[News]| heard.iter().filter(|news| matches!(news, News::Harvested { .. })).count();
    let before = pages(&heard);
    assert!((2..12).contains(&before), "{heard:?}");
    let (code, heard) = stopped_after(&mut scenario, usize::MAX);
    assert_eq!((code, pages(&heard)), (0, 12 - before), "no page is asked for twice");
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").arg(format!("-{name}")).arg(child.id().to_string()).status().unwrap().success());
}

/// Starts a run, and waits until it has stored a page.
fn under_way(scenario: &mut Scenario) -> Child {
    let profile = scenario.profile();
    let mut command = scenario.command("run --json");
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let begun = Instant::now();
    loop {
        let is_harvesting = Store::open_existing(&profile.state).ok().is_some_and(|store| {
            let notes = store.runs(1).ok().and_then(|runs| runs.into_iter().next()?.summary).unwrap_or_default();
            notes.contains("\"harvest\"")
        });
        if is_harvesting {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the run never began");
        std::thread::sleep(Duration::from_millis(20));
    }
    child
}

#[test]
fn a_signal_stops_a_run_cleanly_and_says_so() {
    for name in ["INT", "TERM"] {
        let mut scenario = many();
        scenario.each_answer_takes(Duration::from_millis(300));
        let child = under_way(&mut scenario);
        signal(&child, name);
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        assert!(said.contains("stopping after what is in hand"), "{said}");
        let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(json["stopped"], true, "{json}");
        let run = scenario.store().runs(1).unwrap().remove(0);
        assert_eq!(run.exit_code, Some(1));
        scenario.run("run").exits(0).says("12 now").hides("stopped");
    }
}

#[test]
fn a_second_signal_ends_a_run_at_once() {
    let mut scenario = many();
    scenario.each_answer_takes(Duration::from_secs(3));
    let child = under_way(&mut scenario);
    let begun = Instant::now();
    signal(&child, "TERM");
    std::thread::sleep(Duration::from_millis(100));
    signal(&child, "TERM");
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(begun.elapsed() < Duration::from_secs(2), "it waited for the server");
    assert_eq!(scenario.store().runs(1).unwrap()[0].ended, None, "nobody wrote its end");
    scenario.run("harvest").exits(0);
}
