//! What the last pull could not bring from Alma, and why: what waits for a person, and what the next pull tries again.

use super::resources::named;
use super::{Doing, Error, Store, time};
use crate::model::time::Timestamp;
use crate::push::pull::fate::PullFate;
use crate::push::resource_uri::ResourceUri;
use crate::push::shelf::fate::End;
use rusqlite::params;

/// A line of that list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullLine {
    pub uri: ResourceUri,
    /// The path of a field, the URI of a box, or nothing for all of the resource; and what stands on the box.
    pub part: String,
    pub label: String,
    pub at: Timestamp,
    pub outcome: String,
    pub code: String,
    pub detail: String,
}

impl PullLine {
    /// What of the resource it is, in words.
    pub fn name(&self) -> String {
        match (self.part.as_str(), self.label.as_str()) {
            ("", _) => String::new(),
            (part, "") => part.to_owned(),
            (part, label) => format!("{label} ({part})"),
        }
    }
}

impl Store {
    /// Notes what is open of these resources, in the place of what was open of them before.
    pub fn note_pull_ends(&mut self, fates: &[PullFate], now: Timestamp) -> Result<(), Error> {
        let doing = "note what was not pulled";
        self.transaction(|transaction, _| {
            for fate in fates {
                let uri = fate.uri.to_string();
                transaction.prepare_cached("DELETE FROM pull_ends WHERE uri = ?1").doing(doing)?.execute([&uri]).doing(doing)?;
                for (part, label, end) in parts(fate).into_iter().filter(|(.., end)| end.is_open()) {
                    let sql = "INSERT INTO pull_ends (uri, part, label, planned, outcome, code, detail) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
                    let row = params![uri, part, label, now.millis(), end.outcome, end.code, end.detail];
                    transaction.prepare_cached(sql).doing(doing)?.execute(row).doing(doing)?;
                }
            }
            Ok(())
        })
    }

    /// What a resource that ArchivesSpace does not show any more was waiting for is asked by nobody.
    pub fn forget_pull_ends_of_gone(&self) -> Result<(), Error> {
        let sql = "DELETE FROM pull_ends WHERE uri IN (SELECT uri FROM resources WHERE gone IS NOT NULL)";
        self.connection.execute(sql, []).doing("forget what was not pulled").map(|_| ())
    }

    /// Nothing is open of a resource any more.
    pub fn forget_pull_ends(&self, uri: &ResourceUri) -> Result<(), Error> {
        let sql = "DELETE FROM pull_ends WHERE uri = ?1";
        self.connection.execute(sql, [uri.to_string()]).doing("forget what was not pulled").map(|_| ())
    }

    /// What is open, of all resources or of one, and in any way or in one.
    pub fn pull_ends(
        &self,
        of: Option<&ResourceUri>,
        outcome: Option<&str>,
        limit: usize,
    ) -> Result<Vec<PullLine>, Error> {
        let doing = "list what was not pulled";
        let sql = "SELECT uri, part, label, planned, outcome, code, detail FROM pull_ends
                   WHERE (?1 IS NULL OR uri = ?1) AND (?2 IS NULL OR outcome = ?2) ORDER BY uri, part LIMIT ?3";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![of.map(ToString::to_string), outcome, limit as i64]).doing(doing)?;
        let mut lines = Vec::new();
        while let Some(row) = rows.next().doing(doing)? {
            let text = |at: usize| row.get::<_, String>(at).doing(doing);
            lines.push(PullLine {
                uri: named(&text(0)?)?,
                part: text(1)?,
                label: text(2)?,
                at: time(row.get(3).doing(doing)?),
                outcome: text(4)?,
                code: text(5)?,
                detail: text(6)?,
            });
        }
        Ok(lines)
    }
}

fn parts(fate: &PullFate) -> Vec<(String, &str, &End)> {
    let mut parts = vec![(String::new(), "", &fate.end)];
    parts.extend(fate.fields.iter().map(|it| (it.field.clone(), "", &it.end)));
    parts.extend(fate.boxes.iter().map(|it| (it.container.to_string(), it.label.as_str(), &it.end)));
    parts
}
