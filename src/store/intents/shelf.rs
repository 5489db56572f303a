//! Intents that write to holdings, items and boxes: their targets, and what was written there last.

use super::{Intent, IntentImages, NewIntent, Part};
use crate::model::id::MmsId;
use crate::model::intent::IntentKind;
use crate::push::alma::{HoldingId, ItemPid};
use crate::push::resource_uri::{ContainerUri, ResourceUri};
use crate::push::shelf::place::{Place, Spot};
use crate::store::{Doing, Error, Store};
use rusqlite::{Row, Transaction, params};

impl NewIntent {
    /// As `target`, of everything that is not a record of its own.
    pub(super) fn shelf_target(&self) -> String {
        let nowhere = Spot::default();
        let spot = match &self.part {
            Part::Shelf(spot) => spot,
            Part::Record | Part::File(_) | Part::Field(_) => &nowhere,
        };
        let (mms, of) = (self.mms.as_ref().map(ToString::to_string).unwrap_or_default(), self.kind);
        match (of, spot) {
            (IntentKind::CreateHolding, Spot { place: Some(place), .. }) => format!("holding {place} of bib {mms}"),
            (IntentKind::UpdateHolding | IntentKind::DeleteHolding, Spot { holding: Some(id), .. }) => {
                format!("holding {id}")
            }
            (IntentKind::UpdateItem | IntentKind::DeleteItem, Spot { item: Some(pid), .. }) => format!("item {pid}"),
            (IntentKind::CreateItem, Spot { container: Some(container), .. }) => format!("item of {container}"),
            (IntentKind::WriteIlsIds, Spot { container: Some(container), .. }) => format!("ILS ids of {container}"),
            (IntentKind::WriteBarcode, Spot { container: Some(container), .. }) => format!("barcode of {container}"),
            // Without what it names it would be a fault of this program; it gets a target that no other one has.
            (_, _) => format!("{of} of {}", self.subject),
        }
    }
}

impl Store {
    /// The latest write to a holding that stands and takes nothing back; none when this program never wrote to it.
    pub fn last_write_to_holding(&self, id: &HoldingId) -> Result<Option<i64>, Error> {
        self.last_shelf_write("holding = ?1 AND kind IN ('create-holding', 'update-holding')", id.as_str())
    }

    /// As `last_write_to_holding`, of an item.
    pub fn last_write_to_item(&self, pid: &ItemPid) -> Result<Option<i64>, Error> {
        self.last_shelf_write("item = ?1 AND kind IN ('create-item', 'update-item')", pid.as_str())
    }

    fn last_shelf_write(&self, condition: &str, value: &str) -> Result<Option<i64>, Error> {
        let sql = format!("SELECT max(id) FROM intents WHERE {condition} AND state = 'done' AND undoes IS NULL");
        let mut statement = self.connection.prepare_cached(&sql).doing("look for what was written last")?;
        statement.query_row([value], |row| row.get(0)).doing("look for what was written last")
    }

    /// Everything that this program wrote into a holding and that stands, latest first.
    pub fn written_to_holding(&mut self, id: &HoldingId) -> Result<Vec<IntentImages>, Error> {
        self.written_to("holding = ?1 AND kind IN ('create-holding', 'update-holding')", id.as_str())
    }

    /// As `written_to_holding`, into an item.
    pub fn written_to_item(&mut self, pid: &ItemPid) -> Result<Vec<IntentImages>, Error> {
        self.written_to("item = ?1 AND kind IN ('create-item', 'update-item')", pid.as_str())
    }

    fn written_to(&mut self, condition: &str, value: &str) -> Result<Vec<IntentImages>, Error> {
        let condition = format!("{condition} AND state = 'done' AND undoes IS NULL ORDER BY id DESC");
        let writes = self.intents_where(&condition, [value])?;
        writes.iter().map(|intent| self.intent_images(intent.id)).collect()
    }

    /// Nothing is held for a target any more.
    pub fn release_target(&mut self, target: &str) -> Result<(), Error> {
        let sql = "DELETE FROM intents WHERE target = ?1 AND state = 'held'";
        self.connection.execute(sql, [target]).doing("release what is held").map(|_| ())
    }

    /// What made the holding of a bib at a place for a resource, and stands.
    pub fn holding_made(&self, uri: &ResourceUri, mms: &MmsId, place: &Place) -> Result<Option<Intent>, Error> {
        let condition =
            "subject = ?1 AND mms = ?2 AND place = ?3 AND kind = 'create-holding' AND state = 'done' AND undoes IS NULL
                         ORDER BY id DESC LIMIT 1";
        let values = params![uri.to_string(), mms.as_str(), place.to_string()];
        Ok(self.intents_where(condition, values)?.pop())
    }

    /// Nothing is held any more of a resource's shelf: its profile keeps none.
    pub fn release_shelf(&self, subject: &ResourceUri) -> Result<(), Error> {
        let sql = "DELETE FROM intents WHERE subject = ?1 AND state = 'held'
                       AND kind IN ('create-holding', 'update-holding', 'create-item', 'update-item', 'write-ils-ids')";
        self.connection.execute(sql, [subject.to_string()]).doing("release what is held").map(|_| ())
    }

    /// Nothing is held any more of boxes of a resource that it does not have, or not to itself.
    pub fn release_boxes_but(&mut self, subject: &ResourceUri, own: &[ContainerUri]) -> Result<(), Error> {
        let condition =
            "subject = ?1 AND state = 'held' AND kind IN ('create-item', 'update-item', 'write-ils-ids') ORDER BY id";
        for held in self.intents_where(condition, [subject.to_string()])? {
            if held.target.spot.container.is_none_or(|container| !own.contains(&container)) {
                self.release_target(&held.target.name)?;
            }
        }
        Ok(())
    }

    /// What was begun for a target and has no known end.
    pub fn begun_at(&self, target: &str) -> Result<Option<Intent>, Error> {
        let condition = "target = ?1 AND state IN ('planned', 'sent', 'unknown') ORDER BY id LIMIT 1";
        Ok(self.intents_where(condition, [target])?.pop())
    }
}

/// Writes down what is known of holding, item and box; what was known before stays.
pub(super) fn note_spot(transaction: &Transaction<'_>, id: i64, spot: &Spot) -> Result<(), Error> {
    let sql =
        "UPDATE intents SET place = coalesce(?2, place), holding = coalesce(?3, holding), item = coalesce(?4, item),
                   container = coalesce(?5, container) WHERE id = ?1";
    let row = params![
        id,
        spot.place.as_ref().map(ToString::to_string),
        spot.holding.as_ref().map(HoldingId::as_str),
        spot.item.as_ref().map(ItemPid::as_str),
        spot.container.as_ref().map(ToString::to_string),
    ];
    transaction.execute(sql, row).doing("note where an intent writes").map(|_| ())
}

/// The item that was made for a box is the box's from this moment on: whatever ends the run before the rest of the shelf is done, no
/// other one is made.
pub(super) fn note_item_of_box(transaction: &Transaction<'_>, id: i64) -> Result<(), Error> {
    let sql = "UPDATE containers SET mms = made.mms, holding = made.holding, item = made.item
               FROM intents AS made WHERE made.id = ?1 AND made.kind = 'create-item' AND made.item <> ''
                   AND containers.uri = made.container";
    transaction.execute(sql, [id]).doing("note the item of a box").map(|_| ())
}

/// Reads four columns from `at` on.
pub(super) fn spot(row: &Row<'_>, at: usize) -> Result<Spot, Error> {
    let text = |at: usize| row.get::<_, String>(at).doing("read intents");
    let (place, holding, item, container) = (text(at)?, text(at + 1)?, text(at + 2)?, text(at + 3)?);
    let damaged = || Error::Damaged { what: format!("an intent for `{place}` `{holding}` `{item}` `{container}`") };
    Ok(Spot {
        place: given(&place).map(|text| Place::parse(text).ok_or_else(damaged)).transpose()?,
        holding: given(&holding).map(|text| HoldingId::parse(text).map_err(|_| damaged())).transpose()?,
        item: given(&item).map(|text| ItemPid::parse(text).map_err(|_| damaged())).transpose()?,
        container: given(&container).map(|text| ContainerUri::parse(text).map_err(|_| damaged())).transpose()?,
    })
}

fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}
