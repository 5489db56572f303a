//! What the program says: its log, and all that a failure may show.

use cartouche::failure::{Advise, Failure};
use std::io::Write;
use std::sync::{Arc, Mutex};

/// Everything that a failure may show: to people, to programmers, and as advice.
pub fn shown<E: Advise>(error: E) -> String {
    let debug = format!("{error:?} {:?}", error.hint());
    format!("{debug} {}", Failure::from(error))
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// What `work` gives, and everything that was logged meanwhile in this thread.
pub fn logged<T>(work: impl FnOnce() -> T) -> (T, String) {
    let log = Log::default();
    let to_log = log.clone();
    let subscriber =
        tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(move || to_log.clone()).finish();
    // While there is one subscriber only, a line that another test's thread meets first would be taken for one that nobody
    // wants, for ever; with two the others are asked as well.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::default());
    let given = tracing::subscriber::with_default(subscriber, || {
        tracing::callsite::rebuild_interest_cache();
        work()
    });
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    (given, text)
}
