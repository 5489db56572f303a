//! The session: one for all threads, begun by the first call and begun anew when ArchivesSpace has forgotten it.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The session's token, which nothing shows.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Token(pub(super) String);

/// Where the token is kept.
#[derive(Default)]
pub(super) struct Session(Mutex<Option<Token>>);

impl Session {
    /// The token; where there is none, `log_in` gets one while other threads wait for it.
    pub(super) fn token<E>(&self, log_in: impl FnOnce() -> Result<Token, E>) -> Result<Token, E> {
        let mut kept = self.held();
        if let Some(token) = &*kept {
            return Ok(token.clone());
        }
        let token = log_in()?;
        *kept = Some(token.clone());
        Ok(token)
    }

    /// Forgets a token that was refused, unless another thread has a newer one already.
    pub(super) fn forget(&self, refused: &Token) {
        let mut kept = self.held();
        if kept.as_ref() == Some(refused) {
            *kept = None;
        }
    }

    fn held(&self) -> MutexGuard<'_, Option<Token>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn many_threads_log_in_once_and_a_late_refusal_drops_no_newer_session() {
        let (session, logins) = (Session::default(), AtomicU32::new(0));
        let token = || {
            let got = session.token(|| Ok::<_, Infallible>(Token(logins.fetch_add(1, Ordering::SeqCst).to_string())));
            got.unwrap()
        };
        std::thread::scope(|scope| (0..8).for_each(|_| drop(scope.spawn(token))));
        let first = token();
        assert_eq!(logins.load(Ordering::SeqCst), 1);
        session.forget(&first);
        let second = token();
        session.forget(&first);
        assert!(token() == second && first != second);
        assert_eq!(logins.load(Ordering::SeqCst), 2);
    }
}
