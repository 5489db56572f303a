//! `demo`: the whole round trip on the built-in sandbox, told step by step.

use super::explain::fields;
use super::print;
use super::run::{Beginning, Origin, recorded};
use super::stop::Stop;
use crate::dc_xml;
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::dc::difference;
use crate::model::id::IePid;
use crate::model::state::PackageState;
use crate::profile::{self, Profile};
use crate::sandbox::update_job::Fate;
use crate::sandbox::{DataSource, Options, Sandbox};
use crate::steps::{Wish, packaging};
use crate::store::{Lock, Store};
use std::fs;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::Path;
use std::time::Duration;

/// Tells a demo's folder from anybody else's: only such a folder is ever emptied.
const MARK: &str = ".cartouche-demo";
/// A print whose description in Alma is much richer than what Rosetta was given at ingest.
const SHOWN: &str = "IE1040";
const PORTS: [u16; 3] = [8643, 8644, 8645];

static ORIGIN: Origin = Origin { started_by: None, note: None };
static STOP: Stop = Stop::NEVER;

/// A run as cron would start it. Ctrl-C simply ends the demo.
fn everything() -> Beginning<'static> {
    let wish = Wish { settle: true, harvest: true, prepare: true, stage: true, ..Wish::default() };
    Beginning { command: "run", wish, origin: &ORIGIN, stop: &STOP }
}

pub fn run(dir: &Path) -> Result<u8, Failure> {
    make_afresh(dir)?;
    let staging = dir.join("staging");
    let sandbox = Sandbox::start(Options {
        rosetta: address(PORTS[0]),
        alma: address(PORTS[1]),
        archivesspace: address(PORTS[2]),
        data: DataSource::Embedded,
        folder: Some(staging.clone()),
        page_size: 100,
        quirks: false,
        latency: Duration::ZERO,
    })?;
    say(&format!(
        "1. A Rosetta and an Alma of sample data answer on this machine:\n   {}\n   {}",
        sandbox.rosetta_base_url(),
        sandbox.alma_base_url()
    ));
    let profile = write_profile(dir, &sandbox)?;
    let _lock = Lock::take(&profile.state)?;
    let mut store = Store::open(&profile.state)?;

    say("2. cartouche run: harvest both, match, transform, compare, stage");
    print(&recorded(&mut store, &profile, everything())?.text(&profile.path.to_string_lossy()));

    say("3. Rosetta's Update Metadata Job takes the packages from the folder");
    let job = sandbox.run_update_job()?;
    let failed: Vec<String> = job
        .files
        .iter()
        .filter(|file| file.fate == Fate::Error)
        .map(|file| format!("   error  {}: {}\n", file.name, file.reason))
        .collect();
    print(&format!("   {} done, {} error\n{}", job.files.len() - failed.len(), failed.len(), failed.concat()));

    say("4. cartouche run, the next night: settle what Rosetta did, and find nothing new to write");
    print(&recorded(&mut store, &profile, everything())?.text(&profile.path.to_string_lossy()));

    say(&format!("5. What the round trip did to {SHOWN} (- before, + after, = kept)"));
    print(&before_and_after(&mut store)?);
    say(&next_steps(dir, &sandbox));
    Ok(exit::DONE)
}

fn say(text: &str) {
    print(&format!("\n{text}\n"));
}

fn cannot(doing: &str, path: &Path, error: &std::io::Error) -> Failure {
    stated(
        Kind::Failed,
        format!("cannot {doing} {}: {error}", path.display()),
        "give another folder: cartouche demo DIR",
    )
}

fn make_afresh(dir: &Path) -> Result<(), Failure> {
    match fs::read_dir(dir) {
        Ok(mut entries) => {
            let is_ours = fs::symlink_metadata(dir.join(MARK)).is_ok();
            if is_ours {
                fs::remove_dir_all(dir).map_err(|error| cannot("empty", dir, &error))?;
            } else if entries.next().is_some() {
                return Err(stated(
                    Kind::Configuration,
                    format!("{} is not empty and was not made by the demo", dir.display()),
                    "give a new folder: cartouche demo DIR",
                ));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
        Err(error) => return Err(cannot("read", dir, &error)),
    }
    // The job's administrator would make the folder and its two subfolders.
    for folder in ["staging/done", "staging/error"] {
        let folder = dir.join(folder);
        fs::create_dir_all(&folder).map_err(|error| cannot("make", &folder, &error))?;
    }
    fs::write(dir.join(MARK), "made by `cartouche demo`, which empties this folder\n")
        .map_err(|error| cannot("write", dir, &error))
}

/// The usual port when it is free, so that the profile goes on working with `cartouche sandbox`.
fn address(port: u16) -> SocketAddr {
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    if TcpListener::bind(usual).is_ok() { usual } else { SocketAddr::from((Ipv4Addr::LOCALHOST, 0)) }
}

fn write_profile(dir: &Path, sandbox: &Sandbox) -> Result<Profile, Failure> {
    let text = format!(
        r#"# The profile of the demo: a round trip needs no more than this.

[rosetta.feed]
base-url = "{}"
metadata-prefix = "oai_dc"

[alma.feed]
base-url = "{}"
metadata-prefix = "oai_dc"
set = "all-digitized"

[staging]
folder = "staging"
job-name = "updates-from-alma"
"#,
        sandbox.rosetta_base_url(),
        sandbox.alma_base_url()
    );
    let path = dir.join("demo.toml");
    fs::write(&path, text).map_err(|error| cannot("write", &path, &error))?;
    Ok(profile::load(&path.to_string_lossy())?)
}

fn before_and_after(store: &mut Store) -> Result<String, Failure> {
    let ie = IePid::parse(SHOWN).expect("it is a valid PID");
    let Some(package) = store.packages_of(&ie)?.into_iter().rfind(|package| package.state == PackageState::Done) else {
        return Ok(format!("   no package for {SHOWN} was applied\n"));
    };
    let (file, before) = store.package_texts(package.id)?;
    let unreadable = |what: String| {
        stated(Kind::Failed, format!("the package of {SHOWN} cannot be read: {what}"), "please report it")
    };
    let update = packaging::read(&file).map_err(|error| unreadable(error.to_string()))?;
    let after = update
        .dc()
        .map_err(|error| unreadable(error.to_string()))?
        .ok_or_else(|| unreadable("it has no record".to_owned()))?;
    let before = before
        .map(|before| dc_xml::read_anywhere(&before))
        .transpose()
        .map_err(|error| unreadable(error.to_string()))?;
    Ok(fields(&difference(&before.unwrap_or_default(), &after.dc)))
}

fn next_steps(dir: &Path, sandbox: &Sandbox) -> String {
    let profile = dir.join("demo.toml");
    let profile = profile.display();
    let staging = dir.join("staging");
    format!(
        "What to type next:\n   \
         cartouche status {profile}\n   \
         cartouche list {profile} held\n   \
         cartouche list {profile} conflicts\n   \
         cartouche explain {profile} IE1201\n   \
         cartouche validate {}/done/*.xml\n   \
         cartouche sandbox --rosetta {} --alma {} --archivesspace {} --folder {}   (then, elsewhere: cartouche run {profile})",
        staging.display(),
        sandbox.rosetta_address(),
        sandbox.alma_address(),
        sandbox.aspace_address(),
        staging.display()
    )
}
