//! Starting other programs: only from here. Arguments are paths, because they may hold any bytes.

use std::io;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that was started.
pub type Running = Child;

/// Starts a worker that is asked over pipes. It inherits nothing of ours: no environment, no folder, no terminal.
pub fn start_worker(program: &Path, arguments: &[PathBuf]) -> io::Result<Running> {
    let mut command = Command::new(program);
    command.args(arguments).env_clear().env("LC_ALL", "C.UTF-8").current_dir("/");
    // A group of its own: Ctrl-C in a terminal is for the program, whose end the worker notices.
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).process_group(0).spawn()
}

/// Starts a program that goes on when we end: nothing of it hangs on us but where its errors are told.
///
/// It inherits the environment, for secrets of profiles are found there.
pub fn start_on_its_own(program: &Path, arguments: &[PathBuf]) -> io::Result<Running> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).process_group(0).spawn()
}
