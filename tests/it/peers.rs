//! Two OAI-PMH clients by other people, Sickle and oaipmh-scythe, harvest the sandbox completely.
//!
//! Needs Python with both packages: `.ci/run` installs them and says where, in CARTOUCHE_PEERS_PYTHON.

use cartouche::sandbox::{Options, Sandbox};
use std::path::Path;
use std::process::Command;

#[test]
fn sickle_and_scythe_harvest_both_providers_completely() {
    let Some(python) = std::env::var_os("CARTOUCHE_PEERS_PYTHON") else {
        eprintln!("left out: CARTOUCHE_PEERS_PYTHON does not name a Python with Sickle and oaipmh-scythe");
        return;
    };
    let sandbox = Sandbox::start(Options { page_size: 30, ..Options::default() }).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/harvest_with_peers.py");
    let output = Command::new(python)
        .arg(script)
        .args([sandbox.rosetta_base_url(), sandbox.alma_base_url()])
        .args(["--rosetta-count", "280", "--alma-count", "199"])
        // A proxy of the machine must not be asked for loopback.
        .env("no_proxy", "127.0.0.1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}
