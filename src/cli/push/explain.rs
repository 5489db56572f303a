//! `push explain`: one resource and its bib, for people and as JSON.

use super::list::write_json;
use crate::cli::table::printable;
use crate::cli::{Target, now, print, print_json};
use crate::failure::{Failure, exit};
use crate::profile;
use crate::push::bib_merge::{Change, Kept, Source};
use crate::push::explain::{Told, explain};
use crate::push::marc::{MarcRecord, Namespace, record};
use crate::push::marc_validation::Severity;
use crate::push::pull::report::{all_lines_of, fate_json};
use crate::push::report::{lines_of, tell_of};
use crate::push::resource_uri::ResourceUri;
use crate::push::run::hands;
use crate::report::line;
use crate::store::Store;
use serde_json::{Value, json};

pub fn run(target: &Target, resource: &str) -> Result<u8, Failure> {
    let uri = ResourceUri::parse(resource)?;
    let profile = profile::load_push(&target.profile)?;
    let mut store = Store::open_existing(&profile.state)?;
    let hands = hands(&profile, 0, &now)?;
    let told = explain(&mut store, &hands, &uri)?;
    if target.json {
        print_json(&object(&told))
    } else {
        print(&text(&told))
    }
    Ok(exit::DONE)
}

fn text(told: &Told) -> String {
    let resource = &told.known.resource;
    let mut text = format!("{}\n", resource.uri);
    line(&mut text, "title", &printable(resource.title()));
    let public = if resource.visibility.is_public() { "published" } else { "not published" };
    line(&mut text, "ArchivesSpace", &format!("{public}, version {}", resource.lock_version));
    line(&mut text, "MMS ID", &printable(&told.evidence()));
    let (kind, words) = told.verdict();
    line(&mut text, "now", &printable(&format!("{kind}: {words}")));
    if let Some(draft) = told.draft() {
        let suppressed = if draft.suppress.as_str() == "true" { "suppressed" } else { "published" };
        line(&mut text, "in Alma", suppressed);
        for note in &draft.repairs {
            line(&mut text, "repair", &printable(&format!("{} {}: {}", note.repair.info().name, note.tag, note.did)));
        }
        for finding in &draft.findings {
            let severity = if finding.severity == Severity::Error { "error" } else { "warning" };
            line(&mut text, severity, &printable(&format!("{} {}", finding.place, finding.fault)));
        }
    }
    for change in &told.difference {
        text.push_str(&change_text(change));
    }
    if let Some(shelf) = &told.shelf {
        let mut lines = String::new();
        lines_of(shelf, &mut lines);
        text.push_str(&lines.lines().map(|line| printable(line) + "\n").collect::<String>());
    }
    if let Some(pull) = &told.pull {
        text.push_str("from Alma\n");
        all_lines_of(pull, &mut text);
    }
    for intent in &told.history {
        let words = format!("#{} {} {} {}", intent.id, intent.target.kind, intent.state, intent.why.1);
        line(&mut text, "write", &printable(&format!("{} {}", intent.times.0, words.trim())));
    }
    text
}

fn change_text(change: &Change) -> String {
    let from = change.source.map(|source| format!("  [{}]", source.as_str())).unwrap_or_default();
    let of = |text: &Option<String>| printable(text.as_deref().unwrap_or_default());
    match change.kept {
        Kept::Kept => format!("    {}{from}\n", of(&change.after)),
        Kept::Changed => format!("  - {}\n  + {}{from}\n", of(&change.before), of(&change.after)),
        Kept::Added => format!("  + {}{from}\n", of(&change.after)),
        Kept::Removed => format!("  - {}\n", of(&change.before)),
    }
}

fn kept_name(kept: Kept) -> &'static str {
    match kept {
        Kept::Kept => "kept",
        Kept::Changed => "changed",
        Kept::Added => "added",
        Kept::Removed => "removed",
    }
}

fn object(told: &Told) -> Value {
    let resource = &told.known.resource;
    let (kind, words) = told.verdict();
    let marc = |marc: &MarcRecord| record(marc, Namespace::Marc21);
    let draft = told.draft();
    let repairs: Vec<Value> = draft
        .iter()
        .flat_map(|draft| &draft.repairs)
        .map(|note| json!({"repair": note.repair.info().name, "tag": note.tag, "did": note.did.to_string()}))
        .collect();
    let findings: Vec<Value> = draft
        .iter()
        .flat_map(|draft| &draft.findings)
        .map(|it| {
            let severity = if it.severity == Severity::Error { "error" } else { "warning" };
            json!({"severity": severity, "place": it.place, "fault": it.fault.to_string()})
        })
        .collect();
    let difference: Vec<Value> = told
        .difference
        .iter()
        .map(|change| {
            json!({"kept": kept_name(change.kept), "tag": change.tag, "before": change.before, "after": change.after,
                   "source": change.source.map(Source::as_str)})
        })
        .collect();
    let mut object = json!({"resource": resource.uri.to_string(), "title": resource.title(), "published": resource.visibility.is_public(),
           "outcome": kind, "detail": words, "evidence": told.evidence(), "mms": told.bib().map(|bib| bib.mms.to_string()),
           "archivesspace": marc(&told.known.marc), "alma": told.bib().map(|bib| bib.xml.clone()),
           "merged": draft.map(|draft| marc(&draft.merged.record)),
           "suppressed": draft.map(|draft| draft.suppress.as_str() == "true"), "repairs": repairs, "findings": findings,
           "difference": difference, "writes": told.history.iter().map(write_json).collect::<Vec<_>>()});
    if let Some(shelf) = &told.shelf {
        tell_of(shelf, &mut object);
        object["offered"] = shelf.offered.iter().map(ToString::to_string).collect();
    }
    object["pull"] = told.pull.as_ref().map_or(Value::Null, fate_json);
    object
}
