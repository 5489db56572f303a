//! Why a call of Alma's API has no usable answer, and what can be said of its effect.

use super::refusal::{AlmaError, Class};
use crate::failure::{Advise, Kind};
use crate::http;

/// An answer that is neither Alma's record nor Alma's refusal: a proxy's page, a gateway's, or nothing.
#[derive(Debug, thiserror::Error)]
#[error("{method} {url} is not answered by Alma (HTTP {status}, {why}){}", quoted(.excerpt))]
pub struct NotAlma {
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
    #[error("cannot set up the client for Alma's API")]
    Setup { source: http::Error },
    #[error("cannot read the key of [alma.api]")]
    Key { source: crate::profile::secret::Error },
    #[error("cannot {doing}")]
    Http { doing: String, source: http::Error },
    #[error("cannot {doing}")]
    NotAlma { doing: String, source: NotAlma },
    #[error("cannot {doing}")]
    Refused { doing: String, source: AlmaError },
    /// The call may have been carried out. Whoever asked looks first (by mark or by barcode) before asking again.
    #[error("it is not known whether Alma did this: {doing}")]
    UnknownOutcome { doing: String, source: Box<Error> },
    #[error("the institution's calls of the day are used up, before this: {doing}")]
    DailyLimit { doing: String, source: AlmaError },
    #[error("{remaining} of the institution's calls of this day are left, and daily-floor is {floor}")]
    DailyFloor { remaining: u64, floor: u64 },
    /// The body is one that must not reach Alma: a fault of this program.
    #[error("this is not sent to Alma: {doing} ({why})")]
    NotSent { doing: String, why: String },
    #[error("the answer to this is not what Alma describes: {doing} ({why})")]
    Unreadable { doing: String, why: String },
}

impl Error {
    /// Whether Alma may have changed something although nobody can tell from its answer.
    pub fn may_have_arrived(&self) -> bool {
        matches!(self, Error::UnknownOutcome { .. })
    }

    /// Whether the run can only go on later, without any fault of the record in hand.
    pub fn ends_the_day(&self) -> bool {
        matches!(self, Error::DailyLimit { .. } | Error::DailyFloor { .. })
    }

    /// Whether the next record would get the same answer.
    pub fn concerns_all(&self) -> bool {
        match self {
            Error::Refused { source, .. } => {
                matches!(source.class(), Class::Entitlement | Class::Configuration | Class::PerSecond)
            }
            Error::Setup { .. } | Error::Key { .. } | Error::Http { .. } | Error::NotAlma { .. } => true,
            Error::DailyLimit { .. } | Error::DailyFloor { .. } => true,
            Error::UnknownOutcome { .. } | Error::Unreadable { .. } | Error::NotSent { .. } => false,
        }
    }

    /// Whether it is about one record of those that were asked for, as far as anybody can tell: Alma says "general error" of a
    /// record that it cannot show, and of itself.
    pub fn may_be_one_record_s(&self) -> bool {
        match self {
            Error::Refused { source, .. } => source.class() == Class::General,
            Error::Unreadable { .. } => true,
            Error::Setup { .. } | Error::Key { .. } | Error::Http { .. } | Error::NotAlma { .. } => false,
            Error::DailyLimit { .. } | Error::DailyFloor { .. } => false,
            Error::UnknownOutcome { .. } | Error::NotSent { .. } => false,
        }
    }

    /// Alma's own words, if there are any.
    pub fn refusal(&self) -> Option<&AlmaError> {
        match self {
            Error::Refused { source, .. } | Error::DailyLimit { source, .. } => Some(source),
            Error::UnknownOutcome { source, .. } => source.refusal(),
            Error::Setup { .. } | Error::Key { .. } | Error::Http { .. } | Error::NotAlma { .. } => None,
            Error::DailyFloor { .. } | Error::Unreadable { .. } | Error::NotSent { .. } => None,
        }
    }
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Setup { source } | Error::Http { source, .. } => source.kind(),
            Error::Key { source } => source.kind(),
            Error::Refused { source, .. } => source.kind(),
            Error::NotAlma { source, .. } if matches!(source.status, 401 | 403 | 404 | 405) => Kind::Configuration,
            Error::NotAlma { .. } | Error::Unreadable { .. } => Kind::Failed,
            Error::UnknownOutcome { .. } | Error::NotSent { .. } => Kind::Failed,
            // A limit was passed; nothing is wrong.
            Error::DailyLimit { .. } | Error::DailyFloor { .. } => Kind::NeedsAPerson,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Setup { source } | Error::Http { source, .. } => source.hint(),
            Error::Key { source } => source.hint(),
            Error::Refused { source, .. } | Error::DailyLimit { source, .. } => source.hint(),
            Error::NotAlma { .. } => Some(
                "is alma.api.base-url Alma's API gateway, and does no proxy or sign-in page stand before it?"
                    .to_owned(),
            ),
            Error::UnknownOutcome { .. } => {
                Some("run it again: it looks whether the record is there before it sends anything".to_owned())
            }
            Error::NotSent { .. } => None,
            Error::DailyFloor { .. } => Some(
                "the rest is left to others; the next run goes on after midnight. daily-floor sets how much".to_owned(),
            ),
            Error::Unreadable { .. } => {
                Some("has Alma changed its API? Say so to whoever maintains this program".to_owned())
            }
        }
    }
}
