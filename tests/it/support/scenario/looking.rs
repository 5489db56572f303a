//! How things stand: in the folder, in the store, and both together as one value that can be compared.

use super::Scenario;
use cartouche::model::time::Timestamp;
use cartouche::profile::{self, Profile};
use cartouche::steps::{self, Go, Wish};
use cartouche::store::Store;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Everything that must be the same whether a run was killed on its way or not.
#[derive(Debug, PartialEq, Eq)]
pub struct State {
    /// Place, IE and content of every file; hidden ones too.
    pub files: Vec<(String, String, String)>,
    /// IE and state of every package, but those that never reached the folder.
    pub packages: Vec<(String, String)>,
    /// Alma record, IE, kind and code.
    pub outcomes: Vec<[String; 4]>,
    /// How many records each feed has, whether its list is complete, and where its next window starts.
    pub feeds: [(u64, bool, Option<Timestamp>); 2],
    /// Records whose fate is still to be decided.
    pub stale: u64,
}

/// `story_20261122010203004_IE7.xml` → `IE7`, whatever a job has put after it.
pub fn pid_of(path: &Path) -> String {
    let name = path.file_name().unwrap().to_string_lossy();
    let from = name.rfind("IE").unwrap_or_else(|| panic!("{name} names no IE"));
    name[from..].chars().take_while(char::is_ascii_alphanumeric).collect()
}

impl Scenario {
    pub fn stdout(&mut self) -> String {
        self.answer().stdout()
    }

    pub fn stderr(&mut self) -> String {
        self.answer().stderr()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Whatever happened in a story, its journal is whole and tells of every package, unless somebody tampered with it.
    pub fn check_journal(&self) {
        let (store, tampered) = (self.path("trip.db"), self.path("tampered"));
        if store.exists() && !tampered.exists() {
            let proof = Store::open_existing(&store).unwrap().prove_journal(None).unwrap();
            assert!(proof.faults.is_empty(), "{proof:#?}");
        }
    }

    /// Files with their place, for a subfolder of the staging folder; sorted by IE.
    pub fn files_in(&self, place: &str) -> Vec<(String, PathBuf)> {
        let Ok(entries) = fs::read_dir(self.path("staging").join(place)) else { return Vec::new() };
        let paths = entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file());
        let mut files: Vec<_> = paths.map(|path| (place.to_owned(), path)).collect();
        files.sort_by_key(|(_, path)| pid_of(path));
        files
    }

    /// Files in the folder, in every folder directly below it, hidden or not.
    pub fn all_files(&self) -> Vec<(String, PathBuf)> {
        let mut files = self.files_in("");
        for entry in fs::read_dir(self.path("staging")).unwrap() {
            let entry = entry.unwrap();
            if entry.path().is_dir() {
                files.extend(self.files_in(&entry.file_name().to_string_lossy()));
            }
        }
        files
    }

    pub fn only_file_of(&self, pid: &str) -> PathBuf {
        let mut files = self.all_files();
        files.retain(|(_, path)| pid_of(path) == pid);
        assert_eq!(files.len(), 1, "files of {pid}: {files:?}");
        files.remove(0).1
    }

    pub fn profile(&mut self) -> Profile {
        let path = self.write_profile();
        profile::load(&path.to_string_lossy()).unwrap()
    }

    pub fn store(&mut self) -> Store {
        let profile = self.profile();
        Store::open_existing(&profile.state).unwrap()
    }

    /// A whole run in this process, by a clock of the test's own.
    pub fn runs_at(&mut self, now: &str) -> &mut Self {
        self.starts();
        let (mut store, profile) = (Store::open(&self.profile().state).unwrap(), self.profile());
        let now = Timestamp::parse(now).unwrap();
        let run = store.begin_run("run", now).unwrap();
        let wish = Wish { settle: true, harvest: true, prepare: true, stage: true, ..Wish::default() };
        steps::run(&mut store, &profile, &wish, run, now, &|_| Go::On).unwrap();
        self
    }

    /// Alma record, IE, kind, code, detail of every outcome.
    pub fn outcomes(&mut self) -> Vec<[String; 5]> {
        let store = self.store();
        let kinds = ["package", "unchanged", "held", "skipped"];
        let lines = kinds.iter().flat_map(|kind| store.outcomes(kind, None, 100_000).unwrap());
        let mut outcomes: Vec<_> =
            lines.map(|line| [line.identifier, line.ie, line.kind, line.code, line.detail]).collect();
        outcomes.sort();
        outcomes
    }

    /// The one outcome of a bib and an IE is this: `package`, `unchanged`, `held too-long`, `skipped no-match`.
    pub fn fate(&mut self, mms: &str, ie: &str, expected: &str) -> &mut Self {
        let outcomes = self.outcomes();
        let ours: Vec<String> = outcomes
            .iter()
            .filter(|[identifier, of, ..]| identifier.ends_with(&format!(":{mms}")) && of == ie)
            .map(|[_, _, kind, code, _]| format!("{kind} {code}").trim_end().to_owned())
            .collect();
        assert_eq!(ours, [expected], "the fate of {mms} and {ie}, among {outcomes:#?}");
        self
    }

    /// The packages of an IE are in these states, oldest first.
    pub fn packages(&mut self, ie: &str, expected: &[&str]) -> &mut Self {
        let packages = self.store().packages(None, 100_000).unwrap();
        let states: Vec<&str> = packages.iter().rev().filter(|p| p.ie == ie).map(|p| p.state.as_str()).collect();
        assert_eq!(states, expected, "packages of {ie}");
        self
    }

    /// Takes stock of folder and store, after proving that no IE has two files.
    pub fn state(&mut self) -> State {
        let mut files = Vec::new();
        for (place, path) in self.all_files() {
            files.push((place, pid_of(&path), fs::read_to_string(&path).unwrap()));
        }
        files.sort();
        let mut per_ie: BTreeMap<&str, u64> = BTreeMap::new();
        files.iter().for_each(|(_, ie, _)| *per_ie.entry(ie).or_default() += 1);
        per_ie.retain(|_, count| *count > 1);
        assert!(per_ie.is_empty(), "IEs with more than one file: {per_ie:?}");
        let outcomes =
            self.outcomes().into_iter().map(|[record, ie, kind, code, _]| [record, ie, kind, code]).collect();
        let round_trip = self.profile().round_trip;
        let store = self.store();
        let feeds = steps::feeds(&store, &round_trip).unwrap();
        let feed_state = |feed| {
            (store.count_records(feed).unwrap(), store.is_complete(feed).unwrap(), store.checkpoint(feed).unwrap())
        };
        let packages = store.packages(None, 100_000).unwrap();
        let mut packages: Vec<_> = packages.into_iter().map(|p| (p.ie, p.state.as_str().to_owned())).collect();
        packages.retain(|(_, state)| state != "withdrawn");
        packages.sort();
        let stale = store.count_stale(feeds.alma).unwrap();
        State { files, packages, outcomes, feeds: [feed_state(feeds.rosetta), feed_state(feeds.alma)], stale }
    }
}
