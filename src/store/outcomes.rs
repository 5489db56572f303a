//! Outcomes page by page: what waits and what was skipped, for lists that may hold millions.

use super::feeds::FeedId;
use super::{Doing, Error, Store};
use crate::model::dc::ContentDigest;
use crate::model::id::IePid;
use crate::model::time::Timestamp;
use rusqlite::{Row, params};

/// Rows that one page looks at, whatever it finds: a rare word must not make a page walk through a million.
const LOOKS: usize = 5_000;

/// Which outcomes are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OutcomeFilter {
    /// `package`, `held` or `skipped`.
    pub kind: String,
    pub code: Option<String>,
    /// The name of a field that would change; without `@` of any type.
    pub field: Option<String>,
    /// In the title, the IE PID or the reason, where case does not count; or a whole MMS ID or OAI identifier.
    pub words: Option<String>,
}

/// An outcome with what lists show of it.
#[derive(Debug, Clone)]
pub struct OutcomeItem {
    pub place: Place,
    /// The OAI identifier of the Alma record.
    pub alma: String,
    pub detail: String,
    pub title: String,
    /// Names of the fields that would change, separated by blanks.
    pub fields: String,
    pub prepared: Timestamp,
    /// What would be written and what Rosetta held; `None` for skips.
    pub content: Option<ContentDigest>,
    pub shown: Option<ContentDigest>,
}

/// Where an outcome stands in the order of the list: by reason, record and IE.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Place {
    pub code: String,
    pub record: i64,
    /// Empty when the record names no IE.
    pub ie: String,
}

/// One page of a list.
#[derive(Debug, Clone)]
pub struct Slice<T, P> {
    pub items: Vec<T>,
    /// Where the next page begins; `None` at the end of the list.
    pub next: Option<P>,
}

impl Store {
    /// The outcomes after a place. A page with fewer items than asked for is not the last one as long as it has a next.
    pub fn outcome_page(
        &self,
        filter: &OutcomeFilter,
        after: &Place,
        limit: usize,
    ) -> Result<Slice<OutcomeItem, Place>, Error> {
        self.outcome_walk(filter, after, limit, LOOKS)
    }

    /// All outcomes that pass a filter, up to `limit`; `next` tells whether there are more.
    pub fn outcomes_matching(&self, filter: &OutcomeFilter, limit: usize) -> Result<Slice<OutcomeItem, Place>, Error> {
        self.outcome_walk(filter, &Place::default(), limit, usize::MAX)
    }

    fn outcome_walk(
        &self,
        filter: &OutcomeFilter,
        after: &Place,
        limit: usize,
        looks: usize,
    ) -> Result<Slice<OutcomeItem, Place>, Error> {
        let doing = "list outcomes";
        // Within one reason the place is that of a record: compared as a whole, everything before it would be walked through.
        let (behind, record) = match filter.code.as_deref() {
            None => ("(code, record, ie) > (?2, ?3, ?4) AND ?5 IS NULL", after.record),
            Some(code) if after.code.as_str() > code => return Ok(Slice { items: Vec::new(), next: None }),
            Some(code) if after.code == code => {
                ("code = ?5 AND (record, ie) > (?3, ?4) AND ?2 IS NOT NULL", after.record)
            }
            Some(_) => ("code = ?5 AND (record, ie) > (?3, ?4) AND ?2 IS NOT NULL", -1),
        };
        let sql = format!(
            "SELECT code, record, ie, detail, title, fields, prepared, digest, shown FROM outcomes INDEXED BY outcomes_by_kind
             WHERE kind = ?1 AND {behind} ORDER BY code, record, ie"
        );
        let named = self.named_by(filter)?;
        let mut statement = self.connection.prepare_cached(&sql).doing(doing)?;
        let mut rows = statement.query(params![filter.kind, after.code, record, after.ie, filter.code]).doing(doing)?;
        let mut items = Vec::new();
        let (mut seen, mut last) = (0, None);
        while let Some(row) = rows.next().doing(doing)? {
            if items.len() == limit || seen == looks {
                return Ok(Slice { items, next: last });
            }
            let mut item = item(row).doing(doing)?;
            seen += 1;
            last = Some(item.place.clone());
            if filter.passes(&item, &named) {
                item.alma = self.identifier_of(item.place.record)?;
                items.push(item);
            }
        }
        Ok(Slice { items, next: None })
    }

    /// The records that words of a filter name by their identifiers, each word with its record.
    fn named_by(&self, filter: &OutcomeFilter) -> Result<Vec<(String, i64)>, Error> {
        let mut named = Vec::new();
        for word in filter.words.iter().flat_map(|words| words.split_whitespace()) {
            named.extend(self.numbers_named(word)?.into_iter().map(|record| (word.to_lowercase(), record)));
        }
        Ok(named)
    }

    /// How many outcomes of a kind there are, of one code if given.
    pub fn count_outcomes(&self, kind: &str, code: Option<&str>) -> Result<u64, Error> {
        let sql = match code {
            Some(_) => "SELECT count(*) FROM outcomes WHERE kind = ?1 AND code = ?2",
            None => "SELECT count(*) FROM outcomes WHERE kind = ?1 AND ?2 IS NULL",
        };
        let mut statement = self.connection.prepare_cached(sql).doing("count outcomes")?;
        statement.query_row(params![kind, code], |row| row.get::<_, i64>(0)).map(|n| n as u64).doing("count outcomes")
    }

    /// Whether either side of an outcome has changed since it was decided, so that it will be decided anew.
    pub fn has_moved_on(&self, alma: FeedId, rosetta: FeedId, repository: &str, place: &Place) -> Result<bool, Error> {
        let sql = "SELECT EXISTS (SELECT 1 FROM stale WHERE feed = ?1 AND record = ?3 AND local <> 'decided')
                       OR EXISTS (SELECT 1 FROM stale WHERE feed = ?2 AND record =
                           (SELECT id FROM records WHERE feed = ?2 AND identifier = ?4))";
        let mut statement = self.connection.prepare_cached(sql).doing("look for what changed")?;
        let values = params![alma.0, rosetta.0, place.record, format!("oai:{repository}:{}", place.ie)];
        statement.query_row(values, |row| row.get(0)).doing("look for what changed")
    }
}

impl OutcomeFilter {
    /// `named` holds words that are identifiers of records.
    fn passes(&self, item: &OutcomeItem, named: &[(String, i64)]) -> bool {
        let touches = |name: &String| {
            let typed = format!("{name}@");
            item.fields.split(' ').any(|field| field == name || field.starts_with(&typed))
        };
        let has = |words: &String| {
            let text = [&item.title, &item.place.ie, &item.detail].map(|text| text.to_lowercase()).join("\n");
            let names = |word: &str| named.iter().any(|(name, record)| name == word && *record == item.place.record);
            words.to_lowercase().split_whitespace().all(|word| text.contains(word) || names(word))
        };
        self.field.as_ref().is_none_or(touches) && self.words.as_ref().is_none_or(has)
    }
}

impl OutcomeItem {
    /// The IE, when the record names one.
    pub fn ie(&self) -> Option<IePid> {
        IePid::parse(&self.place.ie).ok()
    }
}

/// Without the identifier of its record, which only those that are shown need.
fn item(row: &Row<'_>) -> rusqlite::Result<OutcomeItem> {
    Ok(OutcomeItem {
        place: Place { code: row.get(0)?, record: row.get(1)?, ie: row.get(2)? },
        alma: String::new(),
        detail: row.get(3)?,
        title: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        fields: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
        prepared: super::time(row.get(6)?),
        content: row.get::<_, Option<[u8; 32]>>(7)?.map(ContentDigest),
        shown: row.get::<_, Option<[u8; 32]>>(8)?.map(ContentDigest),
    })
}
