//! `audit verify`: is the journal whole, and does it tell of every package.

use crate::cli::table::printable;
use crate::cli::{Target, print, print_json};
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::fixity::Fixity;
use crate::profile;
use crate::report::line;
use crate::store::Store;
use crate::store::journal::{Fault, Proof};
use serde_json::{Value, json};

pub fn run(target: &Target, head: Option<&str>) -> Result<u8, Failure> {
    let (_, state) = profile::store_of(&target.profile)?;
    let asked = head.map(parse).transpose()?;
    let proof = Store::open_existing(&state)?.prove_journal(asked.as_ref())?;
    let is_whole = proof.faults.is_empty() && (asked.is_none() || proof.noted.is_some());
    if target.json {
        print_json(&object(&proof, is_whole));
    } else {
        print(&text(&proof, asked.as_ref(), is_whole));
    }
    Ok(if is_whole { exit::DONE } else { exit::FAILED })
}

fn parse(digest: &str) -> Result<Fixity, Failure> {
    let hint = "give the whole digest that an earlier `cartouche audit verify` printed as head";
    Fixity::parse(digest).map_err(|error| stated(Kind::Configuration, error.to_string(), hint))
}

fn text(proof: &Proof, asked: Option<&Fixity>, is_whole: bool) -> String {
    let mut text = String::new();
    line(&mut text, "journal", if is_whole { "whole" } else { "BROKEN" });
    line(&mut text, "entries", &proof.entries.to_string());
    line(&mut text, "head", &proof.head.map_or_else(|| "none".to_owned(), |head| head.to_string()));
    if let Some(asked) = asked {
        let found =
            proof.noted.map_or("NOT in the journal: its end was cut off, or it is another journal".to_owned(), |id| {
                format!("is entry {id}")
            });
        line(&mut text, "noted", &format!("{asked} {found}"));
    }
    let older =
        if proof.older > 0 { format!(", {} of them older than the journal", proof.older) } else { String::new() };
    line(&mut text, "packages", &format!("{}{older}", proof.packages));
    if proof.intents > 0 {
        line(&mut text, "intents", &proof.intents.to_string());
    }
    for Fault { entry, what, .. } in &proof.faults {
        let place = entry.map(|entry| format!("entry {entry}: ")).unwrap_or_default();
        line(&mut text, "fault", &printable(&format!("{place}{what}")));
    }
    text
}

fn object(proof: &Proof, is_whole: bool) -> Value {
    let faults: Vec<Value> = proof
        .faults
        .iter()
        .map(|fault| json!({"entry": fault.entry, "package": fault.package, "what": fault.what}))
        .collect();
    json!({"whole": is_whole, "entries": proof.entries, "head": proof.head.map(|head| head.to_string()),
           "noted": proof.noted, "packages": proof.packages, "intents": proof.intents, "older": proof.older, "faults": faults})
}
