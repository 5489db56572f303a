//! `explain`: everything about one IE PID, MMS ID or OAI identifier, field by field.

use super::table::{printable, shortened};
use super::{Target, print, print_json};
use crate::dc_xml;
use crate::failure::{Failure, exit};
use crate::model::dc::{Change, difference};
use crate::model::id::IePid;
use crate::profile;
use crate::report::{line, objects};
use crate::steps;
use crate::steps::explain::{Explainer, Span, Told, sides};
use crate::store::Store;
use crate::store::packages::PackageRow;
use crate::store::records::{StoredBody, StoredRecord};
use serde_json::{Value, json};

/// Beyond this, a bib's IEs are told a line each.
const IES_IN_FULL: usize = 3;

pub fn run(target: &Target, id: &str) -> Result<u8, Failure> {
    let profile = profile::load(&target.profile)?;
    let mut store = Store::open_existing(&profile.state)?;
    let feeds = steps::feeds(&store, &profile.round_trip)?;
    let repository = steps::repository(&store, &profile.round_trip)?;
    let middle = steps::middle(&profile.round_trip, &repository)?;
    let mut explainer = Explainer { store: &mut store, feeds, repository, middle };
    let told = explainer.explain(id.trim(), &target.profile, Span::ALL)?.told;
    if target.json {
        print_json(&json!({"id": id.trim(), "ies": told.iter().map(Told::json).collect::<Vec<_>>()}));
    } else {
        let in_full = told.len() <= IES_IN_FULL;
        let texts: Vec<String> = told.iter().map(|told| if in_full { told.text() } else { told.brief() }).collect();
        print(&texts.join(if in_full { "\n" } else { "" }));
        if !in_full {
            print(&format!("\n{} IEs; `cartouche explain {} IE…` tells all about one.\n", told.len(), target.profile));
        }
    }
    Ok(exit::DONE)
}

impl Told {
    fn brief(&self) -> String {
        let (kind, code, words) = self.verdict();
        let ie = self.ie.as_ref().map_or("(no IE)", IePid::as_str);
        let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
        format!("{ie:<12} {kind}{code}: {}\n", shortened(&words, 120))
    }

    fn text(&self) -> String {
        let mut text = format!("{}\n", self.ie.as_ref().map_or("(no IE)", IePid::as_str));
        match &self.rosetta {
            Some(record) => line(&mut text, "Rosetta", &record_text(record)),
            None => line(&mut text, "Rosetta", "the feed never showed this IE"),
        }
        match &self.alma {
            Some(record) => line(&mut text, "Alma", &record_text(record)),
            None => line(&mut text, "Alma", "no record names this IE"),
        }
        if let Some((place, words)) = &self.evidence {
            line(&mut text, "evidence", &format!("{place}: {}", shortened(words, 120)));
        }
        let (kind, code, words) = self.verdict();
        let code = if code.is_empty() { String::new() } else { format!(" ({code})") };
        line(&mut text, "now", &format!("{kind}{code}: {}", printable(&words)));
        for package in &self.packages {
            line(&mut text, "package", &package_text(package));
        }
        let (shown, new) = sides(self);
        text.push_str(&match (shown, new) {
            (shown, Some(new)) => fields(&difference(&shown.unwrap_or_default(), new)),
            (Some(shown), None) => fields(&difference(&shown, &shown)),
            (None, None) => String::new(),
        });
        text
    }

    fn json(&self) -> Value {
        let (kind, code, words) = self.verdict();
        let (shown, new) = sides(self);
        let changes = new.map(|new| difference(&shown.unwrap_or_default(), new)).unwrap_or_default();
        json!({
            "ie": self.ie.as_ref().map(IePid::as_str),
            "outcome": {"kind": kind, "code": code, "detail": words},
            "evidence": self.evidence.as_ref().map(|(place, text)| json!({"place": place, "text": text})),
            "alma": self.alma.as_ref().map(record_json),
            "rosetta": self.rosetta.as_ref().map(record_json),
            "transformed": new.map(dc_xml::write_record),
            "difference": changes.iter().map(objects::change).collect::<Vec<_>>(),
            "packages": self.packages.iter().map(objects::package).collect::<Vec<_>>(),
        })
    }
}

/// One line a value: `=` kept, `-` removed, `+` added.
pub fn fields(changes: &[Change]) -> String {
    let width = changes.iter().map(|change| change.field().key().to_string().chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for change in changes {
        let (sign, field) = match change {
            Change::Kept(field) => ('=', field),
            Change::Removed(field) => ('-', field),
            Change::Added(field) => ('+', field),
        };
        let name = field.key().to_string();
        text.push_str(&format!("  {sign} {name:<width$}  {}\n", shortened(&field.value, 140)));
    }
    text
}

fn record_text(record: &StoredRecord) -> String {
    let body = match &record.body {
        StoredBody::Metadata(_) => "",
        StoredBody::Deleted => ", deleted",
        StoredBody::Absent => ", without metadata",
        StoredBody::Quarantined(_) => ", in quarantine",
        StoredBody::Gone(_) => ", vanished from the feed",
    };
    let repairs = match record.repairs.is_empty() {
        true => String::new(),
        false => format!(", repaired ({})", record.repairs.words()),
    };
    let sets = if record.sets.is_empty() { String::new() } else { format!(", sets {}", record.sets) };
    format!(
        "{} stamped {}, last changed here {}{body}{repairs}{sets}",
        record.identifier,
        record.datestamp.as_str(),
        record.changed
    )
}

fn package_text(package: &PackageRow) -> String {
    let mut text = format!("{} {}, planned {}", package.name, package.state, package.planned);
    let instants = [
        ("staged", package.staged),
        ("settled", package.settled),
        ("confirmed in Rosetta", package.confirmed),
        ("diverged", package.diverged),
    ];
    for (word, instant) in instants {
        if let Some(instant) = instant {
            text.push_str(&format!(", {word} {instant}"));
        }
    }
    if !package.reason.is_empty() {
        text.push_str(&format!(": {}", printable(&package.reason)));
    }
    text
}

fn record_json(record: &StoredRecord) -> Value {
    let mut value = objects::record(record);
    value["metadata"] = match &record.body {
        StoredBody::Metadata(text) | StoredBody::Quarantined(text) | StoredBody::Gone(text) => json!(text),
        StoredBody::Deleted | StoredBody::Absent => Value::Null,
    };
    value
}
