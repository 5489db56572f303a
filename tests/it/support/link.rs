//! Linking told as a story: a scenario with both stand-ins, a profile with `[link]`, and the real program.

use super::records::{ROSETTA, entity};
use super::scenario::Scenario;
use cartouche::model::id::MmsId;
use cartouche::push::alma::{Client, RemoteRepresentation};
use cartouche::push::bib::{Suppress, bib_body, read_bib};
use cartouche::push::marc::{DataField, Field, MarcRecord};
use cartouche::sandbox::Sandbox;
use cartouche::sandbox::alma_rest::{ApiLimits, KEY, REPOSITORY};
use serde_json::Value;
use std::fs;
use std::str::SplitWhitespace;

/// The OAI identifier of an IE.
pub fn oai(ie: &str) -> String {
    format!("oai:{ROSETTA}:{ie}")
}

/// The verb behind `link`, which stands before the profile.
pub fn verb_of<'w>(words: &mut SplitWhitespace<'w>) -> Option<&'w str> {
    const VERBS: [&str; 6] = ["status", "explain", "list", "approve", "reject", "undo"];
    words.clone().next().filter(|word| VERBS.contains(word)).inspect(|_| _ = words.next())
}

pub struct LinkScenario {
    pub story: Scenario,
}

impl LinkScenario {
    /// IEs in Rosetta, each with a title of its own, and what else the story begins with.
    pub fn of(ies: &[&str], begin: impl FnOnce(&mut Scenario)) -> Self {
        let mut story = Scenario::new();
        for ie in ies {
            story.rosetta_has(entity(ie).titled(&format!("The harvest of {ie}")));
        }
        begin(&mut story);
        fs::write(story.path("key"), KEY).unwrap();
        let api = story.sandbox().alma_api_base_url();
        story.sandbox().set_api_limits(ApiLimits { per_second: 100_000, daily: 1_000_000 });
        let quoted = |text: &str| format!("\"{text}\"");
        for (key, value) in [
            ("alma.api.base-url", quoted(&api)),
            ("alma.api.key-file", quoted("key")),
            ("alma.api.requests-per-second", "1000".to_owned()),
            ("alma.api.retries", "0".to_owned()),
            ("link.repository", quoted(REPOSITORY)),
            ("link.library", quoted("MAIN")),
            ("link.suppress", "false".to_owned()),
            // What Alma does not find was not made: the stand-in's index takes no time.
            ("link.index-lag", quoted("0s")),
        ] {
            story.profile_says(key, &value);
        }
        LinkScenario { story }
    }

    /// The same with both feeds harvested and looked at.
    pub fn harvested(ies: &[&str], begin: impl FnOnce(&mut Scenario)) -> Self {
        let mut scenario = Self::of(ies, begin);
        scenario.harvests();
        scenario
    }

    pub fn harvests(&mut self) -> &mut Self {
        let said = self.story.command("run --dry-run").output().unwrap();
        assert!(matches!(said.status.code(), Some(0 | 3)), "{}", String::from_utf8_lossy(&said.stderr));
        self
    }

    pub fn profile_says(&mut self, key: &str, value: &str) -> &mut Self {
        self.story.profile_says(key, value);
        self
    }

    /// An identifier by which Alma's bib is found.
    pub fn finds_by(&mut self, rules: &str) -> &mut Self {
        self.profile_says("link.find", rules)
    }

    pub fn sandbox(&mut self) -> &Sandbox {
        self.story.sandbox()
    }

    /// Runs a command whose exit code is this.
    #[track_caller]
    pub fn run(&mut self, command: &str, code: i32) -> &mut Self {
        self.story.run(command).exits(code);
        self
    }

    /// `link`, its exit code checked, and what it said.
    #[track_caller]
    pub fn link(&mut self, code: i32) -> Value {
        self.run("link --json", code).story.json()
    }

    /// `link` killed at a point, or run to its end when there is no such point.
    pub fn is_killed_at(&mut self, point: usize, command: &str) -> bool {
        let output = self.story.command(command).env("CARTOUCHE_CRASH_AT", format!("link:{point}")).output().unwrap();
        output.status.code().is_none()
    }

    pub fn client(&mut self) -> Client {
        let path = self.story.write_profile();
        let profile = cartouche::profile::load_link(path.to_str().unwrap()).unwrap();
        Client::new(&profile.alma_api).unwrap()
    }

    /// A cataloguer makes a bib that no feed shows yet.
    pub fn alma_catalogues(&mut self, title: &str, numbers: &[&str]) -> String {
        let mut fields = vec![Field::control("008", "261122s2026    xx |||||||||||||||||eng d")];
        let number = |number: &&str| Field::Data(DataField::new("035", "", &[("a", *number)]));
        fields.extend(numbers.iter().map(number));
        fields.push(Field::Data(DataField::new("245", "00", &[("a", title)])));
        let record = MarcRecord { leader: "00000nam a2200000 u 4500".to_owned(), fields };
        let bib = self.client().create_bib(&bib_body(&record, None, Suppress::Published, &[])).unwrap();
        bib.mms.to_string()
    }

    /// A cataloguer makes a representation.
    pub fn alma_points(&mut self, mms: &str, originating: &str, target: &str) -> String {
        let new = RemoteRepresentation {
            library: "MAIN".to_owned(),
            usage_type: "DERIVATIVE_COPY".to_owned(),
            repository: REPOSITORY.to_owned(),
            originating_record_id: originating.to_owned(),
            linking_parameter_1: target.to_owned(),
            label: None,
            public_note: None,
        };
        self.client().create_representation(&MmsId::parse(mms).unwrap(), &new).unwrap().id.to_string()
    }

    /// Bibs with the IE's identifier in 035, by their MMS IDs.
    pub fn bibs_of(&mut self, ie: &str) -> Vec<String> {
        let found = self.client().bibs_by_other_id(&oai(ie)).unwrap();
        found.into_iter().map(|bib| bib.mms.to_string()).collect()
    }

    pub fn suppress(&mut self, mms: &str) -> Option<Suppress> {
        let bib = self.client().bib(&MmsId::parse(mms).unwrap()).unwrap().unwrap();
        read_bib(&bib.xml).unwrap().suppress
    }

    /// Originating record ID and target of each representation of a bib.
    pub fn points(&mut self, mms: &str) -> Vec<(String, String)> {
        self.sandbox().representations(mms)
    }

    /// The IE has exactly one bib of its own, and that one representation, which points at it.
    #[track_caller]
    pub fn is_linked_once(&mut self, ie: &str, when: &str) {
        let bibs = self.bibs_of(ie);
        assert_eq!(bibs.len(), 1, "{when}: {bibs:?}");
        assert_eq!(self.points(&bibs[0]), [(oai(ie), ie.to_owned())], "{when}");
    }

    /// `METHOD path status` of Alma's calls so far that would change something.
    pub fn writes(&mut self) -> Vec<String> {
        let calls = self.sandbox().api_calls().into_iter().filter(|call| call.method != "GET");
        calls.map(|call| format!("{} {} {}", call.method, call.path, call.status)).collect()
    }
}
