//! Rosetta's web services for IEs, over SOAP: getIE, getMD, manageIE and updateMD.
//!
//! Shapes and order of the arguments are those of Rosetta 8.1, as ZB MED's client of it has them; up to 2014 the same
//! elements came in another order, which no JAX-WS server minds. A SOAPAction must not be sent (Ex Libris' Structmap Tool
//! says so, and LIBIS leaves it out): answers are 500 with it.

mod envelope;
mod fault;
mod mets;
mod same;
mod stored;

pub use fault::{Fault, FaultKind, Prospect};
pub use stored::{Stored, StoredRecords};

use crate::dc_xml;
use crate::failure::{Advise, Kind};
use crate::http::{self, Post};
use crate::model::dc::Dc;
use crate::model::id::IePid;
use crate::profile::Soap;
use crate::profile::secret::{self, Secret};
use crate::steps::packaging::{Part, PartKind};
use envelope::{Argument, Element, Reply};

/// getIE without files: descriptive MD and the IE's own administrative MD.
const WITHOUT_FILES: &str = "2";

/// Why Rosetta gave no usable answer about an IE.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("cannot ask {operation} of {of}")]
    Http { operation: &'static str, of: String, source: http::Error },
    #[error("cannot set up the client for Rosetta's web services")]
    Setup { source: http::Error },
    #[error("cannot read the password of [rosetta.soap]")]
    Password { source: secret::Error },
    #[error("{operation} of {of} was not answered in SOAP ({why}): {excerpt}")]
    NotSoap { operation: &'static str, of: String, why: String, excerpt: String },
    #[error("Rosetta refuses {operation} of {of}")]
    Fault { operation: &'static str, of: String, source: Fault },
    #[error("what Rosetta stores of {ie} cannot be read: {why}")]
    Record { ie: IePid, why: String },
}

impl Error {
    /// Whether Rosetta may have done what it was asked for, although nobody can tell from its answer.
    pub fn may_have_arrived(&self) -> bool {
        match self {
            Error::Http { source, .. } => source.may_have_arrived(),
            Error::NotSoap { .. } | Error::Record { .. } => true,
            // A fault with a name of its own says that nothing was stored; a general one may come from anywhere.
            Error::Fault { source, .. } => source.kind.is_general(),
            Error::Setup { .. } | Error::Password { .. } => false,
        }
    }

    /// Whether the next IE would get the same answer: the trouble lies with the server or with the account.
    pub fn concerns_all(&self) -> bool {
        match self {
            Error::Http { .. } | Error::Setup { .. } | Error::Password { .. } | Error::NotSoap { .. } => true,
            Error::Fault { .. } | Error::Record { .. } => false,
        }
    }

    /// Whether the server refused this request for what it holds, as too large; another one may fare better.
    pub fn concerns_the_request(&self) -> bool {
        matches!(self, Error::Http { source: http::Error::Status { status: 400 | 413 | 415 | 422, .. }, .. })
    }

    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Error::Fault { source, .. } => Some(source),
            Error::Http { .. } | Error::Setup { .. } | Error::Password { .. } | Error::NotSoap { .. } => None,
            Error::Record { .. } => None,
        }
    }

    fn refused_account(&self) -> bool {
        matches!(self, Error::Http { source: http::Error::Status { status: 401 | 403, .. }, .. })
    }
}

impl Advise for Error {
    fn kind(&self) -> Kind {
        match self {
            Error::Http { source, .. } | Error::Setup { source } => source.kind(),
            Error::Password { source } => source.kind(),
            Error::Fault { source, .. } => source.kind(),
            Error::NotSoap { .. } | Error::Record { .. } => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        match self {
            Error::Http { .. } if self.refused_account() => Some(
                "check user, institution and password of [rosetta.soap]: it must be a local user with the role Data Manager or \
                 Editor (full), and Rosetta may admit some addresses only"
                    .to_owned(),
            ),
            Error::Http { source, .. } | Error::Setup { source } => source.hint(),
            Error::Password { source } => source.hint(),
            Error::Fault { source, .. } => source.hint(),
            Error::NotSoap { .. } => {
                Some("is rosetta.soap.base-url that of Rosetta's application server, and is no sign-in page before it?".to_owned())
            }
            Error::Record { .. } => Some("look at the IE's descriptive metadata in Rosetta".to_owned()),
        }
    }
}

/// What manageIE says of an IE.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IeStatus {
    pub locked_by: Option<String>,
    /// Of the committed AIP, as Rosetta writes it.
    pub version: Option<String>,
}

/// Asks the services of one Rosetta as one user. Its clones share connections and the rate limit.
#[derive(Clone)]
pub struct Client {
    http: http::Client,
    url: String,
    user: String,
    password: Secret,
}

impl Client {
    /// Reads the password, and asks nothing yet.
    pub fn new(soap: &Soap) -> Result<Self, Error> {
        let options = http::Options {
            time_out: soap.time_out,
            retries: soap.retries,
            requests_per_second: soap.requests_per_second,
        };
        Ok(Client {
            http: http::Client::new(options).map_err(|source| Error::Setup { source })?,
            url: soap.url.clone(),
            user: soap.user.clone(),
            password: soap.password.read().map_err(|source| Error::Password { source })?,
        })
    }

    /// The METS of an IE without its files, as Rosetta writes it.
    pub fn ie_mets(&self, ie: &IePid) -> Result<String, Error> {
        let arguments = [Argument::text("flags", WITHOUT_FILES), Argument::text("iePid", ie.as_str())];
        self.text("getIE", ie.as_str(), &arguments)
    }

    /// The metadata of one kind that an IE holds: the record, or a document with several of them.
    pub fn md(&self, ie: &IePid, kind: PartKind, sub_type: &str, mid: Option<&str>) -> Result<String, Error> {
        let mut arguments: Vec<Argument<'_>> = mid.map(|mid| Argument::text("mid", mid)).into_iter().collect();
        arguments.push(Argument::text("PID", ie.as_str()));
        arguments.push(Argument::text("subType", sub_type));
        arguments.push(Argument::text("type", kind.as_str()));
        self.text("getMD", ie.as_str(), &arguments)
    }

    /// Who has locked an IE, and its version: manageIE with the action INFO, which changes nothing.
    pub fn status(&self, ie: &IePid) -> Result<IeStatus, Error> {
        let arguments = [Argument::text("action", "INFO"), Argument::text("iePid", ie.as_str())];
        let answer = self.call("manageIE", ie.as_str(), &arguments, false)?;
        let Some(told) = answer.child("manageIE") else {
            return Err(not_soap("manageIE", ie.as_str(), "it says nothing of the IE", ""));
        };
        Ok(IeStatus { locked_by: told.text_of("lockedBy"), version: told.text_of("version") })
    }

    /// Replaces metadata of an IE, whole records, and commits: without that the IE would stay locked.
    ///
    /// Sent once. When it is not known whether it arrived (`Error::may_have_arrived`), the caller asks what is stored:
    /// the same record sent again changes nothing, for Rosetta ignores a record that is identical to its own.
    pub fn update_md(&self, ie: &IePid, parts: &[Part]) -> Result<(), Error> {
        let mut arguments = vec![Argument::text("commit", "true")];
        arguments.extend(parts.iter().map(Argument::Metadata));
        arguments.push(Argument::text("PID", ie.as_str()));
        self.call("updateMD", ie.as_str(), &arguments, true).map(drop)
    }

    /// The descriptive record that Rosetta stores of an IE: out of its METS, or by getMD where getIE fails on this IE.
    pub fn stored_dc(&self, ie: &IePid) -> Result<Dc, Error> {
        let (operation, text) = match self.ie_mets(ie) {
            Ok(mets) => ("getIE", mets),
            Err(Error::Fault { source, .. }) if source.kind.is_general() => {
                ("getMD", self.md(ie, PartKind::Descriptive, "dc", None)?)
            }
            Err(error) => return Err(error),
        };
        mets::descriptive_record(&text)
            .map_err(|why| Error::Record { ie: ie.clone(), why: format!("{operation}: {why}") })
    }

    /// What the services say when they are asked whether they are there.
    pub fn heart_bit(&self) -> Result<String, Error> {
        let answer = self.call("getHeartBit", "Rosetta", &[], false)?;
        Ok(answer.text_of("return").unwrap_or_default())
    }

    /// Whether Rosetta stores a part of an update just as it was sent.
    pub fn stores(&self, ie: &IePid, part: &Part) -> Result<bool, Error> {
        match part.kind {
            PartKind::Descriptive if part.sub_type == "dc" => {
                let stored = self.stored_dc(ie)?;
                // What cannot be read flat cannot have been stored as it was sent.
                let sent = dc_xml::read_record(&part.content).ok().filter(|sent| sent.misfits.is_empty());
                Ok(sent.is_some_and(|sent| sent.dc.says_the_same_as(&stored)))
            }
            PartKind::Descriptive | PartKind::Source => {
                let stored = self.md(ie, part.kind, &part.sub_type, part.mid.as_deref())?;
                Ok(same::holds(&stored, &part.content))
            }
        }
    }

    fn text(&self, operation: &'static str, of: &str, arguments: &[Argument<'_>]) -> Result<String, Error> {
        let answer = self.call(operation, of, arguments, false)?;
        match answer.children.into_iter().find(|child| child.local == operation) {
            Some(document) if document.children.is_empty() => Ok(document.text),
            Some(_) => Err(not_soap(operation, of, "the document is not sent as text", "")),
            None => Err(not_soap(operation, of, "it holds no document", "")),
        }
    }

    /// One call; answers the element `…Response`.
    fn call(
        &self,
        operation: &'static str,
        of: &str,
        arguments: &[Argument<'_>],
        changes: bool,
    ) -> Result<Element, Error> {
        let failed = |source| Error::Http { operation, of: of.to_owned(), source };
        let answer = self.http.post(&Post {
            url: &self.url,
            content_type: "text/xml; charset=utf-8",
            body: envelope::request(operation, arguments),
            user: &self.user,
            password: self.password.exposed(),
            changes,
        });
        let answer = answer.map_err(failed)?;
        // SOAP 1.1 sends faults with 500; what comes with another status may still be one.
        let reply = envelope::read(&answer.body, operation);
        match (reply, answer.status) {
            (Ok(Reply::Fault(source)), _) => Err(Error::Fault { operation, of: of.to_owned(), source }),
            (Ok(Reply::Answer(answer)), 200 | 202) => Ok(answer),
            (Ok(Reply::Answer(_)) | Err(_), status) if !matches!(status, 200 | 202) => {
                Err(failed(http::refuse_status(&self.url, &answer)))
            }
            (Err(why), _) => Err(not_soap(operation, of, &why, &http::excerpt_of(&answer.body))),
            (Ok(Reply::Answer(_)), status) => Err(not_soap(operation, of, &format!("status {status}"), "")),
        }
    }
}

fn not_soap(operation: &'static str, of: &str, why: &str, excerpt: &str) -> Error {
    Error::NotSoap { operation, of: of.to_owned(), why: why.to_owned(), excerpt: excerpt.to_owned() }
}
