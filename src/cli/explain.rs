//! `explain`: everything about one IE PID, MMS ID or OAI identifier, field by field.

use super::table::{printable, shortened};
use super::{Target, print, print_json};
use crate::dc_xml;
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::dc::{Change, Dc, difference};
use crate::model::id::{IePid, OaiIdentifier, RepositoryIdentifier};
use crate::model::outcome::{Hold, Outcome, Skip};
use crate::profile;
use crate::report::line;
use crate::steps::prepare::{Feeds, Middle, decide};
use crate::steps::{self};
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
    let told = explainer.explain(id.trim(), &target.profile)?;
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

/// Reads the stored things that explain one identifier.
pub struct Explainer<'a> {
    pub store: &'a mut Store,
    pub feeds: Feeds,
    pub repository: RepositoryIdentifier,
    pub middle: Middle,
}

/// All that is known of one pair of an Alma record and an IE; either side may be missing.
pub struct Told {
    pub ie: Option<IePid>,
    pub alma: Option<StoredRecord>,
    pub rosetta: Option<StoredRecord>,
    pub evidence: Option<(String, String)>,
    pub outcome: Option<Outcome>,
    /// What the stylesheet makes of Alma's record, when the outcome itself does not hold it.
    pub transformed: Option<Dc>,
    pub packages: Vec<PackageRow>,
}

impl Explainer<'_> {
    pub fn explain(&mut self, id: &str, profile: &str) -> Result<Vec<Told>, Failure> {
        if let Ok(ie) = IePid::parse(id) {
            return self.of_ie(&ie, id, profile);
        }
        let identifier = OaiIdentifier::new(id);
        if let Some(ie) = identifier.ie_in(&self.repository) {
            return self.of_ie(&ie, id, profile);
        }
        let records = if id.contains(':') {
            self.store.record_by_identifier(self.feeds.alma, &identifier)?.into_iter().collect()
        } else {
            self.store.records_by_local(self.feeds.alma, id)?
        };
        if records.is_empty() {
            return Err(unknown(id, profile));
        }
        let mut told = Vec::new();
        for record in records {
            told.extend(self.of_record(record)?);
        }
        Ok(told)
    }

    fn of_ie(&mut self, ie: &IePid, id: &str, profile: &str) -> Result<Vec<Told>, Failure> {
        let mut told = Vec::new();
        for (record, ..) in self.store.claims_on(ie)? {
            if let Some(record) = self.store.record_by_id(record)? {
                told.extend(self.of_record(record)?.into_iter().filter(|told| told.ie.as_ref() == Some(ie)));
            }
        }
        if told.is_empty() {
            let rosetta = self.rosetta(ie)?;
            let packages = self.store.packages_of(ie)?;
            if rosetta.is_none() && packages.is_empty() {
                return Err(unknown(id, profile));
            }
            told.push(Told {
                ie: Some(ie.clone()),
                alma: None,
                rosetta,
                evidence: None,
                outcome: None,
                transformed: None,
                packages,
            });
        }
        Ok(told)
    }

    fn of_record(&mut self, record: StoredRecord) -> Result<Vec<Told>, Failure> {
        let work =
            self.store.work_of(self.feeds.rosetta, self.repository.as_str(), self.middle.merge.is_some(), &record)?;
        let mut told = Vec::new();
        let claims = self.store.claims_of(record.id)?;
        // What has no claim may have one that was not looked at yet, or a reason of its own for having none.
        let outcomes = if claims.is_empty() {
            let mms = record.identifier.mms_id();
            match steps::prepare::evidence(&record.body, mms.as_ref(), &self.middle.rules) {
                Err(skip) => vec![Outcome::Skipped(None, skip)],
                Ok(_) => Vec::new(),
            }
        } else {
            decide(&self.middle, &work)?
        };
        for outcome in outcomes {
            let ie = match &outcome {
                Outcome::Package(package) | Outcome::Held(package, _) => Some(package.ie.clone()),
                Outcome::Unchanged(ie) => Some(ie.clone()),
                Outcome::Skipped(ie, _) => ie.clone(),
            };
            let claim = claims.iter().find(|(claimed, ..)| ie.as_ref().is_some_and(|ie| ie.as_str() == claimed));
            let evidence = claim.map(|(_, place, text)| (place.clone(), text.clone()));
            let (rosetta, packages) = match &ie {
                Some(ie) => (self.rosetta(ie)?, self.store.packages_of(ie)?),
                None => (None, Vec::new()),
            };
            let transformed = self.transformed(&record, ie.as_ref(), &outcome);
            told.push(Told {
                ie,
                alma: Some(record.clone()),
                rosetta,
                evidence,
                outcome: Some(outcome),
                transformed,
                packages,
            });
        }
        if told.is_empty() {
            let (ie, rosetta, packages) = (None, None, Vec::new());
            told.push(Told {
                ie,
                alma: Some(record),
                rosetta,
                evidence: None,
                outcome: None,
                transformed: None,
                packages,
            });
        }
        Ok(told)
    }

    /// For a skip that stands although the record could be transformed: what it would have said.
    fn transformed(&self, record: &StoredRecord, ie: Option<&IePid>, outcome: &Outcome) -> Option<Dc> {
        let StoredBody::Metadata(metadata) = &record.body else { return None };
        match outcome {
            Outcome::Skipped(_, Skip::Conflict(_) | Skip::NotInRosetta | Skip::Rejected(_)) => {
                let mms = record.identifier.mms_id();
                Some(self.middle.transform.apply(metadata, ie?, mms.as_ref()).ok()?.dc)
            }
            Outcome::Package(_) | Outcome::Held(..) | Outcome::Unchanged(_) | Outcome::Skipped(..) => None,
        }
    }

    fn rosetta(&mut self, ie: &IePid) -> Result<Option<StoredRecord>, Failure> {
        Ok(self.store.record_by_identifier(self.feeds.rosetta, &OaiIdentifier::of_ie(&self.repository, ie))?)
    }
}

fn unknown(id: &str, profile: &str) -> Failure {
    stated(
        Kind::Failed,
        format!("nothing is known of `{id}`: neither feed showed it"),
        format!(
            "give an IE PID (IE1234), an MMS ID or a whole OAI identifier; is it in the sets of `{profile}`, and was it harvested?"
        ),
    )
}

/// The two sides of the comparison: what Rosetta shows and what would be written.
fn sides(told: &Told) -> (Option<Dc>, Option<&Dc>) {
    let shown = told.rosetta.as_ref().and_then(|record| match &record.body {
        StoredBody::Metadata(metadata) => dc_xml::read_anywhere(metadata).ok(),
        StoredBody::Deleted | StoredBody::Absent | StoredBody::Quarantined(_) | StoredBody::Gone(_) => None,
    });
    let new = told.outcome.as_ref().and_then(|outcome| match outcome {
        Outcome::Package(package) | Outcome::Held(package, _) => Some(&package.dc),
        Outcome::Unchanged(_) | Outcome::Skipped(..) => told.transformed.as_ref(),
    });
    (shown, new)
}

impl Told {
    /// The outcome in words: kind, code, sentence.
    pub fn verdict(&self) -> (&'static str, String, String) {
        match &self.outcome {
            Some(Outcome::Package(_)) => ("package", String::new(), self.package_verdict()),
            Some(Outcome::Unchanged(_)) => {
                ("unchanged", String::new(), "Rosetta shows this description, or took it from us before".to_owned())
            }
            Some(Outcome::Held(_, holds)) => {
                let code = holds.first().map(|hold| hold.code().to_owned()).unwrap_or_default();
                ("held", code, holds.iter().map(Hold::detail).collect::<Vec<_>>().join("; "))
            }
            Some(Outcome::Skipped(_, skip)) => ("skipped", skip.code().to_owned(), skip.detail()),
            None if self.alma.is_none() => {
                ("skipped", "no-alma-record".to_owned(), "no Alma record names this IE".to_owned())
            }
            None => ("unknown", String::new(), "not prepared yet: `cartouche stage --dry-run` does it".to_owned()),
        }
    }

    fn package_verdict(&self) -> String {
        use crate::model::state::PackageState;
        match self.packages.last() {
            Some(package) if matches!(package.state, PackageState::Planned | PackageState::Staged) => {
                format!("in flight as {}", package.name)
            }
            Some(_) | None => "the next staging writes it".to_owned(),
        }
    }

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
            "difference": changes.iter().map(change_json).collect::<Vec<_>>(),
            "packages": self.packages.iter().map(package_json).collect::<Vec<_>>(),
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
    let (state, metadata) = match &record.body {
        StoredBody::Metadata(metadata) => ("present", Some(metadata)),
        StoredBody::Deleted => ("deleted", None),
        StoredBody::Absent => ("no-metadata", None),
        StoredBody::Quarantined(bytes) => ("quarantined", Some(bytes)),
        StoredBody::Gone(metadata) => ("gone", Some(metadata)),
    };
    json!({"identifier": record.identifier.as_str(), "datestamp": record.datestamp.as_str(),
           "sets": record.sets.split_whitespace().collect::<Vec<_>>(), "changed": record.changed.to_string(),
           "state": state, "repairs": record.repairs.words(), "metadata": metadata})
}

fn change_json(change: &Change) -> Value {
    let kind = match change {
        Change::Kept(_) => "kept",
        Change::Removed(_) => "removed",
        Change::Added(_) => "added",
    };
    json!({"change": kind, "field": change.field().key().to_string(), "value": change.field().value})
}

fn package_json(package: &PackageRow) -> Value {
    json!({"id": package.id, "name": package.name, "state": package.state.as_str(), "run": package.run,
           "planned": package.planned.to_string(), "staged": package.staged.map(|at| at.to_string()),
           "settled": package.settled.map(|at| at.to_string()), "reason": package.reason, "stylesheet": package.stylesheet,
           "confirmed": package.confirmed.map(|at| at.to_string()), "diverged": package.diverged.map(|at| at.to_string()),
           "restores": package.restores})
}
