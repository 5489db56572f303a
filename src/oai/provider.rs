//! Answers OAI-PMH requests as a repository does: a query in, a response out; no socket, no clock.

mod answer;
mod arguments;
#[cfg(test)]
mod tests;

use crate::model::time::{Granularity, Timestamp};
use answer::Answer;
use arguments::{Request, What};
use std::fmt;

/// The decoded arguments of a request, in their order, repeated ones kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query(pub Vec<(String, String)>);

/// What a repository says of itself.
#[derive(Debug, Clone)]
pub struct Identity {
    pub name: String,
    pub base_url: String,
    pub earliest: Timestamp,
    pub deleted: DeletedPolicy,
    pub granularity: Granularity,
    pub admin_email: String,
    pub oai_identifier: Option<OaiIdentifierScheme>,
}

/// The `oai-identifier` description of Identify.
#[derive(Debug, Clone)]
pub struct OaiIdentifierScheme {
    pub repository_identifier: String,
    pub sample_identifier: String,
}

/// How long a repository remembers deletions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeletedPolicy {
    No,
    Transient,
    Persistent,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MetadataFormat {
    pub prefix: &'static str,
    pub schema: &'static str,
    pub namespace: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub spec: String,
    pub name: String,
}

/// The header of an item, and its place in the order of pages.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    pub identifier: &'a str,
    pub datestamp: Timestamp,
    pub sets: &'a [String],
    pub deleted: bool,
    /// Ascends from item to item; a resumption token names the last one given.
    pub position: &'a str,
}

/// What a list request asks for; both dates are inclusive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selection {
    pub prefix: String,
    pub set: Option<String>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
}

/// How a repository cuts its lists.
#[derive(Debug, Clone, Copy)]
pub struct Paging {
    pub size: usize,
    /// Whether tokens carry `cursor`.
    pub cursor: bool,
    /// Whether tokens carry `completeListSize`.
    pub complete_list_size: bool,
    pub last_token: LastToken,
}

/// What stands at the end of a list that came in several pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastToken {
    /// An empty `<resumptionToken>`, as the protocol says.
    Empty,
    /// Nothing, as Alma does.
    Missing,
}

/// A source of items. Dates, sets, pages and errors are the business of [`respond`].
pub trait Repository {
    fn identity(&self) -> Identity;

    fn metadata_formats(&self) -> Vec<MetadataFormat>;

    fn sets(&self) -> Vec<Set>;

    /// Every item, ascending by position.
    fn items(&self) -> Box<dyn Iterator<Item = Item<'_>> + '_>;

    fn find(&self, identifier: &str) -> Option<Item<'_>>;

    /// The child of `<metadata>`, for an item that is not deleted; `None` when it has none.
    fn metadata(&self, item: &Item<'_>, prefix: &str) -> Option<String>;

    fn paging(&self) -> Paging;

    fn write_token(&self, selection: &Selection, position: &str) -> String;

    /// The list that a token belongs to, and the position after which it goes on.
    fn read_token(&self, token: &str) -> Option<(Selection, String)>;

    /// The URL in `<request>`; some servers name another than the one that was asked.
    fn request_url(&self) -> String {
        self.identity().base_url
    }

    /// Whether an item can be had in one of the repository's formats.
    fn offers(&self, _item: &Item<'_>, _prefix: &str) -> bool {
        true
    }

    /// A repository's own reason to refuse a list.
    fn refuse(&self, _selection: &Selection) -> Option<Refusal> {
        None
    }

    /// What is said of a record that exists but not in the format asked for.
    fn refuse_format(&self, identifier: &str, prefix: &str) -> Refusal {
        let message = format!("{identifier} cannot be had as {prefix}");
        Refusal::new(Code::CannotDisseminateFormat, message)
    }

    /// What is said of a token that names no further item.
    fn refuse_token(&self) -> Refusal {
        Refusal::new(Code::BadResumptionToken, "The resumption token is not valid or has expired.")
    }

    fn nothing_matches(&self) -> &'static str {
        "The combination of the values of the from, until, set and metadataPrefix arguments results in an empty list."
    }
}

/// The error codes that this provider gives; sets always exist, so `noSetHierarchy` is not among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Code {
    BadVerb,
    BadArgument,
    BadResumptionToken,
    CannotDisseminateFormat,
    IdDoesNotExist,
    NoRecordsMatch,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Code::BadVerb => "badVerb",
            Code::BadArgument => "badArgument",
            Code::BadResumptionToken => "badResumptionToken",
            Code::CannotDisseminateFormat => "cannotDisseminateFormat",
            Code::IdDoesNotExist => "idDoesNotExist",
            Code::NoRecordsMatch => "noRecordsMatch",
        }
    }
}

/// An OAI-PMH error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub message: String,
}

impl Refusal {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into() }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.code.as_str(), self.message)
    }
}

/// Answers a request with the whole response document.
pub fn respond(repository: &dyn Repository, query: &Query, now: Timestamp) -> String {
    let identity = repository.identity();
    let answered =
        arguments::read(query, identity.granularity).and_then(|request| carry_out(repository, &identity, request));
    // The protocol wants the arguments echoed unless they are what is wrong.
    let echo = match &answered {
        Ok(_) => true,
        Err(refusal) => !matches!(refusal.code, Code::BadVerb | Code::BadArgument),
    };
    let request_url = repository.request_url();
    let mut envelope = Answer::envelope(now, if echo { &query.0 } else { &[] }, &request_url);
    match answered {
        Ok(body) => envelope.append(body),
        Err(refusal) => envelope.error(&refusal),
    }
    envelope.close()
}

fn carry_out(repository: &dyn Repository, identity: &Identity, request: Request) -> Result<Answer, Refusal> {
    let mut answer = Answer::new(identity.granularity);
    match request {
        Request::Identify => answer.identify(identity),
        Request::ListSets { token: Some(_) } => return Err(repository.refuse_token()),
        Request::ListSets { token: None } => answer.sets(&repository.sets()),
        Request::ListMetadataFormats { identifier: None } => answer.metadata_formats(&repository.metadata_formats()),
        Request::ListMetadataFormats { identifier: Some(identifier) } => {
            let item = known(repository, &identifier)?;
            let mut formats = repository.metadata_formats();
            formats.retain(|format| repository.offers(&item, format.prefix));
            answer.metadata_formats(&formats);
        }
        Request::GetRecord { identifier, prefix } => {
            let item = known(repository, &identifier)?;
            check_format(repository, &prefix)?;
            if !repository.offers(&item, &prefix) {
                return Err(repository.refuse_format(&identifier, &prefix));
            }
            answer.get_record(&item, metadata_of(repository, &item, &prefix).as_deref());
        }
        Request::List { what, selection } => {
            admit(repository, &selection)?;
            list(repository, &mut answer, what, &selection, None)?;
        }
        Request::Resume { what, token } => {
            let (selection, position) = repository.read_token(&token).ok_or_else(|| repository.refuse_token())?;
            admit(repository, &selection).map_err(|_| repository.refuse_token())?;
            list(repository, &mut answer, what, &selection, Some(&position))?;
        }
    }
    Ok(answer)
}

fn known<'a>(repository: &'a dyn Repository, identifier: &str) -> Result<Item<'a>, Refusal> {
    let unknown = || Refusal::new(Code::IdDoesNotExist, format!("no item has the identifier {identifier}"));
    repository.find(identifier).ok_or_else(unknown)
}

fn check_format(repository: &dyn Repository, prefix: &str) -> Result<(), Refusal> {
    if repository.metadata_formats().iter().any(|format| format.prefix == prefix) {
        return Ok(());
    }
    Err(Refusal::new(Code::CannotDisseminateFormat, format!("{prefix} is not a metadata prefix of this repository")))
}

fn admit(repository: &dyn Repository, selection: &Selection) -> Result<(), Refusal> {
    check_format(repository, &selection.prefix)?;
    repository.refuse(selection).map_or(Ok(()), Err)
}

fn metadata_of(repository: &dyn Repository, item: &Item<'_>, prefix: &str) -> Option<String> {
    if item.deleted { None } else { repository.metadata(item, prefix) }
}

/// One page of a list: what follows the position, the page size at most.
fn list(
    repository: &dyn Repository,
    answer: &mut Answer,
    what: What,
    selection: &Selection,
    after: Option<&str>,
) -> Result<(), Refusal> {
    let items = select(repository, selection);
    let start = after.map_or(0, |position| items.partition_point(|item| item.position <= position));
    if items.is_empty() && after.is_none() {
        return Err(Refusal::new(Code::NoRecordsMatch, repository.nothing_matches()));
    }
    if start == items.len() {
        return Err(repository.refuse_token());
    }
    let paging = repository.paging();
    let end = items.len().min(start + paging.size.max(1));
    answer.open_list(what);
    for item in &items[start..end] {
        match what {
            What::Identifiers => answer.header(item),
            What::Records => answer.record(item, metadata_of(repository, item, &selection.prefix).as_deref()),
        }
    }
    let cursor = paging.cursor.then_some(start);
    let size = paging.complete_list_size.then_some(items.len());
    if end < items.len() {
        answer.token(&repository.write_token(selection, items[end - 1].position), cursor, size);
    } else if after.is_some() && paging.last_token == LastToken::Empty {
        answer.token("", cursor, size);
    }
    answer.close_list(what);
    Ok(())
}

/// The items that a selection names; a record of `a:b` is in the set `a`, too.
fn select<'a>(repository: &'a dyn Repository, selection: &Selection) -> Vec<Item<'a>> {
    let in_set = |item: &Item<'_>| match selection.set.as_deref() {
        None => true,
        Some(wanted) => item.sets.iter().any(|spec| is_within(spec, wanted)),
    };
    let in_time = |item: &Item<'_>| {
        selection.from.is_none_or(|from| item.datestamp >= from)
            && selection.until.is_none_or(|until| item.datestamp <= until)
    };
    let chosen = |item: &Item<'_>| in_time(item) && in_set(item) && repository.offers(item, &selection.prefix);
    repository.items().filter(chosen).collect()
}

fn is_within(spec: &str, wanted: &str) -> bool {
    spec.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
}
