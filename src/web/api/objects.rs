//! What stands in lists of the page alone, as JSON. The fields are a contract: they may be added, never renamed.

use crate::model::id::IePid;
use crate::model::outcome::Hold;
use crate::report::objects::{given, words};
use crate::store::coverage::{Claimed, Deleted, Unused};
use crate::store::ledger::LedgerLine;
use crate::store::lists::OutcomeLine;
use crate::store::outcomes::OutcomeItem;
use crate::store::quarantine::QuarantineLine;
use crate::store::sent::SentItem;
use crate::web::ahead::Proven;
use crate::web::pages::{held, way_out};
use crate::web::search::{Hit, OUTCOMES};
use serde_json::{Value, json};

pub use crate::report::objects::{counts, entry, package, run, time};

pub fn sent(item: &SentItem) -> Value {
    let mut value = package(&item.package);
    if let Value::Object(fields) = &mut value {
        fields.insert("title".to_owned(), json!(given(&item.title)));
        fields.insert("fields".to_owned(), json!(words(&item.fields)));
    }
    value
}

/// What is held or waits; `moved_on` tells that Alma or Rosetta says something else by now.
pub fn waiting(item: &OutcomeItem, moved_on: bool) -> Value {
    let mut value = skipped(item);
    if let Value::Object(fields) = &mut value {
        fields.insert("id".to_owned(), json!(held::name(item)));
        fields.insert("title".to_owned(), json!(given(&item.title)));
        fields.insert("fields".to_owned(), json!(words(&item.fields)));
        fields.insert("moved-on".to_owned(), json!(moved_on));
        let can = !item.place.code.is_empty() && !moved_on && Hold::code_can_be_approved(&item.place.code);
        fields.insert("can-be-approved".to_owned(), json!(can));
    }
    value
}

pub fn skipped(item: &OutcomeItem) -> Value {
    let code = &item.place.code;
    json!({"alma": item.alma, "ie": given(&item.place.ie), "code": given(code), "detail": item.detail,
           "way-out": given(way_out::of(code)), "prepared": item.prepared.to_string()})
}

pub fn outcome(line: &OutcomeLine) -> Value {
    json!({"alma": line.identifier, "ie": given(&line.ie), "kind": line.kind, "code": given(&line.code),
           "detail": line.detail, "prepared": line.prepared.to_string()})
}

pub fn hit(hit: &Hit) -> Value {
    json!({"feed": hit.side, "identifier": hit.record.identifier.as_str(), "title": hit.title,
           "ie": hit.ie.as_ref().map(IePid::as_str), "standing": given(hit.standing()),
           "outcomes": hit.outcomes.iter().take(OUTCOMES).map(outcome).collect::<Vec<_>>(),
           "has-more-outcomes": hit.outcomes.len() > OUTCOMES})
}

pub fn deleted(line: &Deleted) -> Value {
    json!({"alma": line.identifier, "code": line.code, "ie": given(&line.ie), "alma-datestamp": line.datestamp,
           "seen": line.seen.to_string()})
}

pub fn without_alma((ie, sets): &(String, String)) -> Value {
    json!({"ie": ie, "sets": words(sets)})
}

pub fn without_ie(line: &Unused) -> Value {
    json!({"alma": line.identifier, "code": given(&line.code), "ie": given(&line.ie), "sets": words(&line.sets),
           "way-out": given(way_out::of(&line.code))})
}

pub fn claimed(line: &Claimed) -> Value {
    json!({"ie": line.ie, "alma": line.identifier, "place": line.place, "text": line.text, "gone": line.has_gone})
}

pub fn quarantined(line: &QuarantineLine) -> Value {
    json!({"number": line.id, "feed": line.side, "identifier": line.identifier, "datestamp": given(&line.datestamp),
           "seen": line.seen.to_string(), "released": time(line.released), "reason": line.reason, "page": line.page})
}

/// Without its resumption token, which is the server's and nobody else's.
pub fn window(line: &LedgerLine) -> Value {
    let window = &line.window;
    json!({"feed": line.side, "list": line.list, "number": window.number, "from": time(window.span.from),
           "until": time(window.span.until), "state": window.state.as_str(), "attempts": window.attempts,
           "pages": window.tally.pages, "records": window.tally.records, "announced": window.evidence.announced,
           "problem": given(&window.problem)})
}

pub fn proven(proven: &Proven) -> Value {
    let proof = &proven.proof;
    let fault = |fault: &crate::store::journal::Fault| json!({"entry": fault.entry, "package": fault.package, "what": fault.what});
    json!({"at": proven.at.to_string(), "whole": proven.is_whole(), "entries": proof.entries,
           "head": proof.head.map(|head| head.to_string()), "noted": proof.noted, "packages": proof.packages, "intents": proof.intents,
           "older": proof.older, "faults": proof.faults.iter().map(fault).collect::<Vec<_>>()})
}
