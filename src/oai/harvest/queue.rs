//! Which window is harvested next, by whom, and when all are over.

use super::super::listing::Error;
use super::Ended;
use crate::failure::Failure;
use crate::model::window::{Span, Window, WindowState};
use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// What one turn of a worker came to.
#[derive(Default)]
pub(super) struct Turn {
    pub ended: Vec<Window>,
    pub new: Vec<Window>,
    pub broken: Option<Error>,
    /// The server takes no dates: the whole list takes the place of all windows.
    pub collapse: bool,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Window>,
    ended: Vec<Window>,
    /// Numbers of the windows that are being harvested.
    busy: Vec<u64>,
    idle: usize,
    next_number: u64,
    collapsed: bool,
    stopped: bool,
    broken: Option<Error>,
    failure: Option<Failure>,
}

pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

impl Queue {
    pub fn new(windows: Vec<Window>) -> Self {
        let next_number = windows.iter().map(|window| window.number + 1).max().unwrap_or_default();
        let (waiting, ended) = windows.into_iter().partition(|window| window.state.is_unfinished());
        let waiting: Vec<Window> = waiting;
        let state = State { waiting: waiting.into(), ended, next_number, ..State::default() };
        Queue { state: Mutex::new(state), changed: Condvar::new() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The next window; waits while others may still bring new ones. `None` when all is over.
    pub fn take(&self) -> Option<Window> {
        let mut state = self.state();
        loop {
            if state.stopped || state.failure.is_some() {
                return None;
            }
            if let Some(window) = state.waiting.pop_front() {
                state.busy.push(window.number);
                return Some(window);
            }
            if state.busy.is_empty() {
                return None;
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }

    /// Takes in what a turn came to, and wakes those who wait for it.
    pub fn end(&self, number: u64, turn: Result<Turn, Failure>) {
        let mut state = self.state();
        state.busy.retain(|busy| *busy != number);
        match turn {
            Ok(turn) => {
                state.ended.extend(turn.ended);
                // Around a fault all parts of one length come before their own parts: the good ones show that there is
                // a way.
                let (faulty, fine): (Vec<_>, Vec<_>) = turn.new.into_iter().partition(|new| !new.problem.is_empty());
                fine.into_iter().rev().for_each(|window| state.waiting.push_front(window));
                state.waiting.extend(faulty);
                // The first trouble is mostly the cause of the others.
                state.broken = state.broken.take().or(turn.broken);
            }
            Err(failure) => {
                state.failure.get_or_insert(failure);
            }
        }
        self.changed.notify_all();
    }

    pub fn next_number(&self) -> u64 {
        let mut state = self.state();
        state.next_number += 1;
        state.next_number - 1
    }

    /// How many workers have nothing to do, while nothing waits.
    pub fn hungry(&self) -> usize {
        let state = self.state();
        if state.waiting.is_empty() { state.idle } else { 0 }
    }

    /// The server is down: everybody ends after the page at hand.
    pub fn stop(&self) {
        self.state().stopped = true;
        self.changed.notify_all();
    }

    pub fn is_stopped(&self) -> bool {
        let state = self.state();
        state.stopped || state.failure.is_some()
    }

    /// Drops what waits, and puts the whole list in its place, once. What came so far is proven by identifiers.
    pub fn collapse(&self, span: Span) -> (Vec<Window>, Option<Window>) {
        let mut state = self.state();
        let dropped: Vec<Window> =
            state.waiting.drain(..).map(|window| Window { state: WindowState::Split, ..window }).collect();
        if std::mem::replace(&mut state.collapsed, true) {
            return (dropped, None);
        }
        let some_came = state.ended.iter().chain(&dropped).any(|window| window.tally.pages > 1);
        let whole = if some_came { WindowState::Unproven } else { WindowState::Open };
        let window = Window::new(state.next_number, span, whole);
        state.next_number += 1;
        (dropped, Some(window))
    }

    pub fn into_ended(self) -> Result<Ended, Failure> {
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        if let Some(failure) = state.failure {
            return Err(failure);
        }
        let mut windows = state.ended;
        windows.extend(state.waiting);
        windows.sort_by_key(|window| window.number);
        Ok(Ended { windows, broken: state.broken })
    }
}
