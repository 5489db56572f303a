//! What stands in the store as JSON, for the terminal and for the page alike. The fields are a contract: they may be added,
//! never renamed.

use crate::model::dc::Change;
use crate::model::fixity::Fixity;
use crate::model::time::Timestamp;
use crate::store::coverage::Counts;
use crate::store::journal::JournalLine;
use crate::store::packages::PackageRow;
use crate::store::records::{StoredBody, StoredRecord};
use crate::store::runs::Run;
use serde_json::{Map, Value, json};

/// A time, or null where there is none.
pub fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

/// A text, or null where there is none.
pub fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

/// Names that stand in one text with spaces between them.
pub fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

pub fn package(package: &PackageRow) -> Value {
    json!({"id": package.id, "ie": package.ie, "state": package.state.as_str(), "name": package.name, "run": package.run,
           "alma": package.alma_identifier, "alma-datestamp": package.alma_datestamp, "stylesheet": package.stylesheet,
           "planned": package.planned.to_string(), "staged": time(package.staged), "settled": time(package.settled),
           "confirmed": time(package.confirmed), "diverged": time(package.diverged), "restores": package.restores,
           "reason": package.reason})
}

pub fn run(run: &Run) -> Value {
    let summary: Value = run.summary.as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or(Value::Null);
    json!({"run": run.id, "command": run.command, "started": run.started.to_string(), "ended": time(run.ended),
           "exit-code": run.exit_code, "summary": summary})
}

pub fn entry(line: &JournalLine) -> Value {
    let hex = |digest: Option<Fixity>| digest.map(|digest| digest.to_string());
    json!({"entry": line.id, "at": line.at.to_string(), "milliseconds": line.at.millis(), "who": line.by.who,
           "program": line.by.program, "run": line.by.run, "event": line.event, "ie": line.about.ie(),
           "package": line.about.package(), "resource": line.about.resource(), "intent": line.about.intent(),
           "alma": given(&line.origin.alma_identifier),
           "alma-datestamp": given(&line.origin.alma_datestamp), "stylesheet": given(&line.origin.stylesheet),
           "before": hex(line.digests.before), "after": hex(line.digests.after), "detail": line.detail,
           "previous": line.digests.previous.to_string(), "digest": line.digests.own.to_string()})
}

pub fn counts(counts: &Counts) -> Map<String, Value> {
    let Counts { ies, ies_without_alma, alma, alma_without_ie, claimed_twice } = counts;
    let fields = [
        ("ies", ies),
        ("ies-without-alma", ies_without_alma),
        ("alma-records", alma),
        ("alma-records-without-ie", alma_without_ie),
        ("ies-claimed-twice", claimed_twice),
    ];
    fields.into_iter().map(|(name, count)| (name.to_owned(), json!(count))).collect()
}

/// A record of a feed, without its metadata.
pub fn record(record: &StoredRecord) -> Value {
    let state = match &record.body {
        StoredBody::Metadata(_) => "present",
        StoredBody::Deleted => "deleted",
        StoredBody::Absent => "no-metadata",
        StoredBody::Quarantined(_) => "quarantined",
        StoredBody::Gone(_) => "gone",
    };
    json!({"identifier": record.identifier.as_str(), "datestamp": record.datestamp.as_str(),
           "sets": words(&record.sets), "changed": record.changed.to_string(), "state": state,
           "repairs": record.repairs.words()})
}

pub fn change(change: &Change) -> Value {
    let kind = match change {
        Change::Kept(_) => "kept",
        Change::Removed(_) => "removed",
        Change::Added(_) => "added",
    };
    json!({"change": kind, "field": change.field().key().to_string(), "value": change.field().value})
}
