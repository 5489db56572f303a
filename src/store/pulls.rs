//! What is pulled from Alma into ArchivesSpace: for which resources, what was taken back, and what is known of it afterwards.

use super::containers::GatheredBox;
use super::resources::named;
use super::{Doing, Error, Store};
use crate::model::fixity::Fixity;
use crate::model::intent::{IntentKind, IntentState};
use crate::push::resource_uri::{ContainerUri, ResourceUri};
use crate::push::top_container::TopContainer;
use crate::store::intents::IntentImages;
use rusqlite::{OptionalExtension, params};

impl Store {
    /// The resources that ArchivesSpace shows, in the order of their numbers.
    pub fn resources_shown(&self) -> Result<Vec<ResourceUri>, Error> {
        let doing = "look for resources to pull";
        let mut statement =
            self.connection.prepare_cached("SELECT uri FROM resources WHERE gone IS NULL").doing(doing)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).doing(doing)?;
        let mut shown: Vec<ResourceUri> =
            rows.map(|row| row.doing(doing).and_then(|uri| named(&uri))).collect::<Result<_, _>>()?;
        shown.sort();
        Ok(shown)
    }

    /// What was pulled for a resource and taken back, oldest first: into which box, and what stood and was written there.
    pub fn pulled_and_taken_back(
        &mut self,
        subject: &ResourceUri,
    ) -> Result<Vec<(Option<ContainerUri>, IntentImages)>, Error> {
        let mut taken = Vec::new();
        for intent in self.intents_of(subject)? {
            let is_pulled = matches!(intent.target.kind, IntentKind::WriteFields | IntentKind::WriteBarcode);
            if is_pulled && intent.state == IntentState::Undone {
                taken.push((intent.target.spot.container, self.intent_images(intent.id)?));
            }
        }
        Ok(taken)
    }

    /// What was pulled into the fields of a resource and stands as far as this program knows: its number, and what stood and was written
    /// there.
    pub fn fields_pulled(&mut self, subject: &ResourceUri) -> Result<Vec<(i64, IntentImages)>, Error> {
        let mut pulled = Vec::new();
        for intent in self.intents_of(subject)? {
            let stands = intent.state == IntentState::Done && intent.undoes.is_none();
            if stands && intent.target.kind == IntentKind::WriteFields {
                pulled.push((intent.id, self.intent_images(intent.id)?));
            }
        }
        Ok(pulled)
    }

    /// What pulls hold for a resource, other than for these targets, is asked by nobody any more.
    pub fn release_pulled(&mut self, subject: &ResourceUri, but: &[String]) -> Result<(), Error> {
        for intent in self.intents_of(subject)? {
            let is_pulled = matches!(intent.target.kind, IntentKind::WriteFields | IntentKind::WriteBarcode);
            if is_pulled && intent.state == IntentState::Held && !but.contains(&intent.target.name) {
                self.release_target(&intent.target.name)?;
            }
        }
        Ok(())
    }

    /// Resources for which a pull holds something.
    pub fn with_pull_held(&self) -> Result<Vec<ResourceUri>, Error> {
        let doing = "look what is held of pulls";
        let sql =
            "SELECT DISTINCT subject FROM intents WHERE state = 'held' AND kind IN ('write-fields', 'write-barcode')";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let rows = statement.query_map([], |row| row.get::<_, String>(0)).doing(doing)?;
        rows.map(|row| row.doing(doing).and_then(|uri| named(&uri))).collect()
    }

    /// What pulls hold for resources that ArchivesSpace does not show any more cannot be written.
    pub fn release_pulled_of_gone(&self) -> Result<(), Error> {
        let sql = "DELETE FROM intents WHERE state = 'held' AND kind IN ('write-fields', 'write-barcode')
                       AND subject IN (SELECT uri FROM resources WHERE gone IS NOT NULL)";
        self.connection.execute(sql, []).doing("release what is held of what is gone").map(|_| ())
    }

    /// The field for the MMS ID got that of the bib that is linked already: what was planned from the link stands.
    pub fn mms_is_that_of_the_link(&self, uri: &ResourceUri) -> Result<(), Error> {
        let sql = "UPDATE resources SET planned_mms = mms
                   WHERE uri = ?1 AND planned_mms = '' AND mms = (SELECT links.mms FROM links WHERE links.uri = ?1)";
        self.connection.execute(sql, [uri.to_string()]).doing("note a pulled MMS ID").map(|_| ())
    }

    /// A box as it was gathered last.
    pub fn box_kept(&mut self, uri: &ContainerUri) -> Result<Option<GatheredBox>, Error> {
        let doing = "read a box";
        let sql = "SELECT json, digest FROM containers WHERE uri = ?1";
        let row = self.connection.query_row(sql, [uri.to_string()], |row| Ok((row.get(0)?, Fixity(row.get(1)?))));
        let Some((json, digest)): Option<(Vec<u8>, Fixity)> = row.optional().doing(doing)? else { return Ok(None) };
        let damaged = || Error::Damaged { what: format!("the box {uri}") };
        let json = serde_json::from_str(&self.codec.unpack_text(&json)?).map_err(|_| damaged())?;
        Ok(Some(GatheredBox { container: TopContainer::read(json).map_err(|_| damaged())?, digest }))
    }

    /// A barcode came from Alma: what is kept of the box says so, and nothing has to be planned for it.
    pub fn keep_pulled_barcode(&mut self, gathered: &GatheredBox) -> Result<(), Error> {
        let GatheredBox { container, digest } = gathered;
        let json = self.codec.pack(container.json.to_string().as_bytes());
        let barcode = container.barcode.as_deref().unwrap_or_default();
        let sql = "UPDATE containers SET json = ?2, barcode = ?3, digest = ?4 WHERE uri = ?1";
        let row = params![container.uri.to_string(), json, barcode, digest.0];
        self.connection.execute(sql, row).doing("keep a box").map(|_| ())
    }

    /// Another box of the same repository that has a barcode, as far as boxes were gathered.
    pub fn other_box_with(&self, barcode: &str, uri: &ContainerUri) -> Result<Option<String>, Error> {
        let sql = "SELECT label || ' (' || uri || ')' FROM containers
                   WHERE repository = ?1 AND barcode = ?2 AND uri <> ?3 AND gone IS NULL ORDER BY uri LIMIT 1";
        let values = params![uri.repository() as i64, barcode, uri.to_string()];
        let found =
            self.connection.prepare_cached(sql).and_then(|mut it| it.query_row(values, |row| row.get(0)).optional());
        found.doing("look for a box by its barcode")
    }
}
