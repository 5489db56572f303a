//! A push told as a story: stand-ins of ArchivesSpace and Alma on loopback, a profile, and the real program.

use super::scenario::cartouche;
use cartouche::push::bib::{Suppress, read_bib};
use cartouche::sandbox::alma_rest::{ApiLimits, KEY};
use cartouche::sandbox::aspace::{PASSWORD, USER, VIEWER};
use cartouche::sandbox::{DataSource, Options, Sandbox};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A resource of the sample data, in repository 2.
pub const QUILTS: &str = "/repositories/2/resources/17";
pub const SAHOLT: &str = "/repositories/2/resources/3";

pub struct PushScenario {
    folder: TempDir,
    pub sandbox: Sandbox,
    user: &'static str,
    aspace: String,
    alma: String,
    rest: String,
}

/// How a run of the program ended.
pub struct Said {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Said {
    pub fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }

    #[track_caller]
    pub fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}:\n{}\n{}", self.stdout, self.stderr))
    }
}

impl PushScenario {
    /// Pushes these resources of the sample data, given as `2/17`.
    pub fn of(resources: &[&str]) -> Self {
        let sandbox = Sandbox::start(Options { data: DataSource::Embedded, ..Options::default() }).unwrap();
        sandbox.set_api_limits(ApiLimits { per_second: 100_000, daily: 1_000_000 });
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("key"), KEY).unwrap();
        fs::write(folder.path().join("password"), PASSWORD).unwrap();
        let quoted: Vec<String> = resources.iter().map(|resource| format!("\"{resource}\"")).collect();
        let named = format!("resources = [{}]\n", quoted.join(", "));
        let aspace = if resources.is_empty() { "repositories = [2]\n".to_owned() } else { named };
        // What Alma does not find was not made: the stand-in's index takes no time.
        let rest = "[push]\nindex-lag = \"0s\"\n".to_owned();
        PushScenario { folder, sandbox, user: USER, aspace, alma: String::new(), rest }
    }

    /// A further resource is pushed from now on.
    pub fn also(&mut self, resource: &str) -> &mut Self {
        self.aspace = self.aspace.replacen(']', &format!(", \"{resource}\"]"), 1);
        self
    }

    /// A resource is pushed no more.
    pub fn leaves_out(&mut self, resource: &str) -> &mut Self {
        self.aspace = self.aspace.replacen(&format!("\"{resource}\", "), "", 1);
        self
    }

    /// Alma's index takes its time.
    pub fn index_takes(&mut self, span: &str) -> &mut Self {
        self.rest = self.rest.replace("index-lag = \"0s\"", &format!("index-lag = \"{span}\""));
        self
    }

    /// ArchivesSpace is asked as somebody who may only look.
    pub fn viewer(&mut self) -> &mut Self {
        self.user = VIEWER;
        self
    }

    /// Adds lines to a table of the profile: `archivesspace`, `alma.api`, or any other.
    pub fn profile_says(&mut self, table: &str, lines: &str) -> &mut Self {
        match table {
            "archivesspace" => self.aspace += &format!("{lines}\n"),
            "alma.api" => self.alma += &format!("{lines}\n"),
            _ => {
                let heading = format!("[{table}]\n");
                match self.rest.find(&heading) {
                    Some(at) => self.rest.insert_str(at + heading.len(), &format!("{lines}\n")),
                    None => self.rest += &format!("{heading}{lines}\n"),
                }
            }
        }
        self
    }

    /// Lines that were added leave the profile again.
    pub fn profile_forgets(&mut self, lines: &str) -> &mut Self {
        assert!(self.rest.contains(lines), "{}", self.rest);
        self.rest = self.rest.replacen(lines, "", 1);
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write_profile(&self) {
        let (aspace, alma) = (self.sandbox.aspace_base_url(), self.sandbox.alma_api_base_url());
        // The tests of what is held say what is held; the others are not about that.
        let hold = if self.rest.contains("[review]") { "" } else { "[review]\nhold = \"nothing\"\n" };
        let text = format!(
            "[archivesspace]\nbase-url = \"{aspace}\"\nuser = \"{}\"\npassword-file = \"password\"\nretries = 0\n{}\
             [alma.api]\nbase-url = \"{alma}\"\nkey-file = \"key\"\nmark = \"(ASPACE-X)\"\nrequests-per-second = 1000\nretries = 0\n{}{}{hold}",
            self.user, self.aspace, self.alma, self.rest,
        );
        fs::write(self.path("p.toml"), text).unwrap();
    }

    pub fn command(&self, arguments: &str) -> Command {
        self.write_profile();
        let mut command = cartouche();
        command.args(arguments.split_whitespace()).current_dir(self.folder.path());
        command
    }

    /// `cartouche …` with `p.toml` for a profile.
    #[must_use = "check the exit code"]
    pub fn run(&self, arguments: &str) -> Said {
        Said::of(self.command(arguments).output().unwrap())
    }

    #[must_use = "check the exit code"]
    pub fn push(&self) -> Said {
        self.run("push p.toml --json")
    }

    /// Runs a push that is killed at a point: `push:3` at the fourth.
    pub fn push_killed_at(&self, point: &str) -> Said {
        let mut command = self.command("push p.toml --json");
        command.env("CARTOUCHE_CRASH_AT", point);
        Said::of(command.output().unwrap())
    }

    /// The number under which something is held for a resource.
    pub fn number_of(&self, uri: &str) -> Option<i64> {
        let held = self.run("push list p.toml held --json").exits(0).json();
        let line = held["held"].as_array().unwrap().iter().find(|line| line["resource"] == uri).cloned();
        line.and_then(|line| line["intent"].as_i64())
    }

    /// What the field for the MMS ID holds in ArchivesSpace.
    pub fn mms_in_archivesspace(&self, uri: &str) -> Option<String> {
        let record = self.sandbox.aspace_record(uri).unwrap();
        record["user_defined"]["string_2"].as_str().map(str::to_owned)
    }

    /// How often a resource was saved over the API.
    pub fn saves(&self, uri: &str) -> usize {
        let saved = |call: &&cartouche::sandbox::aspace::AspaceCall| {
            call.method == "POST" && call.path.ends_with(uri) && call.status == 200
        };
        self.sandbox.aspace_calls().iter().filter(saved).count()
    }

    /// `METHOD path` of Alma's calls so far.
    pub fn alma_calls(&self) -> Vec<String> {
        self.sandbox.api_calls().iter().map(|call| format!("{} {} {}", call.method, call.path, call.status)).collect()
    }

    /// Calls of a kind, as the last `--json` counted them.
    pub fn count(json: &Value, system: &str, call: &str) -> u64 {
        json["calls"][system][call].as_u64().unwrap_or(0)
    }

    /// The `<bib>` that Alma answers with; nothing when there is none.
    pub fn bib(&self, mms: &str) -> String {
        let client = self.alma();
        let bib = client.bib(&cartouche::model::id::MmsId::parse(mms).unwrap()).unwrap();
        bib.map(|bib| bib.xml).unwrap_or_default()
    }

    pub fn suppress(&self, mms: &str) -> Option<Suppress> {
        read_bib(&self.bib(mms)).unwrap().suppress
    }

    pub fn alma(&self) -> cartouche::push::alma::Client {
        self.write_profile();
        let profile = cartouche::profile::load_push(self.path("p.toml").to_str().unwrap()).unwrap();
        cartouche::push::alma::Client::new(&profile.alma_api).unwrap()
    }

    /// Bibs that carry our mark of a resource.
    pub fn marked(&self, uri: &str) -> Vec<String> {
        let found = self.alma().bibs_by_other_id(&format!("(ASPACE-X){uri}")).unwrap();
        found.into_iter().map(|bib| bib.mms.to_string()).collect()
    }

    #[track_caller]
    pub fn journal_is_whole(&self) -> &Self {
        let proof = self.run("audit verify p.toml --json").exits(0).json();
        assert_eq!(proof["whole"], true);
        self
    }
}
