//! `list-records` and `list-identifiers`: a harvest into lines.

use super::{Lists, Output, client, lines, say_quarantined};
use crate::failure::{Failure, Kind, exit, stated};
use crate::model::fingerprint::{Fingerprint, FingerprintMap};
use crate::model::id::OaiIdentifier;
use crate::model::record::{Datestamp, Record};
use crate::model::time::{Timestamp, say_span};
use crate::model::window::{Span, Tally, Window, WindowState};
use crate::oai::harvest::{Ended, Keeper, Order, harvest, plan};
use crate::oai::listing::Repository;
use crate::oai::page::Page;
use crate::oai::request::{Selection, Verb};
use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

pub fn run(lists: &Lists, verb: Verb) -> Result<u8, Failure> {
    let begun = Instant::now();
    let client = client(&lists.plain)?;
    let repository = Repository { client: &client, base_url: &lists.plain.base_url };
    let order = Order {
        repository,
        verb,
        selection: Selection {
            metadata_prefix: Some(lists.metadata_prefix.clone()),
            set: lists.set.clone(),
            from: lists.from.clone(),
            until: lists.until.clone(),
        },
        span: span(lists)?,
        side_by_side: lists.windows as usize,
        may_drop_dates: false,
    };
    let identity = if lists.windows > 1 { Some(repository.identify()?) } else { None };
    let windows = match &identity {
        Some(identity) => plan(order.span, order.side_by_side, identity, 1),
        None => vec![Window::new(1, order.span, WindowState::Open)],
    };
    let keeper = LinesKeeper { verb, kept: Mutex::new(Kept::new(Output::open(&lists.plain)?)) };
    let ended = harvest(&order, windows, identity, &keeper);
    let kept = keeper.kept.into_inner().unwrap_or_else(PoisonError::into_inner);
    kept.output.finish()?;
    let summary = Summary { tally: kept.tally, ended: ended? };
    summary.say(begun.elapsed());
    summary.verdict()
}

/// The dates as instants; a day as the end stands for its last second.
fn span(lists: &Lists) -> Result<Span, Failure> {
    let read = |name: &str, text: &Option<String>| match text.as_deref().map(|text| (text, Timestamp::parse(text))) {
        None => Ok(None),
        Some((text, Some(instant))) if name == "--until" && !text.contains('T') => {
            Ok(Some(instant.plus(Duration::from_secs(86_399))))
        }
        Some((_, Some(instant))) => Ok(Some(instant)),
        Some((text, None)) => Err(stated(
            Kind::Configuration,
            format!("{name} `{text}` is not a date"),
            "write 2026-11-22 or 2026-11-22T01:02:03Z, as the repository's granularity has it",
        )),
    };
    Ok(Span { from: read("--from", &lists.from)?, until: read("--until", &lists.until)? })
}

/// Writes each record once, and again when another version of it comes.
struct LinesKeeper {
    verb: Verb,
    kept: Mutex<Kept>,
}

struct Kept {
    output: Output,
    /// By identifier, the version that was written.
    versions: FingerprintMap<Version>,
    /// ArchivesSpace's two forms of an identifier are one record: it keeps the form that came first.
    forms: HashMap<String, OaiIdentifier>,
    tally: Tally,
}

/// Instant and kind of what was written; the text counts where two instants are one, or cannot be read.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Version {
    instant: Option<i64>,
    text: Fingerprint,
}

impl Version {
    fn of(datestamp: &Datestamp, deleted: bool) -> Self {
        let instant = datestamp.instant().map(|instant| instant.millis());
        Version { instant, text: Fingerprint::of((datestamp.as_str(), deleted)) }
    }

    fn is_no_older_than(&self, other: &Version) -> bool {
        match (self.instant, other.instant) {
            (Some(mine), Some(others)) if mine != others => mine > others,
            (_, _) => self.text == other.text,
        }
    }
}

impl Kept {
    fn new(output: Output) -> Self {
        Kept { output, versions: FingerprintMap::default(), forms: HashMap::new(), tally: Tally::default() }
    }

    /// The record under the identifier under which it came first.
    fn named<'r>(&mut self, record: &'r Record) -> Cow<'r, Record> {
        if !record.identifier.has_two_forms() {
            return Cow::Borrowed(record);
        }
        let canonical = record.identifier.canonical().into_owned();
        let first = self.forms.entry(canonical).or_insert_with(|| record.identifier.clone());
        Cow::Owned(Record { identifier: first.clone(), ..record.clone() })
    }

    fn write(&mut self, record: &Record, verb: Verb) -> Result<(), Failure> {
        let version = Version::of(&record.datestamp, record.body.is_deleted());
        match self.versions.entry(Fingerprint::of(record.identifier.canonical())) {
            // What comes again, or in an older version, is known.
            Entry::Occupied(before) if before.get().is_no_older_than(&version) => return Ok(()),
            Entry::Occupied(mut before) => drop(before.insert(version)),
            Entry::Vacant(place) => {
                place.insert(version);
                self.tally.distinct += 1;
            }
        }
        let record = &*self.named(record);
        self.tally.records += 1;
        self.tally.deleted += u64::from(record.body.is_deleted());
        for repair in record.repairs.iter() {
            self.tally.repaired[repair as usize] += 1;
        }
        match verb {
            Verb::ListIdentifiers => self.output.write(|line| lines::header(line, record)),
            _ => self.output.write(|line| lines::record(line, record)),
        }
    }
}

impl LinesKeeper {
    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Keeper for LinesKeeper {
    fn page(&self, _window: &Window, page: Page, url: &str) -> Result<u64, Failure> {
        let mut kept = self.kept();
        let before = kept.tally.distinct;
        kept.tally.pages += 1;
        for repair in page.repairs.iter() {
            kept.tally.repaired[repair as usize] += 1;
        }
        for record in &page.records {
            kept.write(record, self.verb)?;
        }
        for record in &page.quarantined {
            say_quarantined(record);
            tracing::info!(url, "in quarantine: {}", record.reason);
            kept.tally.quarantined += 1;
            if let (Some(identifier), Some(datestamp)) = (&record.identifier, &record.datestamp) {
                let version = Version::of(datestamp, false);
                kept.versions.insert(Fingerprint::of(identifier.canonical()), version);
            }
        }
        Ok(kept.tally.distinct - before)
    }

    fn windows(&self, _windows: &[Window]) -> Result<(), Failure> {
        Ok(())
    }

    fn holds(&self, header: &Record) -> Result<bool, Failure> {
        let version = Version::of(&header.datestamp, header.body.is_deleted());
        let held = self.kept().versions.get(&Fingerprint::of(header.identifier.canonical())).copied();
        Ok(held.is_some_and(|held| held.is_no_older_than(&version)))
    }
}

struct Summary {
    tally: Tally,
    ended: Ended,
}

impl Summary {
    fn unsplit(&self) -> impl Iterator<Item = &Window> {
        self.ended.windows.iter().filter(|window| window.state != WindowState::Split)
    }

    fn missing(&self) -> impl Iterator<Item = &Window> {
        self.unsplit().filter(|window| window.state == WindowState::Missing)
    }

    /// Quarantined without identifier: nobody can tell what is missing.
    fn nameless(&self) -> u64 {
        self.unsplit().map(|window| window.tally.nameless).sum()
    }

    fn is_broken(&self) -> bool {
        self.ended.broken.is_some() || self.ended.windows.iter().any(|window| window.state.is_unfinished())
    }

    fn state(&self) -> &'static str {
        let is_partial = self.tally.quarantined > 0 || self.missing().next().is_some();
        match (self.is_broken(), is_partial, self.tally.repairs().next().is_some()) {
            (true, ..) => "INCOMPLETE",
            (false, true, _) => "partial",
            (false, false, true) => "complete with repairs",
            (false, false, false) => "complete",
        }
    }

    fn say(&self, took: Duration) {
        let Tally { records, deleted, quarantined, pages, .. } = self.tally;
        let state = self.state();
        let took = say_span(took);
        eprintln!("{state}: {records} records ({deleted} deleted), {quarantined} quarantined, {pages} pages, {took}");
        for (repair, count) in self.tally.repairs() {
            eprintln!("repaired: {count} ({})", repair.as_str());
        }
        for window in self.missing() {
            eprintln!("missing: {}: {}", window.span.say(), window.problem);
        }
        if self.nameless() > 0 {
            eprintln!("missing: {} records without identifier", self.nameless());
        }
        let announced: u64 = self.unsplit().filter_map(|window| window.evidence.announced).sum();
        if announced > self.tally.distinct + quarantined {
            eprintln!("note: the server announced {announced} records");
        }
    }

    fn verdict(self) -> Result<u8, Failure> {
        let is_partial = self.state() == "partial";
        match self.ended.broken {
            Some(error) => Err(error.into()),
            None if is_partial => Ok(exit::NEEDS_A_PERSON),
            None => Ok(exit::DONE),
        }
    }
}
