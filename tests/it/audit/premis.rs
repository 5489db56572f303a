//! What was done to an IE, as PREMIS 3 that its schema accepts.
//!
//! Needs xmllint (Debian: libxml2-utils).

use super::{entries, two_fates};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Validates against the schema of the Library of Congress.
fn must_be_valid(file: &Path) {
    let schema = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/xsd/premis-v3-0.xsd");
    let mut xmllint = Command::new("xmllint");
    let output = xmllint.args(["--noout", "--nonet", "--schema"]).arg(schema).arg(file).output();
    let output = output.expect("xmllint is installed (Debian: libxml2-utils)");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn the_events_of_an_ie_that_was_updated_and_of_one_that_was_refused_are_valid_premis() {
    let mut scenario = two_fates();
    for (ie, outcome) in [("IE7", "success"), ("IE8", "fail")] {
        let document = scenario.run(&format!("audit premis {ie}")).stdout();
        let file = scenario.path(&format!("{ie}.xml"));
        fs::write(&file, &document).unwrap();
        must_be_valid(&file);
        assert_eq!(document.matches("<event>").count(), 3);
        assert_eq!(document.matches("<object ").count(), 1);
        assert!(document.contains(&format!("<objectIdentifierValue>{ie}</objectIdentifierValue>")));
        let modification = document.split("<event>").last().unwrap();
        assert!(modification.contains("eventType/mem\">metadata modification</eventType>"), "{modification}");
        assert!(modification.contains(&format!("\">{outcome}</eventOutcome>")), "{modification}");
        for entry in entries(&mut scenario, ie) {
            let (number, digest) = (&entry["entry"], entry["digest"].as_str().unwrap());
            assert!(document.contains(&format!("<eventIdentifierValue>trip/{number}</eventIdentifierValue>")));
            assert!(document.contains(&format!("journal digest: {digest}")));
            let who = entry["who"].as_str().unwrap();
            assert!(document.contains(&format!("<agentIdentifierValue>{who}</agentIdentifierValue>")));
        }
        assert!(document.contains(concat!("<agentVersion>", env!("CARGO_PKG_VERSION"), "</agentVersion>")));
    }
}

#[test]
fn what_was_compared_and_decided_is_valid_premis_too() {
    let mut scenario = two_fates();
    let file = scenario.path("events.xml");
    scenario.run("run").exits(3).run("undo IE7 --reason <&]]>");
    scenario.run(&format!("audit premis IE7 --output {}", file.display()));
    let document = fs::read_to_string(&file).unwrap();
    must_be_valid(&file);
    assert!(document.contains("eventType/val\">validation</eventType>"));
    assert!(document.contains("<eventType>undone</eventType>"));
    assert!(document.contains("<eventOutcomeDetailNote>&lt;&amp;]]&gt;</eventOutcomeDetailNote>"));
    assert!(document.contains("eventRelatedAgentRole/aut\">authorizer</linkingAgentRole>"));
}

#[test]
fn several_ies_go_into_one_document_each_once() {
    let mut scenario = two_fates();
    let file = scenario.path("events.xml");
    scenario.run(&format!("audit premis IE8 IE7 IE7 --output {}", file.display())).hides("<");
    must_be_valid(&file);
    let document = fs::read_to_string(&file).unwrap();
    assert_eq!([document.matches("<object ").count(), document.matches("<event>").count()], [2, 6]);
    assert_eq!(document.matches("<agent>").count(), 2);
}

#[test]
fn an_ie_without_an_entry_is_no_empty_document() {
    let mut scenario = two_fates();
    scenario.run("audit premis IE7 IE99").exits(1).hides("<premis").complains("the journal has no entry about IE99");
    scenario.run("audit premis 9912").exits(2).complains("is not an IE PID");
    scenario.run("audit premis IE7 --output /nowhere/x.xml").exits(1).complains("/nowhere/x.xml");
}
