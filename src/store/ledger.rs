//! Lists and their windows: what was asked of a feed, what came, and what is still missing.

use super::feeds::FeedId;
use super::{Doing, Error, Store};
use crate::model::repair::Repair;
use crate::model::time::Timestamp;
use crate::model::window::{Evidence, Span, Tally, Window, WindowState};
use rusqlite::{OptionalExtension, Row, Transaction, params};

/// A list that is being harvested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct List {
    pub id: i64,
    pub span: Span,
    /// Of a whole list: how many records of the feed, deleted ones aside, were held when it began. Of any other: 0.
    pub held_before: u64,
}

/// A window with the list that it belongs to, for people.
#[derive(Debug, Clone)]
pub struct LedgerLine {
    pub side: String,
    pub list: i64,
    pub window: Window,
}

/// Finished lists whose windows are kept to be looked at.
const LISTS_KEPT: i64 = 20;

const COLUMNS: &str = "number, from_date, until_date, state, token, attempts, pages, records, distinct_ids, deleted,
    quarantined, nameless, repaired, bytes, announced, first_response, highest, in_order, problem";

impl Store {
    /// The list that an earlier run did not finish.
    pub fn open_list(&self, feed: FeedId) -> Result<Option<List>, Error> {
        let sql = "SELECT id, from_date, held_before FROM lists WHERE feed = ?1 AND ended IS NULL";
        let row = self.connection.query_row(sql, [feed.0], |row| {
            let from: Option<i64> = row.get(1)?;
            let held_before = row.get::<_, i64>(2)? as u64;
            Ok(List { id: row.get(0)?, span: Span::since(from.map(super::time)), held_before })
        });
        row.optional().doing("look for an unfinished list")
    }

    /// Begins a list. What earlier lists could not get is asked for again with it: by identifiers, for all else of those
    /// windows is held.
    pub fn begin_list(&mut self, feed: FeedId, span: Span, windows: &[Window], now: Timestamp) -> Result<List, Error> {
        // Counting a million records takes longer than a whole night without news; only a whole list is compared with it.
        let held_before = if span.from.is_none() { self.count_live_records(feed)? } else { 0 };
        self.transaction(|transaction, _| {
            prune(transaction, feed)?;
            let sql = "INSERT INTO lists (feed, from_date, held_before, begun) VALUES (?1, ?2, ?3, ?4)";
            let values = params![feed.0, millis(span.from), held_before as i64, now.millis()];
            transaction.execute(sql, values).doing("begin a list")?;
            let list = List { id: transaction.last_insert_rowid(), span, held_before };
            let again = "UPDATE ledger SET list = ?2, state = 'unproven', token = NULL, pages = 0, records = 0,
                    distinct_ids = 0, deleted = 0, quarantined = 0, nameless = 0, repaired = '', bytes = 0,
                    announced = NULL, first_response = NULL, highest = NULL, in_order = 1
                WHERE feed = ?1 AND state = 'missing'";
            transaction.execute(again, params![feed.0, list.id]).doing("take up missing windows")?;
            save(transaction, feed, list.id, windows)?;
            Ok(list)
        })
    }

    /// The windows of a list, by their numbers.
    pub fn windows_of(&self, list: &List) -> Result<Vec<Window>, Error> {
        let sql = format!("SELECT {COLUMNS} FROM ledger WHERE list = ?1 ORDER BY number");
        let mut statement = self.connection.prepare_cached(&sql).doing("read the ledger")?;
        let mut rows = statement.query([list.id]).doing("read the ledger")?;
        let mut windows = Vec::new();
        while let Some(row) = rows.next().doing("read the ledger")? {
            windows.push(window(row, 0)?);
        }
        Ok(windows)
    }

    pub fn next_window_number(&self, feed: FeedId) -> Result<u64, Error> {
        let sql = "SELECT coalesce(max(number), 0) + 1 FROM ledger WHERE feed = ?1";
        self.connection.query_row(sql, [feed.0], |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("read the ledger")
    }

    pub fn save_windows(&mut self, feed: FeedId, list: i64, windows: &[Window]) -> Result<(), Error> {
        self.transaction(|transaction, _| save(transaction, feed, list, windows))
    }

    /// The list was proven complete: its end is noted, and the checkpoint never moves back.
    pub fn end_list(
        &mut self,
        feed: FeedId,
        list: &List,
        checkpoint: Option<Timestamp>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.transaction(|transaction, _| {
            let ended = "UPDATE lists SET ended = ?2 WHERE id = ?1";
            transaction.execute(ended, params![list.id, now.millis()]).doing("end a list")?;
            let completed = "UPDATE feeds SET completed = ?2 WHERE id = ?1";
            transaction.execute(completed, params![feed.0, now.millis()]).doing("complete a feed")?;
            let sql = "UPDATE feeds SET checkpoint = max(coalesce(checkpoint, ?2), ?2) WHERE id = ?1";
            if let Some(checkpoint) = checkpoint {
                transaction.execute(sql, params![feed.0, checkpoint.millis()]).doing("move a checkpoint")?;
            }
            // Each made its list incomplete. Now the list came whole, so what they were has come under its name.
            let nameless =
                "UPDATE quarantine SET released = ?2 WHERE feed = ?1 AND identifier IS NULL AND released IS NULL";
            transaction.execute(nameless, params![feed.0, now.millis()]).doing("release nameless records").map(|_| ())
        })
    }

    /// Forgets how far the feed was harvested; what is stored stays.
    pub fn forget_progress(&mut self, feed: FeedId) -> Result<(), Error> {
        self.transaction(|transaction, _| {
            let windows =
                "DELETE FROM ledger WHERE feed = ?1 AND (state = 'missing' OR state = 'open' OR state = 'unproven')";
            transaction.execute(windows, [feed.0]).doing("drop windows")?;
            let list = "DELETE FROM lists WHERE feed = ?1 AND ended IS NULL";
            transaction.execute(list, [feed.0]).doing("drop a list")?;
            let sql = "UPDATE feeds SET checkpoint = NULL WHERE id = ?1";
            transaction.execute(sql, [feed.0]).doing("drop a checkpoint").map(|_| ())
        })
    }

    /// Windows that a server could not deliver.
    pub fn count_missing_windows(&self, feeds: &[FeedId]) -> Result<u64, Error> {
        let mut count = 0;
        for feed in feeds {
            let sql = "SELECT count(*) FROM ledger WHERE feed = ?1 AND state = 'missing'";
            let found: i64 =
                self.connection.query_row(sql, [feed.0], |row| row.get(0)).doing("count missing windows")?;
            count += found as u64;
        }
        Ok(count)
    }

    /// The ledger, newest first.
    pub fn ledger(&self, feeds: &[FeedId], limit: usize) -> Result<Vec<LedgerLine>, Error> {
        self.ledger_after(feeds, (i64::MAX, 0), limit)
    }

    /// The ledger after a window, which list and number name.
    pub fn ledger_after(&self, feeds: &[FeedId], after: (i64, i64), limit: usize) -> Result<Vec<LedgerLine>, Error> {
        let sql = format!(
            "SELECT feeds.side, ledger.list, {COLUMNS} FROM ledger JOIN feeds ON feeds.id = ledger.feed
             WHERE (ledger.feed = ?1 OR ledger.feed = ?2) AND (ledger.list < ?4 OR (ledger.list = ?4 AND number > ?5))
             ORDER BY ledger.list DESC, ledger.feed, number LIMIT ?3"
        );
        let (first, second) = (feeds.first().map(|feed| feed.0), feeds.get(1).map(|feed| feed.0));
        let mut statement = self.connection.prepare_cached(&sql).doing("read the ledger")?;
        let mut rows =
            statement.query(params![first, second, limit as i64, after.0, after.1]).doing("read the ledger")?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().doing("read the ledger")? {
            let heading = (row.get(0), row.get(1));
            let (side, list) = (heading.0.doing("read the ledger")?, heading.1.doing("read the ledger")?);
            lines.push(LedgerLine { side, list, window: window(row, 2)? });
        }
        Ok(lines)
    }
}

fn prune(transaction: &Transaction<'_>, feed: FeedId) -> Result<(), Error> {
    let sql = "DELETE FROM ledger WHERE feed = ?1 AND state <> 'missing' AND list NOT IN (
                   SELECT id FROM lists WHERE feed = ?1 ORDER BY id DESC LIMIT ?2)";
    transaction.execute(sql, params![feed.0, LISTS_KEPT]).doing("prune the ledger").map(|_| ())
}

fn millis(instant: Option<Timestamp>) -> Option<i64> {
    instant.map(|instant| instant.millis())
}

pub(super) fn save(transaction: &Transaction<'_>, feed: FeedId, list: i64, windows: &[Window]) -> Result<(), Error> {
    let sql = "INSERT OR REPLACE INTO ledger (number, from_date, until_date, state, token, attempts, pages, records,
                   distinct_ids, deleted, quarantined, nameless, repaired, bytes, announced, first_response, highest,
                   in_order, problem, feed, list)
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
    let mut statement = transaction.prepare_cached(sql).doing("save windows")?;
    for window in windows {
        let Window { number, span, state, token, attempts, tally, evidence, problem } = window;
        let repaired: Vec<String> =
            tally.repairs().map(|(repair, count)| format!("{}={count}", repair.as_str())).collect();
        let values = params![
            *number as i64,
            millis(span.from),
            millis(span.until),
            state.as_str(),
            token,
            attempts,
            tally.pages as i64,
            tally.records as i64,
            tally.distinct as i64,
            tally.deleted as i64,
            tally.quarantined as i64,
            tally.nameless as i64,
            repaired.join(" "),
            tally.bytes as i64,
            evidence.announced.map(|announced| announced as i64),
            millis(evidence.first_response),
            millis(evidence.highest),
            evidence.ordered,
            problem,
            feed.0,
            list,
        ];
        statement.execute(values).doing("save windows")?;
    }
    Ok(())
}

fn window(row: &Row<'_>, at: usize) -> Result<Window, Error> {
    let read = || -> rusqlite::Result<(String, Window)> {
        let instant = |index: usize| row.get::<_, Option<i64>>(at + index).map(|millis| millis.map(super::time));
        let count = |index: usize| row.get::<_, i64>(at + index).map(|count| count as u64);
        let state: String = row.get(at + 3)?;
        let tally = Tally {
            pages: count(6)?,
            records: count(7)?,
            distinct: count(8)?,
            deleted: count(9)?,
            quarantined: count(10)?,
            nameless: count(11)?,
            repaired: repaired(&row.get::<_, String>(at + 12)?),
            bytes: count(13)?,
        };
        let evidence = Evidence {
            announced: row.get::<_, Option<i64>>(at + 14)?.map(|announced| announced as u64),
            first_response: instant(15)?,
            highest: instant(16)?,
            ordered: row.get(at + 17)?,
        };
        let window = Window {
            number: count(0)?,
            span: Span { from: instant(1)?, until: instant(2)? },
            state: WindowState::Open,
            token: row.get(at + 4)?,
            attempts: row.get(at + 5)?,
            tally,
            evidence,
            problem: row.get(at + 18)?,
        };
        Ok((state, window))
    };
    let (state, window) = read().doing("read the ledger")?;
    match WindowState::parse(&state) {
        Some(state) => Ok(Window { state, ..window }),
        None => Err(Error::Damaged { what: format!("a window in the state `{state}`") }),
    }
}

fn repaired(words: &str) -> [u64; Repair::ALL.len()] {
    let mut counts = [0; Repair::ALL.len()];
    for (name, count) in words.split_whitespace().filter_map(|word| word.split_once('=')) {
        for repair in Repair::ALL.into_iter().filter(|repair| repair.as_str() == name) {
            counts[repair as usize] = count.parse().unwrap_or_default();
        }
    }
    counts
}
