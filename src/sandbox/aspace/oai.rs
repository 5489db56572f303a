//! ArchivesSpace's OAI-PMH provider: resources by level of description, 25 a page, then what was deleted.
//!
//! What is unpublished or suppressed just is not there any more: only real deletions leave tombstones.

use super::oai_token::{self, After};
use super::records::system_mtime;
use super::{Aspace, OAI_PATH, exporter};
use crate::model::time::{Granularity, Timestamp};
use crate::oai::provider::{
    self, Code, DeletedPolicy, Identity, Item, LastToken, MetadataFormat, OaiIdentifierScheme, Paging, Query, Refusal,
    Repository, Selection, Set,
};
use crate::sandbox::{World, held, xml};
use crate::web::form;
use crate::web::serve::{Request, Response};
use serde_json::Value;

/// How the provider behaves.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct OaiManner {
    /// `oai:archivesspace//…`, as up to 3.5.
    pub(super) old_identifiers: bool,
    /// A page whose records are all hidden ends the list: the next page says `noRecordsMatch` (4.2, ANW-794).
    pub(super) hidden_page: bool,
}

const PAGE: usize = 25;
const LEVELS: [&str; 11] = [
    "class",
    "collection",
    "file",
    "fonds",
    "item",
    "otherlevel",
    "recordgrp",
    "series",
    "subfonds",
    "subgrp",
    "subseries",
];
/// ArchivesSpace makes five more; these two the stand-in can make, too.
const FORMATS: [MetadataFormat; 2] = [
    MetadataFormat {
        prefix: "oai_dc",
        schema: "http://www.openarchives.org/OAI/2.0/oai_dc.xsd",
        namespace: xml::OAI_DC,
    },
    MetadataFormat {
        prefix: "oai_marc",
        schema: "https://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd",
        namespace: xml::MARC,
    },
];

/// One request's view of the records.
struct Provider<'a> {
    aspace: &'a Aspace,
    entries: Vec<Entry>,
    base_url: String,
    is_resumed: bool,
    now: Timestamp,
}

struct Entry {
    uri: String,
    identifier: String,
    datestamp: Timestamp,
    sets: Vec<String>,
    deleted: bool,
    position: String,
}

/// OAI-PMH by GET, and by POST of a form; an error has status 200, too.
pub(in crate::sandbox) fn respond(world: &World, request: &Request) -> Response {
    let mut query = form::pairs(&request.query);
    if request.method == "POST" {
        query.extend(form::pairs(&String::from_utf8_lossy(&request.body)));
    }
    let base_url = format!("http://{}{OAI_PATH}", request.header("host").unwrap_or("127.0.0.1"));
    let aspace = held(&world.aspace);
    let is_resumed = query.iter().any(|(name, _)| name == "resumptionToken");
    let is_list_of_sets = query.iter().any(|(name, value)| name == "verb" && value == "ListSets");
    let provider = Provider { entries: entries(&aspace), aspace: &aspace, base_url, is_resumed, now: world.now() };
    let mut answer = provider::respond(&provider, &Query(query), world.now());
    if !is_list_of_sets {
        // Its headers name no sets, though lists can be asked for by set.
        for level in LEVELS {
            answer = answer.replace(&format!("<setSpec>{level}</setSpec>"), "");
        }
    }
    Response::new(200, "text/xml;charset=utf-8", answer)
}

fn entries(aspace: &Aspace) -> Vec<Entry> {
    let colon = if aspace.oai.old_identifiers { "/" } else { ":" };
    let identifier = |uri: &str| format!("oai:archivesspace{colon}{uri}");
    let is_public = |record: &&Value| record["publish"] == true && record["suppressed"] != true;
    let live = aspace.records.resources().filter(is_public).map(|record| {
        let uri = record["uri"].as_str().unwrap_or_default().to_owned();
        Entry {
            identifier: identifier(&uri),
            datestamp: system_mtime(record),
            sets: record["level"].as_str().map(str::to_owned).into_iter().collect(),
            deleted: false,
            position: position(After::Resource(number_of(&uri))),
            uri,
        }
    });
    // A tombstone has every set: deletions are told whatever the set.
    let sets: Vec<String> = LEVELS.iter().map(|level| (*level).to_owned()).collect();
    let deleted = aspace.records.deleted.iter().zip(1..).map(|((uri, at), number)| Entry {
        identifier: identifier(uri),
        datestamp: *at,
        sets: sets.clone(),
        deleted: true,
        position: position(After::Deletes(number)),
        uri: uri.clone(),
    });
    let mut entries: Vec<Entry> = live.chain(deleted).collect();
    entries.sort_by(|one, other| one.position.cmp(&other.position));
    entries
}

fn number_of(uri: &str) -> u64 {
    uri.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// Resources come before tombstones.
fn position(after: After) -> String {
    match after {
        After::Resource(number) => format!("1-{number:012}"),
        After::Deletes(number) => format!("2-{number:012}"),
    }
}

impl Entry {
    fn item(&self) -> Item<'_> {
        Item {
            identifier: &self.identifier,
            datestamp: self.datestamp,
            sets: &self.sets,
            deleted: self.deleted,
            position: &self.position,
        }
    }
}

impl Repository for Provider<'_> {
    fn identity(&self) -> Identity {
        Identity {
            name: "ArchivesSpace (sandbox)".to_owned(),
            base_url: self.base_url.clone(),
            earliest: Timestamp::parse("1970-01-01T00:00:00Z").expect("an instant is an instant"),
            deleted: DeletedPolicy::Persistent,
            granularity: Granularity::Second,
            admin_email: "admin@example.com".to_owned(),
            // Still in the old form (test.archivesspace.org, 4.x, 2025).
            oai_identifier: Some(OaiIdentifierScheme {
                repository_identifier: "archivesspace".to_owned(),
                sample_identifier: "oai:archivesspace//repositories/2/resources/1".to_owned(),
            }),
        }
    }

    fn metadata_formats(&self) -> Vec<MetadataFormat> {
        FORMATS.to_vec()
    }

    fn sets(&self) -> Vec<Set> {
        LEVELS.iter().map(|level| Set { spec: (*level).to_owned(), name: (*level).to_owned() }).collect()
    }

    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_> {
        Box::new(self.entries.iter().map(Entry::item))
    }

    fn find(&self, identifier: &str) -> Option<Item<'_>> {
        self.entries.iter().find(|entry| entry.identifier == identifier && !entry.deleted).map(Entry::item)
    }

    fn metadata(&self, item: &Item<'_>, prefix: &str) -> Option<String> {
        let entry = self.entries.iter().find(|entry| entry.identifier == item.identifier)?;
        let record = self.aspace.records.get(&entry.uri)?;
        Some(if prefix == "oai_dc" { oai_dc(record) } else { exporter::collection(&self.aspace.records, record) })
    }

    fn paging(&self) -> Paging {
        Paging { size: PAGE, cursor: false, complete_list_size: false, last_token: LastToken::Missing }
    }

    fn write_token(&self, selection: &Selection, position: &str) -> String {
        let number = position.get(2..).and_then(|number| number.parse().ok()).unwrap_or_default();
        let after = if position.starts_with('1') { After::Resource(number) } else { After::Deletes(number) };
        oai_token::write(selection, after, self.now)
    }

    fn read_token(&self, token: &str) -> Option<(Selection, String)> {
        oai_token::read(token).map(|(selection, after)| (selection, position(after)))
    }

    fn refuse(&self, _selection: &Selection) -> Option<Refusal> {
        (self.is_resumed && self.aspace.oai.hidden_page).then(|| self.refuse_token())
    }

    fn refuse_token(&self) -> Refusal {
        if self.aspace.oai.hidden_page {
            return Refusal::new(Code::NoRecordsMatch, self.nothing_matches());
        }
        Refusal::new(Code::BadResumptionToken, "The value of the resumptionToken argument is invalid or expired.")
    }
}

fn oai_dc(record: &Value) -> String {
    let text = |name: &str| record[name].as_str().unwrap_or_default();
    let mut fields = vec![("title", text("title")), ("identifier", text("id_0"))];
    if !text("ead_location").is_empty() {
        fields.push(("identifier", text("ead_location")));
    }
    xml::simple_dc(fields.into_iter())
}
