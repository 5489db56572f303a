//! `audit`: the journal, proven, shown, and written as PREMIS.

mod list;
mod premis;
mod verify;

use super::Target;
use crate::failure::Failure;
use clap::Subcommand;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Prove that nothing in the journal was changed, removed or put in between
    ///
    /// Walks through the whole journal, and compares every package with what it tells. What was cut off at the end only
    /// shows against a digest that somebody noted elsewhere: note the `head` that this prints, and give it to --head
    /// another time. Ends with 0 when all is whole, and with 1 otherwise.
    #[command(
        after_help = "Examples:\n  cartouche audit verify vangogh\n  cartouche audit verify vangogh --head 5f2b…"
    )]
    Verify {
        #[command(flatten)]
        target: Target,
        /// A digest that was the head once, and must still be in the journal
        #[arg(long, value_name = "DIGEST")]
        head: Option<String>,
    },
    /// Show what was done, newest first
    #[command(after_help = "Examples:\n  cartouche audit list vangogh\n  cartouche audit list vangogh IE1234 --csv")]
    List(list::ListArgs),
    /// Write what was done to IEs as PREMIS 3 events
    #[command(after_help = "Example:\n  cartouche audit premis vangogh IE1234 IE1235 --output events.xml")]
    Premis {
        /// The path of a profile, or the bare name of a file in profiles/
        profile: String,
        /// The IEs
        #[arg(required = true, value_name = "IE")]
        ies: Vec<String>,
        /// Where to put it; to stdout otherwise
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

pub fn run(command: AuditCommand) -> Result<u8, Failure> {
    match command {
        AuditCommand::Verify { target, head } => verify::run(&target, head.as_deref()),
        AuditCommand::List(args) => list::run(&args),
        AuditCommand::Premis { profile, ies, output } => premis::run(&profile, &ies, output.as_deref()),
    }
}
