//! Packages as `list` and `explain` show them.

use super::super::{Doing, Error, Store, time};
use crate::model::id::IePid;
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use rusqlite::{Row, params};

/// A package as `list` and `explain` show it.
#[derive(Debug, Clone)]
pub struct PackageRow {
    pub id: i64,
    pub ie: String,
    pub name: String,
    pub state: PackageState,
    pub run: i64,
    pub alma_identifier: String,
    pub alma_datestamp: String,
    pub stylesheet: String,
    pub planned: Timestamp,
    pub staged: Option<Timestamp>,
    pub settled: Option<Timestamp>,
    pub reason: String,
    /// When Rosetta was first seen to hold it.
    pub confirmed: Option<Timestamp>,
    /// When Rosetta was seen to hold something else although it was done.
    pub diverged: Option<Timestamp>,
    /// The package whose before-image it brings back.
    pub restores: Option<i64>,
}

impl Store {
    pub fn packages_of(&self, ie: &IePid) -> Result<Vec<PackageRow>, Error> {
        let sql = format!("{PACKAGE_ROW} WHERE ie = ?1 ORDER BY id");
        let mut statement = self.connection.prepare_cached(&sql).doing("list packages")?;
        collect_rows(statement.query([ie.as_str()]).doing("list packages")?)
    }

    /// The latest packages, newest first, all or those in one state.
    pub fn packages(&self, state: Option<PackageState>, limit: usize) -> Result<Vec<PackageRow>, Error> {
        let sql = format!("{PACKAGE_ROW} WHERE ?1 IS NULL OR state = ?1 ORDER BY id DESC LIMIT ?2");
        let mut statement = self.connection.prepare_cached(&sql).doing("list packages")?;
        let state = state.map(|state| state.as_str());
        collect_rows(statement.query(params![state, limit as i64]).doing("list packages")?)
    }

    /// Packages that are done while Rosetta shows something else, newest first.
    pub fn diverged_packages(&self, limit: usize) -> Result<Vec<PackageRow>, Error> {
        let sql = format!(
            "{PACKAGE_ROW} WHERE state = 'done' AND confirmed IS NULL AND diverged IS NOT NULL ORDER BY id DESC LIMIT ?1"
        );
        let mut statement = self.connection.prepare_cached(&sql).doing("list packages")?;
        collect_rows(statement.query([limit as i64]).doing("list packages")?)
    }
}

pub(in crate::store) const PACKAGE_ROW: &str =
    "SELECT id, ie, name, state, run, alma_identifier, alma_datestamp, stylesheet, planned, staged, settled, reason,
    nullif(confirmed, 0), diverged, restores FROM packages";

fn collect_rows(mut rows: rusqlite::Rows<'_>) -> Result<Vec<PackageRow>, Error> {
    let mut packages = Vec::new();
    while let Some(row) = rows.next().doing("list packages")? {
        packages.push(package_row(row)?);
    }
    Ok(packages)
}

pub(in crate::store) fn package_row(row: &Row<'_>) -> Result<PackageRow, Error> {
    let read = |row: &Row<'_>| -> rusqlite::Result<(String, PackageRow)> {
        let state: String = row.get(3)?;
        let parsed = PackageState::parse(&state).unwrap_or(PackageState::Lost);
        Ok((
            state,
            PackageRow {
                id: row.get(0)?,
                ie: row.get(1)?,
                name: row.get(2)?,
                state: parsed,
                run: row.get(4)?,
                alma_identifier: row.get(5)?,
                alma_datestamp: row.get(6)?,
                stylesheet: row.get(7)?,
                planned: time(row.get(8)?),
                staged: row.get::<_, Option<i64>>(9)?.map(time),
                settled: row.get::<_, Option<i64>>(10)?.map(time),
                reason: row.get(11)?,
                confirmed: row.get::<_, Option<i64>>(12)?.map(time),
                diverged: row.get::<_, Option<i64>>(13)?.map(time),
                restores: row.get(14)?,
            },
        ))
    };
    let (state, package) = read(row).doing("list packages")?;
    if package.state.as_str() == state {
        Ok(package)
    } else {
        Err(Error::Damaged { what: format!("the state `{state}`") })
    }
}
