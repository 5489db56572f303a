//! Windows of a list: stretches of datestamps that are asked for one by one, and what is known of each.

use super::repair::Repair;
use super::time::{Granularity, Timestamp};
use std::time::Duration;

/// A stretch of datestamps, both ends included, in whole units of a granularity. An end that is missing is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Span {
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

impl Span {
    pub const WHOLE: Span = Span { from: None, until: None };

    pub fn since(from: Option<Timestamp>) -> Self {
        Span { from, until: None }
    }

    /// Cuts before `at`: the second part begins there.
    pub fn cut(&self, at: Timestamp, unit: Duration) -> (Span, Span) {
        (Span { from: self.from, until: Some(at.minus(unit)) }, Span { from: Some(at), until: self.until })
    }

    /// Cuts into parts of the same length, as far as whole units allow; `None` when one unit is all there is.
    ///
    /// `earliest` and `now` stand for open ends where lengths are measured; the parts stay open where the whole was.
    pub fn parts(&self, count: usize, unit: Duration, earliest: Timestamp, now: Timestamp) -> Option<Vec<Span>> {
        let step = unit.as_millis() as i64;
        let low = self.from.unwrap_or(earliest).millis().div_euclid(step);
        let high = self.until.unwrap_or(now).millis().div_euclid(step);
        let units = high.saturating_sub(low).saturating_add(1);
        let count = (count as i64).min(units);
        if count < 2 {
            return None;
        }
        let mut parts = Vec::new();
        let mut rest = *self;
        for part in 1..count {
            let at = Timestamp::from_millis((low + (units as i128 * part as i128 / count as i128) as i64) * step)?;
            let (first, second) = rest.cut(at, unit);
            parts.push(first);
            rest = second;
        }
        parts.push(rest);
        Some(parts)
    }

    /// Whether the instant lies inside, or so near that clocks and roundings explain it.
    pub fn nearly_holds(&self, instant: Timestamp) -> bool {
        const SLACK: Duration = Duration::from_secs(86_400);
        self.from.is_none_or(|from| instant >= from.minus(SLACK))
            && self.until.is_none_or(|until| instant.minus(SLACK) <= until.plus(SLACK))
    }

    /// `from` and `until` as they are sent. The end is sent one unit later than meant: to some servers `until` is
    /// exclusive, and ArchivesSpace takes a day for its first second. What comes twice is recognized.
    pub fn sent(&self, granularity: Granularity) -> (Option<String>, Option<String>) {
        let until = self.until.map(|until| until.plus(granularity.unit()).at(granularity));
        (self.from.map(|from| from.at(granularity)), until)
    }

    /// For people.
    pub fn say(&self) -> String {
        match (self.from, self.until) {
            (None, None) => "the whole list".to_owned(),
            (Some(from), None) => format!("from {from}"),
            (None, Some(until)) => format!("until {until}"),
            (Some(from), Some(until)) if from == until => format!("at {from}"),
            (Some(from), Some(until)) => format!("from {from} until {until}"),
        }
    }
}

/// How things stand with a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowState {
    /// To be harvested, or on the way.
    Open,
    /// Everything seems to be there; the list of identifiers has to prove it.
    Unproven,
    /// Proven complete.
    Done,
    /// Replaced by narrower windows.
    Split,
    /// The server cannot deliver it; asked again by every later run.
    Missing,
}

impl WindowState {
    pub const ALL: [WindowState; 5] =
        [WindowState::Open, WindowState::Unproven, WindowState::Done, WindowState::Split, WindowState::Missing];

    pub fn as_str(&self) -> &'static str {
        match self {
            WindowState::Open => "open",
            WindowState::Unproven => "unproven",
            WindowState::Done => "done",
            WindowState::Split => "split",
            WindowState::Missing => "missing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }

    /// Whether there is still something to be asked for.
    pub fn is_unfinished(&self) -> bool {
        matches!(self, WindowState::Open | WindowState::Unproven)
    }
}

/// What came, counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub pages: u64,
    /// As they came, what came twice counted twice.
    pub records: u64,
    /// Different identifiers.
    pub distinct: u64,
    pub deleted: u64,
    pub quarantined: u64,
    /// Quarantined without identifier, and not named by the list of identifiers either.
    pub nameless: u64,
    pub repaired: [u64; Repair::ALL.len()],
    pub bytes: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Tally) {
        self.pages += other.pages;
        self.records += other.records;
        self.distinct += other.distinct;
        self.deleted += other.deleted;
        self.quarantined += other.quarantined;
        self.nameless += other.nameless;
        self.bytes += other.bytes;
        for (mine, more) in self.repaired.iter_mut().zip(other.repaired) {
            *mine += more;
        }
    }

    /// Records that had to be repaired, by kind of repair, without those that never were needed.
    pub fn repairs(&self) -> impl Iterator<Item = (Repair, u64)> {
        Repair::ALL.into_iter().zip(self.repaired).filter(|(_, count)| *count > 0)
    }
}

/// What the server said of a window as a whole, and how its records came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Evidence {
    /// `completeListSize`, the largest that was told.
    pub announced: Option<u64>,
    pub first_response: Option<Timestamp>,
    pub highest: Option<Timestamp>,
    /// Whether each datestamp so far was no earlier than those before it.
    pub ordered: bool,
}

impl Default for Evidence {
    fn default() -> Self {
        Evidence { announced: None, first_response: None, highest: None, ordered: true }
    }
}

/// One window: what was asked, what came, and what is still to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Window {
    /// Counts the windows of a feed.
    pub number: u64,
    pub span: Span,
    pub state: WindowState,
    /// The way on; `None`: begin at the first page.
    pub token: Option<String>,
    /// How often it was begun or taken up again.
    pub attempts: u32,
    pub tally: Tally,
    pub evidence: Evidence,
    /// Why it could not be finished.
    pub problem: String,
}

impl Window {
    pub fn new(number: u64, span: Span, state: WindowState) -> Self {
        Window {
            number,
            span,
            state,
            token: None,
            attempts: 0,
            tally: Tally::default(),
            evidence: Evidence::default(),
            problem: String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1000).unwrap()
    }

    proptest! {
        #[test]
        fn parts_cover_the_whole_without_gap_and_without_overlap(
            low in 0i64..4_000_000_000, length in 0i64..4_000_000_000, count in 2usize..70,
            open in any::<(bool, bool)>(), days in any::<bool>(),
        ) {
            let unit = if days { Granularity::Day.unit() } else { Granularity::Second.unit() };
            let whole = Span { from: (!open.0).then(|| at(low)), until: (!open.1).then(|| at(low + length)) };
            let Some(parts) = whole.parts(count, unit, at(low), at(low + length)) else {
                prop_assert!(length < 2 * unit.as_secs() as i64);
                return Ok(());
            };
            prop_assert_eq!(parts.first().unwrap().from, whole.from);
            prop_assert_eq!(parts.last().unwrap().until, whole.until);
            for pair in parts.windows(2) {
                let (end, next) = (pair[0].until.unwrap(), pair[1].from.unwrap());
                prop_assert_eq!(end.plus(unit), next);
                // Where days are asked for, the hour of the beginning is not sent.
                let units = |instant: Timestamp| instant.millis().div_euclid(unit.as_millis() as i64);
                prop_assert!(pair[0].from.is_none_or(|from| units(from) <= units(end)));
            }
        }
    }

    #[test]
    fn one_unit_has_no_parts() {
        let check = |span: Span, granularity: Granularity| {
            assert_eq!(span.parts(2, granularity.unit(), at(0), at(86_399)), None);
        };
        check(Span { from: Some(at(7)), until: Some(at(7)) }, Granularity::Second);
        check(Span::WHOLE, Granularity::Day);
    }

    #[test]
    fn the_parts_of_years_begin_on_every_day_of_a_month() {
        // metha skipped February when a harvest began on the 29th, 30th or 31st.
        for day in 29..=31 {
            let from = Timestamp::parse(&format!("2024-01-{day}")).unwrap();
            let until = Timestamp::parse("2025-03-05").unwrap();
            let span = Span { from: Some(from), until: Some(until) };
            let unit = Granularity::Day.unit();
            let parts = span.parts(14, unit, from, until).unwrap();
            let days = |span: &Span| span.until.unwrap().since(span.from.unwrap()).as_secs() / 86_400 + 1;
            assert_eq!(parts.iter().map(days).sum::<u64>(), days(&span));
        }
    }

    #[test]
    fn the_end_of_a_window_is_sent_one_unit_later() {
        let span = Span { from: Some(at(0)), until: Some(at(86_400)) };
        let sent = |granularity| {
            let (from, until) = span.sent(granularity);
            (from.unwrap(), until.unwrap())
        };
        assert_eq!(sent(Granularity::Day), ("1970-01-01".to_owned(), "1970-01-03".to_owned()));
        assert_eq!(sent(Granularity::Second), ("1970-01-01T00:00:00Z".to_owned(), "1970-01-02T00:00:01Z".to_owned()));
    }
}
