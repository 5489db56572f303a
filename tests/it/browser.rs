//! The staff page in Chromium: every page, the hostile records, and the whole story with and without JavaScript.
//!
//! Needs Debian's chromium, Node.js and the modules of `tests/browser/`: `.ci/run` installs them and says where, in
//! CARTOUCHE_BROWSER_MODULES.

use crate::page;
use crate::support::scenario::Scenario;
use cartouche::web::routes::{ROUTES, find};
use serde_json::json;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// An address for every page that there is; a route without one fails a test.
const PATHS: [&str; 32] = [
    "/",
    "/p/trip/packages",
    "/p/trip/held",
    "/p/trip/waiting",
    "/p/trip/unmatched",
    "/p/trip/conflicts",
    "/p/trip/skipped",
    "/p/trip/quarantine",
    "/p/trip/runs",
    "/p/trip/run",
    "/p/trip/windows",
    "/p/trip/ie/IE7",
    "/p/trip/ie/IE9",
    "/p/trip/ie/IE7/xml/rosetta",
    "/p/trip/ie/IE7/value/rosetta/1",
    "/p/trip/record?id=9916",
    "/p/trip/bulk?verb=reject",
    "/p/trip/try?id=IE7",
    "/p/trip/held?q=nothing",
    "/p/trip/ie/IE8/xml/alma",
    "/search?q=script",
    "/p/trip/search?q=script",
    "/p/trip/conflicts/IE9",
    "/p/trip/deleted",
    "/p/trip/coverage",
    "/p/trip/without-alma",
    "/p/trip/without-ie",
    "/p/trip/claimed-twice",
    "/p/trip/quarantine/1",
    "/p/trip/audit",
    "/p/trip/resources",
    "/p/trip/resource/2/1",
];

/// What is no page to look at.
const NO_PAGES: [&str; 1] = ["/p/{profile}/run/events"];

#[test]
fn every_route_is_looked_at_in_the_browser() {
    let visited: Vec<&str> = PATHS
        .iter()
        .filter_map(|path| find("GET", path.split('?').next().unwrap()).ok())
        .map(|found| found.route.pattern)
        .collect();
    let pages = ROUTES.iter().filter(|route| route.method == "GET" && !NO_PAGES.contains(&route.pattern));
    let missed: Vec<&str> = pages.map(|route| route.pattern).filter(|pattern| !visited.contains(pattern)).collect();
    assert!(missed.is_empty(), "no address in PATHS for {missed:?}");
}

/// A server that ends with the test.
struct Server {
    child: Child,
    url: String,
}

impl Server {
    fn of(scenario: &mut Scenario) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cartouche"));
        command.arg("serve").arg(scenario.write_profile()).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Server { child, url: line.trim().to_owned() }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn the_page_works_in_a_browser_for_everybody() {
    let modules = std::env::var_os("CARTOUCHE_BROWSER_MODULES");
    let Some(modules) = modules.filter(|modules| Path::new(modules).join("node_modules/playwright-core").is_dir())
    else {
        assert!(std::env::var_os("CARTOUCHE_BROWSER_REQUIRED").is_none(), "the browser's modules are missing");
        eprintln!("left out: CARTOUCHE_BROWSER_MODULES does not name a folder with playwright-core and axe-core");
        return;
    };
    let mut hostile = page::hostile();
    page::quarantine(&mut hostile, Some("oai:alma.01TEST:9920"), "<record><script>alert(1)</script></record>");
    let mut stories = [page::before_the_first_run(), page::before_the_first_run()];
    let server = Server::of(&mut hostile);
    let servers = stories.each_mut().map(Server::of);
    let mut with_accounts = page::with_accounts();
    let door = Server::of(&mut with_accounts);
    let rosetta = stories.each_mut().map(|story| format!("http://{}", story.sandbox().rosetta_address()));
    let task = json!({
        "door": {"url": door.url, "name": "anna", "password": page::PASSWORD},
        "pages": {"url": server.url, "paths": PATHS},
        "stories": [
            {"url": servers[0].url, "rosetta": rosetta[0], "javaScriptEnabled": true},
            {"url": servers[1].url, "rosetta": rosetta[1], "javaScriptEnabled": false},
        ],
    });
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser/browse.mjs");
    let mut node = Command::new("node");
    node.arg(script).arg(task.to_string()).env("CARTOUCHE_BROWSER_MODULES", modules).env("no_proxy", "127.0.0.1");
    let output = node.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.contains("everything was seen"), "{said}");
}
