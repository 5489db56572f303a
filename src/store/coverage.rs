//! What both systems have in common, for each set: IEs with and without an Alma record, and the other way round.
//!
//! *IEs* are the records of Rosetta's feed whose identifier ends in an IE PID, without the deleted and those that vanished.
//! *Alma records* are those of Alma's feed without the deleted, the suppressed and those that vanished. An IE is *without an
//! Alma record* when none of these names it; an Alma record is *without an IE* when it names none that Rosetta shows.
//! *Claimed twice* is an IE that several Alma records name, whether Rosetta shows it or not; records that vanished keep
//! their claims. All of it is as the last preparation found it.

mod kept;
mod lists;

pub use kept::Kept;
pub use lists::{Claimed, Deleted, Unused};

use super::feeds::FeedId;
use super::records::DELETED;
use super::{Doing, Error, Store};
use rusqlite::params;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which rows of a list are asked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// Only what belongs to this set.
    pub set: Option<&'a str>,
    pub limit: usize,
}

impl Wanted<'_> {
    /// Whether sets, separated by blanks, hold the one that is asked for.
    fn takes(&self, sets: &str) -> bool {
        self.set.is_none_or(|set| sets.split(' ').any(|one| one == set))
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub ies: u64,
    pub ies_without_alma: u64,
    pub alma: u64,
    pub alma_without_ie: u64,
    pub claimed_twice: u64,
}

impl Counts {
    fn add(&mut self, other: &Counts) {
        self.ies += other.ies;
        self.ies_without_alma += other.ies_without_alma;
        self.alma += other.alma;
        self.alma_without_ie += other.alma_without_ie;
        self.claimed_twice += other.claimed_twice;
    }
}

/// The counts of each set, by its setSpec, which is empty for records of no set. A record of several sets counts in each
/// of them, and once in the total.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    pub sets: BTreeMap<String, Counts>,
    pub total: Counts,
}

/// Every IE and every Alma record with what is needed to count them; some hundred bytes for each pair.
pub struct Survey {
    combinations: Combinations,
    ies: HashMap<Box<str>, Ie>,
    /// In the order of their numbers.
    records: Vec<AlmaRecord>,
    /// Sets of the IEs that are claimed twice, and of those who claim them.
    twice: Vec<BTreeSet<u32>>,
}

struct Ie {
    sets: u32,
    is_described: bool,
}

struct AlmaRecord {
    id: i64,
    sets: u32,
    /// Neither vanished nor suppressed.
    counts: bool,
    names_an_ie: bool,
}

/// The few combinations of sets that many records share.
#[derive(Default)]
struct Combinations {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Combinations {
    fn number(&mut self, sets: &str) -> u32 {
        if let Some(number) = self.numbers.get(sets) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(sets.to_owned());
        self.numbers.insert(sets.to_owned(), number);
        number
    }

    fn text(&self, number: u32) -> &str {
        self.texts.get(number as usize).map_or("", String::as_str)
    }
}

impl Store {
    /// Whether the claims that a survey counts are those of the records as they are now.
    pub fn is_prepared(&self, alma: FeedId) -> Result<bool, Error> {
        Ok(self.meta("middle")?.is_some() && self.count_stale(alma)? == 0)
    }

    /// Walks once through all records and all claims.
    pub fn survey(&self, rosetta: FeedId, alma: FeedId) -> Result<Survey, Error> {
        let mut survey = Survey {
            combinations: Combinations::default(),
            ies: HashMap::new(),
            records: Vec::new(),
            twice: Vec::new(),
        };
        self.survey_records(&mut survey, rosetta, alma)?;
        self.survey_suppressed(&mut survey)?;
        self.survey_claims(&mut survey)?;
        Ok(survey)
    }

    fn survey_records(&self, survey: &mut Survey, rosetta: FeedId, alma: FeedId) -> Result<(), Error> {
        // By the index of identifiers each record would be looked up by itself.
        let sql = "SELECT id, feed, identifier, sets, gone IS NOT NULL FROM records NOT INDEXED
                   WHERE feed IN (?1, ?2) AND body <> ?3 ORDER BY id";
        let doing = "walk through records";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![rosetta.0, alma.0, DELETED]).doing(doing)?;
        let no_text = |_| Error::Damaged { what: "an identifier or a set that is no text".to_owned() };
        while let Some(row) = rows.next().doing(doing)? {
            let (id, feed): (i64, i64) = (row.get(0).doing(doing)?, row.get(1).doing(doing)?);
            let has_gone: bool = row.get(4).doing(doing)?;
            let sets = survey.combinations.number(row.get_ref(3).doing(doing)?.as_str().map_err(no_text)?);
            if feed == alma.0 {
                survey.records.push(AlmaRecord { id, sets, counts: !has_gone, names_an_ie: false });
                continue;
            }
            let identifier = row.get_ref(2).doing(doing)?.as_str().map_err(no_text)?;
            if let Some(ie) = pid_of(identifier).filter(|_| !has_gone) {
                survey.ies.insert(ie.into(), Ie { sets, is_described: false });
            }
        }
        Ok(())
    }

    fn survey_suppressed(&self, survey: &mut Survey) -> Result<(), Error> {
        let sql = "SELECT record FROM outcomes WHERE kind = 'skipped' AND code = 'suppressed'";
        let doing = "walk through suppressed records";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            if let Some(record) = survey.record(row.get(0).doing(doing)?) {
                record.counts = false;
            }
        }
        Ok(())
    }

    fn survey_claims(&self, survey: &mut Survey) -> Result<(), Error> {
        let doing = "walk through claims";
        let mut statement = self.connection.prepare_cached("SELECT ie, record FROM claims ORDER BY ie").doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        let (mut ie, mut claimants) = (String::new(), Vec::new());
        while let Some(row) = rows.next().doing(doing)? {
            let named = row.get_ref(0).doing(doing)?;
            let named = named.as_str().map_err(|_| Error::Damaged { what: "a claim that is no text".to_owned() })?;
            if named != ie {
                survey.claimed(&ie, &claimants);
                claimants.clear();
                named.clone_into(&mut ie);
            }
            claimants.push(row.get(1).doing(doing)?);
        }
        survey.claimed(&ie, &claimants);
        Ok(())
    }
}

impl Survey {
    fn record(&mut self, id: i64) -> Option<&mut AlmaRecord> {
        let at = self.records.binary_search_by_key(&id, |record| record.id).ok()?;
        self.records.get_mut(at)
    }

    /// Takes note of all records that name an IE.
    fn claimed(&mut self, ie: &str, claimants: &[i64]) {
        let mut shown = self.ies.get_mut(ie);
        let mut known = Vec::with_capacity(claimants.len());
        for id in claimants {
            if let Ok(at) = self.records.binary_search_by_key(id, |record| record.id) {
                let record = &mut self.records[at];
                record.names_an_ie |= shown.is_some();
                known.push(record.sets);
                if let Some(shown) = &mut shown {
                    shown.is_described |= record.counts;
                }
            }
        }
        if known.len() > 1 {
            self.twice.push(known.into_iter().chain(shown.map(|shown| shown.sets)).collect());
        }
    }

    /// The sets of an IE, separated by blanks, if Rosetta shows it.
    fn sets_of(&self, ie: &str) -> &str {
        self.ies.get(ie).map_or("", |ie| self.combinations.text(ie.sets))
    }

    pub fn coverage(&self) -> Coverage {
        let mut counts: Vec<Counts> = vec![Counts::default(); self.combinations.texts.len()];
        let mut coverage = Coverage::default();
        for ie in self.ies.values() {
            counts[ie.sets as usize].ies += 1;
            counts[ie.sets as usize].ies_without_alma += u64::from(!ie.is_described);
        }
        for record in self.records.iter().filter(|record| record.counts) {
            counts[record.sets as usize].alma += 1;
            counts[record.sets as usize].alma_without_ie += u64::from(!record.names_an_ie);
        }
        for (sets, counts) in self.combinations.texts.iter().zip(&counts).filter(|(_, c)| **c != Counts::default()) {
            coverage.total.add(counts);
            each_set(sets).for_each(|set| coverage.sets.entry(set.to_owned()).or_default().add(counts));
        }
        for combinations in &self.twice {
            let texts = combinations.iter().map(|number| self.combinations.text(*number));
            let sets: BTreeSet<&str> = texts.flat_map(each_set).collect();
            coverage.total.claimed_twice += 1;
            sets.iter().for_each(|set| coverage.sets.entry((*set).to_owned()).or_default().claimed_twice += 1);
        }
        coverage
    }

    /// IEs that no Alma record describes with their sets, in the order of their numbers.
    pub fn without_alma(&self, wanted: Wanted<'_>) -> Vec<(String, String)> {
        let bare = self.bare().into_iter().filter(|(_, sets)| wanted.takes(sets)).take(wanted.limit);
        bare.map(|(pid, sets)| (pid.to_owned(), sets.to_owned())).collect()
    }

    fn bare(&self) -> Vec<(&str, &str)> {
        let bare = self.ies.iter().filter(|(_, ie)| !ie.is_described);
        let mut bare: Vec<(&str, &str)> = bare.map(|(pid, ie)| (&**pid, self.combinations.text(ie.sets))).collect();
        bare.sort_unstable_by_key(|(pid, _)| (pid.len(), *pid));
        bare
    }
}

/// The sets of a combination; one that is empty for a record of no set.
fn each_set(sets: &str) -> impl Iterator<Item = &str> {
    sets.split(' ').filter(move |set| sets.is_empty() || !set.is_empty())
}

/// The IE PID at the end of an identifier; collections and files have other local parts.
fn pid_of(identifier: &str) -> Option<&str> {
    let local = identifier.rsplit(':').next()?;
    let digits = local.strip_prefix("IE")?;
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_ie_pids_are_ies() {
        for (identifier, expected) in [
            ("oai:ros.example.org:IE7", Some("IE7")),
            ("oai:ros.example.org:IE", None),
            ("oai:ros.example.org:FL7", None),
            ("oai:ros.example.org:IE7x", None),
            ("oai:ros.example.org:ie7", None),
        ] {
            assert_eq!(pid_of(identifier), expected, "{identifier}");
        }
    }

    #[test]
    fn a_record_of_no_set_has_the_empty_one() {
        assert_eq!(each_set("").collect::<Vec<_>>(), [""]);
        assert_eq!(each_set("a  b").collect::<Vec<_>>(), ["a", "b"]);
    }
}
