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
use crate::store::prepared::Part;
use crate::store::records::{StoredBody, StoredRecord};

/// Reads the stored things that explain one identifier.
pub struct Explainer<'a> {
    pub store: &'a mut Store,
    pub feeds: Feeds,
    pub repository: RepositoryIdentifier,
    pub middle: Middle,
}

/// All that is known of one pair of an Alma record and an IE; either side may be missing.
#[derive(Default)]
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

/// Which of the pairs of an answer are decided: a newspaper has thousands of IEs, and each takes a stylesheet's time.
#[derive(Debug, Clone, Copy)]
pub struct Span {
    /// Pairs that are passed over.
    pub after: usize,
    pub most: usize,
}

impl Span {
    pub const ALL: Span = Span { after: 0, most: usize::MAX };

    pub fn first(most: usize) -> Self {
        Span { after: 0, most }
    }
}

/// What is told of an identifier.
pub struct Answer {
    pub told: Vec<Told>,
    /// Pairs that there are, told or not.
    pub all: usize,
}

impl Explainer<'_> {
    pub fn explain(&mut self, id: &str, profile: &str, span: Span) -> Result<Answer, Failure> {
        if let Ok(ie) = IePid::parse(id) {
            return self.of_ie(&ie, id, profile, span);
        }
        let identifier = OaiIdentifier::new(id);
        if let Some(ie) = identifier.ie_in(&self.repository) {
            return self.of_ie(&ie, id, profile, span);
        }
        let records = if id.contains(':') {
            self.store.record_by_identifier(self.feeds.alma, &identifier)?.into_iter().collect()
        } else {
            self.store.records_by_local(self.feeds.alma, id)?
        };
        if records.is_empty() {
            return Err(unknown(id, profile));
        }
        let mut answer = Answer { told: Vec::new(), all: 0 };
        for record in records {
            let claims = self.store.claims_of(record.id)?;
            let at = answer.all;
            answer.all += claims.len().max(1);
            let (from, room) = (span.after.saturating_sub(at), span.most.saturating_sub(answer.told.len()));
            if room > 0 && from < claims.len().max(1) {
                answer.told.extend(self.of_record(record, &claims, Part::Slice { after: from, most: room })?);
            }
        }
        Ok(answer)
    }

    fn of_ie(&mut self, ie: &IePid, id: &str, profile: &str, span: Span) -> Result<Answer, Failure> {
        let claims = self.store.claims_on(ie)?;
        let mut answer = Answer { told: Vec::new(), all: claims.len().max(1) };
        for (record, place, text) in claims.into_iter().skip(span.after).take(span.most) {
            if let Some(record) = self.store.record_by_id(record)? {
                let own = [(ie.as_str().to_owned(), place, text)];
                answer.told.extend(self.of_record(record, &own, Part::Only(ie))?);
            }
        }
        if answer.all == 1 && answer.told.is_empty() {
            let (rosetta, packages) = (self.rosetta(ie)?, self.store.packages_of(ie)?);
            if rosetta.is_none() && packages.is_empty() {
                return Err(unknown(id, profile));
            }
            answer.told.push(Told { ie: Some(ie.clone()), rosetta, packages, ..Told::default() });
        }
        Ok(answer)
    }

    /// What becomes of a part of a record's claims.
    fn of_record(
        &mut self,
        record: StoredRecord,
        claims: &[(String, String, String)],
        part: Part<'_>,
    ) -> Result<Vec<Told>, Failure> {
        let (feed, merges) = (self.feeds.rosetta, self.middle.merge.is_some());
        let work = self.store.work_of(feed, self.repository.as_str(), merges, &record, part)?;
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
        let mut told = Vec::new();
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
            let (alma, outcome) = (Some(record.clone()), Some(outcome));
            told.push(Told { ie, alma, rosetta, compared, evidence, outcome, transformed, packages });
        }
        if told.is_empty() {
            told.push(Told { alma: Some(record), ..Told::default() });
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
