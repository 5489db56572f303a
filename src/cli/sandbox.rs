//! `cartouche sandbox`: the stand-ins, until somebody stops them.

use crate::failure::Failure;
use crate::model::time::parse_span;
use crate::sandbox::update_job::Fate;
use crate::sandbox::{DataSource, Options, Sandbox};
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

/// Run stand-ins for Rosetta, Alma and ArchivesSpace
///
/// OAI-PMH providers on ports of your choice, with sample data, the REST APIs of Alma and ArchivesSpace, and Rosetta's Update
/// Metadata Job on a folder. Prints their base URLs and `ready`, then runs until it is stopped. Nothing is kept.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  cartouche sandbox --folder /tmp/updates --job-every 5s")]
pub struct SandboxArgs {
    /// Where Rosetta listens; port 0 takes any free port
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8643")]
    rosetta: SocketAddr,
    /// Where Alma listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8644")]
    alma: SocketAddr,
    /// Where ArchivesSpace listens
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8645")]
    archivesspace: SocketAddr,
    /// Take alma.xml, rosetta.xml and archivesspace/ from this folder, not the built-in sample data
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// The staging folder that the Update Metadata Job works on
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// Run the Update Metadata Job again and again, as in "5s"
    #[arg(long, value_name = "SPAN", value_parser = parse_span, requires = "folder")]
    job_every: Option<Duration>,
    /// How many records come on a page
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    page_size: usize,
    /// Break the protocol where the real servers were seen to break it
    #[arg(long)]
    quirks: bool,
    /// Let each answer take this long, as in "300ms"
    #[arg(long, value_name = "SPAN", value_parser = parse_span)]
    latency: Option<Duration>,
}

pub fn run(args: SandboxArgs) -> Result<u8, Failure> {
    let sandbox = Sandbox::start(Options {
        rosetta: args.rosetta,
        alma: args.alma,
        archivesspace: args.archivesspace,
        data: args.data.map_or(DataSource::Embedded, DataSource::Folder),
        folder: args.folder,
        page_size: args.page_size,
        quirks: args.quirks,
        latency: args.latency.unwrap_or_default(),
    })?;
    let mut out = std::io::stdout().lock();
    // Whoever started the sandbox may have closed its output; the servers go on.
    let (rosetta, alma, api) = (sandbox.rosetta_base_url(), sandbox.alma_base_url(), sandbox.alma_api_base_url());
    let (aspace, feed) = (sandbox.aspace_base_url(), sandbox.aspace_oai_base_url());
    let _ = writeln!(out, "rosetta {rosetta}\nalma {alma}\nalma-api {api}");
    let _ = writeln!(out, "archivesspace {aspace}\narchivesspace-oai {feed}\nready");
    let _ = out.flush();
    loop {
        match args.job_every {
            None => thread::park(),
            Some(span) => {
                thread::sleep(span.max(Duration::from_millis(50)));
                run_job(&sandbox)?;
            }
        }
    }
}

/// Says on stderr what the job did, a line a file.
fn run_job(sandbox: &Sandbox) -> Result<(), Failure> {
    for file in sandbox.run_update_job()?.files {
        let fate = match file.fate {
            Fate::Done => "done",
            Fate::NoChange => "no change",
            Fate::Error => "error",
        };
        eprintln!("{fate}: {} ({})", file.name, file.reason);
    }
    Ok(())
}
