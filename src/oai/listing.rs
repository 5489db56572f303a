//! A list, page by page, and the proof that it ended.

use super::facts::{self, Format, Identity, Set};
use super::page::{self, OaiError, Page};
use super::request::{Selection, Verb, list_url, resumption_url, url};
use crate::failure::{Advise, Kind};
use crate::http::{self, Answer, Client, redacted};
use crate::model::time::Timestamp;
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::mpsc::{Receiver, Sender};
use std::thread::sleep;
use std::time::Duration;

const SHORT_PAUSE: Duration = Duration::from_millis(300);
/// A server that takes longer for a page is asked for the next one while this one is read.
const WORTH_WAITING: Duration = Duration::from_millis(3);
/// How long a list that is given up waits for an answer that is still on its way, so that no second one is asked for beside it.
const LAST_ANSWER: Duration = Duration::from_secs(2);

/// Why a list could not be read to its end, or not begun.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Http(#[from] http::Error),
    #[error("{url} gives no usable page")]
    Page { url: String, source: page::Error },
    /// An error of the protocol on a first request.
    #[error("{url} refuses the request")]
    Refused { url: String, code: String, source: OaiError },
    /// Any other trouble in the middle of a list.
    #[error("the list broke off")]
    InTheMiddle { source: Box<Error> },
    /// An error of the protocol in the middle of a list: some of it was never seen.
    #[error("the list broke off: {url} does not continue it")]
    BrokenOff { url: String, code: String, source: OaiError },
    #[error("the list turns in a circle: {url} gives a resumption token that was used before")]
    Circle { url: String },
    #[error("the list has no end: {pages} pages in a row brought nothing new, the last of them {url}")]
    Endless { url: String, pages: u64 },
    /// The server cannot be asked for parts of the list.
    #[error("{url} answers with records outside of the dates asked for")]
    DatesIgnored { url: String },
}

impl Error {
    /// Whether the server says that the token means nothing to it, in whatever words: to a token that it cannot read
    /// Rosetta says noRecordsMatch (State Library Victoria, 2021), others answer 400 or 404.
    pub fn token_is_dead(&self) -> bool {
        match self {
            Error::BrokenOff { .. } | Error::Circle { .. } | Error::Endless { .. } => true,
            Error::Http(http::Error::Status { status, .. }) => matches!(status, 400 | 404 | 410 | 422),
            Error::InTheMiddle { source } => source.token_is_dead(),
            Error::Http(_) | Error::Page { .. } | Error::Refused { .. } | Error::DatesIgnored { .. } => false,
        }
    }
}

impl Error {
    /// Whether one record may be what the server stumbles over, so that other windows are worth asking for.
    pub fn may_be_poison(&self) -> bool {
        match self {
            // A server that names a time to come back is not ill.
            Error::Http(http::Error::Status { retry: http::Retry::After(_), .. }) => false,
            Error::Http(http::Error::Status { status, .. }) => *status >= 500,
            Error::Http(http::Error::Unreachable { .. } | http::Error::TooLarge { .. }) => true,
            Error::Http(http::Error::BadUrl { .. } | http::Error::Setup { .. }) => false,
            Error::Page { source, .. } => !matches!(source, page::Error::Refused { .. }),
            Error::InTheMiddle { source } => source.may_be_poison(),
            Error::Refused { .. } | Error::BrokenOff { .. } | Error::DatesIgnored { .. } => false,
            Error::Circle { .. } | Error::Endless { .. } => false,
        }
    }

    /// Whether the server refuses what was asked for because of its dates, as far as its code tells.
    pub fn is_bad_argument(&self) -> bool {
        matches!(self, Error::Refused { code, .. } if code == "badArgument")
    }
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Http(error) => error.kind(),
            Error::Page { source, .. } => source.kind(),
            Error::Refused { code, .. } => match code.as_str() {
                "badResumptionToken" => Kind::Failed,
                _ => Kind::Configuration,
            },
            // The first page proved that the configuration is right.
            Error::InTheMiddle { .. }
            | Error::BrokenOff { .. }
            | Error::Circle { .. }
            | Error::Endless { .. }
            | Error::DatesIgnored { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Http(error) => error.hint(),
            Error::Page { source, .. } => source.hint(),
            Error::Refused { code, .. } => Some(match code.as_str() {
                "cannotDisseminateFormat" => {
                    "`cartouche oai list-metadata-formats BASE-URL` shows the prefixes; a set may publish only one"
                        .to_owned()
                }
                "badArgument" | "noSetHierarchy" | "noRecordsMatch" => {
                    "check base-url, set and metadata-prefix; `cartouche oai list-sets BASE-URL` shows the sets"
                        .to_owned()
                }
                "idDoesNotExist" => "`cartouche oai list-identifiers BASE-URL` shows the identifiers".to_owned(),
                _ => "check base-url and the server's OAI-PMH configuration".to_owned(),
            }),
            Error::InTheMiddle { .. }
            | Error::BrokenOff { .. }
            | Error::Circle { .. }
            | Error::Endless { .. }
            | Error::DatesIgnored { .. } => {
                Some("what was got is kept and nothing is staged from it; the next run goes on".to_owned())
            }
        }
    }
}

/// Whether an error text of `noRecordsMatch` means that the set or the publishing profile does not exist.
///
/// Alma says "No Publishing profile exists for given set and metadataPrefix" with the code that also means "nothing new".
fn says_no_such_set(message: &str) -> bool {
    let message = message.to_lowercase();
    let negative = [
        "no publishing profile",
        "does not exist",
        "doesn't exist",
        "doesnt exist",
        "no such set",
        "unknown set",
        "invalid set",
    ];
    negative.iter().any(|words| message.contains(words))
}

/// The error that decides: "nothing new" beside another one is not nothing new.
fn weightiest(errors: Vec<OaiError>) -> Option<OaiError> {
    errors.into_iter().min_by_key(|error| error.code == "noRecordsMatch" && !says_no_such_set(&error.message))
}

/// A repository that can be asked.
#[derive(Clone, Copy)]
pub struct Repository<'a> {
    pub client: &'a Client,
    pub base_url: &'a str,
}

impl<'a> Repository<'a> {
    pub fn identify(&self) -> Result<Identity, Error> {
        self.ask(url(self.base_url, Verb::Identify, &[]), |answer| {
            facts::read_identity(&answer.body, answer.charset.as_deref())
        })
    }

    pub fn formats(&self, identifier: Option<&str>) -> Result<Vec<Format>, Error> {
        let arguments: Vec<(&str, &str)> =
            identifier.map(|identifier| ("identifier", identifier)).into_iter().collect();
        self.ask(url(self.base_url, Verb::ListMetadataFormats, &arguments), |answer| {
            facts::read_formats(&answer.body, answer.charset.as_deref())
        })
    }

    pub fn sets(&self) -> Result<Vec<Set>, Error> {
        let mut sets = Vec::new();
        let mut next = url(self.base_url, Verb::ListSets, &[]);
        let mut seen = HashSet::new();
        loop {
            let (page, token) =
                self.ask(next.clone(), |answer| facts::read_sets(&answer.body, answer.charset.as_deref()))?;
            sets.extend(page);
            let Some(token) = token else { return Ok(sets) };
            if !seen.insert(token.text.clone()) {
                return Err(Error::Circle { url: redacted(&next) });
            }
            next = resumption_url(self.base_url, Verb::ListSets, &token.text);
        }
    }

    pub fn record(&self, identifier: &str, prefix: &str) -> Result<Page, Error> {
        let arguments = [("identifier", identifier), ("metadataPrefix", prefix)];
        self.ask(url(self.base_url, Verb::GetRecord, &arguments), |answer| {
            page::read_answer(&answer.body, answer.charset.as_deref(), "GetRecord")
        })
    }

    /// A list from its beginning.
    pub fn list(&self, verb: Verb, selection: &Selection) -> Listing<'_> {
        Listing::new(self, verb, list_url(self.base_url, verb, selection), true)
    }

    /// A list that goes on from a token.
    pub fn resume(&self, verb: Verb, token: &str) -> Listing<'_> {
        Listing::new(self, verb, resumption_url(self.base_url, verb, token), false)
    }

    fn ask<T>(&self, url: String, read: impl Fn(&Answer) -> Result<T, page::Error>) -> Result<T, Error> {
        self.ask_page(&url, self.client.get(&url), read)?.map_err(|(error, _)| Error::Refused {
            url: redacted(&url),
            code: error.code.clone(),
            source: error,
        })
    }

    /// Reads an answer, and asks again while what comes may have been spoilt on its way. An error of the protocol comes
    /// back as the inner `Err`, with the page's responseDate.
    fn ask_page<T>(
        &self,
        url: &str,
        first: Result<Answer, http::Error>,
        read: impl Fn(&Answer) -> Result<T, page::Error>,
    ) -> Result<Result<T, (OaiError, Option<Timestamp>)>, Error> {
        let mut answer = first?;
        for attempt in 1.. {
            let error = match read(&answer) {
                Ok(page) if answer.status < 400 => return Ok(Ok(page)),
                Ok(_) => return Err(Error::Http(http::refuse_status(url, &answer))),
                // Some servers send protocol errors with 404 or 422: the body says more than the status.
                Err(page::Error::Oai { errors, response_date }) => match weightiest(errors) {
                    Some(error) => return Ok(Err((error, response_date))),
                    None => return Err(Error::Http(http::refuse_status(url, &answer))),
                },
                Err(error @ page::Error::Refused { .. }) => error,
                Err(_) if answer.status >= 400 => return Err(Error::Http(http::refuse_status(url, &answer))),
                Err(error) => error,
            };
            if !error.may_pass() || attempt >= self.client.page_attempts() {
                return Err(Error::Page { url: redacted(url), source: error });
            }
            tracing::info!(url = redacted(url), "asking again: {error}");
            sleep(SHORT_PAUSE * attempt);
            answer = self.client.get(url)?;
        }
        unreachable!("the loop ends by returning")
    }
}

/// Asks for the next page while its forerunner is still being read; one thread a list.
struct Scout {
    ask: Sender<String>,
    answers: Receiver<(String, Result<Answer, http::Error>)>,
    /// What it was sent for last.
    sent_for: Cell<Option<String>>,
}

impl Scout {
    fn new(client: &Client) -> Self {
        let (ask, asked) = std::sync::mpsc::channel::<String>();
        let (tell, answers) = std::sync::mpsc::channel();
        let client = client.clone();
        // It ends with the list: then nobody asks any more.
        std::thread::spawn(move || {
            for url in asked {
                let answer = client.get(&url);
                if tell.send((url, answer)).is_err() {
                    break;
                }
            }
        });
        Scout { ask, answers, sent_for: Cell::new(None) }
    }

    fn send_for(&self, url: String) {
        if self.ask.send(url.clone()).is_ok() {
            self.sent_for.set(Some(url));
        }
    }

    /// The answer to this URL; `None` when it was sent for another, or for none.
    fn answer(&self, url: &str) -> Option<Result<Answer, http::Error>> {
        if self.sent_for.take()? != url {
            return None;
        }
        self.answers.iter().find(|(asked, _)| asked == url).map(|(_, answer)| answer)
    }
}

impl Drop for Scout {
    fn drop(&mut self) {
        if self.sent_for.take().is_some() {
            // Whether it came or not: nobody wants it any more.
            let _ = self.answers.recv_timeout(LAST_ANSWER);
        }
    }
}

/// The pages of one list, in order. Whether a token was seen before is for the caller to judge, who knows whether a
/// page brought anything new.
pub struct Listing<'a> {
    repository: &'a Repository<'a>,
    verb: Verb,
    next: Option<String>,
    first: bool,
    scout: Option<Scout>,
}

impl<'a> Listing<'a> {
    fn new(repository: &'a Repository<'a>, verb: Verb, next: String, first: bool) -> Self {
        Listing { repository, verb, next: Some(next), first, scout: Some(Scout::new(repository.client)) }
    }

    /// For those who want no more than the first page.
    pub fn without_looking_ahead(self) -> Self {
        Listing { scout: None, ..self }
    }

    /// The URL that `next_page` will ask.
    pub fn next_url(&self) -> Option<&str> {
        self.next.as_deref()
    }

    /// The next page; `None` once a page came without a token, which is the proof that the list is complete.
    ///
    /// On a first request `noRecordsMatch` is a complete and empty list, unless its text says that the set or the
    /// publishing profile does not exist. On any later request every error of the protocol is a broken list.
    pub fn next_page(&mut self) -> Result<Option<Page>, Error> {
        let Some(url) = self.next.take() else { return Ok(None) };
        let first = std::mem::replace(&mut self.first, false);
        let page = match self.page(&url, first) {
            // A fault that passes: the same question gets its answer now.
            Err(Error::BrokenOff { code, .. }) => {
                tracing::info!(url = redacted(&url), "asking again: {code}");
                sleep(SHORT_PAUSE);
                self.page(&url, first)?
            }
            // A last page without a record may be a page that the server lost for a moment.
            Ok(page) if !first && page.is_bare() => match self.page(&url, first) {
                Ok(again) => again,
                Err(_) => page,
            },
            other => other?,
        };
        if let Some(token) = &page.token {
            self.next = Some(resumption_url(self.repository.base_url, self.verb, &token.text));
        }
        Ok(Some(page))
    }

    fn page(&mut self, url: &str, first: bool) -> Result<Page, Error> {
        let expected = if self.verb == Verb::ListIdentifiers { "ListIdentifiers" } else { "ListRecords" };
        let repository = self.repository;
        let scout = self.scout.as_ref();
        let answer = scout.and_then(|scout| scout.answer(url)).unwrap_or_else(|| repository.client.get(url));
        let asked = repository.ask_page(url, answer, |answer| {
            // Where hardly anything is waited for, a page that changes threads costs more than it spares.
            let waits = answer.took >= WORTH_WAITING;
            if let Some(scout) = scout.filter(|_| answer.status < 400 && waits) {
                let token = page::glimpse_token(&answer.body);
                let way_on = token.map(|token| resumption_url(repository.base_url, self.verb, &token));
                // A token that leads back to itself is looked at before it is followed.
                way_on.into_iter().filter(|next| next != url).for_each(|next| scout.send_for(next));
            }
            let mut page = page::read_answer(&answer.body, answer.charset.as_deref(), expected)?;
            page.bytes = answer.body.len() as u64;
            Ok(page)
        });
        let asked =
            asked.map_err(|error| if first { error } else { Error::InTheMiddle { source: Box::new(error) } })?;
        match asked {
            Ok(page) => Ok(page),
            Err((error, response_date))
                if first && error.code == "noRecordsMatch" && !says_no_such_set(&error.message) =>
            {
                Ok(Page { response_date, ..Page::default() })
            }
            Err((error, _)) => {
                let (url, code, source) = (redacted(url), error.code.clone(), error);
                Err(if first { Error::Refused { url, code, source } } else { Error::BrokenOff { url, code, source } })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::says_no_such_set;

    #[test]
    fn the_two_meanings_of_no_records_match_are_told_apart() {
        assert!(says_no_such_set("No Publishing profile exists for given set and metadataPrefix"));
        assert!(!says_no_such_set(
            "The comination of the values of the from, until, set and metadataPrefix arguments results in an empty list."
        ));
        assert!(!says_no_such_set("The combination of the given values results in an empty list."));
    }
}
