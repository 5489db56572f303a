//! `cartouche serve`: the staff page, until somebody stops it.

use super::stop::Stop;
use super::{now, who};
use crate::failure::{Failure, exit};
use crate::profile;
use crate::web::ahead::Ahead;
use crate::web::respond::FORM_LIMIT;
use crate::web::serve::{Request, Response, listen, serve};
use crate::web::{Site, respond};
use clap::Args;
use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

/// How long the thread that works ahead lets others go first: after a piece of work, and when there is none.
const BETWEEN: Duration = Duration::from_millis(20);
const REST: Duration = Duration::from_secs(1);
/// So often the server looks whether it was told to stop.
const GLANCE: Duration = Duration::from_millis(100);

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
    let stop = Stop::listen();
    let profiles = args.profiles.iter().map(|name| profile::load_served(name)).collect::<Result<Vec<_>, _>>()?;
    for warning in profiles.iter().flat_map(|profile| &profile.warnings) {
        eprintln!("warning: {warning}");
    }
    let site = Arc::new(Site::new(profiles, args.listen, &who::user())?);
    // What pages show first is counted before the address is told, so that nobody waits for it.
    let ahead = Ahead::begin(&site, now())?;
    let to_answer = Arc::clone(&site);
    let mut server = serve(listen(args.listen)?, FORM_LIMIT, Arc::new(move |request| timed(&to_answer, &request)))?;
    thread::spawn(move || work_ahead(ahead, &site));
    let mut out = std::io::stdout().lock();
    // Whoever started the server may have closed its output; it goes on.
    let _ = writeln!(out, "http://{}", server.address()).and_then(|()| out.flush());
    drop(out);
    while !stop.is_asked() {
        thread::sleep(GLANCE);
    }
    // Open requests end; runs that were started here are processes of their own, and go on.
    server.stop();
    Ok(exit::DONE)
}

/// Answers, and says how long that took: `bench/bench.py page` reads it.
fn timed(site: &Site, request: &Request) -> Response {
    let begun = Instant::now();
    let mut response = respond(site, request, now());
    let took = format!("total;dur={:.2}", begun.elapsed().as_secs_f64() * 1000.0);
    response.headers.push(("server-timing".to_owned(), took));
    response
}

/// Makes ready what pages show. What fails is tried again, and told once for as long as it fails in the same way.
fn work_ahead(mut ahead: Ahead, site: &Site) {
    let mut told = String::new();
    loop {
        let rest = match ahead.step(site, now()) {
            Ok(true) => BETWEEN,
            Ok(false) => REST,
            Err(failure) => {
                let words = failure.to_string();
                if words != told {
                    eprintln!("warning: pages are made from what was counted before\n{words}");
                    told = words;
                }
                REST
            }
        };
        thread::sleep(rest);
    }
}
