//! The page over a real socket, as `cartouche serve` starts it.

use super::held;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_cartouche");

#[test]
fn the_program_serves_the_page_and_refuses_to_serve_everybody() {
    let mut scenario = held();
    let profile = scenario.write_profile();
    let open = Command::new(PROGRAM).arg("serve").arg(&profile).args(["--listen", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(open.status.code(), Some(2), "{open:?}");
    assert!(String::from_utf8_lossy(&open.stderr).contains("anybody could decide"), "{open:?}");
    let mut command = Command::new(PROGRAM);
    command.arg("serve").arg(&profile).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped());
    let mut server = command.spawn().unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap().to_owned();
    let ask = |host: &str| {
        let mut stream = TcpStream::connect(&address).unwrap();
        write!(stream, "GET /p/trip/ie/IE7 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    let (ours, rebound) = (ask(&address), ask("evil.example"));
    server.kill().unwrap();
    server.wait().unwrap();
    assert!(ours.starts_with("HTTP/1.1 200 OK\r\n") && ours.contains("Sunset"), "{ours}");
    assert!(ours.contains("content-security-policy: default-src 'none'"), "{ours}");
    assert!(rebound.starts_with("HTTP/1.1 403") && !rebound.contains("Sunset"), "{rebound}");
}

#[test]
fn user_add_prints_a_line_that_a_profile_takes() {
    let add = |name: &str, password: &str| {
        let mut command = Command::new(PROGRAM);
        command.args(["user", "add", name, "--role", "decide"]).stdin(Stdio::piped());
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(format!("{password}\n").as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
    };
    let (code, line, _) = add("anna", "correct horse battery");
    assert_eq!(code, Some(0));
    assert!(line.starts_with("{ name = \"anna\", role = \"decide\", password-hash = \"$argon2id$"), "{line}");
    let mut scenario = held();
    scenario.profile_says("serve.accounts", &format!("[{}]", line.trim().trim_end_matches(',')));
    let account = scenario.profile().serve.accounts.remove(0);
    assert!(cartouche::web::secret::is_password("correct horse battery", Some(account.password_hash.exposed())));
    let (code, line, complaint) = add("anna", "short");
    assert_eq!((code, line.as_str()), (Some(2), ""));
    assert!(complaint.contains("less than 10 characters") && !complaint.contains("short\n"), "{complaint}");
    assert_eq!(add("a\"b", "correct horse battery").0, Some(2));
}
