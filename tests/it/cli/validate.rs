//! `validate`: which line of which file is wrong.

use super::{run, stderr, stdout};
use std::fs;

const GOOD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<updateMD xmlns="http://com/exlibris/digitool/repository/api/xmlbeans">
  <PID>IE7</PID>
  <metadata>
    <type>descriptive</type>
    <subType>dc</subType>
    <content><![CDATA[<dc:record xmlns:dc="http://purl.org/dc/elements/1.1/">
  <dc:title>Sunset</dc:title>
</dc:record>]]></content>
  </metadata>
</updateMD>
"#;

fn check(text: &str, code: i32, expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file.xml");
    fs::write(&file, text).unwrap();
    let output = run(&["validate", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(code), "{}{}", stdout(&output), stderr(&output));
    assert!(stdout(&output).contains(&format!("file.xml{expected}")), "{expected} is not in {}", stdout(&output));
}

#[test]
fn a_good_file_is_valid_and_a_bad_one_is_told_with_its_line() {
    check(GOOD, 0, ": valid");
    check(&GOOD.replace("IE7", "REP7"), 1, ":3: error: ");
    check(&GOOD.replace("<type>descriptive", "<type>other"), 1, ":5: error: ");
    check(&GOOD.replace("dc:title>", "dc:Title>"), 1, ":8: error: ");
    check(&GOOD.replace("Sunset", &"x".repeat(4001)), 1, ":8: error: ");
    check(&GOOD.replace("<dc:title>Sunset</dc:title>", ""), 1, ":7: error: ");
    check(&GOOD.replace("</updateMD>\n", ""), 1, ":11: error: ");
    check(&GOOD.replace("updateMD", "updateMd"), 1, ":2: error: ");
}

#[test]
fn several_files_are_looked_at_and_one_bad_one_decides() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (folder.path().join("good.xml"), folder.path().join("bad.xml"));
    fs::write(&good, GOOD).unwrap();
    fs::write(&bad, "no XML").unwrap();
    let output = run(&["validate", &bad.to_string_lossy(), &good.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stdout(&output).contains("bad.xml:1: error: ") && stdout(&output).contains("good.xml: valid"));
    let output = run(&["validate", "/no/such/file.xml"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("/no/such/file.xml"), "{}", stderr(&output));
}

#[test]
fn the_limit_of_a_value_may_be_lifted() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("long.xml");
    fs::write(&file, GOOD.replace("Sunset", &"x".repeat(4001))).unwrap();
    let output = run(&["validate", "--max-value-bytes", "0", &file.to_string_lossy()]);
    assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
}
