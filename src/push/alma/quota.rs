//! The institution's calls of the day, as Alma's answers tell of them, and how many writes are under way.

use std::sync::{Condvar, Mutex, PoisonError};

/// Watches `X-Exl-Api-Remaining`, which Alma counts for the whole institution, whoever calls.
#[derive(Debug)]
pub(super) struct Quota {
    floor: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// As the last answers told; none before the first.
    remaining: Option<u64>,
    /// Calls without an answer yet: each will cost one.
    under_way: u64,
}

/// So few calls are left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AtFloor {
    pub(super) remaining: u64,
}

/// A number that rises by more than answers can overtake each other is that of a new day.
const NEW_DAY: u64 = 100;

impl Quota {
    pub(super) fn new(floor: u64) -> Self {
        Quota { floor, state: Mutex::default() }
    }

    /// Takes leave for one call; `end` gives it back.
    pub(super) fn begin(&self) -> Result<(), AtFloor> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(remaining) = state.remaining
            && remaining.saturating_sub(state.under_way) <= self.floor
        {
            return Err(AtFloor { remaining });
        }
        state.under_way += 1;
        Ok(())
    }

    /// One call has its answer, with the header if there was one.
    pub(super) fn end(&self, header: Option<&str>) {
        let told = header.and_then(|text| text.trim().parse::<u64>().ok());
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.under_way = state.under_way.saturating_sub(1);
        state.remaining = match (state.remaining, told) {
            (known, None) => known.map(|known| known.saturating_sub(1)),
            (None, Some(told)) => Some(told),
            (Some(known), Some(told)) if told > known.saturating_add(NEW_DAY) => Some(told),
            // Answers overtake each other: the smaller number is the newer one.
            (Some(known), Some(told)) => Some(known.min(told)),
        };
    }

    pub(super) fn floor(&self) -> u64 {
        self.floor
    }

    pub(super) fn remaining(&self) -> Option<u64> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).remaining
    }
}

/// Lets only so many in at once.
#[derive(Debug)]
pub(super) struct Gate {
    free: Mutex<u32>,
    left: Condvar,
}

/// Somebody who is in; leaves when dropped.
pub(super) struct Inside<'g>(&'g Gate);

impl Gate {
    pub(super) fn new(places: u32) -> Self {
        Gate { free: Mutex::new(places), left: Condvar::new() }
    }

    pub(super) fn enter(&self) -> Inside<'_> {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.left.wait_while(free, |free| *free == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Inside(self)
    }
}

impl Drop for Inside<'_> {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.left.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn no_call_is_begun_that_would_pass_the_floor() {
        let quota = Quota::new(10);
        quota.begin().unwrap();
        quota.end(Some("12"));
        quota.begin().unwrap();
        quota.begin().unwrap();
        // Two are under way, so that ten would be left after them.
        assert_eq!(quota.begin(), Err(AtFloor { remaining: 12 }));
        quota.end(Some("10"));
        // The earlier call's answer comes last.
        quota.end(Some("11"));
        assert_eq!((quota.remaining(), quota.begin()), (Some(10), Err(AtFloor { remaining: 10 })));
    }

    #[test]
    fn an_answer_without_the_header_costs_a_call_and_a_new_day_begins_again() {
        let quota = Quota::new(0);
        for header in [Some("3"), None, Some("nonsense")] {
            quota.begin().unwrap();
            quota.end(header);
        }
        assert_eq!(quota.remaining(), Some(1));
        quota.begin().unwrap();
        quota.end(Some("300000"));
        assert_eq!(quota.remaining(), Some(300_000));
    }

    #[test]
    fn nothing_is_known_before_the_first_answer() {
        let quota = Quota::new(5);
        assert!(quota.begin().is_ok() && quota.begin().is_ok());
        quota.end(None);
        assert_eq!(quota.remaining(), None);
    }

    #[test]
    fn never_more_are_inside_than_there_are_places() {
        let (gate, inside, most) = (Gate::new(3), AtomicU32::new(0), AtomicU32::new(0));
        std::thread::scope(|scope| {
            for _ in 0..12 {
                scope.spawn(|| {
                    let _inside = gate.enter();
                    most.fetch_max(inside.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    std::thread::sleep(std::time::Duration::from_millis(5));
                    inside.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        assert_eq!(most.load(Ordering::SeqCst), 3);
    }
}
