//! `push --pull`: what Alma knows goes into ArchivesSpace.

use super::{Asked, print_both, recorded};
use crate::cli::now;
use crate::failure::Failure;
use crate::push::pull::report::PullReport;
use crate::push::pull::run::pull;
use crate::store::Store;

/// Runs the pull, notes it among the runs of the push, and tells what came of it. `shown`: the profile's name, and whether as JSON.
pub(super) fn run(store: &mut Store, asked: Asked<'_>, shown: (&str, bool)) -> Result<u8, Failure> {
    let command = if asked.wish.dry_run { "push --pull --dry-run" } else { "push --pull" };
    let told = |report: &PullReport| (report.exit_code(), report.json());
    let report = recorded(store, asked, command, told, |store, run, watch| {
        pull(store, asked.profile, asked.wish, run, &now, watch)
    })?;
    print_both(shown, report.json(), |profile| report.text(profile), report.stopped.as_ref());
    Ok(report.exit_code())
}
