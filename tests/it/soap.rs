//! The client of Rosetta's web services, against the stand-in's and against answers that are none.

use crate::support::records::{alma_xml, entity, rosetta_xml};
use cartouche::failure::{Advise, Kind};
use cartouche::model::id::IePid;
use cartouche::profile::{self, Soap};
use cartouche::rosetta_soap::{Client, Error, FaultKind, StoredRecords};
use cartouche::sandbox::soap::{PASSWORD, SoapMood};
use cartouche::sandbox::{DataSource, Options, Sandbox};
use cartouche::steps::packaging::{Part, PartKind};
use std::fs;
use std::time::{Duration, Instant};
use tempfile::TempDir;

struct World {
    folder: TempDir,
    sandbox: Sandbox,
}

fn world(quirks: bool) -> World {
    let folder = tempfile::tempdir().unwrap();
    let entities = [entity("IE1").titled("One"), entity("IE2").locked(), entity("IE3").deleted(), entity("IE4")];
    fs::write(folder.path().join("rosetta.xml"), rosetta_xml(&entities)).unwrap();
    fs::write(folder.path().join("alma.xml"), alma_xml(&[])).unwrap();
    fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
    let data = DataSource::Folder(folder.path().to_owned());
    World { sandbox: Sandbox::start(Options { data, quirks, ..Options::default() }).unwrap(), folder }
}

impl World {
    fn soap(&self, keys: &str) -> Soap {
        let text = format!(
            "[rosetta.feed]\nbase-url = \"http://127.0.0.1/\"\nmetadata-prefix = \"oai_dc\"\n[alma.feed]\nbase-url = \"http://127.0.0.1/\"\n\
             metadata-prefix = \"oai_dc\"\n[staging]\nfolder = \"f\"\n[rosetta.soap]\nbase-url = \"http://{}\"\nuser = \"mdupdate\"\n\
             institution = \"INST01\"\npassword-file = \"password\"\nretries = 0\n{keys}",
            self.sandbox.rosetta_address()
        );
        profile::parse(&self.folder.path().join("p.toml"), &text).unwrap().round_trip.soap.unwrap()
    }

    fn client(&self) -> Client {
        Client::new(&self.soap("")).unwrap()
    }
}

fn pid(text: &str) -> IePid {
    IePid::parse(text).unwrap()
}

fn dc(title: &str) -> Part {
    let content =
        format!("<dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>{title}</dc:title></dc:record>");
    Part { kind: PartKind::Descriptive, sub_type: "dc".to_owned(), mid: None, content }
}

fn fault(error: Error) -> FaultKind {
    error.fault().unwrap_or_else(|| panic!("{error}")).kind.clone()
}

#[test]
fn a_record_is_replaced_whole_and_read_back_in_both_namespaces_of_mets() {
    for quirks in [false, true] {
        let world = world(quirks);
        let client = world.client();
        assert_eq!(client.stored_dc(&pid("IE1")).unwrap().title(), Some("One"));
        assert_eq!(client.status(&pid("IE1")).unwrap().version.as_deref(), Some("1"));
        for _ in 0..2 {
            client.update_md(&pid("IE1"), &[dc("A &amp; B ]]&gt;")]).unwrap();
        }
        assert_eq!(client.stored_dc(&pid("IE1")).unwrap().title(), Some("A & B ]]>"));
        let by_md = client.md(&pid("IE1"), PartKind::Descriptive, "dc", None).unwrap();
        assert!(by_md.contains("xmlns:schemaLocation=") && by_md.contains("A &amp; B"), "{by_md}");
        // The second one was identical.
        assert_eq!(client.status(&pid("IE1")).unwrap().version.as_deref(), Some("2"));
    }
}

#[test]
fn a_lock_is_told_with_its_holder() {
    let world = world(false);
    let client = world.client();
    assert_eq!(client.status(&pid("IE2")).unwrap().locked_by.as_deref(), Some("editor1"));
    let error = client.update_md(&pid("IE2"), &[dc("x")]).unwrap_err();
    assert!(!error.may_have_arrived() && !error.concerns_all());
    let FaultKind::LockedIe { locked_by, .. } = fault(error) else { panic!("another fault") };
    assert_eq!(locked_by.as_deref(), Some("editor1"));
}

#[test]
fn what_rosetta_refuses_is_told_by_the_name_of_its_fault() {
    let world = world(false);
    let client = world.client();
    assert_eq!(fault(client.update_md(&pid("IE3"), &[dc("x")]).unwrap_err()), FaultKind::NotInPermanent);
    assert_eq!(fault(client.update_md(&pid("IE1"), &[dc("<b>")]).unwrap_err()), FaultKind::InvalidXml);
    let source = Part { kind: PartKind::Source, sub_type: "mods".to_owned(), mid: Some("9".to_owned()), ..dc("x") };
    assert_eq!(fault(client.update_md(&pid("IE1"), &[source]).unwrap_err()), FaultKind::InvalidMid);
    assert_eq!(world.sandbox.ie(&pid("IE1")).unwrap().title(), Some("One"));
}

#[test]
fn a_wrong_password_is_a_matter_of_configuration_and_is_never_shown() {
    let world = world(false);
    fs::write(world.folder.path().join("password"), "open sesame").unwrap();
    let error = world.client().stored_dc(&pid("IE1")).unwrap_err();
    assert_eq!(error.kind(), Kind::Configuration);
    assert!(error.hint().unwrap().contains("password of [rosetta.soap]"), "{error:?}");
    assert!(!format!("{error:?}").contains("sesame"));
}

#[test]
fn a_page_instead_of_an_answer_leaves_open_what_was_done() {
    let world = world(false);
    world.sandbox.set_soap_mood(SoapMood::HtmlAfterCommit);
    let error = world.client().update_md(&pid("IE1"), &[dc("Two")]).unwrap_err();
    assert!(error.may_have_arrived() && error.to_string().contains("was lost"), "{error}");
    assert_eq!(world.sandbox.ie(&pid("IE1")).unwrap().title(), Some("Two"));
    world.sandbox.set_soap_mood(SoapMood::ServerError);
    assert!(world.client().update_md(&pid("IE1"), &[dc("Three")]).unwrap_err().may_have_arrived());
}

#[test]
fn a_change_that_may_have_arrived_is_sent_once_and_a_question_as_often_as_allowed() {
    let world = world(false);
    let mut soap = world.soap("time-out = \"300ms\"");
    soap.retries = 3;
    let client = Client::new(&soap).unwrap();
    world.sandbox.set_soap_mood(SoapMood::StallAfterCommit(Duration::from_millis(600)));
    let error = client.update_md(&pid("IE1"), &[dc("Two")]).unwrap_err();
    assert!(error.may_have_arrived(), "{error}");
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(world.sandbox.updates_taken(&pid("IE1")), 1);
    world.sandbox.set_soap_mood(SoapMood::ServerError);
    let begun = Instant::now();
    let Err(Error::Http { source, .. }) = client.stored_dc(&pid("IE1")) else { panic!("it was answered") };
    assert!(source.to_string().contains("HTTP 500") && begun.elapsed() > Duration::from_millis(400), "{source}");
}

#[test]
fn nothing_was_sent_without_a_connection() {
    let world = world(false);
    let mut soap = world.soap("");
    soap.url = "http://127.0.0.1:9/dpsws/repository/IEWebServices".to_owned();
    let error = Client::new(&soap).unwrap().update_md(&pid("IE1"), &[dc("x")]).unwrap_err();
    assert!(!error.may_have_arrived() && error.concerns_all(), "{error}");
}

#[test]
fn stored_records_are_asked_once_and_each_ie_has_its_own_answer() {
    let world = world(false);
    let records = StoredRecords::new(&world.soap("")).unwrap();
    let ies = ["IE1", "IE2", "IE3", "IE4", "IE1"].map(pid);
    let stored = records.fetch(&ies).unwrap();
    assert_eq!(stored.len(), 4);
    let one = stored[&pid("IE1")].as_ref().unwrap();
    assert_eq!((one.dc.title(), one.locked_by.as_deref(), one.version.as_deref()), (Some("One"), None, Some("1")));
    assert_eq!(stored[&pid("IE2")].as_ref().unwrap().locked_by.as_deref(), Some("editor1"));
    assert!(stored[&pid("IE3")].is_err());
    // What is known is not asked again; what failed is, and then everything fails.
    world.sandbox.set_soap_mood(SoapMood::Html);
    assert_eq!(records.fetch(&[pid("IE1"), pid("IE4")]).unwrap().len(), 2);
    assert!(matches!(records.fetch(&[pid("IE1"), pid("IE3")]), Err(Error::NotSoap { .. })));
}

#[test]
fn the_rate_limit_holds_for_all_questions_together() {
    let world = world(false);
    let records = StoredRecords::new(&world.soap("requests-per-second = 20")).unwrap();
    let begun = Instant::now();
    records.fetch(&["IE1", "IE2", "IE4"].map(pid)).unwrap();
    // Six questions, a twentieth of a second between two of them.
    assert!(begun.elapsed() >= Duration::from_millis(240), "{:?}", begun.elapsed());
}
