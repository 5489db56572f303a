//! One call as the stand-in of Alma's API sees it.

use super::refusal::Refusal;
use super::shape::Shape;
use crate::model::time::{Granularity, Timestamp};
use crate::web::form;
use crate::web::serve::Request;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Xml,
    Json,
}

impl Format {
    /// By `format=json` or the Accept header; XML where neither says anything.
    pub(super) fn of(request: &Request, query: &[(String, String)]) -> Self {
        let by_query = query.iter().find(|(name, _)| name == "format").map(|(_, value)| value.as_str());
        match by_query {
            Some("json") => Format::Json,
            Some(_) => Format::Xml,
            None if request.header("accept").is_some_and(|accept| accept.contains("json")) => Format::Json,
            None => Format::Xml,
        }
    }
}

/// A call behind the gateway.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) method: String,
    /// Behind `/almaws/v1`, decoded.
    pub(super) segments: Vec<String>,
    pub(super) query: Vec<(String, String)>,
    pub(super) body: String,
    pub(super) body_is_json: bool,
    /// `http://HOST/almaws/v1`
    pub(super) base_url: String,
    pub(super) now: Timestamp,
}

impl Asked {
    pub(super) fn option(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    /// A switch with the default that Alma documents for it.
    pub(super) fn switch(&self, name: &str, default: bool) -> bool {
        self.option(name).map_or(default, |value| value.eq_ignore_ascii_case("true"))
    }

    /// `limit` and `offset` of a list; Alma's page is ten long unless more is asked for, and a hundred at most.
    pub(super) fn page(&self) -> Result<(usize, usize), Refusal> {
        let number = |name: &str, default: usize| match self.option(name) {
            None => Ok(default),
            Some(text) => text.parse().map_err(|_| Refusal::new("402215", format!("{name} {text} is not valid."))),
        };
        let (limit, offset) = (number("limit", 10)?, number("offset", 0)?);
        if limit > 100 {
            return Err(Refusal::new("402215", "The limit parameter must be between 0 and 100."));
        }
        Ok((limit, offset))
    }

    /// The body where Alma takes XML only.
    pub(super) fn xml_body(&self) -> Result<&str, Refusal> {
        if self.body_is_json {
            return Err(Refusal::new("60105", "JSON is not supported for this API."));
        }
        Ok(&self.body)
    }

    pub(super) fn link(&self, path: &str) -> String {
        format!("{}{path}", self.base_url)
    }
}

/// A day as Alma writes it, with a zone and without a time.
pub(super) fn day(instant: Timestamp) -> String {
    format!("{}Z", instant.at(Granularity::Day))
}

/// What a call ends in when it is not refused.
#[derive(Debug)]
pub(super) enum Done {
    /// The name of the root element, and what is in it.
    Told(&'static str, Shape),
    Nothing,
    Elsewhere(String),
}

/// The parts of a path, decoded; an empty one is kept, because Alma answers it in its own way.
pub(super) fn segments(path: &str) -> Vec<String> {
    path.trim_start_matches('/').split('/').map(|segment| form::decode(&segment.replace('+', "%2B"))).collect()
}
