//! How the stand-in of ArchivesSpace misbehaves when a test or a training asks for it.

use super::refusal;
use crate::model::time::parse_span;
use crate::web::serve::Response;
use std::time::Duration;

/// What the API does until it is told otherwise. Logging in and the version are always fair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AspaceMood {
    #[default]
    Fair,
    /// Somebody else saves the record just before it is saved: an honest 409.
    Conflict,
    /// The session ends with this call.
    SessionEnds,
    /// A sign-in page in the place of everything.
    Html,
    /// A proxy's page with status 502.
    BadGateway,
    /// Nothing is done, and an exception comes with status 500.
    ErrorBefore,
    /// What was asked for is done, and a proxy says status 504.
    ErrorAfter,
    /// What was asked for is done, and a page takes the place of the answer.
    HtmlAfter,
    /// Nothing is done, after this long.
    StallBefore(Duration),
    /// What was asked for is done, and its answer takes this long.
    StallAfter(Duration),
    /// Everything takes this long.
    Slow(Duration),
}

impl AspaceMood {
    /// Reads `fair`, `conflict`, `session-ends`, `html`, `bad-gateway`, `error-before`, `error-after`, `html-after`,
    /// `stall-before 5s`, `stall-after 5s` and `slow 300ms`.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, span) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let span = parse_span(span.trim()).ok();
        Some(match (word, span) {
            ("fair", None) => AspaceMood::Fair,
            ("conflict", None) => AspaceMood::Conflict,
            ("session-ends", None) => AspaceMood::SessionEnds,
            ("html", None) => AspaceMood::Html,
            ("bad-gateway", None) => AspaceMood::BadGateway,
            ("error-before", None) => AspaceMood::ErrorBefore,
            ("error-after", None) => AspaceMood::ErrorAfter,
            ("html-after", None) => AspaceMood::HtmlAfter,
            ("stall-before", Some(span)) => AspaceMood::StallBefore(span),
            ("stall-after", Some(span)) => AspaceMood::StallAfter(span),
            ("slow", Some(span)) => AspaceMood::Slow(span),
            _ => return None,
        })
    }

    /// Whether only calls that change something are met with it.
    fn is_for_writes(self) -> bool {
        match self {
            AspaceMood::Conflict | AspaceMood::ErrorAfter | AspaceMood::HtmlAfter => true,
            AspaceMood::StallBefore(_) | AspaceMood::StallAfter(_) => true,
            AspaceMood::Fair | AspaceMood::SessionEnds | AspaceMood::Html | AspaceMood::BadGateway => false,
            AspaceMood::ErrorBefore | AspaceMood::Slow(_) => false,
        }
    }
}

/// A mood for all calls, or for the one that comes after so many others.
#[derive(Debug, Default)]
pub(super) struct Mood {
    mood: AspaceMood,
    calls_before: Option<u64>,
}

/// What is done about one call.
pub(super) enum Turn {
    Work,
    /// A pause, then the work.
    Late(Duration),
    /// A pause, and this in the place of work and answer.
    Instead(Duration, Response),
    /// The work, then a pause, and this in the place of the answer if there is one.
    After(Duration, Option<Response>),
    /// Somebody else saves the record first.
    Colleague,
    SessionEnds,
}

impl Mood {
    pub(super) fn set(&mut self, mood: AspaceMood, calls_before: Option<u64>) {
        *self = Mood { mood, calls_before };
    }

    pub(super) fn turn(&mut self, is_write: bool) -> Turn {
        let mood = match self.calls_before {
            None if self.mood.is_for_writes() && !is_write => AspaceMood::Fair,
            None => self.mood,
            // What concerns saves only waits for one.
            Some(_) if self.mood.is_for_writes() && !is_write => AspaceMood::Fair,
            Some(0) => std::mem::take(self).mood,
            Some(before) => {
                self.calls_before = Some(before - 1);
                AspaceMood::Fair
            }
        };
        let at_once = Duration::ZERO;
        match mood {
            AspaceMood::Fair => Turn::Work,
            AspaceMood::Conflict => Turn::Colleague,
            AspaceMood::SessionEnds => Turn::SessionEnds,
            AspaceMood::Slow(span) => Turn::Late(span),
            AspaceMood::Html => Turn::Instead(at_once, refusal::page(200, "Please sign in")),
            AspaceMood::BadGateway => Turn::Instead(at_once, refusal::page(502, "Bad Gateway")),
            AspaceMood::ErrorBefore => Turn::Instead(at_once, refusal::trouble()),
            AspaceMood::StallBefore(span) => Turn::Instead(span, refusal::page(504, "Gateway Timeout")),
            AspaceMood::ErrorAfter => Turn::After(at_once, Some(refusal::page(504, "Gateway Timeout"))),
            AspaceMood::HtmlAfter => Turn::After(at_once, Some(refusal::page(200, "The connection was lost"))),
            AspaceMood::StallAfter(span) => Turn::After(span, None),
        }
    }
}
