//! How many records are in the worker at once: as many as it can work on, or one alone.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

pub(super) struct Lanes {
    most: usize,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    busy: usize,
    alone: bool,
    waiting_to_be_alone: usize,
}

/// The right to have one record in the worker; ends when it is dropped.
pub(super) struct Lane<'a>(&'a Lanes);

impl Lanes {
    pub(super) fn new(most: usize) -> Lanes {
        Lanes { most: most.max(1), state: Mutex::default(), changed: Condvar::new() }
    }

    /// Waits for a lane beside others.
    pub(super) fn one(&self) -> Lane<'_> {
        let full = |state: &mut State| state.alone || state.waiting_to_be_alone > 0 || state.busy >= self.most;
        let mut state = self.changed.wait_while(self.state(), full).unwrap_or_else(PoisonError::into_inner);
        state.busy += 1;
        Lane(self)
    }

    /// Waits until the worker has nothing to do, and keeps others out.
    pub(super) fn alone(&self) -> Lane<'_> {
        let mut state = self.state();
        state.waiting_to_be_alone += 1;
        let taken = |state: &mut State| state.busy > 0;
        let mut state = self.changed.wait_while(state, taken).unwrap_or_else(PoisonError::into_inner);
        state.waiting_to_be_alone -= 1;
        state.alone = true;
        state.busy = 1;
        Lane(self)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lane<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy -= 1;
        state.alone = false;
        self.0.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    #[test]
    fn no_more_than_the_worker_can_do_and_nobody_beside_the_one_alone() {
        let (lanes, inside, most) = (Lanes::new(3), AtomicUsize::new(0), AtomicUsize::new(0));
        thread::scope(|scope| {
            for n in 0..8 {
                let (lanes, inside, most) = (&lanes, &inside, &most);
                scope.spawn(move || {
                    for turn in 0..200 {
                        let alone = (n + turn) % 10 == 0;
                        let _lane = if alone { lanes.alone() } else { lanes.one() };
                        let now = inside.fetch_add(1, Ordering::SeqCst) + 1;
                        most.fetch_max(now, Ordering::SeqCst);
                        thread::yield_now();
                        let then = inside.fetch_sub(1, Ordering::SeqCst);
                        assert!(then <= 3 && (!alone || (now == 1 && then == 1)), "{now} and {then} inside");
                    }
                });
            }
        });
        assert!((2..=3).contains(&most.into_inner()));
    }
}
