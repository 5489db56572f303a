//! Every fault that `bench/faults.py` can play, against the real program.

use std::path::Path;
use std::process::Command;

/// Faults in which something that could be had is not had, and why that is meant.
const MEANT: [&str; 1] = [
    // No entity of a DOCTYPE is resolved, not even a harmless one: its record is quarantined and named.
    "entities-of-doctype",
];

#[test]
fn every_fault_that_is_known_is_survived() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("bench/faults.py");
    let mut command = Command::new("python3");
    command.arg(script).args(["compare", "--cartouche", env!("CARGO_BIN_EXE_cartouche")]);
    let output = command.env_remove("CARTOUCHE_PEERS_PYTHON").output().expect("python3 plays the servers");
    let (table, told) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
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
