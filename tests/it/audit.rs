//! The journal: every deed is in it, and no word of it can be changed unseen.

mod history;
mod premis;
mod tampering;

use crate::support::records::entity;
use crate::support::scenario::Scenario;
use serde_json::Value;

/// IE7 that Rosetta takes, and IE8 that it refuses, both settled: `begun` and six entries.
pub fn two_fates() -> Scenario {
    let mut scenario = Scenario::new();
    scenario.rosetta_holds("IE7").alma_has("9912", "Sunset at Montmajour", "oai:ros.example.org:IE7");
    scenario.rosetta_has(entity("IE8").locked()).alma_has("9913", "Locked", "oai:ros.example.org:IE8");
    scenario.run("run").rosetta_runs_its_job().run("settle").exits(3);
    scenario
}

/// The entries about an IE, oldest first.
pub fn entries(scenario: &mut Scenario, ie: &str) -> Vec<Value> {
    let json = scenario.run(&format!("audit list {ie} --json")).exits(0).json();
    json["entries"].as_array().unwrap().clone()
}

pub fn events(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["event"].as_str().unwrap()).collect()
}
