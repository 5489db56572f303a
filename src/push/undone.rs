//! Taking back is a run of its own: it has a number, an end and an exit code, in whichever system it takes back.

use crate::failure::{Failure, exit};
use crate::push::apply::Clock;
use crate::steps::review::Decided;
use crate::store::Store;
use serde_json::json;

/// What came of taking back.
pub struct Undone {
    pub decided: Decided,
    /// What ended it early.
    pub stopped: Option<Failure>,
}

impl Undone {
    pub fn exit_code(&self) -> u8 {
        match &self.stopped {
            Some(failure) => failure.kind().exit_code(),
            None if self.decided.refused.is_empty() => exit::DONE,
            None => exit::NEEDS_A_PERSON,
        }
    }
}

/// Takes back in a run of its own, whose lock the caller holds. `work` gets the run's number; it tells what it did until it was ended early.
///
/// # Errors
/// The store's, while a run begins or ends. What ends the work early is told in the outcome, with what was done until then.
pub fn in_a_run(
    store: &mut Store,
    command: &str,
    clock: Clock<'_>,
    work: impl FnOnce(&mut Store, i64) -> Result<(Decided, Option<Failure>), Failure>,
) -> Result<Undone, Failure> {
    let run = store.begin_run(command, clock())?;
    let (decided, stopped) = work(store, run).unwrap_or_else(|failure| (Decided::default(), Some(failure)));
    let undone = Undone { decided, stopped };
    let error = undone.stopped.as_ref().map(Failure::message);
    let (done, refused) = (&undone.decided.done, undone.decided.refused.len());
    let summary = json!({"run": run, "undone": done, "refused": refused, "error": error});
    store.end_run(run, undone.exit_code(), &summary.to_string(), clock())?;
    Ok(undone)
}
