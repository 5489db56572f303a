//! Signals that ask to stop: the first politely, the second at once.

use crate::failure::exit;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether a signal has asked to stop: Ctrl-C, systemd or `kill`. SIGHUP stays what it is, or
/// `nohup` would lose its meaning.
pub struct Stop(Option<Arc<AtomicBool>>);

impl Stop {
    /// Hears no signal at all: each of them ends the program.
    pub const NEVER: Stop = Stop(None);

    /// From here on the first signal only asks. The second one ends the program where it stands, which is safe: all that it
    /// does is written down before, and the next run heals what lies between.
    pub fn listen() -> Self {
        let asked = Arc::new(AtomicBool::new(false));
        for signal in [SIGINT, SIGTERM] {
            // The order matters: whoever ends is called first, and must not find the flag that the same signal sets.
            let ends = flag::register_conditional_shutdown(signal, exit::FAILED.into(), Arc::clone(&asked));
            let asks = ends.and_then(|_| flag::register(signal, Arc::clone(&asked)));
            if let Err(error) = asks {
                tracing::warn!("signal {signal} ends the program at once: {error}");
            }
        }
        Stop(Some(asked))
    }

    pub fn is_asked(&self) -> bool {
        self.0.as_ref().is_some_and(|asked| asked.load(Ordering::SeqCst))
    }
}
