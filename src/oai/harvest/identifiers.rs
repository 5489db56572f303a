//! What the list of identifiers proves, and the records that can only be had one by one.

use super::super::listing::{Error, Repository};
use super::super::page::{Page, Quarantined};
use super::super::request::Verb;
use super::recovery::chain;
use super::sequence::count_repairs;
use super::{End, Work};
use crate::failure::Failure;
use crate::http::redacted;
use crate::model::record::Record;
use crate::model::window::{Span, Window, WindowState};
use std::collections::HashSet;

/// So many records are asked for one by one before the window is harvested anew.
const FEW: usize = 50;
/// And so many where there is no other way.
const MANY: usize = 5000;

/// What the list of identifiers shows of a window.
struct Shown {
    /// Headers whose records we do not hold.
    missing: Vec<Record>,
    /// Whether the list was read to its end.
    whole: bool,
}

impl Work<'_> {
    /// Proves a window by its identifiers; what is missing is fetched, or the window harvested anew.
    pub(super) fn prove(&self, mut window: Window) -> Result<End, Failure> {
        let limit = if self.dates().usable { FEW } else { MANY };
        let anew = |window: Window| {
            let span = window.span;
            Ok(End::Split(window, vec![(span, WindowState::Open)]))
        };
        if self.order.verb != Verb::ListRecords {
            return anew(window);
        }
        match self.shown(&window, limit)? {
            Ok(shown) if shown.whole && shown.missing.len() <= limit => {
                match self.fetch(&mut window, shown.missing)? {
                    Some(undelivered) => Ok(End::Over(after_fetching(window, undelivered))),
                    None => anew(window),
                }
            }
            Ok(_) if self.dates().usable => anew(window),
            Ok(_) => {
                let url = redacted(self.order.repository.base_url);
                window.state = WindowState::Open;
                Ok(End::Broken(window, Error::DatesIgnored { url }))
            }
            Err(_) if self.dates().usable => anew(window),
            Err(error) => {
                window.state = WindowState::Open;
                Ok(End::Broken(window, error))
            }
        }
    }

    /// The last means: each record that the list of identifiers names and that we do not hold, one by one.
    pub(super) fn rescue(&self, mut window: Window, error: Error) -> Result<End, Failure> {
        if self.order.verb == Verb::ListRecords
            && let Ok(shown) = self.shown(&window, MANY)?
            && shown.whole
            && shown.missing.len() <= MANY
            && let Some(undelivered) = self.fetch(&mut window, shown.missing)?
        {
            return Ok(End::Over(after_fetching(window, undelivered)));
        }
        // What is missing is known by its window only when that is as narrow as can be.
        let is_narrow = window.span.from.is_some() && window.span.until.is_some() && self.dates().usable;
        if is_narrow && !self.is_hopeless() {
            window.token = None;
            window.state = WindowState::Missing;
            return Ok(End::Over(window));
        }
        Ok(End::Broken(window, error))
    }

    /// Where a window holds only a few records, they are asked for one by one instead of cutting on.
    pub(super) fn rescue_a_few(&self, window: &Window) -> Result<Option<End>, Failure> {
        if self.order.verb != Verb::ListRecords || window.span.from.is_none() && window.span.until.is_none() {
            return Ok(None);
        }
        match self.shown(window, FEW)? {
            Ok(shown) if shown.whole && shown.missing.len() <= FEW => {
                let mut window = window.clone();
                let undelivered = self.fetch(&mut window, shown.missing)?;
                Ok(undelivered.map(|undelivered| End::Over(after_fetching(window, undelivered))))
            }
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// After a list that ended in order: what it should have held, as far as identifiers tell.
    pub(super) fn complete_by_identifiers(&self, mut window: Window) -> Result<Window, Failure> {
        if self.order.verb != Verb::ListRecords {
            return Ok(window);
        }
        if let Ok(shown) = self.shown(&window, MANY)?
            && shown.whole
        {
            let named = self.fetch(&mut window, shown.missing)?.unwrap_or_default();
            window.tally.nameless = window.tally.nameless.saturating_sub(named);
        }
        Ok(window)
    }

    /// Parts of a window whose own lists of identifiers show what that of the whole did not; `None` when there are none:
    /// then it was the announced size that is wrong.
    pub(super) fn hidden_parts(&self, window: &Window) -> Result<Option<Vec<(Span, WindowState)>>, Failure> {
        const PARTS: usize = 4;
        if self.order.verb != Verb::ListRecords || !self.dates_work(window) {
            return Ok(None);
        }
        // What follows the newest record that came is the likeliest to be hidden.
        let cut = self.cut_where_it_broke(window).map(|parts| parts.into_iter().map(|(span, _)| span).collect());
        for parts in [cut, self.parts(&window.span, PARTS)].into_iter().flatten() {
            let parts: Vec<Span> = parts;
            for span in parts.iter().rev() {
                let part = Window::new(window.number, *span, WindowState::Open);
                if self.shown(&part, 0)?.is_ok_and(|shown| !shown.missing.is_empty()) {
                    return Ok(Some(parts.into_iter().map(|span| (span, WindowState::Open)).collect()));
                }
            }
        }
        Ok(None)
    }

    /// Reads the list of identifiers of a window; stops once more than `limit` are missing.
    fn shown(&self, window: &Window, limit: usize) -> Result<Result<Shown, Error>, Failure> {
        let hurried = self.order.repository.client.hurried();
        let repository = Repository { client: &hurried, base_url: self.order.repository.base_url };
        let mut listing = repository.list(Verb::ListIdentifiers, &self.selection(&window.span, self.dates()));
        let (mut missing, mut tokens) = (Vec::new(), HashSet::new());
        loop {
            let page = match listing.next_page() {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(Ok(Shown { missing, whole: true })),
                Err(error) => return Ok(Err(error)),
            };
            for header in page.records {
                if !self.keeper.holds(&header)? {
                    missing.push(header);
                }
            }
            let circle = page.token.is_some_and(|token| !tokens.insert(token.text));
            if circle || missing.len() > limit {
                return Ok(Ok(Shown { missing, whole: false }));
            }
        }
    }

    /// Asks for records one by one. What the server cannot deliver goes into quarantine under its identifier.
    /// Answers for how many that was; `None` when it was too many in a row to go on.
    fn fetch(&self, window: &mut Window, headers: Vec<Record>) -> Result<Option<u64>, Failure> {
        let hurried = self.order.repository.client.hurried();
        let repository = Repository { client: &hurried, base_url: self.order.repository.base_url };
        let prefix = self.order.selection.metadata_prefix.as_deref().unwrap_or("oai_dc");
        let mut undelivered = 0;
        for header in headers {
            let identifier = header.identifier.clone();
            let url = format!("{} GetRecord {}", redacted(self.order.repository.base_url), identifier.as_str());
            let page = if header.body.is_deleted() {
                Page { records: vec![header], ..Page::default() }
            } else {
                match repository.record(identifier.as_str(), prefix) {
                    // Deleted for good since the list was made, or never in this format.
                    Err(Error::Refused { code, .. }) if code == "idDoesNotExist" => continue,
                    Ok(page) if page.records.iter().any(|record| record.identifier == identifier) => page,
                    Ok(page) => quarantine(header, unreadable(&page)),
                    Err(error) => quarantine(header, format!("the server cannot deliver it: {}", chain(&error))),
                }
            };
            if page.records.is_empty() {
                self.missed();
                undelivered += 1;
                window.tally.quarantined += 1;
            }
            window.tally.records += page.records.len() as u64;
            window.tally.distinct += page.records.len() as u64;
            window.tally.deleted += page.records.iter().filter(|record| record.body.is_deleted()).count() as u64;
            page.records.iter().for_each(|record| count_repairs(&mut window.tally, record.repairs));
            if self.keeper.page(window, page, &url)? > 0 {
                self.came_forward();
            }
            if self.is_hopeless() {
                return Ok(None);
            }
        }
        Ok(Some(undelivered))
    }
}

/// A window whose records were fetched one by one: done, or missing as long as the server delivers some of them not.
fn after_fetching(mut window: Window, undelivered: u64) -> Window {
    window.token = None;
    if undelivered == 0 {
        window.state = WindowState::Done;
        window.problem.clear();
    } else {
        window.state = WindowState::Missing;
    }
    window
}

fn unreadable(page: &Page) -> String {
    let reason = page.quarantined.first().map(|record| record.reason.clone());
    reason.unwrap_or_else(|| "the server delivers another record in its place".to_owned())
}

fn quarantine(header: Record, reason: String) -> Page {
    let record = Quarantined {
        identifier: Some(header.identifier),
        datestamp: Some(header.datestamp),
        text: String::new(),
        sent: None,
        reason,
    };
    Page { quarantined: vec![record], ..Page::default() }
}
