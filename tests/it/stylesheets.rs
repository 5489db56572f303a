//! The stylesheets that come with the program, against what xsltproc makes of the same records.
//!
//! A folder of `stylesheets/` is named for a stylesheet, a file for what it shows. `refresh.sh` makes the expected files.

use crate::support::saxon::saxons;
use cartouche::dc_xml::read_record;
use cartouche::link::builtin_stylesheet;
use cartouche::push::marc;
use cartouche::steps::transform::builtin;
use cartouche::xslt::{Engine, Limits, SaxonTerms, Source, Stylesheet, Terms, compile, compile_by};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A record, the parameters that go with it, and what must come out.
struct Fixture {
    name: String,
    record: Vec<u8>,
    parameters: Vec<(String, String)>,
    expected: Result<String, String>,
}

impl Fixture {
    fn read(input: &Path) -> Self {
        let stem = input.to_string_lossy().strip_suffix(".in.xml").unwrap().to_owned();
        let beside = |ending: &str| fs::read_to_string(format!("{stem}.{ending}")).ok();
        let expected = match (beside("expected.xml"), beside("expected.error")) {
            (Some(xml), None) => Ok(xml),
            (None, Some(error)) => Err(error.trim_end().to_owned()),
            (xml, _) => panic!("{stem}: {} expected files", if xml.is_some() { "two" } else { "no" }),
        };
        let parameters = beside("params").unwrap_or_default();
        let pair = |line: &str| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
        let parameters = parameters.lines().filter_map(pair).collect();
        Fixture { name: stem, record: fs::read(input).unwrap(), parameters, expected }
    }

    fn all_of(folder: &str) -> Vec<Fixture> {
        let entries = fs::read_dir(repository().join("tests/it/stylesheets").join(folder)).unwrap();
        let mut inputs: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        inputs.retain(|path| path.to_string_lossy().ends_with(".in.xml"));
        inputs.sort();
        assert!(!inputs.is_empty(), "{folder} has no fixtures");
        inputs.iter().map(|input| Fixture::read(input)).collect()
    }

    fn made(&self, sheet: &Stylesheet) -> Result<String, String> {
        let parameters: Vec<(&str, &str)> = self.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let made = sheet.worker().unwrap().apply(&self.record, &parameters);
        made.map(|output| String::from_utf8(output.bytes).unwrap()).map_err(|error| error.messages.join("\n"))
    }

    fn check(&self, sheet: &Stylesheet) {
        let made = self.made(sheet);
        assert_eq!(made, self.expected, "{} by {}", self.name, sheet.name());
        if let Ok(xml) = &made {
            let read = read_record(xml).unwrap();
            assert_eq!(read.misfits, Vec::<String>::new(), "{}", self.name);
        }
    }
}

fn check_all(folder: &str, prefix: &str) {
    let file = Source::File(repository().join("xslt").join(format!("{folder}.xsl")));
    let sources = [file, builtin(prefix).unwrap()];
    for sheet in sources.map(|source| compile(&source, Limits::default()).unwrap()) {
        assert_eq!(sheet.warnings(), Vec::<String>::new(), "{}", sheet.name());
        Fixture::all_of(folder).iter().for_each(|fixture| fixture.check(&sheet));
    }
}

#[test]
fn dublin_core_becomes_what_xsltproc_makes_of_it() {
    check_all("oai-dc-to-rosetta", "oai_dc");
    check_all("oai-dc-to-rosetta", "oai_qdc");
}

#[test]
fn marc_becomes_what_xsltproc_makes_of_it() {
    check_all("marc21-to-rosetta", "marc21");
}

#[test]
fn a_description_in_rosetta_becomes_the_marc_that_xsltproc_makes_of_it() {
    let folder = "rosetta-dc-to-marc21";
    let file = Source::File(repository().join("xslt").join(format!("{folder}.xsl")));
    for sheet in [file, builtin_stylesheet()].map(|source| compile(&source, Limits::default()).unwrap()) {
        assert_eq!(sheet.warnings(), Vec::<String>::new(), "{}", sheet.name());
        for fixture in Fixture::all_of(folder) {
            let made = fixture.made(&sheet);
            assert_eq!(made, fixture.expected, "{} by {}", fixture.name, sheet.name());
            let read = marc::read(&made.unwrap()).unwrap();
            assert!(read.malformed.is_empty(), "{}", fixture.name);
            assert_eq!(read.record.control("008").map(str::len), Some(40), "{}", fixture.name);
        }
    }
}

/// Not byte by byte: Saxon writes namespaces and empty elements in its own manner.
#[test]
fn saxon_makes_the_same_records_and_gives_up_with_the_same_words() {
    for saxon in saxons() {
        let saxon = SaxonTerms { at: Some(saxon.into()), ..SaxonTerms::default() };
        let terms = Terms { engine: Engine::Saxon, saxon, ..Terms::default() };
        for (folder, prefix) in [("oai-dc-to-rosetta", "oai_dc"), ("marc21-to-rosetta", "marc21")] {
            let sheet = compile_by(&builtin(prefix).unwrap(), &terms).unwrap();
            let mut worker = sheet.worker().unwrap();
            for fixture in Fixture::all_of(folder) {
                let parameters: Vec<(&str, &str)> =
                    fixture.parameters.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
                let made = worker.apply(&fixture.record, &parameters);
                let made = made.map(|output| read_record(std::str::from_utf8(&output.bytes).unwrap()).unwrap());
                let expected = fixture.expected.map(|xml| read_record(&xml).unwrap());
                assert_eq!(made.map_err(|error| error.messages.join("\n")), expected, "{} by {sheet:?}", fixture.name);
            }
        }
    }
}

#[test]
fn every_folder_of_fixtures_has_its_stylesheet_and_every_stylesheet_its_fixtures() {
    let names = |folder: &str, ending: &str| {
        let entries = fs::read_dir(repository().join(folder)).unwrap().map(|entry| entry.unwrap().path());
        let kept = entries.filter(|path| if ending.is_empty() { path.is_dir() } else { path.is_file() });
        let mut names: Vec<String> =
            kept.map(|path| path.file_stem().unwrap().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names("tests/it/stylesheets", ""), names("xslt", ".xsl"));
}

#[test]
fn the_expected_files_are_what_xsltproc_makes_today() {
    if Command::new("xsltproc").arg("--version").output().is_err() {
        eprintln!("xsltproc is not installed (Debian: xsltproc); the expected files are taken as they are");
        return;
    }
    let script = repository().join("tests/it/stylesheets/refresh.sh");
    let output = Command::new("sh").arg(script).arg("--check").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
}
