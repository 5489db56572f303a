//! The names under which three systems know the same thing.

use memchr::memchr;
use std::borrow::Cow;
use std::fmt;

/// An identifier that cannot be what it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidId {
    #[error("`{0}` is not an IE PID: expected `IE` and digits, as in IE1234")]
    IePid(String),
    #[error("`{0}` is not an MMS ID: expected digits, as in 9912345678901234")]
    MmsId(String),
    #[error("`{0}` is not a repository identifier: expected letters, digits, `.`, `-` or `_`, without `:` or blanks")]
    Repository(String),
}

/// The PID of an intellectual entity in Rosetta: `IE` and digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct IePid(String);

impl IePid {
    /// Accepts exactly `IE` followed by one or more ASCII digits.
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        match text.strip_prefix("IE") {
            Some(digits) if is_digits(digits) => Ok(IePid(text.to_owned())),
            Some(_) | None => Err(InvalidId::IePid(text.to_owned())),
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Alma's number of a bibliographic record: digits only, of no enforced length.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MmsId(String);

impl MmsId {
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        if is_digits(text) { Ok(MmsId(text.to_owned())) } else { Err(InvalidId::MmsId(text.to_owned())) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The `<repositoryIdentifier>` of an OAI repository: what stands between the two colons of its identifiers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct RepositoryIdentifier(String);

impl RepositoryIdentifier {
    pub fn parse(text: &str) -> Result<Self, InvalidId> {
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
        if !text.is_empty() && text.chars().all(fits) {
            Ok(RepositoryIdentifier(text.to_owned()))
        } else {
            Err(InvalidId::Repository(text.to_owned()))
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The identifier in an OAI-PMH header, as the server sent it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OaiIdentifier(String);

impl OaiIdentifier {
    pub fn new(text: impl Into<String>) -> Self {
        OaiIdentifier(text.into())
    }

    /// The identifier that Rosetta's provider gives an IE: `oai:<repository identifier>:<IE PID>`.
    pub fn of_ie(repository: &RepositoryIdentifier, ie: &IePid) -> Self {
        OaiIdentifier(format!("oai:{}:{}", repository.0, ie.0))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One form for identifiers that name the same item: ArchivesSpace wrote `oai:archivesspace//repositories/2/resources/1`
    /// up to 3.5 and writes `oai:archivesspace:/repositories/2/resources/1` from 4.0 on.
    pub fn canonical(&self) -> Cow<'_, str> {
        // Most identifiers hold no slash, and all are asked.
        let name = self.0.strip_prefix("oai:").and_then(|rest| Some(rest.split_at(memchr(b'/', rest.as_bytes())?)));
        match name.and_then(|(name, rest)| Some((name, rest.strip_prefix("//repositories/")?))) {
            Some((name, uri)) if !name.is_empty() && !name.contains(':') => {
                Cow::Owned(format!("oai:{name}:/repositories/{uri}"))
            }
            Some(_) | None => Cow::Borrowed(&self.0),
        }
    }

    /// Whether it is one of ArchivesSpace's, which has two forms of each.
    pub fn has_two_forms(&self) -> bool {
        memchr(b'/', self.0.as_bytes()).is_some_and(|at| self.0[at..].contains("/repositories/"))
    }

    /// What follows the last colon: the MMS ID in Alma's feed, the IE PID in Rosetta's.
    pub fn local_part(&self) -> &str {
        self.0.rsplit(':').next().unwrap_or(&self.0)
    }

    /// The MMS ID, when the local part can be one (all forms of Alma's identifier end with it).
    pub fn mms_id(&self) -> Option<MmsId> {
        MmsId::parse(self.local_part()).ok()
    }

    /// The IE that this identifier names in that repository; `None` for other repositories, collections and files.
    pub fn ie_in(&self, repository: &RepositoryIdentifier) -> Option<IePid> {
        ie_cited(&self.0, repository)
    }
}

/// Reads `oai:<repository>:IE<digits>` exactly: case counts, nothing may follow.
pub fn ie_cited(text: &str, repository: &RepositoryIdentifier) -> Option<IePid> {
    let local = text.strip_prefix("oai:")?.strip_prefix(repository.as_str())?.strip_prefix(':')?;
    IePid::parse(local).ok()
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

macro_rules! display_as_text {
    ($($name:ident),*) => {$(
        impl fmt::Display for $name {
            fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(&self.0)
            }
        }
    )*};
}
display_as_text!(IePid, MmsId, RepositoryIdentifier, OaiIdentifier);

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<&str>) {
        let repository = RepositoryIdentifier::parse("rosetta.example.org").unwrap();
        let found = OaiIdentifier::new(text).ie_in(&repository);
        assert_eq!(found.as_ref().map(IePid::as_str), expected, "{text}");
    }

    #[test]
    fn only_the_exact_repository_and_ie_digits_name_an_ie() {
        check("oai:rosetta.example.org:IE1234", Some("IE1234"));
        check("oai:rosetta.example.org:IE", None);
        check("oai:rosetta.example.org:IE12a", None);
        check("oai:rosetta.example.org:REP12", None);
        check("oai:rosetta.example.org:12", None);
        check("oai:rosetta.example.org:IE12:IE13", None);
        check("oai:other.example.org:IE1234", None);
        check("oai:rosetta.example.org.evil:IE1234", None);
        check("OAI:rosetta.example.org:IE1234", None);
        check(" oai:rosetta.example.org:IE1234", None);
    }

    #[test]
    fn the_mms_id_is_the_last_segment_in_every_form_seen() {
        for text in ["oai:alma.01EX_INST:991", "oai:urm_publish:991", "oai:alma.01EXINST:991"] {
            assert_eq!(OaiIdentifier::new(text).mms_id().unwrap().as_str(), "991");
        }
        assert_eq!(OaiIdentifier::new("oai:alma:99x").mms_id(), None);
    }

    proptest! {
        #[test]
        fn printing_and_parsing_an_ie_is_identity(number in 0u64.., repository in "[a-zA-Z0-9._-]{1,30}") {
            let repository = RepositoryIdentifier::parse(&repository).unwrap();
            let ie = IePid::parse(&format!("IE{number}")).unwrap();
            prop_assert_eq!(OaiIdentifier::of_ie(&repository, &ie).ie_in(&repository), Some(ie));
        }

        #[test]
        fn no_text_makes_the_parsers_panic(text in any::<String>()) {
            let _ = (IePid::parse(&text), MmsId::parse(&text), RepositoryIdentifier::parse(&text));
            let _ = OaiIdentifier::new(text).mms_id();
        }
    }
}
