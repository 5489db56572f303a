//! A round trip told as a story: two stand-ins on loopback, a profile of ten lines, and the real program.
//!
//! Every method either changes the world, runs the program, or checks what came of it. A run that ends with another
//! exit code than 0 must be followed by `exits`, or the test fails.

pub mod applying;
mod looking;

pub use looking::{State, pid_of};

use super::records::{Bib, Entity, SET, alma_xml, bib, entity, rosetta_xml};
use cartouche::model::id::IePid;
use cartouche::model::time::Timestamp;
use cartouche::sandbox::{BibChange, DataSource, Options, Sandbox};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// The program under test.
pub fn cartouche() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cartouche"));
    command.stdin(Stdio::null());
    command.env_remove("CARTOUCHE_CRASH_AT");
    command
}

pub struct Scenario {
    folder: TempDir,
    bibs: Vec<Bib>,
    entities: Vec<Entity>,
    sample_data: bool,
    page_size: usize,
    latency: Duration,
    clock_stands: bool,
    /// Table and key of the profile → value as TOML writes it.
    keys: BTreeMap<(String, String), String>,
    sandbox: Option<Sandbox>,
    answer: Option<Answer>,
}

/// How a run of the program ended.
struct Answer {
    command: String,
    output: Output,
    /// Whether the test has looked at the exit code.
    looked_at: bool,
}

impl Answer {
    fn stdout(&self) -> String {
        String::from_utf8(self.output.stdout.clone()).expect("the program prints UTF-8")
    }

    fn stderr(&self) -> String {
        String::from_utf8(self.output.stderr.clone()).expect("the program prints UTF-8")
    }

    fn told(&self) -> String {
        format!("cartouche {}\n--- stdout\n{}--- stderr\n{}", self.command, self.stdout(), self.stderr())
    }
}

/// The world at the start.
impl Scenario {
    pub fn new() -> Self {
        Scenario {
            folder: tempfile::tempdir().unwrap(),
            bibs: Vec::new(),
            entities: Vec::new(),
            sample_data: false,
            page_size: 100,
            latency: Duration::ZERO,
            clock_stands: false,
            keys: BTreeMap::new(),
            sandbox: None,
            answer: None,
        }
    }

    /// The feeds that the program carries, instead of records of our own.
    pub fn with_sample_data() -> Self {
        let mut scenario = Scenario::new();
        scenario.sample_data = true;
        scenario
    }

    pub fn rosetta_holds(&mut self, pid: &str) -> &mut Self {
        self.rosetta_has(entity(pid))
    }

    pub fn rosetta_has(&mut self, entity: Entity) -> &mut Self {
        self.entities.push(entity);
        self
    }

    /// A bib with a title and one citation.
    pub fn alma_has(&mut self, mms: &str, title: &str, cites: &str) -> &mut Self {
        self.alma_has_bib(bib(mms, title).cites(cites))
    }

    pub fn alma_has_bib(&mut self, bib: Bib) -> &mut Self {
        self.bibs.push(bib);
        self
    }

    pub fn pages_of(&mut self, size: usize) -> &mut Self {
        self.page_size = size;
        self
    }

    pub fn each_answer_takes(&mut self, latency: Duration) -> &mut Self {
        self.latency = latency;
        self
    }

    /// Both systems say the same time whenever they are asked, so that two scenarios can be compared.
    pub fn clock_stands_still(&mut self) -> &mut Self {
        self.clock_stands = true;
        self
    }

    /// Sets a key of the profile, as in `staging.max-in-flight`, to a value as TOML writes it.
    pub fn profile_says(&mut self, key: &str, value: &str) -> &mut Self {
        let (table, key) = key.rsplit_once('.').expect("every key stands in a table");
        self.keys.insert((table.to_owned(), key.to_owned()), value.to_owned());
        self
    }

    pub fn forget_key(&mut self, key: &str) {
        self.keys.retain(|(table, name), _| format!("{table}.{name}") != key);
    }

    /// Writes a stylesheet beside the profile and names it there.
    pub fn stylesheet(&mut self, text: &str) -> &mut Self {
        fs::write(self.path("sheet.xsl"), text).unwrap();
        self.profile_says("transform.stylesheet", "\"sheet.xsl\"")
    }
}

/// What happens outside of the program.
impl Scenario {
    /// Starts the stand-ins, once.
    pub fn starts(&mut self) -> &mut Self {
        if self.sandbox.is_none() {
            let staging = self.path("staging");
            fs::create_dir_all(&staging).unwrap();
            fs::write(self.path("alma.xml"), alma_xml(&self.bibs)).unwrap();
            fs::write(self.path("rosetta.xml"), rosetta_xml(&self.entities)).unwrap();
            let own = DataSource::Folder(self.folder.path().to_owned());
            let data = if self.sample_data { DataSource::Embedded } else { own };
            let (page_size, latency) = (self.page_size, self.latency);
            let options = Options { data, folder: Some(staging), page_size, latency, ..Options::default() };
            let sandbox = Sandbox::start(options).unwrap();
            if self.clock_stands {
                sandbox.set_now(Timestamp::parse("2026-11-01T00:00:00Z"));
            }
            self.sandbox = Some(sandbox);
        }
        self
    }

    pub fn sandbox(&mut self) -> &Sandbox {
        self.starts();
        self.sandbox.as_ref().expect("it was just started")
    }

    /// Rosetta's Update Metadata Job runs once.
    pub fn rosetta_runs_its_job(&mut self) -> &mut Self {
        self.sandbox().run_update_job().unwrap();
        self
    }

    /// The job runs once, and afterwards Rosetta's description of the IE is ours.
    pub fn rosetta_applies(&mut self, pid: &str) -> &mut Self {
        self.rosetta_runs_its_job();
        let by = self.sandbox().modified_by(&IePid::parse(pid).unwrap());
        assert_eq!(by.as_deref(), Some("mdupdate"), "{pid} was not updated");
        self
    }

    pub fn rosetta_shows(&mut self, pid: &str, title: &str) -> &mut Self {
        let dc = self.sandbox().ie(&IePid::parse(pid).unwrap()).expect("the IE exists");
        assert_eq!(dc.title(), Some(title), "{pid}");
        self
    }

    /// Somebody gives an IE in Rosetta another description: `title=…` and so on.
    pub fn rosetta_edits(&mut self, pid: &str, fields: &[(&str, &str)]) -> &mut Self {
        let elements: String = fields.iter().map(|(name, value)| format!("<dc:{name}>{value}</dc:{name}>")).collect();
        let record = format!("<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{elements}</dc:record>");
        let dc = cartouche::dc_xml::read_record(&record).unwrap().dc;
        self.sandbox().edit_ie(&IePid::parse(pid).unwrap(), dc).unwrap();
        self
    }

    /// The name under which `list held` shows what is held for an IE.
    pub fn held_name(&mut self, pid: &str) -> String {
        let json = self.run("list held --json").json();
        let held = json["held"].as_array().unwrap().iter().find(|held| held["ie"] == pid).expect("it is held").clone();
        held["id"].as_str().unwrap().to_owned()
    }

    pub fn alma_edits(&mut self, mms: &str, title: &str) -> &mut Self {
        self.sandbox().edit_bib(mms, &BibChange::Title(title.to_owned())).unwrap();
        self
    }

    pub fn alma_deletes(&mut self, mms: &str) -> &mut Self {
        self.sandbox().edit_bib(mms, &BibChange::Deleted).unwrap();
        self
    }

    pub fn alma_republishes(&mut self, mms: &str) -> &mut Self {
        self.sandbox().edit_bib(mms, &BibChange::Republished).unwrap();
        self
    }

    /// Somebody unlocks an IE in Rosetta.
    pub fn rosetta_unlocks(&mut self, pid: &str) -> &mut Self {
        self.sandbox().unlock(&IePid::parse(pid).unwrap()).unwrap();
        self
    }

    /// Moves the only file of an IE from one place to another, perhaps under another name.
    pub fn somebody_moves(&mut self, pid: &str, to: &str) -> &mut Self {
        let from = self.only_file_of(pid);
        let name = from.file_name().unwrap().to_owned();
        let to = self.path("staging").join(to.replace("NAME", &name.to_string_lossy()));
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::rename(&from, &to).unwrap();
        self
    }

    pub fn waits(&mut self, span: Duration) -> &mut Self {
        std::thread::sleep(span);
        self
    }
}

/// Running the program.
impl Scenario {
    /// Runs a command on the profile: `run`, `list held --json`, `explain IE7`.
    pub fn run(&mut self, command: &str) -> &mut Self {
        let output = self.command(command).output().unwrap();
        self.answered(command, output)
    }

    /// Runs a command that is killed where `point:count` says.
    pub fn dies_at(&mut self, point: &str, command: &str) -> &mut Self {
        use std::os::unix::process::ExitStatusExt;
        let output = self.command(command).env("CARTOUCHE_CRASH_AT", point).output().unwrap();
        let died = output.status.signal() == Some(9);
        self.answered(command, output);
        let answer = self.answer.as_mut().expect("it just answered");
        answer.looked_at = true;
        assert!(died, "the program did not pass {point}: {}", answer.told());
        self
    }

    /// Starts a command and kills it after a while, unless it has ended by then.
    pub fn is_killed_after(&mut self, moment: Duration, command: &str) -> &mut Self {
        let mut child = self.command(command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment);
        child.kill().unwrap();
        child.wait().unwrap();
        self
    }

    /// The program with the profile between the command (of `audit`: with its verb) and further arguments.
    pub fn command(&mut self, command: &str) -> Command {
        self.check_last();
        self.starts();
        let mut words = command.split_whitespace();
        let mut program = cartouche();
        let first = words.next().expect("a command");
        program.arg(first).args((first == "audit").then(|| words.next()).flatten());
        program.args((first == "link").then(|| super::link::verb_of(&mut words)).flatten());
        program.arg(self.write_profile()).args(words);
        program
    }

    pub fn answered(&mut self, command: &str, output: Output) -> &mut Self {
        self.answer = Some(Answer { command: command.to_owned(), output, looked_at: false });
        self
    }

    pub fn write_profile(&mut self) -> PathBuf {
        let sandbox = self.sandbox();
        let (rosetta, alma) = (sandbox.rosetta_base_url(), sandbox.alma_base_url());
        let set = if self.sample_data { "all-digitized" } else { SET };
        let mut tables: BTreeMap<&str, BTreeMap<&str, String>> = BTreeMap::new();
        for (table, key, value) in [
            ("rosetta.feed", "base-url", rosetta.as_str()),
            ("rosetta.feed", "metadata-prefix", "oai_dc"),
            ("alma.feed", "base-url", alma.as_str()),
            ("alma.feed", "metadata-prefix", "oai_dc"),
            ("alma.feed", "set", set),
            ("staging", "folder", "staging"),
            ("staging", "job-name", "story"),
        ] {
            tables.entry(table).or_default().insert(key, format!("\"{value}\""));
        }
        tables.entry("harvest").or_default().insert("retries", "0".to_owned());
        for ((table, key), value) in &self.keys {
            tables.entry(table).or_default().insert(key, value.clone());
        }
        let mut text = String::new();
        for (table, keys) in tables {
            text.push_str(&format!("[{table}]\n"));
            keys.iter().for_each(|(key, value)| text.push_str(&format!("{key} = {value}\n")));
        }
        let path = self.path("trip.toml");
        fs::write(&path, text).unwrap();
        path
    }
}

/// Looking at what came of it.
impl Scenario {
    fn answer(&mut self) -> &mut Answer {
        self.answer.as_mut().expect("the program has run")
    }

    fn check_last(&mut self) {
        if let Some(answer) = &self.answer
            && !answer.looked_at
        {
            assert!(answer.output.status.success(), "{}: {}", answer.output.status, answer.told());
        }
    }

    pub fn exits(&mut self, code: i32) -> &mut Self {
        let answer = self.answer();
        answer.looked_at = true;
        assert_eq!(answer.output.status.code(), Some(code), "{}", answer.told());
        self
    }

    /// stdout holds this text.
    pub fn says(&mut self, text: &str) -> &mut Self {
        let answer = self.answer();
        assert!(answer.stdout().contains(text), "`{text}` is not in: {}", answer.told());
        self
    }

    /// stdout does not hold this text.
    pub fn hides(&mut self, text: &str) -> &mut Self {
        let answer = self.answer();
        assert!(!answer.stdout().contains(text), "`{text}` is in: {}", answer.told());
        self
    }

    /// Neither stdout nor stderr holds this text.
    pub fn conceals(&mut self, secret: &str) -> &mut Self {
        let stderr = self.hides(secret).answer().stderr();
        assert!(!stderr.contains(secret), "`{secret}` is in: {stderr}");
        self
    }

    /// stderr holds this text.
    pub fn complains(&mut self, text: &str) -> &mut Self {
        let answer = self.answer();
        assert!(answer.stderr().contains(text), "`{text}` is not in: {}", answer.told());
        self
    }

    /// All of stdout is one JSON object.
    pub fn json(&mut self) -> Value {
        let answer = self.answer();
        let value = serde_json::from_str(&answer.stdout());
        value.unwrap_or_else(|error| panic!("stdout is not one JSON object ({error}): {}", answer.told()))
    }

    /// The JSON on stdout has this value at a pointer such as `/settled/done`.
    pub fn tells(&mut self, pointer: &str, expected: impl Into<Value>) -> &mut Self {
        let json = self.json();
        assert_eq!(json.pointer(pointer), Some(&expected.into()), "{pointer} of {json:#}");
        self
    }

    /// IEs of the files that Rosetta's job would take now, sorted.
    pub fn folder_holds(&mut self, expected: &[&str]) -> &mut Self {
        let held: Vec<String> = self.files_in("").iter().map(|(_, path)| pid_of(path)).collect();
        assert_eq!(held, expected, "in the staging folder");
        self
    }
}

impl Drop for Scenario {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.check_last();
            self.check_journal();
        }
    }
}
