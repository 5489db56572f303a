//! Reads the arguments of a request and refuses what the protocol forbids.

use super::{Code, Query, Refusal, Selection};
use crate::model::time::{Granularity, Timestamp};
use std::time::Duration;

/// A request with nothing wrong in its arguments.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    Identify,
    ListSets { token: Option<String> },
    ListMetadataFormats { identifier: Option<String> },
    GetRecord { identifier: String, prefix: String },
    List { what: What, selection: Selection },
    Resume { what: What, token: String },
}

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Identifiers,
    Records,
}

const LIST: &[&str] = &["metadataPrefix", "set", "from", "until", "resumptionToken"];

pub(super) fn read(query: &Query, granularity: Granularity) -> Result<Request, Refusal> {
    let verb = verb_of(query)?;
    let allowed: &[&str] = match verb {
        "Identify" => &[],
        "ListSets" => &["resumptionToken"],
        "ListMetadataFormats" => &["identifier"],
        "GetRecord" => &["identifier", "metadataPrefix"],
        "ListIdentifiers" | "ListRecords" => LIST,
        other => return Err(Refusal::new(Code::BadVerb, format!("`{other}` is not an OAI-PMH verb"))),
    };
    check_names(query, allowed)?;
    for (name, value) in &query.0 {
        check_value(name, value)?;
    }
    let argument = |name: &str| query.0.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
    let required = |name: &str| {
        argument(name).ok_or_else(|| bad_argument(format!("the request is missing the required argument {name}")))
    };
    match verb {
        "Identify" => Ok(Request::Identify),
        "ListSets" => Ok(Request::ListSets { token: argument("resumptionToken") }),
        "ListMetadataFormats" => Ok(Request::ListMetadataFormats { identifier: argument("identifier") }),
        "GetRecord" => {
            Ok(Request::GetRecord { identifier: required("identifier")?, prefix: required("metadataPrefix")? })
        }
        list => {
            let what = if list == "ListRecords" { What::Records } else { What::Identifiers };
            if let Some(token) = argument("resumptionToken") {
                return Ok(Request::Resume { what, token });
            }
            let (from, until) = dates(argument("from"), argument("until"), granularity)?;
            let selection = Selection { prefix: required("metadataPrefix")?, set: argument("set"), from, until };
            Ok(Request::List { what, selection })
        }
    }
}

fn bad_argument(message: impl Into<String>) -> Refusal {
    Refusal::new(Code::BadArgument, message)
}

fn verb_of(query: &Query) -> Result<&str, Refusal> {
    let mut verbs = query.0.iter().filter(|(name, _)| name == "verb").map(|(_, value)| value.as_str());
    match (verbs.next(), verbs.next()) {
        (Some(verb), None) => Ok(verb),
        (None, _) => Err(Refusal::new(Code::BadVerb, "the request has no verb")),
        (Some(_), Some(_)) => Err(Refusal::new(Code::BadVerb, "the verb is repeated")),
    }
}

fn check_names(query: &Query, allowed: &[&str]) -> Result<(), Refusal> {
    let mut seen: Vec<&str> = Vec::new();
    for (name, _) in &query.0 {
        if name != "verb" && !allowed.contains(&name.as_str()) {
            return Err(bad_argument(format!("the request includes the illegal argument `{name}`")));
        }
        if seen.contains(&name.as_str()) {
            return Err(bad_argument(format!("the argument {name} is repeated")));
        }
        seen.push(name);
    }
    // `resumptionToken` is exclusive: nothing but the verb may stand beside it.
    if seen.contains(&"resumptionToken") && seen.len() > 2 {
        return Err(bad_argument("resumptionToken is an exclusive argument"));
    }
    Ok(())
}

fn check_value(name: &str, value: &str) -> Result<(), Refusal> {
    let legal = match name {
        "identifier" => is_uri(value),
        "metadataPrefix" => is_name(value),
        "set" => value.split(':').all(is_name),
        "from" | "until" => date(value).is_some(),
        // An empty or strange token is a bad token, which has its own code.
        _ => true,
    };
    if legal { Ok(()) } else { Err(bad_argument(format!("`{value}` is not a legal value of {name}"))) }
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "-_.!~*'()".contains(c))
}

/// Whether text can stand where the schema wants an `anyURI`, as the echoed argument must.
fn is_uri(text: &str) -> bool {
    let bytes = text.as_bytes();
    let legal = |at: usize, byte: u8| match byte {
        b'%' => bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        b'<' | b'>' | b'"' | b'{' | b'}' | b'|' | b'\\' | b'^' | b'`' | b'[' | b']' | b'#' => false,
        other => other.is_ascii_graphic(),
    };
    let scheme = text.split_once(':').map_or("x", |(scheme, _)| scheme);
    scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && bytes.iter().enumerate().all(|(at, byte)| legal(at, *byte))
        && !text.is_empty()
}

/// Reads a date of either granularity, and nothing that is almost one.
fn date(text: &str) -> Option<(Timestamp, Granularity)> {
    let granularity = match text.len() {
        10 => Granularity::Day,
        20 if text.ends_with('Z') => Granularity::Second,
        _ => return None,
    };
    let instant = Timestamp::parse(text)?;
    (instant.at(granularity) == text).then_some((instant, granularity))
}

type Dates = (Option<Timestamp>, Option<Timestamp>);

fn dates(from: Option<String>, until: Option<String>, finest: Granularity) -> Result<Dates, Refusal> {
    let (from, until) = (from.as_deref().and_then(date), until.as_deref().and_then(date));
    if let (Some((_, one)), Some((_, other))) = (from, until)
        && one != other
    {
        return Err(bad_argument("from and until differ in granularity"));
    }
    for (_, granularity) in from.iter().chain(&until) {
        if finest == Granularity::Day && *granularity == Granularity::Second {
            return Err(bad_argument("the granularity of this repository is YYYY-MM-DD"));
        }
    }
    let from = from.map(|(instant, _)| instant);
    let until = until.map(|(instant, granularity)| last_second(instant, granularity));
    if let (Some(from), Some(until)) = (from, until)
        && from > until
    {
        return Err(bad_argument("from is later than until"));
    }
    Ok((from, until))
}

/// `until` is inclusive: a day means up to its last millisecond, a second likewise.
fn last_second(instant: Timestamp, granularity: Granularity) -> Timestamp {
    let span = match granularity {
        Granularity::Day => Duration::from_millis(86_399_999),
        Granularity::Second => Duration::from_millis(999),
    };
    Timestamp::from_millis(instant.millis() + span.as_millis() as i64).unwrap_or(instant)
}
