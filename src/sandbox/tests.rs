use super::update_job::Fate;
use super::*;
use crate::model::dc::{DC, DCTERMS, XSI};
use crate::oai::provider::{Query, respond};
use crate::steps::packaging::NAMESPACE;
use crate::web::form;
use std::fs::{self, File};
use std::time::SystemTime;

const ROSETTA: &str = r#"<rosetta repository-identifier="rosetta.example.org" institution="INST01">
  <set spec="all" name="All"/>
  <ie pid="IE1" datestamp="2026-01-01T00:00:00Z" sets="all"><dc:record xmlns:dc="http://purl.org/dc/elements/1.1/"
    xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>One</dc:title>
    <dcterms:issued xsi:type="dcterms:W3CDTF">1901</dcterms:issued></dc:record></ie>
  <ie pid="IE2" datestamp="2026-01-02T00:00:00Z" sets="all" locked-by="editor1">
    <dc:record xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Two</dc:title></dc:record></ie>
  <ie pid="IE3" datestamp="2026-01-03T00:00:00Z" sets="all" status="deleted"/>
  <collection id="COL-1" datestamp="2026-01-04T00:00:00Z" sets="all">
    <dc:record xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Three</dc:title></dc:record></collection>
</rosetta>"#;

const ALMA: &str = r#"<alma institution="01EX_INST" repository-identifier="alma.01EX_INST">
  <set spec="art" name="Art"/>
  <bib mms-id="991" datestamp="2026-02-01T00:00:00Z" sets="art">
    <representation originating-record-id="oai:rosetta.example.org:IE1" delivery-url="https://r/?dps_pid=IE1" label="One"/>
    <representation local="true" delivery-url="https://a/?dps_pid=12"/>
    <record xmlns="http://www.loc.gov/MARC21/slim"><leader>00000ckm a2200000 c 4500</leader>
      <datafield tag="245" ind1="1" ind2="0"><subfield code="a">Uno</subfield></datafield></record></bib>
  <bib mms-id="992" datestamp="2026-02-02T00:00:00Z" sets="art" status="no-metadata"/>
  <bib mms-id="993" datestamp="2026-02-03T00:00:00Z" sets="art" status="deleted"/>
</alma>"#;

/// A sandbox of the small data above, with an empty staging folder.
fn sandbox(quirks: bool) -> (Sandbox, tempfile::TempDir) {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("rosetta.xml"), ROSETTA).unwrap();
    fs::write(home.path().join("alma.xml"), ALMA).unwrap();
    let staging = home.path().join("staging");
    fs::create_dir(&staging).unwrap();
    let data = DataSource::Folder(home.path().to_owned());
    let options = Options { data, folder: Some(staging), quirks, ..Options::default() };
    (Sandbox::start(options).unwrap(), home)
}

fn pid(text: &str) -> IePid {
    IePid::parse(text).unwrap()
}

fn noon() -> Timestamp {
    Timestamp::parse("2026-11-22T12:00:00Z").unwrap()
}

fn ask_rosetta(sandbox: &Sandbox, query: &str) -> String {
    respond(&*held(&sandbox.world.rosetta), &Query(form::pairs(query)), noon())
}

fn ask_alma(sandbox: &Sandbox, query: &str) -> String {
    respond(&*held(&sandbox.world.alma), &Query(form::pairs(query)), noon())
}

/// An updateMD file; the fields are XML, so that they may be broken.
fn package(pid: &str, fields: &str) -> String {
    format!(
        "<updateMD xmlns=\"{NAMESPACE}\"><PID>{pid}</PID><metadata><type>descriptive</type><subType>dc</subType>\
         <content><![CDATA[<dc:record xmlns:dc=\"{DC}\" xmlns:dcterms=\"{DCTERMS}\" xmlns:xsi=\"{XSI}\">{fields}\
         </dc:record>]]></content></metadata></updateMD>"
    )
}

/// Writes a file whose time lies that many seconds after the first.
fn stage(home: &tempfile::TempDir, name: &str, content: &str, seconds: u64) {
    let path = home.path().join("staging").join(name);
    fs::write(&path, content).unwrap();
    let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + seconds);
    File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
}

/// Runs the job on one file: its fate, a part of the reason, and where the file went.
fn check(content: &str, fate: Fate, reason: &str) {
    let (sandbox, home) = sandbox(false);
    stage(&home, "a.xml", content, 0);
    let report = sandbox.run_update_job().unwrap();
    assert_eq!((report.files.len(), report.files[0].fate), (1, fate), "{report:?}");
    assert!(report.files[0].reason.contains(reason), "{report:?}");
    let place = if fate == Fate::Error { "error" } else { "done" };
    assert_eq!(fs::read_to_string(home.path().join("staging").join(place).join("a.xml")).unwrap(), content);
    assert!(!home.path().join("staging/a.xml").exists());
}

#[test]
fn a_package_replaces_the_whole_record() {
    let (sandbox, home) = sandbox(false);
    sandbox.set_now(Some(noon()));
    stage(&home, "a.xml", &package("IE1", "<dc:title>New</dc:title>"), 0);
    let report = sandbox.run_update_job().unwrap();
    assert_eq!((report.files[0].fate, report.files[0].pid.as_deref()), (Fate::Done, Some("IE1")));
    let dc = sandbox.ie(&pid("IE1")).unwrap();
    assert_eq!((dc.title(), dc.fields.len()), (Some("New"), 1));
    assert_eq!(sandbox.modified_by(&pid("IE1")).as_deref(), Some("mdupdate"));
    let list = ask_rosetta(&sandbox, "verb=ListIdentifiers&metadataPrefix=oai_dc&from=2026-11-22");
    assert!(list.contains(":IE1<") && list.contains("<datestamp>2026-11-22T12:00:00Z<"), "{list}");
}

#[test]
fn an_identical_record_changes_nothing() {
    let same = "<dcterms:issued xsi:type=\"dcterms:W3CDTF\">1901 </dcterms:issued><dc:date/><dc:title>One</dc:title>";
    check(&package("IE1", same), Fate::NoChange, "says the same");
    let (sandbox, home) = sandbox(false);
    stage(&home, "a.xml", &package("IE1", same), 0);
    sandbox.run_update_job().unwrap();
    assert!(ask_rosetta(&sandbox, "verb=ListIdentifiers&metadataPrefix=oai_dc").contains("2026-01-01T00:00:00Z"));
}

#[test]
fn what_cannot_be_applied_lands_in_error() {
    let title = "<dc:title>x</dc:title>";
    check(&package("IE2", title), Fate::Error, "IE2 is locked by editor1");
    check(&package("IE9", title), Fate::Error, "IE9 is not in the permanent repository");
    check(&package("IE3", title), Fate::Error, "IE3 is not in the permanent repository");
    check(&package("COL-1", title), Fate::Error, "not an IE PID");
    check(&package("IE1", "<dc:title>x"), Fate::Error, "not well-formed");
    check("<updateMD", Fate::Error, "not well-formed");
    check("<other/>", Fate::Error, "updateMD");
    check(&package("IE1", title).replace("descriptive", "source"), Fate::Error, "");
}

#[test]
fn files_are_taken_in_the_order_of_their_creation() {
    let (sandbox, home) = sandbox(false);
    stage(&home, "b.xml", &package("IE1", "<dc:title>First</dc:title>"), 1);
    stage(&home, "a.xml", &package("IE1", "<dc:title>Last</dc:title>"), 2);
    stage(&home, ".hidden.xml", "", 0);
    stage(&home, "notes.txt", "", 0);
    fs::create_dir(home.path().join("staging/.incoming")).unwrap();
    stage(&home, ".incoming/c.xml", "", 0);
    let report = sandbox.run_update_job().unwrap();
    let names: Vec<&str> = report.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["b.xml", "a.xml"]);
    assert_eq!(sandbox.ie(&pid("IE1")).unwrap().title(), Some("Last"));
    assert_eq!(sandbox.run_update_job().unwrap().files, []);
}

#[test]
fn an_older_file_of_the_same_name_stays() {
    let (sandbox, home) = sandbox(false);
    for title in ["a", "b", "c"] {
        stage(&home, "x.xml", &package("IE1", &format!("<dc:title>{title}</dc:title>")), 0);
        sandbox.run_update_job().unwrap();
    }
    for (name, title) in [("x.xml", ">a<"), ("x.xml.1", ">b<"), ("x.xml.2", ">c<")] {
        assert!(fs::read_to_string(home.path().join("staging/done").join(name)).unwrap().contains(title), "{name}");
    }
}

#[test]
fn a_lock_can_be_taken_and_given_back() {
    let (sandbox, home) = sandbox(false);
    let fate = |title: &str| {
        stage(&home, "a.xml", &package("IE1", &format!("<dc:title>{title}</dc:title>")), 0);
        sandbox.run_update_job().unwrap().files[0].fate
    };
    sandbox.lock(&pid("IE1")).unwrap();
    assert_eq!(fate("a"), Fate::Error);
    sandbox.unlock(&pid("IE1")).unwrap();
    assert_eq!(fate("a"), Fate::Done);
    assert!(sandbox.lock(&pid("IE77")).is_err());
}

#[test]
fn alma_adds_three_identifiers_for_each_remote_representation_only() {
    let (sandbox, _home) = sandbox(false);
    let answer = ask_alma(&sandbox, "verb=GetRecord&metadataPrefix=oai_dc&identifier=oai:alma.01EX_INST:991");
    let identifiers: Vec<&str> =
        answer.split("<dc:identifier>").skip(1).map(|rest| rest.split('<').next().unwrap()).collect();
    let expected = ["oai:rosetta.example.org:IE1", "alma_991", "https://r/?dps_pid=IE1", "https://a/?dps_pid=12"];
    assert_eq!(identifiers, expected);
    assert!(answer.contains("<metadata>\n<oai_dc:dc"), "{answer}");
    let marc = ask_alma(&sandbox, "verb=GetRecord&metadataPrefix=marc21&identifier=oai:alma.01EX_INST:991");
    assert_eq!(marc.matches("tag=\"AVD\"").count(), 2);
    assert!(marc.contains("<subfield code=\"c\">REMOTE_REPRESENTATION</subfield>"), "{marc}");
}

#[test]
fn an_edit_in_alma_shows_with_a_new_datestamp() {
    let (sandbox, _home) = sandbox(false);
    sandbox.set_now(Some(noon()));
    sandbox.edit_bib("991", &BibChange::Title("Due & tre".to_owned())).unwrap();
    let list = "verb=ListRecords&metadataPrefix=oai_dc&set=art&from=2026-11-22T12:00:00Z";
    let answer = ask_alma(&sandbox, list);
    assert_eq!(answer.matches("<record>").count(), 1);
    assert!(answer.contains("<dc:title>Due &amp; tre</dc:title>"), "{answer}");
    sandbox.edit_bib("991", &BibChange::Deleted).unwrap();
    assert!(ask_alma(&sandbox, list).contains("status=\"deleted\""));
    for (mms, title) in [("991", "gone"), ("992", "none"), ("9", "who")] {
        assert!(sandbox.edit_bib(mms, &BibChange::Title(title.to_owned())).is_err(), "{mms}");
    }
    assert!(sandbox.edit_bib("992", &BibChange::Title("\u{1}".to_owned())).is_err());
}

#[test]
fn alma_wants_a_set_and_knows_two_reasons_for_an_empty_list() {
    let (sandbox, _home) = sandbox(false);
    let check = |query: &str, expected: &str| {
        let answer = ask_alma(&sandbox, &format!("verb=ListRecords{query}"));
        assert!(answer.contains(expected), "{query}: {answer}");
    };
    check("&metadataPrefix=oai_dc", "<error code=\"badArgument\">The request is missing required set argument<");
    check("&metadataPrefix=mods&set=art", "<error code=\"noRecordsMatch\">No Publishing profile exists");
    check("&metadataPrefix=oai_dc&set=none", "<error code=\"noRecordsMatch\">No Publishing profile exists");
    check("&metadataPrefix=oai_dc&set=art&from=2030-01-01", "<error code=\"noRecordsMatch\">The combination of");
    check("&metadataPrefix=junk&set=art", "<error code=\"cannotDisseminateFormat\">");
}

#[test]
fn an_unencoded_plus_in_a_token_ends_the_list_as_it_did_at_a_real_site() {
    for (quirks, code) in [(false, "badResumptionToken"), (true, "noRecordsMatch")] {
        let (sandbox, _home) = sandbox(quirks);
        let token = "@@all@oai_dc@AAAWxpAB AAAAAAAAA";
        let answer = ask_rosetta(&sandbox, &format!("verb=ListRecords&resumptionToken={token}"));
        assert!(answer.contains(&format!("<error code=\"{code}\">")), "{answer}");
    }
}

#[test]
fn the_simple_form_leaves_out_what_its_schema_does_not_know() {
    let (sandbox, _home) = sandbox(false);
    let get = |prefix: &str| {
        let query = format!("verb=GetRecord&metadataPrefix={prefix}&identifier=oai:rosetta.example.org:IE1");
        ask_rosetta(&sandbox, &query)
    };
    assert!(get("oai_dc").contains("<dc:title>One</dc:title></oai_dc:dc>"));
    assert!(get("oai_qdc").contains("<dcterms:issued xsi:type=\"dcterms:W3CDTF\">1901</dcterms:issued>"));
}

#[test]
fn data_that_names_a_record_twice_or_is_not_ours_is_refused() {
    let home = tempfile::tempdir().unwrap();
    fs::write(home.path().join("alma.xml"), ALMA).unwrap();
    let start = |rosetta: &str| {
        fs::write(home.path().join("rosetta.xml"), rosetta).unwrap();
        let data = DataSource::Folder(home.path().to_owned());
        Sandbox::start(Options { data, ..Options::default() }).map(drop).unwrap_err().to_string()
    };
    assert!(start(&ROSETTA.replace("IE2", "IE1")).contains("twice"));
    assert!(start(&ROSETTA.replace("IE2", "XX2")).contains("XX2"));
    assert!(start("<html/>").contains("<html>"));
}

#[test]
fn the_built_in_data_can_be_read() {
    assert!(Sandbox::start(Options::default()).is_ok());
}

/// Asks a route by its system: status and body.
fn ask_route(sandbox: &Sandbox, alma: bool, method: &str, url: &str, body: &str) -> (u16, String) {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let request = serve::Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        body: body.as_bytes().to_vec(),
        ..serve::Request::default()
    };
    let route = if alma { routes::alma } else { routes::rosetta };
    let response = route(&sandbox.world, request);
    (response.status, String::from_utf8(response.body).unwrap())
}

#[test]
fn the_controls_can_be_reached_from_outside() {
    let (sandbox, home) = sandbox(false);
    let rosetta = |method: &str, url: &str| ask_route(&sandbox, false, method, url, "");
    let alma = |url: &str, body: &str| ask_route(&sandbox, true, "POST", url, body).0;
    assert_eq!(rosetta("POST", "/sandbox/ie/IE1/lock").0, 200);
    stage(&home, "a.xml", &package("IE1", "<dc:title>x</dc:title>"), 0);
    let expected = r#"{"files":[{"name":"a.xml","pid":"IE1","fate":"error","reason":"IE1 is locked by sandbox"}]}"#;
    assert_eq!(rosetta("POST", "/sandbox/update-job/run"), (200, expected.to_owned()));
    let elsewhere = form::encode(&home.path().join("staging/error").display().to_string());
    assert_eq!(rosetta("POST", "/sandbox/ie/IE1/unlock").0, 200);
    let (status, report) = rosetta("POST", &format!("/sandbox/update-job/run?folder={elsewhere}"));
    assert!(status == 200 && report.contains("\"fate\":\"done\""), "{report}");
    assert!(rosetta("GET", "/sandbox/ie/IE1").1.contains("<dc:title>x</dc:title>"));
    assert_eq!(rosetta("GET", "/sandbox/ie/IE3").0, 404);
    assert_eq!(rosetta("GET", "/sandbox/update-job/run").0, 404);
    assert_eq!(rosetta("POST", "/sandbox/ie/XX/lock").0, 404);
    assert_eq!(rosetta("PUT", "/oaiprovider/request?verb=Identify").0, 405);
    assert_eq!(alma("/sandbox/alma/bib/991/title", "Ny"), 200);
    assert_eq!(alma("/sandbox/alma/bib/991/title", ""), 400);
    assert_eq!(alma("/sandbox/alma/bib/9/title", "Ny"), 404);
    assert_eq!(alma("/sandbox/alma/bib/991/republish", ""), 200);
    assert_eq!(alma("/sandbox/alma/bib/991/delete", ""), 200);
    assert_eq!(alma("/oaiprovider/request", ""), 404);
}

#[test]
fn without_a_folder_there_is_no_job() {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    assert!(matches!(sandbox.run_update_job(), Err(Error::NoFolder)));
    assert_eq!(ask_route(&sandbox, false, "POST", "/sandbox/update-job/run?folder=/tmp", "").0, 409);
    let options = Options { folder: Some(PathBuf::from("/nowhere/at/all")), ..Options::default() };
    assert!(matches!(Sandbox::start(options), Err(Error::Job(_))));
}
