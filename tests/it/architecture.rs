//! The walls: one door for each package, a pure middle, files that a reader can hold in mind, no forgotten test.

use std::fs;
use std::path::{Path, PathBuf};

/// A source file without its tests: path inside the repository, lines with their numbers.
struct Source {
    path: String,
    whole: String,
    /// What stands before the tests at the foot of the file.
    lines: Vec<String>,
}

impl Source {
    fn read(path: &Path) -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let whole = fs::read_to_string(path).unwrap();
        let code = whole.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
        let lines = code.lines().map(str::to_owned).collect();
        Source { path: path.strip_prefix(root).unwrap().to_string_lossy().into_owned(), whole, lines }
    }

    /// Lines of code that hold a text outside of comments: `path:number: line`.
    fn naming(&self, text: &str) -> Vec<String> {
        let code = |line: &&(usize, &String)| !line.1.trim_start().starts_with("//");
        let found = |(_, line): &(usize, &String)| names(line, text);
        let lines = self.lines.iter().enumerate();
        lines
            .filter(|line| code(&line))
            .filter(found)
            .map(|(at, line)| format!("{}:{}: {line}", self.path, at + 1))
            .collect()
    }
}

/// Whether a line names a thing, and not just a longer one that ends so: `print!` is not in `sprint!`.
fn names(line: &str, text: &str) -> bool {
    line.match_indices(text).any(|(at, _)| !line[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
}

fn files_below(folder: &str, ending: &str) -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().ends_with(ending) {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

fn all_of(folder: &str) -> Vec<Source> {
    files_below(folder, ".rs").iter().map(|path| Source::read(path)).collect()
}

fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/")
}

/// The program without its tests.
fn program() -> Vec<Source> {
    let mut sources = all_of("src");
    sources.retain(|source| !is_test(&source.path));
    assert!(sources.len() > 50, "the sources were not found");
    sources
}

fn none(found: Vec<String>, why: &str) {
    assert!(found.is_empty(), "{why}:\n{}", found.join("\n"));
}

/// Package → the only files, or folders with a `/` at their end, that may name it.
const DOORS: &[(&str, &[&str])] = &[
    ("argon2", &["src/web/secret.rs"]),
    ("axum", &["src/web/serve.rs"]),
    ("clap", &["src/cli/", "src/main.rs"]),
    ("encoding_rs", &["src/oai/page/decode.rs", "src/oai/page/sent.rs"]),
    ("fastrand", &["src/http.rs", "src/http/"]),
    ("flate2", &["src/http.rs", "src/http/"]),
    ("getrandom", &["src/web/secret.rs"]),
    ("httpdate", &["src/http.rs"]),
    ("indicatif", &["src/cli/progress.rs"]),
    ("libc", &["src/xslt/"]),
    ("maud", &["src/web/html/", "src/web/pages/"]),
    ("libmimalloc_sys", &["src/xslt/"]),
    ("mimalloc", &["src/main.rs"]),
    ("quick_xml", &["src/xml.rs", "src/oai/page.rs", "src/oai/page/"]),
    ("rayon", &["src/steps/prepare.rs"]),
    ("reqwest", &["src/http.rs", "src/http/"]),
    ("rusqlite", &["src/store/"]),
    ("rustix", &["src/staging.rs", "src/staging/", "src/cli/user.rs", "src/cli/who.rs"]),
    ("rustls", &["src/http.rs"]),
    ("futures_util", &["src/web/serve.rs"]),
    ("signal_hook", &["src/cli/stop.rs"]),
    ("tokio", &["src/web/serve.rs"]),
    ("toml", &["src/profile/"]),
    ("json_escape_simd", &["src/cli/oai/lines.rs"]),
    ("simdutf8", &["src/oai/page/"]),
    ("foldhash", &["src/model/fingerprint.rs"]),
    ("tracing_subscriber", &["src/cli/"]),
    ("walkdir", &["src/staging.rs"]),
    ("xot", &["src/steps/validate.rs"]),
    ("zstd", &["src/store/"]),
];

fn may_name(path: &str, doors: &[&str]) -> bool {
    doors.iter().any(|door| path == *door || (door.ends_with('/') && path.starts_with(door)))
}

#[test]
fn each_outside_package_has_one_door() {
    for (package, doors) in DOORS {
        let outside = program().into_iter().filter(|source| !may_name(&source.path, doors));
        let found = outside.flat_map(|source| {
            [format!("{package}::"), format!("use {package};")].map(|text| source.naming(&text)).concat()
        });
        none(found.collect(), &format!("only {} may name {package}", doors.join(", ")));
    }
}

#[test]
fn every_dependency_has_a_door_or_is_free_for_all() {
    /// Vocabulary without an outside world: errors, digests, JSON, dates, byte search, log lines.
    const FREE: [&str; 7] = ["chrono", "memchr", "serde", "serde_json", "sha2", "thiserror", "tracing"];
    let manifest = include_str!("../../Cargo.toml");
    let (_, dependencies) = manifest.split_once("[dependencies]\n").unwrap();
    for line in dependencies.lines().take_while(|line| !line.is_empty()) {
        let name = line.split([' ', '=', '.']).next().unwrap().replace('-', "_");
        let has_door = DOORS.iter().any(|(package, _)| *package == name);
        assert!(has_door || FREE.contains(&name.as_str()), "{name} has no door; add it to the table");
    }
}

#[test]
fn only_the_stylesheet_engine_speaks_c() {
    let outside = program().into_iter().filter(|source| !source.path.starts_with("src/xslt/"));
    let found =
        outside.flat_map(|source| ["extern \"C\"", "std::ffi", "unsafe"].map(|text| source.naming(text)).concat());
    none(found.collect(), "only src/xslt/ may name C and what is unsafe");
}

fn is_middle(path: &str) -> bool {
    let steps = ["matching", "packaging", "prepare", "transform", "validate"];
    path.starts_with("src/model/") || steps.iter().any(|step| path.starts_with(&format!("src/steps/{step}")))
}

#[test]
fn the_middle_touches_no_world_and_takes_no_clock() {
    let worlds = ["std::fs", "fs::", "File::", "std::net", "std::process", "std::env", "std::time::SystemTime"];
    let clocks = ["Utc::now", "Instant::now", "SystemTime::now", "Local::now"];
    let middle: Vec<Source> = program().into_iter().filter(|source| is_middle(&source.path)).collect();
    assert!(middle.len() > 12, "the middle was not found");
    let found = middle.iter().flat_map(|source| worlds.iter().chain(&clocks).flat_map(|text| source.naming(text)));
    none(found.collect(), "the middle is pure");
}

#[test]
fn only_the_terminal_prints() {
    let outside = program().into_iter().filter(|s| !s.path.starts_with("src/cli/") && s.path != "src/main.rs");
    let macros = ["println!", "eprintln!", "print!", "eprint!", "dbg!"];
    let found = outside.flat_map(|source| macros.map(|text| source.naming(text)).concat());
    none(found.collect(), "only src/cli/ and src/main.rs print");
}

#[test]
fn no_text_reaches_a_page_unescaped() {
    let pages = program().into_iter().filter(|source| source.path.starts_with("src/web/"));
    // maud escapes every text by its type; this is the only way around it.
    none(pages.flat_map(|source| source.naming("PreEscaped")).collect(), "text is escaped");
}

#[test]
fn only_the_edges_ask_for_the_time() {
    // The sandbox plays the servers, whose clock is their own; the client waits between requests.
    let edges = ["src/cli/", "src/http.rs", "src/http/", "src/sandbox/", "src/web/"];
    let outside = program().into_iter().filter(|source| !may_name(&source.path, &edges));
    let found =
        outside.flat_map(|source| ["Utc::now", "Instant::now", "SystemTime::now"].map(|t| source.naming(t)).concat());
    none(found.collect(), "the time is an argument");
}

#[test]
fn one_file_starts_other_processes() {
    // A process that ends itself, or tells its number, is no other one.
    let starts = ["Command::new", "process::Command", "process::Child", "Stdio::"];
    let outside = program().into_iter().filter(|source| source.path != "src/process.rs");
    let found = outside.flat_map(|source| starts.map(|text| source.naming(text)).concat());
    none(found.collect(), "only src/process.rs starts a process");
}

#[test]
fn no_module_is_named_for_nothing() {
    let vague = ["util", "utils", "common", "helpers", "helper", "manager", "types", "misc"];
    let paths = files_below("src", ".rs").into_iter();
    let found =
        paths.filter(|path| path.iter().any(|part| vague.contains(&part.to_string_lossy().trim_end_matches(".rs"))));
    none(found.map(|path| path.display().to_string()).collect(), "say what is inside");
}

#[test]
fn a_file_is_short_enough_to_be_read() {
    let long = |source: Source| {
        let count = source.whole.lines().count();
        (count > 400).then(|| format!("{}: {count} lines", source.path))
    };
    let all = ["src", "tests"].map(all_of).into_iter().flatten();
    none(all.filter_map(long).collect(), "400 lines are the most");
    assert!(include_str!("../../src/main.rs").lines().count() < 60, "main.rs only parses, runs, prints and exits");
}

#[test]
fn a_file_opens_with_a_sentence_of_purpose() {
    let mut all = program();
    all.extend(all_of("tests").into_iter().filter(|source| source.path.starts_with("tests/it/")));
    let silent = all.into_iter().filter(|source| !source.whole.starts_with("//! "));
    none(silent.map(|source| source.path).collect(), "the first line says what the file is for");
}

#[test]
fn no_test_file_is_forgotten() {
    for source in all_of("tests/it") {
        let path = source.path.strip_prefix("tests/it/").unwrap();
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = name.trim_end_matches(".rs");
        if ["main", "mod"].contains(&name) {
            continue;
        }
        let parents = [format!("{folder}.rs"), format!("{folder}/mod.rs"), "main.rs".to_owned()];
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
        let texts = parents.iter().filter_map(|parent| fs::read_to_string(root.join(parent)).ok());
        let is_named = texts.flat_map(|text| text.lines().map(str::trim).map(str::to_owned).collect::<Vec<_>>());
        let is_named = is_named.into_iter().any(|line| line.trim_start_matches("pub ") == format!("mod {name};"));
        assert!(is_named, "{} is in no list of modules", source.path);
    }
}

/// The match that a `_ =>` belongs to: lines at the arm's indent, up to the line that opens the match.
fn arms_before(lines: &[String], at: usize) -> Vec<&str> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = indent(&lines[at]);
    let above = lines[..at].iter().rev().filter(|line| !line.trim().is_empty());
    above.take_while(|line| indent(line) >= own).filter(|line| indent(line) == own).map(String::as_str).collect()
}

/// No `_ =>` where a fate is decided: a new kind of record, skip or state must not fall into an old arm unseen.
#[test]
fn no_fate_is_decided_by_a_catch_all() {
    let fates = ["Outcome::", "Skip::", "Hold::", "Body::", "PackageState::", "StoredBody::", "Current::", "Place::"];
    let mut found = Vec::new();
    for source in program() {
        for (at, line) in source.lines.iter().enumerate().filter(|(_, line)| line.trim_start().starts_with("_ =>")) {
            let arms = arms_before(&source.lines, at);
            let pattern = |arm: &&str| fates.iter().any(|fate| names(arm.split("=>").next().unwrap_or_default(), fate));
            if arms.iter().any(pattern) {
                found.push(format!("{}:{}: {}", source.path, at + 1, line.trim()));
            }
        }
    }
    none(found, "every fate is spelled out");
}

#[test]
fn the_catch_all_rule_sees_what_it_forbids() {
    let text = "match body {\n    Body::Deleted => {\n        1\n    }\n    _ => 2,\n}";
    let lines: Vec<String> = text.lines().map(str::to_owned).collect();
    assert_eq!(arms_before(&lines, 4), ["    }", "    Body::Deleted => {"]);
}
