//! Packages page by page, by fate, run, date, changed field and words.

use super::outcomes::Slice;
use super::packages::NewPackage;
use super::packages::rows::{PACKAGE_ROW, PackageRow, package_row};
use super::{Doing, Error, Store};
use crate::model::state::PackageState;
use crate::model::time::Timestamp;
use rusqlite::{CachedStatement, OptionalExtension, Transaction, params, params_from_iter};

/// Packages that one step of a search with words looks at.
const WINDOW: i64 = 50_000;
/// Steps that one page may take.
const STEPS: usize = 4;

/// What became of packages, as a filter asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    State(PackageState),
    /// Staged before this instant and not settled.
    Late(Timestamp),
    /// Done, while Rosetta shows something else.
    Diverged,
}

/// Which packages are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SentFilter {
    pub fate: Option<Fate>,
    pub run: Option<i64>,
    /// Planned at or after this instant.
    pub since: Option<Timestamp>,
    /// Planned before this instant.
    pub until: Option<Timestamp>,
    /// The name of a field that was changed; without `@` of any type.
    pub field: Option<String>,
    /// In the title, the IE PID or the OAI identifier.
    pub words: Option<String>,
}

/// A package with what lists show of it.
#[derive(Debug, Clone)]
pub struct SentItem {
    pub package: PackageRow,
    pub title: String,
    /// Names of the fields that were changed, separated by blanks.
    pub fields: String,
}

/// The words that new packages are found by. Of a way back these are the fields that its package changed.
pub(super) struct Words<'t>(CachedStatement<'t>);

impl<'t> Words<'t> {
    pub fn prepare(transaction: &'t Transaction<'t>) -> Result<Self, Error> {
        let sql = "INSERT INTO package_words (rowid, title, ie, alma, fields) VALUES (?1, ?2, ?3, ?4, ?5)";
        transaction.prepare_cached(sql).doing("describe a package").map(Words)
    }

    pub fn put(&mut self, id: i64, package: &NewPackage<'_>) -> Result<(), Error> {
        let candidate = package.candidate;
        let values = params![id, package.title, candidate.ie.as_str(), candidate.alma_identifier, candidate.fields];
        self.0.execute(values).doing("describe a package").map(|_| ())
    }
}

impl Store {
    /// The packages before an id, newest first. A page with fewer items than asked for is not the last one as long as it
    /// has a next.
    pub fn sent_page(
        &self,
        filter: &SentFilter,
        before: Option<i64>,
        limit: usize,
    ) -> Result<Slice<SentItem, i64>, Error> {
        let (low, high) = self.span_of(filter)?;
        let high = before.map_or(high, |before| high.min(before - 1));
        let (ids, next) = self.ids(filter, low, high, limit)?;
        let mut items = Vec::with_capacity(ids.len());
        for id in ids {
            items.extend(self.sent_item(id)?);
        }
        Ok(Slice { items, next })
    }

    /// One package.
    pub fn sent_item(&self, id: i64) -> Result<Option<SentItem>, Error> {
        let sql = format!("{PACKAGE_ROW} WHERE id = ?1");
        let mut statement = self.connection.prepare_cached(&sql).doing("read a package")?;
        let mut rows = statement.query([id]).doing("read a package")?;
        let Some(row) = rows.next().doing("read a package")? else { return Ok(None) };
        let package = package_row(row)?;
        let sql = "SELECT coalesce(title, ''), coalesce(fields, '') FROM packages WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing("read a package")?;
        let (title, fields) =
            statement.query_row([id], |row| Ok((row.get(0)?, row.get(1)?))).doing("read a package")?;
        Ok(Some(SentItem { package, title, fields }))
    }

    /// The ids that run and dates leave: packages are written down one run after the other.
    fn span_of(&self, filter: &SentFilter) -> Result<(i64, i64), Error> {
        let (mut low, mut high) = (0, i64::MAX - 1);
        let ask = |sql: &str, value: i64| -> Result<Option<i64>, Error> {
            let mut statement = self.connection.prepare_cached(sql).doing("look for packages")?;
            statement.query_row([value], |row| row.get(0)).optional().doing("look for packages")
        };
        if let Some(run) = filter.run {
            low = low.max(ask("SELECT id FROM packages WHERE run = ?1 ORDER BY id LIMIT 1", run)?.unwrap_or(i64::MAX));
            high = high.min(ask("SELECT id FROM packages WHERE run = ?1 ORDER BY id DESC LIMIT 1", run)?.unwrap_or(0));
        }
        if let Some(since) = filter.since {
            let first = "SELECT id FROM packages WHERE planned >= ?1 ORDER BY planned, id LIMIT 1";
            low = low.max(ask(first, since.millis())?.unwrap_or(i64::MAX));
        }
        if let Some(until) = filter.until {
            let last = "SELECT id FROM packages WHERE planned < ?1 ORDER BY planned DESC, id DESC LIMIT 1";
            high = high.min(ask(last, until.millis())?.unwrap_or(0));
        }
        Ok((low, high))
    }

    fn ids(&self, filter: &SentFilter, low: i64, high: i64, limit: usize) -> Result<(Vec<i64>, Option<i64>), Error> {
        let words = filter.match_expression();
        let query = Query { fate: filter.fate, words: words.as_deref() };
        if words.is_none() || filter.fate.is_none() {
            let ids = self.ask_ids(&query, low, high, limit)?;
            let next = if ids.len() == limit { ids.last().copied() } else { None };
            return Ok((ids, next));
        }
        // Words and a fate together: neither index alone leaves few enough, so the search goes by stretches of ids.
        let newest = "SELECT coalesce(max(id), 0) FROM packages";
        let newest: i64 = self.connection.query_row(newest, [], |row| row.get(0)).doing("look for packages")?;
        let (mut ids, mut top) = (Vec::new(), high.min(newest));
        for _ in 0..STEPS {
            let bottom = low.max(top - WINDOW + 1);
            ids.extend(self.ask_ids(&query, bottom, top, limit - ids.len())?);
            if ids.len() == limit {
                return Ok((ids.clone(), ids.last().copied()));
            }
            top = bottom - 1;
            if top < low {
                return Ok((ids, None));
            }
        }
        Ok((ids, Some(top + 1)))
    }

    fn ask_ids(&self, query: &Query<'_>, low: i64, high: i64, limit: usize) -> Result<Vec<i64>, Error> {
        let doing = "list packages";
        let (sql, further) = query.sql();
        let mut values: Vec<rusqlite::types::Value> = vec![low.into(), high.into(), (limit as i64).into()];
        values.extend(further);
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let rows = statement.query_map(params_from_iter(values), |row| row.get(0));
        rows.and_then(Iterator::collect).doing(doing)
    }
}

struct Query<'q> {
    fate: Option<Fate>,
    words: Option<&'q str>,
}

impl Query<'_> {
    /// The question for ids between two, and the values of its further parameters, from `?4` on.
    fn sql(&self) -> (String, Vec<rusqlite::types::Value>) {
        let (from, condition, mut values): (_, _, Vec<rusqlite::types::Value>) = match self.fate {
            None => ("packages", "", Vec::new()),
            Some(Fate::State(state)) => {
                ("packages INDEXED BY packages_by_state", "AND state = ?4", vec![state.as_str().to_owned().into()])
            }
            Some(Fate::Late(before)) => {
                let condition = "AND state = 'staged' AND staged < ?4";
                ("packages INDEXED BY packages_in_folder", condition, vec![before.millis().into()])
            }
            Some(Fate::Diverged) => {
                ("packages INDEXED BY packages_diverged", "AND diverged IS NOT NULL AND state = 'done'", Vec::new())
            }
        };
        let order = "ORDER BY id DESC LIMIT ?3";
        let Some(words) = self.words else {
            return (format!("SELECT id FROM {from} WHERE id BETWEEN ?1 AND ?2 {condition} {order}"), values);
        };
        let at = values.len() + 4;
        values.push(words.to_owned().into());
        let found =
            format!("SELECT rowid FROM package_words WHERE package_words MATCH ?{at} AND rowid BETWEEN ?1 AND ?2");
        if self.fate.is_none() {
            return (format!("{found} ORDER BY rowid DESC LIMIT ?3"), values);
        }
        let sql = format!("SELECT id FROM {from} WHERE id BETWEEN ?1 AND ?2 {condition} AND id IN ({found}) {order}");
        (sql, values)
    }
}

impl SentFilter {
    /// Words and field as FTS5 asks for them. Each word is quoted: what people type is no query language.
    fn match_expression(&self) -> Option<String> {
        let quoted = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut parts = Vec::new();
        if let Some(field) = self.field.as_ref().filter(|field| has_word(field)) {
            parts.push(format!("fields : {}", quoted(field)));
        }
        for word in self.words.iter().flat_map(|words| words.split_whitespace()).filter(|word| has_word(word)) {
            // A single letter stands for itself: as the beginning of a word it would mean a good part of everything.
            let is_long = word.chars().filter(|c| c.is_alphanumeric()).count() > 1;
            parts.push(format!("{{title ie alma}} : {}{}", quoted(word), if is_long { " *" } else { "" }));
        }
        (!parts.is_empty()).then(|| parts.join(" AND "))
    }
}

/// A text of marks alone matches nothing in an index of words.
fn has_word(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}
