//! `cartouche serve`: the staff page, until somebody stops it.

use super::{now, who};
use crate::failure::Failure;
use crate::profile;
use crate::web::serve::{listen, serve};
use crate::web::{Site, respond};
use clap::Args;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

#[derive(Debug, Args)]
pub struct ServeArgs {
    /// Paths of profiles, or bare names of files in profiles/
    #[arg(required = true)]
    profiles: Vec<String>,
    /// Where to listen; beyond this machine only for profiles with accounts or a trusted proxy
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8642")]
    listen: SocketAddr,
}

pub fn run(args: &ServeArgs) -> Result<u8, Failure> {
    let profiles = args.profiles.iter().map(|name| profile::load(name)).collect::<Result<Vec<_>, _>>()?;
    for warning in profiles.iter().flat_map(|profile| &profile.warnings) {
        eprintln!("warning: {warning}");
    }
    let site = Arc::new(Site::new(profiles, args.listen, &who::user())?);
    let server = serve(listen(args.listen)?, Arc::new(move |request| respond(&site, &request, now())))?;
    let mut out = std::io::stdout().lock();
    // Whoever started the server may have closed its output; it goes on.
    let _ = writeln!(out, "http://{}", server.address()).and_then(|()| out.flush());
    loop {
        thread::park();
    }
}
