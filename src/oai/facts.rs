//! What a repository says of itself: Identify, ListSets, ListMetadataFormats.

use super::page::{Error, Token, envelope, whole};
use crate::model::time::{Granularity, Timestamp};

/// The answer to Identify. Nothing in it is trusted to be there: real servers leave out most of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    pub repository_name: Option<String>,
    /// Shown, never used: Rosetta sends one without scheme and path, Alma another host's.
    pub base_url: Option<String>,
    pub protocol_version: Option<String>,
    pub admin_emails: Vec<String>,
    pub earliest_datestamp: Option<String>,
    pub deleted_record: Option<String>,
    pub granularity: Option<String>,
    pub repository_identifier: Option<String>,
    pub sample_identifier: Option<String>,
    /// The server's clock.
    pub response_date: Option<Timestamp>,
}

impl Identity {
    /// Seconds, unless the repository says days.
    pub fn granularity(&self) -> Granularity {
        self.granularity.as_deref().and_then(Granularity::parse).unwrap_or(Granularity::Second)
    }
}

/// One set of ListSets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Set {
    pub spec: String,
    pub name: String,
}

/// One format of ListMetadataFormats.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Format {
    pub prefix: String,
    pub schema: String,
    pub namespace: String,
}

pub fn read_identity(bytes: &[u8], charset: Option<&str>) -> Result<Identity, Error> {
    whole(bytes, charset, identity)
}

fn identity(bytes: &[u8]) -> Result<Identity, Error> {
    let mut identity = Identity::default();
    let mut seen = false;
    let mut response_date = None;
    envelope(bytes, "Identify", &mut response_date, |cursor, _| {
        seen = true;
        leaves(cursor, &mut |name, text| {
            let text = text.trim().to_owned();
            match name {
                "repositoryName" => identity.repository_name = Some(text),
                "baseURL" => identity.base_url = Some(text),
                "protocolVersion" => identity.protocol_version = Some(text),
                "adminEmail" => identity.admin_emails.push(text),
                "earliestDatestamp" => identity.earliest_datestamp = Some(text),
                "deletedRecord" => identity.deleted_record = Some(text),
                "granularity" => identity.granularity = Some(text),
                "repositoryIdentifier" => identity.repository_identifier = Some(text),
                "sampleIdentifier" => identity.sample_identifier = Some(text),
                _ => {}
            }
        })
    })?;
    if !seen {
        return Err(Error::NoList { expected: "Identify" });
    }
    Ok(Identity { response_date, ..identity })
}

/// Reads one page of sets.
pub fn read_sets(bytes: &[u8], charset: Option<&str>) -> Result<(Vec<Set>, Option<Token>), Error> {
    whole(bytes, charset, sets)
}

fn sets(bytes: &[u8]) -> Result<(Vec<Set>, Option<Token>), Error> {
    let mut sets = Vec::new();
    let mut token = None;
    let mut seen = false;
    envelope(bytes, "ListSets", &mut None, |cursor, _| {
        seen = true;
        while let Some(child) = cursor.next_child()? {
            match cursor.oai_name(&child) {
                Some("set") => {
                    let mut set = Set::default();
                    leaves(cursor, &mut |name, text| match name {
                        "setSpec" => set.spec = text.trim().to_owned(),
                        "setName" => set.name = text.trim().to_owned(),
                        _ => {}
                    })?;
                    sets.push(set);
                }
                Some("resumptionToken") => {
                    let text = cursor.text()?.trim().to_owned();
                    token = (!text.is_empty()).then_some(Token { text, complete_list_size: None });
                }
                Some(_) | None => cursor.skip()?,
            }
        }
        Ok(())
    })?;
    if seen { Ok((sets, token)) } else { Err(Error::NoList { expected: "ListSets" }) }
}

pub fn read_formats(bytes: &[u8], charset: Option<&str>) -> Result<Vec<Format>, Error> {
    whole(bytes, charset, formats)
}

fn formats(bytes: &[u8]) -> Result<Vec<Format>, Error> {
    let mut formats = Vec::new();
    let mut seen = false;
    envelope(bytes, "ListMetadataFormats", &mut None, |cursor, _| {
        seen = true;
        while cursor.next_child()?.is_some() {
            let mut format = Format::default();
            leaves(cursor, &mut |name, text| match name {
                "metadataPrefix" => format.prefix = text.trim().to_owned(),
                "schema" => format.schema = text.trim().to_owned(),
                "metadataNamespace" => format.namespace = text.trim().to_owned(),
                _ => {}
            })?;
            formats.push(format);
        }
        Ok(())
    })?;
    if seen { Ok(formats) } else { Err(Error::NoList { expected: "ListMetadataFormats" }) }
}

/// Gives each element below the current one that holds text, by local name.
fn leaves(cursor: &mut super::page::Cursor<'_>, take: &mut dyn FnMut(&str, &str)) -> Result<(), Error> {
    let floor = cursor.depth();
    let mut open: Vec<(String, String)> = Vec::new();
    while cursor.depth() >= floor {
        match cursor.step()? {
            super::page::Step::In(name) => open.push((name, String::new())),
            super::page::Step::Text(piece) => {
                if let Some((_, text)) = open.last_mut() {
                    text.push_str(&piece);
                }
            }
            super::page::Step::Out => {
                if let Some((name, text)) = open.pop() {
                    take(&name, &text);
                }
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(inside: &str) -> String {
        format!("<?xml version=\"1.0\"?><OAI-PMH xmlns=\"http://www.openarchives.org/OAI/2.0/\">{inside}</OAI-PMH>")
    }

    #[test]
    fn what_a_repository_says_of_itself_is_put_right_like_its_records() {
        let name = "<Identify><repositoryName>Muse&eacute; & Archiv\u{1}</repositoryName></Identify>";
        let check = |answer: &[u8], charset: Option<&str>, expected: &str| {
            let identity = read_identity(answer, charset).unwrap();
            assert_eq!(identity.repository_name.as_deref(), Some(expected), "{}", String::from_utf8_lossy(answer));
        };
        check(answer(name).as_bytes(), None, "Museé & Archiv");
        check(format!("<br>Notice: x{}", answer(name)).as_bytes(), None, "Museé & Archiv");
        check(answer(name).replace("/OAI/2.0/", "/OAI/2.0").as_bytes(), None, "Museé & Archiv");
        let mut latin = answer(&name.replace("&eacute;", "~")).into_bytes();
        latin.iter_mut().filter(|byte| **byte == b'~').for_each(|byte| *byte = 0xE9);
        check(&latin, Some("iso-8859-1"), "Museé & Archiv");
    }

    #[test]
    fn sets_and_formats_are_put_right_too() {
        let sets = answer("<ListSets><set><setSpec>a</setSpec><setName>b & c</setName></set></ListSets>");
        let (sets, token) = read_sets(sets.as_bytes(), None).unwrap();
        assert_eq!((sets[0].spec.as_str(), sets[0].name.as_str(), token), ("a", "b & c", None));
        let formats =
            "<metadataFormat><metadataPrefix>a</metadataPrefix><schema>http://x?a&b</schema></metadataFormat>";
        let formats = answer(&format!("<ListMetadataFormats>{formats}</ListMetadataFormats>"));
        assert_eq!(read_formats(formats.as_bytes(), None).unwrap()[0].schema, "http://x?a&b");
    }

    #[test]
    fn what_is_cut_or_no_answer_stays_an_error() {
        let whole = answer("<Identify><repositoryName>a & b</repositoryName></Identify>");
        for length in 0..whole.len() {
            let error = read_identity(&whole.as_bytes()[..length], None).unwrap_err();
            assert!(error.may_pass(), "cut at {length}: {error}");
        }
        assert!(matches!(read_identity(b"<html>", None), Err(Error::NotOai { .. })));
        assert!(matches!(read_identity(answer("<ListSets/>").as_bytes(), None), Err(Error::NoList { .. })));
    }
}
