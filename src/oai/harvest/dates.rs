//! Dates as a server takes them: in seconds, in days, or not at all.

use super::super::listing::{Error, Repository};
use super::super::page::Page;
use super::super::request::{Selection, Verb};
use super::Work;
use crate::model::time::{Granularity, Timestamp};
use crate::model::window::{Span, Window};
use std::sync::{MutexGuard, PoisonError};
use std::time::Duration;

/// How dates may be sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dates {
    /// As the server showed that it takes them; `None`: as it says.
    pub granularity: Option<Granularity>,
    pub usable: bool,
    /// Whether it was seen that they are obeyed.
    pub proven: bool,
    /// Whether `from` and `until` are only taken together.
    pub in_pairs: bool,
}

impl Default for Dates {
    fn default() -> Self {
        Dates { granularity: None, usable: true, proven: false, in_pairs: false }
    }
}

impl Work<'_> {
    fn lock_dates(&self) -> MutexGuard<'_, Dates> {
        self.dates.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn dates(&self) -> Dates {
        *self.lock_dates()
    }

    /// Prefix and set, with the dates of a span; those of the whole list as they were typed.
    pub(super) fn selection(&self, span: &Span, dates: Dates) -> Selection {
        let order = &self.order.selection;
        let is_typed = (order.from.is_some() || order.until.is_some()) && dates.granularity.is_none();
        let (from, until) = match (dates.usable, is_typed && *span == self.order.span) {
            (_, true) => (order.from.clone(), order.until.clone()),
            (false, false) => (None, None),
            (true, false) if *span == Span::WHOLE => (None, None),
            (true, false) => {
                let span = if dates.in_pairs { self.closed(span) } else { *span };
                span.sent(dates.granularity.unwrap_or_else(|| self.told_granularity()))
            }
        };
        Selection { from, until, ..order.clone() }
    }

    /// After a refusal: whether the same window can be asked for with dates of another form, or without.
    ///
    /// Servers say that they take seconds and take days; others refuse a `from` before their beginning.
    pub(super) fn asks_otherwise(&self, error: &Error, window: &Window, asked: Dates) -> bool {
        let sent = self.selection(&window.span, asked);
        if !error.is_bad_argument() || (sent.from.is_none() && sent.until.is_none()) {
            return false;
        }
        let mut dates = self.lock_dates();
        if sent.from.is_some() != sent.until.is_some() && !asked.in_pairs && self.order.selection.from.is_none() {
            dates.in_pairs = true;
            return true;
        }
        let in_seconds = [&sent.from, &sent.until].into_iter().flatten().any(|date| date.contains('T'));
        if in_seconds {
            dates.granularity = Some(Granularity::Day);
            return true;
        }
        if self.order.may_drop_dates {
            dates.usable = false;
        }
        self.order.may_drop_dates
    }

    /// With an end on both sides, for servers that take no other span.
    fn closed(&self, span: &Span) -> Span {
        let told = self.identity().and_then(|identity| Timestamp::parse(identity.earliest_datestamp.as_deref()?));
        let now = self.identity().and_then(|identity| identity.response_date);
        let tomorrow = now.map(|now| now.plus(Granularity::Day.unit()));
        Span { from: span.from.or(told), until: span.until.or(tomorrow) }
    }

    pub(super) fn give_up_dates(&self) {
        self.lock_dates().usable = false;
    }

    /// Whether a list may be cut by dates: asked of the server before anything is, with a window two days beyond what
    /// came. Servers that ignore dates show their first page there.
    pub(super) fn dates_work(&self, window: &Window) -> bool {
        const BEYOND: Duration = Duration::from_secs(2 * 86_400);
        let known = self.dates();
        if known.proven || !known.usable {
            return known.usable;
        }
        let told = self.identity().and_then(|identity| identity.response_date);
        let Some(reference) = window.evidence.highest.or(told) else { return false };
        let at = reference.plus(BEYOND);
        let span = Span { from: Some(at), until: Some(at) };
        let hurried = self.order.repository.client.hurried();
        let repository = Repository { client: &hurried, ..self.order.repository };
        loop {
            let asked = self.dates();
            let listing = repository.list(Verb::ListRecords, &self.selection(&span, asked));
            match listing.without_looking_ahead().next_page() {
                Ok(Some(page)) if ignores_dates(&page, &span) => self.give_up_dates(),
                Ok(_) => self.lock_dates().proven = true,
                Err(error) if error.is_bad_argument() && asked.granularity.is_none() => {
                    self.lock_dates().granularity = Some(Granularity::Day);
                    continue;
                }
                Err(error) if error.is_bad_argument() => self.give_up_dates(),
                // Another fault says nothing of dates.
                Err(_) => {}
            }
            return self.dates().usable;
        }
    }
}

/// Whether most of a page lies outside of what was asked for.
pub(super) fn ignores_dates(page: &Page, span: &Span) -> bool {
    if *span == Span::WHOLE {
        return false;
    }
    let instants: Vec<_> = page.records.iter().filter_map(|record| record.datestamp.instant()).collect();
    let outside = instants.iter().filter(|instant| !span.nearly_holds(**instant)).count();
    outside * 2 > instants.len()
}
