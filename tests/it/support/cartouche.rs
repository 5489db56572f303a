//! The real program, run from a folder of its own with a clean environment.

use serde_json::Value;
use std::fs;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// A folder with a profile, a store and a staging folder.
pub struct Cartouche {
    folder: TempDir,
}

impl Cartouche {
    pub fn new() -> Self {
        Cartouche { folder: tempfile::tempdir().unwrap() }
    }

    /// Writes the profile `p` for two feeds; few and quick attempts, so that tests of failures end soon.
    pub fn write_profile(&self, rosetta: &str, alma: &str) {
        let profile = format!(
            "[rosetta.feed]\nbase-url = \"{rosetta}\"\nmetadata-prefix = \"oai_dc\"\n\n\
             [alma.feed]\nbase-url = \"{alma}\"\nmetadata-prefix = \"oai_dc\"\nset = \"s\"\n\n\
             [harvest]\nretries = 1\ntime-out = \"2s\"\n\n[staging]\nfolder = \"staging\"\n"
        );
        fs::create_dir_all(self.folder.path().join("profiles")).unwrap();
        fs::create_dir_all(self.folder.path().join("profiles/staging")).unwrap();
        fs::write(self.folder.path().join("profiles/p.toml"), profile).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cartouche"));
        command.args(arguments).env_clear().current_dir(self.folder.path());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ended {
        let begun = Instant::now();
        Ended::of(self.command(arguments).output().unwrap(), begun)
    }

    /// Runs beside the test; `wait` for it.
    pub fn start(&self, arguments: &[&str]) -> Running {
        Running { child: self.command(arguments).spawn().unwrap(), begun: Instant::now() }
    }

    /// The names of the packages that Rosetta would see, without their time stamps.
    pub fn staged(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path().join("profiles/staging")).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut pids: Vec<String> = names
            .filter_map(|name| name.strip_suffix(".xml").and_then(|name| name.rsplit('_').next()).map(str::to_owned))
            .collect();
        pids.sort();
        pids
    }

    pub fn read(&self, path: &str) -> String {
        String::from_utf8(self.bytes_of(path)).unwrap()
    }

    pub fn bytes_of(&self, path: &str) -> Vec<u8> {
        fs::read(self.folder.path().join(path)).unwrap()
    }
}

pub struct Running {
    child: Child,
    begun: Instant,
}

impl Running {
    pub fn wait(self) -> Ended {
        Ended::of(self.child.wait_with_output().unwrap(), self.begun)
    }
}

/// How the program ended. Nothing is checked until somebody asks.
#[must_use = "check the exit code"]
#[derive(Debug)]
pub struct Ended {
    code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
}

impl Ended {
    fn of(output: Output, begun: Instant) -> Self {
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
            took: begun.elapsed(),
        }
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    /// A text that stderr must hold.
    #[track_caller]
    pub fn complains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "`{text}` is not in stderr:\n{}", self.stderr);
        self
    }

    /// The one JSON object on stdout.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}\n{}", self.stdout, self.stderr))
    }

    /// The `identifier` of each line on stdout.
    #[track_caller]
    pub fn identifiers(&self) -> Vec<String> {
        let lines = self.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines.map(|line| line["identifier"].as_str().unwrap().to_owned()).collect()
    }
}
