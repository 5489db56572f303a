//! `audit premis`: what was done to IEs, as PREMIS 3.

use super::list::parse;
use crate::cli::print;
use crate::failure::{Failure, Kind, exit, stated};
use crate::premis;
use crate::profile;
use crate::store::Store;
use std::path::Path;

pub fn run(name: &str, ies: &[String], output: Option<&Path>) -> Result<u8, Failure> {
    let (profile, state) = profile::store_of(name)?;
    let mut subjects = ies.iter().map(|ie| parse(ie)).collect::<Result<Vec<_>, _>>()?;
    subjects.sort();
    subjects.dedup();
    let store = Store::open_existing(&state)?;
    let mut entries = Vec::new();
    for ie in &subjects {
        let lines = store.journal_of(ie, i64::MAX as usize)?;
        if lines.is_empty() {
            let hint =
                "nothing was ever written to it, or before there was a journal; `cartouche explain` tells the rest";
            return Err(stated(Kind::Failed, format!("the journal has no entry about {ie}"), hint));
        }
        entries.extend(lines);
    }
    let document = premis::write(&profile, &subjects, &entries)?;
    match output {
        None => print(&document),
        Some(path) => std::fs::write(path, document).map_err(|error| {
            let hint = "does its folder exist, and may this user write there?";
            stated(Kind::Failed, format!("cannot write {}: {error}", path.display()), hint)
        })?,
    }
    Ok(exit::DONE)
}
