//! The terminal: help, exit codes, what goes to stdout, and that what we tell people to type works.

mod demo;
mod oai;
mod questions;
mod shapes;
mod validate;

use crate::support::scenario::{Scenario, cartouche};
use std::process::Output;

pub fn one_of_each() -> Scenario {
    crate::round_trip::one_of_each()
}

pub fn run(args: &[&str]) -> Output {
    cartouche().args(args).output().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The commands that a help text lists, `help` itself left out.
fn commands_in(help: &str) -> Vec<String> {
    let Some((_, list)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let names = list.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

fn check_help(command: &[&str]) {
    let args: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
    let output = run(&args);
    assert_eq!(output.status.code(), Some(0), "{args:?}");
    let (help, name) = (stdout(&output), command.join(" "));
    let first = help.lines().next().unwrap();
    assert!(!first.ends_with('.') && first.chars().next().is_some_and(char::is_uppercase), "{name}: `{first}`");
    assert!(first.len() <= 80, "{name}: `{first}` is longer than a line");
    assert!(help.contains("\nExample"), "{name} has no example");
    assert!(help.contains(&format!("\n  cartouche {name}")), "the example of {name} does not show it");
    for inner in commands_in(&help) {
        check_help(&[command, &[inner.as_str()]].concat());
    }
}

#[test]
fn every_command_has_help_with_an_example() {
    let commands = commands_in(&stdout(&run(&["--help"])));
    for expected in [
        "demo", "check", "run", "harvest", "stage", "settle", "status", "list", "explain", "validate", "oai", "sandbox",
    ] {
        assert!(commands.iter().any(|name| name == expected), "{expected} is not among {commands:?}");
    }
    for command in &commands {
        check_help(&[command]);
    }
}

#[test]
fn the_verbs_of_oai_pmh_are_commands_with_the_flags_of_the_contract() {
    let verbs = ["identify", "list-sets", "list-metadata-formats", "list-identifiers", "list-records", "get-record"];
    assert_eq!(commands_in(&stdout(&run(&["oai", "--help"]))), verbs);
    let help = stdout(&run(&["oai", "list-records", "--help"]));
    for flag in
        ["metadata-prefix", "set", "from", "until", "windows", "time-out", "retries", "requests-per-second", "output"]
    {
        assert!(help.contains(&format!("--{flag} ")), "--{flag}");
    }
}

#[test]
fn a_wrong_command_line_is_exit_code_2_and_says_nothing_on_stdout() {
    for args in [&["rum"][..], &["run"], &["list", "x", "nonsense"], &["run", "x", "--dry"], &["oai", "list-records"]] {
        let output = run(args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert_eq!(stdout(&output), "", "{args:?}");
        assert!(stderr(&output).contains("error: "), "{args:?}: {}", stderr(&output));
    }
    assert_eq!(run(&["--version"]).status.code(), Some(0));
}

#[test]
fn a_profile_that_is_not_there_is_exit_code_2_with_a_hint() {
    let output = run(&["run", "no-such-profile"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).starts_with("error: no profile `no-such-profile`: "), "{}", stderr(&output));
    assert!(stderr(&output).contains("profiles/no-such-profile.toml"), "{}", stderr(&output));
    assert!(stderr(&output).contains("\nhint: "), "{}", stderr(&output));
}

#[test]
fn an_unknown_key_is_named_with_line_and_column() {
    let mut scenario = one_of_each();
    scenario.profile_says("alma.feed.sett", "\"vangogh\"").run("run").exits(2);
    scenario.complains("trip.toml is not valid").complains("line 5, column 1").complains("unknown field `sett`");
    scenario.complains("hint: profiles/reference.toml explains every key");
    let mut scenario = one_of_each();
    scenario.profile_says("stagging.folder", "\"x\"").run("check").exits(2).complains("unknown field `stagging`");
}

#[test]
fn a_value_that_cannot_be_meant_is_refused_with_its_key() {
    for (key, value, complaint) in [
        ("harvest.time-out", "\"300\"", "has no unit"),
        ("limits.max-skips", "\"120%\"", "is not a share"),
        ("match.fields", "[\"dc:title\"]", "match.fields: `dc:title` is no place to look"),
        ("merge.policy", "\"mix\"", "unknown variant `mix`"),
        ("staging.job-name", "\"../x\"", "staging.job-name"),
        ("staging.done", "\"a/b\"", "staging.done"),
        ("alma.feed.base-url", "\"example.org/oai\"", "is not a URL"),
        ("alma.feed.metadata-prefix", "\"mods\"", "transform.stylesheet: missing"),
    ] {
        let mut scenario = one_of_each();
        scenario.profile_says(key, value).run("run").exits(2).complains(complaint);
        assert!(!scenario.path("trip.db").exists(), "{key}: nothing is begun with a wrong profile");
    }
}

#[test]
fn a_bare_name_is_a_file_in_profiles_and_paths_are_relative_to_it() {
    let mut scenario = one_of_each();
    let text = std::fs::read_to_string(scenario.write_profile()).unwrap();
    std::fs::create_dir(scenario.path("profiles")).unwrap();
    std::fs::write(scenario.path("profiles/vangogh.toml"), text.replace("\"staging\"", "\"../staging\"")).unwrap();
    let here = scenario.path("");
    let output = cartouche().args(["run", "vangogh", "--json"]).current_dir(here).output().unwrap();
    scenario.answered("run vangogh", output).exits(0).tells("/profile", "vangogh").folder_holds(&["IE7"]);
    assert!(scenario.path("profiles/vangogh.db").exists());
}

#[test]
fn a_second_run_of_a_profile_is_exit_code_4_and_touches_nothing() {
    let mut scenario = one_of_each();
    let state = scenario.profile().state;
    let lock = cartouche::store::Lock::take(&state).unwrap();
    for command in ["run", "harvest", "stage", "settle"] {
        scenario.run(command).exits(4).complains("another run of this profile holds the lock").complains("hint: ");
    }
    assert!(!state.exists());
    drop(lock);
    scenario.run("run").folder_holds(&["IE7"]);
    // Who only looks need not wait.
    let _lock = cartouche::store::Lock::take(&state).unwrap();
    scenario.run("status").run("list packages").run("explain IE7");
}

#[test]
fn exit_codes_tell_cron_what_to_do() {
    let mut scenario = one_of_each();
    scenario.run("run").exits(0);
    scenario.run("run").exits(0);
    scenario.alma_edits("9912", "Other").profile_says("limits.max-changed", "\"0%\"");
    scenario.run("run").exits(3).says("nothing was staged");
    let mut scenario = one_of_each();
    scenario.profile_says("rosetta.feed.base-url", "\"http://127.0.0.1:9/x\"").run("run").exits(1);
    let mut scenario = one_of_each();
    scenario.profile_says("alma.feed.set", "\"nonesuch\"").run("run").exits(2).complains("No Publishing profile");
    scenario.profile_says("alma.feed.set", "\"digitized\"").run("run").exits(0);
}

#[test]
fn a_failed_run_stands_in_the_log_of_runs_with_its_exit_code() {
    let mut scenario = one_of_each();
    scenario.stylesheet("<html/>").run("run").exits(2).run("list runs --json").tells("/runs/0/exit-code", 2);
    assert!(scenario.json()["runs"][0]["summary"]["error"].as_str().unwrap().contains("not a stylesheet"));
}

#[test]
fn secrets_are_neither_taken_from_a_profile_nor_shown() {
    let mut scenario = one_of_each();
    scenario.profile_says("alma.feed.base-url", "\"https://reader:hunter2@example.org/oai\"");
    scenario.run("run").exits(2).complains("secrets do not belong into a profile").conceals("hunter2");
    scenario.profile_says("alma.feed.base-url", "\"http://127.0.0.1:9/oai?apikey=hunter2\"");
    scenario.run("run -vv --json").exits(1).complains("apikey=***").conceals("hunter2");
    scenario.run("list runs --json").conceals("hunter2").run("check --online").exits(1).conceals("hunter2");
}
