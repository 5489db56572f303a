//! How the stand-in of Alma's API misbehaves when a test or a training asks for it.

use super::gate;
use super::refusal::Refusal;
use crate::model::time::parse_span;
use crate::web::serve::Response;
use std::time::Duration;

/// What the API does until it is told otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ApiMood {
    #[default]
    Fair,
    /// A sign-in page in the place of everything.
    Html,
    /// A proxy's page with status 502.
    BadGateway,
    /// Nothing is done, and Alma's general error comes with status 500.
    ErrorBefore,
    /// What was asked for is done, and Alma's general error comes with status 500.
    ErrorAfter,
    /// What was asked for is done, and a page takes the place of the answer.
    HtmlAfter,
    /// Nothing is done, after this long.
    StallBefore(Duration),
    /// What was asked for is done, and its answer takes this long.
    StallAfter(Duration),
    /// Everything takes this long.
    Slow(Duration),
    PerSecond,
    Daily,
    /// What would change something is sent to a sign-in page: nothing is done.
    SignIn,
}

impl ApiMood {
    /// Reads `fair`, `html`, `bad-gateway`, `error-before`, `error-after`, `html-after`, `stall-before 5s`, `stall-after 5s`,
    /// `slow 300ms`, `per-second`, `daily` and `sign-in`.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, span) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let span = parse_span(span.trim()).ok();
        Some(match (word, span) {
            ("fair", None) => ApiMood::Fair,
            ("html", None) => ApiMood::Html,
            ("bad-gateway", None) => ApiMood::BadGateway,
            ("error-before", None) => ApiMood::ErrorBefore,
            ("error-after", None) => ApiMood::ErrorAfter,
            ("html-after", None) => ApiMood::HtmlAfter,
            ("stall-before", Some(span)) => ApiMood::StallBefore(span),
            ("stall-after", Some(span)) => ApiMood::StallAfter(span),
            ("slow", Some(span)) => ApiMood::Slow(span),
            ("per-second", None) => ApiMood::PerSecond,
            ("daily", None) => ApiMood::Daily,
            ("sign-in", None) => ApiMood::SignIn,
            _ => return None,
        })
    }

    /// Whether only calls that change something are met with it.
    fn is_for_writes(self) -> bool {
        match self {
            ApiMood::ErrorAfter | ApiMood::HtmlAfter | ApiMood::StallBefore(_) | ApiMood::StallAfter(_) => true,
            ApiMood::SignIn => true,
            ApiMood::Fair | ApiMood::Html | ApiMood::BadGateway | ApiMood::ErrorBefore => false,
            ApiMood::Slow(_) | ApiMood::PerSecond | ApiMood::Daily => false,
        }
    }
}

/// A mood for all calls, or for the one that comes after so many others.
#[derive(Debug, Default)]
pub(super) struct Mood {
    mood: ApiMood,
    calls_before: Option<u64>,
}

/// What is done about one call.
pub(super) enum Turn {
    Work,
    /// A pause, then the work.
    Late(Duration),
    Refuse(Refusal),
    /// A pause, and this in the place of work and answer.
    Instead(Duration, Response),
    /// The work, then a pause, and this in the place of the answer if there is one.
    After(Duration, Option<Answer>),
}

/// What comes in the place of an answer.
pub(super) enum Answer {
    Page(Response),
    Refusal(Refusal),
}

impl Mood {
    pub(super) fn set(&mut self, mood: ApiMood, calls_before: Option<u64>) {
        *self = Mood { mood, calls_before };
    }

    pub(super) fn turn(&mut self, is_write: bool) -> Turn {
        let mood = match self.calls_before {
            None if self.mood.is_for_writes() && !is_write => ApiMood::Fair,
            None => self.mood,
            Some(0) => {
                let mood = self.mood;
                *self = Mood::default();
                mood
            }
            Some(before) => {
                self.calls_before = Some(before - 1);
                ApiMood::Fair
            }
        };
        let at_once = Duration::ZERO;
        match mood {
            ApiMood::Fair => Turn::Work,
            ApiMood::Slow(span) => Turn::Late(span),
            ApiMood::Html => Turn::Instead(at_once, page(200, "Please sign in")),
            ApiMood::BadGateway => Turn::Instead(at_once, page(502, "Bad Gateway")),
            ApiMood::StallBefore(span) => Turn::Instead(span, page(504, "Gateway Timeout")),
            ApiMood::ErrorBefore => Turn::Refuse(Refusal::general()),
            ApiMood::PerSecond => Turn::Refuse(gate::too_many_a_second()),
            ApiMood::Daily => Turn::Refuse(gate::too_many_a_day()),
            ApiMood::SignIn => Turn::Instead(at_once, to_sign_in()),
            ApiMood::ErrorAfter => Turn::After(at_once, Some(Answer::Refusal(Refusal::general()))),
            ApiMood::HtmlAfter => {
                Turn::After(at_once, Some(Answer::Page(page(200, "The connection to the application was lost"))))
            }
            ApiMood::StallAfter(span) => Turn::After(span, None),
        }
    }
}

fn to_sign_in() -> Response {
    let mut response = page(302, "Moved");
    response.headers.push(("location".to_owned(), "https://login.example.org/?next=alma".to_owned()));
    response
}

fn page(status: u16, text: &str) -> Response {
    let page = format!("<html><head><title>{text}</title></head><body><p>{text}<br></body></html>\n");
    Response::new(status, "text/html;charset=utf-8", page)
}
