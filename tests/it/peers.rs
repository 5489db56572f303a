//! Clients by other people use the sandbox: Sickle and oaipmh-scythe harvest it completely, zeep calls its web services.
//!
//! Needs Python with these packages: `.ci/run` installs them and says where, in CARTOUCHE_PEERS_PYTHON.

use cartouche::sandbox::{DataSource, Options, Sandbox, soap};
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

const DATA: [(&str, &str); 2] = [
    (
        "rosetta.xml",
        "<rosetta repository-identifier=\"ros.example.org\"><set spec=\"all\" name=\"All\"/>\
         <ie pid=\"IE1\" datestamp=\"2026-01-01T00:00:00Z\" sets=\"all\">\
         <dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>One</dc:title></dc:record></ie>\
         <ie pid=\"IE2\" datestamp=\"2026-01-01T00:00:00Z\" sets=\"all\" locked-by=\"editor1\">\
         <dc:record xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><dc:title>Two</dc:title></dc:record></ie></rosetta>",
    ),
    ("alma.xml", "<alma institution=\"01X\" repository-identifier=\"alma.01X\"><set spec=\"s\" name=\"S\"/></alma>"),
];

/// zeep, a SOAP client by other people, reads the sandbox's description of its services and calls them.
#[test]
fn zeep_calls_every_operation_of_the_sandbox_and_meets_every_fault() {
    let Some(python) = std::env::var_os("CARTOUCHE_PEERS_PYTHON") else {
        eprintln!("left out: CARTOUCHE_PEERS_PYTHON does not name a Python with zeep");
        return;
    };
    let has_zeep = Command::new(&python).args(["-c", "import zeep"]).output().unwrap().status.success();
    if !has_zeep {
        eprintln!("left out: the Python of CARTOUCHE_PEERS_PYTHON has no zeep");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in DATA {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let data = DataSource::Folder(folder.path().to_owned());
    let sandbox = Sandbox::start(Options { data, ..Options::default() }).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/python/soap_with_zeep.py");
    let url = format!("http://{}/dpsws/repository/IEWebServices", sandbox.rosetta_address());
    let user = format!("{}-institutionCode-{}", soap::USER, soap::INSTITUTION);
    let output = Command::new(python).arg(script).args([url.as_str(), &user, soap::PASSWORD]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("a wrong password: 401"), "{said}");
}
