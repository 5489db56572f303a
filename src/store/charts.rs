//! Numbers for charts, and whether they may have changed.

use super::{Doing, Error, Store};
use crate::model::state::PackageState;
use crate::model::time::Timestamp;

/// Packages of one day and state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayCount {
    /// Days since 1970, UTC.
    pub day: i64,
    pub state: PackageState,
    pub packages: u64,
}

impl Store {
    /// How many packages were planned on each day since an instant, by state.
    pub fn packages_by_day(&self, since: Timestamp) -> Result<Vec<DayCount>, Error> {
        let doing = "count packages by day";
        let sql = "SELECT planned / 86400000, state, count(*) FROM packages INDEXED BY packages_by_day
                   WHERE planned >= ?1 GROUP BY 1, 2 ORDER BY 1, 2";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([since.millis()]).doing(doing)?;
        let mut counts = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let state: String = row.get(1).doing(doing)?;
            let state =
                PackageState::parse(&state).ok_or_else(|| Error::Damaged { what: format!("the state `{state}`") })?;
            let packages: i64 = row.get(2).doing(doing)?;
            counts.push(DayCount { day: row.get(0).doing(doing)?, state, packages: packages as u64 });
        }
        Ok(counts)
    }

    /// When each package in flight was put into the folder.
    pub fn staged_since(&self) -> Result<Vec<Timestamp>, Error> {
        let doing = "look how old packages are";
        let sql = "SELECT coalesce(staged, planned) FROM packages WHERE state = 'staged'";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([], |row| row.get(0).map(super::time));
        rows.and_then(Iterator::collect).doing(doing)
    }

    /// A number that differs when another connection has written; it says nothing about this one's own writing.
    pub fn version(&self) -> Result<i64, Error> {
        self.connection.query_row("PRAGMA data_version", [], |row| row.get(0)).doing("look for changes")
    }
}
