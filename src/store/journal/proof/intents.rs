//! Compares what the push wrote down with what the journal tells of it.

use super::{Walk, shown};
use crate::model::event::Event;
use crate::store::{Doing, Error};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row};

/// Where the columns of the intent stand in a row of the journal.
const ID: usize = 22;
/// Column of the journal, column of the intent, and what to call them.
const SAME: [(usize, usize, &str); 2] = [(5, 23, "resource"), (12, 24, "digest of what is written")];

impl Walk<'_> {
    /// Compares an entry with the intent that it is about.
    pub(super) fn about_intent(
        &mut self,
        id: i64,
        intent: i64,
        event: Option<Event>,
        row: &Row<'_>,
    ) -> rusqlite::Result<()> {
        if row.get_ref(ID)? == ValueRef::Null {
            self.fault(Some(id), None, format!("intent {intent} is not in the store"));
            return Ok(());
        }
        if let Some(state) = event.and_then(|event| event.intent_state()) {
            self.intents.insert(intent, state);
        }
        for (ours, theirs, name) in SAME {
            let (ours, theirs) = (row.get_ref(ours)?, row.get_ref(theirs)?);
            if ours != theirs {
                let what = format!("its {name} is {}, that of intent {intent} is {}", shown(ours), shown(theirs));
                self.fault(Some(id), None, what);
            }
        }
        Ok(())
    }

    /// Every intent is in the state of its last entry. What is held was never begun, and has none.
    pub(super) fn through_intents(&mut self, connection: &Connection) -> Result<(), Error> {
        let doing = "compare intents with the journal";
        let sql = "SELECT id, subject, state FROM intents ORDER BY id";
        let mut statement = connection.prepare(sql).doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let id: i64 = row.get(0).doing(doing)?;
            let (subject, found) = (shown(row.get_ref(1).doing(doing)?), shown(row.get_ref(2).doing(doing)?));
            self.proof.intents += 1;
            let told = self.intents.get(&id).map(|state| state.as_str());
            match told {
                Some(told) if told == found => {}
                None if found == "held" => {}
                Some(told) => {
                    let what = format!("intent {id} of {subject} is {found}, its last entry says {told}");
                    self.fault(None, None, what);
                }
                None => {
                    let what = format!("intent {id} of {subject} is {found}, and no entry tells of it");
                    self.fault(None, None, what);
                }
            }
        }
        Ok(())
    }
}
