//! `cartouche user`: a line for `[serve] accounts`, with a password that only its owner knows.

use super::print;
use crate::failure::{Failure, Kind, exit, stated};
use crate::web::secret;
use clap::{Args, Subcommand, ValueEnum};
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use std::io::{BufRead as _, IsTerminal as _, stdin};

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Print an account for [serve] accounts, with the hash of a password
    ///
    /// The password is asked for without being shown, or read from stdin as one line. It is not kept anywhere.
    #[command(after_help = "Example:\n  cartouche user add anna --role decide")]
    Add(AddArgs),
}

#[derive(Debug, Args)]
pub struct AddArgs {
    /// The name to sign in with
    name: String,
    /// What they may do
    #[arg(long, value_enum, default_value = "view")]
    role: Role,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Role {
    /// Look at everything
    View,
    /// Also approve, reject, retry and undo
    Decide,
}

/// A password that is shorter is guessed.
const SHORTEST: usize = 10;

pub fn run(command: &UserCommand) -> Result<u8, Failure> {
    let UserCommand::Add(args) = command;
    let wrong = |message: String, hint: &str| stated(Kind::Configuration, message, hint);
    let name = args.name.trim();
    if name.is_empty() || name.contains(char::is_control) || name.contains(['"', '\\']) {
        return Err(wrong(format!("`{name}` is no name of a user"), "use letters and digits, as in anna.k"));
    }
    let password = password(name)?;
    if password.chars().count() < SHORTEST {
        return Err(wrong(
            format!("the password has less than {SHORTEST} characters"),
            "three or four words are easy to remember",
        ));
    }
    let hash = secret::hash(&password)?;
    let role = match args.role {
        Role::View => "view",
        Role::Decide => "decide",
    };
    print(&format!("{{ name = \"{name}\", role = \"{role}\", password-hash = \"{hash}\" }},\n"));
    Ok(exit::DONE)
}

/// At a terminal it is asked for twice, for nobody sees what they type.
fn password(name: &str) -> Result<String, Failure> {
    if !stdin().is_terminal() {
        return line();
    }
    let first = unseen(&format!("password for {name}: "))?;
    let second = unseen("the same again: ")?;
    if first != second {
        return Err(stated(Kind::Configuration, "the two passwords differ", "try again"));
    }
    Ok(first)
}

fn line() -> Result<String, Failure> {
    let mut line = String::new();
    stdin().lock().read_line(&mut line).map_err(|error| unreadable(&error.to_string()))?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn unreadable(why: &str) -> Failure {
    stated(Kind::Failed, format!("the password cannot be read: {why}"), "pipe it: cartouche user add NAME < FILE")
}

/// Reads a line that the terminal does not show; what it showed before, it shows afterwards.
fn unseen(prompt: &str) -> Result<String, Failure> {
    let set = |modes: &Termios| tcsetattr(stdin(), OptionalActions::Flush, modes);
    let before = tcgetattr(stdin()).map_err(|error| unreadable(&error.to_string()))?;
    let mut silent = before.clone();
    silent.local_modes.remove(LocalModes::ECHO);
    eprint!("{prompt}");
    set(&silent).map_err(|error| unreadable(&error.to_string()))?;
    let read = line();
    let restored = set(&before);
    eprintln!();
    restored.map_err(|error| unreadable(&error.to_string()))?;
    read
}
