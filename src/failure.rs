//! What ends a run: one failure, printed once, and the exit codes.

use std::error::Error;
use std::fmt;

/// Exit codes, a contract with cron: mail on 1 and 2, open a ticket on 3.
pub mod exit {
    /// Done (nothing new is done, too).
    pub const DONE: u8 = 0;
    /// The run failed, or a list is incomplete.
    pub const FAILED: u8 = 1;
    /// The profile or the command line is wrong, or a server says that the configuration is.
    pub const CONFIGURATION: u8 = 2;
    /// Done, but something needs a person: held, conflict, quarantine, error, late, lost, a limit was passed.
    pub const NEEDS_A_PERSON: u8 = 3;
    /// Another run of this profile holds the lock.
    pub const LOCKED: u8 = 4;
}

/// What kind of trouble ended the run; decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Failed,
    Configuration,
    NeedsAPerson,
    Locked,
}

impl Kind {
    pub fn exit_code(self) -> u8 {
        match self {
            Kind::Failed => exit::FAILED,
            Kind::Configuration => exit::CONFIGURATION,
            Kind::NeedsAPerson => exit::NEEDS_A_PERSON,
            Kind::Locked => exit::LOCKED,
        }
    }
}

/// Advice that lives beside each room's error type, where the trouble is known.
pub trait Advise: Error + Send + Sync + 'static {
    fn kind(&self) -> Kind {
        Kind::Failed
    }

    fn hint(&self) -> Option<String> {
        None
    }
}

/// The end of a run: a chain of causes, a kind and a hint. Shown once, by `main`.
#[derive(Debug)]
pub struct Failure {
    kind: Kind,
    hint: Option<String>,
    source: Box<dyn Error + Send + Sync>,
}

impl Failure {
    pub fn kind(&self) -> Kind {
        self.kind
    }

    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The failure's own message, without its causes.
    pub fn message(&self) -> String {
        self.source.to_string()
    }
}

impl<E: Advise> From<E> for Failure {
    fn from(error: E) -> Self {
        Failure { kind: error.kind(), hint: error.hint(), source: Box::new(error) }
    }
}

/// Prints `error:`, `because:` for each cause, `hint:`.
impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "error: {}", self.source)?;
        let mut cause = self.source.source();
        while let Some(error) = cause {
            write!(out, "\n  because: {}", error.to_string().trim_end().replace('\n', "\n    "))?;
            cause = error.source();
        }
        match &self.hint {
            Some(hint) => write!(out, "\nhint: {hint}"),
            None => Ok(()),
        }
    }
}

/// A failure that a command states itself, in words.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Stated {
    message: String,
    kind: Kind,
    hint: Option<String>,
}

impl Advise for Stated {
    fn kind(&self) -> Kind {
        self.kind
    }

    fn hint(&self) -> Option<String> {
        self.hint.clone()
    }
}

/// States a failure of the given kind, with advice.
pub fn stated(kind: Kind, message: impl Into<String>, hint: impl Into<String>) -> Failure {
    Failure::from(Stated { message: message.into(), kind, hint: Some(hint.into()) })
}
