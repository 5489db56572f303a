//! Every profile in the repository parses, and the reference names every key that there is.

use cartouche::profile;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn profiles() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
    let paths = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    paths.filter(|path| path.extension().is_some_and(|extension| extension == "toml")).collect()
}

#[test]
fn every_profile_in_the_repository_parses() {
    let profiles = profiles();
    assert!(profiles.iter().any(|path| path.ends_with("reference.toml")), "{profiles:?}");
    for path in profiles {
        let loaded = profile::load(&path.to_string_lossy());
        assert!(loaded.is_ok(), "{}: {}", path.display(), cartouche::failure::Failure::from(loaded.unwrap_err()));
    }
}

#[test]
fn the_reference_in_the_program_is_the_file() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles/reference.toml");
    assert_eq!(profile::REFERENCE, fs::read_to_string(path).unwrap());
}

/// `table.key` for each key that the reference shows, be it set or behind a `#`.
fn keys_shown() -> BTreeSet<String> {
    let mut shown = BTreeSet::new();
    let mut table = String::new();
    for line in profile::REFERENCE.lines() {
        let line = line.trim_start_matches(['#', ' ']);
        let name =
            |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-._".contains(c));
        if let Some(header) = line.strip_prefix('[').and_then(|rest| rest.split(']').next()).filter(|rest| name(rest)) {
            table = header.to_owned();
        } else if let Some((key, _)) = line.split_once('=').filter(|(key, _)| name(key.trim())) {
            shown.insert(format!("{table}.{}", key.trim()));
        }
    }
    shown
}

fn check_shown(table: &str, keys: &str) {
    let shown = keys_shown();
    let missing: Vec<&str> = keys.split_whitespace().filter(|key| !shown.contains(&format!("{table}.{key}"))).collect();
    assert_eq!(missing, Vec::<&str>::new(), "keys of [{table}] that profiles/reference.toml does not show");
}

#[test]
fn the_reference_names_every_key_of_the_round_trip() {
    check_shown("rosetta", "repository-identifier");
    check_shown("rosetta.feed", "base-url metadata-prefix set");
    check_shown("alma.feed", "base-url metadata-prefix set");
    check_shown("harvest", "overlap time-out retries requests-per-second windows max-shrink");
    check_shown("match", "fields require-in-rosetta several-ies");
    check_shown("transform", "stylesheet parameters");
    check_shown("merge", "policy current rosetta-owns alma-owns union");
    check_shown("review", "hold");
    check_shown("staging", "folder job-name settle-within max-in-flight settled-by");
    check_shown("limits", "max-skips max-changed max-value-bytes");
    check_shown("state", "path");
}

#[test]
fn the_reference_names_every_key_of_soap_and_of_the_push() {
    check_shown(
        "rosetta.soap",
        "base-url user institution password-env password-file requests-per-second time-out retries try-again",
    );
    check_shown("push.holdings", "every by places update ind1 ind2 subfields");
    check_shown("push.pull", "mms-id oclc existing barcodes fields");
    check_shown("push.items", "fields new restricted-policy without-barcode shared update write-back");
    check_shown("archivesspace", "base-url user password-env repositories mms-id-field");
    check_shown("alma.api", "base-url key-env key-file requests-per-second writers daily-floor time-out retries mark");
    check_shown(
        "alma.api",
        "validate override-warning override-lock stale-version-check check-match keep-tags locations",
    );
}

/// What the program reads, whatever this test believes: a key without a line in the reference cannot be found by anybody.
#[test]
fn the_reference_names_every_key_that_the_program_reads() {
    let raw = concat!(
        include_str!("../../src/profile/raw.rs"),
        include_str!("../../src/profile/raw/push.rs"),
        include_str!("../../src/profile/raw/link.rs")
    );
    let shown: BTreeSet<String> = keys_shown().iter().map(|key| key.rsplit('.').next().unwrap().to_owned()).collect();
    let tables: BTreeSet<&str> = profile::REFERENCE.split('[').filter_map(|rest| rest.split(']').next()).collect();
    for line in raw.lines().filter_map(|line| line.strip_prefix("    pub ")) {
        let (field, kind) = line.split_once(": ").unwrap();
        let key = field.trim_start_matches("r#").replace('_', "-");
        let is_table = kind.contains("Raw") && tables.iter().any(|table| table.split('.').any(|part| part == key));
        let is_in_array = profile::REFERENCE.contains(&format!("{key} = \""));
        assert!(shown.contains(&key) || is_table || is_in_array, "`{key}` is not in profiles/reference.toml");
    }
}
