//! The documents tell the truth: README.md's commands run, and what a reader can meet is named.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_cartouche");
const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// A command as a `console` block shows it.
#[derive(Debug)]
struct Shown<'a> {
    /// The line of README.md.
    line: usize,
    command: &'a str,
    exit: i32,
    output: Vec<&'a str>,
}

/// All `$ …` lines of all `console` blocks, with what stands below them.
fn shown(readme: &str) -> Vec<Shown<'_>> {
    let mut found: Vec<Shown<'_>> = Vec::new();
    let mut inside = false;
    for (at, line) in readme.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if !inside {
            continue;
        } else if let Some(command) = line.strip_prefix("$ ") {
            found.push(Shown { line: at + 1, command, exit: 0, output: Vec::new() });
        } else if let Some(last) = found.last_mut() {
            match line.strip_prefix("# exit ") {
                Some(code) => last.exit = code.trim().parse().expect("an exit code is a number"),
                None => last.output.push(line),
            }
        }
    }
    found
}

/// Whether a line is as shown; `…` stands for anything, outer blanks for nothing.
fn is_like(line: &str, shown: &str) -> bool {
    let (line, shown) = (line.trim(), shown.trim());
    let pieces: Vec<&str> = shown.split('…').collect();
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return false };
    if pieces.len() == 1 {
        return line == shown;
    }
    let Some(mut rest) = line.strip_prefix(first) else { return false };
    for piece in &pieces[1..pieces.len() - 1] {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// Runs a line of the README as a shell would, in a folder that looks like this repository.
fn run(shown: &Shown<'_>, folder: &Path) {
    let bin = Path::new(PROGRAM).parent().expect("a program lies in a folder");
    let path = std::env::join_paths(
        [bin.to_owned()].into_iter().chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", shown.command]).current_dir(folder).env("PATH", path.unwrap());
    // A proxy of the machine must not be asked for loopback.
    let output = shell.env("no_proxy", "127.0.0.1").output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let place = format!("README.md:{}: {}", shown.line, shown.command);
    assert_eq!(output.status.code(), Some(shown.exit), "{place}\n{text}");
    let mut lines = text.lines();
    for expected in shown.output.iter().filter(|line| !matches!(line.trim(), "" | "…")) {
        assert!(lines.any(|line| is_like(line, expected)), "{place}\nno line (here or later) like: {expected}\n{text}");
    }
}

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(ROOT).join(name)).unwrap()
}

#[test]
fn every_console_block_runs_and_shows_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("profiles")).unwrap();
    for entry in fs::read_dir(Path::new(ROOT).join("profiles")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join("profiles").join(path.file_name().unwrap())).unwrap();
    }
    let readme = read("README.md");
    let shown = shown(&readme);
    assert!(shown.len() > 15, "the blocks were not found: {shown:?}");
    for command in shown.iter().filter(|shown| shown.command.starts_with("cartouche ")) {
        run(command, folder.path());
    }
}

#[test]
fn an_ellipsis_stands_for_anything() {
    assert!(is_like("  settled  3 done", "settled  3 done"));
    assert!(is_like("last run  2 (run) at 2026, exit code 3", "last run  2 (run) at …, exit code 3"));
    assert!(!is_like("settled  3 done", "settled  … error"));
    assert!(!is_like("settled  3 done", "settled"));
}

#[test]
fn the_profile_in_the_readme_is_the_one_in_profiles() {
    let profile = read("profiles/vangogh.toml");
    let body = profile.split_once("\n\n").unwrap().1;
    assert!(read("README.md").contains(&format!("```toml\n{body}```")), "the block differs from vangogh.toml");
}

#[test]
fn every_command_is_in_the_readme() {
    let help = Command::new(PROGRAM).arg("--help").output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let commands = help.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    let readme = read("README.md");
    for command in commands.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help") {
        let named = [format!("cartouche {command} "), format!("`{command}`"), format!("cartouche {command}\n")];
        assert!(named.iter().any(|name| readme.contains(name)), "`cartouche {command}` is nowhere");
    }
}

#[test]
fn every_code_of_a_skip_and_of_a_hold_and_every_state_has_its_row() {
    let readme = read("README.md");
    let mut codes = BTreeSet::new();
    for file in ["src/model/outcome.rs", "src/model/state.rs"] {
        let source = read(file);
        let arms = source.lines().filter_map(|line| line.split_once(" => \""));
        codes.extend(arms.filter_map(|(_, rest)| rest.strip_suffix("\",")).map(str::to_owned));
    }
    codes.remove("unreadable");
    assert!(codes.len() > 25, "{codes:?}");
    for code in codes {
        assert!(readme.contains(&format!("\n| `{code}` |")), "`{code}` has no row in a table of README.md");
    }
}

#[test]
fn every_reason_of_the_shelf_is_in_the_readme() {
    let (readme, source) = (read("README.md"), read("src/push/shelf/reason.rs") + &read("src/push/shelf/items.rs"));
    let arms = source.lines().filter_map(|line| line.split_once(" => \""));
    let codes: Vec<&str> = arms.filter_map(|(_, rest)| rest.strip_suffix("\",")).collect();
    assert!(codes.len() > 18, "{codes:?}");
    let missing: Vec<&&str> = codes.iter().filter(|code| !readme.contains(&format!("`{code}`"))).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn every_source_file_is_on_the_map_of_the_architecture() {
    let map = read("ARCHITECTURE.md");
    let mut folders = vec![Path::new(ROOT).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if !matches!(name.as_str(), "mod.rs" | "tests.rs")
                && !folder.ends_with("tests")
                && !name.ends_with(".class")
            {
                let whole = path.strip_prefix(ROOT).unwrap().display().to_string();
                let short = format!("{}/{name}", folder.file_name().unwrap().to_string_lossy());
                let named = [whole.clone(), short, format!("({name})"), format!("(`{name}`)")];
                assert!(named.iter().any(|name| map.contains(name)), "{whole} is not in ARCHITECTURE.md");
            }
        }
    }
}

#[test]
fn what_the_documents_link_to_is_there() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"] {
        for link in read(document).split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let is_elsewhere = link.starts_with("http") || link.starts_with('#');
            assert!(is_elsewhere || Path::new(ROOT).join(link).exists(), "{document} links to {link}");
        }
    }
}

#[test]
fn every_key_of_a_profile_is_in_the_reference_and_the_reference_knows_no_other() {
    let reference = read("profiles/reference.toml");
    let bare: Vec<&str> = reference.lines().map(uncommented).collect();
    let bare = bare.join("\n");
    let known: Result<cartouche::profile::raw::RawProfile, _> = toml::from_str(&bare);
    known.unwrap_or_else(|error| panic!("with every key in force the reference would not be read: {error}"));
    let source = read("src/profile/raw.rs") + &read("src/profile/raw/push.rs") + &read("src/profile/raw/link.rs");
    let fields = source.lines().filter_map(|line| line.trim().strip_prefix("pub ")?.split_once(": "));
    for (field, _) in fields.filter(|(field, _)| !field.contains(['(', ' '])) {
        let key = field.trim_start_matches("r#").replace('_', "-");
        let named =
            [format!("\n{key} = "), format!("[{key}]"), format!("[{key}."), format!(".{key}]"), format!(" {key} = ")];
        assert!(named.iter().any(|name| bare.contains(name)), "{key} is not in profiles/reference.toml");
    }
}

/// `# key = value` and `# [table]` without the mark; other comments stay comments.
fn uncommented(line: &str) -> &str {
    let Some(rest) = line.strip_prefix("# ") else { return line };
    let key = rest.split_once(" = ").map_or(rest, |(key, _)| key);
    let is_key = key.len() < rest.len() && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
    if is_key || rest.starts_with('[') { rest } else { line }
}
