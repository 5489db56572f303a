//! Parse, run, print the failure, exit.

use cartouche::{cli, failure};
use clap::Parser;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let asked = !error.use_stderr();
            // Nothing can be done when even this cannot be printed.
            let _ = error.print();
            return ExitCode::from(if asked { failure::exit::DONE } else { failure::exit::CONFIGURATION });
        }
    };
    match cli::run(cli) {
        Ok(code) => ExitCode::from(code),
        Err(failure) => {
            cli::complain(&failure.to_string());
            ExitCode::from(failure.kind().exit_code())
        }
    }
}
