//! `demo` and `sandbox`: the first thing that anybody types, and everything that they tell to type next.

use super::{run, stderr, stdout};
use crate::support::scenario::cartouche;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A program that is ended when the test is.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Nothing can be done for a process that is gone already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a `cartouche sandbox …` line and waits until it says that it is ready.
fn start_sandbox(args: &[&str]) -> (Running, Vec<String>) {
    let mut child = cartouche().args(args).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let said: Vec<String> = lines.take_while(|line| line != "ready").collect();
    (Running(child), said)
}

/// Runs a line in a shell, as a reader of the demo would.
fn type_in(line: &str) -> (Option<i32>, String) {
    let folder = Path::new(env!("CARGO_BIN_EXE_cartouche")).parent().unwrap();
    let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
    let output = Command::new("sh").args(["-c", line]).env("PATH", path).output().unwrap();
    (output.status.code(), format!("{}{}", stdout(&output), stderr(&output)))
}

fn told_to_type(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim).filter(|line| line.starts_with("cartouche "));
    lines.map(|line| line.split("   (").next().unwrap().to_owned()).collect()
}

#[test]
fn the_demo_shows_a_round_trip_and_every_command_it_tells_to_type_works() {
    let folder = tempfile::tempdir().unwrap();
    let dir = folder.path().join("demo").to_string_lossy().into_owned();
    let output = run(&["demo", &dir]);
    let text = stdout(&output);
    assert_eq!(output.status.code(), Some(0), "{text}{}", stderr(&output));
    for part in ["225 package", "223 done, 2 error", "0 package, 246 unchanged", "+ dc:creator", "What to type next"] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    let lines = told_to_type(&text);
    assert!(lines.len() >= 5, "{lines:?}");
    for line in &lines {
        if let Some(args) = line.strip_prefix("cartouche sandbox") {
            let args: Vec<&str> = ["sandbox"].into_iter().chain(args.split_whitespace()).collect();
            let (_sandbox, said) = start_sandbox(&args);
            assert_eq!(said.len(), 5, "{said:?}");
            let (code, told) = type_in(&format!("cartouche run {dir}/demo.toml"));
            assert_eq!(code, Some(3), "{told}");
            for line in told.lines().filter_map(|line| line.split_once("(cartouche ")) {
                let (code, told) = type_in(&format!("cartouche {}", line.1.trim_end_matches(')')));
                assert_eq!(code, Some(0), "{line:?}: {told}");
            }
        } else {
            let (code, told) = type_in(line);
            let expected = if line.contains(" status ") { 3 } else { 0 };
            assert_eq!(code, Some(expected), "{line}: {told}");
            assert!(!told.is_empty(), "{line}");
        }
    }
    // A second demo starts afresh, and says the same.
    let again = stdout(&run(&["demo", &dir]));
    assert!(again.contains("225 package") && again.contains("223 done, 2 error"), "{again}");
}

#[test]
fn the_demo_refuses_a_folder_that_is_not_its_own() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("thesis.tex"), "years of work").unwrap();
    let output = run(&["demo", &folder.path().to_string_lossy()]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is not empty and was not made by the demo"), "{}", stderr(&output));
    assert!(folder.path().join("thesis.tex").exists());
}

#[test]
fn the_sandbox_says_where_it_listens_and_runs_its_job() {
    let folder = tempfile::tempdir().unwrap();
    let staging = folder.path().join("staging").to_string_lossy().into_owned();
    std::fs::create_dir(&staging).unwrap();
    let ports = ["--rosetta", "127.0.0.1:0", "--alma", "127.0.0.1:0", "--archivesspace", "127.0.0.1:0"];
    let args = [&["sandbox"], &ports[..], &["--folder", &staging, "--job-every", "100ms"]].concat();
    let (_sandbox, said) = start_sandbox(&args);
    let base_url = |name: &str| said.iter().find_map(|line| line.strip_prefix(name)).unwrap().trim().to_owned();
    for name in ["rosetta", "alma", "archivesspace-oai"] {
        let output = run(&["oai", "identify", &base_url(name)]);
        assert_eq!(output.status.code(), Some(0), "{}", stderr(&output));
    }
    std::fs::write(format!("{staging}/bad.xml"), "no package").unwrap();
    for _ in 0..100 {
        if Path::new(&format!("{staging}/error/bad.xml")).exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    panic!("the job did not take the file");
}
