//! How the stand-in's web services misbehave when a test or a training asks for it.

use super::html;
use crate::model::time::parse_span;
use crate::web::serve::Response;
use std::time::Duration;

/// What the services do until they are told otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum SoapMood {
    #[default]
    Fair,
    /// Everything is answered with a sign-in page.
    Html,
    /// Everything is answered with status 500 and a page.
    ServerError,
    /// updateMD does its work, and a proxy's page takes the place of the answer.
    HtmlAfterCommit,
    /// updateMD does its work, and its answer takes this long.
    StallAfterCommit(Duration),
    /// updateMD takes this long and does nothing.
    StallInstead(Duration),
    /// updateMD throws the exception of this name.
    Fault(String),
}

/// What updateMD does before its work.
pub(super) enum Turn {
    Work,
    Throw(String),
    Stall(Duration),
}

impl SoapMood {
    /// Reads `fair`, `html`, `error-500`, `html-after-commit`, `stall-after-commit 5s`, `stall-instead 5s`, `fault NAME`.
    pub fn parse(text: &str) -> Option<Self> {
        let (word, rest) = text.trim().split_once(' ').unwrap_or((text.trim(), ""));
        let is_name = |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match (word, rest.trim()) {
            ("fair", "") => Some(SoapMood::Fair),
            ("html", "") => Some(SoapMood::Html),
            ("error-500", "") => Some(SoapMood::ServerError),
            ("html-after-commit", "") => Some(SoapMood::HtmlAfterCommit),
            ("stall-after-commit", span) => parse_span(span).ok().map(SoapMood::StallAfterCommit),
            ("stall-instead", span) => parse_span(span).ok().map(SoapMood::StallInstead),
            ("fault", name) if is_name(name) => Some(SoapMood::Fault(name.to_owned())),
            _ => None,
        }
    }

    pub(super) fn instead_of_anything(&self) -> Option<Response> {
        match self {
            SoapMood::Html => Some(html(200, "Please sign in")),
            SoapMood::ServerError => Some(html(500, "Internal Server Error")),
            SoapMood::Fair
            | SoapMood::HtmlAfterCommit
            | SoapMood::StallAfterCommit(_)
            | SoapMood::StallInstead(_)
            | SoapMood::Fault(_) => None,
        }
    }

    pub(super) fn turn_for_update(&self) -> Turn {
        match self {
            SoapMood::Fault(name) => Turn::Throw(name.clone()),
            SoapMood::StallInstead(span) => Turn::Stall(*span),
            SoapMood::Fair
            | SoapMood::Html
            | SoapMood::ServerError
            | SoapMood::HtmlAfterCommit
            | SoapMood::StallAfterCommit(_) => Turn::Work,
        }
    }

    /// What comes in the place of the answer, after the work was done.
    pub(super) fn after_commit(&self) -> Option<Response> {
        match self {
            SoapMood::HtmlAfterCommit => Some(html(200, "The connection to the application was lost")),
            SoapMood::StallAfterCommit(span) => {
                std::thread::sleep(*span);
                None
            }
            SoapMood::Fair
            | SoapMood::Html
            | SoapMood::ServerError
            | SoapMood::StallInstead(_)
            | SoapMood::Fault(_) => None,
        }
    }
}
