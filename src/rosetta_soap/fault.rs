//! The faults of Rosetta's web services: every one that the service describes, and what it means for us.

use super::envelope::Element;
use crate::failure::{Advise, Kind};

/// A fault as Rosetta sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {words}", .kind.name())]
pub struct Fault {
    pub kind: FaultKind,
    /// What Rosetta says, without the stack trace that some servers put behind it.
    pub words: String,
}

/// The exceptions of IEWebServices, by the name of the element in the fault's detail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FaultKind {
    /// Somebody works on the IE; it passes.
    LockedIe {
        locked_by: Option<String>,
        life_cycle: Option<String>,
    },
    /// There is no such IE in the permanent repository.
    NotInPermanent,
    InvalidXml,
    InvalidMid,
    InvalidType,
    /// The account may not do this, or not to this IE.
    UserAuthorize,
    FixityEvent,
    /// The two that Rosetta throws for anything that has no exception of its own: a broken database, too.
    IeWs,
    Exception,
    /// A name that the service's description does not have, or a fault of the SOAP engine itself.
    Other(String),
}

/// Whether the same request can have another end later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prospect {
    /// When the lock is gone.
    WhenUnlocked,
    /// When somebody has mended the account.
    WhenAllowed,
    /// Perhaps: the words do not tell.
    Perhaps,
    Never,
}

impl FaultKind {
    pub fn name(&self) -> &str {
        match self {
            FaultKind::LockedIe { .. } => "LockedIeException",
            FaultKind::NotInPermanent => "NotInPermanentException",
            FaultKind::InvalidXml => "InvalidXmlException",
            FaultKind::InvalidMid => "InvalidMIDException",
            FaultKind::InvalidType => "InvalidTypeException",
            FaultKind::UserAuthorize => "UserAuthorizeException",
            FaultKind::FixityEvent => "FixityEventException",
            FaultKind::IeWs => "IEWSException",
            FaultKind::Exception => "Exception",
            FaultKind::Other(name) => name,
        }
    }

    fn of(name: &str, detail: Option<&Element>) -> Self {
        let told = |field| detail.and_then(|detail| detail.text_of(field));
        match name {
            "LockedIeException" => FaultKind::LockedIe { locked_by: told("lockedBy"), life_cycle: told("lifeCycle") },
            "NotInPermanentException" => FaultKind::NotInPermanent,
            "InvalidXmlException" => FaultKind::InvalidXml,
            "InvalidMIDException" => FaultKind::InvalidMid,
            "InvalidTypeException" => FaultKind::InvalidType,
            // The older and the newer name.
            "UserAuthorizeException" | "AuthorizationException" => FaultKind::UserAuthorize,
            "FixityEventException" => FaultKind::FixityEvent,
            "IEWSException" => FaultKind::IeWs,
            "Exception" => FaultKind::Exception,
            other => FaultKind::Other(other.to_owned()),
        }
    }

    pub fn prospect(&self) -> Prospect {
        match self {
            FaultKind::LockedIe { .. } => Prospect::WhenUnlocked,
            FaultKind::UserAuthorize => Prospect::WhenAllowed,
            FaultKind::NotInPermanent | FaultKind::InvalidXml | FaultKind::InvalidMid | FaultKind::InvalidType => {
                Prospect::Never
            }
            FaultKind::FixityEvent | FaultKind::IeWs | FaultKind::Exception | FaultKind::Other(_) => Prospect::Perhaps,
        }
    }

    /// Whether the fault names no cause of its own, so that nothing follows from it.
    pub fn is_general(&self) -> bool {
        self.prospect() == Prospect::Perhaps
    }
}

impl Fault {
    /// Reads `<Fault>` of SOAP 1.1, and of 1.2.
    pub(super) fn read(fault: &Element) -> Self {
        let detail = fault.child("detail").or_else(|| fault.child("Detail"));
        let exception = detail.and_then(|detail| detail.children.first());
        let reason = fault.text_of("faultstring").or_else(|| fault.child("Reason")?.text_of("Text"));
        let name = match exception {
            Some(exception) => exception.local.clone(),
            // Some servers send only the class, as in `com.exlibris.….LockedIeException: IE1 is locked`.
            None => reason.as_deref().and_then(named_in).unwrap_or_else(|| "Fault".to_owned()),
        };
        let words = exception.and_then(|exception| exception.text_of("message")).or(reason);
        let words = words.as_deref().map(first_lines).unwrap_or_else(|| "no reason is given".to_owned());
        Fault { kind: FaultKind::of(&name, exception), words }
    }
}

/// The name of an exception at the start of a text.
fn named_in(reason: &str) -> Option<String> {
    let class = reason.split([':', ' ', '\n']).next()?;
    let name = class.rsplit('.').next()?;
    name.ends_with("Exception").then(|| name.to_owned())
}

/// A message up to its stack trace, on one line and not too long.
fn first_lines(words: &str) -> String {
    let lines = words.lines().map(str::trim).take_while(|line| !line.starts_with("at "));
    let said: Vec<&str> = lines.flat_map(str::split_whitespace).collect();
    said.join(" ").chars().take(1000).collect()
}

impl Advise for Fault {
    fn kind(&self) -> Kind {
        match self.kind.prospect() {
            Prospect::WhenAllowed => Kind::Configuration,
            Prospect::WhenUnlocked | Prospect::Perhaps | Prospect::Never => Kind::Failed,
        }
    }

    fn hint(&self) -> Option<String> {
        Some(match &self.kind {
            FaultKind::LockedIe { locked_by: Some(who), .. } => format!("ask {who} to finish or to roll back"),
            FaultKind::LockedIe { locked_by: None, .. } => "somebody works on the IE in Rosetta".to_owned(),
            FaultKind::NotInPermanent => "is it deleted, or still in the staging area of a SIP?".to_owned(),
            FaultKind::InvalidXml => {
                "`cartouche validate FILE` says more; is the field in Rosetta's DC configuration?".to_owned()
            }
            FaultKind::InvalidMid => {
                "leave the mid out to add a record; give one that the IE has to replace it".to_owned()
            }
            FaultKind::InvalidType => "is the sourceMD subtype in Rosetta's code table?".to_owned(),
            FaultKind::UserAuthorize => {
                "the user of [rosetta.soap] needs the role Data Manager or Editor (full) in the IE's institution"
                    .to_owned()
            }
            FaultKind::FixityEvent | FaultKind::IeWs | FaultKind::Exception | FaultKind::Other(_) => {
                "Rosetta's server.log says more".to_owned()
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rosetta_soap::envelope::{Reply, read};

    fn fault(inside: &str) -> Fault {
        let xml = format!(
            "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body><s:Fault>{inside}</s:Fault></s:Body></s:Envelope>"
        );
        match read(xml.as_bytes(), "updateMD") {
            Ok(Reply::Fault(fault)) => fault,
            other => panic!("{other:?}"),
        }
    }

    fn thrown(name: &str) -> Fault {
        fault(&format!(
            "<faultcode>s:Server</faultcode><faultstring>short</faultstring><detail><n:{name} \
             xmlns:n=\"http://dps.exlibris.com/\"><message>in words</message></n:{name}></detail>"
        ))
    }

    #[test]
    fn every_fault_of_the_service_is_known_by_name_and_has_its_prospect() {
        let all = [
            ("LockedIeException", Prospect::WhenUnlocked),
            ("NotInPermanentException", Prospect::Never),
            ("InvalidXmlException", Prospect::Never),
            ("InvalidMIDException", Prospect::Never),
            ("InvalidTypeException", Prospect::Never),
            ("UserAuthorizeException", Prospect::WhenAllowed),
            ("FixityEventException", Prospect::Perhaps),
            ("IEWSException", Prospect::Perhaps),
            ("Exception", Prospect::Perhaps),
            ("SomethingNewException", Prospect::Perhaps),
        ];
        for (name, prospect) in all {
            let fault = thrown(name);
            assert_eq!((fault.kind.name(), fault.kind.prospect()), (name, prospect));
            assert_eq!(fault.to_string(), format!("{name}: in words"));
            assert_eq!(matches!(fault.kind, FaultKind::Other(_)), name == "SomethingNewException");
        }
    }

    #[test]
    fn a_lock_tells_who_holds_it_and_where_in_its_life_the_ie_is() {
        let locked = fault(
            "<faultstring>x</faultstring><detail><LockedIeException><lifeCycle>IN_PERMANENT</lifeCycle>\
             <lockedBy>editor1</lockedBy><message>IE1 is locked</message></LockedIeException></detail>",
        );
        let (locked_by, life_cycle) = (Some("editor1".to_owned()), Some("IN_PERMANENT".to_owned()));
        assert_eq!(locked.kind, FaultKind::LockedIe { locked_by, life_cycle });
        assert!(locked.hint().unwrap().contains("editor1"));
    }

    #[test]
    fn a_fault_without_detail_or_of_soap_1_2_is_read_by_its_reason() {
        let check = |inside: &str, expected: &str| assert_eq!(fault(inside).to_string(), expected);
        check("<faultstring>the engine is down</faultstring>", "Fault: the engine is down");
        check(
            "<faultstring>com.exlibris.core.sdk.LockedIeException: IE1 is locked\n  at com.exlibris.X(Y.java:1)</faultstring>",
            "LockedIeException: com.exlibris.core.sdk.LockedIeException: IE1 is locked",
        );
        check(
            "<s:Code/><s:Reason><s:Text>bad</s:Text></s:Reason><s:Detail><IEWSException/></s:Detail>",
            "IEWSException: bad",
        );
        check("", "Fault: no reason is given");
    }
}
