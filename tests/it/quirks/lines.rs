//! The lines of `cartouche oai`: a contract, fields may be added at the end, never renamed.

use super::*;
use crate::support::fake_repository::{deleted, error, identify};

/// Runs `cartouche oai VERB` on a repository that answers everything so; the output must be exactly this.
#[track_caller]
fn check(reply: Reply, arguments: &[&str], lines: &[&str]) {
    let repository = FakeRepository::bare(move |_| reply.clone());
    let base_url = repository.base_url();
    let arguments = [&["oai", arguments[0], &base_url], &arguments[1..]].concat();
    let ended = Cartouche::new().run(&arguments).exits(0);
    assert_eq!(ended.stdout.lines().collect::<Vec<_>>(), lines);
}

fn three() -> Page {
    Page::of(&[
        record("oai:x:1", "2026-11-20", "\n<d xmlns=\"http://d\">\"é\"\n</d>"),
        deleted("oai:x:<2>", "2026-11-21").replace("<setSpec>s</setSpec>", ""),
        record("oai:x:3", "2026-11-22", "").replace("</setSpec>", "</setSpec><setSpec>t:u</setSpec>"),
    ])
}

#[test]
fn a_record_is_a_line() {
    check(
        three().reply(),
        &["list-records"],
        &[
            r#"{"identifier":"oai:x:1","datestamp":"2026-11-20","deleted":false,"sets":["s"],"metadata":"<d xmlns=\"http://d\">\"é\"\n</d>"}"#,
            r#"{"identifier":"oai:x:<2>","datestamp":"2026-11-21","deleted":true,"sets":[],"metadata":null}"#,
            r#"{"identifier":"oai:x:3","datestamp":"2026-11-22","deleted":false,"sets":["s","t:u"],"metadata":null}"#,
        ],
    );
    check(
        Page::of(&[record("oai:x:1", "2026-11-20", "<d xmlns=\"\"/>")]).of_verb("GetRecord"),
        &["get-record", "--identifier", "oai:x:1"],
        &[
            r#"{"identifier":"oai:x:1","datestamp":"2026-11-20","deleted":false,"sets":["s"],"metadata":"<d xmlns=\"\"/>"}"#,
        ],
    );
}

#[test]
fn a_header_is_a_line_without_metadata() {
    let headers = "<header><identifier>oai:x:1</identifier><datestamp>2026-11-20</datestamp></header>\
                   <header status=\"deleted\"><identifier>oai:x:2</identifier><datestamp>2026-11-21</datestamp>\
                   <setSpec>s</setSpec></header>";
    check(
        Page::of(&[headers.to_owned()]).of_verb("ListIdentifiers"),
        &["list-identifiers"],
        &[
            r#"{"identifier":"oai:x:1","datestamp":"2026-11-20","deleted":false,"sets":[]}"#,
            r#"{"identifier":"oai:x:2","datestamp":"2026-11-21","deleted":true,"sets":["s"]}"#,
        ],
    );
}

#[test]
fn sets_and_formats_are_lines() {
    let sets = "<set><setSpec>a:b</setSpec><setName>A &amp; B</setName><setDescription><x xmlns=\"\">y</x></setDescription></set>\
                <set><setSpec>c</setSpec></set>";
    check(
        Page::of(&[sets.to_owned()]).of_verb("ListSets"),
        &["list-sets"],
        &[r#"{"setSpec":"a:b","setName":"A & B"}"#, r#"{"setSpec":"c","setName":""}"#],
    );
    let formats = "<metadataFormat><metadataPrefix>oai_dc</metadataPrefix><schema>http://s</schema>\
                   <metadataNamespace>http://n</metadataNamespace></metadataFormat>";
    check(
        Page::of(&[formats.to_owned()]).of_verb("ListMetadataFormats"),
        &["list-metadata-formats", "--identifier", "oai:x:1"],
        &[r#"{"metadataPrefix":"oai_dc","schema":"http://s","metadataNamespace":"http://n"}"#],
    );
}

#[test]
fn a_repository_is_a_line() {
    let whole = r#"{"repositoryName":"Fake","baseURL":"rosetta.example.org:1801","protocolVersion":"2.0","adminEmail":["one@example.org","two@example.org"],"earliestDatestamp":"2020-01-01T00:00:00Z","deletedRecord":"persistent","granularity":"YYYY-MM-DDThh:mm:ssZ","repositoryIdentifier":"ros.example.org","sampleIdentifier":"oai:ros.example.org:IE1"}"#;
    check(identify(""), &["identify"], &[whole]);
    let nothing = r#"{"repositoryName":null,"baseURL":null,"protocolVersion":null,"adminEmail":[],"earliestDatestamp":null,"deletedRecord":null,"granularity":null,"repositoryIdentifier":null,"sampleIdentifier":null}"#;
    check(Page::of(&[]).of_verb("Identify"), &["identify"], &[nothing]);
}

#[test]
fn every_argument_reaches_the_server() {
    let repository = FakeRepository::bare(|_| three().reply());
    let base_url = repository.base_url();
    let dates = ["--set", "a b&c", "--from", "2026-11-01", "--until", "2026-11-30", "--metadata-prefix", "marc21"];
    let arguments = [&["oai", "list-records", base_url.as_str()][..], &dates].concat();
    let _ = Cartouche::new().run(&arguments).exits(0);
    let asked = repository.taken();
    let arguments: Vec<(&str, &str)> =
        asked[0].arguments.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let expected = [
        ("verb", "ListRecords"),
        ("metadataPrefix", "marc21"),
        ("set", "a b&c"),
        ("from", "2026-11-01"),
        ("until", "2026-11-30"),
    ];
    assert_eq!(arguments, expected);
}

#[test]
fn lines_go_to_a_file_on_request() {
    let repository = FakeRepository::start(two_pages);
    let cartouche = Cartouche::new();
    let base_url = repository.base_url();
    let ended = cartouche.run(&["oai", "list-records", &base_url, "--output", "records.jsonl"]).exits(0);
    assert_eq!(ended.complains("complete: 2 records").stdout, "");
    let plain = cartouche.run(&["oai", "list-records", &base_url]).exits(0);
    assert_eq!(cartouche.read("records.jsonl"), plain.stdout);
    assert_eq!(plain.stdout.lines().count(), 2);
    let _ = cartouche.run(&["oai", "list-records", &base_url, "--output", "no/such/folder"]).exits(1);
}

#[test]
fn what_does_not_exist_is_said_and_nothing_is_printed() {
    let cartouche = Cartouche::new();
    let repository = FakeRepository::bare(|_| error("idDoesNotExist", "unknown or illegal"));
    let ended = cartouche.run(&["oai", "get-record", &repository.base_url(), "--identifier", "oai:x:9"]).exits(2);
    assert_eq!(ended.complains("idDoesNotExist: unknown or illegal").stdout, "");
    let _ = cartouche.run(&["oai", "list-records", "not a url", "--retries", "0"]).exits(2);
}
