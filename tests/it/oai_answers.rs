//! What the sandbox answers holds against the published schemas, page by page, and so do its errors.
//!
//! Needs xmllint (Debian: libxml2-utils).

use cartouche::sandbox::{Options, Sandbox};
use cartouche::web::form;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The errors that the protocol's own validator provokes, and some more: query, code.
const ERRORS: &[(&str, &str)] = &[
    ("", "badVerb"),
    ("junk", "badVerb"),
    ("verb=junk", "badVerb"),
    ("verb=Identify&verb=Identify", "badVerb"),
    ("verb=GetRecord&metadataPrefix=oai_dc", "badArgument"),
    ("verb=GetRecord&identifier=oai:x:y", "badArgument"),
    ("verb=GetRecord&identifier=invalid%22id&metadataPrefix=oai_dc", "badArgument"),
    ("verb=GetRecord&identifier=1:x&metadataPrefix=oai_dc", "badArgument"),
    ("verb=ListIdentifiers&until=junk", "badArgument"),
    ("verb=ListIdentifiers&from=junk", "badArgument"),
    ("verb=ListIdentifiers&resumptionToken=junk&until=2000-02-05", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=junk", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=a%20b", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&resumptionToken=junk&until=1990-01-10", "badArgument"),
    ("verb=ListRecords", "badArgument"),
    ("verb=ListRecords&metadataPrefix=oai_dc&from=2002-02-05&until=2002-02-06T05:35:00Z", "badArgument"),
    ("verb=ListRecords&resumptionToken=junk", "badResumptionToken"),
    ("verb=ListRecords&resumptionToken=%00%FF%3C%26%0A", "badResumptionToken"),
    ("verb=GetRecord&identifier=really_wrong_id&metadataPrefix=oai_dc", "idDoesNotExist"),
    ("verb=ListMetadataFormats&identifier=oai:a/b?c:d", "idDoesNotExist"),
    ("verb=ListRecords&metadataPrefix=no_such&set=all-digitized", "cannotDisseminateFormat"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=paintings&until=2000-01-01", "noRecordsMatch"),
    ("verb=ListRecords&metadataPrefix=oai_dc&set=no:such", "noRecordsMatch"),
];

/// Asks over a socket of its own; returns the body.
fn ask(base_url: &str, query: &str, post: bool) -> String {
    let (host, path) = base_url.trim_start_matches("http://").split_once('/').unwrap();
    let mut stream = TcpStream::connect(host).unwrap();
    let head = format!("Host: {host}\r\nConnection: close\r\n");
    let request = if post {
        let length = query.len();
        format!(
            "POST /{path} HTTP/1.1\r\n{head}Content-Type: application/x-www-form-urlencoded\r\n\
             Content-Length: {length}\r\n\r\n{query}"
        )
    } else {
        format!("GET /{path}?{query} HTTP/1.1\r\n{head}\r\n")
    };
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{query}: {head}");
    assert!(head.to_lowercase().contains("content-type: text/xml"), "{head}");
    body.to_owned()
}

/// Answers, each kept as a file for xmllint.
struct Saved {
    folder: tempfile::TempDir,
    files: Vec<PathBuf>,
}

impl Saved {
    fn new() -> Self {
        Saved { folder: tempfile::tempdir().unwrap(), files: Vec::new() }
    }

    fn save(&mut self, answer: &str) {
        let path = self.folder.path().join(format!("{}.xml", self.files.len()));
        fs::write(&path, answer).unwrap();
        self.files.push(path);
    }

    fn ask(&mut self, base_url: &str, query: &str) -> String {
        let answer = ask(base_url, query, false);
        self.save(&answer);
        answer
    }

    /// Follows the tokens of a list to its end; returns the OAI identifiers in their order.
    fn list(&mut self, base_url: &str, query: &str) -> Vec<String> {
        let verb = query.split('&').next().unwrap();
        let mut identifiers = Vec::new();
        let mut query = query.to_owned();
        loop {
            let answer = self.ask(base_url, &query);
            let error = between(&answer, "<error ", "</error>");
            assert_eq!(error, Vec::<&str>::new(), "{query}");
            identifiers.extend(between(&answer, "<identifier>", "</identifier>").into_iter().map(str::to_owned));
            match between(&answer, "<resumptionToken>", "</resumptionToken>")[..] {
                [] | [""] => return identifiers,
                [token] => query = format!("{verb}&resumptionToken={}", form::encode(&token.replace("&amp;", "&"))),
                _ => panic!("two tokens: {query}"),
            }
        }
    }

    /// Runs xmllint over all files, with the schema or for well-formedness only.
    fn check(&self, schema: bool) {
        let mut xmllint = Command::new("xmllint");
        xmllint.args(["--noout", "--nonet"]);
        if schema {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/xsd/check-sandbox.xsd");
            xmllint.arg("--schema").arg(path);
        }
        let output = xmllint.args(&self.files).output().expect("xmllint is installed (Debian: libxml2-utils)");
        let said = String::from_utf8_lossy(&output.stderr);
        let faults: Vec<&str> = said.lines().filter(|line| !line.ends_with(" validates")).take(10).collect();
        assert!(output.status.success(), "{} files: {faults:#?}", self.files.len());
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Vec<&'a str> {
    text.split(start).skip(1).map(|rest| rest.split(end).next().unwrap()).collect()
}

fn sandbox(quirks: bool) -> Sandbox {
    Sandbox::start(Options { page_size: 30, quirks, ..Options::default() }).unwrap()
}

/// Asks everything that lists, in every prefix and set, and checks that the lists agree.
fn ask_everything(saved: &mut Saved, base_url: &str, prefixes: &[&str], whole: &[&str]) {
    for verb in ["Identify", "ListSets", "ListMetadataFormats"] {
        saved.ask(base_url, &format!("verb={verb}"));
    }
    let sets = between(&ask(base_url, "verb=ListSets", false), "<setSpec>", "</setSpec>").join(" ");
    let sets = sets.split(' ').map(|set| format!("&set={set}")).chain(whole.iter().map(|set| (*set).to_owned()));
    for set in sets {
        for prefix in prefixes {
            let listed = saved.list(base_url, &format!("verb=ListIdentifiers&metadataPrefix={prefix}{set}"));
            let records = saved.list(base_url, &format!("verb=ListRecords&metadataPrefix={prefix}{set}"));
            assert_eq!(listed, records, "{prefix} {set}");
            assert_eq!(listed.iter().collect::<BTreeSet<_>>().len(), listed.len(), "each once: {prefix} {set}");
            for identifier in listed.iter().step_by(17) {
                let query = format!("verb=GetRecord&metadataPrefix={prefix}&identifier={}", form::encode(identifier));
                let answer = saved.ask(base_url, &query);
                assert!(answer.contains(&format!("<identifier>{identifier}</identifier>")), "{answer}");
                saved.ask(base_url, &format!("verb=ListMetadataFormats&identifier={identifier}"));
            }
        }
    }
}

#[test]
fn every_answer_of_both_providers_is_valid() {
    let sandbox = sandbox(false);
    let mut saved = Saved::new();
    ask_everything(&mut saved, &sandbox.rosetta_base_url(), &["oai_dc", "oai_qdc"], &[""]);
    ask_everything(&mut saved, &sandbox.alma_base_url(), &["oai_dc", "marc21"], &[]);
    saved.check(true);
}

#[test]
fn every_error_has_its_code_and_is_valid() {
    let sandbox = sandbox(false);
    let mut saved = Saved::new();
    for base_url in [sandbox.rosetta_base_url(), sandbox.alma_base_url()] {
        for (query, code) in ERRORS {
            let answer = saved.ask(&base_url, query);
            assert!(answer.contains(&format!("<error code=\"{code}\">")), "{base_url} {query}: {answer}");
            let echoed = answer.contains("<request verb=");
            assert_eq!(echoed, !["badVerb", "badArgument"].contains(code), "{query}: {answer}");
        }
    }
    saved.check(true);
}

#[test]
fn a_form_by_post_is_answered_like_a_query() {
    let sandbox = sandbox(false);
    let mut saved = Saved::new();
    let base_url = sandbox.rosetta_base_url();
    let listed = saved.list(&base_url, "verb=ListIdentifiers&metadataPrefix=oai_dc");
    for query in ["verb=Identify", &format!("verb=GetRecord&metadataPrefix=oai_dc&identifier={}", listed[0])] {
        let (got, posted) = (ask(&base_url, query, false), ask(&base_url, query, true));
        let after_date = |answer: &str| answer.split_once("<request").unwrap().1.to_owned();
        assert_eq!(after_date(&got), after_date(&posted), "{query}");
    }
}

#[test]
fn with_quirks_the_lists_are_the_same_and_well_formed() {
    let (plain, quirky) = (sandbox(false), sandbox(true));
    let mut saved = Saved::new();
    let mut same = |one: &str, other: &str, query: &str| {
        assert_eq!(saved.list(one, query), saved.list(other, query), "{query}");
    };
    same(&plain.rosetta_base_url(), &quirky.rosetta_base_url(), "verb=ListRecords&metadataPrefix=oai_dc");
    same(&plain.alma_base_url(), &quirky.alma_base_url(), "verb=ListRecords&metadataPrefix=marc21&set=all-digitized");
    let identify = saved.ask(&quirky.rosetta_base_url(), "verb=Identify");
    let host = quirky.rosetta_address().to_string();
    assert!(identify.contains(&format!("<baseURL>{host}</baseURL>")), "{identify}");
    assert!(!identify.contains(&format!(">{}</request>", quirky.rosetta_base_url())), "{identify}");
    let nested = saved.ask(&quirky.rosetta_base_url(), "verb=ListRecords&metadataPrefix=oai_dc");
    assert!(nested.contains("<record xmlns=\"\" "), "one record in eight is nested");
    saved.check(false);
}

#[test]
fn a_provider_keeps_its_word_on_itself_on_sets_and_on_dates() {
    let sandbox = sandbox(false);
    for base_url in [sandbox.rosetta_base_url(), sandbox.alma_base_url()] {
        let identify = ask(&base_url, "verb=Identify", false);
        assert!(identify.contains(&format!("<baseURL>{base_url}</baseURL>")), "{identify}");
        let earliest = between(&identify, "<earliestDatestamp>", "</earliestDatestamp>")[0].to_owned();
        for set in between(&ask(&base_url, "verb=ListSets", false), "<setSpec>", "</setSpec>") {
            let list = ask(&base_url, &format!("verb=ListRecords&metadataPrefix=oai_dc&set={set}"), false);
            for header in between(&list, "<header", "</header>") {
                let identifier = between(header, "<identifier>", "</identifier>")[0];
                let datestamp = between(header, "<datestamp>", "</datestamp>")[0];
                assert!(header.contains(&format!("<setSpec>{set}</setSpec>")), "{header}");
                assert!(datestamp >= earliest.as_str(), "{identifier} is older than {earliest}");
                if identifier.ends_with('1') {
                    let window = format!("&set={set}&from={datestamp}&until={datestamp}");
                    let again = ask(&base_url, &format!("verb=ListRecords&metadataPrefix=oai_dc{window}"), false);
                    assert!(again.contains(&format!("<identifier>{identifier}</identifier>")), "{identifier} {again}");
                }
            }
        }
    }
}

#[test]
fn pages_are_not_in_the_order_of_their_dates() {
    let sandbox = sandbox(false);
    for base_url in [sandbox.rosetta_base_url(), sandbox.alma_base_url()] {
        let sets = ask(&base_url, "verb=ListSets", false);
        let set = between(&sets, "<setSpec>", "</setSpec>")[0];
        let page = ask(&base_url, &format!("verb=ListIdentifiers&metadataPrefix=oai_dc&set={set}"), false);
        let dates = between(&page, "<datestamp>", "</datestamp>");
        assert!(!dates.is_sorted() && !dates.iter().rev().is_sorted(), "{dates:?}");
    }
}
