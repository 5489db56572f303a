//! Boxes as ArchivesSpace told of them, of which resources each holds parts, and what became of the item of each.

use super::resources::Arrived;
use super::{Doing, Error, Store, time};
use crate::model::fixity::Fixity;
use crate::model::time::Timestamp;
use crate::push::alma::ItemPid;
use crate::push::resource_uri::{ContainerUri, ResourceUri};
use crate::push::shelf::fate::ItemFate;
use crate::push::top_container::TopContainer;
use rusqlite::{OptionalExtension, Transaction, params};
use std::collections::{BTreeMap, HashSet};

/// A box that came, with the digest of what it says.
#[derive(Debug, Clone)]
pub struct GatheredBox {
    pub container: TopContainer,
    pub digest: Fixity,
}

/// A line of a list of boxes.
#[derive(Debug, Clone)]
pub struct BoxLine {
    pub uri: ContainerUri,
    pub resource: String,
    pub label: String,
    /// Barcode, holding and item; empty where there is none.
    pub numbers: [String; 3],
    /// What Alma was doing with the item: `LOAN`, `TRANSIT`, `requested`.
    pub process: String,
    /// Outcome, code, detail.
    pub end: [String; 3],
    pub planned: Option<Timestamp>,
}

impl Store {
    /// Keeps what came. Resources are planned again whose boxes say something else.
    pub fn keep_boxes(&mut self, gathered: &[GatheredBox], now: Timestamp) -> Result<Arrived, Error> {
        let doing = "keep a box";
        self.transaction(|transaction, codec| {
            let mut arrived = Arrived::default();
            let keep = "INSERT INTO containers (uri, repository, digest, json, label, barcode, seen, changed)
                        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7)
                        ON CONFLICT (uri) DO UPDATE SET json = ?4, label = ?5, barcode = ?6, seen = ?7, gone = NULL,
                            changed = CASE WHEN digest = ?3 THEN changed ELSE ?7 END, digest = ?3";
            let known = "SELECT digest, gone IS NULL FROM containers WHERE uri = ?1";
            for GatheredBox { container, digest } in gathered {
                let uri = container.uri.to_string();
                let mut known = transaction.prepare_cached(known).doing(doing)?;
                let before = known.query_row([&uri], |row| Ok((row.get::<_, [u8; 32]>(0)?, row.get(1)?)));
                let before: Option<([u8; 32], bool)> = before.optional().doing(doing)?;
                let is_same = before == Some((digest.0, true));
                match (before, is_same) {
                    (None, _) => arrived.new += 1,
                    (Some(_), true) => arrived.same += 1,
                    (Some(_), false) => arrived.changed += 1,
                }
                let json = codec.pack(container.json.to_string().as_bytes());
                let label = container.label.display.clone().unwrap_or_else(|| container.label.indicator.clone());
                let barcode = container.barcode.as_deref().unwrap_or_default();
                let repository = container.uri.repository() as i64;
                let row = params![uri, repository, digest.0, json, label, barcode, now.millis()];
                transaction.prepare_cached(keep).and_then(|mut keep| keep.execute(row)).doing(doing)?;
                if !is_same {
                    relate(transaction, container)?;
                }
            }
            Ok(arrived)
        })
    }

    /// Boxes that hold parts of nothing that is pushed. Those that did are gone for their resources, which are planned again.
    pub fn boxes_left(&mut self, containers: &[TopContainer], now: Timestamp) -> Result<(), Error> {
        let doing = "let go of a box";
        self.transaction(|transaction, _| {
            let sql = "UPDATE containers SET gone = ?2 WHERE uri = ?1 AND gone IS NULL";
            for container in containers {
                let row = params![container.uri.to_string(), now.millis()];
                let left = transaction.prepare_cached(sql).and_then(|mut leave| leave.execute(row)).doing(doing)?;
                if left > 0 {
                    relate(transaction, container)?;
                }
            }
            Ok(())
        })
    }

    /// Our own write-back has changed a box: what is kept says the same, and nothing has to be planned for it.
    pub fn keep_box_written_back(&mut self, uri: &ContainerUri, json: &str) -> Result<(), Error> {
        let json = self.codec.pack(json.as_bytes());
        let sql = "UPDATE containers SET json = ?2 WHERE uri = ?1";
        self.connection.execute(sql, params![uri.to_string(), json]).doing("keep a box").map(|_| ())
    }

    /// The boxes that hold parts of a resource, in the order of their numbers.
    pub fn boxes_of(&mut self, uri: &ResourceUri) -> Result<Vec<TopContainer>, Error> {
        let doing = "read boxes";
        let sql = "SELECT uri, json FROM containers JOIN container_resources ON container = uri
                   WHERE resource = ?1 AND gone IS NULL";
        let rows: Vec<(String, Vec<u8>)> = {
            let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
            let rows = statement.query_map([uri.to_string()], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
            rows.collect::<Result<_, _>>().doing(doing)?
        };
        let mut boxes = Vec::with_capacity(rows.len());
        for (uri, json) in rows {
            let damaged = || Error::Damaged { what: format!("the box {uri}") };
            let json = serde_json::from_str(&self.codec.unpack_text(&json)?).map_err(|_| damaged())?;
            boxes.push(TopContainer::read(json).map_err(|_| damaged())?);
        }
        boxes.sort_by_key(|container| container.uri);
        Ok(boxes)
    }

    /// Of which resources a box holds parts, as it said when it came last.
    pub fn resources_of_box(&self, uri: &ContainerUri) -> Result<Vec<ResourceUri>, Error> {
        let doing = "read what a box holds";
        let sql = "SELECT resource FROM container_resources WHERE container = ?1 ORDER BY position";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([uri.to_string()], |row| row.get::<_, String>(0)).doing(doing)?;
        rows.map(|row| row.doing(doing).and_then(|text| super::resources::named(&text))).collect()
    }

    /// The item of a box, as this program noted it last.
    pub fn item_of_box(&self, uri: &ContainerUri) -> Result<Option<ItemPid>, Error> {
        let sql = "SELECT item FROM containers WHERE uri = ?1 AND item <> ''";
        let found = self.connection.query_row(sql, [uri.to_string()], |row| row.get::<_, String>(0));
        let damaged = |text: &str| Error::Damaged { what: format!("the item `{text}` of {uri}") };
        let found = found.optional().doing("read the item of a box")?;
        found.map(|text| ItemPid::parse(&text).map_err(|_| damaged(&text))).transpose()
    }

    /// At whose bib the item of a shared box is, or else shall be: the first resource of the box that is pushed. ArchivesSpace's order
    /// may change, and a further resource may come before the others; an item does not move with that.
    pub fn host_of_box(&self, uri: &ContainerUri) -> Result<Option<ResourceUri>, Error> {
        let doing = "look at whose bib the item of a box is";
        let sql = "SELECT resource FROM container_resources JOIN resources ON resources.uri = resource
                       JOIN containers ON containers.uri = container LEFT JOIN links ON links.uri = resource
                   WHERE container = ?1 AND resources.gone IS NULL
                   ORDER BY containers.item <> '' AND links.mms IS containers.mms DESC, position LIMIT 1";
        let found = self.connection.query_row(sql, [uri.to_string()], |row| row.get::<_, String>(0)).optional();
        found.doing(doing)?.map(|text| super::resources::named(&text)).transpose()
    }

    /// The item of a box was taken back: the box is matched anew.
    pub fn forget_item_of_box(&self, uri: &ContainerUri) -> Result<(), Error> {
        let sql = "UPDATE containers SET mms = '', holding = '', item = '', process = '', outcome = 'skipped', code = 'undone', detail = ''
                   WHERE uri = ?1";
        self.connection.execute(sql, [uri.to_string()]).doing("forget the item of a box").map(|_| ())
    }

    /// Notes what became of boxes. One whose item is at another bib is not noted here.
    pub fn note_boxes(&mut self, mms: &str, fates: &[ItemFate], now: Timestamp) -> Result<(), Error> {
        let doing = "note what became of a box";
        let sql = "UPDATE containers SET mms = CASE WHEN ?4 IS NULL THEN mms ELSE ?2 END, holding = coalesce(?3, holding), item = coalesce(?4, item), process = ?5,
                       planned = ?6, outcome = ?7, code = ?8, detail = ?9 WHERE uri = ?1";
        self.transaction(|transaction, _| {
            let mut statement = transaction.prepare_cached(sql).doing(doing)?;
            for fate in fates.iter().filter(|fate| fate.end.code != "at-host") {
                let holding = fate.holding.as_ref().map(|id| id.as_str());
                let item = fate.item.as_ref().map(ItemPid::as_str);
                let (uri, end) = (fate.container.to_string(), &fate.end);
                let row =
                    params![uri, mms, holding, item, fate.process, now.millis(), end.stored(), end.code, end.detail];
                statement.execute(row).doing(doing)?;
            }
            Ok(())
        })
    }

    /// The repositories whose resources were asked for.
    pub fn repositories_gathered(&self) -> Result<Vec<u64>, Error> {
        let doing = "read which repositories were asked";
        let mut statement = self.connection.prepare("SELECT repository FROM gathered ORDER BY 1").doing(doing)?;
        let rows = statement.query_map([], |row| row.get::<_, i64>(0)).doing(doing)?;
        rows.map(|row| row.doing(doing).map(|number| number as u64)).collect()
    }

    /// Until when a repository was asked for boxes, in ArchivesSpace's time, and when all of them were compared last.
    pub fn boxes_gathered(&self, repository: u64) -> Result<(Option<Timestamp>, Option<Timestamp>), Error> {
        let sql = "SELECT since, compared FROM containers_gathered WHERE repository = ?1";
        let found = self.connection.query_row(sql, [repository as i64], |row| {
            Ok((Some(time(row.get(0)?)), row.get::<_, Option<i64>>(1)?.map(time)))
        });
        Ok(found.optional().doing("read how far a repository was asked for boxes")?.unwrap_or((None, None)))
    }

    pub fn set_boxes_gathered(
        &self,
        repository: u64,
        since: Timestamp,
        compared: Option<Timestamp>,
    ) -> Result<(), Error> {
        let sql =
            "INSERT INTO containers_gathered (repository, since, compared) VALUES (?1, ?2, ?3) ON CONFLICT (repository)
                   DO UPDATE SET since = excluded.since, compared = coalesce(excluded.compared, compared)";
        let row = params![repository as i64, since.millis(), compared.map(|at| at.millis())];
        self.connection.execute(sql, row).doing("note how far a repository was asked for boxes").map(|_| ())
    }

    /// Notes which boxes of a repository ArchivesSpace does not show any more; answers those that it shows again.
    pub fn compare_boxes(
        &mut self,
        repository: u64,
        shown: &HashSet<ContainerUri>,
        now: Timestamp,
    ) -> Result<Vec<ContainerUri>, Error> {
        let doing = "compare boxes";
        self.transaction(|transaction, _| {
            let sql = "SELECT uri, gone IS NULL FROM containers WHERE repository = ?1";
            let rows: Vec<(String, bool)> = {
                let mut known = transaction.prepare_cached(sql).doing(doing)?;
                let rows = known.query_map([repository as i64], |row| Ok((row.get(0)?, row.get(1)?))).doing(doing)?;
                rows.collect::<Result<_, _>>().doing(doing)?
            };
            let mut again = Vec::new();
            for (text, is_there) in rows {
                let uri = container(&text)?;
                match (shown.contains(&uri), is_there) {
                    (true, true) | (false, false) => {}
                    (true, false) => again.push(uri),
                    (false, true) => {
                        let sql = "UPDATE containers SET gone = ?2 WHERE uri = ?1";
                        transaction.execute(sql, params![text, now.millis()]).doing(doing)?;
                        plan_again(transaction, &text)?;
                    }
                }
            }
            Ok(again)
        })
    }

    /// How many boxes ended how: outcome, code, number.
    pub fn box_counts(&self) -> Result<BTreeMap<(String, String), u64>, Error> {
        let sql =
            "SELECT CASE WHEN gone IS NULL THEN outcome ELSE 'gone' END, CASE WHEN gone IS NULL THEN code ELSE '' END,
                       count(*) FROM containers GROUP BY 1, 2";
        let mut statement = self.connection.prepare_cached(sql).doing("count boxes")?;
        let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), row.get::<_, i64>(2)? as u64)));
        rows.and_then(Iterator::collect).doing("count boxes")
    }

    /// Boxes of all resources, or of one.
    pub fn box_lines(&self, of: Option<&ResourceUri>, limit: usize) -> Result<Vec<BoxLine>, Error> {
        let doing = "list boxes";
        let sql = "SELECT uri, (SELECT group_concat(resource, ' ') FROM container_resources WHERE container = uri), label,
                       barcode, holding, item, process, CASE WHEN gone IS NULL THEN outcome ELSE 'gone' END, code, detail,
                       planned FROM containers
                   WHERE ?1 IS NULL OR uri IN (SELECT container FROM container_resources WHERE resource = ?1)
                   ORDER BY repository, CAST(replace(uri, '/repositories/' || repository || '/top_containers/', '') AS INTEGER)
                   LIMIT ?2";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![of.map(ToString::to_string), limit as i64]).doing(doing)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let text = |at: usize| row.get::<_, Option<String>>(at).doing(doing).map(Option::unwrap_or_default);
            lines.push(BoxLine {
                uri: container(&text(0)?)?,
                resource: text(1)?,
                label: text(2)?,
                numbers: [text(3)?, text(4)?, text(5)?],
                process: text(6)?,
                end: [text(7)?, text(8)?, text(9)?],
                planned: row.get::<_, Option<i64>>(10).doing(doing)?.map(time),
            });
        }
        Ok(lines)
    }
}

fn container(text: &str) -> Result<ContainerUri, Error> {
    ContainerUri::parse(text).map_err(|_| Error::Damaged { what: format!("`{text}` as a top container") })
}

/// Notes of which resources a box holds parts, and lets them be planned again, those that it held before among them.
fn relate(transaction: &Transaction<'_>, container: &TopContainer) -> Result<(), Error> {
    let doing = "relate a box to its resources";
    let uri = container.uri.to_string();
    plan_again(transaction, &uri)?;
    transaction.execute("DELETE FROM container_resources WHERE container = ?1", [&uri]).doing(doing)?;
    let sql = "INSERT OR IGNORE INTO container_resources (container, resource, position) VALUES (?1, ?2, ?3)";
    for (position, resource) in container.resources().enumerate() {
        transaction.execute(sql, params![uri, resource.to_string(), position as i64]).doing(doing)?;
    }
    plan_again(transaction, &uri)
}

fn plan_again(transaction: &Transaction<'_>, container: &str) -> Result<(), Error> {
    let sql = "UPDATE resources SET planned_rules = NULL
               WHERE uri IN (SELECT resource FROM container_resources WHERE container = ?1)";
    transaction.execute(sql, [container]).doing("let a resource be planned again").map(|_| ())
}
