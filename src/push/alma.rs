//! Alma's REST API for bibs, holdings, items and representations: asked within its quotas, and never twice where once may
//! have been enough.
//!
//! XML is asked for and sent wherever Alma has it, because its JSON of MARC is XML in a string under a false heading; the
//! lists of libraries and locations are asked in JSON, the form in which they were recorded.

mod answers;
mod calls;
mod error;
mod id;
mod many;
mod places;
mod quota;
mod refusal;
mod representation;
mod wire;

pub use answers::{Bib, Holding, HoldingLine, Holdings, Item, ItemKey};
pub use calls::Call;
pub use error::{Error, NotAlma};
pub use id::{HoldingId, InvalidNumber, ItemPid, RepresentationId};
pub use places::{Library, Place};
pub use refusal::{AlmaError, Class};
pub use representation::{RemoteRepresentation, Representation};

use crate::http::{Answer, Method};
use crate::model::id::MmsId;
use crate::profile::{AlmaApi, Writing};
use answers::HoldingList;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;
use wire::{Ask, JSON, Wire, path};

/// So many bibs are read in one call, and so many items or representations come on a page.
pub const MOST_AT_ONCE: usize = 100;

/// Asks one institution's Alma. Its clones share connections, the rate, the quota and the counters.
#[derive(Clone)]
pub struct Client {
    wire: Arc<Wire>,
    writing: Writing,
    writers: u32,
    time_out: Duration,
}

impl Client {
    /// Reads the key, and asks nothing yet.
    pub fn new(api: &AlmaApi) -> Result<Self, Error> {
        Ok(Client {
            wire: Arc::new(Wire::new(api)?),
            writing: api.writing,
            writers: api.pace.writers,
            time_out: api.pace.time_out,
        })
    }

    /// How many writes may be under way at once; more threads than that only wait.
    pub fn writers(&self) -> u32 {
        self.writers
    }

    /// So long an answer is waited for.
    pub fn time_out(&self) -> Duration {
        self.time_out
    }

    /// Every request sent so far, attempts included.
    pub fn calls(&self) -> BTreeMap<Call, u64> {
        self.wire.counter().so_far()
    }

    /// The institution's calls that are left of this day, as the last answers told.
    pub fn remaining(&self) -> Option<u64> {
        self.wire.remaining()
    }

    /// A bib; none when Alma has no such record (which it says with status 400 and code 402203).
    pub fn bib(&self, mms: &MmsId) -> Result<Option<Bib>, Error> {
        let ask = Ask::get(Call::ReadBib, format!("bib {mms}"), path(&["bibs", mms.as_str()], &[]));
        self.found(&ask, Bib::read_one)
    }

    /// Makes a bib of what `push::bib::bib_body` writes. After `UnknownOutcome` look for it (`bibs_by_other_id`) before making
    /// it again.
    pub fn create_bib(&self, body: &str) -> Result<Bib, Error> {
        let path = path(&["bibs"], &self.writing_options(false));
        let ask = self.write(Call::CreateBib, Method::Post, String::new(), path, Some(body), false);
        says_whether_it_is_suppressed(&ask)?;
        self.done(&ask, Bib::read_one)
    }

    /// Replaces a bib whole. With `stale-version-check` the record must have the 005 with which it was read.
    pub fn update_bib(&self, mms: &MmsId, body: &str) -> Result<Bib, Error> {
        let path = path(&["bibs", mms.as_str()], &self.writing_options(true));
        // What was written once has another 005, so that the same again would be refused as stale.
        let idempotent = !self.writing.stale_version_check;
        let ask = self.write(Call::UpdateBib, Method::Put, format!("bib {mms}"), path, Some(body), idempotent);
        says_whether_it_is_suppressed(&ask)?;
        self.done(&ask, Bib::read_one)
    }

    /// Deletes a bib that this program made and that nothing hangs on: Alma refuses one with inventory.
    pub fn delete_bib(&self, mms: &MmsId) -> Result<(), Error> {
        let path = path(&["bibs", mms.as_str()], &[("override", "false")]);
        self.gone(&self.write(Call::DeleteBib, Method::Delete, format!("bib {mms}"), path, None, false))
    }

    /// The holdings of a bib that may not exist; an empty list costs a second call, which asks for the bib.
    pub fn holdings(&self, mms: &MmsId) -> Result<Holdings, Error> {
        match self.found(&ask_for_holdings(mms), HoldingList::read)? {
            Some(list) if list.names_its_bib => Ok(Holdings::OfKnownBib(list.lines)),
            Some(list) if self.bib(mms)?.is_some() => Ok(Holdings::OfKnownBib(list.lines)),
            Some(_) | None => Ok(Holdings::NoSuchBib),
        }
    }

    /// The holdings of a bib that was seen. That it is not there any more is an error.
    pub fn holdings_of(&self, bib: &Bib) -> Result<Vec<HoldingLine>, Error> {
        let ask = ask_for_holdings(&bib.mms);
        Ok(read(&ask, &self.wire.ask(&ask)?, HoldingList::read)?.lines)
    }

    pub fn holding(&self, mms: &MmsId, id: &HoldingId) -> Result<Option<Holding>, Error> {
        let path = path(&["bibs", mms.as_str(), "holdings", id.as_str()], &[]);
        self.found(&Ask::get(Call::ReadHolding, format!("{id} of bib {mms}"), path), Holding::read_one)
    }

    /// Makes a holdings record. After `UnknownOutcome` list the bib's holdings before making it again.
    pub fn create_holding(&self, mms: &MmsId, body: &str) -> Result<Holding, Error> {
        let path = path(&["bibs", mms.as_str(), "holdings"], &[]);
        let of = format!("of bib {mms}");
        let ask = self.write(Call::CreateHolding, Method::Post, of, path, Some(body), false);
        self.done(&ask, Holding::read_one)
    }

    /// Replaces a holdings record whole. Not repeated after a lost answer: somebody may have saved it since.
    pub fn update_holding(&self, mms: &MmsId, id: &HoldingId, body: &str) -> Result<Holding, Error> {
        let path = path(&["bibs", mms.as_str(), "holdings", id.as_str()], &[]);
        let of = format!("{id} of bib {mms}");
        let ask = self.write(Call::UpdateHolding, Method::Put, of, path, Some(body), false);
        self.done(&ask, Holding::read_one)
    }

    /// Deletes a holdings record that this program made; its bib stays whatever is left of it.
    pub fn delete_holding(&self, mms: &MmsId, id: &HoldingId) -> Result<(), Error> {
        let path = path(&["bibs", mms.as_str(), "holdings", id.as_str()], &[("bib", "retain")]);
        self.gone(&self.write(Call::DeleteHolding, Method::Delete, format!("{id} of bib {mms}"), path, None, false))
    }

    /// All items of a bib that was seen, or those of one of its holdings. An empty list of a holding does not prove that
    /// there is such a holding.
    pub fn items_of(&self, bib: &Bib, holding: Option<&HoldingId>) -> Result<Vec<Item>, Error> {
        let of = format!("of bib {}", bib.mms);
        let holding = holding.map_or("ALL", HoldingId::as_str);
        let segments = ["bibs", bib.mms.as_str(), "holdings", holding, "items"];
        self.whole_list(Call::ListItems, &of, &segments, &[], |xml| {
            let (page, total) = Item::read_page(xml)?;
            Ok((page.into_iter().map(|item| (item.key.pid.as_str().to_owned(), item)).collect(), total))
        })
    }

    pub fn item(&self, key: &ItemKey) -> Result<Option<Item>, Error> {
        self.found(&Ask::get(Call::ReadItem, of_item(key), item_path(key)), Item::read_one)
    }

    /// The item with a barcode, of the whole institution. Alma answers with a redirection to the item, some gateways with
    /// the item.
    pub fn item_by_barcode(&self, barcode: &str) -> Result<Option<Item>, Error> {
        let path = path(&["items"], &[("item_barcode", barcode)]);
        let ask = Ask::get(Call::FindItem, format!("with barcode {barcode}"), path);
        let Some(answer) = self.answer(&ask)? else { return Ok(None) };
        if answer.status < 300 {
            return read(&ask, &answer, Item::read_one).map(Some);
        }
        let location = answer.header("location").unwrap_or_default();
        let Some(key) = key_in(location) else {
            let why = format!("a redirection to {}", crate::http::redacted(location));
            return Err(Error::Unreadable { doing: ask.doing(), why });
        };
        self.item(&key)
    }

    /// Makes an item of what `push::item::item_body` writes. After `UnknownOutcome` look for it by its barcode, or list the holding's
    /// items.
    pub fn create_item(&self, mms: &MmsId, holding: &HoldingId, body: &str) -> Result<Item, Error> {
        let path = path(&["bibs", mms.as_str(), "holdings", holding.as_str(), "items"], &[]);
        let of = format!("of holding {holding} of bib {mms}");
        let ask = self.write(Call::CreateItem, Method::Post, of, path, Some(body), false);
        self.done(&ask, Item::read_one)
    }

    /// Replaces an item whole by what `push::item::changed_item` makes of it. Not repeated after a lost answer, as a holding.
    pub fn update_item(&self, key: &ItemKey, body: &str) -> Result<Item, Error> {
        let ask = self.write(Call::UpdateItem, Method::Put, of_item(key), item_path(key), Some(body), false);
        self.done(&ask, Item::read_one)
    }

    /// Deletes an item that this program made; its holding and bib stay.
    pub fn delete_item(&self, key: &ItemKey) -> Result<(), Error> {
        let segments = ["bibs", key.mms.as_str(), "holdings", key.holding.as_str(), "items", key.pid.as_str()];
        let path = path(&segments, &[("override", "false"), ("holdings", "retain")]);
        self.gone(&self.write(Call::DeleteItem, Method::Delete, of_item(key), path, None, false))
    }

    /// All representations of a bib that was seen, or those of one originating record.
    pub fn representations_of(&self, bib: &Bib, originating: Option<&str>) -> Result<Vec<Representation>, Error> {
        let of = format!("of bib {}", bib.mms);
        let filter: Vec<(&str, &str)> = originating.map(|id| ("originating_record_id", id)).into_iter().collect();
        let segments = ["bibs", bib.mms.as_str(), "representations"];
        self.whole_list(Call::ListRepresentations, &of, &segments, &filter, |xml| {
            let (page, total) = Representation::read_page(xml)?;
            Ok((page.into_iter().map(|one| (one.id.as_str().to_owned(), one)).collect(), total))
        })
    }

    pub fn representation(&self, mms: &MmsId, id: &RepresentationId) -> Result<Option<Representation>, Error> {
        let path = path(&["bibs", mms.as_str(), "representations", id.as_str()], &[]);
        let ask = Ask::get(Call::ReadRepresentation, format!("{id} of bib {mms}"), path);
        self.found(&ask, Representation::read_one)
    }

    /// Makes a remote representation. After `UnknownOutcome` list the bib's representations before making it again.
    pub fn create_representation(&self, mms: &MmsId, new: &RemoteRepresentation) -> Result<Representation, Error> {
        let path = path(&["bibs", mms.as_str(), "representations"], &[]);
        let (of, body) = (format!("of {} at bib {mms}", new.originating_record_id), new.body());
        let ask = self.write(Call::CreateRepresentation, Method::Post, of, path, Some(&body), false);
        self.done(&ask, Representation::read_one)
    }

    /// Deletes a representation that this program made; its bib stays, whatever is left of it.
    pub fn delete_representation(&self, mms: &MmsId, id: &RepresentationId) -> Result<(), Error> {
        let options = [("override", "false"), ("bibs", "retain")];
        let path = path(&["bibs", mms.as_str(), "representations", id.as_str()], &options);
        let of = format!("{id} of bib {mms}");
        self.gone(&self.write(Call::DeleteRepresentation, Method::Delete, of, path, None, false))
    }

    /// Puts a bib into a collection, which Alma may want before it takes a representation (`Class::NoCollection`).
    pub fn add_to_collection(&self, collection: &str, mms: &MmsId) -> Result<(), Error> {
        let path = path(&["bibs", "collections", collection, "bibs"], &[]);
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<bib><mms_id>{mms}</mms_id></bib>");
        let of = format!("{collection}: bib {mms}");
        self.gone(&self.write(Call::AddToCollection, Method::Post, of, path, Some(&body), true))
    }

    pub fn libraries(&self) -> Result<Vec<Library>, Error> {
        let ask = Ask { accept: JSON, ..Ask::get(Call::ListLibraries, "", path(&["conf", "libraries"], &[])) };
        Ok(self.found(&ask, places::libraries)?.unwrap_or_default())
    }

    /// The locations of a library; an unknown library is an error.
    pub fn locations(&self, library: &str) -> Result<Vec<Place>, Error> {
        let path = path(&["conf", "libraries", library, "locations"], &[]);
        let ask = Ask { accept: JSON, ..Ask::get(Call::ListLocations, format!("of library {library}"), path) };
        let answer = self.wire.ask(&ask)?;
        read(&ask, &answer, places::locations)
    }

    /// The options of a writing call that are not Alma's defaults.
    fn writing_options(&self, is_update: bool) -> Vec<(&'static str, &'static str)> {
        let word = |yes: bool| if yes { "true" } else { "false" };
        let writing = self.writing;
        let mut options = vec![("validate", word(writing.validate)), ("check_match", word(writing.check_match))];
        // Alma refuses `false` where nothing is checked that could warn (almapy, 2026).
        if writing.override_warning || writing.validate || writing.check_match {
            options.push(("override_warning", word(writing.override_warning)));
        }
        if is_update {
            options.push(("override_lock", word(writing.override_lock)));
            options.push(("stale_version_check", word(writing.stale_version_check)));
        }
        options
    }

    fn write<'a>(
        &self,
        call: Call,
        method: Method,
        of: String,
        path: String,
        body: Option<&'a str>,
        idempotent: bool,
    ) -> Ask<'a> {
        Ask { call, method, of, path, body, accept: wire::XML, idempotent }
    }

    /// The answer to a question, none when what was asked for is not there.
    fn answer(&self, ask: &Ask<'_>) -> Result<Option<Answer>, Error> {
        match self.wire.ask(ask) {
            Ok(answer) => Ok(Some(answer)),
            Err(Error::Refused { source, .. }) if is_not_there(ask.call, &source) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn found<T>(&self, ask: &Ask<'_>, reader: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Error> {
        self.answer(ask)?.map(|answer| read(ask, &answer, reader)).transpose()
    }

    /// What Alma made of a record that was sent. An answer that cannot be read leaves open what was done.
    fn done<T>(&self, ask: &Ask<'_>, reader: impl Fn(&str) -> Result<T, String>) -> Result<T, Error> {
        let answer = self.wire.ask(ask)?;
        read(ask, &answer, reader)
            .map_err(|source| Error::UnknownOutcome { doing: ask.doing(), source: Box::new(source) })
    }

    fn gone(&self, ask: &Ask<'_>) -> Result<(), Error> {
        self.wire.ask(ask).map(drop)
    }

    /// A list to its end. Alma pages by offset over what may change meanwhile: what comes twice counts once, and a list that
    /// is not whole is asked for once more.
    fn whole_list<T>(
        &self,
        call: Call,
        of: &str,
        segments: &[&str],
        filter: &[(&str, &str)],
        reader: impl Fn(&str) -> Result<(Vec<(String, T)>, usize), String>,
    ) -> Result<Vec<T>, Error> {
        let mut said = String::new();
        for _attempt in 0..2 {
            let (mut seen, mut list, mut offset) = (HashSet::new(), Vec::new(), 0);
            let total = loop {
                let (limit, at) = (MOST_AT_ONCE.to_string(), offset.to_string());
                let mut query = filter.to_vec();
                query.extend([("limit", limit.as_str()), ("offset", at.as_str())]);
                let ask = Ask::get(call, of, path(segments, &query));
                let (page, total) = read(&ask, &self.wire.ask(&ask)?, &reader)?;
                offset += page.len();
                let is_last = page.is_empty() || offset >= total;
                list.extend(page.into_iter().filter(|(id, _)| seen.insert(id.clone())).map(|(_, one)| one));
                if is_last {
                    break total;
                }
            };
            if list.len() == total {
                return Ok(list);
            }
            said = format!("{} of {total} came", list.len());
        }
        Err(Error::Unreadable { doing: format!("{call} {of}"), why: said })
    }
}

/// Refuses to send a bib of which it is not said whether it is suppressed: Alma would suppress it, and what PUT does is not known.
fn says_whether_it_is_suppressed(ask: &Ask<'_>) -> Result<(), Error> {
    let body = answers::document(ask.body.unwrap_or_default());
    let says = body.and_then(|bib| {
        answers::named(&bib, "bib")?;
        bib.text_of("suppress_from_publishing").map(drop).ok_or_else(|| "no suppress_from_publishing".to_owned())
    });
    says.map_err(|why| Error::NotSent { doing: ask.doing(), why })
}

fn is_not_there(call: Call, refusal: &AlmaError) -> bool {
    let is_missing_representation = call == Call::ReadRepresentation && refusal.says_it_is_not_there();
    is_missing_representation || refusal.class() == Class::NotFound
}

fn read<T>(ask: &Ask<'_>, answer: &Answer, reader: impl Fn(&str) -> Result<T, String>) -> Result<T, Error> {
    let text = std::str::from_utf8(&answer.body).map_err(|_| "not UTF-8".to_owned());
    text.and_then(reader).map_err(|why| Error::Unreadable { doing: ask.doing(), why })
}

fn ask_for_holdings(mms: &MmsId) -> Ask<'static> {
    Ask::get(Call::ListHoldings, format!("of bib {mms}"), path(&["bibs", mms.as_str(), "holdings"], &[]))
}

fn of_item(key: &ItemKey) -> String {
    format!("{} of holding {} of bib {}", key.pid, key.holding, key.mms)
}

fn item_path(key: &ItemKey) -> String {
    path(&["bibs", key.mms.as_str(), "holdings", key.holding.as_str(), "items", key.pid.as_str()], &[])
}

/// The item that a redirection leads to. Only its path is followed, on our own base URL: the host that Alma names may be
/// another one, and the key goes nowhere else.
fn key_in(location: &str) -> Option<ItemKey> {
    let (_, path) = location.split('?').next()?.rsplit_once("/bibs/")?;
    let [mms, "holdings", holding, "items", pid] = path.split('/').collect::<Vec<_>>()[..] else { return None };
    Some(ItemKey {
        mms: MmsId::parse(mms).ok()?,
        holding: HoldingId::parse(holding).ok()?,
        pid: ItemPid::parse(pid).ok()?,
    })
}
