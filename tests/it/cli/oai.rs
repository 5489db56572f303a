//! `oai`: data to stdout, one JSON object a line, everything else to stderr.

use super::{run, stderr, stdout};
use cartouche::sandbox::{Options, Sandbox};
use serde_json::Value;

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn sandbox() -> Sandbox {
    Sandbox::start(Options { page_size: 50, ..Options::default() }).unwrap()
}

#[test]
fn list_records_prints_each_record_as_a_line_with_metadata_that_parses_alone() {
    let sandbox = sandbox();
    let output = run(&["oai", "list-records", &sandbox.rosetta_base_url()]);
    assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    let records = lines(&stdout(&output));
    assert_eq!(records.len(), 280);
    for record in &records {
        let names: Vec<&str> = record.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["datestamp", "deleted", "identifier", "metadata", "sets"]);
        match record["metadata"].as_str() {
            Some(metadata) => drop(cartouche::dc_xml::read_anywhere(metadata).unwrap()),
            None => assert_eq!(record["deleted"], true, "{record}"),
        }
    }
    assert!(
        stderr(&output).contains("complete: 280 records (2 deleted), 0 quarantined, 6 pages"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn the_other_verbs_print_lines_too() {
    let sandbox = sandbox();
    let (rosetta, alma) = (sandbox.rosetta_base_url(), sandbox.alma_base_url());
    let identity = lines(&stdout(&run(&["oai", "identify", &rosetta])));
    assert_eq!(identity[0]["repositoryIdentifier"], "rosetta.example.org");
    assert!(lines(&stdout(&run(&["oai", "list-sets", &alma]))).iter().any(|set| set["setSpec"] == "paintings"));
    let formats = lines(&stdout(&run(&["oai", "list-metadata-formats", &alma])));
    assert!(formats.iter().any(|format| format["metadataPrefix"] == "marc21"));
    let headers = run(&["oai", "list-identifiers", &alma, "--set", "paintings", "--metadata-prefix", "marc21"]);
    assert_eq!(lines(&stdout(&headers)).len(), 79);
    let id = "oai:rosetta.example.org:IE1040";
    let record = lines(&stdout(&run(&["oai", "get-record", &rosetta, "--identifier", id])));
    assert_eq!(record[0]["identifier"], id);
}

#[test]
fn output_goes_to_a_file_when_asked_and_a_refusal_is_the_right_exit_code() {
    let sandbox = sandbox();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("records.jsonl");
    let output = run(&["oai", "list-records", &sandbox.rosetta_base_url(), "--output", &file.to_string_lossy()]);
    assert_eq!(stdout(&output), "");
    assert_eq!(lines(&std::fs::read_to_string(&file).unwrap()).len(), 280);
    let no_set = run(&["oai", "list-records", &sandbox.alma_base_url(), "--set", "nonesuch"]);
    assert_eq!(no_set.status.code(), Some(2), "{}", stderr(&no_set));
    let no_server = run(&["oai", "identify", "http://127.0.0.1:9/oai", "--retries", "0"]);
    assert_eq!(no_server.status.code(), Some(1), "{}", stderr(&no_server));
    let no_record = run(&["oai", "get-record", &sandbox.rosetta_base_url(), "--identifier", "oai:x:y"]);
    assert_eq!(no_record.status.code(), Some(2), "{}", stderr(&no_record));
    assert!(stderr(&no_record).contains("idDoesNotExist"), "{}", stderr(&no_record));
}
