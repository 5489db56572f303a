//! Server-sent events: what a stream is made of, and how it is written.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

/// What comes next of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// An event of this name.
    Data(&'static str, String),
    /// Nothing new.
    Silence,
    End,
}

/// Answers what comes next; asked about once a second, and may block.
#[derive(Clone)]
pub struct Events(Arc<Mutex<dyn FnMut() -> Event + Send>>);

impl Events {
    pub fn new(next: impl FnMut() -> Event + Send + 'static) -> Self {
        Events(Arc::new(Mutex::new(next)))
    }

    pub fn next(&self) -> Event {
        (self.0.lock().unwrap_or_else(PoisonError::into_inner))()
    }
}

impl fmt::Debug for Events {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Events")
    }
}

/// A stream is the same as itself only.
impl PartialEq for Events {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Events {}

/// An event as the HTML standard has it; a line break in the data would end it.
pub(super) fn written(name: &str, data: &str) -> String {
    let lines = data.split(['\n', '\r']).map(|line| format!("data: {line}\n"));
    format!("event: {name}\n{}\n", lines.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_of_several_lines_stays_one_event() {
        assert_eq!(written("run", "a\nevent: forged"), "event: run\ndata: a\ndata: event: forged\n\n");
    }
}
