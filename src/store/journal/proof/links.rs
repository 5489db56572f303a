//! Compares what `link` wrote down with what the journal tells of it.

use super::{Walk, shown};
use crate::model::event::Event;
use crate::store::link_intents::BEGINNING;
use crate::store::{Doing, Error};
use rusqlite::{Connection, Row};

impl Walk<'_> {
    /// Takes note of an entry about an intent of `link`, which names it at the beginning of its words.
    pub(super) fn about_link(&mut self, event: Option<Event>, row: &Row<'_>) -> rusqlite::Result<()> {
        let detail: String = row.get(13)?;
        let number = detail.strip_prefix(BEGINNING).and_then(|rest| rest.split([' ', ':']).next()?.parse::<i64>().ok());
        if let (Some(number), Some(state)) = (number, event.and_then(|event| event.intent_state())) {
            let (ie, digest) = (shown(row.get_ref(5)?), shown(row.get_ref(12)?));
            self.links.insert(number, (state, ie, digest));
        }
        Ok(())
    }

    /// Every intent is in the state of its last entry, of that IE, and says what it said. What is held was never begun, and has
    /// no entry.
    pub(super) fn through_links(&mut self, connection: &Connection) -> Result<(), Error> {
        let doing = "compare links with the journal";
        let sql = "SELECT id, ie, state, digest FROM link_intents ORDER BY id";
        let mut statement = connection.prepare(sql).doing(doing)?;
        let mut rows = statement.query([]).doing(doing)?;
        while let Some(row) = rows.next().doing(doing)? {
            let id: i64 = row.get(0).doing(doing)?;
            let text = |at: usize| row.get_ref(at).doing(doing).map(shown);
            let (ie, found, digest) = (text(1)?, text(2)?, text(3)?);
            self.proof.intents += 1;
            let what = match self.links.remove(&id) {
                None if found == "held" => continue,
                None => format!("link {id} of {ie} is {found}, and no entry tells of it"),
                Some((state, ..)) if state.as_str() != found => {
                    format!("link {id} of {ie} is {found}, its last entry says {state}")
                }
                Some((_, told, _)) if told != ie => format!("link {id} is of {ie}, its last entry says {told}"),
                Some((.., told)) if told != digest => {
                    format!("the digest of link {id} of {ie} is {digest}, its last entry says {told}")
                }
                Some(_) => continue,
            };
            self.fault(None, None, what);
        }
        let mut missing: Vec<i64> = self.links.keys().copied().collect();
        missing.sort_unstable();
        for id in missing {
            self.fault(None, None, format!("link {id} is not in the store, and an entry tells of it"));
        }
        Ok(())
    }
}
