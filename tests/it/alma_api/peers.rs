//! almapy, a client by the Bodleian Libraries, reads and writes the stand-in's bibs, holdings and items.
//!
//! Needs Python with almapy: `.ci/run` installs it and says where, in CARTOUCHE_ALMAPY_PYTHON.

use super::world;
use cartouche::sandbox::alma_rest::KEY;
use std::path::Path;
use std::process::Command;

#[test]
fn almapy_reads_and_writes_bibs_holdings_and_items() {
    let Some(python) = std::env::var_os("CARTOUCHE_ALMAPY_PYTHON") else {
        eprintln!("left out: CARTOUCHE_ALMAPY_PYTHON does not name a Python with almapy");
        return;
    };
    let world = world();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/rest_with_almapy.py");
    let output = Command::new(python)
        .arg(script)
        .args([world.sandbox.alma_api_base_url().as_str(), KEY])
        // A proxy of the machine must not be asked for loopback.
        .env("no_proxy", "127.0.0.1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("a wrong key: 'UNAUTHORIZED'"), "{said}");
}
