//! Which Saxons this machine has, for tests that need one.

use std::env;
use std::path::Path;
use std::process::{Command, Stdio};

/// Values for `transform.saxon`: Debian's on Java, and the Python that `.ci/run` names. Where CARTOUCHE_SAXON_REQUIRED is
/// set, both must be there; elsewhere what is missing is left out, and said.
pub fn saxons() -> Vec<String> {
    let is_silent = |command: &mut Command| command.stdout(Stdio::null()).stderr(Stdio::null()).status();
    let has_java = is_silent(Command::new("java").arg("-version")).is_ok_and(|status| status.success());
    let jar = Some("/usr/share/java/Saxon-HE.jar").filter(|jar| has_java && Path::new(jar).is_file());
    let python = env::var("CARTOUCHE_SAXONCHE_PYTHON").ok();
    let required = env::var_os("CARTOUCHE_SAXON_REQUIRED").is_some();
    let ways = [("libsaxonhe-java (Debian)", jar.map(str::to_owned)), ("saxonche (CARTOUCHE_SAXONCHE_PYTHON)", python)];
    let found = ways.into_iter().filter_map(|(name, way)| {
        assert!(way.is_some() || !required, "{name} is missing");
        if way.is_none() {
            eprintln!("left out: {name} is not installed");
        }
        way
    });
    found.collect()
}
