//! What to do when a window breaks off: cut it where it broke, or into halves, down to what the server cannot deliver.

use super::super::listing::Error;
use super::super::listing::Repository;
use super::sequence::Walked;
use super::{End, Work};
use crate::failure::Failure;
use crate::model::time::Timestamp;
use crate::model::window::{Evidence, Span, Tally, Window, WindowState};

impl Work<'_> {
    /// `pages` came in this walk before the fault.
    pub(super) fn recover(&self, mut window: Window, error: Error, pages: u64) -> Result<End, Failure> {
        tracing::info!(window = window.span.say(), "broke off: {error}");
        let dead = error.token_is_dead() && (window.token.is_some() || pages > 0);
        if dead {
            window.token = None;
        }
        window.problem = chain(&error);
        if !dead && !error.may_be_poison() {
            return Ok(End::Broken(window, error));
        }
        self.missed();
        // A server that is down is no poisoned page, and a hundred of them are no accident.
        if (!dead && self.is_down()) || self.is_hopeless() {
            self.queue.stop();
            return Ok(End::Broken(window, error));
        }
        // Where dates cannot be used, the token is the only way on: it stays, for the next run.
        if !self.dates_work(&window) {
            return self.rescue(window, error);
        }
        if let Some(parts) = self.cut_where_it_broke(&window) {
            return Ok(End::Split(window, parts));
        }
        if pages == 0
            && let Some(end) = self.rescue_a_few(&window)?
        {
            return Ok(end);
        }
        if let Some(halves) = self.parts(&window.span, 2) {
            return Ok(End::Split(window, halves.into_iter().map(|span| (span, WindowState::Open)).collect()));
        }
        self.rescue(window, error)
    }

    /// A token that an earlier run has kept is dead. What came before it only has to be proven, where that is possible;
    /// otherwise the window begins again.
    pub(super) fn begin_again(&self, window: &mut Window, error: Error) -> Result<Walked, Failure> {
        tracing::info!(window = window.span.say(), "the token is dead: {error}");
        window.token = None;
        if self.dates_work(window)
            && let Some(parts) = self.cut_where_it_broke(window)
        {
            window.problem = chain(&error);
            return Ok(Walked::end(End::Split(window.clone(), parts)));
        }
        window.tally = Tally::default();
        window.evidence = Evidence::default();
        Ok(Walked::AskOtherwise)
    }

    /// Where records come in the order of their datestamps, what came before the break only has to be proven. No order
    /// is trusted: ArchivesSpace's lists may look ordered and are not.
    pub(super) fn cut_where_it_broke(&self, window: &Window) -> Option<Vec<(Span, WindowState)>> {
        let unit = self.granularity().unit();
        let highest = window.evidence.highest.filter(|_| window.evidence.ordered && self.dates().usable)?;
        let millis = unit.as_millis() as i64;
        let at = Timestamp::from_millis(highest.millis().div_euclid(millis) * millis)?;
        if window.span.from.is_some_and(|from| at <= from) || window.span.until.is_some_and(|until| at > until) {
            return None;
        }
        let (before, after) = window.span.cut(at, unit);
        Some(vec![(before, WindowState::Unproven), (after, WindowState::Open)])
    }

    fn is_down(&self) -> bool {
        let hurried = self.order.repository.client.hurried();
        let repository = Repository { client: &hurried, ..self.order.repository };
        repository.identify().is_err()
    }
}

/// An error with its causes, on one line.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
