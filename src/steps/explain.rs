//! Everything that is known of one IE PID, MMS ID or OAI identifier, decided anew with the profile as it is.

use super::prepare::{Feeds, Middle, compared, decide, evidence};
use crate::dc_xml;
use crate::failure::{Failure, Kind, stated};
use crate::model::dc::Dc;
use crate::model::id::{IePid, OaiIdentifier, RepositoryIdentifier};
use crate::model::outcome::{Hold, Outcome, Skip};
use crate::model::state::PackageState;
use crate::store::Store;
use crate::store::packages::PackageRow;
use crate::store::records::{StoredBody, StoredRecord};

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
    /// What Rosetta holds as it was compared, where that is known: what its web services said, or else what its feed shows.
    pub compared: Option<Dc>,
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
                compared: None,
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
            match evidence(&record.body, mms.as_ref(), &self.middle.rules) {
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
            let claim = work.claims.iter().find(|claim| Some(&claim.ie) == ie.as_ref());
            let compared = claim.map(compared).transpose()?.flatten();
            told.push(Told {
                ie,
                alma: Some(record.clone()),
                rosetta,
                compared,
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
                compared: None,
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

    /// What Alma alone says of the IE, whatever comes of it; `None` when its record cannot be transformed.
    pub fn said(&self, told: &Told) -> Option<Dc> {
        let record = told.alma.as_ref()?;
        match &told.outcome {
            Some(Outcome::Package(package) | Outcome::Held(package, _)) => {
                Some(package.alma.clone().unwrap_or_else(|| package.dc.clone()))
            }
            Some(Outcome::Unchanged(_) | Outcome::Skipped(..)) | None => {
                let (StoredBody::Metadata(metadata), Some(ie)) = (&record.body, &told.ie) else { return None };
                let mms = record.identifier.mms_id();
                Some(self.middle.transform.apply(metadata, ie, mms.as_ref()).ok()?.dc)
            }
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
pub fn sides(told: &Told) -> (Option<Dc>, Option<&Dc>) {
    let feed = || {
        told.rosetta.as_ref().and_then(|record| match &record.body {
            StoredBody::Metadata(metadata) => dc_xml::read_anywhere(metadata).ok(),
            StoredBody::Deleted | StoredBody::Absent | StoredBody::Quarantined(_) | StoredBody::Gone(_) => None,
        })
    };
    let new = told.outcome.as_ref().and_then(|outcome| match outcome {
        Outcome::Package(package) | Outcome::Held(package, _) => Some(&package.dc),
        Outcome::Unchanged(_) | Outcome::Skipped(..) => told.transformed.as_ref(),
    });
    (told.compared.clone().or_else(feed), new)
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
        match self.packages.last() {
            Some(package) if matches!(package.state, PackageState::Planned | PackageState::Staged) => {
                format!("in flight as {}", package.name)
            }
            Some(_) | None => "the next staging writes it".to_owned(),
        }
    }
}
