//! Who hears how far a push has come, and may ask it to stop: after the resource in hand, never within it.

use crate::steps::Go;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is told while a push runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// Resources read from ArchivesSpace, of one repository.
    Gathered { done: u64, of: u64 },
    /// MARC records read.
    Exported { done: u64, of: u64 },
    /// Resources planned and written.
    Pushed { done: u64, of: u64 },
}

/// The listener of a push. Once it has said stop, it is not asked to change its mind.
pub struct Watch<'a> {
    hear: &'a (dyn Fn(News) -> Go + Sync),
    stopped: AtomicBool,
}

impl<'a> Watch<'a> {
    pub fn new(hear: &'a (dyn Fn(News) -> Go + Sync)) -> Self {
        Watch { hear, stopped: AtomicBool::new(false) }
    }

    /// Tells news; whether everything is to end now.
    pub fn tell(&self, news: News) -> bool {
        if (self.hear)(news) == Go::Stop {
            self.stopped.store(true, Ordering::SeqCst);
        }
        self.is_stopped()
    }

    pub fn is_stopped(&self) -> bool {
        self.stopped.load(Ordering::SeqCst)
    }
}
