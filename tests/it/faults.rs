//! Every fault that `bench/faults.py` can play, against the real program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Faults in which something that could be had is not had, and why that is meant.
const MEANT: [&str; 1] = [
    // No entity of a DOCTYPE is resolved, not even a harmless one: its record is quarantined and named.
    "entities-of-doctype",
];

#[test]
fn every_fault_that_is_known_is_survived() {
    let (table, told) = faults(&["compare", "--cartouche", env!("CARGO_BIN_EXE_cartouche")]);
    let fates = ["partial", "silent", "hang"];
    let wrong: Vec<&str> = table
        .lines()
        .filter_map(|line| line.split_once(' '))
        .filter(|(name, fate)| name.contains('-') && fates.iter().any(|word| fate.trim().starts_with(word)))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(wrong, MEANT, "{table}\n{told}");
    let right = table.lines().filter(|line| line.trim_end().ends_with(" right")).count();
    assert!(right > 200, "{right} faults were survived:\n{table}\n{told}");
}

#[test]
fn every_fault_stands_in_the_readme_and_every_row_there_is_played() {
    let (list, told) = faults(&["list"]);
    let cases: Vec<&str> =
        list.lines().filter(|line| line.starts_with("  ")).filter_map(|line| line.split_whitespace().next()).collect();
    assert!(cases.len() > 200, "{list}\n{told}");
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let (_, section) = readme.split_once("## Ways servers misbehave that we survive").expect("the table is there");
    let rows = section.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows: Vec<&str> =
        rows.take_while(|line| line.starts_with('|')).filter(|line| !line.starts_with("| **")).collect();
    assert!(rows.len() > 30, "{section}");
    let mut players = Vec::new();
    for row in rows {
        let (_, played_by) = row.trim_end_matches([' ', '|']).rsplit_once(" | ").expect("three columns");
        let named: Vec<&str> = played_by.split(", ").map(|name| name.trim_matches('`')).collect();
        for name in &named {
            let is_played = cases.iter().any(|case| matches(name, case)) || is_a_test(name);
            assert!(is_played, "nothing plays `{name}` of the row\n{row}");
        }
        players.extend(named);
    }
    for case in cases {
        assert!(players.iter().any(|player| matches(player, case)), "no row of README.md names {case}");
    }
}

/// Whether a pattern, with `*` for any letters, is the name of a case.
fn matches(pattern: &str, case: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == case,
        Some((head, tail)) => match case.strip_prefix(head) {
            None => false,
            Some(rest) => (0..=rest.len()).any(|at| rest.is_char_boundary(at) && matches(tail, &rest[at..])),
        },
    }
}

fn is_a_test(name: &str) -> bool {
    let declared = format!("fn {name}()");
    let mut folders = vec![root().join("tests/it"), root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs")
                && fs::read_to_string(&path).unwrap().contains(&declared)
            {
                return true;
            }
        }
    }
    false
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

/// What `bench/faults.py` prints, and what it complains of.
fn faults(arguments: &[&str]) -> (String, String) {
    let mut command = Command::new("python3");
    command.arg(root().join("bench/faults.py")).args(arguments);
    let output = command.env_remove("CARTOUCHE_PEERS_PYTHON").output().expect("python3 plays the servers");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}
