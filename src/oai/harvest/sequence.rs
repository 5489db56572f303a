//! One window, from its first page to its proof.

use super::super::listing::{Error, Listing, Repository};
use super::super::page::Page;
use super::dates::{Dates, ignores_dates};
use super::{End, Work};
use crate::failure::Failure;
use crate::http::redacted;
use crate::model::fingerprint::{Fingerprint, FingerprintSet};
use crate::model::record::{Datestamp, Record};
use crate::model::repair::Repairs;
use crate::model::window::{Span, Tally, Window, WindowState};

/// Pages in a row without a new record after which a list is called endless. Pages without any record are common where
/// a server filters after paging.
const BARREN_PAGES: u64 = 100;
/// From so many pages on, a window whose size is unknown is cut for those who have nothing to do.
const LONG: u64 = 8;

/// What one walk through a window has seen.
#[derive(Default)]
struct Seen {
    identifiers: FingerprintSet,
    tokens: FingerprintSet,
    barren: u64,
    /// Pages of this walk; the window's tally holds those of earlier walks, too.
    pages: u64,
}

impl Work<'_> {
    pub(super) fn follow(&self, mut window: Window) -> Result<End, Failure> {
        window.attempts += 1;
        if window.state == WindowState::Unproven {
            return self.prove(window);
        }
        // Where something went wrong before, a further fault is expected, and not waited for long.
        let hurried = self.order.repository.client.hurried();
        let client = if window.problem.is_empty() { self.order.repository.client } else { &hurried };
        let repository = Repository { client, base_url: self.order.repository.base_url };
        loop {
            match self.walk(&repository, &mut window)? {
                Walked::End(end) => return Ok(*end),
                // The same question in other words.
                Walked::AskOtherwise => continue,
                Walked::Last => return self.conclude(window),
            }
        }
    }

    fn walk(&self, repository: &Repository<'_>, window: &mut Window) -> Result<Walked, Failure> {
        let dates = self.dates();
        let mut listing = self.begin(repository, window, dates);
        let mut seen = Seen::default();
        loop {
            if self.keeper.is_asked_to_stop() {
                self.queue.stop();
            }
            if self.queue.is_stopped() {
                return Ok(Walked::end(End::Stopped(window.clone())));
            }
            let url = redacted(listing.next_url().unwrap_or_default());
            let page = match listing.next_page() {
                Ok(Some(page)) => page,
                Ok(None) => return Ok(Walked::Last),
                Err(error)
                    if seen.pages == 0 && window.token.is_none() && self.asks_otherwise(&error, window, dates) =>
                {
                    return Ok(if self.dates().usable { Walked::AskOtherwise } else { self.dateless(window) });
                }
                // A token of an earlier run has died in the meantime.
                Err(error) if seen.pages == 0 && window.token.is_some() && error.token_is_dead() => {
                    return self.begin_again(window, error);
                }
                Err(error) => return self.recover(window.clone(), error, seen.pages).map(Walked::end),
            };
            let computed = self.order.may_drop_dates || window.span != self.order.span;
            if seen.pages == 0 && dates.usable && computed && ignores_dates(&page, &window.span) {
                self.give_up_dates();
                return Ok(self.dateless(window));
            }
            let fresh = observe(window, &page, &mut seen);
            let circle = self.leads_nowhere(window, &mut seen, fresh, &url);
            if circle.is_some() {
                window.token = None;
            }
            if self.keeper.page(window, page, &url)? > 0 {
                self.came_forward();
            }
            match circle {
                Some(_) if came_as_announced(window) == Some(true) => return Ok(Walked::Last),
                Some(error) => return self.recover(window.clone(), error, seen.pages).map(Walked::end),
                None if window.token.is_none() => return Ok(Walked::Last),
                None => {}
            }
            if let Some(parts) = self.share(window, seen.pages) {
                return Ok(Walked::end(End::Split(window.clone(), parts)));
            }
        }
    }

    fn begin<'r>(&self, repository: &'r Repository<'r>, window: &Window, dates: Dates) -> Listing<'r> {
        match &window.token {
            Some(token) => repository.resume(self.order.verb, token),
            None => repository.list(self.order.verb, &self.selection(&window.span, dates)),
        }
    }

    fn dateless(&self, window: &Window) -> Walked {
        // A list of one window goes on as it is, only without dates.
        if window.span == self.order.span {
            return Walked::AskOtherwise;
        }
        Walked::end(End::Dateless(window.clone()))
    }

    /// Whether the way on leads back, or on and on without anything new.
    fn leads_nowhere(&self, window: &Window, seen: &mut Seen, fresh: u64, url: &str) -> Option<Error> {
        let token = window.token.as_ref()?;
        let is_new = seen.tokens.insert(Fingerprint::of(token));
        seen.barren = if fresh > 0 { 0 } else { seen.barren + 1 };
        // Some servers give one token for the whole list and remember themselves how far it has come.
        if !is_new && fresh == 0 {
            return Some(Error::Circle { url: url.to_owned() });
        }
        (seen.barren >= BARREN_PAGES).then(|| Error::Endless { url: url.to_owned(), pages: seen.barren })
    }

    /// Cuts a long window when others have nothing to do. What came of it so far comes again: so it is done early.
    fn share(&self, window: &Window, pages: u64) -> Option<Vec<(Span, WindowState)>> {
        if self.order.side_by_side < 2 || !pages.is_power_of_two() {
            return None;
        }
        let hungry = self.queue.hungry();
        let a_page = (window.tally.records / window.tally.pages.max(1)).max(1);
        let left = match window.evidence.announced {
            Some(announced) => announced.saturating_sub(window.tally.records) / a_page,
            None if pages >= LONG => pages * 4,
            None => 0,
        };
        if hungry == 0 || left < 2 * pages + 2 {
            return None;
        }
        let parts = self.parts(&window.span, hungry + 1)?;
        Some(parts.into_iter().map(|span| (span, WindowState::Open)).collect())
    }

    /// The last page came. What was announced and did not come, and what came without a name, is looked for by identifier.
    fn conclude(&self, mut window: Window) -> Result<End, Failure> {
        window.token = None;
        window.state = WindowState::Done;
        window.problem.clear();
        if window.tally.nameless > 0 || came_as_announced(&window) == Some(false) {
            window = self.complete_by_identifiers(window)?;
        }
        // A list of identifiers may be cut off as the list of records was: then windows show what both hide.
        if came_as_announced(&window) == Some(false)
            && let Some(parts) = self.hidden_parts(&window)?
        {
            window.problem = "fewer records came than were announced".to_owned();
            return Ok(End::Split(window, parts));
        }
        Ok(End::Over(window))
    }
}

/// What a walk came to.
pub(super) enum Walked {
    Last,
    AskOtherwise,
    End(Box<End>),
}

impl Walked {
    pub(super) fn end(end: End) -> Self {
        Walked::End(Box::new(end))
    }
}

/// Whether as many records came as the server announced; `None` when it announced nothing.
fn came_as_announced(window: &Window) -> Option<bool> {
    window.evidence.announced.map(|announced| announced <= window.tally.distinct + window.tally.quarantined)
}

/// Counts a page into its window; answers how many of its records are new.
fn observe(window: &mut Window, page: &Page, seen: &mut Seen) -> u64 {
    seen.pages += 1;
    let name = |record: &Record| Fingerprint::of(record.identifier.canonical());
    let fresh = page.records.iter().filter(|record| seen.identifiers.insert(name(record))).count();
    let fresh = (fresh + page.quarantined.len()) as u64;
    let tally = &mut window.tally;
    tally.pages += 1;
    tally.bytes += page.bytes;
    tally.records += page.records.len() as u64;
    tally.distinct += fresh - page.quarantined.len() as u64;
    tally.deleted += page.records.iter().filter(|record| record.body.is_deleted()).count() as u64;
    tally.quarantined += page.quarantined.len() as u64;
    tally.nameless += page.quarantined.iter().filter(|record| record.identifier.is_none()).count() as u64;
    for record in &page.records {
        count_repairs(tally, record.repairs);
    }
    count_repairs(tally, page.repairs);
    let evidence = &mut window.evidence;
    let dates = page.records.iter().map(|record| &record.datestamp);
    let dates = dates.chain(page.quarantined.iter().filter_map(|record| record.datestamp.as_ref()));
    for instant in dates.filter_map(Datestamp::instant) {
        evidence.ordered &= evidence.highest.is_none_or(|highest| highest <= instant);
        evidence.highest = evidence.highest.max(Some(instant));
    }
    evidence.first_response = evidence.first_response.or(page.response_date);
    evidence.announced = evidence.announced.max(page.token.as_ref().and_then(|token| token.complete_list_size));
    window.token = page.token.as_ref().map(|token| token.text.clone());
    fresh
}

pub(super) fn count_repairs(tally: &mut Tally, repairs: Repairs) {
    for repair in repairs.iter() {
        tally.repaired[repair as usize] += 1;
    }
}
