//! The names of ArchivesSpace's resources and top containers, parsed once, at the edge.

use crate::failure::{Advise, Kind};
use std::fmt;

/// A text that names no record of the kind that was asked for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: expected {example}")]
pub struct InvalidUri {
    text: String,
    what: &'static str,
    example: &'static str,
}

impl Advise for InvalidUri {
    fn kind(&self) -> Kind {
        Kind::Configuration
    }
}

/// A resource: repository and number, by which it is compared and ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ResourceUri {
    repository: u64,
    number: u64,
}

/// A top container: repository and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ContainerUri {
    repository: u64,
    number: u64,
}

impl ResourceUri {
    pub fn new(repository: u64, number: u64) -> Self {
        ResourceUri { repository, number }
    }

    /// Takes `/repositories/2/resources/1`, the same with a host and path before it, `2/1`, and both OAI identifiers:
    /// `oai:archivesspace//repositories/…` up to ArchivesSpace 3.5, `oai:archivesspace:/repositories/…` from 4.0 on.
    pub fn parse(text: &str) -> Result<Self, InvalidUri> {
        let what = "a resource of ArchivesSpace";
        let example = "/repositories/2/resources/1, its OAI identifier, or 2/1";
        let parts = shorthand(text).or_else(|| parts_of(text, "resources"));
        let invalid = || InvalidUri { text: text.to_owned(), what, example };
        parts.map(|(repository, number)| ResourceUri { repository, number }).ok_or_else(invalid)
    }

    pub fn repository(&self) -> u64 {
        self.repository
    }

    /// Its number, which is its own within all repositories.
    pub fn number(&self) -> u64 {
        self.number
    }
}

impl ContainerUri {
    pub fn new(repository: u64, number: u64) -> Self {
        ContainerUri { repository, number }
    }

    pub fn parse(text: &str) -> Result<Self, InvalidUri> {
        let invalid = || InvalidUri {
            text: text.to_owned(),
            what: "a top container of ArchivesSpace",
            example: "/repositories/2/top_containers/1",
        };
        let parts = parts_of(text, "top_containers");
        parts.map(|(repository, number)| ContainerUri { repository, number }).ok_or_else(invalid)
    }

    pub fn repository(&self) -> u64 {
        self.repository
    }

    pub fn number(&self) -> u64 {
        self.number
    }
}

impl fmt::Display for ResourceUri {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/repositories/{}/resources/{}", self.repository, self.number)
    }
}

impl fmt::Display for ContainerUri {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "/repositories/{}/top_containers/{}", self.repository, self.number)
    }
}

/// `2/1`, as people write it.
fn shorthand(text: &str) -> Option<(u64, u64)> {
    let (repository, resource) = text.trim().split_once('/')?;
    Some((number(repository)?, number(resource)?))
}

fn parts_of(text: &str, kind: &str) -> Option<(u64, u64)> {
    let text = text.trim().trim_end_matches('/');
    let (before, path) = text.split_at(text.find("/repositories/")?);
    // `oai:archivesspace/` or `oai:archivesspace:` of the OAI identifier, the host of an address, or nothing.
    let is_identifier = before.strip_prefix("oai:").is_some_and(|name| name.ends_with(['/', ':']) && name.len() > 1);
    let is_address = before.starts_with("http://") || before.starts_with("https://");
    if !(before.is_empty() || is_identifier || is_address) || before.contains(char::is_whitespace) {
        return None;
    }
    let mut parts = path.split('/').skip(2);
    let repository = number(parts.next()?)?;
    let is_kind = parts.next()? == kind;
    let found = number(parts.next()?)?;
    (is_kind && parts.next().is_none()).then_some((repository, found))
}

/// Digits only: `+1` is a number to Rust and another record's name to nobody.
fn number(text: &str) -> Option<u64> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten().filter(|number| *number > 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Option<&str>) {
        assert_eq!(ResourceUri::parse(text).ok().map(|uri| uri.to_string()).as_deref(), expected, "{text}");
    }

    #[test]
    fn every_form_of_a_name_is_one_resource() {
        let one = Some("/repositories/2/resources/1");
        check("/repositories/2/resources/1", one);
        check(" /repositories/2/resources/1/ ", one);
        check("oai:archivesspace//repositories/2/resources/1", one);
        check("oai:archivesspace:/repositories/2/resources/1", one);
        check("oai:aspace.example.org:/repositories/2/resources/1", one);
        check("https://aspace.example.org/staff/api/repositories/2/resources/1", one);
        check("2/1", one);
        check("/repositories/02/resources/1", one);
    }

    #[test]
    fn what_names_another_thing_is_refused() {
        let others = [
            "",
            "1",
            "/1",
            "2/",
            "2/0",
            "+2/1",
            "2/1/3",
            "repositories/2/resources/1",
            "/repositories/2/resources/",
            "/repositories/2/resources/1x",
            "/repositories/2/archival_objects/1",
            "/repositories/2/resources/1/tree",
            "/repositories//resources/1",
            "oai:archivesspace",
            "oai:/repositories/2/resources/1",
            "x:archivesspace:/repositories/2/resources/1",
            "oai:a b:/repositories/2/resources/1",
            "/repositories/99999999999999999999/resources/1",
        ];
        others.iter().for_each(|text| check(text, None));
        let error = ResourceUri::parse("2").unwrap_err().to_string();
        assert_eq!(
            error,
            "`2` is not a resource of ArchivesSpace: expected /repositories/2/resources/1, its OAI identifier, or 2/1"
        );
        assert!(ContainerUri::parse("/repositories/2/resources/1").is_err() && ContainerUri::parse("2/1").is_err());
    }

    proptest! {
        #[test]
        fn printing_and_parsing_is_identity(repository in 1u64.., number in 1u64..) {
            let (resource, container) = (ResourceUri::new(repository, number), ContainerUri::new(repository, number));
            prop_assert_eq!(ResourceUri::parse(&resource.to_string()), Ok(resource));
            prop_assert_eq!(ContainerUri::parse(&container.to_string()), Ok(container));
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in any::<String>()) {
            let _ = (ResourceUri::parse(&text), ContainerUri::parse(&text));
        }
    }
}
