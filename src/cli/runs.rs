//! Rows for runs: `list runs`, and the same for the runs of one command.

use super::rows::Rows;
use crate::failure::Failure;
use crate::report::objects;
use crate::store::Store;

/// The runs of a command with its parts (`push` and `push undo`), or of all; newest first.
pub fn of(store: &Store, command: Option<&str>, limit: usize) -> Result<Rows, Failure> {
    let mut runs = store.runs(command.map_or(limit, |_| usize::MAX >> 1))?;
    runs.retain(|run| command.is_none_or(|command| run.command.starts_with(command)));
    runs.truncate(limit);
    Ok(Rows {
        headings: &["run", "command", "started", "ended", "exit code"],
        cells: runs
            .iter()
            .map(|run| {
                let code = run.exit_code.map_or("did not end".to_owned(), |code| code.to_string());
                let ended = run.ended.map(|ended| ended.to_string()).unwrap_or_default();
                vec![run.id.to_string(), run.command.clone(), run.started.to_string(), ended, code]
            })
            .collect(),
        json: runs.iter().map(objects::run).collect(),
    })
}
