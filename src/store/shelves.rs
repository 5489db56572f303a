//! What became of each place at which a bib shall have a holding, and the places that persons have asked for.

use super::journal::{Entry, Journal, Origin, Subject};
use super::{Doing, Error, Store, time};
use crate::model::event::Event;
use crate::model::time::Timestamp;
use crate::push::resource_uri::ResourceUri;
use crate::push::shelf::fate::HoldingFate;
use crate::push::shelf::place::Place;
use rusqlite::params;
use std::collections::BTreeMap;

/// A line of a list of holdings.
#[derive(Debug, Clone)]
pub struct PlaceLine {
    pub uri: ResourceUri,
    pub place: String,
    pub mms: String,
    /// Empty while there is none.
    pub holding: String,
    /// `asked` of one that a person wants and no run has looked at yet.
    pub outcome: String,
    pub code: String,
    pub detail: String,
    /// When it was looked at last, or asked for.
    pub planned: Timestamp,
    /// Where a person wants it: who, and why.
    pub wish: Option<(String, String)>,
}

impl Store {
    /// Notes what became of the places of a resource; those that are not wanted any more are forgotten, and stay in Alma.
    pub fn note_places(
        &mut self,
        uri: &ResourceUri,
        mms: &str,
        fates: &[HoldingFate],
        now: Timestamp,
    ) -> Result<(), Error> {
        let doing = "note what became of holdings";
        let uri = uri.to_string();
        self.transaction(|transaction, _| {
            transaction.execute("DELETE FROM shelves WHERE uri = ?1", [&uri]).doing(doing)?;
            let sql = "INSERT INTO shelves (uri, place, mms, holding, planned, outcome, code, detail)
                       VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
            let mut insert = transaction.prepare_cached(sql).doing(doing)?;
            for fate in fates {
                let holding = fate.holding.as_ref().map_or("", |id| id.as_str());
                let (outcome, end) = (fate.end.stored(), &fate.end);
                let place = fate.place.to_string();
                let row = params![uri, place, mms, holding, now.millis(), outcome, end.code, end.detail];
                insert.execute(row).doing(doing)?;
            }
            Ok(())
        })
    }

    /// A person asks for a holding at a place of the profile; the next run makes it.
    pub fn ask_for_place(&mut self, uri: &ResourceUri, place: &Place, why: &str, now: Timestamp) -> Result<(), Error> {
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let sql = "INSERT INTO places_asked_for (uri, place, who, why, at) VALUES (?1, ?2, ?3, ?4, ?5)
                       ON CONFLICT (uri, place) DO NOTHING";
            let row = params![uri.to_string(), place.to_string(), actor.who, why, now.millis()];
            let noted = transaction.execute(sql, row).doing("note that a holding is asked for")?;
            let detail = format!("a holding at {place} is asked for: {why}");
            let mut journal = Journal::open(transaction, &actor, now)?;
            if noted > 0 { journal.append(&entry(Event::Approved, uri, &detail)) } else { Ok(()) }
        })?;
        self.plan_again(uri)
    }

    /// A holding is asked for no more; whether it was.
    pub fn forget_wish(&mut self, uri: &ResourceUri, place: &Place, why: &str, now: Timestamp) -> Result<bool, Error> {
        let actor = self.actor.clone();
        self.transaction(|transaction, _| {
            let sql = "DELETE FROM places_asked_for WHERE uri = ?1 AND place = ?2";
            let forgotten = transaction.execute(sql, [uri.to_string(), place.to_string()]);
            if forgotten.doing("forget that a holding is asked for")? == 0 {
                return Ok(false);
            }
            let detail = format!("a holding at {place} is asked for no more: {why}");
            Journal::open(transaction, &actor, now)?.append(&entry(Event::Rejected, uri, &detail))?;
            Ok(true)
        })
    }

    /// The holding at a place was taken back: nothing is to be told of it.
    pub fn forget_place(&self, uri: &ResourceUri, place: &Place) -> Result<(), Error> {
        let sql = "DELETE FROM shelves WHERE uri = ?1 AND place = ?2";
        self.connection.execute(sql, [uri.to_string(), place.to_string()]).doing("forget a holding").map(|_| ())
    }

    pub fn places_asked_for(&self, uri: &ResourceUri) -> Result<Vec<Place>, Error> {
        let doing = "read which holdings are asked for";
        let sql = "SELECT place FROM places_asked_for WHERE uri = ?1 ORDER BY place";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([uri.to_string()], |row| row.get::<_, String>(0)).doing(doing)?;
        let damaged = |text: &str| Error::Damaged { what: format!("`{text}` as a place") };
        rows.map(|row| row.doing(doing).and_then(|text| Place::parse(&text).ok_or_else(|| damaged(&text)))).collect()
    }

    /// The places at which a resource's bib has holdings, as it was noted last, with their numbers.
    pub fn places_noted(&self, uri: &ResourceUri) -> Result<Vec<(Place, String)>, Error> {
        let doing = "read which holdings there are";
        let sql = "SELECT place, holding FROM shelves WHERE uri = ?1 AND holding <> ''";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([uri.to_string()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?)));
        let mut noted = Vec::new();
        for row in rows.doing(doing)? {
            let (text, holding) = row.doing(doing)?;
            let place = Place::parse(&text).ok_or_else(|| Error::Damaged { what: format!("`{text}` as a place") })?;
            noted.push((place, holding));
        }
        Ok(noted)
    }

    /// How many places ended how: outcome, code, number.
    pub fn place_counts(&self) -> Result<BTreeMap<(String, String), u64>, Error> {
        let sql = "SELECT outcome, code, count(*) FROM shelves GROUP BY 1, 2
                   UNION ALL SELECT 'asked', '', count(*) FROM places_asked_for AS wish
                       WHERE NOT EXISTS (SELECT 1 FROM shelves WHERE shelves.uri = wish.uri AND shelves.place = wish.place)
                       HAVING count(*) > 0";
        let mut statement = self.connection.prepare_cached(sql).doing("count holdings")?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? as u64)));
        rows.and_then(Iterator::collect).doing("count holdings")
    }

    /// The places of all resources, or of one; those that a person wants and no run has looked at among them.
    pub fn place_lines(&self, of: Option<&ResourceUri>, limit: usize) -> Result<Vec<PlaceLine>, Error> {
        let doing = "list holdings";
        let sql = "SELECT uri, place, mms, holding, outcome, code, detail, planned, who, why
                   FROM shelves LEFT JOIN places_asked_for USING (uri, place) WHERE ?1 IS NULL OR uri = ?1
                   UNION ALL SELECT uri, place, '', '', 'asked', '', '', at, who, why FROM places_asked_for AS wish
                       WHERE (?1 IS NULL OR uri = ?1)
                           AND NOT EXISTS (SELECT 1 FROM shelves WHERE shelves.uri = wish.uri AND shelves.place = wish.place)
                   ORDER BY 1, 2 LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![of.map(ToString::to_string), limit as i64]).doing(doing)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let text = |at: usize| row.get::<_, String>(at).doing(doing);
            let who: Option<String> = row.get(8).doing(doing)?;
            lines.push(PlaceLine {
                uri: super::resources::named(&text(0)?)?,
                place: text(1)?,
                mms: text(2)?,
                holding: text(3)?,
                outcome: text(4)?,
                code: text(5)?,
                detail: text(6)?,
                planned: time(row.get(7).doing(doing)?),
                wish: who.map(|who| text(9).map(|why| (who, why))).transpose()?,
            });
        }
        Ok(lines)
    }
}

/// What the journal tells of a wish.
fn entry<'a>(event: Event, uri: &'a ResourceUri, detail: &'a str) -> Entry<'a> {
    let (subject, origin) = (Subject::Resource(uri), Origin::default());
    Entry { event, subject, number: None, origin, before: None, after: None, detail }
}
