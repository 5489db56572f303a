//! Where Saxon is, and how a worker is started with it: Debian's on Java, or saxonche on Python.

use super::super::SaxonTerms;
use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// A worker that may be started.
#[derive(Clone, Debug)]
pub(super) struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// For Java: what else belongs on the class path, beside the worker's own classes.
    pub jar: Option<PathBuf>,
}

/// Where Debian's libsaxonhe-java puts it.
const DEBIAN: &str = "/usr/share/java/Saxon-HE.jar";
const PYTHON_WORKER: &str = include_str!("worker.py");

/// The ways to Saxon that are worth a try, best first: Java has more threads and is faster once it is warm.
pub(super) fn ways(terms: &SaxonTerms) -> Vec<Launch> {
    match terms.at.as_deref() {
        Some(jar) if is_jar(jar) => in_path("java").map(|java| on_java(java, jar, terms)).into_iter().collect(),
        Some(python) => vec![on_python(python.to_owned(), terms)],
        None => {
            let jar = Some(Path::new(DEBIAN)).filter(|jar| jar.is_file());
            let java = jar.and_then(|jar| Some(on_java(in_path("java")?, jar, terms)));
            let python = in_path("python3").map(|python| on_python(python, terms));
            java.into_iter().chain(python).collect()
        }
    }
}

impl Launch {
    /// Where Saxon is, as people write it.
    pub(super) fn place(&self) -> String {
        match &self.jar {
            Some(jar) => format!("{} by {}", jar.display(), self.program.display()),
            None => format!("saxonche by {}", self.program.display()),
        }
    }
}

fn is_jar(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jar"))
}

fn on_java(program: PathBuf, jar: &Path, terms: &SaxonTerms) -> Launch {
    let heap = format!("-Xmx{}k", terms.memory / 1024);
    let options = [
        heap.as_str(),
        "-Xss16m",
        "-XX:+UseSerialGC",
        "-XX:+ExitOnOutOfMemoryError",
        // Java says so on standard output otherwise, where the frames are.
        "-XX:+DisplayVMOutputToStderr",
        // No files: neither statistics nor the traces of a crash.
        "-XX:-UsePerfData",
        "-XX:-CreateCoredumpOnCrash",
        "-XX:ErrorFile=/dev/null",
        "-Dfile.encoding=UTF-8",
        "-Djava.awt.headless=true",
        "-Djavax.xml.accessExternalSchema=",
        "-Djavax.xml.accessExternalStylesheet=",
    ];
    Launch { program, arguments: options.iter().map(OsString::from).collect(), jar: Some(jar.to_owned()) }
}

fn on_python(program: PathBuf, terms: &SaxonTerms) -> Launch {
    let memory = terms.memory.to_string();
    // -E: no variable of the environment decides what Python loads.
    let arguments = ["-E", "-X", "utf8", "-c", PYTHON_WORKER, &memory];
    Launch { program, arguments: arguments.iter().map(OsString::from).collect(), jar: None }
}

fn in_path(name: &str) -> Option<PathBuf> {
    let folders = env::var_os("PATH")?;
    env::split_paths(&folders)
        .filter(|folder| folder.is_absolute())
        .map(|folder| folder.join(name))
        .find(|it| it.is_file())
}
