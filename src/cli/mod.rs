//! The terminal: one file a command.

mod audit;
mod check;
mod csv;
mod decide;
mod demo;
mod explain;
mod link;
mod list;
mod noted;
mod oai;
mod progress;
mod push;
mod rows;
mod run;
mod runs;
pub mod sandbox;
mod serve;
mod status;
mod stop;
mod table;
mod undo;
mod user;
mod validate;
mod who;

use crate::failure::Failure;
use crate::model::decision::Verb;
use crate::model::time::Timestamp;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Keeps descriptive metadata in step between Rosetta, Alma and ArchivesSpace
#[derive(Debug, Parser)]
#[command(name = "cartouche", version, propagate_version = true)]
pub struct Cli {
    /// Log what is done to stderr; -vv logs more
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub verbose: u8,
    #[command(subcommand)]
    command: Command,
}

/// The profile of a round trip, and how to answer.
#[derive(Debug, Args)]
pub struct Target {
    /// The path of a profile, or the bare name of a file in profiles/
    profile: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Show a whole round trip on the built-in sandbox and sample data
    ///
    /// Starts stand-ins for Rosetta and Alma on this machine, harvests both, stages packages, lets Rosetta's update
    /// job take them, and shows what became of one IE. The folder, the store and the profile stay behind, to try every
    /// other command on. A second demo starts afresh.
    #[command(after_help = "Example:\n  cartouche demo /tmp/cartouche-demo")]
    Demo {
        /// Where to put folder, store and profile
        #[arg(default_value = "cartouche-demo")]
        dir: PathBuf,
    },
    /// Show what a profile means
    #[command(after_help = "Example:\n  cartouche check vangogh --online")]
    Check {
        #[command(flatten)]
        target: Target,
        /// Also ask the servers, and try the staging folder
        #[arg(long)]
        online: bool,
    },
    /// Settle, harvest both feeds, prepare and stage
    ///
    /// What cron calls at night. With settled-by = "cartouche" it also applies what it staged. Exit codes: 0 done, 1 failed or a list is incomplete, 2 the configuration is wrong,
    /// 3 done but something needs a person, 4 another run holds the lock. Ctrl-C (SIGINT, SIGTERM) ends it after the page or the packages in
    /// hand, with exit code 1, and the next run goes on from there; a second one ends it at once, which costs no record either.
    #[command(after_help = "Examples:\n  cartouche run vangogh\n  cartouche run vangogh --dry-run --json")]
    Run {
        #[command(flatten)]
        target: Target,
        /// Do everything but write packages
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        force: run::Force,
        #[command(flatten)]
        origin: run::Origin,
    },
    /// Harvest both feeds into the store
    #[command(after_help = "Example:\n  cartouche harvest vangogh --full")]
    Harvest {
        #[command(flatten)]
        target: Target,
        /// Start again from the beginning
        #[arg(long)]
        full: bool,
        /// Then compare with the list of identifiers: find records that vanished without a tombstone
        #[arg(long)]
        reconcile: bool,
    },
    /// Prepare what changed and stage packages, from the store alone
    #[command(after_help = "Example:\n  cartouche stage vangogh --dry-run")]
    Stage {
        #[command(flatten)]
        target: Target,
        /// Prepare, but write no package
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        force: run::Force,
    },
    /// Submit the staging folder's files to Rosetta's web services
    ///
    /// The update job, for profiles with settled-by = "cartouche". Each file goes to Rosetta in order of creation and then to done, or
    /// to error with the reason beside it; a locked IE stays and is tried again later. `run` does this after staging.
    #[command(after_help = "Example:\n  cartouche apply vangogh")]
    Apply {
        #[command(flatten)]
        target: Target,
    },
    /// Look what became of the packages in the staging folder
    #[command(after_help = "Example:\n  cartouche settle vangogh")]
    Settle {
        #[command(flatten)]
        target: Target,
    },
    /// Show where things stand
    #[command(after_help = "Example:\n  cartouche status vangogh --json")]
    Status {
        #[command(flatten)]
        target: Target,
    },
    /// List packages, what was skipped and why, what is covered, and more
    #[command(
        after_help = "Examples:\n  cartouche list vangogh held\n  cartouche list vangogh packages --state error\n  cartouche list vangogh skipped --code transform --json\n  cartouche list vangogh coverage --csv"
    )]
    List(list::ListArgs),
    /// Tell everything about one IE PID, MMS ID or OAI identifier
    #[command(
        after_help = "Examples:\n  cartouche explain vangogh IE1234\n  cartouche explain vangogh 9912345678901234"
    )]
    Explain {
        #[command(flatten)]
        target: Target,
        /// An IE PID, an MMS ID or an OAI identifier
        id: String,
    },
    /// Let what is held be written
    ///
    /// The decision speaks of exactly what is held now. When Alma or Rosetta move on before it is staged, the package is
    /// prepared anew and held anew.
    #[command(
        after_help = "Examples:\n  cartouche approve vangogh IE1234 --reason \"checked with the curator\"\n  cartouche approve vangogh --code title-changed"
    )]
    Approve(decide::DecideArgs),
    /// Keep what is held from being written
    ///
    /// It is skipped until Alma or Rosetta say something else.
    #[command(after_help = "Example:\n  cartouche reject vangogh IE1234 --reason \"the local title is right\"")]
    Reject(decide::DecideArgs),
    /// Send again what ended in error, was lost, or did not take
    #[command(
        after_help = "Examples:\n  cartouche retry vangogh IE1234\n  cartouche retry vangogh --code error --reason \"the IE was locked\""
    )]
    Retry(decide::DecideArgs),
    /// Take back what packages wrote
    ///
    /// What Rosetta held before is staged again, through the same holds, where Rosetta still holds what was written. What
    /// Alma says of these IEs is not written again until Alma says something else.
    #[command(
        after_help = "Examples:\n  cartouche undo vangogh 12 --reason \"wrong stylesheet\"\n  cartouche undo vangogh IE1234 IE1235\n  cartouche undo vangogh --since 2026-11-22"
    )]
    Undo(undo::UndoArgs),
    /// Prove the journal of everything that was done, show it, or write it as PREMIS
    #[command(subcommand, after_help = "Example:\n  cartouche audit verify vangogh")]
    Audit(audit::AuditCommand),
    /// Tell whether files are updateMD packages that Rosetta's job can take
    #[command(after_help = "Example:\n  cartouche validate /operational_shared/md_update/*.xml")]
    Validate(validate::ValidateArgs),
    /// Bring ArchivesSpace's descriptions into Alma
    ///
    /// Gathers what changed in ArchivesSpace, repairs and merges its MARC, and makes or updates bibs in Alma; the MMS ID goes back
    /// into ArchivesSpace. Exit codes as those of `run`; 3 also when Alma's calls of the day are used up.
    #[command(
        after_help = "Examples:\n  cartouche push archives --dry-run\n  cartouche push archives\n  cartouche push archives 2/1\n  cartouche push explain archives 2/1"
    )]
    Push(push::PushArgs),
    /// Give IEs that no bib names one, and a remote representation that points at them
    ///
    /// Looks in Alma for the bib of every IE that no Alma record names, makes one where there is none, and makes one remote
    /// representation at it, so that the next harvest of Alma's feed finds the match. Exit codes as those of `run`; 3 also when Alma's
    /// calls of the day are used up.
    #[command(
        after_help = "Examples:\n  cartouche link vangogh --dry-run\n  cartouche link vangogh\n  cartouche link vangogh IE1234\n  cartouche link explain vangogh IE1234"
    )]
    Link(link::LinkArgs),
    /// Ask any OAI-PMH repository
    #[command(subcommand)]
    Oai(oai::OaiCommand),
    /// Serve the staff page
    ///
    /// One page for all the profiles: what is about to change and why, what became of it, and the decisions. On this machine
    /// whoever reaches it decides as the user that it runs as, unless the profile names accounts.
    #[command(
        after_help = "Examples:\n  cartouche serve vangogh newspapers\n  cartouche serve vangogh --listen 10.0.0.5:8642"
    )]
    Serve(serve::ServeArgs),
    /// Make accounts for the staff page
    #[command(subcommand, after_help = "Example:\n  cartouche user add anna --role decide")]
    User(user::UserCommand),
    /// Run stand-ins for Rosetta and Alma
    Sandbox(sandbox::SandboxArgs),
}

/// Does what the command line says; answers the exit code.
pub fn run(cli: Cli) -> Result<u8, Failure> {
    log(cli.verbose);
    match cli.command {
        Command::Demo { dir } => demo::run(&dir),
        Command::Check { target, online } => check::run(&target, online),
        Command::Run { target, dry_run, force, origin } => run::run(&target, dry_run, force, origin),
        Command::Harvest { target, full, reconcile } => run::harvest(&target, full, reconcile),
        Command::Stage { target, dry_run, force } => run::stage(&target, dry_run, force),
        Command::Apply { target } => run::apply(&target),
        Command::Settle { target } => run::settle(&target),
        Command::Status { target } => status::run(&target),
        Command::List(args) => list::run(&args),
        Command::Explain { target, id } => explain::run(&target, &id),
        Command::Approve(args) => decide::run(args, Verb::Approve),
        Command::Reject(args) => decide::run(args, Verb::Reject),
        Command::Retry(args) => decide::run(args, Verb::Retry),
        Command::Undo(args) => undo::run(args),
        Command::Audit(command) => audit::run(command),
        Command::Validate(args) => validate::run(&args),
        Command::Push(args) => push::run(args),
        Command::Link(args) => link::run(args),
        Command::Oai(command) => oai::run(command),
        Command::Serve(args) => serve::run(&args),
        Command::User(command) => user::run(&command),
        Command::Sandbox(args) => sandbox::run(args),
    }
}

fn log(verbose: u8) {
    let level = match verbose {
        0 => return,
        1 => tracing::Level::INFO,
        _ => tracing::Level::DEBUG,
    };
    // A second call (in tests) finds the logger in place.
    let _ = tracing_subscriber::fmt().with_max_level(level).with_writer(std::io::stderr).with_target(false).try_init();
}

/// The present. Only commands ask for it: the middle takes it as an argument.
fn now() -> Timestamp {
    Timestamp::from_utc(chrono::Utc::now())
}

/// Prints to stdout; a reader that has gone away (`| head`) is no failure.
fn print(text: &str) {
    use std::io::Write;
    let mut stdout = std::io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Prints to stderr; a run goes on when nobody listens any more, as when the staff page that started it has ended.
pub fn complain(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints one JSON object as a line.
fn print_json(value: &serde_json::Value) {
    print(&format!("{value}\n"));
}
