//! Resources of ArchivesSpace page by page, in the order of their URIs.

use super::outcomes::Slice;
use super::resources::{ResourceLine, named, planned};
use super::{Doing, Error, Store};
use rusqlite::params;

/// Which resources.
#[derive(Debug, Clone, Default)]
pub struct ResourceFilter {
    /// What became of them, `gone` and `not-planned` among it; `open-shelf` has a holding or an item that is held, failed or not
    /// known, and of `unpulled` a pull left something open.
    pub outcome: Option<String>,
    /// A part of the title, of the URI or of the MMS ID, in any case.
    pub words: Option<String>,
}

impl Store {
    /// The resources after a URI that pass a filter.
    pub fn resource_page(
        &self,
        filter: &ResourceFilter,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Slice<ResourceLine, String>, Error> {
        let doing = "list resources";
        let sql = "SELECT uri, title, mms, planned, standing, code, detail FROM
                       (SELECT uri, uri AS outer_uri, title, coalesce((SELECT links.mms FROM links WHERE links.uri = resources.uri), mms) AS mms,
                           planned, code, detail,
                           CASE WHEN gone IS NOT NULL THEN 'gone' WHEN outcome = '' THEN 'not-planned' ELSE outcome END AS standing
                       FROM resources WHERE uri > ?1)
                   WHERE ?2 IS NULL OR standing = ?2 OR (?2 = 'unpulled' AND uri IN (SELECT uri FROM pull_ends))
                       OR (?2 = 'open-shelf' AND (
                       EXISTS (SELECT 1 FROM shelves WHERE shelves.uri = outer_uri AND outcome IN ('held', 'failed', 'waiting'))
                       OR EXISTS (SELECT 1 FROM container_resources JOIN containers ON containers.uri = container
                                  WHERE resource = outer_uri AND gone IS NULL AND outcome IN ('held', 'failed', 'waiting'))))
                   ORDER BY uri";
        // SQLite knows the capitals of ASCII only.
        let words = filter.words.as_ref().map(|words| words.to_lowercase());
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query(params![after.unwrap_or_default(), filter.outcome]).doing(doing)?;
        let mut items = Vec::new();
        while items.len() <= limit {
            let Some(row) = rows.next().doing(doing)? else { break };
            let [uri, title, mms]: [String; 3] =
                [row.get(0).doing(doing)?, row.get(1).doing(doing)?, row.get(2).doing(doing)?];
            let has =
                |words: &String| [&uri, &title, &mms].iter().any(|text| text.to_lowercase().contains(words.as_str()));
            if words.as_ref().is_none_or(has) {
                items.push(ResourceLine { uri: named(&uri)?, title, mms, planned: planned(row, 3).doing(doing)? });
            }
        }
        let has_more = items.len() > limit;
        items.truncate(limit);
        let next = items.last().filter(|_| has_more).map(|line| line.uri.to_string());
        Ok(Slice { items, next })
    }

    /// One resource as a line of a list.
    pub fn resource_line(&self, uri: &str) -> Result<Option<ResourceLine>, Error> {
        let doing = "read a resource";
        let sql =
            "SELECT uri, title, coalesce((SELECT links.mms FROM links WHERE links.uri = resources.uri), mms), planned,
                       CASE WHEN gone IS NULL THEN outcome ELSE 'gone' END, code, detail FROM resources WHERE uri = ?1";
        let mut statement = self.connection.prepare_cached(sql).doing(doing)?;
        let mut rows = statement.query([uri]).doing(doing)?;
        let Some(row) = rows.next().doing(doing)? else { return Ok(None) };
        let (title, mms) = (row.get(1).doing(doing)?, row.get(2).doing(doing)?);
        Ok(Some(ResourceLine { uri: named(uri)?, title, mms, planned: planned(row, 3).doing(doing)? }))
    }
}
