//! A list harvested in windows: the way through it, and the ways around what a server cannot deliver.
//!
//! A window is over only when a page came without a token, or when the list of its identifiers proved that nothing is
//! missing. A window that breaks off is cut into narrower ones, down to the one record that the server stumbles over.

mod dates;
mod identifiers;
mod queue;
mod recovery;
mod sequence;

use super::facts::Identity;
use super::listing::{Error, Repository};
use super::page::Page;
use super::request::{Selection, Verb};
use crate::failure::Failure;
use crate::model::record::Record;
use crate::model::time::{Granularity, Timestamp};
use crate::model::window::{Span, Window, WindowState};
use dates::Dates;
use queue::{Queue, Turn};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, OnceLock};

/// Ceilings on faults in a row without a gain: past them, not a record is ill but the server. The first holds as long as
/// no list has brought anything.
const MISSES_AT_FIRST: u32 = 6;
const MISSES_IN_A_ROW: u32 = 16;

/// What is asked for.
pub struct Order<'a> {
    pub repository: Repository<'a>,
    pub verb: Verb,
    /// Prefix and set, and the dates as somebody typed them; those of windows are computed.
    pub selection: Selection,
    pub span: Span,
    /// Windows harvested side by side, each over one connection.
    pub side_by_side: usize,
    /// Whether more than what was asked for is better than nothing, when a server refuses dates.
    pub may_drop_dates: bool,
}

/// Who keeps what comes. A page and what is known of its window survive together or not at all.
pub trait Keeper: Sync {
    /// Answers how many of the records were not yet kept, as far as this run knows.
    fn page(&self, window: &Window, page: Page, url: &str) -> Result<u64, Failure>;

    fn windows(&self, windows: &[Window]) -> Result<(), Failure>;

    /// Whether the record of a header is kept in the version that the header tells of.
    fn holds(&self, header: &Record) -> Result<bool, Failure>;

    /// Whether everybody is to end after the page at hand; the windows stay open.
    fn is_asked_to_stop(&self) -> bool {
        false
    }
}

/// How it ended: every window of the list as it is now, and why some could not be finished.
pub struct Ended {
    pub windows: Vec<Window>,
    pub broken: Option<Error>,
}

/// Harvests windows until each is done, missing, or cannot be gone on with.
///
/// `identity` spares a request when it is known.
pub fn harvest(
    order: &Order<'_>,
    windows: Vec<Window>,
    identity: Option<Identity>,
    keeper: &dyn Keeper,
) -> Result<Ended, Failure> {
    let work = Work {
        order,
        keeper,
        queue: Queue::new(windows),
        dates: Mutex::default(),
        identity: identity.map_or_else(OnceLock::new, |identity| OnceLock::from(Some(identity))),
        misses: AtomicU32::new(0),
        gained: AtomicBool::new(false),
    };
    if order.side_by_side < 2 {
        work.work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..order.side_by_side {
                scope.spawn(|| work.work());
            }
        });
    }
    work.queue.into_ended()
}

struct Work<'a> {
    order: &'a Order<'a>,
    keeper: &'a dyn Keeper,
    queue: Queue,
    dates: Mutex<Dates>,
    identity: OnceLock<Option<Identity>>,
    /// Faults in a row without anything gained between them.
    misses: AtomicU32,
    gained: AtomicBool,
}

/// How a window came out.
enum End {
    /// Done, or missing for good.
    Over(Window),
    /// To be replaced by narrower ones.
    Split(Window, Vec<(Span, WindowState)>),
    /// The server takes no dates: to be replaced by the whole list.
    Dateless(Window),
    /// Nothing helped; the next run may try again.
    Broken(Window, Error),
    /// Another window found the server down.
    Stopped(Window),
}

impl Work<'_> {
    fn work(&self) {
        while let Some(window) = self.queue.take() {
            let number = window.number;
            let turn = self.follow(window).and_then(|end| self.settle(end));
            self.queue.end(number, turn);
        }
    }

    /// Writes down what became of a window before anybody acts on it.
    fn settle(&self, end: End) -> Result<Turn, Failure> {
        let mut turn = Turn::default();
        match end {
            End::Over(window) => {
                self.came_forward();
                turn.ended.push(window);
            }
            End::Split(mut window, parts) => {
                window.state = WindowState::Split;
                window.token = None;
                let problem = window.problem.clone();
                for (span, state) in parts {
                    let part = Window::new(self.queue.next_number(), span, state);
                    turn.new.push(Window { problem: problem.clone(), ..part });
                }
                turn.ended.push(window);
            }
            End::Dateless(mut window) => {
                window.state = WindowState::Split;
                window.token = None;
                turn.ended.push(window);
                turn.collapse = true;
            }
            End::Broken(window, error) => {
                turn.ended.push(window);
                turn.broken = Some(error);
            }
            End::Stopped(window) => turn.ended.push(window),
        }
        let changed: Vec<Window> = turn.ended.iter().chain(&turn.new).cloned().collect();
        self.keeper.windows(&changed)?;
        if turn.collapse {
            let (dropped, whole) = self.queue.collapse(self.order.span);
            let changed: Vec<Window> = dropped.iter().chain(&whole).cloned().collect();
            self.keeper.windows(&changed)?;
            turn.ended.extend(dropped);
            turn.new.extend(whole);
        }
        Ok(turn)
    }

    /// What the server says of itself; asked for once, and only when it is needed.
    fn identity(&self) -> Option<&Identity> {
        self.identity.get_or_init(|| self.order.repository.identify().ok()).as_ref()
    }

    fn granularity(&self) -> Granularity {
        self.dates().granularity.unwrap_or_else(|| self.told_granularity())
    }

    /// As Identify tells it.
    fn told_granularity(&self) -> Granularity {
        self.identity().map_or(Granularity::Second, Identity::granularity)
    }

    /// Cuts a span into parts of the same length, with the server's own dates for open ends.
    fn parts(&self, span: &Span, count: usize) -> Option<Vec<Span>> {
        if !self.dates().usable {
            return None;
        }
        let identity = self.identity();
        let told = identity.and_then(|identity| Timestamp::parse(identity.earliest_datestamp.as_deref()?));
        let beginning = || Timestamp::parse("1990-01-01");
        let earliest = told.or_else(beginning)?;
        let now = identity.and_then(|identity| identity.response_date)?;
        span.parts(count, self.granularity().unit(), earliest, now)
    }

    fn missed(&self) {
        self.misses.fetch_add(1, Ordering::Relaxed);
    }

    /// Something new came, or a window was done: the way around a fault leads somewhere.
    fn came_forward(&self) {
        self.gained.store(true, Ordering::Relaxed);
        self.misses.store(0, Ordering::Relaxed);
    }

    fn is_hopeless(&self) -> bool {
        let ceiling = if self.gained.load(Ordering::Relaxed) { MISSES_IN_A_ROW } else { MISSES_AT_FIRST };
        self.misses.load(Ordering::Relaxed) >= ceiling
    }
}

/// The windows that a list begins with: one, or some for each that is harvested side by side, so that none waits long
/// for the longest.
pub fn plan(span: Span, side_by_side: usize, identity: &Identity, from_number: u64) -> Vec<Window> {
    let earliest = identity.earliest_datestamp.as_deref().and_then(Timestamp::parse);
    let parts = match (side_by_side, earliest, identity.response_date) {
        (2.., Some(earliest), Some(now)) if span.from.is_none() => {
            span.parts(side_by_side * 4, identity.granularity().unit(), earliest, now)
        }
        _ => None,
    };
    let spans = parts.unwrap_or_else(|| vec![span]);
    let numbered = spans.into_iter().zip(from_number..);
    numbered.map(|(span, number)| Window::new(number, span, WindowState::Open)).collect()
}
