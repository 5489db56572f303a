//! ArchivesSnake, the archivists' own client, logs in, pages, reads and updates at the stand-in.
//!
//! Needs Python with ArchivesSnake: `.ci/run` installs it and says where, in CARTOUCHE_PEERS_PYTHON.

use super::world;
use cartouche::sandbox::aspace::{PASSWORD, USER};
use std::path::Path;
use std::process::Command;

#[test]
fn archivessnake_logs_in_pages_and_updates() {
    let Some(python) = std::env::var_os("CARTOUCHE_PEERS_PYTHON") else {
        eprintln!("left out: CARTOUCHE_PEERS_PYTHON does not name a Python with ArchivesSnake");
        return;
    };
    let world = world();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/rest_with_archivessnake.py");
    let output = Command::new(python)
        .arg(script)
        .args([world.sandbox.aspace_base_url().as_str(), USER, PASSWORD])
        // A proxy of the machine must not be asked for loopback.
        .env("no_proxy", "127.0.0.1")
        .env("HOME", world.folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("saved with an old lock version: 409"), "{said}");
}
