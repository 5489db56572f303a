//! A list, page by page, and the proof that it ended.

use super::facts::{self, Format, Identity, Set};
use super::page::{self, OaiError, Page};
use super::request::{Selection, Verb, list_url, resumption_url, url};
use crate::failure::{Advise, Kind};
use crate::http::{self, Client, redacted};
use std::collections::HashSet;
use std::thread::sleep;
use std::time::Duration;

/// How often an answer that is no page is asked for again: the transport may have spoilt it.
const PAGE_ATTEMPTS: u32 = 3;

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
}

impl Error {
    /// Whether the server says that the token means nothing to it, in whatever words: to a token that it cannot read
    /// Rosetta says noRecordsMatch (State Library Victoria, 2021), others answer 400 or 404.
    pub fn token_is_dead(&self) -> bool {
        match self {
            Error::BrokenOff { .. } | Error::Circle { .. } => true,
            Error::Http(http::Error::Status { status, .. }) => matches!(status, 400 | 404 | 410 | 422),
            Error::InTheMiddle { source } => source.token_is_dead(),
            Error::Http(_) | Error::Page { .. } | Error::Refused { .. } => false,
        }
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
            Error::InTheMiddle { .. } | Error::BrokenOff { .. } | Error::Circle { .. } => Kind::Failed,
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
            Error::InTheMiddle { .. } | Error::BrokenOff { .. } | Error::Circle { .. } => {
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

    fn ask<T>(&self, url: String, read: impl Fn(&http::Answer) -> Result<T, page::Error>) -> Result<T, Error> {
        self.ask_page(&url, read)?.map_err(|(error, _)| Error::Refused {
            url: redacted(&url),
            code: error.code.clone(),
            source: error,
        })
    }

    /// Asks for a page. An error of the protocol comes back as the inner `Err`, with the page's responseDate.
    fn ask_page<T>(
        &self,
        url: &str,
        read: impl Fn(&http::Answer) -> Result<T, page::Error>,
    ) -> Result<Result<T, (OaiError, Option<crate::model::time::Timestamp>)>, Error> {
        for attempt in 1.. {
            let answer = self.client.get(url)?;
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
            if !error.may_pass() || attempt >= PAGE_ATTEMPTS {
                return Err(Error::Page { url: redacted(url), source: error });
            }
            tracing::info!(url = redacted(url), "asking again: {error}");
            sleep(Duration::from_millis(300 * u64::from(attempt)));
        }
        unreachable!("the loop ends by returning")
    }
}

/// The pages of one list, in order.
pub struct Listing<'a> {
    repository: &'a Repository<'a>,
    verb: Verb,
    next: Option<String>,
    first: bool,
    seen: HashSet<u64>,
}

impl<'a> Listing<'a> {
    fn new(repository: &'a Repository<'a>, verb: Verb, next: String, first: bool) -> Self {
        Listing { repository, verb, next: Some(next), first, seen: HashSet::new() }
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
        let expected = if self.verb == Verb::ListIdentifiers { "ListIdentifiers" } else { "ListRecords" };
        let first = std::mem::replace(&mut self.first, false);
        let asked = self
            .repository
            .ask_page(&url, |answer| page::read_answer(&answer.body, answer.charset.as_deref(), expected));
        let asked =
            asked.map_err(|error| if first { error } else { Error::InTheMiddle { source: Box::new(error) } })?;
        let page = match asked {
            Ok(page) => page,
            Err((error, response_date)) => {
                if first && error.code == "noRecordsMatch" && !says_no_such_set(&error.message) {
                    return Ok(Some(Page { response_date, ..Page::default() }));
                }
                let (url, code, source) = (redacted(&url), error.code.clone(), error);
                return Err(if first {
                    Error::Refused { url, code, source }
                } else {
                    Error::BrokenOff { url, code, source }
                });
            }
        };
        if let Some(token) = &page.token {
            if !self.seen.insert(hash(&token.text)) {
                return Err(Error::Circle { url: redacted(&url) });
            }
            self.next = Some(resumption_url(self.repository.base_url, self.verb, &token.text));
        }
        Ok(Some(page))
    }
}

fn hash(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
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
