//! Why a call of ArchivesSpace's API has no usable answer, and what can be said of its effect.

use super::refusal::{AspaceError, Class};
use crate::failure::{Advise, Kind};
use crate::http;

/// An answer that is neither a record of ArchivesSpace's nor its refusal: a proxy's page, a redirection, or nothing.
#[derive(Debug, thiserror::Error)]
#[error("{method} {url} is not answered by ArchivesSpace (HTTP {status}, {why}){}", quoted(.excerpt))]
pub struct NotArchivesSpace {
    pub method: &'static str,
    pub url: String,
    pub status: u16,
    pub why: String,
    pub excerpt: String,
}

fn quoted(excerpt: &str) -> String {
    if excerpt.is_empty() { String::new() } else { format!(": {excerpt}") }
}

/// Why a call has no usable answer, and what can be said of its effect.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot set up the client for ArchivesSpace")]
    Setup { source: http::Error },
    #[error("cannot read the password of [archivesspace]")]
    Password { source: crate::profile::secret::Error },
    #[error("cannot log in to ArchivesSpace as {user}")]
    Login { user: String, source: AspaceError },
    #[error("cannot {doing}")]
    Http { doing: String, source: http::Error },
    #[error("cannot {doing}")]
    NotArchivesSpace { doing: String, source: NotArchivesSpace },
    #[error("cannot {doing}")]
    Refused { doing: String, source: AspaceError },
    /// Somebody has saved the record since it was read: read it again, and decide anew.
    #[error("cannot {doing}: it was changed since it was read")]
    Conflict { doing: String, source: AspaceError },
    /// The record may have been saved. Whoever asked reads it again before saving again.
    #[error("it is not known whether ArchivesSpace did this: {doing}")]
    UnknownOutcome { doing: String, source: Box<Error> },
    #[error("the answer to this is not what ArchivesSpace describes: {doing} ({why})")]
    Unreadable { doing: String, why: String },
}

impl Error {
    pub fn is_conflict(&self) -> bool {
        matches!(self, Error::Conflict { .. })
    }

    /// Whether ArchivesSpace may have changed something although nobody can tell from its answer.
    pub fn may_have_arrived(&self) -> bool {
        matches!(self, Error::UnknownOutcome { .. })
    }

    /// Whether the next record would get the same answer.
    pub fn concerns_all(&self) -> bool {
        match self {
            Error::Setup { .. } | Error::Password { .. } | Error::Login { .. } => true,
            Error::Http { .. } | Error::NotArchivesSpace { .. } => true,
            Error::Refused { source, .. } => match source.class() {
                Class::Session | Class::Trouble => true,
                // Rights are given by repository.
                Class::Denied => false,
                Class::NotFound | Class::Conflict | Class::ReadOnly | Class::Record | Class::Other => false,
            },
            Error::Conflict { .. } | Error::UnknownOutcome { .. } | Error::Unreadable { .. } => false,
        }
    }

    /// Whether it may be about one of the records that were asked for: an exception, a time-out, a page of a proxy that did not wait.
    pub fn may_be_one_record_s(&self) -> bool {
        match self {
            Error::Refused { source, .. } => source.class() != Class::Session,
            Error::Unreadable { .. } => true,
            Error::NotArchivesSpace { source, .. } => source.status >= 500,
            Error::Http { source, .. } => source.may_have_arrived(),
            Error::Setup { .. } | Error::Password { .. } | Error::Login { .. } => false,
            Error::Conflict { .. } | Error::UnknownOutcome { .. } => false,
        }
    }

    /// Whether the user may not do this here.
    pub fn is_denied(&self) -> bool {
        self.refusal().is_some_and(|refusal| refusal.class() == Class::Denied)
    }

    /// ArchivesSpace's own words, if there are any.
    pub fn refusal(&self) -> Option<&AspaceError> {
        match self {
            Error::Login { source, .. } | Error::Refused { source, .. } | Error::Conflict { source, .. } => {
                Some(source)
            }
            Error::UnknownOutcome { source, .. } => source.refusal(),
            Error::Setup { .. } | Error::Password { .. } | Error::Http { .. } => None,
            Error::NotArchivesSpace { .. } | Error::Unreadable { .. } => None,
        }
    }
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Setup { source } | Error::Http { source, .. } => source.kind(),
            Error::Password { source } => source.kind(),
            Error::Login { .. } => Kind::Configuration,
            Error::Refused { source, .. } => source.kind(),
            Error::NotArchivesSpace { source, .. } if matches!(source.status, 300..=499) => Kind::Configuration,
            Error::NotArchivesSpace { .. } | Error::Unreadable { .. } | Error::UnknownOutcome { .. } => Kind::Failed,
            Error::Conflict { .. } => Kind::NeedsAPerson,
        }
    }

    fn hint(&self) -> Option<String> {
        let hint = match self {
            Error::Setup { source } | Error::Http { source, .. } => return source.hint(),
            Error::Password { source } => return source.hint(),
            Error::Refused { source, .. } => return source.hint(),
            Error::Login { .. } => "are archivesspace.user and its password right, and is the user active?",
            Error::NotArchivesSpace { .. } => {
                "is archivesspace.base-url the address of the backend (…/api, …/staff/api, or port 8089), and does no sign-in \
                 page stand before it?"
            }
            Error::Conflict { .. } => "somebody is editing it: run it again",
            Error::UnknownOutcome { .. } => "run it again: it reads the record before it saves anything",
            Error::Unreadable { .. } => "has ArchivesSpace changed its API? Say so to whoever maintains this program",
        };
        Some(hint.to_owned())
    }
}
