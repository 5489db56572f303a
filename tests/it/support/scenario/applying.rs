//! Scenarios in which no job of Rosetta's takes the files, but the program itself.

use super::Scenario;
use cartouche::model::id::IePid;
use cartouche::sandbox::soap::{INSTITUTION, PASSWORD, SoapMood, USER};
use std::fs::{self, File};
use std::process::Command;
use std::time::{Duration, SystemTime};

/// An updateMD file with these fields, which are XML.
pub fn update_md(pid: &str, fields: &str) -> String {
    format!(
        "<updateMD xmlns=\"http://com/exlibris/digitool/repository/api/xmlbeans\"><PID>{pid}</PID><metadata>\
         <type>descriptive</type><subType>dc</subType><content><![CDATA[<dc:record \
         xmlns:dc=\"http://purl.org/dc/elements/1.1/\">{fields}</dc:record>]]></content></metadata></updateMD>"
    )
}

/// An updateMD file with a source MD record, for a mid or to be added.
pub fn source_md(pid: &str, mid: &str) -> String {
    let mid = if mid.is_empty() { String::new() } else { format!("<mid>{mid}</mid>") };
    format!(
        "<updateMD><PID>{pid}</PID><metadata>{mid}<type>source</type><subType>mods</subType>\
         <content><![CDATA[<mods xmlns=\"http://www.loc.gov/mods/v3\"><note>1</note></mods>]]></content></metadata></updateMD>"
    )
}

fn pid(text: &str) -> IePid {
    IePid::parse(text).unwrap()
}

impl Scenario {
    /// `settled-by = "cartouche"`, and what is locked may be tried again at once.
    pub fn cartouche_applies(&mut self) -> &mut Self {
        let base_url = format!("\"http://{}\"", self.sandbox().rosetta_address());
        fs::write(self.path("password"), PASSWORD).unwrap();
        self.profile_says("staging.settled-by", "\"cartouche\"").profile_says("rosetta.soap.base-url", &base_url);
        for (key, value) in [("user", USER), ("institution", INSTITUTION), ("password-file", "password")] {
            self.profile_says(&format!("rosetta.soap.{key}"), &format!("\"{value}\""));
        }
        self.profile_says("rosetta.soap.retries", "0").profile_says("rosetta.soap.try-again", "\"1ms\"")
    }

    pub fn rosettas_services_are(&mut self, mood: SoapMood) -> &mut Self {
        self.sandbox().set_soap_mood(mood);
        self
    }

    /// Somebody else puts a file into the folder; it was written so many seconds after the first minute of 2024.
    pub fn somebody_stages(&mut self, name: &str, text: &str, seconds: u64) -> &mut Self {
        self.starts();
        let path = self.path("staging").join(name);
        fs::write(&path, text).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_704_067_200 + seconds);
        File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
        self
    }

    pub fn rosetta_locks(&mut self, ie: &str) -> &mut Self {
        self.sandbox().lock(&pid(ie)).unwrap();
        self
    }

    /// So many updates of the IE came over SOAP and were taken, identical ones too.
    pub fn rosetta_took(&mut self, ie: &str, times: u64) -> &mut Self {
        assert_eq!(self.sandbox().updates_taken(&pid(ie)), times, "updates of {ie}");
        self
    }

    /// getIE was answered so many times about the IE.
    pub fn rosetta_told(&mut self, ie: &str, times: u64) -> &mut Self {
        assert_eq!(self.sandbox().records_told(&pid(ie)), times, "questions about {ie}");
        self
    }

    /// A file below the staging folder holds this text.
    pub fn file_says(&mut self, name: &str, text: &str) -> &mut Self {
        let path = self.path("staging").join(name);
        let held = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(held.contains(text), "`{text}` is not in {name}: {held}");
        self
    }

    /// These files, and no others, lie in a place below the staging folder.
    pub fn place_holds(&mut self, place: &str, expected: &[&str]) -> &mut Self {
        let entries = fs::read_dir(self.path("staging").join(place)).map(|entries| {
            entries.map(|entry| entry.unwrap()).filter(|entry| entry.path().is_file()).collect::<Vec<_>>()
        });
        let entries = entries.unwrap_or_default();
        let mut names: Vec<String> = entries.iter().map(|it| it.file_name().into_string().unwrap()).collect();
        names.sort();
        assert_eq!(names, expected, "in {place}");
        self
    }

    /// Runs a command in a world of its own in which the staging folder is as a shell script has made it. False when this
    /// machine lets nobody make such a world.
    pub fn runs_where(&mut self, command: &str, script: &str) -> bool {
        let may = Command::new("unshare").args(["-m", "true"]).output().is_ok_and(|output| output.status.success());
        if !may {
            eprintln!("left out: only root may mount");
            return false;
        }
        let program = self.command(command);
        let mut shell = Command::new("unshare");
        shell.args(["-m", "sh", "-ec", &format!("{script}\nexec \"$@\""), "sh"]);
        shell.arg(program.get_program()).args(program.get_args()).env("STAGING", self.path("staging"));
        let output = shell.env("ELSEWHERE", self.path("elsewhere")).output().unwrap();
        self.answered(command, output);
        true
    }
}
